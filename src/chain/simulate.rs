//! Trying a hedge without sending it, also when the allowance is not there yet: the allowance's
//! place in the token's storage is found by trying the usual layouts, and set for the call alone.

use alloy::primitives::{b256, keccak256, Address, Bytes, B256, U256};
use alloy::rpc::types::state::{AccountOverride, StateOverride};
use alloy::rpc::types::TransactionRequest;
use alloy::sol_types::{SolCall, SolValue};

use super::contracts::{IHedgeGate, IToken};
use super::error::ChainError;
use super::rpc::Rpc;

/// Storage slots at which tokens keep their allowances; proxies keep them further behind.
const PLAIN_SLOTS: u64 = 64;
/// OpenZeppelin's namespaced place (ERC-7201 `openzeppelin.storage.ERC20`, second member).
const NAMESPACED: B256 = b256!("52c63247e1f47db19d5ce0460030c497f067ca4cebf71ba98eeadabe20bace01");
/// A figure that no token holds by chance.
const PROBE: u64 = 0x5eed_ca57;

/// What a simulated hedge would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simulation {
    /// USDC that would be received, 1e-6 USD.
    pub amount_out: U256,
    /// Gas of the whole transaction.
    pub gas: u64,
}

/// Runs the hedge as `sender`, with enough allowance for this call alone.
///
/// `None` means that the token keeps its allowances where nobody looks for them, so that the swap
/// cannot be tried before the approval.
///
/// # Errors
/// [`ChainError::Reverted`] with the gate's reason, or the endpoint's failure.
pub async fn simulate(
    rpc: &Rpc,
    gate: Address,
    token: Address,
    sender: Address,
    call: &IHedgeGate::hedgeCall,
) -> Result<Option<Simulation>, ChainError> {
    let Some(overrides) = with_allowance(rpc, gate, token, sender, call.h.amountSats).await? else {
        return Ok(None);
    };
    let request = TransactionRequest::default()
        .from(sender)
        .to(gate)
        .input(Bytes::from(call.abi_encode()).into());
    let answer = rpc.call_named("hedge", request.clone(), overrides.clone()).await?;
    let amount_out =
        IHedgeGate::hedgeCall::abi_decode_returns(&answer).map_err(|_| ChainError::Rpc {
            host: rpc.host().into(),
            what: "hedge: expected one number, got something else".into(),
        })?;
    let gas = rpc.estimate_named("hedge", request, overrides).await?;
    Ok(Some(Simulation { amount_out, gas }))
}

/// `Some(None)`: the allowance suffices as it is. `None`: it does not, and cannot be supposed.
async fn with_allowance(
    rpc: &Rpc,
    gate: Address,
    token: Address,
    owner: Address,
    amount: U256,
) -> Result<Option<Option<StateOverride>>, ChainError> {
    let allowed = rpc.read(token, IToken::allowanceCall { owner, spender: gate }).await?;
    if allowed >= amount {
        return Ok(Some(None));
    }
    let slots = (0..PLAIN_SLOTS).map(|i| B256::from(U256::from(i))).chain([NAMESPACED]);
    let call = IToken::allowanceCall { owner, spender: gate };
    // All candidates at once, each with a figure of its own: one call tells which of them it is.
    let candidates: Vec<B256> = slots.map(|slot| allowance_slot(owner, gate, slot)).collect();
    let probe = |i: usize| U256::from(PROBE + i as u64);
    let diff = candidates.iter().enumerate().map(|(i, slot)| (*slot, B256::from(probe(i))));
    let request =
        TransactionRequest::default().to(token).input(Bytes::from(call.abi_encode()).into());
    let answer = rpc.call_named("allowance", request, Some(override_of(token, diff))).await?;
    let got = IToken::allowanceCall::abi_decode_returns(&answer).unwrap_or_default();
    let found = (0..candidates.len()).find(|i| probe(*i) == got);
    Ok(found.map(|i| Some(override_of(token, [(candidates[i], B256::from(amount))]))))
}

/// Place of `allowances[owner][spender]` for a mapping at `slot`.
fn allowance_slot(owner: Address, spender: Address, slot: B256) -> B256 {
    let outer = keccak256((owner, slot).abi_encode());
    keccak256((spender, outer).abi_encode())
}

fn override_of(token: Address, diff: impl IntoIterator<Item = (B256, B256)>) -> StateOverride {
    let mut overrides = StateOverride::default();
    overrides.insert(token, AccountOverride::default().with_state_diff(diff));
    overrides
}
