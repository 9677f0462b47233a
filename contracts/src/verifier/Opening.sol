// SPDX-License-Identifier: MIT OR Apache-2.0
// SHPLONK: every commitment opens to its evaluations at its points, in one pairing.
pragma solidity ^0.8.30;

import {
    EC_ADD,
    EC_ADD_GAS,
    EC_MUL,
    EC_MUL_GAS,
    EC_PAIRING,
    EC_PAIRING_GAS,
    G2_X0,
    G2_X1,
    NEGATIVE_G2_Y0,
    NEGATIVE_G2_Y1,
    PrecompileFailed,
    R
} from "./Bn254.sol";
import {
    COMMITMENTS,
    FACTOR,
    FACTOR_G1,
    FACTOR_H1,
    INV_OMEGA_1,
    INV_PERIOD_1,
    INV_PERIOD_OMEGA,
    INV_U_PERIOD,
    INV_U_PREVIOUS,
    INV_X,
    OMEGA,
    OTHER,
    OTHER_Y,
    PAIR_ONE,
    PAIR_TAU_POINT,
    POINT,
    QUOTIENT,
    SET_1,
    SET_2,
    SET_3,
    SET_V,
    SET_Y,
    U,
    X,
    X_N
} from "./Memory.sol";

/// The commitments form four sets by the points at which they are opened, in the order in which halo2 first meets them:
///
///   set 0   {x, wx}           A, C, Z
///   set 1   {x, wx, w^P x}    V
///   set 2   {x}               R, H_1 .. H_w, T', the fixed columns, the quotient, random
///   set 3   {x, x / w}        R'
///
/// Within set i, commitment j carries the factor y^j; set i carries v^i d_i / d_0, where d_i is the product of u - p over
/// the points p that set i lacks, and r_j is the polynomial through commitment j's evaluations. What is checked is
///
///   e(h2, [tau]) = e(sum_i v^i d_i / d_0 sum_j y^j (C_j - [r_j(u)]) - (u - x)(u - wx) h1 + u h2, [1])
library Opening {
    /// @dev Writes SET_1, SET_2, SET_3 (the factors of the sets) and FACTOR_H1, FACTOR_G1.
    /// @param advice Calldata offset of the evaluations, in the order told in `Quotient`.
    function factors(uint256 advice, uint256 width) internal pure {
        uint256 lookups;
        assembly {
            lookups := add(advice, add(0x1e0, mul(0x60, width)))
        }
        uint256 set2 = single(advice, lookups, width);
        assembly {
            // value + slope * (other - value)
            function line(value, other, slope) -> at_u {
                at_u := addmod(value, mulmod(slope, add(other, sub(R, value)), R), R)
            }
            let u_x := addmod(mload(U), sub(R, mload(X)), R)
            let u_wx := addmod(mload(U), sub(R, mulmod(mload(X), mload(OMEGA), R)), R)
            // (u - x) / (wx - x)
            let slope := mulmod(mulmod(u_x, mload(INV_X), R), mload(INV_OMEGA_1), R)
            let z_0 := mulmod(u_x, u_wx, R)
            mstore(FACTOR_H1, sub(R, z_0))
            let v := mload(SET_V)
            let power := v
            let sum
            {
                // r_0 = A + y C + y^2 Z on the line through x and wx.
                let y := mload(SET_Y)
                sum := line(calldataload(lookups), calldataload(add(lookups, 0x20)), slope)
                let c := line(calldataload(add(advice, 0xc0)), calldataload(add(advice, 0xe0)), slope)
                sum := addmod(mulmod(sum, y, R), c, R)
                let a := line(calldataload(advice), calldataload(add(advice, 0x20)), slope)
                sum := addmod(mulmod(sum, y, R), a, R)
            }
            {
                // r_1: the line through V(x) and V(wx), plus (u - x)(u - wx) times Newton's second difference,
                //   ((V(w^P x) - V(x)) / (w^P - 1) - (V(wx) - V(x)) / (w - 1)) / (w^P - w) / x^2
                let value := calldataload(add(advice, 0x40))
                let next := addmod(calldataload(add(advice, 0x60)), sub(R, value), R)
                let period := addmod(calldataload(add(advice, 0x80)), sub(R, value), R)
                let second :=
                    addmod(mulmod(period, mload(INV_PERIOD_1), R), sub(R, mulmod(next, mload(INV_OMEGA_1), R)), R)
                second := mulmod(mulmod(second, mload(INV_PERIOD_OMEGA), R), z_0, R)
                second := mulmod(second, mulmod(mload(INV_X), mload(INV_X), R), R)
                let r_1 := addmod(addmod(value, mulmod(slope, next, R), R), second, R)
                // d_1 / d_0 = 1 / (u - w^P x)
                let factor := mulmod(power, mload(INV_U_PERIOD), R)
                mstore(SET_1, factor)
                sum := addmod(sum, mulmod(factor, r_1, R), R)
            }
            {
                // d_2 / d_0 = u - wx
                power := mulmod(power, v, R)
                let factor := mulmod(power, u_wx, R)
                mstore(SET_2, factor)
                sum := addmod(sum, mulmod(factor, set2, R), R)
            }
            {
                // d_3 / d_0 = (u - wx) / (u - x / w); (u - x) / (x / w - x) = -w slope
                let factor := mulmod(mulmod(mulmod(power, v, R), u_wx, R), mload(INV_U_PREVIOUS), R)
                mstore(SET_3, factor)
                let back := sub(R, mulmod(slope, mload(OMEGA), R))
                let r_3 := line(calldataload(add(lookups, 0x40)), calldataload(add(lookups, 0x60)), back)
                sum := addmod(sum, mulmod(factor, r_3, R), R)
            }
            mstore(FACTOR_G1, sub(R, sum))
        }
    }

    /// @dev r of set 2, whose polynomials are constants: R + y H_1 + ... by Horner, last first.
    function single(uint256 advice, uint256 lookups, uint256 width) private pure returns (uint256 sum) {
        assembly {
            let y := mload(SET_Y)
            // random, the quotient
            sum := addmod(mulmod(calldataload(sub(lookups, 0x20)), y, R), mload(QUOTIENT), R)
            // the fixed columns, last first
            let first := add(advice, 0x100)
            let fixeds := add(first, shl(5, width))
            for { let at := sub(lookups, 0x20) } gt(at, fixeds) {} {
                at := sub(at, 0x20)
                sum := addmod(mulmod(sum, y, R), calldataload(at), R)
            }
            sum := addmod(mulmod(sum, y, R), calldataload(add(lookups, 0x80)), R)
            for { let at := fixeds } gt(at, first) {} {
                at := sub(at, 0x20)
                sum := addmod(mulmod(sum, y, R), calldataload(at), R)
            }
            sum := addmod(mulmod(sum, y, R), calldataload(add(advice, 0xa0)), R)
        }
    }

    /// @dev The pairing of the equation above. Reverts with `PrecompileFailed` where a precompile does not answer; its
    /// arguments are points of the curve, checked before, so that only happens for want of gas.
    /// [tau] lies at PAIR_TAU already.
    /// @param proof Calldata offset of the proof; with w hot columns its points lie, 64 bytes each, at
    ///   A V R C H_1 .. H_w | R' T' | Z random | h_1 h_2 h_3, and after the evaluations the opening's h1 h2.
    function holds(uint256 proof, uint256 width) internal view returns (bool ok) {
        bool answered = combineSingle(proof, width);
        assembly {
            // POINT += factor * (the point of calldata at `at`)
            function add_term(at, factor) -> success {
                calldatacopy(OTHER, at, 0x40)
                mstore(FACTOR, factor)
                success := staticcall(EC_MUL_GAS, EC_MUL, OTHER, 0x60, OTHER, 0x40)
                success := and(success, staticcall(EC_ADD_GAS, EC_ADD, POINT, 0x80, POINT, 0x40))
            }
            let lookups := add(proof, add(0x100, shl(6, width)))
            // set 1: V, set 3: R'
            answered := and(answered, add_term(add(proof, 0x40), mload(SET_1)))
            answered := and(answered, add_term(lookups, mload(SET_3)))
            // set 0: A + y C + y^2 Z
            let y := mload(SET_Y)
            answered := and(answered, add_term(add(proof, 0xc0), y))
            answered := and(answered, add_term(add(lookups, 0x80), mulmod(y, y, R)))
            calldatacopy(OTHER, proof, 0x40)
            answered := and(answered, staticcall(EC_ADD_GAS, EC_ADD, POINT, 0x80, POINT, 0x40))
            // - r [1]
            mstore(OTHER, 1)
            mstore(OTHER_Y, 2)
            mstore(FACTOR, mload(FACTOR_G1))
            answered := and(answered, staticcall(EC_MUL_GAS, EC_MUL, OTHER, 0x60, OTHER, 0x40))
            answered := and(answered, staticcall(EC_ADD_GAS, EC_ADD, POINT, 0x80, POINT, 0x40))
            // - (u - x)(u - wx) h1 + u h2
            let openings := add(proof, add(0x540, mul(width, 0xa0)))
            answered := and(answered, add_term(openings, mload(FACTOR_H1)))
            answered := and(answered, add_term(add(openings, 0x40), mload(U)))
            // e(POINT, -[1]) e(h2, [tau]) = 1
            mstore(PAIR_ONE, G2_X1)
            mstore(add(PAIR_ONE, 0x20), G2_X0)
            mstore(add(PAIR_ONE, 0x40), NEGATIVE_G2_Y1)
            mstore(add(PAIR_ONE, 0x60), NEGATIVE_G2_Y0)
            calldatacopy(PAIR_TAU_POINT, add(openings, 0x40), 0x40)
            answered := and(answered, staticcall(EC_PAIRING_GAS, EC_PAIRING, POINT, 0x180, 0x00, 0x20))
            answered := and(answered, eq(returndatasize(), 0x20))
            ok := eq(mload(0x00), 1)
        }
        if (!answered) revert PrecompileFailed();
    }

    /// @dev POINT = SET_2 * (R + y H_1 + ... + y^(..) random), by Horner, last first: one multiplication by y and one
    /// addition for each.
    function combineSingle(uint256 proof, uint256 width) private view returns (bool answered) {
        assembly {
            // POINT = factor * POINT + the point of calldata at `at`
            function step(at, factor) -> success {
                mstore(OTHER, factor)
                success := staticcall(EC_MUL_GAS, EC_MUL, POINT, 0x60, POINT, 0x40)
                calldatacopy(OTHER, at, 0x40)
                success := and(success, staticcall(EC_ADD_GAS, EC_ADD, POINT, 0x80, POINT, 0x40))
            }
            let afterAdvice := add(proof, add(0x100, shl(6, width)))
            // the quotient's commitment, h_1 + x^n (h_2 + x^n h_3), to where the loop over the key begins
            let keyEnd := add(COMMITMENTS, add(0x180, shl(7, width)))
            {
                let x_n := mload(X_N)
                calldatacopy(POINT, add(afterAdvice, 0x180), 0x40)
                answered := step(add(afterAdvice, 0x140), x_n)
                answered := and(answered, step(add(afterAdvice, 0x100), x_n))
                mcopy(keyEnd, POINT, 0x40)
            }
            let y := mload(SET_Y)
            // random, the quotient, the fixed columns
            calldatacopy(POINT, add(afterAdvice, 0xc0), 0x40)
            for { let at := keyEnd } gt(at, sub(COMMITMENTS, 1)) { at := sub(at, 0x40) } {
                mstore(OTHER, y)
                answered := and(answered, staticcall(EC_MUL_GAS, EC_MUL, POINT, 0x60, POINT, 0x40))
                mcopy(OTHER, at, 0x40)
                answered := and(answered, staticcall(EC_ADD_GAS, EC_ADD, POINT, 0x80, POINT, 0x40))
            }
            // T', H_w .. H_1, R
            answered := and(answered, step(add(afterAdvice, 0x40), y))
            let hot := add(proof, 0x100)
            for { let at := afterAdvice } gt(at, hot) {} {
                at := sub(at, 0x40)
                answered := and(answered, step(at, y))
            }
            answered := and(answered, step(add(proof, 0x80), y))
            mstore(OTHER, mload(SET_2))
            answered := and(answered, staticcall(EC_MUL_GAS, EC_MUL, POINT, 0x60, POINT, 0x40))
        }
    }
}
