//! The machine: one halo2 circuit for every model.
//!
//! Columns of the witness, all in the first phase, none under a copy constraint:
//!
//! | column | what it holds |
//! |---|---|
//! | accumulator `A` | the running value of the current equation |
//! | bus `V` | every slot once per period, then the running sum of the trees |
//! | checked `R` | limbs and literals: every cell is in the lookup's table |
//! | staircase `C` | which comparisons hold; it rises by 0 or 1 per row |
//! | hot `H_1..H_w` | which box of a group is selected, one bit per box |
//!
//! The gates stand in [`gates`], each with its reason; `docs/circuit.md` proves what they imply.

use halo2_proofs::{
    circuit::{Layouter, SimpleFloorPlanner, Value},
    halo2curves::bn256::Fr,
    plonk::{
        Advice, Circuit, Column, ConstraintSystem, Error, Expression, Fixed, Instance, VirtualCells,
    },
    poly::Rotation,
};

use crate::layout::{FixedColumns, Shape, UNUSABLE_ROWS};

/// The columns, in the order of declaration: commitments follow it.
#[derive(Clone, Debug)]
pub struct Config {
    /// Accumulator.
    pub accumulator: Column<Advice>,
    /// Bus.
    pub bus: Column<Advice>,
    /// Checked cells.
    pub checked: Column<Advice>,
    /// Staircase.
    pub staircase: Column<Advice>,
    /// Hot cells.
    pub hot: Vec<Column<Advice>>,
    /// Fixed columns as in [`FixedColumns::columns`].
    pub fixed: Vec<Column<Fixed>>,
    /// Public inputs.
    pub instance: Column<Instance>,
}

/// A circuit: a shape, and the fixed columns of one model (absent where only the shape matters).
#[derive(Clone, Debug, Default)]
pub struct Machine {
    /// The shape.
    pub shape: Shape,
    /// The model.
    pub fixed: Option<FixedColumns>,
    /// A witness, where one is checked by halo2's mock prover; the real prover takes its columns
    /// directly.
    pub advice: Vec<Vec<Fr>>,
}

/// Number of fixed columns besides the two per hot column.
pub const FIXED_BASE: usize = 6;

/// One constraint of the machine. Tests leave one out to show the attack that it refuses.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constraint {
    /// Gate 1.
    Accumulate,
    /// Gate 2.
    AssertZero,
    /// Gate 3.
    Staircase,
    /// Gate 4.
    Periodic,
    /// Gate 5.
    Running,
    /// Gate 6.
    Pinned,
    /// Gate 7, one polynomial per hot column.
    Bits,
    /// The lookup.
    Lookup,
}

impl Config {
    /// Declares columns, gates and the lookup of `shape`.
    pub fn new(meta: &mut ConstraintSystem<Fr>, shape: Shape) -> Self {
        Self::without(meta, shape, None)
    }

    /// As [`Config::new`], less one constraint. [`Machine`], and with it every key, has them all:
    /// only a circuit of a test's own can be configured by this.
    #[doc(hidden)]
    pub fn without(
        meta: &mut ConstraintSystem<Fr>,
        shape: Shape,
        removed: Option<Constraint>,
    ) -> Self {
        let config = Self {
            accumulator: meta.advice_column(),
            bus: meta.advice_column(),
            checked: meta.advice_column(),
            staircase: meta.advice_column(),
            hot: (0..shape.width).map(|_| meta.advice_column()).collect(),
            fixed: (0..FIXED_BASE + 2 * shape.width).map(|_| meta.fixed_column()).collect(),
            instance: meta.instance_column(),
        };
        let period = i32::try_from(shape.period).unwrap_or(i32::MAX);
        meta.create_gate("machine", |cells| {
            let mut gates = gates(&config, cells, Rotation(period));
            gates.retain(|(constraint, _)| Some(*constraint) != removed);
            gates.into_iter().map(|(_, polynomial)| polynomial).collect::<Vec<_>>()
        });
        if removed == Some(Constraint::Lookup) {
            return config;
        }
        // Every checked cell of every usable row is in the table, without a selector: a cell that
        // a row does not use is zero, and zero is in every table.
        meta.lookup_any("checked", |cells| {
            let checked = cells.query_advice(config.checked, Rotation::cur());
            let staircase = cells.query_advice(config.staircase, Rotation::cur());
            let table = cells.query_fixed(config.fixed[5], Rotation::cur());
            vec![(checked, table + staircase)]
        });
        config
    }
}

