//! The Program: a model in integers and nothing else. All that is proven is defined here, once.
//!
//! A Program is a straight line of integer operations. Inputs come first, every operation appends
//! one value (a tree ensemble appends one per output), and later operations name earlier values.
//! [`Program::new`] bounds every value by interval arithmetic, so that no later stage has to ask
//! whether a number fits.

use serde::{Deserialize, Serialize};

use crate::trees::{Ensemble, EnsembleError};

/// Magnitude limit of every value, in bits: far below the field's 254, far above any model.
pub const VALUE_BITS: u32 = 120;

/// Version of the Program's meaning; a part of every model's digest.
pub const PROGRAM_VERSION: u32 = 1;

/// Position of a value: inputs first, then the results of the operations in order.
pub type ValueId = usize;

/// A closed integer interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    /// Least value.
    pub lo: i128,
    /// Greatest value.
    pub hi: i128,
}

impl Interval {
    /// The interval from `lo` to `hi`, both included.
    pub const fn new(lo: i128, hi: i128) -> Self {
        Self { lo, hi }
    }

    /// Whether `value` lies inside.
    pub fn contains(&self, value: i128) -> bool {
        self.lo <= value && value <= self.hi
    }

    fn hull(values: &[i128]) -> Option<Self> {
        Some(Self { lo: *values.iter().min()?, hi: *values.iter().max()? })
    }
}

/// One input of a Program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// The name that errors use.
    pub name: String,
    /// Range enforced inside the circuit.
    pub range: Interval,
    /// Whether the statement shows it.
    pub public: bool,
    /// For a missing flag: the input that it belongs to. The flag is 0 or 1, and a missing input
    /// carries the least value of its range.
    pub missing_flag_of: Option<ValueId>,
}

/// One operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Op {
    /// `constant + sum of coefficient * value`.
    Linear {
        /// Coefficient and value.
        terms: Vec<(i128, ValueId)>,
        /// Added constant.
        constant: i128,
    },
    /// `a * b`.
    Mul {
        /// Left factor.
        a: ValueId,
        /// Right factor.
        b: ValueId,
    },
    /// `floor(num / den)`, `den >= 1` over its whole interval; `result` is the range that the
    /// circuit enforces (an input that leaves it is refused by `name`).
    DivFloor {
        /// Numerator.
        num: ValueId,
        /// Denominator.
        den: ValueId,
        /// Enforced range of the result.
        result: Interval,
        /// The name that errors use.
        name: String,
    },
    /// `ceil(num / den)`, `den >= 1`, as [`Op::DivFloor`].
    DivCeil {
        /// Numerator.
        num: ValueId,
        /// Denominator.
        den: ValueId,
        /// Enforced range of the result.
        result: Interval,
        /// The name that errors use.
        name: String,
    },
    /// `min(max(x, lo), hi)`, `lo < hi`.
    Clip {
        /// Clipped value.
        x: ValueId,
        /// Lower bound.
        lo: i128,
        /// Upper bound.
        hi: i128,
    },
    /// A tree ensemble; appends one value per output.
    Trees(Ensemble),
}

/// Why a Program is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProgramError {
    /// A value that does not exist yet.
    #[error("operation {op} reads value {value}, but only {available} values exist before it")]
    UnknownValue {
        /// Operation.
        op: usize,
        /// Value that it names.
        value: ValueId,
        /// Number of values before it.
        available: usize,
    },
    /// A value may leave the range in which integers are exact.
    #[error(
        "operation {op} can reach {bits} bits, more than the {VALUE_BITS} that stay exact: \
         narrow the declared ranges of its inputs"
    )]
    TooLarge {
        /// Operation.
        op: usize,
        /// Bits that it can reach.
        bits: u32,
    },
    /// A divisor that may be zero or negative.
    #[error(
        "operation {op} divides by a value of range {lo}..{hi}: a divisor must be at least 1 \
         over its whole declared range"
    )]
    Divisor {
        /// Operation.
        op: usize,
        /// Least divisor.
        lo: i128,
        /// Greatest divisor.
        hi: i128,
    },
    /// An interval without a value.
    #[error("{what} has the empty or too wide range {lo}..{hi}")]
    Range {
        /// What has it.
        what: String,
        /// Lower bound.
        lo: i128,
        /// Upper bound.
        hi: i128,
    },
    /// A missing flag that does not belong to an earlier ordinary input or is not 0..1.
    #[error("input {name}: a missing flag has the range 0..1 and names an earlier input")]
    MissingFlag {
        /// The flag's name.
        name: String,
    },
    /// A second ensemble.
    #[error("operation {op} is a second tree ensemble: merge them into one with several outputs")]
    SecondEnsemble {
        /// Operation.
        op: usize,
    },
    /// A malformed ensemble.
    #[error("operation {op}: {source}")]
    Ensemble {
        /// Operation.
        op: usize,
        /// What is wrong.
        source: EnsembleError,
    },
    /// Too many or too few outputs.
    #[error("a Program has 1 to 64 outputs, not {0}")]
    Outputs(usize),
}

