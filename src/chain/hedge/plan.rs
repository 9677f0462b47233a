//! The plan: which horizon, what the pool would pay, the least that is accepted, and what it costs.

use std::time::Instant;

use alloy::primitives::{Address, Bytes, B256, U256};
use alloy::rpc::types::TransactionRequest;
use alloy::sol_types::SolCall;

use super::check::Checked;
use super::{
    Actor, Forecast, Forecaster, HedgeContext, HedgeInputs, HedgeRequest, Horizon, Proved,
};
use crate::bundle::BoundTo;
use crate::chain::contracts::{binding, IForecastVerifier, IHedgeGate, IToken, HORIZONS};
use crate::chain::decimal::format_units;
use crate::chain::error::ChainError;
use crate::chain::network::Network;
use crate::chain::simulate::{simulate, Simulation};
use crate::chain::uniswap::{impact_bps, quote, value_at};

/// Gas of a hedge besides verification and the pool's own swap: token transfers, nonce, event.
const OTHER_GAS: u64 = 150_000;

/// What a hedge would do, and what it is based on.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The network's name.
    pub network: String,
    /// The figures, whole farm.
    pub inputs: HedgeInputs,
    /// Inputs given that no model reads.
    pub unread: Vec<String>,
    /// Calendar month of the forecast.
    pub month: u8,
    /// Price in the proof, 1e-6 USD per BTC.
    pub price: U256,
    /// The pool's TWAP, 1e-6 USD per BTC.
    pub twap: U256,
    /// WBTC of the sender, satoshi.
    pub balance: U256,
    /// The four forecasts.
    pub forecasts: [Forecast; 4],
    /// Share of the BTC that the farm mines over each horizon at today's difficulty; where
    /// difficulty, hash rate and block reward are given.
    pub mined_share: Option<[f64; 4]>,
    /// The proofs.
    pub proofs: Vec<Proved>,
    /// Wall time of all proofs, milliseconds.
    pub prove_millis: u64,
    /// What would be sent; `None` if there is nothing to swap.
    pub market: Option<Market>,
}

/// The part of a plan that concerns the pool.
#[derive(Clone, Debug)]
pub struct Market {
    /// Months covered.
    pub horizon: u8,
    /// WBTC to sell, satoshi.
    pub amount_sats: U256,
    /// USDC that the pool would pay now, 1e-6 USD.
    pub quote: U256,
    /// Whether the quote is the pool's own, not an estimate.
    pub quote_exact: bool,
    /// Least USDC accepted, 1e-6 USD.
    pub min_out: U256,
    /// Shortfall against the spot price besides the fee, basis points.
    pub impact_bps: f64,
    /// WBTC that the gate may take already, satoshi.
    pub allowance: U256,
    /// Gas of the hedge: simulated, or estimated from its parts.
    pub gas: u64,
    /// Whether the gas was simulated.
    pub gas_exact: bool,
    /// Wei per gas now.
    pub gas_price: u128,
    /// What the simulation said, where there was one.
    pub simulation: Option<Simulation>,
    /// The call.
    pub call: IHedgeGate::hedgeCall,
}

impl Plan {
    /// What the proofs of this plan are bound to, for whoever publishes them.
    ///
    /// `None` where nothing is to be swapped: such proofs have a binding, but no call.
    pub fn bound_to(
        &self,
        network: &Network,
        sender: Address,
        models: [B256; 4],
    ) -> Option<BoundTo> {
        let h = &self.market.as_ref()?.call.h;
        Some(BoundTo {
            chain_id: network.chain_id,
            gate: network.gate?.to_string(),
            sender: sender.to_string(),
            nonce: h.nonce.to_string(),
            deadline: u64::try_from(h.deadline).ok()?,
            models: models.map(|digest| digest.to_string()),
        })
    }
}

