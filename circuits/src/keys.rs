//! Keys: the verifying key is the model, its digest the model's name.

use std::fmt;

use halo2_proofs::halo2curves::bn256::{Bn256, Fr, G1Affine};
use halo2_proofs::halo2curves::group::GroupEncoding;
use halo2_proofs::plonk;
use halo2_proofs::poly::kzg::commitment::ParamsKZG;
use halo2_proofs::SerdeFormat;
use sha3::{Digest, Keccak256};

use crate::circuit::{Machine, FIXED_BASE};
use crate::layout::{Layout, LayoutError, LayoutOptions, Shape};
use crate::program::Program;
use crate::srs::{Srs, SrsError, TauG2};
use crate::transcript::{coordinates, point_from, scalar_bytes, scalar_from};

/// First word of a key: what it is, and the version of its encoding.
pub const KEY_DOMAIN: &[u8; 25] = b"veracast verifying key v1";

/// Words before the commitments: domain, k, width, period, publics, spec hash, SRS digest,
/// transcript seed.
pub const KEY_HEAD_WORDS: usize = 8;

/// A model's name: keccak-256 of its encoded verifying key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModelDigest(pub [u8; 32]);

impl fmt::Display for ModelDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Why keys cannot be made or read.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The Program does not fit a circuit.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// The SRS does not serve.
    #[error(transparent)]
    Srs(#[from] SrsError),
    /// The backend refused.
    #[error("key generation failed: {0}")]
    Backend(String),
    /// A key file of the wrong length.
    #[error("verifying key: expected {expected} bytes, got {got}")]
    Length {
        /// Expected length.
        expected: usize,
        /// Actual length.
        got: usize,
    },
    /// A field that cannot be.
    #[error("verifying key: {field} is {problem}")]
    Field {
        /// Which field.
        field: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
}

/// All that a verifier needs: shape, meaning, SRS and the commitments to the model.
#[derive(Clone, Debug)]
pub struct VerifyingKey {
    shape: Shape,
    spec_hash: [u8; 32],
    tau: TauG2,
    key: plonk::VerifyingKey<G1Affine>,
    params: ParamsKZG<Bn256>,
}

/// The largest shape that a key may have: bounds every allocation for a hostile file.
const LARGEST: Shape = Shape { k: 24, width: 32, period: 1 << 20, publics: 1024 };

impl VerifyingKey {
    fn new(
        shape: Shape,
        spec_hash: [u8; 32],
        tau: TauG2,
        key: plonk::VerifyingKey<G1Affine>,
    ) -> Result<Self, KeyError> {
        Ok(Self { shape, spec_hash, tau, key, params: tau.verifier_params(shape.k)? })
    }

    /// The circuit's shape.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// The hash of what the model's integers mean.
    pub fn spec_hash(&self) -> [u8; 32] {
        self.spec_hash
    }

    /// The SRS that the key was made with.
    pub fn tau(&self) -> TauG2 {
        self.tau
    }

    /// The commitments to the fixed columns, in the circuit's order.
    pub fn commitments(&self) -> &[G1Affine] {
        self.key.fixed_commitments()
    }

    /// halo2's key.
    pub fn plonk(&self) -> &plonk::VerifyingKey<G1Affine> {
        &self.key
    }

    pub(crate) fn params(&self) -> &ParamsKZG<Bn256> {
        &self.params
    }

    /// The canonical encoding, which a registry hashes: 32-byte big-endian words.
    pub fn to_key_data(&self) -> Vec<u8> {
        let Shape { k, width, period, publics } = self.shape;
        let number = |n: usize| scalar_bytes(Fr::from(n as u64));
        let mut domain = [0u8; 32];
        domain[..KEY_DOMAIN.len()].copy_from_slice(KEY_DOMAIN);
        let mut words = vec![
            domain,
            number(k as usize),
            number(width),
            number(period),
            number(publics),
            self.spec_hash,
            self.tau.digest(),
            scalar_bytes(self.key.transcript_repr()),
        ];
        for commitment in self.commitments() {
            // A fixed column that is zero everywhere commits to infinity, written as two zeros.
            words.extend(coordinates(*commitment).unwrap_or_default());
        }
        words.concat()
    }

    /// The model's digest.
    pub fn digest(&self) -> ModelDigest {
        ModelDigest(Keccak256::digest(self.to_key_data()).into())
    }

    /// The key file: key data, then `[tau]G2` as the EVM encodes it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.to_key_data();
        bytes.extend_from_slice(&self.tau.to_evm_bytes());
        bytes
    }

    /// Reads [`VerifyingKey::to_bytes`].
    ///
    /// # Errors
    /// Wrong length, an unknown version, values out of range, points off the curve, an SRS digest
    /// or transcript seed that does not belong to the rest.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let head = KEY_HEAD_WORDS * 32;
        let field = |field, problem| KeyError::Field { field, problem };
        if bytes.len() < head {
            return Err(KeyError::Length { expected: head, got: bytes.len() });
        }
        let word = |index: usize| -> [u8; 32] {
            let mut word = [0u8; 32];
            word.copy_from_slice(&bytes[32 * index..32 * (index + 1)]);
            word
        };
        let domain = word(0);
        if &domain[..KEY_DOMAIN.len()] != KEY_DOMAIN || domain[KEY_DOMAIN.len()..] != [0; 7] {
            return Err(field(
                "version",
                "not \"veracast verifying key v1\": written by another version?",
            ));
        }
        let shape = read_shape([1, 2, 3, 4].map(word))?;
        let commitments = FIXED_BASE + 2 * shape.width;
        let expected = head + 64 * commitments + 128;
        if bytes.len() != expected {
            return Err(KeyError::Length { expected, got: bytes.len() });
        }
        let mut tau = [0u8; 128];
        tau.copy_from_slice(&bytes[expected - 128..]);
        let tau = TauG2::from_evm_bytes(&tau)?;
        if tau.digest() != word(6) {
            return Err(field("SRS digest", "not that of the [tau]G2 in the same file"));
        }
        let mut points = Vec::with_capacity(commitments);
        for index in 0..commitments {
            let at = KEY_HEAD_WORDS + 2 * index;
            points.push(read_commitment(word(at), word(at + 1))?);
        }
        let key = plonk_key(shape, &points)?;
        if scalar_from(word(7)) != Some(key.transcript_repr()) {
            return Err(field(
                "transcript seed",
                "not the one of these commitments and this shape",
            ));
        }
        Self::new(shape, word(5), tau, key)
    }
}

