//! Lowering: each operation of the Program becomes slots, equations and range checks.

use num_bigint::BigInt;
use num_traits::Zero;

use halo2_proofs::halo2curves::bn256::Fr;

use super::bounds::{below, limbs_bound, magnitude, power, LayoutError};
use super::expr::{Expr, SlotId};
use super::fixed::pow2;
use super::segment::{CheckedCell, Segment};
use super::slots::{SlotSource, Slots};
use crate::program::{Interval, Op, Program};

/// The equations of a Program, before they have rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lowered {
    pub(crate) slots: Slots,
    pub(crate) segments: Vec<Segment>,
    /// The non-negative expressions that limbs decompose.
    pub(crate) limbs: Vec<Expr>,
    /// The slot of the ensemble's running sum.
    pub(crate) sum: Option<SlotId>,
    /// Bits per output in the running sum.
    pub(crate) sum_bits: u32,
}

/// What a range check rests on.
#[derive(Clone, Debug)]
pub(crate) struct Limbs {
    pub(crate) bits: u32,
    /// The largest value in the lookup's table.
    pub(crate) largest_cell: BigInt,
    /// Bits that an equation may reach.
    pub(crate) field_bits: u32,
    /// Limbs beyond those that a value needs: none, except where a test adds some.
    pub(crate) extra: u32,
    /// Bits per output of the running sum, where a test sets them.
    pub(crate) sum_bits: Option<u32>,
}

impl Limbs {
    pub(crate) fn count(&self, greatest: i128) -> u32 {
        let bits = 128 - greatest.max(0).leading_zeros();
        bits.div_ceil(self.bits).max(1) + self.extra
    }

    pub(crate) fn bound(&self, greatest: i128) -> BigInt {
        limbs_bound(self.bits, self.count(greatest), &self.largest_cell)
    }
}

impl Lowered {
    /// Lowers every operation. `constants` is what single-leaf trees add to each output.
    pub(crate) fn of(
        program: &Program,
        constants: &[i128],
        limbs: &Limbs,
    ) -> Result<Self, LayoutError> {
        let mut lowered = Self::default();
        lowered.slots.push(SlotSource::Binding);
        for input in 0..program.inputs().len() {
            lowered.input(program, input, limbs)?;
        }
        for op in program.ops() {
            lowered.op(program, op, constants, limbs)?;
        }
        Ok(lowered)
    }

    fn next_value(&self) -> usize {
        self.slots.values.len()
    }

    fn input(&mut self, program: &Program, id: usize, limbs: &Limbs) -> Result<(), LayoutError> {
        let input = &program.inputs()[id];
        let Interval { lo, hi } = input.range;
        let slot = self.slots.push(SlotSource::Value(id));
        let expr = Expr::slot(slot);
        self.slots.slots[slot].enforced = Some((lo.into(), hi.into()));
        self.non_negative(expr.clone().plus_constant(-lo), hi - lo, limbs)?;
        self.non_negative(Expr::constant(hi).plus(-1, &expr), hi - lo, limbs)?;
        if let Some(owner) = input.missing_flag_of {
            let least = program.inputs()[owner].range.lo;
            let value = self.slots.values[owner].clone().plus_constant(-least);
            self.segments.push(Segment::product(&value, slot, &Expr::default()));
        }
        self.slots.values.push(expr);
        Ok(())
    }

    fn op(
        &mut self,
        program: &Program,
        op: &Op,
        constants: &[i128],
        limbs: &Limbs,
    ) -> Result<(), LayoutError> {
        match op {
            Op::Linear { terms, constant } => {
                let mut value = Expr::constant(*constant);
                for (coefficient, id) in terms {
                    value = value.checked_plus(*coefficient, &self.slots.values[*id])?;
                }
                self.slots.values.push(value);
            }
            Op::Mul { a, b } => self.mul(*a, *b, limbs)?,
            Op::DivFloor { num, den, result, .. } => {
                let divisor = program.intervals()[*den];
                self.div(*num, (*den, divisor), *result, false, limbs)?;
            }
            Op::DivCeil { num, den, result, .. } => {
                let divisor = program.intervals()[*den];
                self.div(*num, (*den, divisor), *result, true, limbs)?;
            }
            Op::Clip { x, lo, hi } => {
                let range = program.intervals()[*x];
                self.clip(*x, range, Interval::new(*lo, *hi), limbs)?;
            }
            Op::Trees(ensemble) => {
                let base: Vec<i128> =
                    ensemble.base().iter().zip(constants).map(|(b, c)| b + c).collect();
                self.trees(program, &base, limbs)?;
            }
        }
        Ok(())
    }

