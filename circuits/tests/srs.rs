//! An SRS from somewhere else: what is accepted, and every way in which a file is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use halo2_proofs::arithmetic::g_to_lagrange;
use halo2_proofs::halo2curves::bn256::{Bn256, Fq, Fq2, Fr, G1Affine, G2Affine, G1, G2};
use halo2_proofs::halo2curves::ff::Field;
use halo2_proofs::halo2curves::group::{prime::PrimeCurveAffine, Curve, Group};
use halo2_proofs::halo2curves::pairing::Engine;
use halo2_proofs::halo2curves::CurveAffine;
use halo2_proofs::poly::commitment::{Blind, Params, ParamsProver};
use halo2_proofs::poly::EvaluationDomain;
use std::io::Cursor;
use support::{ceremony_file, Forge};
use veracast_circuits::srs::{FileHash, Origin, Ptau, Srs, SrsError, TauG2, Trust, DEV_SEED};

const HEZ_08: &str = "d6a8fb3a04feb600096c3b791f936a578c4e664d262e4aa24beed1b7a9a96aa5\
                      eb72864d628db247e9293384b74b36ffb52ca8d148d6e1b8b51e279fdf57b583";

fn hash(file: &[u8]) -> FileHash {
    FileHash::new(*blake2b_simd::blake2b(file).as_array())
}

/// Imports a file that the user vouches for.
fn import(file: &[u8], k: u32) -> Result<Srs, SrsError> {
    Srs::import(Cursor::new(file), k, Trust::Hash(hash(file)))
}

fn refusal(file: &[u8], k: u32) -> String {
    import(file, k).expect_err("the file must be refused").to_string()
}

fn assert_refused(file: &[u8], reason: &str) {
    let message = refusal(file, 2);
    assert!(message.contains(reason), "expected {reason:?} in {message:?}");
}

fn tau() -> Fr {
    Fr::from(0x1234_5678_9abc_def1)
}

/// Both bases commit to the same polynomial at the same point.
fn assert_bases_agree(srs: &Srs) {
    let domain = EvaluationDomain::new(1, srs.k());
    let mut values = domain.empty_lagrange();
    for (i, value) in values.iter_mut().enumerate() {
        *value = Fr::from((i * i + 7) as u64);
    }
    let by_lagrange = srs.params().commit_lagrange(&values, Blind::default());
    let by_powers = srs.params().commit(&domain.lagrange_to_coeff(values), Blind::default());
    assert_eq!(by_lagrange, by_powers);
    let tau_g1 = srs.powers()[1];
    let (g1, g2) = (G1Affine::generator(), G2Affine::generator());
    assert_eq!(Bn256::pairing(&tau_g1, &g2), Bn256::pairing(&g1, &srs.params().s_g2()));
}

#[test]
fn dev_is_the_same_on_every_machine() {
    let srs = Srs::dev(5).unwrap();
    assert_eq!(srs.k(), 5);
    assert_eq!(srs.powers().len(), 32);
    assert!(srs.is_dev());
    assert_eq!(srs.origin(), Origin::Dev);
    assert!(srs.origin().to_string().contains("insecure"));
    assert_bases_agree(&srs);
    assert_eq!(
        hex(&srs.digest()),
        "5d1e8d790f6edcc6127435d3a3314e92ee59e40df17da6dc55c7a2e4c7ccf3c2"
    );
}

#[test]
fn anyone_can_compute_the_dev_tau() {
    use halo2_proofs::halo2curves::ff::FromUniformBytes;
    let tau = Fr::from_uniform_bytes(blake2b_simd::blake2b(DEV_SEED.as_bytes()).as_array());
    let srs = Srs::dev(3).unwrap();
    for (i, point) in srs.powers().iter().enumerate() {
        assert_eq!(*point, (G1Affine::generator() * tau.pow([i as u64])).to_affine());
    }
}

