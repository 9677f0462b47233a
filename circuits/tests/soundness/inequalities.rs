//! For each inequality of `docs/circuit.md`: a circuit built beyond it, a false statement with a
//! consistent witness that such a circuit accepts, and the shipped circuit that refuses it.

use std::collections::HashSet;

use num_bigint::BigUint;
use veracast_circuits::layout::parts::{CheckedCell, SlotSource};
use veracast_circuits::layout::{Packing, Unsound};
use veracast_circuits::trees::{Ensemble, Tree};
use veracast_circuits::{
    signed, Fr, Input, Interval, Layout, LayoutError, LayoutOptions, Op, Program, Witness,
};

use crate::common::forge::{element, order, Forger, Model};
use crate::common::{input, models};

fn unsound(options: LayoutOptions, unsound: Unsound) -> LayoutOptions {
    LayoutOptions { unsound, ..options }
}

fn wraps(program: &Program, options: &LayoutOptions, expected: &str) {
    let refusal = Layout::new(program, options).map(|layout| layout.shape());
    let wrap = matches!(&refusal, Err(LayoutError::Wrap { equation, bits, limit })
        if *equation == expected && bits > limit);
    assert!(wrap, "expected a refusal of {expected}, got {refusal:?}");
}

/// Every value of the lookup's table.
fn table(forger: &Forger<'_>) -> HashSet<Fr> {
    let layout = &forger.model.layout;
    let usable = layout.shape().usable();
    layout.fixed().table[..usable].iter().zip(&forger.staircase).map(|(t, c)| *t + *c).collect()
}

/// The bits that the shipped layout gives a feature's distances.
fn shipped_distance_bits(span: u64, forger: &Forger<'_>, limbs: u32) -> u32 {
    let parts = forger.parts();
    let largest = BigUint::from(parts.literal_bits().1);
    let bound: BigUint = (0..limbs).map(|i| &largest << (parts.limb_bits * i)).sum();
    (bound.max(BigUint::from(span + 2)) + 1u32).bits() as u32
}

/// x in 0..60000; `x < 59000 ? 1 : 2`. Statement: binding, output (1), x.
fn wide() -> Program {
    let tree = Tree { nodes: vec![models::split(0, 2, 1, 2), models::leaf(1), models::leaf(2)] };
    let feature = models::feature(0, &[20_000, 40_000, 59_000]);
    let ensemble = Ensemble::new(vec![feature], vec![tree], vec![0]).unwrap();
    let inputs = vec![input("x", 0, 60_000, true)];
    Program::new(inputs, vec![Op::Trees(ensemble)], vec![1], [0; 32]).unwrap()
}

/// Claims `x >= 59000` for x = 150: the lower distance is wrong by `2^(bits + 2)`, the upper by one.
fn forge_wide(model: &Model, distance_bits: u32) -> Forger<'_> {
    let mut forger = model.forger(&[150]);
    let below = (1u64 << (distance_bits + 2)) + 150 - 59_000;
    forger.claim(0, 3, below, 60_001 - 150).rises(&[3]);
    let wrong = forger.box_of(0, &[(0, 2, false)]);
    forger.select(0, wrong).settle(1, 1);
    assert_eq!(forger.instance[1], Fr::from(2));
    forger
}

#[test]
fn attack_52_a_limb_range_that_reaches_the_packing_base() {
    let options = LayoutOptions::default();
    let shipped = Model::new(wide(), &options);
    let bits = shipped_distance_bits(60_000, &shipped.forger(&[150]), 2);
    let literal_bits = shipped.layout.parts().literal_bits().0;
    let mut forged = None;
    for distance_bits in (12..bits).rev() {
        let packing = Some(Packing { literal_bits, distance_bits });
        let narrow = Unsound { packing, ..Unsound::default() };
        let model = Model::new(wide(), &unsound(options.clone(), narrow));
        let witness = forge_wide(&model, distance_bits).witness();
        if model.mock(&witness, None) {
            model.accepts(&witness);
            forged = Some((distance_bits, witness));
            break;
        }
    }
    // The shipped packing keeps two bits between a limb's reach and the next part, and counts a
    // limb as large as the largest code, of which most are not in the table.
    let (forged_bits, witness) = forged.unwrap();
    assert!((1..=5).contains(&(bits - forged_bits)), "{bits} {forged_bits}");
    shipped.refuses(&witness);
    shipped.refuses(&forge_wide(&shipped, bits).witness());
    shipped.refuses(&forge_wide(&shipped, forged_bits).witness());
}

