// SPDX-License-Identifier: MIT OR Apache-2.0
// What the verifier accepts and refuses, on real proofs: two shapes, every word of a proof and of a statement.
pragma solidity ^0.8.30;

import {IVerifier} from "../src/interfaces/IVerifier.sol";
import {Fixture, FixtureTest, IForecastVerifier} from "./support/Fixture.sol";

contract ForecastVerifierTest is FixtureTest {
    IForecastVerifier internal verifier;
    Fixture internal f;

    function fixture() internal pure virtual returns (string memory) {
        return "width1";
    }

    function setUp() public {
        f = read(fixture());
        verifier = deployVerifier(f.tau);
        verifier.register(f.key);
    }

    function accepts(bytes memory proof) internal view returns (bool) {
        return verifier.verify(f.digest, f.statement, proof);
    }

    function accepts(uint256[] memory statement) internal view returns (bool) {
        return verifier.verify(f.digest, statement, f.proof);
    }

    function width() internal view returns (uint256) {
        return word(f.key, 2);
    }

    /// @dev Words of the proof before its evaluations.
    function firstEvaluation() internal view returns (uint256) {
        return 2 * (11 + width());
    }

    function afterEvaluations() internal view returns (uint256) {
        return firstEvaluation() + 20 + 3 * width();
    }

    function isPoint(uint256 index) internal view returns (bool) {
        return index < firstEvaluation() || index >= afterEvaluations();
    }

    function test_acceptsAProofMadeInRust() public view {
        assertTrue(accepts(f.proof), "an honest proof");
        assertEq(f.proof.length, 32 * (afterEvaluations() + 4), "proof length");
    }

    function test_refusesAChangeOfAnyWordOfTheProof() public view {
        for (uint256 i = 0; i < f.proof.length / 32; i++) {
            uint256 value = word(f.proof, i);
            assertTrue(!accepts(withWord(f.proof, i, value ^ 1)), "lowest bit");
            assertTrue(!accepts(withWord(f.proof, i, value ^ (1 << 252))), "a high bit");
            assertTrue(!accepts(withWord(f.proof, i, 0)), "zero");
        }
    }

    function test_refusesAnotherEvaluation() public view {
        for (uint256 i = firstEvaluation(); i < afterEvaluations(); i++) {
            uint256 value = word(f.proof, i);
            assertTrue(!accepts(withWord(f.proof, i, addmod(value, 1, R))), "plus one");
            assertTrue(!accepts(withWord(f.proof, i, mulmod(value, R - 1, R))), "its negative");
        }
    }

    function test_refusesAnotherPointOfTheCurve() public view {
        for (uint256 i = 0; i < f.proof.length / 32; i += 2) {
            if (i == firstEvaluation()) i = afterEvaluations();
            assertTrue(!accepts(withWord(f.proof, i + 1, Q - word(f.proof, i + 1))), "its negative");
            assertTrue(!accepts(withWord(withWord(f.proof, i, 1), i + 1, 2)), "the generator");
        }
    }

    function test_refusesTwoPointsExchanged() public view {
        for (uint256 i = 0; i + 2 < firstEvaluation(); i += 2) {
            bytes memory other = withWord(withWord(f.proof, i, word(f.proof, i + 2)), i + 2, word(f.proof, i));
            other = withWord(withWord(other, i + 1, word(f.proof, i + 3)), i + 3, word(f.proof, i + 1));
            assertTrue(!accepts(other), "neighbours exchanged");
        }
    }

    function test_refusesInfinityForAnyPoint() public view {
        for (uint256 i = 0; i < f.proof.length / 32; i += 2) {
            if (i == firstEvaluation()) i = afterEvaluations();
            assertTrue(!accepts(withWord(withWord(f.proof, i, 0), i + 1, 0)), "(0, 0)");
        }
    }

    function test_refusesACoordinateThatIsNotBelowQ() public view {
        for (uint256 i = 0; i < f.proof.length / 32; i++) {
            if (!isPoint(i)) continue;
            for (uint256 alias_ = word(f.proof, i) + Q; alias_ >= Q && alias_ <= type(uint256).max - Q; alias_ += Q) {
                assertTrue(!accepts(withWord(f.proof, i, alias_)), "a coordinate's alias");
            }
        }
    }

    function test_refusesAnEvaluationThatIsNotBelowR() public view {
        for (uint256 i = firstEvaluation(); i < afterEvaluations(); i++) {
            for (uint256 alias_ = word(f.proof, i) + R; alias_ <= type(uint256).max - R; alias_ += R) {
                assertTrue(!accepts(withWord(f.proof, i, alias_)), "an evaluation's alias");
            }
        }
    }

    function test_refusesAProofOfAnotherLength() public view {
        uint256 length = f.proof.length;
        uint256[6] memory lengths = [0, 32, length - 32, length - 1, length + 1, length + 32];
        for (uint256 i = 0; i < lengths.length; i++) {
            assertTrue(!accepts(cut(f.proof, lengths[i])), "cut or zero-padded");
        }
        assertTrue(!accepts(bytes.concat(f.proof, f.proof)), "twice");
    }

    function test_refusesAChangeOfAnyPublicInput() public {
        for (uint256 i = 0; i < f.statement.length; i++) {
            uint256 honest = f.statement[i];
            uint256[4] memory others = [addmod(honest, 1, R), addmod(honest, R - 1, R), honest == 0 ? 1 : 0, R - 1];
            for (uint256 j = 0; j < 4; j++) {
                f.statement[i] = others[j];
                assertTrue(!accepts(f.proof), "another public input");
            }
            f.statement[i] = honest;
        }
    }

    function test_refusesAPublicInputThatIsNotBelowR() public {
        for (uint256 i = 0; i < f.statement.length; i++) {
            uint256 honest = f.statement[i];
            for (uint256 alias_ = honest + R; alias_ <= type(uint256).max - R; alias_ += R) {
                f.statement[i] = alias_;
                assertTrue(!accepts(f.proof), "a public input's alias");
            }
            f.statement[i] = honest;
        }
    }

    function test_refusesPublicInputsExchanged() public {
        for (uint256 i = 0; i < f.statement.length; i++) {
            for (uint256 j = 0; j < i; j++) {
                (f.statement[i], f.statement[j]) = (f.statement[j], f.statement[i]);
                assertTrue(!accepts(f.proof), "exchanged");
                (f.statement[i], f.statement[j]) = (f.statement[j], f.statement[i]);
            }
        }
    }

    function test_refusesTooFewAndTooManyPublicInputs() public view {
        assertTrue(!accepts(new uint256[](0)), "none");
        for (uint256 length = 1; length <= f.statement.length + 2; length++) {
            if (length == f.statement.length) continue;
            uint256[] memory other = new uint256[](length);
            for (uint256 i = 0; i < length && i < f.statement.length; i++) {
                other[i] = f.statement[i];
            }
            assertTrue(!accepts(other), "cut or zero-padded");
        }
    }

    function test_refusesAProofUnderAnotherModelsKey() public {
        Fixture memory other = read("other");
        verifier.register(other.key);
        assertTrue(verifier.verify(other.digest, other.statement, other.proof), "the other model's own proof");
        assertTrue(!verifier.verify(other.digest, f.statement, f.proof), "ours under its key");
        assertTrue(!accepts(other.proof), "its proof under ours");
    }

    function test_refusesAProofOfAnotherStatement() public {
        Fixture memory again = read("width1-again");
        verifier.register(again.key);
        assertTrue(verifier.verify(again.digest, again.statement, again.proof), "its own statement");
        assertTrue(!verifier.verify(again.digest, f.statement, again.proof), "another's statement");
        assertTrue(!verifier.verify(again.digest, again.statement, f.proof), "another's proof");
    }

    function test_revertsForADigestThatIsNotRegistered() public {
        bytes32 unknown = f.digest ^ bytes32(uint256(1));
        vm.expectRevert(abi.encodeWithSelector(IVerifier.UnknownModel.selector, unknown));
        verifier.verify(unknown, f.statement, f.proof);
        vm.expectRevert(abi.encodeWithSelector(IVerifier.UnknownModel.selector, bytes32(0)));
        verifier.verify(bytes32(0), f.statement, f.proof);
    }

    /// @dev "False" means "not proven", so want of gas must never look like it; and what a caller holds back is safe.
    function test_neverAnswersFalseForWantOfGas() public view {
        bytes memory call_ = abi.encodeCall(IVerifier.verify, (f.digest, f.statement, f.proof));
        uint256 enough = 0;
        for (uint256 gas_ = 2_000; gas_ < 420_000; gas_ += 1_900) {
            (bool success, bytes memory answer) = address(verifier).staticcall{gas: gas_}(call_);
            if (!success) continue;
            if (enough == 0) enough = gas_;
            assertTrue(answer.length == 32 && abi.decode(answer, (bool)), "an honest proof is true or a revert");
        }
        assertTrue(enough != 0, "some gas suffices");
    }

    /// @dev The precompiles burn what they are given where a point is off the curve: none may get that far.
    function test_aRefusalCostsNoMoreThanAnAcceptance() public view {
        uint256 left = gasleft();
        accepts(f.proof);
        uint256 most = left - gasleft() + 10_000;
        for (uint256 i = 0; i < f.proof.length / 32; i++) {
            bytes memory other = withWord(f.proof, i, word(f.proof, i) ^ 2);
            left = gasleft();
            assertTrue(!accepts(other), "changed");
            assertTrue(left - gasleft() < most, "the cost of a refusal");
        }
    }

    function testFuzz_refusesAnyOtherProof(uint256 index, uint256 value) public view {
        index = bound(index, 0, f.proof.length / 32 - 1);
        vm.assume(value != word(f.proof, index));
        assertTrue(!accepts(withWord(f.proof, index, value)), "any word");
        assertTrue(!accepts(withWord(f.proof, index, value % R)), "any word, in range");
    }

    function testFuzz_refusesBytesAtRandom(bytes32 seed) public view {
        bytes memory proof = new bytes(f.proof.length);
        for (uint256 i = 0; i < proof.length / 32; i++) {
            proof = withWord(proof, i, uint256(keccak256(abi.encode(seed, i))) % R);
        }
        assertTrue(!accepts(proof), "random scalars");
    }

    function test_codeIsUnder16Kilobytes() public view {
        assertTrue(address(verifier).code.length < 16_000, "code size");
    }
}

contract ForecastVerifierWidth2Test is ForecastVerifierTest {
    function fixture() internal pure override returns (string memory) {
        return "width2";
    }
}
