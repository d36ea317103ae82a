// The number of rows is a value of a condition or a variable like any other number.
data d from csv("parts/thirty.csv", split = 1.0) { x: f32 }
model q(y | a: f32) { y: f32 ~ Normal(a, 1) }
eval e on d.train batch 8 {
  report mean(q(y | a = B)) as condition
  report log q(y = B | a = B + 1.0) as variable
}

// 24 rows in batches of 8, and 6 in one of 6
// fact: condition = 7.6
// fact: variable = -1.4189385
