// SPDX-License-Identifier: MIT OR Apache-2.0
// Canonical forms: one value has one encoding, and every point is on the curve before a precompile sees it.
pragma solidity ^0.8.30;

import {Q, R} from "./Bn254.sol";

library Form {
    /// @dev Whether each of the `count` words of calldata at `start` is below R.
    function areScalars(uint256 start, uint256 count) internal pure returns (bool ok) {
        assembly {
            ok := 1
            for { let at := start let end := add(start, shl(5, count)) } lt(at, end) { at := add(at, 0x20) } {
                ok := and(ok, lt(calldataload(at), R))
            }
        }
    }

    /// @dev Whether each of the `count` points of calldata at `start` has coordinates below Q and is on the curve and
    /// finite: y^2 = x^3 + 3 mod Q, which (0, 0) does not fulfil.
    function arePoints(uint256 start, uint256 count) internal pure returns (bool ok) {
        assembly {
            ok := 1
            for { let at := start let end := add(start, shl(6, count)) } lt(at, end) { at := add(at, 0x40) } {
                let x := calldataload(at)
                let y := calldataload(add(at, 0x20))
                ok := and(ok, and(lt(x, Q), lt(y, Q)))
                ok := and(ok, eq(mulmod(y, y, Q), addmod(mulmod(mulmod(x, x, Q), x, Q), 3, Q)))
            }
        }
    }
}
