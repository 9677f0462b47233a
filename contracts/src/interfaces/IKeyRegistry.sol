// SPDX-License-Identifier: MIT OR Apache-2.0
// Keys are data: anybody may register one, and its digest, computed here, is the only name it ever has.
pragma solidity ^0.8.30;

/// @title Verifying keys by digest
interface IKeyRegistry {
    /// @notice A verifying key was stored under its digest.
    /// @param modelDigest Digest of the canonical key encoding.
    /// @param keyData Address of the contract whose code holds the key.
    event KeyRegistered(bytes32 indexed modelDigest, address keyData);

    /// @notice Stores a verifying key and returns the digest computed from it.
    /// @dev Permissionless: a key says nothing about whether its model is any good; schedules decide that.
    /// @param key The canonical encoding of the verifying key.
    /// @return modelDigest The digest under which the key can now be used.
    function register(bytes calldata key) external returns (bytes32 modelDigest);

    /// @notice Whether a key with this digest can be used.
    function isRegistered(bytes32 modelDigest) external view returns (bool);
}
