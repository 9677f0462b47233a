//! The figures of a mine: plain units for the whole farm, exact decimals, and a refusal where a
//! figure looks as if it were scaled.

use std::collections::BTreeMap;

use super::decimal::{Decimal, DecimalError};
use super::error::ChainError;

/// Names of the inputs, as models' specs use them. Money in USD, price in USD per BTC, hash rate
/// in TH/s, power in W, block reward in BTC; costs are sums over trailing months of 30 days.
pub const INPUT_NAMES: [&str; 12] = [
    "electricity_day_price",
    "btc_price",
    "difficulty",
    "hash_rate",
    "power",
    "block_reward",
    "cost_2_months",
    "cost_3_months",
    "cost_4_months",
    "cost_5_months",
    "cost_6_months",
    "month",
];

/// Digits after the point of every amount of money.
pub const MONEY_PLACES: u32 = 6;

/// The figures as given, by input name; `None` where not given.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// What was given on the command line or derived from a file.
    pub given: BTreeMap<&'static str, Decimal>,
    /// Machines: costs, power and hash rate are per machine, and multiplied by this.
    pub machines: u64,
    /// The figures are scaled as the original system's examples are.
    pub seed_units: bool,
}

/// What a forecast is made from: whole farm, plain units, by input name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HedgeInputs {
    values: BTreeMap<String, Decimal>,
}

impl HedgeInputs {
    /// A figure by its input's name.
    pub fn get(&self, name: &str) -> Option<&Decimal> {
        self.values.get(name)
    }

    /// Sets a figure.
    pub fn set(&mut self, name: &str, value: Decimal) {
        self.values.insert(name.to_string(), value);
    }

    /// All figures by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Decimal)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// A money figure as an integer of 1e-6 USD.
    ///
    /// # Errors
    /// When it is absent or finer than that.
    pub fn micros(&self, name: &str) -> Result<i128, ChainError> {
        let value = self.get(name).ok_or_else(|| missing(name))?;
        value.scaled(MONEY_PLACES).map_err(|e| money_error(name, value, &e))
    }
}

fn missing(name: &str) -> ChainError {
    ChainError::Missing {
        what: option_name(name),
        advice: "give it in plain units for the whole farm (or per machine with --machines N)"
            .into(),
    }
}

fn money_error(name: &str, value: &Decimal, error: &DecimalError) -> ChainError {
    ChainError::invalid(
        &option_name(name),
        "USD with at most 6 digits after the point",
        value,
        &error.to_string(),
    )
}

/// `cost_2_months` as `--cost-2-months`.
pub fn option_name(input: &str) -> String {
    format!("--{}", input.replace('_', "-"))
}

/// How the original system scales a figure, and below what a plain figure looks scaled.
struct Scale {
    name: &'static str,
    factor: i128,
    unit: &'static str,
    scaled_unit: &'static str,
    least: i128,
}

/// No plain figure of a mine is below `least`: BTC has not cost less than 1,000 USD since 2017, the
/// difficulty passed 1e10 in 2014, and no ASIC runs on less than 100 W.
const SCALES: [Scale; 3] = [
    Scale {
        name: "btc_price",
        factor: 1_000,
        unit: "USD per BTC",
        scaled_unit: "thousand USD per BTC",
        least: 1_000,
    },
    Scale {
        name: "difficulty",
        factor: 10_000_000_000_000,
        unit: "the network's difficulty",
        scaled_unit: "the difficulty in 1e13",
        least: 10_000_000_000,
    },
    Scale { name: "power", factor: 1_000, unit: "W", scaled_unit: "kW", least: 100 },
];

/// Inputs that are multiplied by the number of machines.
fn per_machine(name: &str) -> bool {
    matches!(name, "electricity_day_price" | "hash_rate" | "power") || name.starts_with("cost_")
}

/// Inputs that are amounts of money.
fn is_money(name: &str) -> bool {
    matches!(name, "electricity_day_price" | "btc_price") || name.starts_with("cost_")
}

impl Figures {
    /// Checks every figure and turns it into the whole farm's, in plain units.
    ///
    /// # Errors
    /// A figure that is scaled, too fine, or negative where only the day price may be, by its
    /// option's name.
    pub fn whole_farm(&self) -> Result<HedgeInputs, ChainError> {
        if self.machines == 0 {
            return Err(ChainError::invalid("--machines", "1 or more", 0, ""));
        }
        let mut inputs = HedgeInputs::default();
        for (name, value) in &self.given {
            let plain = self.plain(name, value)?;
            check_sign(name, &plain)?;
            let whole = if per_machine(name) {
                plain
                    .times(&Decimal::from(self.machines))
                    .map_err(|e| money_error(name, value, &e))?
            } else {
                plain
            };
            if is_money(name) {
                whole.scaled(MONEY_PLACES).map_err(|e| money_error(name, value, &e))?;
            }
            inputs.set(name, whole);
        }
        Ok(inputs)
    }

