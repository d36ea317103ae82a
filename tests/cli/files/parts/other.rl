dim V = 2
net p(x: f32[V]) -> f32[V] = x |> Linear(V)
net q(x: f32[V]) -> f32[V] = p(x)
