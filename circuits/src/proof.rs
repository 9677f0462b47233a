//! Proving and native verification.

use halo2_proofs::halo2curves::bn256::{Bn256, Fr, G1Affine};
use halo2_proofs::plonk::{self, create_proof_from_advice, verify_proof};
use halo2_proofs::poly::kzg::commitment::{KZGCommitmentScheme, ParamsKZG};
use halo2_proofs::poly::kzg::multiopen::{ProverSHPLONK, VerifierSHPLONK};
use halo2_proofs::poly::kzg::strategy::SingleStrategy;
use rand_core::{CryptoRng, RngCore};

use crate::circuit::FIXED_BASE;
use crate::evaluate::Trace;
use crate::keys::{ProvingKey, VerifyingKey};
use crate::layout::Shape;
use crate::srs::Srs;
use crate::transcript::{Challenge, ProofReader, ProofWriter};
use crate::witness::Witness;

/// Bytes of a proof for a circuit of `shape`: 13 + w points and 20 + 3w scalars.
pub fn proof_length(shape: Shape) -> usize {
    let w = shape.width;
    // Advice (4 + w), lookup (2 + 1), random polynomial, quotient (3), opening (2).
    let points = 4 + w + 3 + 1 + 3 + 2;
    // Advice (8 + w evaluations), fixed, random polynomial, lookup (5).
    let scalars = 8 + w + FIXED_BASE + 2 * w + 1 + 5;
    64 * points + 32 * scalars
}

/// Why a proof cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// The SRS is not the one of the key, or has another degree.
    #[error(
        "the SRS (degree {got}) is not the one that the key was made with (degree {expected})"
    )]
    Srs {
        /// The key's degree.
        expected: u32,
        /// The SRS's degree.
        got: u32,
    },
    /// The backend refused.
    #[error("proving failed: {0}")]
    Backend(String),
}

/// Why a proof is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// Wrong number of public inputs.
    #[error("expected {expected} public inputs, got {got}")]
    Publics {
        /// What the model has.
        expected: usize,
        /// What was given.
        got: usize,
    },
    /// Wrong length.
    #[error("expected a proof of {expected} bytes, got {got}")]
    Length {
        /// What the shape asks for.
        expected: usize,
        /// What was given.
        got: usize,
    },
    /// Malformed, or not a proof of this statement under this key.
    #[error("the proof does not hold for this statement and this model")]
    Invalid,
}

impl ProvingKey {
    /// Proves the run `trace`, bound to `binding`. `srs` has exactly the circuit's degree.
    ///
    /// # Errors
    /// The SRS is not the key's, or the backend fails.
    pub fn prove(
        &self,
        srs: &Srs,
        trace: &Trace,
        binding: Fr,
        rng: impl RngCore + CryptoRng,
    ) -> Result<Vec<u8>, ProveError> {
        let witness = Witness::new(self.program(), self.layout(), trace, binding);
        self.prove_witness(srs, witness, rng)
    }

    /// Proves whatever columns it is given: tests bring dishonest ones.
    ///
    /// # Errors
    /// As [`ProvingKey::prove`]; some dishonest columns make the backend itself refuse.
    #[doc(hidden)]
    pub fn prove_witness(
        &self,
        srs: &Srs,
        witness: Witness,
        mut rng: impl RngCore + CryptoRng,
    ) -> Result<Vec<u8>, ProveError> {
        let expected = self.layout().shape().k;
        if srs.k() != expected || srs.tau() != self.verifying_key().tau() {
            return Err(ProveError::Srs { expected, got: srs.k() });
        }
        create(srs, self.plonk(), witness, &mut rng)
    }
}

/// A proof of these columns under any key. Not generic, so that it is compiled here, once, and
/// optimised as this crate is.
///
/// # Errors
/// The backend refuses.
#[doc(hidden)]
pub fn create(
    srs: &Srs,
    key: &plonk::ProvingKey<G1Affine>,
    witness: Witness,
    rng: &mut dyn RngCore,
) -> Result<Vec<u8>, ProveError> {
    let mut transcript = ProofWriter::default();
    create_proof_from_advice::<
        KZGCommitmentScheme<Bn256>,
        ProverSHPLONK<'_, Bn256>,
        Challenge,
        _,
        _,
    >(srs.params(), key, &[&witness.instance], witness.advice, rng, &mut transcript)
    .map_err(|error| ProveError::Backend(error.to_string()))?;
    Ok(transcript.into_proof())
}

/// Checks a proof under any key.
///
/// # Errors
/// [`VerifyError::Invalid`].
#[doc(hidden)]
pub fn check(
    params: &ParamsKZG<Bn256>,
    key: &plonk::VerifyingKey<G1Affine>,
    instance: &[Fr],
    proof: &[u8],
) -> Result<(), VerifyError> {
    let mut transcript = ProofReader::new(proof);
    let strategy = SingleStrategy::new(params);
    verify_proof::<
        KZGCommitmentScheme<Bn256>,
        VerifierSHPLONK<'_, Bn256>,
        Challenge,
        _,
        SingleStrategy<'_, Bn256>,
    >(params, key, strategy, &[&[instance]], &mut transcript)
    .map_err(|_| VerifyError::Invalid)
}

impl VerifyingKey {
    /// Checks `proof` for the public inputs `instance` (binding, outputs, public inputs).
    ///
    /// # Errors
    /// [`VerifyError`] says whether the form is wrong or the proof does not hold.
    pub fn verify(&self, instance: &[Fr], proof: &[u8]) -> Result<(), VerifyError> {
        let (expected, got) = (self.shape().publics, instance.len());
        if got != expected {
            return Err(VerifyError::Publics { expected, got });
        }
        let (expected, got) = (proof_length(self.shape()), proof.len());
        if got != expected {
            return Err(VerifyError::Length { expected, got });
        }
        check(self.params(), self.plonk(), instance, proof)
    }
}
