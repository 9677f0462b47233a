//! The Uniswap V3 pool that a gate swaps in: its price now, its price over time, how far its
//! history reaches, and what it would pay.

use alloy::primitives::aliases::U24;
use alloy::primitives::{Address, U160, U256, U512};

use super::contracts::{IQuoter, IUniswapFactory, IUniswapPool};
use super::error::ChainError;
use super::network::Network;
use super::rpc::Rpc;

/// WBTC units in one BTC.
const SATS_PER_BTC: u64 = 100_000_000;

/// A pool as it stands at the latest block. Prices are in 1e-6 USD per BTC.
#[derive(Clone, Debug)]
pub struct PoolState {
    /// Its address, as the factory tells it.
    pub address: Address,
    /// Whether WBTC is token0.
    pub wbtc_is_token0: bool,
    /// Square root of token1 per token0, times 2^96.
    pub sqrt_price_x96: U256,
    /// log to the base 1.0001 of token1 per token0.
    pub tick: i32,
    /// Price now; it can be moved within a block.
    pub spot_price: U256,
    /// Liquidity in range now.
    pub liquidity: u128,
    /// Observations that the pool keeps.
    pub cardinality: u16,
    /// Observations that it will keep once it has written so many.
    pub cardinality_next: u16,
    /// Seconds from its oldest observation to the latest block: the longest usable TWAP window.
    pub history_secs: u32,
}

/// What the pool would pay now.
#[derive(Clone, Debug)]
pub struct Quote {
    /// WBTC in, satoshi.
    pub amount_in: U256,
    /// USDC out, 1e-6 USD.
    pub amount_out: U256,
    /// Gas of the swap alone, where a quoter told it.
    pub gas: Option<u64>,
    /// False if no quoter is named in the network file: then it is the spot price less the fee.
    pub exact: bool,
}

/// Finds the network's pool.
///
/// # Errors
/// When the factory has none for the pair and fee.
pub async fn pool_address(rpc: &Rpc, network: &Network) -> Result<Address, ChainError> {
    rpc.require_code("factory", network.factory).await?;
    let call = IUniswapFactory::getPoolCall {
        tokenA: network.wbtc,
        tokenB: network.usdc,
        fee: U24::from(network.fee),
    };
    let pool = rpc.read(network.factory, call).await?;
    if pool.is_zero() {
        return Err(ChainError::refused(
            "pool",
            format!("a WBTC/USDC pool with fee {} at factory {}", network.fee, network.factory),
            "none",
            "check wbtc, usdc and fee in the network file",
        ));
    }
    Ok(pool)
}

/// Reads the pool.
///
/// # Errors
/// The endpoint's failure, or a pool that was never initialised.
pub async fn pool_state(rpc: &Rpc, network: &Network) -> Result<PoolState, ChainError> {
    let address = pool_address(rpc, network).await?;
    let slot0 = rpc.read(address, IUniswapPool::slot0Call {}).await?;
    let liquidity = rpc.read(address, IUniswapPool::liquidityCall {}).await?;
    let wbtc_is_token0 = network.wbtc < network.usdc;
    let sqrt_price_x96 = U256::from(slot0.sqrtPriceX96);
    if sqrt_price_x96.is_zero() {
        return Err(ChainError::refused(
            "pool",
            "an initialised pool",
            format!("{address} without a price"),
            "",
        ));
    }
    let oldest =
        oldest_observation(rpc, address, slot0.observationIndex, slot0.observationCardinality)
            .await?;
    let now = rpc.block_time().await?;
    Ok(PoolState {
        address,
        wbtc_is_token0,
        sqrt_price_x96,
        tick: slot0.tick.as_i32(),
        spot_price: price_from_sqrt(sqrt_price_x96, wbtc_is_token0),
        liquidity,
        cardinality: slot0.observationCardinality,
        cardinality_next: slot0.observationCardinalityNext,
        history_secs: u32::try_from(now.saturating_sub(u64::from(oldest))).unwrap_or(u32::MAX),
    })
}

/// Time of the oldest observation: the slot after the newest, or slot 0 while the ring is not full.
async fn oldest_observation(
    rpc: &Rpc,
    pool: Address,
    index: u16,
    cardinality: u16,
) -> Result<u32, ChainError> {
    let next = (u32::from(index) + 1) % u32::from(cardinality.max(1));
    let after = rpc.read(pool, IUniswapPool::observationsCall { index: U256::from(next) }).await?;
    if after.initialized {
        return Ok(after.blockTimestamp);
    }
    let first = rpc.read(pool, IUniswapPool::observationsCall { index: U256::ZERO }).await?;
    Ok(first.blockTimestamp)
}

/// The pool's mean price over the last `window` seconds, 1e-6 USD per BTC.
///
/// The mean tick is exact; the power is taken in double precision (relative error below 1e-10), so
/// this figure is for people and for early refusals: the gate computes its own.
///
/// # Errors
/// When the history is shorter than the window; there is no falling back to the spot price.
pub async fn twap(rpc: &Rpc, pool: &PoolState, window: u32) -> Result<U256, ChainError> {
    if window == 0 || pool.history_secs < window {
        return Err(short_history(pool, window));
    }
    let call = IUniswapPool::observeCall { secondsAgos: vec![window, 0] };
    let answer = rpc.read(pool.address, call).await?;
    let [before, now] = answer.tickCumulatives[..] else {
        return Err(ChainError::Rpc {
            host: rpc.host().into(),
            what: "observe: expected 2 answers".into(),
        });
    };
    let sum = now.as_i64().wrapping_sub(before.as_i64());
    let tick = sum.div_euclid(i64::from(window));
    Ok(price_at_tick(tick, pool.wbtc_is_token0))
}

