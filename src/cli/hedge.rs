//! `veracast hedge`: the original system's options, and everything that keeps the money safe.

mod report;

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use alloy::primitives::{Address, U256};
use chrono::{DateTime, NaiveDate};
use indicatif::ProgressBar;
use serde_json::json;

use super::options::{parse_address, KeyOptions, NetworkOptions};
use super::{block_on, CliError, Outcome, Ui};
use crate::chain::decimal::{format_units, Decimal};
use crate::chain::figures::Figures;
use crate::chain::hedge::{
    self, Actor, Forecaster, Guide, HedgeContext, HedgeInputs, HedgeRequest, Horizon, Plan,
    Question, Step,
};
use crate::chain::journal::Entry;
use crate::chain::rpc::{clock, Rpc};
use crate::chain::{costs, home, ChainError, Network};

/// Options of `veracast hedge`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    figures: FigureOptions,
    #[command(flatten)]
    network: NetworkOptions,
    #[command(flatten)]
    keys: KeyOptions,
    /// Where the models come from
    #[command(flatten)]
    pub models: ModelOptions,
    /// auto (the longest that the WBTC balance covers), 2, 3, 4 or 5 months
    #[arg(long, default_value = "auto", value_parser = parse_horizon, help_heading = "Hedge")]
    horizon: Horizon,
    /// Calendar month, 1 to 12 [default: today's, UTC]
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=12), help_heading = "Hedge")]
    month: Option<u8>,
    /// Largest shortfall of the output against the quote and the TWAP, in basis points
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(0..10_000), help_heading = "Hedge")]
    max_slippage_bps: u16,
    /// Seconds from the proof to the deadline
    #[arg(long, default_value_t = 1200, value_parser = clap::value_parser!(u64).range(60..=86_000), help_heading = "Hedge")]
    deadline_secs: u64,
    /// Prove and simulate; send nothing (needs only --from)
    #[arg(long, requires = "from", conflicts_with_all = ["unsigned", "new"], help_heading = "Hedge")]
    dry_run: bool,
    /// Put out the transactions (to, data, value) for --from to sign elsewhere, a Safe for example
    #[arg(long, requires = "from", conflicts_with = "new", help_heading = "Hedge")]
    unsigned: bool,
    /// The address whose WBTC it is, for --dry-run and --unsigned
    #[arg(long, value_parser = parse_address, value_name = "ADDRESS", help_heading = "Hedge")]
    from: Option<Address>,
    /// Start another hedge although the journal has one
    #[arg(long, help_heading = "Hedge")]
    new: bool,
    /// Do not ask
    #[arg(long, short, help_heading = "Hedge")]
    yes: bool,
    /// Write the four proofs there, as bundles with their keys
    #[arg(long, value_name = "DIR", help_heading = "Hedge")]
    bundles: Option<PathBuf>,
    /// Only set the gate's WBTC allowance back to zero
    #[arg(long, conflicts_with_all = ["dry_run", "unsigned", "new"], help_heading = "Hedge")]
    reset_allowance: bool,
}

/// Where the models come from.
#[derive(Clone, Debug, clap::Args)]
pub struct ModelOptions {
    /// Folder with the four model folders [default: the release's]
    #[arg(long, value_name = "DIR", help_heading = "Models")]
    pub models: Option<PathBuf>,
    /// The setup that the keys were made with: a ceremony file, or dev
    #[arg(long, value_name = "FILE|dev", help_heading = "Models")]
    pub srs: Option<String>,
}

/// The figures of the mine. All for the whole farm in plain units, or per machine with --machines.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Figures")]
struct FigureOptions {
    /// Today's electricity cost, USD per day (may be negative)
    #[arg(long, allow_negative_numbers = true, value_name = "USD")]
    electricity_day_price: Option<Decimal>,
    /// USD per BTC, or pool: the pool's TWAP
    #[arg(long, value_name = "USD|pool")]
    btc_price: Option<String>,
    /// The network's difficulty (8.6e13 is fine)
    #[arg(long)]
    difficulty: Option<Decimal>,
    /// TH/s
    #[arg(long, value_name = "TH/S")]
    hash_rate: Option<Decimal>,
    /// W
    #[arg(long, value_name = "W")]
    power: Option<Decimal>,
    /// BTC
    #[arg(long, value_name = "BTC")]
    block_reward: Option<Decimal>,
    /// Electricity cost of the last 60 days, USD
    #[arg(long, value_name = "USD")]
    cost_2_months: Option<Decimal>,
    /// Electricity cost of the last 90 days, USD
    #[arg(long, value_name = "USD")]
    cost_3_months: Option<Decimal>,
    /// Electricity cost of the last 120 days, USD
    #[arg(long, value_name = "USD")]
    cost_4_months: Option<Decimal>,
    /// Electricity cost of the last 150 days, USD
    #[arg(long, value_name = "USD")]
    cost_5_months: Option<Decimal>,
    /// Electricity cost of the last 180 days, USD
    #[arg(long, value_name = "USD")]
    cost_6_months: Option<Decimal>,
    /// A file of daily costs (date,usd): the day price and the five sums are derived from it
    #[arg(long, value_name = "FILE.csv", conflicts_with_all = [
        "electricity_day_price", "cost_2_months", "cost_3_months", "cost_4_months", "cost_5_months", "cost_6_months",
    ])]
    costs: Option<PathBuf>,
    /// The figures are per machine; costs, power and hash rate are multiplied by this
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=10_000_000), value_name = "N")]
    machines: u64,
    /// The figures are scaled as in the original system (price in thousands, difficulty in 1e13, power in kW)
    #[arg(long)]
    seed_units: bool,
}

