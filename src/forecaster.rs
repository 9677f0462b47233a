//! The hedge's proving side: four shipped models, one per horizon.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use alloy::primitives::{B256, U256};
use rayon::prelude::*;
use veracast_circuits::keys::ModelDigest;
use veracast_circuits::transcript::{scalar_bytes, scalar_from};
use veracast_circuits::{Fr, Trace, VerifyingKey};

use crate::bundle::{BoundTo, Bundle};
use crate::chain::hedge::{Forecast, Forecaster, HedgeInputs, Proved};
use crate::chain::ChainError;
use crate::compile::{open, CompileError, Model, Row};
use crate::prover::{degree, prove_all, Proven, Prover, ProverError, DEFAULT_WIDTH};
use crate::store::{SrsChoice, Store, StoreError};

/// The horizons, in months.
pub const HORIZONS: [u8; 4] = [2, 3, 4, 5];

/// Four models with their keys.
#[derive(Clone, Debug)]
pub struct Models {
    provers: Vec<Prover>,
}

/// Why the four models cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum ModelsError {
    /// A model is refused.
    #[error("{}: {source}", path.display())]
    Compile {
        /// Its folder.
        path: PathBuf,
        /// Why.
        source: Box<CompileError>,
    },
    /// A folder holds another horizon's model.
    #[error("{}: expected the model of {expected} months, got {got:?}", path.display())]
    Horizon {
        /// Its folder.
        path: PathBuf,
        /// The folder's horizon.
        expected: u8,
        /// The spec's.
        got: Option<u8>,
    },
    /// The SRS cannot be had.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A model cannot be keyed.
    #[error(transparent)]
    Prover(#[from] ProverError),
}

impl Models {
    /// Opens `btc-N-months` for every horizon below `dir`, and keys them in parallel.
    ///
    /// # Errors
    /// Names the folder and what is wrong with it.
    pub fn open(dir: &Path, srs: &SrsChoice, store: &Store) -> Result<Self, ModelsError> {
        let models = HORIZONS
            .iter()
            .map(|horizon| {
                let path = dir.join(format!("btc-{horizon}-months"));
                let model = open(&path, false).map_err(|source| ModelsError::Compile {
                    path: path.clone(),
                    source: Box::new(source),
                })?;
                if model.horizon != Some(*horizon) {
                    let got = model.horizon;
                    return Err(ModelsError::Horizon { path, expected: *horizon, got });
                }
                Ok(model)
            })
            .collect::<Result<Vec<Model>, _>>()?;
        let mut largest = 0;
        for model in &models {
            largest = largest.max(degree(model, DEFAULT_WIDTH)?);
        }
        let srs = store.srs(srs, largest)?;
        let provers = models
            .into_par_iter()
            .map(|model| Prover::new(model, DEFAULT_WIDTH, &srs))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self { provers })
    }

    /// The four models, in the horizons' order.
    pub fn provers(&self) -> &[Prover] {
        &self.provers
    }

    /// The verifying keys, in the horizons' order.
    pub fn keys(&self) -> impl Iterator<Item = &VerifyingKey> {
        self.provers.iter().map(|prover| prover.key().verifying_key())
    }

    /// Runs every model on the farm's figures.
    ///
    /// # Errors
    /// Names the input that is missing or out of range.
    pub fn run(&self, inputs: &HedgeInputs) -> Result<Vec<Trace>, ChainError> {
        let row: Row =
            inputs.iter().map(|(name, value)| (name.to_owned(), value.to_string())).collect();
        self.provers
            .iter()
            .map(|prover| prover.model().run(&row).map_err(|error| refused(&error)))
            .collect()
    }

    /// Proves the runs of `horizons`, in parallel, bound to `binding`; `done` is called after each.
    ///
    /// # Errors
    /// As [`Models::run`], or the prover's.
    pub fn prove_horizons(
        &self,
        inputs: &HedgeInputs,
        horizons: &[u8],
        binding: Fr,
        done: impl Fn() + Sync,
    ) -> Result<Vec<(u8, Proven)>, ChainError> {
        let traces = self.run(inputs)?;
        let chosen: Vec<usize> =
            (0..HORIZONS.len()).filter(|i| horizons.contains(&HORIZONS[*i])).collect();
        let provers: Vec<Prover> = chosen.iter().map(|i| self.provers[*i].clone()).collect();
        let traces: Vec<Trace> = chosen.iter().map(|i| traces[*i].clone()).collect();
        let proven = prove_all(&provers, &traces, binding, done).map_err(|e| refused(&e))?;
        Ok(chosen.iter().map(|i| HORIZONS[*i]).zip(proven).collect())
    }
}

