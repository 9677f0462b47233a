//! The command from outside: what it says is missing, what it refuses, a hedge with real proofs,
//! and what is left when it is killed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod chain_support;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use alloy::primitives::Address;
use alloy::signers::local::PrivateKeySigner;
use chain_support::proxy::{Action, Proxy};
use chain_support::{allowance, market, sats, somebody};
use serde_json::Value;
use veracast::chain::local::LocalChain;
use veracast::chain::{wallet, Network};
use veracast::forecaster::Models;
use veracast::store::{SrsChoice, Store};

const BTC: u64 = 100_000_000;
/// A farm of one machine at the pool's price.
const FARM: [&str; 6] =
    ["--electricity_day_price", "5.54", "--btc-price", "pool", "--cost-2-months", "332.4"];

/// The command with a home of its own, no terminal and no inherited keys or endpoints.
fn veracast(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_veracast"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).env("VERACAST_HOME", home).stdin(Stdio::null());
    for name in
        ["ETH_RPC_URL", "SEPOLIA_RPC_URL", "ETH_KEYSTORE", "ETH_KEYSTORE_ACCOUNT", "ETH_PASSWORD"]
    {
        command.env_remove(name);
    }
    command.env("HOME", home).env_remove("FOUNDRY_DIR");
    command
}

fn run(home: &Path, arguments: &[&str]) -> Output {
    veracast(home).args(arguments).output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| {
        panic!("{e}: {} {}", String::from_utf8_lossy(&output.stdout), stderr(output))
    })
}

