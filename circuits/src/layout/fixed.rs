//! The fixed columns, and small numbers as field elements.

use halo2_proofs::halo2curves::{
    bn256::Fr,
    ff::{Field, PrimeField},
};

/// `value` as a field element, negative ones below the modulus.
pub fn signed(value: i128) -> Fr {
    let magnitude = Fr::from_u128(value.unsigned_abs());
    if value < 0 {
        -magnitude
    } else {
        magnitude
    }
}

/// `2^exponent` as a field element.
pub fn pow2(exponent: u32) -> Fr {
    Fr::from(2).pow_vartime([u64::from(exponent)])
}

/// What [`FixedColumns::op`] says of a row.
pub(crate) mod op {
    /// Adds the row's terms to the accumulator.
    pub(crate) const ADD: u64 = 1;
    /// Multiplies the accumulator by the bus cell, then adds.
    pub(crate) const MULTIPLY: u64 = 2;
    /// Asserts that the accumulator is zero, then adds.
    pub(crate) const ASSERT: u64 = 3;
}

/// What [`FixedColumns::bus`] says of a row.
pub(crate) mod bus {
    /// The bus cell returns one period later.
    pub(crate) const PERIODIC: u64 = 1;
    /// The bus cell loses the values of the hot cells of its row.
    pub(crate) const RUNNING: u64 = 2;
    /// As running, and the staircase equals the row's constant.
    pub(crate) const PINNED: u64 = 3;
}

/// The fixed columns: the model in the circuit.
#[derive(Clone, Debug)]
pub struct FixedColumns {
    /// 0 in the blinding rows, else one of [`op`].
    pub op: Vec<Fr>,
    /// 0 or one of [`bus`].
    pub bus: Vec<Fr>,
    /// Coefficient of the checked cell.
    pub checked: Vec<Fr>,
    /// Coefficient of the bus cell.
    pub slot: Vec<Fr>,
    /// Constant.
    pub constant: Vec<Fr>,
    /// What the staircase is added to in the lookup table.
    pub table: Vec<Fr>,
    /// Key of each hot cell.
    pub keys: Vec<Vec<Fr>>,
    /// Value of each hot cell.
    pub values: Vec<Vec<Fr>>,
}

impl FixedColumns {
    pub(crate) fn new(rows: usize, width: usize) -> Self {
        let zero = || vec![Fr::ZERO; rows];
        Self {
            op: zero(),
            bus: zero(),
            checked: zero(),
            slot: zero(),
            constant: zero(),
            table: zero(),
            keys: vec![zero(); width],
            values: vec![zero(); width],
        }
    }

    /// All columns in the order in which the circuit declares them.
    pub fn columns(&self) -> impl Iterator<Item = &Vec<Fr>> {
        [&self.op, &self.bus, &self.checked, &self.slot, &self.constant, &self.table]
            .into_iter()
            .chain(&self.keys)
            .chain(&self.values)
    }
}