    fn plain(&self, name: &str, value: &Decimal) -> Result<Decimal, ChainError> {
        let Some(scale) = SCALES.iter().find(|s| s.name == name) else { return Ok(*value) };
        if self.seed_units {
            return value
                .times(&Decimal::new(scale.factor, 0))
                .map_err(|e| money_error(name, value, &e));
        }
        if value.is_positive() && value.less_than(scale.least) {
            let plain = value.times(&Decimal::new(scale.factor, 0)).unwrap_or(*value);
            return Err(ChainError::invalid(
                &option_name(name),
                scale.unit,
                format!("{value}, which looks like {}", scale.scaled_unit),
                &format!("give {plain}, or add --seed-units if all figures are scaled as in the original system"),
            ));
        }
        Ok(*value)
    }
}

/// Only the day price may be negative (it was, on many days); sums of costs must be positive.
fn check_sign(name: &str, value: &Decimal) -> Result<(), ChainError> {
    if name == "electricity_day_price" || value.is_positive() {
        return Ok(());
    }
    Err(ChainError::invalid(&option_name(name), "a figure above 0", value, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(list: &[(&'static str, &str)]) -> Figures {
        Figures {
            given: list.iter().map(|(n, v)| (*n, v.parse().unwrap())).collect(),
            machines: 1,
            seed_units: false,
        }
    }

    #[test]
    fn scaled_figures_are_refused_with_their_likely_unit() {
        for (name, value, unit, plain) in [
            ("btc_price", "74.6", "thousand USD", "74600"),
            ("difficulty", "8.6", "1e13", "86000000000000"),
            ("power", "2.2", "kW", "2200"),
        ] {
            let error = figures(&[(name, value)]).whole_farm().unwrap_err();
            assert!(error.to_string().contains(unit), "{error}");
            assert!(error.to_string().contains(&option_name(name)), "{error}");
            assert!(error.advice().unwrap().contains(plain), "{:?}", error.advice());
            let mut seed = figures(&[(name, value)]);
            seed.seed_units = true;
            let inputs = seed.whole_farm().unwrap();
            assert_eq!(inputs.get(name).unwrap().to_string(), plain);
        }
    }

    #[test]
    fn machines_multiply_costs_power_and_hash_rate_alone() {
        let mut given = figures(&[
            ("electricity_day_price", "-1.5"),
            ("cost_2_months", "100.25"),
            ("power", "3250"),
            ("hash_rate", "95"),
            ("btc_price", "60637"),
            ("difficulty", "8.6e13"),
            ("block_reward", "3.125"),
        ]);
        given.machines = 4;
        let inputs = given.whole_farm().unwrap();
        let text = |name: &str| inputs.get(name).unwrap().to_string();
        assert_eq!(text("electricity_day_price"), "-6");
        assert_eq!(text("cost_2_months"), "401");
        assert_eq!(text("power"), "13000");
        assert_eq!(text("hash_rate"), "380");
        assert_eq!(text("btc_price"), "60637");
        assert_eq!(text("difficulty"), "86000000000000");
        assert_eq!(text("block_reward"), "3.125");
        assert_eq!(inputs.micros("cost_2_months").unwrap(), 401_000_000);
    }

    #[test]
    fn money_is_never_rounded() {
        let error = figures(&[("cost_3_months", "0.0000001")]).whole_farm().unwrap_err();
        assert!(error.to_string().contains("--cost-3-months"), "{error}");
        assert!(figures(&[("cost_3_months", "0.000001")]).whole_farm().is_ok());
    }

    #[test]
    fn only_the_day_price_may_be_negative_or_zero() {
        assert!(figures(&[("electricity_day_price", "0")]).whole_farm().is_ok());
        for name in ["cost_2_months", "btc_price", "power", "hash_rate"] {
            assert!(figures(&[(name, "-1")]).whole_farm().is_err(), "{name}");
            assert!(figures(&[(name, "0")]).whole_farm().is_err(), "{name}");
        }
    }

    #[test]
    fn absent_figures_are_named_by_their_option() {
        let error = figures(&[]).whole_farm().unwrap().micros("cost_6_months").unwrap_err();
        assert!(error.to_string().contains("--cost-6-months") && error.is_usage(), "{error}");
    }
}
