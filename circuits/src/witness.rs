//! The witness: the machine's columns for one run of a Program.

use halo2_proofs::halo2curves::{bn256::Fr, ff::Field};

use crate::evaluate::Trace;
use crate::layout::{pow2, signed, CheckedCell, HotCell, Layout, LeafBox, Literal, SlotSource};
use crate::program::Program;

/// The advice columns in the order of the circuit, and the public inputs.
#[derive(Clone, Debug)]
pub struct Witness {
    /// `A, V, R, C, H_1..H_w`, each as long as the circuit has rows.
    pub advice: Vec<Vec<Fr>>,
    /// The public inputs: binding, outputs, public inputs of the Program.
    pub instance: Vec<Fr>,
}

impl Witness {
    /// Fills every column from `trace`.
    pub fn new(program: &Program, layout: &Layout, trace: &Trace, binding: Fr) -> Self {
        let filler = Filler::new(program, layout, trace, binding);
        let instance = std::iter::once(binding)
            .chain(program.public_values().iter().map(|id| signed(trace.value(*id))))
            .collect();
        filler.fill(instance)
    }
}

struct Filler<'a> {
    layout: &'a Layout,
    /// Integer value of every slot (binding and packed sums are kept apart).
    slots: Vec<i128>,
    fields: Vec<Fr>,
    /// Number of thresholds not above each feature's value.
    intervals: Vec<usize>,
    /// Each feature's value.
    features: Vec<i128>,
    /// The selected box of every group.
    boxes: Vec<usize>,
    virtuals: Vec<bool>,
}

impl<'a> Filler<'a> {
    fn new(program: &Program, layout: &'a Layout, trace: &Trace, binding: Fr) -> Self {
        let slots = layout.lowered.slots.honest(program, |id| trace.value(id));
        let features: Vec<i128> = layout
            .ensemble
            .iter()
            .flat_map(|e| e.features().iter().map(|f| trace.value(f.value)))
            .collect();
        let intervals = layout
            .ensemble
            .iter()
            .flat_map(|e| e.features())
            .zip(&features)
            .map(|(f, value)| f.thresholds.partition_point(|t| t <= value))
            .collect();
        let mut filler = Self {
            layout,
            fields: slots.iter().map(|s| signed(*s)).collect(),
            slots,
            intervals,
            features,
            boxes: Vec::new(),
            virtuals: Vec::new(),
        };
        filler.select();
        filler.fields[0] = binding;
        filler.pack();
        filler
    }

    /// Whether a literal holds.
    fn holds(&self, literal: &Literal) -> bool {
        let less = match literal.feature.checked_sub(self.intervals.len()) {
            Some(index) => self.virtuals[index],
            None => literal.threshold >= self.intervals[literal.feature],
        };
        less == literal.less
    }

    fn select(&mut self) {
        let layout = self.layout;
        for path in &layout.groups.virtuals {
            let all = path.iter().all(|literal| self.holds(literal));
            self.virtuals.push(all);
        }
        let chosen = layout.groups.groups.iter().map(|group| {
            let hit = |b: &LeafBox| b.literals.iter().all(|literal| self.holds(literal));
            group.boxes.iter().position(hit).unwrap_or(0)
        });
        self.boxes = chosen.collect();
    }

    /// The packed sums are what the selected boxes add.
    fn pack(&mut self) {
        let sources = self.layout.lowered.slots.slots.iter().map(|slot| &slot.source);
        let packed = sources.enumerate().find(|(_, s)| matches!(s, SlotSource::Packed));
        let Some((slot, _)) = packed else { return };
        let mut sum = Fr::ZERO;
        for (group, chosen) in self.boxes.iter().enumerate() {
            for (output, value) in &self.layout.group(group).boxes[*chosen].values {
                let shift = pow2(self.layout.lowered.sum_bits).pow_vartime([*output as u64]);
                sum += signed(*value) * shift;
            }
        }
        self.fields[slot] = sum;
    }

    fn checked(&self, cell: &CheckedCell) -> Fr {
        let layout = self.layout;
        let limb = |value: i128, index: u32| {
            let shifted = value.checked_shr(layout.limb_bits * index).unwrap_or(0);
            signed(shifted & ((1 << layout.limb_bits) - 1))
        };
        match cell {
            CheckedCell::Limb { expr, index } => {
                limb(layout.lowered.limbs[*expr].evaluate(&self.slots), *index)
            }
            CheckedCell::IntervalDigit { feature, above } => {
                Fr::from(layout.codes.end(*feature, self.intervals[*feature], *above))
            }
            CheckedCell::Distance { feature, above, index } => {
                limb(self.distance(*feature, *above), *index)
            }
            CheckedCell::GroupDigit { group, position } => {
                let literals = &layout.group(*group).boxes[self.boxes[*group]].literals;
                literals.get(*position).map_or(Fr::ZERO, |l| Fr::from(layout.codes.literal(*l)))
            }
        }
    }

