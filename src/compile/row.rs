//! A row of inputs: from a person's text to the Program's integers.

use std::collections::BTreeMap;

use super::{CompileError, InputField, Model};
use veracast_circuits::{evaluate, Trace};

/// Texts by input name; an absent or empty text is a missing value.
pub type Row = BTreeMap<String, String>;

impl Model {
    /// The Program's inputs for `row`.
    ///
    /// # Errors
    /// Names the input: missing, not a number, out of its declared range.
    pub fn integers(&self, row: &Row) -> Result<Vec<i128>, CompileError> {
        let mut integers = Vec::with_capacity(self.program.inputs().len());
        for field in &self.inputs {
            let text = row.get(&field.name).map_or("", |text| text.trim());
            if text.is_empty() {
                if !field.may_be_missing {
                    let expected = format!("a number{}", field.unit_suffix());
                    return Err(CompileError::Missing { name: field.name.clone(), expected });
                }
                integers.extend([field.range.lo, 1]);
                continue;
            }
            integers.push(field.parse(text)?);
            if field.may_be_missing {
                integers.push(0);
            }
        }
        Ok(integers)
    }

    /// Evaluates the Program on `row`.
    ///
    /// # Errors
    /// As [`Model::integers`], and where a derived value leaves its range.
    pub fn run(&self, row: &Row) -> Result<Trace, CompileError> {
        Ok(evaluate(&self.program, &self.integers(row)?)?)
    }

    /// The statement's values of a run in plain units, in order.
    pub fn shown(&self, trace: &Trace) -> Vec<String> {
        let values = self.program.public_values();
        let pairs = self.publics.iter().zip(values);
        pairs.map(|(field, value)| field.encoding.format(trace.value(value))).collect()
    }
}

impl InputField {
    fn unit_suffix(&self) -> String {
        if self.unit.is_empty() {
            String::new()
        } else {
            format!(" in {}", self.unit)
        }
    }

    /// The integer that `text` states, inside the declared range.
    ///
    /// # Errors
    /// Names the input.
    pub fn parse(&self, text: &str) -> Result<i128, CompileError> {
        let name = self.name.clone();
        let value = self
            .encoding
            .parse(text)
            .map_err(|source| CompileError::Encoding { name: name.clone(), source })?;
        if self.range.contains(value) {
            return Ok(value);
        }
        Err(CompileError::OutOfRange {
            name,
            lo: self.encoding.format(self.range.lo),
            hi: self.encoding.format(self.range.hi),
            unit: self.unit.clone(),
            got: self.encoding.format(value),
        })
    }
}
