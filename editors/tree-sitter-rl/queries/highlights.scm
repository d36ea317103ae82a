; Colours of .rl files. Later patterns win.

(identifier) @variable

; ---- words of the language ----

[
  "use" "as" "dim" "const" "config" "data" "from" "param" "state" "loss" "model" "let" "over" "with" "in"
  "distribution" "divergence" "until" "stalls" "on" "batch" "epochs" "steps" "count" "prune" "below" "track"
  "report" "emit" "factor" "minimize" "maximize"
] @keyword

[ "encoder" "bottleneck" "prior" "decoder" "net" "module" "fn" "bijection" "optimizer" "train" "eval" "sample" ] @keyword.function

"return" @keyword.return
[ "if" "then" "else" ] @keyword.conditional
[ "repeat" "chain" "scan" ] @keyword.repeat
[ "and" "or" "not" ] @keyword.operator
[ "E" "log" ] @keyword

; ---- values ----

(number) @number
(string) @string
(boolean) @boolean
(comment) @comment

(primitive) @type.builtin
"idx" @type.builtin

; ---- names ----

(label) @property
(field name: (identifier) @property)
(formal name: (identifier) @variable.parameter)
(variable name: (identifier) @variable.parameter)
(lambda name: (identifier) @variable.parameter)
(dim_entry name: (identifier) @constant)
(const_item name: (identifier) @constant)
(config_item name: (identifier) @constant)
(data_item name: (identifier) @module)
(use_item name: (identifier) @module)
(role_item name: (identifier) @function)
(callable_item name: (identifier) @function)
(model_item name: (identifier) @function)
(phase_item name: (identifier) @function)
(distribution_item name: (identifier) @type)

(call function: (name (identifier) @function.call))
(binary operator: "|>" right: (name (identifier) @function.call))
((name (identifier) @type) (#match? @type "^[A-Z][a-z0-9]"))
((call function: (name (identifier) @type)) (#match? @type "^[A-Z][a-z0-9]"))

; ---- signs ----

[ "=" "~" "<-" "|>" "->" "=>" "|" "||" "==" "!=" "<=" ">=" "<" ">" ".." "..." "+" "-" "*" "/" "%" "@" "^" ] @operator
[ "(" ")" "[" "]" "{" "}" ] @punctuation.bracket
[ "," ":" "." ] @punctuation.delimiter
