// SPDX-License-Identifier: MIT OR Apache-2.0
// A forecast moves money only here, only if it is proven, and only the money of the one who sent it.
pragma solidity ^0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ModelSchedule} from "./ModelSchedule.sol";
import {IERC20Decimals} from "./interfaces/IERC20Decimals.sol";
import {IHedgeGate} from "./interfaces/IHedgeGate.sol";
import {IKeyRegistry} from "./interfaces/IKeyRegistry.sol";
import {IPoolFactory} from "./interfaces/IPool.sol";
import {ISwapRouter02} from "./interfaces/ISwapRouter02.sol";
import {IVerifier} from "./interfaces/IVerifier.sol";
import {Calendar} from "./libraries/Calendar.sol";
import {ExactTransfer} from "./libraries/ExactTransfer.sol";
import {TickPrice} from "./libraries/TickPrice.sol";
import {TwapOracle} from "./libraries/TwapOracle.sol";

/// @title The hedge: verification and swap in one transaction
/// @notice Holds nothing between transactions, cannot be upgraded, and gives its owner no power over anybody's funds.
contract HedgeGate is IHedgeGate, ModelSchedule, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;
    using ExactTransfer for IERC20;

    /// @notice Type hash of the binding.
    bytes32 public constant HEDGE_TYPEHASH = keccak256(
        "VeracastHedge(uint256 chainId,address gate,address sender,uint256 nonce,uint256 deadline,bytes32 model2,bytes32 model3,bytes32 model4,bytes32 model5)"
    );
    /// @notice A deadline further ahead than this is none.
    uint256 public constant MAX_LIFETIME = 1 days;
    /// @notice Order of the BN254 scalar field, in which statements live.
    uint256 public constant SCALAR_FIELD =
        21888242871839275222246405745257275088548364400416034343698204186575808495617;

    uint256 private constant SATS_PER_BTC = 1e8;
    uint256 private constant BPS = 10_000;

    /// @inheritdoc IHedgeGate
    address public immutable verifier;
    /// @inheritdoc IHedgeGate
    address public immutable router;
    /// @inheritdoc IHedgeGate
    address public immutable pool;
    /// @inheritdoc IHedgeGate
    address public immutable wbtc;
    /// @inheritdoc IHedgeGate
    address public immutable usdc;
    /// @inheritdoc IHedgeGate
    uint24 public immutable fee;
    /// @inheritdoc IHedgeGate
    uint32 public immutable twapWindow;
    /// @inheritdoc IHedgeGate
    uint128 public immutable minLiquidity;
    /// @inheritdoc IHedgeGate
    uint16 public immutable priceBandBps;
    /// @inheritdoc IHedgeGate
    uint16 public immutable maxSlippageBps;

    /// @inheritdoc IHedgeGate
    mapping(address sender => uint256) public nonces;

    /// @notice Fixes everything but the models, after checking what can be checked on chain.
    /// @param c Addresses, limits and first models; see `Config` for units and meaning.
    constructor(Config memory c)
        ModelSchedule(IKeyRegistry(_withCode(c.verifier)), c.activationDelay, c.owner, c.models)
    {
        _within("twapWindow", c.twapWindow, 30 minutes, 1 days);
        _within("minLiquidity", c.minLiquidity, 1, type(uint128).max);
        _within("priceBandBps", c.priceBandBps, 1, BPS / 2);
        // Every swap pays the fee, so a smaller slippage could never be met.
        _within("maxSlippageBps", c.maxSlippageBps, c.fee / 100 + 1, BPS / 2);
        _within("activationDelay", c.activationDelay, 1 days, 90 days);
        _decimals(c.wbtc, 8);
        _decimals(c.usdc, 6);
        address routed = ISwapRouter02(_withCode(c.router)).factory();
        if (routed != c.factory) revert FactoryMismatch(c.factory, routed);
        address found = IPoolFactory(_withCode(c.factory)).getPool(c.wbtc, c.usdc, c.fee);
        if (found == address(0)) revert NoPool(c.wbtc, c.usdc, c.fee);

        verifier = c.verifier;
        router = c.router;
        pool = _withCode(found);
        wbtc = c.wbtc;
        usdc = c.usdc;
        fee = c.fee;
        twapWindow = c.twapWindow;
        minLiquidity = c.minLiquidity;
        priceBandBps = c.priceBandBps;
        maxSlippageBps = c.maxSlippageBps;
    }

    /// @inheritdoc IHedgeGate
    function hedge(Hedge calldata h) external nonReentrant returns (uint256 amountOut) {
        _checkLimits(h);
        _useNonce(h.nonce);
        bytes32[4] memory digests = models();
        bytes32 modelDigest = digests[_index(h.horizon)];
        if (modelDigest == 0) revert ModelNotActive(h.horizon);

        (uint256 twapPrice,) = twap();
        _checkPrice(h.btcPrice, twapPrice);
        uint256 bound = _binding(msg.sender, h.nonce, h.deadline, digests);
        _checkProof(h, modelDigest, bound);

        uint256 minOut = Math.max(h.minAmountOut, leastOutput(h.amountSats, h.btcPrice, twapPrice));
        amountOut = _swap(h.amountSats, minOut);
        _record(h, modelDigest, amountOut, minOut, twapPrice, bound);
    }

    /// @inheritdoc IHedgeGate
    function binding(address sender, uint256 nonce, uint256 deadline) external view returns (uint256) {
        return _binding(sender, nonce, deadline, models());
    }

    /// @inheritdoc IHedgeGate
    function twap() public view returns (uint256 twapPrice, uint256 meanLiquidity) {
        int24 tick;
        (tick, meanLiquidity) = TwapOracle.consult(pool, twapWindow);
        if (meanLiquidity < minLiquidity) revert LiquidityTooLow(meanLiquidity, minLiquidity);
        twapPrice = TickPrice.quote(tick, uint128(SATS_PER_BTC), wbtc < usdc);
    }

    /// @inheritdoc IHedgeGate
    function leastOutput(uint256 amountSats, uint256 btcPrice, uint256 twapPrice) public view returns (uint256) {
        // The larger of the two prices gives the larger of the two minimums.
        uint256 price = Math.max(btcPrice, twapPrice);
        return Math.ceilDiv(amountSats * price * (BPS - maxSlippageBps), SATS_PER_BTC * BPS);
    }

    /// @dev What needs no state: time, month, amount.
    function _checkLimits(Hedge calldata h) private view {
        if (block.timestamp > h.deadline) revert Expired(h.deadline, block.timestamp);
        uint256 latest = block.timestamp + MAX_LIFETIME;
        if (h.deadline > latest) revert DeadlineTooFar(h.deadline, latest);
        if (h.amountSats == 0) revert NothingToSwap();
        // Forecasts are below 2^64; so the products below cannot overflow, whatever the verifier accepts.
        uint256 most = Math.min(h.maxAmountIn, type(uint64).max);
        if (h.amountSats > most) revert AmountAboveMaximum(h.amountSats, most);
        if (!Calendar.accepts(h.month, block.timestamp)) revert MonthMismatch(h.month, block.timestamp);
    }

    /// @dev Before any external call, so that no callback can present the same nonce again.
    function _useNonce(uint256 nonce) private {
        uint256 expected = nonces[msg.sender];
        if (nonce != expected) revert NonceMismatch(expected, nonce);
        nonces[msg.sender] = nonce + 1;
    }

    function _checkPrice(uint256 btcPrice, uint256 twapPrice) private view {
        uint256 distance = btcPrice > twapPrice ? btcPrice - twapPrice : twapPrice - btcPrice;
        // Written as a division so that no price, however large, overflows.
        if (distance > twapPrice * priceBandBps / BPS) revert PriceOutsideBand(btcPrice, twapPrice, priceBandBps);
    }

    /// @dev An ordinary call on purpose: the compiler reverts where there is no code, where nothing comes back, and
    /// where the answer is neither 0 nor 1; a revert (out of gas included) is passed on. Only a full `true` goes on.
    function _checkProof(Hedge calldata h, bytes32 modelDigest, uint256 bound) private view {
        uint256[] memory statement = new uint256[](5);
        statement[0] = bound;
        statement[1] = h.horizon;
        statement[2] = h.amountSats;
        statement[3] = h.btcPrice;
        statement[4] = h.month;
        if (!IVerifier(verifier).verify(modelDigest, statement, h.proof)) revert ProofRefused(modelDigest);
    }

    /// @dev Takes the WBTC, sells all of it, leaves no token and no allowance behind.
    function _swap(uint256 amountIn, uint256 minOut) private returns (uint256 amountOut) {
        IERC20 sold = IERC20(wbtc);
        uint256 held = sold.balanceOf(address(this));
        uint256 before = IERC20(usdc).balanceOf(msg.sender);
        sold.pull(msg.sender, amountIn, held);
        sold.forceApprove(router, amountIn);
        ISwapRouter02(router)
            .exactInputSingle(
                ISwapRouter02.ExactInputSingleParams({
                tokenIn: wbtc,
                tokenOut: usdc,
                fee: fee,
                recipient: msg.sender,
                amountIn: amountIn,
                amountOutMinimum: minOut,
                sqrtPriceLimitX96: 0
            })
            );
        uint256 left = sold.balanceOf(address(this));
        if (left != held) revert PartialFill(amountIn, held, left);
        sold.clearAllowance(router);
        // What arrived, not what the router says: a token may take a fee on the way.
        amountOut = IERC20(usdc).balanceOf(msg.sender) - before;
        if (amountOut < minOut) revert OutputTooLow(amountOut, minOut);
    }

    function _record(
        Hedge calldata h,
        bytes32 modelDigest,
        uint256 amountOut,
        uint256 minOut,
        uint256 twapPrice,
        uint256 bound
    ) private {
        emit Hedged({
            sender: msg.sender,
            modelDigest: modelDigest,
            horizon: h.horizon,
            nonce: h.nonce,
            deadline: h.deadline,
            month: h.month,
            amountIn: h.amountSats,
            amountOut: amountOut,
            minOut: minOut,
            btcPrice: h.btcPrice,
            twapPrice: twapPrice,
            binding: bound,
            proofHash: keccak256(h.proof)
        });
    }

    function _binding(address sender, uint256 nonce, uint256 deadline, bytes32[4] memory digests)
        private
        view
        returns (uint256)
    {
        bytes32 hash = keccak256(
            abi.encode(
                HEDGE_TYPEHASH,
                block.chainid,
                address(this),
                sender,
                nonce,
                deadline,
                digests[0],
                digests[1],
                digests[2],
                digests[3]
            )
        );
        return uint256(hash) % SCALAR_FIELD;
    }

    /// @dev Checks that an address of the deployment is a contract.
    function _withCode(address account) private view returns (address) {
        if (account.code.length == 0) revert NoCode(account);
        return account;
    }

    function _within(bytes32 what, uint256 got, uint256 least, uint256 most) private pure {
        if (got < least || got > most) revert OutOfRange(what, got, least, most);
    }

    function _decimals(address token, uint8 expected) private view {
        uint8 got = IERC20Decimals(_withCode(token)).decimals();
        if (got != expected) revert WrongDecimals(token, expected, got);
    }
}
