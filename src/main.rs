//! The `veracast` command; all of it lives in the library.

use std::process::ExitCode;

use veracast::chain::hedge::Forecaster;
use veracast::chain::Network;
use veracast::cli::hedge::{ModelOptions, OpenModels};
use veracast::cli::{CliError, Ui};

/// The release's models.
struct Release;

impl OpenModels for Release {
    fn open(
        &self,
        _: &ModelOptions,
        network: &Network,
        _: &Ui,
    ) -> Result<Box<dyn Forecaster>, CliError> {
        Err(CliError::refused(format!(
            "models for {}: this version carries none yet",
            network.name
        )))
    }
}

fn main() -> ExitCode {
    veracast::cli::main(std::env::args_os().collect(), &Release)
}
