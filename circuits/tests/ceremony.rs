//! A tiny model, end to end under the real ceremony's file.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;
// The forge of hostile files is for the SRS's own tests.
#[allow(dead_code)]
mod support;

use rand_core::OsRng;
use veracast_circuits::srs::{Srs, Trust};
use veracast_circuits::trees::{Ensemble, Feature, Node, Tree};
use veracast_circuits::{
    evaluate, Fr, Layout, LayoutOptions, Op, Program, ProvingKey, VerifyingKey, Witness,
};

/// One split at 5: 30 below, 70 from there on.
fn stump() -> Program {
    let feature = Feature { value: 0, thresholds: vec![5] };
    let leaf = |value| Node::Leaf { values: vec![(0, value)] };
    let split = Node::Split { feature: 0, threshold: 0, left: 1, right: 2 };
    let tree = Tree { nodes: vec![split, leaf(30), leaf(70)] };
    let ensemble = Ensemble::new(vec![feature], vec![tree], vec![1]).unwrap();
    let input = common::input("x", 0, 9, true);
    Program::new(vec![input], vec![Op::Trees(ensemble)], vec![1], [1; 32]).unwrap()
}

#[test]
fn a_tiny_model_is_proven_under_the_real_ceremony() {
    let program = stump();
    let options = LayoutOptions { limb_bits: 4, k: 5..=8, ..LayoutOptions::default() };
    let k = Layout::new(&program, &options).unwrap().shape().k;
    let srs =
        Srs::import(std::io::Cursor::new(support::ceremony_file()), k, Trust::Published).unwrap();
    assert!(!srs.is_dev());
    let key = ProvingKey::new(program.clone(), &options, &srs).unwrap();
    let verifying = VerifyingKey::from_bytes(&key.verifying_key().to_bytes()).unwrap();
    assert!(verifying.tau().is_published_ceremony());
    for (x, wanted) in [(0, 31), (4, 31), (5, 71), (9, 71)] {
        let trace = evaluate(&program, &[x]).unwrap();
        assert_eq!(trace.outputs(&program), [wanted]);
        let proof = key.prove(&srs, &trace, Fr::from(3), OsRng).unwrap();
        let instance = Witness::new(&program, key.layout(), &trace, Fr::from(3)).instance;
        verifying.verify(&instance, &proof).unwrap();
        let mut wrong = instance.clone();
        wrong[1] += Fr::from(1);
        assert!(verifying.verify(&wrong, &proof).is_err());
    }
    let dev = ProvingKey::new(program, &options, &Srs::dev(k).unwrap()).unwrap();
    assert_ne!(dev.verifying_key().digest(), verifying.digest(), "the SRS is part of the digest");
}
