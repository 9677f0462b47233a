// SPDX-License-Identifier: MIT OR Apache-2.0
// Assertions that say what was expected and what was got.
pragma solidity ^0.8.30;

import {Vm} from "./Vm.sol";

abstract contract Test {
    /// @dev forge looks for this name to tell a test contract.
    bool public constant IS_TEST = true;
    Vm internal constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);

    error NotEqual(string what, uint256 got, uint256 expected);
    error NotSigned(string what, int256 got, int256 expected);
    error NotTrue(string what);

    function assertEq(uint256 got, uint256 expected, string memory what) internal pure {
        if (got != expected) revert NotEqual(what, got, expected);
    }

    function assertEq(int256 got, int256 expected, string memory what) internal pure {
        if (got != expected) revert NotSigned(what, got, expected);
    }

    function assertEq(bytes32 got, bytes32 expected, string memory what) internal pure {
        if (got != expected) revert NotEqual(what, uint256(got), uint256(expected));
    }

    function assertEq(address got, address expected, string memory what) internal pure {
        if (got != expected) revert NotEqual(what, uint160(got), uint160(expected));
    }

    function assertNear(uint256 got, uint256 expected, uint256 distance, string memory what) internal pure {
        if (got > expected + distance || got + distance < expected) revert NotEqual(what, got, expected);
    }

    function assertTrue(bool condition, string memory what) internal pure {
        if (!condition) revert NotTrue(what);
    }

    /// @dev Folds any value into [low, high].
    function bound(uint256 value, uint256 low, uint256 high) internal pure returns (uint256) {
        return low + value % (high - low + 1);
    }

    /// @dev Deploys creation code from a file of the project, with encoded constructor arguments.
    function deploy(string memory path, bytes memory arguments) internal returns (address made) {
        bytes memory code = bytes.concat(vm.getCode(path), arguments);
        assembly ("memory-safe") {
            made := create(0, add(code, 32), mload(code))
        }
        if (made == address(0)) {
            assembly ("memory-safe") {
                let reason := mload(64)
                returndatacopy(reason, 0, returndatasize())
                revert(reason, returndatasize())
            }
        }
    }
}