/// A model in integers: inputs, operations, outputs, and the interval of every value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    inputs: Vec<Input>,
    ops: Vec<Op>,
    outputs: Vec<ValueId>,
    intervals: Vec<Interval>,
    spec_hash: [u8; 32],
}

/// Assembles a Program operation by operation, with the interval of every value at hand.
#[derive(Clone, Debug, Default)]
pub struct ProgramBuilder {
    inputs: Vec<Input>,
    ops: Vec<Op>,
    intervals: Vec<Interval>,
    has_ensemble: bool,
}

impl ProgramBuilder {
    /// Starts with the inputs.
    ///
    /// # Errors
    /// An empty or too wide range, or a flag that belongs to nothing.
    pub fn new(inputs: Vec<Input>) -> Result<Self, ProgramError> {
        let mut intervals = Vec::with_capacity(inputs.len());
        for (index, input) in inputs.iter().enumerate() {
            check_range(&input.name, input.range)?;
            check_flag(&inputs, index)?;
            intervals.push(input.range);
        }
        Ok(Self { inputs, intervals, ..Self::default() })
    }

    /// Appends an operation and returns its (first) value.
    ///
    /// # Errors
    /// [`ProgramError`] names the operation and what it may reach.
    pub fn push(&mut self, op: Op) -> Result<ValueId, ProgramError> {
        let index = self.ops.len();
        let is_ensemble = matches!(op, Op::Trees(_));
        if is_ensemble && std::mem::replace(&mut self.has_ensemble, true) {
            return Err(ProgramError::SecondEnsemble { op: index });
        }
        let value = self.intervals.len();
        self.intervals.extend(op_intervals(index, &op, &self.intervals)?);
        self.ops.push(op);
        Ok(value)
    }

    /// The interval of `value`, which an earlier call returned.
    pub fn interval(&self, value: ValueId) -> Interval {
        self.intervals[value]
    }

    /// The Program that shows `outputs`.
    ///
    /// # Errors
    /// No output, too many, or one that does not exist.
    pub fn finish(
        self,
        outputs: Vec<ValueId>,
        spec_hash: [u8; 32],
    ) -> Result<Program, ProgramError> {
        if outputs.is_empty() || outputs.len() > 64 {
            return Err(ProgramError::Outputs(outputs.len()));
        }
        for &value in &outputs {
            known(self.ops.len(), value, self.intervals.len())?;
        }
        let Self { inputs, ops, intervals, .. } = self;
        Ok(Program { inputs, ops, outputs, intervals, spec_hash })
    }
}

impl Program {
    /// Checks the operations and bounds every value.
    ///
    /// `spec_hash` commits to what the integers mean (names, units, scales): it is part of the
    /// model's digest.
    ///
    /// # Errors
    /// [`ProgramError`] names the operation and what it may reach.
    pub fn new(
        inputs: Vec<Input>,
        ops: Vec<Op>,
        outputs: Vec<ValueId>,
        spec_hash: [u8; 32],
    ) -> Result<Self, ProgramError> {
        let mut builder = ProgramBuilder::new(inputs)?;
        for op in ops {
            builder.push(op)?;
        }
        builder.finish(outputs, spec_hash)
    }

    /// A Program whose intervals nobody checked: tests go beyond the limits to show what these
    /// prevent.
    #[doc(hidden)]
    pub fn unchecked(
        inputs: Vec<Input>,
        ops: Vec<Op>,
        outputs: Vec<ValueId>,
        intervals: Vec<Interval>,
    ) -> Self {
        Self { inputs, ops, outputs, intervals, spec_hash: [0; 32] }
    }

    /// The inputs, in order.
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// The operations, in order.
    pub fn ops(&self) -> &[Op] {
        &self.ops
    }

    /// The values that the statement shows, in order.
    pub fn outputs(&self) -> &[ValueId] {
        &self.outputs
    }

