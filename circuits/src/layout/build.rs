//! Building a layout: literals and groups, equations, rows, and at last the fixed columns.

use halo2_proofs::halo2curves::{bn256::Fr, ff::Field};

use super::bounds::{below, power, LayoutError, FIELD_BITS};
use super::expr::{Expr, SlotId};
use super::features::{interval_segment, Codes, Packing};
use super::fixed::{bus, op, pow2, signed, FixedColumns};
use super::groups::{Group, Groups};
use super::lower::{Limbs, Lowered};
use super::schedule::{place, place_all, Bus, Placement};
use super::segment::{CheckedCell, Hot, HotCell, Phase, Segment};
use super::{Shape, UNUSABLE_ROWS};
use crate::program::{Interval, Op, Program};
use crate::trees::Ensemble;

/// Choices that a Program leaves open.
#[derive(Clone, Debug)]
pub struct LayoutOptions {
    /// Number of one-hot columns: more are faster to prove, fewer cheaper to verify on chain.
    pub width: usize,
    /// Bits of a limb.
    pub limb_bits: u32,
    /// Smallest and largest circuit tried, log2 of the rows.
    pub k: std::ops::RangeInclusive<u32>,
    /// Least period of the bus, so that several models can share one shape.
    pub least_period: usize,
    /// Departures from what soundness asks; tests show with them the attacks that it prevents.
    #[doc(hidden)]
    pub unsound: Unsound,
}

/// Every inequality that the layout obeys, each with a way to break it. None by default.
#[doc(hidden)]
#[derive(Clone, Debug, Default)]
pub struct Unsound {
    /// In place of the checked packing of a feature's equation.
    pub packing: Option<Packing>,
    /// Bits per literal in a group's key, in place of those of the largest code.
    pub key_bits: Option<u32>,
    /// Bits per output in the running sum, in place of those that their range checks allow.
    pub sum_bits: Option<u32>,
    /// Limbs added to every range check.
    pub extra_limbs: u32,
    /// Bits that an equation may reach, in place of those below the field's prime.
    pub field_bits: Option<u32>,
}

impl Default for LayoutOptions {
    fn default() -> Self {
        Self { width: 1, limb_bits: 8, k: 7..=20, least_period: 4, unsound: Unsound::default() }
    }
}

/// A Program written for the machine: the fixed columns, and the recipe of the witness.
#[derive(Clone, Debug)]
pub struct Layout {
    pub(crate) shape: Shape,
    pub(crate) fixed: FixedColumns,
    pub(crate) lowered: Lowered,
    pub(crate) bus: Bus,
    pub(crate) groups: Groups,
    pub(crate) codes: Codes,
    pub(crate) limb_bits: u32,
    pub(crate) ensemble: Option<Ensemble>,
    /// The range of every feature's value.
    pub(crate) feature_ranges: Vec<Interval>,
    /// Row and content of every checked cell.
    pub(crate) checked: Vec<(usize, CheckedCell)>,
    /// Row, column and content of every hot cell.
    pub(crate) hot: Vec<(usize, usize, HotCell)>,
    /// The row from which the bus is a running sum, and the row after its last group.
    pub(crate) running: (usize, usize),
}

impl Layout {
    /// Lays out `program` in the smallest circuit that `options` allow.
    ///
    /// # Errors
    /// [`LayoutError`]: too many rows, or an inequality that soundness needs does not hold.
    pub fn new(program: &Program, options: &LayoutOptions) -> Result<Self, LayoutError> {
        check_options(options)?;
        let mut last = None;
        for k in options.k.clone() {
            match Builder::new(program, options, k)?.build() {
                Err(error @ LayoutError::Rows { .. }) => last = Some(error),
                other => return other,
            }
        }
        Err(last.unwrap_or(LayoutError::Parameter {
            what: "k",
            expected: "a non-empty range",
            got: u64::from(*options.k.start()),
        }))
    }

    /// The circuit's shape.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// The fixed columns.
    pub fn fixed(&self) -> &FixedColumns {
        &self.fixed
    }
}

fn check_options(options: &LayoutOptions) -> Result<(), LayoutError> {
    let fail = |what, expected, got| Err(LayoutError::Parameter { what, expected, got });
    if !(1..=32).contains(&options.width) {
        return fail("width", "1 to 32 one-hot columns", options.width as u64);
    }
    if !(4..=16).contains(&options.limb_bits) {
        return fail("limb_bits", "4 to 16", u64::from(options.limb_bits));
    }
    if !(5..=24).contains(options.k.start()) || *options.k.end() > 24 {
        return fail("k", "5 to 24", u64::from(*options.k.start()));
    }
    Ok(())
}

