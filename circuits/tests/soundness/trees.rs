//! Attacks on comparisons, leaves, features and missing values.

use halo2_proofs::halo2curves::ff::Field;
use veracast_circuits::circuit::Constraint;
use veracast_circuits::layout::parts::{CheckedCell, HotCell};
use veracast_circuits::{signed, Fr};

use crate::common::forge::{Forger, Model};
use crate::common::models;

fn duo() -> Model {
    Model::new(models::duo(), &models::narrow())
}

/// Takes every literal as these intervals say, all the way to the output.
fn follow(forger: &mut Forger<'_>, intervals: &[usize], output: usize, honest: i128) {
    forger.rises(intervals);
    for (group, boxes) in forger.parts().boxes.iter().enumerate() {
        let holds = |l: &veracast_circuits::layout::parts::Literal| {
            (l.threshold >= intervals[l.feature]) == l.less
        };
        let chosen = boxes.iter().position(|literals| literals.iter().all(holds)).unwrap();
        forger.select(group, chosen);
    }
    forger.settle(output, honest);
}

/// The lower and upper ends of the intervals of `duo`'s x.
const ENDS: [(i128, i128); 6] =
    [(0, 100), (100, 200), (200, 300), (300, 500), (500, 900), (900, 1001)];

#[test]
fn attack_1_a_flipped_comparison_with_everything_after_it_consistent() {
    let model = duo();
    let (x, honest) = (150, 17);
    for (interval, (low, high)) in ENDS.into_iter().enumerate() {
        let mut forger = model.forger(&[x, 30]);
        let distance = |d: i128| u64::try_from(d.max(0)).unwrap();
        forger.claim(0, interval, distance(x - low), distance(high - 1 - x));
        follow(&mut forger, &[interval, 0], 2, honest);
        if interval == 1 {
            model.accepts(&forger.witness());
        } else {
            model.refuses(&forger.witness());
        }
    }
}

#[test]
fn attack_2_the_siblings_leaf() {
    let model = duo();
    for group in 0..2 {
        let honest = model.forger(&[150, 30]).selected(group);
        for other in (0..4).filter(|b| *b != honest) {
            let mut forger = model.forger(&[150, 30]);
            forger.select(group, other).settle(2, 17);
            model.refuses(&forger.witness());
            // The honest path's literals, the sibling's leaf.
            let mut forger = model.forger(&[150, 30]);
            let digits = forger.checked.clone();
            forger.select(group, other).settle(2, 17);
            forger.checked = digits;
            model.refuses(&forger.witness());
        }
    }
}

#[test]
fn attack_3_two_leaves_or_none() {
    let model = duo();
    let cells: Vec<(usize, usize, usize)> = model
        .layout
        .parts()
        .hot
        .iter()
        .filter_map(|(row, column, cell)| match cell {
            HotCell::Box { group: 0, index } => Some((*row, *column, *index)),
            _ => None,
        })
        .collect();
    for (row, column, index) in &cells {
        let mut forger = model.forger(&[150, 30]);
        let add = forger.selected(0) != *index;
        forger.hot[*column][*row] = if add { Fr::ONE } else { Fr::ZERO };
        forger.settle(2, 17);
        model.refuses(&forger.witness());
        if !add {
            // None at all, and no literals either.
            for (row, cell) in forger.parts().checked {
                if matches!(cell, CheckedCell::GroupDigit { group: 0, .. }) {
                    forger.checked[*row] = Fr::ZERO;
                }
            }
            model.refuses(&forger.witness());
        }
    }
}

