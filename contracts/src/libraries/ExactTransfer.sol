// SPDX-License-Identifier: MIT OR Apache-2.0
// The amount proven is the amount swapped: a token that delivers any other amount is refused.
pragma solidity ^0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @title Transfers that are checked by balances, for tokens that return a bool and those that return nothing
library ExactTransfer {
    using SafeERC20 for IERC20;

    /// @notice Takes exactly `amount` from `from`, or reverts with `InexactTransfer`.
    /// @param held What this contract held before; the caller reads it once and compares again after its use.
    function pull(IERC20 token, address from, uint256 amount, uint256 held) internal {
        token.safeTransferFrom(from, address(this), amount);
        uint256 got = token.balanceOf(address(this));
        if (got != held + amount) revert InexactTransfer(address(token), held + amount, got);
    }

    /// @notice Sets an allowance to zero if anything is left of it.
    function clearAllowance(IERC20 token, address spender) internal {
        if (token.allowance(address(this), spender) != 0) token.forceApprove(spender, 0);
    }

    /// @notice After a transfer of an exact amount, a balance is not what it must be.
    error InexactTransfer(address token, uint256 expected, uint256 got);
}
