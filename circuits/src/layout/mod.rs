//! From a Program to rows: which cell of the circuit holds what, and every fixed column.
//!
//! The circuit itself (see [`crate::circuit`]) is one small machine, the same for every model.
//! A layout is the model written for that machine: `docs/circuit.md` carries the mathematics.

mod bounds;
mod build;
mod expr;
mod features;
mod fixed;
mod groups;
mod lower;
#[doc(hidden)]
pub mod parts;
mod schedule;
mod segment;
mod slots;

pub use bounds::LayoutError;
#[doc(hidden)]
pub use build::Unsound;
pub use build::{Layout, LayoutOptions};
pub use features::Packing;
pub use fixed::{pow2, signed, FixedColumns};
pub(crate) use groups::{LeafBox, Literal};
pub(crate) use segment::{CheckedCell, HotCell};
pub(crate) use slots::SlotSource;

/// The shape of a circuit: what a verifier must know of it besides its key.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct Shape {
    /// log2 of the number of rows.
    pub k: u32,
    /// Number of one-hot columns.
    pub width: usize,
    /// Period of the bus.
    pub period: usize,
    /// Number of public inputs, the binding included.
    pub publics: usize,
}

/// Rows at the end of every column that hold blinding or are otherwise not the witness's.
///
/// halo2 derives it from the constraint system; [`crate::circuit`] asserts that they agree.
pub const UNUSABLE_ROWS: usize = 6;

impl Shape {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        1 << self.k
    }

    /// Number of rows that a witness may use.
    pub fn usable(&self) -> usize {
        self.rows() - UNUSABLE_ROWS
    }
}
