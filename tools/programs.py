"""Figures of `tests/programs/*.rl` at fixed weights, and of the weights after one step of descent.

    python tools/programs.py [NAME..]    # writes their lines `// fact: NAME = VALUE` anew

Values and gradients are PyTorch's in f64; the formulas are written out from the papers, not from the
programs. Data sets that the programs read are made if they are absent. Made with torch 2.15 and numpy 2.
"""

import json
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

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


def trained(name):
    """The weights that a program ends with: it is run by the program `rlc` of the environment, else by cargo's."""
    rlc = os.environ.get("RLC", "rlc")
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "run"
        command = [rlc, "run", f"{name}.rl", "--out", str(out), "--quiet", "--device", "reference"]
        subprocess.run(command, cwd=HOME, check=True, stdout=subprocess.DEVNULL)
        loaded = np_of_safetensors(out / "weights.safetensors")
    return {path: torch.tensor(value.astype(np.float64)) for path, value in loaded.items()}


def np_of_safetensors(path):
    raw = path.read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    head, body = json.loads(raw[8 : 8 + length]), raw[8 + length :]
    head.pop("__metadata__", None)
    kinds = {"F32": "<f4", "F64": "<f8", "I32": "<i4"}
    array = lambda t: np.frombuffer(body[slice(*t["data_offsets"])], kinds[t["dtype"]]).reshape(t["shape"])
    return {name: array(tensor) for name, tensor in head.items()}


