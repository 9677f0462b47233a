//! The integer Program of a trained file against the file itself: every row reaches leaves whose
//! exact sum is the Program's, on every fixture and on the published cases of the original models.
#![allow(clippy::unwrap_used, missing_docs)]

use std::path::{Path, PathBuf};

use num_rational::BigRational;
use num_traits::{Signed, Zero};
use veracast::compile::{bare, Model, Row};
use veracast::import;
use veracast::model::{Ensemble, Node};

fn exact(value: f64) -> BigRational {
    BigRational::from_float(value).unwrap()
}

/// The exact sum of the leaves that float32 routing reaches.
fn float_routed(ensemble: &Ensemble, row: &[Option<f32>]) -> Vec<BigRational> {
    let mut sums: Vec<BigRational> = ensemble.base.iter().map(|b| exact(*b)).collect();
    for (at, tree) in ensemble.trees.iter().enumerate() {
        if let Node::Leaf { values } = &tree.nodes[ensemble.leaf_of(at, row).unwrap()] {
            for value in values {
                sums[value.output as usize] += exact(value.value);
            }
        }
    }
    sums
}

/// The Program's outputs on a row of texts, as rationals.
fn proven(model: &Model, cells: &[String]) -> Vec<BigRational> {
    let names = model.inputs.iter().map(|field| field.name.clone());
    let row: Row = names.zip(cells.iter().cloned()).collect();
    let trace = model.run(&row).unwrap();
    let scale = BigRational::from(num_bigint::BigInt::from(1) << model.raw.1);
    let outputs = trace.outputs(&model.program).into_iter();
    outputs.map(|n| BigRational::from(num_bigint::BigInt::from(n)) / &scale).collect()
}

fn compare(path: &Path, columns: usize, records: impl Iterator<Item = Vec<String>>) -> usize {
    let ensemble = import::read(path).unwrap();
    let model = bare(path, &ensemble, true).unwrap();
    let bound = BigRational::from_float(model.bound).unwrap();
    let mut rows = 0;
    for record in records {
        let cells = record[..columns].to_vec();
        let floats: Vec<Option<f32>> =
            cells.iter().map(|c| (!c.is_empty()).then(|| c.parse().unwrap())).collect();
        let wanted = float_routed(&ensemble, &floats);
        for (got, wanted) in proven(&model, &cells).iter().zip(&wanted) {
            let difference = (got - wanted).abs();
            assert!(difference <= bound, "{}, row {rows}: {got} {wanted}", path.display());
            assert!(!model.bound.is_zero() || difference.is_zero());
        }
        rows += 1;
    }
    rows
}

fn records(path: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn every_fixture_is_routed_and_summed_exactly() {
    let (mut files, mut rows) = (0, 0);
    for version in std::fs::read_dir("tests/fixtures/xgboost").unwrap() {
        let version = version.unwrap().path();
        if !version.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(version).unwrap() {
            let path: PathBuf = file.unwrap().path();
            let answers = path.with_extension("csv");
            if path.extension().is_none_or(|e| e == "csv") || !answers.exists() {
                continue;
            }
            let header = csv::Reader::from_path(&answers).unwrap().headers().unwrap().clone();
            let columns = header.iter().filter(|h| h.starts_with('x')).count();
            rows += compare(&path, columns, records(&answers).into_iter());
            files += 1;
        }
    }
    assert!(files > 50 && rows > 1000, "{files} files, {rows} rows");
}

#[test]
fn the_original_models_cases_are_routed_and_summed_exactly() {
    let shared = std::env::var_os("VERACAST_SHARED").map_or("../shared".into(), PathBuf::from);
    let folder = shared.join("aidala-models");
    if !folder.is_dir() {
        println!("skipped: reference data not found ({})", folder.display());
        return;
    }
    for file in ["xgb_aidala_1_prod", "xgb_aidala_2_prod"] {
        let cases = records(&folder.join(format!("{file}.cases.csv")));
        let path = folder.join(format!("{file}.json"));
        let rows = compare(&path, 11, cases.iter().cloned());
        assert_eq!(rows, 200);
        let ensemble = import::read(&path).unwrap();
        let model = bare(&path, &ensemble, false).unwrap();
        for case in &cases {
            let sum = proven(&model, &case[..11])[0].clone();
            let as_float: f32 = ratio_to_f64(&sum) as f32;
            let library: f32 = case[13].parse().unwrap();
            let steps = (i64::from(as_float.to_bits()) - i64::from(library.to_bits())).abs();
            assert!(steps <= 1, "{file}: {as_float} {library}");
        }
    }
}

fn ratio_to_f64(value: &BigRational) -> f64 {
    num_traits::ToPrimitive::to_f64(value).unwrap()
}
