// SPDX-License-Identifier: MIT OR Apache-2.0
// Canonical forms: one value has one encoding, and every point is on the curve before a precompile sees it.
pragma solidity ^0.8.30;

import {Q, R} from "./Bn254.sol";

library Form {
    /// @dev Whether each of the `count` words of calldata at `start` is below R.
    function areScalars(uint256 start, uint256 count) internal pure returns (bool ok) {
        assembly {
            let at := start
            let end := add(start, shl(5, count))
            ok := 1
            // Four at a time, then what is left.
            for { let last := sub(end, 0x60) } lt(at, last) { at := add(at, 0x80) } {
                let a := and(lt(calldataload(at), R), lt(calldataload(add(at, 0x20)), R))
                let b := and(lt(calldataload(add(at, 0x40)), R), lt(calldataload(add(at, 0x60)), R))
                ok := and(ok, and(a, b))
            }
            for {} lt(at, end) { at := add(at, 0x20) } { ok := and(ok, lt(calldataload(at), R)) }
        }
    }

    /// @dev Whether each of the `count` points of calldata at `start` has coordinates below Q and is on the curve and
    /// finite: y^2 = x^3 + 3 mod Q, which (0, 0) does not fulfil.
    function arePoints(uint256 start, uint256 count) internal pure returns (bool ok) {
        assembly {
            ok := 1
            let end := add(start, shl(6, count))
            for { let at := start } lt(at, end) { at := add(at, 0x40) } {
                let x := calldataload(at)
                let y := calldataload(add(at, 0x20))
                let onCurve := eq(mulmod(y, y, Q), addmod(mulmod(mulmod(x, x, Q), x, Q), 3, Q))
                ok := and(and(ok, onCurve), and(lt(x, Q), lt(y, Q)))
            }
        }
    }
}
