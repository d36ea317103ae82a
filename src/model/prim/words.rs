//! `spell(s, letters)`, `spell(s, data.field)`: indices with the vocabulary that they count through, for
//! `emit ... as text`.

use crate::base::{Span, budget, codes};
use crate::graph::DType;
use crate::model::elaborate::expr::types::show;
use crate::model::elaborate::value::{Args, Value};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{ExprKind, Static, Support, Words};
use std::rc::Rc;

pub(super) fn spell<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let place = args.positional.get(1).map_or(span, |(_, place)| *place);
    let [indices, vocabulary] = super::exactly(e, "spell", args, span)?;
    let id = e.tensor(&indices, span)?;
    let letters = match &vocabulary {
        Value::Static(Static::Str(text)) => text.len(),
        other => other.weight(),
    };
    e.spend(budget::STEPS, letters, place)?;
    let Some(words) = words(e, &vocabulary) else {
        let text = format!("a vocabulary is needed, this is {}", vocabulary.kind());
        return e.fail(codes::RL0105, text, place, super::usage("spell"));
    };
    let ty = e.ty(id).clone();
    let (DType::I32, Support::Index(n)) = (ty.dtype, ty.support) else {
        let text = format!("`spell` takes indices, this is `{}`", show(&ty));
        return e.fail(codes::RL0103, text, span, "declare them `idx(n)`, or take `argmax`");
    };
    let most = entries(e, &words);
    if n > most {
        let text = format!("indices up to {} into a vocabulary of {most}", n - 1);
        return e.fail(codes::RL0103, text, place, "the vocabulary needs one entry per index");
    }
    Ok(Value::Words(id, Rc::new(words)))
}

/// How many indices a vocabulary has a word for.
fn entries(e: &Elab<'_>, words: &Words) -> usize {
    match words {
        Words::Listed { entries, .. } => entries.len(),
        Words::Field { data, field } => {
            let found = e.m.fields.iter().find(|f| f.data == *data && f.name == *field);
            match found.map(|field| field.ty.support) {
                Some(Support::Index(n)) => n,
                _ => 0,
            }
        }
    }
}

/// Letters of a text, words of a tuple, or what a field of indices has.
fn words(e: &Elab<'_>, value: &Value<'_>) -> Option<Words> {
    let word = |value: &Value<'_>| match value {
        Value::Static(Static::Str(text)) => Some(text.clone()),
        _ => None,
    };
    match value {
        Value::Static(Static::Str(text)) => {
            let entries = text.chars().map(String::from).collect();
            Some(Words::Listed { entries, between: String::new() })
        }
        Value::Tuple(parts) => {
            let entries = parts.iter().map(word).collect::<Option<Vec<String>>>()?;
            Some(Words::Listed { entries, between: " ".into() })
        }
        Value::Tensor(id) => match e.m.expr(*id).kind {
            ExprKind::Field(field) => {
                let field = e.m.fields.get(field.0 as usize)?;
                let indices = matches!(field.ty.support, Support::Index(_));
                let of = || Words::Field { data: field.data.clone(), field: field.name.clone() };
                indices.then(of)
            }
            _ => None,
        },
        _ => None,
    }
}