#[test]
fn attack_52_literals_of_a_feature_that_reach_each_other() {
    let options = models::narrow();
    let shipped = Model::new(models::solo(), &options);
    let literal_bits = shipped.layout.parts().literal_bits().0;
    // x = 350 under a staircase that says x >= 900: do two of its table values spell the literals of
    // the honest interval in another way?
    let forge = |model: &Model, bits: u32| -> Option<Witness> {
        let mut forger = model.forger(&[350]);
        forger.rises(&[5]);
        let base = Fr::from(1u64 << bits);
        let ends = [false, true].map(|above| Fr::from(forger.parts().end(0, 3, above)));
        let spelt = ends[0] + ends[1] * base;
        let table = table(&forger);
        let high = *table.iter().find(|high| table.contains(&(spelt - **high * base)))?;
        for (row, cell) in forger.parts().checked {
            if let CheckedCell::IntervalDigit { above, .. } = cell {
                forger.checked[*row] = if *above { high } else { spelt - high * base };
            }
        }
        let wrong = forger.box_of(0, &[(0, 4, false)]);
        forger.select(0, wrong).settle(1, 25);
        Some(forger.witness())
    };
    assert!(forge(&shipped, literal_bits).is_none());
    let narrow = literal_bits - 1;
    let distance_bits = shipped_distance_bits(1000, &shipped.forger(&[350]), 3);
    let packing = Some(Packing { literal_bits: narrow, distance_bits });
    let model =
        Model::new(models::solo(), &unsound(options, Unsound { packing, ..Unsound::default() }));
    let witness = forge(&model, narrow).unwrap();
    assert_eq!(witness.instance[1..], [35, 350].map(Fr::from));
    model.accepts(&witness);
    shipped.refuses(&witness);
}

#[test]
fn attack_52_literals_of_a_tree_that_reach_each_other() {
    let options = models::narrow();
    let shipped = Model::new(models::duo(), &options);
    let bits = shipped.layout.parts().literal_bits().0;
    let narrow = bits - 1;
    let key_bits = Some(narrow);
    let model =
        Model::new(models::duo(), &unsound(options, Unsound { key_bits, ..Unsound::default() }));
    // A false path whose key two table values spell in another way.
    let search = |model: &Model, bits: u32| {
        let honest = model.forger(&[150, 30]);
        let table = table(&honest);
        let base = Fr::from(1u64 << bits);
        let parts = honest.parts();
        for (group, boxes) in parts.boxes.iter().enumerate() {
            for (index, literals) in boxes.iter().enumerate() {
                let [low, high] = literals[..] else { continue };
                if index == honest.selected(group) {
                    continue;
                }
                let key = Fr::from(parts.code(low)) + Fr::from(parts.code(high)) * base;
                let other = table.iter().find(|high| table.contains(&(key - **high * base)));
                if let Some(high) = other {
                    return Some((group, index, key - *high * base, *high));
                }
            }
        }
        None
    };
    assert_eq!(search(&shipped, bits), None);
    let (group, index, low, high) = search(&model, narrow).unwrap();
    let forge = |model: &Model| {
        let mut forger = model.forger(&[150, 30]);
        forger.select(group, index).settle(2, 17);
        for (row, cell) in forger.parts().checked {
            if let CheckedCell::GroupDigit { group: g, position } = cell {
                if *g == group {
                    forger.checked[*row] = [low, high][*position];
                }
            }
        }
        forger.witness()
    };
    assert_ne!(forge(&model).instance[1], Fr::from(17));
    model.accepts(&forge(&model));
    shipped.refuses(&forge(&shipped));
}

