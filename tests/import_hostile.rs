//! Hostile XGBoost files: each is refused for what it is, at its place, in JSON and in UBJ.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "common/ubj.rs"]
mod ubj;

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::{json, Value};
use veracast::import::{self, ImportError, Refusal};
use veracast::model::Ensemble;

const TREE: &str = "learner.gradient_booster.model.trees[0]";

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/xgboost").join(name)
}

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(fixture(name)).unwrap()
}

fn refusal(bytes: &[u8]) -> ImportError {
    match import::from_bytes("hostile", bytes) {
        Ok(_) => panic!("accepted: {}", String::from_utf8_lossy(bytes)),
        Err(error) => error,
    }
}

/// The refusal of a fixture changed by `change`, which must be the same in both formats.
fn refused(name: &str, change: impl Fn(&mut Value)) -> ImportError {
    let mut file: Value = serde_json::from_slice(&bytes(name)).unwrap();
    import::from_bytes("unchanged", &ubj::encode(&file)).unwrap();
    change(&mut file);
    let error = refusal(file.to_string().as_bytes());
    assert_eq!(refusal(&ubj::encode(&file)), error);
    assert!(!error.expected.is_empty() && !error.got.is_empty() && !error.advice.is_empty());
    error
}

fn learner(file: &mut Value) -> &mut Value {
    &mut file["learner"]
}

fn model(file: &mut Value) -> &mut Value {
    &mut file["learner"]["gradient_booster"]["model"]
}

fn tree(file: &mut Value) -> &mut Value {
    &mut model(file)["trees"][0]
}

/// One test per line: what is refused, in which fixture, the change, the kind and the place.
macro_rules! refusals {
    ($($name:ident: $file:literal, $change:expr => $refusal:ident at $place:expr;)*) => {$(
        #[test]
        fn $name() {
            let error = refused($file, $change);
            let place = $place;
            assert_eq!((error.refusal, error.place.as_str()), (Refusal::$refusal, &place[..]));
        }
    )*};
}

fn at(place: &str) -> String {
    format!("{TREE}.{place}")
}

