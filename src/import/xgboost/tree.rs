//! One tree: parallel arrays over node ids, which must form exactly one binary tree.

use super::leaves::Leaves;
use super::Shape;
use crate::import::cursor::At;
use crate::import::error::{Fault, Refusal};
use crate::model::{LeafValue, Node, Tree, MAX_NODES, MAX_OUTPUTS};

/// Stands for "no node" in `parents`; XGBoost masks a bit of -1 in scalar trees.
const NO_PARENT: [i64; 2] = [-1, 0x7fff_ffff];
const NO_CHILD: i64 = -1;
/// The feature of a node that pruning deleted; its default direction is left.
const DELETED: i64 = 0x7fff_ffff;

const FIELDS: [&str; 17] = [
    "base_weights",
    "categories",
    "categories_nodes",
    "categories_segments",
    "categories_sizes",
    "default_left",
    "id",
    "leaf_weights",
    "left_children",
    "loss_changes",
    "parents",
    "right_children",
    "split_conditions",
    "split_indices",
    "split_type",
    "sum_hessian",
    "tree_param",
];

/// What the booster says of a tree.
#[derive(Debug)]
pub(super) struct Role {
    /// Position in the list of trees, which must be its id.
    pub(super) id: usize,
    /// The output that its leaves add to; 0 for vector leaves.
    pub(super) output: u32,
    /// What each leaf is multiplied by, in a `dart` model.
    pub(super) weight: Option<f32>,
    /// Whether leaves are vectors over all outputs.
    pub(super) vector: bool,
}

/// Whether the leaves of a tree are vectors.
pub(super) fn has_vectors(tree: &At, shape: Shape) -> Result<bool, Fault> {
    let width = tree.field("tree_param")?.field("size_leaf_vector")?;
    match width.count(0, MAX_OUTPUTS)? {
        0 | 1 => Ok(false),
        got if got == shape.outputs => Ok(true),
        got => {
            let expected = format!("1, or {} as there are outputs", shape.outputs);
            Err(width.fault(Refusal::Inconsistent, &expected, got))
        }
    }
}

/// Reads the tree at `tree`.
pub(super) fn read(tree: &At, role: &Role, shape: Shape) -> Result<Tree, Fault> {
    tree.only(&FIELDS)?;
    tree.field("id")?.count(role.id, role.id)?;
    if has_vectors(tree, shape)? != role.vector {
        let expected = "leaves of one size in all trees";
        return Err(tree.fault(Refusal::Inconsistent, expected, "scalars and vectors"));
    }
    let columns = Columns::read(tree, role, shape)?;
    let order = columns.walk(shape)?;
    columns.check_deleted(tree, &order)?;
    columns.collect(&order, role)
}

/// The arrays of a tree, all of one length.
struct Columns<'a> {
    place: &'a str,
    left: &'a [i64],
    right: &'a [i64],
    parent: &'a [i64],
    feature: &'a [i64],
    default_left: &'a [i64],
    threshold: Vec<f32>,
    leaves: Leaves,
}

impl<'a> Columns<'a> {
    fn read(tree: &'a At<'a>, role: &Role, shape: Shape) -> Result<Self, Fault> {
        let parameters = tree.field("tree_param")?;
        parameters.only(&["num_deleted", "num_feature", "num_nodes", "size_leaf_vector"])?;
        let nodes = parameters.field("num_nodes")?.count(1, MAX_NODES)?;
        parameters.field("num_feature")?.count(shape.features, shape.features)?;
        check_numerical(tree, nodes)?;
        check_statistics(tree, role, nodes)?;
        let column = |key: &str| {
            let column = tree.field(key)?;
            column.check_length(nodes, "node")?;
            Ok(column)
        };
        Ok(Self {
            place: &tree.place,
            left: column("left_children")?.integers()?,
            right: column("right_children")?.integers()?,
            parent: column("parents")?.integers()?,
            feature: column("split_indices")?.integers()?,
            default_left: column("default_left")?.integers()?,
            threshold: column("split_conditions")?.floats()?,
            leaves: Leaves::read(tree, role.vector, nodes, shape)?,
        })
    }

    fn fault(
        &self,
        refusal: Refusal,
        column: &str,
        id: usize,
        expected: impl Into<String>,
        got: impl ToString,
    ) -> Fault {
        let place = format!("{}.{column}[{id}]", self.place);
        Fault::broken(refusal, &place, expected, got)
    }

    fn is_leaf(&self, id: usize) -> bool {
        self.left[id] == NO_CHILD
    }

    /// The ids reached from the root, rising. Every node is entered once, from its stated parent.
    fn walk(&self, shape: Shape) -> Result<Vec<usize>, Fault> {
        if !NO_PARENT.contains(&self.parent[0]) {
            let expected = "no parent of the root (2147483647 or -1)";
            return Err(self.fault(Refusal::Inconsistent, "parents", 0, expected, self.parent[0]));
        }
        let mut reached = vec![false; self.left.len()];
        reached[0] = true;
        let mut open = vec![0usize];
        while let Some(id) = open.pop() {
            if self.is_leaf(id) {
                continue;
            }
            self.check_split(id, shape)?;
            for (column, children) in [("left_children", self.left), ("right_children", self.right)]
            {
                let child = self.child(column, children, id)?;
                if std::mem::replace(&mut reached[child], true) {
                    let expected = "a node that is reached once";
                    let got = format!("node {child} again");
                    return Err(self.fault(Refusal::Inconsistent, column, id, expected, got));
                }
                open.push(child);
            }
        }
        Ok((0..reached.len()).filter(|id| reached[*id]).collect())
    }

