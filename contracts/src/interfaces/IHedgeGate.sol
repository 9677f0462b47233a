// SPDX-License-Identifier: MIT OR Apache-2.0
// The one door to the swap, with every reason it has to stay shut.
pragma solidity ^0.8.30;

import {IModelSchedule} from "./IModelSchedule.sol";

/// @title Swaps WBTC for USDC if, and only if, the amount is a proven forecast
/// @notice Units: WBTC and amounts in satoshi (8 decimals), USDC in 1e-6 USD (6 decimals), prices in 1e-6 USD per
/// BTC, which is USDC units per 1e8 WBTC units.
interface IHedgeGate is IModelSchedule {
    /// @notice What a deployment fixes for ever, and its first models.
    /// @param verifier Implements IVerifier and IKeyRegistry.
    /// @param router SwapRouter02; its factory must be `factory`.
    /// @param factory Uniswap V3 factory; the pool is asked from it.
    /// @param wbtc Token sold; 8 decimals.
    /// @param usdc Token bought; 6 decimals.
    /// @param fee Fee tier of the pool, in hundredths of a basis point.
    /// @param twapWindow Seconds over which the pool's price is averaged, 30 minutes at least.
    /// @param minLiquidity Floor on the harmonic mean of the pool's liquidity over the window.
    /// @param priceBandBps Largest distance of the proven price from the TWAP, in basis points of the TWAP.
    /// @param maxSlippageBps Largest shortfall of the output against TWAP and proven price, pool fee included.
    /// @param activationDelay Seconds between a model's announcement and its activation.
    /// @param owner First owner of the model schedule. Has no power over funds.
    /// @param models First models of horizons 2, 3, 4 and 5, active at once; zero for none.
    struct Config {
        address verifier;
        address router;
        address factory;
        address wbtc;
        address usdc;
        uint24 fee;
        uint32 twapWindow;
        uint128 minLiquidity;
        uint16 priceBandBps;
        uint16 maxSlippageBps;
        uint32 activationDelay;
        address owner;
        bytes32[4] models;
    }

    /// @notice One hedge: the proven figures, the sender's limits, and the proof.
    /// @param horizon Months of electricity covered: 2, 3, 4 or 5.
    /// @param amountSats The proven forecast, which is exactly what is swapped; satoshi.
    /// @param btcPrice The price that the forecast was made with; 1e-6 USD per BTC.
    /// @param month The calendar month that the forecast was made for; 1 to 12.
    /// @param nonce The sender's next nonce (see `nonces`).
    /// @param deadline Last Unix time at which the hedge may happen, at most `MAX_LIFETIME` ahead.
    /// @param maxAmountIn The most WBTC that the sender is ready to sell; satoshi.
    /// @param minAmountOut The least USDC that the sender accepts; the gate may demand more, never less.
    /// @param proof Proof of the statement [binding, horizon, amountSats, btcPrice, month].
    struct Hedge {
        uint8 horizon;
        uint256 amountSats;
        uint256 btcPrice;
        uint8 month;
        uint256 nonce;
        uint256 deadline;
        uint256 maxAmountIn;
        uint256 minAmountOut;
        bytes proof;
    }

    /// @notice A proven forecast was swapped. With the `ModelActivated` and `ModelRevoked` events, which give the
    /// other three digests, the statement and its binding can be recomputed from this event alone.
    /// @param sender Owner of the WBTC and receiver of the USDC.
    /// @param modelDigest The model that made the forecast.
    /// @param horizon Months covered.
    /// @param nonce The sender's nonce that this hedge consumed.
    /// @param deadline The deadline inside the binding.
    /// @param month The proven month.
    /// @param amountIn WBTC swapped; satoshi.
    /// @param amountOut USDC received; 1e-6 USD.
    /// @param minOut The minimum that was enforced; 1e-6 USD.
    /// @param btcPrice The proven price; 1e-6 USD per BTC.
    /// @param twapPrice The pool's time-weighted price at this moment; 1e-6 USD per BTC.
    /// @param binding First element of the statement.
    /// @param proofHash keccak256 of the proof bytes.
    event Hedged(
        address indexed sender,
        bytes32 indexed modelDigest,
        uint8 indexed horizon,
        uint256 nonce,
        uint256 deadline,
        uint8 month,
        uint256 amountIn,
        uint256 amountOut,
        uint256 minOut,
        uint256 btcPrice,
        uint256 twapPrice,
        uint256 binding,
        bytes32 proofHash
    );