refusals! {
    // The tree.
    a_cycle_to_the_root: "3.2.0/squarederror.json",
        |file| tree(file)["left_children"][1] = json!(0)
        => Inconsistent at at("left_children[1]");
    a_cycle_to_an_inner_node: "3.2.0/squarederror.json",
        |file| { tree(file)["left_children"][3] = json!(1); tree(file)["parents"][1] = json!(3) }
        => Inconsistent at at("parents[1]");
    a_node_that_is_its_own_child: "3.2.0/squarederror.json",
        |file| { tree(file)["right_children"][1] = json!(1); tree(file)["parents"][1] = json!(1) }
        => Inconsistent at at("parents[1]");
    a_child_of_two_nodes: "3.2.0/squarederror.json",
        |file| tree(file)["right_children"][1] = json!(3)
        => Inconsistent at at("right_children[1]");
    a_left_child_out_of_range: "3.2.0/squarederror.json",
        |file| tree(file)["left_children"][0] = json!(15)
        => OutOfRange at at("left_children[0]");
    a_right_child_out_of_range: "3.2.0/squarederror.json",
        |file| tree(file)["right_children"][1] = json!(1_000_000)
        => OutOfRange at at("right_children[1]");
    a_negative_child: "3.2.0/squarederror.json",
        |file| tree(file)["left_children"][1] = json!(-2)
        => OutOfRange at at("left_children[1]");
    a_child_beyond_32_bits: "3.2.0/squarederror.json",
        |file| tree(file)["left_children"][0] = json!((1i64 << 32) + 1)
        => OutOfRange at at("left_children[0]");
    a_leaf_with_a_right_child: "3.2.0/squarederror.json",
        |file| tree(file)["right_children"][14] = json!(3)
        => Inconsistent at at("right_children[14]");
    a_split_without_a_right_child: "3.2.0/squarederror.json",
        |file| tree(file)["right_children"][0] = json!(-1)
        => OutOfRange at at("right_children[0]");
    a_node_that_nothing_leads_to: "3.2.0/squarederror.json",
        |file| { tree(file)["left_children"][3] = json!(-1); tree(file)["right_children"][3] = json!(-1) }
        => Inconsistent at at("left_children[7]");
    a_parent_that_is_another: "3.2.0/squarederror.json",
        |file| tree(file)["parents"][4] = json!(2)
        => Inconsistent at at("parents[4]");
    a_root_with_a_parent: "3.2.0/squarederror.json",
        |file| tree(file)["parents"][0] = json!(3)
        => Inconsistent at at("parents[0]");
    a_feature_out_of_range: "3.2.0/squarederror.json",
        |file| tree(file)["split_indices"][1] = json!(4)
        => OutOfRange at at("split_indices[1]");
    a_negative_feature: "3.2.0/squarederror.json",
        |file| tree(file)["split_indices"][0] = json!(-1)
        => OutOfRange at at("split_indices[0]");
    a_reached_node_marked_deleted: "3.2.0/squarederror.json",
        |file| tree(file)["split_indices"][0] = json!(2_147_483_647)
        => OutOfRange at at("split_indices[0]");
    a_threshold_beyond_float32: "3.2.0/squarederror.json",
        |file| tree(file)["split_conditions"][0] = json!(1e39)
        => OutOfRange at at("split_conditions[0]");
    a_leaf_beyond_float32: "3.2.0/squarederror.json",
        |file| tree(file)["split_conditions"][14] = json!(-1e39)
        => OutOfRange at at("split_conditions[14]");
    a_direction_that_is_neither: "3.2.0/squarederror.json",
        |file| tree(file)["default_left"][0] = json!(2)
        => OutOfRange at at("default_left[0]");
    directions_as_booleans: "3.2.0/squarederror.json",
        |file| tree(file)["default_left"] = json!(vec![true; 15])
        => WrongType at at("default_left[0]");
    children_as_booleans: "3.2.0/squarederror.json",
        |file| tree(file)["left_children"][2] = json!(false)
        => WrongType at at("left_children[2]");
    children_as_fractions: "3.2.0/squarederror.json",
        |file| tree(file)["left_children"][0] = json!(1.5)
        => WrongType at at("left_children");
    thresholds_as_text: "3.2.0/squarederror.json",
        |file| tree(file)["split_conditions"][0] = json!("0.5")
        => WrongType at at("split_conditions[0]");
    a_column_that_is_an_object: "3.2.0/squarederror.json",
        |file| tree(file)["parents"] = json!({})
        => WrongType at at("parents");
    children_too_few: "3.2.0/squarederror.json",
        |file| { tree(file)["left_children"].as_array_mut().unwrap().pop(); }
        => WrongLength at at("left_children");
    thresholds_too_many: "3.2.0/squarederror.json",
        |file| tree(file)["split_conditions"].as_array_mut().unwrap().push(json!(0.5))
        => WrongLength at at("split_conditions");
    features_empty: "3.2.0/squarederror.json",
        |file| tree(file)["split_indices"] = json!([])
        => WrongLength at at("split_indices");
    directions_too_few: "3.2.0/squarederror.json",
        |file| { tree(file)["default_left"].as_array_mut().unwrap().pop(); }
        => WrongLength at at("default_left");
    parents_too_few: "3.2.0/squarederror.json",
        |file| { tree(file)["parents"].as_array_mut().unwrap().pop(); }
        => WrongLength at at("parents");
    statistics_too_few: "3.2.0/squarederror.json",
        |file| { tree(file)["sum_hessian"].as_array_mut().unwrap().pop(); }
        => WrongLength at at("sum_hessian");
    base_weights_too_few: "3.2.0/squarederror.json",
        |file| { tree(file)["base_weights"].as_array_mut().unwrap().pop(); }
        => WrongLength at at("base_weights");
    a_column_that_is_missing: "3.2.0/squarederror.json",
        |file| { tree(file).as_object_mut().unwrap().remove("split_conditions"); }
        => MissingField at at("split_conditions");
    a_tree_without_nodes: "3.2.0/squarederror.json",
        |file| tree(file)["tree_param"]["num_nodes"] = json!("0")
        => OutOfRange at at("tree_param.num_nodes");
    a_node_count_that_is_absurd: "3.2.0/squarederror.json",
        |file| tree(file)["tree_param"]["num_nodes"] = json!("99999999999999999999")
        => OutOfRange at at("tree_param.num_nodes");
    a_node_count_that_is_another: "3.2.0/squarederror.json",
        |file| tree(file)["tree_param"]["num_nodes"] = json!("13")
        => WrongLength at at("split_type");
    a_node_count_with_a_sign: "3.2.0/squarederror.json",
        |file| tree(file)["tree_param"]["num_nodes"] = json!("+15")
        => OutOfRange at at("tree_param.num_nodes");
    a_feature_count_that_is_another: "3.2.0/squarederror.json",
        |file| tree(file)["tree_param"]["num_feature"] = json!("5")
        => OutOfRange at at("tree_param.num_feature");
    deleted_nodes_that_are_not_there: "3.2.0/squarederror.json",
        |file| tree(file)["tree_param"]["num_deleted"] = json!("2")
        => OutOfRange at at("tree_param.num_deleted");
    deleted_nodes_not_counted: "3.2.0/pruned.json",
        |file| tree(file)["tree_param"]["num_deleted"] = json!("0")
        => OutOfRange at at("tree_param.num_deleted");
    a_deleted_node_half_marked: "3.2.0/pruned.json",
        |file| tree(file)["default_left"] = json!(vec![0; tree(file)["parents"].as_array().unwrap().len()])
        => Inconsistent at at("left_children[9]");
    a_deleted_node_of_no_parent: "3.2.0/pruned.json",
        |file| tree(file)["parents"][9] = json!(4000)
        => OutOfRange at at("parents[9]");
    a_tree_id_out_of_order: "3.2.0/squarederror.json",
        |file| tree(file)["id"] = json!(1)
        => OutOfRange at at("id");
    a_categorical_split: "3.2.0/squarederror.json",
        |file| tree(file)["split_type"][1] = json!(1)
        => Unsupported at at("split_type[1]");
    categories: "3.2.0/squarederror.json",
        |file| tree(file)["categories"] = json!([0, 1])
        => Unsupported at at("categories");
    categories_of_the_training_data: "3.2.0/squarederror.json",
        |file| model(file)["cats"]["enc"] = json!([{ "offsets": [], "values": [] }])
        => Unsupported at "learner.gradient_booster.model.cats.enc";
    a_field_of_a_tree_that_is_not_known: "3.2.0/squarederror.json",
        |file| tree(file)["linear_leaves"] = json!([])
        => UnknownField at at("linear_leaves");

    // Vector leaves.
    a_leaf_vector_that_is_shared: "3.2.0/vector_leaves.json",
        |file| tree(file)["right_children"][14] = json!(0)
        => Inconsistent at at("leaf_weights");
    a_leaf_vector_out_of_range: "3.2.0/vector_leaves.json",
        |file| tree(file)["right_children"][14] = json!(8)
        => OutOfRange at at("right_children[14]");
    leaf_vectors_too_few: "3.2.0/vector_leaves.json",
        |file| { tree(file)["leaf_weights"].as_array_mut().unwrap().pop(); }
        => OutOfRange at at("right_children[14]");
    leaf_vectors_too_many: "3.2.0/vector_leaves.json",
        |file| tree(file)["leaf_weights"].as_array_mut().unwrap().extend([json!(1.0), json!(1.0), json!(1.0)])
        => Inconsistent at at("leaf_weights");
    a_leaf_vector_of_another_size: "3.2.0/vector_leaves.json",
        |file| tree(file)["tree_param"]["size_leaf_vector"] = json!("2")
        => Inconsistent at at("tree_param.size_leaf_vector");
    leaf_vectors_by_node_too_few: "3.1.3/vector_leaves.json",
        |file| { tree(file)["base_weights"].as_array_mut().unwrap().pop(); }
        => WrongLength at at("base_weights");
    scalar_and_vector_trees_together: "3.2.0/vector_leaves.json",
        |file| model(file)["trees"][1]["tree_param"]["size_leaf_vector"] = json!("1")
        => Inconsistent at "learner.gradient_booster.model.trees[1]";
    leaf_vectors_in_a_scalar_tree: "3.2.0/squarederror.json",
        |file| tree(file)["leaf_weights"] = json!([0.5])
        => Inconsistent at at("leaf_weights");

    // The booster.
    the_booster_gblinear: "3.2.0/squarederror.json",
        |file| learner(file)["gradient_booster"]["name"] = json!("gblinear")
        => Unsupported at "learner.gradient_booster.name";
    fewer_trees_than_stated: "3.2.0/squarederror.json",
        |file| { model(file)["trees"].as_array_mut().unwrap().pop(); }
        => WrongLength at "learner.gradient_booster.model.trees";
    no_trees: "3.2.0/squarederror.json",
        |file| model(file)["gbtree_model_param"]["num_trees"] = json!("0")
        => OutOfRange at "learner.gradient_booster.model.gbtree_model_param.num_trees";
    a_tree_for_an_output_that_does_not_exist: "3.2.0/softprob.json",
        |file| model(file)["tree_info"][2] = json!(3)
        => OutOfRange at "learner.gradient_booster.model.tree_info[2]";
    a_tree_for_a_negative_output: "3.2.0/softprob.json",
        |file| model(file)["tree_info"][0] = json!(-1)
        => OutOfRange at "learner.gradient_booster.model.tree_info[0]";
    leaf_vectors_that_1_7_does_not_have: "1.7.6/squarederror.json",
        |file| model(file)["gbtree_model_param"]["size_leaf_vector"] = json!("3")
        => OutOfRange at "learner.gradient_booster.model.gbtree_model_param.size_leaf_vector";
    outputs_of_trees_too_few: "3.2.0/softprob.json",
        |file| { model(file)["tree_info"].as_array_mut().unwrap().pop(); }
        => WrongLength at "learner.gradient_booster.model.tree_info";
    rounds_that_do_not_cover_the_trees: "3.2.0/squarederror.json",
        |file| model(file)["iteration_indptr"] = json!([0, 1, 2, 3])
        => Inconsistent at "learner.gradient_booster.model.iteration_indptr";
    rounds_that_go_back: "3.2.0/squarederror.json",
        |file| model(file)["iteration_indptr"] = json!([0, 3, 2, 4])
        => Inconsistent at "learner.gradient_booster.model.iteration_indptr";
    no_parallel_trees: "3.2.0/squarederror.json",
        |file| model(file)["gbtree_model_param"]["num_parallel_tree"] = json!("0")
        => OutOfRange at "learner.gradient_booster.model.gbtree_model_param.num_parallel_tree";
    a_dart_of_something_else: "3.2.0/dart.json",
        |file| learner(file)["gradient_booster"]["gbtree"]["name"] = json!("gblinear")
        => Inconsistent at "learner.gradient_booster.gbtree.name";
    dart_weights_too_few: "3.2.0/dart.json",
        |file| { learner(file)["gradient_booster"]["weight_drop"].as_array_mut().unwrap().pop(); }
        => WrongLength at "learner.gradient_booster.weight_drop";
    dart_weights_missing: "3.2.0/dart.json",
        |file| { learner(file)["gradient_booster"].as_object_mut().unwrap().remove("weight_drop"); }
        => MissingField at "learner.gradient_booster.weight_drop";
    a_dart_weight_beyond_float32: "3.2.0/dart.json",
        |file| learner(file)["gradient_booster"]["weight_drop"][1] = json!(1e39)
        => OutOfRange at "learner.gradient_booster.weight_drop[1]";
    dart_weights_in_two_places: "3.2.0/dart.json",
        |file| learner(file)["gradient_booster"]["gbtree"]["model"]["weight_drop"] = json!([1.0])
        => Inconsistent at "learner.gradient_booster.gbtree.model.weight_drop";
    dart_weights_on_vector_leaves: "3.2.0/vector_leaves.json",
        |file| model(file)["weight_drop"] = json!([0.5, 0.5, 0.5])
        => Unsupported at "learner.gradient_booster.model.weight_drop";
    a_field_of_the_booster_that_is_not_known: "3.2.0/squarederror.json",
        |file| learner(file)["gradient_booster"]["weight_drop"] = json!([0.5])
        => UnknownField at "learner.gradient_booster.weight_drop";

    // The learner.
    an_objective_that_is_not_known: "3.2.0/squarederror.json",
        |file| learner(file)["objective"]["name"] = json!("reg:expectileerror")
        => Unsupported at "learner.objective.name";
    no_features: "3.2.0/squarederror.json",
        |file| learner(file)["learner_model_param"]["num_feature"] = json!("0")
        => OutOfRange at "learner.learner_model_param.num_feature";
    an_absurd_number_of_features: "3.2.0/squarederror.json",
        |file| learner(file)["learner_model_param"]["num_feature"] = json!("4294967295")
        => OutOfRange at "learner.learner_model_param.num_feature";
    an_absurd_number_of_classes: "3.2.0/squarederror.json",
        |file| learner(file)["learner_model_param"]["num_class"] = json!("100000000")
        => OutOfRange at "learner.learner_model_param.num_class";
    classes_and_targets_together: "3.2.0/softprob.json",
        |file| learner(file)["learner_model_param"]["num_target"] = json!("3")
        => Inconsistent at "learner.learner_model_param.num_target";
    a_base_score_that_is_no_number: "3.2.0/squarederror.json",
        |file| learner(file)["learner_model_param"]["base_score"] = json!("[nan]")
        => OutOfRange at "learner.learner_model_param.base_score";
    a_base_score_that_json_does_not_have: "3.2.0/squarederror.json",
        |file| learner(file)["learner_model_param"]["base_score"] = json!("[.5]")
        => OutOfRange at "learner.learner_model_param.base_score";
    an_empty_base_score: "3.2.0/squarederror.json",
        |file| learner(file)["learner_model_param"]["base_score"] = json!("[]")
        => OutOfRange at "learner.learner_model_param.base_score";
    an_infinite_base_score: "3.2.0/squarederror.json",
        |file| learner(file)["learner_model_param"]["base_score"] = json!("1E39")
        => OutOfRange at "learner.learner_model_param.base_score";
    base_scores_for_other_outputs: "3.2.0/softprob.json",
        |file| learner(file)["learner_model_param"]["base_score"] = json!("[5E-1,5E-1]")
        => WrongLength at "learner.learner_model_param.base_score";
    a_base_score_that_is_no_probability: "3.2.0/logistic.json",
        |file| learner(file)["learner_model_param"]["base_score"] = json!("[1E0]")
        => OutOfRange at "learner.learner_model_param.base_score";
    a_base_score_without_a_logarithm: "3.2.0/objective_count_poisson.json",
        |file| learner(file)["learner_model_param"]["base_score"] = json!("[0E0]")
        => OutOfRange at "learner.learner_model_param.base_score";
    feature_names_too_few: "3.2.0/squarederror.json",
        |file| { learner(file)["feature_names"].as_array_mut().unwrap().pop(); }
        => WrongLength at "learner.feature_names";
    feature_names_twice: "3.2.0/squarederror.json",
        |file| learner(file)["feature_names"][1] = json!("month")
        => Inconsistent at "feature_names[2]";
    feature_names_as_numbers: "3.2.0/squarederror.json",
        |file| learner(file)["feature_names"] = json!([1, 2, 3, 4])
        => WrongType at "learner.feature_names";
    a_categorical_feature: "3.2.0/squarederror.json",
        |file| learner(file)["feature_types"] = json!(["q", "c", "q", "q"])
        => Unsupported at "learner.feature_types[1]";
    a_field_of_the_learner_that_is_not_known: "3.2.0/squarederror.json",
        |file| learner(file)["calibration"] = json!({})
        => UnknownField at "learner.calibration";
    a_version_before_1_7: "1.7.6/squarederror.json",
        |file| file["version"] = json!([1, 6, 2])
        => Unsupported at "version";
    a_version_to_come: "3.2.0/squarederror.json",
        |file| file["version"] = json!([4, 0, 0])
        => Unsupported at "version";
    no_version: "3.2.0/squarederror.json",
        |file| { file.as_object_mut().unwrap().remove("version"); }
        => MissingField at "version";
    no_learner: "3.2.0/squarederror.json",
        |file| { file.as_object_mut().unwrap().remove("learner"); }
        => MissingField at "learner";
    a_learner_that_is_an_array: "3.2.0/squarederror.json",
        |file| file["learner"] = json!([])
        => WrongType at "learner";
}

