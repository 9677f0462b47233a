//! Exact decimals: money is never a float on its way into a proof.

use std::fmt;
use std::str::FromStr;

use alloy::primitives::U256;

/// `units * 10^-places`, exactly as it was written (trailing zeros dropped).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    units: i128,
    places: u32,
}

/// Most digits that are read; an `i128` holds 38.
const MAX_DIGITS: usize = 36;

/// Why a decimal was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// Not a plain decimal number.
    #[error("expected a plain decimal number such as 60637 or 0.35, got `{0}`")]
    Syntax(String),
    /// More digits than the unit can hold.
    #[error("expected at most {places} digits after the point, got {got}")]
    TooFine {
        /// Digits the unit holds.
        places: u32,
        /// Digits given.
        got: u32,
    },
    /// Beyond what any input can hold.
    #[error("the number is too large")]
    TooLarge,
}

impl Decimal {
    /// `units * 10^-places`.
    pub fn new(units: i128, places: u32) -> Self {
        let mut this = Self { units, places };
        while this.places > 0 && this.units % 10 == 0 {
            this.units /= 10;
            this.places -= 1;
        }
        this
    }

    /// The integer `value * 10^places`.
    ///
    /// # Errors
    /// When the value has more digits than that: nothing is rounded.
    pub fn scaled(&self, places: u32) -> Result<i128, DecimalError> {
        let more = places
            .checked_sub(self.places)
            .ok_or(DecimalError::TooFine { places, got: self.places })?;
        10i128
            .checked_pow(more)
            .and_then(|p| self.units.checked_mul(p))
            .ok_or(DecimalError::TooLarge)
    }

    /// The product, exactly.
    ///
    /// # Errors
    /// [`DecimalError::TooLarge`].
    pub fn times(&self, other: &Self) -> Result<Self, DecimalError> {
        let units = self.units.checked_mul(other.units).ok_or(DecimalError::TooLarge)?;
        Ok(Self::new(units, self.places + other.places))
    }

    /// The sum, exactly.
    ///
    /// # Errors
    /// [`DecimalError::TooLarge`].
    pub fn plus(&self, other: &Self) -> Result<Self, DecimalError> {
        let places = self.places.max(other.places);
        let (a, b) = (self.scaled(places)?, other.scaled(places)?);
        a.checked_add(b).map(|units| Self::new(units, places)).ok_or(DecimalError::TooLarge)
    }

    /// Whether the value is below `whole`.
    pub fn less_than(&self, whole: i128) -> bool {
        match 10i128.checked_pow(self.places).and_then(|p| whole.checked_mul(p)) {
            Some(bound) => self.units < bound,
            None => whole > 0,
        }
    }

    /// Nearest float, for shares and percentages that are only shown.
    pub fn to_f64(&self) -> f64 {
        self.units as f64 / 10f64.powi(self.places as i32)
    }

    /// Whether the value is above zero.
    pub fn is_positive(&self) -> bool {
        self.units > 0
    }
}

impl From<u64> for Decimal {
    fn from(whole: u64) -> Self {
        Self::new(i128::from(whole), 0)
    }
}

impl FromStr for Decimal {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let bad = || DecimalError::Syntax(text.chars().take(40).collect());
        let (negative, body) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = split_exponent(body).ok_or_else(bad)?;
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}");
        let point_without_digits = mantissa.contains('.') && fraction.is_empty();
        if whole.is_empty()
            || point_without_digits
            || !digits.bytes().all(|b| b.is_ascii_digit())
            || exponent.abs() > 30
        {
            return Err(bad());
        }
        let significant = digits.trim_start_matches('0');
        if significant.len() > MAX_DIGITS || fraction.len() > MAX_DIGITS {
            return Err(DecimalError::TooLarge);
        }
        let units: i128 =
            if significant.is_empty() { 0 } else { significant.parse().map_err(|_| bad())? };
        let units = if negative { -units } else { units };
        let places = fraction.len() as i32 - exponent;
        if places >= 0 {
            return Ok(Self::new(units, places as u32));
        }
        let factor = 10i128.checked_pow(places.unsigned_abs()).ok_or(DecimalError::TooLarge)?;
        units.checked_mul(factor).map(|u| Self::new(u, 0)).ok_or(DecimalError::TooLarge)
    }
}

/// `8.6e13` as (`8.6`, 13): networks' difficulties are written that way.
fn split_exponent(text: &str) -> Option<(&str, i32)> {
    match text.split_once(['e', 'E']) {
        None => Some((text, 0)),
        Some((mantissa, exponent)) => {
            let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            Some((mantissa, exponent.parse().ok()?))
        }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&plain(self.units.unsigned_abs().to_string(), self.places, self.units < 0))
    }
}

/// An integer amount of `10^-places` units as plain decimal text: `1234567, 6` is `1.234567`.
pub fn format_units(amount: U256, places: u32) -> String {
    let text = plain(amount.to_string(), places, false);
    match text.split_once('.') {
        Some((whole, fraction)) => {
            let fraction = fraction.trim_end_matches('0');
            if fraction.is_empty() {
                whole.into()
            } else {
                format!("{whole}.{fraction}")
            }
        }
        None => text,
    }
}

fn plain(digits: String, places: u32, negative: bool) -> String {
    let places = places as usize;
    let padded = format!("{digits:0>width$}", width = places + 1);
    let (whole, fraction) = padded.split_at(padded.len() - places);
    let sign = if negative { "-" } else { "" };
    if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
    }

    #[test]
    fn reads_what_people_write() {
        assert_eq!(decimal("60637").scaled(6), Ok(60_637_000_000));
        assert_eq!(decimal("-0.35").scaled(6), Ok(-350_000));
        assert_eq!(decimal("8.6e13").to_string(), "86000000000000");
        assert_eq!(decimal("1.50e-1").to_string(), "0.15");
        assert_eq!(decimal("0.000001").scaled(6), Ok(1));
        assert_eq!(decimal("-0").scaled(6), Ok(0));
    }

    #[test]
    fn refuses_what_is_no_number() {
        for text in [
            "", "-", ".5", "5.", "1,000", "0x10", "1e", "1e+", "nan", "inf", "1 ", "--1", "+1",
            "1e99",
        ] {
            assert!(text.parse::<Decimal>().is_err(), "{text} was accepted");
        }
        assert_eq!("9".repeat(40).parse::<Decimal>(), Err(DecimalError::TooLarge));
    }

    #[test]
    fn never_rounds() {
        assert_eq!(
            decimal("1.0000001").scaled(6),
            Err(DecimalError::TooFine { places: 6, got: 7 })
        );
        assert_eq!(decimal("1.0000000").scaled(6), Ok(1_000_000));
        assert_eq!(decimal("0.1").plus(&decimal("0.2")), Ok(decimal("0.3")));
        assert_eq!(decimal("0.5").times(&decimal("3")), Ok(decimal("1.5")));
    }

    #[test]
    fn compares_with_whole_numbers() {
        assert!(decimal("999.99").less_than(1000));
        assert!(!decimal("1000").less_than(1000));
        assert!(decimal("-5").less_than(0));
    }

    #[test]
    fn amounts_are_plain_text() {
        assert_eq!(format_units(U256::from(1_234_567u64), 6), "1.234567");
        assert_eq!(format_units(U256::from(50_000_000u64), 8), "0.5");
        assert_eq!(format_units(U256::ZERO, 8), "0");
        assert_eq!(format_units(U256::from(300_000_000u64), 8), "3");
    }
}
