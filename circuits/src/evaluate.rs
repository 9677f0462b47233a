//! The one evaluation of a Program: the prediction, and every value on the way to it.

use crate::program::{Interval, Op, Program, ValueId};
use crate::trees::{leaf_value, Ensemble, Node};

/// Every value of one run, in the Program's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    values: Vec<i128>,
    leaves: Vec<usize>,
}

/// Why a run is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvaluateError {
    /// Wrong number of inputs.
    #[error("expected {expected} inputs, got {got}")]
    Count {
        /// The Program's inputs.
        expected: usize,
        /// Those given.
        got: usize,
    },
    /// A value outside its declared range.
    #[error("{name} is {got}, outside its range {}..{} (in units of its scale)", range.lo, range.hi)]
    OutOfRange {
        /// Input or derived value.
        name: String,
        /// Its value.
        got: i128,
        /// The range declared for it.
        range: Interval,
    },
    /// A missing value that is not written in its one canonical form.
    #[error("{name} is missing and must then carry the least value of its range")]
    MissingNotCanonical {
        /// The input.
        name: String,
    },
}

impl Trace {
    /// The value `id`.
    pub fn value(&self, id: ValueId) -> i128 {
        self.values[id]
    }

    /// All values, inputs first.
    pub fn values(&self) -> &[i128] {
        &self.values
    }

    /// The leaf (node id) that each tree reached.
    pub fn leaves(&self) -> &[usize] {
        &self.leaves
    }

    /// The Program's outputs.
    pub fn outputs(&self, program: &Program) -> Vec<i128> {
        program.outputs().iter().map(|&id| self.values[id]).collect()
    }
}

/// Runs `program` on `inputs` (one integer per input, in order).
///
/// # Errors
/// [`EvaluateError`] names the input that is out of range.
pub fn evaluate(program: &Program, inputs: &[i128]) -> Result<Trace, EvaluateError> {
    let expected = program.inputs().len();
    if inputs.len() != expected {
        return Err(EvaluateError::Count { expected, got: inputs.len() });
    }
    for (input, &got) in program.inputs().iter().zip(inputs) {
        in_range(&input.name, got, input.range)?;
        if let Some(owner) = input.missing_flag_of.filter(|_| got == 1) {
            let owner_input = &program.inputs()[owner];
            if inputs[owner] != owner_input.range.lo {
                return Err(EvaluateError::MissingNotCanonical { name: owner_input.name.clone() });
            }
        }
    }
    let mut trace = Trace { values: inputs.to_vec(), leaves: Vec::new() };
    for op in program.ops() {
        step(op, &mut trace)?;
    }
    Ok(trace)
}

fn step(op: &Op, trace: &mut Trace) -> Result<(), EvaluateError> {
    let value = |id: &ValueId| trace.values[*id];
    let result = match op {
        Op::Linear { terms, constant } => {
            // In the order in which the Program's intervals were summed: no part overflows.
            terms.iter().fold(*constant, |sum, (c, id)| sum + c * value(id))
        }
        Op::Mul { a, b } => value(a) * value(b),
        Op::DivFloor { num, den, result, name } => {
            let q = value(num).div_euclid(value(den));
            in_range(name, q, *result)?
        }
        Op::DivCeil { num, den, result, name } => {
            let q = -(-value(num)).div_euclid(value(den));
            in_range(name, q, *result)?
        }
        Op::Clip { x, lo, hi } => value(x).clamp(*lo, *hi),
        Op::Trees(ensemble) => {
            let (leaves, sums) = route(ensemble, &trace.values);
            trace.leaves = leaves;
            trace.values.extend(sums);
            return Ok(());
        }
    };
    trace.values.push(result);
    Ok(())
}

fn route(ensemble: &Ensemble, values: &[i128]) -> (Vec<usize>, Vec<i128>) {
    let features = ensemble.features();
    let is_less = |feature: usize, threshold: usize| {
        values[features[feature].value] < features[feature].thresholds[threshold]
    };
    let mut sums = ensemble.base().to_vec();
    let mut leaves = Vec::with_capacity(ensemble.trees().len());
    for tree in ensemble.trees() {
        let leaf = tree.leaf(is_less);
        if let Node::Leaf { values } = &tree.nodes[leaf] {
            for (output, sum) in sums.iter_mut().enumerate() {
                *sum += leaf_value(values, output);
            }
        }
        leaves.push(leaf);
    }
    (leaves, sums)
}

fn in_range(name: &str, got: i128, range: Interval) -> Result<i128, EvaluateError> {
    if range.contains(got) {
        Ok(got)
    } else {
        Err(EvaluateError::OutOfRange { name: name.to_owned(), got, range })
    }
}