#[test]
fn a_shorter_dev_srs_is_a_prefix_with_the_same_digest() {
    let (long, short) = (Srs::dev(6).unwrap(), Srs::dev(4).unwrap());
    assert_eq!(long.powers()[..16], *short.powers());
    assert_ne!(long.lagrange()[..16], *short.lagrange());
    assert_eq!(long.digest(), short.digest());
    assert_eq!(long.downsize(4).unwrap().lagrange(), short.lagrange());
    assert!(matches!(short.downsize(6), Err(SrsError::TooSmall { needed: 6, got: 4 })));
    for k in [0, 29, u32::MAX] {
        assert!(matches!(Srs::dev(k), Err(SrsError::Degree { .. })));
        assert!(matches!(long.downsize(k), Err(SrsError::Degree { .. })));
        assert!(matches!(long.tau().verifier_params(k), Err(SrsError::Degree { .. })));
    }
}

#[test]
fn the_published_ceremony_is_imported() {
    let file = ceremony_file();
    let srs = Srs::import(Cursor::new(&file), 8, Trust::Published).unwrap();
    assert_eq!(srs.k(), 8);
    assert!(!srs.is_dev());
    assert_eq!(
        hex(&srs.digest()),
        "6918292d2a7278a304d8fb616efdbc355af7a1561d6140a4c664920ca10be049"
    );
    assert!(srs.tau().is_published_ceremony());
    let expected: FileHash = HEZ_08.parse().unwrap();
    assert_eq!(srs.origin(), Origin::Ceremony { file: expected });
    assert_eq!(srs.origin().to_string(), "ceremony powersOfTau28_hez_final_08");
    assert_bases_agree(&srs);
    let short = srs.downsize(5).unwrap();
    assert_eq!(short.digest(), srs.digest());
    assert_bases_agree(&short);
    let direct = Srs::import(Cursor::new(&file), 5, Trust::Published).unwrap();
    assert_eq!(direct.lagrange(), short.lagrange());
    assert_eq!(direct.powers(), short.powers());
}

#[test]
fn the_lagrange_section_is_read_and_checked() {
    let file = ceremony_file();
    for k in 1..=7 {
        let srs = Srs::import(Cursor::new(&file), k, Trust::Published).unwrap();
        let computed = g_to_lagrange(srs.powers().iter().map(|p| p.to_curve()).collect(), k);
        assert_eq!(srs.lagrange(), computed);
    }
    let at = section(&file, 12) + 15 * 64;
    let spoil = |change: &dyn Fn(&mut [u8])| {
        let mut file = file.clone();
        change(&mut file[at..at + 16 * 64]);
        refusal(&file, 4)
    };
    let swap = |points: &mut [u8]| {
        let (left, right) = points.split_at_mut(64);
        left.swap_with_slice(&mut right[..64]);
    };
    assert!(spoil(&swap).contains("section 12 (tauG1 in the Lagrange basis) does not belong"));
    assert!(spoil(&|points| points[0] ^= 1).contains("section 12 (tauG1, Lagrange), point 0"));
    assert!(spoil(&|points| points[..64].fill(0)).contains("is the point at infinity"));
    let forge = Forge::new(2, tau());
    let mut sections = forge.sections();
    sections.push((12, vec![0; 6 * 64]));
    assert_refused(
        &forge.file_of(&sections),
        "section 12 (tauG1, Lagrange): expected at least 448",
    );
}

/// Where the data of a section begins.
fn section(file: &[u8], id: u8) -> usize {
    let mut at = 12;
    while file[at] != id {
        at += 12 + u64::from_le_bytes(file[at + 4..at + 12].try_into().unwrap()) as usize;
    }
    at + 12
}

#[test]
fn a_ceremony_file_that_is_too_short_says_how_much_is_missing() {
    let error = Srs::import(Cursor::new(ceremony_file()), 9, Trust::Published).unwrap_err();
    assert!(matches!(error, SrsError::TooSmall { needed: 9, got: 8 }), "{error}");
    assert!(error.to_string().contains("use a file of power 9 or more"));
}

#[test]
fn the_published_file_with_one_byte_changed_is_unknown() {
    let file = ceremony_file();
    // Among the points that are not read, in a section that is skipped, and in the last byte.
    for at in [60_000, file.len() / 2, file.len() - 1] {
        let mut changed = file.clone();
        changed[at] ^= 1;
        let error = Srs::import(Cursor::new(&changed), 4, Trust::Published).unwrap_err();
        assert!(matches!(error, SrsError::Untrusted { got } if got == hash(&changed)), "{error}");
        let error = Srs::import(Cursor::new(&changed), 4, Trust::Hash(hash(&file))).unwrap_err();
        assert!(matches!(error, SrsError::OtherFile { .. }), "{error}");
    }
}

