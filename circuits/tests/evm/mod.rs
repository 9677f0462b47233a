//! Proofs for the contract's tests: made here once, committed, and read by forge and by these tests.
#![allow(clippy::unwrap_used, dead_code, missing_docs, unreachable_pub)]

use std::path::PathBuf;

use rand_chacha::ChaCha20Rng;
use rand_core::{CryptoRng, RngCore, SeedableRng};
use serde_json::{json, Value};
use veracast_circuits::srs::{Srs, TauG2};
use veracast_circuits::transcript::{scalar_bytes, scalar_from};
use veracast_circuits::{evaluate, Fr, LayoutOptions, Program, ProvingKey, VerifyingKey, Witness};

use crate::common;

/// One committed proof: everything that a verifier is given.
pub struct Fixture {
    pub name: &'static str,
    pub key: Vec<u8>,
    pub tau: [u8; 128],
    pub digest: [u8; 32],
    pub statement: Vec<Fr>,
    pub proof: Vec<u8>,
}

/// Names of the committed fixtures: width 1, width 2, another model of width 1's shape, and a proof of the first
/// model for another statement.
pub const NAMES: [&str; 4] = ["width1", "width2", "other", "width1-again"];

/// The model behind a fixture, laid out in 2^10 rows with five public inputs.
pub fn model(name: &str) -> (Program, LayoutOptions) {
    let width = if name == "width2" { 2 } else { 1 };
    let seed = if name == "other" { 4 } else { 3 };
    let options = LayoutOptions { width, limb_bits: 9, k: 10..=10, ..LayoutOptions::default() };
    (common::hedge(seed, 2, false), options)
}

/// Proving key of a fixture's model, and the SRS for it.
pub fn proving_key(name: &str) -> (ProvingKey, Srs) {
    let (program, options) = model(name);
    let srs = Srs::dev(10).unwrap();
    (ProvingKey::new(program, &options, &srs).unwrap(), srs)
}

/// Proves a statement. The seed is for fixtures alone: a proof whose blinding is known hides nothing.
pub fn make(name: &'static str) -> Fixture {
    let (key, srs) = proving_key(name);
    let price = if name == "width1-again" { 71_250 } else { 60_637 };
    let values = [5_540_000, 332_000_000, price, 11, 0];
    prove(name, &key, &srs, &values, Fr::from(77), ChaCha20Rng::seed_from_u64(1))
}

/// Proves one run of a fixture's model.
pub fn prove(
    name: &'static str,
    key: &ProvingKey,
    srs: &Srs,
    values: &[i128],
    binding: Fr,
    rng: impl RngCore + CryptoRng,
) -> Fixture {
    let trace = evaluate(key.program(), values).unwrap();
    let proof = key.prove(srs, &trace, binding, rng).unwrap();
    let statement = Witness::new(key.program(), key.layout(), &trace, binding).instance;
    let verifying = key.verifying_key();
    Fixture {
        name,
        key: verifying.to_key_data(),
        tau: verifying.tau().to_evm_bytes(),
        digest: verifying.digest().0,
        statement,
        proof,
    }
}

impl Fixture {
    /// The committed fixture.
    pub fn read(name: &'static str) -> Self {
        let text = std::fs::read_to_string(path(name)).unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        let bytes = |field: &str| unhex(value[field].as_str().unwrap());
        let statement = value["statement"].as_array().unwrap().iter();
        Self {
            name,
            key: bytes("key"),
            tau: bytes("tau").try_into().unwrap(),
            digest: bytes("digest").try_into().unwrap(),
            statement: statement
                .map(|word| scalar_from(unhex(word.as_str().unwrap()).try_into().unwrap()).unwrap())
                .collect(),
            proof: bytes("proof"),
        }
    }

    /// Commits it.
    pub fn write(&self) {
        let statement: Vec<String> =
            self.statement.iter().map(|word| hex(&scalar_bytes(*word))).collect();
        let value = json!({
            "digest": hex(&self.digest),
            "key": hex(&self.key),
            "tau": hex(&self.tau),
            "statement": statement,
            "proof": hex(&self.proof),
        });
        std::fs::write(path(self.name), format!("{value:#}\n")).unwrap();
    }

    /// The native verifier for it.
    pub fn verifying_key(&self) -> VerifyingKey {
        let tau = TauG2::from_evm_bytes(&self.tau).unwrap();
        let bytes = [self.key.as_slice(), &tau.to_evm_bytes()].concat();
        VerifyingKey::from_bytes(&bytes).unwrap()
    }
}

fn path(name: &str) -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../contracts/test/fixtures");
    root.join(format!("{name}.json"))
}

pub fn hex(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("0x{digits}")
}

pub fn unhex(text: &str) -> Vec<u8> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
        .collect()
}
