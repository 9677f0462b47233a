//! `veracast pool`: what the gate would see, before anybody asks it.

use alloy::primitives::{Address, U256};
use serde_json::{json, Value};

use super::options::NetworkOptions;
use super::{block_on, CliError, Outcome, Ui};
use crate::chain::contracts::IHedgeGate;
use crate::chain::decimal::{format_units, Decimal};
use crate::chain::rpc::Rpc;
use crate::chain::uniswap::{impact_bps, pool_state, quote, twap, PoolState};
use crate::chain::{ChainError, Network};

/// Window shown where no gate says which.
const USUAL_WINDOW: u32 = 1800;

/// Options of `veracast pool`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    network: NetworkOptions,
    /// Quote the sale of this many BTC
    #[arg(long, value_name = "BTC", default_value = "0.1")]
    amount: Decimal,
}

/// Runs the command.
///
/// # Errors
/// When the endpoint or the network file is wrong, or there is no such pool.
pub fn run(args: Args, ui: &Ui) -> Result<Outcome, CliError> {
    let network = args.network.load()?;
    let url = args.network.url(&network)?;
    let sats = args
        .amount
        .scaled(8)
        .ok()
        .and_then(|n| U256::try_from(n).ok())
        .filter(|n| !n.is_zero())
        .ok_or_else(|| {
            CliError::usage(format!(
                "--amount: expected BTC above 0 with at most 8 decimals, got {}",
                args.amount
            ))
        })?;
    let spinner = ui.spinner("reading the pool");
    let outcome = block_on(read(network, url, sats));
    spinner.finish_and_clear();
    outcome
}

/// The gate's immutables.
struct Terms {
    address: Address,
    window: u32,
    min_liquidity: u128,
    band_bps: u16,
    slippage_bps: u16,
    delay: u32,
}

async fn terms(rpc: &Rpc, gate: Address) -> Result<Terms, ChainError> {
    rpc.require_code("gate", gate).await?;
    Ok(Terms {
        address: gate,
        window: rpc.read(gate, IHedgeGate::twapWindowCall {}).await?,
        min_liquidity: rpc.read(gate, IHedgeGate::minLiquidityCall {}).await?,
        band_bps: rpc.read(gate, IHedgeGate::priceBandBpsCall {}).await?,
        slippage_bps: rpc.read(gate, IHedgeGate::maxSlippageBpsCall {}).await?,
        delay: rpc.read(gate, IHedgeGate::activationDelayCall {}).await?,
    })
}

async fn read(network: Network, url: String, sats: U256) -> Result<Outcome, ChainError> {
    let rpc = Rpc::connect(&url, &network).await?;
    let pool = pool_state(&rpc, &network).await?;
    let gate = match network.gate {
        Some(address) => Some(terms(&rpc, address).await?),
        None => None,
    };
    let window = gate.as_ref().map_or(USUAL_WINDOW, |g| g.window);
    let mean = match twap(&rpc, &pool, window).await {
        Ok(price) => Ok(price),
        Err(ChainError::Refused { got, .. }) => Err(got),
        Err(other) => return Err(other),
    };
    let offer = quote(&rpc, &network, &pool, sats).await;
    let mut text = describe(&network, &pool, window, &mean);
    let mut json = to_json(&network, &pool, window, &mean);
    match offer {
        Ok(offer) => {
            let kind = if offer.exact { "" } else { " (estimate: no quoter in the network file)" };
            let impact = impact_bps(&offer, &pool, network.fee) / 100.0;
            text += &format!(
                "quote            {} BTC for {} USD, price impact {impact:.2} % besides the fee{kind}\n",
                format_units(sats, 8),
                format_units(offer.amount_out, 6)
            );
            json["quote"] = json!({
                "amount_in_sats": sats.to_string(), "amount_out_usd": format_units(offer.amount_out, 6),
                "price_impact_percent": impact, "exact": offer.exact,
            });
        }
        Err(error) => {
            text += &format!("quote            none: {error}\n");
            json["quote"] = Value::Null;
        }
    }
    if let Some(gate) = gate {
        text += &describe_gate(&gate);
        json["gate"] = json!({
            "address": gate.address, "twap_window_s": gate.window,
            "min_liquidity": gate.min_liquidity.to_string(), "price_band_bps": gate.band_bps,
            "max_slippage_bps": gate.slippage_bps, "activation_delay_s": gate.delay,
        });
    } else {
        text += "gate             not deployed on this network (veracast deploy)\n";
    }
    Ok(Outcome::new(text, json))
}

fn describe(
    network: &Network,
    pool: &PoolState,
    window: u32,
    mean: &Result<U256, String>,
) -> String {
    let order = if pool.wbtc_is_token0 { "WBTC is token0" } else { "USDC is token0" };
    let mean = match mean {
        Ok(price) => format!("{} USD per BTC over {window} s", format_units(*price, 6)),
        Err(got) => format!("none over {window} s: the history is {got}"),
    };
    format!(
        "network          {} (chain id {})\n\
         pool             {} (fee {} %, {order})\n\
         price now        {} USD per BTC (tick {}, sqrtPriceX96 {})\n\
         TWAP             {mean}\n\
         usable window    {} s ({} observations kept, {} to come)\n\
         liquidity        {}\n",
        network.name,
        network.chain_id,
        pool.address,
        f64::from(network.fee) / 10_000.0,
        format_units(pool.spot_price, 6),
        pool.tick,
        pool.sqrt_price_x96,
        pool.history_secs,
        pool.cardinality,
        pool.cardinality_next.saturating_sub(pool.cardinality),
        pool.liquidity,
    )
}

fn describe_gate(gate: &Terms) -> String {
    format!(
        "gate             {}\n  \
         TWAP window     {} s\n  \
         min. liquidity  {}\n  \
         price band      {} bps\n  \
         max. slippage   {} bps\n  \
         model notice    {} s\n",
        gate.address, gate.window, gate.min_liquidity, gate.band_bps, gate.slippage_bps, gate.delay
    )
}

fn to_json(network: &Network, pool: &PoolState, window: u32, mean: &Result<U256, String>) -> Value {
    json!({
        "network": network.name,
        "chain_id": network.chain_id,
        "pool": pool.address,
        "fee": network.fee,
        "wbtc_is_token0": pool.wbtc_is_token0,
        "sqrt_price_x96": pool.sqrt_price_x96.to_string(),
        "tick": pool.tick,
        "spot_usd_per_btc": format_units(pool.spot_price, 6),
        "twap_usd_per_btc": mean.as_ref().ok().map(|p| format_units(*p, 6)),
        "twap_window_s": window,
        "usable_window_s": pool.history_secs,
        "observation_cardinality": pool.cardinality,
        "observation_cardinality_next": pool.cardinality_next,
        "liquidity": pool.liquidity.to_string(),
    })
}
