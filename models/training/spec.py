"""The spec of a model folder: inputs with ranges and visibility, derived features, head."""

MONEY = {
    "electricity_day_price": ("USD/day", "-10000000", "10000000", "private"),
    **{f"cost_{n}_months": ("USD", "0.000001", "1000000000", "private") for n in range(2, 7)},
    "btc_price": ("USD/BTC", "1", "10000000", "public"),
}


def spec(name, horizon, recipe):
    """spec.toml as text."""
    parts = [
        f'# BTC needed for the next {horizon} months of electricity. Money is counted in 1e-6 USD.\n'
        f'format = 1\nname = "{name}"\nhorizon = {horizon}\nfile = "model.json"\nhead = "btc-amount"\n'
    ]
    for money in [*recipe.inputs, "btc_price"]:
        unit, low, high, visibility = MONEY[money]
        parts.append(_input(money, unit, 6, low, high, visibility))
    parts.append(_input("month", "calendar month", 0, "1", "12", "public"))
    for ratio in recipe.ratios:
        parts.append(
            f'# q = floor(mul * u / (div * v)); the trees read q / 2^bits.\n[[derived]]\nname = "{ratio.name}"\n'
            f'u = "{ratio.u}"\nv = "{ratio.v}"\nmul = {ratio.mul}\ndiv = {ratio.div}\nbits = {ratio.bits}\n'
        )
    order = ", ".join(f'"{feature}"' for feature in recipe.features)
    parts.append(f"[features]\norder = [{order}]\n")
    parts.append(
        '[head_options]\nday_price = "electricity_day_price"\ncost_2_months = "cost_2_months"\nprice = "btc_price"\n'
        'month = "month"\nclip = ["0.5", "2"]\noutput_bits = 16\n'
    )
    return "\n".join(parts)


def _input(name, unit, decimals, low, high, visibility):
    return (
        f'[[input]]\nname = "{name}"\nunit = "{unit}"\ndecimals = {decimals}\nmin = "{low}"\nmax = "{high}"\n'
        f'visibility = "{visibility}"\n'
    )
