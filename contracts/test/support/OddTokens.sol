// SPDX-License-Identifier: MIT OR Apache-2.0
// Tokens that do not behave: each one is an attack, or a mistake that real tokens make.
pragma solidity ^0.8.30;

import {LocalToken} from "../../src/local/LocalToken.sol";

/// @dev Returns nothing where the standard says bool, and refuses to change a live allowance, as USDT does.
contract NoBoolToken {
    uint8 public immutable decimals;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    constructor(uint8 decimals_) {
        decimals = decimals_;
    }

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function approve(address spender, uint256 amount) external {
        require(amount == 0 || allowance[msg.sender][spender] == 0, "allowance is live");
        allowance[msg.sender][spender] = amount;
    }

    function transfer(address to, uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
    }

    function transferFrom(address from, address to, uint256 amount) external {
        allowance[from][msg.sender] -= amount;
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}

/// @dev Misbehaves once it is told how.
contract OddToken is LocalToken {
    enum Habit {
        None,
        TakesFee, // delivers 2 % less
        ReturnsFalse, // does nothing and says so
        Lies, // does nothing and says that it did
        Overpays, // delivers one unit more
        KeepsAllowance, // never uses an allowance up
        CallsBack // tells the sender before it pays
    }

    Habit public habit;
    address public only;

    constructor(string memory symbol, uint8 decimals_) LocalToken(symbol, symbol, decimals_) {}

    /// @param only_ Transfers by this caller misbehave; zero for everybody's.
    function setHabit(Habit habit_, address only_) external {
        habit = habit_;
        only = only_;
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        if (odd(Habit.ReturnsFalse)) return false;
        if (odd(Habit.Lies)) return true;
        if (odd(Habit.CallsBack)) IHook(from).onTransfer();
        if (odd(Habit.KeepsAllowance)) {
            _transfer(from, to, amount);
            return true;
        }
        super.transferFrom(from, to, amount);
        _settle(to, amount);
        return true;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        super.transfer(to, amount);
        _settle(to, amount);
        return true;
    }

    function _settle(address to, uint256 amount) private {
        if (odd(Habit.TakesFee)) _burn(to, amount / 50);
        if (odd(Habit.Overpays)) _mint(to, 1);
    }

    function odd(Habit which) private view returns (bool) {
        return habit == which && (only == address(0) || only == msg.sender);
    }
}

interface IHook {
    function onTransfer() external;
}
