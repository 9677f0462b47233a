// SPDX-License-Identifier: MIT OR Apache-2.0
// Gas of whole transactions (base cost, calldata and refunds included), compared with snapshots/ on every run. What the
// double takes to "verify" is measured beside it, so that the gate's own share can be read off.
pragma solidity ^0.8.30;

import {IHedgeGate} from "../src/interfaces/IHedgeGate.sol";
import {ISwapRouter02} from "../src/interfaces/ISwapRouter02.sol";
import {GateFixture} from "./support/GateFixture.sol";

contract HedgeGateGasTest is GateFixture {
    function label(string memory what) internal pure returns (string memory) {
        return string.concat(what, wbtcIsToken0() ? ", WBTC is token0" : ", WBTC is token1");
    }

    /// @dev The sender's second hedge (nonce 1 becomes 2) and first USDC held; 64 observations, half of them used.
    function test_gasOfAHedge() public {
        send(honest(miner));
        pass(12);
        IHedgeGate.Hedge memory h = honest(miner);
        send(h);
        vm.snapshotGasLastCall("HedgeGate", label("hedge, whole transaction, test double"));
    }

    /// @dev The sender's first hedge: a new nonce slot and a new USDC balance.
    function test_gasOfTheFirstHedge() public {
        IHedgeGate.Hedge memory h = honest(miner);
        send(h);
        vm.snapshotGasLastCall("HedgeGate", label("first hedge of a sender, whole transaction, test double"));
    }

    function test_gasOfTheDoubleAlone() public {
        IHedgeGate.Hedge memory h = honest(miner);
        verifier.verify(digests[0], statement(h, miner), h.proof);
        vm.snapshotGasLastCall("HedgeGate", label("verify of the test double, call alone"));
    }

    function test_gasOfTheSwapAlone() public {
        trade(address(wbtc), address(usdc), AMOUNT);
        pass(12);
        wbtc.mint(trader, AMOUNT);
        vm.prank(trader);
        wbtc.approve(address(router), AMOUNT);
        ISwapRouter02.ExactInputSingleParams memory p =
            ISwapRouter02.ExactInputSingleParams(address(wbtc), address(usdc), FEE, trader, AMOUNT, 0, 0);
        vm.prank(trader);
        router.exactInputSingle(p);
        vm.snapshotGasLastCall("HedgeGate", label("exactInputSingle alone, whole transaction"));
    }

    function test_gasOfTheTwapWithRoomFor1Observation() public {
        twapWith(1, "twap, call alone, room for 1 observation");
    }

    function test_gasOfTheTwapWithRoomFor64Observations() public {
        twapWith(64, "twap, call alone, room for 64 observations");
    }

    function test_gasOfTheTwapWithRoomFor256Observations() public {
        twapWith(256, "twap, call alone, room for 256 observations");
    }

    /// @dev A gate on a pool with a trade in every minute of two hours, so that all room up to 120 is used.
    function twapWith(uint16 room, string memory name) internal {
        makePool(address(wbtc), address(usdc), 500, 100e8, room);
        IHedgeGate.Config memory c = config();
        c.fee = 500;
        gate = deployGate(c);
        for (uint256 i = 0; i < 60; i++) {
            pass(1 minutes);
            trade(address(wbtc), address(usdc), 2_000_000, 500);
            pass(1 minutes);
            trade(address(usdc), address(wbtc), 1_200e6, 500);
        }
        pass(room == 1 ? WINDOW : 12); // with room for one, every trade makes the window OLD
        gate.twap();
        vm.snapshotGasLastCall("HedgeGate", label(name));
    }
}

contract ReversedHedgeGateGasTest is HedgeGateGasTest {
    function wbtcIsToken0() internal pure override returns (bool) {
        return false;
    }
}
