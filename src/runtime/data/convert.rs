//! From what a file holds to what the model declared. In: a [`Table`], the declared fields, options,
//! what a run has kept. Out: a [`Dataset`]. The declared type and the values decide the conversion,
//! never the format or the element type that held them; [`reading`](super::reading) is one field.

use super::args::describe;
use super::facts::{Facts, FieldFact, declared};
use super::fields::{Part, Wanted, match_fields};
use super::kept::Kept;
use super::names::as_name;
use super::open::Root;
use super::options::{Missing, Options};
use super::reading::{Read, Reading};
use super::rows::Rows;
use super::sampler::Ask;
use super::source::{self, Loaded, about};
use super::{Column, Dataset, FieldSpec, Table, Values, select, shown, svmlight, wav};
use crate::base::{Diagnostic, codes};
use crate::model::ir::{Source, Static, Support, Type};

/// Loads a data set.
pub fn load(
    name: &str,
    source: &Source,
    root: &Root,
    fields: &[FieldSpec],
    kept: &[Kept],
) -> Result<Dataset, Diagnostic> {
    let load = || {
        let kept = &with_vocabulary(name, source, fields, kept)?;
        let (loaded, options) = source::load(source, root, Wanted { data: name, fields, kept })?;
        let (origin, options) = (describe(source), &options);
        let origin = origin.as_str();
        match loaded {
            Loaded::Rows(table) => {
                Converting { name, origin, options, fields, kept }.convert(table)
            }
            Loaded::Sampled(sampler) => {
                if let Some(field) = fields.iter().find(|field| field.ty.ends) {
                    let text = format!("rows of field `{}` have one length", field.name);
                    let help =
                        "declare it without `<=`; `lines(\"file.txt\")` reads texts that end";
                    return Err(about(codes::RL2064, origin, text).help(help));
                }
                sampler.dataset(&Ask { name, origin, options, fields })
            }
        }
    };
    load().map_err(|error| source::located(source, name, error))
}

/// The field of another data set whose vocabulary a call names.
pub fn vocabulary(source: &Source) -> Option<&str> {
    source.args.iter().find_map(|(name, value)| match (name.as_deref(), value) {
        (Some("vocabulary"), Static::Str(of)) if !of.is_empty() => Some(of.as_str()),
        _ => None,
    })
}

/// What is known of fields, with the vocabulary that a call names.
fn with_vocabulary(
    name: &str,
    source: &Source,
    fields: &[FieldSpec],
    kept: &[Kept],
) -> Result<Vec<Kept>, Diagnostic> {
    let mut all = kept.to_vec();
    let Some(of) = vocabulary(source) else { return Ok(all) };
    let is_it = |kept: &&Kept| format!("{}.{}", kept.data, kept.field) == of;
    let Some(own) = kept.iter().find(is_it).filter(|kept| !kept.words.is_empty()) else {
        let text = format!("`{}` has no vocabulary", shown(of));
        let help = "name a field that reads words or nodes: `vocabulary = \"near.center\"`";
        return Err(about(codes::RL2066, &source.name, text).help(help));
    };
    for field in fields {
        let known = kept.iter().any(|kept| kept.data == name && kept.field == field.name);
        if matches!(field.ty.support, Support::Index(n) if n >= own.words.len()) && !known {
            let (data, field) = (name.to_string(), field.name.clone());
            let (words, tokens) = (own.words.clone(), own.tokens);
            all.push(Kept { data, field, words, tokens, ..Kept::default() });
        }
    }
    Ok(all)
}

/// A conversion under way.
pub struct Converting<'a> {
    /// The name of the data set.
    pub name: &'a str,
    /// Where it comes from.
    pub origin: &'a str,
    /// What the call says.
    pub options: &'a Options,
    /// What is declared.
    pub fields: &'a [FieldSpec],
    /// What a run has kept.
    pub kept: &'a [Kept],
}