#[test]
fn attack_4_at_a_threshold_and_one_step_to_either_side() {
    let model = duo();
    for (x, honest, other) in [(199, 1, 2), (200, 2, 1), (201, 2, 1), (500, 4, 3), (499, 3, 4)] {
        let forger = model.forger(&[x, 30]);
        let output = forger.instance[1];
        model.accepts(&forger.witness());
        let mut forger = model.forger(&[x, 30]);
        let (low, high) = ENDS[other];
        // One step outside: a distance of -1, which no limbs spell; every distance near it.
        for (below, above) in [(x - low, high - 1 - x), (0, 0), (1, 0), (0, 1), (15, 15)] {
            let distance = |d: i128| u64::try_from(d.max(0)).unwrap();
            forger.claim(0, other, distance(below), distance(above));
            let honest_output = 5 + [10, 10, 30, 30, 40, 40][honest] + 2 - i128::from(x < 100);
            assert_eq!(output, signed(honest_output));
            let mut forger = forger.clone();
            follow(&mut forger, &[other, 0], 2, honest_output);
            model.refuses(&forger.witness());
        }
    }
}

#[test]
fn attack_5_and_6_values_outside_the_range_and_aliases_mod_p() {
    let model = duo();
    for x in [-1i128, -1000, 1001, 1 << 20] {
        let mut forger = model.forger(&[if x < 0 { 0 } else { 1000 }, 30]);
        forger.value(0, signed(x)).limbs().publish();
        model.refuses(&forger.witness());
        // The trees read a value in range, the statement shows another.
        let mut forger = model.forger(&[150, 30]);
        forger.instance[2] = signed(x);
        model.refuses(&forger.witness());
    }
}

#[test]
fn attack_10_a_literal_of_another_row_or_feature() {
    let model = duo();
    let honest = model.forger(&[150, 30]);
    let largest = honest.parts().literal_bits().1;
    for (row, cell) in honest.parts().checked {
        if let CheckedCell::GroupDigit { .. } | CheckedCell::IntervalDigit { .. } = cell {
            for value in [0, 1, largest - 1, largest] {
                let mut forger = honest.clone();
                if forger.checked[*row] != Fr::from(value) {
                    forger.checked[*row] = Fr::from(value);
                    assert!(!model.mock(&forger.witness(), None));
                }
            }
        }
    }
}

#[test]
fn attack_17_the_gates_reach_every_row_that_a_witness_may_use() {
    let model = duo();
    let (fixed, usable) = (model.layout.fixed(), model.layout.shape().usable());
    for row in 0..model.layout.shape().rows() {
        let on = fixed.op[row] != Fr::ZERO;
        assert_eq!(on, row < usable - 1, "row {row}");
        if !on {
            let silent = fixed.columns().all(|column| column[row] == Fr::ZERO);
            assert!(silent, "row {row}");
        }
    }
    let (start, end) = model.layout.parts().running;
    assert!(end + 2 < usable);
    // Every bus cell that an equation reads repeats; from the start on it is a running sum.
    let period = model.layout.shape().period;
    for row in 0..usable - 1 {
        let expected = match row {
            row if row + period <= start => 1,
            row if row < start => 0,
            row if row == start => 3,
            _ => 2,
        };
        let pinned = row > start && fixed.bus[row] == Fr::from(3);
        assert!(pinned || fixed.bus[row] == Fr::from(expected), "row {row}");
    }
    let pins = fixed.bus.iter().filter(|mode| **mode == Fr::from(3)).count();
    assert_eq!(pins, 2);
    // What an honest prover leaves in the last rows is overwritten by blinding, and changes nothing.
    let mut witness = model.forger(&[150, 30]).witness();
    for column in &mut witness.advice {
        for cell in &mut column[usable..] {
            *cell = Fr::from(12_345);
        }
    }
    assert!(model.proves(&witness));
}

#[test]
fn attack_53_a_whole_consistent_witness_of_another_input() {
    let model = duo();
    let honest = model.forger(&[150, 30]).witness();
    let other = model.forger(&[950, 800]).witness();
    for mask in 1..15u32 {
        // Each public input from one of the two runs.
        let mut forged = honest.clone();
        for (position, cell) in forged.instance.iter_mut().enumerate() {
            if mask >> position & 1 == 1 {
                *cell = other.instance[position];
            }
        }
        if forged.instance != honest.instance && forged.instance != other.instance {
            assert!(!model.mock(&forged, None), "{mask}");
        }
    }
    let mut forged = other;
    forged.instance[2..].clone_from_slice(&honest.instance[2..]);
    model.refuses(&forged);
}

