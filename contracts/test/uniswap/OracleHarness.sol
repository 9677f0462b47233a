// SPDX-License-Identifier: MIT OR Apache-2.0
// Uniswap's own arithmetic behind external functions, for the tests to compare ours with. Compiled by the tests,
// deployed by nobody.
pragma solidity =0.7.6;

import "@uniswap/v3-periphery/contracts/libraries/OracleLibrary.sol";

contract OracleHarness {
    function sqrtRatioAtTick(int24 tick) external pure returns (uint160) {
        return TickMath.getSqrtRatioAtTick(tick);
    }

    function quoteAtTick(int24 tick, uint128 amount, address base, address quote) external pure returns (uint256) {
        return OracleLibrary.getQuoteAtTick(tick, amount, base, quote);
    }

    function consult(address pool, uint32 secondsAgo) external view returns (int24, uint128) {
        return OracleLibrary.consult(pool, secondsAgo);
    }
}
