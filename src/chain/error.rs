//! What can go wrong on the way to the chain: each message says what was expected, what was got
//! and what to do, and none of them carries a secret.

use std::path::Path;

use alloy::primitives::{Address, B256};

/// An error of the chain side.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// Something the user has to supply; the command line treats it as a usage error.
    #[error("{what} is missing")]
    Missing {
        /// The thing that is missing.
        what: String,
        /// How to supply it.
        advice: String,
    },
    /// An option or a file's value that cannot be used.
    #[error("{name}: expected {expected}, got {got}")]
    Invalid {
        /// The option, column or field.
        name: String,
        /// What would have been accepted.
        expected: String,
        /// What was given (never a secret).
        got: String,
        /// What to do.
        advice: String,
    },
    /// A check before any work or any transaction said no.
    #[error("{what}: expected {expected}, got {got}")]
    Refused {
        /// The check.
        what: String,
        /// What it wants.
        expected: String,
        /// What it found.
        got: String,
        /// What to do.
        advice: String,
    },
    /// The RPC endpoint answers for another chain.
    #[error("chain id: network `{network}` is {expected}, the RPC endpoint answers {got}")]
    ChainId {
        /// The network's name.
        network: String,
        /// The release file's chain id.
        expected: u64,
        /// The endpoint's.
        got: u64,
    },
    /// The price of the forecast is too far from the pool's.
    #[error("price: expected within {band_bps} bps of the pool's TWAP of {twap} USD per BTC, got {price} USD per BTC")]
    PriceBand {
        /// The price given, plain USD.
        price: String,
        /// The pool's time-weighted price, plain USD.
        twap: String,
        /// The gate's band in basis points.
        band_bps: u64,
    },
    /// Not enough WBTC.
    #[error("WBTC balance of {owner}: expected at least {need} BTC{horizon}, got {have} BTC")]
    Balance {
        /// Whose balance.
        owner: Address,
        /// BTC needed, plain.
        need: String,
        /// BTC there, plain.
        have: String,
        /// For which horizon, as text that follows the figure.
        horizon: String,
    },
    /// The gate has other models than this machine.
    #[error("model of horizon {horizon}: expected digest {local} (the local model), got {gate} ({place})")]
    Digest {
        /// 2, 3, 4 or 5.
        horizon: u8,
        /// Digest of the local model.
        local: B256,
        /// The other digest.
        gate: B256,
        /// Where the other digest stands.
        place: &'static str,
    },
    /// The RPC endpoint failed.
    #[error("RPC endpoint {host}: {what}")]
    Rpc {
        /// Host and port only: the rest of an RPC URL is often a secret.
        host: String,
        /// The failure.
        what: String,
    },
    /// A contract said no, in a call or in a mined transaction.
    #[error("{what} reverted: {reason}")]
    Reverted {
        /// The call.
        what: String,
        /// The decoded reason.
        reason: String,
    },
    /// A file.
    #[error("{path}: {what}")]
    File {
        /// The path.
        path: String,
        /// What is wrong.
        what: String,
    },
    /// The forecasting side.
    #[error("{0}")]
    Forecast(String),
    /// A hedge is under way or done; only `--new` passes it.
    #[error("{0}")]
    Journal(String),
    /// The observer stopped the run.
    #[error("stopped after step {0:?}")]
    Stopped(super::hedge::Step),
}

impl ChainError {
    /// A file error that names the path and the system's reason.
    pub fn file(path: &Path, what: &str, error: &dyn std::fmt::Display) -> Self {
        Self::File { path: path.display().to_string(), what: format!("{what}: {error}") }
    }

    /// An unusable value.
    pub fn invalid(name: &str, expected: &str, got: impl ToString, advice: &str) -> Self {
        Self::Invalid {
            name: name.into(),
            expected: expected.into(),
            got: got.to_string(),
            advice: advice.into(),
        }
    }

    /// A refusal.
    pub fn refused(
        what: &str,
        expected: impl ToString,
        got: impl ToString,
        advice: impl ToString,
    ) -> Self {
        Self::Refused {
            what: what.into(),
            expected: expected.to_string(),
            got: got.to_string(),
            advice: advice.to_string(),
        }
    }

    /// Whether the command line should answer with its usage exit code.
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Missing { .. } | Self::Invalid { .. })
    }

    /// What the user can do about it, where there is more to say than the message.
    pub fn advice(&self) -> Option<String> {
        match self {
            Self::Missing { advice, .. }
            | Self::Invalid { advice, .. }
            | Self::Refused { advice, .. } => Some(advice.clone()).filter(|a| !a.is_empty()),
            Self::ChainId { .. } => Some(
                "check --rpc-url (or the environment variable it came from) and --network".into(),
            ),
            Self::PriceBand { .. } => Some(
                "give today's price, or --btc-price pool; a test net's pool does not follow BTC's \
                 price"
                    .into(),
            ),
            Self::Balance { .. } => Some(
                "deposit WBTC, or choose a shorter --horizon (auto takes the longest covered)"
                    .into(),
            ),
            Self::Digest { .. } => Some(
                "update the model folder or the network file so that both name the same release"
                    .into(),
            ),
            Self::Rpc { .. } => {
                Some("check the endpoint, then run the same command again: it resumes".into())
            }
            _ => None,
        }
    }
}
