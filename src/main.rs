//! The `veracast` command; all of it lives in the library.

use std::process::ExitCode;

use veracast::cli::release::Release;

fn main() -> ExitCode {
    veracast::cli::main(std::env::args_os().collect(), &Release)
}
