//! The spec of a model folder: what the trained file's numbers mean, as `spec.toml` states it.

use serde::Deserialize;

/// The only format of a spec so far.
pub(super) const FORMAT: u32 = 1;

/// A model folder's `spec.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Version of this format.
    pub format: u32,
    /// The model's name.
    pub name: String,
    /// Months that the forecast covers.
    pub horizon: Option<u8>,
    /// The trained file, beside the spec.
    pub file: String,
    /// What is done with the model's output.
    pub head: HeadKind,
    /// Inputs in the units that people state them in.
    #[serde(default, rename = "input")]
    pub inputs: Vec<InputSpec>,
    /// Features computed inside the proof.
    #[serde(default, rename = "derived")]
    pub derived: Vec<DerivedSpec>,
    /// The trained file's columns.
    pub features: FeatureOrder,
    /// What the head reads.
    pub head_options: Option<HeadOptions>,
}

/// The heads; `head.rs` builds them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HeadKind {
    /// The model's own outputs.
    Identity,
    /// BTC to sell now for the coming months' electricity.
    BtcAmount,
}

/// An input.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputSpec {
    /// Name, as columns and options name it.
    pub name: String,
    /// Unit, for people.
    pub unit: String,
    /// The integer `n` stands for `n / 10^decimals`.
    pub decimals: u32,
    /// Least value, in plain units.
    pub min: String,
    /// Greatest value, in plain units.
    pub max: String,
    /// Whether the statement shows it.
    pub visibility: Visibility,
}

/// Who sees an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Visibility {
    /// Part of the statement.
    Public,
    /// Never leaves the witness.
    Private,
}

/// `q = floor(mul u / (div v))`, the feature being `q / 2^bits`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DerivedSpec {
    /// Name.
    pub name: String,
    /// Dividend: an input.
    pub u: String,
    /// Divisor: an input, positive over its declared range.
    pub v: String,
    /// Positive integer factor of the dividend.
    pub mul: u64,
    /// Positive integer factor of the divisor.
    pub div: u64,
    /// Binary places of the feature.
    pub bits: u32,
}

/// The trained file's columns in its order.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeatureOrder {
    /// Each names an input or a derived feature.
    pub order: Vec<String>,
}

/// What the head `btc-amount` reads.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadOptions {
    /// Input: today's cost.
    pub day_price: String,
    /// Input: cost of the last two months.
    pub cost_2_months: String,
    /// Input: price of one BTC.
    pub price: String,
    /// Input: the calendar month.
    pub month: String,
    /// Bounds of the model's output.
    pub clip: [String; 2],
    /// Binary places that the model's output is floored to.
    pub output_bits: u32,
}
