//! Large, deep and degenerate models.

use veracast_circuits::circuit::unusable_rows;
use veracast_circuits::trees::{Ensemble, EnsembleError, Feature, Node, Tree};
use veracast_circuits::{
    evaluate, signed, Fr, Interval, Layout, LayoutError, LayoutOptions, Op, Program, Shape,
};

use crate::common::forge::Model;
use crate::common::models::{feature, leaf, narrow, split};
use crate::common::{below, input, random_tree, rng};

/// A model of public inputs `0..=hi` each, feature f reading input f.
fn ensemble_of(hi: i128, features: Vec<Feature>, trees: Vec<Tree>, base: Vec<i128>) -> Program {
    let inputs: Vec<_> =
        (0..features.len()).map(|f| input(&format!("x{f}"), 0, hi, true)).collect();
    let outputs = (0..base.len()).map(|o| inputs.len() + o).collect();
    let ensemble = Ensemble::new(features, trees, base).unwrap();
    Program::new(inputs, vec![Op::Trees(ensemble)], outputs, [0; 32]).unwrap()
}

fn satisfied(model: &Model, inputs: &[i128]) {
    let witness = model.forger(inputs).witness();
    assert!(model.mock(&witness, None), "{inputs:?}");
}

#[test]
fn one_feature_with_4000_thresholds_and_4001_leaves() {
    // A balanced search tree: leaf i holds 7 i.
    let thresholds: Vec<i128> = (1..=4000).map(|t| 10 * t).collect();
    let mut nodes = vec![leaf(0)];
    let mut open = vec![(0usize, 0usize, 4000usize)];
    while let Some((at, low, high)) = open.pop() {
        if low == high {
            nodes[at] = leaf(7 * low as i128);
            continue;
        }
        let middle = (low + high) / 2;
        let (left, right) = (nodes.len(), nodes.len() + 1);
        nodes.extend([leaf(0), leaf(0)]);
        nodes[at] = split(0, middle, left, right);
        open.extend([(left, low, middle), (right, middle + 1, high)]);
    }
    let program =
        ensemble_of(50_000, vec![Feature { value: 0, thresholds }], vec![Tree { nodes }], vec![1]);
    let options = LayoutOptions { width: 4, ..LayoutOptions::default() };
    let model = Model::new(program, &options);
    assert!(model.layout.shape().k <= 13);
    for x in [0i128, 9, 10, 20_005, 40_000, 50_000] {
        let trace = evaluate(&model.program, &[x]).unwrap();
        assert_eq!(trace.outputs(&model.program), [1 + 7 * (x / 10).min(4000)]);
    }
    satisfied(&model, &[20_005]);
    satisfied(&model, &[50_000]);
    let honest = model.forger(&[20_005]);
    assert!(model.proves(&honest.witness()));
    let mut forger = honest.clone();
    let other = (honest.selected(0) + 1) % 4001;
    forger.select(0, other).settle(1, 14_001);
    assert!(!model.mock(&forger.witness(), None));
}

#[test]
fn twenty_features_and_more_than_1024_leaves() {
    let mut rng = rng(5);
    let thresholds = vec![12usize; 20];
    let features =
        (0..20).map(|value| Feature { value, thresholds: (1..=12).map(|t| 70 * t).collect() });
    let mut big = Tree { nodes: vec![] };
    while big.nodes.iter().filter(|n| matches!(n, Node::Leaf { .. })).count() < 1500 {
        big = random_tree(&mut rng, &thresholds, 13, 1, 1 << 20);
    }
    let trees = vec![big, random_tree(&mut rng, &thresholds, 6, 1, 1 << 20)];
    let program = ensemble_of(1000, features.collect(), trees, vec![-3]);
    let model = Model::new(program, &LayoutOptions { width: 3, ..LayoutOptions::default() });
    for _ in 0..2 {
        let inputs: Vec<i128> = (0..20).map(|_| i128::from(below(&mut rng, 1001))).collect();
        satisfied(&model, &inputs);
    }
}

