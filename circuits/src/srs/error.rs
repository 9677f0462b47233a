//! Why an SRS was refused: what was expected, what was got, and where.

use super::{FileHash, MAX_K};

/// A refusal to use, import or read an SRS.
#[derive(Debug, thiserror::Error)]
pub enum SrsError {
    /// A degree that no circuit can have.
    #[error("SRS degree: expected k from 1 to {MAX_K}, got {got}")]
    Degree {
        /// the k asked for
        got: u32,
    },
    /// Fewer powers than the circuit needs.
    #[error("SRS too small: expected at least 2^{needed} powers, got 2^{got}; use a file of power {needed} or more")]
    TooSmall {
        /// k of the circuit
        needed: u32,
        /// power of the file, or k of the SRS at hand
        got: u32,
    },
    /// The file is not laid out as a BN254 `.ptau`.
    #[error("ptau file, {place}: expected {expected}, got {got}")]
    Format {
        /// where in the file
        place: String,
        /// what the format asks for
        expected: String,
        /// what stands there
        got: String,
    },
    /// A point that must not stand there.
    #[error("{place}, point {index}: {fault}")]
    Point {
        /// the section or file
        place: &'static str,
        /// which power of tau
        index: usize,
        /// what is wrong with it
        fault: &'static str,
    },
    /// The file of `powersoftau new`, to which nobody has contributed.
    #[error("tau is 1: nobody has contributed to this file, so anyone can forge proofs under it; use the file of a finished ceremony")]
    TauIsOne,
    /// A tau whose powers repeat.
    #[error("tau is a root of unity (tau^{order} = 1 or -1), so proofs under it can be forged; use the file of a finished ceremony")]
    RootOfUnity {
        /// the exponent found
        order: usize,
    },
    /// Points that are not successive powers of one tau.
    #[error("the points of sections 2 and 3 are not powers of one tau (pairing check failed); the file is damaged or forged")]
    Inconsistent,
    /// Lagrange points that do not belong to the powers.
    #[error("ptau section 12 (tauG1 in the Lagrange basis) does not belong to the powers in section 2; the file is damaged or forged")]
    Lagrange,
    /// A file that no published ceremony made, and nobody vouched for.
    #[error("unknown ceremony file: its blake2b-512 is {got}, which is none of the published powersOfTau28_hez_final files; if you trust it, name that hash explicitly (--trust-srs {got})")]
    Untrusted {
        /// the file's hash
        got: FileHash,
    },
    /// Another file than the one that was vouched for.
    #[error("ceremony file: expected blake2b-512 {expected}, got {got}; this is not the file that you trust")]
    OtherFile {
        /// the hash that was named
        expected: Box<FileHash>,
        /// the file's hash
        got: Box<FileHash>,
    },
    /// Text that is not a blake2b-512.
    #[error("blake2b-512: expected 128 hexadecimal digits, got {got}")]
    HashText {
        /// the text's length and fault
        got: String,
    },
    /// A damaged or foreign cache file.
    #[error(
        "SRS cache, {place}: expected {expected}, got {got}; delete the file, it can be made again"
    )]
    Cache {
        /// which field
        place: &'static str,
        /// what should stand there
        expected: String,
        /// what stands there
        got: String,
    },
    /// The file could not be read or written.
    #[error("SRS file: {0}")]
    Io(#[from] std::io::Error),
}
