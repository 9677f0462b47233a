//! A malicious prover: it starts from an honest witness, rewrites whatever it likes, recomputes
//! every column that follows, and then proves with the machine or with one that lacks a constraint.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock};

use halo2_proofs::circuit::{Layouter, SimpleFloorPlanner};
use halo2_proofs::dev::MockProver;
use halo2_proofs::halo2curves::ff::{Field, PrimeField};
use halo2_proofs::plonk::{keygen_pk2, Circuit, ConstraintSystem, Error};
use num_bigint::BigUint;
use rand_core::OsRng;
use veracast_circuits::circuit::{Config, Constraint, Machine};
use veracast_circuits::layout::parts::{CheckedCell, Expr, HotCell, Literal, Parts, SlotSource};
use veracast_circuits::srs::Srs;
use veracast_circuits::{
    evaluate, proof, signed, Fr, Layout, LayoutOptions, Program, ProvingKey, Shape, Witness,
};

/// A Program and its layout.
pub struct Model {
    pub program: Program,
    pub layout: Layout,
}

/// The development SRS at `k`, made once per test binary.
pub fn srs(k: u32) -> Srs {
    static MADE: OnceLock<Mutex<HashMap<u32, Srs>>> = OnceLock::new();
    let made = MADE.get_or_init(Mutex::default);
    made.lock().unwrap().entry(k).or_insert_with(|| Srs::dev(k).unwrap()).clone()
}

/// The machine, less one constraint.
#[derive(Clone, Default)]
struct Weak {
    machine: Machine,
    removed: Option<Constraint>,
}

#[derive(Clone, Copy, Default)]
pub struct WeakParams(Shape, Option<Constraint>);

impl Circuit<Fr> for Weak {
    type Config = Config;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = WeakParams;

    fn without_witnesses(&self) -> Self {
        self.clone()
    }

    fn params(&self) -> WeakParams {
        WeakParams(self.machine.shape, self.removed)
    }

    fn configure_with_params(meta: &mut ConstraintSystem<Fr>, params: WeakParams) -> Config {
        Config::without(meta, params.0, params.1)
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> Config {
        <Machine as Circuit<Fr>>::configure(meta)
    }

    fn synthesize(&self, config: Config, layouter: impl Layouter<Fr>) -> Result<(), Error> {
        self.machine.synthesize(config, layouter)
    }
}

impl Model {
    pub fn new(program: Program, options: &LayoutOptions) -> Self {
        let layout = Layout::new(&program, options).unwrap();
        Self { program, layout }
    }

    /// An honest run, ready to be spoilt.
    pub fn forger(&self, inputs: &[i128]) -> Forger<'_> {
        let trace = evaluate(&self.program, inputs).unwrap();
        Forger::new(self, Witness::new(&self.program, &self.layout, &trace, Fr::from(99)))
    }

    fn weak(&self, witness: &Witness, removed: Option<Constraint>) -> Weak {
        let fixed = Some(self.layout.fixed().clone());
        let machine = Machine { shape: self.layout.shape(), fixed, advice: witness.advice.clone() };
        Weak { machine, removed }
    }

    /// Whether halo2's mock prover is satisfied.
    pub fn mock(&self, witness: &Witness, removed: Option<Constraint>) -> bool {
        let circuit = self.weak(witness, removed);
        let k = self.layout.shape().k;
        let mock = MockProver::run(k, &circuit, vec![witness.instance.clone()]).unwrap();
        mock.verify().is_ok()
    }

    /// Whether a real proof of these columns verifies under the shipped circuit.
    pub fn proves(&self, witness: &Witness) -> bool {
        let srs = srs(self.layout.shape().k);
        let key = ProvingKey::from_layout(self.program.clone(), self.layout.clone(), &srs).unwrap();
        let Ok(proof) = key.prove_witness(&srs, witness.clone(), OsRng) else { return false };
        key.verifying_key().verify(&witness.instance, &proof).is_ok()
    }

