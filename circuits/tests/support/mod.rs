//! `.ptau` files for tests: a real one, and forged ones whose tau the test knows.

use halo2_proofs::halo2curves::bn256::{Fr, G1Affine, G2Affine};
use halo2_proofs::halo2curves::ff::Field;
use halo2_proofs::halo2curves::serde::SerdeObject;
use std::process::Command;

/// powersOfTau28_hez_final_08.ptau, as the crate ppot-rs carries it.
pub(crate) fn ceremony_file() -> Vec<u8> {
    let rustc = Command::new("rustc").arg("-vV").output().unwrap();
    let version = String::from_utf8(rustc.stdout).unwrap();
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let metadata = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version=1",
            "--locked",
            "--offline",
            "--filter-platform",
            host,
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|package| package["name"] == "ppot-rs").unwrap();
    let manifest = std::path::Path::new(package["manifest_path"].as_str().unwrap());
    std::fs::read(manifest.with_file_name("8.ptau")).unwrap()
}

/// A `.ptau` file in pieces, so that a test can spoil any one of them.
pub(crate) struct Forge {
    pub(crate) magic: [u8; 4],
    pub(crate) version: u32,
    pub(crate) n8: u32,
    pub(crate) prime: Vec<u8>,
    pub(crate) power: u32,
    pub(crate) ceremony_power: u32,
    pub(crate) g1: Vec<G1Affine>,
    pub(crate) g2: Vec<G2Affine>,
}

impl Forge {
    /// An honest file of `power` for this tau.
    pub(crate) fn new(power: u32, tau: Fr) -> Self {
        let scalars: Vec<Fr> = std::iter::successors(Some(Fr::ONE), |last| Some(last * tau))
            .take((2 << power) - 1)
            .collect();
        Self {
            magic: *b"ptau",
            version: 1,
            n8: 32,
            prime: prime(),
            power,
            ceremony_power: 28,
            g1: scalars.iter().map(|s| (G1Affine::generator() * s).into()).collect(),
            g2: scalars[..1 << power].iter().map(|s| (G2Affine::generator() * s).into()).collect(),
        }
    }

    pub(crate) fn header(&self) -> Vec<u8> {
        let mut bytes = self.n8.to_le_bytes().to_vec();
        bytes.extend(&self.prime);
        bytes.extend(self.power.to_le_bytes());
        bytes.extend(self.ceremony_power.to_le_bytes());
        bytes
    }

    /// Sections 1, 2, 3 and 7 (contributions: none).
    pub(crate) fn sections(&self) -> Vec<(u32, Vec<u8>)> {
        let g1 = self.g1.iter().flat_map(SerdeObject::to_raw_bytes).collect();
        let g2 = self.g2.iter().flat_map(SerdeObject::to_raw_bytes).collect();
        vec![(1, self.header()), (2, g1), (3, g2), (7, vec![0; 4])]
    }

    pub(crate) fn file(&self) -> Vec<u8> {
        self.file_of(&self.sections())
    }

    pub(crate) fn file_of(&self, sections: &[(u32, Vec<u8>)]) -> Vec<u8> {
        let mut bytes = self.magic.to_vec();
        bytes.extend(self.version.to_le_bytes());
        bytes.extend((sections.len() as u32).to_le_bytes());
        for (id, data) in sections {
            bytes.extend(id.to_le_bytes());
            bytes.extend((data.len() as u64).to_le_bytes());
            bytes.extend(data);
        }
        bytes
    }
}

fn prime() -> Vec<u8> {
    let digits = "30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47";
    let prime = num_bigint::BigUint::parse_bytes(digits.as_bytes(), 16).unwrap();
    prime.to_bytes_le()
}