#[test]
fn models_that_xgboost_made_and_we_do_not_support() {
    for version in ["1.7.6", "2.0.3", "2.1.4", "3.1.3", "3.2.0"] {
        for kind in ["json", "ubj"] {
            let error = refusal(&bytes(&format!("{version}/refused/gblinear.{kind}")));
            assert_eq!(error.refusal, Refusal::Unsupported);
            assert!(error.to_string().contains("gblinear"), "{error}");
            let error = refusal(&bytes(&format!("{version}/refused/categorical.{kind}")));
            assert_eq!(error.refusal, Refusal::Unsupported);
            assert!(error.to_string().contains("categorical"), "{error}");
        }
    }
}

/// A refused fixture as text, with `from` replaced by `to` once.
fn edited(name: &str, from: &str, to: &str) -> ImportError {
    let text = String::from_utf8(bytes(name)).unwrap();
    assert!(text.contains(from), "{name} has no {from}");
    refusal(text.replacen(from, to, 1).as_bytes())
}

#[test]
fn numbers_that_are_none() {
    for word in ["NaN", "Infinity", "-Infinity"] {
        let text = String::from_utf8(bytes("3.2.0/squarederror.json")).unwrap();
        let (before, after) = text.split_once("\"split_conditions\":[").unwrap();
        let (_, after) = after.split_once(',').unwrap();
        let hostile = format!("{before}\"split_conditions\":[{word},{after}");
        let error = refusal(hostile.as_bytes());
        assert_eq!(error.place, at("split_conditions[0]"));
        assert_eq!(error.refusal, Refusal::OutOfRange);
    }
    let key = b"split_conditions[$d#L\0\0\0\0\0\0\0\x0f";
    let mut binary = bytes("3.2.0/squarederror.ubj");
    let start = binary.windows(key.len()).position(|window| window == key).unwrap() + key.len();
    for number in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        for node in [0, 14] {
            let mut hostile = binary.clone();
            let place = start + 4 * node;
            hostile[place..place + 4].copy_from_slice(&number.to_be_bytes());
            assert_eq!(refusal(&hostile).place, at(&format!("split_conditions[{node}]")));
        }
    }
    binary.truncate(start + 4);
    assert_eq!(refusal(&binary).refusal, Refusal::Syntax);
}

