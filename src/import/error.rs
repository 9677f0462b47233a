//! Why a trained file was refused: one error type, so that every importer answers alike.

use thiserror::Error;

/// The kind of a refusal, for callers that act on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The file could not be read.
    Unreadable,
    /// More bytes, values, nodes or nesting than any model that can be proven.
    TooLarge,
    /// Not a format that is known.
    UnknownFormat,
    /// Not well-formed, truncated, or with trailing data.
    Syntax,
    /// A key that stands twice in one object.
    DuplicateKey,
    /// A field without which the model has no meaning.
    MissingField,
    /// A field that is not known and might change the model's meaning.
    UnknownField,
    /// A value of another type.
    WrongType,
    /// An array of another length.
    WrongLength,
    /// A number outside its range, or not finite.
    OutOfRange,
    /// Two statements of the file contradict each other: parents, counts, cycles.
    Inconsistent,
    /// A feature of the library that is not supported, by its name.
    Unsupported,
}

/// A trained file that is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{file}: {place}: expected {expected}, got {got}; {advice}")]
pub struct ImportError {
    /// The file, as it was named.
    pub file: String,
    /// Where in the file, such as `learner.gradient_booster.model.trees[3].left_children[17]`.
    pub place: String,
    /// The kind of refusal.
    pub refusal: Refusal,
    /// What would be accepted.
    pub expected: String,
    /// What is there.
    pub got: String,
    /// What to do.
    pub advice: &'static str,
}

const BROKEN: &str = "the file is damaged or was edited: save the model again";

/// A refusal that does not yet know its file.
#[derive(Debug)]
pub(super) struct Fault(Box<ImportError>);

impl Fault {
    pub(super) fn new(
        refusal: Refusal,
        place: &str,
        expected: impl Into<String>,
        got: impl Into<String>,
        advice: &'static str,
    ) -> Self {
        let place = if place.is_empty() { "the file" } else { place };
        Self(Box::new(ImportError {
            file: String::new(),
            place: visible(place),
            refusal,
            expected: expected.into(),
            got: visible(&got.into()),
            advice,
        }))
    }

    /// A refusal of a damaged file.
    pub(super) fn broken(
        refusal: Refusal,
        place: &str,
        expected: impl Into<String>,
        got: impl ToString,
    ) -> Self {
        Self::new(refusal, place, expected, got.to_string(), BROKEN)
    }

    pub(super) fn in_file(mut self, file: &str) -> ImportError {
        file.clone_into(&mut self.0.file);
        *self.0
    }
}

/// Text of a hostile file may hold escape codes for a terminal.
fn visible(text: &str) -> String {
    let control = |character: char| if character.is_control() { '?' } else { character };
    text.chars().map(control).collect()
}
