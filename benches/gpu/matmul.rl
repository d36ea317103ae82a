// matmul.rl - one product of two n x n matrices a step: the speed of products alone.
dim n = 256
config steps: int = 100

data d from uniform(1, 1) { x: f32[1] }

param a: f32[n, n] = normal(0, 1)
param b: f32[n, n] = normal(0, 1)
state c: f32[n, n] = zeros()

train product on d.train batch 1 steps steps { c <- a @ b }
