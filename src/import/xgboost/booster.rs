//! The boosters `gbtree` and `dart`: which trees there are, what they weigh and what they add to.

use super::tree::{self, Role};
use super::Shape;
use crate::import::cursor::At;
use crate::import::error::{Fault, Refusal};
use crate::model::{Tree, MAX_NODES};

/// The trees of a booster, and how many rounds of boosting made them.
#[derive(Debug)]
pub(super) struct Booster {
    pub(super) trees: Vec<Tree>,
    pub(super) rounds: usize,
}

/// Reads `gradient_booster`.
pub(super) fn read(booster: &At, shape: Shape) -> Result<Booster, Fault> {
    let name = booster.field("name")?;
    match name.text()? {
        "gbtree" => {
            booster.only(&["model", "name"])?;
            let model = booster.field("model")?;
            let weights = model.get("weight_drop")?;
            forest(&model, weights, shape)
        }
        "dart" => {
            booster.only(&["gbtree", "name", "weight_drop"])?;
            let inner = booster.field("gbtree")?;
            inner.only(&["model", "name"])?;
            let name = inner.field("name")?;
            if name.text()? != "gbtree" {
                return Err(name.fault(Refusal::Inconsistent, "gbtree", "another name"));
            }
            let model = inner.field("model")?;
            if let Some(second) = model.get("weight_drop")? {
                let expected = "one weight_drop";
                return Err(second.fault(Refusal::Inconsistent, expected, "two"));
            }
            forest(&model, Some(booster.field("weight_drop")?), shape)
        }
        other => {
            let other: String = other.chars().take(32).collect();
            Err(Fault::new(
                Refusal::Unsupported,
                &name.place,
                "the booster gbtree or dart",
                format!("`{other}`"),
                "train with booster=gbtree",
            ))
        }
    }
}

// Since 3.4 the weights of dart stand in the model of a gbtree; before, beside it.
fn forest(model: &At, weights: Option<At>, shape: Shape) -> Result<Booster, Fault> {
    model.only(&[
        "cats",
        "gbtree_model_param",
        "iteration_indptr",
        "tree_info",
        "trees",
        "weight_drop",
    ])?;
    check_categories(model)?;
    let parameters = model.field("gbtree_model_param")?;
    parameters.only(&["num_parallel_tree", "num_trees", "size_leaf_vector"])?;
    if let Some(width) = parameters.get("size_leaf_vector")? {
        width.count(0, 0)?;
    }
    let count = parameters.field("num_trees")?.count(1, MAX_NODES)?;
    let parallel = parameters.field("num_parallel_tree")?.count(1, MAX_NODES)?;
    let trees = model.field("trees")?;
    trees.check_length(count, "tree of num_trees")?;
    let outputs = outputs(&model.field("tree_info")?, count, shape)?;
    let items = trees.items()?;
    let vector = items.first().map_or(Ok(false), |tree| tree::has_vectors(tree, shape))?;
    if let (true, Some(weights)) = (vector, &weights) {
        let expected = "no tree weights, as the leaves are vectors";
        return Err(weights.fault(Refusal::Unsupported, expected, "tree weights"));
    }
    let weights = tree_weights(weights, count)?;
    let mut nodes = 0;
    let mut trees = Vec::with_capacity(items.len());
    for (id, item) in items.iter().enumerate() {
        let weight = weights.as_ref().map(|weights| weights[id]);
        let tree = tree::read(item, &Role { id, output: outputs[id], weight, vector }, shape)?;
        nodes += tree.nodes.len();
        check_total(item, nodes)?;
        trees.push(tree);
    }
    let per_round = parallel.saturating_mul(if vector { 1 } else { shape.outputs });
    Ok(Booster { trees, rounds: rounds(model, count, per_round)? })
}

fn check_total(tree: &At, nodes: usize) -> Result<(), Fault> {
    if nodes <= MAX_NODES {
        return Ok(());
    }
    let expected = format!("at most {MAX_NODES} nodes in all trees");
    let advice = "train fewer or shallower trees";
    Err(Fault::new(Refusal::TooLarge, &tree.place, expected, "more", advice))
}

fn outputs(info: &At, count: usize, shape: Shape) -> Result<Vec<u32>, Fault> {
    info.check_length(count, "tree")?;
    let numbers = info.integers()?;
    let known = |number: &i64| usize::try_from(*number).is_ok_and(|at| at < shape.outputs);
    if let Some(at) = numbers.iter().position(|number| !known(number)) {
        let place = format!("{}[{at}]", info.place);
        let expected = format!("an output from 0 to {}", shape.outputs - 1);
        return Err(Fault::broken(Refusal::OutOfRange, &place, expected, numbers[at]));
    }
    Ok(numbers.iter().filter_map(|number| u32::try_from(*number).ok()).collect())
}

fn tree_weights(weights: Option<At>, count: usize) -> Result<Option<Vec<f32>>, Fault> {
    let Some(weights) = weights else { return Ok(None) };
    weights.check_length(count, "tree")?;
    let numbers = weights.floats()?;
    if let Some(at) = numbers.iter().position(|number| !number.is_finite()) {
        let place = format!("{}[{at}]", weights.place);
        return Err(Fault::broken(Refusal::OutOfRange, &place, "a finite weight", numbers[at]));
    }
    Ok(Some(numbers))
}

/// The number of rounds, which the file states since version 2.
fn rounds(model: &At, count: usize, per_round: usize) -> Result<usize, Fault> {
    let Some(starts) = model.get("iteration_indptr")? else {
        return Ok(count.div_ceil(per_round));
    };
    let numbers = starts.integers()?;
    let ends = numbers.first() == Some(&0)
        && numbers.last().and_then(|last| usize::try_from(*last).ok()) == Some(count);
    if !ends || numbers.windows(2).any(|pair| pair[0] >= pair[1]) {
        let expected = format!("rising tree counts from 0 to {count}");
        return Err(starts.fault(Refusal::Inconsistent, &expected, "others"));
    }
    Ok(numbers.len() - 1)
}

// Since 3.1 a model may carry the categories of its training data.
fn check_categories(model: &At) -> Result<(), Fault> {
    let Some(categories) = model.get("cats")? else { return Ok(()) };
    categories.only(&["enc", "feature_segments", "sorted_idx"])?;
    let encodings = categories.field("enc")?;
    if encodings.length()? != 0 {
        return Err(Fault::new(
            Refusal::Unsupported,
            &encodings.place,
            "no categories",
            "categorical features",
            "train without categorical features: encode them as numbers",
        ));
    }
    Ok(())
}
