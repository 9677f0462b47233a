//! The command line: results on stdout, progress and errors on stderr, exit 0 done, 1 refused or
//! invalid, 2 usage. One file per command, each with `Args` and `run(args, &Ui)`.

pub mod compile;
pub mod completions;
pub mod demo;
pub mod deploy;
pub mod error;
pub mod hedge;
pub mod model;
pub mod options;
pub mod pool;
pub mod predict;
pub mod prove;
pub mod registry;
pub mod release;
pub mod setup;
pub mod srs;
pub mod ui;
pub mod verify;
pub mod wallet;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

pub use error::CliError;
pub use ui::{Outcome, Ui};

/// Forecasts that carry their proof, and a hedge that swaps only what was proven.
#[derive(Debug, Parser)]
#[command(name = "veracast", version, max_term_width = 100, propagate_version = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
}

/// Options of every command.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Global {
    /// Print the result as one JSON object on stdout
    #[arg(long, global = true)]
    pub json: bool,
    /// No progress, no remarks; errors and results only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// More about what is being done (-vv: more still)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Forecast, prove, check on chain, swap: one transaction
    Hedge(Box<hedge::Args>),
    /// Predict: the integers that would be proven, as a CSV
    Predict(predict::Args),
    /// What a model becomes: statement, ranges, circuit, exactness
    Compile(compile::Args),
    /// The verifying key of a model, and its digest
    Setup(setup::Args),
    /// Prove one row of inputs, as a bundle
    Prove(prove::Args),
    /// Check a bundle under a key, and by the deployed verifier
    Verify(verify::Args),
    /// Trusted setups: import a ceremony's file, or write the development one
    Srs(srs::Args),
    /// Everything once, on a local chain with the real Uniswap V3
    Demo(demo::Args),
    /// The pool that the gate swaps in: price, TWAP, history, quote, the gate's terms
    Pool(pool::Args),
    /// Deploy verifier, keys and gate, and grow the pool's memory
    Deploy(deploy::Args),
    /// The gate's model schedule: announce, activate, revoke, list
    Registry(registry::Args),
    /// Keys in Foundry's keystores: new, import, list, address
    Wallet(wallet::Args),
    /// Completions for a shell
    Completions(completions::Args),
}

/// Runs a command line, program name first, with the models that `hedge` uses.
pub fn main(arguments: Vec<OsString>, models: &dyn hedge::OpenModels) -> ExitCode {
    if let Some(error) = options::refuse_secrets(&arguments) {
        return Ui::new(&Global::default()).fail(&error);
    }
    let cli = match Cli::try_parse_from(options::with_dashes(arguments)) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are results; everything else is a usage error (clap's exit code 2).
            let code = error.exit_code();
            let _ = error.print();
            return ExitCode::from(u8::try_from(code).unwrap_or(2));
        }
    };
    let ui = Ui::new(&cli.global);
    match run(cli.command, models, &ui) {
        Ok(outcome) => ui.finish(&outcome),
        Err(error) => ui.fail(&error),
    }
}

fn run(command: Command, models: &dyn hedge::OpenModels, ui: &Ui) -> Result<Outcome, CliError> {
    match command {
        Command::Hedge(args) => hedge::run(&args, models, ui),
        Command::Predict(args) => predict::run(args, ui),
        Command::Compile(args) => compile::run(&args, ui),
        Command::Setup(args) => setup::run(&args, ui),
        Command::Prove(args) => prove::run(&args, ui),
        Command::Verify(args) => verify::run(&args, ui),
        Command::Srs(args) => srs::run(&args, ui),
        Command::Demo(args) => demo::run(&args, ui),
        Command::Pool(args) => pool::run(args, ui),
        Command::Deploy(args) => deploy::run(args, ui),
        Command::Registry(args) => registry::run(args, ui),
        Command::Wallet(args) => wallet::run(args, ui),
        Command::Completions(args) => completions::run(&args),
    }
}

/// The whole command, for completions and for tests.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Runs the asynchronous part of a command.
///
/// # Errors
/// The part's own, or the system's when it gives no threads.
pub fn block_on<T, E>(work: impl std::future::Future<Output = Result<T, E>>) -> Result<T, CliError>
where
    CliError: From<E>,
{
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|e| CliError::refused(format!("no threads for the network: {e}")))?;
    Ok(runtime.block_on(work)?)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_is_consistent() {
        super::command().debug_assert();
    }
}