fn parse_horizon(text: &str) -> Result<Horizon, String> {
    match text {
        "auto" => Ok(Horizon::Auto),
        _ => text
            .parse()
            .ok()
            .filter(|months| (2..=5).contains(months))
            .map(Horizon::Months)
            .ok_or_else(|| "expected auto, 2, 3, 4 or 5".into()),
    }
}

impl FigureOptions {
    /// The figures, and whether the price is the pool's.
    fn read(&self, today: NaiveDate) -> Result<(HedgeInputs, bool), ChainError> {
        let mut figures =
            Figures { machines: self.machines, seed_units: self.seed_units, ..Default::default() };
        let from_pool = self.btc_price.as_deref() == Some("pool");
        let price = match &self.btc_price {
            Some(text) if !from_pool => Some(text.parse().map_err(|e| {
                ChainError::invalid("--btc-price", "USD per BTC, or pool", text, &format!("{e}"))
            })?),
            _ => None,
        };
        let given = [
            ("electricity_day_price", self.electricity_day_price),
            ("btc_price", price),
            ("difficulty", self.difficulty),
            ("hash_rate", self.hash_rate),
            ("power", self.power),
            ("block_reward", self.block_reward),
            ("cost_2_months", self.cost_2_months),
            ("cost_3_months", self.cost_3_months),
            ("cost_4_months", self.cost_4_months),
            ("cost_5_months", self.cost_5_months),
            ("cost_6_months", self.cost_6_months),
        ];
        figures.given.extend(given.into_iter().filter_map(|(name, value)| Some((name, value?))));
        if let Some(path) = &self.costs {
            let costs = costs::read(path, today)?;
            figures.given.insert("electricity_day_price", costs.day_price);
            figures.given.extend(costs.sums);
        }
        Ok((figures.whole_farm()?, from_pool))
    }
}

/// Opens the models of a release; told apart from [`run`] so that tests can bring their own.
pub trait OpenModels {
    /// The four models with their keys.
    ///
    /// # Errors
    /// When a model folder or its keys are missing or damaged.
    fn open(
        &self,
        options: &ModelOptions,
        network: &Network,
        ui: &Ui,
    ) -> Result<Box<dyn Forecaster>, CliError>;
}

/// Runs the command.
///
/// # Errors
/// Usage, whatever refuses the hedge, or an endpoint's failure.
pub fn run(args: &Args, models: &dyn OpenModels, ui: &Ui) -> Result<Outcome, CliError> {
    // What is missing is said before any work.
    let network = args.network.load()?;
    let gate = network.deployed_gate()?;
    let url = args.network.url(&network)?;
    let from = args.from.filter(|_| args.dry_run || args.unsigned);
    if from.is_none() {
        args.keys.locate()?;
    }
    if args.reset_allowance {
        return reset(args, network, &url, ui);
    }
    let today = DateTime::from_timestamp(i64::try_from(clock()).unwrap_or_default(), 0)
        .ok_or_else(|| CliError::refused("clock: expected a date, got none"))?
        .date_naive();
    let (inputs, price_from_pool) = args.figures.read(today)?;
    let rpc = block_on(Rpc::connect(&url, &network))?;
    let forecaster = models.open(&args.models, &network, ui)?;
    let actor = match from {
        Some(address) if args.unsigned => Actor::Unsigned(address),
        Some(address) => Actor::DryRun(address),
        None => Actor::Sender(args.keys.sender(ui, rpc.clone())?),
    };
    ui.detail(format!(
        "{} as {} through {}, gate {gate}",
        network.name,
        actor.address(),
        rpc.host()
    ));
    let request = HedgeRequest {
        inputs,
        price_from_pool,
        horizon: args.horizon,
        month: args.month,
        max_slippage_bps: args.max_slippage_bps,
        deadline_secs: args.deadline_secs,
        new: args.new,
    };
    let context = HedgeContext { network, rpc, actor, home: home::data_dir()? };
    let guide = Terminal { ui, yes: args.yes, sign: RefCell::default() };
    let outcome = block_on(hedge::hedge(&context, &request, forecaster.as_ref(), &guide));
    guide.quiet();
    let outcome = outcome?;
    if let (Some(dir), Some(plan)) = (&args.bundles, outcome.plan()) {
        let sender = context.actor.address();
        for file in write_bundles(dir, forecaster.as_ref(), plan, &context.network, sender)? {
            ui.say(format!("bundle {}", file.display()));
        }
    }
    Ok(report::outcome(&outcome))
}

