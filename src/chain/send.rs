//! Transactions: signed first, so that their hash can be written down, and sent afterwards.

use std::time::Duration;

use alloy::consensus::TxEnvelope;
use alloy::eips::eip2718::{Decodable2718, Encodable2718};
use alloy::network::{EthereumWallet, NetworkTransactionBuilder, TransactionBuilder};
use alloy::primitives::{Address, Bytes, TxHash, TxKind, U256};
use alloy::providers::Provider;
use alloy::rpc::types::{TransactionReceipt, TransactionRequest};
use alloy::signers::local::PrivateKeySigner;
use alloy::signers::Signer;
use alloy::sol_types::SolCall;

use super::error::ChainError;
use super::rpc::Rpc;

/// Room left above an estimate: the pool may move between estimate and block.
const GAS_MARGIN_PERCENT: u64 = 20;
/// How long a transaction is waited for when its caller names no end.
pub const PATIENCE: Duration = Duration::from_secs(300);
/// Most that is spent on one receipt poll.
const POLL: Duration = Duration::from_millis(400);

/// A transaction that is signed and not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The bytes to broadcast.
    pub raw: Bytes,
    /// Its hash, known before it is sent.
    pub hash: TxHash,
    /// The account's nonce that it takes.
    pub nonce: u64,
    /// Gas limit.
    pub gas: u64,
    /// Most wei per gas.
    pub max_fee: u128,
    /// Wei per gas for the block's producer.
    pub priority_fee: u128,
}

/// What is to be signed.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Name of the transaction in messages.
    pub what: String,
    /// The contract called, or `Create`.
    pub to: TxKind,
    /// Call data or creation code.
    pub data: Bytes,
    /// Takes this account nonce instead of the next one.
    pub nonce: Option<u64>,
    /// Pays at least these fees (a replacement has to pay more than what it replaces).
    pub least_fees: Option<(u128, u128)>,
}

impl Draft {
    /// A contract call.
    pub fn call<C: SolCall>(what: &str, to: Address, call: &C) -> Self {
        Self {
            what: what.into(),
            to: TxKind::Call(to),
            data: call.abi_encode().into(),
            nonce: None,
            least_fees: None,
        }
    }

    /// A contract creation.
    pub fn create(what: &str, code: Bytes) -> Self {
        Self { what: what.into(), to: TxKind::Create, data: code, nonce: None, least_fees: None }
    }
}

/// One account at one endpoint.
#[derive(Clone, Debug)]
pub struct Sender {
    rpc: Rpc,
    address: Address,
    wallet: EthereumWallet,
}

impl Sender {
    /// Signs for the endpoint's chain only.
    pub fn new(rpc: Rpc, signer: PrivateKeySigner) -> Self {
        let signer = signer.with_chain_id(Some(rpc.chain_id()));
        Self { address: signer.address(), wallet: EthereumWallet::new(signer), rpc }
    }

    /// The account.
    pub fn address(&self) -> Address {
        self.address
    }

    /// The endpoint.
    pub fn rpc(&self) -> &Rpc {
        &self.rpc
    }

    /// Fills in nonce, gas and fees, and signs. Nothing is sent.
    ///
    /// # Errors
    /// [`ChainError::Reverted`] when the transaction would fail, or the endpoint's failure.
    pub async fn sign(&self, draft: &Draft) -> Result<Signed, ChainError> {
        let mut request =
            TransactionRequest::default().from(self.address).input(draft.data.clone().into());
        request.to = Some(draft.to);
        let estimate = self.rpc.estimate_named(&draft.what, request.clone(), None).await?;
        let gas = estimate + estimate * GAS_MARGIN_PERCENT / 100;
        let fees = self.rpc.wrap(self.rpc.provider().estimate_eip1559_fees().await)?;
        let (least_max, least_priority) = draft.least_fees.unwrap_or_default();
        let priority_fee = fees.max_priority_fee_per_gas.max(least_priority);
        let max_fee = fees.max_fee_per_gas.max(least_max).max(priority_fee);
        let nonce = match draft.nonce {
            Some(nonce) => nonce,
            None => self.rpc.pending_nonce(self.address).await?,
        };
        let request = request
            .with_chain_id(self.rpc.chain_id())
            .with_nonce(nonce)
            .with_gas_limit(gas)
            .with_max_fee_per_gas(max_fee)
            .with_max_priority_fee_per_gas(priority_fee)
            .with_value(U256::ZERO);
        let envelope: TxEnvelope = request.build(&self.wallet).await.map_err(|e| {
            ChainError::refused(&draft.what, "a transaction that can be signed", e, "")
        })?;
        Ok(Signed {
            raw: envelope.encoded_2718().into(),
            hash: *envelope.tx_hash(),
            nonce,
            gas,
            max_fee,
            priority_fee,
        })
    }

