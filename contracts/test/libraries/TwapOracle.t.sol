// SPDX-License-Identifier: MIT OR Apache-2.0
// Our means of tick and liquidity against Uniswap's OracleLibrary, on a real pool with random trades.
pragma solidity ^0.8.30;

import {TwapOracle} from "../../src/libraries/TwapOracle.sol";
import {GateFixture} from "../support/GateFixture.sol";

interface IConsult {
    function consult(address pool, uint32 secondsAgo) external view returns (int24, uint128);
}

contract TwapOracleTest is GateFixture {
    IConsult internal original;

    function setUp() public override {
        super.setUp();
        original = IConsult(deploy("out/uniswap/OracleHarness.sol/OracleHarness.json", ""));
    }

    function compare(address source, uint32 window) internal view {
        (int24 tick, uint256 liquidity) = TwapOracle.consult(source, window);
        (int24 theirs, uint128 theirLiquidity) = original.consult(source, window);
        assertEq(int256(tick), theirs, "mean tick");
        // They multiply by 2^160 - 1 where the mathematics says 2^160.
        assertNear(liquidity, theirLiquidity, 1, "harmonic mean liquidity");
    }

    function testFuzz_equalsOracleLibraryAfterRandomTrades(uint256 seed) public {
        for (uint256 i = 0; i < 8; i++) {
            uint256 word = uint256(keccak256(abi.encode(seed, i)));
            pass(word % 400);
            bool sell = (word >> 32) % 2 == 0;
            uint256 satoshi = bound(word >> 64, 1_000, 3e8);
            if (sell) trade(address(wbtc), address(usdc), satoshi);
            else trade(address(usdc), address(wbtc), satoshi * PRICE / 1e8);
            if (i == 4) provide(address(wbtc), address(usdc), FEE, bound(word >> 96, 1e8, 50e8), -EDGE, EDGE);
        }
        pass(seed % 1_000);
        compare(address(pool), uint32(bound(seed, 1, 1 hours)));
        compare(address(pool), WINDOW);
    }

    function testFuzz_equalsOracleLibraryAtAnyAccumulators(int56 a, int56 b, uint160 c, uint160 d, uint32 window)
        public
    {
        // Accumulators wrap: any pair is possible, but for the difference of seconds per liquidity that a pool cannot
        // have (less than the window itself) and mean ticks beyond 24 bits.
        window = uint32(bound(window, 1, 1 days));
        unchecked {
            vm.assume(uint160(d - c) >= window);
            b = a + int56(int256(bound(uint56(b), 0, uint256(window) * 1_600_000))) - int56(uint56(window)) * 800_000;
        }
        FixedPool source = new FixedPool(a, b, c, d);
        compare(address(source), window);
    }

    function test_roundsTheMeanTickDown() public {
        (int24 tick,) = TwapOracle.consult(address(new FixedPool(0, -1, 0, 1 << 100)), 1800);
        assertEq(int256(tick), -1, "just below 0");
        (tick,) = TwapOracle.consult(address(new FixedPool(0, 1799, 0, 1 << 100)), 1800);
        assertEq(int256(tick), 0, "just below 1");
        (tick,) = TwapOracle.consult(address(new FixedPool(0, -3600, 0, 1 << 100)), 1800);
        assertEq(int256(tick), -2, "exactly -2");
    }
}

contract ReversedTwapOracleTest is TwapOracleTest {
    function wbtcIsToken0() internal pure override returns (bool) {
        return false;
    }
}

/// @dev Answers `observe` with fixed accumulators.
contract FixedPool {
    int56 private immutable a;
    int56 private immutable b;
    uint160 private immutable c;
    uint160 private immutable d;

    constructor(int56 a_, int56 b_, uint160 c_, uint160 d_) {
        (a, b, c, d) = (a_, b_, c_, d_);
    }

    function observe(uint32[] calldata) external view returns (int56[] memory ticks, uint160[] memory seconds_) {
        ticks = new int56[](2);
        seconds_ = new uint160[](2);
        (ticks[0], ticks[1], seconds_[0], seconds_[1]) = (a, b, c, d);
    }
}
