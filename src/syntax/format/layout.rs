//! Line breaking. In: a flat list of commands over tokens, and the comments between the tokens.
//! Out: text. Knows no syntax.

use crate::syntax::ast::Comment;

/// The widest line that is not broken where it can be.
const WIDTH: usize = 100;

/// Blanks of one level.
const STEP: usize = 2;

/// One step of the layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cmd {
    /// The next token.
    Token,
    /// One blank.
    Space,
    /// One blank, or a line break if the group is broken.
    Line,
    /// Nothing, or a line break if the group is broken.
    Soft,
    /// A line break; a blank line of the source is kept here.
    Hard,
    /// Starts a group: all of its `Line`s and `Soft`s break, or none.
    Open,
    /// Ends a group.
    Close,
    /// One level further in.
    Indent,
    /// One level back.
    Dedent,
}

/// What stands between two tokens of the source.
#[derive(Clone, Debug, Default)]
pub(super) struct Gap<'a> {
    /// Comments, each with whether a blank line precedes it.
    pub comments: Vec<(&'a Comment, bool)>,
    /// Whether a blank line precedes the token after the gap.
    pub blank: bool,
}

/// A list of commands under construction.
#[derive(Default)]
pub(super) struct Doc {
    /// The commands.
    pub cmds: Vec<Cmd>,
    /// The text of each `Token`.
    pub tokens: Vec<String>,
}

/// Facts about every position of the command list, found in one pass.
struct Measure {
    /// Width of everything before a position if nothing is broken.
    width: Vec<usize>,
    /// For an `Open`: the position of its `Close`.
    close: Vec<usize>,
    /// For a position: the next command at or after it that may break a line.
    next_break: Vec<usize>,
    /// Groups that hold a hard break or a comment.
    forced: Vec<bool>,
}

fn measure(doc: &Doc, gaps: &[Gap<'_>]) -> Measure {
    let n = doc.cmds.len();
    let mut m = Measure {
        width: vec![0; n + 1],
        close: vec![n; n],
        next_break: vec![n; n + 1],
        forced: vec![false; n],
    };
    // Open groups: the position, and whether a token has been seen in it.
    let mut stack: Vec<(usize, bool)> = Vec::new();
    let mut token = 0;
    for (i, cmd) in doc.cmds.iter().enumerate() {
        let mut width = 0;
        match cmd {
            Cmd::Token => {
                width = doc.tokens[token].chars().count();
                let commented = !gaps[token].comments.is_empty();
                for (open, seen) in &mut stack {
                    m.forced[*open] |= commented && *seen;
                    *seen = true;
                }
                token += 1;
            }
            Cmd::Space | Cmd::Line => width = 1,
            Cmd::Hard => stack.iter().for_each(|(open, _)| m.forced[*open] = true),
            Cmd::Open => stack.push((i, false)),
            Cmd::Close => {
                if let Some((open, _)) = stack.pop() {
                    m.close[open] = i;
                }
            }
            Cmd::Soft | Cmd::Indent | Cmd::Dedent => {}
        }
        m.width[i + 1] = m.width[i] + width;
    }
    for i in (0..n).rev() {
        let breaks = matches!(doc.cmds[i], Cmd::Line | Cmd::Soft | Cmd::Hard);
        m.next_break[i] = if breaks { i } else { m.next_break[i + 1] };
    }
    m
}

/// How the next token is set off from the one before it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pending {
    Nothing,
    Space,
    Newline,
    HardNewline,
}

struct Printer<'a> {
    doc: &'a Doc,
    gaps: &'a [Gap<'a>],
    out: String,
    column: usize,
    level: usize,
    pending: Pending,
    /// The number of tokens printed.
    token: usize,
}

