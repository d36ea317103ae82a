sample s { z ~ p(z), emit z }

// error: RL0014 1:20 a comma between statements
// help: delete it: statements need no sign between them
