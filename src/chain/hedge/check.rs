//! Everything that can say no before any proof is made.

use alloy::primitives::{Address, B256, U256};
use chrono::{DateTime, Datelike};

use super::{Forecaster, HedgeContext, HedgeInputs, HedgeRequest, DEADLINE_RANGE};
use crate::chain::contracts::{IHedgeGate, IToken, HORIZONS};
use crate::chain::decimal::{format_units, Decimal};
use crate::chain::error::ChainError;
use crate::chain::figures::{option_name, MONEY_PLACES};
use crate::chain::rpc::Rpc;
use crate::chain::uniswap::{pool_state, twap, PoolState};

/// What the checks found.
#[derive(Clone, Debug)]
pub(super) struct Checked {
    pub gate: Address,
    pub verifier: Address,
    pub pool: PoolState,
    /// 1e-6 USD per BTC, the gate's own figure.
    pub twap: U256,
    pub price: U256,
    pub month: u8,
    pub now: u64,
    pub nonce: U256,
    /// The gate's active models; zero for none.
    pub models: [B256; 4],
    pub balance: U256,
    /// The request's inputs with price and month.
    pub inputs: HedgeInputs,
}

pub(super) async fn check(
    context: &HedgeContext,
    request: &HedgeRequest,
    forecaster: &dyn Forecaster,
) -> Result<Checked, ChainError> {
    let HedgeContext { network, rpc, .. } = context;
    check_request(request, forecaster)?;
    network.check_setup(forecaster.dev_setup())?;
    let gate = network.deployed_gate()?;
    let verifier = network.deployed_verifier()?;
    check_digests(&network.released_models()?, &forecaster.digests(), "the network file")?;
    rpc.require_code("gate", gate).await?;
    let pool = pool_state(rpc, network).await?;
    check_gate(context, gate, verifier, pool.address).await?;
    let models = rpc.read(gate, IHedgeGate::modelsCall {}).await?;
    check_digests(&models, &forecaster.digests(), "the gate")?;

    let window = rpc.read(gate, IHedgeGate::twapWindowCall {}).await?;
    // Says how much history is missing; the gate's own call would only say "OLD".
    twap(rpc, &pool, window).await?;
    let twap = rpc.read(gate, IHedgeGate::twapCall {}).await?.twapPrice;
    let now = rpc.now().await?;
    let month = check_month(request.month, now)?;
    let mut inputs = request.inputs.clone();
    if request.price_from_pool {
        let units = i128::try_from(twap).map_err(|_| no_price(twap))?;
        inputs.set("btc_price", Decimal::new(units, MONEY_PLACES));
    }
    let price = U256::try_from(inputs.micros("btc_price")?).map_err(|_| no_price(twap))?;
    check_band(rpc, gate, price, twap).await?;
    inputs.set("month", Decimal::from(u64::from(month)));

    let owner = context.actor.address();
    Ok(Checked {
        gate,
        verifier,
        pool,
        twap,
        price,
        month,
        now,
        nonce: rpc.read(gate, IHedgeGate::noncesCall { sender: owner }).await?,
        models,
        balance: rpc.read(network.wbtc, IToken::balanceOfCall { owner }).await?,
        inputs,
    })
}

fn check_request(request: &HedgeRequest, forecaster: &dyn Forecaster) -> Result<(), ChainError> {
    if !DEADLINE_RANGE.contains(&request.deadline_secs) {
        let range = format!("{} to {} s", DEADLINE_RANGE.start(), DEADLINE_RANGE.end());
        return Err(ChainError::invalid("--deadline-secs", &range, request.deadline_secs, ""));
    }
    if request.max_slippage_bps >= 10_000 {
        return Err(ChainError::invalid(
            "--max-slippage-bps",
            "below 10000",
            request.max_slippage_bps,
            "",
        ));
    }
    for name in forecaster.reads() {
        let derived = name == "month" || (name == "btc_price" && request.price_from_pool);
        if !derived && request.inputs.get(&name).is_none() {
            return Err(ChainError::Missing {
                what: format!("{}, which the models read", option_name(&name)),
                advice:
                    "give it in plain units for the whole farm (or per machine with --machines N)"
                        .into(),
            });
        }
    }
    if !request.price_from_pool && request.inputs.get("btc_price").is_none() {
        return Err(ChainError::Missing {
            what: "--btc-price".into(),
            advice: "give it in USD per BTC, or take the pool's with --btc-price pool".into(),
        });
    }
    Ok(())
}

