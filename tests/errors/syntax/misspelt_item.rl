modl p(x) { x ~ a }
los a = b
trian fit on d.train { track a }

// error: RL0014 1:1 `modl` opens no declaration
// help: did you mean `model`?
// error: RL0014 2:1 `los` opens no declaration
// help: did you mean `loss`?
// error: RL0014 3:1 `trian` opens no declaration
// help: did you mean `train`?