/// Lays the commands out. `gaps[i]` is what stands before token `i`, and the last gap what stands
/// after the last token.
pub(super) fn print(doc: &Doc, gaps: &[Gap<'_>]) -> String {
    let m = measure(doc, gaps);
    let mut p = Printer {
        doc,
        gaps,
        out: String::new(),
        column: 0,
        level: 0,
        pending: Pending::Nothing,
        token: 0,
    };
    let mut broken: Vec<bool> = Vec::new();
    for (i, cmd) in doc.cmds.iter().enumerate() {
        let breaks = broken.last().copied().unwrap_or(true);
        match cmd {
            Cmd::Token => p.print_token(),
            Cmd::Space => p.set(Pending::Space),
            Cmd::Line if breaks => p.set(Pending::Newline),
            Cmd::Line => p.set(Pending::Space),
            Cmd::Soft if breaks => p.set(Pending::Newline),
            Cmd::Soft => {}
            Cmd::Hard => p.set(Pending::HardNewline),
            Cmd::Open => {
                // A group in a flat group is flat.
                let flat = !breaks || (!m.forced[i] && p.fits(&m, i));
                broken.push(!flat);
            }
            Cmd::Close => {
                broken.pop();
            }
            Cmd::Indent => p.level += 1,
            Cmd::Dedent => p.level -= 1,
        }
    }
    p.finish()
}

impl Printer<'_> {
    fn set(&mut self, pending: Pending) {
        let line = matches!(self.pending, Pending::Newline | Pending::HardNewline);
        if !(line && pending == Pending::Space) {
            self.pending = pending;
        }
    }

    /// Whether the group at this position, and what follows it without a break, ends in time.
    fn fits(&self, m: &Measure, open: usize) -> bool {
        let commented = self.gaps[self.token].comments.iter().any(|(c, _)| !c.trailing);
        let fresh = matches!(self.pending, Pending::Newline | Pending::HardNewline);
        let start = if fresh || commented {
            self.level * STEP
        } else {
            self.column + (self.pending == Pending::Space) as usize
        };
        let end = m.next_break[m.close[open]];
        start + m.width[end] - m.width[open] <= WIDTH
    }

    fn newline(&mut self, level: usize, blank: bool) {
        if self.out.is_empty() {
            return;
        }
        self.out.push('\n');
        if blank {
            self.out.push('\n');
        }
        self.column = level * STEP;
        self.out.extend(std::iter::repeat_n(' ', self.column));
    }

    fn print_token(&mut self) {
        let text = &self.doc.tokens[self.token];
        let closer = matches!(text.as_str(), ")" | "]" | "}");
        let commented = self.print_comments(closer);
        let blank = self.gaps[self.token].blank && !closer && !self.after_opener();
        match self.pending {
            _ if commented => self.newline(self.level, blank),
            Pending::HardNewline => self.newline(self.level, blank),
            Pending::Newline => self.newline(self.level, false),
            Pending::Space => {
                self.out.push(' ');
                self.column += 1;
            }
            Pending::Nothing => {}
        }
        self.out.push_str(text);
        self.column += text.chars().count();
        self.token += 1;
        self.pending = Pending::Nothing;
    }

    /// Prints the comments before the next token; says whether there were any.
    fn print_comments(&mut self, before_closer: bool) -> bool {
        let gap = &self.gaps[self.token];
        // What stands in brackets is one level further in than their end.
        let level = self.level + before_closer as usize;
        for (i, (comment, blank)) in gap.comments.iter().enumerate() {
            if i == 0 && comment.trailing && self.token > 0 {
                self.out.push_str("  ");
            } else {
                let blank = *blank && !(i == 0 && self.after_opener());
                self.newline(level, blank);
            }
            self.out.push_str(&comment.text);
        }
        !gap.comments.is_empty()
    }

    fn after_opener(&self) -> bool {
        let before = self.token.checked_sub(1).map(|i| self.doc.tokens[i].as_str());
        self.gaps[self.token].comments.is_empty() && matches!(before, Some("(" | "[" | "{"))
    }

    fn finish(mut self) -> String {
        self.level = 0;
        self.print_comments(false);
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.out
    }
}