struct Builder<'a> {
    program: &'a Program,
    options: &'a LayoutOptions,
    k: u32,
    usable: usize,
    ensemble: Option<&'a Ensemble>,
    /// Features that have thresholds, by their index in the ensemble.
    groups: Groups,
    codes: Codes,
    limbs: Limbs,
}

impl<'a> Builder<'a> {
    fn new(program: &'a Program, options: &'a LayoutOptions, k: u32) -> Result<Self, LayoutError> {
        let usable = (1usize << k).saturating_sub(UNUSABLE_ROWS);
        let ensemble = program.ops().iter().find_map(|op| match op {
            Op::Trees(ensemble) => Some(ensemble),
            _ => None,
        });
        let (groups, codes) = literals(ensemble, usable);
        below("a literal", &codes.largest().into(), 62)?;
        let limbs = Limbs {
            bits: options.limb_bits,
            largest_cell: codes.largest().into(),
            field_bits: options.unsound.field_bits.unwrap_or(FIELD_BITS),
            extra: options.unsound.extra_limbs,
            sum_bits: options.unsound.sum_bits,
        };
        Ok(Self { program, options, k, usable, ensemble, groups, codes, limbs })
    }

    fn build(self) -> Result<Layout, LayoutError> {
        self.check_least_rows()?;
        let mut lowered = Lowered::of(self.program, &self.groups.constants, &self.limbs)?;
        let publics = self.public_slots(&mut lowered)?;
        let feature_ranges = self.feature_ranges();
        self.interval_segments(&mut lowered, &feature_ranges)?;
        let bus = self.bus(&lowered, &publics)?;
        let shape = Shape {
            k: self.k,
            width: self.options.width,
            period: bus.period,
            publics: publics.len(),
        };

        let segments = std::mem::take(&mut lowered.segments);
        let first = public_segments(&publics);
        let mut placed: Vec<_> = first
            .into_iter()
            .enumerate()
            .map(|(row, segment)| {
                let placement = place(&bus, &segment, shape.width, row);
                (segment, placement)
            })
            .collect();
        let start = publics.len();
        placed.extend(place_all(&bus, segments, shape.width, start));
        let bus_end = placed.last().map_or(start, |(_, p)| p.end);
        let running_start = self.running_start(bus_end, bus.period);

        // Row `running_start` pins the staircase to its constant, so no segment may use that.
        let mut row = running_start + 1;
        for group in 0..self.groups.groups.len() {
            let segment = self.group_segment(&lowered, group)?;
            let placement = place(&bus, &segment, shape.width, row);
            row = placement.end;
            placed.push((segment, placement));
        }
        let running_end = row;
        let pin = (running_end + 2).max(running_start + 1 + self.codes.rows());
        self.check_rows(pin + 2)?;

        let mut layout = Layout {
            shape,
            fixed: FixedColumns::new(1 << self.k, shape.width),
            lowered,
            bus,
            groups: self.groups,
            codes: self.codes,
            limb_bits: self.options.limb_bits,
            ensemble: self.ensemble.cloned(),
            feature_ranges,
            checked: Vec::new(),
            hot: Vec::new(),
            running: (running_start, running_end),
        };
        layout.fill_modes(self.usable, pin);
        for (segment, placement) in &placed {
            layout.fill_segment(segment, placement);
        }
        Ok(layout)
    }

    /// Refuses early what cannot fit: the limb table, then the groups beside the staircase.
    fn check_least_rows(&self) -> Result<(), LayoutError> {
        let width = self.options.width;
        let groups: usize =
            self.groups.groups.iter().map(|group| group.boxes.len().div_ceil(width)).sum();
        self.check_rows((1 << self.options.limb_bits) + groups.max(self.codes.rows()))
    }

    fn check_rows(&self, needed: usize) -> Result<(), LayoutError> {
        let available = self.usable;
        if needed > available {
            Err(LayoutError::Rows { needed, available, k: self.k })
        } else {
            Ok(())
        }
    }