#[test]
fn keys_that_stand_twice() {
    let error = edited("3.2.0/squarederror.json", "{\"learner\":", "{\"learner\":{},\"learner\":");
    assert_eq!((error.refusal, &error.place[..]), (Refusal::DuplicateKey, "learner"));
    let twice = "\"num_trees\":\"4\",\"num_trees\":";
    let error = edited("3.2.0/squarederror.json", "\"num_trees\":", twice);
    let place = "learner.gradient_booster.model.gbtree_model_param.num_trees";
    assert_eq!((error.refusal, &error.place[..]), (Refusal::DuplicateKey, place));
    // The same key by another spelling.
    let error =
        edited("3.2.0/squarederror.json", "\"version\":", "\"v\\u0065rsion\":[3,2,0],\"version\":");
    assert_eq!((error.refusal, &error.place[..]), (Refusal::DuplicateKey, "version"));
}

#[test]
fn files_cut_short_anywhere() {
    for name in ["3.2.0/squarederror.json", "3.2.0/squarederror.ubj", "2.1.4/vector_leaves.json"] {
        let whole = bytes(name);
        for length in 1..whole.len() {
            let error = refusal(&whole[..length]);
            assert!(matches!(error.refusal, Refusal::Syntax), "{name} cut at {length}: {error}");
        }
    }
}