    /// Signs, sends and waits; for transactions that may be sent again without harm.
    ///
    /// # Errors
    /// As [`Sender::sign`] and [`wait`]; [`ChainError::Reverted`] when it was mined and failed.
    pub async fn execute(&self, draft: &Draft) -> Result<TransactionReceipt, ChainError> {
        let signed = self.sign(draft).await?;
        broadcast(&self.rpc, &signed.raw).await?;
        let receipt = wait(&self.rpc, signed.hash, PATIENCE).await?;
        require_success(&draft.what, &receipt)?;
        Ok(receipt)
    }

    /// Creates a contract and tells its address.
    ///
    /// # Errors
    /// As [`Sender::execute`].
    pub async fn deploy(&self, what: &str, code: Bytes) -> Result<Address, ChainError> {
        let receipt = self.execute(&Draft::create(what, code)).await?;
        receipt.contract_address.ok_or_else(|| ChainError::Rpc {
            host: self.rpc.host().into(),
            what: format!("{what}: the receipt names no contract"),
        })
    }
}

/// Hash of a signed transaction's bytes, recomputed: nobody's word is taken for it.
///
/// # Errors
/// When the bytes are no transaction.
pub fn hash_of(raw: &Bytes) -> Result<TxHash, ChainError> {
    TxEnvelope::decode_2718(&mut raw.as_ref()).map(|envelope| *envelope.tx_hash()).map_err(|_| {
        ChainError::invalid("signed transaction", "an EIP-2718 transaction", "other bytes", "")
    })
}

/// Sends signed bytes. An endpoint that has them already is content.
///
/// # Errors
/// The endpoint's failure; the transaction may still have gone through.
pub async fn broadcast(rpc: &Rpc, raw: &Bytes) -> Result<(), ChainError> {
    let hash = hash_of(raw)?;
    match rpc.provider().send_raw_transaction(raw).await {
        Ok(_) => Ok(()),
        Err(error) => {
            if rpc.knows(hash).await.unwrap_or(false) {
                return Ok(());
            }
            rpc.wrap(Err(error))
        }
    }
}

/// Waits until a transaction is mined.
///
/// # Errors
/// When the patience is over, or the endpoint fails three times in a row.
pub async fn wait(
    rpc: &Rpc,
    hash: TxHash,
    patience: Duration,
) -> Result<TransactionReceipt, ChainError> {
    let start = std::time::Instant::now();
    let mut failures = 0;
    loop {
        match rpc.receipt(hash).await {
            Ok(Some(receipt)) => return Ok(receipt),
            Ok(None) => failures = 0,
            Err(error) => {
                failures += 1;
                if failures == 3 {
                    return Err(error);
                }
            }
        }
        if start.elapsed() >= patience {
            return Err(ChainError::Rpc {
                host: rpc.host().into(),
                what: format!("no receipt of {hash} after {} s", patience.as_secs()),
            });
        }
        tokio::time::sleep(POLL.min(patience)).await;
    }
}

/// Refuses a mined transaction that failed.
///
/// # Errors
/// [`ChainError::Reverted`].
pub fn require_success(what: &str, receipt: &TransactionReceipt) -> Result<(), ChainError> {
    if receipt.status() {
        return Ok(());
    }
    Err(ChainError::Reverted {
        what: what.into(),
        reason: format!(
            "transaction {} failed in block {}",
            receipt.transaction_hash,
            receipt.block_number.unwrap_or_default()
        ),
    })
}
