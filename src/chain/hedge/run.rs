//! One hedge from beginning to end, or an earlier one from where it stopped.

use alloy::primitives::{Bytes, U256};
use alloy::sol_types::SolCall;

use super::act::{act, finish, offer_reset, record, send, Open};
use super::check::{check, Checked};
use super::plan::{choose, market, mined_share, prove, Market, Plan};
use super::resume::{standing, Standing};
use super::{
    Actor, Forecaster, Guide, HedgeContext, HedgeOutcome, HedgeRequest, Question, Step, Unsigned,
};
use crate::chain::contracts::IToken;
use crate::chain::decimal::format_units;
use crate::chain::error::ChainError;
use crate::chain::journal::{Entry, Journal, TxRecord};
use crate::chain::send::{Draft, Sender};

/// Forecasts, proves, and hedges once; or finds and finishes what an earlier run began.
///
/// # Errors
/// Whatever refuses it, before any money moves; or an endpoint's failure, after which the same
/// call finds the hedge in the journal.
pub async fn hedge(
    context: &HedgeContext,
    request: &HedgeRequest,
    forecaster: &dyn Forecaster,
    guide: &dyn Guide,
) -> Result<HedgeOutcome, ChainError> {
    let Actor::Sender(sender) = &context.actor else {
        let (checked, plan) = plan(context, request, forecaster, guide).await?;
        return without_sending(context, checked, plan).await;
    };
    let genesis = context.rpc.genesis().await?;
    let mut journal =
        Journal::open(&context.home, context.rpc.chain_id(), genesis, sender.address())?;
    let replaced = match earlier(context, sender, request.new, &mut journal, guide).await? {
        Earlier::Ended(outcome) => return Ok(outcome),
        Earlier::Replace(tx) => Some(tx),
        Earlier::None => None,
    };
    let (checked, plan) = plan(context, request, forecaster, guide).await?;
    let Some(market) = &plan.market else {
        return Ok(HedgeOutcome::NothingToSwap(Box::new(plan)));
    };
    if !guide.confirm(Question::Send(&plan))? {
        return Ok(HedgeOutcome::Declined(Box::new(plan)));
    }
    guide.step(Step::Confirmed)?;
    let swapped = act(context, sender, &checked, market, replaced, &mut journal, guide).await?;
    Ok(HedgeOutcome::Swapped(Box::new(plan), swapped))
}

/// What the journal's latest entry means for this run.
enum Earlier {
    /// Nothing stands in the way.
    None,
    /// It is told, or was finished now.
    Ended(HedgeOutcome),
    /// It can still happen, and the user wants another one instead.
    Replace(TxRecord),
}

/// Asks the chain about every signed hedge whose end is not written down, writes it down, and
/// decides by the latest that was signed.
async fn earlier(
    context: &HedgeContext,
    sender: &Sender,
    new: bool,
    journal: &mut Journal,
    guide: &dyn Guide,
) -> Result<Earlier, ChainError> {
    let mut latest = None;
    for index in 0..journal.entries().len() {
        let entry = journal.entries()[index].clone();
        let Some(now) = standing(&context.rpc, &entry).await? else { continue };
        if entry.is_open() {
            record(journal, index, &now)?;
        }
        latest = Some((index, entry, now));
    }
    let Some((index, entry, now)) = latest else { return Ok(Earlier::None) };
    let name = name(&entry);
    match now {
        Standing::Swapped(swapped) if new => {
            let brought = format_units(swapped.amount_out, 6);
            guide.say(&format!(
                "{name} was mined in block {} and brought {brought} USD; --new starts another",
                swapped.block
            ));
            Ok(Earlier::None)
        }
        Standing::Swapped(swapped) => {
            Ok(Earlier::Ended(HedgeOutcome::Earlier(Box::new(entry), swapped)))
        }
        Standing::Failed(reason) if new => {
            guide.say(&format!("{name} failed: {reason}"));
            Ok(Earlier::None)
        }
        Standing::Failed(reason) => {
            if entry.is_open() {
                offer_reset(sender, context.network.wbtc, entry.gate, guide).await?;
            }
            Ok(Earlier::Ended(HedgeOutcome::EarlierFailed(Box::new(entry), reason)))
        }
        Standing::Open { .. } if new => {
            guide.say(&format!(
                "{name} is still open; --new replaces it, and at most one of the two can act"
            ));
            Ok(entry.hedge.map_or(Earlier::None, Earlier::Replace))
        }
        Standing::Open { known } => {
            let mut open = Open { journal, index };
            resume(context, sender, entry, known, &mut open, guide).await
        }
    }
}

fn name(entry: &Entry) -> String {
    format!(
        "the earlier hedge of {} BTC for {} months",
        format_units(entry.amount_sats, 8),
        entry.horizon
    )
}

