//! What a user asks for beside the text of a model. In: values of settings, sources that replace the
//! file's own. Out: the same, checked against what the file declares.

use super::files::Trees;
use super::log::{Log, Stopped};
use crate::base::{Diagnostic, Span, codes, nearest};
use crate::model::ir::Source;
use crate::model::{Given, Settings};
use crate::runtime::config::{self, Declared, Setting, SettingKind};
use crate::syntax::ast;
use std::collections::BTreeMap;

/// A source that replaces the file's own.
#[derive(Clone, Debug)]
pub struct Replaced {
    /// As the user wrote it.
    pub text: String,
    /// What that says.
    pub source: Source,
    /// Its place in a configuration file.
    pub span: Option<Span>,
}

/// What decides how a text is compiled.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Values of `dim` and `config` items.
    pub set: Vec<Setting>,
    /// Data sources by data set.
    pub data: BTreeMap<String, Replaced>,
    /// Whether parts are wanted as functions of what they are given.
    pub exports: bool,
    /// Whether names and expressions are kept by their places.
    pub index: bool,
}

impl Asked {
    /// What replaces the sources of the file, by data set.
    pub fn sources(&self) -> BTreeMap<String, Source> {
        self.data.iter().map(|(name, new)| (name.clone(), new.source.clone())).collect()
    }

    /// Checks settings and data sets against what the file declares, and gives settings its types.
    pub fn check(&mut self, trees: &Trees, log: &mut Log) -> Result<(), Stopped> {
        let Some(tree) = trees.files.trees.get(&trees.entry) else { return Ok(()) };
        log.take(config::check(&mut self.set, &declared(tree)))?;
        let names: Vec<&str> = tree.items.iter().filter_map(data_name).collect();
        log.check(self.check_data(&names))
    }

    /// Checks the names of replaced data sets.
    pub fn check_data(&self, names: &[&str]) -> Result<(), Diagnostic> {
        let unknown = self.data.iter().find(|(name, _)| !names.contains(&name.as_str()));
        let Some((name, replaced)) = unknown else { return Ok(()) };
        let text = format!("the model has no data set `{}`", name.escape_debug());
        let mut error = Diagnostic::new(codes::RL1001, text);
        if let Some(span) = replaced.span {
            error = error.at(span, "");
        }
        let help = match nearest(name, names) {
            Some(word) => format!("did you mean `{word}`?"),
            None if names.is_empty() => "it reads no data".into(),
            None => format!("it has {}", names.join(", ")),
        };
        Err(error.help(help))
    }

    /// As the model stage takes them.
    pub(super) fn settings(&self, log: &Log) -> Settings {
        let mut settings =
            Settings { index: self.index, exports: self.exports, ..Settings::default() };
        for setting in &self.set {
            let origin = match setting.span {
                Some(span) => log.sources.file(span.file).name.clone(),
                None => "--set".into(),
            };
            settings.set(&setting.name, Given::Value(setting.value.clone()), &origin);
        }
        settings
    }
}

fn data_name(item: &ast::Item) -> Option<&str> {
    match &item.kind {
        ast::ItemKind::Data { name, .. } => Some(&name.name),
        _ => None,
    }
}

/// The `dim` and `config` items of a file.
fn declared(tree: &ast::File) -> Vec<Declared> {
    let mut found = Vec::new();
    let mut add = |name: &ast::Ident, kind| {
        found.push(Declared { name: name.name.clone(), kind, span: name.span });
    };
    for item in &tree.items {
        match &item.kind {
            ast::ItemKind::Dim(dims) => {
                dims.iter().for_each(|(name, _)| add(name, SettingKind::Dim))
            }
            ast::ItemKind::Config { name, ty, .. } => add(name, kind(&ty.scalar)),
            _ => {}
        }
    }
    found
}

fn kind(scalar: &ast::Scalar) -> SettingKind {
    match scalar {
        ast::Scalar::Idx(_) => SettingKind::Int,
        ast::Scalar::Prim(word) => match word.as_str() {
            "bool" => SettingKind::Bool,
            "str" => SettingKind::Text,
            "int" | "i32" | "u32" => SettingKind::Int,
            _ => SettingKind::Real,
        },
    }
}
