//! One RPC endpoint: found, connected, checked for its chain, and quoted in errors by host alone,
//! because the rest of an RPC URL is often a key.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use alloy::eips::BlockNumberOrTag;
use alloy::network::Ethereum;
use alloy::primitives::{Address, Bytes, TxHash, B256, U256};
use alloy::providers::{DynProvider, Provider, ProviderBuilder};
use alloy::rpc::types::{TransactionReceipt, TransactionRequest};
use alloy::sol_types::SolCall;
use alloy::transports::{RpcError, TransportErrorKind};

use super::contracts::revert_reason;
use super::error::ChainError;
use super::network::Network;

/// Patience with one request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// A clock further from the chain's than this is wrong, or the node is far behind.
const CLOCK_TOLERANCE: u64 = 900;

/// A connected endpoint of a known chain.
#[derive(Clone, Debug)]
pub struct Rpc {
    provider: DynProvider<Ethereum>,
    url: String,
    host: String,
    chain_id: u64,
}

/// The RPC URL of a network: the option, the network's own variable, a local network's file, and
/// ETH_RPC_URL, in this order.
///
/// # Errors
/// When there is none, naming all the ways to give one.
pub fn find_url(option: Option<&str>, network: &Network) -> Result<String, ChainError> {
    let env = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    option
        .map(str::to_string)
        .or_else(|| network.rpc_env.as_deref().and_then(env))
        .or_else(|| network.rpc_url.clone())
        .or_else(|| env("ETH_RPC_URL"))
        .ok_or_else(|| ChainError::Missing {
            what: format!("an RPC URL for {}", network.name),
            advice: match network.rpc_env.as_deref() {
                Some(name) => format!("give --rpc-url URL, or set {name} or ETH_RPC_URL"),
                None => "give --rpc-url URL, or set ETH_RPC_URL".into(),
            },
        })
}

impl Rpc {
    /// Connects and checks that the endpoint answers for the network's chain.
    ///
    /// # Errors
    /// A malformed URL, an endpoint that does not answer, or one of another chain.
    pub async fn connect(url: &str, network: &Network) -> Result<Self, ChainError> {
        let rpc = Self::open(url, network.chain_id)?;
        let got = rpc.wrap(rpc.provider.get_chain_id().await)?;
        if got != network.chain_id {
            return Err(ChainError::ChainId {
                network: network.name.clone(),
                expected: network.chain_id,
                got,
            });
        }
        Ok(rpc)
    }

    /// An endpoint whose chain id is known already.
    ///
    /// # Errors
    /// A malformed URL.
    pub fn open(url: &str, chain_id: u64) -> Result<Self, ChainError> {
        let bad =
            || ChainError::invalid("--rpc-url", "an http:// or https:// URL", "something else", "");
        let parsed: alloy::transports::http::reqwest::Url = url.parse().map_err(|_| bad())?;
        if !matches!(parsed.scheme(), "http" | "https") {
            return Err(bad());
        }
        let host = parsed.host_str().map(str::to_string).ok_or_else(bad)?;
        let host = parsed.port().map_or(host.clone(), |port| format!("{host}:{port}"));
        let client = alloy::transports::http::reqwest::Client::builder()
            .timeout(REQUEST_TIMEOUT)
            .build()
            .map_err(|e| ChainError::Rpc { host: host.clone(), what: e.to_string() })?;
        let provider = ProviderBuilder::new()
            .disable_recommended_fillers()
            .connect_reqwest(client, parsed)
            .erased();
        Ok(Self { provider, url: url.to_string(), host, chain_id })
    }

    /// The provider itself, for what this type does not wrap.
    pub fn provider(&self) -> &DynProvider<Ethereum> {
        &self.provider
    }

    /// The chain id that was checked.
    pub fn chain_id(&self) -> u64 {
        self.chain_id
    }

    /// Host and port, fit to be shown.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Turns a transport's answer into ours, without the URL.
    ///
    /// # Errors
    /// [`ChainError::Rpc`].
    pub fn wrap<T>(
        &self,
        answer: Result<T, RpcError<TransportErrorKind>>,
    ) -> Result<T, ChainError> {
        answer.map_err(|error| self.fault("request", &error))
    }

    fn fault(&self, what: &str, error: &RpcError<TransportErrorKind>) -> ChainError {
        if let RpcError::ErrorResp(payload) = error {
            if let Some(data) = payload.as_revert_data() {
                return ChainError::Reverted { what: what.into(), reason: revert_reason(&data) };
            }
            if payload.message.contains("revert") {
                let reason = self.redact(payload.message.to_string());
                return ChainError::Reverted { what: what.into(), reason };
            }
        }
        ChainError::Rpc { host: self.host.clone(), what: self.redact(innermost(error)) }
    }

    fn redact(&self, text: String) -> String {
        let trimmed = self.url.trim_end_matches('/');
        text.replace(&self.url, &self.host).replace(trimmed, &self.host)
    }

    /// One read of a contract at the latest block, said explicitly: some nodes take the pending one
    /// by themselves, where a hedge that waits looks as if it had been mined.
    ///
    /// # Errors
    /// [`ChainError::Reverted`] with the decoded reason, or the endpoint's failure.
    pub async fn read<C: SolCall>(&self, to: Address, call: C) -> Result<C::Return, ChainError> {
        self.read_from(Address::ZERO, to, call).await
    }

