// SPDX-License-Identifier: MIT OR Apache-2.0
// The curve's numbers, and the precompiles with their gas capped: a call that fails burns all that it was given.
pragma solidity ^0.8.30;

/// @dev Order of the base field: coordinates are below it.
uint256 constant Q = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47;
/// @dev Order of the scalar field: public inputs, evaluations and challenges are below it.
uint256 constant R = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001;
/// @dev R - 2: the exponent that inverts.
uint256 constant R_MINUS_2 = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593efffffff;
/// @dev A root of unity of order 2^28, the largest power of two that divides R - 1: 7^((R - 1) / 2^28), as in halo2.
uint256 constant ROOT_OF_UNITY = 0x03ddb9f5166d18b798865ea93dd31f743215cf6dd39329c8d34f1ed960c37c9c;
uint256 constant ROOT_OF_UNITY_LOG = 28;

/// @dev The generator of G2 as EIP-197 writes it (x.c1, x.c0, y.c1, y.c0), and the y of its negative.
uint256 constant G2_X1 = 0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2;
uint256 constant G2_X0 = 0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed;
uint256 constant G2_Y1 = 0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b;
uint256 constant G2_Y0 = 0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa;
uint256 constant NEGATIVE_G2_Y1 = 0x275dc4a288d1afb3cbb1ac09187524c7db36395df7be3b99e673b13a075a65ec;
uint256 constant NEGATIVE_G2_Y0 = 0x1d9befcd05a5323e6da4d435f3b617cdb3af83285c2df711ef39c01571827f9d;

/// @dev Addresses of the precompiles.
uint256 constant MODEXP = 5;
uint256 constant EC_ADD = 6;
uint256 constant EC_MUL = 7;
uint256 constant EC_PAIRING = 8;

/// @dev What a call may burn: at least seven times what it costs at the time of writing (modexp 1,360, 4,080 from
/// osaka on; addition 150; multiplication 6,000; two pairs 113,000), because gas schedules change and deployed code
/// does not.
uint256 constant MODEXP_GAS = 40_000;
uint256 constant EC_ADD_GAS = 4_000;
uint256 constant EC_MUL_GAS = 60_000;
uint256 constant EC_PAIRING_GAS = 1_000_000;

/// @dev A precompile refused arguments that were checked before: the gas ran out, or this chain lacks it.
error PrecompileFailed();

library Bn254 {
    /// @dev 1 / x mod R, and 0 for 0. Overwrites the six words at `scratch`.
    function inverse(uint256 x, uint256 scratch) internal view returns (uint256 y) {
        bool success;
        // y = x^(R-2) mod R
        assembly {
            mstore(scratch, 32)
            mstore(add(scratch, 0x20), 32)
            mstore(add(scratch, 0x40), 32)
            mstore(add(scratch, 0x60), x)
            mstore(add(scratch, 0x80), R_MINUS_2)
            mstore(add(scratch, 0xa0), R)
            success := staticcall(MODEXP_GAS, MODEXP, scratch, 0xc0, 0x00, 0x20)
            success := and(success, eq(returndatasize(), 0x20))
            y := mload(0x00)
        }
        if (!success) revert PrecompileFailed();
    }

    /// @dev base^exponent mod R.
    function power(uint256 base, uint256 exponent) internal pure returns (uint256 result) {
        result = 1;
        for (; exponent != 0; exponent >>= 1) {
            if (exponent & 1 == 1) result = mulmod(result, base, R);
            base = mulmod(base, base, R);
        }
    }

    /// @dev Whether (x, y) is a finite point of the curve in canonical coordinates: y^2 = x^3 + 3 mod Q.
    /// (0, 0), which the precompiles take for infinity, is not.
    function isOnCurve(uint256 x, uint256 y) internal pure returns (bool) {
        return x < Q && y < Q && mulmod(y, y, Q) == addmod(mulmod(mulmod(x, x, Q), x, Q), 3, Q);
    }

    /// @dev Whether the precompile takes `point` for an element of G2: canonical, on the twist, of order R.
    /// e(infinity, point) = 1 holds exactly for those.
    function isInG2(uint256[4] memory point) internal view returns (bool) {
        uint256[6] memory pair = [uint256(0), 0, point[0], point[1], point[2], point[3]];
        bool success;
        assembly {
            success := staticcall(EC_PAIRING_GAS, EC_PAIRING, pair, 0xc0, 0x00, 0x20)
            success := and(success, and(eq(returndatasize(), 0x20), eq(mload(0x00), 1)))
        }
        return success;
    }
}
