//! `veracast compile`: what a model becomes, before anything is proven.

use std::path::PathBuf;

use serde_json::json;
use veracast_circuits::{proof_length, Layout, Op, Shape};

use super::{CliError, Outcome, Ui};
use crate::compile::{locate, open, Model};
use crate::prover::{layout_options, ProverError, DEFAULT_WIDTH};

/// Options of `veracast compile`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A model folder, a name under models/, or a bare trained file
    #[arg(value_name = "DIR")]
    model: PathBuf,
    /// Inputs of a bare file may be missing
    #[arg(long)]
    missing: bool,
    /// One-hot columns of the circuit
    #[arg(long, value_name = "N", default_value_t = DEFAULT_WIDTH)]
    width: usize,
}

/// Runs the command.
///
/// # Errors
/// The model is refused, or fits no circuit.
pub fn run(args: &Args, _ui: &Ui) -> Result<Outcome, CliError> {
    let model = open(&locate(&args.model), args.missing)?;
    let shape = |width| {
        Layout::new(&model.program, &layout_options(width))
            .map(|layout| layout.shape())
            .map_err(|source| ProverError::Layout { name: model.name.clone(), source })
    };
    let chosen = shape(args.width)?;
    let trade: Vec<Shape> = [1, 2, 4].into_iter().filter_map(|w| shape(w).ok()).collect();
    Ok(Outcome::new(text(&model, chosen, &trade), object(&model, chosen)))
}

fn text(model: &Model, chosen: Shape, trade: &[Shape]) -> String {
    let mut lines = vec![format!("model      {}", model.name)];
    for field in &model.inputs {
        let side = if field.public { "public " } else { "private" };
        let (lo, hi) =
            (field.encoding.format(field.range.lo), field.encoding.format(field.range.hi));
        lines.push(format!("input      {side} {} ({lo} .. {hi} {})", field.name, field.unit));
    }
    for (index, public) in model.publics.iter().enumerate() {
        let kind = if index < model.outputs { "output" } else { "input" };
        lines.push(format!("statement  {} {kind} {} {}", index + 1, public.name, public.unit));
    }
    if let Some(Op::Trees(ensemble)) =
        model.program.ops().iter().find(|op| matches!(op, Op::Trees(_)))
    {
        let thresholds: usize = ensemble.features().iter().map(|f| f.thresholds.len()).sum();
        lines.push(format!("trees      {}, {thresholds} thresholds", ensemble.trees().len()));
    }
    lines.push(if model.bound == 0.0 {
        "exact      the proven sum is the sum of the file's leaves".into()
    } else {
        format!("bound      |proven - sum of the file's leaves| <= {:e}", model.bound)
    });
    lines.push(format!(
        "circuit    2^{} rows, {} one-hot columns, bus of {}, proof of {} bytes",
        chosen.k,
        chosen.width,
        chosen.period,
        proof_length(chosen)
    ));
    for shape in trade {
        lines.push(format!(
            "  width {}  2^{} rows, {} proof bytes, {} commitments in the key",
            shape.width,
            shape.k,
            proof_length(*shape),
            6 + 2 * shape.width
        ));
    }
    lines.extend(model.notes.iter().map(|note| format!("note       {note}")));
    lines.join("\n")
}

fn object(model: &Model, shape: Shape) -> serde_json::Value {
    json!({
        "model": model.name,
        "horizon": model.horizon,
        "statement": model.publics,
        "outputs": model.outputs,
        "bound": model.bound,
        "shape": shape,
        "proof_bytes": proof_length(shape),
        "notes": model.notes,
    })
}
