loss a = b; loss c = d

// error: RL0003 1:11 unexpected character `;` (U+003B)
// help: statements need no `;`: delete it
