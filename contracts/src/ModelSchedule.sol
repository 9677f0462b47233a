// SPDX-License-Identifier: MIT OR Apache-2.0
// The one thing that may change about a gate is which models it trusts: with notice, or to nothing at once.
pragma solidity ^0.8.30;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IKeyRegistry} from "./interfaces/IKeyRegistry.sol";
import {IModelSchedule} from "./interfaces/IModelSchedule.sol";

/// @title Announce, wait, activate; revoke at once
abstract contract ModelSchedule is IModelSchedule, Ownable2Step {
    uint8 internal constant FIRST_HORIZON = 2;
    uint8 internal constant LAST_HORIZON = 5;

    /// @inheritdoc IModelSchedule
    uint32 public immutable activationDelay;
    IKeyRegistry private immutable _keys;

    bytes32[4] private _models;
    mapping(uint8 horizon => Announcement) private _announced;

    /// @param keys Where announced models must be registered.
    /// @param delay Seconds of notice.
    /// @param owner The first owner.
    /// @param first Models in force from the start; zero for none.
    constructor(IKeyRegistry keys, uint32 delay, address owner, bytes32[4] memory first) Ownable(owner) {
        _keys = keys;
        activationDelay = delay;
        for (uint8 i = 0; i < 4; i++) {
            if (first[i] == 0) continue;
            if (!keys.isRegistered(first[i])) revert ModelNotRegistered(first[i]);
            _models[i] = first[i];
            emit ModelActivated(FIRST_HORIZON + i, first[i], 0);
        }
    }

    /// @inheritdoc IModelSchedule
    function announce(uint8 horizon, bytes32 modelDigest) external onlyOwner {
        _index(horizon);
        if (modelDigest == 0) revert ZeroDigest();
        if (!_keys.isRegistered(modelDigest)) revert ModelNotRegistered(modelDigest);
        uint64 activeFrom = uint64(block.timestamp) + activationDelay;
        _announced[horizon] = Announcement(modelDigest, activeFrom);
        emit ModelAnnounced(horizon, modelDigest, activeFrom);
    }

    /// @inheritdoc IModelSchedule
    function cancel(uint8 horizon) external onlyOwner {
        _index(horizon);
        if (!_cancel(horizon)) revert NothingAnnounced(horizon);
    }

    /// @inheritdoc IModelSchedule
    function activate(uint8 horizon) external {
        uint256 i = _index(horizon);
        Announcement memory next = _announced[horizon];
        if (next.modelDigest == 0) revert NothingAnnounced(horizon);
        if (block.timestamp < next.activeFrom) revert DelayNotOver(next.activeFrom, block.timestamp);
        bytes32 previous = _models[i];
        _models[i] = next.modelDigest;
        delete _announced[horizon];
        emit ModelActivated(horizon, next.modelDigest, previous);
    }

    /// @inheritdoc IModelSchedule
    function revoke(uint8 horizon) external onlyOwner {
        uint256 i = _index(horizon);
        bytes32 active = _models[i];
        bool cancelled = _cancel(horizon);
        if (active == 0 && !cancelled) revert NothingToRevoke(horizon);
        if (active == 0) return;
        _models[i] = 0;
        emit ModelRevoked(horizon, active);
    }

    /// @inheritdoc IModelSchedule
    function models() public view returns (bytes32[4] memory) {
        return _models;
    }

    /// @inheritdoc IModelSchedule
    function announced(uint8 horizon) external view returns (Announcement memory) {
        _index(horizon);
        return _announced[horizon];
    }

    /// @dev Place of a horizon in `models()`.
    function _index(uint8 horizon) internal pure returns (uint256) {
        if (horizon < FIRST_HORIZON || horizon > LAST_HORIZON) revert UnknownHorizon(horizon);
        return horizon - FIRST_HORIZON;
    }

    function _cancel(uint8 horizon) private returns (bool) {
        bytes32 modelDigest = _announced[horizon].modelDigest;
        if (modelDigest == 0) return false;
        delete _announced[horizon];
        emit AnnouncementCancelled(horizon, modelDigest);
        return true;
    }
}
