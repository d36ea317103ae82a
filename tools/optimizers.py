"""Trajectories of every optimizer and schedule: 100 steps from a fixed start, in f64.

    python tools/optimizers.py       # writes tests/goldens/optimizers.txt

The problem is that of `tests/programs/optimizers.rl`. Each line has the name of a weight's element,
its value after 100 steps by the formulas of the papers, written out here with numpy, and that of
PyTorch's own optimizer (`-` where it has none). Made with numpy 2 and torch 2.15.

Where definitions differ: PyTorch clips by `clip / (norm + 1e-6)`, so those trajectories agree to
1e-5 only. Its defaults of `RMSprop` (decay 0.99, rate 0.01) and `Adagrad` (eps 1e-10) are others.
"""

import math
import pathlib

import numpy as np
import torch

OUT = pathlib.Path(__file__).resolve().parent.parent / "tests" / "goldens" / "optimizers.txt"
STEPS = 100
C, T = 0.5 + np.arange(3.0), np.sin(np.arange(3.0) + 1)
START = [np.cos(np.arange(3.0)), np.cos(np.arange(3.0) + 2)]
SIZES = [1.0, 10.0]


def gradient(w):
    return C * (w - T) - 0.6 * np.sin(2 * w) + 0.2 * np.array([w[1], w[0], 0.0])


def loss(w):
    c, t = torch.tensor(C), torch.tensor(T)
    return 0.5 * (c * (w - t) ** 2).sum() + 0.3 * torch.cos(2 * w).sum() + 0.2 * w[0] * w[1]


def sgd(w, g, s, lr, _, momentum=0.0, weight_decay=0.0):
    s["v"] = momentum * s.get("v", 0.0) + g + weight_decay * w
    return w - lr * s["v"]


def moments(g, s, t, b1, b2):
    s["m"] = b1 * s.get("m", 0.0) + (1 - b1) * g
    s["v"] = b2 * s.get("v", 0.0) + (1 - b2) * g * g
    return s["m"] / (1 - b1 ** (t + 1)), s["v"] / (1 - b2 ** (t + 1))


def adam(w, g, s, lr, t, b1=0.9, b2=0.999, eps=1e-8):
    m, v = moments(g, s, t, b1, b2)
    return w - lr * m / (np.sqrt(v) + eps)


def adamw(w, g, s, lr, t, b1=0.9, b2=0.999, eps=1e-8, weight_decay=0.01):
    m, v = moments(g, s, t, b1, b2)
    return w - lr * m / (np.sqrt(v) + eps) - lr * weight_decay * w


def rmsprop(w, g, s, lr, _, decay=0.9, eps=1e-8):
    s["v"] = decay * s.get("v", 0.0) + (1 - decay) * g * g
    return w - lr * g / (np.sqrt(s["v"]) + eps)


def adagrad(w, g, s, lr, _, eps=1e-8):
    s["v"] = s.get("v", 0.0) + g * g
    return w - lr * g / (np.sqrt(s["v"]) + eps)


def cosine(a, b):
    return lambda t: b + (a - b) * (1 + math.cos(math.pi * t / STEPS)) / 2


def warm(steps):
    return lambda t: min((t + 1) / steps, 1.0)


def constant(lr):
    return lambda _: lr