#[test]
fn says_what_is_missing_before_any_work() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let output = run(home, &["hedge", "--network", "sepolia"]);
    assert_eq!(code(&output), 2);
    assert!(
        stderr(&output).contains("`gate`") && stderr(&output).contains("what to do"),
        "{}",
        stderr(&output)
    );
    assert!(output.stdout.is_empty());

    let output = run(home, &["pool", "--network", "sepolia"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("SEPOLIA_RPC_URL"), "{}", stderr(&output));

    let output = run(home, &["pool"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("local"), "{}", stderr(&output));

    // A complete network, and no key.
    let file = home.join("net.toml");
    let mut network = Network::load("sepolia").unwrap();
    network.gate = Some(Address::repeat_byte(1));
    network.verifier = Some(Address::repeat_byte(2));
    network.write(&file).unwrap();
    let file = file.to_str().unwrap();
    let output = run(home, &["hedge", "--network", file, "--rpc-url", "http://127.0.0.1:1"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("a key is missing"), "{}", stderr(&output));
    let output = run(home, &["--json", "hedge", "--network", file]);
    assert_eq!(code(&output), 2);
    assert!(json(&output)["error"].as_str().unwrap().contains("RPC URL"));

    network.chain_id = 1;
    network.write(Path::new(file)).unwrap();
    let output = run(home, &["hedge", "--network", file]);
    assert_eq!(code(&output), 1);
    assert!(stderr(&output).contains("--unaudited-mainnet"), "{}", stderr(&output));
}

#[test]
fn refuses_secrets_nonsense_and_scaled_figures_with_exit_2() {
    let home = tempfile::tempdir().unwrap();
    let secret = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
    for arguments in [
        vec!["hedge", "--private-key", secret],
        vec!["deploy", "--private_key", secret],
        vec!["wallet", "import", "x", &format!("--private-key={secret}")],
    ] {
        let output = run(home.path(), &arguments);
        assert_eq!(code(&output), 2);
        assert!(stderr(&output).contains("history"), "{}", stderr(&output));
        assert!(!stderr(&output).contains("ac0974"), "the key is repeated");
    }
    for arguments in [
        &["hedge", "--horizon", "6"][..],
        &["hedge", "--month", "13"],
        &["hedge", "--dry-run"],
        &["hedge", "--costs", "x.csv", "--cost-2-months", "1"],
        &["registry", "announce", "--horizon", "1", "--model", "0x00"],
        &["frobnicate"],
    ] {
        assert_eq!(code(&run(home.path(), arguments)), 2, "{arguments:?}");
    }
    let output = run(home.path(), &["completions", "bash"]);
    assert_eq!(code(&output), 0);
    assert!(String::from_utf8_lossy(&output.stdout).contains("veracast"));
}

#[test]
fn wallets_are_made_listed_and_told_without_a_terminal() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let password = home.join("password");
    std::fs::write(&password, "secret\nsecond line\n").unwrap();
    let password = password.to_str().unwrap();
    let made = run(home, &["--json", "wallet", "new", "miner", "--password-file", password]);
    assert_eq!(code(&made), 0, "{}", stderr(&made));
    let address = json(&made)["address"].as_str().unwrap().to_string();
    let listed = json(&run(home, &["--json", "wallet", "list"]));
    assert_eq!(listed["accounts"][0]["account"], "miner");
    let told = run(home, &["wallet", "address", "--account", "miner", "--password-file", password]);
    let told = String::from_utf8(told.stdout).unwrap();
    assert_eq!(told.trim().to_lowercase(), address);
    let again = run(home, &["wallet", "new", "miner", "--password-file", password]);
    assert_eq!(code(&again), 1);
    let unasked = run(home, &["wallet", "address", "--account", "miner"]);
    assert_eq!(code(&unasked), 2, "no terminal to ask on");
}

/// A deployed release, as a user has it: network file, keystore, password.
struct Release {
    chain: LocalChain,
    home: tempfile::TempDir,
}

impl Release {
    async fn deployed() -> Option<Self> {
        let mut chain = market(|_| ()).await?;
        let home = tempfile::tempdir().unwrap();
        let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
        let models = Models::open(&models, &SrsChoice::Dev, &Store::new(home.path())).unwrap();
        let mut arguments: Vec<String> =
            ["--json", "deploy", "--yes", "--network"].map(String::from).into();
        let file = home.path().join("market.toml");
        chain.network.write(&file).unwrap();
        arguments.push(file.to_str().unwrap().into());
        for (key, horizon) in models.keys().zip(2..) {
            let path = home.path().join(format!("{horizon}.vk"));
            std::fs::write(&path, key.to_bytes()).unwrap();
            arguments.extend(["--key".into(), format!("{horizon}={}", path.display())]);
        }
        let this = Self { home, chain };
        arguments.extend(this.keys(&this.chain.key(0).unwrap()));
        let output = veracast(this.home.path()).args(&arguments).output().unwrap();
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        assert_eq!(json(&output)["wait_s"], 0, "the window is full");
        chain = this.chain;
        chain.network = Network::read(&this.home.path().join("networks/local.toml")).unwrap();
        Some(Self { chain, ..this })
    }

    /// Stores a key and tells the options that use it.
    fn keys(&self, signer: &PrivateKeySigner) -> Vec<String> {
        let folder = self.home.path().join("keys");
        let name = signer.address().to_string();
        let _ = wallet::import(&folder, &name, &signer.to_bytes().to_string(), "secret");
        let password = self.home.path().join("password");
        std::fs::write(&password, "secret").unwrap();
        let path = |path: PathBuf| path.to_str().unwrap().to_string();
        ["--keystore".into(), path(folder.join(name)), "--password-file".into(), path(password)]
            .into()
    }

    fn hedge(&self, signer: &PrivateKeySigner, more: &[&str]) -> Command {
        let mut command = veracast(self.home.path());
        command.args(["--json", "hedge"]).args(FARM).args(self.keys(signer)).args(more);
        command
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hedges_once_with_real_proofs() {
    let Some(release) = Release::deployed().await else { return };
    let miner = somebody(&release.chain, BTC).await;

    // Without a terminal and without --yes: the plan, and exit 2.
    let asked = release.hedge(&miner, &[]).output().unwrap();
    assert_eq!(code(&asked), 2, "{}", stderr(&asked));
    assert!(stderr(&asked).contains("plan on local") && stderr(&asked).contains("--yes"));
    assert_eq!(sats(&release.chain, miner.address()).await, BTC);

    let from = miner.address().to_string();
    let dry = veracast(release.home.path())
        .args(["--json", "hedge", "--dry-run", "--from", &from, "--power", "3250"])
        .args(FARM)
        .output()
        .unwrap();
    assert_eq!(code(&dry), 0, "{}", stderr(&dry));
    let dry = json(&dry);
    assert!(dry["simulation"]["gas"].as_u64().unwrap() < 700_000, "{dry}");
    assert_eq!(dry["plan"]["not_used"][0], "power");
    let amounts: Vec<u64> = (0..4)
        .map(|i| dry["plan"]["forecasts"][i]["amount_sats"].as_str().unwrap().parse().unwrap())
        .collect();
    assert!(amounts[0] > 0 && amounts.is_sorted(), "{amounts:?}");

    let scaled = release.hedge(&miner, &["--difficulty", "8.6"]).output().unwrap();
    assert_eq!(code(&scaled), 2);
    assert!(stderr(&scaled).contains("86000000000000"), "{}", stderr(&scaled));

    let done = release.hedge(&miner, &["--yes"]).output().unwrap();
    assert_eq!(code(&done), 0, "{}", stderr(&done));
    let done = json(&done);
    assert_eq!(done["status"], "swapped");
    assert_eq!(sats(&release.chain, miner.address()).await, BTC - amounts[3]);
    assert_eq!(allowance(&release.chain, miner.address()).await, 0);
    assert!(done["swapped"]["gas_used"].as_u64().unwrap() < 700_000, "{done}");

    let again = release.hedge(&miner, &["--yes"]).output().unwrap();
    assert_eq!(code(&again), 0, "{}", stderr(&again));
    assert_eq!(json(&again)["status"], "earlier-swapped");
    assert_eq!(sats(&release.chain, miner.address()).await, BTC - amounts[3]);

    let pool = json(&run(release.home.path(), &["--json", "pool"]));
    assert_eq!(pool["gate"]["twap_window_s"], 1800);
    let list = json(&run(release.home.path(), &["--json", "registry", "list"]));
    assert_eq!(list["models"].as_array().unwrap().len(), 4);
    assert!(list["models"][0]["active"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_hedge_is_finished_once_by_the_next() {
    let Some(release) = Release::deployed().await else { return };
    let proxy = Proxy::before(&release.chain.endpoint());
    // The n-th request of a method, held before or after the node has it.
    let places = [
        ("eth_sendRawTransaction", 1, Action::HoldBefore),
        ("eth_sendRawTransaction", 1, Action::HoldAfter),
        ("eth_sendRawTransaction", 2, Action::HoldBefore),
        ("eth_sendRawTransaction", 2, Action::HoldAfter),
        ("eth_getTransactionReceipt", 2, Action::HoldBefore),
        ("eth_getTransactionReceipt", 2, Action::HoldAfter),
    ];
    for (method, count, action) in places {
        let miner = somebody(&release.chain, BTC).await;
        let mut seen = 0;
        proxy.rule(move |name| {
            seen += usize::from(name == method);
            if name == method && seen == count {
                action
            } else {
                Action::Pass
            }
        });
        let mut first = release
            .hedge(&miner, &["--yes", "--rpc-url", &proxy.url])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        proxy.wait_until_held();
        first.kill().unwrap();
        first.wait().unwrap();
        let second = release.hedge(&miner, &["--yes"]).output().unwrap();
        assert_eq!(code(&second), 0, "{method} {count} {action:?}: {}", stderr(&second));
        let left = sats(&release.chain, miner.address()).await;
        let second = json(&second);
        let amount: u64 = second["swapped"]["amount_in_sats"].as_str().unwrap().parse().unwrap();
        assert_eq!(left, BTC - amount, "{method} {count} {action:?}");
        let third = release.hedge(&miner, &["--yes"]).output().unwrap();
        assert_eq!(json(&third)["status"], "earlier-swapped");
        assert_eq!(sats(&release.chain, miner.address()).await, left);
        assert_eq!(allowance(&release.chain, miner.address()).await, 0);
    }
}
