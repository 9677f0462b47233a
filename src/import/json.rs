//! JSON into [`Value`], as XGBoost writes it.
//!
//! A reader of our own for three reasons: XGBoost writes the words `NaN` and `Infinity` (2.1 does so
//! for the unused thresholds of vector leaves), a decimal must become the nearest float32 without a
//! detour over double, and a key that stands twice must be noticed.

use super::cursor::join;
use super::document::{check_keys, decimal, is_number, Budget, Packer, Value, MAX_DEPTH};
use super::error::{Fault, Refusal};

/// Words that stand for values.
const WORDS: [(&str, Value); 6] = [
    ("null", Value::Null),
    ("true", Value::Bool(true)),
    ("false", Value::Bool(false)),
    ("NaN", Value::Float(f32::NAN)),
    ("Infinity", Value::Float(f32::INFINITY)),
    ("-Infinity", Value::Float(f32::NEG_INFINITY)),
];

/// Reads a whole JSON text.
pub(super) fn read(bytes: &[u8]) -> Result<Value, Fault> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let place = format!("byte {}", error.valid_up_to());
        Fault::broken(Refusal::Syntax, &place, "UTF-8", "other bytes")
    })?;
    let mut reader = Reader { text, at: 0, budget: Budget::new() };
    let root = reader.value("", MAX_DEPTH)?;
    match reader.peek() {
        None => Ok(root),
        Some(_) => Err(reader.unexpected("the end of the file")),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    budget: Budget,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next character that is not blank; stays before it.
    fn peek(&mut self) -> Option<u8> {
        let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        self.at += rest.iter().take_while(|byte| blank(byte)).count();
        self.text.as_bytes().get(self.at).copied()
    }

    fn next_is(&mut self, mark: u8) -> bool {
        let found = self.peek() == Some(mark);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, mark: u8) -> Result<(), Fault> {
        if self.next_is(mark) {
            return Ok(());
        }
        Err(self.unexpected(&format!("`{}`", char::from(mark))))
    }

    fn unexpected(&self, expected: &str) -> Fault {
        let before = self.text.get(..self.at).unwrap_or_default();
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = before.len() - before.rfind('\n').map_or(0, |newline| newline + 1) + 1;
        let got = match self.rest().chars().next() {
            None => "the end of the file (truncated)".into(),
            Some(other) => format!("{other:?}"),
        };
        let place = format!("line {line}, column {column}");
        Fault::broken(Refusal::Syntax, &place, expected, got)
    }

    fn value(&mut self, place: &str, depth: usize) -> Result<Value, Fault> {
        if depth == 0 {
            let expected = format!("at most {MAX_DEPTH} levels");
            return Err(Fault::broken(Refusal::TooLarge, place, expected, "more"));
        }
        match self.peek() {
            Some(b'{') => self.object(place, depth),
            Some(b'[') => self.array(place, depth),
            Some(b'"') => {
                self.budget.value(place)?;
                self.string().map(Value::Text)
            }
            _ => {
                self.budget.numbers(1, place)?;
                self.scalar()
            }
        }
    }

    fn object(&mut self, place: &str, depth: usize) -> Result<Value, Fault> {
        self.budget.value(place)?;
        self.expect(b'{')?;
        let mut entries = Vec::new();
        while !self.next_is(b'}') {
            if !entries.is_empty() {
                self.expect(b',')?;
            }
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("a key in quotes"));
            }
            let key = self.string()?;
            self.expect(b':')?;
            let value = self.value(&join(place, &key), depth - 1)?;
            entries.push((key, value));
        }
        check_keys(&entries, place)?;
        Ok(Value::Object(entries))
    }

    fn array(&mut self, place: &str, depth: usize) -> Result<Value, Fault> {
        self.budget.value(place)?;
        self.expect(b'[')?;
        let mut packer = Packer::default();
        let mut at = 0usize;
        while !self.next_is(b']') {
            if at > 0 {
                self.expect(b',')?;
            }
            // Numbers need no place of their own: they are told by their column.
            let item = match self.peek() {
                Some(b'{' | b'[' | b'"') => self.value(&format!("{place}[{at}]"), depth - 1)?,
                _ => self.value(place, depth)?,
            };
            packer.push(item);
            at += 1;
        }
        Ok(packer.finish())
    }

    fn scalar(&mut self) -> Result<Value, Fault> {
        let rest = self.rest();
        if !rest.starts_with(|first: char| first.is_ascii_digit()) {
            if let Some((word, value)) = WORDS.iter().find(|(word, _)| rest.starts_with(word)) {
                self.at += word.len();
                return Ok(value.clone());
            }
        }
        let length = rest.bytes().take_while(|byte| b"+-.0123456789eE".contains(byte)).count();
        let number = rest.get(..length).and_then(number);
        let number = number.ok_or_else(|| self.unexpected("a value"))?;
        self.at += length;
        Ok(number)
    }

    /// A string; the next character is its opening quote.
    fn string(&mut self) -> Result<String, Fault> {
        self.expect(b'"')?;
        let mut string = String::new();
        loop {
            let rest = self.rest();
            let plain = rest.find(|c: char| matches!(c, '"' | '\\') || c < ' ');
            let plain = plain.unwrap_or(rest.len());
            string.push_str(rest.get(..plain).unwrap_or_default());
            self.at += plain;
            match self.text.as_bytes().get(self.at) {
                Some(b'"') => break,
                Some(b'\\') => string.push(self.escape()?),
                _ => return Err(self.unexpected("the end of a string")),
            }
        }
        self.at += 1;
        Ok(string)
    }

    fn escape(&mut self) -> Result<char, Fault> {
        let letter = self.text.as_bytes().get(self.at + 1);
        let (character, length) = match letter {
            Some(letter @ (b'"' | b'\\' | b'/')) => (Some(char::from(*letter)), 2),
            Some(b'b') => (Some('\u{8}'), 2),
            Some(b'f') => (Some('\u{c}'), 2),
            Some(b'n') => (Some('\n'), 2),
            Some(b'r') => (Some('\r'), 2),
            Some(b't') => (Some('\t'), 2),
            Some(b'u') => self.code_point(),
            _ => (None, 0),
        };
        let character = character.ok_or_else(|| self.unexpected("an escape that JSON has"))?;
        self.at += length;
        Ok(character)
    }

    fn code_point(&self) -> (Option<char>, usize) {
        let unit = |at: usize| {
            let digits = self.text.get(at..at + 4)?;
            let hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            u16::from_str_radix(digits, 16).ok().filter(|_| hex)
        };
        let first = unit(self.at + 2);
        let second = self.text.get(self.at + 6..self.at + 8).filter(|mark| *mark == "\\u");
        let second = second.and_then(|_| unit(self.at + 8));
        let surrogate = first.is_some_and(|first| (0xd800..0xe000).contains(&first));
        let units = first.into_iter().chain(second.filter(|_| surrogate));
        let character = char::decode_utf16(units).next().and_then(Result::ok);
        (character, if surrogate { 12 } else { 6 })
    }
}

