// SPDX-License-Identifier: MIT OR Apache-2.0
// A gate on a real Uniswap market with two hours of history, four models, and a miner with WBTC to sell.
pragma solidity ^0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IHedgeGate} from "../../src/interfaces/IHedgeGate.sol";
import {LocalToken} from "../../src/local/LocalToken.sol";
import {ProofDouble} from "./ProofDouble.sol";
import {IFullPool, Uniswap} from "./Uniswap.sol";

abstract contract GateFixture is Uniswap {
    using SafeERC20 for IERC20;

    uint256 internal constant AMOUNT = 5_000_000; // 0.05 BTC
    uint128 internal constant MIN_LIQUIDITY = 1e9;
    uint16 internal constant BAND = 300;
    uint16 internal constant SLIPPAGE = 100;
    uint32 internal constant WINDOW = 30 minutes;
    uint32 internal constant DELAY = 2 days;
    uint256 internal constant SCALAR_FIELD = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001;

    ProofDouble internal verifier;
    LocalToken internal wbtc;
    LocalToken internal usdc;
    IFullPool internal pool;
    IHedgeGate internal gate;
    bytes32[4] internal digests;
    address internal miner = address(0x111E5);
    address internal owner = address(0x0113E5);

    /// @dev Both orders are tested: which token comes first is an accident of addresses.
    function wbtcIsToken0() internal pure virtual returns (bool) {
        return true;
    }

    function setUp() public virtual {
        deployUniswap();
        makeTokens();
        pool = makePool(address(wbtc), address(usdc), FEE, 100e8, 64);
        agePool();
        verifier = new ProofDouble();
        for (uint256 i = 0; i < 4; i++) {
            digests[i] = verifier.register(abi.encode("model", i + 2));
        }
        gate = deployGate(config());
        wbtc.mint(miner, 1e8);
        vm.prank(miner);
        IERC20(address(wbtc)).forceApprove(address(gate), type(uint256).max);
    }

    /// @dev Tests of odd tokens put theirs here.
    function makeTokens() internal virtual {
        usdc = new LocalToken("USD Coin", "USDC", 6);
        do {
            wbtc = new LocalToken("WBTC", "WBTC", 8);
        } while ((address(wbtc) < address(usdc)) != wbtcIsToken0());
    }

    function deployGate(IHedgeGate.Config memory c) internal returns (IHedgeGate) {
        return IHedgeGate(deploy("out/release/HedgeGate.sol/HedgeGate.json", abi.encode(c)));
    }

    /// @dev Forty trades of some four ticks, to and fro, over two hours: a pool notes the time only when its tick moves.
    function agePool() internal {
        for (uint256 i = 0; i < 20; i++) {
            pass(3 minutes);
            trade(address(wbtc), address(usdc), 2_000_000);
            pass(3 minutes);
            trade(address(usdc), address(wbtc), 1_200e6);
        }
        pass(12);
        (,,, uint16 cardinality,,,) = pool.slot0();
        assertTrue(cardinality > 1, "observations are written");
    }

    function config() internal view returns (IHedgeGate.Config memory c) {
        c = IHedgeGate.Config({
            verifier: address(verifier),
            router: address(router),
            factory: address(factory),
            wbtc: address(wbtc),
            usdc: address(usdc),
            fee: FEE,
            twapWindow: WINDOW,
            minLiquidity: MIN_LIQUIDITY,
            priceBandBps: BAND,
            maxSlippageBps: SLIPPAGE,
            activationDelay: DELAY,
            owner: owner,
            models: digests
        });
    }

    /// @dev An honest hedge of `who`, in this block, with a proof for all that it says.
    function honest(address who) internal view returns (IHedgeGate.Hedge memory h) {
        h = IHedgeGate.Hedge({
            horizon: 2,
            amountSats: AMOUNT,
            btcPrice: PRICE,
            month: 10,
            nonce: gate.nonces(who),
            deadline: block.timestamp + 20 minutes,
            maxAmountIn: AMOUNT,
            minAmountOut: 0,
            proof: ""
        });
        h.proof = prove(h, who);
    }

    /// @dev The proof that an honest prover makes for these figures, for this sender and this gate.
    function prove(IHedgeGate.Hedge memory h, address who) internal view returns (bytes memory) {
        return verifier.prove(digestOf(h.horizon), statement(h, who));
    }

    function digestOf(uint8 horizon) internal view returns (bytes32) {
        return gate.models()[horizon - 2];
    }

    function statement(IHedgeGate.Hedge memory h, address who) internal view returns (uint256[] memory s) {
        s = new uint256[](5);
        s[0] = gate.binding(who, h.nonce, h.deadline);
        s[1] = h.horizon;
        s[2] = h.amountSats;
        s[3] = h.btcPrice;
        s[4] = h.month;
    }

    function send(IHedgeGate.Hedge memory h) internal returns (uint256) {
        vm.prank(miner);
        return gate.hedge(h);
    }

    function refuse(IHedgeGate.Hedge memory h, bytes memory reason) internal {
        uint256 nonce = gate.nonces(miner);
        uint256 balance = wbtc.balanceOf(miner);
        vm.expectRevert(reason);
        send(h);
        assertEq(gate.nonces(miner), nonce, "a refused hedge keeps the nonce");
        assertEq(wbtc.balanceOf(miner), balance, "a refused hedge keeps the WBTC");
    }

    /// @dev Nothing may stay behind in the gate.
    function assertGateIsEmpty() internal view {
        assertEq(wbtc.balanceOf(address(gate)), 0, "WBTC in the gate");
        assertEq(usdc.balanceOf(address(gate)), 0, "USDC in the gate");
        assertEq(IERC20(address(wbtc)).allowance(address(gate), address(router)), 0, "allowance to the router");
    }
}
