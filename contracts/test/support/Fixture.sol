// SPDX-License-Identifier: MIT OR Apache-2.0
// Real proofs of small models under the development SRS, made by circuits/tests/evm_fixtures.rs.
pragma solidity ^0.8.30;

import {IKeyRegistry} from "../../src/interfaces/IKeyRegistry.sol";
import {IVerifier} from "../../src/interfaces/IVerifier.sol";
import {Test} from "./Test.sol";

interface IForecastVerifier is IVerifier, IKeyRegistry {
    error BadTau();
    error KeyLength(uint256 expected, uint256 got);
    error KeyField(uint256 word);
    error PrecompileFailed();

    function keyData(bytes32 modelDigest) external view returns (address);
    function srsDigest() external view returns (bytes32);
    function tauG2() external view returns (uint256[4] memory);
}

interface JsonVm {
    function readFile(string calldata path) external view returns (string memory);
    function parseJsonBytes(string calldata json, string calldata key) external pure returns (bytes memory);
    function parseJsonBytes32(string calldata json, string calldata key) external pure returns (bytes32);
    function parseJsonUintArray(string calldata json, string calldata key) external pure returns (uint256[] memory);
}

struct Fixture {
    bytes32 digest;
    bytes key;
    /// [tau]G2 as the verifier's constructor takes it.
    bytes tau;
    uint256[] statement;
    bytes proof;
}

abstract contract FixtureTest is Test {
    uint256 internal constant Q = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47;
    uint256 internal constant R = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001;
    string private constant VERIFIER = "out/release/ForecastVerifier.sol/ForecastVerifier.json";

    /// @dev One of circuits/tests/evm/mod.rs's names.
    function read(string memory name) internal view returns (Fixture memory f) {
        JsonVm json = JsonVm(address(vm));
        string memory text = json.readFile(string.concat("test/fixtures/", name, ".json"));
        f.digest = json.parseJsonBytes32(text, ".digest");
        f.key = json.parseJsonBytes(text, ".key");
        f.tau = json.parseJsonBytes(text, ".tau");
        f.statement = json.parseJsonUintArray(text, ".statement");
        f.proof = json.parseJsonBytes(text, ".proof");
    }

    /// @dev A verifier whose tau is `tau`, 128 bytes.
    function deployVerifier(bytes memory tau) internal returns (IForecastVerifier) {
        return IForecastVerifier(deploy(VERIFIER, tau));
    }

    /// @dev The 32-byte word of this index.
    function word(bytes memory data, uint256 index) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := mload(add(add(data, 32), mul(index, 32)))
        }
    }

    /// @dev A copy of `data` with one word replaced.
    function withWord(bytes memory data, uint256 index, uint256 value) internal pure returns (bytes memory copy) {
        copy = bytes.concat(data);
        assembly ("memory-safe") {
            mstore(add(add(copy, 32), mul(index, 32)), value)
        }
    }

    /// @dev The first `length` bytes of `data`, zeros where it is shorter.
    function cut(bytes memory data, uint256 length) internal pure returns (bytes memory part) {
        part = new bytes(length);
        for (uint256 i = 0; i < length && i < data.length; i++) {
            part[i] = data[i];
        }
    }
}
