//! What the chain tests share: a local market, or the reason why there is none.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub(crate) mod proxy;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;

use alloy::primitives::{hex, Address, Bytes, B256, U256};
use alloy::providers::ext::AnvilApi;
use alloy::signers::local::PrivateKeySigner;
use veracast::chain::contracts::{IToken, HORIZONS};
use veracast::chain::deploy::GateTerms;
use veracast::chain::hedge::{
    Actor, Forecast, Forecaster, Guide, HedgeContext, HedgeInputs, HedgeRequest, Horizon, Proved,
    Question, Step,
};
use veracast::chain::local::{LocalChain, LocalOptions};
use veracast::chain::rpc::Rpc;
use veracast::chain::send::Sender;
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

/// Satoshi of the double's four forecasts.
pub(crate) const AMOUNTS: [u64; 4] = [10_000_000, 20_000_000, 30_000_000, 40_000_000];

/// A proving side without proofs: fixed amounts, statements as they have to be, and a proof that
/// only [`ACCEPTS_ALL`] accepts.
#[derive(Clone, Debug)]
pub(crate) struct Double {
    pub(crate) amounts: [u64; 4],
    pub(crate) digests: [B256; 4],
    pub(crate) dev: bool,
}

impl Default for Double {
    fn default() -> Self {
        Self { amounts: AMOUNTS, digests: digests(), dev: true }
    }
}

impl Forecaster for Double {
    fn digests(&self) -> [B256; 4] {
        self.digests
    }

    fn dev_setup(&self) -> bool {
        self.dev
    }

    fn reads(&self) -> BTreeSet<String> {
        ["electricity_day_price", "cost_2_months", "btc_price", "month"].map(String::from).into()
    }

    fn forecast(&self, _: &HedgeInputs) -> Result<[Forecast; 4], ChainError> {
        Ok([0, 1, 2, 3]
            .map(|i| Forecast { horizon: HORIZONS[i], amount_sats: U256::from(self.amounts[i]) }))
    }

    fn prove(
        &self,
        inputs: &HedgeInputs,
        horizons: &[u8],
        binding: U256,
    ) -> Result<Vec<Proved>, ChainError> {
        let price = U256::try_from(inputs.micros("btc_price")?).unwrap();
        let month: u64 = inputs.get("month").unwrap().to_string().parse().unwrap();
        let prove = |horizon: &u8| Proved {
            horizon: *horizon,
            statement: vec![
                binding,
                U256::from(*horizon),
                U256::from(self.amounts[usize::from(*horizon) - 2]),
                price,
                U256::from(month),
            ],
            proof: Bytes::from_static(&[7; 64]),
            millis: 1,
        };
        Ok(horizons.iter().map(prove).collect())
    }
}

/// A guide that answers every question alike, stops after one step, and keeps what it was told.
pub(crate) struct Script {
    pub(crate) stop: Option<Step>,
    pub(crate) answer: bool,
    pub(crate) told: RefCell<Vec<String>>,
}

impl Script {
    pub(crate) fn yes() -> Self {
        Self { stop: None, answer: true, told: RefCell::default() }
    }

    pub(crate) fn stop_after(step: Step) -> Self {
        Self { stop: Some(step), ..Self::yes() }
    }
}

impl Guide for Script {
    fn step(&self, step: Step) -> Result<(), ChainError> {
        if self.stop == Some(step) {
            return Err(ChainError::Stopped(step));
        }
        Ok(())
    }

    fn say(&self, text: &str) {
        self.told.borrow_mut().push(text.to_string());
    }

    fn confirm(&self, question: Question<'_>) -> Result<bool, ChainError> {
        let name = match question {
            Question::Send(_) => "send?",
            Question::Resume(_) => "resume?",
            Question::ResetAllowance(_) => "reset?",
        };
        self.told.borrow_mut().push(name.to_string());
        Ok(self.answer)
    }
}

/// A mine whose price is the pool's.
pub(crate) fn request() -> HedgeRequest {
    let mut inputs = HedgeInputs::default();
    inputs.set("electricity_day_price", "5.54".parse().unwrap());
    inputs.set("cost_2_months", "332".parse().unwrap());
    HedgeRequest {
        inputs,
        price_from_pool: true,
        horizon: Horizon::Auto,
        month: None,
        max_slippage_bps: 100,
        deadline_secs: 600,
        new: false,
    }
}

/// Somebody new with ETH and WBTC.
pub(crate) async fn somebody(chain: &LocalChain, sats: u64) -> PrivateKeySigner {
    let signer = PrivateKeySigner::random_with(&mut rand_core::OsRng);
    let (rpc, ether) = (chain.rpc(), U256::from(10u64).pow(U256::from(18u64)));
    rpc.wrap(rpc.provider().anvil_set_balance(signer.address(), ether).await).unwrap();
    if sats > 0 {
        chain.give_wbtc(signer.address(), sats).await.unwrap();
    }
    signer
}

/// The context of somebody at an endpoint.
pub(crate) fn context(
    chain: &LocalChain,
    rpc: Rpc,
    signer: &PrivateKeySigner,
    home: &Path,
) -> HedgeContext {
    HedgeContext {
        network: chain.network.clone(),
        actor: Actor::Sender(Sender::new(rpc.clone(), signer.clone())),
        rpc,
        home: home.into(),
    }
}

/// WBTC of an address, satoshi.
pub(crate) async fn sats(chain: &LocalChain, owner: Address) -> u64 {
    let balance =
        chain.rpc().read(chain.network.wbtc, IToken::balanceOfCall { owner }).await.unwrap();
    balance.to()
}

/// What the gate may take of an address, satoshi.
pub(crate) async fn allowance(chain: &LocalChain, owner: Address) -> u64 {
    let call = IToken::allowanceCall { owner, spender: chain.network.gate.unwrap() };
    chain.rpc().read(chain.network.wbtc, call).await.unwrap().to()
}
