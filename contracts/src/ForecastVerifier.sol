// SPDX-License-Identifier: MIT OR Apache-2.0
// One verifier for every model of the machine circuit: the verifying key is data, and the key is the model.
pragma solidity ^0.8.30;

import {IVerifier} from "./interfaces/IVerifier.sol";
import {Form} from "./verifier/Form.sol";
import {KeyRegistry} from "./verifier/KeyRegistry.sol";
import {Lagrange} from "./verifier/Lagrange.sol";
import {KEY, KEY_PUBLICS, KEY_WIDTH, PAIR_TAU} from "./verifier/Memory.sol";
import {Opening} from "./verifier/Opening.sol";
import {Quotient} from "./verifier/Quotient.sol";
import {Transcript} from "./verifier/Transcript.sol";

/// @title Verifies forecasts' proofs: halo2 with KZG and SHPLONK on BN254, Keccak transcript
/// @notice Whoever knows tau can prove anything, so tau is fixed here, at deployment, and no key can bring another.
/// There is no owner, no switch and no state but the registered keys.
contract ForecastVerifier is KeyRegistry, IVerifier {
    // [tau]G2 as EIP-197 writes it: x.c1, x.c0, y.c1, y.c0.
    uint256 private immutable tauX1;
    uint256 private immutable tauX0;
    uint256 private immutable tauY1;
    uint256 private immutable tauY0;

    /// @param tau [tau]G2 as EIP-197 writes it: x.c1, x.c0, y.c1, y.c0. Refused where tau is 0, 1 or -1.
    constructor(uint256[4] memory tau) KeyRegistry(tau) {
        (tauX1, tauX0, tauY1, tauY0) = (tau[0], tau[1], tau[2], tau[3]);
    }

    /// @notice [tau]G2 as EIP-197 writes it: x.c1, x.c0, y.c1, y.c0.
    function tauG2() external view returns (uint256[4] memory) {
        return [tauX1, tauX0, tauY1, tauY0];
    }

    /// @inheritdoc IVerifier
    /// @dev Returns false where the statement has another number of words than the key says, or one that is not below
    /// R; where the proof has another length than the shape asks for, a coordinate not below Q, a point off the curve
    /// or at infinity, an evaluation not below R; and where the proof does not hold.
    /// Reverts with `UnknownModel` where the digest is not registered, with `PrecompileFailed` where the gas does not
    /// suffice or the chain has no BN254 precompiles, and without data where the gas runs out elsewhere or the call is
    /// not encoded as the ABI says: it never answers "false" for want of gas. A caller must hold back enough itself:
    /// 63/64 of its gas is forwarded at most, and a verification takes about 280,000 at width 1 and 21,000 more for every
    /// further hot column; docs/verifier.md has the figures.
    function verify(bytes32 modelDigest, uint256[] calldata statement, bytes calldata proof)
        external
        view
        returns (bool)
    {
        address stored = keyData[modelDigest];
        if (stored == address(0)) revert UnknownModel(modelDigest);
        (uint256 width, uint256 publics, uint256 free) = load(stored);
        if (statement.length != publics) return false;
        uint256 words;
        uint256 points;
        uint256 scalars;
        uint256 openings;
        uint256 end;
        assembly {
            words := statement.offset
            points := proof.offset
            // 11 + w points, 20 + 3 w evaluations, 2 points
            scalars := add(points, add(0x2c0, shl(6, width)))
            openings := add(scalars, add(0x280, mul(0x60, width)))
            end := add(openings, 0x80)
        }
        unchecked {
            if (proof.length != end - points) return false;
            if (!Form.areScalars(words, publics) || !Form.areScalars(scalars, 20 + 3 * width)) return false;
            if (!Form.arePoints(points, 11 + width) || !Form.arePoints(openings, 2)) return false;
        }

        Transcript.challenges(words, publics, points, width, free);
        if (!Lagrange.evaluate(words, publics, free)) return false;
        Quotient.evaluate(scalars, width);
        Opening.factors(scalars, width);
        return Opening.holds(points, width);
    }

    /// @dev Copies [tau] and the key to their places in memory, the key without the STOP before it.
    function load(address stored) private view returns (uint256 width, uint256 publics, uint256 free) {
        (uint256 x1, uint256 x0, uint256 y1, uint256 y0) = (tauX1, tauX0, tauY1, tauY0);
        assembly {
            mstore(PAIR_TAU, x1)
            mstore(add(PAIR_TAU, 0x20), x0)
            mstore(add(PAIR_TAU, 0x40), y1)
            mstore(add(PAIR_TAU, 0x60), y0)
            let length := sub(extcodesize(stored), 1)
            extcodecopy(stored, KEY, 1, length)
            width := mload(KEY_WIDTH)
            publics := mload(KEY_PUBLICS)
            free := add(KEY, length)
        }
    }
}
