//! Attacks on proofs, statements and the transcript, with real proofs.

use std::sync::OnceLock;

use halo2_proofs::halo2curves::bn256::{Fq, G1Affine};
use halo2_proofs::halo2curves::ff::{Field, PrimeField};
use halo2_proofs::transcript::{EncodedChallenge, Transcript, TranscriptRead, TranscriptWrite};
use num_bigint::BigUint;
use rand_core::OsRng;
use veracast_circuits::transcript::{
    coordinates, point_from, scalar_bytes, scalar_from, Challenge, ProofReader, ProofWriter,
};
use veracast_circuits::{
    evaluate, proof_length, Fr, Layout, ProvingKey, VerifyError, VerifyingKey, Witness,
};

use crate::common::forge::{order, srs};
use crate::common::models;

struct Proven {
    key: VerifyingKey,
    instance: Vec<Fr>,
    proof: Vec<u8>,
    /// Offsets of the points, and of the scalars.
    points: Vec<usize>,
    scalars: Vec<usize>,
}

fn prove() -> (ProvingKey, Vec<Fr>, Vec<u8>) {
    let options = models::narrow();
    let program = models::pair();
    let srs = srs(Layout::new(&program, &options).unwrap().shape().k);
    let key = ProvingKey::new(program, &options, &srs).unwrap();
    let trace = evaluate(key.program(), &[450]).unwrap();
    let proof = key.prove(&srs, &trace, Fr::from(99), OsRng).unwrap();
    let instance = Witness::new(key.program(), key.layout(), &trace, Fr::from(99)).instance;
    (key, instance, proof)
}

fn proven() -> &'static Proven {
    static PROVEN: OnceLock<Proven> = OnceLock::new();
    PROVEN.get_or_init(|| {
        let (key, instance, proof) = prove();
        // Points first, then evaluations, then the two points of the opening.
        let last = proof.len() - 128;
        let count = 12; // advice 5, lookup 3, random 1, quotient 3
        let points = (0..count).map(|i| 64 * i).chain([last, last + 64]).collect();
        let scalars = (64 * count..last).step_by(32).collect();
        Proven { key: key.verifying_key().clone(), instance, proof, points, scalars }
    })
}

fn refused(proof: &[u8]) -> bool {
    proven().key.verify(&proven().instance, proof).is_err()
}

fn replaced(at: usize, with: &[u8]) -> Vec<u8> {
    let mut proof = proven().proof.clone();
    proof[at..at + with.len()].copy_from_slice(with);
    proof
}

#[test]
fn attack_18_every_byte_of_a_proof_flipped() {
    let Proven { key, instance, proof, .. } = proven();
    key.verify(instance, proof).unwrap();
    assert_eq!(proof.len(), proof_length(key.shape()));
    for (position, byte) in proof.iter().enumerate() {
        let flipped = [byte ^ (1 << (position % 8))];
        assert!(refused(&replaced(position, &flipped)), "byte {position}");
    }
}

#[test]
fn attack_18_every_public_input_changed() {
    let Proven { key, instance, proof, .. } = proven();
    for position in 0..instance.len() {
        for change in [Fr::ONE, -Fr::ONE, Fr::from(1 << 40), -instance[position].double()] {
            let mut changed = instance.clone();
            changed[position] += change;
            if change != Fr::ZERO {
                assert_eq!(key.verify(&changed, proof), Err(VerifyError::Invalid));
            }
        }
    }
}

#[test]
fn attack_19_truncated_extended_and_trailing_data() {
    let proof = &proven().proof;
    for length in [0, 1, 31, 32, 64, proof.len() - 64, proof.len() - 32, proof.len() - 1] {
        assert!(matches!(
            proven().key.verify(&proven().instance, &proof[..length]),
            Err(VerifyError::Length { .. })
        ));
    }
    for more in [1usize, 32, 64, 1 << 16] {
        let extended = [proof.as_slice(), &vec![0; more]].concat();
        assert!(matches!(
            proven().key.verify(&proven().instance, &extended),
            Err(VerifyError::Length { .. })
        ));
    }
    let doubled = [proof.as_slice(), proof.as_slice()].concat();
    assert!(refused(&doubled));
}

#[test]
fn attack_20_and_26_a_scalar_plus_the_order_is_no_scalar() {
    let bytes = |n: &BigUint| {
        let mut word = [0u8; 32];
        let digits = n.to_bytes_be();
        word[32 - digits.len()..].copy_from_slice(&digits);
        word
    };
    // As a public input: the one reader of scalars refuses it.
    assert_eq!(scalar_from(bytes(&order())), None);
    assert_eq!(scalar_from(bytes(&(order() + 5u32))), None);
    assert_eq!(scalar_from([0xff; 32]), None);
    assert_eq!(scalar_from(bytes(&(order() - 1u32))), Some(-Fr::ONE));
    // As an evaluation inside a proof.
    let Proven { proof, scalars, .. } = proven();
    for at in scalars {
        let value = BigUint::from_bytes_be(&proof[*at..at + 32]);
        for multiple in 1u32..=4 {
            let alias = &value + order() * multiple;
            if alias.bits() <= 256 {
                assert!(refused(&replaced(*at, &bytes(&alias))), "offset {at}");
            }
        }
        assert!(refused(&replaced(*at, &[0xff; 32])));
    }
}

