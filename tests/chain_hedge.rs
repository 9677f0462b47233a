//! The hedge against the real Uniswap: what it swaps, what it refuses before any work, and that
//! money moves once however a run ends.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod chain_support;

use alloy::primitives::{B256, U256};
use alloy::providers::ext::AnvilApi;
use chain_support::{
    allowance, context, market, request, sats, somebody, with_gate, Double, Script, AMOUNTS,
};
use veracast::chain::hedge::{
    hedge, reset_allowance, Actor, HedgeContext, HedgeOutcome, HedgeRequest, Horizon, Step,
};
use veracast::chain::local::LocalChain;
use veracast::chain::{ChainError, Network};

const BTC: u64 = 100_000_000;

/// A market with a gate, and a home for journals.
async fn stage() -> Option<(LocalChain, tempfile::TempDir)> {
    let mut chain = market(|_| ()).await?;
    with_gate(&mut chain).await;
    Some((chain, tempfile::tempdir().unwrap()))
}

async fn refusal(context: &HedgeContext, request: &HedgeRequest, double: &Double) -> ChainError {
    hedge(context, request, double, &Script::yes()).await.unwrap_err()
}

#[tokio::test(flavor = "multi_thread")]
async fn swaps_exactly_the_forecast_and_leaves_no_allowance() {
    let Some((chain, home)) = stage().await else { return };
    let miner = somebody(&chain, BTC).await;
    let context = context(&chain, chain.rpc().clone(), &miner, home.path());
    let guide = Script::yes();
    let outcome = hedge(&context, &request(), &Double::default(), &guide).await.unwrap();
    let HedgeOutcome::Swapped(plan, swapped) = outcome else { panic!("{outcome:?}") };
    let market = plan.market.unwrap();
    assert_eq!(market.horizon, 5, "auto takes the longest that is covered");
    assert_eq!(swapped.amount_in, U256::from(AMOUNTS[3]));
    assert!(swapped.amount_out >= market.min_out && market.min_out > U256::ZERO);
    assert!(market.gas_exact, "the swap was simulated although the allowance was not there yet");
    assert!(swapped.gas_used.unwrap() <= market.gas * 12 / 10);
    assert_eq!(sats(&chain, miner.address()).await, BTC - AMOUNTS[3]);
    assert_eq!(allowance(&chain, miner.address()).await, 0);
    assert_eq!(*guide.told.borrow(), ["send?"]);

    // The same command again tells of the first hedge and sends nothing.
    let again = hedge(&context, &request(), &Double::default(), &Script::yes()).await.unwrap();
    let HedgeOutcome::Earlier(_, earlier) = again else { panic!("{again:?}") };
    assert_eq!(earlier.tx_hash, swapped.tx_hash);
    assert_eq!(sats(&chain, miner.address()).await, BTC - AMOUNTS[3]);

    // --new, and only --new, hedges once more.
    let new = HedgeRequest { new: true, ..request() };
    let second = hedge(&context, &new, &Double::default(), &Script::yes()).await.unwrap();
    assert!(matches!(second, HedgeOutcome::Swapped(..)), "{second:?}");
    assert_eq!(sats(&chain, miner.address()).await, BTC - 2 * AMOUNTS[3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_stops_anywhere_is_finished_once_by_the_next() {
    let Some((chain, home)) = stage().await else { return };
    let steps = [
        Step::Checked,
        Step::Forecasted,
        Step::Proved,
        Step::Confirmed,
        Step::Written,
        Step::ApprovalWritten,
        Step::ApprovalSent,
        Step::Approved,
        Step::HedgeWritten,
        Step::HedgeSent,
        Step::SentWritten,
        Step::ReceiptSeen,
        Step::EndWritten,
    ];
    for step in steps {
        let miner = somebody(&chain, BTC).await;
        let context = context(&chain, chain.rpc().clone(), &miner, home.path());
        let stopped =
            hedge(&context, &request(), &Double::default(), &Script::stop_after(step)).await;
        assert!(matches!(stopped, Err(ChainError::Stopped(at)) if at == step), "{stopped:?}");
        let next = hedge(&context, &request(), &Double::default(), &Script::yes()).await.unwrap();
        let resumed = matches!(next, HedgeOutcome::Earlier(..));
        assert_eq!(resumed, step >= Step::HedgeWritten, "{step:?}: {next:?}");
        let third = hedge(&context, &request(), &Double::default(), &Script::yes()).await.unwrap();
        assert!(matches!(third, HedgeOutcome::Earlier(..)), "{step:?}: {third:?}");
        assert_eq!(sats(&chain, miner.address()).await, BTC - AMOUNTS[3], "{step:?}");
        assert_eq!(allowance(&chain, miner.address()).await, 0, "{step:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn new_past_an_open_hedge_replaces_it() {
    let Some((chain, home)) = stage().await else { return };
    let (rpc, provider) = (chain.rpc(), chain.rpc().provider());
    let miner = somebody(&chain, BTC).await;
    let context = context(&chain, rpc.clone(), &miner, home.path());
    // Sent, and waiting in the node's pool: no block is made.
    let sent = Script::stop_after(Step::HedgeWritten);
    hedge(&context, &request(), &Double::default(), &sent).await.unwrap_err();
    rpc.wrap(provider.anvil_set_auto_mine(false).await).unwrap();
    let sent = Script::stop_after(Step::SentWritten);
    hedge(&context, &request(), &Double::default(), &sent).await.unwrap_err();
    // Another instead, for two months; blocks are made again only when it has been sent.
    let new = HedgeRequest { new: true, horizon: Horizon::Months(2), ..request() };
    let (double, guide) = (Double::default(), Script::yes());
    let replacement = hedge(&context, &new, &double, &guide);
    let blocks = async {
        tokio::time::sleep(std::time::Duration::from_secs(4)).await;
        rpc.wrap(provider.anvil_set_interval_mining(1).await).unwrap();
    };
    let (outcome, ()) = tokio::join!(replacement, blocks);
    let HedgeOutcome::Swapped(_, swapped) = outcome.unwrap() else { panic!("not swapped") };
    assert_eq!(swapped.amount_in, U256::from(AMOUNTS[0]), "the new one, not the old");
    assert!(guide.told.borrow()[0].contains("--new replaces it"), "{:?}", guide.told.borrow());
    // The old one took the same account nonce and the same gate nonce: it is gone.
    chain.warp(5).await.unwrap();
    assert_eq!(sats(&chain, miner.address()).await, BTC - AMOUNTS[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hedge_that_can_not_act_any_more_is_told_and_not_repeated() {
    let Some((chain, home)) = stage().await else { return };
    let miner = somebody(&chain, BTC).await;
    let context = context(&chain, chain.rpc().clone(), &miner, home.path());
    let stop = Script::stop_after(Step::HedgeWritten);
    hedge(&context, &request(), &Double::default(), &stop).await.unwrap_err();
    chain.warp(700).await.unwrap();
    let guide = Script::yes();
    let outcome = hedge(&context, &request(), &Double::default(), &guide).await.unwrap();
    let HedgeOutcome::EarlierFailed(_, reason) = outcome else { panic!("{outcome:?}") };
    assert!(reason.contains("deadline"), "{reason}");
    assert_eq!(allowance(&chain, miner.address()).await, 0, "the offer was taken");
    assert!(guide.told.borrow().iter().any(|t| t == "reset?"));
    // It stays told until --new.
    let again = hedge(&context, &request(), &Double::default(), &Script::yes()).await.unwrap();
    assert!(matches!(again, HedgeOutcome::EarlierFailed(..)), "{again:?}");
    let new = HedgeRequest { new: true, ..request() };
    let done = hedge(&context, &new, &Double::default(), &Script::yes()).await.unwrap();
    assert!(matches!(done, HedgeOutcome::Swapped(..)), "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_balance_decides_the_horizon_before_anything_is_proven() {
    let Some((chain, home)) = stage().await else { return };
    let double = Double::default();
    let short = somebody(&chain, AMOUNTS[1]).await;
    let context_of = |signer| context(&chain, chain.rpc().clone(), signer, home.path());
    let done = hedge(&context_of(&short), &request(), &double, &Script::yes()).await.unwrap();
    let HedgeOutcome::Swapped(plan, _) = done else { panic!("{done:?}") };
    assert_eq!(plan.market.unwrap().horizon, 3);

    let poor = somebody(&chain, AMOUNTS[0] - 1).await;
    let error = refusal(&context_of(&poor), &request(), &double).await;
    assert!(matches!(error, ChainError::Balance { .. }), "{error}");
    assert!(
        error.to_string().contains("0.1 BTC") && error.to_string().contains("0.09999999"),
        "{error}"
    );
    let third = somebody(&chain, AMOUNTS[2]).await;
    let five = HedgeRequest { horizon: Horizon::Months(5), ..request() };
    let error = refusal(&context_of(&third), &five, &double).await;
    assert!(error.to_string().contains("for 5 months"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn refuses_before_proving_what_the_gate_would_refuse() {
    let Some((chain, home)) = stage().await else { return };
    let miner = somebody(&chain, BTC).await;
    let good = context(&chain, chain.rpc().clone(), &miner, home.path());
    let double = Double::default();

    let mut dear = HedgeRequest { price_from_pool: false, ..request() };
    dear.inputs.set("btc_price", "70000".parse().unwrap());
    let error = refusal(&good, &dear, &double).await;
    assert!(matches!(error, ChainError::PriceBand { .. }), "{error}");
    assert!(
        error.to_string().contains("70000") && error.to_string().contains("606"),
        "both figures: {error}"
    );

    let month = HedgeRequest { month: Some(13), ..request() };
    assert!(refusal(&good, &month, &double).await.to_string().contains("--month"));

    let mut absent = request();
    absent.inputs = Default::default();
    let error = refusal(&good, &absent, &double).await;
    assert!(error.is_usage() && error.to_string().contains("--cost-2-months"), "{error}");

    let other = Double { digests: [B256::repeat_byte(9); 4], ..double.clone() };
    assert!(matches!(refusal(&good, &request(), &other).await, ChainError::Digest { .. }));

    let hasty = HedgeRequest { deadline_secs: 5, ..request() };
    assert!(refusal(&good, &hasty, &double).await.is_usage());

    // Nothing was written about any of these.
    let done = hedge(&good, &request(), &double, &Script::yes()).await.unwrap();
    assert!(matches!(done, HedgeOutcome::Swapped(..)), "{done:?}");
}

/// The built-in Sepolia with the addresses of a market that plays it.
fn as_sepolia(chain: &LocalChain) -> Network {
    let market = chain.network.clone();
    let mut network = Network::sepolia().unwrap();
    assert_eq!(network.chain_id, market.chain_id);
    (network.wbtc, network.usdc) = (market.wbtc, market.usdc);
    (network.factory, network.router, network.quoter) =
        (market.factory, market.router, market.quoter);
    (network.verifier, network.gate, network.models) =
        (market.verifier, market.gate, market.models);
    network
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sepolia_path_hedges_and_refuses_a_development_setup_by_any_name() {
    let Some(mut chain) = market(|o| o.chain_id = 11_155_111).await else { return };
    with_gate(&mut chain).await;
    let home = tempfile::tempdir().unwrap();
    let miner = somebody(&chain, BTC).await;
    let mut sepolia = context(&chain, chain.rpc().clone(), &miner, home.path());
    sepolia.network = as_sepolia(&chain);
    sepolia.network.name = "local".into();
    let error = refusal(&sepolia, &request(), &Double::default()).await;
    assert!(error.to_string().contains("setup"), "{error}");
    sepolia.network.name = "sepolia".into();
    let ceremony = Double { dev: false, ..Double::default() };

    // A test net's pool does not follow BTC's price.
    let mut real = HedgeRequest { price_from_pool: false, ..request() };
    real.inputs.set("btc_price", "98765.43".parse().unwrap());
    let error = refusal(&sepolia, &real, &ceremony).await;
    assert!(matches!(error, ChainError::PriceBand { .. }), "{error}");

    let done = hedge(&sepolia, &request(), &ceremony, &Script::yes()).await.unwrap();
    assert!(matches!(done, HedgeOutcome::Swapped(..)), "{done:?}");
    let journal = std::fs::read_dir(home.path().join("journal")).unwrap();
    let names: Vec<_> = journal.map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
    assert!(names.contains(&format!("11155111-{}.json", miner.address())), "{names:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hedge_that_reverts_in_its_block_is_told_once_and_its_allowance_taken_back() {
    let Some((chain, home)) = stage().await else { return };
    let miner = somebody(&chain, BTC).await;
    let context = context(&chain, chain.rpc().clone(), &miner, home.path());
    let stop = Script::stop_after(Step::HedgeWritten);
    hedge(&context, &request(), &Double::default(), &stop).await.unwrap_err();
    // Between signature and block the pool falls below the minimum.
    chain.sell_wbtc(30 * BTC).await.unwrap();
    let guide = Script::yes();
    let error = hedge(&context, &request(), &Double::default(), &guide).await.unwrap_err();
    assert!(matches!(error, ChainError::Reverted { .. }), "{error}");
    assert_eq!(guide.told.borrow()[1..3], ["resume?", "reset?"], "{:?}", guide.told.borrow());
    assert_eq!(sats(&chain, miner.address()).await, BTC, "no WBTC moved");
    assert_eq!(allowance(&chain, miner.address()).await, 0);
    let again = hedge(&context, &request(), &Double::default(), &Script::yes()).await.unwrap();
    assert!(matches!(again, HedgeOutcome::EarlierFailed(..)), "{again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_that_was_moved_is_refused() {
    let Some((chain, home)) = stage().await else { return };
    let miner = somebody(&chain, BTC).await;
    let context = context(&chain, chain.rpc().clone(), &miner, home.path());
    // 30 BTC into 1,000 move the spot price by 6 % and the TWAP not at all.
    chain.sell_wbtc(30 * BTC).await.unwrap();
    let error = refusal(&context, &request(), &Double::default()).await;
    assert!(error.to_string().starts_with("pool"), "{error}");
    assert_eq!(sats(&chain, miner.address()).await, BTC);
    assert_eq!(allowance(&chain, miner.address()).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn declined_zero_dry_and_unsigned_hedges_send_nothing() {
    let Some((chain, home)) = stage().await else { return };
    let miner = somebody(&chain, BTC).await;
    let mut context = context(&chain, chain.rpc().clone(), &miner, home.path());
    let double = Double::default();

    let no = Script { answer: false, ..Script::yes() };
    let declined = hedge(&context, &request(), &double, &no).await.unwrap();
    assert!(matches!(declined, HedgeOutcome::Declined(_)), "{declined:?}");

    let zero = Double { amounts: [0; 4], ..double.clone() };
    let nothing = hedge(&context, &request(), &zero, &Script::yes()).await.unwrap();
    assert!(matches!(nothing, HedgeOutcome::NothingToSwap(_)), "{nothing:?}");

    context.actor = Actor::DryRun(miner.address());
    let dry = hedge(&context, &request(), &double, &Script::yes()).await.unwrap();
    let HedgeOutcome::Simulated(plan, Ok(Some(simulation))) = dry else { panic!("{dry:?}") };
    assert!(simulation.amount_out >= plan.market.unwrap().min_out && simulation.gas > 100_000);

    context.actor = Actor::Unsigned(miner.address());
    let unsigned = hedge(&context, &request(), &double, &Script::yes()).await.unwrap();
    let HedgeOutcome::Unsigned(_, transactions) = unsigned else { panic!("{unsigned:?}") };
    assert_eq!(transactions.iter().map(|t| t.what).collect::<Vec<_>>(), ["approve", "hedge"]);
    assert_eq!(transactions[0].to, chain.network.wbtc);
    assert_eq!(transactions[1].to, chain.network.gate.unwrap());

    assert_eq!(sats(&chain, miner.address()).await, BTC);
    assert_eq!(allowance(&chain, miner.address()).await, 0);

    let nobody = somebody(&chain, 0).await;
    context.actor = Actor::DryRun(nobody.address());
    let dry = hedge(&context, &request(), &double, &Script::yes()).await.unwrap();
    let HedgeOutcome::Simulated(_, Err(reason)) = dry else { panic!("{dry:?}") };
    assert!(reason.contains("balance"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_allowance_goes_back_to_zero_when_asked() {
    let Some((chain, home)) = stage().await else { return };
    let miner = somebody(&chain, BTC).await;
    let context = context(&chain, chain.rpc().clone(), &miner, home.path());
    let stop = Script::stop_after(Step::Approved);
    hedge(&context, &request(), &Double::default(), &stop).await.unwrap_err();
    assert_eq!(allowance(&chain, miner.address()).await, AMOUNTS[3], "exactly the amount");
    let Actor::Sender(sender) = &context.actor else { panic!("a sender") };
    assert_eq!(reset_allowance(&context, sender).await.unwrap(), U256::from(AMOUNTS[3]));
    assert_eq!(allowance(&chain, miner.address()).await, 0);
}
