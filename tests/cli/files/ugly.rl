dim   D=2
loss a=D*1.0 // why
