//! XGBoost models of version 1.7 to 3.x, from a parsed JSON or UBJ document.
//!
//! Stricter than XGBoost's own loader: every field that takes part in a prediction is checked, a
//! field that is not known is refused (a later version may have given it a meaning), and whatever is
//! stated twice must agree.

mod booster;
mod leaves;
mod logarithm;
mod objective;
mod tree;

use super::cursor::At;
use super::document::Value;
use super::error::{Fault, Refusal};
use crate::model::{Ensemble, MAX_FEATURES, MAX_OUTPUTS};
use objective::Objective;

const OLDEST: [i64; 2] = [1, 7];
const NEWEST_MAJOR: i64 = 3;

/// The facts of a model that its trees must agree with.
#[derive(Debug, Clone, Copy)]
struct Shape {
    features: usize,
    outputs: usize,
}

/// Reads the model that the document states.
pub(super) fn interpret(root: &Value) -> Result<Ensemble, Fault> {
    let root = At::root(root);
    let learner = learner(&root)?;
    let parameters = learner.field("learner_model_param")?;
    let shape = shape(&parameters)?;
    let objective = Objective::read(&learner.field("objective")?)?;
    let base = objective.base(&parameters.field("base_score")?, shape.outputs)?;
    let feature_names = feature_names(&learner, shape.features)?;
    check_feature_types(&learner, shape.features)?;
    let booster = booster::read(&learner.field("gradient_booster")?, shape)?;
    let notes = early_stopping(&learner, booster.rounds)?;
    let ensemble = Ensemble {
        feature_names,
        num_features: shape.features,
        num_outputs: shape.outputs,
        base,
        trees: booster.trees,
        output_note: objective.note(),
        objective: objective.name().into(),
        notes,
    };
    ensemble.validate().map_err(|error| {
        Fault::broken(Refusal::Inconsistent, &error.place, error.expected, error.got)
    })?;
    Ok(ensemble)
}

fn learner<'a>(root: &At<'a>) -> Result<At<'a>, Fault> {
    let learner = root.field("learner")?;
    check_version(&root.field("version")?)?;
    // Beside these two, XGBoost reads nothing at the top, and publishers add notes of their own there.
    learner.only(&[
        "attributes",
        "feature_names",
        "feature_types",
        "gradient_booster",
        "learner_model_param",
        "objective",
    ])?;
    Ok(learner)
}

fn check_version(version: &At) -> Result<(), Fault> {
    let numbers = version.integers()?;
    let known = matches!(numbers, [major, minor, _]
        if [*major, *minor] >= OLDEST && *major <= NEWEST_MAJOR);
    if known {
        return Ok(());
    }
    let shown: Vec<String> = numbers.iter().take(4).map(ToString::to_string).collect();
    Err(Fault::new(
        Refusal::Unsupported,
        &version.place,
        "XGBoost 1.7 to 3.x",
        shown.join("."),
        "load the model in such a version and save it again",
    ))
}

fn shape(parameters: &At) -> Result<Shape, Fault> {
    parameters.only(&[
        "base_score",
        "boost_from_average",
        "num_class",
        "num_feature",
        "num_target",
    ])?;
    let features = parameters.field("num_feature")?.count(1, MAX_FEATURES)?;
    let classes = parameters.field("num_class")?.count(0, MAX_OUTPUTS)?;
    let target = parameters.field("num_target")?;
    let targets = target.count(1, MAX_OUTPUTS)?;
    if classes > 1 && targets > 1 {
        return Err(target.fault(Refusal::Inconsistent, "1, as there are classes", targets));
    }
    Ok(Shape { features, outputs: classes.max(targets) })
}

fn feature_names(learner: &At, features: usize) -> Result<Option<Vec<String>>, Fault> {
    let Some(names) = learner.get("feature_names")? else { return Ok(None) };
    if names.length()? == 0 {
        return Ok(None);
    }
    names.check_length(features, "feature")?;
    let names: Result<Vec<String>, Fault> =
        names.items()?.iter().map(|name| name.text().map(Into::into)).collect();
    names.map(Some)
}

fn check_feature_types(learner: &At, features: usize) -> Result<(), Fault> {
    let Some(types) = learner.get("feature_types")? else { return Ok(()) };
    if types.length()? == 0 {
        return Ok(());
    }
    types.check_length(features, "feature")?;
    for kind in types.items()? {
        match kind.text()? {
            "float" | "int" | "i" | "q" => {}
            got => {
                let got: String = got.chars().take(16).collect();
                return Err(Fault::new(
                    Refusal::Unsupported,
                    &kind.place,
                    "a numerical feature (float, int, i, q)",
                    format!("`{got}`"),
                    "train without categorical features: encode them as numbers",
                ));
            }
        }
    }
    Ok(())
}

// Booster.predict uses all rounds; scikit-learn's wrapper stops at the best one.
fn early_stopping(learner: &At, rounds: usize) -> Result<Vec<String>, Fault> {
    let Some(attributes) = learner.get("attributes")? else { return Ok(vec![]) };
    let Some(best) = attributes.get("best_iteration")? else { return Ok(vec![]) };
    let best = best.count(0, usize::MAX - 1)?;
    if best + 1 >= rounds {
        return Ok(vec![]);
    }
    Ok(vec![format!(
        "early stopping found round {best} best; all {rounds} rounds (0 to {}) are in the model, as \
         in Booster.predict: slice the booster to [0:{}] before saving to keep the best only",
        rounds - 1,
        best + 1
    )])
}
