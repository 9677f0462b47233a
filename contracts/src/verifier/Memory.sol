// SPDX-License-Identifier: MIT OR Apache-2.0
// Where a verification keeps what: fixed places cost least. Solidity's own words below 0x80 are left alone, and nothing
// else allocates memory during a verification.
pragma solidity ^0.8.30;

/// @dev The accumulator of the curve arithmetic (x, y); at its place too the input of a pairing, twelve words.
uint256 constant POINT = 0x80;
/// @dev The accumulator's factor, or the point to add to it (x, y), or the point to multiply (x, y, factor).
uint256 constant OTHER = 0xc0;
uint256 constant OTHER_Y = 0xe0;
uint256 constant FACTOR = 0x100;
/// @dev The rest of the pairing: -[1], and the point that is paired with [tau], and [tau].
uint256 constant PAIR_ONE = 0xc0;
uint256 constant PAIR_TAU_POINT = 0x140;
uint256 constant PAIR_TAU = 0x180;

/// @dev Challenges, in the order in which they are drawn; theta compresses nothing here and is not kept.
uint256 constant BETA = 0x200;
uint256 constant GAMMA = 0x220;
uint256 constant Y = 0x240;
uint256 constant X = 0x260;
/// @dev SHPLONK's: powers of the first combine the commitments of a set, powers of the second the sets; the third is
/// the point at which all is compared.
uint256 constant SET_Y = 0x280;
uint256 constant SET_V = 0x2a0;
uint256 constant U = 0x2c0;

/// @dev x^n, and what follows from x.
uint256 constant X_N = 0x2e0;
uint256 constant L_FIRST = 0x300;
uint256 constant L_LAST = 0x320;
uint256 constant ACTIVE = 0x340;
uint256 constant PUBLIC = 0x360;
uint256 constant INV_VANISHING = 0x380;
uint256 constant INV_X = 0x3a0;
uint256 constant INV_U_PERIOD = 0x3c0;
uint256 constant INV_U_PREVIOUS = 0x3e0;
/// @dev The quotient's value at x.
uint256 constant QUOTIENT = 0x400;
/// @dev Factors of the sets after the first, relative to the first, and of h1, the generator.
uint256 constant SET_1 = 0x420;
uint256 constant SET_2 = 0x440;
uint256 constant SET_3 = 0x460;
uint256 constant FACTOR_H1 = 0x480;
uint256 constant FACTOR_G1 = 0x4a0;

/// @dev The key as its contract holds it: derived words, then the key.
uint256 constant KEY = 0x4c0;
uint256 constant OMEGA = 0x4c0;
uint256 constant OMEGA_INVERSE = 0x4e0;
uint256 constant OMEGA_PERIOD = 0x500;
uint256 constant INV_N = 0x520;
uint256 constant INV_OMEGA_1 = 0x540;
uint256 constant INV_PERIOD_1 = 0x560;
uint256 constant INV_PERIOD_OMEGA = 0x580;
uint256 constant KEY_K = 0x5c0;
uint256 constant KEY_WIDTH = 0x5e0;
uint256 constant KEY_PUBLICS = 0x620;
uint256 constant KEY_SEED = 0x680;
uint256 constant COMMITMENTS = 0x6a0;
