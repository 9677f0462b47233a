//! Forecasts that carry their proof: import, quantise, prove, verify, hedge.
