//! The line to the endpoint is cut at every request of the sending part, before it arrives and
//! before its answer does: the next run finishes the same hedge, and WBTC moves once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod chain_support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

use chain_support::proxy::{Action, Proxy};
use chain_support::{
    allowance, context, market, request, sats, somebody, with_gate, Double, Script,
};
use veracast::chain::hedge::{hedge, Guide, HedgeOutcome, Question, Step};
use veracast::chain::rpc::Rpc;
use veracast::chain::ChainError;

const BTC: u64 = 100_000_000;
/// Small, because many hedges in a row must not move the pool.
const AMOUNTS: [u64; 4] = [10_000, 20_000, 30_000, 40_000];

/// Cuts the line at the `at`-th request after the user's yes.
struct Cutter<'a> {
    proxy: &'a Proxy,
    at: usize,
    action: Action,
    seen: Arc<AtomicUsize>,
}

impl Guide for Cutter<'_> {
    fn step(&self, step: Step) -> Result<(), ChainError> {
        if step == Step::Confirmed {
            let (at, action, seen) = (self.at, self.action, self.seen.clone());
            self.proxy.rule(move |_| {
                let now = seen.fetch_add(1, Ordering::SeqCst);
                if now == at {
                    action
                } else {
                    Action::Pass
                }
            });
        }
        Ok(())
    }

    fn say(&self, _: &str) {}

    fn confirm(&self, _: Question<'_>) -> Result<bool, ChainError> {
        Ok(true)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_line_never_makes_a_second_hedge() {
    let Some(mut chain) = market(|_| ()).await else { return };
    with_gate(&mut chain).await;
    let home = tempfile::tempdir().unwrap();
    let double = Double { amounts: AMOUNTS, ..Double::default() };
    let mut cuts = 0;
    for action in [Action::CutBefore, Action::CutAfter] {
        for at in 0.. {
            let proxy = Proxy::before(&chain.endpoint());
            let miner = somebody(&chain, BTC).await;
            let through = Rpc::connect(&proxy.url, &chain.network).await.unwrap();
            let cut = context(&chain, through, &miner, home.path());
            let seen = Arc::new(AtomicUsize::new(0));
            let guide = Cutter { proxy: &proxy, at, action, seen: seen.clone() };
            let first = hedge(&cut, &request(), &double, &guide).await;
            if !proxy.is_dead() {
                assert!(matches!(first, Ok(HedgeOutcome::Swapped(..))), "{first:?}");
                break;
            }
            cuts += 1;
            let place = format!("{action:?} request {at}: {first:?}");
            assert!(first.is_err() || sats(&chain, miner.address()).await < BTC, "{place}");
            let whole = context(&chain, chain.rpc().clone(), &miner, home.path());
            let next = hedge(&whole, &request(), &double, &Script::yes()).await;
            let next = next.unwrap_or_else(|e| panic!("{place}, then {e}"));
            assert!(
                matches!(next, HedgeOutcome::Swapped(..) | HedgeOutcome::Earlier(..)),
                "{place}, then {next:?}"
            );
            assert_eq!(sats(&chain, miner.address()).await, BTC - AMOUNTS[3], "{place}");
            assert_eq!(allowance(&chain, miner.address()).await, 0, "{place}");
        }
    }
    assert!(cuts >= 20, "{cuts} places were tried");
}