    /// The public values as slots: `None` where the value is a constant of the model.
    fn public_slots(&self, lowered: &mut Lowered) -> Result<Vec<Public>, LayoutError> {
        let mut publics = vec![Public::Slot(0)];
        for value in self.program.public_values() {
            let expr = lowered.slots.values[value].clone();
            let public = match expr.as_slot() {
                _ if expr.terms.is_empty() => Public::Constant(expr.constant),
                Some(slot)
                    if Some(slot) != lowered.sum && !publics.contains(&Public::Slot(slot)) =>
                {
                    Public::Slot(slot)
                }
                _ => {
                    let copy = lowered.slots.push(super::SlotSource::Value(value));
                    lowered.slots.slots[copy].enforced = lowered.slots.enforced(&expr);
                    lowered.segments.push(Segment::zero(&expr.plus(-1, &Expr::slot(copy))));
                    Public::Slot(copy)
                }
            };
            publics.push(public);
        }
        Ok(publics)
    }

    fn feature_ranges(&self) -> Vec<Interval> {
        let features = self.ensemble.map_or(&[][..], Ensemble::features);
        features.iter().map(|f| self.program.intervals()[f.value]).collect()
    }

    fn interval_segments(
        &self,
        lowered: &mut Lowered,
        ranges: &[Interval],
    ) -> Result<(), LayoutError> {
        let Some(ensemble) = self.ensemble else { return Ok(()) };
        for (feature, range) in ranges.iter().enumerate() {
            let packing = self.options.unsound.packing;
            let segment = interval_segment(
                lowered,
                ensemble,
                feature,
                *range,
                &self.codes,
                &self.limbs,
                packing,
            )?;
            lowered.segments.push(segment);
        }
        Ok(())
    }

    /// Public slots stand at the row of their public input, the running sum in the last position.
    fn bus(&self, lowered: &Lowered, publics: &[Public]) -> Result<Bus, LayoutError> {
        let slots = lowered.slots.slots.len();
        let constants = publics.iter().filter(|p| matches!(p, Public::Constant(_))).count();
        let period = (slots + constants + usize::from(lowered.sum.is_none()))
            .max(self.options.least_period)
            .max(2);
        // Rotations -1, 0, 1 and the period must read four different rows.
        if period + 1 >= 1 << self.k {
            return Err(LayoutError::Rotation { period, k: self.k });
        }
        let mut positions = vec![usize::MAX; slots];
        for (row, public) in publics.iter().enumerate() {
            if let Public::Slot(slot) = public {
                positions[*slot] = row;
            }
        }
        if let Some(sum) = lowered.sum {
            positions[sum] = period - 1;
        }
        let mut free = publics.len()..period - 1;
        for position in positions.iter_mut().filter(|p| **p == usize::MAX) {
            *position = free.next().ok_or(LayoutError::Rotation { period, k: self.k })?;
        }
        Ok(Bus { period, positions })
    }

    /// The bus ends on a row that shows the running sum's slot, late enough for the limb table.
    fn running_start(&self, bus_end: usize, period: usize) -> usize {
        let least = (bus_end + 1).max(1 << self.options.limb_bits);
        least.div_ceil(period) * period - 1
    }

    /// `sum h (literals + 2^c) = literals' + 2^c`: one box, and all its literals are true.
    fn group_segment(&self, lowered: &Lowered, index: usize) -> Result<Segment, LayoutError> {
        let group = &self.groups.groups[index];
        let bits = self.options.unsound.key_bits.unwrap_or(self.codes.literal_bits());
        let digits = group.digits();
        let count_shift = bits * u32::try_from(digits).unwrap_or(u32::MAX);
        let total = power(count_shift.min(10_000)) * (4 * group.boxes.len());
        below("a tree's key", &total, self.limbs.field_bits)?;
        let count = pow2(count_shift);
        let mut segment = Segment::default();
        let base = pow2(bits);
        let shifts: Vec<Fr> =
            std::iter::successors(Some(Fr::ONE), |shift| Some(shift * base)).take(digits).collect();
        for (position, b) in group.boxes.iter().enumerate() {
            let mut key = count;
            for (shift, literal) in shifts.iter().zip(&b.literals) {
                key += Fr::from(self.codes.literal(*literal)) * shift;
            }
            let value = self.value_of(lowered, &b.values);
            segment.hot.push(Hot {
                cell: HotCell::Box { group: index, index: position },
                key,
                value,
            });
        }
        for (position, shift) in shifts.iter().enumerate() {
            let cell = CheckedCell::GroupDigit { group: index, position };
            segment.checked.push((-shift, cell));
        }
        segment.phases.push(Phase { constant: -count, ..Phase::default() });
        Ok(segment)
    }

