//! The two transactions. Each is signed, written down, and only then sent.

use std::time::Duration;

use alloy::primitives::{Address, U256};

use super::check::Checked;
use super::plan::Market;
use super::resume::{of_receipt, standing, Standing};
use super::{Guide, HedgeContext, Question, Step};
use crate::chain::contracts::IToken;
use crate::chain::error::ChainError;
use crate::chain::journal::{Entry, Journal, State, Swapped, TxRecord};
use crate::chain::rpc::Rpc;
use crate::chain::send::{broadcast, require_success, wait, Draft, Sender, PATIENCE};

/// Fees of a replacement, in percent of what it replaces; nodes ask for 110.
const REPLACEMENT_PERCENT: u128 = 125;
/// A hedge is not sent any more when its deadline is nearer than this.
const LAST_MOMENT: u64 = 15;

/// Writes the entry, approves if need be, signs, writes, sends, waits, writes.
///
/// `replaced` is an earlier hedge that can still happen: the first transaction sent here takes its
/// account nonce, so that at most one of the two is ever mined.
pub(super) async fn act(
    context: &HedgeContext,
    sender: &Sender,
    checked: &Checked,
    market: &Market,
    replaced: Option<TxRecord>,
    journal: &mut Journal,
    guide: &dyn Guide,
) -> Result<Swapped, ChainError> {
    let from_block = context
        .rpc
        .wrap(alloy::providers::Provider::get_block_number(context.rpc.provider()).await)?;
    let index = journal.push(entry(context, checked, market, sender.address(), from_block))?;
    guide.step(Step::Written)?;
    let mut open = Open { journal, index };
    match prepare(context, sender, checked, market, replaced, &mut open, guide).await {
        Ok(()) => {}
        // Stopped, or the endpoint is gone: the next run sees from the journal how far this came.
        Err(error @ (ChainError::Stopped(_) | ChainError::Rpc { .. })) => return Err(error),
        Err(error) => {
            open.update(|e| {
                e.state = State::Abandoned;
                e.note = Some(error.to_string());
            })?;
            offer_reset(sender, context.network.wbtc, checked.gate, guide).await?;
            return Err(error);
        }
    }
    send(&context.rpc, &mut open, guide).await?;
    finish(context, sender, &mut open, guide).await
}

/// The journal's entry that a run works on.
pub(super) struct Open<'a> {
    pub journal: &'a mut Journal,
    pub index: usize,
}

impl Open<'_> {
    fn update(&mut self, change: impl FnOnce(&mut Entry)) -> Result<(), ChainError> {
        self.journal.update(self.index, change)
    }

    /// The entry and its signed hedge.
    fn signed(&self) -> Result<(Entry, TxRecord), ChainError> {
        self.journal
            .entries()
            .get(self.index)
            .and_then(|e| Some((e.clone(), e.hedge.clone()?)))
            .ok_or_else(|| ChainError::Journal("the journal has no signed hedge here".into()))
    }
}

fn entry(
    context: &HedgeContext,
    checked: &Checked,
    market: &Market,
    sender: Address,
    from_block: u64,
) -> Entry {
    Entry {
        state: State::Approving,
        created: checked.now,
        network: context.network.name.clone(),
        chain_id: context.network.chain_id,
        gate: checked.gate,
        sender,
        nonce: checked.nonce,
        horizon: market.horizon,
        amount_sats: market.amount_sats,
        btc_price: checked.price,
        min_out: market.min_out,
        deadline: market.call.h.deadline.saturating_to(),
        from_block,
        approve: None,
        hedge: None,
        swapped: None,
        note: None,
    }
}

/// Approval and signature: the entry ends as prepared, with the hedge's hash in it.
async fn prepare(
    context: &HedgeContext,
    sender: &Sender,
    checked: &Checked,
    market: &Market,
    mut replaced: Option<TxRecord>,
    open: &mut Open<'_>,
    guide: &dyn Guide,
) -> Result<(), ChainError> {
    let (rpc, token) = (&context.rpc, context.network.wbtc);
    let allowance = IToken::allowanceCall { owner: sender.address(), spender: checked.gate };
    if rpc.read(token, allowance).await? < market.amount_sats {
        let call = IToken::approveCall { spender: checked.gate, amount: market.amount_sats };
        let draft = replacing(Draft::call("approve", token, &call), replaced.take());
        let signed = sender.sign(&draft).await?;
        open.update(|e| e.approve = Some(TxRecord::from(&signed)))?;
        guide.step(Step::ApprovalWritten)?;
        broadcast(rpc, &signed.raw).await?;
        guide.step(Step::ApprovalSent)?;
        require_success("approve", &wait(rpc, signed.hash, PATIENCE).await?)?;
        guide.step(Step::Approved)?;
    }
    let deadline = market.call.h.deadline.saturating_to::<u64>();
    let now = rpc.now().await?;
    if now + LAST_MOMENT >= deadline {
        return Err(ChainError::refused(
            "deadline",
            format!("at least {LAST_MOMENT} s before {deadline}"),
            now,
            "answer sooner, or give more time with --deadline-secs",
        ));
    }
    let draft = replacing(Draft::call("hedge", checked.gate, &market.call), replaced);
    let signed = sender.sign(&draft).await?;
    open.update(|e| {
        e.hedge = Some(TxRecord::from(&signed));
        e.state = State::Prepared;
    })?;
    guide.step(Step::HedgeWritten)
}

