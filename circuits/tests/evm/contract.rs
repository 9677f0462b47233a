//! The deployed verifier, in an EVM inside the test.
#![allow(clippy::unwrap_used, clippy::panic, dead_code, unreachable_pub)]

use revm::context::result::ExecutionResult;
use revm::context::{CfgEnv, TxEnv};
use revm::database::InMemoryDB;
use revm::primitives::hardfork::SpecId;
use revm::primitives::{Address, Bytes, TxKind};
use revm::{Context, ExecuteCommitEvm, ExecuteEvm, MainBuilder, MainContext, MainnetEvm};
use sha3::{Digest, Keccak256};

type Evm = MainnetEvm<Context<revm::context::BlockEnv, TxEnv, CfgEnv, InMemoryDB>>;

/// A chain on which one verifier is deployed, from the artifact that is committed.
pub struct Contract {
    evm: Evm,
    address: Address,
}

impl Contract {
    /// Deploys the verifier of `tau` on a chain of the hardfork that the contracts are compiled for.
    pub fn deploy(tau: &[u8; 128]) -> Self {
        let cfg = CfgEnv::new().with_spec_and_mainnet_gas_params(SpecId::PRAGUE);
        let mut evm =
            Context::mainnet().with_db(InMemoryDB::default()).with_cfg(cfg).build_mainnet();
        let code = [creation_code(), tau.to_vec()].concat();
        let result = evm.transact_commit(transaction(TxKind::Create, code, 0)).unwrap();
        let address = result.created_address().unwrap();
        Self { evm, address }
    }

    /// Registers a key; its digest.
    pub fn register(&mut self, key: &[u8]) -> [u8; 32] {
        let data = call("register(bytes)", &[Value::Bytes(key)]);
        let sent = transaction(TxKind::Call(self.address), data, 1);
        let result = self.evm.transact_commit(sent).unwrap();
        let ExecutionResult::Success { output, .. } = result else { panic!("{result:?}") };
        output.into_data().as_ref().try_into().unwrap()
    }

    /// Whether a key would be admitted; the state stays as it is.
    pub fn admits(&mut self, key: &[u8]) -> bool {
        let data = call("register(bytes)", &[Value::Bytes(key)]);
        let sent = transaction(TxKind::Call(self.address), data, 1);
        match self.evm.transact(sent).unwrap().result {
            ExecutionResult::Success { .. } => true,
            ExecutionResult::Revert { .. } => false,
            halt @ ExecutionResult::Halt { .. } => panic!("{halt:?}"),
        }
    }

    /// The contract's answer, and the gas of the whole transaction.
    pub fn verify(
        &mut self,
        digest: [u8; 32],
        statement: &[[u8; 32]],
        proof: &[u8],
    ) -> (bool, u64) {
        let values = [Value::Word(digest), Value::Words(statement), Value::Bytes(proof)];
        let data = call("verify(bytes32,uint256[],bytes)", &values);
        let sent = transaction(TxKind::Call(self.address), data, 2);
        let result = self.evm.transact(sent).unwrap().result;
        let used = result.tx_gas_used();
        let ExecutionResult::Success { output, .. } = result else { panic!("{result:?}") };
        let mut truth = [0; 32];
        truth[31] = 1;
        match output.into_data().as_ref() {
            answer if answer == truth => (true, used),
            answer if answer == [0; 32] => (false, used),
            answer => panic!("{answer:?} is no boolean"),
        }
    }
}

fn creation_code() -> Vec<u8> {
    let path = "../contracts/artifacts/ForecastVerifier.json";
    let text = std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path));
    let artifact: serde_json::Value = serde_json::from_str(&text.unwrap()).unwrap();
    crate::evm::unhex(artifact["bytecode"].as_str().unwrap())
}

fn transaction(kind: TxKind, data: Vec<u8>, nonce: u64) -> TxEnv {
    let limit = 16_000_000;
    TxEnv::builder()
        .kind(kind)
        .data(Bytes::from(data))
        .gas_limit(limit)
        .nonce(nonce)
        .build()
        .unwrap()
}

enum Value<'a> {
    Word([u8; 32]),
    Words(&'a [[u8; 32]]),
    Bytes(&'a [u8]),
}

/// Calldata as the ABI has it.
fn call(signature: &str, values: &[Value<'_>]) -> Vec<u8> {
    let number = |n: usize| {
        let mut word = [0; 32];
        word[24..].copy_from_slice(&(n as u64).to_be_bytes());
        word
    };
    let mut head = Keccak256::digest(signature.as_bytes())[..4].to_vec();
    let mut tail = Vec::new();
    for value in values {
        let offset = number(32 * values.len() + tail.len());
        match value {
            Value::Word(word) => head.extend(word),
            Value::Words(words) => {
                head.extend(offset);
                tail.extend(number(words.len()));
                tail.extend(words.concat());
            }
            Value::Bytes(bytes) => {
                head.extend(offset);
                tail.extend(number(bytes.len()));
                tail.extend_from_slice(bytes);
                tail.resize(tail.len().next_multiple_of(32), 0);
            }
        }
    }
    head.extend(tail);
    head
}
