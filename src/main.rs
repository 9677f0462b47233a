//! The `veracast` command.
fn main() {}
