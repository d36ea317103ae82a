//! Places in source text. In: file texts. Out: spans, lines, columns. Does not read files.

/// Index of a file in a [`SourceMap`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

impl FileId {
    /// The id of an item of the prelude.
    pub fn of_prelude(at: usize) -> FileId {
        FileId(PRELUDE + at as u32)
    }

    /// The number of the item of the prelude that has this id.
    pub fn in_prelude(self) -> Option<usize> {
        self.0.checked_sub(PRELUDE).map(|at| at as usize)
    }
}

/// A half-open byte range in one file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The span of bytes `start..end` of `file`.
    pub fn new(file: FileId, start: usize, end: usize) -> Span {
        Span { file, start: start as u32, end: end as u32 }
    }

    /// The smallest span that covers both; `self` if they are in different files.
    pub fn to(self, other: Span) -> Span {
        if self.file != other.file {
            return self;
        }
        let (start, end) = (self.start.min(other.start), self.end.max(other.end));
        Span { file: self.file, start, end }
    }
}

/// One source file: its display name and its text.
#[derive(Clone, Debug)]
pub struct Source {
    /// The name as the user gave it; prelude files are called `<prelude>/name.rl`.
    pub name: String,
    /// The whole text.
    pub text: String,
}

/// The texts of the prelude. Each item has an id of its own, and its places are those of its page.
#[derive(Debug)]
pub struct Library {
    pub pages: Vec<Source>,
    /// The page of each item.
    pub page_of: Vec<usize>,
}

/// Every file of one compilation.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    files: Vec<Source>,
    /// The prelude: the same for every compilation.
    prelude: Option<&'static Library>,
}

/// The first id of items of the prelude; a compilation has fewer files.
const PRELUDE: u32 = 1 << 23;

impl SourceMap {
    /// Adds a file and returns its id.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        self.files.push(Source { name: name.into(), text: text.into() });
        FileId(self.files.len() as u32 - 1)
    }

    /// Adds the prelude; the ids of its items are [`FileId::of_prelude`].
    pub fn add_prelude(&mut self, library: &'static Library) {
        self.prelude = Some(library);
    }

    /// The file with this id.
    pub fn file(&self, id: FileId) -> &Source {
        match (id.in_prelude(), self.prelude) {
            (Some(at), Some(library)) => &library.pages[library.page_of[at]],
            _ => &self.files[id.0 as usize],
        }
    }

    /// Whether the file belongs to the built-in prelude.
    pub fn is_prelude(&self, id: FileId) -> bool {
        let items = self.prelude.map_or(0, |library| library.page_of.len());
        id.in_prelude().is_some_and(|at| at < items)
    }

    /// The text of a span.
    pub fn text(&self, span: Span) -> &str {
        &self.file(span.file).text[span.start as usize..span.end as usize]
    }

    /// One-based line and column (in characters) of a byte offset.
    pub fn line_col(&self, file: FileId, offset: u32) -> (usize, usize) {
        let text = &self.file(file).text;
        let before = &text[..text.floor_char_boundary((offset as usize).min(text.len()))];
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}
