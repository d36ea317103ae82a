//! The pest parser made from `grammar/rl.pest`, and the levels of its operators. In: text of one
//! item. Out: pest pairs. The tree is made of them in `build`.

use pest::pratt_parser::{Assoc, ConstPrattParser, Op, pratt_precedence};

/// The generated parser; `Rule` is generated beside it.
#[derive(pest_derive::Parser)]
#[grammar = "../grammar/rl.pest"]
pub(super) struct Grammar;

/// Operator levels, loosest first. Comparisons and ranges do not chain; the builder refuses that.
pub(super) static PRATT: ConstPrattParser<Rule, 22> =
    ConstPrattParser::new_const(pratt_precedence![
        Op::infix(Rule::op_pipe, Assoc::Left),
        Op::infix(Rule::op_or, Assoc::Left),
        Op::infix(Rule::op_and, Assoc::Left),
        Op::prefix(Rule::invert),
        Op::infix(Rule::op_eq, Assoc::Left)
            | Op::infix(Rule::op_ne, Assoc::Left)
            | Op::infix(Rule::op_le, Assoc::Left)
            | Op::infix(Rule::op_ge, Assoc::Left)
            | Op::infix(Rule::op_lt, Assoc::Left)
            | Op::infix(Rule::op_gt, Assoc::Left),
        Op::infix(Rule::op_range, Assoc::Left),
        Op::infix(Rule::op_add, Assoc::Left) | Op::infix(Rule::op_sub, Assoc::Left),
        Op::infix(Rule::op_mul, Assoc::Left)
            | Op::infix(Rule::op_div, Assoc::Left)
            | Op::infix(Rule::op_rem, Assoc::Left)
            | Op::infix(Rule::op_matmul, Assoc::Left),
        Op::prefix(Rule::negate),
        Op::infix(Rule::op_pow, Assoc::Right),
        Op::postfix(Rule::call) | Op::postfix(Rule::index) | Op::postfix(Rule::member),
    ]);
