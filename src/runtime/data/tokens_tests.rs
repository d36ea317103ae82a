use super::*;
use crate::base::dice::Dice;
use crate::runtime::data::pieces::Stored;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

const LETTERS: [&str; 12] =
    ["a", "b", "Z", "é", "\u{10348}", " ", " ", "\n", "\t", "0", "ß", "\u{0}"];

fn random(seed: u32) -> String {
    let mut dice = Dice::new(7, "text", seed);
    let length = (dice.uniform() * 300.0) as usize;
    let some = 1 + (dice.uniform() * LETTERS.len() as f64) as usize;
    (0..length).map(|_| LETTERS[(dice.uniform() * some as f64) as usize % LETTERS.len()]).collect()
}

fn ask(unit: Unit) -> Ask<'static> {
    Ask { unit, unknown: Unknown::Refused, min_count: 1, most: None, known: &[] }
}

fn read_all(texts: &[&str], ask: &Ask) -> Result<Read, Diagnostic> {
    read(texts.iter().map(|text| input(text.as_bytes())).collect(), ask)
}

fn input(bytes: &[u8]) -> Input {
    Input { path: "t.txt".into(), bytes: Bytes::Read(bytes.to_vec()) }
}

fn numbers(read: &Read) -> Vec<i32> {
    let mut all = Vec::new();
    read.tokens.copy(0..read.tokens.len(), &mut all);
    all
}

/// What the tokens of a text are, told in the plainest way.
fn pieces(text: &str, unit: Unit) -> Vec<String> {
    match unit {
        Unit::Char => text.chars().map(String::from).collect(),
        _ => text.split_whitespace().map(String::from).collect(),
    }
}

#[test]
fn what_is_read_spells_the_text() {
    for seed in 0..400 {
        let (first, second) = (random(2 * seed), random(2 * seed + 1));
        let texts = [first.as_str(), second.as_str()];
        for unit in [Unit::Char, Unit::Word] {
            let read = read_all(&texts, &ask(unit)).unwrap();
            let expected: Vec<Vec<String>> = texts.iter().map(|text| pieces(text, unit)).collect();
            let all = numbers(&read);
            for (part, own) in read.parts.iter().zip(&expected) {
                let spelled = all[part.clone()].iter().map(|code| &read.words[*code as usize]);
                assert!(spelled.eq(own.iter()), "{texts:?} {unit:?}");
            }
            let mut counts: BTreeMap<&String, usize> = BTreeMap::new();
            expected.iter().flatten().for_each(|word| *counts.entry(word).or_default() += 1);
            let mut order: Vec<&String> = counts.keys().copied().collect();
            if unit == Unit::Word {
                order.sort_by_key(|word| Reverse(counts[word]));
            }
            assert!(order.into_iter().eq(&read.words), "{texts:?} {unit:?}");
            assert_eq!(read.unknown, 0);
        }
        let read = read_all(&texts, &ask(Unit::Byte)).unwrap();
        let bytes: Vec<i32> = texts.concat().bytes().map(i32::from).collect();
        assert_eq!(numbers(&read), bytes);
    }
}

#[test]
fn rare_words_are_dropped_or_are_one_token() {
    for seed in 0..400 {
        let text = random(seed);
        for unit in [Unit::Char, Unit::Word] {
            let plain = read_all(&[&text], &ask(unit)).unwrap();
            let mut dice = Dice::new(8, "rare", seed);
            let most = 1 + (dice.uniform() * 8.0) as usize;
            let min_count = 1 + (dice.uniform() * 4.0) as usize;
            let limits = Ask { min_count, most: Some(most), ..ask(unit) };
            let own = pieces(&text, unit);
            let count = |word: &String| own.iter().filter(|other| *other == word).count();

            let dropped = Ask { unknown: Unknown::Dropped, ..limits };
            let read = read_all(&[&text], &dropped).unwrap();
            let kept: BTreeSet<&String> = read.words.iter().collect();
            assert_eq!(kept.len(), read.words.len());
            let frequent = plain.words.iter().filter(|word| count(word) >= min_count).count();
            assert_eq!(kept.len(), frequent.min(most), "{text:?} {limits:?}");
            let least = kept.iter().map(|word| count(word)).min().unwrap_or(usize::MAX);
            let out = plain.words.iter().filter(|word| !kept.contains(word));
            assert!(out.map(count).max().is_none_or(|most| most <= least || most < min_count));
            let spelled = numbers(&read).into_iter().map(|code| &read.words[code as usize]);
            assert!(spelled.eq(own.iter().filter(|word| kept.contains(word))));
            assert_eq!(read.unknown, own.len() - read.tokens.len());

            let token = ["<unk>", "a"][seed as usize % 2];
            let one = Ask { unknown: Unknown::Token(token), ..limits };
            let read = read_all(&[&text], &one).unwrap();
            assert_eq!((read.words[0].as_str(), read.tokens.len()), (token, own.len()));
            assert!(read.words.len() <= most && !read.words[1..].contains(&token.to_string()));
            for (code, word) in numbers(&read).iter().zip(&own) {
                let known = read.words[1..].contains(word);
                assert_eq!(*code != 0, known, "{text:?} {word:?}");
                assert!(!known || read.words[*code as usize] == *word);
            }
        }
    }
}

