config word: str = 3
data digits from uci_digits() { x: str }
loss a = 1.0
eval t on digits.test { report a }

// error: RL0124 2:36 `str` is the type of a `config` only
// help: a text that a model reads is a sequence of indices: `idx(V)[T]`
// error: RL0107 1:20 `word` is declared `str`, its value is 3
// help: give a text in double quotes
