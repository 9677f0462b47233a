//! Groups: exactly one of several boxes (conjunctions of literals) is selected, and it is true.
//!
//! A tree is a group whose boxes are its leaves. A path with more literals than a key holds is cut:
//! a *virtual* literal stands for its upper part, and a group of its own ties the virtual literal to
//! the conjunction that it stands for.

use std::collections::BTreeMap;

use crate::trees::{Ensemble, Node, Tree};

/// `less` says whether `features[feature] < thresholds[threshold]` holds. Features past the
/// ensemble's own are virtual and have one threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Literal {
    /// Feature, virtual ones last.
    pub feature: usize,
    /// Its threshold.
    pub threshold: usize,
    /// Whether the value is below it.
    pub less: bool,
}

/// A conjunction of literals and what it adds to the outputs.
#[derive(Clone, Debug, Default)]
pub(crate) struct LeafBox {
    pub(crate) literals: Vec<Literal>,
    pub(crate) values: Vec<(usize, i128)>,
}

/// Boxes that together cover everything.
#[derive(Clone, Debug, Default)]
pub(crate) struct Group {
    pub(crate) boxes: Vec<LeafBox>,
}

impl Group {
    /// The largest number of literals in a box.
    pub(crate) fn digits(&self) -> usize {
        self.boxes.iter().map(|b| b.literals.len()).max().unwrap_or(0)
    }
}

/// All groups of an ensemble, and what its virtual literals stand for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Groups {
    pub(crate) groups: Vec<Group>,
    /// The conjunction behind each virtual literal; it may name earlier virtual ones.
    pub(crate) virtuals: Vec<Vec<Literal>>,
    /// What single-leaf trees add to each output.
    pub(crate) constants: Vec<i128>,
}

impl Groups {
    /// Turns every tree into groups of boxes with at most `most_digits` literals (at least 2).
    pub(crate) fn of(ensemble: &Ensemble, most_digits: usize) -> Self {
        let mut groups = Self { constants: vec![0; ensemble.base().len()], ..Self::default() };
        for tree in ensemble.trees() {
            groups.add_tree(tree, ensemble.features().len(), most_digits.max(2));
        }
        groups
    }

    fn add_tree(&mut self, tree: &Tree, features: usize, most_digits: usize) {
        if let Node::Leaf { values } = &tree.nodes[0] {
            for (output, value) in values {
                self.constants[*output] += value;
            }
            return;
        }
        let mut group = Group::default();
        let mut pending = vec![(0, Vec::new())];
        while let Some((node, path)) = pending.pop() {
            match &tree.nodes[node] {
                Node::Leaf { values } => {
                    group.boxes.push(LeafBox { literals: path, values: values.clone() });
                }
                Node::Split { feature, threshold, left, right } => {
                    let path = if path.len() >= most_digits {
                        vec![self.cut(path, features)]
                    } else {
                        path
                    };
                    for (child, less) in [(*right, false), (*left, true)] {
                        let literal = Literal { feature: *feature, threshold: *threshold, less };
                        if let Some(longer) = tightened(&path, literal) {
                            pending.push((child, longer));
                        }
                    }
                }
            }
        }
        self.groups.push(group);
    }

    /// A virtual literal that is true exactly where all of `path` is.
    fn cut(&mut self, path: Vec<Literal>, features: usize) -> Literal {
        let of = |less| Literal { feature: features + self.virtuals.len(), threshold: 0, less };
        let (holds, fails) = (of(true), of(false));
        let mut boxes: Vec<LeafBox> = path
            .iter()
            .map(|l| LeafBox {
                literals: vec![Literal { less: !l.less, ..*l }, fails],
                values: Vec::new(),
            })
            .collect();
        let literals = path.iter().copied().chain([holds]).collect();
        boxes.push(LeafBox { literals, values: Vec::new() });
        self.groups.push(Group { boxes });
        self.virtuals.push(path);
        holds
    }
}

/// `path` and `literal`, with at most two literals per feature; `None` where they contradict.
fn tightened(path: &[Literal], literal: Literal) -> Option<Vec<Literal>> {
    let mut tightest: BTreeMap<(usize, bool), usize> =
        path.iter().map(|l| ((l.feature, l.less), l.threshold)).collect();
    let bound = tightest.entry((literal.feature, literal.less)).or_insert(literal.threshold);
    *bound =
        if literal.less { literal.threshold.min(*bound) } else { literal.threshold.max(*bound) };
    let of = |less| tightest.get(&(literal.feature, less)).copied();
    if let (Some(below), Some(not_below)) = (of(true), of(false)) {
        if below <= not_below {
            return None;
        }
    }
    let literals = tightest.into_iter();
    Some(
        literals.map(|((feature, less), threshold)| Literal { feature, threshold, less }).collect(),
    )
}
