//! `cargo xtask demo | test | artifacts`.
fn main() {}