/// The horizon to act on, before anything is proven. `None`: the forecasts are zero.
pub(super) fn choose(
    context: &HedgeContext,
    request: &HedgeRequest,
    checked: &Checked,
    forecasts: &[Forecast; 4],
) -> Result<Option<Forecast>, ChainError> {
    let active = |f: &&Forecast| !checked.models[usize::from(f.horizon - HORIZONS[0])].is_zero();
    let candidates: Vec<&Forecast> = match request.horizon {
        Horizon::Auto => forecasts.iter().filter(active).collect(),
        Horizon::Months(months) => {
            forecasts.iter().filter(|f| f.horizon == months).filter(active).collect()
        }
    };
    if candidates.is_empty() {
        return Err(ChainError::refused(
            "model",
            "an active one for the horizon asked for",
            "none at the gate",
            "`veracast registry list` shows which are active",
        ));
    }
    let positive: Vec<&Forecast> =
        candidates.into_iter().filter(|f| !f.amount_sats.is_zero()).collect();
    let Some(shortest) = positive.first() else { return Ok(None) };
    let covered = positive.iter().rev().find(|f| f.amount_sats <= checked.balance);
    match covered {
        Some(forecast) => Ok(Some((*forecast).clone())),
        // A dry run goes on, to show what would be swapped; its simulation tells the rest.
        None if matches!(context.actor, Actor::DryRun(_)) => Ok(Some((*shortest).clone())),
        None => Err(ChainError::Balance {
            owner: context.actor.address(),
            need: format_units(shortest.amount_sats, 8),
            have: format_units(checked.balance, 8),
            horizon: format!(" for {} months", shortest.horizon),
        }),
    }
}

/// Proves all four and checks that the statements are the ones meant.
pub(super) fn prove(
    context: &HedgeContext,
    checked: &Checked,
    forecasts: &[Forecast; 4],
    deadline: u64,
    forecaster: &dyn Forecaster,
) -> Result<(Vec<Proved>, u64), ChainError> {
    let bound = binding(
        context.network.chain_id,
        checked.gate,
        context.actor.address(),
        checked.nonce,
        U256::from(deadline),
        &checked.models,
    );
    let start = Instant::now();
    let proofs = forecaster.prove(&checked.inputs, &HORIZONS, bound)?;
    let millis = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    for forecast in forecasts {
        let meant = [
            bound,
            U256::from(forecast.horizon),
            forecast.amount_sats,
            checked.price,
            U256::from(checked.month),
        ];
        let proof = proofs.iter().find(|p| p.horizon == forecast.horizon);
        if proof.is_none_or(|p| p.statement != meant) {
            return Err(ChainError::Forecast(format!(
                "proof of {} months: expected the statement {meant:?}, got {:?}",
                forecast.horizon,
                proof.map(|p| &p.statement)
            )));
        }
    }
    Ok((proofs, millis))
}

/// Asks pool, verifier and gate what the hedge would do.
pub(super) async fn market(
    context: &HedgeContext,
    request: &HedgeRequest,
    checked: &Checked,
    chosen: &Forecast,
    proof: &Proved,
    deadline: u64,
) -> Result<Market, ChainError> {
    let HedgeContext { network, rpc, .. } = context;
    let owner = context.actor.address();
    let offer = quote(rpc, network, &checked.pool, chosen.amount_sats).await?;
    let min_out = minimum(context, request, checked, chosen.amount_sats, offer.amount_out).await?;
    let call = IHedgeGate::hedgeCall {
        h: IHedgeGate::Hedge {
            horizon: chosen.horizon,
            amountSats: chosen.amount_sats,
            btcPrice: checked.price,
            month: checked.month,
            nonce: checked.nonce,
            deadline: U256::from(deadline),
            maxAmountIn: chosen.amount_sats,
            minAmountOut: min_out,
            proof: proof.proof.clone(),
        },
    };
    let verify_gas = verify(context, checked, chosen, proof).await?;
    let enough = checked.balance >= chosen.amount_sats;
    let simulation =
        if enough { simulate(rpc, checked.gate, network.wbtc, owner, &call).await? } else { None };
    let parts = verify_gas + offer.gas.unwrap_or(OTHER_GAS) + OTHER_GAS;
    Ok(Market {
        horizon: chosen.horizon,
        amount_sats: chosen.amount_sats,
        quote: offer.amount_out,
        quote_exact: offer.exact,
        min_out,
        impact_bps: impact_bps(&offer, &checked.pool, network.fee),
        allowance: rpc
            .read(network.wbtc, IToken::allowanceCall { owner, spender: checked.gate })
            .await?,
        gas: simulation.as_ref().map_or(parts, |s| s.gas),
        gas_exact: simulation.is_some(),
        gas_price: rpc.wrap(alloy::providers::Provider::get_gas_price(rpc.provider()).await)?,
        simulation,
        call,
    })
}