    /// Distance of a feature's value from the lower end of its interval, or to its last value.
    fn distance(&self, feature: usize, above: bool) -> i128 {
        let range = self.layout.feature_ranges[feature];
        let Some(ensemble) = &self.layout.ensemble else { return 0 };
        let thresholds = &ensemble.features()[feature].thresholds;
        let (value, interval) = (self.features[feature], self.intervals[feature]);
        let clamped = |t: i128| t.clamp(range.lo, range.hi + 1);
        if above {
            thresholds.get(interval).map_or(range.hi + 1, |t| clamped(*t)) - 1 - value
        } else {
            let lower = interval.checked_sub(1).map_or(range.lo, |i| clamped(thresholds[i]));
            value - lower
        }
    }

    fn hot(&self, cell: HotCell) -> bool {
        match cell {
            HotCell::Interval { feature, interval } => self.intervals[feature] == interval,
            HotCell::Box { group, index } => self.boxes[group] == index,
        }
    }

    fn fill(&self, instance: Vec<Fr>) -> Witness {
        let layout = self.layout;
        let (rows, width) = (layout.shape.rows(), layout.shape.width);
        let mut checked = vec![Fr::ZERO; rows];
        for (row, cell) in &layout.checked {
            checked[*row] = self.checked(cell);
        }
        let mut hot = vec![vec![Fr::ZERO; rows]; width];
        for (row, column, cell) in &layout.hot {
            hot[*column][*row] = Fr::from(u64::from(self.hot(*cell)));
        }
        let bus = self.bus(&hot);
        let staircase = self.staircase();
        let accumulator = accumulate(layout, &instance, &bus, &checked, &hot);
        let advice = [accumulator, bus, checked, staircase].into_iter().chain(hot).collect();
        Witness { advice, instance }
    }

    /// Slots once per period, then the running sum.
    fn bus(&self, hot: &[Vec<Fr>]) -> Vec<Fr> {
        let layout = self.layout;
        let mut period = vec![Fr::ZERO; layout.bus.period];
        for (slot, position) in layout.bus.positions.iter().enumerate() {
            period[*position] = self.fields[slot];
        }
        let (start, end) = layout.running;
        let mut bus = vec![Fr::ZERO; layout.shape.rows()];
        for (row, cell) in bus.iter_mut().enumerate().take(start + 1) {
            *cell = period[row % layout.bus.period];
        }
        for row in start..end {
            let columns = layout.fixed.values.iter().zip(hot);
            let spent: Fr = columns.map(|(values, hot)| values[row] * hot[row]).sum();
            bus[row + 1] = bus[row] - spent;
        }
        bus
    }

    fn staircase(&self) -> Vec<Fr> {
        let layout = self.layout;
        let first = layout.running.0 + 1;
        let mut steps = vec![0u64; layout.shape.rows()];
        for feature in 0..layout.codes.features() {
            let interval = match feature.checked_sub(self.intervals.len()) {
                Some(index) => usize::from(!self.virtuals[index]),
                None => self.intervals[feature],
            };
            steps[first + layout.codes.row(feature, Some(interval))] = 1;
        }
        let mut height = 0;
        steps
            .iter()
            .map(|step| {
                height += step;
                Fr::from(height)
            })
            .collect()
    }
}

/// The accumulator follows from the other columns.
fn accumulate(
    layout: &Layout,
    instance: &[Fr],
    bus: &[Fr],
    checked: &[Fr],
    hot: &[Vec<Fr>],
) -> Vec<Fr> {
    let fixed = &layout.fixed;
    let multiply = Fr::from(2);
    let mut column = vec![Fr::ZERO; layout.shape.rows()];
    for row in 0..layout.shape.usable() - 1 {
        let public = instance.get(row).copied().unwrap_or(Fr::ZERO);
        let held = if fixed.op[row] == multiply { column[row] * bus[row] } else { column[row] };
        let keys: Fr = fixed.keys.iter().zip(hot).map(|(key, hot)| key[row] * hot[row]).sum();
        column[row + 1] = held
            + public
            + fixed.checked[row] * checked[row]
            + fixed.slot[row] * bus[row]
            + fixed.constant[row]
            + keys;
    }
    column
}