    /// @notice Deployment: no contract at this address.
    error NoCode(address account);
    /// @notice Deployment: a figure outside the range that keeps the gate safe.
    error OutOfRange(bytes32 what, uint256 got, uint256 least, uint256 most);
    /// @notice Deployment: the token's unit is not the statement's.
    error WrongDecimals(address token, uint8 expected, uint8 got);
    /// @notice Deployment: the router swaps in another factory's pools.
    error FactoryMismatch(address expected, address got);
    /// @notice Deployment: the factory has no such pool.
    error NoPool(address tokenA, address tokenB, uint24 fee);

    /// @notice The deadline is over.
    error Expired(uint256 deadline, uint256 blockTime);
    /// @notice The deadline is so far ahead that it protects nobody.
    error DeadlineTooFar(uint256 deadline, uint256 latest);
    /// @notice The nonce is not the sender's next one: replayed, or out of order.
    error NonceMismatch(uint256 expected, uint256 got);
    /// @notice The horizon has no active model.
    error ModelNotActive(uint8 horizon);
    /// @notice The forecast is zero: there is nothing to swap.
    error NothingToSwap();
    /// @notice The forecast exceeds what the sender is ready to sell.
    error AmountAboveMaximum(uint256 amountSats, uint256 maxAmountIn);
    /// @notice The proven month is not the block's (nor, on the 1st, the month before).
    error MonthMismatch(uint8 month, uint256 blockTime);
    /// @notice The pool was too thin over the window for its price to mean anything.
    error LiquidityTooLow(uint256 liquidity, uint256 minimum);
    /// @notice The proven price is too far from the pool's time-weighted price.
    error PriceOutsideBand(uint256 btcPrice, uint256 twapPrice, uint256 priceBandBps);
    /// @notice The verifier says that the statement is not proven.
    error ProofRefused(bytes32 modelDigest);
    /// @notice The pool did not take all of the WBTC: the gate would keep some of it.
    error PartialFill(uint256 amountIn, uint256 heldBefore, uint256 heldAfter);
    /// @notice Less USDC arrived at the sender than the minimum.
    error OutputTooLow(uint256 amountOut, uint256 minOut);

    /// @notice Verifies a forecast for `msg.sender` and swaps exactly that much of its WBTC for USDC.
    /// @dev All or nothing. Needs an allowance of `amountSats` WBTC to this contract.
    /// @return amountOut USDC sent to `msg.sender`; 1e-6 USD.
    function hedge(Hedge calldata h) external returns (uint256 amountOut);

    /// @notice The nonce that the sender's next hedge must carry.
    function nonces(address sender) external view returns (uint256);

    /// @notice First element of the statement, which ties a proof to one hedge: keccak256 of type hash, chain, this
    /// gate, sender, nonce, deadline and the four active digests, reduced modulo the BN254 scalar field order.
    function binding(address sender, uint256 nonce, uint256 deadline) external view returns (uint256);

    /// @notice The pool's price and liquidity over the window, exactly as `hedge` sees them in this block.
    /// @dev Reverts with "OLD" if the pool's history is shorter than the window, and below the liquidity floor.
    /// @return twapPrice 1e-6 USD per BTC.
    /// @return meanLiquidity Harmonic mean of the in-range liquidity.
    function twap() external view returns (uint256 twapPrice, uint256 meanLiquidity);

    /// @notice The least output that `hedge` would accept for a caller's minimum of zero.
    /// @param amountSats Satoshi.
    /// @param btcPrice The proven price; 1e-6 USD per BTC.
    /// @param twapPrice The pool's time-weighted price; 1e-6 USD per BTC.
    /// @return 1e-6 USD, rounded up, so never 0 for a positive amount and price.
    function leastOutput(uint256 amountSats, uint256 btcPrice, uint256 twapPrice) external view returns (uint256);

    /// @notice The verifier and key registry. Immutable, as everything below.
    function verifier() external view returns (address);

    /// @notice SwapRouter02.
    function router() external view returns (address);

    /// @notice The pool that is both market and oracle.
    function pool() external view returns (address);

    /// @notice The token sold.
    function wbtc() external view returns (address);

    /// @notice The token bought.
    function usdc() external view returns (address);

    /// @notice The pool's fee, in hundredths of a basis point.
    function fee() external view returns (uint24);

    /// @notice Seconds over which price and liquidity are averaged.
    function twapWindow() external view returns (uint32);

    /// @notice Floor on the harmonic mean liquidity.
    function minLiquidity() external view returns (uint128);

    /// @notice Largest distance of the proven price from the TWAP, in basis points.
    function priceBandBps() external view returns (uint16);

    /// @notice Largest shortfall of the output, in basis points, pool fee included.
    function maxSlippageBps() external view returns (uint16);
}
