//! Encodings: how a number that a person states becomes an integer of the Program, and where a
//! float32 threshold lies among those integers. Each is defined here, once.
//!
//! | encoding | integer | a split `x < t` becomes |
//! |---|---|---|
//! | f32 | order-preserving key of the float32 nearest to the decimal text | `key(x) < key(t)` |
//! | fixed | `n`, the number being `n / 10^decimals`, nothing rounded | `n < T`, `T` the least `n` whose float32 is not below `t` |
//! | binary | `q`, the number being `q / 2^bits`, exact in float32 | `q < ceil(t 2^bits)` |

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};
use serde::{Deserialize, Serialize};

/// How an integer of the Program stands for a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "encoding")]
pub enum Encoding {
    /// The key of a float32.
    F32,
    /// `n / 10^decimals`.
    Fixed {
        /// Decimal places.
        decimals: u32,
    },
    /// `n / 2^bits`.
    Binary {
        /// Binary places.
        bits: u32,
    },
}

/// Why a text is not a number of an encoding.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodingError {
    /// Not a decimal number.
    #[error("expected a decimal number, got `{0}`")]
    NotANumber(String),
    /// A float32 that is infinite or too large to be finite.
    #[error("expected a finite number, got `{0}`, which float32 cannot hold")]
    Infinite(String),
    /// More digits than the scale holds.
    #[error("expected at most {decimals} decimal places, got `{text}`: round it first")]
    TooManyDigits {
        /// The text.
        text: String,
        /// Places that the input has.
        decimals: u32,
    },
    /// More than 120 bits.
    #[error("expected a number of at most 36 digits, got `{0}`")]
    TooLarge(String),
}

/// The key of the least finite float32.
pub const LEAST_KEY: i128 = 0x0080_0000;
/// The key of the greatest finite float32.
pub const GREATEST_KEY: i128 = 0xff7f_ffff;

/// The order-preserving key of a finite float32; -0 and +0 have the same.
pub fn f32_key(value: f32) -> i128 {
    let bits = if value == 0.0 { 0 } else { value.to_bits() };
    i128::from(if bits >> 31 == 1 { !bits } else { bits | 0x8000_0000 })
}

/// The float32 of a key.
pub fn f32_of_key(key: i128) -> Option<f32> {
    let key = u32::try_from(key).ok()?;
    let bits = if key >> 31 == 1 { key & 0x7fff_ffff } else { !key };
    let value = f32::from_bits(bits);
    (value.is_finite() && f32_key(value) == i128::from(key)).then_some(value)
}

impl Encoding {
    /// The integer that `text` states.
    ///
    /// # Errors
    /// [`EncodingError`]; the caller adds the input's name.
    pub fn parse(self, text: &str) -> Result<i128, EncodingError> {
        let text = text.trim();
        match self {
            Self::F32 => {
                if !is_decimal(text) {
                    return Err(EncodingError::NotANumber(text.into()));
                }
                let value: f32 =
                    text.parse().map_err(|_| EncodingError::NotANumber(text.into()))?;
                if value.is_finite() {
                    Ok(f32_key(value))
                } else {
                    Err(EncodingError::Infinite(text.into()))
                }
            }
            Self::Fixed { decimals } => parse_fixed(text, decimals),
            Self::Binary { .. } => Err(EncodingError::NotANumber(text.into())),
        }
    }

    /// The number that `value` stands for, exactly, in plain decimal notation.
    pub fn format(self, value: i128) -> String {
        match self {
            Self::F32 => {
                f32_of_key(value).map_or_else(|| format!("key {value}"), |f| f.to_string())
            }
            Self::Fixed { decimals } => decimal(&BigInt::from(value), decimals),
            // n / 2^b = n 5^b / 10^b.
            Self::Binary { bits } => decimal(&(value * BigInt::from(5).pow(bits)), bits),
        }
    }

    /// The least integer in `lo..=hi + 1` that a split `x < threshold` does not send left.
    pub fn threshold(self, threshold: f32, lo: i128, hi: i128) -> i128 {
        let least = match self {
            Self::F32 => BigInt::from(f32_key(threshold)),
            Self::Fixed { decimals } => least_not_below(threshold, decimals),
            Self::Binary { bits } => {
                let scaled = exact(threshold) * BigRational::from(BigInt::one() << bits);
                scaled.ceil().to_integer()
            }
        };
        least.clamp(BigInt::from(lo), BigInt::from(hi) + 1).to_i128().unwrap_or(hi + 1)
    }
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let mut parts = digits.splitn(2, ['e', 'E']);
    let mantissa = parts.next().unwrap_or("");
    let number = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let mantissa_ok = mantissa.bytes().any(|b| b.is_ascii_digit())
        && mantissa.split('.').count() <= 2
        && mantissa.split('.').all(number);
    let exponent_ok = parts.next().is_none_or(|e| {
        let e = e.strip_prefix(['-', '+']).unwrap_or(e);
        !e.is_empty() && number(e)
    });
    mantissa_ok && exponent_ok
}