fn replacing(mut draft: Draft, replaced: Option<TxRecord>) -> Draft {
    if let Some(old) = replaced {
        let more = |fee: u128| fee.saturating_mul(REPLACEMENT_PERCENT) / 100 + 1;
        draft.nonce = Some(old.account_nonce);
        draft.least_fees = Some((more(old.max_fee), more(old.priority_fee)));
    }
    draft
}

/// Sends the bytes that the entry holds.
pub(super) async fn send(
    rpc: &Rpc,
    open: &mut Open<'_>,
    guide: &dyn Guide,
) -> Result<(), ChainError> {
    let (_, tx) = open.signed()?;
    broadcast(rpc, &tx.raw).await?;
    guide.step(Step::HedgeSent)?;
    open.update(|e| e.state = State::Sent)?;
    guide.step(Step::SentWritten)
}

/// Waits for the end of the entry's hedge and writes it down.
pub(super) async fn finish(
    context: &HedgeContext,
    sender: &Sender,
    open: &mut Open<'_>,
    guide: &dyn Guide,
) -> Result<Swapped, ChainError> {
    let rpc = &context.rpc;
    let (entry, tx) = open.signed()?;
    let left = entry.deadline.saturating_sub(rpc.now().await?) + 30;
    let patience = Duration::from_secs(left).min(PATIENCE);
    let end = match wait(rpc, tx.hash, patience).await {
        Ok(receipt) => of_receipt(&entry, &receipt),
        Err(error) => match standing(rpc, &entry).await? {
            Some(end @ (Standing::Swapped(_) | Standing::Failed(_))) => end,
            Some(Standing::Open { .. }) | None => return Err(error),
        },
    };
    guide.step(Step::ReceiptSeen)?;
    record(open.journal, open.index, &end)?;
    guide.step(Step::EndWritten)?;
    match end {
        Standing::Swapped(swapped) => Ok(swapped),
        Standing::Failed(reason) => {
            offer_reset(sender, context.network.wbtc, entry.gate, guide).await?;
            Err(ChainError::Reverted { what: "hedge".into(), reason })
        }
        Standing::Open { .. } => {
            Err(ChainError::Journal("the hedge is still open; run the same command again".into()))
        }
    }
}

/// Writes down how a hedge ended.
pub(super) fn record(
    journal: &mut Journal,
    index: usize,
    end: &Standing,
) -> Result<(), ChainError> {
    journal.update(index, |e| match end {
        Standing::Swapped(swapped) => {
            e.state = State::Mined;
            e.swapped = Some(swapped.clone());
        }
        Standing::Failed(reason) => {
            e.state = State::Failed;
            e.note = Some(reason.clone());
        }
        Standing::Open { .. } => {}
    })
}

/// After a failure: nothing should stay allowed that nobody needs.
pub(super) async fn offer_reset(
    sender: &Sender,
    token: Address,
    gate: Address,
    guide: &dyn Guide,
) -> Result<(), ChainError> {
    let call = IToken::allowanceCall { owner: sender.address(), spender: gate };
    let allowed = sender.rpc().read(token, call).await?;
    if allowed.is_zero() {
        return Ok(());
    }
    // Where nobody can be asked, the failure itself is what has to be told.
    if !guide.confirm(Question::ResetAllowance(allowed)).unwrap_or(false) {
        guide.say(
            "the gate's allowance stays; `veracast hedge --reset-allowance` sets it back to zero",
        );
        return Ok(());
    }
    let call = IToken::approveCall { spender: gate, amount: U256::ZERO };
    sender.execute(&Draft::call("approve", token, &call)).await?;
    guide.say("the gate's allowance is zero again");
    Ok(())
}