#[test]
fn an_unbalanced_tree_of_depth_40_over_twenty_features() {
    // Level i asks feature i mod 20 for ever narrower bounds; only the last leaf is deep.
    let depth = 40usize;
    let features: Vec<Feature> =
        (0..20).map(|value| Feature { value, thresholds: vec![100, 200, 300, 400] }).collect();
    let mut nodes = Vec::new();
    for level in 0..depth {
        // First "not below 200" for every feature, then "below 300".
        let (threshold, stays_right) = if level < 20 { (1, true) } else { (2, false) };
        let (next, out) = (2 * level + 2, 2 * level + 1);
        let (left, right) = if stays_right { (out, next) } else { (next, out) };
        nodes.push(split(level % 20, threshold, left, right));
        nodes.push(leaf(1000 + level as i128));
    }
    nodes.push(leaf(5));
    let program = ensemble_of(500, features, vec![Tree { nodes }], vec![0]);
    let model = Model::new(program, &LayoutOptions::default());
    let boxes = model.layout.parts().boxes;
    assert!(boxes.len() > 1, "the path is longer than one key");
    let run =
        |inputs: &[i128]| evaluate(&model.program, inputs).unwrap().outputs(&model.program)[0];
    assert_eq!(run(&[250; 20]), 5);
    satisfied(&model, &[250; 20]);
    for (f, x, leaf) in [(19, 199, 1019), (0, 0, 1000), (7, 300, 1027), (19, 300, 1039)] {
        let mut inputs = [250; 20];
        inputs[f] = x;
        assert_eq!(run(&inputs), leaf);
        satisfied(&model, &inputs);
        // The deep leaf is not to be had.
        let mut forger = model.forger(&inputs);
        let tree = boxes.len() - 1;
        let deep = model.forger(&[250; 20]).selected(tree);
        forger.select(tree, deep).settle(20, leaf);
        assert_eq!(forger.instance[1], Fr::from(5));
        model.refuses(&forger.witness());
    }
}

#[test]
fn trees_of_one_leaf_no_trees_and_no_features() {
    let single = |value| Tree { nodes: vec![leaf(value)] };
    for trees in [vec![], vec![single(-9)], vec![single(4), single(3)]] {
        let sum: i128 = [0, -9, 7][trees.len()];
        for features in [vec![], vec![feature(0, &[])], vec![feature(0, &[5]), feature(1, &[])]] {
            let inputs = vec![3; features.len()];
            let model = Model::new(ensemble_of(9, features, trees.clone(), vec![100]), &narrow());
            let honest = model.forger(&inputs);
            assert_eq!(honest.instance[1], signed(100 + sum));
            model.accepts(&honest.witness());
            let mut forger = honest.clone();
            let (output, last) = (inputs.len(), forger.slots.len() - 1);
            forger.slots[last] += Fr::from(1);
            forger.value(output, signed(101 + sum)).publish();
            model.refuses(&forger.witness());
        }
    }
    // Two outputs, of which the trees name one.
    let inputs = vec![input("x", 0, 9, false)];
    let ensemble = Ensemble::new(vec![], vec![single(2)], vec![10, 20]).unwrap();
    let program = Program::new(inputs, vec![Op::Trees(ensemble)], vec![2, 1], [0; 32]).unwrap();
    let model = Model::new(program, &narrow());
    let honest = model.forger(&[1]);
    assert_eq!(honest.instance[1..], [20, 12].map(Fr::from));
    model.accepts(&honest.witness());
}

#[test]
fn thresholds_outside_the_range_and_ranges_of_one_value() {
    let tree = |t| Tree { nodes: vec![split(0, t, 1, 2), leaf(10 + t as i128), leaf(20)] };
    let thresholds = [-500, -1, 0, 1, 1000, 1001, 5000];
    let program = ensemble_of(
        1000,
        vec![feature(0, &thresholds)],
        (0..thresholds.len()).map(tree).collect(),
        vec![0],
    );
    let model = Model::new(program, &narrow());
    for x in [0i128, 1, 999, 1000] {
        let expected: i128 =
            (0..).zip(thresholds).map(|(i, t)| if x < t { 10 + i } else { 20 }).sum();
        let honest = model.forger(&[x]);
        assert_eq!(honest.instance[1], signed(expected));
        satisfied(&model, &[x]);
        // Empty intervals (two thresholds below the range, two above) hold no value.
        for interval in [0, 1, 6, 7] {
            for (below, above) in [(0, 0), (x as u64, 0), (0, 1000 - x as u64)] {
                let mut forger = honest.clone();
                forger.claim(0, interval, below, above).rises(&[interval]);
                assert!(!model.mock(&forger.witness(), None), "{x} {interval}");
            }
        }
    }
    // One value only, negative too.
    for at in [-7i128, 0, 7] {
        let inputs = vec![input("x", at, at, true)];
        let trees = vec![Tree { nodes: vec![split(0, 0, 1, 2), leaf(1), leaf(2)] }];
        let ensemble = Ensemble::new(vec![feature(0, &[0])], trees, vec![0]).unwrap();
        let program = Program::new(inputs, vec![Op::Trees(ensemble)], vec![1], [0; 32]).unwrap();
        let model = Model::new(program, &narrow());
        let honest = model.forger(&[at]);
        assert_eq!(honest.instance[1], Fr::from(if at < 0 { 1 } else { 2 }));
        model.accepts(&honest.witness());
        let mut forger = honest.clone();
        forger.value(0, signed(at + 1)).limbs().publish();
        model.refuses(&forger.witness());
    }
}