fn gates(
    config: &Config,
    cells: &mut VirtualCells<'_, Fr>,
    period: Rotation,
) -> Vec<(Constraint, Expression<Fr>)> {
    let number = |n: u64| Expression::Constant(Fr::from(n));
    let a = cells.query_advice(config.accumulator, Rotation::cur());
    let a_next = cells.query_advice(config.accumulator, Rotation::next());
    let v = cells.query_advice(config.bus, Rotation::cur());
    let v_next = cells.query_advice(config.bus, Rotation::next());
    let v_period = cells.query_advice(config.bus, period);
    let r = cells.query_advice(config.checked, Rotation::cur());
    let c = cells.query_advice(config.staircase, Rotation::cur());
    let c_next = cells.query_advice(config.staircase, Rotation::next());
    let mut hot = Vec::with_capacity(config.hot.len());
    for column in &config.hot {
        hot.push(cells.query_advice(*column, Rotation::cur()));
    }
    let mut fixed = Vec::with_capacity(config.fixed.len());
    for column in &config.fixed {
        fixed.push(cells.query_fixed(*column, Rotation::cur()));
    }
    let public = cells.query_instance(config.instance, Rotation::cur());
    let [op, bus, k_checked, k_slot, constant] = [0, 1, 2, 3, 4].map(|i| fixed[i].clone());
    let width = hot.len();
    let dot = |from: usize| {
        hot.iter()
            .enumerate()
            .map(|(j, h)| fixed[from + j].clone() * h.clone())
            .fold(number(0), |sum, term| sum + term)
    };
    let (keys, values) = (dot(FIXED_BASE), dot(FIXED_BASE + width));

    // 1. The accumulator takes the row's terms; where op = 2 it is first multiplied by the bus
    //    cell. Where op = 3 it is zero (2), so the product term vanishes by itself.
    let terms = public + k_checked * r + k_slot * v.clone() + constant.clone() + keys;
    let product = (op.clone() - number(1)) * a.clone() * (v.clone() - number(1));
    let accumulate = op.clone() * (a_next - a.clone() - terms - product);
    // 2. A segment's equation: the accumulator is zero where op = 3.
    let assert_zero = op.clone() * (op.clone() - number(1)) * (op.clone() - number(2)) * a;
    // 3. The staircase rises by 0 or 1.
    let rise = c_next - c.clone();
    let staircase = op.clone() * rise.clone() * (rise - number(1));
    // 4. The bus repeats after a period where bus = 1.
    let periodic = bus.clone()
        * (bus.clone() - number(2))
        * (bus.clone() - number(3))
        * (v_period - v.clone());
    // 5. The running sum loses the selected values where bus = 2 or 3.
    let running = bus.clone() * (bus.clone() - number(1)) * (v_next - v + values);
    // 6. The staircase is pinned where bus = 3.
    let pinned = bus.clone() * (bus.clone() - number(1)) * (bus - number(2)) * (c - constant);
    // 7. Hot cells are bits.
    let bits = hot.into_iter().map(|h| op.clone() * h.clone() * (h - number(1)));

    let bits = bits.map(|bit| (Constraint::Bits, bit));
    let others = [
        (Constraint::Accumulate, accumulate),
        (Constraint::AssertZero, assert_zero),
        (Constraint::Staircase, staircase),
        (Constraint::Periodic, periodic),
        (Constraint::Running, running),
        (Constraint::Pinned, pinned),
    ];
    others.into_iter().chain(bits).collect()
}

impl Circuit<Fr> for Machine {
    type Config = Config;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = Shape;

    fn without_witnesses(&self) -> Self {
        self.clone()
    }

    fn params(&self) -> Shape {
        self.shape
    }

    fn configure_with_params(meta: &mut ConstraintSystem<Fr>, shape: Shape) -> Config {
        Config::new(meta, shape)
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> Config {
        Config::new(meta, Shape { k: 5, width: 1, period: 4, publics: 1 })
    }

    fn synthesize(&self, config: Config, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        let Some(fixed) = &self.fixed else { return Err(Error::Synthesis) };
        layouter.assign_region(
            || "model",
            |mut region| {
                for (column, values) in config.fixed.iter().zip(fixed.columns()) {
                    for (row, value) in values.iter().enumerate().take(self.shape.usable()) {
                        region.assign_fixed(*column, row, *value);
                    }
                }
                let columns = [config.accumulator, config.bus, config.checked, config.staircase];
                let columns = columns.into_iter().chain(config.hot.iter().copied());
                for (column, values) in columns.zip(&self.advice) {
                    for (row, value) in values.iter().enumerate().take(self.shape.usable()) {
                        region.assign_advice(column, row, Value::known(*value));
                    }
                }
                Ok(())
            },
        )
    }
}

/// Rows that halo2 keeps from the witness of `shape`: its blinding rows and the one before them.
pub fn unusable_rows(shape: Shape) -> usize {
    let mut meta = ConstraintSystem::default();
    Config::new(&mut meta, shape);
    debug_assert!(meta.blinding_factors() < UNUSABLE_ROWS);
    meta.blinding_factors() + 1
}
