// The grammar of .rl files for editors. `grammar/rl.pest` is the grammar of the language: this file takes the
// same texts, rule by rule under the same names where they are seen in a tree, and `tests/editors.rs`
// compares the two.
//
// Words that cannot be names are reserved everywhere but behind a point and before the `=` of an argument. All
// other words of the language are names where the grammar does not ask for them.

/// <reference types="tree-sitter-cli/dsl" />
// @ts-check

const RESERVED = [
  'use', 'dim', 'const', 'config', 'data', 'param', 'state', 'net', 'module', 'fn', 'bijection', 'model',
  'loss', 'train', 'eval', 'sample', 'let', 'return', 'factor', 'minimize', 'maximize', 'repeat', 'track',
  'report', 'emit', 'if', 'then', 'else', 'true', 'false', 'and', 'or', 'not',
];

// Words that open a form of their own in an expression, and are names elsewhere.
const OPENING = ['log', 'E', 'chain', 'scan'];

// Loosest first.
const LEVEL = {
  pipe: 1, or: 2, and: 3, not: 4, compare: 5, range: 6, add: 7, multiply: 8, negate: 9, power: 10,
  postfix: 11,
};

const list1 = (rule) => seq(rule, repeat(seq(',', rule)));
const list1_ = (rule) => seq(list1(rule), optional(','));

