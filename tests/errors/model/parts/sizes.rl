dim C = 3
const half = 2
