//! The soundness tests: each is named after the attack that it refuses. `docs/circuit.md` maps the
//! catalogue of attacks to them.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[path = "../common/mod.rs"]
mod common;

mod arithmetic;
mod gates;
mod inequalities;
mod keys;
mod proofs;
mod property;
mod shapes;
mod tamper;
mod trees;
