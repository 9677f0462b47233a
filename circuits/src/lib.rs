//! The integer Program, its circuit, keys, proofs and their verification.

pub mod srs;
