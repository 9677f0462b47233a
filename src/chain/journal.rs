//! The journal of hedges: written before anything is sent, so that a run that was killed, or that
//! lost its endpoint, is found and finished by the next one instead of being repeated.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use alloy::primitives::{Address, Bytes, TxHash, B256, U256};
use serde::{Deserialize, Serialize};

use super::error::ChainError;
use super::home::write_durably;
use super::network::LOCAL_CHAIN_ID;
use super::send::Signed;

/// Version of the file format.
const FORMAT: u32 = 1;

/// Where a hedge stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Confirmed by the user; at most an approval was sent, no hedge was signed.
    Approving,
    /// Signed and written down; perhaps sent.
    Prepared,
    /// Handed to an endpoint.
    Sent,
    /// In a block; the swap happened.
    Mined,
    /// It did not happen and cannot happen any more.
    Failed,
    /// Given up before anything was signed that could swap.
    Abandoned,
}

/// A signed transaction, kept so that the very same bytes can be sent again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TxRecord {
    /// Computed from the signed bytes, before they were sent.
    pub hash: TxHash,
    /// The signed bytes.
    pub raw: Bytes,
    /// The account nonce that they take.
    pub account_nonce: u64,
    /// Most wei per gas.
    pub max_fee: u128,
    /// Wei per gas for the block's producer.
    pub priority_fee: u128,
}

impl From<&Signed> for TxRecord {
    fn from(signed: &Signed) -> Self {
        Self {
            hash: signed.hash,
            raw: signed.raw.clone(),
            account_nonce: signed.nonce,
            max_fee: signed.max_fee,
            priority_fee: signed.priority_fee,
        }
    }
}

/// What a mined hedge did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Swapped {
    /// The transaction that did it.
    pub tx_hash: TxHash,
    /// Its block.
    pub block: u64,
    /// Gas it used.
    pub gas_used: Option<u64>,
    /// WBTC sold, satoshi.
    pub amount_in: U256,
    /// USDC received, 1e-6 USD.
    pub amount_out: U256,
}

/// One hedge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Where it stands.
    pub state: State,
    /// Unix time of the first writing.
    pub created: u64,
    /// The network's name.
    pub network: String,
    /// Its chain id.
    pub chain_id: u64,
    /// The gate.
    pub gate: Address,
    /// Whose WBTC.
    pub sender: Address,
    /// The gate's nonce for this sender: consumed means that the hedge acted.
    pub nonce: U256,
    /// Months covered.
    pub horizon: u8,
    /// WBTC to sell, satoshi.
    pub amount_sats: U256,
    /// Proven price, 1e-6 USD per BTC.
    pub btc_price: U256,
    /// Least USDC, 1e-6 USD.
    pub min_out: U256,
    /// Last second at which it can act.
    pub deadline: u64,
    /// The latest block when it was written.
    pub from_block: u64,
    /// The approval, if one was needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approve: Option<TxRecord>,
    /// The hedge itself, once signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hedge: Option<TxRecord>,
    /// What it did, once mined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub swapped: Option<Swapped>,
    /// Why it failed or was given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Contents {
    format: u32,
    entries: Vec<Entry>,
}

/// The journal of one sender on one chain, locked against a second run.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    contents: Contents,
    // Released when dropped, by the system if need be.
    _lock: File,
}

impl Entry {
    /// Whether it was signed and its end is not written down: it may still happen.
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Prepared | State::Sent)
    }
}

