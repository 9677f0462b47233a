//! From float trees to integer trees: thresholds by the feature's encoding, leaves by one scale.

use std::collections::BTreeSet;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};
use veracast_circuits::trees::{self, Feature};
use veracast_circuits::{Interval, ValueId};

use super::CompileError;
use crate::encoding::Encoding;
use crate::model::{Ensemble, Node, Tree};

/// Binary places beyond which leaves are rounded rather than kept.
const MOST_BITS: u32 = 64;

/// What a column of the trained file reads in the Program.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) encoding: Encoding,
    pub(crate) range: Interval,
    /// The value that splits compare when a missing value goes right (or none can be missing).
    pub(crate) value: ValueId,
    /// The value that splits compare when a missing value goes left.
    pub(crate) missing_left: Option<ValueId>,
}

/// Integer trees, and how exact they are.
#[derive(Clone, Debug)]
pub(crate) struct Quantized {
    pub(crate) ensemble: trees::Ensemble,
    /// An output `n` stands for `n / 2^bits`.
    pub(crate) bits: u32,
    /// Largest difference from the real-number sum of the file's leaves; zero means exact.
    pub(crate) bound: f64,
}

/// Quantises `model` over `columns`, one per feature of the file.
pub(crate) fn quantize(model: &Ensemble, columns: &[Column]) -> Result<Quantized, CompileError> {
    let scale = Scale::of(model)?;
    let features = Features::of(model, columns);
    let trees = model
        .trees
        .iter()
        .map(|tree| integer_tree(tree, columns, &features, &scale))
        .collect::<Result<Vec<_>, _>>()?;
    let base = model.base.iter().map(|b| scale.integer(*b)).collect::<Result<Vec<_>, _>>()?;
    let ensemble = trees::Ensemble::new(features.specs, trees, base)?;
    Ok(Quantized { ensemble, bits: scale.bits, bound: scale.bound })
}

struct Scale {
    bits: u32,
    bound: f64,
}

impl Scale {
    /// The least scale at which every leaf is an integer, at most [`MOST_BITS`].
    fn of(model: &Ensemble) -> Result<Self, CompileError> {
        let leaves = model.trees.iter().flat_map(|t| &t.nodes).filter_map(|node| match node {
            Node::Leaf { values } => Some(values.iter().map(|v| v.value)),
            Node::Split { .. } => None,
        });
        let numbers: Vec<f64> = leaves.flatten().chain(model.base.iter().copied()).collect();
        let needed = numbers.iter().map(|n| binary_places(*n)).max().unwrap_or(0);
        let bits = needed.min(MOST_BITS);
        // Each number is rounded to the nearest multiple of 2^-bits.
        let terms = model.trees.len() as f64 + 1.0;
        let bound = if needed > bits { terms * 0.5f64.powi(bits as i32 + 1) } else { 0.0 };
        if bound > 1e-9 {
            return Err(CompileError::Inexact { bound });
        }
        Ok(Self { bits, bound })
    }

    fn integer(&self, value: f64) -> Result<i128, CompileError> {
        let exact = BigRational::from_float(value).unwrap_or_else(BigRational::zero);
        let scaled = (exact * BigRational::from(BigInt::one() << self.bits)).round().to_integer();
        if scaled.abs().bits() > 110 {
            return Err(CompileError::LeafTooLarge { value });
        }
        scaled.to_i128().ok_or(CompileError::LeafTooLarge { value })
    }
}

/// Places after the binary point of a finite number.
fn binary_places(value: f64) -> u32 {
    let exact = BigRational::from_float(value).unwrap_or_else(BigRational::zero);
    u32::try_from(exact.denom().bits().saturating_sub(1)).unwrap_or(u32::MAX)
}

/// The integer features: one per column and direction of missing values that splits use.
struct Features {
    specs: Vec<Feature>,
    /// Feature of a column, by whether a missing value goes left.
    of_column: Vec<[Option<usize>; 2]>,
}

impl Features {
    fn of(model: &Ensemble, columns: &[Column]) -> Self {
        let mut thresholds: Vec<[BTreeSet<i128>; 2]> = vec![Default::default(); columns.len()];
        for node in model.trees.iter().flat_map(|t| &t.nodes) {
            if let Node::Split { feature, threshold, default_left, .. } = node {
                let column = &columns[*feature as usize];
                let side = side(column, *default_left);
                thresholds[*feature as usize][side].insert(integer_threshold(column, *threshold));
            }
        }
        let mut features = Self { specs: Vec::new(), of_column: vec![[None; 2]; columns.len()] };
        for (index, sides) in thresholds.into_iter().enumerate() {
            for (side, thresholds) in sides.into_iter().enumerate() {
                if thresholds.is_empty() {
                    continue;
                }
                let column = &columns[index];
                let value = match (side, column.missing_left) {
                    (1, Some(value)) => value,
                    _ => column.value,
                };
                features.of_column[index][side] = Some(features.specs.len());
                let thresholds = thresholds.into_iter().collect();
                features.specs.push(Feature { value, thresholds });
            }
        }
        features
    }
}

/// Which of a column's two features a split uses: 1 where a missing value goes left.
fn side(column: &Column, default_left: bool) -> usize {
    usize::from(column.missing_left.is_some() && default_left)
}

fn integer_threshold(column: &Column, threshold: f32) -> i128 {
    column.encoding.threshold(threshold, column.range.lo, column.range.hi)
}

fn integer_tree(
    tree: &Tree,
    columns: &[Column],
    features: &Features,
    scale: &Scale,
) -> Result<trees::Tree, CompileError> {
    let order = parents_first(tree);
    let mut position = vec![0usize; tree.nodes.len()];
    for (at, node) in order.iter().enumerate() {
        position[*node] = at;
    }
    let nodes = order.iter().map(|node| match &tree.nodes[*node] {
        Node::Leaf { values } => {
            let values = values
                .iter()
                .map(|v| Ok((v.output as usize, scale.integer(v.value)?)))
                .collect::<Result<Vec<_>, CompileError>>()?;
            Ok(trees::Node::Leaf { values })
        }
        Node::Split { feature, threshold, default_left, left, right } => {
            let column = &columns[*feature as usize];
            let side = side(column, *default_left);
            let feature = features.of_column[*feature as usize][side].unwrap_or(usize::MAX);
            let value = integer_threshold(column, *threshold);
            let threshold = features
                .specs
                .get(feature)
                .and_then(|f| f.thresholds.binary_search(&value).ok())
                .unwrap_or(usize::MAX);
            Ok(trees::Node::Split {
                feature,
                threshold,
                left: position[*left as usize],
                right: position[*right as usize],
            })
        }
    });
    Ok(trees::Tree { nodes: nodes.collect::<Result<_, CompileError>>()? })
}

/// The nodes in an order in which parents precede their children.
fn parents_first(tree: &Tree) -> Vec<usize> {
    let mut order = Vec::with_capacity(tree.nodes.len());
    let mut open = vec![0usize];
    while let Some(node) = open.pop() {
        order.push(node);
        if let Node::Split { left, right, .. } = &tree.nodes[node] {
            open.push(*right as usize);
            open.push(*left as usize);
        }
    }
    order
}
