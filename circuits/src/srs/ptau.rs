//! The `.ptau` container of snarkjs, read as a hostile file.
//!
//! Little-endian: "ptau", u32 version 1, u32 number of sections, then per section u32 id, u64 length and
//! data. Section 1: u32 n8 = 32, the base field's order in n8 bytes, u32 power p, u32 ceremony power.
//! Section 2: `2^(p+1) - 1` points `[tau^i]G1` of 64 bytes. Section 3: `2^p` points `[tau^i]G2` of 128
//! bytes. Section 12, in files prepared for phase 2: `[L_i(tau)]G1` for 1, 2, 4, ... `2^p` rows, one after the
//! other. Coordinates are 32 bytes in Montgomery form, x.c0 before x.c1. Further sections are skipped.

use super::{FileHash, SrsError, MAX_K};
use halo2_proofs::halo2curves::bn256::{G1Affine, G2Affine};
use halo2_proofs::halo2curves::group::prime::PrimeCurveAffine;
use halo2_proofs::halo2curves::serde::SerdeObject;
use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom};

const G1_BYTES: u64 = 64;
const G2_BYTES: u64 = 128;
/// snarkjs writes at most 15 kinds of section.
const MAX_SECTIONS: u32 = 64;
const HEADER_BYTES: u64 = 44;
/// BN254's base field order, little-endian.
const PRIME: [u8; 32] = [
    0x47, 0xfd, 0x7c, 0xd8, 0x16, 0x8c, 0x20, 0x3c, 0x8d, 0xca, 0x71, 0x68, 0x91, 0x6a, 0x81, 0x97,
    0x5d, 0x58, 0x81, 0x81, 0xb6, 0x45, 0x50, 0xb8, 0x29, 0xa0, 0x31, 0xe1, 0x72, 0x4e, 0x64, 0x30,
];
const BLOCK: usize = 1 << 20;

#[derive(Debug, Clone, Copy)]
struct Section {
    start: u64,
    length: u64,
}

/// A `.ptau` file whose table of sections and header have been checked.
#[derive(Debug)]
pub struct Ptau<R> {
    reader: R,
    power: u32,
    ceremony_power: u32,
    tau_g1: Section,
    tau_g2: Section,
    lagrange: Option<Section>,
}

impl<R: Read + Seek> Ptau<R> {
    /// Reads the table of sections and the header; no points yet.
    ///
    /// # Errors
    /// Anything that does not fit the layout above, with its place in the file.
    pub fn open(mut reader: R) -> Result<Self, SrsError> {
        let sections = sections(&mut reader)?;
        let find = |id: u32, name: &str| {
            sections.get(&id).copied().ok_or_else(|| {
                format("table of sections", format!("a section {id} ({name})"), "none".into())
            })
        };
        let (power, ceremony_power) = header(&mut reader, find(1, "header")?)?;
        let tau_g1 = find(2, "tauG1")?;
        let tau_g2 = find(3, "tauG2")?;
        let expected = ((1u64 << (power + 1)) - 1) * G1_BYTES;
        expect("length of section 2 (tauG1)", expected, tau_g1.length)?;
        expect("length of section 3 (tauG2)", (1u64 << power) * G2_BYTES, tau_g2.length)?;
        let lagrange = sections.get(&12).copied();
        if let Some(section) = lagrange {
            at_least("length of section 12 (tauG1, Lagrange)", expected, section.length)?;
        }
        Ok(Self { reader, power, ceremony_power, tau_g1, tau_g2, lagrange })
    }

    /// The file holds `2^(power + 1) - 1` powers in G1: enough for circuits of `2^power` rows.
    pub fn power(&self) -> u32 {
        self.power
    }

    /// The power of the ceremony that the file was cut from.
    pub fn ceremony_power(&self) -> u32 {
        self.ceremony_power
    }

    /// blake2b-512 of the whole file, read in blocks of 1 MiB.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn hash(&mut self) -> Result<FileHash, SrsError> {
        self.reader.seek(SeekFrom::Start(0))?;
        let mut state = blake2b_simd::State::new();
        let mut block = vec![0; BLOCK];
        loop {
            match self.reader.read(&mut block) {
                Ok(0) => return Ok(FileHash::new(*state.finalize().as_array())),
                Ok(length) => state.update(&block[..length]),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
        }
    }

    /// The first `count` points of section 2, each canonical, on the curve and not infinity.
    pub(super) fn g1_prefix(&mut self, count: usize) -> Result<Vec<G1Affine>, SrsError> {
        self.g1_points("ptau section 2 (tauG1)", self.tau_g1.start, count)
    }

    /// The `2^k` points of section 12 for that domain, in snarkjs's order, checked as those of section 2.
    pub(super) fn lagrange(&mut self, k: u32) -> Result<Option<Vec<G1Affine>>, SrsError> {
        let Some(section) = self.lagrange else { return Ok(None) };
        let start = section.start + ((1 << k) - 1) * G1_BYTES;
        self.g1_points("ptau section 12 (tauG1, Lagrange)", start, 1 << k).map(Some)
    }