    /// `expr = sum of limbs`, which proves `expr >= 0`; honest values are at most `greatest`.
    /// Returns the bound that the limbs enforce.
    fn non_negative(
        &mut self,
        expr: Expr,
        greatest: i128,
        limbs: &Limbs,
    ) -> Result<BigInt, LayoutError> {
        let bound = limbs.bound(greatest);
        below("a range check", &bound, limbs.field_bits - 2)?;
        let mut segment = Segment::zero(&Expr::default().plus(-1, &expr));
        for index in 0..limbs.count(greatest) {
            let cell = CheckedCell::Limb { expr: self.limbs.len(), index };
            segment.checked.push((pow2(limbs.bits * index), cell));
        }
        self.limbs.push(expr);
        self.segments.push(segment);
        Ok(bound)
    }

    /// The value as one slot, adding a copy where it is an expression.
    pub(crate) fn as_slot(&mut self, value: usize) -> Result<SlotId, LayoutError> {
        let expr = self.slots.values[value].clone();
        if let Some(slot) = expr.as_slot() {
            return Ok(slot);
        }
        let copy = self.slots.push(SlotSource::Value(value));
        self.slots.slots[copy].enforced = self.slots.enforced(&expr);
        self.segments.push(Segment::zero(&expr.plus(-1, &Expr::slot(copy))));
        Ok(copy)
    }

    fn mul(&mut self, a: usize, b: usize, limbs: &Limbs) -> Result<(), LayoutError> {
        let id = self.next_value();
        let (left, right) = (self.slots.values[a].clone(), self.slots.values[b].clone());
        if right.terms.is_empty() || left.terms.is_empty() {
            let (constant, other) = if right.terms.is_empty() {
                (right.constant, left)
            } else {
                (left.constant, right)
            };
            self.slots.values.push(Expr::default().checked_plus(constant, &other)?);
            return Ok(());
        }
        let factor = self.as_slot(b)?;
        let slot = self.slots.push(SlotSource::Value(id));
        self.segments.push(Segment::product(
            &left,
            factor,
            &Expr::default().plus(-1, &Expr::slot(slot)),
        ));
        let largest = self.product_magnitude(&left, factor);
        below("a product", &largest, limbs.field_bits)?;
        self.slots.slots[slot].enforced = Some((-largest.clone(), largest));
        self.slots.values.push(Expr::slot(slot));
        Ok(())
    }

    fn product_magnitude(&self, left: &Expr, slot: SlotId) -> BigInt {
        let magnitude = |expr: &Expr| magnitude(&self.slots, expr).unwrap_or_else(|| power(254));
        magnitude(left) * magnitude(&Expr::slot(slot))
    }

    /// `den * q + r = num`, `0 <= r <= den - 1`, q in its range (ceiling: `den * q - r = num`).
    fn div(
        &mut self,
        num: usize,
        (den, divisor): (usize, Interval),
        result: Interval,
        ceil: bool,
        limbs: &Limbs,
    ) -> Result<(), LayoutError> {
        let id = self.next_value();
        let (top, bottom) = (self.slots.values[num].clone(), self.slots.values[den].clone());
        let quotient = self.slots.push(SlotSource::Value(id));
        let remainder = self.slots.push(SlotSource::Remainder { num, den, result: id, ceil });
        let (q, r) = (Expr::slot(quotient), Expr::slot(remainder));
        let span = result.hi - result.lo;
        self.non_negative(q.clone().plus_constant(-result.lo), span, limbs)?;
        self.non_negative(Expr::constant(result.hi).plus(-1, &q), span, limbs)?;
        self.slots.slots[quotient].enforced = Some((result.lo.into(), result.hi.into()));

        let greatest = divisor.hi - 1;
        let bound = self.non_negative(r.clone(), greatest, limbs)?;
        self.slots.slots[remainder].enforced = Some((BigInt::zero(), bound));
        let slack = bottom.clone().plus_constant(-1).plus(-1, &r);
        let reach = magnitude(&self.slots, &slack).unwrap_or_else(|| power(254));
        below("a divisor", &reach, limbs.field_bits)?;
        self.non_negative(slack, greatest, limbs)?;

        let sign = if ceil { -1 } else { 1 };
        let rest = Expr::default().plus(sign, &r).plus(-1, &top);
        let total = self.product_magnitude(&bottom, quotient)
            + magnitude(&self.slots, &rest).unwrap_or_else(|| power(254));
        below("a division", &total, limbs.field_bits)?;
        self.segments.push(if bottom.terms.is_empty() {
            Segment::zero(&rest.plus(bottom.constant, &q))
        } else {
            Segment::product(&bottom, quotient, &rest)
        });
        self.slots.values.push(q);
        Ok(())
    }

