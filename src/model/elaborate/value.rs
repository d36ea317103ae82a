//! What expressions are while a file is elaborated: numbers known now, tensors, functions,
//! densities. Nothing here outlives `model`.

use super::builtin::Prim;
use super::causal::Ordered;
use crate::base::{FileId, Span};
use crate::metrics::Metric;
use crate::model::ir::{Calls, DensityId, ExprId, StateId, Static, VarId, Words};
use crate::syntax::ast;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// A value of the elaborator.
#[derive(Clone)]
pub enum Value<'a> {
    /// Known while compiling: `3`, `0.5`, `true`, `"text"`.
    Static(Static),
    /// A dim by name, so that `over = T` can find its axis.
    Dim(String, i64),
    /// Computed at run time.
    Tensor(ExprId),
    /// `(a, b)`
    Tuple(Vec<Value<'a>>),
    /// `(mu = a, s = b)`
    Record(Vec<(String, Value<'a>)>),
    /// `fn`, `net`, a role in function form, a lambda; a `module` with its static arguments.
    Func(Rc<Func<'a>>),
    /// A `module` (or `optimizer`) that still waits for its static arguments.
    Template(Rc<Func<'a>>),
    /// `chain(i in 0..n) { ... }`
    Chain(Rc<Chain<'a>>),
    /// Built in.
    Prim(&'static Prim),
    /// A figure of a whole split.
    Metric(&'static Metric),
    /// Densities of one name.
    Density(Rc<Densities>),
    /// `q(z | x)`
    Query(Rc<Query<'a>>),
    /// A family of distributions by name, of the prelude or of the file that declares it.
    Family(FileId, String),
    /// `Normal(0, 1)`
    Dist(Rc<DistCall<'a>>),
    /// `Autoregressive(logits = net)`
    Ordered(Rc<Ordered<'a>>),
    /// `adam(lr = 1e-3)`
    Rule(Rc<Rule<'a>>),
    /// Indices with their vocabulary.
    Words(ExprId, Rc<Words>),
    /// A data set, or a split of one.
    Data(String, Option<String>),
    /// `use "f.rl" as name`
    Namespace(FileId),
    /// Stands for a value with a mistake that was reported: what uses it says nothing.
    Failed,
}

/// Letters that weigh as much as a part of a tuple.
const LETTERS_OF_A_PART: usize = 32;

/// Where weights go: a path, and the counters of the templates used there.
#[derive(Debug, Default)]
pub struct OwnerFrame {
    /// `q`, `q.Linear_0`; empty where nothing owns weights.
    pub path: String,
    /// Names that own it, outermost first.
    pub owners: Vec<String>,
    /// How many instances of each template were made at the end of some calls.
    pub counts: HashMap<(String, Vec<Span>), usize>,
    /// How many calls lead to its body.
    pub depth: Option<usize>,
    /// Whether it is a constant: its only instance of a file has its name.
    pub is_const: bool,
    /// States written in this application: path to value.
    pub writes: Vec<(String, ExprId)>,
}

/// A shared owner.
pub type Owner = Rc<RefCell<OwnerFrame>>;

/// Something with formals and a body.
#[derive(Clone)]
pub struct Func<'a> {
    pub file: FileId,
    pub body: FuncBody<'a>,
    /// Names visible from where it was made (static arguments of a module, captured names).
    pub env: Env<'a>,
    /// For a module instance: the path of its weights and their owners.
    pub instance: Option<(String, Vec<String>)>,
    /// For lambdas: whose weights they make.
    pub owner: Option<Owner>,
    /// For lambdas: whether fields of the data are visible where it is written.
    pub fields: bool,
    /// What the layers that gave this function wrote: whoever uses its value computes them.
    pub writes: Vec<(StateId, ExprId)>,
}

impl<'a> Func<'a> {
    /// A formula in one variable as a function.
    pub fn of_formula(file: FileId, var: VarId, formula: ExprId) -> Func<'a> {
        let body = FuncBody::Formula(var, formula);
        Func { file, body, env: None, instance: None, owner: None, fields: false, writes: vec![] }
    }

    /// What it calls its first argument.
    pub fn first_formal(&self) -> &'a str {
        let name = match &self.body {
            FuncBody::Item(item) => item.formals.first().map(|formal| &formal.name),
            FuncBody::Lambda(names, _) => names.first(),
            FuncBody::Formula(..) => None,
        };
        name.map_or("x", |name| &name.name)
    }
}

/// The forms of a function: declared, written in place, or derived: a formula in a variable.
#[derive(Clone)]
pub enum FuncBody<'a> {
    Item(&'a ast::Callable),
    Lambda(&'a [ast::Ident], ast::ExprId),
    Formula(VarId, ExprId),
}

/// A chain before it is applied.
#[derive(Clone)]
pub struct Chain<'a> {
    pub file: FileId,
    pub var: ast::Ident,
    pub range: (i64, i64),
    pub body: ast::ExprId,
    pub env: Env<'a>,
    pub owner: Owner,
    /// Whether fields of the data are visible where it is written.
    pub fields: bool,
    /// What the layers that gave this chain wrote.
    pub writes: Vec<(StateId, ExprId)>,
}

/// All densities of one name in one file.
#[derive(Clone)]
pub struct Densities {
    pub name: String,
    /// The path of their weights.
    pub path: String,
    pub ids: Vec<DensityId>,
    /// Numbers of the calls of layers that the name stands for where it stands alone.
    pub calls: Calls,
}

impl Densities {
    /// All factors as they are.
    pub fn query<'a>(self: &Rc<Self>, span: Span) -> Query<'a> {
        let calls = self.calls.clone();
        Query { of: self.clone(), over: vec![], given: vec![], calls, span }
    }
}

/// A density with its argument lists as written.
#[derive(Clone)]
pub struct Query<'a> {
    pub of: Rc<Densities>,
    /// Names before the bar (none: all), with a value where one was given.
    pub over: Vec<QueryArg<'a>>,
    /// What stands after the bar.
    pub given: Vec<QueryArg<'a>>,
    /// Numbers of the calls of layers that it stands for.
    pub calls: Calls,
    pub span: Span,
}

/// One argument of a query.
#[derive(Clone)]
pub struct QueryArg<'a> {
    /// The variable: by keyword, or the bare name that was written.
    pub name: Option<String>,
    /// Whether it was written as a keyword: `z = value`.
    pub keyword: bool,
    /// Its value, if it has one in scope.
    pub value: Option<Value<'a>>,
    pub span: Span,
}

/// A distribution applied to parameters, its event shape not yet known.
#[derive(Clone)]
pub struct DistCall<'a> {
    pub family: String,
    pub file: FileId,
    pub item: &'a ast::Distribution,
    pub params: Vec<(String, Value<'a>)>,
    pub span: Span,
}

/// An optimizer with its settings.
pub struct Rule<'a> {
    pub func: Rc<Func<'a>>,
    pub name: String,
    pub clip: Option<Value<'a>>,
}

/// Names in scope: a persistent list, newest first.
pub type Env<'a> = Option<Rc<EnvNode<'a>>>;

/// One binding.
pub struct EnvNode<'a> {
    pub name: String,
    /// Where the name is written that is bound; some are bound by no text.
    pub at: Option<Span>,
    pub value: Value<'a>,
    pub rest: Env<'a>,
}

/// A name that is bound.
pub struct Bound<'n> {
    name: &'n str,
    at: Option<Span>,
}

impl<'n> From<&'n ast::Ident> for Bound<'n> {
    fn from(name: &'n ast::Ident) -> Self {
        Bound { name: &name.name, at: Some(name.span) }
    }
}

impl<'n> From<&'n str> for Bound<'n> {
    fn from(name: &'n str) -> Self {
        Bound { name, at: None }
    }
}

impl<'n> From<(&'n str, Span)> for Bound<'n> {
    fn from((name, span): (&'n str, Span)) -> Self {
        Bound { name, at: Some(span) }
    }
}

