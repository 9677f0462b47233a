// SPDX-License-Identifier: MIT OR Apache-2.0
// What the verifier accepts and refuses, on real proofs.
pragma solidity ^0.8.30;

import {IKeyRegistry} from "../src/interfaces/IKeyRegistry.sol";
import {IVerifier} from "../src/interfaces/IVerifier.sol";
import {Fixture, FixtureTest} from "./support/Fixture.sol";

interface IForecastVerifier is IVerifier, IKeyRegistry {
    error BadTau();
    error KeyLength(uint256 expected, uint256 got);
    error KeyField(uint256 word);
    error PrecompileFailed();

    function keyData(bytes32 modelDigest) external view returns (address);
    function srsDigest() external view returns (bytes32);
    function tauG2() external view returns (uint256[4] memory);
}

contract ForecastVerifierTest is FixtureTest {
    IForecastVerifier internal verifier;
    Fixture internal f;

    function fixture() internal pure virtual returns (string memory) {
        return "width1";
    }

    function setUp() public {
        f = read(fixture());
        verifier = IForecastVerifier(deployVerifier(f.tau));
        verifier.register(f.key);
    }

    function test_acceptsAProofMadeInRust() public view {
        assertTrue(verifier.verify(f.digest, f.statement, f.proof), "an honest proof");
    }
}

contract ForecastVerifierWidth2Test is ForecastVerifierTest {
    function fixture() internal pure override returns (string memory) {
        return "width2";
    }
}
