//! Honest witnesses satisfy every constraint.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use halo2_proofs::dev::MockProver;
use halo2_proofs::halo2curves::bn256::Fr;
use veracast_circuits::circuit::{unusable_rows, Machine};
use veracast_circuits::{evaluate, Layout, LayoutOptions, Program, Witness};

fn check(program: &Program, options: &LayoutOptions, inputs: &[i128]) {
    let layout = Layout::new(program, options).unwrap();
    let trace = evaluate(program, inputs).unwrap();
    let witness = Witness::new(program, &layout, &trace, Fr::from(99));
    let shape = layout.shape();
    assert_eq!(unusable_rows(shape), shape.rows() - shape.usable());
    let machine = Machine { shape, fixed: Some(layout.fixed().clone()), advice: witness.advice };
    let prover = MockProver::run(shape.k, &machine, vec![witness.instance]).unwrap();
    prover.assert_satisfied();
}

#[test]
fn bare_trees_are_satisfied() {
    for (seed, width) in [(1, 1), (2, 2), (3, 3)] {
        let program = common::bare(seed, 5, 20, 4, 5);
        let options = LayoutOptions { width, ..LayoutOptions::default() };
        let mut rng = common::rng(seed + 100);
        for _ in 0..3 {
            let inputs: Vec<i128> = (0..5)
                .map(|_| 8_388_608 + common::below(&mut rng, 4_278_190_080) as i128)
                .collect();
            check(&program, &options, &inputs);
        }
    }
}

#[test]
fn every_operation_is_satisfied() {
    let program = common::small_hedge();
    let options = LayoutOptions::default();
    for inputs in [
        [5_540_000, 332_000_000, 60_637, 11, 0],
        [-5_540_000, 332_000_000, 60_637, 1, 0],
        [-9_000_000, 1_000_000, 60_637, 12, 0],
        [0, 1, 1_000, 1, 1],
        [200, 1_000_000_000, 10_000_000, 1, 1],
    ] {
        check(&program, &options, &inputs);
    }
}
