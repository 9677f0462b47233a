//! Imported XGBoost models against the library's own answers: the same leaf in every tree for every
//! row, and sums that differ from the library's margins by its float32 additions alone.
//!
//! The bound on that difference: adding trees one after the other in float32, every partial sum `s`
//! is rounded by at most `2^-24 |s|`, and in a dart model every product `p` of leaf and tree weight by
//! at most `2^-24 |p|`. A base that is a logarithm may be one float32 step from the platform's own.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::{Path, PathBuf};

use veracast::import;
use veracast::model::{Ensemble, Node};

const HALF_STEP: f64 = 1.0 / (1u64 << 24) as f64;

struct Case {
    row: Vec<Option<f32>>,
    margins: Vec<f32>,
    leaves: Vec<u32>,
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/xgboost")
}

fn versions() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(fixtures()).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> =
        entries.filter(|path| path.is_dir() && !path.ends_with("requirements")).collect();
    folders.sort();
    folders
}

/// Every model file of a version, JSON and UBJ.
fn models(version: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(version).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|kind| kind != "csv")).collect();
    files.sort();
    files
}

fn cases(path: &Path) -> Vec<Case> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let headers = reader.headers().unwrap().clone();
    let mut cases = Vec::new();
    for record in reader.records() {
        let record = record.unwrap();
        let mut case = Case { row: vec![], margins: vec![], leaves: vec![] };
        for (header, cell) in headers.iter().zip(record.iter()) {
            match header.trim_end_matches(|end: char| end.is_ascii_digit()) {
                "x" if cell.is_empty() => case.row.push(None),
                "x" => case.row.push(Some(cell.parse().unwrap())),
                "margin" => case.margins.push(cell.parse().unwrap()),
                "leaf" => case.leaves.push(cell.parse().unwrap()),
                other => panic!("{}: no column {other}", path.display()),
            }
        }
        cases.push(case);
    }
    cases
}

/// The sum of each output in double precision, and the bound on the library's distance from it.
fn sums(model: &Ensemble, row: &[Option<f32>]) -> Vec<(f64, f64)> {
    let mut sums: Vec<(f64, f64)> =
        model.base.iter().map(|base| (*base, 2.0 * HALF_STEP * base.abs())).collect();
    for at in 0..model.trees.len() {
        let leaf = model.leaf_of(at, row).unwrap();
        let Node::Leaf { values } = &model.trees[at].nodes[leaf] else {
            panic!("node {leaf} of tree {at} is no leaf")
        };
        for value in values {
            let (sum, bound) = &mut sums[value.output as usize];
            *sum += value.value;
            let exact = f64::from(value.value as f32) == value.value;
            let product = if exact { 0.0 } else { value.value.abs() };
            *bound += HALF_STEP * (sum.abs() + *bound + product);
        }
    }
    sums
}

fn check(path: &Path) -> Ensemble {
    let shown = path.display();
    let model = import::read(path).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(model.validate(), Ok(()), "{shown}");
    let cases = cases(&path.with_extension("csv"));
    assert!(cases.len() >= 12, "{shown}: only {} cases", cases.len());
    for (line, case) in cases.iter().enumerate() {
        assert_eq!(case.margins.len(), model.num_outputs, "{shown}");
        assert_eq!(case.leaves.len(), model.trees.len(), "{shown}");
        for (at, leaf) in case.leaves.iter().enumerate() {
            let reached = model.leaf_of(at, &case.row).unwrap();
            let id = model.trees[at].file_ids[reached];
            assert_eq!(id, *leaf, "{shown}: case {line}, tree {at}, row {:?}", case.row);
        }
        for (output, (sum, bound)) in sums(&model, &case.row).into_iter().enumerate() {
            let margin = f64::from(case.margins[output]);
            let off = (sum - margin).abs();
            assert!(off <= bound, "{shown}: case {line}: {sum} against {margin}, {off} > {bound}");
        }
    }
    model
}

#[test]
fn every_fixture_of_every_version_answers_as_the_library() {
    assert_eq!(versions().len(), 5);
    for version in versions() {
        let models = models(&version);
        assert!(models.len() >= 41, "{}: only {} models", version.display(), models.len());
        for path in models {
            check(&path);
        }
    }
}

#[test]
fn json_and_ubj_of_one_model_are_the_same_ensemble() {
    let mut pairs = 0;
    for version in versions() {
        for path in models(&version) {
            let twin = path.with_extension("json");
            if path.extension().is_some_and(|kind| kind == "ubj") {
                assert_eq!(import::read(&path).unwrap(), import::read(&twin).unwrap(), "{path:?}");
                pairs += 1;
            }
        }
    }
    assert!(pairs >= 5 * 14, "only {pairs}");
}

/// A single tree is one float32 addition: the library's margin is the sum, rounded once.
#[test]
fn a_single_tree_differs_by_one_rounding_only() {
    for version in versions() {
        let path = version.join("deep_hist.json");
        let model = check(&path);
        for case in cases(&path.with_extension("csv")) {
            let (sum, _) = sums(&model, &case.row)[0];
            assert_eq!(sum as f32, case.margins[0], "{}", path.display());
        }
    }
}