#[test]
fn attack_9_outputs_packed_so_tightly_that_one_reaches_into_the_next() {
    let shipped = Model::new(models::pair(), &models::narrow());
    let output = |forger: &Forger<'_>, id: usize| forger.instance[id];
    let forge = |model: &Model, bits: u32| {
        let mut forger = model.forger(&[450]);
        let (first, second) = (output(&forger, 1), output(&forger, 2));
        let shift = Fr::from(1 << bits);
        for (id, change) in [(1, shift), (2, -Fr::one())] {
            let honest = if id == 1 { first } else { second };
            let clipped =
                |s: &SlotSource| matches!(s, SlotSource::Clipped { result, .. } if *result == id);
            let parts = forger.parts();
            let position = parts.slots.iter().find(|(_, s)| clipped(s)).unwrap().0;
            let held = forger.slots[position];
            forger.slot(clipped, held + change).value(id, honest + change);
        }
        forger.limbs().publish().witness()
    };
    let forged = (4..24).rev().find_map(|bits| {
        let narrow = Unsound { sum_bits: Some(bits), ..Unsound::default() };
        let model = Model::new(models::pair(), &unsound(models::narrow(), narrow));
        let witness = forge(&model, bits);
        model.mock(&witness, None).then(|| {
            model.accepts(&witness);
            bits
        })
    });
    // One bit more than the limbs' bound is shipped, and the limbs' bound is rarely reached.
    let (limbs, largest) = (2, shipped.layout.parts().literal_bits().1);
    let bound: u64 = (0..limbs).map(|i| largest << (4 * i)).sum();
    let shipped_bits = 64 - bound.leading_zeros() + 1;
    assert!(forged.unwrap() + 4 >= shipped_bits, "{forged:?} {shipped_bits}");
    assert!(forged.unwrap() < shipped_bits);
    for bits in 4..20 {
        assert!(!shipped.mock(&forge(&shipped, bits), None));
    }
    shipped.refuses(&forge(&shipped, shipped_bits));
    shipped.refuses(&forge(&shipped, forged.unwrap()));
}

/// One public input in 0..1000, clipped to 100..200. Statement: binding, clipped (1), x.
fn clipped() -> Program {
    let inputs = vec![input("x", 0, 1000, true)];
    Program::new(inputs, vec![Op::Clip { x: 0, lo: 100, hi: 200 }], vec![1], [0; 32]).unwrap()
}

#[test]
fn attack_9_limbs_that_reach_round_the_field() {
    // Limbs of 4 bits that reach 2^256.
    let many = |field_bits| Unsound { extra_limbs: 61, field_bits, ..Unsound::default() };
    wraps(&clipped(), &unsound(models::narrow(), many(None)), "a range check");
    let model = Model::new(clipped(), &unsound(models::narrow(), many(Some(300))));
    let shipped = Model::new(clipped(), &models::narrow());

    // x = -1, out of its range on both sides of zero.
    let out_of_range = |model: &Model| {
        let mut forger = model.forger(&[0]);
        let clipped_away = signed(101);
        forger.value(0, signed(-1));
        forger.slot(|s| matches!(s, SlotSource::Below { .. }), clipped_away);
        forger.limbs().publish().witness()
    };
    model.accepts(&out_of_range(&model));
    shipped.refuses(&out_of_range(&shipped));

    // A remainder below zero: x = 150 clipped to its lower bound.
    let low = |model: &Model| {
        let mut forger = model.forger(&[150]);
        forger.slot(|s| matches!(s, SlotSource::Below { .. }), signed(-50));
        forger.slot(|s| matches!(s, SlotSource::Clipped { .. }), signed(0));
        forger.slot(|s| matches!(s, SlotSource::Value(1)), signed(100));
        forger.limbs().publish().witness()
    };
    model.accepts(&low(&model));
    shipped.refuses(&low(&shipped));
}

fn huge(name: &str, lo: i128) -> Input {
    input(name, lo, i128::MAX, true)
}

#[test]
fn attack_9_a_product_beyond_the_field() {
    let all = Interval::new(0, i128::MAX);
    let inputs = vec![huge("a", 0), huge("b", 0)];
    let ops = vec![Op::Mul { a: 0, b: 1 }];
    let program = Program::unchecked(inputs, ops, vec![2], vec![all; 3]);
    wraps(&program, &models::narrow(), "a product");
    let beyond = Unsound { field_bits: Some(300), ..Unsound::default() };
    let model = Model::new(program, &unsound(models::narrow(), beyond));
    // a b = p + c, and the statement says c.
    let a = BigUint::from(i128::MAX as u128);
    let c = &a - order() % &a;
    let b = (order() + &c) / &a;
    let mut forger = model.forger(&[3, 5]);
    forger.value(0, element(&a)).value(1, element(&b)).value(2, element(&c));
    let witness = forger.limbs().publish().witness();
    model.accepts(&witness);
    let product: BigUint = &a * &b;
    assert!(product > c && b.bits() <= 127);

    // Within the limits the same trick has no room: no multiple of p is a product.
    let inputs = vec![input("a", 0, 1 << 59, true), input("b", 0, 1 << 59, true)];
    let program = Program::new(inputs, vec![Op::Mul { a: 0, b: 1 }], vec![2], [0; 32]).unwrap();
    let shipped = Model::new(program, &models::narrow());
    shipped.accepts(&shipped.forger(&[1 << 59, 1 << 59]).witness());
    let mut forger = shipped.forger(&[3, 5]);
    forger.value(0, element(&a)).value(1, element(&b)).value(2, element(&c));
    shipped.refuses(&forger.limbs().publish().witness());
}

