//! Random trees: one routing, whoever walks it, and circuits that prove it and nothing else.

use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use veracast_circuits::trees::{leaf_value, Ensemble, Feature, Node};
use veracast_circuits::{evaluate, signed, LayoutOptions, Op, Program};

use crate::common::forge::Model;
use crate::common::{below, input, random_thresholds, random_tree, rng};

#[derive(Clone, Debug)]
struct Case {
    seed: u64,
    features: usize,
    thresholds: usize,
    trees: usize,
    depth: usize,
    outputs: usize,
    width: usize,
    limb_bits: u32,
}

fn cases() -> impl Strategy<Value = Case> {
    (any::<u64>(), 1..5usize, 1..9usize, 0..4usize, 0..6usize, 1..4usize, 1..4usize, 4..9u32)
        .prop_map(|(seed, features, thresholds, trees, depth, outputs, width, limb_bits)| Case {
            seed,
            features,
            thresholds,
            trees,
            depth,
            outputs,
            width,
            limb_bits,
        })
}

const LO: i128 = -700;
const HI: i128 = 900;

impl Case {
    fn program(&self, rng: &mut ChaCha20Rng) -> Program {
        let inputs =
            (0..self.features).map(|f| input(&format!("x{f}"), LO, HI, f % 2 == 0)).collect();
        // Some thresholds lie outside the range.
        let features: Vec<Feature> = (0..self.features)
            .map(|value| Feature {
                value,
                thresholds: random_thresholds(rng, self.thresholds, LO - 300, HI + 300),
            })
            .collect();
        let counts: Vec<usize> = features.iter().map(|f| f.thresholds.len()).collect();
        let trees = (0..self.trees)
            .map(|_| random_tree(rng, &counts, self.depth, self.outputs, 5000))
            .collect();
        let base = (0..self.outputs).map(|o| o as i128 * 31 - 7).collect();
        let ensemble = Ensemble::new(features, trees, base).unwrap();
        let outputs = (0..self.outputs).map(|o| self.features + o).collect();
        Program::new(inputs, vec![Op::Trees(ensemble)], outputs, [6; 32]).unwrap()
    }

    /// Anything in range, thresholds and their neighbours most of all.
    fn inputs(&self, program: &Program, rng: &mut ChaCha20Rng) -> Vec<i128> {
        let Op::Trees(ensemble) = &program.ops()[0] else { unreachable!() };
        ensemble
            .features()
            .iter()
            .map(|feature| {
                let thresholds = &feature.thresholds;
                let near = thresholds[below(rng, thresholds.len() as u64) as usize]
                    + i128::from(below(rng, 3) as u32)
                    - 1;
                let any = LO + i128::from(below(rng, (HI - LO + 1) as u64));
                if below(rng, 4) == 0 {
                    any
                } else {
                    near.clamp(LO, HI)
                }
            })
            .collect()
    }
}

/// Node by node, value against threshold.
fn walk(ensemble: &Ensemble, inputs: &[i128]) -> Vec<i128> {
    let mut sums = ensemble.base().to_vec();
    for tree in ensemble.trees() {
        let mut at = &tree.nodes[0];
        while let Node::Split { feature, threshold, left, right } = at {
            let feature = &ensemble.features()[*feature];
            let goes_left = inputs[feature.value] < feature.thresholds[*threshold];
            at = &tree.nodes[if goes_left { *left } else { *right }];
        }
        if let Node::Leaf { values } = at {
            for (output, sum) in sums.iter_mut().enumerate() {
                *sum += leaf_value(values, output);
            }
        }
    }
    sums
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_trees_route_and_prove_as_a_naive_walk_says(case in cases()) {
        let mut rng = rng(case.seed);
        let program = case.program(&mut rng);
        let options = LayoutOptions {
            width: case.width,
            limb_bits: case.limb_bits,
            k: 6..=14,
            ..LayoutOptions::default()
        };
        let model = Model::new(program.clone(), &options);
        let Op::Trees(ensemble) = &program.ops()[0] else { unreachable!() };
        for _ in 0..2 {
            let inputs = case.inputs(&program, &mut rng);
            let trace = evaluate(&program, &inputs).unwrap();
            prop_assert_eq!(trace.outputs(&program), walk(ensemble, &inputs));
            let honest = model.forger(&inputs);
            prop_assert!(model.mock(&honest.witness(), None));
            // Any other leaf of any tree, its output with it, is refused.
            let boxes: Vec<usize> = honest.parts().boxes.iter().map(Vec::len).collect();
            if let Some(group) = (0..boxes.len()).max_by_key(|g| boxes[*g]) {
                let other = below(&mut rng, boxes[group] as u64) as usize;
                if other != honest.selected(group) {
                    let mut forger = honest.clone();
                    forger.select(group, other);
                    let change = forger.balance();
                    if case.outputs == 1 {
                        let first = signed(trace.outputs(&program)[0]);
                        forger.value(case.features, first + change).publish();
                    }
                    prop_assert!(!model.mock(&forger.witness(), None));
                }
            }
        }
    }
}
