data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
loss a = sum(x |> Linear(10))
eval t on digits.test { report a }

// error: RL0111 2:19 weights are made here that nothing owns
// help: put the layer in a `net`, in an `encoder` or `decoder`, or in a density