fn number(text: &str) -> Option<Value> {
    if !text.contains(['.', 'e', 'E']) {
        if let (true, Ok(integer)) = (is_number(text), text.parse()) {
            return Some(Value::Integer(integer));
        }
    }
    decimal(text).map(Value::Float)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<Value> {
        read(text.as_bytes()).ok()
    }

    #[test]
    fn numbers_are_the_nearest_float32_of_their_text() {
        // Just above the middle of two float32 numbers: a double would round to the middle.
        let above = "[1.00000005960464477539062500000000001]";
        assert_eq!(parsed(above), Some(Value::Floats(vec![1.0 + f32::EPSILON])));
        assert_eq!(parsed("[1, 2.5e0]"), Some(Value::Floats(vec![1.0, 2.5])));
        assert_eq!(parsed("[-1,0 ]"), Some(Value::Integers(vec![-1, 0])));
        assert_eq!(parsed("[1e99]"), Some(Value::Floats(vec![f32::INFINITY])));
        for wrong in
            ["01", "+1", ".5", "5.", "1e", "--1", "1e+", "0x1", "inf", "nan", "-NaN", "1_0"]
        {
            assert_eq!(parsed(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn strings_are_unescaped() {
        let text = r#""a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00é""#;
        let expected = "a\"\\/\u{8}\u{c}\n\r\té\u{1f600}é";
        assert_eq!(parsed(text), Some(Value::Text(expected.into())));
        for wrong in
            [r#""\x""#, r#""\ud83d""#, r#""\ud83dab""#, r#""\u12""#, "\"a\nb\"", "\"a", "\"\\"]
        {
            assert_eq!(parsed(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_not_json_is_refused_where_it_stands() {
        for wrong in
            ["", "{", "[1", "[1 2]", "[1,]", "{\"a\"}", "{a:1}", "{\"a\":1,}", "1 1", "{}}"]
        {
            assert_eq!(parsed(wrong), None, "{wrong}");
        }
        let error = read(b"{\"a\": [1,\n  x]}").unwrap_err().in_file("f");
        assert_eq!(error.place, "line 2, column 3");
    }

    #[test]
    fn nesting_has_a_limit_however_deep_the_file() {
        assert!(parsed(&format!("{}{}", "[".repeat(31), "]".repeat(31))).is_some());
        for depth in [33, 1_000_000] {
            let error = read("[".repeat(depth).as_bytes()).unwrap_err().in_file("f");
            assert_eq!(error.refusal, Refusal::TooLarge);
        }
    }
}
