// SPDX-License-Identifier: MIT OR Apache-2.0
// SwapRouter02's single swap. Its struct has no deadline (the older SwapRouter's has): the gate checks its own.
pragma solidity ^0.8.30;

/// @title The part of Uniswap's SwapRouter02 that the gate uses
interface ISwapRouter02 {
    /// @param tokenIn Token taken from the caller.
    /// @param tokenOut Token sent to `recipient`.
    /// @param fee Fee tier of the pool, in hundredths of a basis point.
    /// @param recipient Receiver of the output.
    /// @param amountIn Amount to sell. Zero means "the router's own balance", so callers must refuse it.
    /// @param amountOutMinimum The swap reverts below this output.
    /// @param sqrtPriceLimitX96 Price at which to stop half-way; zero to never stop.
    struct ExactInputSingleParams {
        address tokenIn;
        address tokenOut;
        uint24 fee;
        address recipient;
        uint256 amountIn;
        uint256 amountOutMinimum;
        uint160 sqrtPriceLimitX96;
    }

    /// @notice Swaps `amountIn` of one token for as much as possible of another. Selector 0x04e45aaf.
    function exactInputSingle(ExactInputSingleParams calldata params) external payable returns (uint256 amountOut);

    /// @notice The factory whose pools this router swaps in.
    function factory() external view returns (address);
}
