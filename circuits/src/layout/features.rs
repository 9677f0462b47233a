//! Features: the staircase that says which comparisons hold, and the equation that ties it to a value.
//!
//! The staircase column rises by 0 or 1 per row, from 0 before the first feature to the number of
//! features after the last. Feature `f` owns the rows of its thresholds, ascending, between two
//! sentinel rows; inside them the staircase steps from `f` to `f + 1` exactly where the first
//! threshold above the value stands. A row's code (`Codes::code`) names the row and the step.

use num_bigint::BigInt;

use halo2_proofs::halo2curves::{bn256::Fr, ff::Field};

use super::bounds::{below, bits, power, LayoutError};
use super::expr::Expr;
use super::fixed::{pow2, signed};
use super::groups::Literal;
use super::lower::{Limbs, Lowered};
use super::segment::{CheckedCell, Hot, HotCell, Phase, Segment};
use crate::program::Interval;
use crate::trees::Ensemble;

/// Where each literal stands in the staircase, counted from its first sentinel, and its code.
#[derive(Clone, Debug, Default)]
pub(crate) struct Codes {
    /// Index of the first threshold of each feature (virtual ones last).
    first: Vec<usize>,
    /// Thresholds per feature.
    counts: Vec<usize>,
    /// Codes start above every value that a limb may take.
    pub(crate) base: u64,
}

impl Codes {
    pub(crate) fn new(thresholds: &[usize], virtuals: usize, base: u64) -> Self {
        let counts: Vec<usize> =
            thresholds.iter().copied().chain(std::iter::repeat_n(1, virtuals)).collect();
        let mut first = Vec::with_capacity(counts.len());
        let mut at = 1;
        for count in &counts {
            first.push(at);
            at += count + 1;
        }
        Self { first, counts, base }
    }

    pub(crate) fn features(&self) -> usize {
        self.counts.len()
    }

    /// Rows of the staircase, sentinels included.
    pub(crate) fn rows(&self) -> usize {
        self.counts.iter().sum::<usize>() + self.counts.len() + 1
    }

    /// Index of a threshold's row. `None` stands for the sentinel below the feature, the number
    /// of its thresholds for the sentinel above.
    pub(crate) fn row(&self, feature: usize, threshold: Option<usize>) -> usize {
        self.first[feature] + threshold.unwrap_or(0) - usize::from(threshold.is_none())
    }

    /// What the table adds to the staircase in row `row`.
    pub(crate) fn table(&self, row: usize) -> u64 {
        self.base + (row as u64) * (self.features() as u64 + 1)
    }

    /// The code of a row when the staircase has reached `step` there.
    fn code(&self, row: usize, step: usize) -> u64 {
        self.table(row) + step as u64
    }

    /// The code that is in the table exactly if the literal is true.
    pub(crate) fn literal(&self, literal: Literal) -> u64 {
        let row = self.row(literal.feature, Some(literal.threshold));
        self.code(row, literal.feature + usize::from(literal.less))
    }

    /// The code that the value is not below the interval (or below its upper end).
    pub(crate) fn end(&self, feature: usize, interval: usize, above: bool) -> u64 {
        let threshold = if above { Some(interval) } else { interval.checked_sub(1) };
        self.code(self.row(feature, threshold), feature + usize::from(above))
    }

    /// The largest value in the lookup's table.
    pub(crate) fn largest(&self) -> u64 {
        self.code(self.rows() - 1, self.features())
    }

    /// Bits of a literal in a key.
    pub(crate) fn literal_bits(&self) -> u32 {
        64 - self.largest().leading_zeros()
    }
}

/// How a feature's equation packs its parts: two literals, two distances, the count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packing {
    /// Bits of one literal.
    pub literal_bits: u32,
    /// Bits of a distance.
    pub distance_bits: u32,
}

impl Packing {
    fn lower(&self) -> u32 {
        2 * self.literal_bits
    }
    fn upper(&self) -> u32 {
        self.lower() + self.distance_bits + 2
    }
    fn count(&self) -> u32 {
        self.upper() + self.distance_bits + 3
    }
}

/// The intervals between a feature's thresholds, as distances from the least value.
fn interval_ends(thresholds: &[i128], range: Interval) -> Vec<(i128, i128)> {
    let clamped = thresholds.iter().map(|t| (*t).clamp(range.lo, range.hi + 1) - range.lo);
    let span = range.hi - range.lo + 1;
    let ends: Vec<i128> = std::iter::once(0).chain(clamped).chain(std::iter::once(span)).collect();
    ends.windows(2).map(|pair| (pair[0], pair[1])).collect()
}

/// The equation of one feature: the interval that the staircase selects holds the value.
///
/// `sum h (low + high 2^l + L 2^a + U 2^b + 2^c) = low' + high' 2^l + (w - d) 2^a +
/// (w + 1 + d') 2^b + 2^c` with `w = x - lo` and `d, d' >= 0`.
pub(crate) fn interval_segment(
    lowered: &mut Lowered,
    ensemble: &Ensemble,
    feature: usize,
    range: Interval,
    codes: &Codes,
    limbs: &Limbs,
    packing: Option<Packing>,
) -> Result<Segment, LayoutError> {
    let spec = &ensemble.features()[feature];
    let w = lowered.slots.values[spec.value].clone().plus_constant(-range.lo);
    let span = range.hi - range.lo;
    let ends = interval_ends(&spec.thresholds, range);
    let packing = match packing {
        Some(packing) => packing,
        None => checked_packing(lowered, &w, span, ends.len(), codes, limbs)?,
    };
    let (lower, upper, count) =
        (pow2(packing.lower()), pow2(packing.upper()), pow2(packing.count()));
    let high = pow2(packing.literal_bits);
    let mut segment = Segment::default();
    for (interval, (low_end, high_end)) in ends.iter().enumerate() {
        let key = Fr::from(codes.end(feature, interval, false))
            + Fr::from(codes.end(feature, interval, true)) * high
            + signed(*low_end) * lower
            + signed(*high_end) * upper
            + count;
        segment.hot.push(Hot {
            cell: HotCell::Interval { feature, interval },
            key,
            value: Fr::ZERO,
        });
    }
    for (above, coefficient) in [(false, Fr::ONE), (true, high)] {
        segment.checked.push((-coefficient, CheckedCell::IntervalDigit { feature, above }));
    }
    for index in 0..limbs.count(span) {
        let limb = pow2(limbs.bits * index);
        let cell = |above| CheckedCell::Distance { feature, above, index };
        segment.checked.push((limb * lower, cell(false)));
        segment.checked.push((-limb * upper, cell(true)));
    }
    let mut phase = Phase::of(&w, -(lower + upper));
    phase.constant -= upper + count;
    segment.phases.push(phase);
    Ok(segment)
}

fn checked_packing(
    lowered: &Lowered,
    w: &Expr,
    span: i128,
    intervals: usize,
    codes: &Codes,
    limbs: &Limbs,
) -> Result<Packing, LayoutError> {
    let w_bound = super::bounds::magnitude(&lowered.slots, w).unwrap_or_else(|| power(254));
    let distance = w_bound.max(limbs.bound(span)).max(BigInt::from(span) + 2) + 1;
    let packing = Packing {
        literal_bits: codes.literal_bits(),
        distance_bits: u32::try_from(bits(&distance)).unwrap_or(254),
    };
    let total = power(packing.count()) * BigInt::from(4 * intervals.max(1));
    below("a feature's interval", &total, limbs.field_bits)?;
    Ok(packing)
}
