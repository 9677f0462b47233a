//! Deploying our contracts: verifier, keys, gate; and growing the pool's memory for the TWAP.

use alloy::primitives::{Address, Bytes, B256};
use alloy::sol_types::SolValue;
use veracast_circuits::srs::TauG2;
use veracast_circuits::VerifyingKey;

use super::artifact::creation_code;
use super::contracts::{GateConfig, IForecastVerifier, IHedgeGate, IUniswapPool};
use super::error::ChainError;
use super::network::Network;
use super::rpc::Rpc;
use super::send::{Draft, Sender};
use super::uniswap::{pool_state, PoolState};

/// What a gate fixes for ever. [`GateTerms::default`] is what `veracast deploy` proposes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateTerms {
    /// Seconds over which the pool's price is averaged; 1800 at least.
    pub twap_window: u32,
    /// Floor on the harmonic mean liquidity; half of the pool's present liquidity if `None`.
    pub min_liquidity: Option<u128>,
    /// Largest distance of the proven price from the TWAP, basis points.
    pub price_band_bps: u16,
    /// Largest shortfall of the output, basis points, pool fee included.
    pub max_slippage_bps: u16,
    /// Seconds between a model's announcement and its activation.
    pub activation_delay: u32,
    /// Owner of the model schedule; the deployer if `None`.
    pub owner: Option<Address>,
}

impl Default for GateTerms {
    fn default() -> Self {
        Self {
            twap_window: 1800,
            min_liquidity: None,
            price_band_bps: 300,
            max_slippage_bps: 300,
            activation_delay: 2 * 86_400,
            owner: None,
        }
    }
}

/// Creation code of the gate with its constructor's argument.
///
/// # Errors
/// When the artifact that this library was built with is damaged.
pub fn gate_code(config: &GateConfig) -> Result<Bytes, ChainError> {
    let code =
        creation_code(include_str!("../../contracts/artifacts/HedgeGate.json"), "HedgeGate.json")?;
    Ok([code.as_ref(), &config.abi_encode()].concat().into())
}

/// Creation code of the verifier for a trusted setup, given as `[tau]G2` in EIP-197's encoding.
///
/// # Errors
/// When the artifact that this library was built with is damaged.
pub fn verifier_code(tau: &[u8; 128]) -> Result<Bytes, ChainError> {
    let artifact = include_str!("../../contracts/artifacts/ForecastVerifier.json");
    let code = creation_code(artifact, "ForecastVerifier.json")?;
    Ok([code.as_ref(), tau].concat().into())
}

/// Deploys a verifier for one SRS.
///
/// # Errors
/// A development SRS anywhere but on chain id 31337, or the endpoint's failure.
pub async fn deploy_verifier(
    sender: &Sender,
    network: &Network,
    tau: TauG2,
) -> Result<Address, ChainError> {
    network.check_setup(tau.is_dev())?;
    sender.deploy("ForecastVerifier", verifier_code(&tau.to_evm_bytes())?).await
}

/// Digest and canonical encoding of verifying keys, as [`register_keys`] takes them.
pub fn key_data<'a>(keys: impl IntoIterator<Item = &'a VerifyingKey>) -> Vec<(B256, Bytes)> {
    keys.into_iter().map(|key| (B256::from(key.digest().0), key.to_key_data().into())).collect()
}

/// Registers verifying keys that the verifier does not have yet.
///
/// Returns how many were sent. The digests are computed by the contract; each must be the one that
/// this machine computed.
///
/// # Errors
/// When a key is refused, or gets another digest.
pub async fn register_keys(
    sender: &Sender,
    verifier: Address,
    keys: &[(B256, Bytes)],
) -> Result<usize, ChainError> {
    let mut sent = 0;
    for (digest, key) in keys {
        if is_registered(sender.rpc(), verifier, *digest).await? {
            continue;
        }
        let call = IForecastVerifier::registerCall { key: key.clone() };
        let got = sender.rpc().read_from(sender.address(), verifier, call.clone()).await?;
        if got != *digest {
            return Err(ChainError::refused(
                "verifying key",
                format!("digest {digest}"),
                format!("{got} (computed by the verifier at {verifier})"),
                "the key file and the verifier are of different releases",
            ));
        }
        sender.execute(&Draft::call("register", verifier, &call)).await?;
        sent += 1;
    }
    Ok(sent)
}

