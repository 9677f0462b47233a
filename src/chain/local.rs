//! A whole local market: anvil, the real Uniswap V3, two test tokens, a pool with depth and with
//! enough history for a TWAP. For the demo and for tests.

use std::path::{Path, PathBuf};

use alloy::node_bindings::AnvilInstance;
use alloy::primitives::aliases::{I24, U24};
use alloy::primitives::{Address, Bytes, B256, U256};
use alloy::providers::ext::AnvilApi;
use alloy::signers::local::PrivateKeySigner;
use alloy::sol;
use alloy::sol_types::SolValue;
use veracast_circuits::srs::TauG2;

use super::anvil::{self, AnvilOptions};
use super::artifact::{creation_code, read_creation_code};
use super::contracts::{IPositionManager, ISwapRouter, IToken};
use super::deploy::{deploy_gate, deploy_verifier, grow_observations, register_keys, GateTerms};

use super::error::ChainError;
use super::network::{Network, LOCAL_CHAIN_ID};
use super::rpc::{clock, Rpc};
use super::send::{Draft, Sender};
use super::uniswap::{pool_state, sqrt_from_price};

sol! {
    interface ILocalToken {
        function mint(address to, uint256 amount) external;
    }
}

/// Lowest and highest ticks that a fee of 0.3 % can use (spacing 60).
const FULL_RANGE: i32 = 887_220;
/// Observations that the pool keeps.
const CARDINALITY: u16 = 160;
/// Seconds of history that the pool starts with, beyond any window used here.
const HISTORY: u64 = 2 * 3600;
/// WBTC and USDC of the deployer and of the pool: 1,000 BTC and as much in USDC.
const POOL_SATS: u64 = 1_000 * 100_000_000;
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

/// Creation codes of the market's contracts.
struct Artifacts {
    factory: Bytes,
    weth: Bytes,
    positions: Bytes,
    router: Bytes,
    quoter: Bytes,
    token: Bytes,
}

impl Artifacts {
    fn open(contracts_dir: &Path) -> Result<Self, ChainError> {
        let modules = contracts_dir.join("node_modules");
        if !modules.is_dir() {
            return Err(ChainError::Missing {
                what: format!("Uniswap's bytecode in {}", modules.display()),
                advice: format!(
                    "run `npm ci --ignore-scripts --prefix {}`",
                    contracts_dir.display()
                ),
            });
        }
        let read = |path: &str| read_creation_code(&modules.join(path));
        let core = "@uniswap/v3-core/artifacts/contracts";
        let periphery = "@uniswap/v3-periphery/artifacts/contracts";
        let routers = "@uniswap/swap-router-contracts/artifacts/contracts";
        Ok(Self {
            factory: read(&format!("{core}/UniswapV3Factory.sol/UniswapV3Factory.json"))?,
            weth: read("canonical-weth/build/contracts/WETH9.json")?,
            positions: read(&format!(
                "{periphery}/NonfungiblePositionManager.sol/NonfungiblePositionManager.json"
            ))?,
            router: read(&format!("{routers}/SwapRouter02.sol/SwapRouter02.json"))?,
            quoter: read(&format!("{routers}/lens/QuoterV2.sol/QuoterV2.json"))?,
            token: creation_code(
                include_str!("../../contracts/artifacts/LocalToken.json"),
                "LocalToken.json",
            )?,
        })
    }
}

fn with_arguments(code: &Bytes, arguments: &[u8]) -> Bytes {
    [code.as_ref(), arguments].concat().into()
}

