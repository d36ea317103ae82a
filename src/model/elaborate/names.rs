//! What is looked up: names of files, of the prelude, of fields of the data, and the values that were found
//! for them. In: a name and where it stands. Out: its value.

use super::builtin::Builtins;
use super::scope::{Asked, Context};
use super::value::{Args, Env, Value, look_up, names};
use super::weights::instance::Trees;
use super::{Elab, Res, Stop};
use crate::base::{FileId, SourceMap, Span, budget, codes, nearest};
use crate::metrics;
use crate::model::ir::{self, ExprId, ExprKind, Static, Type};
use crate::model::prelude;
use crate::model::settings::Settings;
use crate::syntax::ast;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Deref;
use std::rc::Rc;

/// What an elaboration is given.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    pub entry: FileId,
    pub files: &'a Trees<'a>,
    /// What `use "path"` in a file stands for.
    pub imports: &'a HashMap<(FileId, String), FileId>,
    pub sources: &'a SourceMap,
    pub settings: &'a Settings,
    pub builtins: &'static Builtins,
}

/// What is looked up.
pub struct Names<'a> {
    pub input: Input<'a>,
    pub globals: HashMap<FileId, BTreeMap<String, Global<'a>>>,
    /// Closed forms of divergences that files declare.
    pub divergences: Vec<(FileId, Global<'a>)>,
    /// What stands before the names of a file in paths of weights; empty for the entry.
    pub prefixes: HashMap<FileId, String>,
    /// Instances of imported files, by the path of their weights and their dims.
    pub instances: HashMap<(String, String), FileId>,
    /// Copies of files, with the path of the copy.
    pub copies: BTreeMap<FileId, String>,
    /// What an instance changes.
    pub overrides: HashMap<FileId, BTreeMap<String, Static>>,
    /// Values of globals: dims, configs, constants, weights, densities, losses.
    pub memo: HashMap<(FileId, String), Vec<Known<'a>>>,
    /// Globals being evaluated, to find circles.
    pub busy: Vec<(FileId, String, Span)>,
    pub failed: Failed,
    /// Names that something uses.
    pub used: BTreeSet<(FileId, String)>,
}

impl<'a> Deref for Names<'a> {
    type Target = Input<'a>;
    fn deref(&self) -> &Input<'a> {
        &self.input
    }
}

impl<'a> Names<'a> {
    /// Nothing is read yet.
    pub fn new(input: Input<'a>) -> Names<'a> {
        Names {
            input,
            globals: HashMap::new(),
            divergences: Vec::new(),
            prefixes: HashMap::new(),
            instances: HashMap::new(),
            copies: BTreeMap::new(),
            overrides: HashMap::new(),
            memo: HashMap::new(),
            busy: Vec::new(),
            failed: Failed::default(),
            used: BTreeSet::new(),
        }
    }
}

/// Names that are compared to find one: so many count as a step.
const NAMES_OF_A_STEP: usize = 16;

/// What a name of a file stands for.
#[derive(Clone, Copy)]
pub struct Global<'a> {
    pub item: &'a ast::Item,
    pub span: Span,
}

/// What the library calls so; several distributions may share a name.
pub fn library<'a>(name: &str) -> impl Iterator<Item = (FileId, Global<'a>)> + use<'a> {
    prelude::named(name).flat_map(|(file, item)| {
        let names = item.names().into_iter();
        names.map(move |name| (file, Global { item, span: name.span }))
    })
}

/// The value of a global, once found.
pub struct Known<'a> {
    pub value: Value<'a>,
    /// Where it was found.
    pub ctx: Rc<Context>,
    /// It is the value in contexts that agree in this.
    pub key: Asked,
    /// What it took from its context.
    pub asked: Asked,
    /// The calls of layers in it that write states, in order.
    pub wrote: Vec<u32>,
}

/// Names whose value has a mistake, oldest first, so that those of a guess can be taken back.
#[derive(Default)]
pub struct Failed {
    order: Vec<(FileId, String)>,
    seen: HashSet<(FileId, String)>,
}

impl Failed {
    pub fn contains(&self, file: FileId, name: &str) -> bool {
        !self.seen.is_empty() && self.seen.contains(&(file, name.to_string()))
    }

    pub fn insert(&mut self, file: FileId, name: &str) {
        if self.seen.insert((file, name.into())) {
            self.order.push((file, name.into()));
        }
    }

    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Forgets all but the oldest.
    pub fn truncate(&mut self, len: usize) {
        for name in self.order.drain(len..) {
            self.seen.remove(&name);
        }
    }
}

