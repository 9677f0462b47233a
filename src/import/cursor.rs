//! Typed access to a parsed file that knows where it stands, so that a refusal can name the place.

use super::document::{decimal, Value};
use super::error::{Fault, Refusal};

/// The place of a field.
pub(super) fn join(place: &str, key: &str) -> String {
    // A hostile key may be long: the place stays readable.
    let key: String = key.chars().take(64).collect();
    if place.is_empty() {
        key
    } else {
        format!("{place}.{key}")
    }
}

/// A value and its place.
#[derive(Debug, Clone)]
pub(super) struct At<'a> {
    value: &'a Value,
    pub(super) place: String,
}

impl<'a> At<'a> {
    pub(super) fn root(value: &'a Value) -> Self {
        Self { value, place: String::new() }
    }

    fn wrong_type(&self, expected: &str) -> Fault {
        Fault::broken(Refusal::WrongType, &self.place, expected, self.value.kind())
    }

    pub(super) fn fault(&self, refusal: Refusal, expected: &str, got: impl ToString) -> Fault {
        Fault::broken(refusal, &self.place, expected, got)
    }

    fn entries(&self) -> Result<&'a [(String, Value)], Fault> {
        match self.value {
            Value::Object(entries) => Ok(entries),
            _ => Err(self.wrong_type("an object")),
        }
    }

    /// The field `key`, if the object has it.
    pub(super) fn get(&self, key: &str) -> Result<Option<At<'a>>, Fault> {
        let found = self.entries()?.iter().find(|(name, _)| name == key);
        Ok(found.map(|(_, value)| At { value, place: join(&self.place, key) }))
    }

    /// The field `key`.
    pub(super) fn field(&self, key: &str) -> Result<At<'a>, Fault> {
        self.get(key)?.ok_or_else(|| {
            let place = join(&self.place, key);
            Fault::broken(Refusal::MissingField, &place, "the field", "nothing")
        })
    }

    /// Refuses a field that is not in `known`: it might change what the model means.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Fault> {
        match self.entries()?.iter().find(|(key, _)| !known.contains(&key.as_str())) {
            Some((key, _)) => Err(Fault::new(
                Refusal::UnknownField,
                &join(&self.place, key),
                format!("only {}", known.join(", ")),
                "a field that is not known here",
                "it may change what the model means: save the model with XGBoost 1.7 to 3.x",
            )),
            None => Ok(()),
        }
    }

    pub(super) fn text(&self) -> Result<&'a str, Fault> {
        match self.value {
            Value::Text(text) => Ok(text),
            _ => Err(self.wrong_type("a string")),
        }
    }

    /// A parameter, which XGBoost writes as decimal text: an integer from `least` to `most`.
    pub(super) fn count(&self, least: usize, most: usize) -> Result<usize, Fault> {
        let shown = match self.value {
            Value::Integer(number) => number.to_string(),
            Value::Text(text) => text.chars().take(32).collect(),
            _ => return Err(self.wrong_type("an integer, as a number or in a string")),
        };
        let digits = !shown.is_empty() && shown.bytes().all(|byte| byte.is_ascii_digit());
        match shown.parse::<usize>() {
            Ok(number) if digits && (least..=most).contains(&number) => Ok(number),
            _ => {
                let expected = format!("an integer from {least} to {most}");
                Err(self.fault(Refusal::OutOfRange, &expected, format!("`{shown}`")))
            }
        }
    }

    /// The elements of an array.
    pub(super) fn items(&self) -> Result<Vec<At<'a>>, Fault> {
        let place = &self.place;
        match self.value {
            Value::Array(items) => Ok(items
                .iter()
                .enumerate()
                .map(|(at, value)| At { value, place: format!("{place}[{at}]") })
                .collect()),
            Value::Integers(_) | Value::Floats(_) => Err(self.wrong_type("an array of objects")),
            _ => Err(self.wrong_type("an array")),
        }
    }

    /// An array of integers.
    pub(super) fn integers(&self) -> Result<&'a [i64], Fault> {
        match self.value {
            Value::Integers(numbers) => Ok(numbers),
            Value::Array(items) => self.none_of(items, "an array of integers").map(|()| &[][..]),
            _ => Err(self.wrong_type("an array of integers")),
        }
    }

    /// An array of float32 numbers, each the nearest to what the file states.
    pub(super) fn floats(&self) -> Result<Vec<f32>, Fault> {
        match self.value {
            Value::Floats(numbers) => Ok(numbers.clone()),
            Value::Integers(numbers) => Ok(numbers.iter().map(|number| *number as f32).collect()),
            Value::Array(items) => self.none_of(items, "an array of numbers").map(|()| vec![]),
            _ => Err(self.wrong_type("an array of numbers")),
        }
    }

    /// One or more float32 numbers: a number, an array, or either of them as text.
    pub(super) fn numbers(&self) -> Result<Vec<f32>, Fault> {
        match self.value {
            Value::Float(number) => Ok(vec![*number]),
            Value::Integer(number) => Ok(vec![*number as f32]),
            Value::Text(text) => decimals(text).ok_or_else(|| {
                let shown: String = text.chars().take(64).collect();
                let expected = "a decimal number, or several in brackets";
                self.fault(Refusal::OutOfRange, expected, format!("`{shown}`"))
            }),
            _ => self.floats(),
        }
    }

    /// The length of an array of any kind.
    pub(super) fn length(&self) -> Result<usize, Fault> {
        match self.value {
            Value::Array(items) => Ok(items.len()),
            Value::Integers(numbers) => Ok(numbers.len()),
            Value::Floats(numbers) => Ok(numbers.len()),
            _ => Err(self.wrong_type("an array")),
        }
    }

    /// Refuses an array whose length is not `length`.
    pub(super) fn check_length(&self, length: usize, of: &str) -> Result<(), Fault> {
        let got = self.length()?;
        if got != length {
            let expected = format!("{length} elements, one per {of}");
            return Err(self.fault(Refusal::WrongLength, &expected, got));
        }
        Ok(())
    }

    // Arrays of numbers are packed when they are read: a general one holds something else.
    fn none_of(&self, items: &[Value], expected: &str) -> Result<(), Fault> {
        let stranger = |item: &Value| !matches!(item, Value::Integer(_) | Value::Float(_));
        let at = items.iter().position(stranger).unwrap_or(0);
        match items.get(at) {
            Some(item) => {
                let place = format!("{}[{at}]", self.place);
                Err(Fault::broken(Refusal::WrongType, &place, expected, item.kind()))
            }
            None => Ok(()),
        }
    }
}

fn decimals(text: &str) -> Option<Vec<f32>> {
    let inner = match text.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']')?,
        None if text.contains(',') => return None,
        None => text,
    };
    inner.split(',').map(|part| decimal(part.trim())).collect()
}
