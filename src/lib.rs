//! Forecasts that carry their proof: import, quantise, prove, verify, hedge.

pub mod chain;
pub mod cli;
pub mod compile;
pub mod encoding;
pub mod import;
pub mod model;
