// SPDX-License-Identifier: MIT OR Apache-2.0
// Whatever a verifier does short of answering `true`, no money moves; and no caller can choose the key.
pragma solidity ^0.8.30;

import {IHedgeGate} from "../src/interfaces/IHedgeGate.sol";
import {IVerifier} from "../src/interfaces/IVerifier.sol";
import {GateFixture} from "./support/GateFixture.sol";

contract HedgeGateVerifierTest is GateFixture {
    /// @dev Puts other code in the verifier's place and sends an honest hedge.
    function refuseWith(bytes memory code, bytes memory reason) internal {
        IHedgeGate.Hedge memory h = honest(miner);
        vm.etch(address(verifier), code);
        refuse(h, reason);
    }

    function test_refusesAVerifierWithoutCode() public {
        refuseWith("", "");
    }

    function test_refusesAVerifierThatReturnsNothing() public {
        refuseWith(hex"00", "");
    }

    function test_refusesAVerifierThatReturns31Bytes() public {
        refuseWith(hex"60015f52601f6001f3", "");
    }

    function test_refusesAVerifierThatReturnsTwo() public {
        refuseWith(hex"60025f5260205ff3", "");
    }

    function test_refusesAVerifierThatReturnsAllOnes() public {
        refuseWith(hex"5f195f5260205ff3", "");
    }

    function test_refusesAVerifierThatReverts() public {
        refuseWith(hex"5f5ffd", "");
    }

    function test_passesTheVerifiersReasonOn() public {
        // Reverts with the 4 bytes c0ffee11.
        refuseWith(hex"63c0ffee1160e01b5f5260045ffd", hex"c0ffee11");
    }

    function test_refusesAVerifierThatBurnsAllGas() public {
        refuseWith(hex"fe", "");
    }

    function test_refusesAVerifierThatSaysFalse() public {
        refuseWith(hex"5f5f5260205ff3", abi.encodeWithSelector(IHedgeGate.ProofRefused.selector, digests[0]));
    }

    function test_aVerifierThatSaysTrueIsWhatTheseTestsTurnOn() public {
        // The control: with the honest answer in the same place, the same hedge goes through.
        IHedgeGate.Hedge memory h = honest(miner);
        vm.etch(address(verifier), hex"60015f5260205ff3");
        assertTrue(send(h) > 0, "output");
    }

    function test_aVerifierCannotChangeTheGatesState() public {
        // Writes to its storage before it says true: the gate asks by a static call.
        refuseWith(hex"60015f5560015f5260205ff3", "");
    }

    function test_refusesAProofOfARegisteredModelThatIsNotActive() public {
        bytes32 foreign = verifier.register("a key that anybody may register");
        IHedgeGate.Hedge memory h = honest(miner);
        h.proof = verifier.prove(foreign, statement(h, miner));
        refuse(h, abi.encodeWithSelector(IHedgeGate.ProofRefused.selector, digests[0]));
    }

    function test_refusesAModelThatTheVerifierDoesNotKnow() public {
        IHedgeGate.Hedge memory h = honest(miner);
        vm.store(address(verifier), keccak256(abi.encode(digests[0], uint256(0))), 0);
        refuse(h, abi.encodeWithSelector(IVerifier.UnknownModel.selector, digests[0]));
    }

    function testFuzz_anyOtherProofIsRefused(uint256 place, uint8 change) public {
        vm.assume(change != 0);
        IHedgeGate.Hedge memory h = honest(miner);
        place %= h.proof.length;
        h.proof[place] = bytes1(uint8(h.proof[place]) ^ change);
        refuse(h, abi.encodeWithSelector(IHedgeGate.ProofRefused.selector, digests[0]));
    }

    function testFuzz_aShorterOrLongerProofIsRefused(uint16 length) public {
        IHedgeGate.Hedge memory h = honest(miner);
        length %= 5_000;
        vm.assume(length != h.proof.length);
        bytes memory other = new bytes(length);
        for (uint256 i = 0; i < length && i < h.proof.length; i++) {
            other[i] = h.proof[i];
        }
        h.proof = other;
        refuse(h, abi.encodeWithSelector(IHedgeGate.ProofRefused.selector, digests[0]));
    }

    function testFuzz_starvingTheVerifierOfGasNeverHelps(uint256 gasLimit) public {
        IHedgeGate.Hedge memory h = honest(miner);
        // Answers false for a bad proof and, as the worst verifier could, when its own inner call runs out of gas.
        GasSwallower swallower = new GasSwallower();
        vm.etch(address(verifier), address(swallower).code);
        gasLimit = bound(gasLimit, 60_000, 700_000);
        vm.prank(miner);
        (bool ok,) = address(gate).call{gas: gasLimit}(abi.encodeCall(gate.hedge, (h)));
        assertEq(gate.nonces(miner), ok ? 1 : 0, "nonce");
        assertEq(wbtc.balanceOf(miner), ok ? 1e8 - AMOUNT : 1e8, "WBTC of the sender");
        assertTrue((usdc.balanceOf(miner) > 0) == ok, "USDC of the sender");
        assertGateIsEmpty();
    }
}

/// @dev Verifies in an inner call, as one that calls precompiles does, and takes its failure for a `false`.
contract GasSwallower {
    function verify(bytes32, uint256[] calldata, bytes calldata) external view returns (bool) {
        try this.work() returns (bool answer) {
            return answer;
        } catch {
            return false;
        }
    }

    function work() external view returns (bool) {
        uint256 start = gasleft();
        while (start - gasleft() < 200_000) {}
        return true;
    }
}
