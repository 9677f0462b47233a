// SPDX-License-Identifier: MIT OR Apache-2.0
// Real proofs of small models under the development SRS, made by circuits/tests/evm_fixtures.rs.
pragma solidity ^0.8.30;

import {Test} from "./Test.sol";

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
    function deployVerifier(bytes memory tau) internal returns (address) {
        return deploy(VERIFIER, tau);
    }
}
