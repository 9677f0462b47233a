//! The npm parts: installed when the lock file is another than last time, and only then.

use crate::shell;
use anyhow::{bail, Context, Result};
use std::fs;
use std::path::Path;
use std::process::Command;

const NEEDED: u32 = 20;

/// Makes `folder/node_modules` what `folder/package-lock.json` says.
pub(crate) fn install(folder: &Path) -> Result<()> {
    let lock = folder.join("package-lock.json");
    let wanted = fs::read(&lock).with_context(|| format!("reading {}", lock.display()))?;
    let stamp = folder.join("node_modules").join(".installed-lock.json");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    eprintln!("installing the npm packages of {}", folder.display());
    let quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
    shell::run(
        Command::new("npm").args(["ci", "--ignore-scripts"]).args(quiet).current_dir(folder),
    )?;
    fs::write(&stamp, wanted).with_context(|| format!("writing {}", stamp.display()))
}

/// Refuses a machine without Node.js 20 and npm.
pub(crate) fn check() -> Result<()> {
    let expected = format!("expected Node.js {NEEDED} or later with npm (https://nodejs.org)");
    let Some(version) = shell::version(Path::new("node")) else {
        bail!("{expected}, got no `node` on PATH; install it and run this again");
    };
    if major(&version).is_none_or(|major| major < NEEDED) {
        bail!("{expected}, got {version}; update it and run this again");
    }
    if shell::version(Path::new("npm")).is_none() {
        bail!(
            "{expected}, got node {version} without `npm` on PATH; install npm and run this again"
        );
    }
    Ok(())
}

/// 20 from "v20.20.2".
fn major(version: &str) -> Option<u32> {
    version.trim_start_matches('v').split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn versions_of_node_are_read() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("v8.0.0"), Some(8));
        assert_eq!(major("nightly"), None);
    }
}