#[test]
fn missing_values_in_both_directions_on_one_threshold() {
    let model = Model::new(crate::common::models::missing(), &narrow());
    for (inputs, output) in
        [([499, 0], 11), ([500, 0], 22), ([0, 0], 11), ([1000, 0], 22), ([0, 1], 21)]
    {
        let honest = model.forger(&inputs);
        assert_eq!(honest.instance[1], signed(output), "{inputs:?}");
        satisfied(&model, &inputs);
    }
    assert!(evaluate(&model.program, &[3, 1]).is_err());
}

#[test]
fn programs_without_trees_and_the_smallest_circuits() {
    let inputs = vec![input("x", 0, 3, true)];
    let program = Program::new(inputs, vec![], vec![0], [0; 32]).unwrap();
    for k in 5..=7 {
        let options = LayoutOptions { limb_bits: 4, k: k..=k, ..LayoutOptions::default() };
        match Layout::new(&program, &options) {
            Ok(layout) => {
                assert_eq!(unusable_rows(layout.shape()), 6);
                let model = Model { program: program.clone(), layout };
                model.accepts(&model.forger(&[2]).witness());
                let mut forger = model.forger(&[2]);
                forger.value(0, Fr::from(4)).limbs().publish();
                model.refuses(&forger.witness());
            }
            Err(error) => assert!(matches!(error, LayoutError::Rows { .. }), "{error}"),
        }
    }
}

#[test]
fn attack_12_rotations_that_meet_are_refused() {
    let program = ensemble_of(9, vec![feature(0, &[5])], vec![], vec![0]);
    for least_period in [1usize << 6, (1 << 6) - 1, (1 << 6) + 1] {
        let options = LayoutOptions { limb_bits: 4, k: 6..=6, least_period, ..narrow() };
        assert!(matches!(
            Layout::new(&program, &options),
            Err(LayoutError::Rotation { .. } | LayoutError::Rows { .. })
        ));
    }
    // The period is never the rotation to the next row: that would be one query less.
    let inputs = vec![];
    let empty =
        Program::new(inputs, vec![Op::Linear { terms: vec![], constant: 1 }], vec![0], [0; 32])
            .unwrap();
    let options = LayoutOptions { least_period: 0, ..narrow() };
    let Shape { period, k, .. } = Layout::new(&empty, &options).unwrap().shape();
    assert!(period >= 2 && period + 1 < 1 << k);
}

#[test]
fn coefficients_of_values_that_are_always_zero_do_not_overflow() {
    // x - 5 is zero for x in 5..5; its multiples are too, whatever their coefficients.
    let inputs = vec![input("x", 5, 5, true)];
    let mut ops = vec![Op::Linear { terms: vec![(1, 0)], constant: -5 }];
    for step in 0..4 {
        ops.push(Op::Linear { terms: vec![(1 << 40, 1 + step)], constant: 0 });
    }
    let program = Program::new(inputs, ops, vec![5], [0; 32]).unwrap();
    assert_eq!(program.intervals()[5], Interval::new(0, 0));
    assert_eq!(evaluate(&program, &[5]).unwrap().value(5), 0);
    assert!(matches!(
        Layout::new(&program, &narrow()),
        Err(LayoutError::Wrap { equation: "a linear value", .. })
    ));
    // Large terms that cancel against the constant, in the order of the intervals.
    let inputs = vec![input("x", 1, 1, true), input("y", 1, 1, true)];
    let constant = -(i128::MAX - 10);
    let half = i128::MAX / 2 + 1;
    let ops = vec![Op::Linear { terms: vec![(half, 0), (half, 1)], constant }];
    let program = Program::new(inputs, ops, vec![2], [0; 32]).unwrap();
    assert_eq!(evaluate(&program, &[1, 1]).unwrap().value(2), 11);
}

#[test]
fn leaves_whose_sums_leave_the_integers_are_refused() {
    let twice = Tree { nodes: vec![Node::Leaf { values: vec![(0, i128::MAX), (0, i128::MAX)] }] };
    let one = Tree { nodes: vec![leaf(i128::MAX)] };
    for trees in [vec![twice], vec![one.clone()], vec![one.clone(), one]] {
        let refused = Ensemble::new(vec![], trees, vec![0]);
        assert_eq!(refused, Err(EnsembleError::Overflow(0)));
    }
    // An output named twice in one leaf adds up.
    let values = vec![(0, 3), (0, 4)];
    let trees = vec![Tree { nodes: vec![split(0, 0, 1, 2), Node::Leaf { values }, leaf(1)] }];
    let model = Model::new(ensemble_of(9, vec![feature(0, &[5])], trees, vec![0]), &narrow());
    let honest = model.forger(&[2]);
    assert_eq!(honest.instance[1], Fr::from(7));
    model.accepts(&honest.witness());
}
