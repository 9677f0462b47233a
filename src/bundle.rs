//! Bundles: a published proof with its statement in plain units and as field elements.
//!
//! A bundle is hostile input: what it says about itself is shown, never believed. What counts is
//! the proof, checked against a verifying key that the reader brings.

use serde::{Deserialize, Serialize};
use veracast_circuits::keys::ModelDigest;
use veracast_circuits::transcript::{scalar_bytes, scalar_from};
use veracast_circuits::{Fr, VerifyError, VerifyingKey};

use crate::compile::{Model, PublicField};
use crate::encoding::Encoding;
use crate::prover::Proven;

/// The only version so far.
pub const VERSION: u32 = 1;
/// Largest bundle that is read, in bytes.
pub const MOST_BYTES: u64 = 1 << 20;

/// A published proof.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// Version of the format.
    pub veracast_bundle: u32,
    /// The model's name, for people.
    pub model: String,
    /// keccak-256 of the verifying key.
    pub model_digest: String,
    /// Identifies the trusted setup.
    pub srs_digest: String,
    /// Present and true where the setup's secret is public.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dev_srs_worthless: bool,
    /// Version of the Program's meaning.
    pub program_version: u32,
    /// What the binding was computed from; absent for an unbound proof (binding 0).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound_to: Option<BoundTo>,
    /// The public inputs in order, the binding first.
    pub statement: Vec<Element>,
    /// The proof, in hexadecimal.
    pub proof: String,
}

/// What the binding was computed from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoundTo {
    /// Chain id.
    pub chain_id: u64,
    /// The gate's address.
    pub gate: String,
    /// The sender's address.
    pub sender: String,
    /// The sender's nonce at the gate.
    pub nonce: String,
    /// Unix time in seconds.
    pub deadline: u64,
    /// Digests of the models of horizons 2, 3, 4 and 5.
    pub models: [String; 4],
}

/// One public input.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Element {
    /// Name.
    pub name: String,
    /// Unit.
    pub unit: String,
    /// The number in that unit.
    pub value: String,
    /// How the field element reads in that unit; absent for the binding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<Encoding>,
    /// The field element, 32 bytes big-endian in hexadecimal.
    pub field: String,
}

/// Why a bundle is refused.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// Not JSON of this form.
    #[error("not a bundle: {0}")]
    Form(String),
    /// Another version.
    #[error("expected a bundle of version {VERSION}, got version {0}: a newer veracast wrote it")]
    Version(u64),
    /// Larger than any bundle.
    #[error("expected at most {MOST_BYTES} bytes, got {0}")]
    Size(u64),
    /// Hexadecimal that is not.
    #[error("{field}: expected {expected}, got {got}")]
    Field {
        /// Which field.
        field: String,
        /// What is accepted.
        expected: &'static str,
        /// What stands there.
        got: String,
    },
    /// The units shown do not match the field element.
    #[error("{name}: the bundle shows {shown}, but its field element is {proven}")]
    Shown {
        /// Which public input.
        name: String,
        /// What the bundle says.
        shown: String,
        /// What the field element says.
        proven: String,
    },
    /// Another model's key.
    #[error("the bundle is for model {bundle}, the key is of model {key}")]
    OtherModel {
        /// The bundle's digest.
        bundle: String,
        /// The key's digest.
        key: ModelDigest,
    },
    /// The proof does not hold.
    #[error(transparent)]
    Proof(#[from] VerifyError),
}

impl Bundle {
    /// The bundle of `proven`.
    pub fn new(
        model: &Model,
        key: &VerifyingKey,
        proven: &Proven,
        bound_to: Option<BoundTo>,
    ) -> Self {
        let binding = proven.statement.first().copied().unwrap_or_default();
        let first = Element {
            name: "binding".into(),
            unit: String::new(),
            value: hex(binding),
            encoding: None,
            field: hex(binding),
        };
        let rest = model.publics.iter().zip(&proven.shown).zip(proven.statement.iter().skip(1));
        let element = |((public, shown), field): ((&PublicField, &String), &Fr)| Element {
            name: public.name.clone(),
            unit: public.unit.clone(),
            value: shown.clone(),
            encoding: Some(public.encoding),
            field: hex(*field),
        };
        Self {
            veracast_bundle: VERSION,
            model: model.name.clone(),
            model_digest: key.digest().to_string(),
            srs_digest: format!("0x{}", hex::encode(key.tau().digest())),
            dev_srs_worthless: key.tau().is_dev(),
            program_version: veracast_circuits::program::PROGRAM_VERSION,
            bound_to,
            statement: std::iter::once(first).chain(rest.map(element)).collect(),
            proof: format!("0x{}", hex::encode(&proven.proof)),
        }
    }

