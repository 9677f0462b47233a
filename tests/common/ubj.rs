//! Writes a JSON value as XGBoost's UBJ, so that every hostile JSON file has a twin.

use serde_json::Value;

/// The UBJ document of `value`.
pub(crate) fn encode(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(value, &mut bytes);
    bytes
}

fn length(count: usize, bytes: &mut Vec<u8>) {
    bytes.push(b'L');
    bytes.extend((count as i64).to_be_bytes());
}

fn write(value: &Value, bytes: &mut Vec<u8>) {
    match value {
        Value::Null => bytes.push(b'Z'),
        Value::Bool(truth) => bytes.push(if *truth { b'T' } else { b'F' }),
        Value::Number(number) => match number.as_i64() {
            Some(integer) => length(integer as usize, bytes),
            None => {
                bytes.push(b'd');
                bytes.extend((number.as_f64().unwrap() as f32).to_be_bytes());
            }
        },
        Value::String(text) => {
            bytes.push(b'S');
            length(text.len(), bytes);
            bytes.extend(text.as_bytes());
        }
        Value::Array(items) => {
            bytes.extend(b"[#");
            length(items.len(), bytes);
            items.iter().for_each(|item| write(item, bytes));
        }
        Value::Object(entries) => {
            bytes.push(b'{');
            for (key, value) in entries {
                length(key.len(), bytes);
                bytes.extend(key.as_bytes());
                write(value, bytes);
            }
            bytes.push(b'}');
        }
    }
}