async fn deploy_market(
    sender: &Sender,
    artifacts: &Artifacts,
    options: &LocalOptions,
    endpoint: String,
) -> Result<Network, ChainError> {
    let factory = sender.deploy("UniswapV3Factory", artifacts.factory.clone()).await?;
    let weth = sender.deploy("WETH9", artifacts.weth.clone()).await?;
    let of_market = (factory, weth);
    let positions =
        with_arguments(&artifacts.positions, &(factory, weth, Address::ZERO).abi_encode_params());
    let positions = sender.deploy("NonfungiblePositionManager", positions).await?;
    let router = (Address::ZERO, factory, positions, weth);
    let router = sender
        .deploy("SwapRouter02", with_arguments(&artifacts.router, &router.abi_encode_params()))
        .await?;
    let quoter = sender
        .deploy("QuoterV2", with_arguments(&artifacts.quoter, &of_market.abi_encode_params()))
        .await?;
    let wbtc = deploy_token(sender, &artifacts.token, "Local WBTC", "WBTC", 8).await?;
    let usdc = loop {
        let usdc = deploy_token(sender, &artifacts.token, "Local USDC", "USDC", 6).await?;
        // Uniswap orders tokens by address: try again until the order is the one asked for.
        if (wbtc < usdc) == options.wbtc_is_token0 {
            break usdc;
        }
    };
    let local = options.chain_id == LOCAL_CHAIN_ID;
    let network = Network {
        name: if local { "local".into() } else { format!("chain-{}", options.chain_id) },
        chain_id: options.chain_id,
        wbtc,
        usdc,
        fee: 3000,
        factory,
        router,
        quoter: Some(quoter),
        verifier: None,
        gate: None,
        rpc_env: None,
        rpc_url: local.then_some(endpoint),
        models: None,
    };
    open_pool(sender, &network, positions, options.btc_price).await?;
    Ok(network)
}

async fn deploy_token(
    sender: &Sender,
    code: &Bytes,
    name: &str,
    symbol: &str,
    decimals: u8,
) -> Result<Address, ChainError> {
    let arguments = (name.to_string(), symbol.to_string(), U256::from(decimals));
    sender.deploy(symbol, with_arguments(code, &arguments.abi_encode_params())).await
}

async fn open_pool(
    sender: &Sender,
    network: &Network,
    positions: Address,
    btc_price: u64,
) -> Result<(), ChainError> {
    let first = network.wbtc < network.usdc;
    let sats = U256::from(POOL_SATS);
    let usdc = U256::from(btc_price) * U256::from(POOL_SATS / 100);
    for (token, amount) in [(network.wbtc, sats), (network.usdc, usdc)] {
        mint(sender, token, sender.address(), amount * U256::from(2u8)).await?;
        for spender in [positions, network.router] {
            let call = IToken::approveCall { spender, amount: U256::MAX };
            sender.execute(&Draft::call("approve", token, &call)).await?;
        }
    }
    let ordered = |a, b| if first { (a, b) } else { (b, a) };
    let (token0, token1) = ordered(network.wbtc, network.usdc);
    let create = IPositionManager::createAndInitializePoolIfNecessaryCall {
        token0,
        token1,
        fee: U24::from(network.fee),
        sqrtPriceX96: sqrt_from_price(U256::from(btc_price) * U256::from(1_000_000u32), first),
    };
    sender.execute(&Draft::call("create pool", positions, &create)).await?;
    let (amount0, amount1) = if first { (sats, usdc) } else { (usdc, sats) };
    let params = IPositionManager::MintParams {
        token0,
        token1,
        fee: U24::from(network.fee),
        tickLower: I24::unchecked_from(-FULL_RANGE),
        tickUpper: I24::unchecked_from(FULL_RANGE),
        amount0Desired: amount0,
        amount1Desired: amount1,
        amount0Min: U256::ZERO,
        amount1Min: U256::ZERO,
        recipient: sender.address(),
        deadline: U256::MAX,
    };
    sender
        .execute(&Draft::call("mint position", positions, &IPositionManager::mintCall { params }))
        .await?;
    let pool = pool_state(sender.rpc(), network).await?;
    grow_observations(sender, &pool, CARDINALITY).await.map(drop)
}

async fn mint(
    sender: &Sender,
    token: Address,
    to: Address,
    amount: U256,
) -> Result<(), ChainError> {
    sender
        .execute(&Draft::call("mint", token, &ILocalToken::mintCall { to, amount }))
        .await
        .map(drop)
}

async fn swap(
    sender: &Sender,
    network: &Network,
    sold: Address,
    bought: Address,
    amount: U256,
) -> Result<(), ChainError> {
    let params = ISwapRouter::ExactInputSingleParams {
        tokenIn: sold,
        tokenOut: bought,
        fee: U24::from(network.fee),
        recipient: sender.address(),
        amountIn: amount,
        amountOutMinimum: U256::ZERO,
        sqrtPriceLimitX96: alloy::primitives::U160::ZERO,
    };
    let call = ISwapRouter::exactInputSingleCall { params };
    sender.execute(&Draft::call("swap", network.router, &call)).await.map(drop)
}