/// Writes a plan's proofs as bundles, each beside its key; returns the bundles' paths.
pub(super) fn write_bundles(
    dir: &Path,
    forecaster: &dyn Forecaster,
    plan: &Plan,
    network: &Network,
    sender: Address,
) -> Result<Vec<PathBuf>, CliError> {
    let Some(bound_to) = plan.bound_to(network, sender, forecaster.digests()) else {
        return Ok(Vec::new());
    };
    let mut bundles = Vec::new();
    for (name, contents) in forecaster.bundles(&plan.proofs, &bound_to)? {
        let path = dir.join(&name);
        home::write_durably(&path, &contents)?;
        if name.ends_with(".json") {
            bundles.push(path);
        }
    }
    Ok(bundles)
}

fn reset(args: &Args, network: Network, url: &str, ui: &Ui) -> Result<Outcome, CliError> {
    let rpc = block_on(Rpc::connect(url, &network))?;
    let sender = args.keys.sender(ui, rpc.clone())?;
    let actor = Actor::Sender(sender.clone());
    let context = HedgeContext { network, rpc, actor, home: home::data_dir()? };
    let was: U256 = block_on(hedge::reset_allowance(&context, &sender))?;
    let text = format!("the gate's allowance is zero (it was {} BTC)", format_units(was, 8));
    Ok(Outcome::new(text, json!({ "allowance_sats": 0, "was_sats": was.to_string() })))
}

/// The guide that asks at the terminal.
struct Terminal<'a> {
    ui: &'a Ui,
    yes: bool,
    /// The moving sign of what is under way.
    sign: RefCell<Option<ProgressBar>>,
}

impl Terminal<'_> {
    fn busy(&self, what: &str) {
        self.quiet();
        *self.sign.borrow_mut() = Some(self.ui.spinner(what));
    }

    fn quiet(&self) {
        if let Some(sign) = self.sign.borrow_mut().take() {
            sign.finish_and_clear();
        }
    }

    fn ask(&self, question: &str) -> Result<bool, ChainError> {
        if self.yes {
            return Ok(true);
        }
        self.ui.confirm(question).map_err(|error| ChainError::Missing {
            what: format!("an answer to \"{question}\" (there is no terminal to ask on)"),
            advice: error.advice().unwrap_or("add --yes").to_string(),
        })
    }

    fn show(&self, plan: &Plan) {
        self.ui.say(report::plan(plan));
    }

    fn resume_question(entry: &Entry) -> String {
        format!(
            "Send the hedge of {} BTC for {} months, signed earlier, once more?",
            format_units(entry.amount_sats, 8),
            entry.horizon
        )
    }
}

impl Guide for Terminal<'_> {
    fn step(&self, step: Step) -> Result<(), ChainError> {
        match step {
            Step::Checked => {
                self.busy("network, models, pool, price and month are fine; forecasting")
            }
            Step::Forecasted => self.busy("proving four forecasts"),
            Step::Proved => self.busy("asking verifier and pool"),
            Step::Confirmed => self.busy("preparing the transactions"),
            Step::ApprovalSent => self.busy("waiting for the approval's block"),
            Step::Approved => self.busy("signing the hedge"),
            Step::SentWritten => self.busy("waiting for the hedge's block"),
            Step::EndWritten => self.quiet(),
            Step::Written
            | Step::ApprovalWritten
            | Step::HedgeWritten
            | Step::HedgeSent
            | Step::ReceiptSeen => {}
        }
        Ok(())
    }

    fn say(&self, text: &str) {
        self.quiet();
        self.ui.say(text);
    }

    fn confirm(&self, question: Question<'_>) -> Result<bool, ChainError> {
        self.quiet();
        match question {
            Question::Send(plan) => {
                self.show(plan);
                self.ask("Send it?")
            }
            Question::Resume(entry) => self.ask(&Self::resume_question(entry)),
            Question::ResetAllowance(sats) => self.ask(&format!(
                "Set the gate's allowance of {} BTC back to zero?",
                format_units(sats, 8)
            )),
        }
    }
}
