; Where names hold.

(file) @local.scope
(callable_item) @local.scope
(role_item) @local.scope
(model_item) @local.scope
(loss_item) @local.scope
(phase_item) @local.scope
(scan) @local.scope
(chain) @local.scope
(lambda) @local.scope
(expect) @local.scope

(formal name: (identifier) @local.definition)
(variable name: (identifier) @local.definition)
(pattern (identifier) @local.definition)
(lambda name: (identifier) @local.definition)
(scan name: (identifier) @local.definition)
(chain name: (identifier) @local.definition)
(expect name: (identifier) @local.definition)

(name (identifier) @local.reference)