O = torch.optim
# name: (rule, its settings, rate by step, clip, PyTorch's optimizer, its settings)
CASES = {
    "sgd": (sgd, {}, constant(0.05), None, O.SGD, {}),
    "sgd_momentum": (sgd, {"momentum": 0.9}, constant(0.02), None, O.SGD, {"momentum": 0.9}),
    "sgd_decay": (sgd, {"momentum": 0.5, "weight_decay": 0.1}, constant(0.05), None, O.SGD,
                  {"momentum": 0.5, "weight_decay": 0.1}),
    "momentum": (sgd, {"momentum": 0.8}, constant(0.02), None, O.SGD, {"momentum": 0.8}),
    "adam": (adam, {}, constant(0.02), None, O.Adam, {}),
    "adam_all": (adam, {"b1": 0.8, "b2": 0.95, "eps": 1e-3}, constant(0.02), None, O.Adam,
                 {"betas": (0.8, 0.95), "eps": 1e-3}),
    "adamw": (adamw, {}, constant(0.02), None, O.AdamW, {}),
    "adamw_decay": (adamw, {"weight_decay": 0.3}, constant(0.02), None, O.AdamW,
                    {"weight_decay": 0.3}),
    "rmsprop": (rmsprop, {}, constant(0.01), None, O.RMSprop, {"alpha": 0.9}),
    "rmsprop_all": (rmsprop, {"decay": 0.99, "eps": 1e-3}, constant(0.01), None, O.RMSprop,
                    {"alpha": 0.99, "eps": 1e-3}),
    "adagrad": (adagrad, {}, constant(0.2), None, O.Adagrad, {"eps": 1e-8}),
    "adagrad_eps": (adagrad, {"eps": 1e-2}, constant(0.2), None, O.Adagrad, {"eps": 1e-2}),
    "by_cosine": (sgd, {}, cosine(0.05, 0.001), None, O.SGD, {}),
    "by_linear": (sgd, {}, lambda t: 0.05 + (0.001 - 0.05) * t / STEPS, None, O.SGD, {}),
    "by_exponential": (sgd, {}, lambda t: 0.05 * (0.001 / 0.05) ** (t / STEPS), None, O.SGD, {}),
    "by_warmup": (adam, {}, lambda t: 0.02 * warm(30)(t), None, O.Adam, {}),
    "by_warmup_cosine": (adamw, {}, lambda t: warm(20)(t) * cosine(0.02, 0.002)(t), None,
                         O.AdamW, {}),
    "clipped_sgd": (sgd, {}, constant(0.05), 0.5, O.SGD, {}),
    "clipped_adam": (adam, {}, constant(0.02), 0.5, O.Adam, {}),
}
# PyTorch's schedulers, where it has the schedule; the others by their formula.
S = torch.optim.lr_scheduler
SCHEDULERS = {
    "by_cosine": lambda o: S.CosineAnnealingLR(o, STEPS, eta_min=0.001),
    "by_linear": lambda o: S.LinearLR(o, 1.0, 0.001 / 0.05, STEPS),
    "by_exponential": lambda o: S.ExponentialLR(o, (0.001 / 0.05) ** (1 / STEPS)),
}


def by_papers(rule, settings, rate, clip):
    """A clip is of the norm of both weights together; else there is the first weight only."""
    weights = [w.copy() for w in START[: 2 if clip else 1]]
    states = [{} for _ in weights]
    for t in range(STEPS):
        gradients = [k * gradient(w) for k, w in zip(SIZES, weights)]
        norm = math.sqrt(sum(float((g * g).sum()) for g in gradients))
        scale = min(1.0, clip / norm) if clip else 1.0
        weights = [rule(w, scale * g, s, rate(t), t, **settings)
                   for w, g, s in zip(weights, gradients, states)]
    return weights


def by_torch(name, rate, clip, optimizer, settings):
    weights = [torch.tensor(w, requires_grad=True) for w in START[: 2 if clip else 1]]
    optimizer = optimizer(weights, lr=rate(0), **settings)
    own = SCHEDULERS.get(name)
    scheduler = own(optimizer) if own else S.LambdaLR(optimizer, lambda t: rate(t) / rate(0))
    for _ in range(STEPS):
        optimizer.zero_grad()
        sum(k * loss(w) for k, w in zip(SIZES, weights)).backward()
        if clip:
            torch.nn.utils.clip_grad_norm_(weights, clip)
        optimizer.step()
        scheduler.step()
    return [w.detach().numpy() for w in weights]


lines = ["# name, by the papers' formulas, by PyTorch; see tools/optimizers.py"]
for name, (rule, settings, rate, clip, theirs, options) in CASES.items():
    papers = by_papers(rule, settings, rate, clip)
    pytorch = by_torch(name, rate, clip, theirs, options)
    for letter, a, b in zip("uv", papers, pytorch):
        far = np.abs(a - b).max()
        assert far < (1e-4 if clip else 1e-11), (name, far)
        for i in range(3):
            lines.append(f"{name}_{letter}{i} {float(a[i])!r} {float(b[i])!r}")
OUT.write_text("\n".join(lines) + "\n")
print(len(lines) - 1, "values")