    fn value_of(&self, lowered: &Lowered, values: &[(usize, i128)]) -> Fr {
        let shift = |output: usize| match output {
            0 => Fr::ONE,
            _ => pow2(lowered.sum_bits).pow_vartime([output as u64]),
        };
        values.iter().map(|(output, value)| signed(*value) * shift(*output)).sum()
    }
}

/// Groups and codes; a key holds as many literals as the field allows, and no more.
fn literals(ensemble: Option<&Ensemble>, usable: usize) -> (Groups, Codes) {
    let Some(ensemble) = ensemble else {
        return (Groups::default(), Codes::new(&[], 0, usable as u64));
    };
    let thresholds: Vec<usize> = ensemble.features().iter().map(|f| f.thresholds.len()).collect();
    let largest_group = ensemble.trees().iter().map(|t| t.nodes.len()).max().unwrap_or(1);
    let spare = usize::BITS - largest_group.leading_zeros() + 3;
    let mut virtuals = 0;
    loop {
        let bits = Codes::new(&thresholds, virtuals, usable as u64).literal_bits();
        let digits = (FIELD_BITS.saturating_sub(spare) / bits) as usize;
        let groups = Groups::of(ensemble, digits.saturating_sub(1));
        let codes = Codes::new(&thresholds, groups.virtuals.len(), usable as u64);
        let fits = codes.literal_bits() <= bits;
        if fits || groups.virtuals.len() <= virtuals {
            return (groups, codes);
        }
        virtuals = groups.virtuals.len();
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Public {
    Slot(SlotId),
    Constant(i128),
}

/// Row `j` adds public input `j` by itself; its slot or constant takes it away again.
fn public_segments(publics: &[Public]) -> Vec<Segment> {
    let phase = |public: &Public| match public {
        Public::Slot(slot) => Phase { terms: vec![(*slot, -Fr::ONE)], ..Phase::default() },
        Public::Constant(c) => Phase { constant: -signed(*c), ..Phase::default() },
    };
    publics.iter().map(|p| Segment { phases: vec![phase(p)], ..Segment::default() }).collect()
}

impl Layout {
    /// Everything that does not depend on a segment: modes of the rows, the lookup's table, pins.
    fn fill_modes(&mut self, usable: usize, pin: usize) {
        let (start, end) = self.running;
        let fixed = &mut self.fixed;
        for row in 0..usable - 1 {
            fixed.op[row] = Fr::from(op::ADD);
            fixed.bus[row] = if row + self.shape.period <= start {
                Fr::from(bus::PERIODIC)
            } else if row < start {
                Fr::ZERO
            } else {
                Fr::from(bus::RUNNING)
            };
        }
        fixed.bus[start] = Fr::from(bus::PINNED);
        fixed.bus[pin] = Fr::from(bus::PINNED);
        fixed.constant[pin] = Fr::from(self.codes.features() as u64);
        // Before its pin the staircase may be as low as minus the distance to it: the table's
        // values stay non-negative for every staircase.
        for row in 0..start {
            fixed.table[row] = Fr::from((start - row) as u64);
        }
        for index in 0..self.codes.rows() {
            fixed.table[start + 1 + index] = Fr::from(self.codes.table(index));
        }
        // The running sum ends at zero.
        fixed.op[end] = Fr::from(op::ASSERT);
        fixed.slot[end] = Fr::ONE;
        fixed.op[end + 1] = Fr::from(op::ASSERT);
    }

    fn fill_segment(&mut self, segment: &Segment, placement: &Placement) {
        let fixed = &mut self.fixed;
        fixed.op[placement.start] = Fr::from(op::ASSERT);
        for row in &placement.multiplications {
            fixed.op[*row] = Fr::from(op::MULTIPLY);
        }
        for (row, coefficient) in &placement.terms {
            fixed.slot[*row] += coefficient;
        }
        for (row, constant) in &placement.constants {
            fixed.constant[*row] += constant;
        }
        for (offset, (coefficient, cell)) in segment.checked.iter().enumerate() {
            let row = placement.cells + offset;
            fixed.checked[row] = *coefficient;
            self.checked.push((row, cell.clone()));
        }
        for (offset, hot) in segment.hot.iter().enumerate() {
            let (row, column) =
                (placement.cells + offset / self.shape.width, offset % self.shape.width);
            fixed.keys[column][row] = hot.key;
            fixed.values[column][row] = hot.value;
            self.hot.push((row, column, hot.cell));
        }
    }

    /// The group at `index`.
    pub(crate) fn group(&self, index: usize) -> &Group {
        &self.groups.groups[index]
    }
}