#[test]
fn a_vocabulary_of_a_run_gives_the_same_numbers() {
    for seed in 0..200 {
        let (first, second) = (random(seed), random(seed + 1000));
        for unit in [Unit::Char, Unit::Word] {
            let run = read_all(&[&first], &ask(unit)).unwrap();
            let again = Ask { known: &run.words, ..ask(unit) };
            let both = read_all(&[&first], &again).unwrap();
            assert!(
                run.words.is_empty()
                    || (numbers(&both), &both.words) == (numbers(&run), &run.words)
            );
            let other = read_all(&[&second], &again);
            let strange = pieces(&second, unit).into_iter().find(|word| !run.words.contains(word));
            match (strange, run.words.is_empty()) {
                (Some(_), false) => assert_eq!(other.unwrap_err().code, codes::RL2076),
                _ => assert!(other.is_ok()),
            }
        }
    }
}

#[test]
fn a_strange_word_is_told_with_its_line() {
    let known = ["a".to_string(), "\n".to_string()];
    let ask = Ask { known: &known, ..ask(Unit::Char) };
    let error = read_all(&["aa\n\na\u{1b}a"], &ask).unwrap_err();
    assert_eq!(error.message, "line 3 of `t.txt`: `\\u{1b}` is not in the vocabulary");
}

#[test]
fn more_words_than_the_field_has() {
    let ask = Ask { most: Some(2), ..ask(Unit::Word) };
    assert_eq!(read_all(&["a b a"], &ask).unwrap().words, ["a", "b"]);
    let error = read_all(&["a b c"], &ask).unwrap_err();
    assert_eq!(error.code, codes::RL2005);
    let bad = vec![input(b"a\xffb")];
    assert_eq!(read(bad, &ask).unwrap_err().code, codes::RL2027);
}

/// The same text in a file.
fn stored(text: &str) -> (Input, std::fs::File) {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let bytes = Bytes::Stored(Stored::new(file.try_clone().unwrap(), text.len() as u64));
    (Input { path: "t.txt".into(), bytes }, file)
}

#[test]
fn texts_in_files_give_the_same_tokens() {
    for seed in 0..60 {
        // Several blocks each.
        let texts: Vec<String> = (0..2)
            .map(|n| (0..30).map(|part| random(seed * 100 + n * 50 + part)).collect())
            .collect();
        // Those of one byte a character have a way of their own.
        let one_byte = |text: String| text.chars().filter(|c| c.is_ascii()).collect();
        let texts: Vec<String> = match seed % 2 {
            0 => texts,
            _ => texts.into_iter().map(one_byte).collect(),
        };
        let plain: Vec<&str> = texts.iter().map(String::as_str).collect();
        for unit in [Unit::Byte, Unit::Char, Unit::Word] {
            for unknown in [Unknown::Refused, Unknown::Dropped, Unknown::Token("?")] {
                let most = (unknown != Unknown::Refused).then_some(4);
                let ask = Ask { unknown, most, ..ask(unit) };
                let kept = read_all(&plain, &ask).unwrap();
                let inputs = texts.iter().map(|text| stored(text).0).collect();
                let left = read(inputs, &ask).unwrap();
                assert!(matches!(left.tokens, Tokens::Stored(_)));
                let facts = |read: &Read| (read.parts.clone(), read.words.clone(), read.unknown);
                assert_eq!(facts(&kept), facts(&left));
                assert_eq!(numbers(&kept), numbers(&left), "{unit:?} {unknown:?}");
                let mut dice = Dice::new(9, "ranges", seed);
                for _ in 0..20 {
                    let start = dice.below(left.tokens.len() as u32 + 2) as usize;
                    let range = start..start + dice.below(1500) as usize;
                    let (mut a, mut b) = (vec![7], vec![7]);
                    let inside = range.end <= kept.tokens.len();
                    left.tokens.copy(range.clone(), &mut b);
                    if inside {
                        kept.tokens.copy(range, &mut a);
                        assert_eq!(a, b);
                    }
                }
                let Tokens::Stored(tokens) = &left.tokens else { return };
                assert!(tokens.changed().is_none());
            }
        }
    }
}

#[test]
fn a_file_that_changes_is_told() {
    let text = "ab cd ".repeat(2000);
    // Another text of as many words that are all known.
    let (input, mut file) = stored(&text);
    let whole = read(vec![input], &ask(Unit::Word)).unwrap();
    let Tokens::Stored(tokens) = &whole.tokens else { panic!("it is in a file") };
    assert!(tokens.changed().is_none());
    std::thread::sleep(std::time::Duration::from_millis(20));
    std::io::Seek::seek(&mut file, std::io::SeekFrom::Start(0)).unwrap();
    file.write_all(b"cd ab").unwrap();
    assert_eq!(tokens.changed().unwrap().code, codes::RL2071);
    for (change, at) in [(&b"x"[..], 5000), (b"\xff", 5000), (b" ", 5001)] {
        for cut in [false, true] {
            let (input, mut file) = stored(&text);
            let read = read(vec![input], &ask(Unit::Word)).unwrap();
            if cut {
                file.set_len(3000).unwrap();
            } else {
                std::io::Seek::seek(&mut file, std::io::SeekFrom::Start(at)).unwrap();
                file.write_all(&[change, change].concat()).unwrap();
            }
            assert_eq!(numbers(&read).len(), 4000);
            let Tokens::Stored(tokens) = &read.tokens else { panic!("it is in a file") };
            assert_eq!(tokens.changed().unwrap().code, codes::RL2071);
        }
    }
}
