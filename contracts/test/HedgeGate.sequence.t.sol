// SPDX-License-Identifier: MIT OR Apache-2.0
// Long random histories of honest and tampered hedges, trades, waiting and model changes: the promises that hold
// between any two of them.
pragma solidity ^0.8.30;

import {IHedgeGate} from "../src/interfaces/IHedgeGate.sol";
import {GateFixture} from "./support/GateFixture.sol";

contract HedgeGateSequenceTest is GateFixture {
    uint256 internal constant STEPS = 16;
    bytes32 internal spare;
    uint256 internal sold;
    uint256 internal hedges;
    uint256 internal donated;

    function setUp() public override {
        super.setUp();
        spare = verifier.register("a fifth model");
        wbtc.mint(miner, 100e8);
    }

    /// forge-config: default.fuzz.runs = 64
    function testFuzz_noHistoryMakesTheGateKeepOrSpendWhatItShouldNot(uint256 seed) public {
        uint256 start = wbtc.balanceOf(miner) + sold;
        for (uint256 i = 0; i < STEPS; i++) {
            uint256 word = uint256(keccak256(abi.encode(seed, i)));
            act(word % 8, word >> 8);
            assertEq(wbtc.balanceOf(miner), start - sold, "the miner sold what was proven");
            assertEq(gate.nonces(miner), hedges, "one nonce for each hedge");
            assertEq(wbtc.balanceOf(address(gate)), donated, "the gate keeps nothing of its own");
            assertEq(usdc.balanceOf(address(gate)), 0, "USDC in the gate");
            assertEq(wbtc.allowance(address(gate), address(router)), 0, "allowance to the router");
        }
    }

    function test_suchHistoriesDoHedge() public {
        for (uint256 seed = 1; seed <= 4; seed++) {
            uint256 before = hedges;
            testFuzz_noHistoryMakesTheGateKeepOrSpendWhatItShouldNot(seed);
            assertTrue(hedges > before, "no hedge in a whole history");
        }
    }

    function act(uint256 what, uint256 word) internal {
        if (what == 0) trade(address(wbtc), address(usdc), bound(word, 1_000, 3e7));
        else if (what == 1) trade(address(usdc), address(wbtc), bound(word, 1e6, 20_000e6));
        else if (what == 2) pass(bound(word, 1, 3 days));
        else if (what == 3) changeModel(word);
        else if (what == 4) donate(bound(word, 1, 1e6));
        else tryHedge(what == 5, word);
    }

    function donate(uint256 amount) internal {
        wbtc.mint(address(gate), amount);
        donated += amount;
    }

    function changeModel(uint256 word) internal {
        uint8 horizon = uint8(2 + word % 4);
        bytes32[5] memory all = [digests[0], digests[1], digests[2], digests[3], spare];
        if ((word >> 8) % 3 == 0) {
            vm.prank(owner);
            try gate.revoke(horizon) {} catch {}
        } else if ((word >> 8) % 3 == 1) {
            vm.prank(owner);
            gate.announce(horizon, all[(word >> 16) % 5]);
        } else {
            try gate.activate(horizon) {} catch {}
        }
    }

    /// @dev A hedge at the pool's price; if `tampered`, with one figure changed after it was proven.
    function tryHedge(bool tampered, uint256 word) internal {
        IHedgeGate.Hedge memory h = honest(miner);
        h.horizon = uint8(2 + word % 4);
        h.amountSats = bound(word >> 8, 1, 2e7);
        h.maxAmountIn = h.amountSats;
        h.month = monthNow();
        (h.btcPrice,) = gate.twap();
        h.proof = prove(h, miner);
        if (tampered) tamper(h, word >> 64);
        uint256 before = usdc.balanceOf(miner);
        vm.prank(miner);
        try gate.hedge(h) returns (uint256 out) {
            assertTrue(!tampered, "a tampered hedge went through");
            assertEq(usdc.balanceOf(miner), before + out, "USDC of the miner");
            assertTrue(out >= gate.leastOutput(h.amountSats, h.btcPrice, h.btcPrice), "minimum");
            sold += h.amountSats;
            hedges++;
        } catch {
            assertEq(usdc.balanceOf(miner), before, "USDC of the miner");
        }
    }

    function tamper(IHedgeGate.Hedge memory h, uint256 word) internal pure {
        uint256 which = word % 6;
        if (which == 0) h.amountSats = h.maxAmountIn = h.amountSats + 1;
        else if (which == 1) h.btcPrice += 1;
        else if (which == 2) h.month = h.month % 12 + 1;
        else if (which == 3) h.nonce += 1;
        else if (which == 4) h.deadline -= 1;
        else h.horizon = h.horizon == 5 ? 2 : h.horizon + 1;
    }

    /// @dev From a table, not from the library under test: the first days of the months from October 2025 on.
    function monthNow() internal view returns (uint8) {
        uint32[6] memory starts =
            [1_761_955_200, 1_764_547_200, 1_767_225_600, 1_769_904_000, 1_772_323_200, 1_775_001_600];
        uint256 i = 0;
        while (i < 6 && block.timestamp >= starts[i]) i++;
        return uint8((9 + i) % 12 + 1);
    }
}
