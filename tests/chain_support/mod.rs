//! What the chain tests share: a local market, or the reason why there is none.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

use alloy::primitives::{hex, Address, Bytes, B256};
use veracast::chain::deploy::GateTerms;
use veracast::chain::local::{LocalChain, LocalOptions};
use veracast::chain::ChainError;

/// A verifier that accepts everything: answers 1 to every call. For the gate's logic alone; real
/// proofs have their own tests. Runtime: PUSH1 1, PUSH0, MSTORE, PUSH1 32, PUSH0, RETURN.
const ACCEPTS_ALL: [u8; 18] = hex!("6008600a5f3960085ff360015f5260205ff3");

/// The usual local market, or `None` with a line that says what is missing.
pub(crate) async fn market(change: impl FnOnce(&mut LocalOptions)) -> Option<LocalChain> {
    let mut options = LocalOptions::in_repository(Path::new(env!("CARGO_MANIFEST_DIR")));
    change(&mut options);
    match LocalChain::start(&options).await {
        Ok(chain) => Some(chain),
        Err(ChainError::Missing { what, advice }) => {
            println!("skipped: {what} ({advice})");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// Digests that name no real model.
pub(crate) fn digests() -> [B256; 4] {
    [2u8, 3, 4, 5].map(B256::repeat_byte)
}

/// Deploys the double and a gate that trusts it.
pub(crate) async fn with_gate(chain: &mut LocalChain) -> Address {
    let code = Bytes::from_static(&ACCEPTS_ALL);
    let verifier = chain.deploy_code("verifier double", code).await.unwrap();
    chain.deploy_gate(verifier, &[], digests(), &GateTerms::default()).await.unwrap()
}