#[test]
fn outputs_that_are_margins_say_so() {
    for version in versions() {
        let note = |name: &str| import::read(&version.join(name)).unwrap().output_note;
        let margin = |what: &str| Some(format!("margin: {what} is not applied"));
        assert_eq!(note("squarederror.json"), None);
        assert_eq!(note("objective_rank_ndcg.json"), None);
        assert_eq!(note("objective_binary_logitraw.json"), None);
        assert_eq!(note("logistic.json"), margin("the logistic transform"));
        assert_eq!(note("softprob.ubj"), margin("the softmax transform"));
        assert_eq!(note("objective_count_poisson.json"), margin("the exponential"));
        assert_eq!(note("objective_reg_tweedie.json"), margin("the exponential"));
    }
}

#[test]
fn names_outputs_pruning_and_early_stopping_are_read() {
    for version in versions() {
        let model = |name: &str| import::read(&version.join(name)).unwrap();
        let plain = model("squarederror.ubj");
        let names = ["day_price", "btc_price", "month", "ratio"].map(String::from).to_vec();
        assert_eq!(plain.feature_names, Some(names));
        assert_eq!(plain.notes, Vec::<String>::new());
        assert_eq!(model("chain.json").feature_names, None);
        assert_eq!(model("several_outputs.json").num_outputs, 3);
        assert_eq!(model("single_leaf.json").num_nodes(), 2);
        let pruned = model("pruned.json");
        let gaps =
            pruned.trees.iter().any(|tree| tree.file_ids.last() > Some(&(tree.nodes.len() as u32)));
        assert!(gaps, "{}: nothing was pruned", version.display());
        let stopped = model("early_stopping.json");
        assert_eq!(stopped.trees.len(), 3);
        assert!(stopped.notes[0].starts_with("early stopping found round 0 best; all 3 rounds"));
    }
}

/// The leaves of a dart tree are products of float32 numbers, which a double holds exactly.
#[test]
fn dart_leaves_are_the_exact_products() {
    for version in versions() {
        let path = version.join("dart.json");
        let text = std::fs::read_to_string(&path).unwrap();
        let file: serde_json::Value = serde_json::from_str(&text).unwrap();
        let booster = &file["learner"]["gradient_booster"];
        let model = import::read(&path).unwrap();
        let mut weighted = 0;
        for (at, tree) in model.trees.iter().enumerate() {
            let stated = &booster["gbtree"]["model"]["trees"][at]["split_conditions"];
            let weight = booster["weight_drop"][at].as_f64().unwrap() as f32;
            for (node, id) in tree.nodes.iter().zip(&tree.file_ids) {
                let Node::Leaf { values } = node else { continue };
                let leaf = stated[*id as usize].as_f64().unwrap() as f32;
                let product = f64::from(leaf) * f64::from(weight);
                assert_eq!(values[0].value, product);
                weighted += usize::from(weight != 1.0);
            }
        }
        assert!(weighted > 0);
    }
}

/// 3.4 writes dart as a gbtree whose model holds the weights.
#[test]
fn dart_weights_count_where_version_3_4_puts_them() {
    let path = fixtures().join("3.2.0/dart.json");
    let mut file: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let booster = file["learner"]["gradient_booster"].take();
    let mut model = booster["gbtree"]["model"].clone();
    model["weight_drop"] = booster["weight_drop"].clone();
    file["learner"]["gradient_booster"] = serde_json::json!({ "name": "gbtree", "model": model });
    file["version"] = serde_json::json!([3, 4, 1]);
    let moved = import::from_bytes("moved", file.to_string().as_bytes()).unwrap();
    assert_eq!(moved, import::read(&path).unwrap());
}

/// The two published files: 400 rows, the leaf and the prediction of XGBoost 3.2.0 for each.
#[test]
fn the_published_bitcoin_models_reach_the_same_leaves() {
    let shared = std::env::var_os("VERACAST_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let folder = shared.join("aidala-models");
    if !folder.is_dir() {
        println!("skipped: reference data not found ({})", folder.display());
        return;
    }
    let mut seen = 0;
    for number in [1, 2] {
        let path = folder.join(format!("xgb_aidala_{number}_prod.json"));
        let model = import::read(&path).unwrap();
        let cases = folder.join(format!("xgb_aidala_{number}_prod.cases.csv"));
        for record in csv::Reader::from_path(cases).unwrap().records() {
            let record = record.unwrap();
            let row: Vec<Option<f32>> =
                record.iter().take(11).map(|cell| Some(cell.parse().unwrap())).collect();
            let leaf = model.leaf_of(0, &row).unwrap();
            assert_eq!(model.trees[0].file_ids[leaf].to_string(), record[12]);
            let (sum, _) = sums(&model, &row)[0];
            assert_eq!(sum as f32, record[13].parse::<f32>().unwrap());
            seen += 1;
        }
    }
    assert_eq!(seen, 400);
}
