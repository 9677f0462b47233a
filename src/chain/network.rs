//! The release file of a network: what the gate is and which models it runs are read here and
//! from the local models, never from an RPC endpoint.

use std::path::{Path, PathBuf};

use alloy::primitives::{Address, B256};
use serde::{Deserialize, Serialize};

use super::error::ChainError;
use super::home;

/// Chain id of a throw-away local chain; the only one where a development setup is accepted.
pub const LOCAL_CHAIN_ID: u64 = 31337;
/// Chain id of Ethereum's main net.
pub const MAINNET_CHAIN_ID: u64 = 1;

/// One network, as its TOML file states it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// Name shown to the user.
    pub name: String,
    /// The chain id that the RPC endpoint must answer.
    pub chain_id: u64,
    /// Token sold, 8 decimals.
    pub wbtc: Address,
    /// Token bought, 6 decimals.
    pub usdc: Address,
    /// Fee tier of the pool, in hundredths of a basis point.
    pub fee: u32,
    /// Uniswap V3 factory.
    pub factory: Address,
    /// SwapRouter02.
    pub router: Address,
    /// QuoterV2; without it quotes are estimates from the TWAP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quoter: Option<Address>,
    /// ForecastVerifier, once deployed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verifier: Option<Address>,
    /// HedgeGate, once deployed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<Address>,
    /// Environment variable with the RPC URL, asked before ETH_RPC_URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rpc_env: Option<String>,
    /// RPC URL of a local chain; refused for any other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rpc_url: Option<String>,
    /// Digests of the models of horizons 2, 3, 4 and 5, once known; zero for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub models: Option<[B256; 4]>,
}

/// Sepolia with the original system's tokens and Uniswap's deployment.
const SEPOLIA: &str = include_str!("networks/sepolia.toml");

impl Network {
    /// Finds a network by `--network`: `local`, `sepolia`, or a file.
    ///
    /// A file of the same name in the data folder (written by `veracast deploy` or the demo) comes
    /// before the built-in one.
    ///
    /// # Errors
    /// When there is no such network, or its file is malformed (with the place).
    pub fn load(name: &str) -> Result<Self, ChainError> {
        if name.contains(['/', '\\']) || name.ends_with(".toml") {
            return Self::read(Path::new(name));
        }
        let written = Self::written_path(name)?;
        if written.exists() {
            return Self::read(&written);
        }
        match name {
            "sepolia" => Self::sepolia(),
            "local" => Err(ChainError::Missing {
                what: format!("the local network's file {}", written.display()),
                advice: "run `cargo xtask demo`, or `veracast deploy --network FILE` against your own chain".into(),
            }),
            other => Err(ChainError::invalid(
                "--network",
                "local, sepolia, or the path of a network file (*.toml)",
                other,
                "",
            )),
        }
    }

    /// The built-in Sepolia, as it is before anything of ours is deployed there.
    ///
    /// # Errors
    /// When the file that this library was built with is damaged.
    pub fn sepolia() -> Result<Self, ChainError> {
        Self::parse(SEPOLIA, "built-in sepolia.toml")
    }

    /// Where `deploy` writes the file of a named network.
    ///
    /// # Errors
    /// When there is no data folder, or the name is no plain file name.
    pub fn written_path(name: &str) -> Result<PathBuf, ChainError> {
        let plain = !name.is_empty()
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if !plain {
            return Err(ChainError::invalid("network name", "letters, digits, - and _", name, ""));
        }
        Ok(home::data_dir()?.join("networks").join(format!("{name}.toml")))
    }

    /// Reads a network file.
    ///
    /// # Errors
    /// When it cannot be read or is malformed.
    pub fn read(path: &Path) -> Result<Self, ChainError> {
        let text = std::fs::read_to_string(path)
            .map_err(|e| ChainError::file(path, "network file could not be read", &e))?;
        Self::parse(&text, &path.display().to_string())
    }

    /// Parses a network file; `place` names it in errors.
    ///
    /// # Errors
    /// When the text is malformed or contradicts itself.
    pub fn parse(text: &str, place: &str) -> Result<Self, ChainError> {
        let bad = |what: String| ChainError::File { path: place.into(), what };
        let this: Self =
            toml::from_str(text).map_err(|e| bad(format!("not a network file: {e}")))?;
        if this.rpc_url.is_some() && this.chain_id != LOCAL_CHAIN_ID {
            return Err(bad(format!(
                "rpc_url: expected none (only chain id {LOCAL_CHAIN_ID} may carry one), got one for chain id {}",
                this.chain_id
            )));
        }
        if this.wbtc == this.usdc {
            return Err(bad(format!(
                "wbtc and usdc: expected two tokens, got {} twice",
                this.wbtc
            )));
        }
        if this.fee == 0 || this.fee >= 1_000_000 {
            return Err(bad(format!("fee: expected 1..999999 (3000 is 0.3 %), got {}", this.fee)));
        }
        Ok(this)
    }

