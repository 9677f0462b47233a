//! Finding and starting anvil: one hardfork, a free port, killed when dropped.

use std::path::{Path, PathBuf};
use std::process::Command;

use alloy::node_bindings::{Anvil, AnvilInstance};

use super::error::ChainError;
use super::home::path_var;

/// Versions of anvil that the local chain was tested with.
const TESTED: &str = "1.";
/// The one hardfork that anvil, forge and the contracts are pinned to.
const HARDFORK: &str = "prague";

/// How a local node starts.
#[derive(Clone, Debug)]
pub struct AnvilOptions {
    /// Chain id it answers.
    pub chain_id: u64,
    /// Time of block 0, Unix seconds; its clock goes on from there.
    pub timestamp: u64,
    /// Port; a free one if `None`.
    pub port: Option<u16>,
    /// Seconds between blocks; without it every transaction is mined at once.
    pub block_time: Option<u64>,
}

/// The anvil to use: `VERACAST_ANVIL`, else the one on PATH if its version fits, else the one in
/// `tools_dir` (`tools/evm` of the repository).
///
/// # Errors
/// When there is none, with the command that installs one.
pub fn find(tools_dir: &Path) -> Result<PathBuf, ChainError> {
    if let Some(path) = path_var("VERACAST_ANVIL") {
        let version = version(&path).ok_or_else(|| {
            ChainError::invalid(
                "VERACAST_ANVIL",
                "anvil's binary",
                path.display(),
                "unset it or correct it",
            )
        })?;
        return check_version(&path, &version).map(|()| path);
    }
    let on_path = PathBuf::from("anvil");
    if version(&on_path).is_some_and(|v| check_version(&on_path, &v).is_ok()) {
        return Ok(on_path);
    }
    let tool = tools_dir.join("node_modules/.bin/anvil");
    match version(&tool) {
        Some(_) => Ok(tool),
        None => Err(ChainError::Missing {
            what: format!(
                "anvil {TESTED}x (no VERACAST_ANVIL, none on PATH that fits, none at {})",
                tool.display()
            ),
            advice: install_advice(tools_dir),
        }),
    }
}

fn install_advice(tools_dir: &Path) -> String {
    if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return format!("run `npm ci --ignore-scripts --prefix {}`", tools_dir.display());
    }
    "install Foundry (`curl -L https://foundry.paradigm.xyz | bash`, then `foundryup`), or set VERACAST_ANVIL"
        .into()
}

/// The version in `anvil --version`, such as `1.7.1`.
fn version(path: &Path) -> Option<String> {
    let output = Command::new(path).arg("--version").output().ok()?;
    number(&String::from_utf8(output.stdout).ok()?)
}

fn number(text: &str) -> Option<String> {
    let first = text.lines().next()?;
    let number = first.strip_prefix("anvil ")?.trim_start_matches("Version:").trim();
    let number = number.split([' ', '-', '(']).next()?;
    (!number.is_empty()).then(|| number.to_string())
}

fn check_version(path: &Path, version: &str) -> Result<(), ChainError> {
    if version.starts_with(TESTED) {
        return Ok(());
    }
    Err(ChainError::refused(
        "anvil",
        format!("version {TESTED}x"),
        format!("{version} at {}", path.display()),
        "update Foundry",
    ))
}

/// Starts a node that ends with the value returned.
///
/// # Errors
/// When it cannot be started.
pub fn start(path: &Path, options: &AnvilOptions) -> Result<AnvilInstance, ChainError> {
    let mut anvil = Anvil::at(path)
        .chain_id(options.chain_id)
        .timeout(60_000)
        .args(["--hardfork", HARDFORK])
        .args(["--timestamp", &options.timestamp.to_string()]);
    if let Some(port) = options.port {
        anvil = anvil.port(port);
    }
    if let Some(seconds) = options.block_time {
        anvil = anvil.block_time(seconds);
    }
    anvil.try_spawn().map_err(|e| ChainError::file(path, "anvil could not be started", &e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_compared() {
        assert_eq!(
            number("anvil Version: 1.7.1-v1.7.1\nCommit SHA: 4072e48").as_deref(),
            Some("1.7.1")
        );
        assert_eq!(number("anvil 0.2.0 (f625d0f 2024-04-02)").as_deref(), Some("0.2.0"));
        assert_eq!(number("bash 5.2"), None);
        assert_eq!(number(""), None);
        assert!(check_version(Path::new("anvil"), "1.9.0").is_ok());
        let old = check_version(Path::new("anvil"), "0.2.0").unwrap_err().to_string();
        assert!(old.contains("0.2.0"), "{old}");
    }

    #[test]
    fn the_command_that_installs_anvil_is_told() {
        let nowhere = tempfile::tempdir().unwrap();
        if let Err(error) = find(nowhere.path()) {
            assert!(error
                .advice()
                .is_some_and(|a| a.contains("npm ci") || a.contains("foundryup")));
        }
    }
}
