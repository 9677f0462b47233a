"""A trained XGBoost file as exact integers: leaves on a binary grid, thresholds as least integers, every cell."""

import json
from fractions import Fraction
from math import ceil

import numpy as np

from units import CLIP, OUTPUT_BITS

MAX_CELLS = 20_000_000


def round_leaves(raw, bits):
    """The JSON bytes of a model with every leaf rounded to a multiple of 2^-bits, as text."""
    document = json.loads(raw)
    for tree in document["learner"]["gradient_booster"]["model"]["trees"]:
        for node, left in enumerate(tree["left_children"]):
            if left == -1:
                value = round(tree["split_conditions"][node] * (1 << bits)) / (1 << bits)
                tree["split_conditions"][node] = tree["base_weights"][node] = value
    return json.dumps(document, separators=(",", ":")) + "\n"


class Ensemble:
    """Trees over integer features; a feature's value is the integer times 2^-bits[feature]."""

    def __init__(self, text, bits):
        learner = json.loads(text)["learner"]
        self.bits = bits
        self.names = learner["feature_names"]
        self.trees = learner["gradient_booster"]["model"]["trees"]
        self.base = Fraction(np.float32(learner["learner_model_param"]["base_score"].strip("[]")).item())

    def threshold(self, feature, condition):
        """The least integer n with n 2^-bits >= condition: the left branch is n < threshold."""
        return ceil(Fraction(np.float32(condition).item()) * (1 << self.bits[feature]))

    def thresholds(self):
        """Sorted distinct integer thresholds of every feature."""
        found = [set() for _ in self.bits]
        for tree in self.trees:
            for node, left in enumerate(tree["left_children"]):
                if left != -1:
                    feature = tree["split_indices"][node]
                    found[feature].add(self.threshold(feature, tree["split_conditions"][node]))
        return [sorted(values) for values in found]

    def shape(self):
        """Trees, greatest depth, leaves, distinct thresholds of each feature."""
        leaves = sum(tree["left_children"].count(-1) for tree in self.trees)
        depth = max(_depth(tree, 0) for tree in self.trees)
        return {
            "trees": len(self.trees),
            "depth": depth,
            "leaves": leaves,
            "thresholds": dict(zip(self.names, map(len, self.thresholds()))),
        }

    def leaf_sum(self, row):
        """The exact sum of base score and leaves for one row of integers, as a Fraction."""
        total = self.base
        for tree in self.trees:
            node = 0
            while tree["left_children"][node] != -1:
                feature = tree["split_indices"][node]
                left = row[feature] < self.threshold(feature, tree["split_conditions"][node])
                node = tree["left_children" if left else "right_children"][node]
            total += Fraction(np.float32(tree["split_conditions"][node]).item())
        return total


def _depth(tree, node):
    if tree["left_children"][node] == -1:
        return 0
    return 1 + max(_depth(tree, tree[side][node]) for side in ("left_children", "right_children"))


def cells(ensembles):
    """One row of integers for every cell of the product grid of all thresholds; month runs through 1..12."""
    axes = [list(range(1, 13))]
    for feature in range(1, len(ensembles[0].bits)):
        cuts = sorted(set().union(*(e.thresholds()[feature] for e in ensembles)))
        axes.append([cuts[0] - 1 if cuts else 0] + cuts)
    count = int(np.prod([len(axis) for axis in axes]))
    if count > MAX_CELLS:
        raise ValueError(f"{count} cells are too many to walk (limit {MAX_CELLS}): use fewer ratios or fewer bins")
    grid = np.meshgrid(*[np.array(axis, dtype=np.int64) for axis in axes], indexing="ij")
    return np.stack([column.ravel() for column in grid], axis=1)


def multipliers(ensemble, rows):
    """R for many rows of integers, exactly: leaves are summed as integers over one common power of two."""
    scale = _common_scale(ensemble)
    total = np.full(len(rows), int(ensemble.base * scale), dtype=np.int64)
    for tree in ensemble.trees:
        total += _walk(ensemble, tree, rows, scale)
    return np.clip((total << OUTPUT_BITS) // scale, *CLIP)


def _common_scale(ensemble):
    values = [ensemble.base]
    for tree in ensemble.trees:
        pairs = zip(tree["left_children"], tree["split_conditions"])
        values += [Fraction(np.float32(value).item()) for left, value in pairs if left == -1]
    scale = max(value.denominator for value in values)
    if scale > 1 << 24 or sum(abs(value) for value in values) * scale >= 1 << 46:
        raise ValueError("the leaves are not on a coarse binary grid: export them with round_leaves")
    return scale


def _walk(ensemble, tree, rows, scale):
    node = np.zeros(len(rows), dtype=np.int64)
    left, right, feature = (
        np.array(tree[name]) for name in ("left_children", "right_children", "split_indices")
    )
    cut, value = np.zeros(len(left), dtype=np.int64), np.zeros(len(left), dtype=np.int64)
    for n in range(len(left)):
        if left[n] != -1:
            cut[n] = ensemble.threshold(feature[n], tree["split_conditions"][n])
        else:
            value[n] = int(Fraction(np.float32(tree["split_conditions"][n]).item()) * scale)
    live = left[node] != -1
    while live.any():
        at = node[live]
        goes_left = rows[live, feature[at]] < cut[at]
        node[live] = np.where(goes_left, left[at], right[at])
        live = left[node] != -1
    return value[node]


def certify(ensembles, horizons):
    """Walk every cell and return (cells, least R, greatest R); raise where N R_N falls from one horizon to the next."""
    rows = cells(ensembles)
    scaled = [n * multipliers(e, rows) for n, e in zip(horizons, ensembles)]
    for index in range(len(scaled) - 1):
        bad = np.flatnonzero(scaled[index] > scaled[index + 1])
        if len(bad):
            row = dict(zip(ensembles[0].names, rows[bad[0]].tolist()))
            raise ValueError(
                f"{horizons[index]} months would cost more than {horizons[index + 1]} at {row} and in {len(bad)} of "
                f"{len(rows)} cells: shrink the models or use fewer features"
            )
    values = np.concatenate([s // n for s, n in zip(scaled, horizons)])
    return len(rows), int(values.min()), int(values.max())
