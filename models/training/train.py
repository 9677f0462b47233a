"""One command: the table, the walk-forward, the four models with their specs, cards and golden rows.

    python models/training/train.py [--prices FILE.csv|FILE.csv.gz] [--out DIR]

Running it twice gives identical files. The price table itself is never written.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import xgboost as xgb

import report
from ensemble import Ensemble, certify
from golden import golden
from recipe import CANDIDATES, SHIPPED
from spec import spec
from table import TableError, build, read_prices
from units import HORIZONS
from walkforward import BASELINES, baseline, bits, evaluate, fit, forecast

HERE = Path(__file__).resolve().parent
DEFAULT_PRICES = HERE.parents[2] / "shared" / "electricity" / "electricity_costs.csv.gz"


def say(text):
    print(text, file=sys.stderr, flush=True)


def judge(table):
    """Walk-forward results of the baselines and of every candidate."""
    results = {}
    for name in BASELINES:
        results[name] = evaluate(table, lambda h, train, test, name=name: baseline(table, h, name, train, test))
    for recipe in CANDIDATES:
        say(f"walk-forward: {recipe.name}")
        results[recipe.name] = evaluate(
            table, lambda h, train, test, recipe=recipe: forecast(table, h, recipe, train, test)
        )
    return results


def final_models(table):
    """The shipped files' texts and their exact form, certified monotone."""
    every_row = np.ones(len(table["day"]), dtype=bool)
    texts = [fit(table, every_row, SHIPPED, horizon) for horizon in HORIZONS]
    ensembles = [Ensemble(text, bits(SHIPPED)) for text in texts]
    return texts, ensembles, certify(ensembles, HORIZONS)


def write(out, table, results, models, source, left_out, countries):
    texts, ensembles, certified = models
    files = {
        "WALKFORWARD.md": report.walkforward_md(results, source, left_out, countries),
        "walkforward.csv": report.walkforward_csv(results),
    }
    for horizon, text, ensemble in zip(HORIZONS, texts, ensembles):
        name = f"btc-{horizon}-months"
        booster = xgb.Booster({"nthread": 1}, model_file=bytearray(text, "utf-8"))
        files[f"{name}/model.json"] = text
        files[f"{name}/spec.toml"] = spec(name, horizon, SHIPPED)
        files[f"{name}/golden.csv"] = golden(booster, horizon, ensemble, SHIPPED)
        files[f"{name}/CARD.md"] = report.card(
            name, horizon, results, ensemble.shape(), certified, source, countries
        )
    for path, text in files.items():
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        (out / path).write_text(text, encoding="utf-8", newline="\n")
    say(f"wrote {len(files)} files to {out}")


def main():
    parser = argparse.ArgumentParser(description="Train and judge the electricity models.")
    parser.add_argument("--prices", type=Path, default=DEFAULT_PRICES, help="CSV or CSV.gz: Country, Date, Price (EUR/MWhe)")
    parser.add_argument("--out", type=Path, default=HERE.parent, help="where the model folders go (default: models/)")
    arguments = parser.parse_args()
    try:
        prices = read_prices(arguments.prices)
        table, left_out = build(prices)
        say(f"{len(table['day'])} rows, {len(prices) - len(left_out)} countries")
        models = final_models(table)
        results = judge(table)
        write(arguments.out, table, results, models, arguments.prices.name, left_out, len(prices) - len(left_out))
    except (TableError, ValueError) as error:
        say(f"error: {error}")
        return 1
    for horizon, ensemble in zip(HORIZONS, models[1]):
        rows, mape, skill = results[SHIPPED.name][horizon, "all"]
        print(f"{horizon} months: MAE skill {skill:.2f} %, MAPE {mape:.2f} %, {rows} test rows, {ensemble.shape()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
