//! A model ready to prove: compiled, keyed, with the SRS of its size.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rayon::prelude::*;
use veracast_circuits::srs::Srs;
use veracast_circuits::{
    Fr, KeyError, LayoutError, LayoutOptions, ProveError, ProvingKey, Trace, VerifyError, Witness,
};

use crate::compile::Model;

/// Number of one-hot columns of a circuit unless asked otherwise.
pub const DEFAULT_WIDTH: usize = 1;

/// Why a model cannot be keyed or a run not proven.
#[derive(Debug, thiserror::Error)]
pub enum ProverError {
    /// The model does not fit a circuit.
    #[error("model {name}: {source}")]
    Layout {
        /// The model.
        name: String,
        /// Why.
        source: LayoutError,
    },
    /// Key generation failed.
    #[error("model {name}: {source}")]
    Key {
        /// The model.
        name: String,
        /// Why.
        source: KeyError,
    },
    /// Proving failed.
    #[error("model {name}: {source}")]
    Prove {
        /// The model.
        name: String,
        /// Why.
        source: ProveError,
    },
    /// A proof just made does not verify: a fault of this program, never of the inputs.
    #[error("model {name}: the proof just made does not verify ({source}); nothing was written")]
    SelfCheck {
        /// The model.
        name: String,
        /// What the verifier says.
        source: VerifyError,
    },
}

/// A model with its keys.
#[derive(Clone, Debug)]
pub struct Prover {
    model: Model,
    key: ProvingKey,
    srs: Arc<Srs>,
}

/// A proof and what it proves.
#[derive(Clone, Debug)]
pub struct Proven {
    /// Public inputs: binding, then the statement of the model.
    pub statement: Vec<Fr>,
    /// The statement without its binding, in plain units.
    pub shown: Vec<String>,
    /// The proof's bytes.
    pub proof: Vec<u8>,
    /// How long it took.
    pub elapsed: Duration,
}

/// The options that lay out `model` with `width` one-hot columns.
pub fn layout_options(width: usize) -> LayoutOptions {
    LayoutOptions { width, ..LayoutOptions::default() }
}

impl Prover {
    /// Keys `model` under `srs`, which has at least the degree that the model needs.
    ///
    /// # Errors
    /// The model does not fit, or the SRS is too small.
    pub fn new(model: Model, width: usize, srs: &Srs) -> Result<Self, ProverError> {
        let name = model.name.clone();
        let fail = |source| ProverError::Key { name: name.clone(), source };
        let options = layout_options(width);
        let key = ProvingKey::new(model.program.clone(), &options, srs).map_err(fail)?;
        let k = key.layout().shape().k;
        let srs = if srs.k() == k {
            srs.clone()
        } else {
            srs.downsize(k).map_err(|error| fail(error.into()))?
        };
        Ok(Self { model, key, srs: Arc::new(srs) })
    }

    /// The model.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Its keys.
    pub fn key(&self) -> &ProvingKey {
        &self.key
    }

    /// Proves a run, bound to `binding`, and checks the proof.
    ///
    /// # Errors
    /// The backend's.
    pub fn prove(&self, trace: &Trace, binding: Fr) -> Result<Proven, ProverError> {
        let name = || self.model.name.clone();
        let start = Instant::now();
        let witness = Witness::new(&self.model.program, self.key.layout(), trace, binding);
        let statement = witness.instance.clone();
        let proof = self
            .key
            .prove_witness(&self.srs, witness, rand_core::OsRng)
            .map_err(|source| ProverError::Prove { name: name(), source })?;
        let elapsed = start.elapsed();
        self.key
            .verifying_key()
            .verify(&statement, &proof)
            .map_err(|source| ProverError::SelfCheck { name: name(), source })?;
        Ok(Proven { statement, shown: self.model.shown(trace), proof, elapsed })
    }
}

/// Proves one run per prover, in parallel, all bound to `binding`; `done` is called after each.
///
/// # Errors
/// The first error of any.
pub fn prove_all(
    provers: &[Prover],
    traces: &[Trace],
    binding: Fr,
    done: impl Fn() + Sync,
) -> Result<Vec<Proven>, ProverError> {
    provers
        .par_iter()
        .zip(traces)
        .map(|(prover, trace)| {
            let proven = prover.prove(trace, binding);
            done();
            proven
        })
        .collect()
}

/// log2 of the rows that a model's circuit needs.
///
/// # Errors
/// The model fits no circuit.
pub fn degree(model: &Model, width: usize) -> Result<u32, ProverError> {
    let layout = veracast_circuits::Layout::new(&model.program, &layout_options(width));
    let fail = |source| ProverError::Layout { name: model.name.clone(), source };
    Ok(layout.map_err(fail)?.shape().k)
}
