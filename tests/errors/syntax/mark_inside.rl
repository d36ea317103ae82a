const a = 1﻿

// error: RL0003 1:12 unexpected character U+FEFF
// help: delete it
