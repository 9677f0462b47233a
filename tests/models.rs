//! The shipped models: golden rows to the satoshi, and amounts that never fall with the horizon.
#![allow(clippy::unwrap_used, missing_docs)]

use std::path::Path;

use veracast::compile::{open, Model, Row};
use veracast_circuits::trees::Ensemble;
use veracast_circuits::{Layout, LayoutOptions, Op};

fn models() -> Vec<Model> {
    (2..=5).map(|n| open(Path::new(&format!("models/btc-{n}-months")), false).unwrap()).collect()
}

/// The clipped ratio R of a raw sum of `bits` binary places.
fn ratio(raw: i128, bits: u32) -> i128 {
    let floored = if bits >= 16 { raw >> (bits - 16) } else { raw << (16 - bits) };
    floored.clamp(1 << 15, 1 << 17)
}

#[test]
fn golden_rows_are_reproduced_to_the_satoshi() {
    for model in models() {
        let path = format!("models/{}/golden.csv", model.name);
        let mut reader = csv::Reader::from_path(&path).unwrap();
        let mut rows = 0;
        for record in reader.deserialize::<Row>() {
            let row = record.unwrap();
            let trace = model.run(&row).unwrap();
            let (raw, bits) = (trace.value(model.raw.0), model.raw.1);
            assert_eq!(ratio(raw, bits).to_string(), row["R"], "{path}: {row:?}");
            let amount = trace.value(model.program.outputs()[1]);
            assert_eq!(amount.to_string(), row["amount_sats"], "{path}: {row:?}");
            rows += 1;
        }
        assert!(rows >= 50, "{path} has only {rows} rows");
    }
}

#[test]
fn the_statement_of_every_shipped_model_is_horizon_amount_price_month() {
    for (model, horizon) in models().iter().zip(2u8..) {
        let names: Vec<&str> = model.publics.iter().map(|p| p.name.as_str()).collect();
        assert_eq!(names, ["horizon", "amount", "btc_price", "month"]);
        assert_eq!(model.horizon, Some(horizon));
        assert_eq!(model.bound, 0.0, "the leaves of {} are summed exactly", model.name);
    }
}

fn trees(model: &Model) -> &Ensemble {
    let found = model.program.ops().iter().find_map(|op| match op {
        Op::Trees(ensemble) => Some(ensemble),
        _ => None,
    });
    found.unwrap()
}

/// One value in every cell of the thresholds of all models, per feature position.
fn cells(models: &[Model], feature: usize) -> Vec<i128> {
    let mut edges: Vec<i128> = models
        .iter()
        .flat_map(|m| trees(m).features().get(feature).map(|f| f.thresholds.clone()))
        .flatten()
        .collect();
    edges.sort_unstable();
    edges.dedup();
    let before = edges.first().map(|e| e - 1);
    before.into_iter().chain(edges).collect()
}

/// `30 N b r_N` never falls with N: `N R_N` is compared in every cell of the grid of thresholds,
/// so for every input there is.
#[test]
fn amounts_never_fall_with_the_horizon_for_any_input() {
    let models = models();
    let features = trees(&models[0]).features().len();
    for model in &models {
        assert_eq!(trees(model).features().len(), features);
        for (feature, first) in trees(model).features().iter().zip(trees(&models[0]).features()) {
            assert_eq!(feature.value, first.value, "features stand in one order");
        }
    }
    let grid: Vec<Vec<i128>> = (0..features).map(|f| cells(&models, f)).collect();
    let mut at = vec![0usize; features];
    let mut visited = 0usize;
    loop {
        let point: Vec<i128> = at.iter().zip(&grid).map(|(i, axis)| axis[*i]).collect();
        let scaled: Vec<i128> = models
            .iter()
            .zip(2i128..)
            .map(|(model, n)| n * ratio(sum(trees(model), &point), model.raw.1))
            .collect();
        assert!(scaled.windows(2).all(|pair| pair[0] <= pair[1]), "{point:?}: {scaled:?}");
        visited += 1;
        let Some(axis) = (0..features).find(|a| at[*a] + 1 < grid[*a].len()) else { break };
        at[axis] += 1;
        at[..axis].fill(0);
    }
    assert_eq!(visited, grid.iter().map(Vec::len).product::<usize>());
}

fn sum(ensemble: &Ensemble, point: &[i128]) -> i128 {
    let less = |f: usize, t: usize| point[f] < ensemble.features()[f].thresholds[t];
    let leaves = ensemble.trees().iter().map(|tree| match &tree.nodes[tree.leaf(less)] {
        veracast_circuits::trees::Node::Leaf { values } => {
            veracast_circuits::trees::leaf_value(values, 0)
        }
        veracast_circuits::trees::Node::Split { .. } => 0,
    });
    ensemble.base()[0] + leaves.sum::<i128>()
}

#[test]
fn all_shipped_models_fit_one_shape() {
    let shapes: Vec<_> = models()
        .iter()
        .map(|m| Layout::new(&m.program, &LayoutOptions::default()).unwrap().shape())
        .collect();
    println!("{shapes:?}");
    assert!(shapes.iter().all(|s| *s == shapes[0]), "{shapes:?}");
}

#[test]
fn inputs_out_of_range_are_refused_by_name() {
    let model = &models()[0];
    let row = |price: &str, e: &str, c2: &str, month: &str| -> Row {
        [
            ("btc_price", price),
            ("electricity_day_price", e),
            ("cost_2_months", c2),
            ("month", month),
        ]
        .map(|(k, v)| (k.to_owned(), v.to_owned()))
        .into()
    };
    let refused = |row: Row, name: &str| {
        let error = model.run(&row).unwrap_err().to_string();
        assert!(error.contains(name), "{error}");
    };
    refused(row("10000001", "5.54", "332", "1"), "btc_price");
    refused(row("60637", "5.5400001", "332", "1"), "electricity_day_price");
    refused(row("60637", "5.54", "0", "1"), "cost_2_months");
    refused(row("60637", "5.54", "332", "13"), "month");
    refused(row("60637", "", "332", "1"), "electricity_day_price");
    refused(row("60637", "1000000", "0.01", "1"), "ratio_day_to_2m");
    let nothing = model.run(&row("60637", "-50", "300", "1")).unwrap();
    assert_eq!(model.shown(&nothing)[1], "0", "a negative blend proves an amount of zero");
}