impl<'a> Elab<'a> {
    /// The value of a name.
    pub fn name(&mut self, name: &str, file: FileId, env: &Env<'a>, span: Span) -> Res<Value<'a>> {
        if let Some(value) = self.in_scope(name, env, span)? {
            return Ok(value);
        }
        if name == "B" {
            return Ok(Value::Dim("B".into(), self.rows(span)? as i64));
        }
        let own = self.names.globals.get(&file).and_then(|g| g.get(name)).copied();
        // A phase is no value: its name hides none.
        let phase = own.filter(|global| matches!(global.item.kind, ast::ItemKind::Phase(_)));
        if let (Some(global), None) = (own, phase) {
            self.names.used.insert((file, name.into()));
            self.names_at(span, Some(global.span));
            return self.global(file, name, global, span);
        }
        if let Some(other) = self.imported(name, file, span)? {
            return self.name(name, other, &None, span);
        }
        if let Some(value) = self.known_everywhere(name, span)? {
            return Ok(value);
        }
        match phase {
            Some(global) => self.is_phase(name, global, span),
            None => self.undefined(name, file, env, span),
        }
    }

    /// What a name is bound to in the scope around it.
    fn in_scope(&mut self, name: &str, env: &Env<'a>, span: Span) -> Res<Option<Value<'a>>> {
        let (found, looked) = look_up(env, name);
        self.spend(budget::STEPS, looked / NAMES_OF_A_STEP, span)?;
        match found {
            Some(node) => {
                let at = node.at;
                self.names_at(span, at);

                let Value::Failed = node.value else {
                    self.spend(budget::STEPS, node.value.weight(), span)?;
                    return Ok(Some(node.value.clone()));
                };
                Err(Stop)
            }
            None => Ok(None),
        }
    }

    /// The first declaration of a name that the library is known to have.
    pub fn of_library(&self, name: &str) -> (FileId, Global<'a>) {
        match library(name).next() {
            Some(found) => found,
            None => unreachable!("the library has `{name}`"),
        }
    }

    /// What a function of the library gives.
    pub fn by_library(&mut self, name: &str, args: Args<'a>, span: Span) -> Res<ExprId> {
        let (file, global) = self.of_library(name);
        let callee = self.global(file, name, global, span)?;
        let value = self.apply(&callee, args, span)?;
        self.tensor(&value, span)
    }

    /// What a name stands for in every file: a field of the data where those are visible, an item of the
    /// prelude, a function or a metric that the program carries.
    fn known_everywhere(&mut self, name: &str, span: Span) -> Res<Option<Value<'a>>> {
        if self.here.fields_visible
            && let Some(value) = self.field(name, span)?
        {
            return Ok(Some(value));
        }
        if let Some((file, global)) = library(name).next() {
            self.names_at(span, Some(global.span));
            return self.global(file, name, global, span).map(Some);
        }
        if let Some(prim) = (self.names.builtins.find)(name) {
            return Ok(Some(Value::Prim(prim)));
        }
        Ok(metrics::find(name).map(Value::Metric))
    }

    fn is_phase<T>(&mut self, name: &str, global: Global<'a>, span: Span) -> Res<T> {
        let diagnostic = self
            .error(codes::RL0105, format!("`{name}` is a phase"), span, "")
            .also(global.span, "declared here")
            .help("phases run by themselves, in the order of the file");
        self.stop(diagnostic)
    }

    fn undefined<T>(&mut self, name: &str, file: FileId, env: &Env<'a>, span: Span) -> Res<T> {
        if self.names.failed.contains(file, name) {
            return Err(Stop);
        }
        let known = self.names_in_sight(file, env);
        self.spend(budget::STEPS, known.len(), span)?;
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let mut diagnostic =
            self.error(codes::RL0101, format!("nothing is called `{name}`"), span, "not declared");
        let field = self.m.fields.iter().find(|f| f.name == name);
        diagnostic = match (field, nearest(name, &known)) {
            (Some(field), _) => diagnostic.also(field.span, "a field of this name is here").help(
                "data fields are visible in losses and phases; pass the field as an argument",
            ),
            (None, Some(near)) => diagnostic.meant(span, near),
            (None, None) => diagnostic.help(
                "declare it: `dim`, `config`, `const`, `param`, `net`, `fn`, or a field of `data`",
            ),
        };
        self.stop(diagnostic)
    }

    /// Every name that stands for something here, for "did you mean".
    fn names_in_sight(&self, file: FileId, env: &Env<'a>) -> Vec<String> {
        let mut known = names(env);
        known.extend(self.names.globals.get(&file).into_iter().flat_map(|g| g.keys().cloned()));
        if self.here.fields_visible {
            known.extend(self.m.fields.iter().map(|f| f.name.clone()));
        }
        known.extend(prelude::names().map(String::from));
        known.extend((self.names.builtins.names)().into_iter().map(String::from));
        known.extend(metrics::METRICS.iter().map(|m| m.name.to_string()));
        known.extend(["true", "false"].map(String::from));
        known
    }

    /// The fields of a name that can be read here, by their numbers.
    pub fn fields_here(&self, name: &str) -> Vec<usize> {
        let here =
            |data: &String| self.here.ctx.data.is_empty() || self.here.ctx.data.contains(data);
        let is_one = |i: &usize| self.m.fields[*i].name == name && here(&self.m.fields[*i].data);
        (0..self.m.fields.len()).filter(is_one).collect()
    }

    /// A data field by its bare name, if one is visible.
    fn field(&mut self, name: &str, span: Span) -> Res<Option<Value<'a>>> {
        let all = self.fields_here(name);
        match all.as_slice() {
            [] => Ok(None),
            [one] => {
                self.field_at(span, *one);
                Ok(Some(Value::Tensor(self.field_expr(*one))))
            }
            // Which one it is depends on the phase.
            [..] if self.here.may_wait => {
                self.told.waits = true;
                Err(Stop)
            }
            [a, b, ..] => {
                let (a, b) = (self.m.fields[*a].clone(), self.m.fields[*b].clone());
                let diagnostic = self
                    .error(codes::RL0102, format!("two data sets have a field `{name}`"), span, "")
                    .also(a.span, "one")
                    .also(b.span, "another")
                    .help(format!("write `{}.{name}` or `{}.{name}`", a.data, b.data));
                self.stop(diagnostic)
            }
        }
    }

