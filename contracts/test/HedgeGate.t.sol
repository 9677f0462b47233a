// SPDX-License-Identifier: MIT OR Apache-2.0
// What an honest hedge gets, and what its limits refuse, with WBTC as token0 and as token1.
pragma solidity ^0.8.30;

import {IHedgeGate} from "../src/interfaces/IHedgeGate.sol";
import {GateFixture} from "./support/GateFixture.sol";
import {IOwnable2Step} from "./support/IOwnable2Step.sol";
import {IQuoter} from "./support/Uniswap.sol";
import {Vm} from "./support/Vm.sol";

contract HedgeGateTest is GateFixture {
    /// @dev The fields of `Hedged` that are not indexed, in order.
    struct HedgedData {
        uint256 nonce;
        uint256 deadline;
        uint8 month;
        uint256 amountIn;
        uint256 amountOut;
        uint256 minOut;
        uint256 btcPrice;
        uint256 twapPrice;
        uint256 binding;
        bytes32 proofHash;
    }

    function test_swapsExactlyTheProvenAmountToTheSender() public {
        IHedgeGate.Hedge memory h = honest(miner);
        (uint256 quoted,,,) = quoter.quoteExactInputSingle(
            IQuoter.QuoteExactInputSingleParams(address(wbtc), address(usdc), AMOUNT, FEE, 0)
        );
        uint256 amountOut = send(h);
        assertEq(amountOut, quoted, "output is QuoterV2's");
        assertEq(usdc.balanceOf(miner), quoted, "USDC of the sender");
        assertEq(wbtc.balanceOf(miner), 1e8 - AMOUNT, "WBTC of the sender");
        assertEq(gate.nonces(miner), 1, "nonce");
        assertGateIsEmpty();
    }

    function test_everyHorizonHasItsModel() public {
        for (uint8 horizon = 2; horizon <= 5; horizon++) {
            IHedgeGate.Hedge memory h = honest(miner);
            h.horizon = horizon;
            h.proof = prove(h, miner);
            send(h);
        }
        assertEq(gate.nonces(miner), 4, "nonce");
        assertEq(wbtc.balanceOf(miner), 1e8 - 4 * AMOUNT, "WBTC of the sender");
    }

    function test_theEventTellsAllThatAnAuditorNeeds() public {
        IHedgeGate.Hedge memory h = honest(miner);
        h.horizon = 3;
        h.proof = prove(h, miner);
        (uint256 twapPrice,) = gate.twap();
        uint256 bound_ = gate.binding(miner, h.nonce, h.deadline);
        vm.recordLogs();
        uint256 amountOut = send(h);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        Vm.Log memory log = logs[logs.length - 1];
        assertEq(log.emitter, address(gate), "emitter");
        assertEq(log.topics[0], IHedgeGate.Hedged.selector, "event");
        assertEq(log.topics[1], bytes32(uint256(uint160(miner))), "sender");
        assertEq(log.topics[2], digests[1], "model");
        assertEq(log.topics[3], bytes32(uint256(3)), "horizon");
        HedgedData memory data = abi.decode(log.data, (HedgedData));
        assertEq(data.nonce, 0, "nonce");
        assertEq(data.deadline, h.deadline, "deadline");
        assertEq(data.month, 10, "month");
        assertEq(data.amountIn, AMOUNT, "amount in");
        assertEq(data.amountOut, amountOut, "amount out");
        assertEq(data.minOut, gate.leastOutput(AMOUNT, PRICE, twapPrice), "minimum");
        assertEq(data.btcPrice, PRICE, "price");
        assertEq(data.twapPrice, twapPrice, "TWAP");
        assertEq(data.binding, bound_, "binding");
        assertEq(data.proofHash, keccak256(h.proof), "proof");
    }

    function test_bindingIsTheDocumentedHash() public view {
        bytes32 typeHash = keccak256(
            "VeracastHedge(uint256 chainId,address gate,address sender,uint256 nonce,uint256 deadline,bytes32 model2,bytes32 model3,bytes32 model4,bytes32 model5)"
        );
        bytes memory head = abi.encode(typeHash, block.chainid, gate, miner, uint256(7), uint256(8));
        bytes32 hash = keccak256(bytes.concat(head, digests[0], digests[1], digests[2], digests[3]));
        assertEq(gate.binding(miner, 7, 8), uint256(hash) % SCALAR_FIELD, "binding");
    }

    function test_immutablesAreReadable() public view {
        assertEq(gate.verifier(), address(verifier), "verifier");
        assertEq(gate.router(), address(router), "router");
        assertEq(gate.pool(), address(pool), "pool");
        assertEq(gate.wbtc(), address(wbtc), "wbtc");
        assertEq(gate.usdc(), address(usdc), "usdc");
        assertEq(gate.fee(), FEE, "fee");
        assertEq(gate.twapWindow(), WINDOW, "window");
        assertEq(gate.minLiquidity(), MIN_LIQUIDITY, "liquidity");
        assertEq(gate.priceBandBps(), BAND, "band");
        assertEq(gate.maxSlippageBps(), SLIPPAGE, "slippage");
        assertEq(gate.activationDelay(), DELAY, "delay");
        assertEq(IOwnable2Step(address(gate)).owner(), owner, "owner");
    }

    function test_refusesAnAmountOfZero() public {
        // SwapRouter02 would take 0 as "all that the router holds".
        IHedgeGate.Hedge memory h = honest(miner);
        h.amountSats = 0;
        h.proof = prove(h, miner);
        refuse(h, abi.encodeWithSelector(IHedgeGate.NothingToSwap.selector));
    }

    function test_refusesMoreThanTheSenderAllows() public {
        IHedgeGate.Hedge memory h = honest(miner);
        h.maxAmountIn = AMOUNT - 1;
        refuse(h, abi.encodeWithSelector(IHedgeGate.AmountAboveMaximum.selector, AMOUNT, AMOUNT - 1));
    }

    function test_refusesAnAmountBeyondAnyForecast() public {
        IHedgeGate.Hedge memory h = honest(miner);
        uint256 r = SCALAR_FIELD;
        h.amountSats = AMOUNT + r; // the same field element, another amount
        h.maxAmountIn = type(uint256).max;
        refuse(h, abi.encodeWithSelector(IHedgeGate.AmountAboveMaximum.selector, AMOUNT + r, type(uint64).max));
    }

    function test_refusesWithoutAllowanceAndKeepsTheNonce() public {
        vm.prank(miner);
        wbtc.approve(address(gate), AMOUNT - 1);
        IHedgeGate.Hedge memory h = honest(miner);
        vm.expectRevert();
        send(h);
        assertEq(gate.nonces(miner), 0, "nonce");
    }

    function test_refusesAnExpiredDeadline() public {
        IHedgeGate.Hedge memory h = honest(miner);
        vm.warp(h.deadline + 1);
        refuse(h, abi.encodeWithSelector(IHedgeGate.Expired.selector, h.deadline, h.deadline + 1));
    }

    function test_acceptsTheLastSecondOfTheDeadline() public {
        IHedgeGate.Hedge memory h = honest(miner);
        vm.warp(h.deadline);
        assertTrue(send(h) > 0, "output");
    }

    function test_refusesADeadlineThatIsNone() public {
        IHedgeGate.Hedge memory h = honest(miner);
        h.deadline = type(uint256).max;
        h.proof = prove(h, miner);
        refuse(h, abi.encodeWithSelector(IHedgeGate.DeadlineTooFar.selector, h.deadline, block.timestamp + 1 days));
        h.deadline = block.timestamp + 1 days + 1;
        h.proof = prove(h, miner);
        refuse(h, abi.encodeWithSelector(IHedgeGate.DeadlineTooFar.selector, h.deadline, block.timestamp + 1 days));
        h.deadline--;
        h.proof = prove(h, miner);
        assertTrue(send(h) > 0, "output");
    }

    function test_refusesAnotherMonth() public {
        IHedgeGate.Hedge memory h = honest(miner);
        for (uint8 month = 0; month <= 13; month++) {
            if (month == 10) continue;
            h.month = month;
            h.proof = prove(h, miner);
            refuse(h, abi.encodeWithSelector(IHedgeGate.MonthMismatch.selector, month, block.timestamp));
        }
    }

    function test_onTheFirstTheMonthBeforePassesToo() public {
        // 1 November 2025, 00:00 UTC, and the last second of that day.
        for (uint256 i = 0; i < 2; i++) {
            vm.warp(i == 0 ? 1_761_955_200 : 1_762_041_599);
            assertTrue(send(honest(miner)) > 0, "October on 1 November");
            IHedgeGate.Hedge memory h = honest(miner);
            h.month = 11;
            h.proof = prove(h, miner);
            assertTrue(send(h) > 0, "November on 1 November");
        }
        vm.warp(1_762_041_600);
        IHedgeGate.Hedge memory late = honest(miner);
        refuse(late, abi.encodeWithSelector(IHedgeGate.MonthMismatch.selector, 10, block.timestamp));
    }

    function test_refusesAHorizonWithoutModelAndServesTheOthers() public {
        vm.prank(owner);
        gate.revoke(2);
        IHedgeGate.Hedge memory h = honest(miner);
        refuse(h, abi.encodeWithSelector(IHedgeGate.ModelNotActive.selector, 2));
        h.horizon = 3;
        h.proof = prove(h, miner);
        assertTrue(send(h) > 0, "horizon 3");
    }

    function test_twapIsThePriceThatThePoolShows() public view {
        (uint256 price, uint256 liquidity) = gate.twap();
        // The fixture's trades stay within some four ticks of 1 bp.
        assertNear(price, PRICE, PRICE / 1_000, "price");
        assertNear(liquidity, pool.liquidity(), 1e6, "liquidity");
    }

    function testFuzz_neverSellsMoreThanProvenNorForLessThanTheMinimum(uint256 amount, uint256 price, uint256 minimum)
        public
    {
        IHedgeGate.Hedge memory h = honest(miner);
        h.amountSats = bound(amount, 1, 0.9e8);
        h.maxAmountIn = h.amountSats;
        h.btcPrice = bound(price, PRICE * 96 / 100, PRICE * 104 / 100);
        h.minAmountOut = bound(minimum, 0, h.amountSats * PRICE / 1e8);
        h.proof = prove(h, miner);
        (uint256 twapPrice,) = gate.twap();
        uint256 least = gate.leastOutput(h.amountSats, h.btcPrice, twapPrice);
        vm.prank(miner);
        (bool ok, bytes memory answer) = address(gate).call(abi.encodeCall(gate.hedge, (h)));
        uint256 sold = 1e8 - wbtc.balanceOf(miner);
        assertEq(sold, ok ? h.amountSats : 0, "all or nothing");
        assertEq(gate.nonces(miner), ok ? 1 : 0, "nonce");
        assertGateIsEmpty();
        uint256 got = usdc.balanceOf(miner);
        if (!ok) {
            assertEq(got, 0, "nothing for nothing");
            return;
        }
        assertEq(abi.decode(answer, (uint256)), got, "returned output");
        assertTrue(got >= h.minAmountOut && got >= least && got > 0, "minimum");
        uint256 distance = h.btcPrice > twapPrice ? h.btcPrice - twapPrice : twapPrice - h.btcPrice;
        assertTrue(distance * 10_000 <= twapPrice * BAND, "band");
    }

    function testFuzz_leastOutputIsNeverZero(uint64 amount, uint128 price, uint128 twapPrice) public view {
        vm.assume(amount > 0 && (price > 0 || twapPrice > 0));
        uint256 least = gate.leastOutput(amount, price, twapPrice);
        uint256 larger = price > twapPrice ? price : twapPrice;
        assertTrue(least > 0, "never 0");
        assertTrue(least * 1e12 >= uint256(amount) * larger * (10_000 - SLIPPAGE), "rounded up");
        assertTrue((least - 1) * 1e12 < uint256(amount) * larger * (10_000 - SLIPPAGE), "by less than one");
    }
}

contract ReversedHedgeGateTest is HedgeGateTest {
    function wbtcIsToken0() internal pure override returns (bool) {
        return false;
    }
}
