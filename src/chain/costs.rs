//! A file of daily electricity costs: the day price and the five trailing sums derived from it.

use std::path::Path;

use chrono::{NaiveDate, TimeDelta};

use super::decimal::Decimal;
use super::error::ChainError;

/// Days of a month in every trailing sum.
const MONTH_DAYS: usize = 30;
/// The trailing sums that there are, in months.
const MONTHS: std::ops::RangeInclusive<usize> = 2..=6;
/// Largest file that is read.
const MAX_BYTES: u64 = 16 << 20;
/// A file that ends earlier than this many days before today says little about today.
const MAX_AGE_DAYS: i64 = 7;

/// What a cost file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Costs {
    /// Its last day.
    pub last_day: NaiveDate,
    /// That day's cost: the day price.
    pub day_price: Decimal,
    /// Trailing sums by input name, as far as the file reaches back.
    pub sums: Vec<(&'static str, Decimal)>,
}

/// Reads `date,usd` rows: one per day, in any order, none missing.
///
/// # Errors
/// A row that is no date or no amount, a day twice, a gap, a file that is stale or ahead of `today`.
pub fn read(path: &Path, today: NaiveDate) -> Result<Costs, ChainError> {
    let size = std::fs::metadata(path)
        .map_err(|e| ChainError::file(path, "cost file could not be read", &e))?
        .len();
    if size > MAX_BYTES {
        let what = format!("expected a cost file of at most {MAX_BYTES} bytes, got {size}");
        return Err(ChainError::File { path: path.display().to_string(), what });
    }
    let text = std::fs::read_to_string(path)
        .map_err(|e| ChainError::file(path, "cost file could not be read", &e))?;
    parse(&text, today).map_err(|what| ChainError::File { path: path.display().to_string(), what })
}

fn parse(text: &str, today: NaiveDate) -> Result<Costs, String> {
    let mut days = rows(text)?;
    days.sort_by_key(|(date, _)| *date);
    for pair in days.windows(2) {
        let next = pair[0].0 + TimeDelta::days(1);
        if pair[1].0 == pair[0].0 {
            return Err(format!("expected every day once, got {} twice", pair[0].0));
        }
        if pair[1].0 != next {
            return Err(format!("expected {next} after {}, got {}", pair[0].0, pair[1].0));
        }
    }
    let (last_day, day_price) = *days.last().ok_or("expected rows of date,usd, got none")?;
    let age = (today - last_day).num_days();
    if !(-1..=MAX_AGE_DAYS).contains(&age) {
        return Err(format!(
            "expected a last day within {MAX_AGE_DAYS} days before {today}, got {last_day}"
        ));
    }
    let names =
        ["cost_2_months", "cost_3_months", "cost_4_months", "cost_5_months", "cost_6_months"];
    let mut sums = Vec::new();
    for (months, name) in MONTHS.zip(names) {
        let count = months * MONTH_DAYS;
        if days.len() < count {
            break;
        }
        let mut sum = Decimal::from(0);
        for (date, usd) in &days[days.len() - count..] {
            sum = sum.plus(usd).map_err(|e| format!("{date}: {e}"))?;
        }
        sums.push((name, sum));
    }
    Ok(Costs { last_day, day_price, sums })
}

fn rows(text: &str) -> Result<Vec<(NaiveDate, Decimal)>, String> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|e| e.to_string())?.clone();
    let column = |name: &str| {
        headers.iter().position(|h| h.eq_ignore_ascii_case(name)).ok_or_else(|| {
            format!("expected a column `{name}`, got {:?}", headers.iter().collect::<Vec<_>>())
        })
    };
    let (date_column, usd_column) = (column("date")?, column("usd")?);
    reader
        .records()
        .enumerate()
        .map(|(i, record)| {
            let line = i + 2;
            let record = record.map_err(|e| format!("line {line}: {e}"))?;
            let cell = |c: usize| record.get(c).unwrap_or_default();
            let date = NaiveDate::parse_from_str(cell(date_column), "%Y-%m-%d").map_err(|_| {
                format!(
                    "line {line}: expected a date such as 2024-03-31, got `{}`",
                    cell(date_column)
                )
            })?;
            let usd = cell(usd_column).parse().map_err(|e| format!("line {line}: {e}"))?;
            Ok((date, usd))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn file(days: i64, last: &str) -> String {
        let mut text = String::from("date,usd\n");
        for back in (0..days).rev() {
            let date = day(last) - TimeDelta::days(back);
            text += &format!("{date},{}.5\n", back + 1);
        }
        text
    }

    #[test]
    fn the_day_price_is_the_last_days_and_the_sums_trail() {
        let costs = parse(&file(200, "2024-03-31"), day("2024-04-01")).unwrap();
        assert_eq!(costs.day_price.to_string(), "1.5");
        // 1.5 + 2.5 + ... + 60.5
        assert_eq!(costs.sums[0], ("cost_2_months", "1860".parse().unwrap()));
        assert_eq!(costs.sums[4], ("cost_6_months", "16380".parse().unwrap()));
    }

    #[test]
    fn a_short_file_gives_the_sums_it_can() {
        let costs = parse(&file(61, "2024-03-31"), day("2024-03-31")).unwrap();
        assert_eq!(costs.sums.len(), 1);
    }

    #[test]
    fn refuses_gaps_doubles_stale_files_and_nonsense() {
        let today = day("2024-04-01");
        let whole = file(70, "2024-03-31");
        assert!(parse(&whole.replace("2024-03-10,22.5\n", ""), today)
            .unwrap_err()
            .contains("expected 2024-03-10"));
        assert!(parse(&format!("{whole}2024-03-31,1\n"), today).unwrap_err().contains("twice"));
        assert!(parse(&whole, day("2024-04-08")).unwrap_err().contains("within 7 days"));
        assert!(parse(&whole, day("2024-03-29")).is_err(), "ahead of today");
        assert!(parse("date,eur\n2024-03-31,1\n", today).unwrap_err().contains("`usd`"));
        assert!(parse("date,usd\n2024-03-31,1.2.3\n", today).unwrap_err().contains("line 2"));
        assert!(parse("date,usd\n31.3.2024,1\n", today).is_err());
        assert!(parse("date,usd\n", today).is_err());
    }
}
