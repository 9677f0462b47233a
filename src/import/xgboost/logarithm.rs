//! The natural logarithm of a float32, correctly rounded: the platform's own differs between
//! machines, and a model must get the same key on all of them.

use num_bigint::BigInt;
use num_traits::{Signed, Zero};

/// Fraction bits of the fixed-point numbers here.
const BITS: u32 = 160;

/// The float32 nearest to the logarithm of `x`; `None` unless `x` is positive and finite.
///
/// No float32 but 1 has a logarithm halfway between two float32 numbers, or so near to halfway that
/// 150 correct bits would not tell.
pub(super) fn ln(x: f32) -> Option<f32> {
    if !(x.is_finite() && x > 0.0) {
        return None;
    }
    let (mantissa, exponent) = decompose(x);
    // x = m 2^e with m in [1, 2), as m = mantissa / 2^31.
    let shifted = BigInt::from(mantissa);
    let one = BigInt::from(1u64 << 31);
    let fraction = artanh(&(&shifted - &one), &(&shifted + &one)) * 2;
    let ln_2 = artanh(&BigInt::from(1), &BigInt::from(3)) * 2;
    Some(nearest(&(fraction + ln_2 * exponent)))
}

/// `x` as `mantissa * 2^(exponent - 31)` with the mantissa's bit 31 as its highest.
fn decompose(x: f32) -> (u32, i32) {
    let bits = x.to_bits();
    let (stored, fraction) = ((bits >> 23) as i32, bits & 0x007f_ffff);
    let (significand, scale) =
        if stored == 0 { (fraction, -149) } else { (fraction | 0x0080_0000, stored - 150) };
    let shift = significand.leading_zeros();
    (significand << shift, scale + 31 - shift as i32)
}

/// `artanh(p / q) = sum (p/q)^(2i+1) / (2i+1)` for `0 <= p/q <= 1/3`, in fixed point.
fn artanh(p: &BigInt, q: &BigInt) -> BigInt {
    let mut power = (p << BITS) / q;
    let (p_squared, q_squared) = (p * p, q * q);
    let mut sum = BigInt::zero();
    let mut odd = 1u32;
    while !power.is_zero() {
        sum += &power / odd;
        power = power * &p_squared / &q_squared;
        odd += 2;
    }
    sum
}

/// The float32 nearest to `value / 2^BITS`, for values that are 0 or not subnormal.
fn nearest(value: &BigInt) -> f32 {
    let magnitude = value.abs();
    // 100 fraction bits and one sticky bit: the conversion from u128 rounds to nearest.
    let cut = BITS - 100;
    let kept = &magnitude >> cut;
    let sticky = u128::from((&kept << cut) != magnitude);
    let kept = u128::try_from(kept).unwrap_or(u128::MAX) | sticky;
    let scale = f32::from_bits((127 - 100) << 23);
    let rounded = kept as f32 * scale;
    if value.is_negative() {
        -rounded
    } else {
        rounded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logarithm_agrees_with_the_double_one_rounded() {
        // f64::ln is wrong by less than 2^-50 relative: nowhere near these halves.
        let mut bits = 1u32;
        while bits < f32::INFINITY.to_bits() {
            let x = f32::from_bits(bits);
            assert_eq!(ln(x), Some(f64::from(x).ln() as f32), "{x:e}");
            bits += 1_234_577;
        }
        for x in [1.0, 1.0 + f32::EPSILON, 1.0 - f32::EPSILON / 2.0, f32::MAX, f32::MIN_POSITIVE] {
            assert_eq!(ln(x), Some(f64::from(x).ln() as f32), "{x:e}");
        }
    }

    #[test]
    fn only_positive_finite_numbers_have_one() {
        for x in [0.0, -0.0, -1.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            assert_eq!(ln(x), None, "{x}");
        }
        assert_eq!(ln(1.0).map(f32::to_bits), Some(0));
    }
}
