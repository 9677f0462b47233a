"""What is trained: the features, the trees, the weights; and the candidates that were compared with it."""

from dataclasses import dataclass

from units import Ratio

DAY_TO_2M = Ratio("ratio_day_to_2m", "electricity_day_price", "cost_2_months", 60 << 10, 10)
TWO_TO_6M = Ratio("ratio_2m_to_6m", "cost_2_months", "cost_6_months", 3 << 10, 10)

SHRINK = 0.5  # the target is 1 + SHRINK (r - 1)
SEED = 20240430
LEAF_BITS = 20  # leaves are multiples of 2^-20: their sums are exact, in float32 too


@dataclass(frozen=True)
class Recipe:
    """One way to train the four models."""

    name: str
    ratios: tuple = ()
    trees: int = 24
    depth: int = 4
    eta: float = 0.25
    bins: int = 8
    objective: str = "reg:absoluteerror"
    relative: bool = True  # weight 1/r: the error counts as a share of the true cost

    @property
    def features(self):
        return ["month"] + [ratio.name for ratio in self.ratios]

    @property
    def inputs(self):
        """Money inputs that the model folder declares, in order."""
        used = {"electricity_day_price", "cost_2_months"}
        for ratio in self.ratios:
            used |= {ratio.u, ratio.v}
        order = ["electricity_day_price"] + [f"cost_{n}_months" for n in range(2, 7)]
        return [name for name in order if name in used]

    def parameters(self):
        return {
            "objective": self.objective,
            "base_score": 1.0,
            "tree_method": "hist",
            "max_depth": self.depth,
            "eta": self.eta,
            "max_bin": self.bins,
            "nthread": 1,
            "seed": SEED,
            "verbosity": 1,
        }


SHIPPED = Recipe("month and day/2 months", (DAY_TO_2M,))

CANDIDATES = (
    SHIPPED,
    Recipe("the same, depth 3", (DAY_TO_2M,), depth=3),
    Recipe("the same, 6 bins", (DAY_TO_2M,), bins=6),
    Recipe("the same, 16 bins", (DAY_TO_2M,), bins=16),
    Recipe("the same, squared error", (DAY_TO_2M,), objective="reg:squarederror"),
    Recipe("month and 2/6 months", (TWO_TO_6M,)),
    Recipe("month and both ratios", (DAY_TO_2M, TWO_TO_6M)),
    Recipe("month only"),
    Recipe("month only, one bin per month", bins=256),
    Recipe("month only, one bin per month, errors unweighted", bins=256, relative=False),
    Recipe("month only, one bin per month, squared error", bins=256, relative=False, objective="reg:squarederror"),
)
