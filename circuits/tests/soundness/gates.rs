//! Each gate, left out, lets one attack through that the whole machine refuses.

use crate::common::forge::Model;
use crate::common::models;
use halo2_proofs::halo2curves::ff::Field;
use veracast_circuits::circuit::Constraint;
use veracast_circuits::layout::parts::{CheckedCell, HotCell};
use veracast_circuits::Fr;

fn duo() -> Model {
    Model::new(models::duo(), &models::narrow())
}

#[test]
fn honest_runs_of_every_small_model_are_proven() {
    let cases: [(_, &[i128]); 6] = [
        (models::duo(), &[150, 30]),
        (models::solo(), &[150]),
        (models::arithmetic(), &[-17, 5, 42]),
        (models::derived(), &[4000, 3]),
        (models::missing(), &[0, 1]),
        (models::pair(), &[450]),
    ];
    for (program, inputs) in cases {
        let model = Model::new(program, &models::narrow());
        let forger = model.forger(inputs);
        model.accepts(&forger.witness());
        model.accepts(&forger.clone().limbs().publish().witness());
    }
}

#[test]
fn without_gate_1_an_equation_may_forget_its_terms() {
    let model = duo();
    let mut forger = model.forger(&[150, 30]);
    forger.instance[1] += Fr::from(7);
    forger.accumulator.insert(2, Fr::ZERO);
    model.only_refused_by(&forger.witness(), Constraint::Accumulate);
}

#[test]
fn without_gate_2_an_equation_need_not_come_out_at_zero() {
    let model = duo();
    let mut forger = model.forger(&[150, 30]);
    forger.instance[1] += Fr::from(7);
    model.only_refused_by(&forger.witness(), Constraint::AssertZero);
}

#[test]
fn without_gate_3_a_comparison_flips_back() {
    let model = duo();
    let mut forger = model.forger(&[150, 30]);
    // x < 200 and yet not x < 500: the staircase steps down again in between.
    let row = forger.parts().row(0, Some(3));
    forger.staircase[row] = Fr::ZERO;
    let wrong = forger.box_of(0, &[(0, 3, false)]);
    forger.select(0, wrong);
    forger.settle(2, 5 + 10 + 2);
    assert_eq!(forger.instance[1], Fr::from(5 + 40 + 2));
    model.only_refused_by(&forger.witness(), Constraint::Staircase);
}

#[test]
fn without_gate_4_a_slot_has_two_values() {
    let model = duo();
    let mut forger = model.forger(&[150, 30]);
    // The statement says x = 950, the trees read 150.
    forger.instance[2] = Fr::from(950);
    forger.bus.insert(2, Fr::from(950));
    model.only_refused_by(&forger.witness(), Constraint::Periodic);
}

#[test]
fn without_gate_5_the_running_sum_loses_what_it_likes() {
    let model = duo();
    let mut forger = model.forger(&[150, 30]);
    let (start, _) = forger.parts().running;
    let honest = forger.witness().advice[1][start + 1];
    let last = forger.slots.len() - 1;
    forger.slots[last] += Fr::from(1000);
    forger.bus.insert(start + 1, honest);
    forger.value(2, Fr::from(1017)).publish();
    model.only_refused_by(&forger.witness(), Constraint::Running);
}

#[test]
fn without_gate_6_the_table_of_limbs_starts_at_minus_one() {
    let model = duo();
    let mut forger = model.forger(&[0, 30]);
    // x = -1 (p - 1): every limb below the pin shifts by one, and so -1 is a limb.
    let minus_one = -Fr::ONE;
    let (start, _) = forger.parts().running;
    for cell in &mut forger.staircase[..=start] {
        *cell = minus_one;
    }
    forger.value(0, minus_one).limbs();
    forger.claim(0, 0, 0, 100);
    for (row, cell) in forger.parts().checked {
        let first = match cell {
            CheckedCell::Limb { expr, index } => (*expr == 0).then_some(*index == 0),
            CheckedCell::Distance { feature: 0, above: false, index } => Some(*index == 0),
            _ => None,
        };
        if let Some(first) = first {
            forger.checked[*row] = if first { minus_one } else { Fr::ZERO };
        }
    }
    forger.publish();
    model.only_refused_by(&forger.witness(), Constraint::Pinned);
}

#[test]
fn without_gate_6_a_staircase_above_its_end_spells_false_literals() {
    let model = Model::new(models::solo(), &models::narrow());
    let mut forger = model.forger(&[150]);
    // One step too many: row 500 of the staircase now spells "not below 900".
    let row = forger.parts().row(0, Some(3));
    for cell in &mut forger.staircase[row..] {
        *cell = Fr::from(2);
    }
    let wrong = forger.box_of(0, &[(0, 4, false)]);
    forger.select(0, wrong);
    forger.settle(1, 15);
    assert_eq!(forger.instance[1], Fr::from(35));
    model.only_refused_by(&forger.witness(), Constraint::Pinned);
}

#[test]
fn without_gate_7_hot_cells_mix_boxes_into_any_output() {
    let model = duo();
    let mut forger = model.forger(&[150, 30]);
    let chosen = forger.selected(0);
    let fixed = model.layout.fixed();
    let others: Vec<(usize, usize)> = forger
        .parts()
        .hot
        .iter()
        .filter(|(_, _, cell)| matches!(cell, HotCell::Box { group: 0, index } if *index != chosen))
        .map(|(row, column, _)| (*row, *column))
        .collect();
    let [(row_a, a), (row_b, b)] = [others[0], others[1]];
    let (key_a, key_b) = (fixed.keys[a][row_a], fixed.keys[b][row_b]);
    let (value_a, value_b) = (fixed.values[a][row_a], fixed.values[b][row_b]);
    // key_b * [a] - key_a * [b] adds nothing to the key and one million to the output.
    let scale = Fr::from(1_000_000) * (key_b * value_a - key_a * value_b).invert().unwrap();
    forger.hot[a][row_a] = scale * key_b;
    forger.hot[b][row_b] = -scale * key_a;
    forger.settle(2, 17);
    assert_eq!(forger.instance[1], Fr::from(1_000_017));
    model.only_refused_by(&forger.witness(), Constraint::Bits);
}

#[test]
fn without_the_lookup_a_leaf_needs_no_true_path() {
    let model = duo();
    let mut forger = model.forger(&[150, 30]);
    let wrong = forger.box_of(0, &[(0, 3, false)]);
    forger.select(0, wrong);
    forger.settle(2, 17);
    model.only_refused_by(&forger.witness(), Constraint::Lookup);
}

#[test]
fn without_the_lookup_limbs_are_field_elements() {
    let model = Model::new(models::arithmetic(), &models::narrow());
    let mut forger = model.forger(&[-17, 5, 42]);
    // -17 = 5 * 12 - 77: a negative remainder, its single limb the remainder itself.
    forger.value(3, Fr::from(12)).remainder(3, -Fr::from(77));
    let parts = forger.parts();
    for (row, cell) in parts.checked {
        if let CheckedCell::Limb { expr, index } = cell {
            let whole = forger.expr(&parts.limbs[*expr]);
            forger.checked[*row] = if *index == 0 { whole } else { Fr::ZERO };
        }
    }
    forger.publish();
    model.only_refused_by(&forger.witness(), Constraint::Lookup);
}
