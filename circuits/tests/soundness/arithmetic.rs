//! Attacks on divisions, clips, products, constants and derived features.

use halo2_proofs::halo2curves::ff::Field;
use veracast_circuits::layout::parts::SlotSource;
use veracast_circuits::{evaluate, signed, EvaluateError, Fr, Interval, Op, Program};

use crate::common::forge::{Forger, Model};
use crate::common::{input, models};

fn model() -> Model {
    Model::new(models::arithmetic(), &models::narrow())
}

/// The public inputs follow the slots, the limbs too.
fn consistent<'f, 'm>(forger: &'f mut Forger<'m>) -> &'f mut Forger<'m> {
    forger.limbs().publish()
}

#[test]
fn attack_7_and_8_quotients_and_remainders_out_of_range() {
    let model = model();
    for (n, d) in [(-17i128, 5i128), (17, 5), (-5000, 300), (15, 5), (0, 1), (-1, 300)] {
        let honest = n.div_euclid(d);
        model.accepts(&model.forger(&[n, d, 42]).witness());
        for shift in [-2, -1, 1, 2] {
            // q + shift and r - shift d satisfy the equation; -1 makes the remainder d too large
            // (the divisor itself where r was 0), 1 makes it negative.
            let q = honest + shift;
            let mut forger = model.forger(&[n, d, 42]);
            forger.value(3, signed(q)).remainder(3, signed(n - q * d));
            model.refuses(&consistent(&mut forger).witness());
            // The quotient alone; a remainder in range for it.
            let mut forger = model.forger(&[n, d, 42]);
            forger.value(3, signed(q));
            model.refuses(&consistent(&mut forger).witness());
        }
    }
}

#[test]
fn attack_7_a_ceiling_by_a_constant() {
    let model = model();
    for n in [-100i128, 3, 200, 0] {
        let (d, product) = (5, n * 5);
        let honest = -(-product).div_euclid(7);
        for shift in [-1, 1, 2] {
            let q = honest + shift;
            let mut forger = model.forger(&[n, d, 42]);
            forger.value(7, signed(q)).remainder(7, signed(q * 7 - product));
            model.refuses(&consistent(&mut forger).witness());
        }
    }
}

#[test]
fn attack_7_a_quotient_outside_its_declared_range() {
    let program = models::arithmetic();
    let refused = evaluate(&program, &[-17, 5, 85]);
    assert!(matches!(refused, Err(EvaluateError::OutOfRange { .. })));
    let model = model();
    // floor(85 / 10) = 8, and the Program says 0..7.
    for (z, q) in [(80, 8), (85, 8), (99, 9), (100, 10)] {
        let mut forger = model.forger(&[-17, 5, 42]);
        forger.value(2, signed(z)).value(9, signed(q)).remainder(9, signed(z - 10 * q));
        model.refuses(&consistent(&mut forger).witness());
    }
}

#[test]
fn attack_16_a_clip_that_takes_both_sides_or_the_wrong_one() {
    let model = model();
    let (lo, hi) = (-100i128, 200i128);
    for x in [-500i128, -100, 0, 200, 900] {
        let right = x.clamp(lo, hi);
        for y in [lo, hi, 0, x, right - 1, right + 1] {
            for over in [0, 1, 700] {
                // y = x + under - over.
                let under = y - x + over;
                if y == right && under == (lo - x).max(0) {
                    continue;
                }
                let mut forger = model.forger(&[x, 5, 42]);
                forger
                    .slot(|s| matches!(s, SlotSource::Below { x: 0, .. }), signed(under))
                    .slot(|s| matches!(s, SlotSource::Above { x: 0, .. }), signed(over))
                    .slot(|s| matches!(s, SlotSource::Clipped { result: 4, .. }), signed(y - lo))
                    .slot(|s| matches!(s, SlotSource::Value(4)), signed(y));
                // What follows from the clip.
                let product = y * 5;
                let ceil = -(-product).div_euclid(7);
                forger.value(5, signed(product)).value(7, signed(ceil));
                forger.remainder(7, signed(ceil * 7 - product));
                let witness = consistent(&mut forger).witness();
                assert!(!model.mock(&witness, None), "{x} to {y}, over {over}");
                if over == 1 && y == lo {
                    model.refuses(&witness);
                }
            }
        }
    }
}