#[test]
fn an_unknown_file_needs_its_hash_and_the_error_names_it() {
    let file = Forge::new(3, tau()).file();
    let error = Srs::import(Cursor::new(&file), 3, Trust::Published).unwrap_err().to_string();
    assert!(error.contains(&format!("--trust-srs {}", hash(&file))), "{error}");
    let srs = import(&file, 3).unwrap();
    assert_bases_agree(&srs);
    assert!(!srs.is_dev() && !srs.tau().is_published_ceremony());
    assert!(srs.origin().to_string().contains("trusted by hand"));
}

#[test]
fn hashes_are_read_strictly() {
    assert_eq!(HEZ_08.parse::<FileHash>().unwrap().published(), Some(8));
    assert_eq!(
        format!("0x{}", HEZ_08.to_uppercase()).parse::<FileHash>().unwrap().published(),
        Some(8)
    );
    assert!(HEZ_08[1..].parse::<FileHash>().is_err());
    assert!(format!("{}g", &HEZ_08[1..]).parse::<FileHash>().is_err());
    assert!("é".repeat(64).parse::<FileHash>().is_err());
}

#[test]
fn the_dev_tau_in_a_file_is_still_dev() {
    use halo2_proofs::halo2curves::ff::FromUniformBytes;
    let tau = Fr::from_uniform_bytes(blake2b_simd::blake2b(DEV_SEED.as_bytes()).as_array());
    let srs = import(&Forge::new(2, tau).file(), 2).unwrap();
    assert!(srs.is_dev());
    assert_eq!(srs.origin(), Origin::Dev);
}

#[test]
fn trivial_taus_are_refused() {
    let message = refusal(&Forge::new(3, Fr::ONE).file(), 3);
    assert!(message.contains("tau is 1") && message.contains("nobody has contributed"));
    assert!(refusal(&Forge::new(3, -Fr::ONE).file(), 3).contains("tau^1 = 1 or -1"));
    let eighth = Fr::from(7).pow_vartime(exponent(8));
    assert_eq!(eighth.pow([8]), Fr::ONE);
    assert!(refusal(&Forge::new(3, eighth).file(), 3).contains("tau^4 = 1 or -1"));
    assert!(refusal(&Forge::new(3, Fr::ZERO).file(), 3).contains("point at infinity"));
    let mut half = Forge::new(3, tau());
    half.g2[1] = G2Affine::generator();
    assert!(refusal(&half.file(), 3).contains("tau is 1"));
}

/// (r - 1) / order, little-endian limbs.
fn exponent(order: u32) -> Vec<u64> {
    let digits = "30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000000";
    let r = num_bigint::BigUint::parse_bytes(digits.as_bytes(), 16).unwrap();
    (r / order).to_u64_digits()
}

#[test]
fn points_that_are_not_powers_of_one_tau_are_refused() {
    let honest = || Forge::new(3, tau());
    let check = |forge: Forge, reason: &str| {
        let message = refusal(&forge.file(), 3);
        assert!(message.contains(reason), "expected {reason:?} in {message:?}");
    };
    for at in 1..8 {
        let mut forge = honest();
        forge.g1[at] = (forge.g1[at] + G1::generator()).into();
        check(forge, "not powers of one tau");
    }
    let mut swapped = honest();
    swapped.g1.swap(2, 5);
    check(swapped, "not powers of one tau");
    let mut other = honest();
    other.g2[1] = (G2Affine::generator() * (tau() + Fr::ONE)).into();
    check(other, "not powers of one tau");
    let mut scaled = honest();
    scaled.g1.iter_mut().for_each(|point| *point = (*point * Fr::from(2)).into());
    check(scaled, "section 2 (tauG1), point 0: is not the curve's generator");
    let mut scaled = honest();
    scaled.g2.iter_mut().for_each(|point| *point = (*point * Fr::from(2)).into());
    check(scaled, "section 3 (tauG2), point 0: is not the curve's generator");
}

#[test]
fn the_prefix_alone_is_read() {
    let mut forge = Forge::new(3, tau());
    forge.g1[8] = G1Affine { x: Fq::ONE, y: Fq::ONE };
    import(&forge.file(), 3).unwrap();
    forge.g1[7] = G1Affine { x: Fq::ONE, y: Fq::ONE };
    assert!(refusal(&forge.file(), 3).contains("section 2 (tauG1), point 7"));
}

