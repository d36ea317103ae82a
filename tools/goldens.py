"""Reference figures from JAX in f64: loss terms and gradients of three models at fixed weights.

    python tools/goldens.py          # writes tests/goldens/{mlp,vae,contractive}.npz

Keys: `param/PATH`, `data/FIELD`, `noise/STREAM`, `loss`, `term/NAME`, `grad/PATH`. The formulas are
written out here from the papers, independently of the compiler. Made with jax 0.10 and numpy 2.
"""

import pathlib

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)
OUT = pathlib.Path(__file__).resolve().parent.parent / "tests" / "goldens"
D, H, Z, C, B, LAMBDA = 12, 7, 3, 4, 64, 0.1


def linear(rng, path, n_in, n_out):
    return {
        f"{path}.W": rng.normal(0, n_in**-0.5, (n_in, n_out)),
        f"{path}.b": rng.normal(0, 0.1, (n_out,)),
    }


def apply(p, path, x):
    return x @ p[f"{path}.W"] + p[f"{path}.b"]


def save(name, loss, params, data, noise):
    def total(p):
        terms = loss(p, data, noise)
        return terms["loss"], terms

    (value, terms), grads = jax.value_and_grad(total, has_aux=True)(params)
    arrays = {f"param/{k}": v for k, v in params.items()}
    arrays |= {f"data/{k}": v for k, v in data.items()}
    arrays |= {f"noise/{k}": v for k, v in noise.items()}
    arrays |= {f"grad/{k}": np.asarray(v) for k, v in grads.items()}
    arrays |= {f"term/{k}": np.asarray(v) for k, v in terms.items()}
    np.savez(OUT / f"{name}.npz", **{k: np.array(v, order="C") for k, v in arrays.items()})
    print(name, float(value), len(arrays))


def mlp():
    rng = np.random.default_rng(1)
    params = linear(rng, "classifier.Linear_0", D, H) | linear(rng, "classifier.Linear_1", H, C)
    data = {"x": rng.uniform(0, 1, (B, D)), "y": rng.integers(0, C, (B,)).astype(np.int32)}

    def loss(p, d, _):
        h = jnp.maximum(apply(p, "classifier.Linear_0", d["x"]), 0)
        logits = apply(p, "classifier.Linear_1", h)
        logp = logits - jax.scipy.special.logsumexp(logits, axis=1, keepdims=True)
        return {"loss": -jnp.mean(logp[jnp.arange(B), d["y"]])}

    save("mlp", loss, params, data, {})


def vae():
    rng = np.random.default_rng(2)
    params = {}
    for path, n_in, n_out in [
        ("features.Linear_0", D, H), ("features.Linear_1", H, H),
        ("q.Linear_0", H, Z), ("q.Linear_1", H, Z),
        ("p.Linear_0", Z, H), ("p.Linear_1", H, H), ("p.Linear_2", H, D),
    ]:
        params |= linear(rng, path, n_in, n_out)
    data = {"x": (rng.uniform(0, 1, (B, D)) < 0.5).astype(np.float64)}
    noise = {"q.z#0": rng.normal(0, 1, (B, Z))}

    def loss(p, d, n):
        relu = lambda v: jnp.maximum(v, 0)
        h = relu(apply(p, "features.Linear_1", relu(apply(p, "features.Linear_0", d["x"]))))
        mean, logvar = apply(p, "q.Linear_0", h), apply(p, "q.Linear_1", h)
        z = mean + jnp.exp(logvar / 2) * n["q.z#0"]
        g = relu(apply(p, "p.Linear_1", relu(apply(p, "p.Linear_0", z))))
        logits = apply(p, "p.Linear_2", g)
        rec = -jnp.sum(d["x"] * logits - jax.nn.softplus(logits), axis=1)
        rate = 0.5 * jnp.sum(mean**2 + jnp.exp(logvar) - 1 - logvar, axis=1)
        return {"loss": jnp.mean(rec + rate), "rec": jnp.mean(rec), "rate": jnp.mean(rate)}

    save("vae", loss, params, data, noise)


def contractive():
    rng = np.random.default_rng(3)
    params = {
        "W": rng.normal(0, D**-0.5, (D, H)),
        "b": rng.normal(0, 0.1, (H,)),
        "c": rng.normal(0, 0.1, (D,)),
    }
    data = {"x": rng.uniform(0, 1, (B, D))}

    def loss(p, d, _):
        enc = lambda x: jax.nn.sigmoid(x @ p["W"] + p["b"])
        dec = lambda h: jax.nn.sigmoid(h @ p["W"].T + p["c"])
        rec = jnp.sum((d["x"] - dec(enc(d["x"]))) ** 2, axis=1)
        jacobians = jax.vmap(jax.jacfwd(enc))(d["x"])
        contract = jnp.sum(jacobians**2, axis=(1, 2))
        return {"loss": jnp.mean(rec + LAMBDA * contract), "rec": jnp.mean(rec), "contract": jnp.mean(contract)}

    save("contractive", loss, params, data, {})


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    mlp()
    vae()
    contractive()
