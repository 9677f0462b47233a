//! `veracast verify`: a bundle under a key, natively and by the deployed verifier.

use std::path::{Path, PathBuf};

use alloy::primitives::{B256, U256};
use serde_json::json;
use veracast_circuits::transcript::scalar_bytes;
use veracast_circuits::VerifyingKey;

use super::options::NetworkOptions;
use super::{block_on, CliError, Outcome, Ui};
use crate::bundle::{Bundle, MOST_BYTES};
use crate::chain::contracts::IForecastVerifier;
use crate::chain::rpc::Rpc;

/// Options of `veracast verify`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The bundle
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,
    /// The model's verifying key, from `veracast setup`
    #[arg(long, value_name = "FILE")]
    vk: PathBuf,
    /// Accept a proof under the dev SRS, which anybody can forge
    #[arg(long)]
    allow_dev_srs: bool,
    /// Ask this network's deployed verifier too (no key, no gas): local, sepolia, or a network file
    #[arg(long, value_name = "NAME|FILE")]
    network: Option<String>,
    /// RPC endpoint [else the network's variable, else ETH_RPC_URL]
    #[arg(long, value_name = "URL", requires = "network")]
    rpc_url: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// A file cannot be read, or the endpoint fails. A proof that does not hold is a result, exit 1.
pub fn run(args: &Args, ui: &Ui) -> Result<Outcome, CliError> {
    let bundle = Bundle::parse(&read(&args.bundle)?)?;
    let key = VerifyingKey::from_bytes(&read(&args.vk)?)
        .map_err(|error| CliError::refused(format!("{}: {error}", args.vk.display())))?;
    let verdict = bundle.verify(&key);
    let on_chain = match &args.network {
        Some(name) if verdict.is_ok() => {
            let spinner = ui.spinner("asking the deployed verifier");
            let answer = ask(name, args.rpc_url.clone(), &bundle, &key);
            spinner.finish_and_clear();
            Some(answer?)
        }
        _ => None,
    };
    let dev = key.tau().is_dev();
    let native = match (&verdict, dev, args.allow_dev_srs) {
        (Err(error), _, _) => format!("invalid: {error}"),
        (Ok(()), true, false) => "valid, but worthless: dev SRS (anybody can forge it)".into(),
        (Ok(()), true, true) => "valid under the dev SRS, which anybody can forge".into(),
        (Ok(()), false, _) => "valid".into(),
    };
    let mut lines = vec![format!("native    {native}")];
    if let Some(answer) = on_chain {
        lines.push(format!("on chain  {}", if answer { "valid" } else { "invalid" }));
    }
    lines.push(format!("model     {} {}", bundle.model, key.digest()));
    if verdict.is_ok() {
        for element in &bundle.statement {
            lines.push(format!("{:<9} {} {}", element.name, element.value, element.unit));
        }
    }
    let json = json!({
        "valid": verdict.is_ok(),
        "reason": verdict.as_ref().err().map(ToString::to_string),
        "dev_srs": dev,
        "on_chain": on_chain,
        "model_digest": key.digest().to_string(),
        "statement": verdict.is_ok().then_some(&bundle.statement),
    });
    let outcome = Outcome::new(lines.join("\n"), json);
    let accepted = verdict.is_ok() && (!dev || args.allow_dev_srs) && on_chain != Some(false);
    Ok(if accepted { outcome } else { outcome.refused() })
}

fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    let fail = |error: std::io::Error| CliError::refused(format!("{}: {error}", path.display()));
    let size = std::fs::metadata(path).map_err(fail)?.len();
    if size > MOST_BYTES {
        let what = format!("{}: expected at most {MOST_BYTES} bytes, got {size}", path.display());
        return Err(CliError::refused(what));
    }
    std::fs::read(path).map_err(fail)
}

/// The deployed verifier's answer, by a call that costs nothing.
fn ask(
    network: &str,
    rpc_url: Option<String>,
    bundle: &Bundle,
    key: &VerifyingKey,
) -> Result<bool, CliError> {
    // Asking a verifier moves nothing: the main net needs no confession here.
    let options = NetworkOptions { network: network.to_owned(), rpc_url, unaudited_mainnet: true };
    let network = options.load()?;
    let url = options.url(&network)?;
    let verifier = network.deployed_verifier()?;
    let words = bundle.instance()?;
    let call = IForecastVerifier::verifyCall {
        modelDigest: B256::from(key.digest().0),
        statement: words.iter().map(|word| U256::from_be_bytes(scalar_bytes(*word))).collect(),
        proof: bundle.proof_bytes()?.into(),
    };
    block_on(async move {
        let rpc = Rpc::connect(&url, &network).await?;
        rpc.require_code("verifier", verifier).await?;
        rpc.read(verifier, call).await
    })
}
