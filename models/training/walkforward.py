"""Fit, and judge what was fitted on years that it had not seen."""

import numpy as np
import xgboost as xgb

from ensemble import Ensemble, multipliers, round_leaves
from recipe import LEAF_BITS, SHRINK
from table import AHEAD, EPOCH
from units import DERIVED_LIMIT, HORIZONS, OUTPUT_BITS, blend

TRAINING_DAYS = 730  # a test year needs at least this many days of training rows
BASELINES = ("trailing cost", "b without learning", "b x month median")


def features(table, recipe):
    """The integer features of every row: month, then the quotients."""
    columns = [table["month"]]
    for ratio in recipe.ratios:
        columns.append(ratio.quotient(table[ratio.u], table[ratio.v]))
        if np.abs(columns[-1]).max() >= DERIVED_LIMIT:
            raise ValueError(f"{ratio.name} leaves the range that float32 holds exactly: choose fewer bits")
    return np.stack(columns, axis=1)


def bits(recipe):
    return [0] + [ratio.bits for ratio in recipe.ratios]


def true_multiplier(table, horizon):
    """Future cost over 30 N b; NaN where b is not positive."""
    bn = blend(table["electricity_day_price"], table["cost_2_months"])
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(bn > 0, 1200 * table[f"future_{horizon}"] / (30 * horizon * bn), np.nan)


def matrix(integers, recipe, **keywords):
    values = integers / np.exp2(bits(recipe))
    return xgb.DMatrix(values.astype(np.float32), feature_names=recipe.features, **keywords)


def fit(table, rows, recipe, horizon):
    """Train on the marked rows; the model as JSON text, leaves rounded."""
    r = true_multiplier(table, horizon)
    rows = rows & ~np.isnan(r)
    r = r[rows]
    weight = 1 / np.clip(r, 0.3, 5) if recipe.relative else None
    data = matrix(features(table, recipe)[rows], recipe, label=1 + SHRINK * (r - 1), weight=weight)
    booster = xgb.train(recipe.parameters(), data, recipe.trees)
    return round_leaves(booster.save_raw("json"), LEAF_BITS)


def folds(table):
    """(year, training rows, test rows): training rows are those whose whole future lies before the year."""
    found = []
    for year in sorted(set(table["year"].tolist())):
        start = (type(EPOCH)(year, 1, 1) - EPOCH).days
        train = table["day"] + AHEAD < start
        if train.any() and np.ptp(table["day"][train]) >= TRAINING_DAYS:
            found.append((year, train, table["year"] == year))
    if not found:
        raise ValueError(f"no test year: expected one with {TRAINING_DAYS} days of training rows before it")
    return found


def baseline(table, horizon, name, train, test):
    """Predicted cost of the next 30 N days in 1e-6 USD, without trees."""
    if name == "trailing cost":
        return table[f"cost_{horizon}_months"][test]
    days_b = _days_b(table, horizon, test)
    if name == "b without learning":
        return days_b
    r = true_multiplier(table, horizon)
    medians = np.ones(13)
    for month in range(1, 13):
        known = r[train & (table["month"] == month)]
        if len(known):
            medians[month] = np.nanmedian(known)
    return days_b * medians[table["month"][test]]


def _days_b(table, horizon, test):
    bn = blend(table["electricity_day_price"][test], table["cost_2_months"][test])
    return 30 * horizon * np.maximum(bn, 0) / 1200


def forecast(table, horizon, recipe, train, test):
    """The same by trees, through the integers that are proven."""
    model = Ensemble(fit(table, train, recipe, horizon), bits(recipe))
    r16 = multipliers(model, features(table, recipe)[test])
    return _days_b(table, horizon, test) * r16 / (1 << OUTPUT_BITS)


def evaluate(table, predict):
    """{(horizon, year or 'all'): (rows, MAPE %, MAE skill % against the trailing cost)}.

    `predict(horizon, train, test)` gives the predicted cost of the test rows.
    """
    results = {}
    for horizon in HORIZONS:
        sums = []
        for year, train, test in folds(table):
            truth = table[f"future_{horizon}"][test]
            trailing = np.abs(table[f"cost_{horizon}_months"][test] - truth).sum()
            error = np.abs(predict(horizon, train, test) - truth)
            share = np.divide(error, truth, out=np.zeros(len(truth)), where=truth > 0)
            sums.append((len(truth), share.sum(), error.sum(), trailing))
            results[horizon, year] = _score(sums[-1])
        results[horizon, "all"] = _score(np.sum(sums, axis=0))
    return results


def _score(sums):
    rows, relative, error, trailing = sums
    return int(rows), 100 * relative / rows, 100 * (1 - error / trailing)