    fn child(&self, column: &str, children: &[i64], id: usize) -> Result<usize, Fault> {
        let last = self.left.len() - 1;
        let child = usize::try_from(children[id]).ok().filter(|child| *child <= last);
        let child = child.ok_or_else(|| {
            let expected = format!("a node from 1 to {last}");
            self.fault(Refusal::OutOfRange, column, id, expected, children[id])
        })?;
        // A root that is somebody's child is found as reached twice.
        if child != 0 && usize::try_from(self.parent[child]).ok() != Some(id) {
            let expected = format!("{id}, of which it is a child");
            let got = self.parent[child];
            return Err(self.fault(Refusal::Inconsistent, "parents", child, expected, got));
        }
        Ok(child)
    }

    fn check_split(&self, id: usize, shape: Shape) -> Result<(), Fault> {
        let feature = self.feature[id];
        if !usize::try_from(feature).is_ok_and(|at| at < shape.features) {
            let expected = format!("a feature from 0 to {}", shape.features - 1);
            return Err(self.fault(Refusal::OutOfRange, "split_indices", id, expected, feature));
        }
        let threshold = self.threshold[id];
        if !threshold.is_finite() {
            let expected = "a finite threshold";
            let column = "split_conditions";
            return Err(self.fault(Refusal::OutOfRange, column, id, expected, threshold));
        }
        let direction = self.default_left[id];
        if !matches!(direction, 0 | 1) {
            return Err(self.fault(Refusal::OutOfRange, "default_left", id, "0 or 1", direction));
        }
        Ok(())
    }

    /// Nodes that are not reached must be those that pruning deleted, as many as stated.
    fn check_deleted(&self, tree: &At, order: &[usize]) -> Result<(), Fault> {
        let mut reached = order.iter().copied().peekable();
        let node = |id: i64| usize::try_from(id).is_ok_and(|id| id < self.left.len());
        for id in 0..self.left.len() {
            if reached.next_if_eq(&id).is_some() {
                continue;
            }
            if !node(self.parent[id]) {
                let expected = "the node that it was a child of";
                let parent = self.parent[id];
                return Err(self.fault(Refusal::OutOfRange, "parents", id, expected, parent));
            }
            if self.feature[id] != DELETED || self.default_left[id] != 1 {
                let got = "a node that no other leads to";
                let expected = "a node of the tree";
                return Err(self.fault(Refusal::Inconsistent, "left_children", id, expected, got));
            }
        }
        let deleted = self.left.len() - order.len();
        tree.field("tree_param")?.field("num_deleted")?.count(deleted, deleted)?;
        Ok(())
    }

    fn collect(&self, order: &[usize], role: &Role) -> Result<Tree, Fault> {
        let mut position = vec![0u32; self.left.len()];
        for (at, id) in (0u32..).zip(order) {
            position[*id] = at;
        }
        // `walk` has checked that the children and features of splits are in range.
        let at = |child: i64| usize::try_from(child).ok().and_then(|id| position.get(id).copied());
        let weight = f64::from(role.weight.unwrap_or(1.0));
        let mut nodes = Vec::with_capacity(order.len());
        for &id in order {
            let feature = u32::try_from(self.feature[id]).ok();
            nodes.push(match (self.is_leaf(id), feature, at(self.left[id]), at(self.right[id])) {
                (false, Some(feature), Some(left), Some(right)) => Node::Split {
                    feature,
                    threshold: self.threshold[id],
                    default_left: self.default_left[id] == 1,
                    left,
                    right,
                },
                _ => {
                    // The product of two float32 numbers is exact in a double.
                    let values = self.leaves.at(self.place, id, self.right[id])?;
                    let values = values.iter().map(|value| f64::from(*value) * weight);
                    let value = |(output, value)| LeafValue { output, value };
                    Node::Leaf { values: (role.output..).zip(values).map(value).collect() }
                }
            });
        }
        let leaves = order.iter().filter(|id| self.is_leaf(**id));
        self.leaves.check_positions(self.place, leaves.map(|id| self.right[*id]))?;
        let file_ids = order.iter().filter_map(|id| u32::try_from(*id).ok()).collect();
        Ok(Tree { nodes, file_ids })
    }
}

/// Refuses a tree with a categorical split.
fn check_numerical(tree: &At, nodes: usize) -> Result<(), Fault> {
    let advice = "train without categorical features: encode them as numbers";
    let numerical = "a numerical split (0)";
    if let Some(kinds) = tree.get("split_type")? {
        kinds.check_length(nodes, "node")?;
        let numbers = kinds.integers()?;
        if let Some(at) = numbers.iter().position(|kind| *kind != 0) {
            let place = format!("{}[{at}]", kinds.place);
            let got = match numbers[at] {
                1 => "a categorical split (1)".into(),
                other => other.to_string(),
            };
            return Err(Fault::new(Refusal::Unsupported, &place, numerical, got, advice));
        }
    }
    for key in ["categories", "categories_nodes", "categories_segments", "categories_sizes"] {
        let Some(categories) = tree.get(key)? else { continue };
        if categories.length()? != 0 {
            let (place, got) = (&categories.place, "categories");
            return Err(Fault::new(Refusal::Unsupported, place, "no categories", got, advice));
        }
    }
    Ok(())
}

/// The statistics of training play no part in a prediction, but their lengths must fit.
fn check_statistics(tree: &At, role: &Role, nodes: usize) -> Result<(), Fault> {
    for key in ["loss_changes", "sum_hessian"] {
        match tree.get(key)? {
            Some(column) => column.check_length(nodes, "node")?,
            None if role.vector => {}
            None => tree.field(key).map(|_| ())?,
        }
    }
    if !role.vector {
        tree.field("base_weights")?.check_length(nodes, "node")?;
    }
    Ok(())
}
