"""Daily prices to the training table: windows on the calendar, so a gap is never spanned silently."""

import csv
import gzip
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from pathlib import Path

import numpy as np

from units import HORIZONS

# One Antminer S19. The trees read ratios only, so another machine or rate gives the same models up to rounding.
POWER_W = 3250
USD_PER_EUR = Decimal("1.07")
MICRO_USD_PER_PRICE = USD_PER_EUR * 24 * POWER_W  # a day's cost in 1e-6 USD at 1 EUR/MWh

EPOCH = date(2000, 1, 1)
BACK, AHEAD = 180, 150  # days of history and of future that every row has in full
SHORTEST_SERIES = 730  # days; a shorter series is left out


class TableError(Exception):
    """The price file is not what was expected; the message says where and what to do."""


def read_prices(path):
    """{country: {day number: cost of that day in 1e-6 USD}} of a CSV or CSV.gz with Country, Date and Price."""
    path = Path(path)
    if not path.is_file():
        raise TableError(
            f"no price file at {path}: expected a CSV (or .csv.gz) with the columns Country, Date (YYYY-MM-DD) and "
            "Price (EUR/MWhe), one row per country and day; name yours with --prices FILE"
        )
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as handle:
        rows = csv.reader(handle)
        header = [name.strip().lower() for name in next(rows, [])]
        columns = [_column(header, word, path) for word in ("country", "date", "price")]
        prices = {}
        for row in rows:
            if row:
                _add(prices, row, columns, f"{path}, line {rows.line_num}")
    return prices


def _column(header, word, path):
    for index, name in enumerate(header):
        if name == word or name.startswith(word + " "):
            return index
    raise TableError(f"{path}: expected a column named {word!r} in the first line, got {header}")


def _add(prices, row, columns, where):
    if len(row) <= max(columns):
        raise TableError(f"{where}: expected at least {max(columns) + 1} cells, got {len(row)}")
    country, day_text, price_text = (row[index].strip() for index in columns)
    try:
        day = (date.fromisoformat(day_text) - EPOCH).days
        price = Decimal(price_text)
        cost = int((price * MICRO_USD_PER_PRICE).to_integral_value(ROUND_HALF_EVEN))
    except (ValueError, InvalidOperation, OverflowError) as error:
        raise TableError(f"{where}: expected YYYY-MM-DD and a price, got {day_text!r} and {price_text!r}") from error
    if abs(cost) >= 10**12:
        raise TableError(f"{where}: expected a price in EUR/MWh, got {price_text}")
    series = prices.setdefault(country, {})
    if day in series:
        raise TableError(f"{where}: {country} has {day_text} twice; keep one row per country and day")
    series[day] = cost


def build(prices):
    """The table as a dict of columns, and the countries left out.

    Money in 1e-6 USD: electricity_day_price, cost_2_months..cost_6_months (30 N days up to and with the row's day),
    future_2..future_5 (the 30 N days after it). Also day (number since 2000-01-01), month, year.
    """
    parts, left_out = [], []
    for country in sorted(prices):
        series = prices[country]
        if max(series) - min(series) + 1 < SHORTEST_SERIES:
            left_out.append(country)
        else:
            parts.append(_windows(series))
    if not parts or not sum(len(part["day"]) for part in parts):
        raise TableError(
            f"no row has {BACK} days of history and {AHEAD} of future: expected at least one series of "
            f"{SHORTEST_SERIES} days without gaps of months"
        )
    table = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    dates = [EPOCH + timedelta(days=int(day)) for day in table["day"]]
    table["month"] = np.array([d.month for d in dates], dtype=np.int64)
    table["year"] = np.array([d.year for d in dates], dtype=np.int64)
    # Every quotient divides by a trailing sum, as the proof requires: rows where one is not positive are not used.
    positive = np.all([table[f"cost_{n}_months"] > 0 for n in range(2, 7)], axis=0)
    return {name: column[positive] for name, column in table.items()}, left_out


def _windows(series):
    first, last = min(series), max(series)
    cost = np.zeros(last - first + 1, dtype=np.int64)
    present = np.zeros(len(cost), dtype=np.int64)
    for day, value in series.items():
        cost[day - first], present[day - first] = value, 1
    total, seen = (np.concatenate(([0], np.cumsum(x))) for x in (cost, present))
    at = np.arange(BACK - 1, len(cost) - AHEAD)
    at = at[seen[at + AHEAD + 1] - seen[at + 1 - BACK] == BACK + AHEAD]
    columns = {"day": at + first, "electricity_day_price": cost[at]}
    for n in range(2, 7):
        columns[f"cost_{n}_months"] = total[at + 1] - total[at + 1 - 30 * n]
    for n in HORIZONS:
        columns[f"future_{n}"] = total[at + 1 + 30 * n] - total[at + 1]
    return columns
