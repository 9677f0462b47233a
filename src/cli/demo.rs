//! `veracast demo`: everything once, on a local chain with the real Uniswap V3.

use std::path::{Path, PathBuf};
use std::time::Instant;

use alloy::primitives::{Address, Bytes, B256};
use serde_json::json;

use super::hedge::write_bundles;
use super::model::store;
use super::{block_on, CliError, Outcome, Ui};
use crate::chain::contracts::IForecastVerifier;
use crate::chain::decimal::format_units;
use crate::chain::deploy::{verifier_code, GateTerms};
use crate::chain::figures::Figures;
use crate::chain::hedge::{
    hedge, Actor, Forecaster, Guide, HedgeContext, HedgeOutcome, HedgeRequest, Horizon, Plan,
    Question, Step,
};
use crate::chain::journal::Swapped;
use crate::chain::local::{LocalChain, LocalOptions};
use crate::chain::send::Sender;
use crate::chain::{ChainError, Network};
use crate::forecaster::Models;
use crate::store::SrsChoice;

/// The farm: 100 machines of 3,250 W at 66.39 EUR/MWh.
const FIGURES: [(&str, &str); 6] = [
    ("electricity_day_price", "554.09"),
    ("cost_2_months", "33245.40"),
    ("hash_rate", "9500"),
    ("power", "325000"),
    ("difficulty", "110000000000000"),
    ("block_reward", "3.125"),
];
/// WBTC of the miner, satoshi: enough for five months.
const BALANCE: u64 = 2 * 100_000_000;

/// Options of `veracast demo`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A checkout of the repository, with its npm parts installed
    #[arg(long, value_name = "DIR", default_value = ".")]
    workspace: PathBuf,
    /// Where the bundles go
    #[arg(long, value_name = "DIR", default_value = "demo")]
    out: PathBuf,
}

/// Agrees to everything, and says how far the demo is.
struct Willing<'a>(&'a Ui);

impl Guide for Willing<'_> {
    fn step(&self, step: Step) -> Result<(), ChainError> {
        self.0.detail(format!("{step:?}"));
        Ok(())
    }

    fn say(&self, text: &str) {
        self.0.say(text);
    }

    fn confirm(&self, _: Question<'_>) -> Result<bool, ChainError> {
        Ok(true)
    }
}

/// Runs the command.
///
/// # Errors
/// Anvil or Uniswap's artifacts are missing, or something that ought to work does not.
pub fn run(args: &Args, ui: &Ui) -> Result<Outcome, CliError> {
    let clock = Instant::now();
    let spinner = ui.spinner("making the keys of four models");
    let models = Models::open(&args.workspace.join("models"), &SrsChoice::Dev, &store()?)
        .map_err(|error| CliError::refused(error.to_string()))?;
    let keyed = clock.elapsed();
    spinner.set_message("starting a chain with Uniswap V3, deploying verifier and gate");
    let scratch =
        tempfile::tempdir().map_err(|e| CliError::refused(format!("temp folder: {e}")))?;
    let done = block_on(demonstrate(args, &models, scratch.path(), ui));
    spinner.finish_and_clear();
    let (plan, swapped, network, sender) = done?;
    let files = write_bundles(&args.out, &models, &plan, &network, sender)?;
    let mut text = format!("four models keyed in {} ms\n", keyed.as_millis());
    for (forecast, proof) in plan.forecasts.iter().zip(&plan.proofs) {
        text += &format!(
            "  {} months: sell {} BTC now    proof of {} bytes in {} ms\n",
            forecast.horizon,
            format_units(forecast.amount_sats, 8),
            proof.proof.len(),
            proof.millis
        );
    }
    text += &format!("four proofs in parallel: {} ms\n", plan.prove_millis);
    text += &format!(
        "swapped {} BTC for {} USDC in one transaction, {} gas (proof checked inside)\n",
        format_units(swapped.amount_in, 8),
        format_units(swapped.amount_out, 6),
        swapped.gas_used.map_or("unknown".into(), |gas| gas.to_string()),
    );
    text +=
        &format!("each bundle verified natively and by the deployed verifier: {}\n", list(&files));
    text += "made with the dev SRS on a local chain: these proofs are worth nothing elsewhere\n";
    let json = json!({
        "amount_in_sats": swapped.amount_in.to_string(),
        "amount_out_micro_usd": swapped.amount_out.to_string(),
        "gas_used": swapped.gas_used,
        "prove_ms": plan.prove_millis,
        "bundles": files,
    });
    Ok(Outcome::new(text, json))
}

fn list(files: &[PathBuf]) -> String {
    files.iter().map(|file| format!("\n  {}", file.display())).collect()
}

async fn demonstrate(
    args: &Args,
    models: &Models,
    scratch: &Path,
    ui: &Ui,
) -> Result<(Plan, Swapped, Network, Address), ChainError> {
    let mut chain = LocalChain::start(&LocalOptions::in_repository(&args.workspace)).await?;
    let keys: Vec<(B256, Bytes)> = models
        .keys()
        .map(|key| (B256::from(key.digest().0), Bytes::from(key.to_key_data())))
        .collect();
    let tau = models.provers()[0].key().verifying_key().tau();
    let verifier = chain.deploy_code("verifier", verifier_code(&tau.to_evm_bytes())?).await?;
    let terms = GateTerms::default();
    chain.deploy_gate(verifier, &keys, models.digests(), &terms).await?;
    let sender = Sender::new(chain.rpc().clone(), chain.key(1)?);
    let address = sender.address();
    chain.give_wbtc(address, BALANCE).await?;

    let mut figures = Figures { machines: 1, ..Figures::default() };
    for (name, value) in FIGURES {
        let value = value.parse().map_err(|e| ChainError::Forecast(format!("{name}: {e}")))?;
        figures.given.insert(name, value);
    }
    let request = HedgeRequest {
        inputs: figures.whole_farm()?,
        price_from_pool: true,
        horizon: Horizon::Auto,
        month: None,
        max_slippage_bps: 100,
        deadline_secs: 1200,
        new: false,
    };
    let context = HedgeContext {
        network: chain.network.clone(),
        rpc: chain.rpc().clone(),
        actor: Actor::Sender(sender),
        home: scratch.to_path_buf(),
    };
    let outcome = hedge(&context, &request, models, &Willing(ui)).await?;
    let HedgeOutcome::Swapped(plan, swapped) = outcome else {
        return Err(ChainError::refused("demo", "a swap", "another end of the hedge", ""));
    };
    for (proved, digest) in plan.proofs.iter().zip(models.digests()) {
        let call = IForecastVerifier::verifyCall {
            modelDigest: digest,
            statement: proved.statement.clone(),
            proof: proved.proof.clone(),
        };
        if !chain.rpc().read(verifier, call).await? {
            return Err(ChainError::refused("verifier", "a valid proof", "a refusal", ""));
        }
    }
    Ok((*plan, swapped, chain.network.clone(), address))
}
