// Names of columns that are no names of the language, and a column of long texts that nothing reads.
data d from csv("notes.csv", split = 1.0) { my_x: f32, state_: f32, _2020: f32 }
eval e on d.train { report my_x, state_, _2020 as year }
