// SPDX-License-Identifier: MIT OR Apache-2.0
// OpenZeppelin's two-step ownership, seen from outside.
pragma solidity ^0.8.30;

interface IOwnable2Step {
    error OwnableUnauthorizedAccount(address account);

    function owner() external view returns (address);
    function pendingOwner() external view returns (address);
    function transferOwnership(address newOwner) external;
    function acceptOwnership() external;
}
