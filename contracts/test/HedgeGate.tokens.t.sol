// SPDX-License-Identifier: MIT OR Apache-2.0
// The gate against tokens that return nothing, lie, take a fee or call back, and against a pool that runs dry.
pragma solidity ^0.8.30;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IHedgeGate} from "../src/interfaces/IHedgeGate.sol";
import {ExactTransfer} from "../src/libraries/ExactTransfer.sol";
import {LocalToken} from "../src/local/LocalToken.sol";
import {GateFixture} from "./support/GateFixture.sol";
import {IHook, NoBoolToken, OddToken} from "./support/OddTokens.sol";

contract HedgeGateNoBoolTokensTest is GateFixture {
    function makeTokens() internal override {
        usdc = LocalToken(address(new NoBoolToken(6)));
        wbtc = LocalToken(address(new NoBoolToken(8)));
    }

    function test_swapsTokensThatReturnNoBool() public {
        for (uint256 i = 0; i < 2; i++) {
            assertTrue(send(honest(miner)) > 0, "output");
            assertGateIsEmpty();
        }
        assertEq(wbtc.balanceOf(miner), 1e8 - 2 * AMOUNT, "WBTC of the sender");
    }
}

contract HedgeGateOddTokensTest is GateFixture {
    function makeTokens() internal override {
        usdc = new OddToken("USDC", 6);
        do {
            wbtc = new OddToken("WBTC", 8);
        } while ((address(wbtc) < address(usdc)) != wbtcIsToken0());
    }

    function sold(OddToken.Habit habit, address only) internal {
        OddToken(address(wbtc)).setHabit(habit, only);
    }

    function bought(OddToken.Habit habit) internal {
        OddToken(address(usdc)).setHabit(habit, address(0));
    }

    function inexact(uint256 got) internal view returns (bytes memory) {
        return abi.encodeWithSelector(ExactTransfer.InexactTransfer.selector, wbtc, AMOUNT, got);
    }

    function test_refusesWbtcThatTakesAFee() public {
        sold(OddToken.Habit.TakesFee, address(0));
        refuse(honest(miner), inexact(AMOUNT - AMOUNT / 50));
    }

    function test_refusesWbtcThatDeliversTooMuch() public {
        sold(OddToken.Habit.Overpays, address(gate));
        refuse(honest(miner), inexact(AMOUNT + 1));
    }

    function test_refusesWbtcThatOnlySaysThatItPaid() public {
        sold(OddToken.Habit.Lies, address(0));
        refuse(honest(miner), inexact(0));
    }

    function test_refusesWbtcThatOnlySaysThatItPaidThoughTheGateHoldsSome() public {
        wbtc.mint(address(gate), AMOUNT);
        sold(OddToken.Habit.Lies, address(gate));
        refuse(honest(miner), abi.encodeWithSelector(ExactTransfer.InexactTransfer.selector, wbtc, 2 * AMOUNT, AMOUNT));
    }

    function test_refusesWbtcThatReturnsFalse() public {
        sold(OddToken.Habit.ReturnsFalse, address(0));
        refuse(honest(miner), abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, wbtc));
    }

    function test_refusesUsdcThatTakesAFee() public {
        bought(OddToken.Habit.TakesFee);
        IHedgeGate.Hedge memory h = honest(miner);
        vm.prank(miner);
        (bool ok, bytes memory reason) = address(gate).call(abi.encodeCall(gate.hedge, (h)));
        assertTrue(!ok && bytes4(reason) == IHedgeGate.OutputTooLow.selector, "less than the minimum arrived");
        assertEq(wbtc.balanceOf(miner), 1e8, "WBTC of the sender");
    }

    function test_clearsAnAllowanceThatTheSwapLeftOver() public {
        sold(OddToken.Habit.KeepsAllowance, address(router));
        send(honest(miner));
        assertGateIsEmpty();
    }

    function test_wbtcSentToTheGateByMistakeNeitherBlocksNorPaysAHedge() public {
        wbtc.mint(address(gate), 7);
        usdc.mint(address(gate), 9);
        send(honest(miner));
        assertEq(wbtc.balanceOf(address(gate)), 7, "WBTC of the gate");
        assertEq(usdc.balanceOf(address(gate)), 9, "USDC of the gate");
        assertEq(wbtc.balanceOf(miner), 1e8 - AMOUNT, "WBTC of the sender");
    }

    function test_refusesToBeReenteredThroughATokenCallback() public {
        for (uint256 nonce = 0; nonce < 2; nonce++) {
            uint256 state = vm.snapshotState();
            ReentrantMiner reentrant = new ReentrantMiner(gate, wbtc);
            wbtc.mint(address(reentrant), 1e8);
            IHedgeGate.Hedge memory h = honest(address(reentrant));
            // First the very same hedge again, then a second valid one: only the lock refuses that.
            IHedgeGate.Hedge memory inner = honest(address(reentrant));
            inner.nonce = nonce;
            inner.proof = prove(inner, address(reentrant));
            reentrant.prepare(inner);
            sold(OddToken.Habit.CallsBack, address(gate));
            reentrant.start(h);
            bytes memory expected =
                abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
            assertEq(keccak256(reentrant.reason()), keccak256(expected), "why the callback was refused");
            assertEq(wbtc.balanceOf(address(reentrant)), 1e8 - AMOUNT, "sold once");
            assertEq(gate.nonces(address(reentrant)), 1, "nonce");
            vm.revertToState(state);
        }
    }

    function test_theNonceIsConsumedBeforeTheCallback() public {
        ReentrantMiner reentrant = new ReentrantMiner(gate, wbtc);
        wbtc.mint(address(reentrant), 1e8);
        IHedgeGate.Hedge memory h = honest(address(reentrant));
        reentrant.prepare(h);
        sold(OddToken.Habit.CallsBack, address(gate));
        reentrant.start(h);
        assertEq(reentrant.nonceSeen(), 1, "nonce seen by the callback");
    }

    function test_refusesAPartialFill() public {
        // A pool whose liquidity ends 600 ticks away, and a gate that would accept half of the fair price.
        makePoolWithEdges();
        IHedgeGate.Config memory c = config();
        c.fee = 500;
        c.maxSlippageBps = 5_000;
        gate = deployGate(c);
        vm.prank(miner);
        wbtc.approve(address(gate), type(uint256).max);
        wbtc.mint(miner, 10e8);
        IHedgeGate.Hedge memory h = honest(miner);
        h.amountSats = 5e8; // the pool can take some 3 BTC
        h.maxAmountIn = h.amountSats;
        h.proof = prove(h, miner);
        vm.prank(miner);
        (bool ok, bytes memory reason) = address(gate).call(abi.encodeCall(gate.hedge, (h)));
        assertTrue(!ok && bytes4(reason) == IHedgeGate.PartialFill.selector, "partial fill");
        assertEq(wbtc.balanceOf(miner), 11e8, "WBTC of the sender");
        assertEq(gate.nonces(miner), 0, "nonce");
    }

    function makePoolWithEdges() internal {
        (, int24 tick,,,,,) = emptyPool(address(wbtc), address(usdc), 500).slot0();
        int24 middle = tick / 10 * 10;
        provide(address(wbtc), address(usdc), 500, 3e8, middle - 600, middle + 600);
        pass(1 days);
    }
}

contract ReversedHedgeGateOddTokensTest is HedgeGateOddTokensTest {
    function wbtcIsToken0() internal pure override returns (bool) {
        return false;
    }
}

/// @dev A miner whose WBTC calls it back, and which then tries to hedge once more.
contract ReentrantMiner is IHook {
    IHedgeGate private immutable gate;
    IHedgeGate.Hedge private inner;
    bytes public reason;
    uint256 public nonceSeen;

    constructor(IHedgeGate gate_, LocalToken wbtc) {
        gate = gate_;
        wbtc.approve(address(gate_), type(uint256).max);
    }

    function prepare(IHedgeGate.Hedge calldata h) external {
        inner = h;
    }

    function start(IHedgeGate.Hedge calldata h) external {
        gate.hedge(h);
    }

    function onTransfer() external {
        nonceSeen = gate.nonces(address(this));
        try gate.hedge(inner) {
            reason = "the gate let it in";
        } catch (bytes memory why) {
            reason = why;
        }
    }
}
