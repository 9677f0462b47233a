//! Attacks on keys: other models under one digest, key files with foreign parts.

use std::collections::HashMap;

use halo2_proofs::halo2curves::bn256::{G1Affine, G2Affine};
use rand_core::OsRng;
use veracast_circuits::keys::KEY_HEAD_WORDS;
use veracast_circuits::transcript::{coordinates, scalar_bytes};
use veracast_circuits::trees::{Ensemble, Node, Tree};
use veracast_circuits::{
    evaluate, Fr, Input, LayoutOptions, ModelDigest, Op, Program, ProvingKey, VerifyingKey, Witness,
};

use crate::common::forge::srs;
use crate::common::{input, models};

fn key_of(program: Program, options: &LayoutOptions) -> ProvingKey {
    let k = veracast_circuits::Layout::new(&program, options).unwrap().shape().k;
    ProvingKey::new(program, options, &srs(k)).unwrap()
}

fn prove(key: &ProvingKey, inputs: &[i128]) -> (Vec<Fr>, Vec<u8>) {
    let trace = evaluate(key.program(), inputs).unwrap();
    let witness = Witness::new(key.program(), key.layout(), &trace, Fr::from(99));
    let proof = key.prove(&srs(key.layout().shape().k), &trace, Fr::from(99), OsRng).unwrap();
    (witness.instance, proof)
}

/// What a model is made of, each part open to a small change.
#[derive(Clone)]
struct Parts {
    inputs: Vec<Input>,
    thresholds: Vec<i128>,
    trees: Vec<Tree>,
    base: i128,
    /// Constant of the value that the second feature compares: a missing value's direction.
    direction: i128,
    outputs: Vec<usize>,
    spec: [u8; 32],
}

impl Parts {
    fn new() -> Self {
        let mut inputs = vec![input("x", 0, 1000, true), input("m", 0, 1, true)];
        inputs[1].missing_flag_of = Some(0);
        let nodes = vec![
            models::split(0, 0, 1, 2),
            models::leaf(3),
            models::split(0, 1, 3, 4),
            models::leaf(4),
            models::leaf(5),
        ];
        Self {
            inputs,
            thresholds: vec![200, 700],
            trees: vec![Tree { nodes }],
            base: 9,
            direction: -1,
            outputs: vec![3],
            spec: [8; 32],
        }
    }

    fn program(self) -> Program {
        let feature = models::feature(2, &self.thresholds);
        let ensemble = Ensemble::new(vec![feature], self.trees, vec![self.base]).unwrap();
        let ops = vec![
            Op::Linear { terms: vec![(1, 0), (self.direction, 1)], constant: 0 },
            Op::Trees(ensemble),
        ];
        Program::new(self.inputs, ops, self.outputs, self.spec).unwrap()
    }
}

#[test]
fn attack_14_15_and_23_another_model_has_another_digest_and_refuses_the_proof() {
    let mut models: Vec<(&str, Parts)> = vec![("the model", Parts::new())];
    let mut change = |what, edit: &dyn Fn(&mut Parts)| {
        let mut parts = Parts::new();
        edit(&mut parts);
        models.push((what, parts));
    };
    change("a leaf", &|p| p.trees[0].nodes[3] = models::leaf(40));
    change("the leaves swapped", &|p| p.trees[0].nodes.swap(3, 4));
    change("a threshold", &|p| p.thresholds[0] = 201);
    change("the base", &|p| p.base = 10);
    change("a padding tree that adds", &|p| {
        p.trees.push(Tree { nodes: vec![Node::Leaf { values: vec![(0, 2)] }] });
    });
    change("a tree twice", &|p| p.trees.push(p.trees[0].clone()));
    change("the direction of missing values", &|p| p.direction = 1001);
    change("a range", &|p| p.inputs[0].range.hi = 999);
    change("a private input", &|p| p.inputs[1].public = false);
    change("no missing flag", &|p| p.inputs[1].missing_flag_of = None);
    change("other outputs", &|p| p.outputs = vec![2]);
    change("the meaning", &|p| p.spec[31] = 9);

    let options = models::narrow();
    let mut digests: HashMap<ModelDigest, &str> = HashMap::new();
    let mut proven = None;
    for (what, parts) in models {
        let program = parts.program();
        let key = key_of(program.clone(), &options);
        let again = key_of(program, &options);
        assert_eq!(key.verifying_key().digest(), again.verifying_key().digest());
        assert_eq!(digests.insert(key.verifying_key().digest(), what), None, "{what}");
        let (instance, proof) = proven.get_or_insert_with(|| prove(&key, &[450, 0])).clone();
        let verdict = key.verifying_key().verify(&instance, &proof);
        // What the integers mean is in the digest alone.
        assert_eq!(verdict.is_ok(), ["the model", "the meaning"].contains(&what), "{what}");
    }
}

