//! What is kept between runs: the SRS, imported or of the development seed, cut to the size in use.
//!
//! A file that is damaged is noticed by its hash and made again. Keys are not kept: a model's are
//! made in tenths of a second, and a proving key that nobody stored cannot be damaged.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use veracast_circuits::srs::{Srs, SrsError, Trust};

/// Which SRS a command uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SrsChoice {
    /// The development SRS: its secret is published, its proofs are worthless.
    Dev,
    /// A `.ptau` ceremony file, or an SRS that `srs import` wrote.
    File(PathBuf),
}

impl FromStr for SrsChoice {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(if text == "dev" { Self::Dev } else { Self::File(text.into()) })
    }
}

/// Why an SRS cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file that cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// An SRS that is refused.
    #[error("{}: {source}", path.display())]
    Srs {
        /// The file.
        path: PathBuf,
        /// Why.
        source: SrsError,
    },
    /// The development SRS cannot be made.
    #[error(transparent)]
    Dev(#[from] SrsError),
}

/// The folder of cached SRS files.
#[derive(Clone, Debug)]
pub struct Store {
    dir: PathBuf,
}

impl Store {
    /// A store in `dir`, which need not exist.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    /// The SRS of `choice`, cut to degree `k`.
    ///
    /// # Errors
    /// The file is missing, refused or too small.
    pub fn srs(&self, choice: &SrsChoice, k: u32) -> Result<Srs, StoreError> {
        match choice {
            SrsChoice::Dev => self.dev(k),
            SrsChoice::File(path) => read(path, k, Trust::Published),
        }
    }

    fn dev(&self, k: u32) -> Result<Srs, StoreError> {
        let path = self.dir.join(format!("dev-{k}.srs"));
        if let Ok(srs) = read(&path, k, Trust::Published) {
            if srs.is_dev() {
                return Ok(srs);
            }
        }
        let srs = Srs::dev(k)?;
        // Only a cache: where it cannot be written, the next run makes the SRS again.
        let _ = self.write(&path, &srs);
        Ok(srs)
    }

    /// Writes `srs` to `path`, whole or not at all.
    ///
    /// # Errors
    /// The folder or the file cannot be written.
    pub fn write(&self, path: &Path, srs: &Srs) -> Result<(), StoreError> {
        let io = |source| StoreError::Io { path: path.into(), source };
        let dir = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(dir).map_err(io)?;
        let mut file = tempfile::NamedTempFile::new_in(dir).map_err(io)?;
        let failed = |source| StoreError::Srs { path: path.into(), source };
        srs.write(&mut file).map_err(failed)?;
        file.persist(path).map_err(|error| io(error.error))?;
        Ok(())
    }
}

/// Reads an SRS that was written by [`Store::write`], or imports a `.ptau` file.
///
/// # Errors
/// Missing, refused, damaged or too small.
pub fn read(path: &Path, k: u32, trust: Trust) -> Result<Srs, StoreError> {
    let io = |source| StoreError::Io { path: path.into(), source };
    let failed = |source| StoreError::Srs { path: path.into(), source };
    let mut start = [0u8; 4];
    std::io::Read::read_exact(&mut File::open(path).map_err(io)?, &mut start).map_err(io)?;
    let mut reader = BufReader::new(File::open(path).map_err(io)?);
    if &start == b"ptau" {
        return Srs::import(reader, k, trust).map_err(failed);
    }
    let srs = Srs::read(&mut reader).map_err(failed)?;
    if srs.k() == k {
        return Ok(srs);
    }
    srs.downsize(k).map_err(failed)
}
