//! What became of an earlier run's hedge: the chain is asked, nothing is assumed.

use std::time::Duration;

use alloy::primitives::{TxHash, U256};
use alloy::providers::Provider;
use alloy::rpc::types::{Filter, TransactionReceipt};
use alloy::sol_types::SolEvent;

use crate::chain::contracts::IHedgeGate;
use crate::chain::error::ChainError;
use crate::chain::journal::{Entry, State, Swapped, TxRecord};
use crate::chain::rpc::Rpc;

/// Looks at a receipt again before a transaction is called lost: endpoints behind one name are not
/// always at the same block.
const LOOKS: u32 = 3;
const BETWEEN_LOOKS: Duration = Duration::from_millis(700);

/// How a signed hedge stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// The swap happened.
    Swapped(Swapped),
    /// It did not happen and cannot happen any more.
    Failed(String),
    /// It is signed and can still happen; whether the endpoint knows it.
    Open { known: bool },
}

/// How a signed hedge stands; an end that is written down is not asked for again. `None`: nothing
/// was signed.
pub(super) async fn standing(rpc: &Rpc, entry: &Entry) -> Result<Option<Standing>, ChainError> {
    let Some(tx) = &entry.hedge else { return Ok(None) };
    match (entry.state, &entry.swapped) {
        (State::Mined, Some(swapped)) => Ok(Some(Standing::Swapped(swapped.clone()))),
        (State::Failed, _) => {
            let note = entry.note.clone().unwrap_or_else(|| "it failed".into());
            Ok(Some(Standing::Failed(note)))
        }
        _ => inspect(rpc, entry, tx).await.map(Some),
    }
}

async fn inspect(rpc: &Rpc, entry: &Entry, tx: &TxRecord) -> Result<Standing, ChainError> {
    for look in 1..=LOOKS {
        if let Some(receipt) = rpc.receipt(tx.hash).await? {
            return Ok(of_receipt(entry, &receipt));
        }
        if let Some(swapped) = by_event(rpc, entry).await? {
            return Ok(Standing::Swapped(swapped));
        }
        let overtaken = rpc.mined_nonce(entry.sender).await? > tx.account_nonce;
        let expired = rpc.block_time().await? > entry.deadline;
        if !overtaken && !expired {
            return Ok(Standing::Open { known: rpc.knows(tx.hash).await? });
        }
        if look == LOOKS {
            return Ok(Standing::Failed(if overtaken {
                format!("another transaction took account nonce {}", tx.account_nonce)
            } else {
                format!("its deadline {} passed before it was mined", entry.deadline)
            }));
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    Ok(Standing::Open { known: false })
}

/// The end that a receipt tells.
pub(super) fn of_receipt(entry: &Entry, receipt: &TransactionReceipt) -> Standing {
    if !receipt.status() {
        return Standing::Failed(format!(
            "transaction {} reverted in block {}; no WBTC moved",
            receipt.transaction_hash,
            receipt.block_number.unwrap_or_default()
        ));
    }
    let event = receipt
        .logs()
        .iter()
        .filter(|log| log.address() == entry.gate)
        .find_map(|log| IHedgeGate::Hedged::decode_log(&log.inner).ok());
    match event {
        Some(event) => Standing::Swapped(Swapped {
            tx_hash: receipt.transaction_hash,
            block: receipt.block_number.unwrap_or_default(),
            gas_used: Some(receipt.gas_used),
            amount_in: event.amountIn,
            amount_out: event.amountOut,
        }),
        None => Standing::Failed(format!(
            "transaction {} was mined without the gate's event; look at it before you go on",
            receipt.transaction_hash
        )),
    }
}

/// The hedge that consumed the entry's gate nonce, if any did.
async fn by_event(rpc: &Rpc, entry: &Entry) -> Result<Option<Swapped>, ChainError> {
    let next = rpc.read(entry.gate, IHedgeGate::noncesCall { sender: entry.sender }).await?;
    if next <= entry.nonce {
        return Ok(None);
    }
    let filter = Filter::new()
        .address(entry.gate)
        .event_signature(IHedgeGate::Hedged::SIGNATURE_HASH)
        .topic1(entry.sender.into_word())
        .from_block(entry.from_block);
    let logs = rpc.wrap(rpc.provider().get_logs(&filter).await)?;
    let found = logs.iter().find_map(|log| {
        let event = IHedgeGate::Hedged::decode_log(&log.inner).ok()?;
        (event.nonce == entry.nonce).then(|| Swapped {
            tx_hash: log.transaction_hash.unwrap_or_default(),
            block: log.block_number.unwrap_or_default(),
            gas_used: None,
            amount_in: event.amountIn,
            amount_out: event.amountOut,
        })
    });
    // The nonce says that a hedge acted even if the endpoint keeps no logs.
    Ok(Some(found.unwrap_or(Swapped {
        tx_hash: TxHash::ZERO,
        block: 0,
        gas_used: None,
        amount_in: entry.amount_sats,
        amount_out: U256::ZERO,
    })))
}