impl Journal {
    /// Opens the journal below `home`.
    ///
    /// A local chain that was started anew is another chain: there the genesis block's hash is part
    /// of the name. Nowhere else, because the endpoint tells it.
    ///
    /// # Errors
    /// When another run holds it, or the file is damaged (it is never ignored).
    pub fn open(
        home: &Path,
        chain_id: u64,
        genesis: B256,
        sender: Address,
    ) -> Result<Self, ChainError> {
        let name = if chain_id == LOCAL_CHAIN_ID {
            format!("{chain_id}-{}-{sender}", hex::encode(&genesis[..8]))
        } else {
            format!("{chain_id}-{sender}")
        };
        let folder = home.join("journal");
        let path = folder.join(format!("{name}.json"));
        let fail = |e: &dyn std::fmt::Display| ChainError::file(&path, "journal", e);
        std::fs::create_dir_all(&folder).map_err(|e| fail(&e))?;
        let lock = File::create(folder.join(format!("{name}.lock"))).map_err(|e| fail(&e))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(ChainError::Journal(format!(
                    "another veracast hedge of {sender} on chain {chain_id} is running; wait for it"
                )))
            }
            Err(TryLockError::Error(e)) => return Err(fail(&e)),
        }
        let contents = match std::fs::read_to_string(&path) {
            Ok(text) => parse(&text).map_err(|e| fail(&e))?,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                Contents { format: FORMAT, entries: Vec::new() }
            }
            Err(e) => return Err(fail(&e)),
        };
        Ok(Self { path, contents, _lock: lock })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// All hedges, oldest first.
    pub fn entries(&self) -> &[Entry] {
        &self.contents.entries
    }

    /// The latest hedge.
    pub fn latest(&self) -> Option<&Entry> {
        self.contents.entries.last()
    }

    /// Adds a hedge, durably. Returns its index.
    ///
    /// # Errors
    /// When it cannot be written; then nothing may be sent.
    pub fn push(&mut self, entry: Entry) -> Result<usize, ChainError> {
        self.contents.entries.push(entry);
        self.write()?;
        Ok(self.contents.entries.len() - 1)
    }

    /// Changes the hedge at `index` of [`Journal::entries`], durably.
    ///
    /// # Errors
    /// When it cannot be written, or there is none.
    pub fn update(
        &mut self,
        index: usize,
        change: impl FnOnce(&mut Entry),
    ) -> Result<(), ChainError> {
        let entry = self.contents.entries.get_mut(index);
        change(entry.ok_or_else(|| ChainError::Journal("the journal has no such hedge".into()))?);
        self.write()
    }

    fn write(&self) -> Result<(), ChainError> {
        let text = serde_json::to_string_pretty(&self.contents)
            .map_err(|e| ChainError::file(&self.path, "could not be encoded", &e))?;
        write_durably(&self.path, text.as_bytes())
    }
}

fn parse(text: &str) -> Result<Contents, String> {
    let contents: Contents = serde_json::from_str(text).map_err(|e| {
        format!("expected veracast's journal, got something else ({e}); look what was sent before you move the file away")
    })?;
    if contents.format != FORMAT {
        return Err(format!("expected format {FORMAT}, got {}", contents.format));
    }
    Ok(contents)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(state: State) -> Entry {
        Entry {
            state,
            created: 1,
            network: "sepolia".into(),
            chain_id: 11_155_111,
            gate: Address::repeat_byte(1),
            sender: Address::repeat_byte(2),
            nonce: U256::from(3),
            horizon: 5,
            amount_sats: U256::from(1_234_567),
            btc_price: U256::from(60_637_000_000u64),
            min_out: U256::from(7),
            deadline: 9,
            from_block: 10,
            approve: None,
            hedge: None,
            swapped: None,
            note: None,
        }
    }

    fn open(home: &Path) -> Result<Journal, ChainError> {
        Journal::open(home, 11_155_111, B256::ZERO, Address::repeat_byte(2))
    }

    #[test]
    fn an_entry_is_there_for_the_next_run() {
        let home = tempfile::tempdir().unwrap();
        let mut journal = open(home.path()).unwrap();
        assert!(journal.latest().is_none());
        let index = journal.push(entry(State::Approving)).unwrap();
        journal.update(index, |e| e.state = State::Sent).unwrap();
        assert!(journal.update(index + 1, |e| e.state = State::Failed).is_err());
        drop(journal);
        assert_eq!(open(home.path()).unwrap().latest(), Some(&entry(State::Sent)));
    }

    #[test]
    fn one_run_at_a_time() {
        let home = tempfile::tempdir().unwrap();
        let first = open(home.path()).unwrap();
        let error = open(home.path()).unwrap_err().to_string();
        assert!(error.contains("another veracast hedge"), "{error}");
        drop(first);
        assert!(open(home.path()).is_ok());
    }

    #[test]
    fn a_damaged_journal_is_never_ignored() {
        let home = tempfile::tempdir().unwrap();
        let path = open(home.path()).unwrap().path().to_path_buf();
        for text in
            ["", "{", "[]", r#"{"format":2,"entries":[]}"#, r#"{"format":1,"entries":[{}]}"#]
        {
            std::fs::write(&path, text).unwrap();
            assert!(open(home.path()).is_err(), "{text}");
        }
    }

    #[test]
    fn only_a_local_chain_is_told_apart_by_its_genesis() {
        let home = tempfile::tempdir().unwrap();
        let sender = Address::repeat_byte(2);
        let path = |chain, genesis| {
            Journal::open(home.path(), chain, B256::repeat_byte(genesis), sender)
                .unwrap()
                .path()
                .to_path_buf()
        };
        assert_eq!(path(11_155_111, 1), path(11_155_111, 2));
        assert_ne!(path(31_337, 1), path(31_337, 2));
    }
}
