//! The first command of the README: from a fresh clone to a hedge on a local chain.

use crate::shell;
use crate::tools::Tools;
use crate::{artifacts, node};
use anyhow::Result;
use std::process::ExitCode;

pub(crate) fn run(args: &[&str]) -> Result<ExitCode> {
    node::check()?;
    node::install(&artifacts::contracts())?;
    let tools = Tools::find()?;
    eprintln!("building veracast (minutes the first time, seconds later)");
    shell::run(&mut shell::cargo(&["build", "--quiet", "--locked", "--bin", "veracast"]))?;
    let mut demo = shell::cargo(&["run", "--quiet", "--locked", "--bin", "veracast", "--", "demo"]);
    demo.arg("--workspace").arg(shell::root()).args(args).envs(tools.env());
    Ok(if shell::succeeds(&mut demo)? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