#[test]
fn data_after_the_end() {
    for (name, more) in [
        ("3.2.0/squarederror.json", &b"{}"[..]),
        ("3.2.0/squarederror.json", b"\0"),
        ("3.2.0/squarederror.ubj", b"Z"),
        ("3.2.0/squarederror.ubj", b"\n"),
    ] {
        let error = refusal(&[&bytes(name), more].concat());
        assert_eq!(error.refusal, Refusal::Syntax, "{error}");
        assert!(error.expected.contains("the end"), "{error}");
    }
}

#[test]
fn lengths_that_promise_more_than_the_file_holds() {
    for length in [i64::MAX, i64::MIN, -1, 1 << 40] {
        let length = length.to_be_bytes();
        for start in [&b"{L"[..], b"{L\0\0\0\0\0\0\0\x01a[#L", b"{L\0\0\0\0\0\0\0\x01a[$d#L"] {
            let error = refusal(&[start, &length].concat());
            assert_eq!(error.refusal, Refusal::Syntax, "{error}");
        }
    }
}

#[test]
fn doubles_that_float32_cannot_hold() {
    let document =
        |number: f64| [&b"{L\0\0\0\0\0\0\0\x07versionD"[..], &number.to_be_bytes(), b"}"].concat();
    assert_eq!(refusal(&document(0.1)).refusal, Refusal::Syntax);
    assert_eq!(refusal(&document(0.5)).refusal, Refusal::MissingField);
}

