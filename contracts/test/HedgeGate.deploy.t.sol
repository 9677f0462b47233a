// SPDX-License-Identifier: MIT OR Apache-2.0
// What a gate can never be deployed with.
pragma solidity ^0.8.30;

import {IHedgeGate} from "../src/interfaces/IHedgeGate.sol";
import {IModelSchedule} from "../src/interfaces/IModelSchedule.sol";
import {LocalToken} from "../src/local/LocalToken.sol";
import {GateFixture} from "./support/GateFixture.sol";
import {IFullFactory} from "./support/Uniswap.sol";

contract HedgeGateDeployTest is GateFixture {
    /// @dev External, so that its revert can be expected.
    function tryDeploy(IHedgeGate.Config calldata c) external returns (IHedgeGate) {
        return deployGate(c);
    }

    function refuseConfig(IHedgeGate.Config memory c, bytes memory reason) internal {
        vm.expectRevert(reason);
        this.tryDeploy(c);
    }

    function outOfRange(bytes32 what, uint256 got, uint256 least, uint256 most) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IHedgeGate.OutOfRange.selector, what, got, least, most);
    }

    function noCode(address account) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IHedgeGate.NoCode.selector, account);
    }

    function test_refusesAddressesWithoutCode() public {
        address nobody = address(0xDEAD);
        IHedgeGate.Config memory c = config();
        c.verifier = nobody;
        refuseConfig(c, noCode(nobody));
        c = config();
        c.router = nobody;
        refuseConfig(c, noCode(nobody));
        c = config();
        c.wbtc = nobody;
        refuseConfig(c, noCode(nobody));
        c = config();
        c.usdc = nobody;
        refuseConfig(c, noCode(nobody));
    }

    function test_refusesARouterOfAnotherFactory() public {
        IHedgeGate.Config memory c = config();
        address other =
            deploy("node_modules/@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json", "");
        IFullFactory(other).createPool(address(wbtc), address(usdc), FEE); // a pool of the attacker's own
        c.factory = other;
        refuseConfig(c, abi.encodeWithSelector(IHedgeGate.FactoryMismatch.selector, other, factory));
    }

    function test_refusesAFeeTierWithoutPool() public {
        IHedgeGate.Config memory c = config();
        c.fee = 500;
        refuseConfig(c, abi.encodeWithSelector(IHedgeGate.NoPool.selector, wbtc, usdc, 500));
    }

    function test_refusesATokenThatIsNotInThePool() public {
        IHedgeGate.Config memory c = config();
        c.wbtc = address(new LocalToken("another", "WBTC", 8));
        refuseConfig(c, abi.encodeWithSelector(IHedgeGate.NoPool.selector, c.wbtc, usdc, FEE));
    }

    function test_refusesExchangedTokensByTheirDecimals() public {
        IHedgeGate.Config memory c = config();
        (c.wbtc, c.usdc) = (c.usdc, c.wbtc);
        refuseConfig(c, abi.encodeWithSelector(IHedgeGate.WrongDecimals.selector, usdc, 8, 6));
        c.wbtc = address(wbtc);
        refuseConfig(c, abi.encodeWithSelector(IHedgeGate.WrongDecimals.selector, wbtc, 6, 8));
    }

    function test_refusesAWindowBelowHalfAnHour() public {
        IHedgeGate.Config memory c = config();
        c.twapWindow = 30 minutes - 1;
        refuseConfig(c, outOfRange("twapWindow", 1_799, 1_800, 86_400));
        c.twapWindow = 1 days + 1;
        refuseConfig(c, outOfRange("twapWindow", 86_401, 1_800, 86_400));
    }

    function test_refusesNoFloorOnLiquidity() public {
        IHedgeGate.Config memory c = config();
        c.minLiquidity = 0;
        refuseConfig(c, outOfRange("minLiquidity", 0, 1, type(uint128).max));
    }

    function test_refusesABandThatIsNone() public {
        IHedgeGate.Config memory c = config();
        c.priceBandBps = 0;
        refuseConfig(c, outOfRange("priceBandBps", 0, 1, 5_000));
        c.priceBandBps = 5_001;
        refuseConfig(c, outOfRange("priceBandBps", 5_001, 1, 5_000));
    }

    function test_refusesSlippageBelowThePoolsFeeOrAboveHalf() public {
        IHedgeGate.Config memory c = config();
        c.maxSlippageBps = 30; // the pool's fee alone
        refuseConfig(c, outOfRange("maxSlippageBps", 30, 31, 5_000));
        c.maxSlippageBps = 5_001;
        refuseConfig(c, outOfRange("maxSlippageBps", 5_001, 31, 5_000));
    }

    function test_refusesADelayThatIsNoNotice() public {
        IHedgeGate.Config memory c = config();
        c.activationDelay = 1 days - 1;
        refuseConfig(c, outOfRange("activationDelay", 86_399, 1 days, 90 days));
        c.activationDelay = 90 days + 1;
        refuseConfig(c, outOfRange("activationDelay", 90 days + 1, 1 days, 90 days));
    }

    function test_refusesNoOwner() public {
        IHedgeGate.Config memory c = config();
        c.owner = address(0);
        refuseConfig(c, abi.encodeWithSignature("OwnableInvalidOwner(address)", address(0)));
    }

    function test_refusesFirstModelsThatAreNotRegistered() public {
        IHedgeGate.Config memory c = config();
        c.models[3] = bytes32(uint256(1));
        refuseConfig(c, abi.encodeWithSelector(IModelSchedule.ModelNotRegistered.selector, c.models[3]));
    }

    function test_firstModelsMayBeMissing() public {
        IHedgeGate.Config memory c = config();
        delete c.models;
        bytes32[4] memory models = deployGate(c).models();
        for (uint256 i = 0; i < 4; i++) {
            assertEq(models[i], 0, "model");
        }
    }
}
