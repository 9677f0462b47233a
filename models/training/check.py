"""Reload the shipped files with XGBoost and verify every golden row, the order of the horizons and the floor of skill.

    python models/training/check.py [--models DIR]

Needs no price data.
"""

import argparse
import csv
import sys
import tomllib
from pathlib import Path

import numpy as np
import xgboost as xgb

from ensemble import Ensemble, certify
from golden import answer
from recipe import SHIPPED
from spec import spec
from units import HORIZONS
from walkforward import bits, matrix

FLOOR = {2: 12, 3: 17, 4: 21, 5: 23}  # MAE skill % against the trailing cost


def check_golden(folder, horizon, ensemble):
    """Compare each golden row with XGBoost's prediction and with exact integers; the number of rows."""
    booster = xgb.Booster({"nthread": 1}, model_file=folder / "model.json")
    with open(folder / "golden.csv", encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    for line, row in enumerate(rows, start=2):
        month = int(row["month"])
        q, r16, sats = answer({**row, "month": month}, horizon, ensemble, SHIPPED)
        integers = [month, *q]
        predicted = float(booster.predict(matrix(np.array([integers]), SHIPPED))[0])
        expected = [*q, float(ensemble.leaf_sum(integers)), predicted, r16, sats]
        names = [ratio.name for ratio in SHIPPED.ratios]
        got = [int(row[name]) for name in names] + [float(row["prediction"])] * 2 + [int(row["R"]), int(row["amount_sats"])]
        if got != expected:
            raise ValueError(f"{folder.name}/golden.csv, line {line}: expected {expected}, got {got}")
    return len(rows)


def check_spec(folder, horizon):
    text = (folder / "spec.toml").read_text(encoding="utf-8")
    tomllib.loads(text)
    if text != spec(folder.name, horizon, SHIPPED):
        raise ValueError(f"{folder.name}/spec.toml differs from what training writes: run train.py again")


def check_floor(models):
    with open(models / "walkforward.csv", encoding="utf-8", newline="") as handle:
        skill = {
            int(row["horizon_months"]): float(row["mae_skill_percent"])
            for row in csv.DictReader(handle)
            if row["model"] == SHIPPED.name and row["test_year"] == "all"
        }
    for horizon, floor in FLOOR.items():
        if not skill.get(horizon, -1) >= floor:
            raise ValueError(f"{horizon} months: expected a MAE skill of at least {floor} %, got {skill.get(horizon)}")


def main():
    parser = argparse.ArgumentParser(description="Verify the shipped models against their golden rows.")
    parser.add_argument("--models", type=Path, default=Path(__file__).resolve().parent.parent)
    models = parser.parse_args().models
    try:
        folders = [models / f"btc-{horizon}-months" for horizon in HORIZONS]
        ensembles = [Ensemble((f / "model.json").read_text(encoding="utf-8"), bits(SHIPPED)) for f in folders]
        for folder, horizon, ensemble in zip(folders, HORIZONS, ensembles):
            check_spec(folder, horizon)
            print(f"{folder.name}: {check_golden(folder, horizon, ensemble)} golden rows, {ensemble.shape()}")
        print(f"longer horizons never cost less: {certify(ensembles, HORIZONS)[0]} cells")
        check_floor(models)
    except (OSError, KeyError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print("all figures agree")
    return 0


if __name__ == "__main__":
    sys.exit(main())
