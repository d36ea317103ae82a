//! "Did you mean": the word that was probably meant. In: a word and candidates. Out: one of them.

/// The closest of some words, if one is close enough to be meant.
pub fn nearest<'a>(word: &str, among: &[&'a str]) -> Option<&'a str> {
    // One letter is close to every other letter, which says nothing.
    let limit = match word.len() {
        0 | 1 => 0,
        2 | 3 => 1,
        _ => 2,
    };
    let word: String = word.chars().take(64).collect::<String>().to_ascii_lowercase();
    among
        .iter()
        .filter(|candidate| candidate.len().abs_diff(word.len()) <= 4 * limit)
        .map(|candidate| (distance(&word, &candidate.to_ascii_lowercase()), *candidate))
        .filter(|(d, _)| *d <= limit)
        .min_by_key(|(d, candidate)| (*d, shared(&word, candidate)))
        .map(|(_, candidate)| candidate)
}

/// Of equally close words the one that begins alike is meant.
fn shared(word: &str, candidate: &str) -> std::cmp::Reverse<usize> {
    let same = word.chars().zip(candidate.chars()).take_while(|(a, b)| a.eq_ignore_ascii_case(b));
    std::cmp::Reverse(same.count())
}

/// Edit distance in characters; both words are short.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replace = diagonal + (x != *y) as usize;
            diagonal = row[j + 1];
            row[j + 1] = replace.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
