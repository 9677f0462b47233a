//! `cargo xtask demo | test | artifacts`: the chores that need more than cargo.

mod artifacts;
mod demo;
mod node;
mod shell;
mod suite;
mod tools;

use anyhow::{bail, Result};
use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask demo [OPTIONS of `veracast demo`]
    Installs the npm parts, builds, starts a local chain and runs a whole hedge on it.
cargo xtask test [--require-all] [--filter TEXT]
    Every check of this repository. What this machine cannot run is named on a line `skipped: ...`.
    --require-all   such a line is a failure, unless reference data is what is missing
    --filter TEXT   only the tests whose name contains TEXT
cargo xtask artifacts [--check]
    Compiles the contracts and writes contracts/artifacts; with --check compares instead.
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[String]) -> Result<ExitCode> {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["demo", rest @ ..] => demo::run(rest),
        ["test", rest @ ..] => suite::run(&suite_options(rest)?),
        ["artifacts"] => artifacts::run(false),
        ["artifacts", "--check"] => artifacts::run(true),
        ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        _ => {
            eprint!("{USAGE}");
            Ok(ExitCode::from(2))
        }
    }
}

fn suite_options(args: &[&str]) -> Result<suite::Options> {
    let mut options = suite::Options::default();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match *arg {
            "--require-all" => options.require_all = true,
            "--filter" => match args.next() {
                Some(text) => options.filter = Some((*text).into()),
                None => bail!("--filter: expected a text, got nothing"),
            },
            other => bail!("expected --require-all or --filter TEXT, got {other}\n{USAGE}"),
        }
    }
    Ok(options)
}
