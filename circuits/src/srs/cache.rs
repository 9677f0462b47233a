//! An imported SRS on disk: the Lagrange basis takes seconds to compute and megabytes to keep.
//!
//! "veracast-srs-1\n", u32 k, u8 origin (0 dev, 1 ceremony), 64 bytes file hash (zero for dev), 128 bytes
//! `[tau]G2` (EIP-197), `2^k` powers and `2^k` Lagrange points of 64 bytes (raw little-endian Montgomery
//! coordinates), and blake2b-512 of everything before it. The hash is against damage: a cache is as
//! trusted as the program that wrote it, and belongs in a folder that only its user can write.

use super::{check_degree, FileHash, Origin, Srs, SrsError, TauG2};
use halo2_proofs::halo2curves::bn256::G1Affine;
use halo2_proofs::halo2curves::group::prime::PrimeCurveAffine;
use halo2_proofs::halo2curves::serde::SerdeObject;
use std::io::{Read, Write};

const MAGIC: &[u8; 15] = b"veracast-srs-1\n";
const HEAD: usize = MAGIC.len() + 4 + 1 + 64 + 128;
const POINT: usize = 64;
const HASH: usize = 64;

impl Srs {
    /// Writes the SRS for [`Srs::read`].
    ///
    /// # Errors
    /// What the writer reports.
    pub fn write(&self, writer: &mut impl Write) -> Result<(), SrsError> {
        let mut bytes = Vec::with_capacity(HEAD + ((2 * POINT) << self.k()) + HASH);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&self.k().to_le_bytes());
        let (kind, file) = match &self.origin {
            Origin::Dev => (0, [0; 64]),
            Origin::Ceremony { file } => (1, *file.bytes()),
        };
        bytes.push(kind);
        bytes.extend_from_slice(&file);
        bytes.extend_from_slice(&self.tau.to_evm_bytes());
        for point in self.powers().iter().chain(self.lagrange()) {
            point.write_raw(&mut bytes)?;
        }
        let hash = blake2b_simd::blake2b(&bytes);
        bytes.extend_from_slice(hash.as_bytes());
        Ok(writer.write_all(&bytes)?)
    }

    /// Reads what [`Srs::write`] wrote; a single changed, missing or added byte is noticed.
    ///
    /// # Errors
    /// [`SrsError::Cache`] names the field; the caller makes the cache anew.
    pub fn read(reader: &mut impl Read) -> Result<Self, SrsError> {
        let mut head = Vec::with_capacity(HEAD);
        reader.take(HEAD as u64).read_to_end(&mut head)?;
        expect("length of the head", HEAD, head.len())?;
        if head[..MAGIC.len()] != MAGIC[..] {
            return Err(cache("first bytes", "an SRS cache of version 1", "something else"));
        }
        let mut fields = &head[MAGIC.len()..];
        let k = u32::from_le_bytes(take(&mut fields));
        check_degree(k)?;
        let length = ((2 * POINT) << k) + HASH;
        let mut body = Vec::new();
        reader.take(length as u64 + 1).read_to_end(&mut body)?;
        expect("bytes after the head", length, body.len())?;
        let (points, hash) = body.split_at(length - HASH);
        let mut state = blake2b_simd::State::new();
        if state.update(&head).update(points).finalize().as_bytes() != hash {
            return Err(cache("integrity hash", "the hash of the content", "another"));
        }
        let [kind] = take(&mut fields);
        let file = FileHash::new(take(&mut fields));
        let tau = TauG2::from_evm_bytes(&take(&mut fields))?;
        let (powers, lagrange) = points.split_at(POINT << k);
        let origin = origin(kind, file, tau)?;
        let (powers, lagrange) = (read_points(powers)?, read_points(lagrange)?);
        Ok(Self::from_parts(k, powers, lagrange, tau, origin))
    }
}

/// The label must agree with the point: dev and nothing but dev is dev.
fn origin(kind: u8, file: FileHash, tau: TauG2) -> Result<Origin, SrsError> {
    match (kind, tau.is_dev()) {
        (0, true) => Ok(Origin::Dev),
        (1, false) => Ok(Origin::Ceremony { file }),
        _ => Err(cache("origin", "the origin that [tau]G2 shows", "another")),
    }
}

fn read_points(bytes: &[u8]) -> Result<Vec<G1Affine>, SrsError> {
    let read = |(index, bytes)| {
        G1Affine::from_raw_bytes(bytes)
            .filter(|point| !bool::from(point.is_identity()))
            .ok_or(SrsError::Point { place: "SRS cache", index, fault: "not a point of the curve" })
    };
    bytes.chunks_exact(POINT).enumerate().map(read).collect()
}

fn take<const N: usize>(bytes: &mut &[u8]) -> [u8; N] {
    let mut taken = [0; N];
    let (front, rest) = bytes.split_at(N);
    taken.copy_from_slice(front);
    *bytes = rest;
    taken
}

fn expect(place: &'static str, expected: usize, got: usize) -> Result<(), SrsError> {
    if expected == got {
        Ok(())
    } else {
        Err(cache(place, &expected.to_string(), &got.to_string()))
    }
}

fn cache(place: &'static str, expected: &str, got: &str) -> SrsError {
    SrsError::Cache { place, expected: expected.into(), got: got.into() }
}
