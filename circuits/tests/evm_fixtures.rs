//! The proofs that the contract's tests read are proofs of the models in this crate.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;
mod evm;

/// With VERACAST_REMAKE=1 the fixtures are made anew and written; a change of the circuit or of the key's encoding
/// needs that.
#[test]
fn the_committed_proofs_are_proofs_of_the_models_in_this_crate() {
    let remake = std::env::var("VERACAST_REMAKE").is_ok_and(|value| value == "1");
    for name in evm::NAMES {
        if remake {
            evm::make(name).write();
        }
        let fixture = evm::Fixture::read(name);
        let (key, _) = evm::proving_key(name);
        assert_eq!(fixture.key, key.verifying_key().to_key_data(), "{name}: remake the fixtures");
        assert_eq!(fixture.digest, key.verifying_key().digest().0, "{name}");
        fixture.verifying_key().verify(&fixture.statement, &fixture.proof).unwrap();
    }
}
