//! What holds at the place that is read: the phase, the calls that lead there, who owns weights, what
//! repeats it. A place is entered by [`Elab::at`] and left by the same function.

use super::value::{Env, Owner, OwnerFrame};
use super::{Elab, Res, Stop};
use crate::base::{Span, budget, codes};
use crate::model::ir;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// What holds at the place that is read. Copied at every place that differs, so its parts are shared.
#[derive(Clone)]
pub struct Scope<'a> {
    pub ctx: Rc<Context>,
    /// Call sites, outermost first.
    pub calls: Rc<Vec<Span>>,
    pub owner: Owner,
    /// The initial value or the distribution that noise is drawn for.
    pub noise: Option<Rc<NoiseContext>>,
    /// Whether data fields are visible by bare name.
    pub fields_visible: bool,
    /// The names around a built-in function that is being applied.
    pub outside: Env<'a>,
    /// Whether a data field is all its rows: in constants.
    pub whole: bool,
    /// Whether there will be a later look, at which the number of rows is known.
    pub may_wait: bool,
    /// Whether what is read is used in training only: what a layer writes.
    pub written: bool,
    /// The declaration that is read: noise that belongs to no net is named after it.
    pub site: Rc<str>,
    /// The density that is read, or empty.
    pub density: Rc<str>,
    /// What repeats the current expression.
    pub around: ir::Around,
    /// Expressions that the current one stands in.
    pub depth: usize,
    /// Whether ops are made as they are, whatever counts of their operands.
    pub plain: bool,
}

impl Default for Scope<'_> {
    fn default() -> Self {
        Scope {
            ctx: Rc::default(),
            calls: Rc::default(),
            owner: nobody(),
            noise: None,
            fields_visible: false,
            outside: None,
            whole: false,
            may_wait: false,
            written: false,
            site: "".into(),
            density: "".into(),
            around: ir::Around::default(),
            depth: 0,
            plain: false,
        }
    }
}

/// The most calls of a circle that a message shows.
const ROUND: usize = 10;

/// What surrounds the current expression.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Context {
    /// Whether layers behave as in training.
    pub training: bool,
    /// The data sets whose fields are visible by their bare names; none: all of them.
    pub data: Vec<String>,
    /// Rows of a batch: the dim `B`; 0 outside of phases, where there is none.
    pub batch: usize,
}

/// What a value took from its context: two contexts that agree in it give one value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Whether this is training.
    pub training: bool,
    /// The number of rows.
    pub rows: bool,
    /// Everything else as well.
    pub all: bool,
}

impl Asked {
    /// Whether two contexts agree in what was asked.
    pub fn same(self, a: &Context, b: &Context) -> bool {
        (!self.training || a.training == b.training)
            && (!self.rows || a.batch == b.batch)
            && (!self.all || a == b)
    }

    pub fn add(&mut self, other: Asked) {
        self.training |= other.training;
        self.rows |= other.rows;
        self.all |= other.all;
    }
}

/// Shape and stream of noise drawn here: inside initializers and rows of distributions.
#[derive(Clone, Debug)]
pub struct NoiseContext {
    pub shape: Vec<usize>,
    pub stream: String,
    pub drawn: Cell<usize>,
    pub per_example: bool,
    /// Shape of the weight, for `fan_in`.
    pub weight: Option<Vec<usize>>,
}

/// No owner of weights.
pub fn nobody() -> Owner {
    Rc::new(RefCell::new(OwnerFrame::default()))
}

