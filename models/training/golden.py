"""Golden rows: inputs as text, and what the model and the head answer in exact integers."""

import csv
import io

import numpy as np

from units import DERIVED_LIMIT, amount_sats, micro, multiplier, plain
from walkforward import matrix

PRICE = "60637"
# Inputs at and near their declared bounds, and where the blend is zero or below: (day, cost of two months, price).
EXTREMES = (
    ("5.54", "332.4", PRICE),
    ("5.54", "332.4", "1"),
    ("5.54", "332.4", "10000000"),
    ("0", "332.4", PRICE),
    ("-5.54", "332.4", PRICE),
    ("-13", "420", PRICE),
    ("-13.000001", "420", PRICE),
    ("-12.999999", "420", PRICE),
    ("-100", "420", PRICE),
    ("0.000001", "0.000001", "10000000"),
    ("-0.000001", "0.000001", PRICE),
    ("0.000273", "0.000001", PRICE),
    ("-0.000273", "0.000001", PRICE),
    ("0", "0.000001", "1"),
    ("0", "1000000000", "1"),
    ("10000000", "1000000000", "1"),
    ("10000000", "1000000000", "10000000"),
    ("-10000000", "1000000000", PRICE),
    ("10000000", "36622", PRICE),
    ("-10000000", "36622", PRICE),
    ("123456.789012", "7654321.098765", "98765.432109"),
    ("0.000007", "0.0004", "99999.999999"),
)
# A sum of two months for which one step of 2^-10 in the ratio to the day's price is a whole number of 1e-6 USD.
ROUND_COST_2 = "614.4"


def points(ensemble, recipe):
    """Rows of plain inputs: the extremes, every month, and both sides of every threshold where it matters most."""
    found = []
    for index, (day, cost_2, price) in enumerate(EXTREMES):
        found.append(_point(recipe, day, cost_2, price, 1 + (5 * index) % 12))
    for month in range(1, 13):
        found.append(_point(recipe, "41.123456", "2500.654321", "64250.5", month))
    for ratio, cuts in zip(recipe.ratios, ensemble.thresholds()[1:]):
        for cut in cuts:
            around = (_around(recipe, ratio, cut, month) for month in range(1, 13))
            found += max(around, key=lambda rows: _step(rows, ensemble, recipe))
    return [row for row in found if all(abs(q) < DERIVED_LIMIT for q in quotients(row, recipe))]


def _point(recipe, day, cost_2, price, month):
    row = {name: cost_2 for name in recipe.inputs}
    # Longer sums grow with their length, so that ratios of two sums stay near 1.
    for months in range(3, 7):
        if f"cost_{months}_months" in row:
            row[f"cost_{months}_months"] = plain(min(micro(cost_2) * months // 2 + months, 10**15))
    row["electricity_day_price"] = day
    return {**row, "btc_price": price, "month": month}


def _around(recipe, ratio, cut, month):
    """At the threshold, 1e-6 USD below it, and one step of q above it."""
    rows = []
    base = _point(recipe, "10", ROUND_COST_2, "64250.5", month)
    divisor = ratio.div * micro(base[ratio.v])
    least = -(-cut * divisor // ratio.mul)
    for u in (least, least - 1, least + divisor // ratio.mul):
        rows.append({**base, ratio.u: plain(u)})
    return rows


def _step(rows, ensemble, recipe):
    """How much the threshold matters between the first two of these rows."""
    at, below = (ensemble.leaf_sum([row["month"], *quotients(row, recipe)]) for row in rows[:2])
    return abs(at - below)


def quotients(row, recipe):
    return [ratio.quotient(micro(row[ratio.u]), micro(row[ratio.v])) for ratio in recipe.ratios]


def answer(row, horizon, ensemble, recipe):
    """What must come out for one row: the quotients, R and the amount, by Python's integers alone."""
    q = quotients(row, recipe)
    r16 = multiplier(ensemble.leaf_sum([row["month"], *q]))
    money = [micro(row[name]) for name in ("electricity_day_price", "cost_2_months", "btc_price")]
    return q, r16, amount_sats(horizon, money[0], money[1], r16, money[2])


def golden(booster, horizon, ensemble, recipe):
    """The golden rows of one model as CSV text; raises where XGBoost's own sum is not the exact one."""
    rows = points(ensemble, recipe)
    integers = np.array([[row["month"], *quotients(row, recipe)] for row in rows], dtype=np.int64)
    predictions = booster.predict(matrix(integers, recipe))
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow([*rows[0], *(ratio.name for ratio in recipe.ratios), "prediction", "R", "amount_sats"])
    for row, integer_row, prediction in zip(rows, integers.tolist(), predictions):
        if float(prediction) != float(ensemble.leaf_sum(integer_row)):
            raise ValueError(f"XGBoost sums to {prediction!r}, the leaves to {ensemble.leaf_sum(integer_row)}: {row}")
        q, r16, sats = answer(row, horizon, ensemble, recipe)
        out.writerow([*row.values(), *q, repr(float(prediction)), r16, sats])
    return text.getvalue()
