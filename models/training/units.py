"""The integers of the forecast: money in millionths of a dollar, quotients by floor division, the amount in satoshi.

The proof reads these same integers. Nothing here uses floating point, so training and proving cannot drift apart.
"""

from decimal import Decimal
from fractions import Fraction

MICRO = 1_000_000  # money is counted in 1e-6 USD
HORIZONS = (2, 3, 4, 5)  # months of 30 days
OUTPUT_BITS = 16  # R = floor(r * 2^16)
CLIP = (1 << 15, 1 << 17)  # r stays within [0.5, 2]
DERIVED_LIMIT = 1 << 24  # |q| below this is exact in float32


class Ratio:
    """A derived feature: q = floor(mul * u / (div * v)), read by the trees as q * 2^-bits."""

    def __init__(self, name, u, v, mul, bits, div=1):
        self.name, self.u, self.v, self.mul, self.div, self.bits = name, u, v, mul, div, bits

    def quotient(self, u, v):
        """q for integers or numpy int64 columns; v must be positive. Floor, also below zero."""
        return (self.mul * u) // (self.div * v)


def micro(text):
    """Plain decimal text in USD to the integer number of 1e-6 USD; more than six decimals is an error."""
    scaled = Decimal(text) * MICRO
    if scaled != scaled.to_integral_value():
        raise ValueError(f"expected at most six decimals, got {text!r}")
    return int(scaled)


def plain(value):
    """The integer number of 1e-6 USD as plain decimal text, without trailing zeros."""
    sign, digits = "-" if value < 0 else "", f"{abs(value):07d}"
    return (sign + digits[:-6] + "." + digits[-6:]).rstrip("0").rstrip(".")


def multiplier(leaf_sum):
    """R: the exact leaf sum (a Fraction) times 2^16, rounded down, then clipped."""
    scaled = Fraction(leaf_sum) * (1 << OUTPUT_BITS)
    return min(max(scaled.numerator // scaled.denominator, CLIP[0]), CLIP[1])


def blend(day, cost_2):
    """1200 b in 1e-6 USD per day, where b = 0.35 e + 0.65 cost_2 / 60."""
    return 420 * day + 13 * cost_2


def amount_sats(horizon, day, cost_2, r16, price):
    """ceil(30 N b r / price) in satoshi; 0 where the blend is not positive. Money in 1e-6 USD."""
    bn = blend(day, cost_2)
    if bn <= 0:
        return 0
    return -(-78125 * horizon * bn * r16 // (2048 * price))