#[test]
fn attack_24_every_byte_of_a_key_file_changed() {
    let key = key_of(models::solo(), &models::narrow());
    let (instance, proof) = prove(&key, &[150]);
    let bytes = key.verifying_key().to_bytes();
    VerifyingKey::from_bytes(&bytes).unwrap().verify(&instance, &proof).unwrap();
    let spec_hash = 5 * 32..6 * 32;
    for position in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[position] ^= 1 << (position % 8);
        match VerifyingKey::from_bytes(&changed) {
            Err(_) => assert!(!spec_hash.contains(&position)),
            Ok(other) => {
                assert!(spec_hash.contains(&position), "byte {position} is not checked");
                assert_ne!(other.digest(), key.verifying_key().digest());
            }
        }
    }
    for length in [0, 1, 31, 32, KEY_HEAD_WORDS * 32, bytes.len() - 64, bytes.len() - 1] {
        assert!(VerifyingKey::from_bytes(&bytes[..length]).is_err());
    }
    let trailing = [bytes.as_slice(), &[0]].concat();
    assert!(VerifyingKey::from_bytes(&trailing).is_err());
}

#[test]
fn attack_24_and_58_key_files_put_together_from_parts() {
    let key = key_of(models::solo(), &models::narrow());
    let (instance, proof) = prove(&key, &[150]);
    let bytes = key.verifying_key().to_bytes();
    let with = |word: usize, value: &[u8]| {
        let mut changed = bytes.clone();
        changed[32 * word..32 * word + value.len()].copy_from_slice(value);
        VerifyingKey::from_bytes(&changed)
    };
    let number = |n: u64| scalar_bytes(Fr::from(n));
    // Shapes: out of range, another, too large to count.
    let shape = key.verifying_key().shape();
    for (word, fields) in [
        (1, vec![0, 4, 25, u64::from(shape.k) + 1, u64::from(shape.k) - 1, 1 << 32]),
        (2, vec![0, 2, 33, u64::MAX]),
        (3, vec![0, 1, shape.period as u64 + 1, shape.rows() as u64 - 1, 1 << 40]),
        (4, vec![0, shape.rows() as u64, 1025]),
    ] {
        for value in fields {
            assert!(with(word, &number(value)).is_err(), "word {word}: {value}");
        }
        assert!(with(word, &[0xff; 32]).is_err());
    }
    // The number of public inputs is no part of halo2's own key; it is part of the digest.
    let fewer = with(4, &number(shape.publics as u64 - 1)).unwrap();
    assert_ne!(fewer.digest(), key.verifying_key().digest());
    assert!(fewer.verify(&instance, &proof).is_err());
    assert!(fewer.verify(&instance[..instance.len() - 1], &proof).is_err());
    // Commitments: infinity, another point, two exchanged, off the curve, not reduced.
    let point = |point: G1Affine| coordinates(point).unwrap().concat();
    let first = KEY_HEAD_WORDS;
    assert!(with(first, &[0; 64]).is_err());
    assert!(with(first, &point(G1Affine::generator())).is_err());
    assert!(with(first, &[1; 64]).is_err());
    assert!(with(first, &[0xff; 64]).is_err());
    let mut exchanged = bytes.clone();
    let (a, b) = (32 * first, 32 * first + 64);
    exchanged.copy_within(b..b + 64, a);
    exchanged[b..b + 64].copy_from_slice(&bytes[a..a + 64]);
    assert!(VerifyingKey::from_bytes(&exchanged).is_err());
    // A foreign tau, its digest with it: another digest, and the proof is none.
    let two = G2Affine::from(G2Affine::generator() * Fr::from(2));
    let mut tau = [0u8; 128];
    for (chunk, part) in tau.chunks_exact_mut(32).zip([two.x.c1, two.x.c0, two.y.c1, two.y.c0]) {
        chunk.copy_from_slice(&part.to_bytes());
        chunk.reverse();
    }
    let foreign = veracast_circuits::srs::TauG2::from_evm_bytes(&tau).unwrap();
    let mut changed = bytes.clone();
    let end = changed.len();
    changed[end - 128..].copy_from_slice(&tau);
    assert!(VerifyingKey::from_bytes(&changed).is_err());
    changed[6 * 32..7 * 32].copy_from_slice(&foreign.digest());
    let other = VerifyingKey::from_bytes(&changed).unwrap();
    assert_ne!(other.digest(), key.verifying_key().digest());
    assert!(other.verify(&instance, &proof).is_err());
}
