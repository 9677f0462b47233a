// SPDX-License-Identifier: MIT OR Apache-2.0
// A proof is good for one hedge: one chain, gate, sender, nonce, deadline, horizon and set of models, once.
pragma solidity ^0.8.30;

import {IHedgeGate} from "../src/interfaces/IHedgeGate.sol";
import {GateFixture} from "./support/GateFixture.sol";

contract HedgeGateBindingTest is GateFixture {
    function refused(uint8 horizon) internal view returns (bytes memory) {
        return abi.encodeWithSelector(IHedgeGate.ProofRefused.selector, digests[horizon - 2]);
    }

    function stale(uint256 expected, uint256 got) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IHedgeGate.NonceMismatch.selector, expected, got);
    }

    function test_refusesAReplayOfTheSameCalldata() public {
        IHedgeGate.Hedge memory h = honest(miner);
        send(h);
        refuse(h, stale(1, 0));
    }

    function test_refusesAReplayOfReencodedCalldata() public {
        IHedgeGate.Hedge memory h = honest(miner);
        send(h);
        // The proof moved one word further and rubbish behind it: other bytes, the same meaning.
        bytes memory plain = abi.encodeCall(gate.hedge, (h));
        bytes memory moved = new bytes(plain.length + 64);
        uint256 head = 4 + 32 + 9 * 32;
        for (uint256 i = 0; i < plain.length; i++) {
            moved[i < head ? i : i + 32] = plain[i];
        }
        moved[head - 1] = bytes1(uint8(moved[head - 1]) + 32); // offset of the proof
        moved[moved.length - 1] = 0xff;
        assertTrue(keccak256(moved) != keccak256(plain), "other calldata");
        vm.prank(miner);
        (bool ok, bytes memory reason) = address(gate).call(moved);
        assertTrue(!ok, "replayed");
        assertEq(keccak256(reason), keccak256(stale(1, 0)), "reason");
    }

    function test_reencodedCalldataMeansTheSame() public {
        // The counterpart of the test above: the re-encoding itself is not what is refused.
        IHedgeGate.Hedge memory h = honest(miner);
        vm.prank(miner);
        (bool ok,) = address(gate).call(bytes.concat(abi.encodeCall(gate.hedge, (h)), hex"ff"));
        assertTrue(ok, "first use");
    }

    function test_refusesTheSameProofUnderAFreshNonce() public {
        IHedgeGate.Hedge memory h = honest(miner);
        send(h);
        h.nonce = 1;
        refuse(h, refused(2));
    }

    function test_refusesANonceOutOfOrder() public {
        IHedgeGate.Hedge memory h = honest(miner);
        h.nonce = 1;
        h.proof = prove(h, miner);
        refuse(h, stale(0, 1));
        h.nonce = type(uint256).max;
        h.proof = prove(h, miner);
        refuse(h, stale(0, type(uint256).max));
    }

    function test_ofFourProofsWithOneNonceOnlyOneActs() public {
        IHedgeGate.Hedge[4] memory hedges;
        for (uint8 horizon = 2; horizon <= 5; horizon++) {
            hedges[horizon - 2] = honest(miner);
            hedges[horizon - 2].horizon = horizon;
            hedges[horizon - 2].proof = prove(hedges[horizon - 2], miner);
        }
        send(hedges[3]);
        for (uint256 i = 0; i < 4; i++) {
            refuse(hedges[i], stale(1, 0));
        }
    }

    function test_refusesAProofCopiedByAnotherSender() public {
        IHedgeGate.Hedge memory h = honest(miner);
        address thief = address(0xBAD);
        wbtc.mint(thief, 1e8);
        vm.prank(thief);
        wbtc.approve(address(gate), type(uint256).max);
        vm.prank(thief);
        vm.expectRevert(refused(2));
        gate.hedge(h);
        assertTrue(send(h) > 0, "the copy did not spoil the original");
    }

    function test_refusesAnotherChain() public {
        IHedgeGate.Hedge memory h = honest(miner);
        vm.chainId(block.chainid + 1);
        refuse(h, refused(2));
    }

    function test_refusesAnotherGate() public {
        IHedgeGate.Hedge memory h = honest(miner);
        IHedgeGate other = deployGate(config());
        vm.startPrank(miner);
        wbtc.approve(address(other), type(uint256).max);
        vm.expectRevert(refused(2));
        other.hedge(h);
    }

    function test_refusesAnotherHorizon() public {
        IHedgeGate.Hedge memory h = honest(miner);
        for (uint8 horizon = 3; horizon <= 5; horizon++) {
            h.horizon = horizon;
            refuse(h, refused(horizon));
        }
    }

    function test_refusesHorizonsThatDoNotExist() public {
        IHedgeGate.Hedge memory h = honest(miner);
        uint8[5] memory horizons = [0, 1, 6, 7, 255];
        for (uint256 i = 0; i < horizons.length; i++) {
            h.horizon = horizons[i];
            refuse(h, abi.encodeWithSignature("UnknownHorizon(uint8)", horizons[i]));
        }
    }

    function test_refusesAnotherDeadline() public {
        IHedgeGate.Hedge memory h = honest(miner);
        h.deadline++;
        refuse(h, refused(2));
    }

    function test_refusesEveryOtherPublicValue() public {
        IHedgeGate.Hedge memory h = honest(miner);
        h.amountSats--;
        refuse(h, refused(2));
        h.amountSats++;
        h.btcPrice++;
        refuse(h, refused(2));
        vm.warp(1_759_276_800 + 365 days); // 1 October 2026, when September passes as well
        h = honest(miner);
        h.month = 9;
        refuse(h, refused(2));
        h.month = 10;
        assertTrue(send(h) > 0, "nothing else was wrong");
    }

    function test_refusesAProofMadeBeforeAnotherHorizonsModelChanged() public {
        IHedgeGate.Hedge memory h = honest(miner);
        vm.prank(owner);
        gate.revoke(5);
        refuse(h, refused(2));
        h.proof = prove(h, miner);
        assertTrue(send(h) > 0, "proven again");
    }

    function testFuzz_bindingChangesWithEveryPart(address sender, uint256 nonce, uint256 deadline, uint8 bit) public {
        uint256 binding = gate.binding(sender, nonce, deadline);
        uint256 flip = 1 << bit;
        assertTrue(binding < SCALAR_FIELD, "canonical");
        assertTrue(
            binding != gate.binding(address(uint160(sender) ^ uint160(1 << (bit % 160))), nonce, deadline), "sender"
        );
        assertTrue(binding != gate.binding(sender, nonce ^ flip, deadline), "nonce");
        assertTrue(binding != gate.binding(sender, nonce, deadline ^ flip), "deadline");
        for (uint8 i = 0; i < 4; i++) {
            uint256 state = vm.snapshotState();
            vm.prank(owner);
            gate.revoke(2 + i);
            assertTrue(binding != gate.binding(sender, nonce, deadline), "model");
            vm.revertToState(state);
        }
        vm.chainId(block.chainid + 1);
        assertTrue(binding != gate.binding(sender, nonce, deadline), "chain");
    }

    function test_digestsThatAreEqualInTheFieldAreNotEqualInTheBinding() public {
        // r fits more than five times into 2^256: two digests that differ by r are the same field element.
        IHedgeGate.Config memory c = config();
        c.verifier = address(new AllRegistered());
        uint256 before;
        for (uint256 i = 0; i < 2; i++) {
            c.models[0] = bytes32(uint256(12345) + i * SCALAR_FIELD);
            vm.etch(address(0x6A7E), address(deployGate(c)).code);
            // Same address: only the digest differs.
            bytes32 slot = bytes32(uint256(2));
            vm.store(address(0x6A7E), slot, c.models[0]);
            assertEq(IHedgeGate(address(0x6A7E)).models()[0], c.models[0], "slot of the first model");
            uint256 binding = IHedgeGate(address(0x6A7E)).binding(miner, 0, 0);
            assertTrue(binding != before, "binding");
            before = binding;
        }
    }
}

/// @dev A registry that knows every digest.
contract AllRegistered {
    function isRegistered(bytes32) external pure returns (bool) {
        return true;
    }
}

contract ReversedHedgeGateBindingTest is HedgeGateBindingTest {
    function wbtcIsToken0() internal pure override returns (bool) {
        return false;
    }
}
