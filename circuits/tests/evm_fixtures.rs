//! The proofs that the contract's tests read hold under this crate's circuit.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;
mod evm;

/// With VERACAST_REMAKE=1 the fixtures are made anew and written: a change of the gates, of the transcript or of the
/// key's encoding needs that; a change of the layout alone does not.
#[test]
fn the_committed_proofs_hold_under_their_keys() {
    let remake = std::env::var("VERACAST_REMAKE").is_ok_and(|value| value == "1");
    for name in evm::NAMES {
        if remake {
            evm::make(name).write();
        }
        let fixture = evm::Fixture::read(name);
        let key = fixture.verifying_key();
        assert_eq!(fixture.digest, key.digest().0, "{name}: VERACAST_REMAKE=1 makes it anew");
        let verdict = key.verify(&fixture.statement, &fixture.proof);
        assert_eq!(verdict, Ok(()), "{name}: VERACAST_REMAKE=1 makes it anew");
    }
}
