//! Items: pairs to [`Item`]s.

use super::{Builder, part, parts, take};
use crate::base::codes;
use crate::syntax::ast::*;
use crate::syntax::grammar::Rule;
use pest::iterators::Pair;

impl Builder<'_> {
    /// Any item.
    pub(super) fn item(&mut self, pair: Pair<'_, Rule>) -> Item {
        let span = self.span(&pair);
        self.count_node(span);
        let kind = match pair.as_rule() {
            Rule::use_item => self.use_item(pair),
            Rule::dim_item => ItemKind::Dim(parts(pair).map(|p| self.named_value(p)).collect()),
            Rule::const_item | Rule::config_item => self.const_item(pair),
            Rule::data_item => self.data_item(pair),
            Rule::param => ItemKind::Param(self.slot(part(pair))),
            Rule::state => ItemKind::State(self.slot(part(pair))),
            Rule::loss_item => {
                let mut inner = parts(pair);
                let name = self.ident(take(&mut inner));
                let pair = take(&mut inner);
                let body = match pair.as_rule() {
                    Rule::expr_body => Body::Expr(self.value(pair)),
                    _ => Body::Block(self.block(pair)),
                };
                ItemKind::Loss { name, body }
            }
            Rule::model_item => {
                let mut inner = parts(pair);
                let name = self.ident(take(&mut inner));
                ItemKind::Density(self.density(None, name, take(&mut inner)))
            }
            Rule::role_item => self.role_item(pair),
            Rule::callable_item => self.callable_item(pair),
            Rule::phase_item => self.phase_item(pair),
            Rule::distribution_item => self.distribution_item(pair),
            Rule::divergence_item => self.divergence_item(pair),
            other => unreachable!("{other:?} is no item"),
        };
        Item { span, kind }
    }

    fn use_item(&mut self, pair: Pair<'_, Rule>) -> ItemKind {
        let mut inner = parts(pair);
        let string = take(&mut inner);
        let path_span = self.span(&string);
        let path = string.as_str().trim_matches('"').to_string();
        ItemKind::Use { path, path_span, alias: inner.next().map(|p| self.ident(p)) }
    }

    /// `name = value`
    fn named_value(&mut self, pair: Pair<'_, Rule>) -> (Ident, ExprId) {
        let mut inner = parts(pair).filter(|p| p.as_rule() != Rule::equals);
        let name = self.ident(take(&mut inner));
        (name, self.expr(take(&mut inner)))
    }

    fn const_item(&mut self, pair: Pair<'_, Rule>) -> ItemKind {
        let config = pair.as_rule() == Rule::config_item;
        let mut inner = parts(pair).filter(|p| p.as_rule() != Rule::equals).peekable();
        let name = self.ident(take(&mut inner));
        let ty = inner.next_if(|p| p.as_rule() == Rule::r#type).map(|p| self.ty(p));
        let value = self.expr(take(&mut inner));
        match ty {
            Some(ty) if config => ItemKind::Config { name, ty, value },
            ty => ItemKind::Const { name, ty, value },
        }
    }

    fn data_item(&mut self, pair: Pair<'_, Rule>) -> ItemKind {
        let mut inner = parts(pair).peekable();
        let name = self.ident(take(&mut inner));
        let source = inner.next_if(|p| p.as_rule() == Rule::expr).map(|p| self.expr(p));
        ItemKind::Data { name, source, fields: inner.map(|p| self.field(p)).collect() }
    }

    fn role_item(&mut self, pair: Pair<'_, Rule>) -> ItemKind {
        let mut inner = parts(pair);
        let role = match take(&mut inner).as_str() {
            "encoder" => Role::Encoder,
            "bottleneck" => Role::Bottleneck,
            "prior" => Role::Prior,
            _ => Role::Decoder,
        };
        let name = self.ident(take(&mut inner));
        let form = take(&mut inner);
        match form.as_rule() {
            Rule::density => ItemKind::Density(self.density(Some(role), name, form)),
            _ => {
                ItemKind::Callable(self.callable(CallableKind::Net, Some(role), name, parts(form)))
            }
        }
    }

    fn callable_item(&mut self, pair: Pair<'_, Rule>) -> ItemKind {
        let mut inner = parts(pair);
        let kind = match take(&mut inner).as_str() {
            "net" => CallableKind::Net,
            "module" => CallableKind::Module,
            "fn" => CallableKind::Fn,
            "bijection" => CallableKind::Bijection,
            _ => CallableKind::Optimizer,
        };
        let name = self.ident(take(&mut inner));
        ItemKind::Callable(self.callable(kind, None, name, inner))
    }

    fn callable<'i>(
        &mut self,
        kind: CallableKind,
        role: Option<Role>,
        name: Ident,
        inner: impl Iterator<Item = Pair<'i, Rule>>,
    ) -> Callable {
        let mut lists = Vec::new();
        let (mut result, mut body) = (None, Body::Block(Vec::new()));
        for pair in inner {
            match pair.as_rule() {
                Rule::formals => lists.push(self.formals(pair)),
                Rule::result => result = Some(self.rtype(pair)),
                Rule::expr_body => body = Body::Expr(self.value(pair)),
                _ => body = Body::Block(self.block(pair)),
            }
        }
        let formals = lists.pop().unwrap_or_default();
        Callable { kind, role, name, statics: lists.pop(), formals, result, body }
    }

    fn density(&mut self, role: Option<Role>, name: Ident, pair: Pair<'_, Rule>) -> Density {
        let (mut over, mut given, mut bar, mut body) = (Vec::new(), Vec::new(), false, Vec::new());
        for pair in parts(pair) {
            match pair.as_rule() {
                Rule::given => bar = true,
                Rule::variables if bar => given = self.variables(pair),
                Rule::variables => over = self.variables(pair),
                _ => body = self.block(pair),
            }
        }
        Density { role, name, over, given, body }
    }

    fn phase_item(&mut self, pair: Pair<'_, Rule>) -> ItemKind {
        let mut inner = parts(pair);
        let kind = match take(&mut inner).as_str() {
            "train" => PhaseKind::Train,
            "eval" => PhaseKind::Eval,
            _ => PhaseKind::Sample,
        };
        let name = self.ident(take(&mut inner));
        let mut phase = Phase {
            kind,
            name,
            on: Vec::new(),
            batch: None,
            epochs: None,
            steps: None,
            count: None,
            until: None,
            body: Vec::new(),
        };
        for pair in inner {
            self.clause(&mut phase, pair);
        }
        ItemKind::Phase(phase)
    }

    fn clause(&mut self, phase: &mut Phase, pair: Pair<'_, Rule>) {
        let span = self.span(&pair);
        let rule = pair.as_rule();
        if rule == Rule::block {
            phase.body = self.block(pair);
            return;
        }
        let repeated = if rule == Rule::until_clause {
            let mut inner = parts(pair);
            let value = self.expr(take(&mut inner));
            let stalls = self.expr(take(&mut inner));
            let on = self.path(take(&mut inner));
            phase.until.replace(Until { value, stalls, on }).is_some()
        } else if rule == Rule::on_clause {
            let paths = self.group(part(pair));
            !std::mem::replace(&mut phase.on, paths).is_empty()
        } else {
            let value = self.expr(part(pair));
            let place = match rule {
                Rule::batch_clause => &mut phase.batch,
                Rule::epochs_clause => &mut phase.epochs,
                Rule::steps_clause => &mut phase.steps,
                _ => &mut phase.count,
            };
            place.replace(value).is_some()
        };
        if repeated {
            let help =
                "give each of `on`, `batch`, `epochs`, `steps`, `count`, `until` at most once";
            self.complain(codes::RL0014, span, "this clause is given twice", help);
        }
    }

    fn distribution_item(&mut self, pair: Pair<'_, Rule>) -> ItemKind {
        let mut inner = parts(pair);
        let name = self.ident(take(&mut inner));
        let formals = self.formals(take(&mut inner));
        let support = self.ident(take(&mut inner));
        let mut inner = inner.peekable();
        let shape = inner.next_if(|pair| pair.as_rule() == Rule::shape);
        let event = shape.into_iter().flat_map(parts).map(|pair| self.dim(pair)).collect();
        let rows = inner.map(|p| self.named_value(p)).collect();
        ItemKind::Distribution(Distribution { name, formals, support, event, rows })
    }

    fn divergence_item(&mut self, pair: Pair<'_, Rule>) -> ItemKind {
        let mut inner = parts(pair).filter(|p| p.as_rule() != Rule::equals);
        let name = self.ident(take(&mut inner));
        if name.name != "KL" {
            let help = "write `divergence KL(q: A, p: B) = ...`";
            self.complain(
                codes::RL0014,
                name.span,
                "the only divergence with a table is `KL`",
                help,
            );
        }
        let (q, q_family) = self.member_of(take(&mut inner));
        let (p, p_family) = self.member_of(take(&mut inner));
        ItemKind::Divergence { q, q_family, p, p_family, value: self.expr(take(&mut inner)) }
    }

    fn member_of(&self, pair: Pair<'_, Rule>) -> (Ident, Ident) {
        let mut inner = parts(pair);
        (self.ident(take(&mut inner)), self.ident(take(&mut inner)))
    }

    /// The expression of `= expr`.
    pub(super) fn value(&mut self, pair: Pair<'_, Rule>) -> ExprId {
        let mut inner = parts(pair).filter(|p| p.as_rule() != Rule::equals);
        self.expr(take(&mut inner))
    }
}
