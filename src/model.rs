//! The float model as a trained file states it: what every tree importer delivers and nothing more.
//!
//! An [`Ensemble`] is a sum of trees over float32 features. Nothing is rounded on the way in: a leaf
//! is stored as an `f64` that holds the file's number exactly (a float32, or the product of a float32
//! leaf and a float32 tree weight, which needs at most 48 significant bits).
//!
//! What a trained library answers differs from the real-number sum of these leaves only by its own
//! float32 additions. Adding `n` trees one after the other to a base, with partial sums `s_1 .. s_n`,
//! the library's answer is off by at most `2^-24 * (|s_1| + .. + |s_n|)` to first order, plus
//! `2^-24 * |w l|` for each leaf `l` that it multiplies by a tree weight `w` in float32.

use std::collections::HashSet;

use thiserror::Error;

/// Most features that a model may have.
pub const MAX_FEATURES: usize = 1 << 16;
/// Most outputs that a model may have.
pub const MAX_OUTPUTS: usize = 1 << 10;
/// Most nodes in all trees together.
pub const MAX_NODES: usize = 1 << 22;

/// A model whose outputs are sums of tree leaves.
#[derive(Debug, Clone, PartialEq)]
pub struct Ensemble {
    /// Names of the features in column order, where the file states them.
    pub feature_names: Option<Vec<String>>,
    /// Number of input columns.
    pub num_features: usize,
    /// Number of outputs.
    pub num_outputs: usize,
    /// What each output starts from, in the space of the leaves (margin space), exact.
    pub base: Vec<f64>,
    /// The trees, in the order of the file.
    pub trees: Vec<Tree>,
    /// What an output is where it is not the library's plain prediction, such as
    /// "margin: the logistic transform is not applied".
    pub output_note: Option<String>,
    /// The training objective by the library's name, such as `reg:squarederror`.
    pub objective: String,
    /// Facts about the file that its user should know, one sentence each.
    pub notes: Vec<String>,
}

/// One tree. The root is node 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    /// The nodes; each is reached from the root by exactly one path.
    pub nodes: Vec<Node>,
    /// The id that the file gives to each node (XGBoost's `pred_leaf` speaks of these). They differ
    /// from the positions in `nodes` only where the file holds nodes that pruning deleted.
    pub file_ids: Vec<u32>,
}

/// A node of a tree.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// Left if and only if `value < threshold`, both as float32; a missing value goes to the default.
    Split {
        /// Input column.
        feature: u32,
        /// What the value is compared with; finite.
        threshold: f32,
        /// Whether a missing value goes left.
        default_left: bool,
        /// Position of the left child.
        left: u32,
        /// Position of the right child.
        right: u32,
    },
    /// What the tree adds.
    Leaf {
        /// One value per output that the leaf adds to: one, or all outputs in a vector leaf.
        values: Vec<LeafValue>,
    },
}

/// What a leaf adds to one output.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LeafValue {
    /// Index of the output.
    pub output: u32,
    /// The number, exact and finite.
    pub value: f64,
}

/// An ensemble that is not a forest of finite binary trees.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{place}: expected {expected}, got {got}")]
pub struct ModelError {
    /// Where, such as `trees[3].nodes[17]`.
    pub place: String,
    /// What would be accepted.
    pub expected: String,
    /// What is there.
    pub got: String,
}

impl ModelError {
    fn new(place: impl Into<String>, expected: impl Into<String>, got: impl ToString) -> Self {
        Self { place: place.into(), expected: expected.into(), got: got.to_string() }
    }
}

impl Ensemble {
    /// Checks every property that the rest of the house relies on: counts in range, one base per
    /// output, finite numbers, features, outputs and children in range, every node of a tree reached
    /// from its root exactly once. Takes constant stack whatever the depth.
    ///
    /// # Errors
    /// The first property that does not hold, with its place.
    pub fn validate(&self) -> Result<(), ModelError> {
        within("num_features", self.num_features, MAX_FEATURES)?;
        within("num_outputs", self.num_outputs, MAX_OUTPUTS)?;
        self.validate_names()?;
        if self.base.len() != self.num_outputs {
            let expected = format!("{} numbers, one per output", self.num_outputs);
            return Err(ModelError::new("base", expected, self.base.len()));
        }
        if let Some(at) = self.base.iter().position(|value| !value.is_finite()) {
            return Err(ModelError::new(format!("base[{at}]"), "a finite number", self.base[at]));
        }
        within("trees", self.trees.len(), MAX_NODES)?;
        within("nodes", self.num_nodes(), MAX_NODES)?;
        for (at, tree) in self.trees.iter().enumerate() {
            tree.validate(at, self.num_features, self.num_outputs)?;
        }
        Ok(())
    }

