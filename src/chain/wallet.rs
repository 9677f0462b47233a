//! Keys as Foundry users know them: password-encrypted keystore files in `~/.foundry/keystores`,
//! interchangeable with `cast wallet`. A key is never taken from the command line.

use std::fs;
use std::path::{Path, PathBuf};

use alloy::primitives::Address;
use alloy::signers::local::{LocalSignerError, PrivateKeySigner};
use rand_core::OsRng;
use serde_json::Value;

use super::error::ChainError;
use super::home;

/// Why `--private-key` is refused; shown instead of reading it.
pub const PRIVATE_KEY_REFUSED: &str =
    "a key on the command line is kept in the shell's history and shown to every user of this \
     machine by ps; store it encrypted with `veracast wallet import NAME` and use --account NAME";

/// Largest keystore file that is read; real ones are half a kilobyte.
const MAX_KEYSTORE_BYTES: u64 = 16 * 1024;
/// Bounds on the key derivation's cost, so that a hostile file cannot exhaust memory or time.
const MAX_SCRYPT_N: u64 = 1 << 20;
const MAX_SCRYPT_R_TIMES_P: u64 = 64;
const MAX_PBKDF2_ROUNDS: u64 = 10_000_000;

/// How the user names a keystore.
#[derive(Clone, Debug, Default)]
pub struct KeystoreChoice {
    /// `--keystore FILE|DIR`.
    pub keystore: Option<PathBuf>,
    /// `--account NAME`.
    pub account: Option<String>,
}

impl KeystoreChoice {
    /// The keystore file meant.
    ///
    /// # Errors
    /// When nothing is named, the file is absent, or a folder leaves the choice open.
    pub fn locate(&self) -> Result<PathBuf, ChainError> {
        let folder = match (&self.keystore, &self.account) {
            (Some(path), None) if !path.is_dir() => return existing(path.clone()),
            (Some(path), None) => return only_account(path),
            (Some(path), Some(_)) if path.is_file() => {
                return Err(ChainError::invalid(
                    "--keystore",
                    "a folder when --account is given too",
                    path.display(),
                    "give either the file or the account's name",
                ))
            }
            (Some(path), Some(_)) => path.clone(),
            (None, Some(_)) => home::keystore_dir()?,
            (None, None) => {
                return Err(ChainError::Missing {
                    what: "a key".into(),
                    advice: "give --account NAME or --keystore FILE (`veracast wallet new NAME` \
                             makes one, `veracast wallet list` shows those there are)"
                        .into(),
                })
            }
        };
        let name = self.account.as_deref().unwrap_or_default();
        check_name(name)?;
        existing(folder.join(name))
    }
}

fn existing(path: PathBuf) -> Result<PathBuf, ChainError> {
    if path.is_file() {
        return Ok(path);
    }
    Err(ChainError::Missing {
        what: format!("keystore {}", path.display()),
        advice: "`veracast wallet list` shows the accounts there are".into(),
    })
}

fn only_account(folder: &Path) -> Result<PathBuf, ChainError> {
    let accounts = list(folder)?;
    match accounts.as_slice() {
        [one] => Ok(folder.join(&one.name)),
        others => Err(ChainError::invalid(
            "--keystore",
            "a file, or a folder with one keystore",
            format!("a folder with {}", others.len()),
            "choose one with --account NAME",
        )),
    }
}

/// Refuses account names that would leave the folder.
fn check_name(name: &str) -> Result<(), ChainError> {
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.@+".contains(&b));
    if name.is_empty() || name.starts_with('.') || name.len() > 100 || !plain {
        return Err(ChainError::invalid(
            "account name",
            "1 to 100 letters, digits or -_.@+, not starting with a point",
            format!("{name:?}"),
            "",
        ));
    }
    Ok(())
}

/// One keystore of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// File name.
    pub name: String,
    /// The address, where the file tells it without a password.
    pub address: Option<Address>,
}

/// The keystores of a folder, by name; other files are left out.
///
/// # Errors
/// When the folder cannot be read. An absent folder has no accounts.
pub fn list(folder: &Path) -> Result<Vec<Account>, ChainError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(ChainError::file(folder, "keystore folder could not be read", &e)),
    };
    let mut accounts: Vec<Account> = entries
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let json = read_json(&entry.path()).ok()?;
            let address = json["address"].as_str().and_then(|a| a.parse().ok());
            json["crypto"].is_object().then_some(Account { name, address })
        })
        .collect();
    accounts.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(accounts)
}