/// The largest of: the quote less the caller's slippage, the TWAP's value less fee and the caller's
/// slippage, and what the gate will demand anyway. A quote below it means that the pool has moved.
async fn minimum(
    context: &HedgeContext,
    request: &HedgeRequest,
    checked: &Checked,
    amount: U256,
    quote: U256,
) -> Result<U256, ChainError> {
    let keep = U256::from(10_000 - u32::from(request.max_slippage_bps));
    let less = |value: U256| value * keep / U256::from(10_000u32);
    let fee = U256::from(context.network.fee);
    let fair = value_at(amount, checked.twap);
    let fair = fair - fair * fee / U256::from(1_000_000u32);
    let call = IHedgeGate::leastOutputCall {
        amountSats: amount,
        btcPrice: checked.price,
        twapPrice: checked.twap,
    };
    let gates = context.rpc.read(checked.gate, call).await?;
    let min_out = less(quote).max(less(fair)).max(gates);
    if quote < min_out {
        return Err(ChainError::refused(
            "pool",
            format!(
                "at least {} USD for {} BTC (TWAP {} USD per BTC, slippage {} bps, the gate's floor {} USD)",
                format_units(min_out, 6),
                format_units(amount, 8),
                format_units(checked.twap, 6),
                request.max_slippage_bps,
                format_units(gates, 6),
            ),
            format!("a quote of {} USD", format_units(quote, 6)),
            "wait until the pool's price has settled, choose a shorter horizon, or allow more with --max-slippage-bps",
        ));
    }
    Ok(min_out)
}

/// Asks the deployed verifier; tells the gas it takes.
async fn verify(
    context: &HedgeContext,
    checked: &Checked,
    chosen: &Forecast,
    proof: &Proved,
) -> Result<u64, ChainError> {
    let digest = checked.models[usize::from(chosen.horizon - HORIZONS[0])];
    let call = IForecastVerifier::verifyCall {
        modelDigest: digest,
        statement: proof.statement.clone(),
        proof: proof.proof.clone(),
    };
    let valid = context.rpc.read(checked.verifier, call.clone()).await?;
    if !valid {
        return Err(ChainError::refused(
            "verifier",
            format!("the proof of {} months to be valid under {digest}", chosen.horizon),
            "not valid",
            "the deployed key and the local one differ; run setup again",
        ));
    }
    let request = TransactionRequest::default()
        .to(checked.verifier)
        .input(Bytes::from(call.abi_encode()).into());
    context.rpc.estimate_named("verify", request, None).await
}

/// amount / (BTC mined in 30 N days): blocks come at 2^32 * difficulty hashes.
pub(super) fn mined_share(inputs: &HedgeInputs, forecasts: &[Forecast; 4]) -> Option<[f64; 4]> {
    let figure = |name: &str| inputs.get(name).map(crate::chain::decimal::Decimal::to_f64);
    let hashes_per_second = figure("hash_rate")? * 1e12;
    let blocks_per_day = hashes_per_second * 86_400.0 / (figure("difficulty")? * 4_294_967_296.0);
    let per_day = blocks_per_day * figure("block_reward")?;
    Some(forecasts.clone().map(|f| {
        let amount: f64 = f.amount_sats.to_string().parse().unwrap_or(0.0);
        amount / 1e8 / (per_day * 30.0 * f64::from(f.horizon))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_of_what_the_farm_mines() {
        // 95 TH/s at a difficulty of 8.6e13 finds 8.6e13 * 2^32 / 95e12 s = 3.888e9 s per block:
        // 3.125 BTC per 45,000 days, or 0.004167 BTC in 60 days.
        let mut inputs = HedgeInputs::default();
        for (name, value) in
            [("hash_rate", "95"), ("difficulty", "8.6e13"), ("block_reward", "3.125")]
        {
            inputs.set(name, value.parse().unwrap());
        }
        let forecasts =
            HORIZONS.map(|horizon| Forecast { horizon, amount_sats: U256::from(208_334u64) });
        let share = mined_share(&inputs, &forecasts).unwrap();
        assert!((share[0] - 0.5).abs() < 0.001, "{share:?}");
        assert!((share[3] - 0.2).abs() < 0.001, "{share:?}");
        assert!(mined_share(&HedgeInputs::default(), &forecasts).is_none());
    }
}
