use super::*;
use crate::base::dice::Dice;
use crate::runtime::data::batches::{Batch, gather};
use crate::runtime::data::fixtures::{self, field, index, indices};
use std::collections::HashMap;

fn real(name: &str, shape: &[usize]) -> FieldSpec {
    field(name, Support::Real, shape)
}

fn load(text: &str, call: &str, fields: &[FieldSpec]) -> Result<Dataset, Diagnostic> {
    fixtures::load(&[("a.txt", text)], call, fields, &[])
}

fn values(set: &Dataset, field: &str, rows: &[u32], epoch: u32) -> Vec<i32> {
    indices(set, field, rows, (1, epoch))
}

/// A pass over words as the papers' program makes it: words are left out by chance, and every window has a
/// width of its own.
fn pass(
    words: &[usize],
    stays: &dyn Fn(usize) -> f64,
    window: usize,
    dice: &mut Dice,
) -> Vec<(usize, Vec<usize>)> {
    let left: Vec<usize> = words.iter().copied().filter(|w| dice.uniform() < stays(*w)).collect();
    let mut bags = Vec::new();
    for (at, center) in left.iter().enumerate() {
        let reach = 1 + dice.below(window as u32) as usize;
        let near = at.saturating_sub(reach)..(at + reach + 1).min(left.len());
        bags.push((*center, near.filter(|n| *n != at).map(|n| left[n]).collect()));
    }
    bags
}

/// Words of the text of all tests, `a` the most frequent one, and how likely each stays.
fn words() -> (String, Vec<usize>, Vec<f64>) {
    let mut dice = Dice::new(5, "words", 0);
    let list: Vec<usize> = (0..3000).map(|_| (dice.uniform().powi(3) * 6.0) as usize).collect();
    let mut counts = [0usize; 6];
    list.iter().for_each(|w| counts[*w] += 1);
    let mut order: Vec<usize> = (0..6).collect();
    order.sort_by_key(|w| (std::cmp::Reverse(counts[*w]), *w));
    let list: Vec<usize> =
        list.iter().map(|w| order.iter().position(|o| o == w).unwrap()).collect();
    let text: Vec<String> = list.iter().map(|w| char::from(b'a' + *w as u8).to_string()).collect();
    let mut counts = [0usize; 6];
    list.iter().for_each(|w| counts[*w] += 1);
    let stays = counts.iter().map(|n| {
        let share = *n as f64 / list.len() as f64;
        ((0.05 / share).sqrt() + 0.05 / share).min(1.0)
    });
    (text.join(" "), list.clone(), stays.collect())
}

/// Frequencies of two samples of the same things are alike.
fn alike(what: &str, a: &HashMap<Vec<usize>, f64>, b: &HashMap<Vec<usize>, f64>) {
    let (all_a, all_b): (f64, f64) = (a.values().sum(), b.values().sum());
    let (mut sum, mut cells) = (0.0, 0.0);
    let keys: std::collections::HashSet<&Vec<usize>> = a.keys().chain(b.keys()).collect();
    for key in keys {
        let (x, y) = (a.get(key).unwrap_or(&0.0), b.get(key).unwrap_or(&0.0));
        if x + y < 20.0 {
            continue;
        }
        // Of two counts from one distribution.
        sum += ((all_b / all_a).sqrt() * x - (all_a / all_b).sqrt() * y).powi(2) / (x + y);
        cells += 1.0;
    }
    // Counts of a pass depend on each other, so that the statistic is larger than that of free counts.
    assert!(cells > 10.0 && sum < 1.6 * cells + 12.0, "{what}: {sum} of {cells} cells");
}

#[test]
fn pairs_are_those_of_a_pass_over_the_words() {
    let (text, list, stays) = words();
    let fields = [index("center", 6, &[]), index("context", 6, &[])];
    for window in [1, 2, 5] {
        let call = format!("skipgrams:text(a.txt,tokens=word),window={window},sample=0.05");
        let set = load(&text, &call, &fields).unwrap();
        let (mut passes, mut pairs) = (HashMap::new(), 0.0);
        let mut dice = Dice::new(1, "passes", window as u32);
        let count = 60;
        for _ in 0..count {
            for (center, near) in pass(&list, &|w| stays[w], window, &mut dice) {
                pairs += near.len() as f64;
                near.iter().for_each(|n| *passes.entry(vec![center, *n]).or_insert(0.0) += 1.0);
            }
        }
        let off = set.rows as f64 / (pairs / f64::from(count)) - 1.0;
        assert!(off.abs() < 0.01, "{} rows, {} in a pass", set.rows, pairs / f64::from(count));
        let mut drawn = HashMap::new();
        let rows: Vec<u32> = (0..set.rows as u32).collect();
        for epoch in 0..20 {
            let (a, b) =
                (values(&set, "center", &rows, epoch), values(&set, "context", &rows, epoch));
            a.iter().zip(b).for_each(|(a, b)| {
                *drawn.entry(vec![*a as usize, b as usize]).or_insert(0.0) += 1.0;
            });
        }
        alike(&format!("window {window}"), &passes, &drawn);
    }
}

