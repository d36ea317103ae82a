// What shows of a call without its file is found before anything runs.
config share: f32 = 2
data a from csw("a.csv") { x: f32 }
data b from csv("b.csv", bogus = 1) { x: f32 }
data c from csv("c.csv", split = share) { x: f32 }
data d from csv("d.csv", missing = true) { x: f32 }
data e from csv("e.csv", rows = 1.5) { x: f32 }
data f from csv("f.csv", standardize = 1) { x: f32 }
data g from csv("g.csv", scale = "255") { x: f32 }
data h from csv(header = true) { x: f32 }
data i from csv("i.csv", test = "t.csv", folds = 2) { x: f32 }
data j from csv("j.csv", sep = "ab") { x: f32 }
data k from npy("k.npy", 2) { x: f32 }
data l from uniform(low = 1, high = 0) { x: f32[2] }
data m from moons(noise = -1) { x: f32[2] }
data n from csv("n.csv", nan = true, folds = 1) { x: f32 }
data o from uci_digits("o") { x: f32[64] }
// A right one, whose file is asked for when something runs.
data p from csv("none.csv", split = 1.0) { x: f32 }
eval test on p.train { report p.x }
// error: RL2066 3:13 no data source is called `csw`
// help: did you mean `csv`?
// error: RL2066 4:26 source `csv`: no argument is called `bogus`
// help: leave `bogus` out
// error: RL2069 5:26 split [2.0] is not one share
// help: write `split = 0.9`
// error: RL2066 6:26 `missing` is a text, found true
// help: write "drop", "mean" or a number: `missing = 0`
// error: RL2066 7:26 `rows` is an integer from 0 to 4294967295, found 1.5
// help: write an integer from 0 to 4294967295
// error: RL2066 8:26 `standardize` is true or false, found 1
// help: write `standardize = true` or `standardize = false`
// error: RL2066 9:26 `scale` is a number, found "255"
// help: write `scale = 255`
// error: RL2066 10:13 source `csv`: `file` is missing
// help: name it: `csv("...")`
// error: RL2066 11:42 a table beside it and `folds` both say what the splits are
// help: leave one of them out
// error: RL2066 12:26 `sep` is one character, found "ab"
// help: write `sep = ";"`
// error: RL2066 13:26 `b` is a text, found 2
// help: write it in quotes
// error: RL2066 14:13 `low` is greater than `high`
// help: exchange them
// error: RL2066 15:19 `noise` is a number from 0 to 1000000, found -1
// help: write a number from 0 to 1000000
// error: RL2066 16:26 `nan` is a text, found true
// help: write "allow"
// error: RL2066 17:24 too many arguments
// help: write uci_digits()