fn read_commitment(x: [u8; 32], y: [u8; 32]) -> Result<G1Affine, KeyError> {
    if x == [0; 32] && y == [0; 32] {
        return Ok(G1Affine::default());
    }
    point_from(x, y)
        .map_err(|_| KeyError::Field { field: "a commitment", problem: "not a point of the curve" })
}

fn read_shape(words: [[u8; 32]; 4]) -> Result<Shape, KeyError> {
    let number = |word: [u8; 32], largest: usize| -> Option<usize> {
        let (zeros, low) = word.split_at(24);
        let value = u64::from_be_bytes(low.try_into().ok()?);
        let value = usize::try_from(value).ok()?;
        (zeros.iter().all(|b| *b == 0) && (1..=largest).contains(&value)).then_some(value)
    };
    let [k, width, period, publics] = words;
    let shape = (|| {
        Some(Shape {
            k: u32::try_from(number(k, LARGEST.k as usize)?).ok()?,
            width: number(width, LARGEST.width)?,
            period: number(period, LARGEST.period)?,
            publics: number(publics, LARGEST.publics)?,
        })
    })();
    // A period of 1 would be the rotation to the next row: fewer queries, a shorter proof.
    let fits =
        |s: &Shape| s.k >= 5 && s.period >= 2 && s.period + 1 < s.rows() && s.publics <= s.usable();
    shape
        .filter(fits)
        .ok_or(KeyError::Field { field: "shape", problem: "outside the circuits of this version" })
}

/// halo2's key of a shape and its commitments, through halo2's own reader.
fn plonk_key(
    shape: Shape,
    commitments: &[G1Affine],
) -> Result<plonk::VerifyingKey<G1Affine>, KeyError> {
    let mut bytes = vec![2u8];
    bytes.extend_from_slice(&shape.k.to_le_bytes());
    bytes.push(0);
    bytes.extend_from_slice(&u32::try_from(commitments.len()).unwrap_or(u32::MAX).to_le_bytes());
    for commitment in commitments {
        bytes.extend_from_slice(commitment.to_bytes().as_ref());
    }
    plonk::VerifyingKey::from_bytes::<Machine>(&bytes, SerdeFormat::Processed, shape)
        .map_err(|error| KeyError::Backend(error.to_string()))
}

/// All that a prover needs besides the SRS.
#[derive(Clone, Debug)]
pub struct ProvingKey {
    program: Program,
    layout: Layout,
    key: plonk::ProvingKey<G1Affine>,
    verifying: VerifyingKey,
}

impl ProvingKey {
    /// Lays the Program out and derives both keys. `srs` has at least the circuit's degree.
    ///
    /// # Errors
    /// The Program does not fit, or the SRS is too small.
    pub fn new(program: Program, options: &LayoutOptions, srs: &Srs) -> Result<Self, KeyError> {
        let layout = Layout::new(&program, options)?;
        Self::from_layout(program, layout, srs)
    }

    /// As [`ProvingKey::new`] for a layout that is already known.
    ///
    /// # Errors
    /// As [`ProvingKey::new`].
    pub fn from_layout(program: Program, layout: Layout, srs: &Srs) -> Result<Self, KeyError> {
        let shape = layout.shape();
        let cut;
        let srs = if srs.k() == shape.k {
            srs
        } else {
            cut = srs.downsize(shape.k)?;
            &cut
        };
        let machine = Machine { shape, fixed: Some(layout.fixed().clone()), advice: Vec::new() };
        let backend = |error: plonk::Error| KeyError::Backend(error.to_string());
        let key = plonk::keygen_pk2(srs.params(), &machine, false).map_err(backend)?;
        let verifying =
            VerifyingKey::new(shape, program.spec_hash(), srs.tau(), key.get_vk().clone())?;
        Ok(Self { program, layout, key, verifying })
    }

    /// The Program.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Its layout.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The verifying key.
    pub fn verifying_key(&self) -> &VerifyingKey {
        &self.verifying
    }

    pub(crate) fn plonk(&self) -> &plonk::ProvingKey<G1Affine> {
        &self.key
    }
}