#[test]
fn attack_9_a_division_beyond_the_field() {
    let inputs = vec![input("n", 0, 1000, true), huge("d", 1)];
    let result = Interval::new(0, i128::MAX);
    let ops = vec![Op::DivFloor { num: 0, den: 1, result, name: "q".into() }];
    let intervals = vec![Interval::new(0, 1000), Interval::new(1, i128::MAX), result];
    let program = Program::unchecked(inputs, ops, vec![2], intervals);
    wraps(&program, &models::narrow(), "a division");
    let beyond = Unsound { field_bits: Some(300), ..Unsound::default() };
    let model = Model::new(program, &unsound(models::narrow(), beyond));
    // d q + r = n + p with 0 <= r < d.
    let d = BigUint::from(i128::MAX as u128);
    let whole = order() + 700u32;
    let mut forger = model.forger(&[700, 3]);
    forger.value(1, element(&d)).value(2, element(&(&whole / &d)));
    forger.remainder(2, element(&(&whole % &d)));
    model.accepts(&forger.limbs().publish().witness());

    let inputs = vec![input("n", 0, 1000, true), input("d", 1, 1 << 59, true)];
    let result = Interval::new(0, 1 << 59);
    let ops = vec![Op::DivFloor { num: 0, den: 1, result, name: "q".into() }];
    let shipped =
        Model::new(Program::new(inputs, ops, vec![2], [0; 32]).unwrap(), &models::narrow());
    shipped.accepts(&shipped.forger(&[700, 3]).witness());
    let mut forger = shipped.forger(&[700, 3]);
    forger.value(1, element(&d)).value(2, element(&(&whole / &d)));
    forger.remainder(2, element(&(&whole % &d)));
    shipped.refuses(&forger.limbs().publish().witness());
}

#[test]
fn models_beyond_an_inequality_are_refused_at_compile_time() {
    // A feature of 120 bits: its equation does not fit the field.
    let inputs = vec![input("x", 0, (1 << 119) - 1, true)];
    let feature = models::feature(0, &[1 << 60]);
    let tree = Tree { nodes: vec![models::split(0, 0, 1, 2), models::leaf(1), models::leaf(2)] };
    let ensemble = Ensemble::new(vec![feature], vec![tree], vec![0]).unwrap();
    let program = Program::new(inputs, vec![Op::Trees(ensemble)], vec![1], [0; 32]).unwrap();
    wraps(&program, &models::narrow(), "a feature's interval");

    // Outputs that do not fit one running sum.
    let inputs = vec![input("x", 0, 100, true)];
    let tree =
        Tree { nodes: vec![models::split(0, 0, 1, 2), models::leaf(1 << 80), models::leaf(2)] };
    let ensemble = Ensemble::new(vec![models::feature(0, &[50])], vec![tree], vec![0; 4]).unwrap();
    let program = Program::new(inputs, vec![Op::Trees(ensemble)], vec![1], [0; 32]).unwrap();
    wraps(&program, &models::narrow(), "the packed outputs");

    // A divisor that only its own limbs bound: a power of a packed output, times a constant. The
    // quotient is always zero, so that the product of the two says nothing.
    let inputs = vec![input("x", 0, 1, true)];
    let tree = Tree { nodes: vec![models::split(0, 0, 1, 2), models::leaf(0), models::leaf(1)] };
    let ensemble = Ensemble::new(vec![models::feature(0, &[1])], vec![tree], vec![0, 0]).unwrap();
    let mut ops = vec![Op::Trees(ensemble)];
    for factor in 0..20 {
        ops.push(Op::Mul { a: if factor == 0 { 1 } else { 2 + factor }, b: 1 });
    }
    ops.push(Op::Linear { terms: vec![(1 << 110, 22)], constant: 7 });
    let result = Interval::new(0, 0);
    ops.push(Op::DivFloor { num: 0, den: 23, result, name: "q".into() });
    let program = Program::new(inputs, ops, vec![24], [0; 32]).unwrap();
    wraps(&program, &models::narrow(), "a divisor");
}
