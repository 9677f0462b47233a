// SPDX-License-Identifier: MIT OR Apache-2.0
// The little that the gate needs of a Uniswap V3 pool and its factory.
pragma solidity ^0.8.30;

/// @title A Uniswap V3 pool, as an oracle
interface IPool {
    /// @notice The token with the smaller address.
    function token0() external view returns (address);

    /// @notice The token with the larger address.
    function token1() external view returns (address);

    /// @notice Accumulated tick and seconds per unit of liquidity at points in the past.
    /// @dev Reverts with "OLD" when the pool's history does not reach back far enough.
    /// @param secondsAgos Seconds before now, one for each answer.
    /// @return tickCumulatives Sum over time of tick x seconds.
    /// @return secondsPerLiquidityCumulativeX128s Sum over time of seconds / liquidity, scaled by 2^128.
    function observe(uint32[] calldata secondsAgos)
        external
        view
        returns (int56[] memory tickCumulatives, uint160[] memory secondsPerLiquidityCumulativeX128s);
}

/// @title The factory that alone says which pool is the real one
interface IPoolFactory {
    /// @notice The pool of two tokens, in either order, at one fee; zero if there is none.
    /// @param fee In hundredths of a basis point (3000 is 0.3 %).
    function getPool(address tokenA, address tokenB, uint24 fee) external view returns (address pool);
}