/// Adds a binding.
pub fn bind<'a, 'n>(env: &Env<'a>, name: impl Into<Bound<'n>>, value: Value<'a>) -> Env<'a> {
    let Bound { name, at } = name.into();
    Some(Rc::new(EnvNode { name: name.into(), at, value, rest: env.clone() }))
}

/// Gives a name another value: it stays declared where it was.
pub fn bind_again<'a>(env: &Env<'a>, name: &str, value: Value<'a>) -> Env<'a> {
    let at = look_up(env, name).0.and_then(|node| node.at);
    bind(env, Bound { name, at }, value)
}

/// Finds a binding.
pub fn find<'e, 'a>(env: &'e Env<'a>, name: &str) -> Option<&'e Value<'a>> {
    look_up(env, name).0.map(|node| &node.value)
}

/// Finds a binding, and says how many names were looked at.
pub fn look_up<'e, 'a>(env: &'e Env<'a>, name: &str) -> (Option<&'e EnvNode<'a>>, usize) {
    let (mut at, mut looked) = (env, 0);
    while let Some(node) = at {
        looked += 1;
        if node.name == name {
            return (Some(node), looked);
        }
        at = &node.rest;
    }
    (None, looked)
}

/// Every name in scope, for "did you mean".
pub fn names(env: &Env<'_>) -> Vec<String> {
    let mut list = Vec::new();
    let mut at = env;
    while let Some(node) = at {
        list.push(node.name.clone());
        at = &node.rest;
    }
    list
}

/// Arguments of a call.
#[derive(Clone, Default)]
pub struct Args<'a> {
    pub positional: Vec<(Value<'a>, Span)>,
    pub named: Vec<(String, Value<'a>, Span)>,
}

impl<'a> Args<'a> {
    /// Where the arguments stand, with the names that they were given.
    pub fn places(&self) -> Vec<(Option<String>, Span)> {
        let plain = self.positional.iter().map(|(_, place)| (None, *place));
        plain.chain(self.named.iter().map(|(name, _, at)| (Some(name.clone()), *at))).collect()
    }

    /// One positional argument.
    pub fn one(value: Value<'a>, span: Span) -> Args<'a> {
        Args { positional: vec![(value, span)], named: Vec::new() }
    }
    /// Takes a keyword argument out.
    pub fn take(&mut self, name: &str) -> Option<(Value<'a>, Span)> {
        let at = self.named.iter().position(|(n, _, _)| n == name)?;
        let (_, value, span) = self.named.remove(at);
        Some((value, span))
    }
}

impl Value<'_> {
    /// How much there is to copy: parts of tuples, and texts by their length.
    pub fn weight(&self) -> usize {
        match self {
            Value::Tuple(parts) => 1 + parts.iter().map(Value::weight).sum::<usize>(),
            Value::Record(parts) => 1 + parts.iter().map(|(_, v)| v.weight()).sum::<usize>(),
            Value::Static(Static::Str(text)) => 1 + text.len() / LETTERS_OF_A_PART,
            _ => 1,
        }
    }

    /// What kind of thing it is, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Static(Static::Int(_)) | Value::Dim(..) => "an integer",
            Value::Static(Static::Float(_)) => "a number",
            Value::Static(Static::Bool(_)) => "true or false",
            Value::Static(Static::Str(_)) => "a text",
            Value::Static(_) => "a setting",
            Value::Tensor(_) => "a tensor",
            Value::Tuple(_) => "a tuple",
            Value::Record(_) => "a record",
            Value::Func(_) | Value::Prim(_) | Value::Metric(_) => "a function",
            Value::Template(_) => "a layer template",
            Value::Chain(_) => "a chain of layers",
            Value::Density(_) => "a density",
            Value::Query(_) => "a conditional density",
            Value::Family(..) => "a family of distributions",
            Value::Dist(_) | Value::Ordered(_) => "a distribution",
            Value::Rule(_) => "an optimizer",
            Value::Words(..) => "a text",
            Value::Data(..) => "a data set",
            Value::Namespace(_) => "an imported file",
            Value::Failed => "nothing",
        }
    }
}
