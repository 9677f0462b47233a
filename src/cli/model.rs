//! What the model commands share: opening a model, choosing an SRS, reading rows.

use std::path::PathBuf;

use super::CliError;
use crate::chain::home::data_dir;
use crate::compile::{locate, open, CompileError, Model, Row};
use crate::prover::{degree, Prover, ProverError, DEFAULT_WIDTH};
use crate::rows::{self, RowsError};
use crate::store::{SrsChoice, Store, StoreError};

/// A model on the command line.
#[derive(Clone, Debug, clap::Args)]
pub struct ModelOptions {
    /// A model folder, a name under models/, or a bare trained file
    #[arg(long, value_name = "PATH")]
    pub model: PathBuf,
    /// Inputs of a bare file may be missing (each then has a public flag)
    #[arg(long)]
    pub missing: bool,
}

/// How the circuit is laid out and set up.
#[derive(Clone, Debug, clap::Args)]
pub struct SetupOptions {
    /// `dev`, a .ptau ceremony file, or a file that `srs import` wrote
    #[arg(long, value_name = "FILE|dev", default_value = "dev")]
    pub srs: SrsChoice,
    /// One-hot columns of the circuit: 1 is cheapest on chain, more prove large models faster
    #[arg(long, value_name = "N", default_value_t = DEFAULT_WIDTH)]
    pub width: usize,
}

/// The folder of cached SRS files.
///
/// # Errors
/// No data folder is known.
pub fn store() -> Result<Store, CliError> {
    Ok(Store::new(data_dir()?.join("srs")))
}

impl ModelOptions {
    /// Compiles the model.
    ///
    /// # Errors
    /// The file or its spec is refused.
    pub fn open(&self) -> Result<Model, CliError> {
        Ok(open(&locate(&self.model), self.missing)?)
    }
}

impl SetupOptions {
    /// Keys `model`.
    ///
    /// # Errors
    /// The SRS cannot be had, or the model does not fit.
    pub fn prover(&self, model: Model) -> Result<Prover, CliError> {
        let k = degree(&model, self.width)?;
        let srs = store()?.srs(&self.srs, k)?;
        Ok(Prover::new(model, self.width, &srs)?)
    }
}

/// The rows of `path` for `model`.
///
/// # Errors
/// The file is refused or lacks a column.
pub fn rows(model: &Model, path: &std::path::Path) -> Result<Vec<Row>, CliError> {
    // Columns go by position only where the file gave its features no names.
    let positional = model.inputs.iter().enumerate().all(|(i, f)| f.name == format!("f{i}"));
    Ok(rows::read(path, &model.inputs, positional)?)
}

macro_rules! refused {
    ($($error:ty),+) => {$(
        impl From<$error> for CliError {
            fn from(error: $error) -> Self {
                Self::refused(error.to_string())
            }
        }
    )+};
}

refused!(CompileError, ProverError, RowsError, StoreError, crate::bundle::BundleError);
