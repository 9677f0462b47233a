//! A tree ensemble in integers: sorted thresholds per feature, trees that compare with them.

use serde::{Deserialize, Serialize};

use crate::program::{Interval, ValueId};

/// A feature that the trees compare: which value it is, and its distinct thresholds, ascending.
/// A split asks `value < threshold`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feature {
    /// The value compared.
    pub value: ValueId,
    /// Strictly ascending thresholds.
    pub thresholds: Vec<i128>,
}

/// A node; children are indices into the tree's node list and larger than the node's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Node {
    /// `features[feature] < thresholds[threshold]` goes left.
    Split {
        /// Index into the ensemble's features.
        feature: usize,
        /// Index into the feature's thresholds.
        threshold: usize,
        /// Child where the comparison holds.
        left: usize,
        /// Child where it does not.
        right: usize,
    },
    /// Adds `value` to each named output.
    Leaf {
        /// Output index and value.
        values: Vec<(usize, i128)>,
    },
}

/// A tree; node 0 is the root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tree {
    /// Nodes, parents before children.
    pub nodes: Vec<Node>,
}

/// Trees over shared features, summed per output on top of `base`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ensemble {
    features: Vec<Feature>,
    trees: Vec<Tree>,
    base: Vec<i128>,
}

/// Why an ensemble is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnsembleError {
    /// Thresholds out of order.
    #[error("feature {0}: thresholds are not strictly ascending")]
    Thresholds(usize),
    /// A node that points nowhere, backwards, or is reached twice or never.
    #[error("tree {tree}, node {node}: {what}")]
    Node {
        /// Tree.
        tree: usize,
        /// Node.
        node: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// No output.
    #[error("an ensemble needs at least one output")]
    NoOutput,
    /// Sums that do not fit.
    #[error("the sum of output {0} can leave the range of exact integers")]
    Overflow(usize),
}

impl Ensemble {
    /// Checks order, indices and shape.
    ///
    /// # Errors
    /// [`EnsembleError`] names the feature, or the tree and node.
    pub fn new(
        features: Vec<Feature>,
        trees: Vec<Tree>,
        base: Vec<i128>,
    ) -> Result<Self, EnsembleError> {
        if base.is_empty() {
            return Err(EnsembleError::NoOutput);
        }
        for (index, feature) in features.iter().enumerate() {
            if feature.thresholds.windows(2).any(|pair| pair[0] >= pair[1]) {
                return Err(EnsembleError::Thresholds(index));
            }
        }
        let ensemble = Self { features, trees, base };
        for tree in 0..ensemble.trees.len() {
            ensemble.check_tree(tree)?;
        }
        ensemble.check_sums()?;
        Ok(ensemble)
    }

    /// The features.
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// The trees.
    pub fn trees(&self) -> &[Tree] {
        &self.trees
    }

    /// The constant under each output's sum.
    pub fn base(&self) -> &[i128] {
        &self.base
    }

    /// No sum of leaves and base leaves 127 bits, in whatever order and selection.
    fn check_sums(&self) -> Result<(), EnsembleError> {
        for (output, base) in self.base.iter().enumerate() {
            let mut total = base.unsigned_abs();
            for tree in &self.trees {
                let leaf = tree.leaf_magnitude(output);
                total = leaf
                    .and_then(|leaf| total.checked_add(leaf))
                    .filter(|total| *total < 1 << 126)
                    .ok_or(EnsembleError::Overflow(output))?;
            }
        }
        Ok(())
    }

    fn check_tree(&self, tree: usize) -> Result<(), EnsembleError> {
        let nodes = &self.trees[tree].nodes;
        let fail = |node, what| Err(EnsembleError::Node { tree, node, what });
        let mut reached = vec![0u8; nodes.len()];
        if nodes.is_empty() {
            return fail(0, "the tree is empty");
        }
        reached[0] = 1;
        for (index, node) in nodes.iter().enumerate() {
            match node {
                Node::Split { feature, threshold, left, right } => {
                    let Some(feature) = self.features.get(*feature) else {
                        return fail(index, "the feature does not exist");
                    };
                    if *threshold >= feature.thresholds.len() {
                        return fail(index, "the threshold does not exist");
                    }
                    for child in [*left, *right] {
                        if child <= index || child >= nodes.len() {
                            return fail(index, "a child does not exist or precedes its parent");
                        }
                        reached[child] = reached[child].saturating_add(1);
                    }
                }
                Node::Leaf { values } => {
                    if values.iter().any(|(output, _)| *output >= self.base.len()) {
                        return fail(index, "the output does not exist");
                    }
                }
            }
        }
        match reached.iter().position(|&count| count != 1) {
            Some(node) => fail(node, "is reached never or more than once"),
            None => Ok(()),
        }
    }

    /// Bounds of every output: the sums of the least and of the greatest leaves.
    ///
    /// # Errors
    /// [`EnsembleError::Overflow`] where a sum leaves 127 bits.
    pub fn output_intervals(&self) -> Result<Vec<Interval>, EnsembleError> {
        let mut sums: Vec<Interval> = self.base.iter().map(|&b| Interval::new(b, b)).collect();
        for tree in &self.trees {
            for (output, sum) in sums.iter_mut().enumerate() {
                let leaf = tree.leaf_interval(output);
                let lo = sum.lo.checked_add(leaf.lo).ok_or(EnsembleError::Overflow(output))?;
                let hi = sum.hi.checked_add(leaf.hi).ok_or(EnsembleError::Overflow(output))?;
                *sum = Interval::new(lo, hi);
            }
        }
        Ok(sums)
    }
}

impl Tree {
    /// The node id of the leaf that `is_less(feature, threshold)` leads to.
    pub fn leaf(&self, is_less: impl Fn(usize, usize) -> bool) -> usize {
        let mut at = 0;
        while let Node::Split { feature, threshold, left, right } = &self.nodes[at] {
            at = if is_less(*feature, *threshold) { *left } else { *right };
        }
        at
    }

    /// The largest sum of magnitudes that one leaf gives to `output`.
    fn leaf_magnitude(&self, output: usize) -> Option<u128> {
        let mut largest = 0u128;
        for node in &self.nodes {
            let Node::Leaf { values } = node else { continue };
            let own = values.iter().filter(|(o, _)| *o == output);
            let sum = own.map(|(_, v)| v.unsigned_abs()).try_fold(0u128, u128::checked_add)?;
            largest = largest.max(sum);
        }
        Some(largest)
    }

    fn leaf_interval(&self, output: usize) -> Interval {
        let mut bounds: Option<Interval> = None;
        for node in &self.nodes {
            let Node::Leaf { values } = node else { continue };
            let value = leaf_value(values, output);
            bounds = Some(bounds.map_or(Interval::new(value, value), |b| {
                Interval::new(b.lo.min(value), b.hi.max(value))
            }));
        }
        bounds.unwrap_or(Interval::new(0, 0))
    }
}

/// What a leaf adds to `output`, zero where it does not name it.
pub fn leaf_value(values: &[(usize, i128)], output: usize) -> i128 {
    values.iter().filter(|(o, _)| *o == output).map(|(_, v)| *v).sum()
}
