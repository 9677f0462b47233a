//! `veracast deploy`: verifier, keys, gate, and a pool that remembers enough.

use std::path::PathBuf;

use alloy::primitives::{Address, B256};
use serde_json::json;
use veracast_circuits::srs::TauG2;
use veracast_circuits::VerifyingKey;

use super::options::{parse_address, KeyOptions, NetworkOptions};
use super::{block_on, CliError, Outcome, Ui};
use crate::chain::contracts::HORIZONS;
use crate::chain::deploy::{
    cardinality_for, deploy_gate, deploy_verifier, grow_observations, key_data, register_keys,
    window_state, GateTerms, WindowState,
};
use crate::chain::rpc::Rpc;
use crate::chain::send::Sender;
use crate::chain::uniswap::pool_state;
use crate::chain::{ChainError, Network};

/// Shortest block time that the pool's memory is sized for.
const BLOCK_SECS: u32 = 12;
/// Largest key file that is read.
const MAX_KEY_BYTES: u64 = 1 << 20;

/// Options of `veracast deploy`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    network: NetworkOptions,
    #[command(flatten)]
    keys: KeyOptions,
    /// A verifying key to register and to put in the gate, as HORIZON=FILE (2=model.vk)
    #[arg(long = "key", value_name = "HORIZON=FILE", required = true)]
    key_files: Vec<String>,
    /// A verifier that is deployed already [else the network file's; else a new one for the keys' setup]
    #[arg(long, value_parser = parse_address, value_name = "ADDRESS")]
    verifier: Option<Address>,
    /// Owner of the model schedule [default: the deployer]
    #[arg(long, value_parser = parse_address, value_name = "ADDRESS")]
    owner: Option<Address>,
    /// Seconds of the TWAP; 1800 at least
    #[arg(long, default_value_t = 1800, value_parser = clap::value_parser!(u32).range(1800..=86_400))]
    twap_window: u32,
    /// Floor on the pool's mean liquidity [default: half of what it has now]
    #[arg(long)]
    min_liquidity: Option<u128>,
    /// Largest distance of the proven price from the TWAP
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u16).range(1..=5000))]
    price_band_bps: u16,
    /// Largest shortfall of the output, pool fee included
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u16).range(1..=5000))]
    max_slippage_bps: u16,
    /// Seconds between a model's announcement and its activation; one day at least
    #[arg(long, default_value_t = 172_800, value_parser = clap::value_parser!(u32).range(86_400..=7_776_000))]
    activation_delay: u32,
    /// Where to write the network file [default: the data folder's, under the network's name]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Runs the command.
///
/// # Errors
/// When something is missing, a key is refused, or a transaction fails.
pub fn run(args: Args, ui: &Ui) -> Result<Outcome, CliError> {
    let mut network = args.network.load()?;
    let url = args.network.url(&network)?;
    args.keys.locate()?;
    let keys = read_keys(&args.key_files)?;
    let tau = common_setup(&keys)?;
    network.check_setup(tau.is_dev())?;
    let out = match &args.out {
        Some(path) => path.clone(),
        None => Network::written_path(&network.name)?,
    };
    network.verifier = args.verifier.or(network.verifier);
    let rpc = block_on(Rpc::connect(&url, &network))?;
    let sender = args.keys.sender(ui, rpc)?;
    ui.say(format!(
        "deploying to {} (chain id {}) from {}: {} keys, a gate with a TWAP of {} s, a price band of {} bps, \
         a slippage cap of {} bps and {} s of notice; none of it can be changed later",
        network.name,
        network.chain_id,
        sender.address(),
        keys.len(),
        args.twap_window,
        args.price_band_bps,
        args.max_slippage_bps,
        args.activation_delay,
    ));
    if !args.yes && !ui.confirm("Deploy?")? {
        return Err(CliError::refused("not confirmed; nothing was sent"));
    }
    let spinner = ui.spinner("deploying");
    let done = block_on(deploy(&args, &mut network, &sender, &keys, tau));
    spinner.finish_and_clear();
    let done = done?;
    network.write(&out)?;
    Ok(report(&network, &done, &out))
}

struct Done {
    gate: Address,
    registered: usize,
    grown: bool,
    window: WindowState,
}

