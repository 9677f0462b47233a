//! Linear expressions over the bus's slots, with signed integer coefficients.

use std::collections::BTreeMap;

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

    pub(crate) fn plus_constant(mut self, constant: i128) -> Self {
        self.constant += constant;
        self
    }

    /// The slot, where the expression is one slot and nothing else.
    pub(crate) fn as_slot(&self) -> Option<SlotId> {
        let (slot, coefficient) = self.terms.first_key_value()?;
        (self.terms.len() == 1 && *coefficient == 1 && self.constant == 0).then_some(*slot)
    }

    pub(crate) fn evaluate(&self, slots: &[i128]) -> i128 {
        self.constant + self.terms.iter().map(|(s, c)| c * slots[*s]).sum::<i128>()
    }
}
