//! The release's models, as `hedge` opens them.

use std::path::Path;

use super::hedge::{ModelOptions, OpenModels};
use super::model::store;
use super::{CliError, Ui};
use crate::chain::hedge::Forecaster;
use crate::chain::Network;
use crate::forecaster::Models;
use crate::store::SrsChoice;

/// Opens the four model folders below `--models` (default: `models`).
#[derive(Clone, Copy, Debug)]
pub struct Release;

impl OpenModels for Release {
    fn open(
        &self,
        options: &ModelOptions,
        network: &Network,
        ui: &Ui,
    ) -> Result<Box<dyn Forecaster>, CliError> {
        let srs = match &options.srs {
            Some(text) if text == "dev" => SrsChoice::Dev,
            Some(file) => SrsChoice::File(file.into()),
            None if network.is_local() => SrsChoice::Dev,
            None => {
                let what =
                    format!("--srs: expected a ceremony's file for {}, got none", network.name);
                return Err(CliError::usage(what).advise("docs/setup.md says where to get one"));
            }
        };
        network.check_setup(srs == SrsChoice::Dev)?;
        let dir = options.models.as_deref().unwrap_or(Path::new("models"));
        let spinner = ui.spinner("making the keys of four models");
        let models = Models::open(dir, &srs, &store()?);
        spinner.finish_and_clear();
        let models = models.map_err(|error| CliError::refused(error.to_string()))?;
        network.check_setup(models.dev_setup())?;
        Ok(Box::new(models))
    }
}
