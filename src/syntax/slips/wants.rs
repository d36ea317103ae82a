//! What the grammar would have taken, in words. In: the rules it tried at the place where it
//! stopped. Out: a phrase such as "`=` or a value".

use crate::syntax::grammar::Rule;

/// A class of things that can come next; the order is that of the phrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Want {
    /// A fixed sign or word.
    Sign(&'static str),
    /// A new name.
    Name,
    /// An expression.
    Value,
    /// A type.
    Type,
    /// A statement of a body.
    Statement,
    /// A declaration at top level.
    Item,
    /// An argument of a call.
    Argument,
    /// A string.
    Text,
    /// A member after a dot.
    Member,
    /// More of an expression that is complete already.
    Operator,
    /// The end of the item.
    End,
}

/// The class of a rule.
pub(super) fn want(rule: Rule) -> Want {
    use Rule::*;
    match rule {
        ident => Want::Name,
        expr | number | boolean | negate | invert | if_expr => Want::Value,
        string => Want::Text,
        label => Want::Member,
        r#type | primitive | idx_type | result => Want::Type,
        argument => Want::Argument,
        one_item | item | file => Want::Item,
        statement | goal => Want::Statement,
        EOI => Want::End,
        _ => sign(rule).map_or(Want::Operator, Want::Sign),
    }
}

fn sign(rule: Rule) -> Option<&'static str> {
    use Rule::*;
    Some(match rule {
        lparen => "(",
        rparen => ")",
        lbracket => "[",
        rbracket => "]",
        lbrace => "{",
        rbrace => "}",
        comma => ",",
        colon => ":",
        arrow => "->",
        implies => "=>",
        draws => "~",
        equals => "=",
        assign => "<-",
        given => "|",
        k_from => "from",
        k_on => "on",
        k_batch => "batch",
        k_epochs => "epochs",
        k_steps => "steps",
        k_count => "count",
        k_until => "until",
        k_stalls => "stalls",
        k_below => "below",
        k_over => "over",
        k_with => "with",
        k_as => "as",
        k_in => "in",
        k_then => "then",
        k_else => "else",
        _ => return None,
    })
}

/// What was wanted, said in words; the least telling parts are left out where others remain.
pub(super) fn phrase(rules: &[Rule]) -> String {
    let mut wants: Vec<Want> = rules.iter().map(|rule| want(*rule)).collect();
    if rules.contains(&Rule::binder) {
        wants.extend([Want::Sign("="), Want::Sign("~")]);
    }
    let statement = rules.contains(&Rule::k_let);
    if statement {
        wants = vec![Want::Statement, Want::Sign("}")];
    } else if rules.contains(&Rule::k_log) {
        // The heads of an expression.
        wants = vec![Want::Value];
    } else if rules.contains(&Rule::op_add) {
        // A call, an index or a member may always follow; so may an operator.
        wants.retain(|w| !matches!(w, Want::Sign("(" | "[") | Want::End));
    } else if wants.len() > 1 {
        // `in` may follow any type.
        wants.retain(|w| !matches!(w, Want::Operator | Want::End | Want::Sign("in")));
    }
    wants.sort();
    wants.dedup();
    let words: Vec<String> = wants.into_iter().map(name).collect();
    match words.as_slice() {
        [] => "the end".to_string(),
        [only] => only.clone(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}

fn name(want: Want) -> String {
    match want {
        Want::Sign(sign) => return format!("`{sign}`"),
        Want::Name => "a name",
        Want::Value => "a value",
        Want::Type => "a type",
        Want::Statement => "a statement",
        Want::Item => "a declaration",
        Want::Argument => "an argument",
        Want::Text => "a string",
        Want::Member => "a member's name",
        Want::Operator => "an operator",
        Want::End => "the end of the declaration",
    }
    .to_string()
}
