//! Forecasts that carry their proof: import, quantise, prove, verify, hedge.

pub mod bundle;
pub mod chain;
pub mod cli;
pub mod compile;
pub mod encoding;
pub mod forecaster;
pub mod import;
pub mod model;
pub mod prover;
pub mod rows;
pub mod store;
