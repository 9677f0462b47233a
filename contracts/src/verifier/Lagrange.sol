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
            function append(at, d, so_far) -> next, with_d {
                mstore(at, d)
                mstore(add(at, 0x20), so_far)
                next := add(at, 0x40)
                with_d := mulmod(so_far, d, R)
            }
            end := free
            product := 1
            let minus_1 := sub(R, 1)
            let x := mload(X)
            let t := x
            for { let omega_inverse := mload(OMEGA_INVERSE) } publics { publics := sub(publics, 1) } {
                end, product := append(end, addmod(t, minus_1, R), product)
                t := mulmod(t, omega_inverse, R)
            }
            t := x
            let omega := mload(OMEGA)
            for { let i := 6 } i { i := sub(i, 1) } {
                t := mulmod(t, omega, R)
                end, product := append(end, addmod(t, minus_1, R), product)
            }
            // x^n = x^(2^k)
            t := x
            for { let i := mload(KEY_K) } i { i := sub(i, 1) } { t := mulmod(t, t, R) }
            mstore(X_N, t)
            end, product := append(end, addmod(t, minus_1, R), product)
            end, product := append(end, x, product)
            let u := mload(U)
            end, product := append(end, addmod(u, sub(R, mulmod(x, mload(OMEGA_PERIOD), R)), R), product)
            end, product := append(end, addmod(u, sub(R, mulmod(x, mload(OMEGA_INVERSE), R)), R), product)
        }
    }

    /// @dev Takes them off again, last first: 1 / d_i = (d_0 ... d_{i-1}) * (1 / (d_0 ... d_i)).
    function inverses(uint256 statement, uint256 publics, uint256 end, uint256 inverse) private pure {
        assembly {
            function take(at, inverse_to_here) -> next, inverse_d, inverse_before {
                next := sub(at, 0x40)
                inverse_d := mulmod(inverse_to_here, mload(add(next, 0x20)), R)
                inverse_before := mulmod(inverse_to_here, mload(next), R)
            }
            let d
            end, d, inverse := take(end, inverse)
            mstore(INV_U_PREVIOUS, d)
            end, d, inverse := take(end, inverse)
            mstore(INV_U_PERIOD, d)
            end, d, inverse := take(end, inverse)
            mstore(INV_X, d)
            end, d, inverse := take(end, inverse)
            mstore(INV_VANISHING, d)
            // common = (x^n - 1) / n
            let common := mulmod(addmod(mload(X_N), sub(R, 1), R), mload(INV_N), R)
            // Row n - 6 is the last that the lookup's product reaches.
            end, d, inverse := take(end, inverse)
            mstore(L_LAST, mulmod(common, d, R))
            let sum := d
            for { let i := 5 } i { i := sub(i, 1) } {
                end, d, inverse := take(end, inverse)
                sum := addmod(sum, d, R)
            }
            mstore(ACTIVE, addmod(1, sub(R, mulmod(common, sum, R)), R))
            sum := 0
            for { let at := add(statement, shl(5, publics)) } gt(at, statement) {} {
                at := sub(at, 0x20)
                end, d, inverse := take(end, inverse)
                sum := addmod(sum, mulmod(calldataload(at), d, R), R)
            }
            // Row 0 came last.
            mstore(L_FIRST, mulmod(common, d, R))
            mstore(PUBLIC, mulmod(common, sum, R))
        }
    }
}
