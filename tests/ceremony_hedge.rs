//! The hedge off the local chain: a ceremony's file, imported by the command, keys under it, and a
//! chain whose id is not 31337. A development setup is refused there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod chain_support;
// The forge of hostile files serves here as the writer of an honest one.
#[allow(dead_code)]
#[path = "../circuits/tests/support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::process::Output;

use alloy::primitives::{Bytes, B256};
use assert_cmd::Command;
use chain_support::{context, market, request, sats, somebody, Script};
use support::Forge;
use veracast::chain::deploy::{verifier_code, GateTerms};
use veracast::chain::hedge::{hedge, Forecaster, HedgeOutcome};
use veracast::forecaster::Models;
use veracast::store::{SrsChoice, Store};
use veracast_circuits::srs::Ptau;
use veracast_circuits::Fr;

/// The shipped models' circuits have 2^10 rows.
const POWER: u32 = 10;

fn run(home: &Path, args: &[&str]) -> Output {
    let mut command = Command::cargo_bin("veracast").unwrap();
    command.env("VERACAST_HOME", home).args(args).output().unwrap()
}

/// A ceremony's file through `veracast srs import`, first refused because nobody knows its hash.
fn imported(home: &Path) -> PathBuf {
    let tau = Fr::from_raw([7, 11, 13, 17]);
    let bytes = Forge::new(POWER, tau).file();
    let hash = Ptau::open(std::io::Cursor::new(&bytes)).unwrap().hash().unwrap().to_string();
    let (ptau, out) = (home.join("ceremony.ptau"), home.join("ceremony.srs"));
    std::fs::write(&ptau, &bytes).unwrap();
    let (ptau, srs) = (ptau.to_str().unwrap(), out.to_str().unwrap());
    let refused = run(home, &["srs", "import", ptau, "--out", srs]);
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1), "{told}");
    assert!(told.contains(&hash[..16]), "an unknown hash is named: {told}");
    let done = run(home, &["srs", "import", ptau, "--trust-srs", &hash, "--out", srs]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    out
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ceremonys_keys_hedge_on_another_chain_and_a_development_setup_does_not() {
    let Some(mut chain) = market(|options| options.chain_id = 11_155_111).await else { return };
    let home = tempfile::tempdir().unwrap();
    let store = Store::new(home.path());
    let srs = imported(home.path());
    let models = Models::open(Path::new("models"), &SrsChoice::File(srs), &store).unwrap();
    assert!(!models.dev_setup());
    let keys: Vec<(B256, Bytes)> =
        models.keys().map(|key| (B256::from(key.digest().0), key.to_key_data().into())).collect();
    let tau = models.keys().next().unwrap().tau().to_evm_bytes();
    let verifier = chain.deploy_code("verifier", verifier_code(&tau).unwrap()).await.unwrap();
    chain.deploy_gate(verifier, &keys, models.digests(), &GateTerms::default()).await.unwrap();

    let miner = somebody(&chain, 100_000_000).await;
    let context = context(&chain, chain.rpc().clone(), &miner, home.path());
    let dev = Models::open(Path::new("models"), &SrsChoice::Dev, &store).unwrap();
    let refused = hedge(&context, &request(), &dev, &Script::yes()).await.unwrap_err().to_string();
    assert!(refused.contains("development"), "{refused}");
    assert_eq!(sats(&chain, miner.address()).await, 100_000_000);

    let outcome = hedge(&context, &request(), &models, &Script::yes()).await.unwrap();
    assert!(matches!(outcome, HedgeOutcome::Swapped(..)), "{outcome:?}");
}
