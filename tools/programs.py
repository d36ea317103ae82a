"""Figures of `tests/programs/*.rl` at fixed weights, and of the weights after one step of descent.

    python tools/programs.py         # writes their lines `// fact: NAME = VALUE` anew

Values and gradients are PyTorch's in f64; the formulas are written out from the papers, not from the
programs. Data sets that the programs read are made if they are absent. Made with torch 2.15 and numpy 2.
"""

import pathlib
import re

import numpy as np
import torch
from torch.nn.functional import cross_entropy, gelu, layer_norm, softplus

torch.set_default_dtype(torch.float64)
HOME = pathlib.Path(__file__).resolve().parent.parent / "tests" / "programs"
table = np.loadtxt(HOME / "rows.csv", delimiter=",", skiprows=1).astype(np.float32)
a, b, c, y = (torch.tensor(table[:, i].astype(np.float64)) for i in range(4))
N = len(a)


def wave(shift, *shape):
    n = int(np.prod(shape))
    w = torch.tensor(0.5 * np.sin(shift + 1.7 * np.arange(n))).reshape(shape)
    return w.requires_grad_()


def pair(*columns):
    return torch.stack(columns, 1)


def descend(loss, weights, rate):
    """The weights after one step, all gradients taken at the old ones."""
    for w, g in zip(weights, torch.autograd.grad(loss, weights)):
        w.data -= rate * g


def gan():
    G1, G2, D1, D2 = wave(1, 2, 3), wave(2, 3, 1), wave(3, 1, 3), wave(4, 3, 1)
    made = lambda: torch.tanh(pair(b, c) @ G1) @ G2
    critic = lambda x: (torch.tanh(x @ D1) @ D2)[:, 0]
    told = lambda: (softplus(-critic(a[:, None])) + softplus(critic(made().detach()))).mean()
    fooled = lambda: softplus(-critic(made())).mean()
    out = {"told": told(), "fooled": fooled()}
    descend(told(), [D1, D2], 0.5)
    out |= {"D1_0": D1[0, 0], "D1_2": D1[0, 2], "D2_1": D2[1, 0]}
    descend(fooled(), [G1, G2], 0.5)
    return out | {"G1_0": G1[0, 0], "G1_5": G1[1, 2], "G2_1": G2[1, 0]}