    /// Nodes of all trees together.
    #[must_use]
    pub fn num_nodes(&self) -> usize {
        self.trees.iter().map(|tree| tree.nodes.len()).sum()
    }

    /// Position of the leaf that `row` reaches in tree `tree`; `None` in the row is a missing value,
    /// and so is a column beyond its end. `None` if there is no such tree.
    ///
    /// This is the float routing of the library, kept as an oracle for tests: what is proven is the
    /// integer routing of the compiled program.
    #[must_use]
    pub fn leaf_of(&self, tree: usize, row: &[Option<f32>]) -> Option<usize> {
        let nodes = &self.trees.get(tree)?.nodes;
        let mut at = 0usize;
        // A validated tree ends sooner; the bound keeps an unchecked one from looping.
        for _ in 0..nodes.len() {
            match nodes.get(at)? {
                Node::Leaf { .. } => return Some(at),
                Node::Split { feature, threshold, default_left, left, right } => {
                    let goes_left = match row.get(*feature as usize).copied().flatten() {
                        Some(value) => value < *threshold,
                        None => *default_left,
                    };
                    at = if goes_left { *left as usize } else { *right as usize };
                }
            }
        }
        None
    }

    fn validate_names(&self) -> Result<(), ModelError> {
        let Some(names) = &self.feature_names else { return Ok(()) };
        if names.len() != self.num_features {
            let expected = format!("{} names, one per feature", self.num_features);
            return Err(ModelError::new("feature_names", expected, names.len()));
        }
        let mut seen = HashSet::new();
        for (at, name) in names.iter().enumerate() {
            if name.is_empty() || !seen.insert(name) {
                let place = format!("feature_names[{at}]");
                return Err(ModelError::new(place, "a name of its own", format!("`{name}`")));
            }
        }
        Ok(())
    }
}

impl Tree {
    /// A tree whose node ids are the positions.
    #[must_use]
    pub fn new(nodes: Vec<Node>) -> Self {
        let file_ids = (0u32..).take(nodes.len()).collect();
        Self { nodes, file_ids }
    }

    fn validate(&self, at: usize, features: usize, outputs: usize) -> Result<(), ModelError> {
        let place = |node: usize| format!("trees[{at}].nodes[{node}]");
        if self.nodes.is_empty() {
            return Err(ModelError::new(format!("trees[{at}]"), "at least one node", 0));
        }
        if self.file_ids.len() != self.nodes.len() {
            let expected = format!("{} file ids, one per node", self.nodes.len());
            return Err(ModelError::new(format!("trees[{at}]"), expected, self.file_ids.len()));
        }
        let mut reached = vec![false; self.nodes.len()];
        let mut open = vec![0usize];
        while let Some(id) = open.pop() {
            if std::mem::replace(&mut reached[id], true) {
                return Err(ModelError::new(place(id), "one path from the root", "two"));
            }
            match &self.nodes[id] {
                Node::Leaf { values } => check_leaf(values, outputs)
                    .map_err(|(expected, got)| ModelError::new(place(id), expected, got))?,
                Node::Split { feature, threshold, left, right, .. } => {
                    if *feature as usize >= features {
                        let expected = format!("a feature below {features}");
                        return Err(ModelError::new(place(id), expected, feature));
                    }
                    if !threshold.is_finite() {
                        let expected = "a finite threshold";
                        return Err(ModelError::new(place(id), expected, threshold));
                    }
                    for child in [*right as usize, *left as usize] {
                        if child >= self.nodes.len() {
                            let expected = format!("a child below {}", self.nodes.len());
                            return Err(ModelError::new(place(id), expected, child));
                        }
                        open.push(child);
                    }
                }
            }
        }
        match reached.iter().position(|reached| !reached) {
            Some(id) => Err(ModelError::new(place(id), "a path from the root", "none")),
            None => Ok(()),
        }
    }
}