    /// The same, as `from`.
    ///
    /// # Errors
    /// As [`Rpc::read`].
    pub async fn read_from<C: SolCall>(
        &self,
        from: Address,
        to: Address,
        call: C,
    ) -> Result<C::Return, ChainError> {
        let what = || format!("{} at {to}", C::SIGNATURE.split('(').next().unwrap_or("call"));
        let request =
            TransactionRequest::default().from(from).to(to).input(call.abi_encode().into());
        let answer =
            self.provider.call(request).latest().await.map_err(|e| self.fault(&what(), &e))?;
        C::abi_decode_returns(&answer).map_err(|_| ChainError::Rpc {
            host: self.host.clone(),
            what: format!(
                "{}: expected an answer of this contract, got {} bytes of something else (is it deployed there?)",
                what(),
                answer.len()
            ),
        })
    }

    /// A call that is told with a name when it reverts.
    ///
    /// # Errors
    /// As [`Rpc::read`].
    pub async fn call_named(
        &self,
        what: &str,
        request: TransactionRequest,
        overrides: Option<alloy::rpc::types::state::StateOverride>,
    ) -> Result<Bytes, ChainError> {
        self.provider
            .call(request)
            .latest()
            .overrides_opt(overrides)
            .await
            .map_err(|e| self.fault(what, &e))
    }

    /// Gas that a request would take, told with a name when it reverts.
    ///
    /// # Errors
    /// As [`Rpc::read`].
    pub async fn estimate_named(
        &self,
        what: &str,
        request: TransactionRequest,
        overrides: Option<alloy::rpc::types::state::StateOverride>,
    ) -> Result<u64, ChainError> {
        self.provider
            .estimate_gas(request)
            .latest()
            .overrides_opt(overrides)
            .await
            .map_err(|e| self.fault(what, &e))
    }

    /// Refuses an address without code.
    ///
    /// # Errors
    /// Naming the contract and the address.
    pub async fn require_code(&self, name: &str, address: Address) -> Result<(), ChainError> {
        if self.wrap(self.provider.get_code_at(address).await)?.is_empty() {
            return Err(ChainError::refused(
                name,
                format!("a contract at {address}"),
                "an address without code",
                "check the network file and that the endpoint is the chain you mean",
            ));
        }
        Ok(())
    }

    /// Time of the latest block, Unix seconds.
    ///
    /// # Errors
    /// The endpoint's failure.
    pub async fn block_time(&self) -> Result<u64, ChainError> {
        let block = self
            .wrap(self.provider.get_block_by_number(BlockNumberOrTag::Latest).await)?
            .ok_or_else(|| self.no_block())?;
        Ok(block.header.timestamp)
    }

    /// The time that deadlines and months are counted from: this machine's clock, which must agree
    /// with the chain's; on a local chain, whose clock is often moved, the latest block's.
    ///
    /// # Errors
    /// When the two disagree by more than a quarter of an hour.
    pub async fn now(&self) -> Result<u64, ChainError> {
        let block = self.block_time().await?;
        if self.chain_id == super::network::LOCAL_CHAIN_ID {
            return Ok(block);
        }
        let clock = clock();
        if clock.abs_diff(block) > CLOCK_TOLERANCE {
            return Err(ChainError::refused(
                "clock",
                format!("within {CLOCK_TOLERANCE} s of the latest block's time {block}"),
                format!("{clock}"),
                "set this machine's clock, or use an endpoint that is not behind",
            ));
        }
        Ok(clock)
    }

    /// Hash of block 0. A local chain that was started anew has another one.
    ///
    /// # Errors
    /// The endpoint's failure.
    pub async fn genesis(&self) -> Result<B256, ChainError> {
        let block = self
            .wrap(self.provider.get_block_by_number(BlockNumberOrTag::Number(0)).await)?
            .ok_or_else(|| self.no_block())?;
        Ok(block.header.hash)
    }

    fn no_block(&self) -> ChainError {
        ChainError::Rpc { host: self.host.clone(), what: "the endpoint has no such block".into() }
    }

    /// A transaction's receipt, once mined.
    ///
    /// # Errors
    /// The endpoint's failure.
    pub async fn receipt(&self, hash: TxHash) -> Result<Option<TransactionReceipt>, ChainError> {
        self.wrap(self.provider.get_transaction_receipt(hash).await)
    }

    /// Whether the endpoint knows a transaction, mined or not.
    ///
    /// # Errors
    /// The endpoint's failure.
    pub async fn knows(&self, hash: TxHash) -> Result<bool, ChainError> {
        Ok(self.wrap(self.provider.get_transaction_by_hash(hash).await)?.is_some())
    }

    /// Transactions that an account has in mined blocks.
    ///
    /// # Errors
    /// The endpoint's failure.
    pub async fn mined_nonce(&self, account: Address) -> Result<u64, ChainError> {
        self.wrap(self.provider.get_transaction_count(account).await)
    }

    /// The same with pending ones.
    ///
    /// # Errors
    /// The endpoint's failure.
    pub async fn pending_nonce(&self, account: Address) -> Result<u64, ChainError> {
        self.wrap(self.provider.get_transaction_count(account).pending().await)
    }

    /// Wei of an account.
    ///
    /// # Errors
    /// The endpoint's failure.
    pub async fn balance(&self, account: Address) -> Result<U256, ChainError> {
        self.wrap(self.provider.get_balance(account).await)
    }
}

/// This machine's clock, Unix seconds.
pub fn clock() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

/// The last cause in a chain of errors: HTTP clients put the reason there.
fn innermost(error: &RpcError<TransportErrorKind>) -> String {
    if let RpcError::ErrorResp(payload) = error {
        return payload.message.to_string();
    }
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        let next = inner.to_string();
        if !text.contains(&next) {
            text = format!("{text}: {next}");
        }
        source = inner.source();
    }
    text
}
