data digits from uci_digits(binarize = "fixed") { x: bit[64], y: idx(10) }
prior p(z) = Normal(0, 1)
loss a = sum(float(x))
eval t on digits.test { report a }

// error: RL0105 2:14 
// help: prior p(z) { z ~ Normal(0, 1) }
