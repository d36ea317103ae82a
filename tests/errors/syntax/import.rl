import torch
from torch import nn
loss a = b

// error: RL0014 1:1 `import` opens no declaration
// help: write `use "file.rl" as name`; layers and distributions need no import
