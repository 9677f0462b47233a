// SPDX-License-Identifier: MIT OR Apache-2.0
// Models change with notice or end at once; nothing else about a gate changes, whoever owns it.
pragma solidity ^0.8.30;

import {IHedgeGate} from "../src/interfaces/IHedgeGate.sol";
import {IModelSchedule} from "../src/interfaces/IModelSchedule.sol";
import {GateFixture} from "./support/GateFixture.sol";
import {IOwnable2Step} from "./support/IOwnable2Step.sol";

contract ModelScheduleTest is GateFixture {
    bytes32 internal next;

    function setUp() public override {
        super.setUp();
        next = verifier.register("the next model");
    }

    function announce(uint8 horizon, bytes32 modelDigest) internal {
        vm.prank(owner);
        gate.announce(horizon, modelDigest);
    }

    function test_anAnnouncedModelActsOnlyAfterTheDelay() public {
        uint64 activeFrom = uint64(block.timestamp) + DELAY;
        vm.expectEmit(address(gate));
        emit IModelSchedule.ModelAnnounced(4, next, activeFrom);
        announce(4, next);
        assertEq(gate.announced(4).modelDigest, next, "announced");
        assertEq(gate.announced(4).activeFrom, activeFrom, "active from");
        assertEq(gate.models()[2], digests[2], "the old model stays");

        vm.warp(activeFrom - 1);
        vm.expectRevert(abi.encodeWithSelector(IModelSchedule.DelayNotOver.selector, activeFrom, block.timestamp));
        gate.activate(4);

        vm.warp(activeFrom);
        vm.expectEmit(address(gate));
        emit IModelSchedule.ModelActivated(4, next, digests[2]);
        vm.prank(address(0xA11));
        gate.activate(4);
        assertEq(gate.models()[2], next, "active");
        assertEq(gate.announced(4).modelDigest, 0, "nothing announced");
    }

    function test_aRotationEndsEarlierProofsAndProofsOfTheOldModel() public {
        vm.warp(block.timestamp + 1);
        announce(2, next);
        pass(DELAY);
        IHedgeGate.Hedge memory before = honest(miner);
        gate.activate(2);
        refuse(before, abi.encodeWithSelector(IHedgeGate.ProofRefused.selector, next));
        before.proof = verifier.prove(digests[0], statement(before, miner));
        refuse(before, abi.encodeWithSelector(IHedgeGate.ProofRefused.selector, next));
        assertTrue(send(honest(miner)) > 0, "the new model works");
    }

    function test_anAnnouncementAloneChangesNoProof() public {
        IHedgeGate.Hedge memory h = honest(miner);
        announce(2, next);
        assertTrue(send(h) > 0, "output");
    }

    function test_announcingAgainStartsTheDelayAgain() public {
        announce(2, next);
        pass(DELAY - 1);
        bytes32 later = verifier.register("a later model");
        announce(2, later);
        pass(1);
        vm.expectPartialRevert(IModelSchedule.DelayNotOver.selector);
        gate.activate(2);
        pass(DELAY);
        gate.activate(2);
        assertEq(gate.models()[0], later, "active");
    }

    function test_activatesOnce() public {
        announce(2, next);
        pass(DELAY);
        gate.activate(2);
        vm.expectRevert(abi.encodeWithSelector(IModelSchedule.NothingAnnounced.selector, 2));
        gate.activate(2);
    }

    function test_cancelLeavesTheActiveModel() public {
        announce(2, next);
        vm.expectEmit(address(gate));
        emit IModelSchedule.AnnouncementCancelled(2, next);
        vm.prank(owner);
        gate.cancel(2);
        assertEq(gate.models()[0], digests[0], "active");
        pass(DELAY);
        vm.expectRevert(abi.encodeWithSelector(IModelSchedule.NothingAnnounced.selector, 2));
        gate.activate(2);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(IModelSchedule.NothingAnnounced.selector, 2));
        gate.cancel(2);
    }

    function test_revocationIsImmediateAndTakesTheAnnouncementWithIt() public {
        IHedgeGate.Hedge memory h = honest(miner);
        announce(2, next);
        vm.expectEmit(address(gate));
        emit IModelSchedule.AnnouncementCancelled(2, next);
        vm.expectEmit(address(gate));
        emit IModelSchedule.ModelRevoked(2, digests[0]);
        vm.prank(owner);
        gate.revoke(2);
        assertEq(gate.models()[0], 0, "no model");
        refuse(h, abi.encodeWithSelector(IHedgeGate.ModelNotActive.selector, 2));
        pass(DELAY);
        vm.expectRevert(abi.encodeWithSelector(IModelSchedule.NothingAnnounced.selector, 2));
        gate.activate(2);
    }

    function test_revokesAnAnnouncementOfAHorizonWithoutModel() public {
        vm.startPrank(owner);
        gate.revoke(2);
        vm.expectRevert(abi.encodeWithSelector(IModelSchedule.NothingToRevoke.selector, 2));
        gate.revoke(2);
        gate.announce(2, next);
        gate.revoke(2);
        assertEq(gate.announced(2).modelDigest, 0, "nothing announced");
    }

    function test_aRevokedHorizonReturnsOnlyWithNotice() public {
        vm.prank(owner);
        gate.revoke(2);
        announce(2, digests[0]);
        vm.expectPartialRevert(IModelSchedule.DelayNotOver.selector);
        gate.activate(2);
        pass(DELAY);
        gate.activate(2);
        assertEq(gate.models()[0], digests[0], "back");
    }

    function test_refusesTheZeroDigest() public {
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(IModelSchedule.ZeroDigest.selector));
        gate.announce(2, 0);
    }

    function test_refusesADigestThatIsNotRegistered() public {
        bytes32 unknown = keccak256("nobody registered this");
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(IModelSchedule.ModelNotRegistered.selector, unknown));
        gate.announce(2, unknown);
    }

    function testFuzz_refusesHorizonsThatDoNotExist(uint8 horizon) public {
        vm.assume(horizon < 2 || horizon > 5);
        bytes memory reason = abi.encodeWithSelector(IModelSchedule.UnknownHorizon.selector, horizon);
        vm.startPrank(owner);
        vm.expectRevert(reason);
        gate.announce(horizon, next);
        vm.expectRevert(reason);
        gate.cancel(horizon);
        vm.expectRevert(reason);
        gate.revoke(horizon);
        vm.expectRevert(reason);
        gate.activate(horizon);
        vm.expectRevert(reason);
        gate.announced(horizon);
    }

    function testFuzz_onlyTheOwnerChangesModels(address other) public {
        vm.assume(other != owner && other != address(0));
        bytes memory reason = abi.encodeWithSelector(IOwnable2Step.OwnableUnauthorizedAccount.selector, other);
        vm.startPrank(other);
        vm.expectRevert(reason);
        gate.announce(2, next);
        vm.expectRevert(reason);
        gate.cancel(2);
        vm.expectRevert(reason);
        gate.revoke(2);
    }

    function test_ownershipPassesInTwoSteps() public {
        address heir = address(0x4E12);
        IOwnable2Step ownable = IOwnable2Step(address(gate));
        vm.prank(owner);
        ownable.transferOwnership(heir);
        assertEq(ownable.owner(), owner, "not yet");
        vm.prank(address(0xBAD));
        vm.expectRevert(abi.encodeWithSelector(IOwnable2Step.OwnableUnauthorizedAccount.selector, address(0xBAD)));
        ownable.acceptOwnership();
        vm.prank(heir);
        ownable.acceptOwnership();
        assertEq(ownable.owner(), heir, "accepted");
    }
}