    /// Reads a bundle.
    ///
    /// # Errors
    /// Too large, not JSON of this form, or of another version (named).
    pub fn parse(bytes: &[u8]) -> Result<Self, BundleError> {
        if bytes.len() as u64 > MOST_BYTES {
            return Err(BundleError::Size(bytes.len() as u64));
        }
        let form = |error: serde_json::Error| BundleError::Form(error.to_string());
        let any: serde_json::Value = serde_json::from_slice(bytes).map_err(form)?;
        match any.get("veracast_bundle").and_then(serde_json::Value::as_u64) {
            Some(version) if version == u64::from(VERSION) => {}
            Some(version) => return Err(BundleError::Version(version)),
            None => return Err(BundleError::Form("no field veracast_bundle".into())),
        }
        serde_json::from_value(any).map_err(form)
    }

    /// The bundle as indented JSON.
    ///
    /// # Errors
    /// None in practice: every field is a string or a number.
    pub fn to_json(&self) -> Result<String, BundleError> {
        serde_json::to_string_pretty(self).map_err(|e| BundleError::Form(e.to_string()))
    }

    /// The statement's field elements.
    ///
    /// # Errors
    /// Names the element that is not 32 bytes below the field's order.
    pub fn instance(&self) -> Result<Vec<Fr>, BundleError> {
        self.statement.iter().map(Element::scalar).collect()
    }

    /// The proof's bytes.
    ///
    /// # Errors
    /// Not hexadecimal.
    pub fn proof_bytes(&self) -> Result<Vec<u8>, BundleError> {
        bytes_of("proof", &self.proof)
    }

    /// Checks the proof under `key`, and that the units shown are those of the field elements.
    ///
    /// # Errors
    /// What does not hold.
    pub fn verify(&self, key: &VerifyingKey) -> Result<(), BundleError> {
        if self.model_digest != key.digest().to_string() {
            let bundle = self.model_digest.clone();
            return Err(BundleError::OtherModel { bundle, key: key.digest() });
        }
        for element in &self.statement {
            element.consistent()?;
        }
        Ok(key.verify(&self.instance()?, &self.proof_bytes()?)?)
    }
}

impl Element {
    fn scalar(&self) -> Result<Fr, BundleError> {
        let bytes = bytes_of(&self.name, &self.field)?;
        let scalar = <[u8; 32]>::try_from(bytes.as_slice()).ok().and_then(scalar_from);
        scalar.ok_or_else(|| BundleError::Field {
            field: self.name.clone(),
            expected: "32 bytes below the scalar field's order",
            got: self.field.clone(),
        })
    }

    fn consistent(&self) -> Result<(), BundleError> {
        let scalar = self.scalar()?;
        let proven = match self.encoding {
            None => hex(scalar),
            Some(encoding) => {
                integer(scalar).map_or_else(|| hex(scalar), |value| encoding.format(value))
            }
        };
        if proven == self.value {
            return Ok(());
        }
        let (name, shown) = (self.name.clone(), self.value.clone());
        Err(BundleError::Shown { name, shown, proven })
    }
}

/// The signed integer of magnitude below 2^120 that a field element stands for.
pub(crate) fn integer(scalar: Fr) -> Option<i128> {
    let magnitude = |scalar: Fr| {
        let bytes = scalar_bytes(scalar);
        let (high, low) = bytes.split_at(16);
        let low = u128::from_be_bytes(low.try_into().ok()?);
        (high.iter().all(|b| *b == 0) && low >> 120 == 0).then_some(low as i128)
    };
    magnitude(scalar).or_else(|| magnitude(-scalar).map(|m| -m))
}

fn hex(scalar: Fr) -> String {
    format!("0x{}", hex::encode(scalar_bytes(scalar)))
}

fn bytes_of(field: &str, text: &str) -> Result<Vec<u8>, BundleError> {
    let digits = text.strip_prefix("0x").and_then(|digits| hex::decode(digits).ok());
    digits.ok_or_else(|| BundleError::Field {
        field: field.into(),
        expected: "0x and hexadecimal digits",
        got: text.chars().take(80).collect(),
    })
}