/// Whether the verifier has a key under this digest.
///
/// # Errors
/// The endpoint's failure.
pub async fn is_registered(rpc: &Rpc, verifier: Address, digest: B256) -> Result<bool, ChainError> {
    rpc.read(verifier, IForecastVerifier::isRegisteredCall { modelDigest: digest }).await
}

/// Deploys a gate for a network's pool and checks that it says what was meant.
///
/// # Errors
/// The constructor's refusal in words, or the endpoint's failure.
pub async fn deploy_gate(
    sender: &Sender,
    network: &Network,
    models: [B256; 4],
    terms: &GateTerms,
) -> Result<Address, ChainError> {
    let pool = pool_state(sender.rpc(), network).await?;
    let config = GateConfig {
        verifier: network.deployed_verifier()?,
        router: network.router,
        factory: network.factory,
        wbtc: network.wbtc,
        usdc: network.usdc,
        fee: alloy::primitives::aliases::U24::from(network.fee),
        twapWindow: terms.twap_window,
        minLiquidity: terms.min_liquidity.unwrap_or((pool.liquidity / 2).max(1)),
        priceBandBps: terms.price_band_bps,
        maxSlippageBps: terms.max_slippage_bps,
        activationDelay: terms.activation_delay,
        owner: terms.owner.unwrap_or(sender.address()),
        models,
    };
    let gate = sender.deploy("HedgeGate", gate_code(&config)?).await?;
    let got = sender.rpc().read(gate, IHedgeGate::poolCall {}).await?;
    if got != pool.address {
        return Err(ChainError::refused(
            "gate",
            format!("pool {}", pool.address),
            got,
            "do not use this gate",
        ));
    }
    Ok(gate)
}

/// Where a pool's memory stands against a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowState {
    /// Seconds of history that the gate needs.
    pub window: u32,
    /// Seconds that there are.
    pub have: u32,
    /// Seconds until the window is full, if nothing is overwritten meanwhile.
    pub wait: u32,
}

/// How full a window is.
pub fn window_state(pool: &PoolState, window: u32) -> WindowState {
    WindowState { window, have: pool.history_secs, wait: window.saturating_sub(pool.history_secs) }
}

/// Observations that keep a window whole even if the pool is touched in every block.
pub fn cardinality_for(window: u32, block_secs: u32) -> u16 {
    let blocks = window.div_ceil(block_secs.max(1)) + 2;
    u16::try_from(blocks).unwrap_or(u16::MAX)
}

/// Grows the pool's memory to at least `cardinality` observations. Returns whether it had to.
///
/// # Errors
/// The endpoint's failure.
pub async fn grow_observations(
    sender: &Sender,
    pool: &PoolState,
    cardinality: u16,
) -> Result<bool, ChainError> {
    if pool.cardinality_next >= cardinality {
        return Ok(false);
    }
    let call = IUniswapPool::increaseObservationCardinalityNextCall {
        observationCardinalityNext: cardinality,
    };
    sender.execute(&Draft::call("increaseObservationCardinalityNext", pool.address, &call)).await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_of_twelve_second_blocks_fits() {
        assert_eq!(cardinality_for(1800, 12), 152);
        assert_eq!(cardinality_for(86_400, 1), u16::MAX);
    }

    #[test]
    fn the_committed_gate_has_code() {
        let config = GateConfig {
            verifier: Address::ZERO,
            router: Address::ZERO,
            factory: Address::ZERO,
            wbtc: Address::ZERO,
            usdc: Address::ZERO,
            fee: alloy::primitives::aliases::U24::from(3000u32),
            twapWindow: 1800,
            minLiquidity: 1,
            priceBandBps: 1,
            maxSlippageBps: 31,
            activationDelay: 86_400,
            owner: Address::ZERO,
            models: [B256::ZERO; 4],
        };
        let code = gate_code(&config).unwrap();
        assert!(code.len() > 2_000, "{}", code.len());
        assert!(code.ends_with(&config.abi_encode()));
    }
}
