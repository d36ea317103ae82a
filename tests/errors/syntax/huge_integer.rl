dim D = 99999999999999999999

// error: RL0011 1:9 integer too large
// help: an integer is at most 9223372036854775807; write a real number with a point or an exponent
