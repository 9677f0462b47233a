// SPDX-License-Identifier: MIT OR Apache-2.0
// Stands in for the verifier where the gate's own logic is tested: its "proofs" fit exactly one statement of one
// model, as real ones do, but anybody can make them. Real proofs are tested in ForecastVerifier.t.sol and EndToEnd.t.sol.
pragma solidity ^0.8.30;

import {IKeyRegistry} from "../../src/interfaces/IKeyRegistry.sol";
import {IVerifier} from "../../src/interfaces/IVerifier.sol";

contract ProofDouble is IVerifier, IKeyRegistry {
    mapping(bytes32 => bool) public isRegistered;

    function register(bytes calldata key) external returns (bytes32 modelDigest) {
        modelDigest = keccak256(key);
        isRegistered[modelDigest] = true;
        emit KeyRegistered(modelDigest, address(this));
    }

    function verify(bytes32 modelDigest, uint256[] calldata statement, bytes calldata proof)
        external
        view
        returns (bool)
    {
        if (!isRegistered[modelDigest]) revert UnknownModel(modelDigest);
        return keccak256(proof) == keccak256(prove(modelDigest, statement));
    }

    /// @dev As long as a real proof, so that calldata and copying cost what they will cost.
    function prove(bytes32 modelDigest, uint256[] memory statement) public pure returns (bytes memory proof) {
        bytes32 seed = keccak256(abi.encode(modelDigest, statement));
        proof = new bytes(2560);
        for (uint256 i = 1; i <= 80; i++) {
            bytes32 word = keccak256(abi.encode(seed, i));
            assembly ("memory-safe") {
                mstore(add(proof, mul(i, 32)), word)
            }
        }
    }
}
