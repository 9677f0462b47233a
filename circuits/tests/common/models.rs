//! Models that are just large enough for an attack.

use veracast_circuits::trees::{Ensemble, Feature, Node, Tree};
use veracast_circuits::{Interval, LayoutOptions, Op, Program};

use super::input;

/// Small limbs, and so small circuits.
pub fn narrow() -> LayoutOptions {
    LayoutOptions { limb_bits: 4, k: 6..=14, ..LayoutOptions::default() }
}

pub fn split(feature: usize, threshold: usize, left: usize, right: usize) -> Node {
    Node::Split { feature, threshold, left, right }
}

pub fn leaf(value: i128) -> Node {
    Node::Leaf { values: vec![(0, value)] }
}

pub fn feature(value: usize, thresholds: &[i128]) -> Feature {
    Feature { value, thresholds: thresholds.to_vec() }
}

fn trees_only(hi: &[i128], features: Vec<Feature>, trees: Vec<Tree>) -> Program {
    let inputs: Vec<_> =
        hi.iter().enumerate().map(|(i, hi)| input(&format!("x{i}"), 0, *hi, true)).collect();
    let ensemble = Ensemble::new(features, trees, vec![5]).unwrap();
    let output = inputs.len();
    Program::new(inputs, vec![Op::Trees(ensemble)], vec![output], [1; 32]).unwrap()
}

/// Two public features, two trees. Statement: binding, output (value 2), x, y.
///
/// Group 0: `x < 200 ? (y < 400 ? 10 : 20) : (x < 500 ? 30 : 40)`,
/// group 1: `y < 700 ? (x < 100 ? 1 : 2) : (x < 900 ? 3 : 4)`.
pub fn duo() -> Program {
    let features = vec![feature(0, &[100, 200, 300, 500, 900]), feature(1, &[50, 400, 700])];
    let trees = vec![
        Tree {
            nodes: vec![
                split(0, 1, 1, 4),
                split(1, 1, 2, 3),
                leaf(10),
                leaf(20),
                split(0, 3, 5, 6),
                leaf(30),
                leaf(40),
            ],
        },
        Tree {
            nodes: vec![
                split(1, 2, 1, 4),
                split(0, 0, 2, 3),
                leaf(1),
                leaf(2),
                split(0, 4, 5, 6),
                leaf(3),
                leaf(4),
            ],
        },
    ];
    trees_only(&[1000, 1000], features, trees)
}

/// One public feature, one tree: `x < 200 ? 10 : (x < 900 ? 20 : 30)`.
pub fn solo() -> Program {
    let tree =
        Tree { nodes: vec![split(0, 1, 1, 2), leaf(10), split(0, 4, 3, 4), leaf(20), leaf(30)] };
    trees_only(&[1000], vec![feature(0, &[100, 200, 300, 500, 900])], vec![tree])
}

/// Divisions, a clip and a product of public `n`, `d` and private `z`. Statement: binding,
/// `floor(n / d)` (3), `clip(n, -100, 200)` (4), their product with d (5), `ceil(5 / 7)` (7),
/// `floor(z / 10)` (8), n, d.
pub fn arithmetic() -> Program {
    let inputs =
        vec![input("n", -5000, 5000, true), input("d", 1, 300, true), input("z", 0, 100, false)];
    let ops = vec![
        Op::DivFloor { num: 0, den: 1, result: Interval::new(-5000, 5000), name: "q".into() },
        Op::Clip { x: 0, lo: -100, hi: 200 },
        Op::Mul { a: 4, b: 1 },
        Op::Linear { terms: vec![], constant: 7 },
        Op::DivCeil { num: 5, den: 6, result: Interval::new(-6000, 9000), name: "c".into() },
        Op::Linear { terms: vec![], constant: 10 },
        Op::DivFloor { num: 2, den: 8, result: Interval::new(0, 7), name: "tenth".into() },
    ];
    Program::new(inputs, ops, vec![3, 4, 5, 7, 9], [2; 32]).unwrap()
}

/// A quotient as a feature: `q = floor(n / d)`; `q < 10 ? 1 : (q < 1000 ? 2 : 3)`. Statement:
/// binding, output (3), n, d.
pub fn derived() -> Program {
    let inputs = vec![input("n", 0, 5000, true), input("d", 1, 300, true)];
    let tree =
        Tree { nodes: vec![split(0, 0, 1, 2), leaf(1), split(0, 1, 3, 4), leaf(2), leaf(3)] };
    let ensemble = Ensemble::new(vec![feature(2, &[10, 1000])], vec![tree], vec![0]).unwrap();
    let ops = vec![
        Op::DivFloor { num: 0, den: 1, result: Interval::new(0, 5000), name: "q".into() },
        Op::Trees(ensemble),
    ];
    Program::new(inputs, ops, vec![3], [3; 32]).unwrap()
}

/// Missing values in both directions on one threshold: x may be missing (flag 1); tree 0 sends a
/// missing x left at 500, tree 1 right. Values: 2 missing below all, 3 missing above all.
/// Statement: binding, output (4), x, flag.
pub fn missing() -> Program {
    let mut inputs = vec![input("x", 0, 1000, true), input("missing", 0, 1, true)];
    inputs[1].missing_flag_of = Some(0);
    let tree =
        |feature, low, high| Tree { nodes: vec![split(feature, 0, 1, 2), leaf(low), leaf(high)] };
    let features = vec![feature(2, &[500]), feature(3, &[500])];
    let trees = vec![tree(0, 1, 2), tree(1, 10, 20)];
    let ops = vec![
        Op::Linear { terms: vec![(1, 0), (-1, 1)], constant: 0 },
        Op::Linear { terms: vec![(1, 0), (1001, 1)], constant: 0 },
        Op::Trees(Ensemble::new(features, trees, vec![0]).unwrap()),
    ];
    Program::new(inputs, ops, vec![4], [4; 32]).unwrap()
}

/// Two outputs in one running sum. Statement: binding, outputs (1 and 2), x.
pub fn pair() -> Program {
    let both = |a, b| Node::Leaf { values: vec![(0, a), (1, b)] };
    let trees = vec![
        Tree { nodes: vec![split(0, 0, 1, 2), both(3, -40), both(-7, 60)] },
        Tree { nodes: vec![split(0, 1, 1, 2), both(0, 9), leaf(100)] },
    ];
    let ensemble = Ensemble::new(vec![feature(0, &[300, 600])], trees, vec![5, 6]).unwrap();
    let inputs = vec![input("x", 0, 1000, true)];
    Program::new(inputs, vec![Op::Trees(ensemble)], vec![1, 2], [5; 32]).unwrap()
}

/// A path of `depth` distinct features, longer than a key: it is cut and joined by virtual literals.
/// Every feature has the threshold 8; leaf `i` is reached where feature i is the first not below.
pub fn ladder(depth: usize) -> Program {
    let features: Vec<Feature> = (0..depth).map(|f| feature(f, &[8])).collect();
    let mut nodes = Vec::new();
    for level in 0..depth {
        nodes.push(split(level, 0, 2 * level + 2, 2 * level + 1));
        nodes.push(leaf(1 << level.min(60)));
    }
    nodes.push(leaf(-1));
    trees_only(&vec![15; depth], features, vec![Tree { nodes }])
}