#[test]
fn bad_points_are_refused() {
    let honest = Forge::new(2, tau());
    let check = |section: usize, at: usize, with: &[u8], reason: &str| {
        let mut sections = honest.sections();
        sections[section].1[at..at + with.len()].copy_from_slice(with);
        assert_refused(&honest.file_of(&sections), reason);
    };
    check(1, 64, &[0; 64], "section 2 (tauG1), point 1: is the point at infinity");
    check(1, 128, &[1], "section 2 (tauG1), point 2: a coordinate is not below");
    check(2, 128, &[0; 128], "section 3 (tauG2), point 1: is the point at infinity");
    check(2, 128, &[1], "section 3 (tauG2), point 1: a coordinate is not below");
    // x + q is the same field element in another spelling.
    let x = &honest.sections()[1].1[64..96];
    let alias =
        num_bigint::BigUint::from_bytes_le(x) + num_bigint::BigUint::from_bytes_le(&honest.prime);
    let alias = alias.to_bytes_le();
    assert_eq!(alias.len(), 32);
    check(1, 64, &alias, "section 2 (tauG1), point 1: a coordinate is not below");
}

#[test]
fn a_g2_point_outside_the_subgroup_is_refused() {
    let outside = (1u64..)
        .filter_map(|x| {
            let x = Fq2::new(Fq::from(x), Fq::ZERO);
            let y = Option::<Fq2>::from((x.square() * x + G2Affine::b()).sqrt())?;
            Some(G2Affine { x, y })
        })
        .find(|point| !bool::from((point.to_curve() * -Fr::ONE + point).is_identity()))
        .unwrap();
    assert!(bool::from(outside.is_on_curve()));
    let mut forge = Forge::new(2, tau());
    // Hidden in a sum, so that the part inside the subgroup is the honest one.
    forge.g2[1] = (G2::from(forge.g2[1]) + outside).into();
    let message = refusal(&forge.file(), 2);
    assert!(message.contains("not in the subgroup"), "{message}");
    let bytes = evm_bytes(forge.g2[1]);
    let error = TauG2::from_evm_bytes(&bytes).unwrap_err().to_string();
    assert!(error.contains("not in the subgroup"), "{error}");
}

fn evm_bytes(point: G2Affine) -> [u8; 128] {
    let mut bytes = Vec::new();
    for part in [point.x.c1, point.x.c0, point.y.c1, point.y.c0] {
        let mut part = part.to_bytes();
        part.reverse();
        bytes.extend(part);
    }
    bytes.try_into().unwrap()
}

#[test]
fn tau_g2_survives_its_evm_encoding_and_nothing_else_does() {
    let tau = Srs::dev(2).unwrap().tau();
    let bytes = tau.to_evm_bytes();
    assert_eq!(TauG2::from_evm_bytes(&bytes).unwrap(), tau);
    for at in 0..128 {
        let mut changed = bytes;
        changed[at] ^= 1;
        assert!(TauG2::from_evm_bytes(&changed).is_err(), "byte {at}");
    }
    assert!(TauG2::from_evm_bytes(&[0; 128]).is_err());
    assert!(TauG2::from_evm_bytes(&[255; 128]).is_err());
    let one = TauG2::from_evm_bytes(&evm_bytes(G2Affine::generator()));
    assert!(matches!(one, Err(SrsError::TauIsOne)));
}

#[test]
fn damaged_headers_are_refused() {
    let forged = |change: fn(&mut Forge)| {
        let mut forge = Forge::new(2, tau());
        change(&mut forge);
        forge.file()
    };
    assert_refused(b"", "at least 12 bytes");
    assert_refused(&forged(|f| f.magic = *b"zkey"), "first 4 bytes");
    assert_refused(&forged(|f| f.version = 2), "version: expected 1, got 2");
    assert_refused(&forged(|f| f.n8 = 48), "bytes per coordinate: expected 32, got 48");
    assert_refused(&forged(|f| f.prime[0] ^= 1), "another prime");
    assert_refused(&forged(|f| f.prime.push(0)), "length of section 1");
    assert_refused(&forged(|f| f.power = 0), "header, power: expected 1 to 28, got 0");
    assert_refused(&forged(|f| f.power = 63), "header, power: expected 1 to 28, got 63");
    assert_refused(&forged(|f| f.power = 3), "length of section 2 (tauG1): expected 960, got 448");
    assert_refused(&forged(|f| f.ceremony_power = 1), "header, ceremony power");
    assert_refused(&forged(|f| f.ceremony_power = u32::MAX), "header, ceremony power");
    assert_refused(&forged(|f| f.g1.truncate(6)), "length of section 2");
    assert_refused(&forged(|f| f.g2.truncate(3)), "length of section 3");
}

