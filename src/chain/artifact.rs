//! Compiled contracts: our own are part of the library, Uniswap's are read from `node_modules`
//! because their licence does not allow us to ship them.

use std::path::Path;

use alloy::primitives::Bytes;
use serde_json::Value;

use super::error::ChainError;

/// The creation code in a compiler's artifact: forge's `bytecode.object` or hardhat's `bytecode`.
///
/// # Errors
/// When the file is missing, is no artifact, or has unlinked libraries.
pub fn creation_code(text: &str, place: &str) -> Result<Bytes, ChainError> {
    let bad = |what: &str| ChainError::File { path: place.into(), what: what.into() };
    let json: Value = serde_json::from_str(text).map_err(|e| bad(&format!("not JSON: {e}")))?;
    let field = &json["bytecode"];
    let code = field.as_str().or_else(|| field["object"].as_str());
    let code = code.ok_or_else(|| bad("expected `bytecode` or `bytecode.object`, got neither"))?;
    let bytes = hex::decode(code.trim_start_matches("0x"))
        .map_err(|_| bad("bytecode: expected hex, got unlinked or damaged code"))?;
    if bytes.is_empty() {
        return Err(bad("bytecode: expected code, got none (an interface?)"));
    }
    Ok(bytes.into())
}

/// The creation code in an artifact file.
///
/// # Errors
/// As [`creation_code`].
pub fn read_creation_code(path: &Path) -> Result<Bytes, ChainError> {
    let text = std::fs::read_to_string(path)
        .map_err(|e| ChainError::file(path, "artifact could not be read", &e))?;
    creation_code(&text, &path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_compilers_formats() {
        let hardhat = creation_code(r#"{"bytecode":"0x6001"}"#, "a").unwrap();
        let forge = creation_code(r#"{"bytecode":{"object":"0x6001"}}"#, "a").unwrap();
        assert_eq!(hardhat, forge);
        for text in ["", "{}", r#"{"bytecode":"0x"}"#, r#"{"bytecode":"0x60__$lib$__"}"#] {
            assert!(creation_code(text, "a").is_err(), "{text}");
        }
    }
}
