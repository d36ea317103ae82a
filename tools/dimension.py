#!/usr/bin/env python3
"""The figures that the tests of the metric `two_nn` are held against, from NumPy alone.

    tools/dimension.py

The estimator of Facco, d'Errico, Rodriguez and Laio (Scientific Reports 7, 2017): the ratio of the
distances to the second and the first neighbour, sorted; a line through the origin of
-log(1 - i / n) over the logarithm of the ratio, without the largest ratios. All distances are computed
directly. Needs Python 3 and NumPy.
"""

import numpy as np


def two_nn(points, share):
    points = np.unique(points.astype(np.float64), axis=0)
    n = len(points)
    apart = np.sqrt(((points[:, None, :] - points[None, :, :]) ** 2).sum(axis=2))
    near = np.sort(apart, axis=1)[:, 1:3]
    x = np.sort(np.log(near[:, 1] / near[:, 0]))
    kept = min(max(int(np.floor(n * share)), 1), n - 1)
    y = -np.log(1 - np.arange(1, n + 1)[:kept] / n)
    return (x[:kept] @ y) / (x[:kept] @ x[:kept])


def spiral():
    """The points of `dimension_of_numpy`."""
    t = np.arange(60) * 0.7
    columns = [np.sin(t) * (1 + 0.1 * t), np.cos(t) * (1 + 0.1 * t), np.sin(t * t * 0.37)]
    return np.stack(columns, axis=1).astype(np.float32)


for share in [0.9, 1.0]:
    print(f"spiral, share {share}: {two_nn(spiral(), share):.15g}")
draw = np.random.default_rng(1)
for width in [1, 2, 5, 10, 14]:
    cube = draw.random((2000, width))
    print(f"uniform in {width} dims, 2,000 points: {two_nn(cube, 0.9):.3f}")