#[test]
fn attack_61_one_missing_flag_split_over_two_thermometers() {
    let model = Model::new(models::missing(), &models::narrow());
    let runs: [(&[i128], i128); 3] = [(&[0, 0], 11), (&[700, 0], 22), (&[0, 1], 21)];
    for (inputs, output) in runs {
        let forger = model.forger(inputs);
        assert_eq!(forger.instance[1], signed(output));
        model.accepts(&forger.witness());
    }
    // Missing for one thermometer, present for the other: the flag's slot with two values.
    let flag = 3;
    for split in 1..20 {
        let mut forger = model.forger(&[0, 1]);
        let period = forger.slots.len();
        let row = flag + split * period;
        if row >= forger.parts().running.0 {
            break;
        }
        forger.bus.insert(row, Fr::ZERO);
        assert!(!model.mock(&forger.witness(), None), "row {row}");
    }
    // The second thermometer alone says "present".
    let mut forger = model.forger(&[0, 1]);
    forger.claim(1, 0, 0, 499);
    follow(&mut forger, &[0, 0], 4, 21);
    model.refuses(&forger.witness());
    // Missing, and yet a value; a flag that is no bit; a flag on a value other than the least.
    for (x, flag) in [(1, Fr::ONE), (700, Fr::ONE), (0, Fr::from(2)), (0, -Fr::ONE)] {
        let mut forger = model.forger(&[if x > 500 { 700 } else { 0 }, 0]);
        forger.value(0, signed(x)).value(1, flag).limbs().publish();
        model.refuses(&forger.witness());
    }
}

#[test]
fn a_virtual_literal_is_true_exactly_where_its_path_is() {
    let depth = 40;
    let model = Model::new(models::ladder(depth), &models::narrow());
    let virtuals = model.layout.parts().features() - depth;
    assert!(virtuals >= 1, "the ladder must be longer than a key");
    // Leaf i is reached where feature i is the first below 8 ... here the last of all.
    let below_at =
        |at: usize| -> Vec<i128> { (0..depth).map(|f| if f < at { 3 } else { 12 }).collect() };
    for at in [0, 1, depth / 2, depth] {
        let forger = model.forger(&below_at(at));
        assert!(model.mock(&forger.witness(), None), "{at}");
    }
    model.accepts(&model.forger(&below_at(depth)).witness());
    for at in [1, depth] {
        let honest = model.forger(&below_at(at));
        let leaf: i128 = if at == depth { -1 } else { 1 << at };
        let intervals: Vec<usize> = below_at(at).iter().map(|v| usize::from(*v >= 8)).collect();
        for wrong in 0..virtuals {
            for choice in 0..3 {
                // Turn one virtual literal round, and let the groups follow in every way.
                let mut forger = honest.clone();
                let mut all = intervals.clone();
                all.extend((0..virtuals).map(|v| usize::from((at < depth) ^ (v == wrong))));
                forger.rises(&all);
                let group = wrong;
                let boxes = forger.parts().boxes[group].len();
                let chosen = [0, boxes / 2, boxes - 1][choice];
                forger.select(group, chosen).settle(depth, leaf + 5);
                assert!(!model.mock(&forger.witness(), None), "{at} {wrong} {choice}");
                // The tree itself takes any other leaf.
                for last in 0..forger.parts().boxes[virtuals].len() {
                    let mut forger = forger.clone();
                    if last % 7 == 0 && last != honest.selected(virtuals) {
                        forger.select(virtuals, last).settle(depth, leaf + 5);
                        assert!(!model.mock(&forger.witness(), None));
                    }
                }
            }
        }
    }
    let mut forger = model.forger(&below_at(depth));
    let boxes = forger.parts().boxes[virtuals].len();
    let other = (forger.selected(virtuals) + 1) % boxes;
    forger.select(virtuals, other).settle(depth, 4);
    model.only_refused_by(&forger.witness(), Constraint::Lookup);
}