/// Decrypts a keystore.
///
/// # Errors
/// A malformed file, or the wrong password. The password is in no message.
pub fn unlock(path: &Path, password: &str) -> Result<PrivateKeySigner, ChainError> {
    check_shape(path, &read_json(path)?)?;
    PrivateKeySigner::decrypt_keystore(path, password).map_err(|error| {
        let wrong_password = matches!(&error, LocalSignerError::EthKeystoreError(e)
            if e.to_string().to_lowercase().contains("mac"));
        if wrong_password {
            return ChainError::refused(
                "password",
                format!("the password of {}", path.display()),
                "another one",
                "try again, or name the right --password-file",
            );
        }
        ChainError::File { path: path.display().to_string(), what: "could not be decrypted".into() }
    })
}

fn read_json(path: &Path) -> Result<Value, ChainError> {
    let file_error =
        |e: &dyn std::fmt::Display| ChainError::file(path, "keystore could not be read", e);
    let size = fs::metadata(path).map_err(|e| file_error(&e))?.len();
    if size > MAX_KEYSTORE_BYTES {
        return Err(file_error(&format!(
            "expected at most {MAX_KEYSTORE_BYTES} bytes, got {size}"
        )));
    }
    let text = fs::read_to_string(path).map_err(|e| file_error(&e))?;
    serde_json::from_str(&text).map_err(|_| file_error(&"expected a JSON keystore (version 3)"))
}

/// The decryption library trusts the file's numbers; this does not.
fn check_shape(path: &Path, json: &Value) -> Result<(), ChainError> {
    let crypto = &json["crypto"];
    let params = &crypto["kdfparams"];
    let number = |key: &str| params[key].as_u64();
    let hex_bytes = |v: &Value| v.as_str().and_then(|s| hex::decode(s).ok()).map(|b| b.len());
    let costs_fit = match crypto["kdf"].as_str() {
        Some("scrypt") => match (number("n"), number("r"), number("p")) {
            (Some(n), Some(r), Some(p)) => {
                n.is_power_of_two()
                    && (2..=MAX_SCRYPT_N).contains(&n)
                    && r >= 1
                    && p >= 1
                    && r.checked_mul(p).is_some_and(|rp| rp <= MAX_SCRYPT_R_TIMES_P)
            }
            _ => false,
        },
        Some("pbkdf2") => number("c").is_some_and(|c| (1..=MAX_PBKDF2_ROUNDS).contains(&c)),
        _ => false,
    };
    let sound = costs_fit
        && json["version"].as_u64() == Some(3)
        && number("dklen") == Some(32)
        && crypto["cipher"].as_str() == Some("aes-128-ctr")
        && hex_bytes(&crypto["cipherparams"]["iv"]) == Some(16)
        && hex_bytes(&crypto["ciphertext"]) == Some(32)
        && hex_bytes(&crypto["mac"]) == Some(32);
    if sound {
        return Ok(());
    }
    Err(ChainError::File {
        path: path.display().to_string(),
        what: "expected a version 3 keystore (scrypt or pbkdf2 within usual costs, aes-128-ctr, a \
               32-byte key), got something else"
            .into(),
    })
}

/// Makes a new key from the operating system's randomness and stores it encrypted.
///
/// # Errors
/// When the account exists, or the file cannot be written.
pub fn create(folder: &Path, name: &str, password: &str) -> Result<Address, ChainError> {
    let signer = PrivateKeySigner::random_with(&mut OsRng);
    store(folder, name, &signer, password)
}

/// Stores a key that the user typed, encrypted.
///
/// # Errors
/// When the text is no key (it is not repeated), the account exists, or the file cannot be written.
pub fn import(folder: &Path, name: &str, key: &str, password: &str) -> Result<Address, ChainError> {
    let signer: PrivateKeySigner = key.trim().parse().map_err(|_| {
        ChainError::invalid(
            "private key",
            "64 hexadecimal digits, with or without 0x",
            "something else (not shown)",
            "",
        )
    })?;
    store(folder, name, &signer, password)
}

