// SPDX-License-Identifier: MIT OR Apache-2.0
// Gas of whole transactions, compared with snapshots/ on every run: base cost and calldata included.
pragma solidity ^0.8.30;

import {IKeyRegistry} from "../src/interfaces/IKeyRegistry.sol";
import {IVerifier} from "../src/interfaces/IVerifier.sol";
import {Fixture, FixtureTest, IForecastVerifier} from "./support/Fixture.sol";

contract ForecastVerifierGasTest is FixtureTest {
    function measure(string memory name) internal {
        Fixture memory f = read(name);
        IForecastVerifier verifier = deployVerifier(f.tau);
        transact(address(verifier), abi.encodeCall(IKeyRegistry.register, (f.key)));
        vm.snapshotGasLastCall("ForecastVerifier", string.concat("register, whole transaction, ", name));
        bytes memory answer =
            transact(address(verifier), abi.encodeCall(IVerifier.verify, (f.digest, f.statement, f.proof)));
        uint256 gas_ = vm.snapshotGasLastCall("ForecastVerifier", string.concat("verify, whole transaction, ", name));
        assertTrue(abi.decode(answer, (bool)), "accepted");
        assertTrue(gas_ < 380_000, "gas of a verification");
    }

    /// @dev Not a static call: forge counts a state-changing call as a transaction of its own.
    function transact(address to, bytes memory data) internal returns (bytes memory answer) {
        bool success;
        (success, answer) = to.call(data);
        assertTrue(success, "transaction");
    }

    function test_gasOfWidth1() public {
        measure("width1");
    }

    function test_gasOfWidth2() public {
        measure("width2");
    }
}
