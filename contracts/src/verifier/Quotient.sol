// SPDX-License-Identifier: MIT OR Apache-2.0
// The machine's constraints at x, which the quotient must account for. The gates are those of circuits/src/circuit.rs, in
// that order, then the lookup's five.
pragma solidity ^0.8.30;

import {R} from "./Bn254.sol";
import {ACTIVE, BETA, GAMMA, INV_VANISHING, L_FIRST, L_LAST, PUBLIC, QUOTIENT, Y} from "./Memory.sol";

library Quotient {
    /// @dev QUOTIENT = (sum of all constraints, each times y to the number of those after it) / (x^n - 1), from the
    /// evaluations in calldata. With w hot columns they lie, 32 bytes each, at
    ///   advice   A(x) A(wx) V(x) V(wx) V(w^P x) R(x) C(x) C(wx) H_1(x) .. H_w(x)
    ///   fixed    op bus kR kV k table key_1 .. key_w value_1 .. value_w
    ///   random
    ///   lookup   Z(x) Z(wx) R'(x) R'(x / w) T'(x)
    function evaluate(uint256 advice, uint256 width) internal pure {
        uint256 fixeds;
        assembly {
            fixeds := add(advice, add(0x100, shl(5, width)))
        }
        uint256 sum = lookup(hot(gates(advice, fixeds, width), advice, width), advice, fixeds, width);
        assembly {
            mstore(QUOTIENT, mulmod(sum, mload(INV_VANISHING), R))
        }
    }

    /// @dev Gates 1 to 6.
    function gates(uint256 advice, uint256 fixeds, uint256 width) private pure returns (uint256 sum) {
        uint256 keys;
        uint256 values;
        assembly {
            // sum key_j H_j, sum value_j H_j
            let h := add(advice, 0x100)
            let key := add(fixeds, 0xc0)
            for { let value := add(key, shl(5, width)) } lt(h, fixeds) {} {
                keys := addmod(keys, mulmod(calldataload(key), calldataload(h), R), R)
                values := addmod(values, mulmod(calldataload(value), calldataload(h), R), R)
                h := add(h, 0x20)
                key := add(key, 0x20)
                value := add(value, 0x20)
            }
        }
        assembly {
            let y := mload(Y)
            {
                let op := calldataload(fixeds)
                let a := calldataload(advice)
                let v := calldataload(add(advice, 0x40))
                // terms = public + kR R + kV V + k + sum key_j H_j
                let terms :=
                    addmod(mulmod(calldataload(add(fixeds, 0x40)), calldataload(add(advice, 0xa0)), R), keys, R)
                terms := addmod(terms, mulmod(calldataload(add(fixeds, 0x60)), v, R), R)
                terms := addmod(terms, addmod(calldataload(add(fixeds, 0x80)), mload(PUBLIC), R), R)
                // 1. op (A(wx) - A - terms - (op - 1) A (V - 1))
                let op_1 := addmod(op, sub(R, 1), R)
                let rest := addmod(terms, mulmod(mulmod(op_1, a, R), addmod(v, sub(R, 1), R), R), R)
                sum := mulmod(op, addmod(addmod(calldataload(add(advice, 0x20)), sub(R, a), R), sub(R, rest), R), R)
                // 2. op (op - 1) (op - 2) A
                sum := addmod(
                    mulmod(sum, y, R),
                    mulmod(mulmod(mulmod(op, op_1, R), addmod(op, sub(R, 2), R), R), a, R),
                    R
                )
                // 3. op d (d - 1), d = C(wx) - C
                let d := addmod(calldataload(add(advice, 0xe0)), sub(R, calldataload(add(advice, 0xc0))), R)
                sum := addmod(mulmod(sum, y, R), mulmod(mulmod(op, d, R), addmod(d, sub(R, 1), R), R), R)
            }
            {
                let bus := calldataload(add(fixeds, 0x20))
                let bus_2 := addmod(bus, sub(R, 2), R)
                let v := calldataload(add(advice, 0x40))
                // 4. bus (bus - 2) (bus - 3) (V(w^P x) - V)
                let t := mulmod(mulmod(bus, bus_2, R), addmod(bus, sub(R, 3), R), R)
                t := mulmod(t, addmod(calldataload(add(advice, 0x80)), sub(R, v), R), R)
                sum := addmod(mulmod(sum, y, R), t, R)
                // 5. bus (bus - 1) (V(wx) - V + sum value_j H_j)
                let bus_bus_1 := mulmod(bus, addmod(bus, sub(R, 1), R), R)
                t := mulmod(bus_bus_1, addmod(addmod(calldataload(add(advice, 0x60)), sub(R, v), R), values, R), R)
                sum := addmod(mulmod(sum, y, R), t, R)
                // 6. bus (bus - 1) (bus - 2) (C - k)
                t := addmod(calldataload(add(advice, 0xc0)), sub(R, calldataload(add(fixeds, 0x80))), R)
                sum := addmod(mulmod(sum, y, R), mulmod(mulmod(bus_bus_1, bus_2, R), t, R), R)
            }
        }
    }

    /// @dev Gates 7: op H_j (H_j - 1) for every hot column.
    function hot(uint256 sum, uint256 advice, uint256 width) private pure returns (uint256) {
        assembly {
            let y := mload(Y)
            let h_at := add(advice, 0x100)
            let end := add(h_at, shl(5, width))
            // op is the first fixed evaluation, right after the last H.
            let op := calldataload(end)
            for {} lt(h_at, end) { h_at := add(h_at, 0x20) } {
                let h := calldataload(h_at)
                sum := addmod(mulmod(sum, y, R), mulmod(mulmod(op, h, R), addmod(h, sub(R, 1), R), R), R)
            }
        }
        return sum;
    }

    /// @dev The lookup of R in T = table + C, with R', T' sorted copies and Z their running product:
    ///   l_first (1 - Z)
    ///   l_last (Z^2 - Z)
    ///   active (Z(wx) (R' + beta) (T' + gamma) - Z (R + beta) (T + gamma))
    ///   l_first (R' - T')
    ///   active (R' - T') (R' - R'(x / w))
    function lookup(uint256 sum, uint256 advice, uint256 fixeds, uint256 width) private pure returns (uint256) {
        assembly {
            let y := mload(Y)
            let at := add(fixeds, add(0xe0, shl(6, width)))
            let z := calldataload(at)
            sum := addmod(mulmod(sum, y, R), mulmod(mload(L_FIRST), addmod(1, sub(R, z), R), R), R)
            sum := addmod(mulmod(sum, y, R), mulmod(mload(L_LAST), addmod(mulmod(z, z, R), sub(R, z), R), R), R)
            let permuted := calldataload(add(at, 0x40))
            let permuted_table := calldataload(add(at, 0x80))
            let active := mload(ACTIVE)
            {
                let beta := mload(BETA)
                let gamma := mload(GAMMA)
                // Sums below 2 R are reduced by the multiplication that follows.
                let left := mulmod(calldataload(add(at, 0x20)), add(permuted, beta), R)
                left := mulmod(left, add(permuted_table, gamma), R)
                let right := mulmod(z, add(calldataload(add(advice, 0xa0)), beta), R)
                let table := add(calldataload(add(fixeds, 0xa0)), calldataload(add(advice, 0xc0)))
                right := mulmod(right, add(table, gamma), R)
                sum := addmod(mulmod(sum, y, R), mulmod(active, addmod(left, sub(R, right), R), R), R)
            }
            let difference := addmod(permuted, sub(R, permuted_table), R)
            sum := addmod(mulmod(sum, y, R), mulmod(mload(L_FIRST), difference, R), R)
            let step := addmod(permuted, sub(R, calldataload(add(at, 0x60))), R)
            sum := addmod(mulmod(sum, y, R), mulmod(active, mulmod(difference, step, R), R), R)
        }
        return sum;
    }
}
