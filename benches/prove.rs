//! Proving, verifying and key generation; `cargo bench --profile dev` runs it.
//!
//! The original system's files are measured where the reference data lie beside the repository.
#![allow(clippy::unwrap_used, missing_docs)]

use std::path::{Path, PathBuf};
use std::time::Duration;

use criterion::{criterion_group, criterion_main, Criterion};
use rand_core::OsRng;
use veracast::compile::{open, Row};
use veracast::forecaster::HORIZONS;
use veracast::prover::{layout_options, prove_all, Prover};
use veracast_circuits::srs::Srs;
use veracast_circuits::trees::{Ensemble, Feature, Node, Tree};
use veracast_circuits::{
    evaluate, Fr, Input, Interval, LayoutOptions, Op, Program, ProvingKey, Trace, Witness,
};

fn number(state: &mut u64, below: u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) % below
}

/// Full trees of `depth` over 11 float32 features with `thresholds` cuts each.
fn synthetic(trees: usize, depth: u32, thresholds: usize) -> Program {
    let (lo, hi) = (0x0080_0000i128, 0xff7f_ffffi128);
    let mut state = 1;
    let input = |f| Input {
        name: format!("x{f}"),
        range: Interval::new(lo, hi),
        public: true,
        missing_flag_of: None,
    };
    let step = (hi - lo) / (thresholds as i128 + 1);
    let cuts: Vec<i128> = (1..=thresholds as i128).map(|i| lo + i * step).collect();
    let features =
        (0..11).map(|value| Feature { value, thresholds: cuts.clone() }).collect::<Vec<_>>();
    let mut tree = || {
        let inner = (1usize << depth) - 1;
        let nodes = (0..2 * inner + 1).map(|i| {
            if i < inner {
                Node::Split {
                    feature: number(&mut state, 11) as usize,
                    threshold: number(&mut state, thresholds as u64) as usize,
                    left: 2 * i + 1,
                    right: 2 * i + 2,
                }
            } else {
                Node::Leaf { values: vec![(0, number(&mut state, 1 << 30) as i128)] }
            }
        });
        Tree { nodes: nodes.collect() }
    };
    let trees = (0..trees).map(|_| tree()).collect();
    let ensemble = Ensemble::new(features, trees, vec![0]).unwrap();
    Program::new((0..11).map(input).collect(), vec![Op::Trees(ensemble)], vec![11], [0; 32])
        .unwrap()
}

fn keyed(program: &Program, options: &LayoutOptions) -> (ProvingKey, Srs) {
    let k = veracast_circuits::Layout::new(program, options).unwrap().shape().k;
    let srs = Srs::dev(k).unwrap();
    (ProvingKey::new(program.clone(), options, &srs).unwrap(), srs)
}

fn measure(c: &mut Criterion, name: &str, program: &Program, width: usize, inputs: &[i128]) {
    let options = layout_options(width);
    let (key, srs) = keyed(program, &options);
    let shape = key.layout().shape();
    let trace = evaluate(program, inputs).unwrap();
    let mut group = c.benchmark_group(format!("{name}, k {}, width {width}", shape.k));
    group.bench_function("prove", |b| {
        b.iter(|| key.prove(&srs, &trace, Fr::one(), OsRng).unwrap());
    });
    group.bench_function("keys", |b| {
        b.iter(|| ProvingKey::new(program.clone(), &options, &srs).unwrap());
    });
    let proof = key.prove(&srs, &trace, Fr::one(), OsRng).unwrap();
    let instance = Witness::new(program, key.layout(), &trace, Fr::one()).instance;
    group.bench_function("verify", |b| {
        b.iter(|| key.verifying_key().verify(&instance, &proof).unwrap());
    });
    group.finish();
}

fn originals(c: &mut Criterion) {
    let shared = std::env::var_os("VERACAST_SHARED").map_or("../shared".into(), PathBuf::from);
    for file in ["xgb_aidala_1_prod", "xgb_aidala_2_prod"] {
        let path = shared.join("aidala-models").join(format!("{file}.json"));
        if !path.exists() {
            eprintln!("skipped: reference data not found ({})", path.display());
            continue;
        }
        let model = open(&path, false).unwrap();
        let row =
            ["7.18", "74.6", "8.6", "95", "2.2", "3.125", "430", "645", "860", "1075", "1290"];
        let names = model.inputs.iter().map(|f| f.name.clone());
        let row: Row = names.zip(row.map(str::to_owned)).collect();
        let inputs = model.integers(&row).unwrap();
        for width in [1, 2] {
            measure(c, file, &model.program, width, &inputs);
        }
    }
}

fn hundred(c: &mut Criterion) {
    let program = synthetic(100, 6, 128);
    for width in [2, 3, 4] {
        measure(c, "100 trees of depth 6", &program, width, &[2_000_000_000; 11]);
    }
}

fn horizons(c: &mut Criterion) {
    let row: Row = [
        ("electricity_day_price", "5.54"),
        ("cost_2_months", "332.4"),
        ("btc_price", "60637"),
        ("month", "11"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let srs = Srs::dev(10).unwrap();
    let provers: Vec<Prover> = HORIZONS
        .iter()
        .map(|n| open(Path::new(&format!("models/btc-{n}-months")), false).unwrap())
        .map(|model| Prover::new(model, 1, &srs).unwrap())
        .collect();
    let traces: Vec<Trace> = provers.iter().map(|p| p.model().run(&row).unwrap()).collect();
    let mut group = c.benchmark_group("shipped");
    group.bench_function("four horizons, in parallel", |b| {
        b.iter(|| prove_all(&provers, &traces, Fr::one(), || ()).unwrap());
    });
    group.bench_function("one horizon", |b| {
        b.iter(|| provers[0].prove(&traces[0], Fr::one()).unwrap());
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).measurement_time(Duration::from_secs(5));
    targets = originals, hundred, horizons
}
criterion_main!(benches);
