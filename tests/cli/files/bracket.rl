dim D = 2
loss a = (1 + 2
