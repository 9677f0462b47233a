// SPDX-License-Identifier: MIT OR Apache-2.0
// The challenges. Words are absorbed until one is asked for: challenge = keccak256(words) mod R, and the hash itself is
// the first of the words that follow. A challenge right after a challenge hashes that word and the byte 1.
pragma solidity ^0.8.30;

import {R} from "./Bn254.sol";
import {BETA, GAMMA, KEY_SEED, SET_V, SET_Y, U, X, Y} from "./Memory.sol";

library Transcript {
    /// @dev Writes every challenge to its place in memory.
    ///
    ///   seed | statement | advice (4 + w) -> theta | permuted input, permuted table -> beta -> gamma
    ///   | lookup product, random -> y | quotient (3) -> x | evaluations (20 + 3w) -> set y -> set v | h1 -> u
    ///
    /// The words lie in memory as in calldata, and each hash takes the place of the word before what comes next, which
    /// was absorbed already: so every hash is over one stretch of memory.
    /// @param statement Calldata offset of the first public input, `publics` words.
    /// @param proof Calldata offset of the proof, of the right length for `width`.
    /// @param free Free memory, at least as long as statement and proof and one word.
    function challenges(uint256 statement, uint256 publics, uint256 proof, uint256 width, uint256 free) internal pure {
        assembly {
            // The hash of `length` words from the one before `at`, put before what follows them.
            function absorb(at, length) -> next, hash {
                next := add(at, length)
                hash := keccak256(sub(at, 0x20), add(length, 0x20))
                mstore(sub(next, 0x20), hash)
            }
            // The hash that follows a hash immediately.
            function again(at, hash) -> second {
                mstore(0x00, hash)
                mstore8(0x20, 1)
                second := keccak256(0x00, 0x21)
                mstore(sub(at, 0x20), second)
            }
            let length := shl(5, publics)
            let hash
            mstore(free, mload(KEY_SEED))
            let at := add(free, 0x20)
            calldatacopy(at, statement, length)
            calldatacopy(add(at, length), proof, add(0x5c0, mul(width, 0xa0)))
            at, hash := absorb(at, add(length, add(0x100, shl(6, width))))
            at, hash := absorb(at, 0x80)
            mstore(BETA, mod(hash, R))
            mstore(GAMMA, mod(again(at, hash), R))
            at, hash := absorb(at, 0x80)
            mstore(Y, mod(hash, R))
            at, hash := absorb(at, 0xc0)
            mstore(X, mod(hash, R))
            at, hash := absorb(at, add(0x280, mul(width, 0x60)))
            mstore(SET_Y, mod(hash, R))
            mstore(SET_V, mod(again(at, hash), R))
            at, hash := absorb(at, 0x40)
            mstore(U, mod(hash, R))
        }
    }
}
