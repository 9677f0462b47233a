//! Two verifiers, one verdict: the contract, in an EVM, and the native one, on honest and on spoiled proofs; and
//! snark-verifier as a third opinion where its own encoding allows the input.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;
#[path = "evm/contract.rs"]
mod contract;
mod evm;

use contract::Contract;
use evm::Fixture;
use halo2_proofs::halo2curves::bn256::{Bn256, Fr, G1Affine, G1};
use halo2_proofs::halo2curves::ff::{Field, PrimeField};
use halo2_proofs::halo2curves::group::Curve;
use halo2_proofs::poly::commitment::ParamsProver;
use rand_chacha::ChaCha20Rng;
use rand_core::RngCore;
use snark_verifier::loader::native::NativeLoader;
use snark_verifier::pcs::kzg::{Bdfg21, KzgAs, KzgDecidingKey};
use snark_verifier::system::halo2::transcript::evm::EvmTranscript;
use snark_verifier::system::halo2::{compile, Config};
use snark_verifier::verifier::plonk::{PlonkProtocol, PlonkVerifier};
use snark_verifier::verifier::SnarkVerifier;
use veracast_circuits::transcript::{coordinates, point_from, scalar_bytes, scalar_from};
use veracast_circuits::{KeyError, VerifyingKey};

/// A statement and a proof as they come from outside: any words, any bytes.
#[derive(Clone)]
struct Case {
    statement: Vec<[u8; 32]>,
    proof: Vec<u8>,
}

impl Case {
    fn of(fixture: &Fixture) -> Self {
        let statement = fixture.statement.iter().map(|word| scalar_bytes(*word)).collect();
        Self { statement, proof: fixture.proof.clone() }
    }

    fn canonical_statement(&self) -> Option<Vec<Fr>> {
        self.statement.iter().map(|word| scalar_from(*word)).collect()
    }

    fn word(&self, index: usize) -> [u8; 32] {
        self.proof[32 * index..32 * (index + 1)].try_into().unwrap()
    }

    fn set_word(&mut self, index: usize, word: [u8; 32]) {
        self.proof[32 * index..32 * (index + 1)].copy_from_slice(&word);
    }

    fn set_point(&mut self, index: usize, point: G1Affine) {
        let [x, y] = coordinates(point).unwrap();
        self.set_word(index, x);
        self.set_word(index + 1, y);
    }
}

/// The three verifiers of one model.
struct Verifiers {
    native: VerifyingKey,
    third: PlonkProtocol<G1Affine>,
    deciding: KzgDecidingKey<Bn256>,
    contract: Contract,
    digest: [u8; 32],
    width: usize,
}

impl Verifiers {
    fn new(fixture: &Fixture) -> Self {
        let native = fixture.verifying_key();
        let shape = native.shape();
        let params = native.tau().verifier_params(shape.k).unwrap();
        let config = Config::kzg().with_num_instance(vec![shape.publics]);
        let third = compile(&params, native.plonk(), config);
        let deciding = KzgDecidingKey::new(params.get_g()[0], params.g2(), params.s_g2());
        let mut contract = Contract::deploy(&fixture.tau);
        let digest = contract.register(&fixture.key);
        assert_eq!(digest, native.digest().0, "digests");
        Self { native, third, deciding, contract, digest, width: shape.width }
    }

    /// First word of the evaluations, and the word after the last.
    fn evaluations(&self) -> (usize, usize) {
        let first = 2 * (11 + self.width);
        (first, first + 20 + 3 * self.width)
    }

    fn is_point(&self, index: usize) -> bool {
        let (first, end) = self.evaluations();
        index < first || index >= end
    }

    fn native(&self, case: &Case) -> bool {
        case.canonical_statement()
            .is_some_and(|statement| self.native.verify(&statement, &case.proof).is_ok())
    }

    /// snark-verifier's verdict; none where the encoding is not canonical, which it does not check as we do.
    fn third(&self, case: &Case) -> Option<bool> {
        type Verifier = PlonkVerifier<KzgAs<Bn256, Bdfg21>>;
        let (_, end) = self.evaluations();
        let statement = case.canonical_statement()?;
        if statement.len() != self.native.shape().publics || case.proof.len() != 32 * (end + 4) {
            return None;
        }
        let mut index = 0;
        while index < end + 4 {
            if self.is_point(index) {
                point_from(case.word(index), case.word(index + 1)).ok()?;
                index += 2;
            } else {
                scalar_from(case.word(index))?;
                index += 1;
            }
        }
        let mut transcript = EvmTranscript::<G1Affine, NativeLoader, _, _>::new(&*case.proof);
        let statement = [statement];
        let proof =
            Verifier::read_proof(&self.deciding, &self.third, &statement, &mut transcript).ok()?;
        Some(Verifier::verify(&self.deciding, &self.third, &statement, &proof).is_ok())
    }

