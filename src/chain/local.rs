//! A whole local market: anvil, the real Uniswap V3, two test tokens, a pool with depth and with
//! enough history for a TWAP. For the demo and for tests.

mod market;

use std::path::{Path, PathBuf};

use alloy::node_bindings::AnvilInstance;
use alloy::primitives::{Address, Bytes, B256, U256};
use alloy::providers::ext::AnvilApi;
use alloy::signers::local::PrivateKeySigner;
use veracast_circuits::srs::TauG2;

use super::anvil::{self, AnvilOptions};
use super::deploy::{deploy_gate, deploy_verifier, register_keys, GateTerms};
use super::error::ChainError;
use super::network::{Network, LOCAL_CHAIN_ID};
use super::rpc::{clock, Rpc};
use super::send::Sender;
use market::{deploy_market, mint, swap, Artifacts};

/// Seconds of history that the pool starts with, beyond any window used here.
const HISTORY: u64 = 2 * 3600;
/// A trade that moves the pool by a few ticks.
const TOUCH_SATS: u64 = 20_000_000;

/// What to start.
#[derive(Clone, Debug)]
pub struct LocalOptions {
    /// Folder whose `node_modules` holds Uniswap's artifacts (`contracts` of the repository).
    pub contracts_dir: PathBuf,
    /// Folder whose `node_modules` may hold anvil (`tools/evm` of the repository).
    pub tools_dir: PathBuf,
    /// Chain id; another than 31337 plays a public chain.
    pub chain_id: u64,
    /// Port of the node; a free one if `None`.
    pub port: Option<u16>,
    /// Seconds between blocks; at once if `None`.
    pub block_time: Option<u64>,
    /// Price at which the pool starts, in whole USD per BTC.
    pub btc_price: u64,
    /// Whether WBTC is the pool's token0.
    pub wbtc_is_token0: bool,
}

impl LocalOptions {
    /// The usual local market of a repository's checkout.
    pub fn in_repository(root: &Path) -> Self {
        Self {
            contracts_dir: root.join("contracts"),
            tools_dir: root.join("tools/evm"),
            chain_id: LOCAL_CHAIN_ID,
            port: None,
            block_time: None,
            btc_price: 60_637,
            wbtc_is_token0: true,
        }
    }
}

/// A running local market. The node ends with this value.
#[derive(Debug)]
pub struct LocalChain {
    node: AnvilInstance,
    deployer: Sender,
    /// The market as a network file states it; verifier, gate and models are added by
    /// [`LocalChain::deploy_gate`].
    pub network: Network,
}

impl LocalChain {
    /// Starts the node and builds the market; a few seconds.
    ///
    /// # Errors
    /// When anvil or Uniswap's artifacts are missing (with the command that installs them).
    pub async fn start(options: &LocalOptions) -> Result<Self, ChainError> {
        let program = anvil::find(&options.tools_dir)?;
        let artifacts = Artifacts::open(&options.contracts_dir)?;
        let node = anvil::start(
            &program,
            &AnvilOptions {
                chain_id: options.chain_id,
                timestamp: clock().saturating_sub(HISTORY),
                port: options.port,
                block_time: None,
            },
        )?;
        let rpc = Rpc::open(&node.endpoint(), options.chain_id)?;
        let deployer = Sender::new(rpc, key(&node, 0)?);
        let network = deploy_market(&deployer, &artifacts, options, node.endpoint()).await?;
        let this = Self { node, deployer, network };
        this.fill_history(options.btc_price).await?;
        if let Some(seconds) = options.block_time {
            let rpc = this.rpc();
            rpc.wrap(rpc.provider().anvil_set_interval_mining(seconds).await)?;
            rpc.wrap(rpc.provider().anvil_set_auto_mine(false).await)?;
        }
        Ok(this)
    }

    /// The node's endpoint.
    pub fn endpoint(&self) -> String {
        self.node.endpoint()
    }

    /// A connection to the node.
    pub fn rpc(&self) -> &Rpc {
        self.deployer.rpc()
    }