def layers_of_sequences():
    """Layers of `torch.nn` with the weights of the run."""
    from torch.nn import functional as F

    w, T, M = trained("layers_of_sequences"), 6, 8
    tokens = torch.tensor(np.load(HOME / "tokens.npz")["s"].astype(np.int64))
    x = (0.5 * torch.sin(1 + 1.7 * torch.arange(24))).reshape(3, M).float().double()[tokens]
    line = lambda path, x: x @ w[path + ".W"] + w[path + ".b"]
    probe = lambda y: (
        y
        * torch.cos(torch.arange(y.shape[-2]) + 1.0)[:, None]
        * torch.sin(torch.arange(y.shape[-1]) + 1.0)
    ).sum((1, 2)).mean()

    def recurrent(layer, name, n, shift=None, inner=None, back=False):
        """`shift` is added to the biases of the inputs, `inner` are those of the states."""
        kind = {torch.nn.RNN: "RNN_0", torch.nn.GRU: "GRU_0", torch.nn.LSTM: "LSTM_0"}[layer]
        net, u = layer(M, n, batch_first=True), w[f"{name}.{kind}.U"]
        b = w[f"{name}.{kind}.Linear_0.b"].clone()
        if shift is not None:
            b += shift
        with torch.no_grad():
            net.weight_ih_l0.copy_(w[f"{name}.{kind}.Linear_0.W"].T)
            net.weight_hh_l0.copy_(u.T)
            net.bias_ih_l0.copy_(b)
            net.bias_hh_l0.copy_(torch.zeros(len(b)) if inner is None else inner)
            y = net(x.flip(1) if back else x)[0]
        return y.flip(1) if back else y

    def forget(n):
        return torch.cat([torch.zeros(n), torch.ones(n), torch.zeros(2 * n)])

    def attended(path, x, to, heads, causal=False, turn=lambda x: x):
        parts = lambda x: x.reshape(len(x), -1, heads, M // heads).transpose(1, 2)
        q, k, v = (parts(line(f"{path}.Linear_{i}", y)) for i, y in enumerate([x, to, to]))
        y = F.scaled_dot_product_attention(turn(q), turn(k), v, is_causal=causal)
        return line(path + ".Linear_3", y.transpose(1, 2).reshape(len(x), -1, M))

    def turned(x):
        """Pairs of coordinates as complex numbers, multiplied by numbers on the unit circle."""
        half = x.shape[-1] // 2
        angles = torch.arange(x.shape[-2])[:, None] / 10000.0 ** (torch.arange(half) / half)
        z = torch.complex(x[..., :half], x[..., half:]) * torch.polar(torch.ones_like(angles), angles)
        return torch.cat([z.real, z.imag], -1)

    def block(name, heads, wide, first):
        """`torch.nn.TransformerEncoderLayer`, of which only the weights are ours."""
        path = f"{name}.TransformerBlock_0."
        look, feed = path + "MultiHeadAttention_0.", path + "Feed_0."
        layer = torch.nn.TransformerEncoderLayer(
            M, heads, wide * M, 0.0, gelu, batch_first=True, norm_first=first
        )
        joined = lambda kind: torch.cat([w[f"{look}Linear_{i}.{kind}"].t() for i in range(3)])
        named = {
            "self_attn.in_proj_weight": joined("W"),
            "self_attn.in_proj_bias": joined("b"),
            "self_attn.out_proj.weight": w[look + "Linear_3.W"].T,
            "self_attn.out_proj.bias": w[look + "Linear_3.b"],
        }
        for i in range(2):
            named |= {f"linear{i + 1}.weight": w[f"{feed}Linear_{i}.W"].T}
            named |= {f"linear{i + 1}.bias": w[f"{feed}Linear_{i}.b"]}
            named |= {f"norm{i + 1}.weight": w[f"{path}LayerNorm_{i}.g"]}
            named |= {f"norm{i + 1}.bias": w[f"{path}LayerNorm_{i}.b"]}
        layer.load_state_dict(named)
        mask = torch.nn.Transformer.generate_square_subsequent_mask(T) if first else None
        with torch.no_grad():
            return layer(x, src_mask=mask)

    def convolved(name, dilation):
        filters, b = w[f"{name}.CausalConv1d_0.W"], w[f"{name}.CausalConv1d_0.b"]
        long = F.pad(x.transpose(1, 2), ((filters.shape[2] - 1) * dilation, 0))
        return F.conv1d(long, filters, b, dilation=dilation).transpose(1, 2)

    def masked(name, open_at_own):
        filters, b = w[f"{name}.MaskedConv2d_0.W"], w[f"{name}.MaskedConv2d_0.b"]
        size = filters.shape[2]
        mask = torch.ones(size, size)
        mask[size // 2, size // 2 + int(open_at_own) :] = 0
        mask[size // 2 + 1 :] = 0
        y = F.conv2d(x.reshape(-1, 2, 4, 6), filters * mask, b, padding=size // 2)
        return y.reshape(-1, 9, 8)

    gate = torch.arange(4)[None] > torch.arange(M)[:, None] - 2
    angles = torch.arange(T)[:, None] / 10000.0 ** (2 * torch.arange(M // 2) / M)
    places = torch.stack([torch.sin(angles), torch.cos(angles)], -1).reshape(1, T, M)
    split = lambda name: [line(f"{name}.GLU_0.Linear_{i}", x) for i in range(2)]
    glu, swiglu = split("glu"), split("swiglu")
    reset = torch.cat([torch.zeros(10), w["gru.GRU_0.b"]])
    values = {
        "rnn": recurrent(torch.nn.RNN, "rnn", 5),
        "gru": recurrent(torch.nn.GRU, "gru", 5, inner=reset),
        "lstm": recurrent(torch.nn.LSTM, "lstm", 5, forget(5)),
        "back": recurrent(torch.nn.LSTM, "back", 3, forget(3), back=True),
        "look": attended("look.MultiHeadAttention_0", x, x, 2),
        "before": attended("before.MultiHeadAttention_0", x, x, 4, causal=True),
        "turned": attended("turned.MultiHeadAttention_0", x, x, 1, turn=turned),
        "across": attended("across.CrossAttention_0", x, x[:, 1:4, :5], 2),
        "block": block("block", 2, 4, True),
        "post": block("post", 4, 2, False),
        "rms": F.rms_norm(x, (M,), w["rms.RMSNorm_0.g"], 1e-6),
        "glu": F.glu(torch.cat(glu[::-1], -1)),
        "swiglu": F.silu(swiglu[0]) * swiglu[1],
        "causal": convolved("causal", 1),
        "wide": convolved("wide", 3),
        "masked": F.linear(x, (w["masked.MaskedLinear_0.W"] * gate).T, w["masked.MaskedLinear_0.b"]),
        "above": masked("above", False),
        "own": masked("own", True),
        "positions": places,
    }
    return {name: probe(value) for name, value in values.items()}


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
ALL = (gan, wgan_gp, contrastive, autoregressive, sequences, layers_of_sequences, quantized, byol, ladder)
for f in ALL:
    if f.__name__ in (sys.argv[1:] or [f.__name__]):
        write(f.__name__, f())