fn store(
    folder: &Path,
    name: &str,
    signer: &PrivateKeySigner,
    password: &str,
) -> Result<Address, ChainError> {
    check_name(name)?;
    let target = folder.join(name);
    let fail = |e: &dyn std::fmt::Display| ChainError::file(&target, "could not be written", e);
    fs::create_dir_all(folder).map_err(|e| fail(&e))?;
    // Encrypted in a private folder first: no other user sees it half-written, none is overwritten.
    let private = tempfile::TempDir::with_prefix_in(".new-", folder).map_err(|e| fail(&e))?;
    let key = signer.to_bytes();
    PrivateKeySigner::encrypt_keystore(private.path(), &mut OsRng, key, password, Some(name))
        .map_err(|e| fail(&e))?;
    let written = private.path().join(name);
    restrict(&written).map_err(|e| fail(&e))?;
    fs::File::open(&written).and_then(|f| f.sync_all()).map_err(|e| fail(&e))?;
    fs::hard_link(&written, &target).map_err(|e| match e.kind() {
        std::io::ErrorKind::AlreadyExists => ChainError::refused(
            "account",
            "a new name",
            format!("{} exists already", target.display()),
            "choose another name; a keystore is never overwritten",
        ),
        _ => fail(&e),
    })?;
    Ok(signer.address())
}

#[cfg(unix)]
fn restrict(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn restrict(_: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
    const ADDRESS: &str = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";

    #[test]
    fn a_stored_key_unlocks_with_its_password_alone() {
        let dir = tempfile::tempdir().unwrap();
        let address = import(dir.path(), "miner", KEY, "secret").unwrap();
        assert_eq!(address.to_string(), ADDRESS);
        let choice =
            KeystoreChoice { keystore: Some(dir.path().into()), account: Some("miner".into()) };
        let path = choice.locate().unwrap();
        assert_eq!(unlock(&path, "secret").unwrap().address(), address);
        let error = unlock(&path, "hunter2").unwrap_err().to_string();
        assert!(error.contains("password") && !error.contains("hunter2"), "{error}");
        assert_eq!(list(dir.path()).unwrap().len(), 1, "nothing else is left in the folder");

        let again = import(dir.path(), "miner", KEY, "other").unwrap_err();
        assert!(again.to_string().contains("exists already"), "{again}");
        assert!(unlock(&path, "secret").is_ok(), "the first keystore is untouched");
    }

    #[test]
    fn a_bad_key_is_not_repeated() {
        let dir = tempfile::tempdir().unwrap();
        let error = import(dir.path(), "a", "0xdeadbeef", "p").unwrap_err().to_string();
        assert!(!error.contains("deadbeef"), "{error}");
    }

    #[test]
    fn names_stay_in_the_folder() {
        for name in ["", ".", "..", "../x", "a/b", ".hidden", "a b"] {
            assert!(check_name(name).is_err(), "{name}");
        }
        assert!(check_name("deployer_1.main").is_ok());
    }

    #[test]
    fn hostile_files_are_refused_before_any_work() {
        let dir = tempfile::tempdir().unwrap();
        import(dir.path(), "good", KEY, "p").unwrap();
        let text = fs::read_to_string(dir.path().join("good")).unwrap();
        let json: Value = serde_json::from_str(&text).unwrap();
        let with = |path: &[&str], value: Value| {
            let mut changed = json.clone();
            let mut place = &mut changed;
            for key in path {
                place = &mut place[*key];
            }
            *place = value;
            let file = dir.path().join("bad");
            fs::write(&file, changed.to_string()).unwrap();
            unlock(&file, "p")
        };
        assert!(with(&["crypto", "kdfparams", "dklen"], 8.into()).is_err());
        assert!(with(&["crypto", "kdfparams", "n"], (1u64 << 31).into()).is_err());
        assert!(with(&["crypto", "kdfparams", "r"], 1_000_000.into()).is_err());
        assert!(with(&["crypto", "cipherparams", "iv"], "00".into()).is_err());
        assert!(with(&["crypto", "ciphertext"], "00".into()).is_err());
        assert!(with(&["crypto"], Value::Null).is_err());
        fs::write(dir.path().join("bad"), "not json").unwrap();
        assert!(unlock(&dir.path().join("bad"), "p").is_err());
    }

    #[test]
    fn a_folder_with_two_needs_a_name() {
        let dir = tempfile::tempdir().unwrap();
        import(dir.path(), "a", KEY, "p").unwrap();
        let choice = KeystoreChoice { keystore: Some(dir.path().into()), account: None };
        assert!(choice.locate().is_ok());
        fs::copy(dir.path().join("a"), dir.path().join("b")).unwrap();
        assert!(choice.locate().unwrap_err().to_string().contains("folder with 2"));
        assert!(KeystoreChoice::default().locate().unwrap_err().is_usage());
    }
}
