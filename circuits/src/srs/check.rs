//! Whether points really are the powers of one tau: a forged chain would break soundness silently.

use super::SrsError;
use halo2_proofs::arithmetic::best_multiexp;
use halo2_proofs::halo2curves::bn256::{Bn256, Fr, G1Affine, G2Affine};
use halo2_proofs::halo2curves::ff::Field;
use halo2_proofs::halo2curves::group::Curve;
use halo2_proofs::halo2curves::pairing::Engine;
use rand_core::OsRng;

const G1_PLACE: &str = "ptau section 2 (tauG1)";
const G2_PLACE: &str = "ptau section 3 (tauG2)";

/// Checks `g1 = [1, tau, tau^2, ...]G1` and `g2 = [1, tau]G2` for one tau that is not degenerate;
/// `g2[1]` is known to be in the subgroup and not the generator.
pub(super) fn powers(g1: &[G1Affine], g2: [G2Affine; 2]) -> Result<(), SrsError> {
    let fault = "is not the curve's generator";
    if g1[0] != G1Affine::generator() {
        return Err(SrsError::Point { place: G1_PLACE, index: 0, fault });
    }
    if g2[0] != G2Affine::generator() {
        return Err(SrsError::Point { place: G2_PLACE, index: 0, fault });
    }
    if g1[1] == g1[0] {
        return Err(SrsError::TauIsOne);
    }
    // Equal x: tau^i is 1 or -1, and the vanishing polynomial of some domain is zero at tau.
    if let Some(order) = (1..g1.len()).find(|i| g1[*i].x == g1[0].x) {
        return Err(SrsError::RootOfUnity { order });
    }
    chained(g1, g2)
}

/// `e(sum rho^i g1[i+1], G2) = e(sum rho^i g1[i], [tau]G2)` for a random rho.
///
/// The difference of both sides is a polynomial in rho of degree below `g1.len()` whose coefficients are
/// the errors of the single steps: if one of them is not zero, a uniform rho hides it with probability
/// below `2^28 / r < 2^-225`. rho is drawn after the file is read, from the operating system.
fn chained(g1: &[G1Affine], g2: [G2Affine; 2]) -> Result<(), SrsError> {
    let steps = g1.len() - 1;
    let rho = Fr::random(OsRng);
    let weights: Vec<Fr> =
        std::iter::successors(Some(Fr::ONE), |power| Some(power * rho)).take(steps).collect();
    let lower = best_multiexp(&weights, &g1[..steps]).to_affine();
    let upper = best_multiexp(&weights, &g1[1..]).to_affine();
    if Bn256::pairing(&upper, &g2[0]) == Bn256::pairing(&lower, &g2[1]) {
        Ok(())
    } else {
        Err(SrsError::Inconsistent)
    }
}