async fn resume(
    context: &HedgeContext,
    sender: &Sender,
    entry: Entry,
    known: bool,
    open: &mut Open<'_>,
    guide: &dyn Guide,
) -> Result<Earlier, ChainError> {
    let name = name(&entry);
    if known {
        guide.say(&format!("{name} is sent and not mined yet; waiting for it"));
    } else {
        guide.say(&format!("{name} is signed, and the endpoint does not know it"));
        if !guide.confirm(Question::Resume(&entry))? {
            return Err(ChainError::Journal(format!(
                "{name} stays open until its deadline {}; nothing was sent",
                entry.deadline
            )));
        }
        send(&context.rpc, open, guide).await?;
    }
    let swapped = finish(context, sender, open, guide).await?;
    Ok(Earlier::Ended(HedgeOutcome::Earlier(Box::new(entry), swapped)))
}

/// Everything up to the question.
async fn plan(
    context: &HedgeContext,
    request: &HedgeRequest,
    forecaster: &dyn Forecaster,
    guide: &dyn Guide,
) -> Result<(Checked, Plan), ChainError> {
    let checked = check(context, request, forecaster).await?;
    guide.step(Step::Checked)?;
    let forecasts = forecaster.forecast(&checked.inputs)?;
    let chosen = choose(context, request, &checked, &forecasts)?;
    guide.step(Step::Forecasted)?;
    let deadline = checked.now + request.deadline_secs;
    let (proofs, prove_millis) = prove(context, &checked, &forecasts, deadline, forecaster)?;
    guide.step(Step::Proved)?;
    let proof = chosen.as_ref().and_then(|c| proofs.iter().find(|p| p.horizon == c.horizon));
    let market = match (&chosen, proof) {
        (Some(chosen), Some(proof)) => {
            Some(market(context, request, &checked, chosen, proof, deadline).await?)
        }
        _ => None,
    };
    let reads = forecaster.reads();
    let unread =
        request.inputs.iter().map(|(n, _)| n).filter(|n| !reads.contains(*n) && *n != "btc_price");
    let plan = Plan {
        network: context.network.name.clone(),
        inputs: checked.inputs.clone(),
        unread: unread.map(str::to_string).collect(),
        month: checked.month,
        price: checked.price,
        twap: checked.twap,
        balance: checked.balance,
        mined_share: mined_share(&checked.inputs, &forecasts),
        forecasts,
        proofs,
        prove_millis,
        market,
    };
    Ok((checked, plan))
}

async fn without_sending(
    context: &HedgeContext,
    checked: Checked,
    plan: Plan,
) -> Result<HedgeOutcome, ChainError> {
    let Some(market) = plan.market.clone() else {
        return Ok(HedgeOutcome::NothingToSwap(Box::new(plan)));
    };
    if matches!(context.actor, Actor::Unsigned(_)) {
        let transactions = unsigned(context, &checked, &market);
        return Ok(HedgeOutcome::Unsigned(Box::new(plan), transactions));
    }
    let result = if checked.balance < market.amount_sats {
        Err(ChainError::Balance {
            owner: context.actor.address(),
            need: format_units(market.amount_sats, 8),
            have: format_units(checked.balance, 8),
            horizon: format!(" for {} months", market.horizon),
        }
        .to_string())
    } else {
        Ok(market.simulation)
    };
    Ok(HedgeOutcome::Simulated(Box::new(plan), result))
}

fn unsigned(context: &HedgeContext, checked: &Checked, market: &Market) -> Vec<Unsigned> {
    let mut transactions = Vec::new();
    if market.allowance < market.amount_sats {
        let call = IToken::approveCall { spender: checked.gate, amount: market.amount_sats };
        transactions.push(Unsigned {
            what: "approve",
            to: context.network.wbtc,
            data: Bytes::from(call.abi_encode()),
            value: U256::ZERO,
        });
    }
    transactions.push(Unsigned {
        what: "hedge",
        to: checked.gate,
        data: Bytes::from(market.call.abi_encode()),
        value: U256::ZERO,
    });
    transactions
}

/// Sets the gate's allowance to zero. Returns what it was.
///
/// # Errors
/// As a transaction's.
pub async fn reset_allowance(context: &HedgeContext, sender: &Sender) -> Result<U256, ChainError> {
    let (token, gate) = (context.network.wbtc, context.network.deployed_gate()?);
    let call = IToken::allowanceCall { owner: sender.address(), spender: gate };
    let allowed = sender.rpc().read(token, call).await?;
    if !allowed.is_zero() {
        let call = IToken::approveCall { spender: gate, amount: U256::ZERO };
        sender.execute(&Draft::call("approve", token, &call)).await?;
    }
    Ok(allowed)
}