    /// The interval of every value.
    pub fn intervals(&self) -> &[Interval] {
        &self.intervals
    }

    /// What the integers mean, hashed.
    pub fn spec_hash(&self) -> [u8; 32] {
        self.spec_hash
    }

    /// Public values in the order of the statement, after its binding: outputs, then public inputs.
    pub fn public_values(&self) -> Vec<ValueId> {
        let inputs = self.inputs.iter().enumerate().filter(|(_, i)| i.public).map(|(id, _)| id);
        self.outputs.iter().copied().chain(inputs).collect()
    }
}

fn check_range(what: &str, range: Interval) -> Result<(), ProgramError> {
    let limit = 1i128 << VALUE_BITS;
    if range.lo > range.hi || range.lo <= -limit || range.hi >= limit {
        return Err(ProgramError::Range { what: what.to_owned(), lo: range.lo, hi: range.hi });
    }
    Ok(())
}

fn check_flag(inputs: &[Input], index: usize) -> Result<(), ProgramError> {
    let input = &inputs[index];
    let Some(owner) = input.missing_flag_of else { return Ok(()) };
    let fits = owner < index
        && inputs[owner].missing_flag_of.is_none()
        && input.range == Interval::new(0, 1);
    if fits {
        Ok(())
    } else {
        Err(ProgramError::MissingFlag { name: input.name.clone() })
    }
}

fn known(op: usize, value: ValueId, available: usize) -> Result<(), ProgramError> {
    if value < available {
        Ok(())
    } else {
        Err(ProgramError::UnknownValue { op, value, available })
    }
}

fn op_intervals(
    index: usize,
    op: &Op,
    known_intervals: &[Interval],
) -> Result<Vec<Interval>, ProgramError> {
    let get = |value: ValueId| -> Result<Interval, ProgramError> {
        known(index, value, known_intervals.len())?;
        Ok(known_intervals[value])
    };
    let overflow = || ProgramError::TooLarge { op: index, bits: 127 };
    let result = match op {
        Op::Linear { terms, constant } => {
            let (mut lo, mut hi) = (*constant, *constant);
            for &(coefficient, value) in terms {
                let range = get(value)?;
                let ends = [range.lo, range.hi].map(|end| coefficient.checked_mul(end));
                let [Some(a), Some(b)] = ends else { return Err(overflow()) };
                lo = lo.checked_add(a.min(b)).ok_or_else(overflow)?;
                hi = hi.checked_add(a.max(b)).ok_or_else(overflow)?;
            }
            vec![Interval { lo, hi }]
        }
        Op::Mul { a, b } => {
            let (a, b) = (get(*a)?, get(*b)?);
            let corners = [(a.lo, b.lo), (a.lo, b.hi), (a.hi, b.lo), (a.hi, b.hi)];
            let products: Option<Vec<i128>> =
                corners.iter().map(|(x, y)| x.checked_mul(*y)).collect();
            vec![products.and_then(|p| Interval::hull(&p)).ok_or_else(overflow)?]
        }
        Op::DivFloor { num, den, result, name } | Op::DivCeil { num, den, result, name } => {
            get(*num)?;
            let den = get(*den)?;
            if den.lo < 1 {
                return Err(ProgramError::Divisor { op: index, lo: den.lo, hi: den.hi });
            }
            check_range(name, *result)?;
            // The circuit multiplies the result by the divisor: that product must stay exact too.
            for end in [result.lo, result.hi] {
                let product = end.checked_mul(den.hi).ok_or_else(overflow)?;
                check_magnitude(index, product)?;
            }
            vec![*result]
        }
        Op::Clip { x, lo, hi } => {
            get(*x)?;
            if lo >= hi {
                return Err(ProgramError::Range { what: "clip".into(), lo: *lo, hi: *hi });
            }
            vec![Interval { lo: *lo, hi: *hi }]
        }
        Op::Trees(ensemble) => {
            for feature in ensemble.features() {
                get(feature.value)?;
            }
            ensemble
                .output_intervals()
                .map_err(|source| ProgramError::Ensemble { op: index, source })?
        }
    };
    for interval in &result {
        check_magnitude(index, interval.lo)?;
        check_magnitude(index, interval.hi)?;
    }
    Ok(result)
}

fn check_magnitude(op: usize, value: i128) -> Result<(), ProgramError> {
    let bits = 128 - value.unsigned_abs().leading_zeros();
    if bits > VALUE_BITS {
        Err(ProgramError::TooLarge { op, bits })
    } else {
        Ok(())
    }
}