fn short_history(pool: &PoolState, window: u32) -> ChainError {
    ChainError::refused(
        "pool history",
        format!("at least {window} s of observations"),
        format!("{} s (it keeps {} observations)", pool.history_secs, pool.cardinality),
        "wait until the window is full; `veracast deploy` grows what the pool keeps, `veracast pool` shows it",
    )
}

/// 1e-6 USD per BTC at a tick.
fn price_at_tick(tick: i64, wbtc_is_token0: bool) -> U256 {
    let exponent = if wbtc_is_token0 { tick } else { -tick };
    let ratio = 1.0001f64.powf(exponent as f64) * SATS_PER_BTC as f64;
    if ratio.is_finite() && ratio >= 1.0 {
        U256::from(ratio.min(1e37) as u128)
    } else {
        U256::ZERO
    }
}

/// 1e-6 USD per BTC from a square-root price; rounded down.
pub fn price_from_sqrt(sqrt_price_x96: U256, wbtc_is_token0: bool) -> U256 {
    let sqrt = U512::from(sqrt_price_x96);
    let square = sqrt * sqrt;
    let one = U512::from(1u8) << 192;
    let sats = U512::from(SATS_PER_BTC);
    let price = if wbtc_is_token0 {
        (square * sats) >> 192
    } else if square.is_zero() {
        U512::ZERO
    } else {
        one * sats / square
    };
    U256::saturating_from(price)
}

/// The square-root price of a price in 1e-6 USD per BTC; rounded down.
pub fn sqrt_from_price(price: U256, wbtc_is_token0: bool) -> U160 {
    let one = U512::from(1u8) << 192;
    let price = U512::from(price.max(U256::from(1u8)));
    let sats = U512::from(SATS_PER_BTC);
    let square: U512 = if wbtc_is_token0 { (price << 192) / sats } else { one * sats / price };
    U160::saturating_from(square.root(2))
}

/// What `amount_in` satoshi would fetch now.
///
/// # Errors
/// The quoter's revert, or the endpoint's failure.
pub async fn quote(
    rpc: &Rpc,
    network: &Network,
    pool: &PoolState,
    amount_in: U256,
) -> Result<Quote, ChainError> {
    let Some(quoter) = network.quoter else {
        let gross = value_at(amount_in, pool.spot_price);
        let fee = gross * U256::from(network.fee) / U256::from(1_000_000u32);
        return Ok(Quote { amount_in, amount_out: gross - fee, gas: None, exact: false });
    };
    let params = IQuoter::QuoteExactInputSingleParams {
        tokenIn: network.wbtc,
        tokenOut: network.usdc,
        amountIn: amount_in,
        fee: U24::from(network.fee),
        sqrtPriceLimitX96: U160::ZERO,
    };
    let answer = rpc.read(quoter, IQuoter::quoteExactInputSingleCall { params }).await?;
    let gas = answer.gasEstimate.try_into().ok();
    Ok(Quote { amount_in, amount_out: answer.amountOut, gas, exact: true })
}

/// Value of satoshi at a price; 1e-6 USD, rounded down.
pub fn value_at(sats: U256, price: U256) -> U256 {
    let product = U512::from(sats) * U512::from(price) / U512::from(SATS_PER_BTC);
    U256::saturating_from(product)
}

/// How far `quote` falls short of the spot price beyond the fee, in hundredths of a percent.
pub fn impact_bps(quote: &Quote, pool: &PoolState, fee: u32) -> f64 {
    let spot = value_at(quote.amount_in, pool.spot_price);
    let before_fee =
        quote.amount_out.to_string().parse::<f64>().unwrap_or(0.0) / (1.0 - f64::from(fee) / 1e6);
    let spot = spot.to_string().parse::<f64>().unwrap_or(0.0);
    if spot > 0.0 {
        ((1.0 - before_fee / spot) * 10_000.0).max(0.0)
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_and_their_roots_agree_in_both_token_orders() {
        for usd in [1u64, 3_488, 60_637, 9_999_999] {
            let price = U256::from(usd) * U256::from(1_000_000u32);
            for order in [true, false] {
                let root = U256::from(sqrt_from_price(price, order));
                let back = price_from_sqrt(root, order);
                let off = back.abs_diff(price);
                assert!(
                    off <= U256::from(1u8) + price / U256::from(1u64 << 40),
                    "{usd} {order}: {back}"
                );
            }
        }
    }

    #[test]
    fn ticks_give_the_same_price_in_both_orders() {
        // 60,637 USD per BTC is 606.37 units of USDC per unit of WBTC: log_1.0001 = 64077.
        let price = price_at_tick(64_077, true);
        assert_eq!(price, price_at_tick(-64_077, false));
        let usd: u64 = (price / U256::from(1_000_000u32)).try_into().unwrap();
        assert!((60_600..60_680).contains(&usd), "{usd}");
    }

    #[test]
    fn value_is_exact() {
        let price = U256::from(60_637_000_000u64);
        assert_eq!(value_at(U256::from(SATS_PER_BTC), price), price);
        assert_eq!(value_at(U256::from(1u8), price), U256::from(606u32));
    }
}
