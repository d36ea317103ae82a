//! The names that a file declares, wherever they stand. In: a tree. Out: each name with what it is and the
//! part of the text that declares it. Resolves nothing: which name a use means is known to `model`.

use super::ast::*;
use crate::base::Span;

/// What a name is declared as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file that is used.
    Import,
    /// A size.
    Dim,
    /// A constant.
    Const,
    /// A setting.
    Config,
    /// A data set.
    Data,
    /// A field of a data set, or a member of a record.
    Field,
    /// A weight.
    Param,
    /// A state.
    State,
    /// A net, a role in the form of a function, a function, a bijection or an optimizer.
    Function,
    /// A template of layers.
    Module,
    /// A density.
    Density,
    /// A loss.
    Loss,
    /// A phase.
    Phase,
    /// A family of distributions.
    Distribution,
    /// An argument.
    Formal,
    /// A variable of a density.
    Variable,
    /// What a statement or an expression binds.
    Local,
    /// A figure, by the name behind `as`.
    Figure,
}

impl Kind {
    /// Whether it belongs to the file and not to an item.
    pub fn is_of_file(self) -> bool {
        use Kind::*;
        !matches!(self, Field | Formal | Variable | Local | Figure)
    }
}

/// A declared name.
#[derive(Clone, Debug)]
pub struct Declared {
    /// The name.
    pub name: Ident,
    /// What it is.
    pub kind: Kind,
    /// What declares it: an item, a statement, a formal.
    pub whole: Span,
    /// The item that it stands in, by number.
    pub item: usize,
}

/// Every declared name, items first; those inside of items in no special order.
pub fn declared(file: &File) -> Vec<Declared> {
    let mut walk = Walk { file, found: Vec::new(), item: 0 };
    for (at, item) in file.items.iter().enumerate() {
        walk.item = at;
        walk.item(item);
    }
    for expr in &file.exprs {
        walk.item = at(file, expr.span);
        walk.expr(expr);
    }
    walk.found
}

/// The item that a place is in.
fn at(file: &File, span: Span) -> usize {
    file.items.partition_point(|item| item.span.start <= span.start).saturating_sub(1)
}

struct Walk<'a> {
    file: &'a File,
    found: Vec<Declared>,
    item: usize,
}

