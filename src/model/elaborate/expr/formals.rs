//! Arguments and formals. In: the values of a call, and what a head declares. Out: the names of the body,
//! with dims that the call gives. The result of a body is held against its type here as well.

use crate::base::{FileId, Span, codes, nearest};
use crate::model::elaborate::value::{Args, Env, Value, bind};
use crate::model::elaborate::{Elab, Res};
use crate::syntax::ast;

/// Members of a record, or parts of a tuple without names.
type Members<'a> = Vec<(Option<String>, Value<'a>)>;

impl<'a> Elab<'a> {
    /// Binds arguments to formals, in order and by keyword; defaults fill the rest.
    pub fn bind_formals(
        &mut self,
        name: &str,
        formals: &'a [ast::Formal],
        mut args: Args<'a>,
        file: FileId,
        mut env: Env<'a>,
        span: Span,
    ) -> Res<Env<'a>> {
        let mut positional = std::mem::take(&mut args.positional).into_iter();
        for formal in formals {
            let given = args.take(&formal.name.name).or_else(|| positional.next());
            let (value, place) = match (given, formal.default) {
                (Some((value, place)), _) => (value, place),
                (None, Some(default)) => {
                    (self.seeing(false, |e| e.eval(default, file, &env))?, span)
                }
                (None, None) => return self.missing(name, formals, formal, file, span),
            };
            let (value, next) = self.accept_argument(name, value, formal, (file, env), place)?;
            env = bind(&next, &formal.name.name, value);
        }
        self.none_left(name, formals, positional.next().map(|(_, place)| place), &args)?;
        Ok(env)
    }

    fn missing<T>(
        &mut self,
        name: &str,
        formals: &[ast::Formal],
        formal: &ast::Formal,
        file: FileId,
        span: Span,
    ) -> Res<T> {
        let text = format!("`{name}` needs an argument `{}`", formal.name.name);
        let mut diagnostic = self.error(codes::RL0104, text, span, "");
        if !self.names.sources.is_prelude(file) {
            diagnostic = diagnostic.also(formal.name.span, "declared here");
        }
        self.stop(diagnostic.help(format!("{name}({})", signature(formals))))
    }

    /// An argument held against the type of its formal, and the names with dims that it gives.
    fn accept_argument(
        &mut self,
        name: &str,
        value: Value<'a>,
        formal: &'a ast::Formal,
        (file, env): (FileId, Env<'a>),
        place: Span,
    ) -> Res<(Value<'a>, Env<'a>)> {
        match &formal.ty {
            None => Ok((value, env)),
            Some(ast::RType::Plain(ty)) => {
                let what = format!("argument `{}` of `{name}`", formal.name.name);
                self.accept(value, ty, file, env, (&what, place))
            }
            Some(ast::RType::Record(fields, _)) => {
                self.accept_record(value, fields, file, env, place)
            }
        }
    }

    /// Refuses arguments that no formal took: the first of those in order, or a keyword.
    fn none_left(
        &mut self,
        name: &str,
        formals: &[ast::Formal],
        positional: Option<Span>,
        args: &Args<'a>,
    ) -> Res<()> {
        let usage = || format!("{name}({})", signature(formals));
        if let Some(place) = positional {
            let many = if formals.len() == 1 { "" } else { "s" };
            let text = format!("`{name}` takes {} argument{many}", formals.len());
            return self.fail(codes::RL0104, text, place, &usage());
        }
        let Some((extra, _, place)) = args.named.first() else { return Ok(()) };
        let known: Vec<&str> = formals.iter().map(|f| f.name.name.as_str()).collect();
        let text = format!("`{name}` has no argument `{extra}`");
        let help = match nearest(extra, &known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => usage(),
        };
        self.fail(codes::RL0104, text, *place, &help)
    }

    fn accept_record(
        &mut self,
        value: Value<'a>,
        fields: &'a [ast::Field],
        file: FileId,
        mut env: Env<'a>,
        span: Span,
    ) -> Res<(Value<'a>, Env<'a>)> {
        let parts = self.parts_for(value, fields, span)?;
        let mut record = Vec::new();
        for (i, field) in fields.iter().enumerate() {
            let part = parts.iter().find(|(n, _)| n.as_deref() == Some(&field.name.name));
            let part = part.or_else(|| parts.get(i).filter(|(n, _)| n.is_none()));
            let Some((_, part)) = part else {
                let text = format!("the record has no member `{}`", field.name.name);
                let help = "name every member of the declared type";
                return self.fail(codes::RL0106, text, span, help);
            };
            let what = format!("member `{}`", field.name.name);
            let (value, next) = self.accept(part.clone(), &field.ty, file, env, (&what, span))?;
            env = next;
            record.push((field.name.name.clone(), value));
        }
        Ok((Value::Record(record), env))
    }

    /// The members of a value that a record type is declared for, at most as many as it has.
    fn parts_for(
        &mut self,
        value: Value<'a>,
        fields: &[ast::Field],
        span: Span,
    ) -> Res<Members<'a>> {
        let names: Vec<&str> = fields.iter().map(|f| f.name.name.as_str()).collect();
        let parts: Members<'a> = match value {
            Value::Record(parts) => parts.into_iter().map(|(n, v)| (Some(n), v)).collect(),
            Value::Tuple(parts) => parts.into_iter().map(|v| (None, v)).collect(),
            other => {
                let text =
                    format!("a record ({}) is needed, this is {}", names.join(", "), other.kind());
                return self.fail(codes::RL0106, text, span, "write `(name = value, ...)`");
            }
        };
        if parts.len() <= fields.len() {
            return Ok(parts);
        }
        let given = parts.iter().filter_map(|(n, _)| n.as_deref());
        if let Some(odd) = given.into_iter().find(|n| !names.contains(n)) {
            let text = format!("the record has a member `{odd}` that the type does not have");
            let help = format!("drop it, or declare it; the type has {}", names.join(", "));
            return self.fail(codes::RL0106, text, span, &help);
        }
        let text = format!("{} values are given for a record of {}", parts.len(), fields.len());
        self.fail(codes::RL0106, text, span, "give one value for each member")
    }

    /// The value of a body, held against the declared type of the result.
    pub fn check_result(
        &mut self,
        item: &'a ast::Callable,
        value: Value<'a>,
        file: FileId,
        env: &Env<'a>,
        span: Span,
    ) -> Res<Value<'a>> {
        let end = match &item.body {
            ast::Body::Expr(e) => self.names.files[&file].expr(*e).span,
            ast::Body::Block(stmts) => stmts.last().map_or(item.name.span, |s| s.span),
        };
        let place = if self.names.sources.is_prelude(file) { span } else { end };
        match &item.result {
            None => Ok(value),
            Some(ast::RType::Record(fields, _)) => {
                self.accept_record(value, fields, file, env.clone(), place).map(|(v, _)| v)
            }
            Some(ast::RType::Plain(ty)) => {
                let what = format!("the result of `{}`", item.name.name);
                self.accept(value, ty, file, env.clone(), (&what, place)).map(|(v, _)| v)
            }
        }
    }
}

fn signature(formals: &[ast::Formal]) -> String {
    formals.iter().map(|f| f.name.name.clone()).collect::<Vec<_>>().join(", ")
}
