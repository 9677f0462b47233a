//! Forecasts as integer Programs, and their proofs.
//!
//! ```text
//! Program --evaluate--> Trace --Witness--> proof --verify--> Statement
//!    |                                       |
//!    +--Layout--> fixed columns --keygen--> keys (the verifying key is the model)
//! ```
//!
//! No files, no network, no clock: callers bring readers, writers and randomness.

pub mod circuit;
pub mod evaluate;
pub mod keys;
pub mod layout;
pub mod program;
pub mod proof;
pub mod srs;
pub mod transcript;
pub mod trees;
pub mod witness;

pub use evaluate::{evaluate, EvaluateError, Trace};
pub use halo2_proofs::halo2curves::bn256::Fr;
pub use keys::{KeyError, ModelDigest, ProvingKey, VerifyingKey};
pub use layout::{signed, Layout, LayoutError, LayoutOptions, Shape};
pub use program::{Input, Interval, Op, Program, ProgramBuilder, ProgramError, ValueId};
pub use proof::{proof_length, ProveError, VerifyError};
pub use witness::Witness;