module.exports = grammar({
  name: 'rl',

  word: ($) => $.identifier,
  extras: ($) => [/[ \t\r\n]/, $.comment],
  reserved: { global: (_) => RESERVED },
  inline: ($) => [$._item, $._statement, $._primary, $._body, $._result],
  supertypes: ($) => [$.expression],

  conflicts: ($) => [
    // `(z)` opens a density or a signature, `(a)` a lambda or a tuple, `E[z` an average or an entry, `log p(` a density or a name.
    [$.formal, $.variable],
    [$._parameter, $.name],
    [$.expect, $.name],
    [$.log_density, $.name],
  ],

  rules: {
    file: ($) => repeat($._item),

    comment: (_) => token(seq('//', /[^\n]*/)),
    identifier: (_) => /[A-Za-z_][A-Za-z0-9_]*/,
    number: (_) => /[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?/,
    string: (_) => token(seq('"', /[^"\n]*/, '"')),
    boolean: (_) => choice('true', 'false'),
    // Any word: what is before or behind it sets it apart.
    label: ($) => choice($.identifier, ...RESERVED, ...OPENING),

    // ---- items ----

    _item: ($) =>
      choice(
        $.use_item, $.dim_item, $.const_item, $.config_item, $.data_item, $.param, $.state, $.model_item,
        $.loss_item, $.phase_item, $.role_item, $.callable_item, $.distribution_item, $.divergence_item,
      ),

    use_item: ($) => seq('use', $.string, optional(seq('as', field('name', $.identifier)))),
    dim_item: ($) => seq('dim', list1($.dim_entry)),
    dim_entry: ($) => seq(field('name', $.identifier), '=', $.expression),
    const_item: ($) =>
      seq('const', field('name', $.identifier), optional(seq(':', $.type)), '=', $.expression),
    config_item: ($) => seq('config', field('name', $.identifier), ':', $.type, '=', $.expression),
    data_item: ($) =>
      seq('data', field('name', $.identifier), optional(seq('from', $.expression)), '{', list1_($.field), '}'),
    field: ($) => seq(field('name', $.identifier), ':', $.type),
    param: ($) => seq('param', $._slot),
    state: ($) => seq('state', $._slot),
    _slot: ($) => seq(field('name', $.identifier), ':', $.type, '=', $.expression),
    loss_item: ($) => seq('loss', field('name', $.identifier), $._body),

    role_item: ($) =>
      seq(
        field('role', choice('encoder', 'bottleneck', 'prior', 'decoder')),
        field('name', $.identifier),
        choice($._signature, $.density),
      ),
    _signature: ($) =>
      seq($.formals, optional($.formals), choice(seq('->', $._result, $._body), $._expression_body)),
    callable_item: ($) =>
      seq(
        field('kind', choice('net', 'module', 'fn', 'bijection', 'optimizer')),
        field('name', $.identifier),
        $.formals,
        optional($.formals),
        optional(seq('->', $._result)),
        $._body,
      ),
    formals: ($) => seq('(', optional(list1_($.formal)), ')'),
    formal: ($) =>
      seq(field('name', $.identifier), optional(seq(':', $._result)), optional(seq('=', $.expression))),
    _result: ($) => choice($.record, $.type),
    record: ($) => seq('(', list1_($.field), ')'),

    _body: ($) => choice($._expression_body, $.block),
    _expression_body: ($) => seq('=', $.expression),
    block: ($) => seq('{', repeat($._statement), '}'),

    model_item: ($) => seq('model', field('name', $.identifier), $.density),
    density: ($) => seq('(', $._variables, optional(seq('|', $._variables)), ')', $.block),
    _variables: ($) => list1($.variable),
    variable: ($) => seq(field('name', $.identifier), optional(seq(':', $.type))),

    distribution_item: ($) =>
      seq(
        'distribution', field('name', $.identifier), $.formals, 'on', $.identifier, optional($.shape),
        '{', repeat($.row), '}',
      ),
    row: ($) => seq(field('name', $.identifier), '=', $.expression, optional(',')),
    divergence_item: ($) =>
      seq(
        'divergence', field('name', $.identifier), '(', $.member_of, ',', $.member_of, ')', '=', $.expression,
      ),
    member_of: ($) => seq($.identifier, ':', $.identifier),

    // ---- phases ----

    phase_item: ($) =>
      seq(field('kind', choice('train', 'eval', 'sample')), field('name', $.identifier), repeat($.clause), $.block),
    clause: ($) =>
      choice(
        seq('on', $._group),
        seq(choice('batch', 'epochs', 'steps', 'count'), $.expression),
        seq('until', $.expression, 'stalls', $.expression, 'on', $.path),
      ),
    path: ($) => seq($.identifier, repeat(seq('.', $.label))),

    // ---- statements ----

    _statement: ($) =>
      choice(
        $.let_statement, $.param, $.state, $.return_statement, $.factor_statement, $.optimize, $.repeat,
        $.track, $.report, $.emit, $.prune, $.bind,
      ),
    let_statement: ($) => seq('let', $.pattern, optional(seq(':', $.type)), $._binder, $.expression),
    pattern: ($) => choice($.identifier, seq('(', list1($.identifier), ')')),
    bind: ($) =>
      seq(
        // `prune` opens a statement of its own, and is a name.
        field('name', choice($.identifier, alias('prune', $.identifier))),
        optional(seq(':', $.type)),
        choice('<-', $._binder),
        $.expression,
      ),
    _binder: (_) => choice('~', '='),
    return_statement: ($) => seq('return', $.expression),
    factor_statement: ($) => seq('factor', $.expression),
    optimize: ($) =>
      seq(field('goal', choice('minimize', 'maximize')), $.expression, 'over', $._group, 'with', $.expression),
    _group: ($) => choice($.path, seq('(', list1_($.path), ')')),
    repeat: ($) => seq('repeat', $.expression, $.block),
    track: ($) => seq('track', list1($.named)),
    report: ($) => seq('report', list1($.named)),
    emit: ($) => seq('emit', list1($.named)),
    named: ($) => seq($.expression, optional(seq('as', field('name', $.identifier)))),
    prune: ($) => seq('prune', $.identifier, 'below', $.expression),

    // ---- types ----

    type: ($) => seq(choice($.idx_type, $.primitive), optional($.shape), optional($.support)),
    primitive: (_) =>
      choice('f32', 'f16', 'bf16', 'i32', 'u32', 'int', 'bool', 'bit', 'count', 'str', 'distribution'),
    idx_type: ($) => seq('idx', '(', $.expression, ')'),
    shape: ($) => seq('[', optional(list1(choice($.rest, $.most, $.expression))), ']'),
    rest: ($) => seq('...', optional($.identifier)),
    most: ($) => seq('<=', $.expression),
    support: ($) => seq('in', $.expression),

    // ---- expressions ----

    expression: ($) => choice($.if_expression, $._operand),
    if_expression: ($) =>
      seq('if', $.expression, 'then', $.expression, 'else', $.expression),
    _operand: ($) => choice($.binary, $.unary, $._primary),
    binary: ($) =>
      choice(
        ...[
          [LEVEL.pipe, '|>'],
          [LEVEL.or, 'or'],
          [LEVEL.and, 'and'],
          [LEVEL.compare, choice('==', '!=', '<=', '>=', '<', '>')],
          [LEVEL.range, '..'],
          [LEVEL.add, choice('+', '-')],
          [LEVEL.multiply, choice('*', '/', '%', '@')],
        ].map(([level, sign]) =>
          prec.left(
            level,
            seq(field('left', $._operand), field('operator', sign), field('right', $._operand)),
          ),
        ),
        prec.right(
          LEVEL.power,
          seq(field('left', $._operand), field('operator', '^'), field('right', $._operand)),
        ),
      ),
    unary: ($) =>
      choice(prec(LEVEL.not, seq('not', $._operand)), prec(LEVEL.negate, seq('-', $._operand))),

    _primary: ($) =>
      choice(
        $.expect, $.log_density, $.chain, $.scan, $.lambda, $.tuple, $.number, $.string, $.boolean, $.name,
        $.call, $.index, $.member,
      ),
    // Words that open a form of their own are names where that form does not follow.
    name: ($) =>
      choice(
        $.identifier,
        alias('log', $.identifier),
        alias('E', $.identifier),
        prec(-2, alias(choice('chain', 'scan'), $.identifier)),
      ),

    call: ($) => prec(LEVEL.postfix, seq(field('function', $._primary), $._parentheses)),
    _parentheses: ($) =>
      seq('(', optional($._arguments), optional(seq(choice('|', '||'), $._arguments)), ')'),
    _arguments: ($) => list1_($.argument),
    argument: ($) => seq(optional(seq(field('name', $.label), '=')), $.expression),
    index: ($) => prec(LEVEL.postfix, seq($._primary, '[', list1_($.slice), ']')),
    slice: ($) => choice(':', seq($.expression, optional(seq(':', optional($.expression))))),
    member: ($) => prec(LEVEL.postfix, seq($._primary, '.', field('name', $.label))),

    expect: ($) =>
      seq(
        'E', '[', field('name', $.identifier), optional(seq(':', $.type)), '~', $.expression,
        repeat(seq(',', $.option)), optional(','), ']', '(', $.expression, ')',
      ),
    option: ($) => seq(field('name', $.label), '=', $.expression),
    log_density: ($) => seq('log', $.path, $._parentheses),
    chain: ($) => seq('chain', '(', field('name', $.identifier), 'in', $.expression, ')', '{', $.expression, '}'),
    scan: ($) =>
      seq(
        'scan', '(', field('name', $.identifier), '=', $.expression,
        repeat1(seq(',', field('name', $.identifier), 'in', $.expression)), ')', $.block,
      ),
    lambda: ($) =>
      seq('(', list1(field('name', $._parameter)), ')', '=>', $.expression),
    _parameter: ($) => choice($.identifier, alias(choice(...OPENING), $.identifier)),
    tuple: ($) => seq('(', list1_($.argument), ')'),
  },
});
