//! `veracast wallet new|import|list|address`.

use std::io::{BufRead, IsTerminal};
use std::path::PathBuf;

use alloy::primitives::Address;
use serde_json::json;

use super::options::{hidden, KeyOptions};
use super::{CliError, Outcome, Ui};
use crate::chain::{home, wallet};

/// Options of `veracast wallet`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Make a new key and store it encrypted
    New(Target),
    /// Store an existing key encrypted; it is asked for, or read from stdin, never an argument
    Import(Target),
    /// The keystores there are
    List(Folder),
    /// A keystore's address
    Address(KeyOptions),
}

#[derive(Debug, clap::Args)]
struct Folder {
    /// Folder of keystores [default: ~/.foundry/keystores]
    #[arg(long, value_name = "DIR")]
    keystore: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct Target {
    /// Name of the account
    name: String,
    #[command(flatten)]
    folder: Folder,
    /// A file whose first line is the new keystore's password
    #[arg(long, env = "ETH_PASSWORD", hide_env_values = true, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

impl Folder {
    fn path(&self) -> Result<PathBuf, CliError> {
        match &self.keystore {
            Some(path) => Ok(path.clone()),
            None => Ok(home::keystore_dir()?),
        }
    }
}

/// Runs the command.
///
/// # Errors
/// When a keystore cannot be written or read, or the password is wrong.
pub fn run(args: Args, ui: &Ui) -> Result<Outcome, CliError> {
    match args.command {
        Command::New(target) => {
            let password = target.new_password(ui)?;
            let folder = target.folder.path()?;
            stored(&target.name, &folder, wallet::create(&folder, &target.name, &password)?)
        }
        Command::Import(target) => {
            let key = read_key(ui)?;
            let password = target.new_password(ui)?;
            let folder = target.folder.path()?;
            stored(&target.name, &folder, wallet::import(&folder, &target.name, &key, &password)?)
        }
        Command::List(folder) => list(&folder.path()?),
        Command::Address(keys) => {
            let address = keys.unlock(ui)?.address();
            Ok(Outcome::new(address.to_string(), json!({ "address": address })))
        }
    }
}

impl Target {
    /// The password of a new keystore: typed twice, or the file's.
    fn new_password(&self, ui: &Ui) -> Result<String, CliError> {
        let keys = KeyOptions { password_file: self.password_file.clone(), ..Default::default() };
        let password = keys.password(ui, "New password: ")?;
        if password.is_empty() {
            return Err(CliError::usage("password: expected at least one character, got none"));
        }
        if self.password_file.is_none() {
            let again = hidden(ui, "The same again: ", "--password-file FILE")?;
            if again != password {
                return Err(CliError::usage(
                    "password: expected the same twice, got two different ones",
                ));
            }
        }
        Ok(password)
    }
}

fn read_key(ui: &Ui) -> Result<String, CliError> {
    if std::io::stdin().is_terminal() {
        return hidden(ui, "Private key (not shown): ", "the key on stdin");
    }
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|e| CliError::refused(format!("stdin: {e}")))?;
    Ok(line.trim().to_string())
}

fn stored(name: &str, folder: &std::path::Path, address: Address) -> Result<Outcome, CliError> {
    let path = folder.join(name);
    let text = format!("{address}\n  keystore {}", path.display());
    let json = json!({ "address": address, "account": name, "keystore": path });
    Ok(Outcome::new(text, json))
}

fn list(folder: &std::path::Path) -> Result<Outcome, CliError> {
    let accounts = wallet::list(folder)?;
    let lines: Vec<String> = accounts
        .iter()
        .map(|a| match a.address {
            Some(address) => format!("{}  {address}", a.name),
            None => a.name.clone(),
        })
        .collect();
    let text = if lines.is_empty() {
        format!("no keystores in {}", folder.display())
    } else {
        lines.join("\n")
    };
    let json = json!({
        "folder": folder,
        "accounts": accounts.iter().map(|a| json!({"account": a.name, "address": a.address})).collect::<Vec<_>>(),
    });
    Ok(Outcome::new(text, json))
}
