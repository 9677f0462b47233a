//! Where veracast keeps its own files, so that every command agrees on it.

use std::path::{Path, PathBuf};

use super::error::ChainError;

/// The data folder: `VERACAST_HOME`, else `$XDG_DATA_HOME/veracast`, else `~/.local/share/veracast`.
///
/// # Errors
/// When none of the three variables is set.
pub fn data_dir() -> Result<PathBuf, ChainError> {
    if let Some(home) = path_var("VERACAST_HOME") {
        return Ok(home);
    }
    if let Some(data) = path_var("XDG_DATA_HOME") {
        return Ok(data.join("veracast"));
    }
    path_var("HOME").map(|home| home.join(".local/share/veracast")).ok_or_else(|| {
        ChainError::Missing {
            what: "a data folder (none of VERACAST_HOME, XDG_DATA_HOME, HOME is set)".into(),
            advice: "set VERACAST_HOME to a folder that veracast may write to".into(),
        }
    })
}

/// Foundry's keystore folder: `$FOUNDRY_DIR/keystores`, else `~/.foundry/keystores`.
///
/// # Errors
/// When neither variable is set.
pub fn keystore_dir() -> Result<PathBuf, ChainError> {
    let foundry = path_var("FOUNDRY_DIR").or_else(|| path_var("HOME").map(|h| h.join(".foundry")));
    foundry.map(|dir| dir.join("keystores")).ok_or_else(|| ChainError::Missing {
        what: "a keystore folder (HOME is not set)".into(),
        advice: "name one with --keystore DIR".into(),
    })
}

/// An environment variable as a path; empty counts as unset.
pub(crate) fn path_var(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// Writes a file durably: a neighbour is written, synced and renamed over it, then the folder is
/// synced. A reader, or a power cut, sees the old file or the new one and nothing between.
///
/// # Errors
/// [`ChainError::File`] naming the path.
pub fn write_durably(path: &Path, contents: &[u8]) -> Result<(), ChainError> {
    let dir = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let fail = |error: std::io::Error| ChainError::file(path, "could not be written", &error);
    std::fs::create_dir_all(dir).map_err(fail)?;
    let mut file = tempfile::NamedTempFile::new_in(dir).map_err(fail)?;
    std::io::Write::write_all(&mut file, contents).map_err(fail)?;
    file.as_file().sync_all().map_err(fail)?;
    file.persist(path).map_err(|e| fail(e.error))?;
    std::fs::File::open(dir).and_then(|d| d.sync_all()).map_err(fail)
}
