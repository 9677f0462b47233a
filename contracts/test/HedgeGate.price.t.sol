// SPDX-License-Identifier: MIT OR Apache-2.0
// The price of a forecast and of a swap is the pool's over half an hour, never that of the moment.
pragma solidity ^0.8.30;

import {IHedgeGate} from "../src/interfaces/IHedgeGate.sol";
import {GateFixture} from "./support/GateFixture.sol";
import {IFullPool, IQuoter} from "./support/Uniswap.sol";

contract HedgeGatePriceTest is GateFixture {
    function text(string memory reason) internal pure returns (bytes memory) {
        return abi.encodeWithSignature("Error(string)", reason);
    }

    function outside(uint256 price) internal view returns (bytes memory) {
        (uint256 twapPrice,) = gate.twap();
        return abi.encodeWithSelector(IHedgeGate.PriceOutsideBand.selector, price, twapPrice, BAND);
    }

    function quote(uint256 amount) internal returns (uint256 out) {
        (out,,,) = quoter.quoteExactInputSingle(
            IQuoter.QuoteExactInputSingleParams(address(wbtc), address(usdc), amount, FEE, 0)
        );
    }

    function test_refusesAValidProofOverAnInventedPrice() public {
        IHedgeGate.Hedge memory h = honest(miner);
        uint256[5] memory invented = [uint256(0), 1, PRICE / 2, PRICE * 2, SCALAR_FIELD - 1];
        for (uint256 i = 0; i < invented.length; i++) {
            h.btcPrice = invented[i];
            h.proof = prove(h, miner);
            refuse(h, outside(h.btcPrice));
        }
        h.btcPrice = type(uint256).max;
        h.proof = prove(h, miner);
        refuse(h, outside(h.btcPrice));
    }

    function test_theBandEndsExactlyWhereItSays() public {
        (uint256 twapPrice,) = gate.twap();
        uint256 width = twapPrice * BAND / 10_000;
        IHedgeGate.Hedge memory h = honest(miner);
        h.btcPrice = twapPrice + width + 1;
        h.proof = prove(h, miner);
        refuse(h, outside(h.btcPrice));
        h.btcPrice = twapPrice - width - 1;
        h.proof = prove(h, miner);
        refuse(h, outside(h.btcPrice));
        h.btcPrice = twapPrice - width;
        h.proof = prove(h, miner);
        assertTrue(send(h) > 0, "lower end");
        // The upper end passes the band; the swap then has to pay that price less slippage, and cannot.
        h = honest(miner);
        h.btcPrice = twapPrice + width;
        h.proof = prove(h, miner);
        refuse(h, text("Too little received"));
    }

    function test_aStaleForecastIsRefusedOnceThePriceHasMoved() public {
        IHedgeGate.Hedge memory h = honest(miner);
        h.deadline = block.timestamp + 1 days;
        h.proof = prove(h, miner);
        trade(address(wbtc), address(usdc), 5e8);
        pass(WINDOW);
        refuse(h, outside(h.btcPrice));
    }

    function test_aSandwichIsRefusedThoughTheCallerSetNoMinimum() public {
        (uint256 twapBefore,) = gate.twap();
        uint256 fair = quote(AMOUNT);
        trade(address(wbtc), address(usdc), 5e8); // the attacker sells first, in this block
        (uint256 twapAfter,) = gate.twap();
        assertEq(twapAfter, twapBefore, "a trade in this block has no weight");
        uint256 spot = quote(AMOUNT);
        assertTrue(spot < fair * 95 / 100, "the attack moved the spot price");
        assertTrue(gate.leastOutput(AMOUNT, PRICE, twapAfter) > spot, "the minimum did not follow it");
        refuse(honest(miner), text("Too little received"));
    }

    function test_aSandwichInTheOtherDirectionOnlyPaysTheSender() public {
        uint256 fair = quote(AMOUNT);
        trade(address(usdc), address(wbtc), 100_000e6);
        assertTrue(send(honest(miner)) > fair, "output");
    }

    function test_holdingThePriceForOneBlockMovesTheTwapByItsShareOfTheWindow() public {
        (uint256 twapBefore,) = gate.twap();
        trade(address(wbtc), address(usdc), 5e8); // 9.5 % down, some 1,000 ticks
        pass(12);
        (uint256 twapAfter,) = gate.twap();
        // 12 s of 1,800 s at 1,000 ticks: 7 ticks, 0.07 %.
        assertTrue(twapAfter < twapBefore, "moved");
        assertTrue(twapAfter * 10_000 > twapBefore * 9_990, "by less than 0.1 %");
        refuse(honest(miner), text("Too little received"));
    }

    function test_theLargestOfTheThreeMinimumsCounts() public {
        (uint256 twapPrice,) = gate.twap();
        uint256 twapMinimum = AMOUNT * twapPrice * 99 / 100 / 1e8;
        assertNear(gate.leastOutput(AMOUNT, twapPrice / 2, twapPrice), twapMinimum, 1, "TWAP");
        assertNear(gate.leastOutput(AMOUNT, twapPrice * 2, twapPrice), twapMinimum * 2, 2, "proven price");
        uint256 fair = quote(AMOUNT);
        IHedgeGate.Hedge memory h = honest(miner);
        h.minAmountOut = fair + 1;
        refuse(h, text("Too little received"));
        h.minAmountOut = fair;
        assertEq(send(h), fair, "the caller's minimum is met");
    }

    function test_oneSatoshiHasAMinimumToo() public {
        IHedgeGate.Hedge memory h = honest(miner);
        h.amountSats = 1;
        h.proof = prove(h, miner);
        (uint256 twapPrice,) = gate.twap();
        assertTrue(gate.leastOutput(1, PRICE, twapPrice) > 0, "minimum");
        // The pool's fee rounds a whole satoshi away, so the minimum cannot be met.
        refuse(h, text("Too little received"));
    }

    function test_aWindowLongerThanThePoolsHistoryIsRefused() public {
        IHedgeGate.Config memory c = config();
        c.twapWindow = 4 hours; // the pool is two hours old
        gate = deployGate(c);
        vm.expectRevert(text("OLD"));
        gate.twap();
        refuse(honest(miner), text("OLD"));
    }

    function test_aPoolWithRoomForOneObservationIsRefusedAfterATrade() public {
        gate = gateAt(500, 100e8, 1);
        pass(1 days);
        (uint256 quiet,) = gate.twap();
        assertNear(quiet, PRICE, PRICE / 5_000, "a day without trades has one price");
        trade(address(wbtc), address(usdc), 2_000_000, 500);
        pass(12);
        refuse(honest(miner), text("OLD"));
        pass(WINDOW - 13);
        refuse(honest(miner), text("OLD"));
        pass(1);
        gate.twap();
    }

    function test_aThinPoolIsRefused() public {
        // 0.0001 BTC of liquidity over the whole range.
        gate = gateAt(500, 10_000, 64);
        pass(1 days);
        bytes memory reason =
            abi.encodeWithSelector(IHedgeGate.LiquidityTooLow.selector, harmonicLiquidity(gate.pool()), MIN_LIQUIDITY);
        vm.expectRevert(reason);
        gate.twap();
        refuse(honest(miner), reason);
    }

    function test_liquidityAddedInThisBlockDoesNotCount() public {
        gate = gateAt(500, 10_000, 64);
        pass(1 days);
        provide(address(wbtc), address(usdc), 500, 100e8, -EDGE, EDGE);
        refuse(
            honest(miner),
            abi.encodeWithSelector(IHedgeGate.LiquidityTooLow.selector, harmonicLiquidity(gate.pool()), MIN_LIQUIDITY)
        );
    }

    /// @dev A gate on a second pool of the same tokens.
    function gateAt(uint24 fee, uint256 satoshi, uint16 cardinality) internal returns (IHedgeGate) {
        makePool(address(wbtc), address(usdc), fee, satoshi, cardinality);
        IHedgeGate.Config memory c = config();
        c.fee = fee;
        return deployGate(c);
    }

    function harmonicLiquidity(address source) internal view returns (uint256) {
        uint32[] memory ago = new uint32[](2);
        ago[0] = WINDOW;
        (, uint160[] memory seconds_) = IFullPool(source).observe(ago);
        return (uint256(WINDOW) << 128) / (seconds_[1] - seconds_[0]);
    }
}

contract ReversedHedgeGatePriceTest is HedgeGatePriceTest {
    function wbtcIsToken0() internal pure override returns (bool) {
        return false;
    }
}
