// SPDX-License-Identifier: MIT OR Apache-2.0
// A market made of Uniswap's published bytecode, so that the gate meets the contracts it will meet on chain.
pragma solidity ^0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IPool, IPoolFactory} from "../../src/interfaces/IPool.sol";
import {ISwapRouter02} from "../../src/interfaces/ISwapRouter02.sol";
import {LocalToken} from "../../src/local/LocalToken.sol";
import {Test} from "./Test.sol";

interface IFullPool is IPool {
    function initialize(uint160 sqrtPriceX96) external;
    function increaseObservationCardinalityNext(uint16 next) external;
    function slot0()
        external
        view
        returns (
            uint160 sqrtPriceX96,
            int24 tick,
            uint16 observationIndex,
            uint16 observationCardinality,
            uint16 observationCardinalityNext,
            uint8 feeProtocol,
            bool unlocked
        );
    function liquidity() external view returns (uint128);
}

interface IFullFactory is IPoolFactory {
    function createPool(address tokenA, address tokenB, uint24 fee) external returns (address);
}

interface IPositionManager {
    struct MintParams {
        address token0;
        address token1;
        uint24 fee;
        int24 tickLower;
        int24 tickUpper;
        uint256 amount0Desired;
        uint256 amount1Desired;
        uint256 amount0Min;
        uint256 amount1Min;
        address recipient;
        uint256 deadline;
    }

    function mint(MintParams calldata params) external payable returns (uint256, uint128, uint256, uint256);
}

interface IQuoter {
    struct QuoteExactInputSingleParams {
        address tokenIn;
        address tokenOut;
        uint256 amountIn;
        uint24 fee;
        uint160 sqrtPriceLimitX96;
    }

    function quoteExactInputSingle(QuoteExactInputSingleParams calldata params)
        external
        returns (uint256 amountOut, uint160, uint32, uint256);
}

abstract contract Uniswap is Test {
    using SafeERC20 for IERC20;

    uint256 internal constant START = 1_760_000_000; // 9 October 2025
    uint256 internal constant PRICE = 60_000e6; // 1e-6 USD per BTC
    uint24 internal constant FEE = 3000;
    /// @dev The widest range: the last usable tick at every tick spacing that divides 600.
    int24 internal constant EDGE = 886800;

    IFullFactory internal factory;
    ISwapRouter02 internal router;
    IPositionManager internal positions;
    IQuoter internal quoter;
    address internal trader = address(0x7AADE2);

    function deployUniswap() internal {
        vm.warp(START);
        vm.roll(1_000_000);
        address weth = deploy("node_modules/canonical-weth/build/contracts/WETH9.json", "");
        factory = IFullFactory(
            deploy("node_modules/@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json", "")
        );
        positions = IPositionManager(
            deploy(
                "node_modules/@uniswap/v3-periphery/artifacts/contracts/NonfungiblePositionManager.sol/NonfungiblePositionManager.json",
                abi.encode(factory, weth, address(0))
            )
        );
        router = ISwapRouter02(
            deploy(
                "node_modules/@uniswap/swap-router-contracts/artifacts/contracts/SwapRouter02.sol/SwapRouter02.json",
                abi.encode(address(0), factory, positions, weth)
            )
        );
        quoter = IQuoter(
            deploy(
                "node_modules/@uniswap/v3-periphery/artifacts/contracts/lens/QuoterV2.sol/QuoterV2.json",
                abi.encode(factory, weth)
            )
        );
    }

    /// @dev sqrt(token1 / token0) x 2^96 for a price in USDC units per 1e8 WBTC units.
    function sqrtPrice(address wbtc, address usdc, uint256 price) internal pure returns (uint160) {
        return uint160(
            wbtc < usdc ? Math.sqrt(Math.mulDiv(price, 1 << 192, 1e8)) : Math.sqrt(Math.mulDiv(1e8, 1 << 192, price))
        );
    }

    /// @dev Creates the pool with liquidity over the whole range and room for observations.
    function makePool(address wbtc, address usdc, uint24 fee, uint256 satoshi, uint16 cardinality)
        internal
        returns (IFullPool pool)
    {
        pool = emptyPool(wbtc, usdc, fee);
        provide(wbtc, usdc, fee, satoshi, -EDGE, EDGE);
        if (cardinality > 1) pool.increaseObservationCardinalityNext(cardinality);
    }

    function emptyPool(address wbtc, address usdc, uint24 fee) internal returns (IFullPool pool) {
        pool = IFullPool(factory.createPool(wbtc, usdc, fee));
        pool.initialize(sqrtPrice(wbtc, usdc, PRICE));
    }

    /// @dev Adds liquidity at the present price, between two ticks.
    function provide(address wbtc, address usdc, uint24 fee, uint256 satoshi, int24 low, int24 high) internal {
        uint256 dollars = satoshi * PRICE / 1e8;
        LocalToken(wbtc).mint(address(this), satoshi);
        LocalToken(usdc).mint(address(this), dollars);
        IERC20(wbtc).forceApprove(address(positions), satoshi);
        IERC20(usdc).forceApprove(address(positions), dollars);
        bool first = wbtc < usdc;
        positions.mint(
            IPositionManager.MintParams({
                token0: first ? wbtc : usdc,
                token1: first ? usdc : wbtc,
                fee: fee,
                tickLower: low,
                tickUpper: high,
                amount0Desired: first ? satoshi : dollars,
                amount1Desired: first ? dollars : satoshi,
                amount0Min: 0,
                amount1Min: 0,
                recipient: address(this),
                deadline: block.timestamp
            })
        );
    }

    /// @dev A trade by somebody else.
    function trade(address tokenIn, address tokenOut, uint256 amountIn) internal returns (uint256) {
        return trade(tokenIn, tokenOut, amountIn, FEE);
    }

    function trade(address tokenIn, address tokenOut, uint256 amountIn, uint24 fee)
        internal
        returns (uint256 amountOut)
    {
        LocalToken(tokenIn).mint(trader, amountIn);
        vm.startPrank(trader);
        IERC20(tokenIn).forceApprove(address(router), amountIn);
        amountOut = router.exactInputSingle(
            ISwapRouter02.ExactInputSingleParams(tokenIn, tokenOut, fee, trader, amountIn, 0, 0)
        );
        vm.stopPrank();
    }

    function pass(uint256 time) internal {
        vm.warp(block.timestamp + time);
        vm.roll(block.number + time / 12);
    }
}
