//! The hedge end to end: shipped models, real proofs, the real verifier, gate and Uniswap.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod chain_support;

use std::path::Path;

use alloy::primitives::{Address, Bytes, B256, U256};
use chain_support::{allowance, context, market, request, sats, somebody, Script};
use veracast::bundle::Bundle;
use veracast::chain::contracts::{IForecastVerifier, IHedgeGate};
use veracast::chain::deploy::{verifier_code, GateTerms};
use veracast::chain::hedge::{hedge, Forecaster, HedgeOutcome, HedgeRequest, Horizon, Plan};
use veracast::chain::local::LocalChain;
use veracast::forecaster::Models;
use veracast::store::{SrsChoice, Store};
use veracast_circuits::VerifyingKey;

const BTC: u64 = 100_000_000;

/// Most gas that a whole hedge may take, a sender's first included.
const HEDGE_GAS: u64 = 560_000;

struct Stage {
    chain: LocalChain,
    models: Models,
    verifier: Address,
    home: tempfile::TempDir,
}

async fn stage() -> Option<Stage> {
    let mut chain = market(|_| ()).await?;
    let home = tempfile::tempdir().unwrap();
    let models =
        Models::open(Path::new("models"), &SrsChoice::Dev, &Store::new(home.path())).unwrap();
    let keys: Vec<(B256, Bytes)> =
        models.keys().map(|key| (B256::from(key.digest().0), key.to_key_data().into())).collect();
    let tau = models.keys().next().unwrap().tau().to_evm_bytes();
    let verifier = chain.deploy_code("verifier", verifier_code(&tau).unwrap()).await.unwrap();
    chain.deploy_gate(verifier, &keys, models.digests(), &GateTerms::default()).await.unwrap();
    Some(Stage { chain, models, verifier, home })
}

async fn gate_says(stage: &Stage, from: Address, call: &IHedgeGate::hedgeCall) -> String {
    let gate = stage.chain.network.gate.unwrap();
    match stage.chain.rpc().read_from(from, gate, call.clone()).await {
        Ok(_) => "swapped".into(),
        Err(error) => error.to_string(),
    }
}

async fn swapped(stage: &Stage, request: &HedgeRequest, balance: u64) -> (Plan, Address) {
    let miner = somebody(&stage.chain, balance).await;
    let context = context(&stage.chain, stage.chain.rpc().clone(), &miner, stage.home.path());
    let outcome = hedge(&context, request, &stage.models, &Script::yes()).await.unwrap();
    let HedgeOutcome::Swapped(plan, swapped) = outcome else { panic!("{outcome:?}") };
    let amount = plan.market.as_ref().unwrap().amount_sats;
    assert_eq!(swapped.amount_in, amount, "exactly the proven amount");
    assert_eq!(U256::from(balance - sats(&stage.chain, miner.address()).await), amount);
    assert_eq!(allowance(&stage.chain, miner.address()).await, 0);
    let gas = swapped.gas_used.unwrap();
    println!("gas of a first hedge: {gas}");
    assert!(gas <= HEDGE_GAS, "{gas} gas");
    (*plan, miner.address())
}

#[tokio::test(flavor = "multi_thread")]
async fn four_forecasts_are_proven_and_exactly_one_amount_is_swapped() {
    let Some(stage) = stage().await else { return };
    let (plan, miner) = swapped(&stage, &request(), BTC).await;
    assert_eq!(plan.proofs.len(), 4);
    assert_eq!(plan.market.as_ref().unwrap().horizon, 5);
    assert!(plan.forecasts.windows(2).all(|pair| pair[0].amount_sats <= pair[1].amount_sats));
    for (proved, digest) in plan.proofs.iter().zip(stage.models.digests()) {
        let ask = |statement: Vec<U256>, proof: Bytes, digest: B256| {
            stage.chain.rpc().read(
                stage.verifier,
                IForecastVerifier::verifyCall { modelDigest: digest, statement, proof },
            )
        };
        let (statement, proof) = (proved.statement.clone(), proved.proof.clone());
        assert!(ask(statement.clone(), proof.clone(), digest).await.unwrap());
        let mut more = statement.clone();
        more[2] += U256::from(1);
        assert!(!ask(more, proof.clone(), digest).await.unwrap(), "another amount");
        let other = stage.models.digests().into_iter().find(|d| *d != digest).unwrap();
        assert!(!ask(statement, proof, other).await.unwrap(), "another model");
    }

    let bound_to = plan.bound_to(&stage.chain.network, miner, stage.models.digests()).unwrap();
    let files = stage.models.bundles(&plan.proofs, &bound_to).unwrap();
    assert_eq!(files.len(), 8, "four bundles, four keys");
    for pair in files.chunks(2) {
        let bundle = Bundle::parse(&pair[0].1).unwrap();
        bundle.verify(&VerifyingKey::from_bytes(&pair[1].1).unwrap()).unwrap();
        assert_eq!(bundle.bound_to.as_ref(), Some(&bound_to));
    }

    // What was sent once is worth nothing afterwards, to anybody.
    let call = plan.market.unwrap().call;
    let replay = gate_says(&stage, miner, &call).await;
    assert!(replay.contains("NonceMismatch"), "{replay}");
    let thief = somebody(&stage.chain, BTC).await.address();
    let stolen = gate_says(&stage, thief, &call).await;
    assert!(stolen.contains("ProofRefused"), "{stolen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_proof_of_one_horizon_or_amount_serves_no_other() {
    let Some(stage) = stage().await else { return };
    let only_two = HedgeRequest { horizon: Horizon::Months(2), ..request() };
    let (plan, miner) = swapped(&stage, &only_two, BTC).await;
    let mut call = plan.market.unwrap().call;
    call.h.nonce += U256::from(1);
    let refused = gate_says(&stage, miner, &call).await;
    assert!(refused.contains("ProofRefused"), "a fresh nonce is another binding: {refused}");
    call.h.horizon = 3;
    let refused = gate_says(&stage, miner, &call).await;
    assert!(refused.contains("ProofRefused"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_balance_for_a_short_horizon_hedges_that_one() {
    let Some(stage) = stage().await else { return };
    // Amounts at the pool's price of about 60,637 USD: 2 months of 5.54 USD a day are some 0.0054 BTC.
    let (plan, _) = swapped(&stage, &request(), 600_000).await;
    assert_eq!(plan.market.unwrap().horizon, 2);
}
