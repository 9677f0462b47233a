//! The hedge: checks, four forecasts, four proofs, a plan, an approval, one transaction.
//!
//! The proving side is a [`Forecaster`]; whoever drives a hedge is its [`Guide`]. Nothing in here
//! knows how a forecast is made.

mod act;
mod check;
mod plan;
mod resume;
mod run;

use std::collections::BTreeSet;
use std::path::PathBuf;

use alloy::primitives::{Address, Bytes, B256, U256};

use super::error::ChainError;
pub use super::figures::HedgeInputs;
use super::journal::{Entry, Swapped};
use super::network::Network;
use super::rpc::Rpc;
use super::send::Sender;
use super::simulate::Simulation;
use crate::bundle::BoundTo;
pub use plan::{Market, Plan};
pub use run::{hedge, reset_allowance};

/// Shortest and longest time that a hedge may take from proof to block, seconds. The gate refuses
/// deadlines more than a day ahead.
pub const DEADLINE_RANGE: std::ops::RangeInclusive<u64> = 60..=86_000;

/// What one horizon's model says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// Months covered: 2, 3, 4 or 5.
    pub horizon: u8,
    /// BTC needed, satoshi.
    pub amount_sats: U256,
}

/// One proven forecast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proved {
    /// Months covered.
    pub horizon: u8,
    /// Public values: binding, horizon, amount (satoshi), price (1e-6 USD per BTC), month.
    pub statement: Vec<U256>,
    /// Proof of them.
    pub proof: Bytes,
    /// Time it took, milliseconds.
    pub millis: u64,
}

/// The proving side: four models, for horizons 2, 3, 4 and 5.
pub trait Forecaster {
    /// Digests of the local models' verifying keys.
    fn digests(&self) -> [B256; 4];

    /// Whether any of the keys was made with a development SRS.
    fn dev_setup(&self) -> bool;

    /// Names of the inputs that the models read (of [`super::figures::INPUT_NAMES`]).
    fn reads(&self) -> BTreeSet<String>;

    /// Forecasts without proofs, in the horizons' order.
    ///
    /// # Errors
    /// An input that is missing or out of range, by name.
    fn forecast(&self, inputs: &HedgeInputs) -> Result<[Forecast; 4], ChainError>;

    /// Proofs of the horizons' forecasts, all with the same binding.
    ///
    /// # Errors
    /// As [`Forecaster::forecast`], or the prover's.
    fn prove(
        &self,
        inputs: &HedgeInputs,
        horizons: &[u8],
        binding: U256,
    ) -> Result<Vec<Proved>, ChainError>;

    /// The proofs as files to publish, by name; none where the proofs are not real ones.
    ///
    /// # Errors
    /// A proof that is not of these models.
    fn bundles(
        &self,
        _proofs: &[Proved],
        _bound_to: &BoundTo,
    ) -> Result<Vec<(String, Vec<u8>)>, ChainError> {
        Ok(Vec::new())
    }
}

/// Points of a hedge, in order. A run that ends after any of them is picked up by the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Network, models, pool, price, month and balance are fine.
    Checked,
    /// The four amounts are known.
    Forecasted,
    /// The four proofs are made.
    Proved,
    /// The plan was confirmed.
    Confirmed,
    /// The journal has an entry.
    Written,
    /// The approval's hash is in the journal; it is not sent.
    ApprovalWritten,
    /// The approval is sent; no receipt was seen.
    ApprovalSent,
    /// The approval is mined.
    Approved,
    /// The hedge is signed and its hash is in the journal; it is not sent.
    HedgeWritten,
    /// The hedge is sent; the journal does not say so yet.
    HedgeSent,
    /// The journal says that it is sent; no receipt was seen.
    SentWritten,
    /// The receipt was seen; the journal does not say so yet.
    ReceiptSeen,
    /// The journal says how it ended.
    EndWritten,
}