async fn deploy(
    args: &Args,
    network: &mut Network,
    sender: &Sender,
    keys: &[(u8, VerifyingKey)],
    tau: TauG2,
) -> Result<Done, ChainError> {
    let verifier = match network.verifier {
        Some(address) => address,
        None => deploy_verifier(sender, network, tau).await?,
    };
    network.verifier = Some(verifier);
    sender.rpc().require_code("verifier", verifier).await?;
    let registered =
        register_keys(sender, verifier, &key_data(keys.iter().map(|(_, k)| k))).await?;
    let mut models = [B256::ZERO; 4];
    for (horizon, key) in keys {
        models[usize::from(horizon - HORIZONS[0])] = B256::from(key.digest().0);
    }
    let terms = GateTerms {
        twap_window: args.twap_window,
        min_liquidity: args.min_liquidity,
        price_band_bps: args.price_band_bps,
        max_slippage_bps: args.max_slippage_bps,
        activation_delay: args.activation_delay,
        owner: args.owner,
    };
    let gate = deploy_gate(sender, network, models, &terms).await?;
    network.gate = Some(gate);
    network.models = Some(models);
    let pool = pool_state(sender.rpc(), network).await?;
    let wanted = cardinality_for(args.twap_window, BLOCK_SECS);
    let grown = grow_observations(sender, &pool, wanted).await?;
    let window = window_state(&pool_state(sender.rpc(), network).await?, args.twap_window);
    Ok(Done { gate, registered, grown, window })
}

/// Reads `HORIZON=FILE` options.
fn read_keys(options: &[String]) -> Result<Vec<(u8, VerifyingKey)>, CliError> {
    let mut keys: Vec<(u8, VerifyingKey)> = Vec::new();
    for option in options {
        let bad = |what: &str| CliError::usage(format!("--key {option}: {what}"));
        let (horizon, path) = option
            .split_once('=')
            .and_then(|(h, p)| Some((h.parse::<u8>().ok()?, p)))
            .filter(|(h, _)| HORIZONS.contains(h))
            .ok_or_else(|| bad("expected HORIZON=FILE with a horizon of 2, 3, 4 or 5"))?;
        if keys.iter().any(|(h, _)| *h == horizon) {
            return Err(bad("expected each horizon once, got it twice"));
        }
        let size = std::fs::metadata(path).map_err(|e| bad(&e.to_string()))?.len();
        if size > MAX_KEY_BYTES {
            return Err(bad(&format!("expected at most {MAX_KEY_BYTES} bytes, got {size}")));
        }
        let bytes = std::fs::read(path).map_err(|e| bad(&e.to_string()))?;
        let key = VerifyingKey::from_bytes(&bytes).map_err(|e| bad(&e.to_string()))?;
        keys.push((horizon, key));
    }
    Ok(keys)
}

/// One verifier holds one setup, so all keys must come from the same.
fn common_setup(keys: &[(u8, VerifyingKey)]) -> Result<TauG2, CliError> {
    let first =
        keys.first().ok_or_else(|| CliError::usage("--key: expected at least one, got none"))?;
    let tau = first.1.tau();
    match keys.iter().find(|(_, key)| key.tau() != tau) {
        None => Ok(tau),
        Some((horizon, _)) => Err(CliError::usage(format!(
            "--key {horizon}=...: expected the setup of the key of {} months, got another",
            first.0
        ))
        .advise("make all keys with the same --srs")),
    }
}

fn report(network: &Network, done: &Done, out: &std::path::Path) -> Outcome {
    let window = &done.window;
    let full = if window.wait == 0 {
        format!("the TWAP window of {} s is full: the gate can be used now", window.window)
    } else {
        format!(
            "the TWAP window is {} s of {} s: the gate can be used in {} s at the earliest (veracast pool shows it)",
            window.have, window.window, window.wait
        )
    };
    let text = format!(
        "gate {}\nverifier {}, {} keys registered\npool memory {}\n{full}\nnetwork file {}",
        done.gate,
        network.verifier.unwrap_or_default(),
        done.registered,
        if done.grown { "grown" } else { "already large enough" },
        out.display()
    );
    let json = json!({
        "gate": done.gate, "verifier": network.verifier, "keys_registered": done.registered,
        "models": network.models, "observations_grown": done.grown,
        "twap_window_s": window.window, "usable_window_s": window.have, "wait_s": window.wait,
        "network_file": out,
    });
    Outcome::new(text, json)
}