#[test]
fn a_hostile_table_of_sections_is_refused() {
    let honest = Forge::new(2, tau());
    let file = honest.file();
    import(&file, 2).unwrap();
    for missing in 0..3 {
        let mut sections = honest.sections();
        sections.remove(missing);
        assert_refused(&honest.file_of(&sections), &format!("a section {}", missing + 1));
    }
    let mut twice = honest.sections();
    twice.push(twice[1].clone());
    assert_refused(&honest.file_of(&twice), "section 2 again");
    let with = |at: usize, bytes: &[u8]| {
        let mut file = file.clone();
        file[at..at + bytes.len()].copy_from_slice(bytes);
        file
    };
    assert_refused(&with(8, &u32::MAX.to_le_bytes()), "number of sections");
    assert_refused(&with(8, &5u32.to_le_bytes()), "12 bytes for id and length");
    assert_refused(&with(8, &3u32.to_le_bytes()), "end of the last section");
    for length in [u64::MAX, i64::MAX as u64, file.len() as u64] {
        assert_refused(&with(16, &length.to_le_bytes()), "a length of at most");
    }
    assert_refused(&[file.clone(), vec![0]].concat(), "end of the last section");
    for length in 0..file.len() {
        let result = import(&file[..length], 2);
        assert!(matches!(result, Err(SrsError::Format { .. })), "cut at {length}");
    }
}

#[test]
fn the_order_of_sections_is_free() {
    let honest = Forge::new(2, tau());
    let mut sections = honest.sections();
    sections.reverse();
    let file = honest.file_of(&sections);
    assert_eq!(import(&file, 2).unwrap().powers(), import(&honest.file(), 2).unwrap().powers());
    let header = Ptau::open(Cursor::new(&file)).unwrap();
    assert_eq!((header.power(), header.ceremony_power()), (2, 28));
}

#[test]
fn the_cache_gives_back_the_same_srs() {
    let forged = import(&Forge::new(3, tau()).file(), 3).unwrap();
    for srs in [Srs::dev(4).unwrap(), forged] {
        let mut bytes = Vec::new();
        srs.write(&mut bytes).unwrap();
        let again = Srs::read(&mut &bytes[..]).unwrap();
        assert_eq!(again.k(), srs.k());
        assert_eq!(again.origin(), srs.origin());
        assert_eq!(again.digest(), srs.digest());
        assert_eq!(again.powers(), srs.powers());
        assert_eq!(again.lagrange(), srs.lagrange());
        assert_bases_agree(&again);
    }
}

#[test]
fn a_damaged_cache_is_noticed() {
    let srs = Srs::dev(3).unwrap();
    let mut bytes = Vec::new();
    srs.write(&mut bytes).unwrap();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 0x10;
        assert!(Srs::read(&mut &changed[..]).is_err(), "byte {at}");
        assert!(Srs::read(&mut &bytes[..at]).is_err(), "cut at {at}");
    }
    bytes.push(0);
    assert!(Srs::read(&mut &bytes[..]).is_err());
}

#[test]
fn a_cache_cannot_call_the_dev_tau_a_ceremony() {
    let srs = Srs::dev(3).unwrap();
    let mut bytes = Vec::new();
    srs.write(&mut bytes).unwrap();
    let content = bytes.len() - 64;
    bytes[19] = 1;
    bytes[20..84].copy_from_slice(HEZ_08.parse::<FileHash>().unwrap().bytes());
    let hash = blake2b_simd::blake2b(&bytes[..content]);
    bytes[content..].copy_from_slice(hash.as_bytes());
    let error = Srs::read(&mut &bytes[..]).unwrap_err().to_string();
    assert!(error.contains("origin"), "{error}");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
