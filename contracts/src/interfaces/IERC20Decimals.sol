// SPDX-License-Identifier: MIT OR Apache-2.0
// Units are part of the statement, so a deployment checks the decimals of both tokens.
pragma solidity ^0.8.30;

/// @title The optional ERC-20 function that tells a token's unit
interface IERC20Decimals {
    /// @notice Number of decimal places of the token's unit.
    function decimals() external view returns (uint8);
}