    /// The common verdict. Panics where the verifiers differ.
    fn verdict(&mut self, case: &Case, with_third: bool, what: &str) -> bool {
        let native = self.native(case);
        let (on_chain, gas) = self.contract.verify(self.digest, &case.statement, &case.proof);
        assert_eq!(native, on_chain, "{what}: native says {native}, the contract {on_chain}");
        assert!(gas < 400_000, "{what}: {gas} gas");
        if with_third {
            if let Some(third) = self.third(case) {
                assert_eq!(native, third, "{what}: snark-verifier says {third}");
            }
        }
        native
    }
}

fn pick(rng: &mut ChaCha20Rng, end: usize) -> usize {
    common::below(rng, end as u64) as usize
}

/// Adds a field's order to a word until it no longer fits, a random number of times.
fn alias(rng: &mut ChaCha20Rng, word: [u8; 32], order: &num_bigint::BigUint) -> [u8; 32] {
    let limit = num_bigint::BigUint::from(1u8) << 256;
    let mut value = num_bigint::BigUint::from_bytes_be(&word) + order;
    while &value + order < limit && pick(rng, 2) == 0 {
        value += order;
    }
    let bytes = value.to_bytes_be();
    let mut word = [0; 32];
    word[32 - bytes.len()..].copy_from_slice(&bytes);
    word
}

fn order(digits: &str) -> num_bigint::BigUint {
    num_bigint::BigUint::parse_bytes(digits.trim_start_matches("0x").as_bytes(), 16).unwrap()
}

/// Spoils `case` in one of the ways that proofs are attacked; its name.
fn spoil(rng: &mut ChaCha20Rng, verifiers: &Verifiers, case: &mut Case) -> &'static str {
    let base = order("0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47");
    let scalar = order(Fr::MODULUS);
    let (first, end) = verifiers.evaluations();
    let points: Vec<usize> = (0..first).step_by(2).chain([end, end + 2]).collect();
    let evaluation = first + pick(rng, end - first);
    let point = points[pick(rng, points.len())];
    let public = pick(rng, case.statement.len());
    let random = Fr::random(&mut *rng);
    let length = case.proof.len();
    match pick(rng, 14) {
        0 => {
            case.proof[pick(rng, length)] ^= 1 << pick(rng, 8);
            "a bit of the proof"
        }
        1 => {
            case.proof[pick(rng, length)] = rng.next_u32() as u8;
            "a byte of the proof"
        }
        2 => {
            case.set_word(evaluation, scalar_bytes(random));
            "another evaluation"
        }
        3 => {
            let honest = scalar_from(case.word(evaluation)).unwrap();
            case.set_word(evaluation, scalar_bytes(honest + Fr::ONE));
            "an evaluation plus one"
        }
        4 => {
            let word = alias(rng, case.word(evaluation), &scalar);
            case.set_word(evaluation, word);
            "an evaluation's alias"
        }
        5 => {
            case.set_point(point, (G1::generator() * random).to_affine());
            "another point"
        }
        6 => {
            let honest = point_from(case.word(point), case.word(point + 1)).unwrap();
            case.set_point(point, -honest);
            "a point's negative"
        }
        7 => {
            case.set_word(point, [0; 32]);
            case.set_word(point + 1, [0; 32]);
            "infinity"
        }
        8 => {
            let index = point + pick(rng, 2);
            let word = alias(rng, case.word(index), &base);
            case.set_word(index, word);
            "a coordinate's alias"
        }
        9 => {
            let other = points[pick(rng, points.len())];
            let (a, b) = ([point, point + 1], [other, other + 1]);
            for (a, b) in a.into_iter().zip(b) {
                let (at_a, at_b) = (case.word(a), case.word(b));
                case.set_word(a, at_b);
                case.set_word(b, at_a);
            }
            "two points exchanged, or one with itself"
        }
        10 => {
            case.proof.resize(length + pick(rng, 97) - 48, 0);
            "another length, or the same"
        }
        11 => {
            case.statement[public] = scalar_bytes(random);
            "another public input"
        }
        12 => {
            case.statement[public] = alias(rng, case.statement[public], &scalar);
            "a public input's alias"
        }
        _ => {
            if pick(rng, 2) == 0 {
                case.statement.pop();
            } else {
                case.statement.push([0; 32]);
            }
            "another number of public inputs"
        }
    }
}

