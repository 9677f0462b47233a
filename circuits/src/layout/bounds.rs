//! The integer inequalities behind every equation: where they fail, compilation is refused.
//!
//! The circuit's equations hold modulo the field's prime. Each one is read as an equation of
//! integers, which is right only while both sides stay below half of the prime, and only while the
//! parts that share one equation cannot reach into each other. `docs/circuit.md` derives each.

use num_bigint::BigInt;
use num_traits::{One, Signed};

use super::expr::Expr;
use super::slots::Slots;

/// Sums must stay below `2^FIELD_BITS`, less than half of the field's prime (about `2^253.6`).
pub(crate) const FIELD_BITS: u32 = 252;

/// Why a Program does not fit a circuit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// Not enough rows up to the largest circuit.
    #[error(
        "the model needs {needed} rows, more than the {available} of k = {k}; allow a larger k"
    )]
    Rows {
        /// Rows needed.
        needed: usize,
        /// Rows that a witness may use.
        available: usize,
        /// log2 of the rows.
        k: u32,
    },
    /// An equation could hold modulo the prime without holding for integers.
    #[error(
        "{equation} reaches {bits} bits, {limit} are sound: narrow the declared ranges, \
         or split the model"
    )]
    Wrap {
        /// Which equation.
        equation: &'static str,
        /// Bits that it can reach.
        bits: u64,
        /// Bits at which it is still an equation of integers.
        limit: u64,
    },
    /// A parameter that makes no sense.
    #[error("{what}: expected {expected}, got {got}")]
    Parameter {
        /// The parameter.
        what: &'static str,
        /// What is accepted.
        expected: &'static str,
        /// What was given.
        got: u64,
    },
    /// Two queries of one column would read the same row.
    #[error("the period {period} coincides with another rotation at k = {k}")]
    Rotation {
        /// The bus's period.
        period: usize,
        /// log2 of the rows.
        k: u32,
    },
}

/// Bits of a magnitude.
pub(crate) fn bits(value: &BigInt) -> u64 {
    value.abs().bits()
}

/// `2^exponent`.
pub(crate) fn power(exponent: u32) -> BigInt {
    BigInt::one() << exponent
}

/// Refuses `equation` where `magnitude >= 2^limit`.
pub(crate) fn below(
    equation: &'static str,
    magnitude: &BigInt,
    limit: u32,
) -> Result<(), LayoutError> {
    let got = bits(magnitude);
    if got > u64::from(limit) {
        Err(LayoutError::Wrap { equation, bits: got, limit: u64::from(limit) })
    } else {
        Ok(())
    }
}

/// Largest magnitude of `expr` over what the constraints enforce for its slots.
pub(crate) fn magnitude(slots: &Slots, expr: &Expr) -> Option<BigInt> {
    let (lo, hi) = slots.enforced(expr)?;
    Some(lo.abs().max(hi.abs()))
}

/// Largest sum of `limbs` cells of the lookup's column, none above `largest_cell`.
pub(crate) fn limbs_bound(limb_bits: u32, limbs: u32, largest_cell: &BigInt) -> BigInt {
    (0..limbs).map(|index| largest_cell * power(limb_bits * index)).sum()
}
