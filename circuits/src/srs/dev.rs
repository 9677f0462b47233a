//! The development SRS: every machine computes the same tau, which is why it protects nothing.

use halo2_proofs::halo2curves::bn256::{Fr, G1Affine, G1};
use halo2_proofs::halo2curves::ff::{BatchInvert, Field, FromUniformBytes, PrimeField};
use halo2_proofs::halo2curves::group::{Curve, Group};
use rayon::prelude::*;

/// tau is blake2b-512 of this text, read as a little-endian integer, modulo r.
pub const DEV_SEED: &str = "veracast development SRS 1: tau is public, every proof can be forged";

const WINDOW: u32 = 8;

pub(super) fn tau() -> Fr {
    Fr::from_uniform_bytes(blake2b_simd::blake2b(DEV_SEED.as_bytes()).as_array())
}

/// `[tau^i]G1` for `i < 2^k`.
pub(super) fn powers(k: u32) -> Vec<G1Affine> {
    let tau = tau();
    let scalars = std::iter::successors(Some(Fr::ONE), |power| Some(power * tau));
    multiples(&scalars.take(1 << k).collect::<Vec<_>>())
}

/// `[L_i(tau)]G1`, where `L_i(tau) = omega^i (tau^n - 1) / (n (tau - omega^i))`.
pub(super) fn lagrange(k: u32) -> Vec<G1Affine> {
    let (tau, n) = (tau(), 1u64 << k);
    let omega = (k..Fr::S).fold(Fr::ROOT_OF_UNITY, |root, _| root.square());
    let roots: Vec<Fr> =
        std::iter::successors(Some(Fr::ONE), |root| Some(root * omega)).take(1 << k).collect();
    let mut scalars: Vec<Fr> = roots.iter().map(|root| (tau - root) * Fr::from(n)).collect();
    scalars.iter_mut().batch_invert();
    let vanishing = tau.pow([n]) - Fr::ONE;
    for (scalar, root) in scalars.iter_mut().zip(&roots) {
        *scalar *= vanishing * root;
    }
    multiples(&scalars)
}

/// `[s]G1` for every s, from a table of the generator's multiples: 32 additions each.
fn multiples(scalars: &[Fr]) -> Vec<G1Affine> {
    let table = table();
    let multiple = |scalar: &Fr| {
        let digits = scalar.to_repr();
        digits.iter().zip(&table).fold(G1::identity(), |sum, (digit, row)| match digit {
            0 => sum,
            digit => sum + row[usize::from(*digit) - 1],
        })
    };
    let normalize = |chunk: &[Fr]| {
        let points: Vec<G1> = chunk.iter().map(multiple).collect();
        let mut affine = vec![G1Affine::default(); points.len()];
        G1::batch_normalize(&points, &mut affine);
        affine
    };
    scalars.par_chunks(1024).flat_map_iter(normalize).collect()
}

/// Row w holds `[d 2^(8w)]G1` for d = 1..=255.
fn table() -> Vec<Vec<G1Affine>> {
    let mut base = G1::generator();
    let mut rows = Vec::with_capacity(32);
    for _ in 0..Fr::NUM_BITS.div_ceil(WINDOW) {
        let row: Vec<G1> =
            std::iter::successors(Some(base), |point| Some(point + base)).take(255).collect();
        let mut affine = vec![G1Affine::default(); row.len()];
        G1::batch_normalize(&row, &mut affine);
        rows.push(affine);
        base = (0..WINDOW).fold(base, |point, _| point.double());
    }
    rows
}
