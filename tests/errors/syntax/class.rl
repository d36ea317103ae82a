class VAE {
}

// error: RL0014 1:1 `class` opens no declaration
// help: write `module` for a layer template, `net` for a network, `model` for a density