/// What a guide is asked.
#[derive(Clone, Copy, Debug)]
pub enum Question<'a> {
    /// Send this hedge?
    Send(&'a Plan),
    /// Send the signed hedge of an earlier run once more?
    Resume(&'a Entry),
    /// Set the gate's allowance back to zero?
    ResetAllowance(U256),
}

/// Whoever drives a hedge.
pub trait Guide {
    /// Told after every step; an error stops the run there, as a killed process would.
    ///
    /// # Errors
    /// The guide's wish to stop.
    fn step(&self, step: Step) -> Result<(), ChainError>;

    /// A remark.
    fn say(&self, text: &str);

    /// A question; `false` declines.
    ///
    /// # Errors
    /// [`ChainError::Missing`] where there is nobody to ask.
    fn confirm(&self, question: Question<'_>) -> Result<bool, ChainError>;
}

/// Which horizon to act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Horizon {
    /// The longest that the balance covers.
    Auto,
    /// This one.
    Months(u8),
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct HedgeRequest {
    /// The farm's figures; `month` is added, and `btc_price` too with [`Self::price_from_pool`].
    pub inputs: HedgeInputs,
    /// Take the pool's TWAP as the price.
    pub price_from_pool: bool,
    /// Which horizon.
    pub horizon: Horizon,
    /// Calendar month, 1..=12; today's if `None`.
    pub month: Option<u8>,
    /// Largest shortfall of the output against the quote, basis points.
    pub max_slippage_bps: u16,
    /// Seconds from the proof to the deadline.
    pub deadline_secs: u64,
    /// Start a hedge although the journal has one.
    pub new: bool,
}

/// Where and as whom.
#[derive(Clone, Debug)]
pub struct HedgeContext {
    /// The network's release file.
    pub network: Network,
    /// A connected endpoint.
    pub rpc: Rpc,
    /// Who hedges.
    pub actor: Actor,
    /// Folder below which the journal lies.
    pub home: PathBuf,
}

/// Who hedges, and how far it goes.
#[derive(Clone, Debug)]
pub enum Actor {
    /// Sign and send.
    Sender(Sender),
    /// Prove and simulate as this address; send nothing.
    DryRun(Address),
    /// Prove for this address, and put out transactions for it to sign elsewhere.
    Unsigned(Address),
}

impl Actor {
    /// The address whose WBTC is swapped.
    pub fn address(&self) -> Address {
        match self {
            Self::Sender(sender) => sender.address(),
            Self::DryRun(address) | Self::Unsigned(address) => *address,
        }
    }
}

/// A transaction for somebody else to sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsigned {
    /// What it does.
    pub what: &'static str,
    /// The contract.
    pub to: Address,
    /// Call data.
    pub data: Bytes,
    /// Wei, always 0.
    pub value: U256,
}

/// How a hedge ended.
#[derive(Clone, Debug)]
pub enum HedgeOutcome {
    /// Swapped, by this run.
    Swapped(Box<Plan>, Swapped),
    /// An earlier run's hedge, found in the journal: swapped.
    Earlier(Box<Entry>, Swapped),
    /// An earlier run's hedge, found in the journal: failed.
    EarlierFailed(Box<Entry>, String),
    /// The forecasts are zero: the plan has the proofs, and there is nothing to swap.
    NothingToSwap(Box<Plan>),
    /// Proven and simulated; nothing was sent. The text says what would refuse it.
    Simulated(Box<Plan>, Result<Option<Simulation>, String>),
    /// To be signed elsewhere.
    Unsigned(Box<Plan>, Vec<Unsigned>),
    /// The user said no; nothing was sent.
    Declined(Box<Plan>),
}

impl HedgeOutcome {
    /// The plan, where this run made one.
    pub fn plan(&self) -> Option<&Plan> {
        match self {
            Self::Swapped(plan, _)
            | Self::NothingToSwap(plan)
            | Self::Simulated(plan, _)
            | Self::Unsigned(plan, _)
            | Self::Declined(plan) => Some(plan),
            Self::Earlier(..) | Self::EarlierFailed(..) => None,
        }
    }
}