#[test]
fn nesting_that_would_overflow_a_stack() {
    let json = format!("{{\"learner\":{}", "[".repeat(5_000_000));
    assert_eq!(refusal(json.as_bytes()).refusal, Refusal::TooLarge);
    let objects = "{\"a\":".repeat(1_000_000);
    assert_eq!(refusal(objects.as_bytes()).refusal, Refusal::TooLarge);
    let ubj = [&b"{L\0\0\0\0\0\0\0\x01a"[..], &b"[".repeat(5_000_000)].concat();
    assert_eq!(refusal(&ubj).refusal, Refusal::TooLarge);
}

#[test]
fn more_numbers_than_any_model() {
    let mut json = String::from("{\"learner\":[0");
    json.push_str(&",0".repeat(1 << 24));
    json.push_str("]}");
    assert_eq!(refusal(json.as_bytes()).refusal, Refusal::TooLarge);
    let count = (1u64 << 24) + 1;
    let mut ubj = b"{L\0\0\0\0\0\0\0\x01a[$U#L".to_vec();
    ubj.extend(count.to_be_bytes());
    ubj.resize(ubj.len() + (1 << 24) + 1, 0);
    assert_eq!(refusal(&ubj).refusal, Refusal::TooLarge);
}

#[test]
fn escape_codes_for_a_terminal() {
    let wipe = "\u{1b}[2Jowned\u{7}";
    let error = refused("3.2.0/squarederror.json", |file| learner(file)[wipe] = json!(1));
    assert_eq!(error.place, "learner.?[2Jowned?");
    let name = |file: &mut Value| learner(file)["objective"]["name"] = json!(wipe);
    assert_eq!(refused("3.2.0/squarederror.json", name).got, "`?[2Jowned?`");
}

