loss a = b // ‮ evil

// error: RL0004 1:15 bidirectional control character U+202E
// help: delete it
