// A constant holds every row of a data field, in the order of the source, whatever a phase runs on:
// its batches, its split and its data set do not matter.
data g from one_hot(4) { a: f32[4] }
data d from uniform(30, 2) { x: f32[2] }
const A = g.a
const degrees = sum(A + A.T, over = 1)
const heavy = sum(g.a) * 10
net f(x: f32[2]) -> f32[4] = x |> Linear(4)
fn size() -> f32 = sum(A)
loss smooth = sum((A @ f(x))^2) - sum(f(x)^2)
loss rows = sum(map((r) => sum(r) + size(), A))

train fit on d.train batch 7 steps 2 {
  minimize smooth + rows over f with sgd(lr = 0.1)
  track smooth as trained
}
eval own on g.train batch 2 { report sum(A) as own, sum(a) as batch, sum(degrees) as degrees }
eval other on d.test batch 2 { report sum(A) + 0 * x[0] as other, heavy, smooth, rows, A[3, 3] as corner }

// fact: trained = 0
// fact: own = 4
// fact: batch = 1
// fact: degrees = 8
// fact: other = 4
// fact: heavy = 40
// fact: smooth = 0
// 4 rows of (1 + 4)
// fact: rows = 20
// fact: corner = 1
