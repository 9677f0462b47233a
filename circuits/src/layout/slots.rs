//! The slots of the bus: which values the circuit holds, and how each is computed and bounded.

use num_bigint::BigInt;

use super::expr::{Expr, SlotId};
use crate::program::{Op, Program, ValueId};

/// What an honest prover writes into a slot.
#[allow(missing_docs)] // the variants say it
#[derive(Clone, Debug)]
pub enum SlotSource {
    /// The statement's binding, a full field element.
    Binding,
    /// A value of the Program.
    Value(ValueId),
    /// `num - result * den` of a floor division, `result * den - num` of a ceiling.
    Remainder { num: ValueId, den: ValueId, result: ValueId, ceil: bool },
    /// `max(bound - x, 0)`.
    Below { x: ValueId, bound: i128 },
    /// `max(x - bound, 0)`.
    Above { x: ValueId, bound: i128 },
    /// `x - lo` after clipping.
    Clipped { result: ValueId, lo: i128 },
    /// The only output of an ensemble, less its base.
    Sum { value: ValueId, base: i128 },
    /// Several outputs, each from its least value, packed into one number of `bits` per output.
    Packed,
}

/// A slot with the interval that the circuit enforces for it.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub(crate) source: SlotSource,
    /// Bounds enforced by constraints; `None` for the binding, which is only carried.
    pub(crate) enforced: Option<(BigInt, BigInt)>,
}

/// The slots, and every Program value as an expression over them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slots {
    pub(crate) slots: Vec<Slot>,
    pub(crate) values: Vec<Expr>,
}

impl Slots {
    pub(crate) fn push(&mut self, source: SlotSource) -> SlotId {
        self.slots.push(Slot { source, enforced: None });
        self.slots.len() - 1
    }

    /// Interval that the constraints enforce for `expr`, from those of its slots.
    pub(crate) fn enforced(&self, expr: &Expr) -> Option<(BigInt, BigInt)> {
        let mut bounds = (BigInt::from(expr.constant), BigInt::from(expr.constant));
        for (slot, coefficient) in &expr.terms {
            let (lo, hi) = self.slots[*slot].enforced.clone()?;
            let (a, b) = (lo * coefficient, hi * coefficient);
            bounds.0 += a.clone().min(b.clone());
            bounds.1 += a.max(b);
        }
        Some(bounds)
    }

    /// The value of every slot except binding and packed sums (those are zero here).
    pub(crate) fn honest(&self, program: &Program, value: impl Fn(ValueId) -> i128) -> Vec<i128> {
        debug_assert!(program.ops().iter().filter(|op| matches!(op, Op::Trees(_))).count() <= 1);
        self.slots.iter().map(|slot| honest_value(&slot.source, &value)).collect()
    }
}

fn honest_value(source: &SlotSource, value: &impl Fn(ValueId) -> i128) -> i128 {
    match source {
        SlotSource::Binding | SlotSource::Packed => 0,
        SlotSource::Sum { value: id, base } => value(*id) - base,
        SlotSource::Value(id) => value(*id),
        SlotSource::Remainder { num, den, result, ceil } => {
            let difference = value(*num) - value(*result) * value(*den);
            if *ceil {
                -difference
            } else {
                difference
            }
        }
        SlotSource::Below { x, bound } => (bound - value(*x)).max(0),
        SlotSource::Above { x, bound } => (value(*x) - bound).max(0),
        SlotSource::Clipped { result, lo } => value(*result) - lo,
    }
}