    fn g1_points(
        &mut self,
        place: &'static str,
        start: u64,
        count: usize,
    ) -> Result<Vec<G1Affine>, SrsError> {
        self.reader.seek(SeekFrom::Start(start))?;
        let mut points = Vec::with_capacity(count);
        let mut block = vec![0; BLOCK];
        while points.len() < count {
            let length = BLOCK.min((count - points.len()) * G1_BYTES as usize);
            self.reader.read_exact(&mut block[..length])?;
            for bytes in block[..length].chunks_exact(G1_BYTES as usize) {
                points.push(point(place, points.len(), bytes)?);
            }
        }
        Ok(points)
    }

    /// The first two points of section 3: `[1]G2` and `[tau]G2`, canonical, on the curve, not infinity.
    pub(super) fn g2_prefix(&mut self) -> Result<[G2Affine; 2], SrsError> {
        self.reader.seek(SeekFrom::Start(self.tau_g2.start))?;
        let mut bytes = [0; 2 * G2_BYTES as usize];
        self.reader.read_exact(&mut bytes)?;
        let (first, second) = bytes.split_at(G2_BYTES as usize);
        let place = "ptau section 3 (tauG2)";
        Ok([point(place, 0, first)?, point(place, 1, second)?])
    }
}

fn sections(reader: &mut (impl Read + Seek)) -> Result<BTreeMap<u32, Section>, SrsError> {
    let total = reader.seek(SeekFrom::End(0))?;
    reader.seek(SeekFrom::Start(0))?;
    if total < 12 {
        return Err(format("start of file", "at least 12 bytes".into(), format!("{total}")));
    }
    let magic: [u8; 4] = read(reader)?;
    if magic != *b"ptau" {
        return Err(format("first 4 bytes", "\"ptau\"".into(), format!("{magic:02x?}")));
    }
    expect("version", 1, read_u32(reader)?.into())?;
    let count = read_u32(reader)?;
    if count > MAX_SECTIONS {
        let expected = format!("at most {MAX_SECTIONS}");
        return Err(format("number of sections", expected, count.to_string()));
    }
    let mut sections = BTreeMap::new();
    let mut at = 12u64;
    for index in 0..count {
        let place = format!("entry {index} of the table of sections, at byte {at}");
        let room = total - at;
        if room < 12 {
            return Err(format(place, "12 bytes for id and length".into(), format!("{room}")));
        }
        let (id, length) = (read_u32(reader)?, u64::from_le_bytes(read(reader)?));
        if length > room - 12 {
            let expected = format!("a length of at most {}, the rest of the file", room - 12);
            return Err(format(place, expected, length.to_string()));
        }
        if sections.insert(id, Section { start: at + 12, length }).is_some() {
            return Err(format(place, "each section once".into(), format!("section {id} again")));
        }
        at += 12 + length;
        reader.seek(SeekFrom::Start(at))?;
    }
    expect("end of the last section (the file's length)", total, at)?;
    Ok(sections)
}

fn header(reader: &mut (impl Read + Seek), section: Section) -> Result<(u32, u32), SrsError> {
    expect("length of section 1 (header)", HEADER_BYTES, section.length)?;
    reader.seek(SeekFrom::Start(section.start))?;
    expect("header, bytes per coordinate", 32, read_u32(reader)?.into())?;
    let prime: [u8; 32] = read(reader)?;
    if prime != PRIME {
        let expected = "BN254's base field order".into();
        return Err(format("header, prime", expected, "another prime (another curve?)".into()));
    }
    let (power, ceremony) = (read_u32(reader)?, read_u32(reader)?);
    if !(1..=MAX_K).contains(&power) {
        return Err(format("header, power", format!("1 to {MAX_K}"), power.to_string()));
    }
    if !(power..=MAX_K).contains(&ceremony) {
        let expected = format!("{power} to {MAX_K}");
        return Err(format("header, ceremony power", expected, ceremony.to_string()));
    }
    Ok((power, ceremony))
}

fn point<P: SerdeObject + PrimeCurveAffine>(
    place: &'static str,
    index: usize,
    bytes: &[u8],
) -> Result<P, SrsError> {
    let fault = |fault| SrsError::Point { place, index, fault };
    let point = P::from_raw_bytes(bytes).ok_or_else(|| {
        fault("a coordinate is not below the base field's order, or the point is off the curve")
    })?;
    if bool::from(point.is_identity()) {
        return Err(fault("is the point at infinity"));
    }
    Ok(point)
}

fn expect(place: &str, expected: u64, got: u64) -> Result<(), SrsError> {
    if expected == got {
        Ok(())
    } else {
        Err(format(place, expected.to_string(), got.to_string()))
    }
}

fn at_least(place: &str, expected: u64, got: u64) -> Result<(), SrsError> {
    if got >= expected {
        Ok(())
    } else {
        Err(format(place, format!("at least {expected}"), got.to_string()))
    }
}

fn format(place: impl Into<String>, expected: String, got: String) -> SrsError {
    SrsError::Format { place: place.into(), expected, got }
}

fn read<const N: usize>(reader: &mut impl Read) -> Result<[u8; N], SrsError> {
    let mut bytes = [0; N];
    reader.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn read_u32(reader: &mut impl Read) -> Result<u32, SrsError> {
    Ok(u32::from_le_bytes(read(reader)?))
}
