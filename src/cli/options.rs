//! Options that several commands share, and what happens to the arguments before they are read.

use std::ffi::OsString;
use std::path::PathBuf;

use alloy::primitives::Address;
use alloy::signers::local::PrivateKeySigner;

use super::{CliError, Ui};
use crate::chain::rpc::{find_url, Rpc};
use crate::chain::send::Sender;
use crate::chain::wallet::{self, KeystoreChoice, PRIVATE_KEY_REFUSED};
use crate::chain::Network;

/// Which chain.
#[derive(Clone, Debug, clap::Args)]
pub struct NetworkOptions {
    /// local, sepolia, or a network file (*.toml)
    #[arg(long, default_value = "local", value_name = "NAME|FILE")]
    pub network: String,
    /// RPC endpoint [else the network's variable (SEPOLIA_RPC_URL), else ETH_RPC_URL]
    #[arg(long, value_name = "URL")]
    pub rpc_url: Option<String>,
    /// Go on although nobody has audited this and the chain is the main net
    #[arg(long)]
    pub unaudited_mainnet: bool,
}

impl NetworkOptions {
    /// The network, checked for the main net.
    ///
    /// # Errors
    /// When there is no such network, or it is the main net and the flag is not there.
    pub fn load(&self) -> Result<Network, CliError> {
        let network = Network::load(&self.network)?;
        network.check_audited(self.unaudited_mainnet)?;
        Ok(network)
    }

    /// The endpoint's URL, without using it.
    ///
    /// # Errors
    /// When there is none.
    pub fn url(&self, network: &Network) -> Result<String, CliError> {
        Ok(find_url(self.rpc_url.as_deref(), network)?)
    }
}

/// Whose key.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct KeyOptions {
    /// A keystore file, or a folder of them
    #[arg(long, env = "ETH_KEYSTORE", hide_env_values = true, value_name = "FILE|DIR")]
    pub keystore: Option<PathBuf>,
    /// A keystore's name in ~/.foundry/keystores (or in --keystore DIR)
    #[arg(long, env = "ETH_KEYSTORE_ACCOUNT", value_name = "NAME")]
    pub account: Option<String>,
    /// A file whose first line is the keystore's password
    #[arg(long, env = "ETH_PASSWORD", hide_env_values = true, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
}

impl KeyOptions {
    /// The keystore file, without opening it.
    ///
    /// # Errors
    /// When none is named or it is not there.
    pub fn locate(&self) -> Result<PathBuf, CliError> {
        let choice =
            KeystoreChoice { keystore: self.keystore.clone(), account: self.account.clone() };
        Ok(choice.locate()?)
    }

    /// Unlocks the keystore, asking for the password if no file has it.
    ///
    /// # Errors
    /// When there is no key, no password, or the wrong one.
    pub fn unlock(&self, ui: &Ui) -> Result<PrivateKeySigner, CliError> {
        let path = self.locate()?;
        let password = self.password(ui, &format!("Password of {}: ", path.display()))?;
        Ok(wallet::unlock(&path, &password)?)
    }

    /// The password: the file's first line, or what the user types unseen.
    ///
    /// # Errors
    /// When the file cannot be read, or there is nobody to ask.
    pub fn password(&self, ui: &Ui, prompt: &str) -> Result<String, CliError> {
        match &self.password_file {
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(|e| {
                    CliError::usage(format!("--password-file {}: {e}", path.display()))
                })?;
                Ok(text.lines().next().unwrap_or_default().to_string())
            }
            None => hidden(ui, prompt, "--password-file FILE"),
        }
    }

    /// A sender on an endpoint.
    ///
    /// # Errors
    /// As [`KeyOptions::unlock`].
    pub fn sender(&self, ui: &Ui, rpc: Rpc) -> Result<Sender, CliError> {
        Ok(Sender::new(rpc, self.unlock(ui)?))
    }
}

/// Reads a line from the terminal without showing it.
///
/// # Errors
/// A usage error that names `otherwise` where there is no terminal.
pub fn hidden(ui: &Ui, prompt: &str, otherwise: &str) -> Result<String, CliError> {
    if !ui.can_ask() {
        return Err(CliError::usage(format!("{prompt}expected a terminal to ask on, got none"))
            .advise(format!("give {otherwise}")));
    }
    rpassword::prompt_password(prompt)
        .map_err(|e| CliError::refused(format!("nothing could be read from the terminal: {e}")))
}

/// Refuses keys among the arguments before anything parses, prints or stores them.
pub fn refuse_secrets(arguments: &[OsString]) -> Option<CliError> {
    let secret = |argument: &OsString| {
        let text = argument.to_string_lossy().replace('_', "-");
        let name = text.split('=').next().unwrap_or_default().to_string();
        name == "--private-key" || name == "--mnemonic"
    };
    let given = arguments.iter().skip(1).take_while(|a| *a != "--").any(secret);
    given.then(|| {
        CliError::usage("--private-key: expected a keystore, got a key among the arguments")
            .advise(PRIVATE_KEY_REFUSED)
    })
}

/// `--cost_2_months` is `--cost-2-months`: the original system's options work as they were.
pub fn with_dashes(arguments: Vec<OsString>) -> Vec<OsString> {
    let mut raw = false;
    arguments
        .into_iter()
        .map(|argument| {
            raw |= argument == "--";
            let Some(text) = argument.to_str().filter(|t| !raw && t.starts_with("--")) else {
                return argument;
            };
            match text.split_once('=') {
                Some((name, value)) => format!("{}={value}", name.replace('_', "-")).into(),
                None => text.replace('_', "-").into(),
            }
        })
        .collect()
}

/// Reads an address from an option.
///
/// # Errors
/// A usage error; mixed-case addresses must have a correct checksum.
pub fn parse_address(text: &str) -> Result<Address, String> {
    let lower = text.strip_prefix("0x").is_some_and(|h| !h.bytes().any(|b| b.is_ascii_uppercase()));
    let address =
        if lower { text.parse().ok() } else { Address::parse_checksummed(text, None).ok() };
    address.ok_or_else(|| "expected 0x and 40 hexadecimal digits (with a correct checksum where upper case is used)".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn os(list: &[&str]) -> Vec<OsString> {
        list.iter().map(Into::into).collect()
    }

    #[test]
    fn underscores_are_dashes_in_names_and_nowhere_else() {
        assert_eq!(
            with_dashes(os(&["v", "--cost_2_months", "a_b", "--x_y=c_d", "--", "--e_f"])),
            os(&["v", "--cost-2-months", "a_b", "--x-y=c_d", "--", "--e_f"])
        );
    }

    #[test]
    fn keys_are_refused_in_every_spelling_and_never_repeated() {
        for spelling in ["--private-key", "--private_key", "--private-key=0xabc", "--mnemonic=a b"]
        {
            let error = refuse_secrets(&os(&["veracast", "hedge", spelling, "0xabc"])).unwrap();
            assert_eq!(error.exit_code(), 2);
            assert!(!format!("{error} {:?}", error.advice()).contains("0xabc"));
        }
        assert!(refuse_secrets(&os(&["veracast", "hedge", "--yes"])).is_none());
    }

    #[test]
    fn addresses_keep_their_checksum() {
        assert!(parse_address("0x29f2D40B0605204364af54EC677bD022dA425d03").is_ok());
        assert!(parse_address("0x29f2d40b0605204364af54ec677bd022da425d03").is_ok());
        assert!(parse_address("0x29F2D40B0605204364af54EC677bD022dA425d03").is_err());
        assert!(parse_address("29f2").is_err());
    }
}
