//! The contracts of the local market: Uniswap's published bytecode and two stand-in tokens.

use std::path::Path;

use alloy::primitives::aliases::{I24, U24};
use alloy::primitives::{Address, Bytes, U256};
use alloy::sol;
use alloy::sol_types::SolValue;

use super::LocalOptions;
use crate::chain::artifact::{creation_code, read_creation_code};
use crate::chain::contracts::{IPositionManager, ISwapRouter, IToken};
use crate::chain::deploy::grow_observations;
use crate::chain::error::ChainError;
use crate::chain::network::{Network, LOCAL_CHAIN_ID};
use crate::chain::send::{Draft, Sender};
use crate::chain::uniswap::{pool_state, sqrt_from_price};

sol! {
    interface ILocalToken {
        function mint(address to, uint256 amount) external;
    }
}

/// Lowest and highest ticks that a fee of 0.3 % can use (spacing 60).
const FULL_RANGE: i32 = 887_220;
/// Observations that the pool keeps.
const CARDINALITY: u16 = 160;
/// WBTC and USDC of the deployer and of the pool: 1,000 BTC and as much in USDC.
const POOL_SATS: u64 = 1_000 * 100_000_000;

/// Creation codes of the market's contracts.
pub(super) struct Artifacts {
    factory: Bytes,
    weth: Bytes,
    positions: Bytes,
    router: Bytes,
    quoter: Bytes,
    token: Bytes,
}

impl Artifacts {
    pub(super) fn open(contracts_dir: &Path) -> Result<Self, ChainError> {
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
                include_str!("../../../contracts/artifacts/LocalToken.json"),
                "LocalToken.json",
            )?,
        })
    }
}

fn with_arguments(code: &Bytes, arguments: &[u8]) -> Bytes {
    [code.as_ref(), arguments].concat().into()
}

pub(super) async fn deploy_market(
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

pub(super) async fn mint(
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

pub(super) async fn swap(
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
