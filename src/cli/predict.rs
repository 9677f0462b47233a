//! `veracast predict`: the integers that would be proven, as a CSV.

use std::path::PathBuf;

use serde_json::json;

use super::model::{rows, ModelOptions};
use super::{CliError, Outcome, Ui};
use crate::compile::{Model, Row};

/// Options of `veracast predict`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    model: ModelOptions,
    /// CSV with one row per prediction (or JSON objects); an empty cell is missing
    #[arg(long, value_name = "FILE")]
    inputs: PathBuf,
}

/// Runs the command.
///
/// # Errors
/// The model or a row is refused.
pub fn run(mut args: Args, ui: &Ui) -> Result<Outcome, CliError> {
    let mut model = args.model.open()?;
    let rows = rows(&model, &args.inputs)?;
    if !args.model.missing && has_missing(&model, &rows) {
        // A bare file: evaluate the variant that admits missing values.
        args.model.missing = true;
        model = args.model.open()?;
    }
    for note in &model.notes {
        ui.say(format!("note: {note}"));
    }
    let names: Vec<String> = model.publics[..model.outputs].iter().map(header).collect();
    let mut predictions = Vec::with_capacity(rows.len());
    for (index, row) in rows.iter().enumerate() {
        let trace = model.run(row).map_err(|error| at_row(index, &error))?;
        let mut shown = model.shown(&trace);
        shown.truncate(model.outputs);
        predictions.push(shown);
    }
    let lines = std::iter::once(names.join(",")).chain(predictions.iter().map(|p| p.join(",")));
    let text = lines.map(|line| line + "\n").collect::<String>();
    Ok(Outcome::new(text, json!({ "columns": names, "rows": predictions, "notes": model.notes })))
}

fn header(public: &crate::compile::PublicField) -> String {
    if public.unit.is_empty() {
        public.name.clone()
    } else {
        format!("{}_{}", public.name, public.unit.to_lowercase())
    }
}

fn has_missing(model: &Model, rows: &[Row]) -> bool {
    let empty = |row: &Row, name: &String| row.get(name).is_none_or(|text| text.trim().is_empty());
    let bare = model.inputs.iter().all(|f| f.encoding == crate::encoding::Encoding::F32);
    bare && rows.iter().any(|row| model.inputs.iter().any(|f| empty(row, &f.name)))
}

/// Says which row an error belongs to, counted from 0 as `--row` counts.
pub(super) fn at_row(index: usize, error: &crate::compile::CompileError) -> CliError {
    CliError::refused(format!("row {index}: {error}"))
}
