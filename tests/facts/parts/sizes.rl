// Sizes for another file.
dim C = 3
