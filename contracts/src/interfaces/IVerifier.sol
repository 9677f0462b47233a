// SPDX-License-Identifier: MIT OR Apache-2.0
// What a gate asks: one question about one statement. Keys are named by digest, never chosen by the caller.
pragma solidity ^0.8.30;

/// @title Checks that a statement was proven by a registered model
interface IVerifier {
    /// @notice The digest names no registered verifying key.
    error UnknownModel(bytes32 modelDigest);

    /// @notice Whether `proof` proves `statement` under the model that `modelDigest` names.
    /// @dev Never changes state. Reverts with `UnknownModel` when the digest is not registered; every other
    /// malformed input (lengths, non-canonical field elements, points off the curve) is a `false`.
    /// @param modelDigest Digest of the verifying key, as computed at registration.
    /// @param statement Public values in the model's fixed order, each a canonical BN254 scalar. For the hedge
    /// models: binding, horizon (2 to 5), amount (satoshi), price (1e-6 USD per BTC), month (1 to 12).
    /// @param proof Uncompressed big-endian points (64 bytes) and scalars (32 bytes), in transcript order.
    /// @return True only if the statement is proven.
    function verify(bytes32 modelDigest, uint256[] calldata statement, bytes calldata proof)
        external
        view
        returns (bool);
}
