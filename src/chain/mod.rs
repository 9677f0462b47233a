//! The chain: networks, keys, contracts, the pool, the hedge and its journal.
//!
//! Everything asynchronous in veracast lives under this module; the command line
//! enters it through one runtime at its edge.

pub mod anvil;
pub mod artifact;
pub mod contracts;
pub mod costs;
pub mod decimal;
pub mod deploy;
pub mod error;
pub mod figures;
pub mod hedge;
pub mod home;
pub mod journal;
pub mod local;
pub mod network;
pub mod registry;
pub mod rpc;
pub mod send;
pub mod simulate;
pub mod uniswap;
pub mod wallet;

pub use error::ChainError;
pub use network::Network;
