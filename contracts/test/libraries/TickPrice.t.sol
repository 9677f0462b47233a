// SPDX-License-Identifier: MIT OR Apache-2.0
// Our tick arithmetic against Uniswap's own, compiled from its sources.
pragma solidity ^0.8.30;

import {TickPrice} from "../../src/libraries/TickPrice.sol";
import {Test} from "../support/Test.sol";

interface IOracleHarness {
    function sqrtRatioAtTick(int24 tick) external pure returns (uint160);
    function quoteAtTick(int24 tick, uint128 amount, address base, address quote) external pure returns (uint256);
}

contract TickPriceTest is Test {
    int24 internal constant MAX = 887272;
    IOracleHarness internal original;

    function setUp() public {
        original = IOracleHarness(deploy("out/uniswap/OracleHarness.sol/OracleHarness.json", ""));
    }

    /// @dev External, so that a revert can be expected.
    function sqrtPriceX96(int24 tick) external pure returns (uint160) {
        return TickPrice.sqrtPriceX96(tick);
    }

    function check(int24 tick) internal view {
        assertEq(TickPrice.sqrtPriceX96(tick), original.sqrtRatioAtTick(tick), "square root of the price");
    }

    function test_equalsUniswapAtEveryPowerOfTwoAndBesideIt() public view {
        for (uint256 bit = 0; bit < 20; bit++) {
            for (int24 step = -1; step <= 1; step++) {
                int24 tick = int24(int256(1 << bit)) + step;
                if (tick > MAX) continue;
                check(tick);
                check(-tick);
            }
        }
    }

    function test_equalsUniswapAtTheEnds() public view {
        check(0);
        check(MAX);
        check(-MAX);
        check(MAX - 1);
        check(1 - MAX);
    }

    function test_refusesTicksThatNoPoolHas() public {
        vm.expectRevert(abi.encodeWithSelector(TickPrice.TickOutOfRange.selector, MAX + 1));
        this.sqrtPriceX96(MAX + 1);
        vm.expectRevert(abi.encodeWithSelector(TickPrice.TickOutOfRange.selector, -MAX - 1));
        this.sqrtPriceX96(-MAX - 1);
        vm.expectRevert(abi.encodeWithSelector(TickPrice.TickOutOfRange.selector, type(int24).min));
        this.sqrtPriceX96(type(int24).min);
    }

    function testFuzz_sqrtPriceEqualsUniswap(uint256 seed) public view {
        for (uint256 i = 0; i < 16; i++) {
            uint256 word = uint256(keccak256(abi.encode(seed, i)));
            check(int24(int256(bound(word, 0, 2 * uint24(MAX)))) - MAX);
        }
    }

    function testFuzz_quoteEqualsOracleLibrary(uint256 seed, uint128 amount, bool ofToken0) public view {
        int24 tick = int24(int256(bound(seed, 0, 2 * uint24(MAX)))) - MAX;
        (address base, address other) = ofToken0 ? (address(1), address(2)) : (address(2), address(1));
        // Beyond this the original overflows too; the gate quotes 1e8.
        amount = uint128(bound(amount, 0, 1e30));
        assertEq(TickPrice.quote(tick, amount, ofToken0), original.quoteAtTick(tick, amount, base, other), "quote");
    }

    function testFuzz_quoteOfOneBitcoinEqualsOracleLibraryAtBitcoinsTicks(uint256 seed) public view {
        // 10 to 10,000,000 USD per BTC are ticks of -23,028 to 115,136 (WBTC first), or their negatives.
        int24 tick = int24(int256(bound(seed, 0, 138_164))) - 23_028;
        assertEq(TickPrice.quote(tick, 1e8, true), original.quoteAtTick(tick, 1e8, address(1), address(2)), "token0");
        assertEq(TickPrice.quote(-tick, 1e8, false), original.quoteAtTick(-tick, 1e8, address(2), address(1)), "token1");
    }
}
