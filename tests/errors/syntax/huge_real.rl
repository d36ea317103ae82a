const a = 1e999
const b = 1e-400

// error: RL0010 1:11 literal overflows a 64-bit real
// help: the largest real number is about 1.8e308
// warning: RL0010 2:11 literal is too small and becomes 0
// help: the smallest positive real number is about 4.9e-324
