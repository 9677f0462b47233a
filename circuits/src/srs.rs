//! The structured reference string: whoever knows its tau can prove anything, so its origin travels with it.
//!
//! `[tau^i]G1` for `i < 2^k`, the same points in the Lagrange basis, and `[tau]G2`, all on BN254.
//! It comes from a ceremony file ([`Srs::import`]), from a cache of one ([`Srs::read`]), or from a
//! published seed for experiments ([`Srs::dev`]).

mod cache;
mod ceremony;
mod check;
mod dev;
mod error;
mod lagrange;
mod ptau;
mod tau;

pub use ceremony::{FileHash, Origin, Trust};
pub use dev::DEV_SEED;
pub use error::SrsError;
pub use ptau::Ptau;
pub use tau::TauG2;

use halo2_proofs::halo2curves::bn256::{Bn256, G1Affine, G2Affine};
use halo2_proofs::poly::commitment::{Params, ParamsProver};
use halo2_proofs::poly::kzg::commitment::ParamsKZG;
use std::io::{Read, Seek};

/// The largest degree: BN254's scalar field has roots of unity of order `2^28`.
pub const MAX_K: u32 = 28;

/// A structured reference string of `2^k` powers, its points checked, its origin known.
#[derive(Debug, Clone)]
pub struct Srs {
    params: ParamsKZG<Bn256>,
    lagrange: Vec<G1Affine>,
    tau: TauG2,
    origin: Origin,
}

impl Srs {
    /// Reads `2^k` powers from a snarkjs `.ptau` file of power `k` or more.
    ///
    /// The whole file is hashed (blake2b-512) and must be what `trust` admits; of its content only the
    /// prefix that is needed is read, and every point read is checked: canonical, on the curve, in the
    /// subgroup, and a power of the one tau (by a pairing over a random linear combination). The Lagrange
    /// basis comes from section 12, checked against the powers, or is computed where a file has none
    /// (half a minute at k = 13).
    ///
    /// # Errors
    /// Names the section and the point at fault, what was expected and what was got.
    pub fn import<R: Read + Seek>(reader: R, k: u32, trust: Trust) -> Result<Self, SrsError> {
        check_degree(k)?;
        let mut file = Ptau::open(reader)?;
        if file.power() < k {
            return Err(SrsError::TooSmall { needed: k, got: file.power() });
        }
        let hash = file.hash()?;
        trust.admits(hash)?;
        let powers = file.g1_prefix(1 << k)?;
        let g2 = file.g2_prefix()?;
        let tau = TauG2::new(g2[1])?;
        check::powers(&powers, g2)?;
        let lagrange = match file.lagrange(k)? {
            Some(points) => lagrange::from_file(&points, &powers, k)?,
            None => lagrange::from_powers(&powers, k),
        };
        Ok(Self::from_parts(k, powers, lagrange, tau, Origin::of(tau, hash)))
    }

    /// The development SRS: its tau is computed from [`DEV_SEED`], so anyone can forge proofs under it.
    ///
    /// # Errors
    /// `k` outside `1..=28`.
    pub fn dev(k: u32) -> Result<Self, SrsError> {
        check_degree(k)?;
        Ok(Self::from_parts(k, dev::powers(k), dev::lagrange(k), TauG2::dev(), Origin::Dev))
    }

    /// The same tau with `2^k` powers, for a smaller circuit. Fast for dev; a ceremony's Lagrange basis is
    /// computed anew (half a minute at k = 13), so import the file at that `k` instead where it is at hand.
    ///
    /// # Errors
    /// `k` is zero or larger than this SRS's.
    pub fn downsize(&self, k: u32) -> Result<Self, SrsError> {
        check_degree(k)?;
        if k > self.k() {
            return Err(SrsError::TooSmall { needed: k, got: self.k() });
        }
        if k == self.k() {
            return Ok(self.clone());
        }
        if self.is_dev() {
            return Self::dev(k);
        }
        let powers = self.powers()[..1 << k].to_vec();
        let lagrange = lagrange::from_powers(&powers, k);
        Ok(Self::from_parts(k, powers, lagrange, self.tau, self.origin))
    }

    /// The binary logarithm of the number of powers.
    pub fn k(&self) -> u32 {
        self.params.k()
    }

    /// Identifies tau and nothing else: the same for every `k`. See [`TauG2::digest`].
    pub fn digest(&self) -> [u8; 32] {
        self.tau.digest()
    }

    /// Where the points came from.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// Whether tau is the published one, by comparing points: no label can hide it.
    pub fn is_dev(&self) -> bool {
        self.tau.is_dev()
    }

    /// `[tau]G2`, all that a verifier needs.
    pub fn tau(&self) -> TauG2 {
        self.tau
    }

    /// `[tau^i]G1` for `i < 2^k`.
    pub fn powers(&self) -> &[G1Affine] {
        self.params.get_g()
    }

    /// `[L_i(tau)]G1` for `i < 2^k`, with `L_i` one at the i-th power of halo2's root of unity.
    pub fn lagrange(&self) -> &[G1Affine] {
        &self.lagrange
    }

    /// The points as halo2 takes them.
    pub fn params(&self) -> &ParamsKZG<Bn256> {
        &self.params
    }

    fn from_parts(
        k: u32,
        powers: Vec<G1Affine>,
        lagrange: Vec<G1Affine>,
        tau: TauG2,
        origin: Origin,
    ) -> Self {
        let (one, copy) = (G2Affine::generator(), Some(lagrange.clone()));
        let params = tau::blank().from_parts(k, powers, copy, one, tau.point());
        Self { params, lagrange, tau, origin }
    }
}

fn check_degree(k: u32) -> Result<(), SrsError> {
    if (1..=MAX_K).contains(&k) {
        Ok(())
    } else {
        Err(SrsError::Degree { got: k })
    }
}
