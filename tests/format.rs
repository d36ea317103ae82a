//! The formatter: the same program, every comment, and nothing left to do the second time.

mod random;

use rlc::base::FileId;
use rlc::syntax::{self, ast::File};
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|e| e == "rl") {
            found.push(path);
        }
    }
}

fn parse(name: &str, text: &str) -> File {
    let (file, diagnostics) = syntax::parse(FileId(0), text);
    if let Some(diagnostic) = diagnostics.list.first() {
        let at = diagnostic.primary.as_ref().map_or(0, |label| label.span.start as usize);
        let near = &text[at.saturating_sub(400)..(at + 20).min(text.len())];
        panic!("{name}: {} at byte {at}, after {near:?}", diagnostic.message);
    }
    file
}

fn comments(file: &File) -> Vec<&str> {
    file.comments.iter().map(|c| c.text.as_str()).collect()
}

/// Formats, and checks what must hold of every formatted text.
fn check(name: &str, text: &str) -> String {
    let before = parse(name, text);
    let once = syntax::format(&before, text);
    let after = parse(name, &once);
    assert_eq!(syntax::dump(&before), syntax::dump(&after), "{name} changed its meaning:\n{once}");
    assert_eq!(comments(&before), comments(&after), "{name} lost a comment:\n{once}");
    let twice = syntax::format(&after, &once);
    assert_eq!(once, twice, "{name} changes when formatted again");
    assert!(once.lines().all(|line| line.trim_end() == line), "{name} has blanks at a line's end");
    assert!(once.ends_with('\n') && !once.ends_with("\n\n"), "{name} ends wrongly");
    once
}

#[test]
fn every_file_keeps_its_meaning() {
    let mut paths = Vec::new();
    for folder in ["models", "tests/syntax/accept", "tests/syntax/models", "tests/syntax/fragments"]
    {
        collect(&root().join(folder), &mut paths);
    }
    assert!(paths.len() > 30);
    for path in paths {
        let once = check(&path.display().to_string(), &std::fs::read_to_string(&path).unwrap());
        let long = once.lines().find(|l| l.split("//").next().unwrap().trim_end().len() > 100);
        assert_eq!(long, None, "{}", path.display());
    }
}

#[test]
fn random_programs_keep_their_meaning() {
    for seed in 0..400 {
        check(&format!("program {seed}"), &random::program(seed));
    }
}

fn formatted(text: &str, expected: &str) {
    assert_eq!(check("text", text), expected);
}

#[test]
fn blanks_are_canonical() {
    formatted(
        "dim   D=64,H = 2*D\r\nconfig beta :f32=1.0\nloss   a=-b^2+c[ 1 ,2: ]*(d)",
        "dim D = 64, H = 2 * D\nconfig beta: f32 = 1.0\nloss a = -b^2 + c[1, 2:] * (d)\n",
    );
}

#[test]
fn blank_lines_are_kept_but_one() {
    formatted(
        "\n\nloss a = b\n\n\n\nloss c = d\nloss e = f\n\n",
        "loss a = b\n\nloss c = d\nloss e = f\n",
    );
    formatted(
        "model p(x) {\n\n  let a = b\n\n\n  x ~ c\n\n}\n",
        "model p(x) {\n  let a = b\n\n  x ~ c\n}\n",
    );
}

#[test]
fn blocks_of_one_statement_stay_as_written() {
    formatted("prior p(z) { z~a }", "prior p(z) { z ~ a }\n");
    formatted("prior p(z) {\nz~a }", "prior p(z) {\n  z ~ a\n}\n");
    formatted("model p(x) { z ~ a  x ~ b }", "model p(x) {\n  z ~ a\n  x ~ b\n}\n");
    formatted("model p(x) {\n}", "model p(x) {}\n");
}

#[test]
fn long_pipes_break_before_the_arrow() {
    formatted(
        "net f(x: f32[D]) -> f32[D] = x |> Linear(Hidden1) |> relu |> Linear(Hidden2) |> relu |> Linear(Hidden1) |> relu |> Linear(D) |> sigmoid",
        "\
net f(x: f32[D]) -> f32[D] =
  x
  |> Linear(Hidden1)
  |> relu
  |> Linear(Hidden2)
  |> relu
  |> Linear(Hidden1)
  |> relu
  |> Linear(D)
  |> sigmoid
",
    );
    formatted(
        "encoder enc(x: f32[D]) -> f32[Hidden3] = x |> Linear(Hidden1) |> relu |> Linear(Hidden2) |> relu |> tanh",
        "\
encoder enc(x: f32[D]) -> f32[Hidden3] =
  x |> Linear(Hidden1) |> relu |> Linear(Hidden2) |> relu |> tanh
",
    );
}

#[test]
fn long_sums_and_calls_break() {
    formatted(
        "loss sgns = -log_sigmoid(score(centre_word, context_word)) - negatives * E[n ~ noise, samples = negatives](log_sigmoid(-score(w, n)))",
        "\
loss sgns =
  -log_sigmoid(score(centre_word, context_word))
  - negatives * E[n ~ noise, samples = negatives](log_sigmoid(-score(w, n)))
",
    );
    formatted(
        "train t on d.train { minimize first_loss + second_loss over (encoder_net, decoder_net) with adam(lr = 1e-3, b1 = 0.9, b2 = 0.99) }",
        "\
train t on d.train {
  minimize first_loss + second_loss
    over (encoder_net, decoder_net)
    with adam(lr = 1e-3, b1 = 0.9, b2 = 0.99)
}
",
    );
    formatted(
        "const a = function_name(first_argument_of_many, second = argument_number_two, third = argument_number_three)",
        "\
const a = function_name(
  first_argument_of_many,
  second = argument_number_two,
  third = argument_number_three
)
",
    );
}

#[test]
fn comments_stay_where_they_are() {
    let text = "\
// first

// second
dim D = 64  // trailing
// between

model p(x) {  // after a brace
  // inside
  x ~ a

  // at the end
}
loss a =
  b  // in a sum
  // on a line
  + c
const t = f(
  a,  // one
  // two
  b
)
// last
";
    formatted(text, text);
}

#[test]
fn trailing_commas_go() {
    formatted("data d { x: f32, y: f32, }", "data d { x: f32, y: f32 }\n");
    formatted("loss a = f(b, (c,),)", "loss a = f(b, (c,))\n");
    formatted("loss a = f(b, // why\n)", "loss a = f(\n  b  // why\n)\n");
}