    pub fn field_expr(&mut self, index: usize) -> ExprId {
        let field = &self.m.fields[index];
        let (ty, span) = (field.ty.clone(), field.span);
        self.m.push(ExprKind::Field(ir::FieldId(index as u32)), ty, span)
    }

    /// A field of a data set: rows of the phase, or in a constant all of them or those of a split.
    pub fn field_here(&mut self, index: usize, split: Option<&str>, span: Span) -> Res<ExprId> {
        match (self.here.whole, split) {
            (true, _) => self.table_expr(index, split, span),
            (false, None) => Ok(self.field_expr(index)),
            // A constant holds the split, and not its rows.
            (false, Some(split)) => {
                let ir::Field { data, name, .. } = &self.m.fields[index];
                let text = format!("`{data}.{split}` is a split, whose rows a phase reads");
                let help = format!("hold them in a constant: `const rows = {data}.{split}.{name}`");
                self.fail(codes::RL0127, text, span, &help)
            }
        }
    }

    fn table_expr(&mut self, index: usize, split: Option<&str>, place: Span) -> Res<ExprId> {
        let ir::Field { data, name, ty, span } = self.m.fields[index].clone();
        if ty.ends {
            return self.loose_end("a constant", place);
        }
        let rows = match (self.names.settings.tables.get(&data), split) {
            (None, _) => {
                self.m.unknown.insert(data.clone());
                1
            }
            (Some(sizes), None) => sizes.rows,
            (Some(sizes), Some(split)) => {
                match sizes.splits.iter().find(|(own, rows)| own == split && *rows > 0) {
                    Some((_, rows)) => *rows,
                    None => return self.no_split(&data, split, place),
                }
            }
        };
        let shape = [&[rows], &ty.shape[..]].concat();
        let ty = Type { shape, varies: false, ..ty };
        let split = split.map(String::from);
        let table = ir::Table { data, split, field: name, ty: ty.clone() };
        let known = self.m.tables.iter().position(|t| t.name() == table.name());
        let at = known.unwrap_or(self.m.tables.len());
        if known.is_none() {
            self.m.tables.push(table);
        }
        Ok(self.m.push(ExprKind::Table(ir::TableId(at as u32)), ty, span))
    }

    /// A constant holds a split that the data has not.
    fn no_split<T>(&mut self, data: &str, split: &str, span: Span) -> Res<T> {
        let sizes = self.names.settings.tables.get(data).cloned().unwrap_or_default();
        let known = sizes.splits.iter().filter(|(_, rows)| *rows > 0);
        let known: Vec<String> =
            known.map(|(split, rows)| format!("`{split}` with {rows} rows")).collect();
        let text = format!("`{data}` has no rows in `{split}`");
        let help = format!("it has {}; `split = (0.8, 0.1, 0.1)` makes three", known.join(", "));
        self.fail(codes::RL0127, text, span, &help)
    }

    /// A value that was found before in a context that agrees with this one.
    pub fn recall(&mut self, file: FileId, name: &str) -> Option<Value<'a>> {
        let list = self.names.memo.get(&(file, name.to_string()))?;
        let known = list.iter().find(|known| known.key.same(&known.ctx, &self.here.ctx))?;
        let (value, asked) = (known.value.clone(), known.asked);
        self.m.budget.take(budget::STEPS, known.wrote.len());
        self.told.wrote.extend_from_slice(&known.wrote);
        self.told.asked.add(asked);
        Some(value)
    }

    /// Keeps a value for contexts that agree in `key`. What was written since `before` belongs to it.
    pub fn keep(
        &mut self,
        (file, name): (FileId, &str),
        value: &Value<'a>,
        key: Asked,
        asked: Asked,
        before: usize,
    ) {
        let (value, ctx) = (value.clone(), self.here.ctx.clone());
        let wrote =
            crate::model::elaborate::weights::writes::last_places(&self.told.wrote[before..]);
        let list = self.names.memo.entry((file, name.to_string())).or_default();
        list.push(Known { value, ctx, key, asked, wrote });
    }
}
