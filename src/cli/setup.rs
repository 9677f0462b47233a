//! `veracast setup`: the verifying key of a model, and with it the model's digest.

use std::path::PathBuf;

use serde_json::json;

use super::model::SetupOptions;
use super::{CliError, Outcome, Ui};
use crate::compile::{locate, open};

/// Options of `veracast setup`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A model folder, a name under models/, or a bare trained file
    #[arg(value_name = "DIR")]
    model: PathBuf,
    /// Inputs of a bare file may be missing
    #[arg(long)]
    missing: bool,
    #[command(flatten)]
    setup: SetupOptions,
    /// Where the verifying key goes
    #[arg(long, value_name = "FILE", default_value = "model.vk")]
    out: PathBuf,
}

/// Runs the command.
///
/// # Errors
/// The model or the SRS is refused, or the file cannot be written.
pub fn run(args: &Args, ui: &Ui) -> Result<Outcome, CliError> {
    let model = open(&locate(&args.model), args.missing)?;
    let name = model.name.clone();
    let spinner = ui.spinner("making the keys");
    let prover = args.setup.prover(model)?;
    spinner.finish_and_clear();
    let key = prover.key().verifying_key();
    crate::chain::home::write_durably(&args.out, &key.to_bytes())?;
    let digest = key.digest().to_string();
    let dev = key.tau().is_dev();
    let mut text = format!("model   {name}\ndigest  {digest}\nkey     {}", args.out.display());
    if dev {
        text.push_str(
            "\nsrs     dev: its secret is published, proofs under this key are worthless",
        );
    }
    let json = json!({ "model": name, "digest": digest, "key": args.out, "dev_srs": dev });
    Ok(Outcome::new(text, json))
}