    /// Writes the file durably.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), ChainError> {
        let body = toml::to_string_pretty(self)
            .map_err(|e| ChainError::file(path, "could not be encoded", &e))?;
        let head = "# A veracast network: the gate, its models and the pool that it swaps in.\n";
        home::write_durably(path, format!("{head}{body}").as_bytes())
    }

    /// Whether this is a throw-away chain, where a development setup is worth something.
    pub fn is_local(&self) -> bool {
        self.chain_id == LOCAL_CHAIN_ID
    }

    /// The verifier's address.
    ///
    /// # Errors
    /// When it is not deployed, saying how to.
    pub fn deployed_verifier(&self) -> Result<Address, ChainError> {
        self.verifier.ok_or_else(|| self.not_deployed("verifier"))
    }

    /// The gate's address.
    ///
    /// # Errors
    /// When it is not deployed, saying how to.
    pub fn deployed_gate(&self) -> Result<Address, ChainError> {
        self.gate.ok_or_else(|| self.not_deployed("gate"))
    }

    /// The release's four digests.
    ///
    /// # Errors
    /// When the file names none.
    pub fn released_models(&self) -> Result<[B256; 4], ChainError> {
        self.models.ok_or_else(|| self.not_deployed("models"))
    }

    fn not_deployed(&self, field: &str) -> ChainError {
        ChainError::Missing {
            what: format!("`{field}` in the network file of {}", self.name),
            advice: format!(
                "deploy with `veracast deploy --network {}`, or use the file of a release that has it",
                self.name
            ),
        }
    }

    /// Refuses the main net unless the user insists.
    ///
    /// # Errors
    /// On chain id 1 without the flag.
    pub fn check_audited(&self, unaudited_mainnet: bool) -> Result<(), ChainError> {
        if self.chain_id == MAINNET_CHAIN_ID && !unaudited_mainnet {
            return Err(ChainError::refused(
                "main net",
                "an audited release",
                "contracts and circuits that nobody has audited",
                "use a test net; --unaudited-mainnet is there for those who take the risk themselves",
            ));
        }
        Ok(())
    }

    /// Refuses models made with a development setup wherever money could be real.
    ///
    /// # Errors
    /// When the setup is insecure and the chain id is not 31337, whatever the network is called.
    pub fn check_setup(&self, dev_setup: bool) -> Result<(), ChainError> {
        if dev_setup && !self.is_local() {
            return Err(ChainError::refused(
                "setup",
                format!("a ceremony's SRS on chain id {}", self.chain_id),
                "a development SRS, with which anybody can forge proofs",
                "run `veracast setup DIR --srs FILE.ptau` with a ceremony file and deploy those keys",
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sepolia_is_the_original_systems_and_says_what_is_missing() {
        let sepolia = Network::parse(SEPOLIA, "sepolia").unwrap();
        assert_eq!(sepolia.chain_id, 11_155_111);
        assert_eq!(sepolia.fee, 3000);
        assert_eq!(sepolia.rpc_env.as_deref(), Some("SEPOLIA_RPC_URL"));
        let error = sepolia.deployed_gate().unwrap_err();
        assert!(error.to_string().contains("`gate`"), "{error}");
        assert!(error.advice().unwrap().contains("veracast deploy --network sepolia"));
    }

    #[test]
    fn a_written_file_reads_back() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("n.toml");
        let mut network = Network::parse(SEPOLIA, "sepolia").unwrap();
        network.gate = Some(Address::repeat_byte(9));
        network.models = Some([B256::ZERO, B256::repeat_byte(1), B256::ZERO, B256::repeat_byte(2)]);
        network.write(&path).unwrap();
        assert_eq!(Network::read(&path).unwrap(), network);
    }

    #[test]
    fn refuses_hostile_and_contradictory_files() {
        let with = |from: &str, to: &str| Network::parse(&SEPOLIA.replace(from, to), "x");
        assert!(with("fee = 3000", "fee = 0").is_err());
        assert!(with("fee = 3000", "fee = 3000\nrpc_url = \"http://evil\"").is_err());
        assert!(with("fee = 3000", "fee = 3000\nsurprise = 1").is_err());
        assert!(with("0x29f2D40B0605204364af54EC677bD022dA425d03", "0x29f2").is_err());
    }

    #[test]
    fn dev_setups_stay_on_chain_31337() {
        let mut network = Network::parse(SEPOLIA, "sepolia").unwrap();
        network.name = "local".into();
        assert!(network.check_setup(true).is_err());
        assert!(network.check_setup(false).is_ok());
        network.chain_id = LOCAL_CHAIN_ID;
        assert!(network.check_setup(true).is_ok());
    }

    #[test]
    fn mainnet_needs_the_flag() {
        let mut network = Network::parse(SEPOLIA, "sepolia").unwrap();
        network.chain_id = MAINNET_CHAIN_ID;
        assert!(network.check_audited(false).is_err());
        assert!(network.check_audited(true).is_ok());
    }

    #[test]
    fn names_do_not_escape_the_folder() {
        assert!(Network::written_path("..").is_err());
        assert!(Network::written_path("a/b").is_err());
    }
}
