// SPDX-License-Identifier: MIT OR Apache-2.0
// Keys are data: checked once, at registration, stored as the code of a contract, and named by their hash alone.
pragma solidity ^0.8.30;

import {IKeyRegistry} from "../interfaces/IKeyRegistry.sol";
import {Bn254, G2_X0, G2_X1, G2_Y0, G2_Y1, R, ROOT_OF_UNITY, ROOT_OF_UNITY_LOG} from "./Bn254.sol";

/// @dev Words before a key's commitments: domain, k, width, period, publics, spec hash, SRS digest, transcript seed.
uint256 constant KEY_HEAD_WORDS = 8;
/// @dev Words that the registry computes from a key and stores before it: see `KeyRegistry.derive`.
uint256 constant DERIVED_WORDS = 7;
/// @dev Fixed columns besides the two per hot column.
uint256 constant FIXED_BASE = 6;
/// @dev Rows at the end of every column that are not the witness's.
uint256 constant UNUSABLE_ROWS = 6;

/// @title Registry of verifying keys, open to anybody
abstract contract KeyRegistry is IKeyRegistry {
    /// @notice The tau of this verifier is trivial, or no element of G2.
    error BadTau();
    /// @notice A key has another length than its shape asks for.
    error KeyLength(uint256 expected, uint256 got);
    /// @notice The key's 32-byte word of this index cannot be.
    error KeyField(uint256 word);
    /// @notice The key-data contract could not be created.
    error KeyNotStored();

    bytes32 private constant DOMAIN = "veracast verifying key v1";

    /// @notice Digest of the only SRS whose keys can be registered here.
    bytes32 public immutable srsDigest;

    /// @notice The contract whose code holds the key of this digest: a STOP, seven derived words, the key as it was
    /// registered. Zero where none is.
    mapping(bytes32 modelDigest => address) public keyData;

    constructor(uint256[4] memory tau) {
        // A generator's x means tau = 1 or tau = -1. isInG2 admits infinity, tau = 0.
        if (tau[0] == G2_X1 && tau[1] == G2_X0) revert BadTau();
        if ((tau[0] | tau[1] | tau[2] | tau[3]) == 0 || !Bn254.isInG2(tau)) revert BadTau();
        srsDigest =
            keccak256(abi.encodePacked("veracast srs v1", uint256(1), uint256(2), G2_X1, G2_X0, G2_Y1, G2_Y0, tau));
    }

    /// @inheritdoc IKeyRegistry
    /// @dev Registering a key again returns its digest and changes nothing. Reverts with `KeyLength` or `KeyField`
    /// where the key is not the canonical encoding of a key under this verifier's SRS: nothing that a verification
    /// relies on is checked anywhere else.
    function register(bytes calldata key) external returns (bytes32 modelDigest) {
        modelDigest = keccak256(key);
        if (keyData[modelDigest] != address(0)) return modelDigest;
        check(key);
        address stored = store(bytes.concat(derive(key), key));
        keyData[modelDigest] = stored;
        emit KeyRegistered(modelDigest, stored);
    }

    /// @inheritdoc IKeyRegistry
    function isRegistered(bytes32 modelDigest) external view returns (bool) {
        return keyData[modelDigest] != address(0);
    }

    function word(bytes calldata key, uint256 index) private pure returns (uint256) {
        return uint256(bytes32(key[32 * index:32 * index + 32]));
    }

    function inRange(bytes calldata key, uint256 index, uint256 low, uint256 high)
        private
        pure
        returns (uint256 value)
    {
        value = word(key, index);
        if (value < low || value > high) revert KeyField(index);
    }

    function check(bytes calldata key) private view {
        if (key.length < 32 * KEY_HEAD_WORDS) revert KeyLength(32 * KEY_HEAD_WORDS, key.length);
        if (bytes32(word(key, 0)) != DOMAIN) revert KeyField(0);
        uint256 rows = 1 << inRange(key, 1, 5, 24);
        uint256 commitments = FIXED_BASE + 2 * inRange(key, 2, 1, 32);
        // The rotations by -1, 0, 1 and the period are four: the openings divide by their differences.
        inRange(key, 3, 2, rows - 2 < 1 << 20 ? rows - 2 : 1 << 20);
        inRange(key, 4, 1, rows - UNUSABLE_ROWS < 1024 ? rows - UNUSABLE_ROWS : 1024);
        if (bytes32(word(key, 6)) != srsDigest) revert KeyField(6);
        if (word(key, 7) >= R) revert KeyField(7);
        uint256 expected = 32 * KEY_HEAD_WORDS + 64 * commitments;
        if (key.length != expected) revert KeyLength(expected, key.length);
        for (uint256 i = KEY_HEAD_WORDS; i < expected / 32; i += 2) {
            (uint256 x, uint256 y) = (word(key, i), word(key, i + 1));
            // A column of zeros commits to infinity, written (0, 0).
            if ((x | y) != 0 && !Bn254.isOnCurve(x, y)) revert KeyField(i);
        }
    }

    /// @dev What depends on the shape alone, so that no proof pays for it and nobody has to be believed: with omega of
    /// order n = 2^k and P the period: omega, 1/omega, omega^P, 1/n, 1/(omega - 1), 1/(omega^P - 1),
    /// 1/(omega^P - omega).
    function derive(bytes calldata key) private view returns (bytes memory) {
        uint256 k = word(key, 1);
        uint256 omega = ROOT_OF_UNITY;
        for (uint256 i = k; i < ROOT_OF_UNITY_LOG; i++) {
            omega = mulmod(omega, omega, R);
        }
        uint256 omegaPeriod = Bn254.power(omega, word(key, 3));
        uint256[6] memory scratch;
        uint256 free;
        assembly {
            free := scratch
        }
        return abi.encode(
            omega,
            Bn254.inverse(omega, free),
            omegaPeriod,
            Bn254.inverse(1 << k, free),
            Bn254.inverse(omega - 1, free),
            Bn254.inverse(omegaPeriod - 1, free),
            Bn254.inverse(addmod(omegaPeriod, R - omega, R), free)
        );
    }

    /// @dev Creates a contract whose code is a STOP, so that calling it does nothing, and `data`.
    function store(bytes memory data) private returns (address stored) {
        // The creation code returns all that follows its ten bytes:
        //   PUSH2 length, DUP1, PUSH1 10, RETURNDATASIZE (0), CODECOPY, RETURNDATASIZE (0), RETURN
        bytes memory code = abi.encodePacked(hex"61", uint16(data.length + 1), hex"80600a3d393df3", hex"00", data);
        assembly {
            stored := create(0, add(code, 0x20), mload(code))
        }
        if (stored == address(0)) revert KeyNotStored();
    }
}