    /// The account that deployed everything and owns the first gate.
    pub fn deployer(&self) -> &Sender {
        &self.deployer
    }

    /// One of the node's ten funded test keys; 0 is the deployer's.
    ///
    /// # Errors
    /// When there is no such key.
    pub fn key(&self, index: usize) -> Result<PrivateKeySigner, ChainError> {
        key(&self.node, index)
    }

    /// Gives an account WBTC.
    ///
    /// # Errors
    /// The endpoint's failure.
    pub async fn give_wbtc(&self, to: Address, sats: u64) -> Result<(), ChainError> {
        mint(&self.deployer, self.network.wbtc, to, U256::from(sats)).await
    }

    /// Deploys a contract from an artifact that is not part of this library.
    ///
    /// # Errors
    /// As [`Sender::deploy`].
    pub async fn deploy_code(&self, what: &str, code: Bytes) -> Result<Address, ChainError> {
        self.deployer.deploy(what, code).await
    }

    /// Deploys our verifier for one SRS.
    ///
    /// # Errors
    /// As [`deploy_verifier`].
    pub async fn deploy_verifier(&self, tau: TauG2) -> Result<Address, ChainError> {
        deploy_verifier(&self.deployer, &self.network, tau).await
    }

    /// Registers keys with a verifier and deploys a gate with their digests for horizons 2, 3, 4
    /// and 5. Afterwards `network` is complete.
    ///
    /// # Errors
    /// As [`register_keys`] and [`deploy_gate`].
    pub async fn deploy_gate(
        &mut self,
        verifier: Address,
        keys: &[(B256, Bytes)],
        models: [B256; 4],
        terms: &GateTerms,
    ) -> Result<Address, ChainError> {
        register_keys(&self.deployer, verifier, keys).await?;
        self.network.verifier = Some(verifier);
        let gate = deploy_gate(&self.deployer, &self.network, models, terms).await?;
        self.network.gate = Some(gate);
        self.network.models = Some(models);
        Ok(gate)
    }

    /// Sells WBTC in the pool, so that its price moves. The deployer pays.
    ///
    /// # Errors
    /// The endpoint's failure.
    pub async fn sell_wbtc(&self, sats: u64) -> Result<(), ChainError> {
        swap(&self.deployer, &self.network, self.network.wbtc, self.network.usdc, U256::from(sats))
            .await
    }

    /// Buys WBTC in the pool for so many units of USDC. The deployer pays.
    ///
    /// # Errors
    /// The endpoint's failure.
    pub async fn buy_wbtc(&self, usdc: u64) -> Result<(), ChainError> {
        swap(&self.deployer, &self.network, self.network.usdc, self.network.wbtc, U256::from(usdc))
            .await
    }

    /// Moves the chain's clock and mines a block.
    ///
    /// # Errors
    /// The endpoint's failure.
    pub async fn warp(&self, seconds: u64) -> Result<(), ChainError> {
        let (rpc, provider) = (self.rpc(), self.rpc().provider());
        rpc.wrap(provider.anvil_increase_time(seconds).await)?;
        rpc.wrap(provider.anvil_mine(Some(1), None).await)
    }

    /// Trades a little to and fro over the pool's past, so that it has observations (it writes one
    /// only where the tick changes), and ends at this machine's time.
    async fn fill_history(&self, btc_price: u64) -> Result<(), ChainError> {
        let touches = 4;
        for touch in 0..touches {
            self.warp(HISTORY / (touches + 1)).await?;
            if touch % 2 == 0 {
                self.sell_wbtc(TOUCH_SATS).await?;
            } else {
                self.buy_wbtc(TOUCH_SATS / 100 * btc_price).await?;
            }
        }
        let behind = clock().saturating_sub(self.rpc().block_time().await?);
        self.warp(behind).await
    }
}

fn key(node: &AnvilInstance, index: usize) -> Result<PrivateKeySigner, ChainError> {
    node.nth_key(index)
        .map(|key| PrivateKeySigner::from(key.clone()))
        .ok_or_else(|| ChainError::invalid("test key", "0..=9", index, ""))
}