#[test]
fn bags_are_those_of_a_pass_over_the_words() {
    let (text, list, stays) = words();
    let window = 2;
    let fields = [index("center", 6, &[]), index("context", 6, &[4]), real("weight", &[4])];
    let set = load(&text, "cbow:text(a.txt,tokens=word),window=2,sample=0.05", &fields).unwrap();
    let (mut passes, mut drawn, mut bags) = (HashMap::new(), HashMap::new(), 0.0);
    let mut dice = Dice::new(1, "passes", 0);
    for _ in 0..60 {
        for (center, mut near) in pass(&list, &|w| stays[w], window, &mut dice) {
            bags += 1.0;
            near.sort_unstable();
            near.insert(0, center);
            *passes.entry(near).or_insert(0.0) += 1.0;
        }
    }
    assert!((set.rows as f64 / (bags / 60.0) - 1.0).abs() < 0.01, "{}", set.rows);
    let rows: Vec<u32> = (0..set.rows as u32).collect();
    for epoch in 0..30 {
        let (center, near) =
            (values(&set, "center", &rows, epoch), values(&set, "context", &rows, epoch));
        let Batch::F32(weights) = gather(set.column("weight").unwrap(), &rows, 1, epoch) else {
            panic!("weights are reals")
        };
        for (at, center) in center.iter().enumerate() {
            let own = &weights[4 * at..4 * at + 4];
            let there = own.iter().filter(|w| **w > 0.0).count();
            assert!(own.iter().all(|w| *w == 0.0 || *w == 1.0 / there as f32), "{own:?}");
            let mut bag: Vec<usize> =
                near[4 * at..4 * at + there].iter().map(|w| *w as usize).collect();
            bag.sort_unstable();
            bag.insert(0, *center as usize);
            *drawn.entry(bag).or_insert(0.0) += 1.0;
        }
    }
    alike("bags", &passes, &drawn);
}

#[test]
fn negatives_have_their_power_and_are_never_the_neighbour() {
    let (text, list, _) = words();
    let fields = [index("center", 6, &[]), index("context", 6, &[]), index("negatives", 6, &[7])];
    let set = load(&text, "skipgrams:text(a.txt,tokens=word),power=0.75", &fields).unwrap();
    let rows: Vec<u32> = (0..20_000).collect();
    let (near, away) = (values(&set, "context", &rows, 0), values(&set, "negatives", &rows, 0));
    let mut weights = [0.0f64; 6];
    list.iter().for_each(|w| weights[*w] += 1.0);
    let weights = weights.map(|n| n.powf(0.75));
    let (mut counts, mut means, mut spread) = ([0.0; 6], [0.0; 6], [0.0; 6]);
    for (at, own) in near.iter().enumerate() {
        for word in &away[7 * at..7 * at + 7] {
            assert_ne!(word, own);
            counts[*word as usize] += 1.0;
        }
        let left: f64 = weights.iter().sum::<f64>() - weights[*own as usize];
        for word in (0..6).filter(|w| *w != *own as usize) {
            let chance = weights[word] / left;
            means[word] += 7.0 * chance;
            spread[word] += 7.0 * chance * (1.0 - chance);
        }
    }
    for word in 0..6 {
        let off: f64 = counts[word] - means[word];
        assert!(off.abs() < 4.5 * f64::sqrt(spread[word]), "{counts:?} {means:?}");
    }
}

