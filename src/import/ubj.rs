//! Universal Binary JSON into [`Value`], as XGBoost writes it: big-endian numbers, lengths always as
//! 64-bit integers after an `L`, typed arrays without an end mark, objects with one.

use super::cursor::join;
use super::document::{check_keys, Budget, Packer, Value, MAX_DEPTH};
use super::error::{Fault, Refusal};

/// Reads a whole UBJ document.
pub(super) fn read(bytes: &[u8]) -> Result<Value, Fault> {
    let mut reader = Reader { bytes, at: 0, budget: Budget::new() };
    let root = reader.value("", MAX_DEPTH)?;
    match bytes.len() - reader.at {
        0 => Ok(root),
        left => Err(reader.syntax("the end of the file", format!("{left} more bytes"))),
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    budget: Budget,
}

impl<'a> Reader<'a> {
    fn syntax(&self, expected: &str, got: impl ToString) -> Fault {
        Fault::broken(Refusal::Syntax, &format!("byte {}", self.at), expected, got)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Fault> {
        let end = self.at.checked_add(count).filter(|end| *end <= self.bytes.len());
        let end = end.ok_or_else(|| {
            let left = self.bytes.len() - self.at;
            self.syntax(&format!("{count} more bytes"), format!("{left} (truncated)"))
        })?;
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    fn mark(&mut self) -> Result<u8, Fault> {
        self.array::<1>().map(|[mark]| mark)
    }

    fn next_is(&mut self, mark: u8) -> bool {
        let found = self.bytes.get(self.at) == Some(&mark);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, mark: u8) -> Result<(), Fault> {
        if self.next_is(mark) {
            return Ok(());
        }
        let got = self.bytes.get(self.at).map_or("the end".into(), |byte| show(*byte));
        Err(self.syntax(&show(mark), got))
    }

    /// A length in elements of `width` bytes, no more than the rest of the file can hold.
    fn length(&mut self, width: usize) -> Result<usize, Fault> {
        self.expect(b'L')?;
        let length = i64::from_be_bytes(self.array()?);
        let left = self.bytes.len() - self.at;
        match usize::try_from(length) {
            Ok(count) if count <= left / width => Ok(count),
            _ => {
                let expected = format!("a length that fits in the {left} bytes left");
                Err(self.syntax(&expected, length))
            }
        }
    }

    fn text(&mut self) -> Result<String, Fault> {
        let length = self.length(1)?;
        let bytes = self.take(length)?;
        let text = std::str::from_utf8(bytes);
        text.map(Into::into).map_err(|_| self.syntax("UTF-8", "other bytes"))
    }

    fn value(&mut self, place: &str, depth: usize) -> Result<Value, Fault> {
        if depth == 0 {
            let expected = format!("at most {MAX_DEPTH} levels");
            return Err(Fault::broken(Refusal::TooLarge, place, expected, "more"));
        }
        self.budget.value(place)?;
        let mark = self.mark()?;
        match mark {
            b'{' => self.object(place, depth),
            b'[' => self.list(place, depth),
            b'S' => self.text().map(Value::Text),
            b'Z' => Ok(Value::Null),
            b'T' | b'F' => Ok(Value::Bool(mark == b'T')),
            _ => self.number(mark),
        }
    }

    fn number(&mut self, mark: u8) -> Result<Value, Fault> {
        Ok(match mark {
            b'i' => Value::Integer(i8::from_be_bytes(self.array()?).into()),
            b'U' => Value::Integer(u8::from_be_bytes(self.array()?).into()),
            b'I' => Value::Integer(i16::from_be_bytes(self.array()?).into()),
            b'l' => Value::Integer(i32::from_be_bytes(self.array()?).into()),
            b'L' => Value::Integer(i64::from_be_bytes(self.array()?)),
            b'd' => Value::Float(f32::from_be_bytes(self.array()?)),
            b'D' => Value::Float(self.double()?),
            _ => {
                self.at -= 1;
                return Err(self.syntax("a type that XGBoost writes", show(mark)));
            }
        })
    }

    /// A double, which stands for a float32 everywhere in a model.
    fn double(&mut self) -> Result<f32, Fault> {
        let wide = f64::from_be_bytes(self.array()?);
        let narrow = wide as f32;
        if f64::from(narrow).to_bits() == wide.to_bits() {
            return Ok(narrow);
        }
        Err(self.syntax("a double that is a float32", wide))
    }

    fn object(&mut self, place: &str, depth: usize) -> Result<Value, Fault> {
        let mut entries = Vec::new();
        while !self.next_is(b'}') {
            let key = self.text()?;
            let value = self.value(&join(place, &key), depth - 1)?;
            entries.push((key, value));
        }
        check_keys(&entries, place)?;
        Ok(Value::Object(entries))
    }

    fn list(&mut self, place: &str, depth: usize) -> Result<Value, Fault> {
        if self.next_is(b'$') {
            return self.typed(place);
        }
        let mut packer = Packer::default();
        let mut at = 0usize;
        if self.next_is(b'#') {
            let count = self.length(1)?;
            while at < count {
                packer.push(self.value(&format!("{place}[{at}]"), depth - 1)?);
                at += 1;
            }
        } else {
            while !self.next_is(b']') {
                packer.push(self.value(&format!("{place}[{at}]"), depth - 1)?);
                at += 1;
            }
        }
        Ok(packer.finish())
    }

    /// An array whose elements are all of one type and carry no mark of their own.
    fn typed(&mut self, place: &str) -> Result<Value, Fault> {
        let mark = self.mark()?;
        let width = match mark {
            b'i' | b'U' => 1,
            b'I' => 2,
            b'l' | b'd' => 4,
            b'L' | b'D' => 8,
            _ => return Err(self.syntax("a type of number", show(mark))),
        };
        self.expect(b'#')?;
        let count = self.length(width)?;
        self.budget.numbers(count, place)?;
        let mut packer = Packer::default();
        for _ in 0..count {
            packer.push(self.number(mark)?);
        }
        Ok(packer.finish())
    }
}

fn show(byte: u8) -> String {
    if byte.is_ascii_graphic() {
        format!("`{}`", char::from(byte))
    } else {
        format!("byte 0x{byte:02x}")
    }
}
