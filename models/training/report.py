"""Cards and the walk-forward table as text. Figures are shown as they fell, also where the trees lose."""

import csv
import io

import xgboost as xgb

from recipe import LEAF_BITS, SEED, SHIPPED, SHRINK
from table import POWER_W, USD_PER_EUR
from units import HORIZONS
from walkforward import BASELINES

CREDIT = (
    "Data: European wholesale day-ahead electricity prices, compiled by Ember from ENTSO-E, published by Ember under "
    "CC BY 4.0. Figures here are derived from it; the prices themselves are not part of this repository."
)
TREES = "these trees"


def walkforward_csv(results):
    """Every figure: model, horizon, year or all, rows, MAPE, skill."""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(["model", "horizon_months", "test_year", "rows", "mape_percent", "mae_skill_percent"])
    for name, scores in results.items():
        for (horizon, year), (rows, mape, skill) in scores.items():
            out.writerow([name, horizon, year, rows, f"{mape:.3f}", f"{skill:.3f}"])
    return text.getvalue()


def walkforward_md(results, source, left_out, countries):
    years = _years(results)
    lines = [
        "# Walk-forward results",
        "",
        f"Each test year ({years[0]} to {years[-1]}) is forecast by models trained only on rows whose whole future was "
        f"known before that year began. {countries} countries, {_rows(results)} test rows per horizon, every "
        "day a row. The error is that of the cost of the next 30 N days in USD; the BTC price cancels.",
        "",
        "- MAPE: mean of |error| / true cost, in %. Lower is better.",
        "- MAE skill: 100 (1 - MAE / MAE of the trailing cost c_N), in %. Higher is better; 0 is the trailing cost.",
        "- Cells read 2 / 3 / 4 / 5 months.",
        "",
        "## Overall",
        "",
        "| forecast | MAPE % | MAE skill % | mean of the years' skill % |",
        "|---|---|---|---|",
    ]
    for name, scores in results.items():
        shown = f"**{name}** (shipped)" if name == SHIPPED.name else name
        mape, skill = ([scores[h, "all"][k] for h in HORIZONS] for k in (1, 2))
        mean = [sum(scores[h, y][2] for y in years) / len(years) for h in HORIZONS]
        lines.append(f"| {shown} | {_cells(mape)} | {_cells(skill)} | {_cells(mean)} |")
    lines += [
        "",
        "The first three rows are no trees: *trailing cost* is c_N, the last 30 N days' cost; *b without learning* is "
        "30 N b with b = 0.35 e + 0.65 c_2 / 60; *b x month median* multiplies it by the median ratio of that calendar "
        "month in the training rows. All trees below are shrunk by half towards 1 and judged through the integers "
        "that are proven.",
        "",
        "## Year by year, MAE skill %",
        "",
        "| test year | " + " | ".join([*BASELINES[1:], f"{SHIPPED.name} (shipped)"]) + " |",
        "|---|" + "---|" * len(BASELINES),
    ]
    for year in years:
        cells = [_cells([results[n][h, year][2] for h in HORIZONS]) for n in (*BASELINES[1:], SHIPPED.name)]
        lines.append(f"| {year} | " + " | ".join(cells) + " |")
    lines += ["", *_reading(results, years), "", CREDIT, f"Left out (series too short): {', '.join(left_out) or 'none'}."]
    return "\n".join(lines) + f"\nPrices read from `{source}`.\n"


def _reading(results, years):
    month = results["month only"]
    ours = results[SHIPPED.name]
    gain = [ours[h, "all"][2] - month[h, "all"][2] for h in HORIZONS]
    year_gain = [sum(ours[h, y][2] - month[h, y][2] for y in years) / len(years) for h in HORIZONS]
    return [
        "## How to read it",
        "",
        "Most of the gain is the blend b, which is no learning at all; the calendar month adds most of the rest. "
        f"Against the same trees on the month alone, the ratio changes the overall skill by {_cells(gain, '{:+.2f}')} "
        f"points and the mean of the years' skill by {_cells(year_gain, '{:+.2f}')}: next to nothing, and with other "
        "bins it costs skill. Ratios of longer sums do not help. The shipped recipe was picked among these rows and a "
        f"few dozen more variants on the same {len(years)} test years, so its lead over its neighbours is within noise "
        "and should not be expected to last.",
    ]


