// SPDX-License-Identifier: MIT OR Apache-2.0
// A local chain has no WBTC and no USDC: this token stands in for both, worth nothing by construction.
pragma solidity ^0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title A token for local chains and tests, which anybody can mint
contract LocalToken is ERC20 {
    uint8 private immutable _decimals;

    /// @param name_ Shown by wallets.
    /// @param symbol_ Short name.
    /// @param decimals_ 8 for a stand-in of WBTC, 6 of USDC.
    constructor(string memory name_, string memory symbol_, uint8 decimals_) ERC20(name_, symbol_) {
        _decimals = decimals_;
    }

    /// @notice Makes `amount` units for `to`; open to everybody.
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    /// @inheritdoc ERC20
    function decimals() public view override returns (uint8) {
        return _decimals;
    }
}