def wgan_gp():
    V1, V2, V3 = wave(1, 2, 4), wave(2, 4, 4), wave(3, 4, 1)
    h = torch.zeros((), requires_grad=True)
    critic = lambda x: (torch.tanh(torch.tanh(x @ V1) @ (V2 + h * torch.eye(4))) @ V3)[:, 0]
    real, made = pair(a, b), pair(c, 0.5 * y)
    between = (0.3 * real + 0.7 * made).requires_grad_()

    def penalty():
        (slope,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
        return ((slope.norm(dim=1) - 1) ** 2).mean()

    distance = lambda: (critic(made) - critic(real)).mean()
    out = {"distance": distance(), "penalty": penalty()}
    out["slope"] = torch.autograd.grad(penalty(), h)[0]
    descend(distance() + 10 * penalty(), [V1, V2, V3], 0.1)
    out |= {"V1_0": V1[0, 0], "V1_7": V1[1, 3], "V2_9": V2[2, 1], "V3_3": V3[3, 0]}
    return out | {"penalty_after": penalty()}


def contrastive():
    A, B, C = wave(1, 2, 3), wave(1, 2, 3), wave(1, 2, 3)
    one, two = pair(a, b), pair(c, y)

    def simclr():
        """The NT-Xent loss as a cross-entropy whose right answer is the other view."""
        z = torch.cat([one @ A, two @ A])
        z = z / z.norm(dim=1, keepdim=True)
        alike = (z @ z.T / 0.5).masked_fill(torch.eye(2 * N, dtype=torch.bool), -torch.inf)
        return cross_entropy(alike, torch.arange(2 * N).roll(N))

    def barlow():
        p, q = ((v - v.mean(0)) / v.std(0, correction=0) for v in (one @ B, two @ B))
        cross = p.T @ q / N
        off = cross - torch.diag(torch.diagonal(cross))
        return ((torch.diagonal(cross) - 1) ** 2).sum() + 0.1 * (off**2).sum()

    def vicreg():
        p, q = one @ C, two @ C
        hinge = sum(torch.relu(1 - (v.var(0) + 1e-4).sqrt()).mean() for v in (p, q))
        covariance = 0
        for v in (p, q):
            cov = torch.cov(v.T)
            covariance += ((cov - torch.diag(torch.diagonal(cov))) ** 2).sum() / 3
        return 25 * ((p - q) ** 2).mean() + 25 * hinge + covariance

    out = {"simclr": simclr(), "barlow": barlow(), "vicreg": vicreg()}
    for loss, w, rate in ((simclr, A, 0.5), (barlow, B, 0.1), (vicreg, C, 0.01)):
        descend(loss(), [w], rate)
    for name, w in (("W1", A), ("W2", B), ("W3", C)):
        out |= {f"{name}_0": w[0, 0], f"{name}_5": w[1, 2]}
    return out


def autoregressive():
    x = torch.tensor(np.load(HOME / "words.npz")["x"].astype(np.float64))
    W, V, bias, c0 = wave(1, 5, 4), wave(2, 4, 5), wave(3, 4), wave(4, 5)
    U1, U2, u = wave(5, 4, 6), wave(6, 6, 4), wave(7, 4)
    log = lambda l, bit: bit * torch.log(torch.sigmoid(l)) + (1 - bit) * torch.log(torch.sigmoid(-l))
    nade = torch.zeros(len(x))
    for i in range(4):
        hidden = torch.sigmoid(c0 + x[:, :i] @ W[:, :i].T)
        nade += log(bias[i] + hidden @ V[i], x[:, i])
    made = torch.zeros(len(x))
    for i in range(4):
        hidden = torch.zeros(len(x), 6)
        for j in range(6):
            hidden[:, j] = torch.tanh(x[:, : j % 3 + 1] @ U1[: j % 3 + 1, j])
        units = [j for j in range(6) if j % 3 < i]
        made += log(u[i] + hidden[:, units] @ U2[units, i], x[:, i])
    return {"by_nade": -nade.mean(), "by_made": -made.mean()}


def sequences():
    s = torch.tensor(np.load(HOME / "tokens.npz")["s"]).long()
    T, M = 6, 4
    tokens, Wx, Wh, bias, last = wave(1, 3, M), wave(2, M, 16), wave(3, M, 16), wave(4, 16), wave(5, M, 3)
    Q, K, U, O = (wave(i, M, M) for i in (6, 7, 8, 9))
    F1, F2, place = wave(10, M, 8), wave(11, 8, M), wave(12, T, M)

    def lstm():
        cell = torch.nn.LSTM(M, M, batch_first=True)
        # PyTorch's order of gates is input, forget, cell, output: ours is the same.
        named = dict(weight_ih_l0=Wx.T, weight_hh_l0=Wh.T, bias_ih_l0=bias, bias_hh_l0=0 * bias)
        out, _ = torch.func.functional_call(cell, named, (tokens[s],))
        return out @ last

    def transformer():
        x = tokens[s] + place
        z = layer_norm(x, (M,))
        split = lambda v: v.reshape(-1, T, 2, 2).transpose(1, 2)
        heads = torch.nn.functional.scaled_dot_product_attention(
            split(z @ Q), split(z @ K), split(z @ U), is_causal=True)
        h = x + heads.transpose(1, 2).reshape(-1, T, M) @ O
        return (h + gelu(layer_norm(h, (M,)) @ F1) @ F2) @ last

    loss = lambda l: cross_entropy(l[:, :-1].reshape(-1, 3), s[:, 1:].reshape(-1))
    out = {"by_lstm": loss(lstm()), "by_transformer": loss(transformer())}
    descend(loss(lstm()), [Wh], 1.0)
    descend(loss(transformer()), [Q, F1], 1.0)
    return out | {"Wh_0": Wh[0, 0], "Wh_63": Wh[3, 15], "Q_0": Q[0, 0], "Q_15": Q[3, 3], "F1_31": F1[3, 7]}


def quantized():
    x = torch.stack([a, b, c, y], 1)
    E1, E2, D2, D1 = wave(1, 4, 2), wave(2, 2, 2), wave(3, 2, 2), wave(4, 4, 4)
    low, high = wave(5, 4, 2).detach(), wave(6, 4, 2).detach()

    def quantize(z, book):
        code = torch.cdist(z.detach(), book).argmin(1)
        near = book[code]
        return z + (near - z).detach(), ((z - near) ** 2).sum(1), code

    def forward():
        below = torch.tanh(x @ E1)
        up, first, _ = quantize(torch.tanh(below @ E2), high)
        bottom = below + up @ D2
        down, second, code = quantize(bottom, low)
        rebuilt = ((x - torch.cat([up, down], 1) @ D1) ** 2).sum(1).mean()
        return rebuilt, rebuilt + 0.25 * (first + second).mean(), bottom.detach(), code

    rebuilt, loss, bottom, code = forward()
    out = {"rebuilt": rebuilt, "total_loss": loss}
    hits = torch.nn.functional.one_hot(code, 4).double()
    count = 0.9 * torch.ones(4) + 0.1 * hits.sum(0)
    total = 0.9 * low + 0.1 * hits.T @ bottom
    descend(loss, [E1, E2, D1, D2], 0.1)
    low.copy_(total / count[:, None])
    out |= {"E1_0": E1[0, 0], "E1_7": E1[3, 1], "E2_1": E2[0, 1], "D2_2": D2[1, 0], "D1_6": D1[1, 2]}
    return out | {"counts": count.sum(), "low_0": low[0, 0], "low_5": low[2, 1], "loss_after": forward()[1]}


def byol():
    W, head, slow = wave(1, 2, 3), wave(2, 3, 3), wave(3, 2, 3).detach()
    unit = lambda z: torch.nn.functional.normalize(z, dim=1)
    half = lambda p, q: 2 - 2 * (unit(torch.tanh(p @ W) @ head) * unit(torch.tanh(q @ slow))).sum(1)
    both = lambda: (half(pair(a, b), pair(c, y)) + half(pair(c, y), pair(a, b))).mean()
    out = {"both": both()}
    descend(both(), [W, head], 0.2)
    slow = 0.9 * slow + 0.1 * W.detach()
    return out | {"W_0": W[0, 0], "W_5": W[1, 2], "head_4": head[1, 1], "slow_0": slow[0, 0], "both_after": both()}


def ladder():
    # The joint covariance of the chain, built from its linear maps.
    noise = np.diag([1.0, 0.6**2, 1.0, 0.7**2])
    step = np.array([[0, 0, 0, 0], [0.8, 0, 0, 0], [0, 0.5, 0, 0], [0, 0, 1, 0]])
    whole = np.linalg.inv(np.eye(4) - step)
    variance = (whole @ noise @ whole.T)[3, 3]
    normal = torch.distributions.Normal(torch.tensor(0.0), torch.tensor(variance**0.5))
    return {"exact": normal.log_prob(y).mean()}


def write(name, figures):
    file = HOME / f"{name}.rl"
    text = file.read_text().rstrip() + "\n"
    fresh = []
    for key, value in figures.items():
        line = f"// fact: {key} = {value.item():.7f}"
        text, found = re.subn(rf"(?m)^// fact: {re.escape(key)} = .*$", line, text)
        fresh += [] if found else [line]
    if fresh:
        text += "\n// by tools/programs.py\n" + "\n".join(fresh) + "\n"
    file.write_text(text)
    print(name, len(figures))


def data():
    """The archives that programs read, if they are not there."""
    rng = np.random.default_rng(1)
    directions = rng.normal(size=(6, 4))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    parts = np.zeros((256, 6))
    for row in parts:
        row[rng.choice(6, 2, replace=False)] = rng.uniform(0.5, 1.5, 2)
    counts = [8, 2, 0, 0, 2, 16, 1, 5, 3, 5, 0, 12, 2, 0, 8, 0]
    bits = np.array([[w >> 3 & 1, w >> 2 & 1, w >> 1 & 1, w & 1] for w in np.repeat(np.arange(16), counts)])
    tokens = [[(i + t) % 3 if i % 2 else (i - t) % 3 for t in range(6)] for i in range(12)]
    rng = np.random.default_rng(2)
    k = np.repeat(np.arange(3), 64)
    x = np.array([-2, 0.5, 3])[k] + 0.5 * rng.normal(size=192)
    here = rng.normal(size=(256, 2))
    there = rng.normal(size=(192, 2)) * [2, 0.5] + [1, -1]
    real = lambda v: np.asarray(v, np.float32)
    sets = {
        "activations": {"h": real(parts @ directions), "parts": real(parts)},
        "words": {"x": real(bits)},
        "tokens": {"s": np.array(tokens, np.int32)},
        "classes": {"x": real(x), "k": k.astype(np.int32)},
        "here": {"x": real(here)},
        "there": {"w": real(there)},
    }
    for name, members in sets.items():
        if not (HOME / f"{name}.npz").exists():
            np.savez(HOME / f"{name}.npz", **members)


data()
for f in (gan, wgan_gp, contrastive, autoregressive, sequences, quantized, byol, ladder):
    write(f.__name__, f())
