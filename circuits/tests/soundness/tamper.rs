//! Every cell that an honest prover fills, changed: alone, and with all that follows recomputed.

use halo2_proofs::halo2curves::ff::Field;
use veracast_circuits::Fr;

use crate::common::forge::{Forger, Model};
use crate::common::models;

/// Rows of column `column` that matter: where something reads or computes the cell.
fn used(model: &Model, column: usize) -> Vec<usize> {
    let (layout, fixed) = (&model.layout, model.layout.fixed());
    let (start, end) = layout.parts().running;
    let zero = |cells: &[Fr], row: usize| cells[row] == Fr::ZERO;
    let rows = 0..layout.shape().usable();
    match column {
        0 => (0..=end + 1).collect(),
        1 => (0..=end).collect(),
        2 => rows.filter(|row| !zero(&fixed.checked, *row)).collect(),
        // From one pin to the other; outside them it only says which limbs the table holds.
        3 => rows
            .filter(|row| fixed.bus[*row] == Fr::from(3))
            .max()
            .map_or(start..start, |pin| start..pin + 1)
            .collect(),
        hot => rows.filter(|row| !zero(&fixed.keys[hot - 4], *row)).collect(),
    }
}

#[test]
fn every_used_cell_of_every_column_changed_alone() {
    for (program, inputs) in [(models::duo(), vec![150, 30]), (models::pair(), vec![450])] {
        let model = Model::new(program, &models::narrow());
        let honest = model.forger(&inputs).witness();
        for column in 0..honest.advice.len() {
            let rows = used(&model, column);
            assert!(rows.len() > 3, "column {column}");
            for (index, row) in rows.into_iter().enumerate() {
                let mut forged = honest.clone();
                forged.advice[column][row] += Fr::ONE;
                assert!(!model.mock(&forged, None), "column {column}, row {row}");
                if index % 23 == 0 {
                    assert!(!model.proves(&forged), "column {column}, row {row}");
                }
            }
        }
    }
}

#[test]
fn every_choice_changed_with_all_that_follows() {
    let runs: [(_, Vec<i128>); 3] = [
        (models::duo(), vec![150, 30]),
        (models::missing(), vec![0, 1]),
        (models::derived(), vec![4000, 3]),
    ];
    for (program, inputs) in runs {
        let model = Model::new(program, &models::narrow());
        let honest = model.forger(&inputs);
        let mut forgeries: Vec<(String, Forger<'_>)> = Vec::new();
        for (position, source) in honest.parts().slots {
            let mut forger = honest.clone();
            forger.slots[position] += Fr::ONE;
            forger.limbs();
            forgeries.push((format!("{source:?}"), forger.clone()));
            if position != 0 {
                // With the statement too: then only the binding is free.
                forger.publish();
                forgeries.push((format!("{source:?}, published"), forger));
            }
        }
        for (row, cell) in honest.parts().checked {
            for value in [Fr::ZERO, Fr::ONE, honest.checked[*row] + Fr::ONE] {
                let mut forger = honest.clone();
                if forger.checked[*row] != value {
                    forger.checked[*row] = value;
                    forgeries.push((format!("{cell:?} in row {row}"), forger));
                }
            }
        }
        for (row, column, cell) in honest.parts().hot {
            let mut forger = honest.clone();
            forger.hot[*column][*row] = Fr::ONE - forger.hot[*column][*row];
            forger.balance();
            forgeries.push((format!("{cell:?} in row {row}"), forger));
        }
        for (index, (what, forger)) in forgeries.iter().enumerate() {
            assert!(!model.mock(&forger.witness(), None), "{what}");
            if index % 29 == 0 {
                assert!(!model.proves(&forger.witness()), "{what}");
            }
        }
    }
}

#[test]
fn every_rise_of_the_staircase_moved() {
    let model = Model::new(models::duo(), &models::narrow());
    for x in 0..=5usize {
        for y in 0..=3usize {
            let mut forger = model.forger(&[150, 30]);
            forger.rises(&[x, y]);
            assert_eq!(model.mock(&forger.witness(), None), (x, y) == (1, 0), "{x} {y}");
        }
    }
}
