use "column.rl"
eval e on d.train { report d.x as x }
