//! `veracast registry announce|activate|revoke|list`.

use alloy::primitives::{Address, B256};
use serde_json::json;

use super::options::{KeyOptions, NetworkOptions};
use super::{block_on, CliError, Outcome, Ui};
use crate::chain::registry::{self, Schedule};
use crate::chain::rpc::Rpc;
use crate::chain::send::Sender;

/// Options of `veracast registry`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Announce a horizon's next model; the owner's key
    Announce {
        /// The model's digest (0x and 64 hexadecimal digits)
        #[arg(long, value_name = "DIGEST")]
        model: B256,
        #[command(flatten)]
        target: Target,
    },
    /// Put an announced model in force, once its delay is over; anybody's key
    Activate(Target),
    /// End a horizon's model at once; the owner's key
    Revoke(Target),
    /// The schedule
    List(NetworkOptions),
}

#[derive(Debug, clap::Args)]
struct Target {
    /// 2, 3, 4 or 5 months
    #[arg(long, value_parser = clap::value_parser!(u8).range(2..=5))]
    horizon: u8,
    #[command(flatten)]
    network: NetworkOptions,
    #[command(flatten)]
    keys: KeyOptions,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Runs the command.
///
/// # Errors
/// The gate's refusal in words, or the endpoint's failure.
pub fn run(args: Args, ui: &Ui) -> Result<Outcome, CliError> {
    match args.command {
        Command::List(options) => {
            let network = options.load()?;
            let gate = network.deployed_gate()?;
            let url = options.url(&network)?;
            let (schedule, now) = block_on(async {
                let rpc = Rpc::connect(&url, &network).await?;
                Ok::<_, CliError>((registry::schedule(&rpc, gate).await?, rpc.block_time().await?))
            })?;
            Ok(describe(gate, &schedule, now))
        }
        Command::Announce { model, target } => {
            target.act(ui, &format!("announce model {model}"), |sender, gate, horizon| {
                block_on(registry::announce(&sender, gate, horizon, model))
            })
        }
        Command::Activate(target) => {
            target.act(ui, "activate the announced model", |sender, gate, horizon| {
                block_on(registry::activate(&sender, gate, horizon))
            })
        }
        Command::Revoke(target) => target.act(ui, "revoke the model", |sender, gate, horizon| {
            block_on(registry::revoke(&sender, gate, horizon))
        }),
    }
}

impl Target {
    fn act(
        &self,
        ui: &Ui,
        what: &str,
        send: impl FnOnce(Sender, Address, u8) -> Result<(), CliError>,
    ) -> Result<Outcome, CliError> {
        let network = self.network.load()?;
        let gate = network.deployed_gate()?;
        let url = self.network.url(&network)?;
        self.keys.locate()?;
        let rpc = block_on(Rpc::connect(&url, &network))?;
        let sender = self.keys.sender(ui, rpc)?;
        let question =
            format!("{what} of horizon {} at gate {gate} on {}?", self.horizon, network.name);
        if !self.yes && !ui.confirm(&question)? {
            return Err(CliError::refused("not confirmed; nothing was sent"));
        }
        let rpc = sender.rpc().clone();
        send(sender, gate, self.horizon)?;
        let (schedule, now) = block_on(async {
            Ok::<_, CliError>((registry::schedule(&rpc, gate).await?, rpc.block_time().await?))
        })?;
        Ok(describe(gate, &schedule, now))
    }
}

fn describe(gate: Address, schedule: &Schedule, now: u64) -> Outcome {
    let mut text = format!("gate {gate}\nowner {}, notice {} s\n", schedule.owner, schedule.delay);
    for slot in &schedule.slots {
        let active =
            if slot.active.is_zero() { "no model".into() } else { slot.active.to_string() };
        text += &format!("{} months  {active}\n", slot.horizon);
        if !slot.announced.is_zero() {
            let left = slot.active_from.saturating_sub(now);
            let when = if left == 0 {
                "can be activated now".into()
            } else {
                format!("can be activated in {left} s")
            };
            text += &format!("  announced {} ({when})\n", slot.announced);
        }
    }
    let slots: Vec<_> = schedule
        .slots
        .iter()
        .map(|s| {
            json!({
                "horizon": s.horizon,
                "active": (!s.active.is_zero()).then_some(s.active),
                "announced": (!s.announced.is_zero()).then_some(s.announced),
                "active_from": (!s.announced.is_zero()).then_some(s.active_from),
            })
        })
        .collect();
    Outcome::new(
        text,
        json!({ "gate": gate, "owner": schedule.owner, "delay_s": schedule.delay, "models": slots }),
    )
}
