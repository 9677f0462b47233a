//! Small models for the tests.
#![allow(clippy::unwrap_used, dead_code, missing_docs, unreachable_pub)]

pub mod forge;
pub mod models;

use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};
use veracast_circuits::trees::{Ensemble, Feature, Node, Tree};
use veracast_circuits::{Input, Interval, Op, Program};

pub fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

pub fn input(name: &str, lo: i128, hi: i128, public: bool) -> Input {
    Input { name: name.into(), range: Interval::new(lo, hi), public, missing_flag_of: None }
}

/// A number in `0..bound`.
pub fn below(rng: &mut ChaCha20Rng, bound: u64) -> u64 {
    rng.next_u64() % bound
}

/// A random tree of at most `depth` over `thresholds[feature]` thresholds per feature.
pub fn random_tree(
    rng: &mut ChaCha20Rng,
    thresholds: &[usize],
    depth: usize,
    outputs: usize,
    leaf: i128,
) -> Tree {
    let mut nodes = vec![Node::Leaf { values: vec![] }];
    let mut open = vec![(0usize, depth)];
    while let Some((at, depth)) = open.pop() {
        if depth == 0 || (at != 0 && below(rng, 12) == 0) {
            let output = below(rng, outputs as u64) as usize;
            let value = below(rng, 2 * leaf as u64) as i128 - leaf;
            nodes[at] = Node::Leaf { values: vec![(output, value)] };
            continue;
        }
        let feature = below(rng, thresholds.len() as u64) as usize;
        let threshold = below(rng, thresholds[feature] as u64) as usize;
        let (left, right) = (nodes.len(), nodes.len() + 1);
        nodes.push(Node::Leaf { values: vec![] });
        nodes.push(Node::Leaf { values: vec![] });
        nodes[at] = Node::Split { feature, threshold, left, right };
        open.push((left, depth - 1));
        open.push((right, depth - 1));
    }
    Tree { nodes }
}

/// Sorted distinct thresholds inside `lo..=hi`.
pub fn random_thresholds(rng: &mut ChaCha20Rng, count: usize, lo: i128, hi: i128) -> Vec<i128> {
    let mut all: Vec<i128> =
        (0..4 * count).map(|_| lo + below(rng, (hi - lo + 1) as u64) as i128).collect();
    all.sort_unstable();
    all.dedup();
    while all.len() > count {
        let index = below(rng, all.len() as u64) as usize;
        all.remove(index);
    }
    all
}

/// A bare ensemble over public features of 32 bits.
pub fn bare(seed: u64, features: usize, thresholds: usize, trees: usize, depth: usize) -> Program {
    let mut rng = rng(seed);
    let (lo, hi) = (8_388_608i128, 4_286_578_687i128);
    let inputs: Vec<_> = (0..features).map(|f| input(&format!("x{f}"), lo, hi, true)).collect();
    let specs: Vec<Feature> = (0..features)
        .map(|value| Feature { value, thresholds: random_thresholds(&mut rng, thresholds, lo, hi) })
        .collect();
    let counts: Vec<usize> = specs.iter().map(|s| s.thresholds.len()).collect();
    let trees = (0..trees).map(|_| random_tree(&mut rng, &counts, depth, 1, 1 << 30)).collect();
    let ensemble = Ensemble::new(specs, trees, vec![12_345]).unwrap();
    Program::new(inputs, vec![Op::Trees(ensemble)], vec![features], [7; 32]).unwrap()
}

/// A small model with every operation: a quotient, a clip, a private input and a missing flag.
pub fn small_hedge() -> Program {
    hedge(3, 6, true)
}

/// [`small_hedge`] with other trees, or fewer of them, and its missing flag public or not.
pub fn hedge(seed: u64, trees: usize, public_flag: bool) -> Program {
    let mut rng = rng(seed);
    let mut inputs = vec![
        input("e", -10_000_000, 10_000_000, false),
        input("c2", 1, 1_000_000_000, false),
        input("price", 1_000, 10_000_000, true),
        input("month", 1, 12, true),
        input("missing", 0, 1, public_flag),
    ];
    inputs[4].missing_flag_of = Some(3);
    let ratio_thresholds = vec![-70_000, -3, 0, 1, 512, 1024, 2048, 9000];
    let specs = vec![
        Feature { value: 7, thresholds: vec![0, 2, 5, 9, 12, 13] },
        Feature { value: 8, thresholds: vec![1, 4, 12, 13] },
        Feature { value: 6, thresholds: ratio_thresholds },
    ];
    let counts: Vec<usize> = specs.iter().map(|s| s.thresholds.len()).collect();
    let trees = (0..trees).map(|_| random_tree(&mut rng, &counts, 3, 1, 20_000)).collect();
    let ensemble = Ensemble::new(specs, trees, vec![65_536]).unwrap();
    let limit = (1 << 24) - 1;
    let ops = vec![
        // 5: numerator of the ratio, 6: ratio, 7: missing below all, 8: missing above all.
        Op::Linear { terms: vec![(61_440, 0)], constant: 0 },
        Op::DivFloor { num: 5, den: 1, result: Interval::new(-limit, limit), name: "ratio".into() },
        Op::Linear { terms: vec![(1, 3), (-1, 4)], constant: 0 },
        Op::Linear { terms: vec![(1, 3), (12, 4)], constant: 0 },
        // 9: the trees, 10: clipped, 11: blend, 12: positive part, 13: product, 14: divisor.
        Op::Trees(ensemble),
        Op::Clip { x: 9, lo: 32_768, hi: 131_072 },
        Op::Linear { terms: vec![(420, 0), (13, 1)], constant: 0 },
        Op::Clip { x: 11, lo: 0, hi: 20_000_000_000 },
        Op::Mul { a: 12, b: 10 },
        Op::Linear { terms: vec![(2048, 2)], constant: 0 },
        Op::Linear { terms: vec![(78_125 * 2, 13)], constant: 0 },
        // 16: the amount, 17: a constant of the model.
        Op::DivCeil { num: 15, den: 14, result: Interval::new(0, 1 << 64), name: "amount".into() },
        Op::Linear { terms: vec![], constant: 2 },
    ];
    Program::new(inputs, ops, vec![17, 16], [9; 32]).unwrap()
}
