// SPDX-License-Identifier: MIT OR Apache-2.0
// The spot price belongs to whoever traded last; the mean over half an hour is expensive to move.
pragma solidity ^0.8.30;

import {IPool} from "../interfaces/IPool.sol";

/// @title Time-weighted means of a Uniswap V3 pool
library TwapOracle {
    /// @notice Mean tick and harmonic mean liquidity from `window` seconds ago until now.
    /// @dev Reverts with the pool's own "OLD" when its history is shorter than the window; there is no other source.
    /// A trade earlier in this block has no weight: the pool accounts for time before it moves its price.
    /// @param pool The pool; must be the real one.
    /// @param window Seconds, not 0.
    /// @return meanTick Arithmetic mean of the tick, rounded down: the geometric mean of the price.
    /// @return meanLiquidity Harmonic mean of the in-range liquidity, rounded down.
    function consult(address pool, uint32 window) internal view returns (int24 meanTick, uint256 meanLiquidity) {
        uint32[] memory secondsAgos = new uint32[](2);
        secondsAgos[0] = window;
        (int56[] memory ticks, uint160[] memory secondsPerLiquidity) = IPool(pool).observe(secondsAgos);
        unchecked {
            // Both accumulators wrap by design: their differences are taken modulo the width of their types.
            int56 tickSeconds = ticks[1] - ticks[0];
            int56 span = int56(uint56(window));
            int56 mean = tickSeconds / span;
            if (tickSeconds < 0 && tickSeconds % span != 0) mean--;
            meanTick = int24(mean);
            // The pool adds seconds * 2^128 / max(liquidity, 1), so the difference is at least `window`, never 0.
            meanLiquidity = (uint256(window) << 128) / (secondsPerLiquidity[1] - secondsPerLiquidity[0]);
        }
    }
}
