//! `veracast srs`: ceremony files, and the development SRS.

use std::path::PathBuf;

use serde_json::json;
use veracast_circuits::srs::{FileHash, Srs, Trust};

use super::model::store;
use super::{CliError, Outcome, Ui};
use crate::store::read;

/// Options of `veracast srs`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Read, check and cut a .ptau ceremony file
    Import {
        /// The .ptau file
        #[arg(value_name = "FILE.ptau")]
        file: PathBuf,
        /// log2 of the rows that circuits may have
        #[arg(short, default_value_t = 10)]
        k: u32,
        /// Accept a file whose blake2b-512 is not among the published ones
        #[arg(long, value_name = "HASH")]
        trust_srs: Option<String>,
        /// Where the SRS goes
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Write the development SRS: deterministic, its secret published, its proofs worthless
    Dev {
        /// log2 of the rows
        #[arg(short, default_value_t = 10)]
        k: u32,
        /// Where the SRS goes
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

/// Runs the command.
///
/// # Errors
/// The file is refused or cannot be written.
pub fn run(args: &Args, ui: &Ui) -> Result<Outcome, CliError> {
    let refused = |e: veracast_circuits::srs::SrsError| CliError::refused(e.to_string());
    let (srs, out) = match &args.command {
        Command::Import { file, k, trust_srs, out } => {
            let trust = match trust_srs {
                None => Trust::Published,
                Some(hash) => Trust::Hash(hash.parse::<FileHash>().map_err(refused)?),
            };
            let spinner = ui.spinner("checking every point of the file");
            let srs = read(file, *k, trust)?;
            spinner.finish_and_clear();
            (srs, out)
        }
        Command::Dev { k, out } => (Srs::dev(*k).map_err(refused)?, out),
    };
    store()?.write(out, &srs)?;
    if srs.is_dev() {
        ui.warn("the dev SRS is insecure by construction: its secret is published");
    }
    let digest = format!("0x{}", hex::encode(srs.digest()));
    let text = format!(
        "srs     2^{} powers, {}\ndigest  {digest}\nfile    {}",
        srs.k(),
        srs.origin(),
        out.display()
    );
    let json = json!({ "k": srs.k(), "digest": digest, "origin": srs.origin().to_string(), "dev": srs.is_dev(), "file": out });
    Ok(Outcome::new(text, json))
}
