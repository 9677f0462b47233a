//! The gate's model schedule: announced with notice, activated by anybody, revoked at once.

use alloy::primitives::{Address, B256};

use super::contracts::{IHedgeGate, HORIZONS};
use super::deploy::is_registered;
use super::error::ChainError;
use super::rpc::Rpc;
use super::send::{Draft, Sender};

/// One horizon's place in the schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// 2, 3, 4 or 5.
    pub horizon: u8,
    /// The model in force; zero for none.
    pub active: B256,
    /// The model that waits; zero for none.
    pub announced: B256,
    /// Unix time from which the waiting one can be activated.
    pub active_from: u64,
}

/// The whole schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Who may announce and revoke.
    pub owner: Address,
    /// Seconds of notice.
    pub delay: u32,
    /// Horizons 2, 3, 4, 5.
    pub slots: Vec<Slot>,
}

/// Reads the schedule.
///
/// # Errors
/// The endpoint's failure.
pub async fn schedule(rpc: &Rpc, gate: Address) -> Result<Schedule, ChainError> {
    let models = rpc.read(gate, IHedgeGate::modelsCall {}).await?;
    let mut slots = Vec::with_capacity(4);
    for (horizon, active) in HORIZONS.into_iter().zip(models) {
        let waiting = rpc.read(gate, IHedgeGate::announcedCall { horizon }).await?;
        slots.push(Slot {
            horizon,
            active,
            announced: waiting.modelDigest,
            active_from: waiting.activeFrom,
        });
    }
    Ok(Schedule {
        owner: rpc.read(gate, IHedgeGate::ownerCall {}).await?,
        delay: rpc.read(gate, IHedgeGate::activationDelayCall {}).await?,
        slots,
    })
}

/// Refuses horizons that there are no models for.
///
/// # Errors
/// Outside 2..=5.
pub fn check_horizon(horizon: u8) -> Result<(), ChainError> {
    if HORIZONS.contains(&horizon) {
        return Ok(());
    }
    Err(ChainError::invalid("--horizon", "2, 3, 4 or 5", horizon, ""))
}

/// Announces a model; only the owner may.
///
/// # Errors
/// When the digest is not registered or the sender is not the owner.
pub async fn announce(
    sender: &Sender,
    gate: Address,
    horizon: u8,
    digest: B256,
) -> Result<(), ChainError> {
    check_horizon(horizon)?;
    require_owner(sender, gate).await?;
    let verifier = sender.rpc().read(gate, IHedgeGate::verifierCall {}).await?;
    if !is_registered(sender.rpc(), verifier, digest).await? {
        return Err(ChainError::refused(
            "model",
            format!("a key registered with the verifier at {verifier}"),
            digest,
            "register it first: `veracast deploy --key FILE`",
        ));
    }
    let call = IHedgeGate::announceCall { horizon, modelDigest: digest };
    sender.execute(&Draft::call("announce", gate, &call)).await.map(drop)
}

/// Puts an announced model in force; anybody may.
///
/// # Errors
/// When nothing is announced or the delay is not over, with the time left.
pub async fn activate(sender: &Sender, gate: Address, horizon: u8) -> Result<(), ChainError> {
    check_horizon(horizon)?;
    let call = IHedgeGate::activateCall { horizon };
    sender.execute(&Draft::call("activate", gate, &call)).await.map(drop)
}

/// Ends a horizon's model at once; only the owner may.
///
/// # Errors
/// When there is nothing to revoke or the sender is not the owner.
pub async fn revoke(sender: &Sender, gate: Address, horizon: u8) -> Result<(), ChainError> {
    check_horizon(horizon)?;
    require_owner(sender, gate).await?;
    let call = IHedgeGate::revokeCall { horizon };
    sender.execute(&Draft::call("revoke", gate, &call)).await.map(drop)
}

async fn require_owner(sender: &Sender, gate: Address) -> Result<(), ChainError> {
    let owner = sender.rpc().read(gate, IHedgeGate::ownerCall {}).await?;
    if owner == sender.address() {
        return Ok(());
    }
    Err(ChainError::refused(
        "sender",
        format!("the schedule's owner {owner}"),
        sender.address(),
        "use the owner's key",
    ))
}
