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

/// Edit distance in characters, where two neighbours in the wrong order are one slip; both words are short.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    // Rows for the beginnings of `a`; the last one and the one before are needed.
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replace = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replace.min(row[j - 1] + 1).min(last[j] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_that_was_meant_is_found() {
        let words = ["bleu", "relu", "tanh", "softplus"];
        assert_eq!(nearest("rleu", &words), Some("relu"));
        assert_eq!(nearest("tahn", &words), Some("tanh"));
        assert_eq!(nearest("softpuls", &words), Some("softplus"));
        assert_eq!(nearest("sotfpul", &words), None);
        assert_eq!(nearest("x", &words), None);
        assert_eq!(distance("abcd", "badc"), 2);
    }
}
