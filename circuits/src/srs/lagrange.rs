//! The Lagrange basis of a ceremony's SRS: read where the file has it, else computed from the powers.

use super::SrsError;
use halo2_proofs::arithmetic::{best_multiexp, g_to_lagrange};
use halo2_proofs::halo2curves::bn256::{Fr, G1Affine};
use halo2_proofs::halo2curves::ff::{Field, PrimeField};
use halo2_proofs::halo2curves::group::prime::PrimeCurveAffine;
use halo2_proofs::poly::EvaluationDomain;
use rand_core::OsRng;

/// `[L_i(tau)]G1` from `[tau^i]G1` by a Fourier transform over points: half a minute at k = 13.
pub(super) fn from_powers(powers: &[G1Affine], k: u32) -> Vec<G1Affine> {
    g_to_lagrange(powers.iter().map(PrimeCurveAffine::to_curve).collect(), k)
}

/// The points of a prepared file, put in halo2's order and checked against the powers.
///
/// snarkjs takes the domain's generator from the non-residue 5, halo2 from 7: each is an odd power of
/// the other.
pub(super) fn from_file(
    points: &[G1Affine],
    powers: &[G1Affine],
    k: u32,
) -> Result<Vec<G1Affine>, SrsError> {
    let domain = EvaluationDomain::<Fr>::new(1, k);
    let theirs = (k..Fr::S).fold(Fr::from(5).pow(ROOT_EXPONENT), |root: Fr, _| root.square());
    let step = std::iter::successors(Some(Fr::ONE), |power| Some(power * theirs))
        .take(points.len())
        .position(|power| power == domain.get_omega())
        .ok_or(SrsError::Lagrange)?;
    let reordered: Vec<G1Affine> =
        (0..points.len()).map(|i| points[i * step % points.len()]).collect();
    agree(&reordered, powers, &domain)?;
    Ok(reordered)
}

/// (r - 1) / 2^28, little-endian limbs.
const ROOT_EXPONENT: [u64; 4] =
    [0x9b97_0914_3e1f_593f, 0x1815_85d2_833e_8487, 0x131a_029b_8504_5b68, 0x0000_0003_0644_e72e];

/// Commits to the polynomial with the values `rho^i` in both bases.
///
/// The difference is a polynomial in a uniform rho of degree below `2^28`: a wrong point passes with
/// probability below `2^28 / r`.
fn agree(
    lagrange: &[G1Affine],
    powers: &[G1Affine],
    domain: &EvaluationDomain<Fr>,
) -> Result<(), SrsError> {
    let rho = Fr::random(OsRng);
    let mut values = domain.empty_lagrange();
    let mut power = Fr::ONE;
    for value in values.iter_mut() {
        *value = power;
        power *= rho;
    }
    let by_values = best_multiexp(&values, lagrange);
    let coefficients = domain.lagrange_to_coeff(values);
    if by_values == best_multiexp(&coefficients, powers) {
        Ok(())
    } else {
        Err(SrsError::Lagrange)
    }
}