/// Every model that there is must be the local one; there may be none.
fn check_digests(
    theirs: &[B256; 4],
    local: &[B256; 4],
    place: &'static str,
) -> Result<(), ChainError> {
    for ((horizon, theirs), local) in HORIZONS.into_iter().zip(theirs).zip(local) {
        if !theirs.is_zero() && theirs != local {
            return Err(ChainError::Digest { horizon, local: *local, gate: *theirs, place });
        }
    }
    Ok(())
}

/// The gate's immutables must be the release file's.
async fn check_gate(
    context: &HedgeContext,
    gate: Address,
    verifier: Address,
    pool: Address,
) -> Result<(), ChainError> {
    let HedgeContext { network, rpc, .. } = context;
    let found = [
        ("verifier", verifier, rpc.read(gate, IHedgeGate::verifierCall {}).await?),
        ("pool", pool, rpc.read(gate, IHedgeGate::poolCall {}).await?),
        ("router", network.router, rpc.read(gate, IHedgeGate::routerCall {}).await?),
        ("WBTC", network.wbtc, rpc.read(gate, IHedgeGate::wbtcCall {}).await?),
        ("USDC", network.usdc, rpc.read(gate, IHedgeGate::usdcCall {}).await?),
    ];
    for (name, expected, got) in found {
        if expected != got {
            return Err(ChainError::refused(
                &format!("the gate's {name}"),
                expected,
                got,
                "the network file and the gate belong to different releases",
            ));
        }
    }
    Ok(())
}

/// The block's month, or on the 1st (UTC) the one before.
fn check_month(given: Option<u8>, now: u64) -> Result<u8, ChainError> {
    let date = i64::try_from(now)
        .ok()
        .and_then(|s| DateTime::from_timestamp(s, 0))
        .ok_or_else(|| ChainError::refused("clock", "a date", now, "set this machine's clock"))?;
    let current = u8::try_from(date.month()).unwrap_or_default();
    let Some(month) = given else { return Ok(current) };
    let previous = if current == 1 { 12 } else { current - 1 };
    if month == current || (date.day() == 1 && month == previous) {
        return Ok(month);
    }
    Err(ChainError::refused(
        "--month",
        format!(
            "{current} (today is {}; the gate takes the month before only on the 1st, UTC)",
            date.date_naive()
        ),
        month,
        "leave --month out",
    ))
}

async fn check_band(rpc: &Rpc, gate: Address, price: U256, twap: U256) -> Result<(), ChainError> {
    let band_bps = u64::from(rpc.read(gate, IHedgeGate::priceBandBpsCall {}).await?);
    if price.abs_diff(twap) > twap * U256::from(band_bps) / U256::from(10_000u32) {
        return Err(ChainError::PriceBand {
            price: format_units(price, MONEY_PLACES),
            twap: format_units(twap, MONEY_PLACES),
            band_bps,
        });
    }
    Ok(())
}

fn no_price(got: U256) -> ChainError {
    ChainError::refused(
        "price",
        "a price above 0 that fits the models",
        got,
        "check the pool in the network file",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2024-03-01, 2024-03-02 and 2024-01-01, noon UTC.
    const FIRST: u64 = 1_709_294_400;
    const SECOND: u64 = 1_709_380_800;
    const NEW_YEAR: u64 = 1_704_110_400;

    #[test]
    fn the_month_is_the_blocks_or_on_the_first_the_one_before() {
        assert_eq!(check_month(None, FIRST).unwrap(), 3);
        assert_eq!(check_month(Some(2), FIRST).unwrap(), 2);
        assert_eq!(check_month(Some(12), NEW_YEAR).unwrap(), 12);
        for (month, now) in [(2, SECOND), (4, FIRST), (1, FIRST), (0, FIRST), (13, FIRST)] {
            assert!(check_month(Some(month), now).is_err(), "{month} at {now}");
        }
    }

    #[test]
    fn a_model_may_be_absent_but_never_another() {
        let local = [2u8, 3, 4, 5].map(B256::repeat_byte);
        assert!(check_digests(&local, &local, "the gate").is_ok());
        let mut theirs = local;
        theirs[1] = B256::ZERO;
        assert!(check_digests(&theirs, &local, "the gate").is_ok());
        theirs[2] = B256::repeat_byte(9);
        let error = check_digests(&theirs, &local, "the gate").unwrap_err();
        assert!(matches!(error, ChainError::Digest { horizon: 4, .. }), "{error}");
    }
}
