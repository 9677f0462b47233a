//! Errors of the command line: what was expected, what was got, what to do, and the exit code.

use crate::chain::ChainError;

/// How a command failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Refused or invalid: exit code 1.
    Refused,
    /// Usage: exit code 2.
    Usage,
}

/// An error as the user sees it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct CliError {
    kind: Kind,
    what: String,
    advice: Option<String>,
}

impl CliError {
    /// Something was refused or is invalid; exit code 1.
    pub fn refused(what: impl Into<String>) -> Self {
        Self { kind: Kind::Refused, what: what.into(), advice: None }
    }

    /// The command line itself is at fault; exit code 2.
    pub fn usage(what: impl Into<String>) -> Self {
        Self { kind: Kind::Usage, what: what.into(), advice: None }
    }

    /// Adds what to do.
    #[must_use]
    pub fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// What to do, where there is something.
    pub fn advice(&self) -> Option<&str> {
        self.advice.as_deref()
    }

    /// 1 or 2.
    pub fn exit_code(&self) -> u8 {
        match self.kind {
            Kind::Refused => 1,
            Kind::Usage => 2,
        }
    }
}

impl From<ChainError> for CliError {
    fn from(error: ChainError) -> Self {
        let kind = if error.is_usage() { Kind::Usage } else { Kind::Refused };
        Self { kind, what: error.to_string(), advice: error.advice() }
    }
}
