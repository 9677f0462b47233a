//! Trained files in, [`Ensemble`] out. A file is hostile until every number in it has been checked.
//!
//! The format is told from the content, never from the name. Every refusal names the file, the place
//! in it, what was expected, what was found and what to do.

mod cursor;
mod document;
mod error;
mod json;
mod ubj;
mod xgboost;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use document::Value;
use error::Fault;
pub use error::{ImportError, Refusal};

use crate::model::Ensemble;

/// Largest file that is read, in bytes.
pub const MAX_FILE_BYTES: u64 = 256 << 20;

const SUPPORTED: &str = "an XGBoost model saved as JSON or UBJ by version 1.7 to 3.x";
const RESAVE: &str = "save it from XGBoost with `booster.save_model(\"model.json\")`";

/// Reads the trained file at `path`.
///
/// # Errors
/// The file cannot be read, is larger than [`MAX_FILE_BYTES`], or is not a model that can be proven
/// exactly; see [`Refusal`].
pub fn read(path: &Path) -> Result<Ensemble, ImportError> {
    let name = path.display().to_string();
    let bytes = read_bytes(path).map_err(|fault| fault.in_file(&name))?;
    from_bytes(&name, &bytes)
}

/// Reads a trained file that is in memory; `name` stands for it in errors.
///
/// # Errors
/// As [`read`].
pub fn from_bytes(name: &str, bytes: &[u8]) -> Result<Ensemble, ImportError> {
    parse(bytes).and_then(|root| xgboost::interpret(&root)).map_err(|fault| fault.in_file(name))
}

fn read_bytes(path: &Path) -> Result<Vec<u8>, Fault> {
    let unreadable = |error: std::io::Error| {
        Fault::new(Refusal::Unreadable, "", "a readable file", error.to_string(), "check the path")
    };
    let file = File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

fn parse(bytes: &[u8]) -> Result<Value, Fault> {
    if bytes.len() as u64 > MAX_FILE_BYTES {
        let expected = format!("at most {MAX_FILE_BYTES} bytes");
        let advice = "train fewer or shallower trees";
        return Err(Fault::new(Refusal::TooLarge, "", expected, "more", advice));
    }
    let mut visible = bytes.iter().filter(|byte| !byte.is_ascii_whitespace());
    match (visible.next(), visible.next()) {
        (Some(b'{'), Some(b'L' | b'$' | b'#')) => ubj::read(bytes),
        (Some(b'{'), _) => json::read(bytes),
        _ => Err(unknown_format(bytes)),
    }
}

fn unknown_format(bytes: &[u8]) -> Fault {
    let got = if bytes.is_empty() {
        "an empty file"
    } else if bytes.starts_with(b"binf") || bytes.starts_with(b"bs64") {
        "XGBoost's old binary format"
    } else if bytes.starts_with(b"\xef\xbb\xbf") {
        "a byte order mark"
    } else if bytes.starts_with(&[0x1f, 0x8b]) {
        "a gzip archive"
    } else {
        "a file that begins otherwise"
    };
    Fault::new(Refusal::UnknownFormat, "", SUPPORTED, got, RESAVE)
}
