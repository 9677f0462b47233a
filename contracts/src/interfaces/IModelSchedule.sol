// SPDX-License-Identifier: MIT OR Apache-2.0
// Which model speaks for which horizon, and since when: changes are announced, revocations are not.
pragma solidity ^0.8.30;

/// @title The models of the four horizons, changed only with notice
interface IModelSchedule {
    /// @notice A model that waits for its delay.
    /// @param modelDigest The announced model; zero if nothing is announced.
    /// @param activeFrom Unix time from which it can be activated.
    struct Announcement {
        bytes32 modelDigest;
        uint64 activeFrom;
    }

    /// @notice A model will be usable for a horizon from `activeFrom` on, once activated.
    event ModelAnnounced(uint8 indexed horizon, bytes32 indexed modelDigest, uint64 activeFrom);
    /// @notice An announced model was taken back before it was activated.
    event AnnouncementCancelled(uint8 indexed horizon, bytes32 indexed modelDigest);
    /// @notice A model is in force for a horizon. `previous` is zero if there was none.
    event ModelActivated(uint8 indexed horizon, bytes32 indexed modelDigest, bytes32 previous);
    /// @notice A horizon has no model any more.
    event ModelRevoked(uint8 indexed horizon, bytes32 indexed modelDigest);

    /// @notice Horizons are 2, 3, 4 and 5 months.
    error UnknownHorizon(uint8 horizon);
    /// @notice The zero digest means "no model" and cannot be announced.
    error ZeroDigest();
    /// @notice The verifier has no key with this digest.
    error ModelNotRegistered(bytes32 modelDigest);
    /// @notice No model waits for this horizon.
    error NothingAnnounced(uint8 horizon);
    /// @notice The announced model's delay is not over.
    error DelayNotOver(uint64 activeFrom, uint256 blockTime);
    /// @notice The horizon has no active model and no announced one.
    error NothingToRevoke(uint8 horizon);

    /// @notice Owner: announces the next model of a horizon, replacing an earlier announcement (the delay restarts).
    /// @param horizon In months: 2, 3, 4 or 5.
    /// @param modelDigest A digest registered with the verifier.
    function announce(uint8 horizon, bytes32 modelDigest) external;

    /// @notice Owner: takes an announcement back; the active model stays.
    function cancel(uint8 horizon) external;

    /// @notice Anybody: puts the announced model in force, once its delay is over.
    function activate(uint8 horizon) external;

    /// @notice Owner: ends a horizon's model at once, and its announcement too.
    function revoke(uint8 horizon) external;

    /// @notice Digests of the active models of horizons 2, 3, 4 and 5; zero where there is none.
    function models() external view returns (bytes32[4] memory);

    /// @notice The model that waits for a horizon.
    function announced(uint8 horizon) external view returns (Announcement memory);

    /// @notice Seconds between an announcement and the earliest activation. Fixed at deployment.
    function activationDelay() external view returns (uint32);
}
