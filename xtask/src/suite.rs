//! The second command of the README: every check, and an honest count of what could not be run.

mod docs;
mod python;
mod report;
mod rust;
mod solidity;

use crate::tools::Tools;
use crate::{artifacts, node};
use anyhow::{bail, Result};
use report::Report;
use std::process::ExitCode;

/// What `cargo xtask test` was asked for.
#[derive(Debug, Default)]
pub(crate) struct Options {
    pub(crate) require_all: bool,
    pub(crate) filter: Option<String>,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    node::check()?;
    node::install(&artifacts::contracts())?;
    let tools = Tools::find()?;
    let filter = options.filter.as_deref();
    let mut report = Report::default();
    if filter.is_none() {
        rust::format(&mut report)?;
        rust::lint(&mut report)?;
        rust::dependencies(&mut report)?;
        solidity::format(&tools, &mut report)?;
        solidity::artifacts(&tools, &mut report)?;
        docs::links(&mut report)?;
    }
    solidity::tests(&tools, filter, &mut report)?;
    rust::tests(&tools, filter, &mut report)?;
    python::tests(filter, &mut report)?;
    if let Some(filter) = filter.filter(|_| report.is_empty()) {
        bail!("--filter {filter}: expected part of a test's name, got no test; see `cargo test -- --list`");
    }
    Ok(report.close(options.require_all))
}
