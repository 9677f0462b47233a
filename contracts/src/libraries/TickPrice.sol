// SPDX-License-Identifier: MIT OR Apache-2.0
// A pool tells its price as a tick; amounts need the price itself, to the last unit the pool would use.
pragma solidity ^0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Prices from ticks
/// @notice Tick t stands for the price 1.0001^t, in units of token1 per unit of token0.
/// @dev 1.0001^(-|t|/2) is the product, over the bits i that are set in |t|, of the constants
/// c_i = 1.0001^(-2^i / 2), held as round(2^128 c_i). All factors are below 1, so no product exceeds 2^256; a
/// positive tick takes the reciprocal at the end. The pool rounds the square root of its price in the same way
/// (tested tick by tick against the original), so a quote here is a quote there.
library TickPrice {
    /// @notice Ticks beyond this have prices outside [2^-128, 2^128].
    int24 internal constant MAX_TICK = 887272;

    /// @notice No pool has such a tick.
    error TickOutOfRange(int24 tick);

    /// @notice The square root of 1.0001^tick as a fixed-point number with 96 fractional bits, rounded up.
    function sqrtPriceX96(int24 tick) internal pure returns (uint160) {
        if (tick > MAX_TICK || tick < -MAX_TICK) revert TickOutOfRange(tick);
        unchecked {
            uint256 n = tick < 0 ? uint256(-int256(tick)) : uint256(int256(tick));
            uint256 root = _inverseRootX128(n);
            if (tick > 0) root = type(uint256).max / root;
            return uint160((root >> 32) + (root & 0xffffffff == 0 ? 0 : 1));
        }
    }

    /// @notice What `amount` of one token is worth in the other at a tick, rounded down.
    /// @param tick Price of token0 in token1.
    /// @param amount Units of token0 if `ofToken0`, else of token1.
    function quote(int24 tick, uint128 amount, bool ofToken0) internal pure returns (uint256) {
        uint256 root = sqrtPriceX96(tick);
        // root^2 fits 256 bits up to root = 2^128; beyond, 64 of its 192 fractional bits are dropped first.
        (uint256 price, uint256 one) =
            root < 1 << 128 ? (root * root, 1 << 192) : (Math.mulDiv(root, root, 1 << 64), 1 << 128);
        return ofToken0 ? Math.mulDiv(price, amount, one) : Math.mulDiv(one, amount, price);
    }

    /// @dev round-down product of the c_i over the bits of n < 2^20, with 128 fractional bits.
    function _inverseRootX128(uint256 n) private pure returns (uint256 r) {
        unchecked {
            r = n & 0x1 == 0 ? 1 << 128 : 0xfffcb933bd6fad37aa2d162d1a594001;
            if (n & 0x2 != 0) r = (r * 0xfff97272373d413259a46990580e213a) >> 128;
            if (n & 0x4 != 0) r = (r * 0xfff2e50f5f656932ef12357cf3c7fdcc) >> 128;
            if (n & 0x8 != 0) r = (r * 0xffe5caca7e10e4e61c3624eaa0941cd0) >> 128;
            if (n & 0x10 != 0) r = (r * 0xffcb9843d60f6159c9db58835c926644) >> 128;
            if (n & 0x20 != 0) r = (r * 0xff973b41fa98c081472e6896dfb254c0) >> 128;
            if (n & 0x40 != 0) r = (r * 0xff2ea16466c96a3843ec78b326b52861) >> 128;
            if (n & 0x80 != 0) r = (r * 0xfe5dee046a99a2a811c461f1969c3053) >> 128;
            if (n & 0x100 != 0) r = (r * 0xfcbe86c7900a88aedcffc83b479aa3a4) >> 128;
            if (n & 0x200 != 0) r = (r * 0xf987a7253ac413176f2b074cf7815e54) >> 128;
            if (n & 0x400 != 0) r = (r * 0xf3392b0822b70005940c7a398e4b70f3) >> 128;
            if (n & 0x800 != 0) r = (r * 0xe7159475a2c29b7443b29c7fa6e889d9) >> 128;
            if (n & 0x1000 != 0) r = (r * 0xd097f3bdfd2022b8845ad8f792aa5825) >> 128;
            if (n & 0x2000 != 0) r = (r * 0xa9f746462d870fdf8a65dc1f90e061e5) >> 128;
            if (n & 0x4000 != 0) r = (r * 0x70d869a156d2a1b890bb3df62baf32f7) >> 128;
            if (n & 0x8000 != 0) r = (r * 0x31be135f97d08fd981231505542fcfa6) >> 128;
            if (n & 0x10000 != 0) r = (r * 0x9aa508b5b7a84e1c677de54f3e99bc9) >> 128;
            if (n & 0x20000 != 0) r = (r * 0x5d6af8dedb81196699c329225ee604) >> 128;
            if (n & 0x40000 != 0) r = (r * 0x2216e584f5fa1ea926041bedfe98) >> 128;
            if (n & 0x80000 != 0) r = (r * 0x48a170391f7dc42444e8fa2) >> 128;
        }
    }
}
