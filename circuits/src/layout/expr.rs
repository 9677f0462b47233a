//! Linear expressions over the bus's slots, with signed integer coefficients.

use std::collections::BTreeMap;

use super::bounds::LayoutError;

/// A slot before it has a place on the bus.
pub(crate) type SlotId = usize;

/// `constant + sum of coefficient * slot`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expr {
    /// Coefficient of every slot that occurs.
    pub terms: BTreeMap<SlotId, i128>,
    /// Constant.
    pub constant: i128,
}

impl Expr {
    pub(crate) fn slot(slot: SlotId) -> Self {
        Self { terms: BTreeMap::from([(slot, 1)]), constant: 0 }
    }

    pub(crate) fn constant(constant: i128) -> Self {
        Self { terms: BTreeMap::new(), constant }
    }

    /// `self + factor * other`; the Program's intervals keep every coefficient small.
    pub(crate) fn plus(mut self, factor: i128, other: &Self) -> Self {
        self.constant += factor * other.constant;
        for (slot, coefficient) in &other.terms {
            *self.terms.entry(*slot).or_default() += factor * coefficient;
        }
        self.terms.retain(|_, coefficient| *coefficient != 0);
        self
    }

    /// As [`Expr::plus`], refused where a coefficient leaves 126 bits: values that are always zero
    /// may carry coefficients of any size.
    pub(crate) fn checked_plus(mut self, factor: i128, other: &Self) -> Result<Self, LayoutError> {
        let fits = |number: i128| (number.unsigned_abs() < 1 << 126).then_some(number);
        let add = |to: i128, number: i128| {
            factor.checked_mul(number).and_then(|n| n.checked_add(to)).and_then(fits)
        };
        let wrap = LayoutError::Wrap { equation: "a linear value", bits: 127, limit: 126 };
        self.constant = add(self.constant, other.constant).ok_or_else(|| wrap.clone())?;
        for (slot, coefficient) in &other.terms {
            let sum = self.terms.entry(*slot).or_default();
            *sum = add(*sum, *coefficient).ok_or_else(|| wrap.clone())?;
        }
        self.terms.retain(|_, coefficient| *coefficient != 0);
        Ok(self)
    }

    pub(crate) fn plus_constant(mut self, constant: i128) -> Self {
        self.constant += constant;
        self
    }

    /// The slot, where the expression is one slot and nothing else.
    pub(crate) fn as_slot(&self) -> Option<SlotId> {
        let (slot, coefficient) = self.terms.first_key_value()?;
        (self.terms.len() == 1 && *coefficient == 1 && self.constant == 0).then_some(*slot)
    }

    /// Exact wherever the result fits 127 bits, whatever happens on the way.
    pub(crate) fn evaluate(&self, slots: &[i128]) -> i128 {
        let terms = self.terms.iter().map(|(slot, c)| c.wrapping_mul(slots[*slot]));
        terms.fold(self.constant, i128::wrapping_add)
    }
}