impl<'a> Elab<'a> {
    /// Runs something at a place that differs from this one, and comes back, from a mistake too.
    pub fn at<T>(
        &mut self,
        differs: impl FnOnce(&mut Scope<'a>),
        run: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let here = self.here.clone();
        differs(&mut self.here);
        let result = run(self);
        self.here = here;
        result
    }

    /// The calls that lead to what is called here; refuses endless ones.
    pub fn calling(&mut self, span: Span) -> Res<Rc<Vec<Span>>> {
        if self.here.calls.len() >= budget::CALLS_DEEP.most {
            let diagnostic = budget::CALLS_DEEP
                .passed(codes::RL0108)
                .at(self.place(span), "")
                .note(format!("each of these calls leads to the next: {}", self.round(span)));
            return self.stop(diagnostic);
        }
        let mut calls = Vec::with_capacity(self.here.calls.len() + 1);
        calls.extend_from_slice(&self.here.calls);
        calls.push(span);
        Ok(Rc::new(calls))
    }

    /// The calls that lead from a call site to itself, at most ten.
    fn round(&self, span: Span) -> String {
        let from = self.here.calls.iter().rposition(|s| *s == span).unwrap_or(0);
        let own = self.here.calls[from..].iter().filter(|s| !self.names.sources.is_prelude(s.file));
        let calls = own.chain([&span]).take(ROUND).map(|s| self.names.sources.text(*s));
        let short = calls.map(|text| text.chars().take(40).collect::<String>());
        short.collect::<Vec<_>>().join(" -> ")
    }

    /// The number of rows of a batch.
    pub fn rows(&mut self, span: Span) -> Res<usize> {
        self.told.asked.rows = true;
        if self.here.ctx.batch > 0 {
            return Ok(self.here.ctx.batch);
        }
        if self.here.may_wait {
            self.told.waits = true;
            return Err(Stop);
        }
        let text = "the number of rows of a batch is not known here".into();
        let help = "it is known in phases, and in the losses, nets and densities that they use";
        self.fail(codes::RL0109, text, span, help)
    }

    /// Runs something and says what it asked of its context.
    pub fn asking<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> (T, Asked) {
        let before = std::mem::take(&mut self.told.asked);
        let result = run(self);
        let asked = std::mem::replace(&mut self.told.asked, before);
        self.told.asked.add(asked);
        (result, asked)
    }

    /// Runs something in another context.
    pub fn within<T>(&mut self, ctx: Context, run: impl FnOnce(&mut Self) -> T) -> T {
        self.at(|here| here.ctx = Rc::new(ctx), run)
    }

    /// The number of the next draw of this name.
    pub fn next_draw(&mut self, name: &str) -> usize {
        let n = self.made.drawn.entry((self.here.ctx.as_ref().clone(), name.into())).or_insert(0);
        *n += 1;
        *n - 1
    }

    /// The stream of noise that is drawn here: a new one for every call.
    pub fn noise_stream(&mut self) -> String {
        let owner = self.here.owner.borrow().path.clone();
        let inside = format!("{}.", self.here.density);
        let place = match (owner.as_str(), &*self.here.density) {
            ("", _) => self.here.site.to_string(),
            (_, "") => owner,
            (path, density) if path == density || path.starts_with(&inside) => owner,
            _ => inside + &owner,
        };
        let name = format!("{place}.noise");
        let stream = format!("{name}_{}", self.next_draw(&name));
        self.m.budget.take(budget::PATHS, stream.len());
        stream
    }

    /// Runs something that is declared once, wherever it is used: its noise has names of its own, and
    /// no loop around its first use is a loop around it.
    pub fn declaring<T>(
        &mut self,
        name: &str,
        density: bool,
        run: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let differs = |here: &mut Scope<'a>| {
            here.site = name.into();
            here.density = if density { name.into() } else { "".into() };
            here.around = ir::Around::default();
            here.calls = Rc::default();
            here.noise = None;
        };
        self.at(differs, run)
    }

    /// Runs something where fields of the data are visible by their bare names, or not.
    pub fn seeing<T>(&mut self, fields: bool, run: impl FnOnce(&mut Self) -> T) -> T {
        self.at(|here| here.fields_visible = fields, run)
    }

    /// Runs something whose weights have another owner.
    pub fn owned<T>(&mut self, owner: Owner, run: impl FnOnce(&mut Self) -> T) -> T {
        owner.borrow_mut().depth.get_or_insert(self.here.calls.len());
        self.at(|here| here.owner = owner, run)
    }
}
