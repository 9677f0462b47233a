//! `[tau]G2`: the one point that fixes an SRS, and the whole of what a verifier needs of it.

use super::{check_degree, dev, SrsError};
use halo2_proofs::halo2curves::bn256::{Bn256, Fq, Fq2, G1Affine, G2Affine, G2};
use halo2_proofs::halo2curves::ff::PrimeField;
use halo2_proofs::halo2curves::group::cofactor::CofactorGroup;
use halo2_proofs::halo2curves::group::prime::PrimeCurveAffine;
use halo2_proofs::halo2curves::CurveAffine;
use halo2_proofs::poly::kzg::commitment::ParamsKZG;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sha3::{Digest, Keccak256};
use std::sync::OnceLock;

/// Separates this hash from every other use of Keccak-256 here.
const DOMAIN: &[u8] = b"veracast srs v1";

/// The digest of the published ceremony's tau: the powersOfTau28_hez_final files are cuts of one ceremony.
const HEZ_DIGEST: &str = "6918292d2a7278a304d8fb616efdbc355af7a1561d6140a4c664920ca10be049";

/// `[tau]G2` of some SRS: on the curve, in the subgroup, neither zero nor the generator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TauG2(G2Affine);

impl TauG2 {
    pub(super) fn new(point: G2Affine) -> Result<Self, SrsError> {
        let fault = |fault| SrsError::Point { place: "[tau]G2", index: 1, fault };
        if !bool::from(point.is_on_curve()) {
            return Err(fault("not on the curve"));
        }
        if bool::from(point.is_identity()) {
            return Err(fault("is the point at infinity"));
        }
        if !bool::from(G2::from(point).is_torsion_free()) {
            return Err(fault("not in the subgroup of order r"));
        }
        if point == G2Affine::generator() {
            return Err(SrsError::TauIsOne);
        }
        Ok(Self(point))
    }

    pub(super) fn dev() -> Self {
        static POINT: OnceLock<G2Affine> = OnceLock::new();
        Self(*POINT.get_or_init(|| (G2Affine::generator() * dev::tau()).into()))
    }

    pub(super) fn point(self) -> G2Affine {
        self.0
    }

    /// Reads the encoding that the EVM's pairing precompile takes (EIP-197): x.c1, x.c0, y.c1, y.c0,
    /// 32 bytes big-endian each.
    ///
    /// # Errors
    /// A coordinate not below the base field's order, a point off the curve or outside the subgroup,
    /// infinity, the generator (tau = 1).
    pub fn from_evm_bytes(bytes: &[u8; 128]) -> Result<Self, SrsError> {
        let [xi, xr, yi, yr] = [0, 32, 64, 96].map(|at| base(&bytes[at..at + 32]));
        let (Some(xi), Some(xr), Some(yi), Some(yr)) = (xi, xr, yi, yr) else {
            return Err(SrsError::Point {
                place: "[tau]G2",
                index: 1,
                fault: "a coordinate is not below the base field's order",
            });
        };
        Self::new(G2Affine { x: Fq2::new(xr, xi), y: Fq2::new(yr, yi) })
    }

    /// The point as [`TauG2::from_evm_bytes`] reads it.
    pub fn to_evm_bytes(self) -> [u8; 128] {
        g2_bytes(self.0)
    }

    /// keccak256("veracast srs v1" || G1 || G2 || \[tau\]G2), points as in EIP-196 and EIP-197.
    ///
    /// The two generators are constants, and `t -> [t]G2` is one to one on the scalar field, so the
    /// digest fixes tau; every other point of an SRS is computed from tau and the degree. The degree
    /// is left out on purpose: a model keeps its identity when its SRS is cut from a longer one, and
    /// its own `k` is part of the model's digest.
    pub fn digest(self) -> [u8; 32] {
        let one = G1Affine::generator();
        let mut hash = Keccak256::new();
        hash.update(DOMAIN);
        hash.update(big_endian(one.x));
        hash.update(big_endian(one.y));
        hash.update(g2_bytes(G2Affine::generator()));
        hash.update(self.to_evm_bytes());
        hash.finalize().into()
    }

    /// Whether tau is the published development tau.
    pub fn is_dev(self) -> bool {
        self == Self::dev()
    }

    /// Whether tau is the one of the published powersOfTau28_hez_final ceremony.
    pub fn is_published_ceremony(self) -> bool {
        hex(&self.digest()) == HEZ_DIGEST
    }

    /// What halo2's verifier takes, for a circuit of degree `k`. Not enough to commit or to prove.
    ///
    /// # Errors
    /// `k` outside `1..=28`.
    pub fn verifier_params(self, k: u32) -> Result<ParamsKZG<Bn256>, SrsError> {
        check_degree(k)?;
        let one = vec![G1Affine::generator()];
        Ok(blank().from_parts(k, one.clone(), Some(one), G2Affine::generator(), self.0))
    }
}

/// halo2 offers `from_parts` as a method only; this is something to call it on.
pub(super) fn blank() -> ParamsKZG<Bn256> {
    ParamsKZG::setup(0, ChaCha20Rng::from_seed([0; 32]))
}

fn base(bytes: &[u8]) -> Option<Fq> {
    let mut repr: [u8; 32] = bytes.try_into().ok()?;
    repr.reverse();
    Fq::from_repr(repr).into()
}

fn big_endian(value: Fq) -> [u8; 32] {
    let mut bytes = value.to_repr();
    bytes.reverse();
    bytes
}

fn g2_bytes(point: G2Affine) -> [u8; 128] {
    let mut bytes = [0; 128];
    let parts = [point.x.c1, point.x.c0, point.y.c1, point.y.c0];
    for (chunk, part) in bytes.chunks_exact_mut(32).zip(parts) {
        chunk.copy_from_slice(&big_endian(part));
    }
    bytes
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
