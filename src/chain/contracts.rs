//! The contracts that veracast talks to: its own three, two tokens, and the little of Uniswap V3
//! that it needs. Errors are declared too, so that a revert is told in words.

// The macro's output carries no documentation of its own.
#![allow(missing_docs, clippy::too_many_arguments)]

use alloy::primitives::{keccak256, Address, Bytes, B256, U256};
use alloy::sol;
use alloy::sol_types::{SolInterface, SolValue};

sol! {
    #[sol(rpc)]
    #[derive(Debug)]
    interface IForecastVerifier {
        error UnknownModel(bytes32 modelDigest);
        event KeyRegistered(bytes32 indexed modelDigest, address keyData);
        function verify(bytes32 modelDigest, uint256[] calldata statement, bytes calldata proof)
            external view returns (bool);
        function register(bytes calldata key) external returns (bytes32 modelDigest);
        function isRegistered(bytes32 modelDigest) external view returns (bool);
    }

    #[derive(Debug)]
    struct GateConfig {
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

    #[sol(rpc)]
    #[derive(Debug)]
    interface IHedgeGate {
        struct Announcement {
            bytes32 modelDigest;
            uint64 activeFrom;
        }
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

        error NoCode(address account);
        error OutOfRange(bytes32 what, uint256 got, uint256 least, uint256 most);
        error WrongDecimals(address token, uint8 expected, uint8 got);
        error FactoryMismatch(address expected, address got);
        error NoPool(address tokenA, address tokenB, uint24 fee);
        error Expired(uint256 deadline, uint256 blockTime);
        error DeadlineTooFar(uint256 deadline, uint256 latest);
        error NonceMismatch(uint256 expected, uint256 got);
        error ModelNotActive(uint8 horizon);
        error NothingToSwap();
        error AmountAboveMaximum(uint256 amountSats, uint256 maxAmountIn);
        error MonthMismatch(uint8 month, uint256 blockTime);
        error LiquidityTooLow(uint256 liquidity, uint256 minimum);
        error PriceOutsideBand(uint256 btcPrice, uint256 twapPrice, uint256 priceBandBps);
        error ProofRefused(bytes32 modelDigest);
        error InexactTransfer(address token, uint256 expected, uint256 got);
        error PartialFill(uint256 amountIn, uint256 heldBefore, uint256 heldAfter);
        error OutputTooLow(uint256 amountOut, uint256 minOut);
        error UnknownHorizon(uint8 horizon);
        error ZeroDigest();
        error ModelNotRegistered(bytes32 modelDigest);
        error NothingAnnounced(uint8 horizon);
        error DelayNotOver(uint64 activeFrom, uint256 blockTime);
        error NothingToRevoke(uint8 horizon);
        error UnknownModel(bytes32 modelDigest);
        error BadTau();
        error KeyLength(uint256 expected, uint256 got);
        error KeyField(uint256 word);
        error KeyNotStored();
        error PrecompileFailed();
        error OwnableUnauthorizedAccount(address account);
        error SafeERC20FailedOperation(address token);
        error ReentrancyGuardReentrantCall();
        error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed);
        error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed);

        function hedge(Hedge calldata h) external returns (uint256 amountOut);
        function nonces(address sender) external view returns (uint256);
        function binding(address sender, uint256 nonce, uint256 deadline)
            external view returns (uint256);
        function twap() external view returns (uint256 twapPrice, uint256 meanLiquidity);
        function leastOutput(uint256 amountSats, uint256 btcPrice, uint256 twapPrice)
            external view returns (uint256);
        function verifier() external view returns (address);
        function router() external view returns (address);
        function pool() external view returns (address);
        function wbtc() external view returns (address);
        function usdc() external view returns (address);
        function fee() external view returns (uint24);
        function twapWindow() external view returns (uint32);
        function minLiquidity() external view returns (uint128);
        function priceBandBps() external view returns (uint16);
        function maxSlippageBps() external view returns (uint16);

        function announce(uint8 horizon, bytes32 modelDigest) external;
        function cancel(uint8 horizon) external;
        function activate(uint8 horizon) external;
        function revoke(uint8 horizon) external;
        function models() external view returns (bytes32[4] memory);
        function announced(uint8 horizon) external view returns (Announcement memory);
        function activationDelay() external view returns (uint32);
        function owner() external view returns (address);
    }

    #[sol(rpc)]
    interface IToken {
        function decimals() external view returns (uint8);
        function balanceOf(address owner) external view returns (uint256);
        function allowance(address owner, address spender) external view returns (uint256);
        function approve(address spender, uint256 amount) external returns (bool);
        function transfer(address to, uint256 amount) external returns (bool);
        function deposit() external payable;
    }

    #[sol(rpc)]
    interface IUniswapFactory {
        function getPool(address tokenA, address tokenB, uint24 fee) external view returns (address);
    }

    #[sol(rpc)]
    interface IUniswapPool {
        function token0() external view returns (address);
        function token1() external view returns (address);
        function liquidity() external view returns (uint128);
        function slot0() external view returns (
            uint160 sqrtPriceX96, int24 tick, uint16 observationIndex,
            uint16 observationCardinality, uint16 observationCardinalityNext,
            uint8 feeProtocol, bool unlocked);
        function observations(uint256 index) external view returns (
            uint32 blockTimestamp, int56 tickCumulative,
            uint160 secondsPerLiquidityCumulativeX128, bool initialized);
        function observe(uint32[] calldata secondsAgos) external view returns (
            int56[] memory tickCumulatives, uint160[] memory secondsPerLiquidityCumulativeX128s);
        function increaseObservationCardinalityNext(uint16 observationCardinalityNext) external;
    }

    #[sol(rpc)]
    interface IQuoter {
        struct QuoteExactInputSingleParams {
            address tokenIn;
            address tokenOut;
            uint256 amountIn;
            uint24 fee;
            uint160 sqrtPriceLimitX96;
        }
        function quoteExactInputSingle(QuoteExactInputSingleParams memory params) external returns (
            uint256 amountOut, uint160 sqrtPriceX96After,
            uint32 initializedTicksCrossed, uint256 gasEstimate);
    }

    #[sol(rpc)]
    interface ISwapRouter {
        struct ExactInputSingleParams {
            address tokenIn;
            address tokenOut;
            uint24 fee;
            address recipient;
            uint256 amountIn;
            uint256 amountOutMinimum;
            uint160 sqrtPriceLimitX96;
        }
        function exactInputSingle(ExactInputSingleParams calldata params)
            external payable returns (uint256 amountOut);
    }

    #[sol(rpc)]
    interface IPositionManager {
        struct MintParams {
            address token0;
            address token1;
            uint24 fee;
            int24 tickLower;
            int24 tickUpper;
            uint256 amount0Desired;
            uint256 amount1Desired;
            uint256 amount0Min;
            uint256 amount1Min;
            address recipient;
            uint256 deadline;
        }
        function createAndInitializePoolIfNecessary(
            address token0, address token1, uint24 fee, uint160 sqrtPriceX96)
            external payable returns (address pool);
        function mint(MintParams calldata params) external payable returns (
            uint256 tokenId, uint128 liquidity, uint256 amount0, uint256 amount1);
    }
}

