const а = 1
const b = a

// error: RL0013 1:7 the name `а` holds `а` (U+0430)
// help: names use the letters a-z and A-Z, digits and `_`: look-alikes of other scripts are refused