impl Converting<'_> {
    /// Applies the declared types.
    pub fn convert(&self, mut table: Table) -> Result<Dataset, Diagnostic> {
        let dropped = self.drop_rows(&mut table)?;
        let matched = match_fields(&table, &self.wanted(), self.origin)?;
        let rows = self.rows(&matched)?;
        let by_default = select::by_default(&table.splits, self.options);
        let spelled = |part: &Part| table.spelled(part.names()).is_some();
        // Indices do not depend on the training rows, and tell the class of a row.
        let mut read: Vec<Option<Read>> = Vec::new();
        for (field, part) in &matched {
            let index = matches!(field.ty.support, Support::Index(_));
            read.push(if index {
                Some(self.reading(field, (part, spelled(part)), &[]).read()?)
            } else {
                None
            });
        }
        let classes = || {
            let label = label_field(self.fields, self.options, self.origin);
            let label = read.get(label.map_err(|error| self.options.at("label", error))?);
            match label.and_then(|read| read.as_ref()).map(|read| &read.values) {
                Some(Values::I32(labels)) => Ok(labels.clone()),
                _ => Ok(Vec::new()),
            }
        };
        let splits =
            select::splits((rows, &table.groups), table.splits.clone(), self.options, classes)?;
        let train = splits.iter().find(|(name, _)| name == "train").map(|(_, rows)| rows);
        let train = train.map_or(&[][..], |rows| rows.as_slice());
        let mut facts =
            Facts { dropped, by_default, found: table.found.clone(), fields: Vec::new() };
        let (mut columns, mut kept) = (Vec::new(), Vec::new());
        for ((field, part), read) in matched.iter().zip(read) {
            let read =
                read.map_or_else(|| self.reading(field, (part, spelled(part)), train).read(), Ok)?;
            let (name, shape) = (field.name.clone(), field.ty.shape.clone());
            if field.ty.ends {
                self.up_to_ends(field, part, &read.values)?;
            }
            columns.push(Column { name, shape, values: read.values });
            let names: Vec<String> = part.names().into_iter().map(as_name).collect();
            let by_order =
                table.named && names != [field.name.as_str()] && part.names() != [&field.name];
            let mut own = read.kept;
            let new = || {
                let (data, field) = (self.name.to_string(), field.name.clone());
                Kept { data, field, ..Kept::default() }
            };
            if by_order {
                own.get_or_insert_with(new).columns =
                    part.names().into_iter().map(String::from).collect();
            }
            let mut fact = read.fact;
            if let Some(spelled) = table.spelled(part.names()) {
                let (words, tokens) = (spelled.words.clone(), Some(spelled.unit));
                let kept = own.get_or_insert_with(new);
                *kept = Kept { words: words.clone(), tokens, numbers: false, ..kept.clone() };
                fact = FieldFact { words, tokens, ..fact };
            }
            facts.fields.push(FieldFact { by_order, ..fact });
            if table.first.is_some() && part.names() == [svmlight::POINT] {
                own.get_or_insert_with(new).first = table.first;
            }
            if table.rate.is_some() && part.names() == [wav::SOUND] {
                own.get_or_insert_with(new).rate = table.rate;
            }
            kept.extend(own);
        }
        let at = |error| self.options.at("labels", error);
        self.shuffle(&mut columns, &splits).map_err(at)?;
        let (name, origin) = (self.name.to_string(), self.origin.to_string());
        let splits = splits.into_iter().map(|(name, rows)| (name, Rows::Listed(rows))).collect();
        Ok(Dataset { name, origin, rows, columns, splits, facts, kept })
    }

    /// Refuses sequences that go on behind their end.
    fn up_to_ends(
        &self,
        field: &FieldSpec,
        part: &Part,
        values: &Values,
    ) -> Result<(), Diagnostic> {
        let Values::I32(values) = values else { return Ok(()) };
        let width = field.ty.shape.iter().product::<usize>().max(1);
        let goes_on =
            |row: &[i32]| row.iter().skip_while(|token| **token != 0).any(|token| *token != 0);
        let Some(row) = values.chunks(width).position(goes_on) else { return Ok(()) };
        let place = part.place(row * width);
        let text =
            format!("{place}: a sequence of field `{}` goes on behind its first 0", field.name);
        let plain = declared(&Type { ends: false, ..field.ty.clone() });
        let help = format!(
            "number tokens from 1 and fill up with 0, or declare it `{}: {plain}`, where 0 is a token",
            field.name
        );
        Err(about(codes::RL2064, self.origin, text).help(help))
    }

    fn wanted(&self) -> Wanted<'_> {
        Wanted { data: self.name, fields: self.fields, kept: self.kept }
    }

    /// How a column is read; tokens have their numbers already.
    fn reading<'r>(
        &'r self,
        field: &'r FieldSpec,
        (part, spelled): (&'r Part<'r>, bool),
        train: &'r [u32],
    ) -> Reading<'r> {
        let Converting { name: data, origin, options, .. } = *self;
        let kept = self.wanted().kept(&field.name).filter(|_| !spelled);
        Reading { data, field, part, options, origin, train, kept }
    }

    /// Leaves rows with a missing value out, if that is asked for.
    fn drop_rows(&self, table: &mut Table) -> Result<usize, Diagnostic> {
        if self.options.missing != Some(Missing::Drop) {
            return Ok(0);
        }
        let matched = match_fields(table, &self.wanted(), self.origin)?;
        let mut gone = vec![false; self.rows(&matched)?];
        for (field, part) in &matched {
            part.mark_missing(&mut gone);
            let kept =
                self.wanted().kept(&field.name).filter(|_| self.options.vocabulary.is_some());
            kept.into_iter().for_each(|kept| part.mark_unknown(&kept.words, &mut gone));
        }
        let dropped = gone.iter().filter(|gone| **gone).count();
        if dropped > 0 && dropped == gone.len() {
            let error = about(codes::RL2023, self.origin, "every row has a missing value");
            return Err(error.help("declare fewer fields, or write `missing = \"mean\"`"));
        }
        if dropped > 0 {
            let keep: Vec<bool> = gone.iter().map(|gone| !gone).collect();
            table.retain(&keep);
        }
        Ok(dropped)
    }

    fn rows(&self, matched: &[(&FieldSpec, Part)]) -> Result<usize, Diagnostic> {
        let rows = matched.first().map_or(0, |(_, part)| part.rows());
        for (field, part) in matched {
            if let Some((column, own)) = part.uneven(rows) {
                let of = match part.names().as_slice() {
                    [_] => String::new(),
                    _ => format!(": column `{}`", shown(column)),
                };
                let text = format!("field `{}`{of} has {own} rows, another {rows}", field.name);
                return Err(about(codes::RL2004, self.origin, text));
            }
        }
        if u32::try_from(rows).is_err() {
            let text = format!("{rows} rows, at most {} are read", u32::MAX);
            return Err(about(codes::RL2012, self.origin, text));
        }
        Ok(rows)
    }

    fn shuffle(&self, columns: &mut [Column], splits: &select::Splits) -> Result<(), Diagnostic> {
        if !self.options.shuffled {
            return Ok(());
        }
        let at = label_field(self.fields, self.options, self.origin)?;
        match columns.get_mut(at).map(|column| &mut column.values) {
            Some(Values::I32(labels)) => select::shuffle_labels(labels, splits, self.options.seed),
            _ => Ok(()),
        }
    }
}