fn refused(error: &dyn std::error::Error) -> ChainError {
    ChainError::Forecast(error.to_string())
}

/// The scalar of a word of a statement, such as the binding, which the gate has reduced.
///
/// # Errors
/// A number that is not below the scalar field's order.
pub fn binding_scalar(binding: U256) -> Result<Fr, ChainError> {
    scalar_from(binding.to_be_bytes()).ok_or_else(|| {
        let expected = "a number below the scalar field's order";
        ChainError::refused("statement", expected, binding, "check the gate's address")
    })
}

/// The proof of one horizon as `prover` would have returned it, for a bundle.
///
/// # Errors
/// A statement that is not one of this model.
fn from_proved(prover: &Prover, proved: &Proved) -> Result<Proven, ChainError> {
    let statement = proved
        .statement
        .iter()
        .map(|word| binding_scalar(*word))
        .collect::<Result<Vec<Fr>, _>>()?;
    let publics = &prover.model().publics;
    let shown = publics.iter().zip(statement.iter().skip(1)).map(|(public, scalar)| {
        crate::bundle::integer(*scalar).map_or_else(String::new, |n| public.encoding.format(n))
    });
    Ok(Proven {
        shown: shown.collect(),
        statement,
        proof: proved.proof.to_vec(),
        elapsed: std::time::Duration::from_millis(proved.millis),
    })
}

fn word(scalar: &Fr) -> U256 {
    U256::from_be_bytes(scalar_bytes(*scalar))
}

impl Forecaster for Models {
    fn digests(&self) -> [B256; 4] {
        let mut digests = [B256::ZERO; 4];
        for (slot, key) in digests.iter_mut().zip(self.keys()) {
            let ModelDigest(bytes) = key.digest();
            *slot = B256::from(bytes);
        }
        digests
    }

    fn dev_setup(&self) -> bool {
        self.keys().any(|key| key.tau().is_dev())
    }

    fn reads(&self) -> BTreeSet<String> {
        let inputs = self.provers.iter().flat_map(|prover| &prover.model().inputs);
        inputs.map(|field| field.name.clone()).collect()
    }

    fn forecast(&self, inputs: &HedgeInputs) -> Result<[Forecast; 4], ChainError> {
        let traces = self.run(inputs)?;
        let amount = |index: usize| {
            let program = &self.provers[index].model().program;
            // The head's outputs: horizon, amount.
            let sats = traces[index].value(program.outputs()[1]);
            Forecast {
                horizon: HORIZONS[index],
                amount_sats: U256::from(u128::try_from(sats).unwrap_or(0)),
            }
        };
        Ok([0, 1, 2, 3].map(amount))
    }

    fn prove(
        &self,
        inputs: &HedgeInputs,
        horizons: &[u8],
        binding: U256,
    ) -> Result<Vec<Proved>, ChainError> {
        let proven = self.prove_horizons(inputs, horizons, binding_scalar(binding)?, || ())?;
        let proved = proven.into_iter().map(|(horizon, proven)| Proved {
            horizon,
            statement: proven.statement.iter().map(word).collect(),
            proof: proven.proof.into(),
            millis: u64::try_from(proven.elapsed.as_millis()).unwrap_or(u64::MAX),
        });
        Ok(proved.collect())
    }

    fn bundles(
        &self,
        proofs: &[Proved],
        bound_to: &BoundTo,
    ) -> Result<Vec<(String, Vec<u8>)>, ChainError> {
        let mut files = Vec::with_capacity(2 * proofs.len());
        for proved in proofs {
            let found = HORIZONS.iter().position(|horizon| *horizon == proved.horizon);
            let Some(prover) = found.map(|index| &self.provers[index]) else { continue };
            let key = prover.key().verifying_key();
            let proven = from_proved(prover, proved)?;
            let bundle = Bundle::new(prover.model(), key, &proven, Some(bound_to.clone()));
            bundle.verify(key).map_err(|error| refused(&error))?;
            let text = bundle.to_json().map_err(|error| refused(&error))?;
            let stem = format!("btc-{}-months", proved.horizon);
            files.push((format!("{stem}.json"), text.into_bytes()));
            files.push((format!("{stem}.vk"), key.to_bytes()));
        }
        Ok(files)
    }
}
