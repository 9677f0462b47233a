// SPDX-License-Identifier: MIT OR Apache-2.0
// What follows from x and u alone: the Lagrange polynomials of the few rows that matter, and every inverse, from one
// exponentiation.
pragma solidity ^0.8.30;

import {Bn254, R} from "./Bn254.sol";
import {
    ACTIVE,
    INV_N,
    INV_U_PERIOD,
    INV_U_PREVIOUS,
    INV_VANISHING,
    INV_X,
    KEY_K,
    L_FIRST,
    L_LAST,
    OMEGA,
    OMEGA_INVERSE,
    OMEGA_PERIOD,
    POINT,
    PUBLIC,
    U,
    X,
    X_N
} from "./Memory.sol";

library Lagrange {
    /// @dev With n rows and row i's l_i(x) = (x^n - 1) / n * 1 / (x omega^-i - 1), writes
    ///   PUBLIC = sum over i < publics of statement_i l_i(x),   L_FIRST = l_0(x),   L_LAST = l_{n-6}(x),
    ///   ACTIVE = 1 - (l_{n-6} + ... + l_{n-1})(x),
    ///   X_N = x^n,   INV_VANISHING = 1 / (x^n - 1),   INV_X = 1 / x,
    ///   INV_U_PERIOD = 1 / (u - omega^P x),   INV_U_PREVIOUS = 1 / (u - x / omega).
    /// @param free Free memory, two words for each of publics + 10 inverses.
    /// @return ok False where something to invert is zero: x in the domain, or u one of the opened points. No honest
    /// proof meets that but with a probability of about 2^-240.
    function evaluate(uint256 statement, uint256 publics, uint256 free) internal view returns (bool ok) {
        (uint256 end, uint256 product) = denominators(publics, free);
        if (product == 0) return false;
        inverses(statement, publics, end, Bn254.inverse(product, POINT));
        return true;
    }

    /// @dev Appends (d_i, d_0 d_1 ... d_{i-1}) for each d_i to invert, in this order: x omega^-i - 1 for i < publics,
    /// x omega^i - 1 for i = 1..6 (the last rows, from the end), x^n - 1, x, u - omega^P x, u - x / omega.
    function denominators(uint256 publics, uint256 free) private pure returns (uint256 end, uint256 product) {
        assembly {
            product := 1
            let x := mload(X)
            let d
            {
                let omega_inverse := mload(OMEGA_INVERSE)
                let t := x
                end := add(free, shl(6, publics))
                for { let at := free } lt(at, end) { at := add(at, 0x40) } {
                    d := addmod(t, sub(R, 1), R)
                    mstore(at, d)
                    mstore(add(at, 0x20), product)
                    product := mulmod(product, d, R)
                    t := mulmod(t, omega_inverse, R)
                }
            }
            {
                let omega := mload(OMEGA)
                let t := x
                for { let last := add(end, 0x180) } lt(end, last) { end := add(end, 0x40) } {
                    t := mulmod(t, omega, R)
                    d := addmod(t, sub(R, 1), R)
                    mstore(end, d)
                    mstore(add(end, 0x20), product)
                    product := mulmod(product, d, R)
                }
            }
            // x^n = x^(2^k)
            let x_n := x
            for { let i := mload(KEY_K) } i { i := sub(i, 1) } { x_n := mulmod(x_n, x_n, R) }
            mstore(X_N, x_n)
            d := addmod(x_n, sub(R, 1), R)
            mstore(end, d)
            mstore(add(end, 0x20), product)
            product := mulmod(product, d, R)
            mstore(add(end, 0x40), x)
            mstore(add(end, 0x60), product)
            product := mulmod(product, x, R)
            let u := mload(U)
            d := addmod(u, sub(R, mulmod(x, mload(OMEGA_PERIOD), R)), R)
            mstore(add(end, 0x80), d)
            mstore(add(end, 0xa0), product)
            product := mulmod(product, d, R)
            d := addmod(u, sub(R, mulmod(x, mload(OMEGA_INVERSE), R)), R)
            mstore(add(end, 0xc0), d)
            mstore(add(end, 0xe0), product)
            product := mulmod(product, d, R)
            end := add(end, 0x100)
        }
    }

    /// @dev Takes them off again, last first: 1 / d_i = (d_0 ... d_{i-1}) * (1 / (d_0 ... d_i)).
    function inverses(uint256 statement, uint256 publics, uint256 end, uint256 inverse) private pure {
        assembly {
            mstore(INV_U_PREVIOUS, mulmod(inverse, mload(sub(end, 0x20)), R))
            inverse := mulmod(inverse, mload(sub(end, 0x40)), R)
            mstore(INV_U_PERIOD, mulmod(inverse, mload(sub(end, 0x60)), R))
            inverse := mulmod(inverse, mload(sub(end, 0x80)), R)
            mstore(INV_X, mulmod(inverse, mload(sub(end, 0xa0)), R))
            inverse := mulmod(inverse, mload(sub(end, 0xc0)), R)
            mstore(INV_VANISHING, mulmod(inverse, mload(sub(end, 0xe0)), R))
            inverse := mulmod(inverse, mload(sub(end, 0x100)), R)
            end := sub(end, 0x100)
            // common = (x^n - 1) / n
            let common := mulmod(addmod(mload(X_N), sub(R, 1), R), mload(INV_N), R)
            // Row n - 6, the last that the lookup's product reaches, comes first.
            let sum := mulmod(inverse, mload(sub(end, 0x20)), R)
            mstore(L_LAST, mulmod(common, sum, R))
            inverse := mulmod(inverse, mload(sub(end, 0x40)), R)
            for {
                let first := sub(end, 0x180)
                end := sub(end, 0x40)
            } gt(end, first) { end := sub(end, 0x40) } {
                sum := addmod(sum, mulmod(inverse, mload(sub(end, 0x20)), R), R)
                inverse := mulmod(inverse, mload(sub(end, 0x40)), R)
            }
            mstore(ACTIVE, addmod(1, sub(R, mulmod(common, sum, R)), R))
            let d
            sum := 0
            for { let at := add(statement, shl(5, publics)) } gt(at, statement) { end := sub(end, 0x40) } {
                at := sub(at, 0x20)
                d := mulmod(inverse, mload(sub(end, 0x20)), R)
                inverse := mulmod(inverse, mload(sub(end, 0x40)), R)
                sum := addmod(sum, mulmod(calldataload(at), d, R), R)
            }
            // Row 0 came last.
            mstore(L_FIRST, mulmod(common, d, R))
            mstore(PUBLIC, mulmod(common, sum, R))
        }
    }
}
