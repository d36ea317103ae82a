"""Figures of tests/facts/values.rl, by numpy."""

import numpy as np

v = np.array([3.0, 1.0, 2.0, -4.0])
w = np.array([1.0, 10.0, 100.0, 1000.0])
rows = np.stack([v, 2 * v, w])
rank = np.argsort(np.argsort(v))
print("sorted", np.sort(v) @ w)
print("sort_grad", w[rank] @ np.array([1, 2, 3, 4]))
print("sort_columns", (np.sort(rows, 0) * rows).sum())
print("sort_in_map", sum(np.sort(r) @ w for r in rows))
print("filled", np.zeros((2, 3)).sum() + np.ones((2, 3)).sum() + np.full(4, 0.5).sum())
print("traced", np.trace(np.outer(v, w) + np.eye(4)))
print("diagonal", (np.diag(v) @ w).sum(), "there_and_back", np.diag(np.diag(v)) @ w)
print("trace_grad", w.sum())
print("outer_product", (np.outer(v, w) @ rows[0]).sum())
print("clipped", np.clip(v, -1, 2).sum())
print("mask", np.tril(np.ones((4, 4))).sum(), "masked", np.tril(np.outer(v, w)).sum())
print("pairs", (rows * w).sum())
print("triples", sum(rows[i, 0] * (i + 1) + rows[i, 1] for i in range(3)))
print("map_grad", (w**2).sum())
print("stopped", (v**2).sum() + v.sum(), "doubled", 8 * v.sum(), "record_of_map", rows.sum())
print("variance_of_uniform", 1 / 12)

# tests/facts/two_sets.rl: rows 1 to 30 beside 100 to 700, by batches of 8
a, b = np.arange(30) + 1.0, 100.0 * (np.arange(30) % 7 + 1)
chunks = [slice(k, min(k + 8, 30)) for k in range(0, 30, 8)]
print("right", b.mean(), "product", (a * b).mean())
print("product_of_batches", sum(a[c].mean() * b[c].mean() * len(a[c]) for c in chunks) / 30)
