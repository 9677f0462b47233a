// SPDX-License-Identifier: MIT OR Apache-2.0
// What can be registered: canonical keys under this verifier's tau, by anybody, under a digest that nobody chooses.
pragma solidity ^0.8.30;

import {IKeyRegistry} from "../src/interfaces/IKeyRegistry.sol";
import {Fixture, FixtureTest, IForecastVerifier} from "./support/Fixture.sol";

contract KeyRegistryTest is FixtureTest {
    uint256 internal constant K = 1;
    uint256 internal constant WIDTH = 2;
    uint256 internal constant PERIOD = 3;
    uint256 internal constant PUBLICS = 4;
    uint256 internal constant SPEC = 5;
    uint256 internal constant SRS = 6;
    uint256 internal constant SEED = 7;
    uint256 internal constant COMMITMENTS = 8;

    IForecastVerifier internal verifier;
    Fixture internal f;

    function setUp() public {
        f = read("width1");
        verifier = deployVerifier(f.tau);
    }

    function refuseWord(uint256 index, uint256 value) internal {
        vm.expectRevert(abi.encodeWithSelector(IForecastVerifier.KeyField.selector, index));
        verifier.register(withWord(f.key, index, value));
    }

    function refuseLength(bytes memory key, uint256 expected) internal {
        vm.expectRevert(abi.encodeWithSelector(IForecastVerifier.KeyLength.selector, expected, key.length));
        verifier.register(key);
    }

    /// @dev A key that can be registered but is another model: its digest is another, and it proves nothing of ours.
    function admitButTellApart(bytes memory key) internal {
        bytes32 digest = verifier.register(key);
        assertTrue(digest != f.digest, "digest");
        assertTrue(!verifier.verify(digest, f.statement, f.proof), "our proof under a changed key");
    }

    function test_theDigestIsRusts() public {
        assertTrue(!verifier.isRegistered(f.digest), "before");
        // The first contract that the verifier creates.
        bytes32 created = keccak256(abi.encodePacked(hex"d694", address(verifier), hex"01"));
        vm.expectEmit(address(verifier));
        emit IKeyRegistry.KeyRegistered(f.digest, address(uint160(uint256(created))));
        assertEq(verifier.register(f.key), f.digest, "digest");
        assertEq(keccak256(f.key), f.digest, "keccak-256 of the key and nothing else");
        assertTrue(verifier.isRegistered(f.digest), "after");
        assertTrue(verifier.keyData(f.digest) == address(uint160(uint256(created))), "key data");
    }

    function test_registeringTwiceChangesNothing() public {
        verifier.register(f.key);
        address stored = verifier.keyData(f.digest);
        vm.prank(address(0xBEEF));
        assertEq(verifier.register(f.key), f.digest, "digest");
        assertEq(verifier.keyData(f.digest), stored, "key data");
    }

    function test_anybodyMayRegister() public {
        vm.prank(address(0xBEEF));
        verifier.register(f.key);
        assertTrue(verifier.verify(f.digest, f.statement, f.proof), "usable");
    }

    function test_theKeyDataContractHoldsTheKeyAndDoesNothing() public {
        verifier.register(f.key);
        address stored = verifier.keyData(f.digest);
        bytes memory code = stored.code;
        assertEq(code.length, 1 + 7 * 32 + f.key.length, "length");
        assertEq(uint8(code[0]), 0, "STOP");
        for (uint256 i = 0; i < f.key.length; i++) {
            if (code[1 + 7 * 32 + i] != f.key[i]) revert NotTrue("the key as registered");
        }
        (bool success, bytes memory answer) = stored.call(hex"12345678");
        assertTrue(success && answer.length == 0, "a call does nothing");
    }

    function test_refusesAnotherDomain() public {
        refuseWord(0, word(f.key, 0) ^ 1);
        refuseWord(0, word(f.key, 0) ^ (1 << 255));
        refuseWord(0, uint256(bytes32("veracast verifying key v2")));
    }

    function test_refusesAShapeOutOfRange() public {
        refuseWord(K, 4);
        refuseWord(K, 25);
        refuseWord(K, (1 << 64) + 10);
        refuseWord(K, type(uint256).max);
        refuseWord(WIDTH, 0);
        refuseWord(WIDTH, 33);
        refuseWord(WIDTH, (1 << 255) + 1);
        // 0, 1 and n - 1 coincide with a rotation by 0, 1 or -1.
        refuseWord(PERIOD, 0);
        refuseWord(PERIOD, 1);
        refuseWord(PERIOD, 1023);
        refuseWord(PERIOD, 1026);
        refuseWord(PERIOD, 1 << 128);
        refuseWord(PUBLICS, 0);
        refuseWord(PUBLICS, 1019);
        refuseWord(PUBLICS, type(uint256).max);
    }

    function test_everyFieldOfTheShapeIsPartOfTheModel() public {
        admitButTellApart(withWord(f.key, K, 11));
        admitButTellApart(withWord(f.key, PERIOD, word(f.key, PERIOD) + 1));
        admitButTellApart(withWord(f.key, PERIOD, 2));
        admitButTellApart(withWord(f.key, PERIOD, 1022));
        admitButTellApart(withWord(f.key, PUBLICS, word(f.key, PUBLICS) + 1));
        admitButTellApart(withWord(f.key, PUBLICS, 1018));
    }

    function test_theSeedIsPartOfTheModel() public {
        admitButTellApart(withWord(f.key, SEED, addmod(word(f.key, SEED), 1, R)));
        admitButTellApart(withWord(f.key, SEED, 0));
        refuseWord(SEED, R);
        refuseWord(SEED, word(f.key, SEED) + R);
    }

    /// @dev The meaning of the integers is no constraint, so the proof holds; the model's name is another.
    function test_theSpecHashIsPartOfTheModelsName() public {
        bytes32 digest = verifier.register(withWord(f.key, SPEC, word(f.key, SPEC) ^ 1));
        assertTrue(digest != f.digest, "digest");
        assertTrue(!verifier.isRegistered(f.digest), "under its own name alone");
    }

    function test_everyCommitmentIsPartOfTheModel() public {
        for (uint256 i = COMMITMENTS; i < f.key.length / 32; i += 2) {
            admitButTellApart(withWord(withWord(f.key, i, 1), i + 1, 2));
            // A column of zeros.
            admitButTellApart(withWord(withWord(f.key, i, 0), i + 1, 0));
        }
    }

    function test_refusesACommitmentThatIsNoPointInCanonicalForm() public {
        for (uint256 i = COMMITMENTS; i < f.key.length / 32; i += 2) {
            (uint256 x, uint256 y) = (word(f.key, i), word(f.key, i + 1));
            bytes4 field = IForecastVerifier.KeyField.selector;
            bytes[4] memory keys = [
                withWord(f.key, i, x ^ 1),
                withWord(f.key, i + 1, y ^ 1),
                withWord(f.key, i, x + Q),
                withWord(f.key, i + 1, y + Q)
            ];
            for (uint256 j = 0; j < 4; j++) {
                vm.expectRevert(abi.encodeWithSelector(field, i));
                verifier.register(keys[j]);
            }
            vm.expectRevert(abi.encodeWithSelector(field, i));
            verifier.register(withWord(withWord(f.key, i, 0), i + 1, Q));
        }
    }

    function test_refusesAKeyOfAnotherLength() public {
        uint256 length = f.key.length;
        refuseLength("", 256);
        refuseLength(cut(f.key, 255), 256);
        refuseLength(cut(f.key, 256), length);
        refuseLength(cut(f.key, length - 1), length);
        refuseLength(cut(f.key, length + 1), length);
        refuseLength(cut(f.key, length + 64), length);
        refuseLength(withWord(f.key, WIDTH, 2), length + 128);
    }

    /// @dev Attack 58: a key that was made with a tau its maker knows.
    function test_refusesAKeyOfAnotherTau() public {
        refuseWord(SRS, word(f.key, SRS) ^ 1);
        bytes memory other = negative(f.tau);
        IForecastVerifier foreign = deployVerifier(other);
        assertTrue(foreign.srsDigest() != verifier.srsDigest(), "digests of two taus");
        vm.expectRevert(abi.encodeWithSelector(IForecastVerifier.KeyField.selector, SRS));
        foreign.register(f.key);
        // The same commitments under the other digest are another model, and our proof is none under that tau.
        bytes32 digest = foreign.register(withWord(f.key, SRS, uint256(foreign.srsDigest())));
        assertTrue(digest != f.digest, "digest");
        assertTrue(!foreign.verify(digest, f.statement, f.proof), "our proof under another tau");
    }

    function test_tauIsWhatWasDeployed() public view {
        assertEq(uint256(verifier.srsDigest()), word(f.key, SRS), "Rust's SRS digest");
        uint256[4] memory tau = verifier.tauG2();
        for (uint256 i = 0; i < 4; i++) {
            assertEq(tau[i], word(f.tau, i), "tau");
        }
    }

    function test_refusesATauThatIsTrivialOrNoElementOfG2() public {
        bytes memory one = abi.encode(
            0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2,
            0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed,
            0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b,
            0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa
        );
        refuseTau(one);
        refuseTau(negative(one));
        refuseTau(new bytes(128));
        refuseTau(withWord(f.tau, 0, word(f.tau, 0) ^ 1));
        for (uint256 i = 0; i < 4; i++) {
            refuseTau(withWord(f.tau, i, word(f.tau, i) + Q));
        }
        // On the twist, but not of order R.
        refuseTau(
            abi.encode(
                0,
                1,
                0x0d1271953ed9ea0836846e70a1934187998c7f790cb4d7511b7f8da82de048a4,
                0x2869111d5381f072f8e2728fdb825a51aadd70e52c9830e9ab4b871c0531f1bb
            )
        );
    }

    function testFuzz_refusesOrTellsApartAnyOtherKey(uint256 index, uint256 value) public {
        index = bound(index, 0, f.key.length / 32 - 1);
        vm.assume(value != word(f.key, index));
        try verifier.register(withWord(f.key, index, value)) returns (bytes32 digest) {
            assertTrue(digest != f.digest, "digest");
        } catch {}
        assertTrue(!verifier.isRegistered(f.digest), "the honest digest");
    }

    /// @dev External, so that its revert can be expected.
    function tryDeploy(bytes calldata tau) external returns (IForecastVerifier) {
        return deployVerifier(tau);
    }

    function refuseTau(bytes memory tau) internal {
        vm.expectRevert(abi.encodeWithSelector(IForecastVerifier.BadTau.selector));
        this.tryDeploy(tau);
    }

    function negative(bytes memory tau) internal pure returns (bytes memory) {
        return withWord(withWord(tau, 2, Q - word(tau, 2)), 3, Q - word(tau, 3));
    }
}
