//! Text from outside, for people. In: names, messages, lines of files. Out: the same without
//! characters that a terminal obeys or that change what is seen.

/// Whether a character shows as itself: no control character, none that turns the direction of
/// writing, none that cannot be seen.
pub fn is_plain(c: char) -> bool {
    let hidden = matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    !c.is_control() && !hidden
}

/// The text with every character written out that is not plain and not in `kept`.
pub fn visible(text: &str, kept: &[char]) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_plain(c) || kept.contains(&c) { out.push(c) } else { out.extend(c.escape_default()) }
    }
    out
}

/// JSON whose text holds no character that is not plain: those are written as JSON has them. In JSON
/// they stand in strings only.
pub fn visible_json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push(c),
            c if is_plain(c) => out.push(c),
            c => c
                .encode_utf16(&mut [0; 2])
                .iter()
                .for_each(|word| out.push_str(&format!("\\u{word:04x}"))),
        }
    }
    out
}

/// A source text whose bytes are where they were: what is not plain is a mark of the same length. The
/// control characters of ASCII stay, as whoever draws source lines has signs for them.
pub fn marked(text: &str) -> String {
    let mark = |c: char| match c {
        c if is_plain(c) || c.is_ascii() => c,
        c => match c.len_utf8() {
            2 => '\u{b7}',
            3 => '\u{fffd}',
            _ => '\u{1fbc4}',
        },
    };
    text.chars().map(mark).collect()
}

/// Bytes of the longest name of a model. A folder's name adds a number to it.
const LONGEST: usize = 200;

/// What the name of a file becomes where it names a model, and folders of its runs: one part of a
/// path, whatever it was.
pub fn as_name(text: &str) -> String {
    let fit = |c: char| if is_plain(c) && !"/\\:".contains(c) { c } else { '_' };
    let mut name: String = text.chars().map(fit).collect();
    name.truncate(name.floor_char_boundary(LONGEST));
    if name.chars().all(|c| c == '.') { "model".into() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_stays_json() {
        let text = serde_json::json!({ "a\u{1b}": "\u{9b}\u{202e}\u{e0041}ü" }).to_string();
        let shown = visible_json(&text);
        assert!(shown.chars().all(is_plain), "{shown}");
        let back = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(back(&shown), back(&text));
    }

    #[test]
    fn marks_move_nothing() {
        let text = "a\u{1b}b\u{9b}c\u{202e}d\u{e0041}e\n";
        let shown = marked(text);
        assert_eq!(shown.len(), text.len());
        assert!(text.match_indices(char::is_alphabetic).all(|(at, c)| shown[at..].starts_with(c)));
        assert!(shown.chars().all(|c| is_plain(c) || c.is_ascii()));
    }

    #[test]
    fn a_name_is_one_part_of_a_path() {
        for (text, name) in [
            ("vae", "vae"),
            ("my model-2", "my model-2"),
            ("../evil", ".._evil"),
            ("/tmp\\x", "_tmp_x"),
            ("a\u{1b}\nb", "a__b"),
            ("..", "model"),
            ("", "model"),
        ] {
            assert_eq!(as_name(text), name);
        }
        assert_eq!(as_name(&"ü".repeat(200)).len(), 200);
    }

    #[test]
    fn what_a_terminal_would_obey_is_written_out() {
        assert_eq!(visible("a\u{1b}[2Jb\tü", &[]), "a\\u{1b}[2Jb\\tü");
        assert_eq!(visible("a\nb\r\n", &['\n']), "a\nb\\r\n");
        assert_eq!(visible("\u{202e}\u{9b}\u{feff}", &[]), "\\u{202e}\\u{9b}\\u{feff}");
    }
}
