//! A hedge in words and in JSON.

use alloy::primitives::U256;
use serde_json::{json, Value};

use crate::chain::decimal::format_units;
use crate::chain::hedge::{HedgeOutcome, Market, Plan, Unsigned};
use crate::chain::journal::{Entry, Swapped};
use crate::chain::simulate::Simulation;
use crate::cli::Outcome;

fn btc(sats: U256) -> String {
    format_units(sats, 8)
}

fn usd(micros: U256) -> String {
    format_units(micros, 6)
}

/// The plan as it is shown before the question.
pub(super) fn plan(plan: &Plan) -> String {
    let mut text = format!(
        "plan on {} (month {}, price {} USD per BTC, pool's TWAP {})\n",
        plan.network,
        plan.month,
        usd(plan.price),
        usd(plan.twap)
    );
    for (i, forecast) in plan.forecasts.iter().enumerate() {
        let share = plan.mined_share.map_or(String::new(), |s| {
            format!("  {:.1} % of the BTC mined in that time at today's difficulty", s[i] * 100.0)
        });
        let proof = plan.proofs.iter().find(|p| p.horizon == forecast.horizon);
        let proof = proof
            .map_or(String::new(), |p| format!("  proof {} B, {} ms", p.proof.len(), p.millis));
        text += &format!(
            "  {} months  {} BTC{share}{proof}\n",
            forecast.horizon,
            btc(forecast.amount_sats)
        );
    }
    text +=
        &format!("  proven in {} ms; WBTC balance {} BTC\n", plan.prove_millis, btc(plan.balance));
    for name in &plan.unread {
        text +=
            &format!("  {}: not used by this model\n", crate::chain::figures::option_name(name));
    }
    if let Some(market) = &plan.market {
        text += &market_text(market);
    }
    text
}

fn market_text(market: &Market) -> String {
    let estimate = if market.quote_exact { "" } else { " (estimated)" };
    let gas = if market.gas_exact { "simulated" } else { "estimated" };
    let cost = U256::from(market.gas) * U256::from(market.gas_price);
    let approval = if market.allowance < market.amount_sats {
        format!(
            "  approval         exactly {} BTC first (the gate may take {} now)\n",
            btc(market.amount_sats),
            btc(market.allowance)
        )
    } else {
        String::new()
    };
    format!(
        "swap for {} months\n  \
         amount           {} BTC\n  \
         quote            {} USD{estimate}\n  \
         minimum          {} USD\n  \
         price impact     {:.2} % besides the pool's fee\n{approval}  \
         gas              {} ({gas}), {} ETH at today's price\n",
        market.horizon,
        btc(market.amount_sats),
        usd(market.quote),
        usd(market.min_out),
        market.impact_bps / 100.0,
        market.gas,
        format_units(cost, 18),
    )
}

fn plan_json(plan: &Plan) -> Value {
    let forecasts: Vec<Value> = plan
        .forecasts
        .iter()
        .enumerate()
        .map(|(i, f)| {
            let proof = plan.proofs.iter().find(|p| p.horizon == f.horizon);
            json!({
                "horizon": f.horizon,
                "amount_sats": f.amount_sats.to_string(),
                "amount_btc": btc(f.amount_sats),
                "share_of_mined": plan.mined_share.map(|s| s[i]),
                "proof_bytes": proof.map(|p| p.proof.len()),
                "proof_ms": proof.map(|p| p.millis),
            })
        })
        .collect();
    json!({
        "network": plan.network,
        "month": plan.month,
        "btc_price_usd": usd(plan.price),
        "twap_usd": usd(plan.twap),
        "balance_sats": plan.balance.to_string(),
        "prove_ms": plan.prove_millis,
        "not_used": plan.unread,
        "forecasts": forecasts,
        "swap": plan.market.as_ref().map(market_json),
    })
}

fn market_json(market: &Market) -> Value {
    json!({
        "horizon": market.horizon,
        "amount_sats": market.amount_sats.to_string(),
        "quote_usd": usd(market.quote),
        "quote_exact": market.quote_exact,
        "min_out_usd": usd(market.min_out),
        "price_impact_percent": market.impact_bps / 100.0,
        "allowance_sats": market.allowance.to_string(),
        "gas": market.gas,
        "gas_exact": market.gas_exact,
        "gas_price_wei": market.gas_price.to_string(),
        "nonce": market.call.h.nonce.to_string(),
        "deadline": market.call.h.deadline.to_string(),
    })
}