fn parse_fixed(text: &str, decimals: u32) -> Result<i128, EncodingError> {
    let fail = || EncodingError::NotANumber(text.into());
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !plain(whole) || !plain(fraction) {
        return Err(fail());
    }
    let fraction = fraction.trim_end_matches('0');
    let missing = (decimals as usize).checked_sub(fraction.len());
    let Some(missing) = missing else {
        return Err(EncodingError::TooManyDigits { text: text.into(), decimals });
    };
    let all = format!("{whole}{fraction}{}", "0".repeat(missing));
    let all = all.trim_start_matches('0');
    if all.len() > 36 {
        return Err(EncodingError::TooLarge(text.into()));
    }
    let magnitude: i128 = if all.is_empty() { 0 } else { all.parse().map_err(|_| fail())? };
    Ok(if negative { -magnitude } else { magnitude })
}

/// `value / 10^places`, without trailing zeros.
fn decimal(value: &BigInt, places: u32) -> String {
    let sign = if value.is_negative() { "-" } else { "" };
    let (whole, fraction) = value.abs().div_rem(&BigInt::from(10).pow(places));
    if fraction.is_zero() {
        return format!("{sign}{whole}");
    }
    let digits = format!("{fraction:0>width$}", width = places as usize);
    format!("{sign}{whole}.{}", digits.trim_end_matches('0'))
}

/// A finite float32 as an exact rational.
pub fn exact(value: f32) -> BigRational {
    BigRational::from_float(value).unwrap_or_else(BigRational::zero)
}

/// The least `n` whose nearest float32 (ties to even) is not below `threshold`.
///
/// `n / 10^d` rounds to `threshold` or above exactly if it lies above the middle between
/// `threshold` and the float32 before it, or on the middle where the tie goes up.
fn least_not_below(threshold: f32, decimals: u32) -> BigInt {
    let threshold = if threshold == 0.0 { 0.0 } else { threshold };
    let before = threshold.next_down();
    let lower = if before.is_finite() {
        exact(before)
    } else {
        // One step below the least finite float32, where rounding would give infinity.
        exact(threshold) - BigRational::from(BigInt::one() << 104u32)
    };
    let middle = (exact(threshold) + lower) / BigRational::from(BigInt::from(2));
    let scaled = middle * BigRational::from(BigInt::from(10).pow(decimals));
    let tie_goes_up = threshold.to_bits() & 1 == 0;
    if tie_goes_up {
        scaled.ceil().to_integer()
    } else {
        scaled.floor().to_integer() + 1
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keys_keep_the_order_and_zero_has_one() {
        let values =
            [f32::MIN, -1.5, -f32::MIN_POSITIVE, -1e-45, 0.0, 1e-45, 1.0, 60_637.0, f32::MAX];
        assert!(values.windows(2).all(|pair| f32_key(pair[0]) < f32_key(pair[1])));
        assert_eq!(f32_key(-0.0), f32_key(0.0));
        assert_eq!((f32_key(f32::MIN), f32_key(f32::MAX)), (LEAST_KEY, GREATEST_KEY));
    }

    #[test]
    fn text_that_is_no_finite_number_is_refused() {
        for text in ["", "nan", "inf", "1e", "0x10", "1_000", "--1", "1e40", ".", "1.2.3"] {
            assert!(Encoding::F32.parse(text).is_err(), "{text}");
        }
        let fixed = Encoding::Fixed { decimals: 2 };
        for text in ["", "1e3", "1.234", ".", "1,5", "9999999999999999999999999999999999999"] {
            assert!(fixed.parse(text).is_err(), "{text}");
        }
        assert_eq!(fixed.parse("-1.50").unwrap(), -150);
        assert_eq!(fixed.format(-150), "-1.5");
        assert_eq!(Encoding::Binary { bits: 3 }.format(-5), "-0.625");
    }

    proptest! {
        #[test]
        fn fixed_thresholds_split_as_float32_does(
            n in -3_000_000i64..3_000_000, bits in any::<u32>(), decimals in 0u32..7,
        ) {
            let scale = 10f64.powi(decimals as i32);
            // Thresholds near the value, so that ties and neighbours occur.
            let near = (n as f64 / scale) as f32;
            let steps = (bits % 5) as i32 - 2;
            let threshold = (0..steps.abs()).fold(near, |t, _| if steps < 0 { t.next_down() } else { t.next_up() });
            let text = Encoding::Fixed { decimals }.format(n.into());
            let as_float: f32 = text.parse().unwrap();
            let t = Encoding::Fixed { decimals }.threshold(threshold, -1 << 80, 1 << 80);
            prop_assert_eq!(i128::from(n) < t, as_float < threshold);
        }

        #[test]
        fn binary_thresholds_split_as_float32_does(q in -(1i32 << 24) + 1..1 << 24, step in -2i32..3) {
            let value = q as f32 / 1024.0;
            let threshold = match step { -2 => value.next_down().next_down(), -1 => value.next_down(), 0 => value, 1 => value.next_up(), _ => value + 1.0 };
            let t = Encoding::Binary { bits: 10 }.threshold(threshold, -1 << 80, 1 << 80);
            prop_assert_eq!(i128::from(q) < t, value < threshold);
        }

        #[test]
        fn f32_text_goes_to_the_nearest_and_back(bits in any::<u32>()) {
            let value = f32::from_bits(bits);
            prop_assume!(value.is_finite());
            let key = Encoding::F32.parse(&format!("{value:e}")).unwrap();
            prop_assert_eq!(key, f32_key(value));
            prop_assert_eq!(f32_of_key(key), Some(if value == 0.0 { 0.0 } else { value }));
        }
    }
}
