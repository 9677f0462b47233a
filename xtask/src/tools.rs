//! anvil and forge: the user's own if the version fits, else the binaries of tools/evm on linux-x64.

use crate::{node, shell};
use anyhow::{bail, Result};
use std::path::{Path, PathBuf};

/// Every minor version compiles and prices a little differently, and artifacts and gas are compared exactly.
const SERIES: &str = "1.7.";
const INSTALL: &str =
    "curl -L https://foundry.paradigm.xyz | bash && ~/.foundry/bin/foundryup --install v1.7.1";

/// The programs, and how to hand them on to what we start.
pub(crate) struct Tools {
    pub(crate) anvil: PathBuf,
    pub(crate) forge: PathBuf,
}

impl Tools {
    /// Looks at VERACAST_ANVIL and VERACAST_FORGE, then PATH, then tools/evm, which it installs if need be.
    pub(crate) fn find() -> Result<Self> {
        Ok(Self { anvil: find("anvil")?, forge: find("forge")? })
    }

    /// Environment for child processes, so that they need not look again.
    pub(crate) fn env(&self) -> [(&'static str, &Path); 2] {
        [("VERACAST_ANVIL", &self.anvil), ("VERACAST_FORGE", &self.forge)]
    }
}

fn find(name: &str) -> Result<PathBuf> {
    let variable = format!("VERACAST_{}", name.to_uppercase());
    if let Some(path) = std::env::var_os(&variable).map(PathBuf::from) {
        // Absolute, because forge is started in another folder.
        let path = std::fs::canonicalize(&path).unwrap_or(path);
        return match shell::version(&path) {
            Some(_) => Ok(path),
            None => bail!("{variable}: expected a program that runs, got {}", path.display()),
        };
    }
    let found = shell::version(Path::new(name));
    if found.as_deref().is_some_and(fits) {
        return Ok(name.into());
    }
    if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        let folder = shell::root().join("tools").join("evm");
        node::install(&folder)?;
        return Ok(folder.join("node_modules").join(".bin").join(name));
    }
    let got = found.unwrap_or_else(|| "none on PATH".into());
    bail!("{name}: expected version {SERIES}x, got {got}; install it with\n    {INSTALL}\nor name it in {variable}")
}

/// Whether "forge Version: 1.7.1-stable" is of the right series.
fn fits(version: &str) -> bool {
    version.split_whitespace().any(|word| word.trim_start_matches('v').starts_with(SERIES))
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn only_one_series_fits() {
        assert!(fits("forge Version: 1.7.1-stable"));
        assert!(fits("anvil 1.7.0 (4072e48 2025-01-01)"));
        assert!(!fits("forge Version: 1.6.2-stable"));
        assert!(!fits("forge Version: 1.70.0"));
        assert!(!fits("forge 0.2.0 (1.7 is newer)"));
    }
}
