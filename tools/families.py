#!/usr/bin/env python3
"""Probabilities and moments of draws: python3 tools/families.py > tests/families/draws.tsv

Each line: a declaration, a number that is made of a draw `v`, whether it is whole; its mean and its variance,
each with the variance of the estimate of it from one draw; and probabilities up to points. Needs scipy."""

import sys

import numpy as np
from scipy import special, stats

nan = float("nan")
rows = []


def add(declared, number, law, whole=False, moments=True, floor=None):
    """`law` is a distribution of scipy. Below `floor` a draw in 32 bits is the floor itself."""
    shares = np.linspace(0.02, 0.98, 33)
    at = np.unique(law.ppf(shares))
    at = np.floor(at) + 0.5 if whole else at
    at = [x for x in np.unique(at) if floor is None or floor[0] < x < floor[1]]
    mean, variance, _, excess = (float(x) for x in law.stats("mvsk"))
    spread = (excess + 2) * variance**2
    if not moments:
        mean = variance = spread = nan
    points = " ".join(f"{x:.9g}:{float(law.cdf(x)):.9g}" for x in at)
    kind = "whole" if whole else "real"
    rows.append([declared, number, kind, *(f"{x:.9g}" for x in (mean, variance, variance, spread)), points])


add("f32 ~ LogNormal(1, 0.25)", "v", stats.lognorm(0.25, scale=np.e))
add("f32 ~ Exponential(3)", "v", stats.expon(scale=1 / 3))
add("f32 ~ Logistic(1, 2)", "v", stats.logistic(1, 2))
add("f32 ~ Cauchy(1, 2)", "v", stats.cauchy(1, 2), moments=False)
for df in (0.3, 1, 2.5, 30, 1e5):
    add(f"f32 ~ StudentT({df}, 1, 2)", "v", stats.t(df, 1, 2), moments=df > 9)
for shape in (1e-3, 0.05, 0.5, 1, 2, 7.5, 30, 1e4):
    add(f"f32 ~ Gamma({shape}, 2)", "v", stats.gamma(shape, scale=0.5), moments=shape > 0.4, floor=(1e-37, np.inf))
for a, b in ((0.1, 0.1), (1, 1), (0.5, 3), (20, 5), (1e3, 1e3), (1e-3, 2)):
    add(f"f32 in 0..1 ~ Beta({a}, {b})", "v", stats.beta(a, b), moments=a > 0.4, floor=(1e-36, 0.99999))
# What it relaxes: the log-odds, scaled back, are those of a logistic number.
for t in (0.3, 5):
    add(f"f32 in 0..1 ~ RelaxedBernoulli({t}, 0.4)", f"{t} * (log(v) - log1p(-v))", stats.logistic(0.4, 1),
        floor=(-4, 4), moments=t > 1)
for rate in (0.01, 1, 9, 15.9, 16.1, 40, 1000, 1e5):
    add(f"count ~ Poisson({rate})", "v", stats.poisson(rate), whole=True)
for total, logits in ((0.2, 1), (3, 0), (50, -1), (1000, 2)):
    add(f"count ~ NegativeBinomial({total}, {logits})", "v", stats.nbinom(total, special.expit(-logits)), whole=True)
for total, probs in ((10, 0.3), (7, 0.9), (1000, 1e-3), (30, 0.5), (1000, 0.2), (10000, 0.7), (100000, 2e-4)):
    add(f"count ~ Binomial({total}, probs = {probs})", "v", stats.binom(total, probs), whole=True)
add("count ~ Binomial(40, logits = -1)", "v", stats.binom(40, special.expit(-1)), whole=True)


class Levels(stats.rv_discrete):
    def _cdf(self, k):
        return np.where(k >= 16, 1, stats.logistic.cdf((np.floor(k) + 0.5) / 16, 0.3, 0.1))


add("f32 in 0..1 ~ DiscretizedLogistic(0.3, 0.1, 17)", "floor(16 * v + 0.5)", Levels(a=0, b=16)(), whole=True)
for i, shape in enumerate((0.5, 2, 8)):
    add("f32[3] in 0..1 ~ Dirichlet(concat(0.5, 2.0, 8.0))", f"v[{i}]", stats.beta(shape, 10.5 - shape))
