//! Rows of inputs from a CSV or JSON file.

use std::path::{Path, PathBuf};

use crate::compile::{InputField, Row};

/// Largest input file, in bytes.
const MOST_BYTES: u64 = 256 << 20;

/// Why a file of inputs is refused.
#[derive(Debug, thiserror::Error)]
pub enum RowsError {
    /// A file that cannot be read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// Not CSV or JSON of the expected form.
    #[error("{}: {message}", path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        message: String,
    },
    /// Columns that the model reads and the file lacks.
    #[error("{}: expected the columns {missing}, got {got}", path.display())]
    Columns {
        /// The file.
        path: PathBuf,
        /// Missing columns.
        missing: String,
        /// The file's columns.
        got: String,
    },
}

/// Reads the rows of `path` for inputs `fields`: by name where the file has every name, by
/// position where `positional` (a model without feature names); other columns are ignored.
///
/// # Errors
/// Names the file, and the row or the columns.
pub fn read(path: &Path, fields: &[InputField], positional: bool) -> Result<Vec<Row>, RowsError> {
    let io = |source| RowsError::Io { path: path.into(), source };
    let size = std::fs::metadata(path).map_err(io)?.len();
    if size > MOST_BYTES {
        let message = format!("expected at most {MOST_BYTES} bytes, got {size}");
        return Err(RowsError::Form { path: path.into(), message });
    }
    let bytes = std::fs::read(path).map_err(io)?;
    let start = bytes.iter().find(|b| !b.is_ascii_whitespace());
    let (names, rows) = match start {
        Some(b'[' | b'{') => json_rows(path, &bytes)?,
        _ => csv_rows(path, &bytes)?,
    };
    let wanted: Vec<&str> = fields.iter().map(|f| f.name.as_str()).collect();
    let lacking: Vec<&str> =
        wanted.iter().copied().filter(|w| !names.iter().any(|n| n == w)).collect();
    if lacking.is_empty() {
        return Ok(rows.into_iter().map(|row| names.iter().cloned().zip(row).collect()).collect());
    }
    if positional && names.len() >= wanted.len() {
        let named = |row: Vec<String>| wanted.iter().map(|w| (*w).to_owned()).zip(row).collect();
        return Ok(rows.into_iter().map(named).collect());
    }
    let (missing, got) = (lacking.join(", "), names.join(", "));
    Err(RowsError::Columns { path: path.into(), missing, got })
}

type Table = (Vec<String>, Vec<Vec<String>>);

fn csv_rows(path: &Path, bytes: &[u8]) -> Result<Table, RowsError> {
    let form = |e: csv::Error| RowsError::Form { path: path.into(), message: e.to_string() };
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    let names: Vec<String> = reader.headers().map_err(form)?.iter().map(str::to_owned).collect();
    let rows = reader
        .records()
        .map(|record| Ok(record.map_err(form)?.iter().map(str::to_owned).collect()))
        .collect::<Result<_, RowsError>>()?;
    Ok((names, rows))
}

/// One object, or a list of objects with the same keys; numbers keep their decimal text.
fn json_rows(path: &Path, bytes: &[u8]) -> Result<Table, RowsError> {
    let form = |message: String| RowsError::Form { path: path.into(), message };
    let value: serde_json::Value =
        serde_json::from_slice(bytes).map_err(|e| form(e.to_string()))?;
    let objects = match value {
        serde_json::Value::Array(objects) => objects,
        object => vec![object],
    };
    let mut names: Vec<String> = Vec::new();
    let mut rows = Vec::with_capacity(objects.len());
    for (index, object) in objects.iter().enumerate() {
        let Some(object) = object.as_object() else {
            return Err(form(format!("row {index}: expected an object of names and numbers")));
        };
        if index == 0 {
            names = object.keys().cloned().collect();
        }
        let cells = names.iter().map(|name| match object.get(name) {
            Some(serde_json::Value::Number(number)) => Ok(number.to_string()),
            Some(serde_json::Value::String(text)) => Ok(text.clone()),
            Some(serde_json::Value::Null) | None => Ok(String::new()),
            Some(_) => Err(form(format!("row {index}, {name}: expected a number"))),
        });
        rows.push(cells.collect::<Result<Vec<_>, _>>()?);
    }
    Ok((names, rows))
}