/// The field that holds the class of a row: the one that `label` names, or the only one with one
/// index per row.
fn label_field(fields: &[FieldSpec], options: &Options, origin: &str) -> Result<usize, Diagnostic> {
    let is_label =
        |f: &FieldSpec| f.ty.shape.is_empty() && matches!(f.ty.support, Support::Index(_));
    let places = || (0..fields.len()).filter(|at| is_label(&fields[*at]));
    let names = || places().map(|at| format!("`{}`", fields[at].name)).collect::<Vec<_>>();
    let wrong = |text: String| about(codes::RL2074, origin, text);
    if let Some(label) = &options.label {
        let found = places().find(|at| fields[*at].name == *label);
        return found.ok_or_else(|| {
            let text = format!("`label = \"{}\"` names no class", label.escape_debug());
            wrong(text).help(format!("fields of one index per row: {}", names().join(", ")))
        });
    }
    let mut found = places();
    match (found.next(), found.next()) {
        (Some(at), None) => Ok(at),
        (None, _) => Err(wrong("no field holds the class of a row".into())
            .help("declare it: `y: idx(10)` for ten classes")),
        _ => {
            let text = format!("the class of a row may be any of {}", names().join(", "));
            let first = names().first().map_or(String::new(), |name| name.replace('`', "\""));
            Err(wrong(text).help(format!("say which: `label = {first}`")))
        }
    }
}

#[cfg(test)]
#[path = "convert_tests.rs"]
mod tests;