add("f32[2, 3] in 0..1 ~ Dirichlet(expand(concat(0.5, 2.0, 8.0), over = 2))", "v[1, 2]", stats.beta(8, 2.5))
add("f32[2, 3] in 0..1 ~ Dirichlet(2)", "v[0, 0] + v[0, 1]", stats.beta(4, 2))
chances = special.softmax([0.3, -1, 2])
logits = "concat(0.3, -1.0, 2.0)"
for i, chance in enumerate(chances):
    add(f"count[3] ~ Multinomial(50, logits = {logits})", f"v[{i}]", stats.binom(50, chance), whole=True)
    add(f"bit[3] ~ OneHotCategorical(logits = {logits})", f"v[{i}]", stats.bernoulli(chance), whole=True)
    add(f"f32[3] in 0..1 ~ Concrete(0.7, {logits})", f"float(v[{i}] == max(v))", stats.bernoulli(chance), whole=True)
add("count[2, 3] ~ Multinomial(400, probs = expand(concat(0.2, 0.35, 0.45), over = 2))", "v[1, 2]",
    stats.binom(400, 0.45), whole=True)
# The log-odds of two values, scaled back: a difference of two Gumbel numbers.
add(f"f32[3] in 0..1 ~ Concrete(2, {logits})", "2 * (log(v[0]) - log(v[1]))", stats.logistic(1.3, 1))
lower = np.array([[1.0, 0.0, 0.0], [0.5, 2.0, 0.0], [-1.0, 0.3, 0.7]])
weights = np.array([1.0, 2.0, -0.5])
covariance = lower @ lower.T


def written(x):
    x = np.asarray(x, float)
    if x.ndim == 1:
        return "concat(" + ", ".join(repr(float(v)) for v in x) + ")"
    return f"reshape({written(x.ravel())}, {', '.join(map(str, x.shape))})"


for name, matrix in (("scale_tril", lower), ("covariance", covariance)):
    law = stats.norm(weights @ [1, 0, -1], np.sqrt(weights @ covariance @ weights))
    add(f"f32[3] ~ MultivariateNormal(concat(1.0, 0.0, -1.0), {name} = {written(matrix)})",
        f"dot(v, {written(weights)})", law)
add(f"f32[2, 3] ~ MultivariateNormal(0, scale_tril = expand({written(lower)}, over = 2))", "v[1, 2] + v[0, 1]",
    stats.norm(0, np.sqrt(covariance[2, 2] + covariance[1, 1])))
wide = np.array([[1.0, 0.5], [0.0, 2.0], [-1.0, 1.0]])
low_rank = wide @ wide.T + np.diag([0.5, 1, 2])
add(f"f32[3] ~ LowRankMultivariateNormal(0.5, {written(wide)}, concat(0.5, 1.0, 2.0))", f"dot(v, {written(weights)})",
    stats.norm(0.5 * weights.sum(), np.sqrt(weights @ low_rank @ weights)))


class Cosine(stats.rv_continuous):
    """The cosine of the angle to the mean direction, in n dims."""

    def __init__(self, n, k):
        super().__init__(a=-1, b=1)
        # By the angle: the density has poles at -1 and 1 in two dims.
        angle = np.linspace(0, np.pi, 2000001)
        density = np.exp(k * (np.cos(angle) - 1)) * np.sin(angle) ** (n - 2)
        sums = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2)])
        self.angles, self.sums = angle, sums / sums[-1]
        weights = np.gradient(self.sums)
        weights /= weights.sum()
        cosine = np.cos(angle)
        mean = (weights * cosine).sum()
        central = [(weights * (cosine - mean) ** p).sum() for p in (2, 3, 4)]
        self.moments = mean, central[0], central[1] / central[0] ** 1.5, central[2] / central[0] ** 2 - 3

    def cdf(self, x):
        return 1 - np.interp(np.arccos(x), self.angles, self.sums)

    def ppf(self, share):
        return np.cos(np.interp(1 - np.asarray(share), self.sums, self.angles))

    def stats(self, _):
        return self.moments


for n in (2, 3, 10):
    centre = [0.0] * (n - 1) + [2.0]
    for k in (0.1, 1, 30, 1e4):
        add(f"f32[{n}] ~ VonMisesFisher({written(centre)}, {k:g})", f"v[{n - 1}]", Cosine(n, k), moments=k < 1000)
add("f32[3] ~ VonMisesFisher(concat(0.0, 0.0, 2.0), 3)", "v[0] / sqrt(v[0]^2 + v[1]^2)", Cosine(2, 0))


