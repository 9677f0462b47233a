//! A segment: one equation, spread over consecutive rows of the machine.
//!
//! It starts on a row that asserts the accumulator to be zero, adds and multiplies, and the next
//! segment's first row asserts that zero came out.

use halo2_proofs::halo2curves::{bn256::Fr, ff::Field};

use super::expr::{Expr, SlotId};
use super::fixed::signed;

/// What an honest prover writes into a checked cell (a cell of the lookup's input column).
#[allow(missing_docs)] // the variants say it
#[derive(Clone, Debug)]
pub enum CheckedCell {
    /// Limb `index` of a non-negative expression.
    Limb { expr: usize, index: u32 },
    /// The true literal below (or above) the interval that holds a feature's value.
    IntervalDigit { feature: usize, above: bool },
    /// Limb of the distance from the interval's lower (or to its upper) end.
    Distance { feature: usize, above: bool, index: u32 },
    /// Literal `position` of the box that a group selects.
    GroupDigit { group: usize, position: usize },
}

/// Which choice a hot cell belongs to.
#[allow(missing_docs)] // the variants say it
#[derive(Clone, Copy, Debug)]
pub enum HotCell {
    /// The value of the feature lies in this interval.
    Interval { feature: usize, interval: usize },
    /// This box of the group is selected.
    Box { group: usize, index: usize },
}

/// A hot cell with its two coefficients.
#[derive(Clone, Debug)]
pub(crate) struct Hot {
    pub(crate) cell: HotCell,
    pub(crate) key: Fr,
    pub(crate) value: Fr,
}

/// Terms that are added in one go; the sum is then multiplied by a slot, except in the last phase.
#[derive(Clone, Debug, Default)]
pub(crate) struct Phase {
    pub(crate) terms: Vec<(SlotId, Fr)>,
    pub(crate) constant: Fr,
    pub(crate) then_multiply: Option<SlotId>,
}

/// One equation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Segment {
    pub(crate) phases: Vec<Phase>,
    pub(crate) checked: Vec<(Fr, CheckedCell)>,
    pub(crate) hot: Vec<Hot>,
}

impl Phase {
    pub(crate) fn of(expr: &Expr, factor: Fr) -> Self {
        Self {
            terms: expr.terms.iter().map(|(slot, c)| (*slot, factor * signed(*c))).collect(),
            constant: factor * signed(expr.constant),
            then_multiply: None,
        }
    }
}

impl Segment {
    /// `expr = 0`.
    pub(crate) fn zero(expr: &Expr) -> Self {
        Self { phases: vec![Phase::of(expr, Fr::ONE)], ..Self::default() }
    }

    /// `a * slot + rest = 0`.
    pub(crate) fn product(a: &Expr, slot: SlotId, rest: &Expr) -> Self {
        let mut first = Phase::of(a, Fr::ONE);
        first.then_multiply = Some(slot);
        Self { phases: vec![first, Phase::of(rest, Fr::ONE)], ..Self::default() }
    }

    /// Rows that the cells alone need.
    pub(crate) fn cell_rows(&self, width: usize) -> usize {
        self.checked.len().max(self.hot.len().div_ceil(width)).max(1)
    }
}