fn check_leaf(values: &[LeafValue], outputs: usize) -> Result<(), (String, String)> {
    if values.is_empty() {
        return Err(("at least one leaf value".into(), "none".into()));
    }
    let mut next = 0usize;
    for LeafValue { output, value } in values {
        let output = *output as usize;
        if output >= outputs || output < next {
            let expected = format!("rising output indices below {outputs}");
            return Err((expected, output.to_string()));
        }
        if !value.is_finite() {
            return Err(("a finite leaf value".into(), value.to_string()));
        }
        next = output + 1;
    }
    Ok(())
}

fn within(place: &str, count: usize, most: usize) -> Result<(), ModelError> {
    if count == 0 || count > most {
        return Err(ModelError::new(place, format!("1 to {most}"), count));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(value: f64) -> Node {
        Node::Leaf { values: vec![LeafValue { output: 0, value }] }
    }

    fn split(feature: u32, threshold: f32, default_left: bool, left: u32, right: u32) -> Node {
        Node::Split { feature, threshold, default_left, left, right }
    }

    fn ensemble(nodes: Vec<Node>) -> Ensemble {
        Ensemble {
            feature_names: None,
            num_features: 2,
            num_outputs: 1,
            base: vec![0.5],
            trees: vec![Tree::new(nodes)],
            output_note: None,
            objective: "reg:squarederror".into(),
            notes: vec![],
        }
    }

    fn refusal(nodes: Vec<Node>) -> String {
        ensemble(nodes).validate().map_or_else(|error| error.to_string(), |()| "accepted".into())
    }

    #[test]
    fn the_threshold_itself_goes_right_and_missing_goes_to_its_default() {
        let model = ensemble(vec![
            split(0, 1.5, true, 1, 2),
            leaf(1.0),
            split(1, 0.0, false, 3, 4),
            leaf(2.0),
            leaf(3.0),
        ]);
        assert_eq!(model.validate(), Ok(()));
        assert_eq!(model.leaf_of(0, &[Some(1.5), Some(-0.0)]), Some(4));
        assert_eq!(model.leaf_of(0, &[Some(1.499_999_9), None]), Some(1));
        assert_eq!(model.leaf_of(0, &[None, None]), Some(1));
        assert_eq!(model.leaf_of(0, &[Some(2.0), None]), Some(4));
        assert_eq!(model.leaf_of(0, &[Some(2.0), Some(-1e-45)]), Some(3));
        assert_eq!(model.leaf_of(1, &[]), None);
    }

    #[test]
    fn cycles_orphans_and_wild_indices_are_refused_with_their_place() {
        let cycle = vec![split(0, 1.0, true, 1, 0), leaf(1.0)];
        assert_eq!(refusal(cycle), "trees[0].nodes[0]: expected one path from the root, got two");
        let shared = vec![split(0, 1.0, true, 1, 1), leaf(1.0)];
        assert_eq!(refusal(shared), "trees[0].nodes[1]: expected one path from the root, got two");
        let orphan = vec![leaf(1.0), leaf(2.0)];
        assert_eq!(refusal(orphan), "trees[0].nodes[1]: expected a path from the root, got none");
        let wild = vec![split(0, 1.0, true, 1, 7), leaf(1.0)];
        assert_eq!(refusal(wild), "trees[0].nodes[0]: expected a child below 2, got 7");
        let feature = vec![split(2, 1.0, true, 1, 2), leaf(1.0), leaf(1.0)];
        assert_eq!(refusal(feature), "trees[0].nodes[0]: expected a feature below 2, got 2");
    }

    #[test]
    fn numbers_that_are_not_finite_are_refused() {
        let threshold = vec![split(0, f32::NAN, true, 1, 2), leaf(1.0), leaf(1.0)];
        assert!(refusal(threshold).contains("finite threshold"));
        assert!(refusal(vec![leaf(f64::INFINITY)]).contains("finite leaf value"));
        let mut model = ensemble(vec![leaf(0.0)]);
        model.base[0] = f64::NAN;
        assert!(model.validate().is_err_and(|error| error.place == "base[0]"));
    }

    #[test]
    fn a_tree_as_deep_as_it_has_nodes_takes_no_stack() {
        let depth = 200_000u32;
        let mut nodes = Vec::new();
        for level in 0..depth {
            nodes.push(split(0, level as f32, true, 2 * level + 1, 2 * level + 2));
            nodes.push(leaf(f64::from(level)));
        }
        nodes.push(leaf(-1.0));
        let model = ensemble(nodes);
        assert_eq!(model.validate(), Ok(()));
        assert_eq!(model.leaf_of(0, &[Some(1e9)]), Some(2 * depth as usize));
    }
}