impl Walk<'_> {
    fn add(&mut self, name: &Ident, kind: Kind, whole: Span) {
        self.found.push(Declared { name: name.clone(), kind, whole, item: self.item });
    }

    fn item(&mut self, item: &Item) {
        let (file, whole) = (self.file, item.span);
        let kind = match &item.kind {
            ItemKind::Use { .. } => Kind::Import,
            ItemKind::Dim(list) => {
                let whole = |name: &Ident, value: &ExprId| name.span.to(file.expr(*value).span);
                return list.iter().for_each(|(n, e)| self.add(n, Kind::Dim, whole(n, e)));
            }
            ItemKind::Const { .. } => Kind::Const,
            ItemKind::Config { .. } => Kind::Config,
            ItemKind::Data { fields, .. } => {
                self.fields(fields);
                Kind::Data
            }
            ItemKind::Param(_) => Kind::Param,
            ItemKind::State(_) => Kind::State,
            ItemKind::Callable(c) => {
                self.callable(c);
                if c.kind == CallableKind::Module { Kind::Module } else { Kind::Function }
            }
            ItemKind::Density(d) => {
                self.variables(d.over.iter().chain(&d.given));
                self.statements(&d.body);
                Kind::Density
            }
            ItemKind::Loss { body, .. } => {
                self.body(body);
                Kind::Loss
            }
            ItemKind::Phase(phase) => {
                self.statements(&phase.body);
                Kind::Phase
            }
            ItemKind::Distribution(d) => {
                self.formals(&d.formals);
                Kind::Distribution
            }
            ItemKind::Divergence { .. } => return,
        };
        item.names().into_iter().for_each(|name| self.add(name, kind, whole));
    }

    fn callable(&mut self, c: &Callable) {
        self.formals(c.statics.as_deref().unwrap_or_default());
        self.formals(&c.formals);
        if let Some(RType::Record(fields, _)) = &c.result {
            self.fields(fields);
        }
        self.body(&c.body);
    }

    fn formals(&mut self, formals: &[Formal]) {
        for formal in formals {
            let ty = match &formal.ty {
                Some(RType::Plain(ty)) => ty.span,
                Some(RType::Record(_, span)) => *span,
                None => formal.name.span,
            };
            let end = formal.default.map_or(ty, |value| self.file.expr(value).span);
            self.add(&formal.name, Kind::Formal, formal.name.span.to(end));
        }
    }

    fn fields(&mut self, fields: &[Field]) {
        for field in fields {
            self.add(&field.name, Kind::Field, field.name.span.to(field.ty.span));
        }
    }

    fn variables<'a>(&mut self, list: impl Iterator<Item = &'a Rv>) {
        for variable in list {
            let ty = variable.ty.as_ref().map_or(variable.name.span, |ty| ty.span);
            self.add(&variable.name, Kind::Variable, variable.name.span.to(ty));
        }
    }

    fn body(&mut self, body: &Body) {
        if let Body::Block(list) = body {
            self.statements(list);
        }
    }

    fn statements(&mut self, list: &[Stmt]) {
        for Stmt { span, kind } in list {
            match kind {
                StmtKind::Let { names, .. } => {
                    names.iter().for_each(|name| self.add(name, Kind::Local, *span));
                }
                StmtKind::Param(slot) => self.add(&slot.name, Kind::Param, *span),
                StmtKind::State(slot) => self.add(&slot.name, Kind::State, *span),
                StmtKind::Draw { name, .. } | StmtKind::Define { name, .. } => {
                    self.add(name, Kind::Variable, *span);
                }
                StmtKind::Repeat { body, .. } => self.statements(body),
                StmtKind::Track(list) | StmtKind::Report(list) => {
                    let names = list.iter().filter_map(|figure| figure.name.as_ref());
                    names.for_each(|name| self.add(name, Kind::Figure, *span));
                }
                StmtKind::Assign { .. }
                | StmtKind::Return(_)
                | StmtKind::Factor(_)
                | StmtKind::Optimize { .. }
                | StmtKind::Emit(_)
                | StmtKind::Prune { .. } => {}
            }
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Expect { var, .. } | ExprKind::Chain { var, .. } => {
                self.add(var, Kind::Local, expr.span);
            }
            ExprKind::Scan { carry, over, body, .. } => {
                self.add(carry, Kind::Local, expr.span);
                over.iter().for_each(|(name, _)| self.add(name, Kind::Local, expr.span));
                self.statements(body);
            }
            ExprKind::Lambda { params, .. } => {
                params.iter().for_each(|name| self.add(name, Kind::Local, expr.span));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::FileId;
    use crate::syntax;

    #[test]
    fn every_name_is_found_once() {
        let text = "use \"a.rl\" as a
dim D = 2, E = 3
data d from uniform(8, 2) { x: f32[D], y: idx(3) }
net f(x: f32[D], w: (m: f32, s: f32)) -> (mu: f32, sd: f32) {
  let (p, q) = (x, x)
  let r = scan(h = p, v in q, t in 0..2) { let k = h + v  return k }
  return (mu = map((o) => o + 1, r), sd = chain(i in 0..2) { tanh })
}
prior p(z) { z: f32 ~ Normal(0, 1) }
loss l = E[u ~ p](u)
eval e on d.test { report l as g }
";
        let (tree, found) = syntax::parse(FileId(0), text);
        assert!(!found.has_errors(), "{:?}", found.list);
        let all = declared(&tree);
        let mut names: Vec<&str> = all.iter().map(|d| d.name.name.as_str()).collect();
        names.sort();
        let wanted = "D E a d e f g h i k l mu o p p q r sd t u v w x x y z z";
        assert_eq!(names.join(" "), wanted);
        for one in &all {
            let whole = &tree.items[one.item].span;
            let (name, part) = (one.name.span, one.whole);
            assert!(whole.start <= part.start && part.end <= whole.end, "{one:?}");
            assert!(part.start <= name.start && name.end <= part.end, "{one:?}");
        }
    }
}