class Made(stats.rv_continuous):
    """A distribution with this cdf between two numbers."""

    def __init__(self, cdf, low, high):
        super().__init__(a=low, b=high)
        self.at = np.linspace(low, high, 2000001)
        below = np.asarray(cdf(self.at), float)
        self.sums = (below - below[0]) / (below[-1] - below[0])
        weights = np.diff(self.sums)
        middle = (self.at[1:] + self.at[:-1]) / 2
        mean = (weights * middle).sum()
        central = [(weights * (middle - mean) ** p).sum() for p in (2, 3, 4)]
        self.moments = mean, central[0], central[1] / central[0] ** 1.5, central[2] / central[0] ** 2 - 3

    def cdf(self, x):
        return np.interp(x, self.at, self.sums)

    def ppf(self, share):
        return np.interp(share, self.sums, self.at)

    def stats(self, _):
        return self.moments


for text, law in (("Normal(1, 2)", stats.norm(1, 2)), ("Laplace(1, 2)", stats.laplace(1, 2)),
                  ("Logistic(1, 2)", stats.logistic(1, 2)), ("Uniform(-2, 4)", stats.uniform(-2, 6)),
                  ("LogNormal(1, 0.5)", stats.lognorm(0.5, scale=np.e)), ("Exponential(0.5)", stats.expon(scale=2))):
    add(f"f32 ~ Truncated({text}, low = 0.5, high = 3)", "v", Made(law.cdf, 0.5, 3))
add("f32 ~ Truncated(Normal(0, 1), low = 3)", "v", Made(stats.norm.sf, 3, 9))
add("f32[2] ~ Truncated(Truncated(Normal(0, 1), low = 0), high = 1)", "v[1]", Made(stats.norm.cdf, 0, 1))
three = special.softmax([0, 1, -1])
components = [stats.norm(-2, 0.5), stats.norm(0, 1), stats.norm(3, 0.2)]
add("f32 ~ Mixture(concat(0.0, 1.0, -1.0), Normal(concat(-2.0, 0.0, 3.0), concat(0.5, 1.0, 0.2)))", "v",
    Made(lambda x: sum(w * c.cdf(x) for w, c in zip(three, components)), -8, 8))
two = special.softmax([0.3, 0])
add("f32 ~ Mixture(concat(0.3, 0.0), (Truncated(Normal(0, 1), low = 0), Laplace(3, 0.5)))", "v",
    Made(lambda x: two[0] * np.clip(2 * stats.norm.cdf(x) - 1, 0, 1) + two[1] * stats.laplace.cdf(x, 3, 0.5), -10, 15))
add("f32[2] ~ Mixture(zeros(2, 3), Normal(reshape(concat(0.0, 1.0, 2.0, -2.0, 0.0, 2.0), 2, 3), 0.5))", "v[1]",
    Made(lambda x: sum(stats.norm.cdf(x, m, 0.5) for m in (-2, 0, 2)), -8, 8))
add("count ~ Mixture(concat(0.3, 0.0), Poisson(concat(1.0, 20.0)))", "float(v < 5)",
    stats.bernoulli(two @ stats.poisson.cdf(4, [1, 20])), whole=True)
# Of vectors: the components are the first dim, each with its own direction.
means = np.array([[-2.0, 0.0, 1.0], [1.0, 3.0, 0.0]])
along = [stats.norm(weights @ m, np.sqrt(weights @ covariance @ weights)) for m in means]
add(f"f32[3] ~ Mixture(concat(0.3, 0.0), MultivariateNormal({written(means)}, scale_tril = expand({written(lower)}, over = 2)))",
    f"dot(v, {written(weights)})", Made(lambda x: sum(w * c.cdf(x) for w, c in zip(two, along)), -20, 25))
# Of two vectors, and their sum: both choose on their own.
sums = stats.binom(2, two[1])
add("f32[2, 2] ~ Mixture(expand(concat(0.3, 0.0), over = 2), (MultivariateNormal(0, scale_tril = expand(0.1 * eye(2), over = 2)), "
    "MultivariateNormal(5, scale_tril = expand(0.1 * eye(2), over = 2))))",
    "float(v[0, 0] > 2.5) + float(v[1, 1] > 2.5) + 3 * float((v[0, 0] > 2.5) != (v[0, 1] > 2.5))", sums, whole=True)
add("count[3] ~ Mixture(concat(0.3, 0.0), Multinomial(20, logits = reshape(concat(0.0, 0.0, 0.0, 2.0, 0.0, -1.0), 2, 3)))",
    "float(v[0] < 10)", stats.bernoulli(two @ [stats.binom.cdf(9, 20, p[0]) for p in (special.softmax([0, 0, 0]), special.softmax([2, 0, -1]))]),
    whole=True)

print("# Made by tools/families.py. Declaration, number, kind, mean, its spread, variance, its spread, probabilities.")
for row in rows:
    print("\t".join(row))
print(f"{len(rows)} rows", file=sys.stderr)
