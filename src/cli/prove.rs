//! `veracast prove`: a proof of one row, as a bundle.

use std::path::PathBuf;

use serde_json::json;
use veracast_circuits::Fr;

use super::model::{rows, ModelOptions, SetupOptions};
use super::predict::at_row;
use super::{CliError, Outcome, Ui};
use crate::bundle::Bundle;

/// Options of `veracast prove`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    model: ModelOptions,
    #[command(flatten)]
    setup: SetupOptions,
    /// CSV or JSON with the inputs
    #[arg(long, value_name = "FILE")]
    inputs: PathBuf,
    /// Which row, counted from 0
    #[arg(long, value_name = "N", default_value_t = 0)]
    row: usize,
    /// Where the bundle goes
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Runs the command. The proof is unbound: no gate accepts it.
///
/// # Errors
/// The model, the row or the SRS is refused, or the file cannot be written.
pub fn run(args: &Args, ui: &Ui) -> Result<Outcome, CliError> {
    let model = args.model.open()?;
    let rows = rows(&model, &args.inputs)?;
    let row = rows.get(args.row).ok_or_else(|| {
        CliError::usage(format!("--row: expected below {}, got {}", rows.len(), args.row))
    })?;
    let trace = model.run(row).map_err(|error| at_row(args.row, &error))?;
    let spinner = ui.spinner("making the keys");
    let prover = args.setup.prover(model)?;
    spinner.set_message("proving");
    let proven = prover.prove(&trace, Fr::zero())?;
    spinner.finish_and_clear();
    let bundle = Bundle::new(prover.model(), prover.key().verifying_key(), &proven, None);
    crate::chain::home::write_durably(&args.out, bundle.to_json()?.as_bytes())?;
    if bundle.dev_srs_worthless {
        ui.warn("made with the dev SRS, whose secret is published: this proof is worthless");
    }
    let millis = proven.elapsed.as_millis();
    let mut text = String::new();
    for (public, shown) in prover.model().publics.iter().zip(&proven.shown) {
        text.push_str(&format!("{} = {shown} {}\n", public.name, public.unit));
    }
    text.push_str(&format!(
        "proof of {} bytes in {millis} ms: {}",
        proven.proof.len(),
        args.out.display()
    ));
    let json = json!({
        "bundle": args.out, "millis": millis, "bytes": proven.proof.len(),
        "model_digest": bundle.model_digest, "statement": bundle.statement,
    });
    Ok(Outcome::new(text, json))
}