#[test]
fn native_and_on_chain_verifier_agree_on_spoiled_proofs() {
    let (mut accepted, mut cases) = (0, 0);
    for (seed, name) in [(11, "width1"), (12, "width2")] {
        let fixture = Fixture::read(name);
        let mut verifiers = Verifiers::new(&fixture);
        let honest = Case::of(&fixture);
        assert!(verifiers.verdict(&honest, true, name), "{name}: the honest proof");
        assert_eq!(verifiers.third(&honest), Some(true), "{name}: the third opinion");
        let mut rng = common::rng(seed);
        for round in 0..280 {
            let mut case = honest.clone();
            let what = spoil(&mut rng, &verifiers, &mut case);
            let same = case.proof == honest.proof && case.statement == honest.statement;
            let verdict = verifiers.verdict(&case, round % 4 == 0, what);
            assert_eq!(verdict, same, "{name}, {what}");
            accepted += usize::from(verdict);
            cases += 1;
        }
    }
    assert!(cases >= 500 && accepted < cases / 10, "{accepted} of {cases} were not spoiled");
}

#[test]
fn all_three_accept_fresh_proofs_of_random_statements() {
    let (key, srs) = evm::proving_key("width2");
    let mut rng = common::rng(13);
    let mut verifiers = None;
    for round in 0..4 {
        let day_price = common::below(&mut rng, 20_000_000) as i128 - 10_000_000;
        let cost = 1 + common::below(&mut rng, 1_000_000_000) as i128;
        let price = 1_000 + common::below(&mut rng, 9_999_000) as i128;
        let month = 1 + common::below(&mut rng, 12) as i128;
        let values = [day_price, cost, price, month, 0];
        let binding = Fr::random(&mut rng);
        let fresh = evm::prove("width2", &key, &srs, &values, binding, rand_core::OsRng);
        let verifiers = verifiers.get_or_insert_with(|| Verifiers::new(&fresh));
        let case = Case::of(&fresh);
        assert!(verifiers.verdict(&case, true, "a fresh proof"), "round {round}");
        assert_eq!(verifiers.third(&case), Some(true), "round {round}");
    }
}

/// Whatever key the native reader takes, the registry takes; what the registry takes beyond that is a key whose
/// transcript seed is not the one of its shape and commitments: a model that nobody can prove anything about natively.
#[test]
fn native_reader_and_registry_agree_on_spoiled_keys() {
    let fixture = Fixture::read("width1");
    let mut contract = Contract::deploy(&fixture.tau);
    let mut rng = common::rng(14);
    let words = fixture.key.len() / 32;
    let (mut admitted, mut seeds) = (0, 0);
    for round in 0..300 {
        let mut key = fixture.key.clone();
        let at = if round % 2 == 0 { pick(&mut rng, 8) } else { pick(&mut rng, words) };
        let word = &mut key[32 * at..32 * (at + 1)];
        match pick(&mut rng, 5) {
            0 => word[pick(&mut rng, 32)] ^= 1 << pick(&mut rng, 8),
            1 => word[31] = pick(&mut rng, 40) as u8,
            2 => word[30] = pick(&mut rng, 8) as u8,
            3 => word.fill(0),
            _ => key.truncate(fixture.key.len() - pick(&mut rng, 70)),
        }
        let file = [key.as_slice(), &fixture.tau].concat();
        let native = VerifyingKey::from_bytes(&file);
        let on_chain = contract.admits(&key);
        match native {
            Ok(read) => {
                assert!(on_chain, "round {round}: word {at} is native's alone");
                assert_eq!(read.to_key_data(), key, "round {round}");
                admitted += 1;
            }
            Err(KeyError::Field { field: "transcript seed", .. }) => {
                seeds += usize::from(on_chain);
            }
            Err(error) => assert!(!on_chain, "round {round}: word {at} refused for {error}"),
        }
    }
    assert!(admitted > 0 && seeds > 0 && admitted + seeds < 200, "{admitted} and {seeds}");
}