/// Horizons in months, in the order in which the gate keeps its four digests.
pub const HORIZONS: [u8; 4] = [2, 3, 4, 5];

/// Order of the scalar field of BN254; statements are elements of it.
pub const SCALAR_FIELD_ORDER: U256 = U256::from_limbs([
    0x43e1_f593_f000_0001,
    0x2833_e848_79b9_7091,
    0xb850_45b6_8181_585d,
    0x3064_4e72_e131_a029,
]);

/// What the gate hashes into the binding, as an EIP-712 type string.
const HEDGE_TYPE: &str = "VeracastHedge(uint256 chainId,address gate,address sender,uint256 nonce,\
                          uint256 deadline,bytes32 model2,bytes32 model3,bytes32 model4,bytes32 model5)";

/// First element of the statement: ties a proof to one hedge of one sender at one gate.
///
/// `digests` are the gate's active models of horizons 2, 3, 4, 5 (zero where there is none).
pub fn binding(
    chain_id: u64,
    gate: Address,
    sender: Address,
    nonce: U256,
    deadline: U256,
    digests: &[B256; 4],
) -> U256 {
    let words =
        (keccak256(HEDGE_TYPE), U256::from(chain_id), gate, sender, nonce, deadline, *digests);
    U256::from_be_bytes(keccak256(words.abi_encode()).0) % SCALAR_FIELD_ORDER
}

/// A revert's data in words: our contracts' errors by name with their figures, else the text that
/// `require` carries, else the bytes.
pub fn revert_reason(data: &Bytes) -> String {
    if data.is_empty() {
        return "no reason given".into();
    }
    if let Ok(error) = IHedgeGate::IHedgeGateErrors::abi_decode(data) {
        return format!("{error:?}").split_once('(').map_or_else(
            || format!("{error:?}"),
            |(_, inner)| inner.strip_suffix(')').unwrap_or(inner).to_string(),
        );
    }
    alloy::sol_types::decode_revert_reason(data).unwrap_or_else(|| data.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::sol_types::SolError;

    #[test]
    fn binding_depends_on_every_word() {
        let gate = Address::repeat_byte(1);
        let sender = Address::repeat_byte(2);
        let digests = [3u8, 4, 5, 6].map(B256::repeat_byte);
        let base = binding(1, gate, sender, U256::from(7), U256::from(8), &digests);
        assert!(base < SCALAR_FIELD_ORDER);
        let mut others = vec![
            binding(2, gate, sender, U256::from(7), U256::from(8), &digests),
            binding(1, sender, sender, U256::from(7), U256::from(8), &digests),
            binding(1, gate, gate, U256::from(7), U256::from(8), &digests),
            binding(1, gate, sender, U256::from(8), U256::from(8), &digests),
            binding(1, gate, sender, U256::from(7), U256::from(9), &digests),
        ];
        for i in 0..4 {
            let mut changed = digests;
            changed[i] = B256::ZERO;
            others.push(binding(1, gate, sender, U256::from(7), U256::from(8), &changed));
        }
        others.push(base);
        let distinct: std::collections::BTreeSet<_> = others.iter().collect();
        assert_eq!(distinct.len(), 10);
    }

    #[test]
    fn reverts_are_told_in_words() {
        let data =
            IHedgeGate::Expired { deadline: U256::from(5), blockTime: U256::from(6) }.abi_encode();
        let text = revert_reason(&data.into());
        assert!(text.contains("Expired") && text.contains('5') && text.contains('6'), "{text}");
        assert_eq!(revert_reason(&Bytes::new()), "no reason given");
        let revert = alloy::sol_types::Revert::from("STF").abi_encode();
        assert!(revert_reason(&revert.into()).contains("STF"));
    }
}