#[test]
fn other_formats_by_name() {
    let says = |bytes: &[u8], what: &str| {
        let error = refusal(bytes);
        assert!(error.to_string().contains(what), "{error}");
        assert_eq!(error.refusal, Refusal::UnknownFormat);
    };
    says(b"", "an empty file");
    says(b"binf\0\0", "old binary format");
    says(b"\xef\xbb\xbf{}", "byte order mark");
    says(&[0x1f, 0x8b, 8, 0], "gzip");
    says(b"tree\nversion=v4\n", "a file that begins otherwise");
    says(b"[1]", "a file that begins otherwise");
}

#[test]
fn a_file_that_is_not_there() {
    let error = import::read(Path::new("no/such/model.json")).unwrap_err();
    assert_eq!(error.refusal, Refusal::Unreadable);
    assert!(error.to_string().starts_with("no/such/model.json: "), "{error}");
}

/// A tree as deep as it has splits, 20,000 levels, through the whole importer.
#[test]
fn a_deep_unbalanced_tree_takes_no_stack() {
    let depth = 20_000usize;
    let nodes = 2 * depth + 1;
    let split = |at: usize| at.is_multiple_of(2) && at < nodes - 1;
    let column = |cell: &dyn Fn(usize) -> Value| Value::Array((0..nodes).map(cell).collect());
    let mut file: Value = serde_json::from_slice(&bytes("3.2.0/chain.json")).unwrap();
    let tree = tree(&mut file);
    tree["left_children"] = column(&|at| if split(at) { json!(at + 1) } else { json!(-1) });
    tree["right_children"] = column(&|at| if split(at) { json!(at + 2) } else { json!(-1) });
    tree["parents"] = column(&|at| match at {
        0 => json!(2_147_483_647),
        at => json!(at - 1 - (at + 1) % 2),
    });
    tree["split_conditions"] = column(&|at| json!(at as f32));
    for key in ["split_indices", "split_type", "default_left", "loss_changes", "sum_hessian"] {
        tree[key] = column(&|_| json!(0));
    }
    tree["base_weights"] = tree["loss_changes"].clone();
    tree["tree_param"]["num_nodes"] = json!(nodes.to_string());
    let model = import::from_bytes("deep", file.to_string().as_bytes()).unwrap();
    assert_eq!(model.leaf_of(0, &[Some(1e9)]), Some(nodes - 1));
    assert_eq!(model.leaf_of(0, &[Some(5.0)]), Some(7));
    assert_eq!(import::from_bytes("deep", &ubj::encode(&file)).unwrap(), model);
}

