//! The local market: the real Uniswap, a pool with history, a gate that agrees with this library.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod chain_support;

use alloy::primitives::{Address, B256, U256};
use chain_support::{digests, market, with_gate};
use veracast::chain::contracts::{binding, IHedgeGate, IToken};
use veracast::chain::deploy::{deploy_gate, GateTerms};
use veracast::chain::registry::{activate, announce, revoke, schedule};
use veracast::chain::rpc::{clock, Rpc};
use veracast::chain::send::Sender;
use veracast::chain::uniswap::{impact_bps, pool_state, quote, twap};
use veracast::chain::ChainError;

const BTC: u64 = 100_000_000;

#[tokio::test(flavor = "multi_thread")]
async fn the_pool_has_a_price_depth_and_history_in_both_token_orders() {
    for wbtc_is_token0 in [true, false] {
        let Some(mut chain) = market(|o| o.wbtc_is_token0 = wbtc_is_token0).await else { return };
        let gate = with_gate(&mut chain).await;
        let (rpc, network) = (chain.rpc(), &chain.network);
        let pool = pool_state(rpc, network).await.unwrap();
        assert_eq!(pool.wbtc_is_token0, wbtc_is_token0);
        assert!(pool.history_secs >= 1800, "{}", pool.history_secs);
        assert!(pool.cardinality >= 100);
        let dollars = |price: U256| -> u64 { (price / U256::from(1_000_000u32)).to() };
        assert!((60_600..60_680).contains(&dollars(pool.spot_price)), "{}", pool.spot_price);

        // The library's TWAP is the gate's, to within double precision.
        let ours = twap(rpc, &pool, 1800).await.unwrap();
        let gates = rpc.read(gate, IHedgeGate::twapCall {}).await.unwrap();
        assert!(
            ours.abs_diff(gates.twapPrice) <= U256::from(1_000u32),
            "{ours} {}",
            gates.twapPrice
        );
        assert!(pool.liquidity > 0 && gates.meanLiquidity > U256::ZERO);

        let small = quote(rpc, network, &pool, U256::from(BTC / 100)).await.unwrap();
        assert!(small.exact && small.gas.is_some());
        assert!((600..610).contains(&dollars(small.amount_out)), "{}", small.amount_out);
        let large = quote(rpc, network, &pool, U256::from(100 * BTC)).await.unwrap();
        assert!(impact_bps(&small, &pool, 3000) < 5.0);
        assert!(
            (800.0..1000.0).contains(&impact_bps(&large, &pool, 3000)),
            "100 of 1,000 BTC move the price by 9 %"
        );

        // The clock ends where this machine's is, so that months and deadlines are real ones.
        assert!(clock().abs_diff(rpc.block_time().await.unwrap()) < 60);

        // A window beyond the history is refused, never replaced by the spot price.
        let error = twap(rpc, &pool, pool.history_secs + 1).await.unwrap_err();
        assert!(error.to_string().contains("pool history"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_binding_is_the_gates() {
    let Some(mut chain) = market(|_| ()).await else { return };
    let gate = with_gate(&mut chain).await;
    let sender = Address::repeat_byte(0x77);
    for (nonce, deadline) in [(0u64, 1u64), (7, 1_900_000_000)] {
        let (nonce, deadline) = (U256::from(nonce), U256::from(deadline));
        let call = IHedgeGate::bindingCall { sender, nonce, deadline };
        let on_chain = chain.rpc().read(gate, call).await.unwrap();
        assert_eq!(on_chain, binding(31337, gate, sender, nonce, deadline, &digests()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_chain_than_the_networks_is_refused() {
    let Some(chain) = market(|_| ()).await else { return };
    let mut network = chain.network.clone();
    network.chain_id = 11_155_111;
    let error = Rpc::connect(&chain.endpoint(), &network).await.unwrap_err();
    assert!(
        matches!(error, ChainError::ChainId { expected: 11_155_111, got: 31337, .. }),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schedule_moves_with_notice_and_stops_at_once() {
    let Some(mut chain) = market(|_| ()).await else { return };
    let gate = with_gate(&mut chain).await;
    let owner = chain.deployer().clone();
    let next = B256::repeat_byte(0xaa);
    announce(&owner, gate, 3, next).await.unwrap();
    let early = activate(&owner, gate, 3).await.unwrap_err();
    assert!(early.to_string().contains("DelayNotOver"), "{early}");
    chain.warp(2 * 86_400 + 1).await.unwrap();
    let anybody = Sender::new(chain.rpc().clone(), chain.key(5).unwrap());
    activate(&anybody, gate, 3).await.unwrap();
    let refused = revoke(&anybody, gate, 3).await.unwrap_err();
    assert!(refused.to_string().contains("owner"), "{refused}");
    assert_eq!(schedule(chain.rpc(), gate).await.unwrap().slots[1].active, next);
    revoke(&owner, gate, 3).await.unwrap();
    assert_eq!(schedule(chain.rpc(), gate).await.unwrap().slots[1].active, B256::ZERO);
    assert!(announce(&owner, gate, 6, next).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gates_refusal_at_deployment_is_told_in_words() {
    let Some(mut chain) = market(|_| ()).await else { return };
    with_gate(&mut chain).await;
    let terms = GateTerms { twap_window: 60, ..GateTerms::default() };
    let error = deploy_gate(chain.deployer(), &chain.network, digests(), &terms).await.unwrap_err();
    assert!(error.to_string().contains("OutOfRange"), "{error}");
    let balance = IToken::balanceOfCall { owner: chain.deployer().address() };
    assert!(chain.rpc().read(chain.network.wbtc, balance).await.unwrap() > U256::ZERO);
}