#[test]
fn attack_21_too_few_and_too_many_public_inputs() {
    let Proven { key, instance, proof, .. } = proven();
    let expected = instance.len();
    let padded = [instance.as_slice(), &[Fr::ZERO]].concat();
    let shifted = [&[Fr::ZERO], instance.as_slice()].concat();
    for wrong in [&instance[..0], &instance[..expected - 1], &instance[1..], &padded, &shifted] {
        let got = wrong.len();
        assert_eq!(key.verify(wrong, proof), Err(VerifyError::Publics { expected, got }));
    }
}

#[test]
fn attack_22_outputs_permuted() {
    let Proven { key, instance, proof, .. } = proven();
    for a in 0..instance.len() {
        for b in 0..a {
            let mut permuted = instance.clone();
            permuted.swap(a, b);
            assert_ne!(&permuted, instance);
            assert_eq!(key.verify(&permuted, proof), Err(VerifyError::Invalid));
        }
    }
}

#[test]
fn attack_25_points_off_the_curve_not_reduced_negated_or_infinite() {
    let Proven { proof, points, .. } = proven();
    let modulus = BigUint::from_bytes_le((-Fq::ONE).to_repr().as_ref()) + 1u32;
    let generator = coordinates(G1Affine::generator()).unwrap().concat();
    for at in points {
        let word = |from: usize| -> [u8; 32] { proof[from..from + 32].try_into().unwrap() };
        let (x, y) = (word(*at), word(at + 32));
        let point = point_from(x, y).unwrap();
        assert!(refused(&replaced(*at, &[0; 64])), "infinity");
        assert!(refused(&replaced(*at, &generator)), "the generator");
        assert!(refused(&replaced(*at, &coordinates(-point).unwrap().concat())), "negated");
        assert!(refused(&replaced(*at, &coordinates((point + point).into()).unwrap().concat())));
        assert!(refused(&replaced(*at, &[x, x].concat())), "off the curve");
        for from in [*at, at + 32] {
            let alias = BigUint::from_bytes_be(&word(from)) + &modulus;
            assert!(alias.bits() <= 256);
            let digits = alias.to_bytes_be();
            let mut bytes = [0u8; 32];
            bytes[32 - digits.len()..].copy_from_slice(&digits);
            assert!(refused(&replaced(from, &bytes)), "a coordinate above the modulus");
            assert!(point_from(bytes, y).is_err());
        }
    }
    assert!(point_from([0; 32], [0; 32]).is_err());
    assert!(coordinates(G1Affine::default()).is_err());
}

#[test]
fn attack_27_every_absorbed_item_changes_every_later_challenge() {
    let challenges = |changed: Option<usize>| -> Vec<Fr> {
        let mut writer = ProofWriter::default();
        let mut all = Vec::new();
        for item in 0..8u64 {
            let number = Fr::from(1000 + item + 77 * u64::from(changed == Some(item as usize)));
            match item % 4 {
                0 => writer.common_scalar(number).unwrap(),
                1 => writer.write_scalar(number).unwrap(),
                2 => writer.common_point((G1Affine::generator() * number).into()).unwrap(),
                _ => writer.write_point((G1Affine::generator() * number).into()).unwrap(),
            }
            all.push(writer.squeeze_challenge().get_scalar());
            if item == 3 {
                all.push(writer.squeeze_challenge().get_scalar());
            }
        }
        all
    };
    let honest = challenges(None);
    let distinct: std::collections::HashSet<_> = honest.iter().collect();
    assert_eq!(distinct.len(), honest.len());
    for item in 0..8 {
        let changed = challenges(Some(item));
        let first = item + usize::from(item > 3);
        assert_eq!(honest[..first], changed[..first]);
        assert!(honest[first..].iter().zip(&changed[first..]).all(|(a, b)| a != b), "{item}");
    }
}

#[test]
fn attack_27_writer_and_reader_absorb_the_same() {
    let mut writer = ProofWriter::default();
    writer.common_scalar(Fr::from(3)).unwrap();
    writer.write_point(G1Affine::generator()).unwrap();
    let first: Challenge = writer.squeeze_challenge();
    writer.write_scalar(-Fr::ONE).unwrap();
    let second: Challenge = writer.squeeze_challenge();
    let proof = writer.into_proof();
    let mut reader = ProofReader::new(&proof);
    reader.common_scalar(Fr::from(3)).unwrap();
    assert_eq!(reader.read_point().unwrap(), G1Affine::generator());
    assert_eq!(reader.squeeze_challenge().get_scalar(), first.get_scalar());
    assert_eq!(reader.read_scalar().unwrap(), -Fr::ONE);
    assert_eq!(reader.squeeze_challenge().get_scalar(), second.get_scalar());
    assert_eq!(reader.rest(), 0);
    assert!(reader.read_scalar().is_err());
}

#[test]
fn attack_17_two_proofs_of_one_run_share_nothing() {
    // Blinding comes anew for every proof: no point and no evaluation repeats, but those of the
    // fixed columns, whose evaluation point differs too.
    let (key, instance, first) = prove();
    let trace = evaluate(key.program(), &[450]).unwrap();
    let second = key.prove(&srs(key.layout().shape().k), &trace, Fr::from(99), OsRng).unwrap();
    key.verifying_key().verify(&instance, &first).unwrap();
    key.verifying_key().verify(&instance, &second).unwrap();
    let shared = first.chunks(32).zip(second.chunks(32)).filter(|(a, b)| a == b).count();
    let constant_zero = first.chunks(32).filter(|word| **word == scalar_bytes(Fr::ZERO)).count();
    assert_eq!(shared, constant_zero);
}
