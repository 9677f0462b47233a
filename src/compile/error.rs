//! Why a model is refused.

use std::path::PathBuf;

use veracast_circuits::trees::EnsembleError;
use veracast_circuits::{EvaluateError, ProgramError};

use crate::encoding::EncodingError;
use crate::import::ImportError;

/// Why a model or a row of inputs is refused.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// A file that cannot be read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The trained file is refused.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// The spec is not TOML of the expected form.
    #[error("{}: {message}", path.display())]
    SpecForm {
        /// The spec.
        path: PathBuf,
        /// What the parser says.
        message: String,
    },
    /// The spec contradicts itself, its format or its trained file.
    #[error("spec, {place}: expected {expected}, got {got}")]
    Spec {
        /// Where in the spec.
        place: String,
        /// What is accepted.
        expected: String,
        /// What stands there.
        got: String,
    },
    /// Leaves that need more binary places than are kept.
    #[error(
        "the leaves need more precision than 64 binary places: rounding could add up to {bound:e}, \
         more than 1e-9 of the output's unit"
    )]
    Inexact {
        /// The bound that would have to be accepted.
        bound: f64,
    },
    /// A leaf that no exact sum can hold.
    #[error(
        "a leaf of {value:e} is too large beside the smallest of its file to be summed exactly"
    )]
    LeafTooLarge {
        /// The leaf.
        value: f64,
    },
    /// The integer trees are malformed.
    #[error(transparent)]
    Ensemble(#[from] EnsembleError),
    /// The Program is refused.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// An input that is missing.
    #[error("input {name}: expected {expected}, got nothing")]
    Missing {
        /// The input.
        name: String,
        /// What it should be.
        expected: String,
    },
    /// An input that is no number of its encoding.
    #[error("input {name}: {source}")]
    Encoding {
        /// The input.
        name: String,
        /// What is wrong.
        source: EncodingError,
    },
    /// An input outside its declared range.
    #[error("input {name}: expected {lo} to {hi} {unit}, got {got}")]
    OutOfRange {
        /// The input.
        name: String,
        /// Least value, in plain units.
        lo: String,
        /// Greatest value, in plain units.
        hi: String,
        /// The unit.
        unit: String,
        /// The value, in plain units.
        got: String,
    },
    /// The evaluation is refused.
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
}
