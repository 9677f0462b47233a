//! The Fiat-Shamir transcript: Keccak-256 over 32-byte big-endian words, cheap on chain.
//!
//! Absorbed words are kept until a challenge is asked for; the challenge is the hash of all of them
//! modulo the scalar field's order, and the hash itself becomes the first word of what follows. A
//! second challenge right after a first hashes that one word and the byte 1. This is the transcript
//! of snark-verifier's EVM loader, so that code can serve as an independent opinion.

use std::io;

use halo2_proofs::halo2curves::bn256::{Fq, Fr, G1Affine};
use halo2_proofs::halo2curves::ff::{FromUniformBytes, PrimeField};
use halo2_proofs::halo2curves::CurveAffine;
use halo2_proofs::transcript::{EncodedChallenge, Transcript, TranscriptRead, TranscriptWrite};
use sha3::{Digest, Keccak256};

/// A challenge, already reduced.
#[derive(Clone, Copy, Debug)]
pub struct Challenge(Fr);

impl EncodedChallenge<G1Affine> for Challenge {
    type Input = [u8; 32];

    fn new(hash: &[u8; 32]) -> Self {
        let mut wide = [0u8; 64];
        for (low, byte) in wide.iter_mut().zip(hash.iter().rev()) {
            *low = *byte;
        }
        Self(Fr::from_uniform_bytes(&wide))
    }

    fn get_scalar(&self) -> Fr {
        self.0
    }
}

#[derive(Clone, Debug, Default)]
struct Sponge {
    words: Vec<u8>,
}

impl Sponge {
    fn absorb(&mut self, word: [u8; 32]) {
        self.words.extend_from_slice(&word);
    }

    fn absorb_point(&mut self, point: G1Affine) -> io::Result<()> {
        let [x, y] = coordinates(point)?;
        self.absorb(x);
        self.absorb(y);
        Ok(())
    }

    fn squeeze(&mut self) -> Challenge {
        if self.words.len() == 32 {
            self.words.push(1);
        }
        let hash: [u8; 32] = Keccak256::digest(&self.words).into();
        self.words = hash.to_vec();
        Challenge::new(&hash)
    }
}

/// Big-endian bytes of a scalar.
pub fn scalar_bytes(scalar: Fr) -> [u8; 32] {
    reversed(scalar.to_repr())
}

/// The scalar of 32 big-endian bytes, `None` unless it is below the field's order.
pub fn scalar_from(bytes: [u8; 32]) -> Option<Fr> {
    Fr::from_repr(reversed(bytes)).into()
}

/// Big-endian coordinates; infinity has none.
pub fn coordinates(point: G1Affine) -> io::Result<[[u8; 32]; 2]> {
    let coordinates = Option::from(point.coordinates()).filter(|_| point != G1Affine::default());
    let coordinates: halo2_proofs::halo2curves::Coordinates<G1Affine> =
        coordinates.ok_or_else(|| invalid("a commitment is the point at infinity"))?;
    Ok([coordinates.x(), coordinates.y()].map(|c| reversed(c.to_repr())))
}

/// The point of two big-endian coordinates: both below the field's order, on the curve, finite.
pub fn point_from(x: [u8; 32], y: [u8; 32]) -> io::Result<G1Affine> {
    let base = |bytes| Option::<Fq>::from(Fq::from_repr(reversed(bytes)));
    let (Some(x), Some(y)) = (base(x), base(y)) else {
        return Err(invalid("a coordinate is not below the base field's order"));
    };
    Option::from(G1Affine::from_xy(x, y))
        .filter(|point| *point != G1Affine::default())
        .ok_or_else(|| invalid("a point is not on the curve"))
}

fn reversed(mut bytes: [u8; 32]) -> [u8; 32] {
    bytes.reverse();
    bytes
}

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// The prover's side: collects the proof.
#[derive(Clone, Debug, Default)]
pub struct ProofWriter {
    sponge: Sponge,
    proof: Vec<u8>,
}

impl ProofWriter {
    /// The proof written so far.
    pub fn into_proof(self) -> Vec<u8> {
        self.proof
    }
}

/// The verifier's side: reads canonical points and scalars, nothing else.
#[derive(Clone, Debug)]
pub struct ProofReader<'a> {
    sponge: Sponge,
    rest: &'a [u8],
}

impl<'a> ProofReader<'a> {
    /// Starts at the beginning of `proof`.
    pub fn new(proof: &'a [u8]) -> Self {
        Self { sponge: Sponge::default(), rest: proof }
    }

    /// Bytes that were not read.
    pub fn rest(&self) -> usize {
        self.rest.len()
    }

    fn word(&mut self) -> io::Result<[u8; 32]> {
        let (word, rest) =
            self.rest.split_first_chunk().ok_or_else(|| invalid("the proof is too short"))?;
        self.rest = rest;
        Ok(*word)
    }
}

impl Transcript<G1Affine, Challenge> for ProofWriter {
    fn squeeze_challenge(&mut self) -> Challenge {
        self.sponge.squeeze()
    }

    fn common_point(&mut self, point: G1Affine) -> io::Result<()> {
        self.sponge.absorb_point(point)
    }

    fn common_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        self.sponge.absorb(scalar_bytes(scalar));
        Ok(())
    }
}

impl TranscriptWrite<G1Affine, Challenge> for ProofWriter {
    fn write_point(&mut self, point: G1Affine) -> io::Result<()> {
        for word in coordinates(point)? {
            self.sponge.absorb(word);
            self.proof.extend_from_slice(&word);
        }
        Ok(())
    }

    fn write_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        self.common_scalar(scalar)?;
        self.proof.extend_from_slice(&scalar_bytes(scalar));
        Ok(())
    }
}

impl Transcript<G1Affine, Challenge> for ProofReader<'_> {
    fn squeeze_challenge(&mut self) -> Challenge {
        self.sponge.squeeze()
    }

    fn common_point(&mut self, point: G1Affine) -> io::Result<()> {
        self.sponge.absorb_point(point)
    }

    fn common_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        self.sponge.absorb(scalar_bytes(scalar));
        Ok(())
    }
}

impl TranscriptRead<G1Affine, Challenge> for ProofReader<'_> {
    fn read_point(&mut self) -> io::Result<G1Affine> {
        let point = point_from(self.word()?, self.word()?)?;
        self.sponge.absorb_point(point)?;
        Ok(point)
    }

    fn read_scalar(&mut self) -> io::Result<Fr> {
        let scalar = scalar_from(self.word()?)
            .ok_or_else(|| invalid("an evaluation is not below the scalar field's order"))?;
        self.common_scalar(scalar)?;
        Ok(scalar)
    }
}