    /// Whether a real proof of these columns verifies where one constraint is left out.
    pub fn proves_without(&self, witness: &Witness, removed: Constraint) -> bool {
        let srs = srs(self.layout.shape().k);
        let circuit = self.weak(witness, Some(removed));
        let key = keygen_pk2(srs.params(), &circuit, false).unwrap();
        let Ok(proof) = proof::create(&srs, &key, witness.clone(), &mut OsRng) else {
            return false;
        };
        proof::check(srs.params(), key.get_vk(), &witness.instance, &proof).is_ok()
    }

    /// The attack works where `removed` is left out, and the shipped circuit refuses it: by the
    /// mock and by the real prover.
    pub fn only_refused_by(&self, witness: &Witness, removed: Constraint) {
        assert!(self.mock(witness, Some(removed)), "without {removed:?}, mock: not forged");
        assert!(self.proves_without(witness, removed), "without {removed:?}: not forged");
        self.refuses(witness);
    }

    /// The shipped circuit refuses these columns, by the mock and by the real prover.
    pub fn refuses(&self, witness: &Witness) {
        assert!(!self.mock(witness, None), "the mock prover accepted a forgery");
        assert!(!self.proves(witness), "a forged proof verified");
    }

    /// These columns are accepted, by the mock and by the real prover: a circuit built without
    /// its inequality, or an honest run.
    pub fn accepts(&self, witness: &Witness) {
        assert!(self.mock(witness, None), "the mock prover refused");
        assert!(self.proves(witness), "the proof did not verify");
    }
}

/// Everything that a prover chooses.
#[derive(Clone)]
pub struct Forger<'a> {
    pub model: &'a Model,
    /// One period of the bus.
    pub slots: Vec<Fr>,
    pub checked: Vec<Fr>,
    pub staircase: Vec<Fr>,
    pub hot: Vec<Vec<Fr>>,
    pub instance: Vec<Fr>,
    /// Bus cells that differ from what the slots and the running sum say.
    pub bus: HashMap<usize, Fr>,
    /// Accumulator cells that differ from what the other columns say.
    pub accumulator: HashMap<usize, Fr>,
}

impl<'a> Forger<'a> {
    fn new(model: &'a Model, honest: Witness) -> Self {
        let period = model.layout.shape().period;
        let mut columns = honest.advice.into_iter().skip(1);
        let mut next = || columns.next().unwrap();
        let (bus, checked, staircase) = (next(), next(), next());
        Self {
            model,
            slots: bus[..period].to_vec(),
            checked,
            staircase,
            hot: columns.collect(),
            instance: honest.instance,
            bus: HashMap::new(),
            accumulator: HashMap::new(),
        }
    }