#[test]
fn attack_9_a_product_off_by_any_amount() {
    let model = model();
    for wrong in [Fr::ONE, -Fr::ONE, Fr::from(u64::MAX), Fr::from(7).invert().unwrap()] {
        let mut forger = model.forger(&[30, 5, 42]);
        forger.value(5, Fr::from(150) + wrong);
        model.refuses(&consistent(&mut forger).witness());
    }
}

#[test]
fn attack_11_an_output_that_the_statement_does_not_show() {
    let model = model();
    let positions = model.layout.shape().publics;
    for position in 1..positions {
        // The statement alone; the slot alone; both, and nothing else.
        let mut statement = model.forger(&[-17, 5, 42]);
        statement.instance[position] += Fr::ONE;
        let mut slot = model.forger(&[-17, 5, 42]);
        slot.slots[position] += Fr::ONE;
        let mut both = statement.clone();
        both.slots[position] += Fr::ONE;
        let (both_only, all) = (both.witness(), both.limbs().witness());
        for witness in [statement.witness(), slot.witness(), both_only, all] {
            model.refuses(&witness);
        }
    }
    // The binding is only carried: it may be anything, and must be the statement's.
    let mut forger = model.forger(&[-17, 5, 42]);
    forger.instance[0] += Fr::ONE;
    model.refuses(&forger.witness());
    forger.slots[0] += Fr::ONE;
    model.accepts(&forger.witness());
}

#[test]
fn attack_13_constants_stand_in_fixed_columns() {
    // Outputs: a constant, the constant again, and an input twice.
    let ops = vec![Op::Linear { terms: vec![], constant: 4 }];
    let inputs = vec![input("x", 0, 100, true)];
    let program = Program::new(inputs, ops, vec![1, 1, 0, 0], [0; 32]).unwrap();
    let model = Model::new(program, &models::narrow());
    let honest = model.forger(&[42]);
    assert_eq!(honest.instance[1..], [4, 4, 42, 42, 42].map(Fr::from));
    model.accepts(&honest.witness());
    for position in 1..6 {
        let mut forger = honest.clone();
        forger.instance[position] = Fr::from(5);
        model.refuses(&forger.witness());
        forger.slots[position] = Fr::from(5);
        model.refuses(&forger.limbs().witness());
    }
}

#[test]
fn attack_54_a_derived_feature_taken_mod_p() {
    let model = Model::new(models::derived(), &models::narrow());
    // floor(4000 / 3) = 1333, leaf 3. With a remainder of 1, 4000 - r is a multiple of 3 only mod p
    // for r = 0 and 2: the quotient is then a number of 254 bits.
    model.accepts(&model.forger(&[4000, 3]).witness());
    for remainder in [0u64, 2] {
        let quotient = (Fr::from(4000) - Fr::from(remainder)) * Fr::from(3).invert().unwrap();
        let mut forger = model.forger(&[4000, 3]);
        forger.value(2, quotient).remainder(2, Fr::from(remainder));
        model.refuses(&consistent(&mut forger).witness());
    }
    // A small quotient, and the literals that go with it.
    for quotient in [5u64, 999] {
        let mut forger = model.forger(&[4000, 3]);
        let remainder = Fr::from(4000) - Fr::from(3 * quotient);
        forger.value(2, Fr::from(quotient)).remainder(2, remainder).limbs();
        let interval = usize::from(quotient >= 10);
        let (low, high) = [(0, 10), (10, 1000)][interval];
        forger.claim(0, interval, quotient - low, high - 1 - quotient).rises(&[interval]);
        let literal = [vec![(0, 0, true)], vec![(0, 0, false), (0, 1, true)]];
        let chosen = forger.box_of(0, &literal[interval]);
        forger.select(0, chosen).settle(3, 3);
        model.refuses(&forger.witness());
    }
}

#[test]
fn public_values_may_repeat_and_mean_the_same() {
    let inputs = vec![input("x", -5, 5, true), input("y", 3, 3, true)];
    let ops = vec![Op::Linear { terms: vec![(1, 0), (1, 0), (-1, 1)], constant: 1 }];
    let program = Program::new(inputs, ops, vec![2, 2, 0], [0; 32]).unwrap();
    assert_eq!(program.intervals()[1], Interval::new(3, 3));
    let model = Model::new(program, &models::narrow());
    let honest = model.forger(&[-4, 3]);
    model.accepts(&honest.witness());
    for position in 1..honest.instance.len() {
        let mut forger = honest.clone();
        forger.instance[position] += Fr::ONE;
        forger.slots[position] += Fr::ONE;
        model.refuses(&forger.limbs().witness());
    }
}