    /// `y = x + below - above`, `below (y - lo) = 0`, `above (hi - y) = 0`, all four non-negative.
    fn clip(
        &mut self,
        x: usize,
        range: Interval,
        bounds: Interval,
        limbs: &Limbs,
    ) -> Result<(), LayoutError> {
        let id = self.next_value();
        let Interval { lo, hi } = bounds;
        let value = self.slots.values[x].clone();
        let below_lo = self.slots.push(SlotSource::Below { x, bound: lo });
        let above_hi = self.slots.push(SlotSource::Above { x, bound: hi });
        let clipped = self.slots.push(SlotSource::Clipped { result: id, lo });
        let (under, over, t) = (Expr::slot(below_lo), Expr::slot(above_hi), Expr::slot(clipped));
        let width = hi - lo;
        for (slot, expr, greatest) in
            [(below_lo, &under, (lo - range.lo).max(0)), (above_hi, &over, (range.hi - hi).max(0))]
        {
            let bound = self.non_negative(expr.clone(), greatest, limbs)?;
            self.slots.slots[slot].enforced = Some((BigInt::zero(), bound));
        }
        self.non_negative(t.clone(), width, limbs)?;
        self.non_negative(Expr::constant(width).plus(-1, &t), width, limbs)?;
        self.slots.slots[clipped].enforced = Some((BigInt::zero(), width.into()));
        let result = t.clone().plus_constant(lo);
        let sum = value.plus(1, &under).plus(-1, &over).plus(-1, &result);
        let total = magnitude(&self.slots, &sum).unwrap_or_else(|| power(254));
        below("a clip", &total, limbs.field_bits)?;
        self.segments.push(Segment::zero(&sum));
        self.segments.push(Segment::product(&under, clipped, &Expr::default()));
        self.segments.push(Segment::product(
            &Expr::constant(width).plus(-1, &t),
            above_hi,
            &Expr::default(),
        ));
        self.slots.values.push(result);
        Ok(())
    }

    fn trees(
        &mut self,
        program: &Program,
        base: &[i128],
        limbs: &Limbs,
    ) -> Result<(), LayoutError> {
        let first = self.next_value();
        let interval = |output: usize| program.intervals()[first + output];
        if let [base] = base {
            let slot = self.slots.push(SlotSource::Sum { value: first, base: *base });
            let Interval { lo, hi } = interval(0);
            self.slots.slots[slot].enforced = Some(((lo - base).into(), (hi - base).into()));
            self.slots.values.push(Expr::slot(slot).plus_constant(*base));
            self.sum = Some(slot);
            return Ok(());
        }
        let packed = self.slots.push(SlotSource::Packed);
        let spans = (0..base.len()).map(|o| interval(o).hi - interval(o).lo);
        let widest = spans.max().unwrap_or(0);
        let sum_bits = u32::try_from(limbs.bound(widest).bits() + 1).unwrap_or(u32::MAX);
        self.sum_bits = limbs.sum_bits.unwrap_or(sum_bits);
        let total = self.sum_bits.saturating_mul(u32::try_from(base.len()).unwrap_or(u32::MAX));
        below("the packed outputs", &power(total.min(10_000)), limbs.field_bits)?;
        self.sum = Some(packed);
        self.unpack(packed, base, interval, limbs)
    }

    /// `packed + sum of 2^(bits o) (base_o - lo_o) = sum of 2^(bits o) (output_o - lo_o)`.
    fn unpack(
        &mut self,
        packed: SlotId,
        base: &[i128],
        interval: impl Fn(usize) -> Interval,
        limbs: &Limbs,
    ) -> Result<(), LayoutError> {
        use super::segment::Phase;
        let mut phase = Phase { terms: vec![(packed, Fr::one())], ..Phase::default() };
        let first = self.next_value();
        for (output, base) in base.iter().enumerate() {
            let Interval { lo, hi } = interval(output);
            let shift = pow2(self.sum_bits * u32::try_from(output).unwrap_or(u32::MAX));
            let slot = self.slots.push(SlotSource::Clipped { result: first + output, lo });
            let bound = self.non_negative(Expr::slot(slot), hi - lo, limbs)?;
            self.slots.slots[slot].enforced = Some((BigInt::zero(), bound));
            phase.terms.push((slot, -shift));
            phase.constant += shift * super::fixed::signed(base - lo);
            self.slots.values.push(Expr::slot(slot).plus_constant(lo));
        }
        self.segments.push(Segment { phases: vec![phase], ..Segment::default() });
        Ok(())
    }
}
