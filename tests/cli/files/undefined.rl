loss a = oops
