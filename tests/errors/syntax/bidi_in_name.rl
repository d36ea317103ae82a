const a‮b = 1

// error: RL0004 1:8 bidirectional control character U+202E
// help: delete it
