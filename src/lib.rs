//! Forecasts that carry their proof: import, quantise, prove, verify, hedge.

pub mod import;
pub mod model;
