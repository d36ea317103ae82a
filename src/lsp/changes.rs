//! What was changed in a text since it was looked at. In: changes in order. Out: where a place of the old text
//! is in the new one and the other way round, if it is still there. So an answer about the text of a
//! moment ago serves while the next one is being made.

/// A change: the bytes `start..old_end` became `start..new_end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// First byte.
    pub start: usize,
    /// One past the last byte of the old text.
    pub old_end: usize,
    /// One past the last byte of the new text.
    pub new_end: usize,
}

impl Change {
    /// The smallest change that makes one text another.
    pub fn between(old: &str, new: &str) -> Change {
        let same = old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
        let start = old.floor_char_boundary(same);
        let tail = |text: &str| text.len() - start;
        let most = tail(old).min(tail(new));
        let ends = old.bytes().rev().zip(new.bytes().rev());
        let same = ends.take(most).take_while(|(a, b)| a == b).count();
        let old_end = old.ceil_char_boundary(old.len() - same);
        Change { start, old_end, new_end: new.len() - (old.len() - old_end) }
    }

    /// A place of the new text in the old one.
    fn back(self, at: usize) -> Option<usize> {
        match at {
            _ if at <= self.start => Some(at),
            _ if at >= self.new_end => Some(at - self.new_end + self.old_end),
            _ => None,
        }
    }
}

/// Where a run of bytes of the old text is in the new one, if nothing in it was changed. What is put right
/// before or behind it does not belong to it.
pub fn forward(changes: &[Change], run: (usize, usize)) -> Option<(usize, usize)> {
    changes.iter().try_fold(run, |(start, end), change| {
        let moved = |at: usize| at - change.old_end + change.new_end;
        match (end <= change.start, start >= change.old_end) {
            (true, _) => Some((start, end)),
            (_, true) => Some((moved(start), moved(end))),
            _ => None,
        }
    })
}

/// Where a place of the new text is in the old one.
pub fn back(changes: &[Change], at: usize) -> Option<usize> {
    changes.iter().rev().try_fold(at, |at, change| change.back(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_change_is_found() {
        let change = |old, new| {
            let Change { start, old_end, new_end } = Change::between(old, new);
            (start, old_end, new_end)
        };
        assert_eq!(change("abc", "abXc"), (2, 2, 3));
        assert_eq!(change("aaa", "aaaa"), (3, 3, 4));
        assert_eq!(change("abc", ""), (0, 3, 0));
        assert_eq!(change("same", "same"), (4, 4, 4));
        // Characters are changed as a whole.
        assert_eq!(change("x\u{e4}y", "x\u{e5}y"), (1, 3, 3));
        assert_eq!(change("\u{20ac}", "\u{20ad}"), (0, 3, 3));
    }

    #[test]
    fn places_move_with_the_text() {
        // `let h = x` becomes `let hidden = x`, then a line is put before it.
        let changes = [
            Change { start: 5, old_end: 5, new_end: 10 },
            Change { start: 0, old_end: 0, new_end: 3 },
        ];
        assert_eq!(forward(&changes, (8, 9)), Some((16, 17)));
        assert_eq!(forward(&changes, (0, 3)), Some((3, 6)));
        assert_eq!(back(&changes, 16), Some(8));
        assert_eq!(back(&changes, 3), Some(0));
        assert_eq!(back(&changes, 1), None);
        // Inside of what was put in.
        assert_eq!(back(&changes, 10), None);
        // A word of which a part was replaced is no longer there.
        assert_eq!(forward(&[Change { start: 5, old_end: 7, new_end: 6 }], (4, 6)), None);
    }
}
