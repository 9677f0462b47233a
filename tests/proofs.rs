//! The published bundles in `proofs/`: verified again on every run, re-made only on purpose
//! (`VERACAST_REMAKE=1`), which is a change of the format or of a model.
#![allow(clippy::unwrap_used, missing_docs)]

use std::path::{Path, PathBuf};

use veracast::bundle::{Bundle, BundleError};
use veracast::compile::{open, Row};
use veracast::prover::{degree, Prover, DEFAULT_WIDTH};
use veracast_circuits::srs::Srs;
use veracast_circuits::{Fr, VerifyError, VerifyingKey};

fn paths(horizon: u8) -> (PathBuf, PathBuf) {
    let stem = format!("proofs/v1/btc-{horizon}-months");
    (format!("{stem}.json").into(), format!("{stem}.vk").into())
}

fn prover(horizon: u8) -> Prover {
    let model = open(Path::new(&format!("models/btc-{horizon}-months")), false).unwrap();
    let srs = Srs::dev(degree(&model, DEFAULT_WIDTH).unwrap()).unwrap();
    Prover::new(model, DEFAULT_WIDTH, &srs).unwrap()
}

fn remake(horizon: u8) {
    let prover = prover(horizon);
    let row: Row = [
        ("electricity_day_price", "554.09"),
        ("cost_2_months", "33245.4"),
        ("btc_price", "60637"),
        ("month", "11"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let trace = prover.model().run(&row).unwrap();
    let proven = prover.prove(&trace, Fr::zero()).unwrap();
    let key = prover.key().verifying_key();
    let (bundle, vk) = paths(horizon);
    std::fs::create_dir_all(bundle.parent().unwrap()).unwrap();
    let text = Bundle::new(prover.model(), key, &proven, None).to_json().unwrap();
    std::fs::write(bundle, text + "\n").unwrap();
    std::fs::write(vk, key.to_bytes()).unwrap();
}

fn published(horizon: u8) -> (Bundle, VerifyingKey) {
    let (bundle, vk) = paths(horizon);
    let key = VerifyingKey::from_bytes(&std::fs::read(vk).unwrap()).unwrap();
    (Bundle::parse(&std::fs::read(bundle).unwrap()).unwrap(), key)
}

#[test]
fn published_bundles_verify_and_models_keep_their_digests() {
    for horizon in 2..=5 {
        if std::env::var_os("VERACAST_REMAKE").is_some() {
            remake(horizon);
        }
        let (bundle, key) = published(horizon);
        bundle.verify(&key).unwrap();
        let fresh = prover(horizon);
        assert_eq!(
            fresh.key().verifying_key().digest(),
            key.digest(),
            "the model of {horizon} months, its spec or the circuit has changed: is that meant?"
        );
    }
}

#[test]
fn a_bundle_whose_units_lie_is_refused() {
    let (mut bundle, key) = published(2);
    bundle.statement[2].value = "0.5".into();
    assert!(matches!(bundle.verify(&key), Err(BundleError::Shown { .. })));
}

#[test]
fn a_bundle_under_another_models_key_is_refused() {
    let (mut bundle, _) = published(2);
    let (_, other) = published(3);
    assert!(matches!(bundle.verify(&other), Err(BundleError::OtherModel { .. })));
    bundle.model_digest = other.digest().to_string();
    assert!(matches!(bundle.verify(&other), Err(BundleError::Proof(VerifyError::Invalid))));
}

#[test]
fn every_changed_public_input_is_refused() {
    let (bundle, key) = published(5);
    let (instance, proof) = (bundle.instance().unwrap(), bundle.proof_bytes().unwrap());
    for position in 0..instance.len() {
        let mut wrong = instance.clone();
        wrong[position] += Fr::one();
        assert_eq!(key.verify(&wrong, &proof), Err(VerifyError::Invalid), "{position}");
    }
    let mut permuted = instance.clone();
    permuted.swap(1, 4);
    assert_eq!(key.verify(&permuted, &proof), Err(VerifyError::Invalid));
}

#[test]
fn newer_versions_and_foreign_files_are_refused_by_name() {
    let (bundle, _) = published(2);
    let newer =
        bundle.to_json().unwrap().replace("\"veracast_bundle\": 1", "\"veracast_bundle\": 2");
    assert!(matches!(Bundle::parse(newer.as_bytes()), Err(BundleError::Version(2))));
    for foreign in ["", "{}", "[]", "null", "{\"veracast_bundle\": 1}", "\u{0}"] {
        assert!(
            matches!(Bundle::parse(foreign.as_bytes()), Err(BundleError::Form(_))),
            "{foreign}"
        );
    }
    let huge = vec![b' '; (1 << 20) + 1];
    assert!(matches!(Bundle::parse(&huge), Err(BundleError::Size(_))));
    let unknown = bundle.to_json().unwrap().replace("\"model\":", "\"x\": 1, \"model\":");
    assert!(matches!(Bundle::parse(unknown.as_bytes()), Err(BundleError::Form(_))));
}