#[test]
fn a_row_is_a_function_of_its_number_and_the_epoch() {
    let fields = [index("center", 26, &[]), index("context", 26, &[])];
    let text: Vec<String> =
        (0..500).map(|n| char::from(b'a' + (n % 26) as u8).to_string()).collect();
    let set = load(
        &text.join(" "),
        "skipgrams:text(a.txt,tokens=word),sample=0,split=(0.8,0.2)",
        &fields,
    )
    .unwrap();
    let all: Vec<u32> = (0..set.rows as u32).collect();
    let of = |field: &str, epoch| values(&set, field, &all, epoch);
    let (center, context) = (of("center", 3), of("context", 3));
    assert_ne!(center, of("center", 4));
    for row in [0, 5, 77] {
        let one = |field: &str| values(&set, field, &[row], 3)[0];
        assert_eq!((one("center"), one("context")), (center[row as usize], context[row as usize]));
    }
    // The alphabet goes round: a neighbour is at most five letters away, and never the word itself.
    for (a, b) in center.iter().zip(&context) {
        let away = (a - b).rem_euclid(26);
        assert!((1..=5).contains(&away) || (21..=25).contains(&away), "{a} {b}");
    }
    // 400 and 100 words: fewer windows are whole at the ends.
    let (train, test) = (set.split("train").unwrap().len(), set.split("test").unwrap().len());
    assert!(train.abs_diff(2400) < 30 && test.abs_diff(600) < 30, "{train} {test}");
    assert_eq!(set.kept[0].words.len(), 26);
    let beside = "skipgrams:text(a.txt,tokens=word,test=a.txt),sample=0";
    let set = load(&text.join(" "), beside, &fields).unwrap();
    assert_eq!(set.split("train").unwrap().len(), set.split("test").unwrap().len());
    let set =
        load(&text.join(" "), "skipgrams:text(a.txt,tokens=word),sample=0,valid=0.2", &fields)
            .unwrap();
    let names: Vec<&str> = set.splits.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["train", "valid"]);
}

#[test]
fn wrong_calls_and_fields() {
    let good = "skipgrams:text(a.txt,tokens=word),sample=0";
    let pair = [index("center", 3, &[]), index("context", 3, &[])];
    load("a b c a b c", good, &pair).unwrap();
    for call in [
        "skipgrams:",
        "skipgrams:a.txt",
        "skipgrams:moons(n=5)",
        "skipgrams:text(a.txt,rows=3)",
        "skipgrams:text(a.txt,wide=3)",
        "skipgrams:text(a.txt),window=0",
        "skipgrams:text(a.txt),sample=2",
        "skipgrams:text(a.txt),binarize=fixed",
        "skipgrams:skipgrams(text(a.txt))",
    ] {
        assert_eq!(load("a b c", call, &pair).unwrap_err().code, codes::RL2066, "{call}");
    }
    let cases: [(&str, &[FieldSpec], _); 9] = [
        ("a b c", &[index("word", 3, &[])], codes::RL2063),
        ("a b c", &[real("weight", &[10])], codes::RL2063),
        ("a b c", &[index("center", 3, &[1])], codes::RL2064),
        ("a b c", &[index("negatives", 3, &[])], codes::RL2064),
        ("a b c d", &[index("center", 3, &[])], codes::RL2005),
        ("a b c", &[real("center", &[])], codes::RL2062),
        ("a", &pair, codes::RL2064),
        ("", &pair, codes::RL2064),
        ("a b c", &[index("center", 3, &[]), index("context", 3, &[2])], codes::RL2064),
    ];
    for (text, fields, code) in cases {
        assert_eq!(load(text, good, fields).unwrap_err().code, code, "{text}");
    }
    let rows = load("a b c", "skipgrams:text(a.txt,tokens=word),sample=0,rows=99999", &pair);
    assert_eq!(rows.unwrap_err().code, codes::RL2074);
}

