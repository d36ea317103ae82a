//! Every text of the repository that is a program, good or bad. Out: texts, and the pieces they are
//! made of.

use super::edits::{Token, tokens};
use rlc::base::FileId;
use rlc::syntax;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// Texts and pieces.
pub struct Corpus {
    /// Whole programs.
    pub texts: Vec<String>,
    /// Declarations.
    pub items: Vec<String>,
    /// Groups in brackets, of one line mostly.
    pub groups: Vec<String>,
    /// Names and numbers.
    pub words: Vec<String>,
}

/// All of it, read once.
pub static CORPUS: LazyLock<Corpus> = LazyLock::new(Corpus::read);

const FOLDERS: &[&str] = &[
    "models",
    "tests/accept",
    "tests/emit",
    "tests/errors",
    "tests/facts",
    "tests/programs",
    "tests/syntax",
    "tests/edges",
    "tests/cli/files",
    "src/model/prelude",
];

fn collect(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, ending, found);
        } else if path.extension().is_some_and(|e| e == ending) {
            found.push(path);
        }
    }
}

impl Corpus {
    fn read() -> Corpus {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let (mut paths, mut pages) = (Vec::new(), Vec::new());
        FOLDERS.iter().for_each(|folder| collect(&root.join(folder), "rl", &mut paths));
        collect(&root.join("docs"), "md", &mut pages);
        let read = |path: &PathBuf| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
        let mut texts: Vec<String> = paths.iter().map(read).collect();
        for page in pages.iter().map(read) {
            let blocks = page.split("```rl\n").skip(1).filter_map(|rest| rest.split("```").next());
            texts.extend(blocks.map(str::to_string));
        }
        assert!(texts.len() > 300, "{} programs", texts.len());
        // Few rows, so that a run is over in a moment.
        for text in &mut texts {
            *text = text.replace("uci_digits()", "uci_digits(rows = 64)");
        }
        let mut corpus = Corpus { texts, items: vec![], groups: vec![], words: vec![] };
        for text in corpus.texts.clone() {
            corpus.pieces(&text);
        }
        corpus.words.sort();
        corpus.words.dedup();
        corpus
    }

    fn pieces(&mut self, text: &str) {
        let (tree, _) = syntax::parse(FileId(0), text);
        let spans = tree.items.iter().map(|item| item.span);
        self.items.extend(spans.map(|s| text[s.start as usize..s.end as usize].to_string()));
        let list = tokens(text);
        for (at, token) in list.iter().enumerate() {
            match token {
                Token::Open(_) => {
                    let group = list[at..super::edits::closing(&list, at)].iter();
                    let group: String = group.map(Token::text).collect();
                    if group.len() < 300 {
                        self.groups.push(group);
                    }
                }
                Token::Word(word) | Token::Number(word) => self.words.push(word.clone()),
                _ => {}
            }
        }
    }
}
