// A layer has one set of weights in every phase, whatever branches are passed over before it: the outer
// one starts at 10, and only it is there in evaluation.
data d from uniform(11, 1, split = 1.0) { s: f32 }
module A(c: f32)(x: f32) -> f32 { param t: f32 = constant(c) return x + t }
net f1(x: f32) -> f32 { let t = training() return (if t then (x |> A(1.0)) else x) |> A(10.0) }
module S(on: bool)(x: f32) -> f32 = (if on then (x |> A(1.0)) else x) |> A(10.0)
net f2(x: f32) -> f32 = x |> S(training())
net f3(x: f32) -> f32 = (if training() then ((q) => q |> A(1.0))(x) else x) |> A(10.0)
net f4(x: f32) -> f32 = (if training() then sum(map((q) => q |> A(1.0), x * ones(1))) else x) |> A(10.0)
fn app(x: f32, h) = h(x)
net f5(x: f32) -> f32 = (if training() then app(x, (q) => q |> A(1.0)) else x) |> A(10.0)
fn made(x: f32, h) = x |> h(1.0)
net f6(x: f32) -> f32 = (if training() then made(x, A) else x) |> A(10.0)
fn deep(x: f32, k: int) = x |> chain(i in 0..k) { A(1.0) }
net f7(x: f32) -> f32 = (if training() then deep(x, 2) else x) |> A(10.0)
net f8(x: f32) -> f32 = (x |> chain(i in 0..(if training() then 2 else 1)) { A(1.0) }) |> A(10.0)
fn g(x: f32, k: int) = if k > 1 then (x |> A(100.0)) else (x |> A(1.0))
net f9(x: f32) -> f32 = (if training() then g(x, 1) else x) |> A(10.0)
net f0(x: f32) -> f32 = (if training() then (x |> A(1.0)) else x) |> A(10.0)
train t on d.train batch 4 steps 1 { minimize 0 * (f1(s) + f2(s) + f3(s) + f4(s) + f5(s) + f6(s) + f7(s) + f8(s) + f9(s) + f0(s)) over (f1, f2, f3, f4, f5, f6, f7, f8, f9, f0) with sgd(lr = 0) }
eval e on d.train batch 4 { report f1(s) - s as f1, f2(s) - s as f2, f3(s) - s as f3, f4(s) - s as f4, f5(s) - s as f5, f6(s) - s as f6, f7(s) - s as f7, f8(s) - s as f8, f0(s) - s as f0, f9(s) - s as f9 }

// fact: f0 = 10
// fact: f1 = 10
// fact: f2 = 10
// fact: f3 = 10
// fact: f4 = 10
// fact: f5 = 10
// fact: f6 = 10
// fact: f7 = 10
// fact: f9 = 10
// fact: f8 = 11