fn swapped_text(swapped: &Swapped) -> String {
    let gas = swapped.gas_used.map_or(String::new(), |gas| format!(", {gas} gas"));
    if swapped.tx_hash.is_zero() {
        return format!(
            "{} BTC swapped (the gate's nonce says so; the endpoint has no record of the transaction)",
            btc(swapped.amount_in)
        );
    }
    format!(
        "swapped {} BTC for {} USD in transaction {} (block {}{gas})",
        btc(swapped.amount_in),
        usd(swapped.amount_out),
        swapped.tx_hash,
        swapped.block
    )
}

fn swapped_json(swapped: &Swapped) -> Value {
    json!({
        "tx_hash": swapped.tx_hash,
        "block": swapped.block,
        "gas_used": swapped.gas_used,
        "amount_in_sats": swapped.amount_in.to_string(),
        "amount_out_usd": usd(swapped.amount_out),
    })
}

fn entry_json(entry: &Entry) -> Value {
    json!({
        "network": entry.network, "gate": entry.gate, "sender": entry.sender,
        "nonce": entry.nonce.to_string(), "horizon": entry.horizon,
        "amount_sats": entry.amount_sats.to_string(), "created": entry.created,
        "deadline": entry.deadline, "tx_hash": entry.hedge.as_ref().map(|tx| tx.hash),
    })
}

fn entry_text(entry: &Entry) -> String {
    format!(
        "an earlier hedge on {} (gate {}, nonce {}, {} months, {} BTC)",
        entry.network,
        entry.gate,
        entry.nonce,
        entry.horizon,
        btc(entry.amount_sats)
    )
}

/// The command's result.
pub(super) fn outcome(outcome: &HedgeOutcome) -> Outcome {
    match outcome {
        HedgeOutcome::Swapped(plan, swapped) => Outcome::new(
            swapped_text(swapped),
            json!({ "status": "swapped", "plan": plan_json(plan), "swapped": swapped_json(swapped) }),
        ),
        HedgeOutcome::Earlier(entry, swapped) => Outcome::new(
            format!(
                "{}: {}\nnothing more was sent; --new starts another hedge",
                entry_text(entry),
                swapped_text(swapped)
            ),
            json!({ "status": "earlier-swapped", "entry": entry_json(entry), "swapped": swapped_json(swapped) }),
        ),
        HedgeOutcome::EarlierFailed(entry, reason) => Outcome::new(
            format!(
                "{} failed: {reason}\nnothing more was sent; --new starts another hedge",
                entry_text(entry)
            ),
            json!({ "status": "earlier-failed", "entry": entry_json(entry), "reason": reason }),
        )
        .refused(),
        HedgeOutcome::NothingToSwap(p) => Outcome::new(
            format!("{}the forecast is zero: there is nothing to swap", plan(p)),
            json!({ "status": "nothing-to-swap", "plan": plan_json(p) }),
        ),
        HedgeOutcome::Simulated(p, result) => simulated(p, result),
        HedgeOutcome::Unsigned(p, transactions) => unsigned(p, transactions),
        HedgeOutcome::Declined(p) => Outcome::new(
            "not confirmed; nothing was sent",
            json!({ "status": "declined", "plan": plan_json(p) }),
        )
        .refused(),
    }
}

fn simulated(p: &Plan, result: &Result<Option<Simulation>, String>) -> Outcome {
    let (end, simulation) = match result {
        Ok(Some(s)) => (
            format!("simulated: {} USD would be received, {} gas; nothing was sent", usd(s.amount_out), s.gas),
            json!({ "amount_out_usd": usd(s.amount_out), "gas": s.gas }),
        ),
        Ok(None) => (
            "the verifier accepts the proof; the swap cannot be tried before the approval (this token \
             keeps its allowances elsewhere); nothing was sent"
                .to_string(),
            Value::Null,
        ),
        Err(reason) => (format!("would be refused: {reason}"), json!({ "refused": reason })),
    };
    let outcome = Outcome::new(
        format!("{}{end}", plan(p)),
        json!({ "status": "simulated", "plan": plan_json(p), "simulation": simulation }),
    );
    if result.is_err() {
        outcome.refused()
    } else {
        outcome
    }
}

fn unsigned(p: &Plan, transactions: &[Unsigned]) -> Outcome {
    let mut text = plan(p);
    for tx in transactions {
        text += &format!(
            "{}\n  to     {}\n  value  {}\n  data   {}\n",
            tx.what, tx.to, tx.value, tx.data
        );
    }
    let list: Vec<Value> = transactions
        .iter()
        .map(|tx| json!({ "what": tx.what, "to": tx.to, "value": tx.value.to_string(), "data": tx.data }))
        .collect();
    Outcome::new(text, json!({ "status": "unsigned", "plan": plan_json(p), "transactions": list }))
}