/// Negatives of one kind: those of the node that is asked for, by their number among these.
#[test]
fn negatives_of_the_kind_that_is_asked_for() {
    let files = [("w.csv", "1 a\n1 b\n2 b\n3 c\n2 c\n"), ("p.csv", "a x\nb y\nc y\nb x\n")];
    let edges = "edges=(\"A-P:w.csv\",\"P-V:p.csv\"),length=9,per_node=50";
    let fields = [index("center", 8, &[]), index("context", 8, &[]), index("negatives", 8, &[3])];
    let typed = |typed: &str| {
        let call = format!("skipgrams:metapath(along=A-P-V-P-A,{edges}),sample=0,typed={typed}");
        fixtures::load(&files, &call, &fields, &[]).unwrap()
    };
    let kind = |node: &i32| [0, 3, 6].iter().filter(|first| node >= first).count();
    let rows: Vec<u32> = (0..3000).collect();
    let apart = |set: &Dataset| {
        let (near, away) = (values(set, "context", &rows, 0), values(set, "negatives", &rows, 0));
        let pairs = near.iter().zip(away.chunks(3));
        pairs.filter(|(one, three)| three.iter().any(|n| kind(n) != kind(one))).count()
    };
    let (typed, any) = (typed("true"), typed("false"));
    assert_eq!(apart(&typed), 0);
    assert!(apart(&any) > 1000);
    let (near, away) = (values(&typed, "context", &rows, 0), values(&typed, "negatives", &rows, 0));
    assert!(near.iter().zip(away.chunks(3)).all(|(one, three)| !three.contains(one)));
    for node in 0..8 {
        assert!(away.contains(&node), "{node} is drawn");
    }
    let call = "skipgrams:text(a.txt,tokens=word),typed=true";
    let error = load("a b a b", call, &fields[..2]).unwrap_err();
    assert_eq!(error.code, codes::RL2066);
}

/// Ways to the neighbours through a tree, short where words are frequent, and the same for other data of a run.
#[test]
fn ways_through_a_tree() {
    let (text, list, _) = words();
    let bits = |name: &str, deep: usize| field(name, Support::Bit, &[deep]);
    let fields = |deep: usize| {
        let path = index("path", 6, &[deep]);
        [
            index("center", 6, &[]),
            index("context", 6, &[]),
            path,
            bits("turns", deep),
            bits("within", deep),
        ]
    };
    let call = "skipgrams:text(a.txt,tokens=word),sample=0";
    let set = load(&text, call, &fields(7)).unwrap();
    let rows: Vec<u32> = (0..400).collect();
    let reals = |set: &Dataset, name: &str| match gather(set.column(name).unwrap(), &rows, 1, 0) {
        Batch::F32(values) => values,
        Batch::I32(_) => panic!("`{name}` has bits"),
    };
    let ways = |set: &Dataset| {
        let (path, turns, within) =
            (values(set, "path", &rows, 0), reals(set, "turns"), reals(set, "within"));
        let near = values(set, "context", &rows, 0);
        let mut ways: HashMap<i32, Vec<(i32, f32)>> = HashMap::new();
        for (at, word) in near.iter().enumerate() {
            let own = 7 * at..7 * at + 7;
            let deep = within[own.clone()].iter().filter(|w| **w == 1.0).count();
            assert!(within[own.clone()].iter().enumerate().all(|(n, w)| (*w == 1.0) == (n < deep)));
            let way: Vec<(i32, f32)> =
                path[own.clone()].iter().copied().zip(turns[own].iter().copied()).collect();
            assert!(way[deep..].iter().all(|(node, turn)| *node == 0 && *turn == 0.0));
            let way = way[..deep].to_vec();
            assert_eq!(ways.entry(*word).or_insert(way.clone()), &way);
        }
        ways
    };
    let found = ways(&set);
    let mut counts = [0usize; 6];
    list.iter().for_each(|w| counts[*w] += 1);
    for (a, b) in (0..6).flat_map(|a| (0..6).map(move |b| (a, b))) {
        let deep = |word: i32| found.get(&word).map_or(0, Vec::len);
        if counts[a] > counts[b] && found.contains_key(&(b as i32)) {
            assert!(deep(a as i32) <= deep(b as i32), "{a} {b}");
        }
    }
    // Other data of the same words, which are as frequent the other way round.
    let turned: String =
        text.chars().map(|c| if c == ' ' { c } else { (b'a' + b'f' - c as u8) as char }).collect();
    let kept = set.kept.clone();
    let other = fixtures::load(&[("a.txt", &turned)], call, &fields(7), &kept).unwrap();
    for (word, way) in ways(&other) {
        assert_eq!(found.get(&word).unwrap_or(&way), &way);
    }
    let mut off = kept;
    off.iter_mut().for_each(|kept| kept.counts.truncate(3));
    let error = fixtures::load(&[("a.txt", &text)], call, &fields(7), &off).unwrap_err();
    assert_eq!(error.code, codes::RL3005);
    let short = load(&text, call, &fields(2)).unwrap_err();
    assert_eq!(short.code, codes::RL2064);
    assert!(short.message.contains("a way has up to"), "{}", short.message);
    let real = [index("center", 6, &[]), real("turns", &[7])];
    assert_eq!(load(&text, call, &real).unwrap_err().code, codes::RL2062);
}
