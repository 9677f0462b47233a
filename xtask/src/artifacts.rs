//! contracts/artifacts: compiled here, committed, so that a plain `cargo build` needs no Node.js.

use crate::node;
use crate::shell;
use crate::tools::Tools;
use anyhow::Result;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

/// The Foundry project.
pub(crate) fn contracts() -> PathBuf {
    shell::root().join("contracts")
}

pub(crate) fn run(check: bool) -> Result<ExitCode> {
    node::check()?;
    node::install(&contracts())?;
    let same = compile(&Tools::find()?, check)?;
    Ok(if same { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Compiles from scratch and writes the artifacts; with `check` tells whether they are the committed ones.
pub(crate) fn compile(tools: &Tools, check: bool) -> Result<bool> {
    let mut build = Command::new(&tools.forge);
    build.args(["build", "--force", "--quiet"]).env("FOUNDRY_PROFILE", "release");
    if !shell::succeeds(build.current_dir(contracts()))? {
        return Ok(false);
    }
    let mut script = Command::new("node");
    script.arg("bin/artifacts.mjs").current_dir(contracts());
    shell::succeeds(if check { script.arg("--check") } else { &mut script })
}