    pub fn parts(&self) -> Parts<'a> {
        self.model.layout.parts()
    }

    /// Writes every slot that `which` selects; at least one.
    pub fn slot(&mut self, which: impl Fn(&SlotSource) -> bool, value: Fr) -> &mut Self {
        let mut found = false;
        for (position, source) in self.parts().slots {
            if which(source) {
                self.slots[position] = value;
                found = true;
            }
        }
        assert!(found, "no such slot");
        self
    }

    /// Writes the slots that hold the Program's value `id`.
    pub fn value(&mut self, id: usize, value: Fr) -> &mut Self {
        self.slot(|s| matches!(s, SlotSource::Value(v) if *v == id), value)
    }

    pub fn remainder(&mut self, of: usize, value: Fr) -> &mut Self {
        self.slot(|s| matches!(s, SlotSource::Remainder { result, .. } if *result == of), value)
    }

    /// An expression over the slots.
    pub fn expr(&self, expr: &Expr) -> Fr {
        let slots = self.parts().slots;
        let term = |(slot, coefficient): (&usize, &i128)| {
            signed(*coefficient) * self.slots[slots[*slot].0]
        };
        signed(expr.constant) + expr.terms.iter().map(term).sum::<Fr>()
    }

    /// Decomposes anew whatever limbs decompose; the top limb takes what the lower ones leave, if
    /// the table may hold that.
    pub fn limbs(&mut self) -> &mut Self {
        let parts = self.parts();
        let mut counts = vec![0u32; parts.limbs.len()];
        for (_, cell) in parts.checked {
            if let CheckedCell::Limb { expr, index } = cell {
                counts[*expr] = counts[*expr].max(index + 1);
            }
        }
        for (row, cell) in parts.checked {
            if let CheckedCell::Limb { expr, index } = cell {
                let value = integer(self.expr(&parts.limbs[*expr]));
                self.checked[*row] = self.limb(&value, *index, counts[*expr]);
            }
        }
        self
    }

    fn limb(&self, value: &BigUint, index: u32, count: u32) -> Fr {
        let parts = self.parts();
        let rest = value >> (parts.limb_bits * index);
        let low = &rest & &BigUint::from((1u64 << parts.limb_bits) - 1);
        let top = index + 1 == count && rest <= BigUint::from(parts.literal_bits().1);
        let limb = if top { rest } else { low };
        Fr::from(limb.iter_u64_digits().next().unwrap_or(0))
    }

    /// Claims that the feature lies in `interval`, at these distances from its two ends: hot cells,
    /// literals and distances. The staircase is not touched.
    pub fn claim(&mut self, feature: usize, interval: usize, below: u64, above: u64) -> &mut Self {
        let parts = self.parts();
        for (row, column, cell) in parts.hot {
            if let HotCell::Interval { feature: f, interval: i } = cell {
                if *f == feature {
                    self.hot[*column][*row] = Fr::from(u64::from(*i == interval));
                }
            }
        }
        let same = |cell: &CheckedCell| match cell {
            CheckedCell::Distance { feature: f, above, index } if *f == feature => {
                Some((*above, *index))
            }
            _ => None,
        };
        let last = parts.checked.iter().filter_map(|(_, cell)| same(cell)).map(|(_, i)| i).max();
        for (row, cell) in parts.checked {
            match cell {
                CheckedCell::IntervalDigit { feature: f, above } if *f == feature => {
                    self.checked[*row] = Fr::from(parts.end(feature, interval, *above));
                }
                _ => {
                    if let Some((is_above, index)) = same(cell) {
                        let distance = BigUint::from(if is_above { above } else { below });
                        let count = last.unwrap_or(0) + 1;
                        self.checked[*row] = self.limb(&distance, index, count);
                    }
                }
            }
        }
        self
    }

    /// Rebuilds the staircase: one rise at each of these thresholds' rows, in order of feature.
    pub fn rises(&mut self, intervals: &[usize]) -> &mut Self {
        let parts = self.parts();
        let mut rises: Vec<usize> = intervals
            .iter()
            .enumerate()
            .map(|(feature, interval)| parts.row(feature, Some(*interval)))
            .collect();
        rises.sort_unstable();
        for (row, cell) in self.staircase.iter_mut().enumerate() {
            *cell = Fr::from(rises.partition_point(|rise| *rise <= row) as u64);
        }
        self
    }

    /// Selects a box of a group and writes its literals.
    pub fn select(&mut self, group: usize, index: usize) -> &mut Self {
        let parts = self.parts();
        for (row, column, cell) in parts.hot {
            if let HotCell::Box { group: g, index: i } = cell {
                if *g == group {
                    self.hot[*column][*row] = Fr::from(u64::from(*i == index));
                }
            }
        }
        for (row, cell) in parts.checked {
            if let CheckedCell::GroupDigit { group: g, position } = cell {
                if *g == group {
                    let literal = parts.boxes[group][index].get(*position);
                    self.checked[*row] = Fr::from(literal.map_or(0, |l| parts.code(*l)));
                }
            }
        }
        self
    }

    /// The box of `group` with exactly these literals: feature, threshold, less.
    pub fn box_of(&self, group: usize, literals: &[(usize, usize, bool)]) -> usize {
        let same = |b: &Vec<Literal>| {
            b.iter().map(|l| (l.feature, l.threshold, l.less)).eq(literals.iter().copied())
        };
        self.parts().boxes[group].iter().position(same).unwrap()
    }

    /// The running sum, and the output `id` that was `honest`, follow what the hot cells spend.
    pub fn settle(&mut self, id: usize, honest: i128) -> &mut Self {
        let change = self.balance();
        self.value(id, signed(honest) + change).publish()
    }

    /// The box that a group has selected.
    pub fn selected(&self, group: usize) -> usize {
        let mut chosen = None;
        for (row, column, cell) in self.parts().hot {
            if let HotCell::Box { group: g, index } = cell {
                if *g == group && self.hot[*column][*row] == Fr::ONE {
                    chosen = Some(*index);
                }
            }
        }
        chosen.unwrap()
    }

    /// What the hot cells spend of the running sum.
    pub fn spent(&self) -> Fr {
        let (start, end) = self.parts().running;
        (start..end).map(|row| self.spent_in(row)).sum()
    }

    fn spent_in(&self, row: usize) -> Fr {
        let values = &self.model.layout.fixed().values;
        values.iter().zip(&self.hot).map(|(values, hot)| values[row] * hot[row]).sum()
    }

    /// Sets the running sum's slot to what is spent. Returns by how much it changed.
    pub fn balance(&mut self) -> Fr {
        let last = self.slots.len() - 1;
        let change = self.spent() - self.slots[last];
        self.slots[last] += change;
        change
    }

    /// The public inputs become what their slots say; constants stay.
    pub fn publish(&mut self) -> &mut Self {
        for (position, _) in self.parts().slots {
            if position < self.instance.len() {
                self.instance[position] = self.slots[position];
            }
        }
        self
    }

    /// All columns, each computed from those that determine it.
    pub fn witness(&self) -> Witness {
        let (start, end) = self.parts().running;
        let rows = self.model.layout.shape().rows();
        let mut bus = vec![Fr::ZERO; rows];
        let write = |bus: &mut Vec<Fr>, row: usize, value: Fr| {
            bus[row] = self.bus.get(&row).copied().unwrap_or(value);
        };
        for row in 0..=start {
            write(&mut bus, row, self.slots[row % self.slots.len()]);
        }
        for row in start..rows - 1 {
            let spent = if row < end { self.spent_in(row) } else { Fr::ZERO };
            let value = bus[row] - spent;
            write(&mut bus, row + 1, value);
        }
        let accumulator = self.accumulate(&bus);
        let columns = [accumulator, bus, self.checked.clone(), self.staircase.clone()];
        let advice = columns.into_iter().chain(self.hot.iter().cloned()).collect();
        Witness { advice, instance: self.instance.clone() }
    }

    fn accumulate(&self, bus: &[Fr]) -> Vec<Fr> {
        let fixed = self.model.layout.fixed();
        let mut column = vec![Fr::ZERO; bus.len()];
        if let Some(value) = self.accumulator.get(&0) {
            column[0] = *value;
        }
        for row in 0..self.model.layout.shape().usable() - 1 {
            let public = self.instance.get(row).copied().unwrap_or(Fr::ZERO);
            let keys: Fr = fixed.keys.iter().zip(&self.hot).map(|(k, h)| k[row] * h[row]).sum();
            let value = column[row]
                + (fixed.op[row] - Fr::ONE) * column[row] * (bus[row] - Fr::ONE)
                + public
                + fixed.checked[row] * self.checked[row]
                + fixed.slot[row] * bus[row]
                + fixed.constant[row]
                + keys;
            column[row + 1] = self.accumulator.get(&(row + 1)).copied().unwrap_or(value);
        }
        column
    }
}

/// A field element as the integer in `0..p`.
pub fn integer(value: Fr) -> BigUint {
    BigUint::from_bytes_le(value.to_repr().as_ref())
}

/// The field's order.
pub fn order() -> BigUint {
    integer(-Fr::ONE) + 1u32
}

/// An integer modulo the field's order.
pub fn element(value: &BigUint) -> Fr {
    let mut bytes = [0u8; 32];
    let digits = (value % order()).to_bytes_le();
    bytes[..digits.len()].copy_from_slice(&digits);
    Fr::from_repr(bytes).unwrap()
}