/// The largest model that is promised: 1,000 trees of depth 8.
#[test]
fn a_thousand_trees_of_depth_eight_are_read() {
    let nodes = 511usize;
    let column = |cell: &dyn Fn(usize) -> Value| Value::Array((0..nodes).map(cell).collect());
    let split = |at: usize| at < 255;
    let mut file: Value = serde_json::from_slice(&bytes("3.2.0/chain.json")).unwrap();
    let one = tree(&mut file);
    one["left_children"] = column(&|at| if split(at) { json!(2 * at + 1) } else { json!(-1) });
    one["right_children"] = column(&|at| if split(at) { json!(2 * at + 2) } else { json!(-1) });
    one["parents"] = column(&|at| if at == 0 { json!(-1) } else { json!((at - 1) / 2) });
    one["split_conditions"] = column(&|at| json!(at as f32 * 0.1));
    for key in ["split_indices", "split_type", "default_left", "loss_changes", "sum_hessian"] {
        one[key] = column(&|_| json!(0));
    }
    one["base_weights"] = one["split_conditions"].clone();
    one["tree_param"]["num_nodes"] = json!(nodes.to_string());
    let mut text = one.to_string();
    let cut = text.find("\"id\":0").unwrap();
    let rest = text.split_off(cut + 6);
    text.truncate(cut + 5);
    let trees: Vec<String> = (0..1000).map(|id| format!("{text}{id}{rest}")).collect();
    let model = model(&mut file);
    model["tree_info"] = json!(vec![0; 1000]);
    model["iteration_indptr"] = json!((0..=1000).collect::<Vec<i32>>());
    model["gbtree_model_param"]["num_trees"] = json!("1000");
    model["trees"] = json!(["TREES"]);
    let whole = file.to_string().replace("\"TREES\"", &trees.join(","));
    let model = import::from_bytes("large", whole.as_bytes()).unwrap();
    assert_eq!((model.trees.len(), model.num_nodes()), (1000, 511_000));
}

fn corpus() -> Vec<Vec<u8>> {
    ["squarederror", "dart", "vector_leaves", "pruned", "logistic_base"]
        .iter()
        .flat_map(|name| ["json", "ubj"].map(|kind| bytes(&format!("3.2.0/{name}.{kind}"))))
        .chain([bytes("1.7.6/softprob.ubj"), bytes("2.1.4/vector_leaves.json")])
        .collect()
}

/// Whatever was accepted keeps every promise of a model, and every row reaches a leaf.
fn keeps_its_promises(model: &Ensemble) {
    assert_eq!(model.validate(), Ok(()));
    for row in [vec![], vec![Some(0.0); model.num_features], vec![Some(-1e30); model.num_features]]
    {
        assert!((0..model.trees.len()).all(|at| model.leaf_of(at, &row).is_some()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    #[test]
    fn files_with_bytes_changed(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let corpus = corpus();
        let mut file = which.get(&corpus).clone();
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        if let Ok(model) = import::from_bytes("mutated", &file) {
            keeps_its_promises(&model);
        }
    }

    #[test]
    fn json_files_with_digits_changed(
        which in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        digit in prop::sample::select(b"0123456789-.eE".to_vec()),
    ) {
        let corpus = corpus();
        let mut file = which.get(&corpus).clone();
        let digits: Vec<usize> = (0..file.len()).filter(|at| file[*at].is_ascii_digit()).collect();
        let at = *at.get(&digits);
        file[at] = digit;
        if let Ok(model) = import::from_bytes("mutated", &file) {
            keeps_its_promises(&model);
        }
    }

    #[test]
    fn files_with_a_piece_moved(
        which in any::<prop::sample::Index>(),
        from in any::<prop::sample::Index>(),
        to in any::<prop::sample::Index>(),
        length in 1usize..64,
    ) {
        let corpus = corpus();
        let file = which.get(&corpus);
        let from = from.index(file.len());
        let piece = &file[from..(from + length).min(file.len())];
        let to = to.index(file.len());
        let moved = [&file[..to], piece, &file[to..]].concat();
        if let Ok(model) = import::from_bytes("mutated", &moved) {
            keeps_its_promises(&model);
        }
    }
}