def card(name, horizon, results, shape, certified, source, countries):
    """CARD.md of one model."""
    years = _years(results)
    names = (*BASELINES, SHIPPED.name)
    scores = {n: results[n] for n in names}
    titles = [n if n != SHIPPED.name else TREES for n in names]
    thresholds = ", ".join(f"{count} on {feature}" for feature, count in shape["thresholds"].items())
    cells, low, high = certified
    lines = [
        f"# {name}",
        "",
        f"Forecasts the BTC that a mine needs for its next {horizon} months ({30 * horizon} days) of electricity:",
        "",
        f"    BTC_{horizon} = ceil to the satoshi of 30 * {horizon} * b * r / btc_price,  b = 0.35 e + 0.65 cost_2 / 60",
        "",
        "e is today's electricity cost in USD per day, cost_2 that of the last 60 days in USD. The trees put out r, the "
        f"ratio of the next {30 * horizon} days' cost to {30 * horizon} b, already shrunk by half towards 1; the head clips it to [0.5, 2]. "
        "Where b is not positive the forecast is 0.",
        "",
        "## Features",
        "",
        "| feature | meaning | exact form |",
        "|---|---|---|",
        "| month | calendar month of the day of the forecast | 1..12 |",
    ]
    for ratio in SHIPPED.ratios:
        lines.append(
            f"| {ratio.name} | {ratio.mul >> ratio.bits} {ratio.u} / {ratio.v} | "
            f"floor({ratio.mul} {ratio.u} / {_divisor(ratio)}) / 2^{ratio.bits}, money in 1e-6 USD |"
        )
    lines += [
        "",
        "Private: all costs. Public: btc_price (USD per BTC) and month. Hash rate, power, reward, difficulty and the BTC "
        "price did not help and are not read.",
        "",
        f"Trees: {shape['trees']}, depth up to {shape['depth']}, {shape['leaves']} leaves, distinct thresholds: {thresholds}. "
        f"Every leaf is a multiple of 2^-{LEAF_BITS}, so XGBoost's float32 sum is the exact one. Over all {cells} cells of "
        f"the thresholds of the four horizons r stays within {low / 65536:.4f} .. {high / 65536:.4f}, and a longer horizon never "
        "costs less than a shorter one.",
        "",
        "## How good it is",
        "",
        f"Walk-forward, {countries} countries, trained for each test year on what was known before it. MAPE % / MAE "
        "skill % against the trailing cost:",
        "",
        "| test year | " + " | ".join(titles) + " |",
        "|---|" + "---|" * len(titles),
    ]
    for year in [*years, "all"]:
        cells_ = [f"{scores[n][horizon, year][1]:.1f} / {scores[n][horizon, year][2]:.1f}" for n in names]
        label = "**all**" if year == "all" else year
        lines.append(f"| {label} | " + " | ".join(cells_) + " |")
    lines += [
        "",
        "*Trailing cost* is the last " + f"{30 * horizon} days' cost; *b without learning* is {30 * horizon} b; *b x month median* multiplies "
        "that by the calendar month's median ratio, with no trees.",
        "",
        _verdict(scores, horizon, years),
        "",
        "## Limits",
        "",
        f"- One market in {len(years)} test years, and neighbouring countries move together, so "
        f"{countries} countries are far fewer independent samples. 2022 was hard for every forecast here.",
        "- The recipe was chosen on these same test years: expect a little less than the table shows.",
        f"- A point forecast, about the middle: the true cost was above it on many days. It covers {horizon} months with no "
        "stated probability, and nothing here promises coverage.",
        "- Wholesale prices without network charges, taxes or margins, in Europe, at one constant exchange rate "
        f"({USD_PER_EUR} USD/EUR). The season is that of the northern hemisphere.",
        "- The BTC price is today's: the forecast says what today's swap must be, not where the price goes.",
        "- In a price shock the forecast follows with b and no sooner: r moves little.",
        "",
        "## How it was made",
        "",
        f"`python models/training/train.py` with xgboost {xgb.__version__} and the pinned requirements, seed {SEED}, one thread; the shipped file is "
        f"trained on every row of `{source}` whose next 150 days are known. Trees of depth {SHIPPED.depth} on the "
        f"target 1 + {SHRINK} (r - 1), absolute error weighted by 1/r (a share of the true cost), {SHIPPED.bins} bins per feature. "
        "Costs are those of one "
        f"{POWER_W} W machine, rounded to 1e-6 USD; the features are computed from those integers by floor division.",
        "",
        CREDIT,
    ]
    return "\n".join(lines) + "\n"


def _verdict(scores, horizon, years):
    ours, median = scores[SHIPPED.name], scores["b x month median"]
    behind = [str(y) for y in years if ours[horizon, y][2] < median[horizon, y][2]]
    parts = []
    for column, unit, sign in ((1, "MAPE", -1), (2, "MAE skill", 1)):
        lead = sign * (ours[horizon, "all"][column] - median[horizon, "all"][column])
        word = "beat" if lead > 0 else "do not beat"
        parts.append(f"In {unit} the trees {word} *b x month median* over all years ({abs(lead):.2f} points).")
    parts.append(
        f"Year by year their skill is below it in {', '.join(behind)}." if behind else "Their skill is below it in no year."
    )
    parts.append("The distance is small either way: a table of twelve monthly medians does nearly the same.")
    return " ".join(parts)


def _divisor(ratio):
    return ratio.v if ratio.div == 1 else f"({ratio.div} {ratio.v})"


def _cells(values, form="{:.1f}"):
    return " / ".join(form.format(value) for value in values)


def _years(results):
    return sorted({year for _, year in next(iter(results.values())) if year != "all"})


def _rows(results):
    return f"{next(iter(results.values()))[HORIZONS[0], 'all'][0]:,}"
