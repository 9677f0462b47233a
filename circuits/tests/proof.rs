//! Proofs verify, and nothing else does.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use rand_core::OsRng;
use veracast_circuits::srs::Srs;
use veracast_circuits::{evaluate, Fr, LayoutOptions, ProvingKey, VerifyingKey, Witness};

#[test]
fn a_proof_verifies_under_the_key_read_back_from_its_file() {
    let program = common::small_hedge();
    let srs = Srs::dev(12).unwrap();
    let key = ProvingKey::new(program.clone(), &LayoutOptions::default(), &srs).unwrap();
    let srs = srs.downsize(key.layout().shape().k).unwrap();
    let trace = evaluate(&program, &[5_540_000, 332_000_000, 60_637, 11, 0]).unwrap();
    let binding = Fr::from(77);
    let proof = key.prove(&srs, &trace, binding, OsRng).unwrap();
    let instance = Witness::new(&program, key.layout(), &trace, binding).instance;
    let bytes = key.verifying_key().to_bytes();
    let verifying = VerifyingKey::from_bytes(&bytes).unwrap();
    assert_eq!(verifying.digest(), key.verifying_key().digest());
    verifying.verify(&instance, &proof).unwrap();

    for position in 0..instance.len() {
        let mut wrong = instance.clone();
        wrong[position] += Fr::from(1);
        assert!(verifying.verify(&wrong, &proof).is_err(), "public input {position}");
    }
    for position in (0..proof.len()).step_by(97) {
        let mut wrong = proof.clone();
        wrong[position] ^= 1;
        assert!(verifying.verify(&instance, &wrong).is_err(), "byte {position}");
    }
}
