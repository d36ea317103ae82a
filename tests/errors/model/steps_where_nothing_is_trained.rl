// Steps are those of a train phase; a loss that counts them says what they come to.
data d from uniform(8, 4, split = 0.5) { x: f32[4] }
param w: f32 = constant(1)
loss warm = w * warmup(1, 10)
loss late = w * float(steps() > 3)
loss fine = w * (if training() then warmup(1, 10) else 1) * progress()
module Mean()(x: f32) {
  state m: f32 = 0
  m <- running_mean(m, batch_mean(x))
  return x - m
}
net centred(x: f32[4]) = Mean()(sum(x))
train t on d.train batch 2 epochs 1 until fine stalls 2 on d.test {
  minimize warm^2 + late^2 + fine^2 over w with sgd(warmup(0.1, 3))
  track step() as steps_done
}
eval e on d.test batch 4 { report warm, fine, centred(x) as c, updates() as u }
sample s on d.test count 2 { emit late as table }

// error: RL0120 4:17 `step()` counts the steps of training, and nothing is trained here
// help: say what it comes to: `if training() then warmup(1, 1000) else 1`; `progress()` is 1 where training is over
// error: RL0120 17:64 `updates()` counts the steps of training, and nothing is trained here
// help: say what it comes to: `if training() then warmup(1, 1000) else 1`; `progress()` is 1 where training is over
// error: RL0120 5:23 `steps()` counts the steps of training, and nothing is trained here
// help: say what it comes to: `if training() then warmup(1, 1000) else 1`; `progress()` is 1 where training is over
