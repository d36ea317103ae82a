//! Protocol buffers, as much of them as ONNX needs. In: fields by their number. Out: bytes.

/// A message.
#[derive(Clone, Debug, Default)]
pub struct Message(pub Vec<u8>);

impl Message {
    fn number(&mut self, mut n: u64) {
        while n >= 0x80 {
            self.0.push(n as u8 | 0x80);
            n >>= 7;
        }
        self.0.push(n as u8);
    }

    /// A whole number.
    pub fn int(mut self, field: u64, n: i64) -> Message {
        self.number(field << 3);
        self.number(n as u64);
        self
    }

    /// Bytes, a text, or a message.
    pub fn bytes(mut self, field: u64, bytes: &[u8]) -> Message {
        self.number(field << 3 | 2);
        self.number(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    /// A text.
    pub fn text(self, field: u64, text: &str) -> Message {
        self.bytes(field, text.as_bytes())
    }

    /// A message in it.
    pub fn message(self, field: u64, inner: &Message) -> Message {
        self.bytes(field, &inner.0)
    }

    /// Several of them.
    pub fn all<'m>(self, field: u64, inner: impl IntoIterator<Item = &'m Message>) -> Message {
        inner.into_iter().fold(self, |m, one| m.message(field, one))
    }

    /// Several whole numbers, one by one.
    pub fn ints(self, field: u64, list: &[i64]) -> Message {
        list.iter().fold(self, |m, n| m.int(field, *n))
    }
}

#[cfg(test)]
mod tests {
    use super::Message;

    #[test]
    fn numbers_take_seven_bits_a_byte() {
        assert_eq!(Message::default().int(1, 300).0, [8, 0xac, 2]);
        assert_eq!(Message::default().int(1, -1).0.len(), 11);
        assert_eq!(Message::default().text(2, "ab").0, [0x12, 2, b'a', b'b']);
    }
}
