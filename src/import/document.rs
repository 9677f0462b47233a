//! A parsed file as a tree of values: JSON and UBJ differ only in how they become one of these.

use super::cursor::join;
use super::error::{Fault, Refusal};

/// Deepest nesting of objects and arrays; a model file needs nine.
pub(super) const MAX_DEPTH: usize = 32;
/// Most numbers in one file; 1,000 trees of depth 8 hold under 8 million.
const MAX_NUMBERS: usize = 1 << 24;
/// What a value other than a packed number costs of [`MAX_NUMBERS`].
const VALUE_COST: usize = 8;

/// A value of a file. Arrays of numbers are packed.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f32),
    Text(String),
    Integers(Vec<i64>),
    Floats(Vec<f32>),
    Array(Vec<Value>),
    Object(Vec<(String, Value)>),
}

impl Value {
    /// Its type, in words.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Integer(_) => "an integer",
            Self::Float(_) => "a number",
            Self::Text(_) => "a string",
            Self::Integers(_) => "an array of integers",
            Self::Floats(_) => "an array of numbers",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }
}

/// What is left of the memory that one file may take.
#[derive(Debug)]
pub(super) struct Budget(usize);

impl Budget {
    pub(super) fn new() -> Self {
        Self(MAX_NUMBERS)
    }

    /// Pays for `count` packed numbers.
    pub(super) fn numbers(&mut self, count: usize, place: &str) -> Result<(), Fault> {
        match self.0.checked_sub(count) {
            Some(left) => {
                self.0 = left;
                Ok(())
            }
            None => Err(Fault::new(
                Refusal::TooLarge,
                place,
                format!("at most {MAX_NUMBERS} numbers in a file"),
                "more",
                "train fewer or shallower trees",
            )),
        }
    }

    /// Pays for one value that is not a packed number.
    pub(super) fn value(&mut self, place: &str) -> Result<(), Fault> {
        self.numbers(VALUE_COST, place)
    }
}

/// Refuses a key that stands twice; XGBoost's two readers disagree on which one counts.
pub(super) fn check_keys(entries: &[(String, Value)], place: &str) -> Result<(), Fault> {
    let mut keys: Vec<&str> = entries.iter().map(|(key, _)| key.as_str()).collect();
    keys.sort_unstable();
    match keys.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => {
            let place = join(place, pair[0]);
            Err(Fault::broken(Refusal::DuplicateKey, &place, "the key once", "twice"))
        }
        None => Ok(()),
    }
}

/// An array in the making: numbers stay packed as long as nothing else comes.
#[derive(Debug, Default)]
pub(super) struct Packer {
    integers: Vec<i64>,
    floats: Vec<f32>,
    others: Vec<Value>,
}

impl Packer {
    pub(super) fn push(&mut self, value: Value) {
        match value {
            value if !self.others.is_empty() => self.others.push(value),
            Value::Integer(number) if self.floats.is_empty() => self.integers.push(number),
            Value::Integer(number) => self.floats.push(number as f32),
            Value::Float(number) => {
                self.floats.extend(self.integers.drain(..).map(|integer| integer as f32));
                self.floats.push(number);
            }
            value => {
                self.others.extend(self.integers.drain(..).map(Value::Integer));
                self.others.extend(self.floats.drain(..).map(Value::Float));
                self.others.push(value);
            }
        }
    }

    pub(super) fn finish(self) -> Value {
        if !self.integers.is_empty() {
            Value::Integers(self.integers)
        } else if !self.floats.is_empty() {
            Value::Floats(self.floats)
        } else {
            Value::Array(self.others)
        }
    }
}

/// The grammar of JSON's numbers.
pub(super) fn is_number(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent = exponent.map(|text| text.strip_prefix(['+', '-']).unwrap_or(text));
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(digits)
}

/// The float32 nearest to a number in JSON's grammar; no words such as `inf`.
pub(super) fn decimal(text: &str) -> Option<f32> {
    text.parse().ok().filter(|_| is_number(text))
}
