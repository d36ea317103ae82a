use 'rbm.rl' as rbm
const t = W'

// error: RL0003 1:5 a string in single quotes
// help: write `"rbm.rl"`
// error: RL0003 2:12 unexpected character `'` (U+0027)
// help: strings stand in double quotes `"`; a transpose is `W.T`
