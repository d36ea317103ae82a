#!/usr/bin/env python3
"""Values at the edges, from arbitrary precision: python3 tools/edges.py > tests/edges/table.tsv

Each line: an expression of the language in the fields a, b, c, d (reals) and k (an index of 3), the
values of the fields, what is right. Needs mpmath. Arguments are rounded to f32 first: what is right
is right for the number that the program sees."""

import itertools
import struct
import sys

from mpmath import (mp, mpf, exp, log, log1p, expm1, sqrt, tanh, sinh, coth, erf, inf, isnan, pi, fabs, sign,
                    diff, limit, nan)

mp.dps = 80
# A sinh of 1e8 has more digits of exponent than fit a machine number; mpmath copes.


def f32(x):
    return struct.unpack("f", struct.pack("f", float(x)))[0]


rows = []


def add(expression, function, *lists, k=(0,)):
    """All combinations of arguments: lists of the fields a, b, c, d, and labels k."""
    for values in itertools.product(*lists):
        args = [mpf(f32(v)) for v in values]
        for label in k:
            value = function(*args, label) if k != (0,) else function(*args)
            rows.append((expression, [f32(v) for v in values], label, value))


def given(expression, function, cases, k=(0,)):
    for case in cases:
        add(expression, function, *[[v] for v in case], k=k)


# ---- pieces ----

def softplus(x):
    return log1p(exp(x)) if x < 100 else x + log1p(exp(-x))


def sigmoid(x):
    return 1 / (1 + exp(-x)) if x > -1000 else exp(x)


def xlogy(x, y):
    return mpf(0) if x == 0 else (-inf * sign(x) if y == 0 else x * log(y))


def lse(xs):
    top = max(xs)
    return top + log(sum(exp(x - top) for x in xs))


def shares(xs):
    return [exp(x - lse(xs)) for x in xs]


def ratio(p, q):
    """p log(p / q)"""
    if p == 0:
        return mpf(0)
    return inf if q == 0 else p * (log(p) - log(q))


def slope(f, x):
    return diff(f, x)


# ---- activations and formulas ----

line = [0, 1e-40, -1e-40, 0.5, -0.5, 1, -1, 3, -3, 30, -30, 100, -100, 1e8, -1e8, 1e30, -1e30]
small = [v for v in line if abs(v) < 1e9]
add("relu(a)", lambda a: max(a, mpf(0)), line)
add("leaky_relu(a)", lambda a: a if a > 0 else mpf(f32(0.01)) * a, line)
add("elu(a)", lambda a: a if a > 0 else expm1(a), line)
add("silu(a)", lambda a: a * sigmoid(a), line)
add("gelu(a)", lambda a: a * (1 + erf(a / sqrt(2))) / 2, line)
add("log_sigmoid(a)", lambda a: -softplus(-a), line)
add("hard_tanh(a)", lambda a: max(min(a, mpf(1)), mpf(-1)), line)
add("softsign(a)", lambda a: a / (1 + fabs(a)), line)
add("softplus(a)", softplus, line)
add("sigmoid(a)", sigmoid, line)
add("tanh(a)", tanh, line)
add("sinh(a)", sinh, [0, 1e-9, -1e-6, 0.5, -0.5, 3, -30])
add("expm1(a)", expm1, [0, 1e-40, 1e-8, -1e-8, 1, -1, -30, -1e8])
add("log1p(a)", log1p, [0, 1e-8, -1e-8, 1, -0.5, 1e8])
add("ln(a)", log, [1e-30, 0.5, 1, 1e8, 1e30])
add("erf(a)", erf, [0, 1e-40, -1e-8, 0.5, -2, 3.5, 30, -1e8])
# Around 1 and 2 log-gamma goes through 0, digamma near 1.4616: steps of 32 bits beside them too.
gammas = [1e-30, 0.25, 1, 1 + 2.0 ** -23, 1 - 2.0 ** -24, 2, 2 + 2.0 ** -22, 2 - 2.0 ** -23, 1.46163, 7.5, 100, 1e8, 1e30]
add("lgamma(a)", mp.loggamma, gammas)
add("1e8 * lgamma(a)", lambda a: f32(1e8) * mp.loggamma(a), gammas[2:8])
add("digamma(a)", mp.digamma, gammas)
add("grad((t) => lgamma(t), at = a)", mp.digamma, gammas)
add("grad((t) => digamma(t), at = a)", lambda a: mp.polygamma(1, a), gammas[1:])
add("a % b", lambda a, b: a - b * mp.floor(a / b), [0, 3, -3, 0.1, -1e-10, 1e10, -1e10, 1e30, 3e38], [3, -7, 0.1, 1e-30, 1e20])
add("exp(log(a))", lambda a: mpf(0), [0])
add("norm(concat(a, b))", lambda a, b: sqrt(a * a + b * b), [0, 3, -3e8], [0, 4, 4e8])
add("frob2(concat(a, b))", lambda a, b: a * a + b * b, [0, 3, -3e8], [0, 4])
add("dot(concat(a, b), concat(b, a))", lambda a, b: 2 * a * b, [0, 3, -3e8], [0, 4])
add("clip(a, b, c)", lambda a, b, c: max(min(a, c), b),
    [-1e30, -1e9, -1, 0, 1e-40, 2, 1e9, 1e30], [-2, 0], [0, 1, 1e20])
add("trace(reshape(concat(a, b, b, a), 2, 2))", lambda a, b: 2 * a, [0, 3, -3e8], [0, 4, 1e30])
add("sum(outer(concat(a, b), concat(b, a))[0])", lambda a, b: a * b + a * a, [0, 3, -3e8], [0, 4])
# What has no inverse is no row: the last pivot of such a matrix is what rounding left of 0.
corners = [v for v in itertools.product([0, 1e-8, 3, 1e8], [0, 2, -5], [0, 2], [0, 1e-8, 3, 1e8])
           if fabs(mpf(f32(v[0])) * f32(v[3]) - mpf(v[1]) * v[2]) > 1e-17]
for i, j in itertools.product(range(2), range(2)):
    given(f"matrix_inverse(reshape(concat(a, b, c, d), 2, 2))[{i}][{j}]",
          lambda a, b, c, d: mp.matrix([[d, -b], [-c, a]])[i, j] / (a * d - b * c), corners)
add("squared_error(a, b)", lambda a, b: (a - b) ** 2, [0, 3, 1e8], [0, 4, 1e8])
add("psnr(a, b)", lambda a, b: inf if a == b else -10 / log(10) * log((a - b) ** 2), [0, 0.5], [0, 0.5, 1])
add("weighted(a, log(b))", xlogy, [0, 0.5, 1], [0, 1e-30, 0.5, 1])
add("bit_fit(a, b)", lambda a, b: a * b - softplus(b), [0, 0.25, 1], [0, 2, -30, 100, -1e8, 1e30])
add("bit_fit(a, -log(b))", lambda a, b: mpf(0) if a == 1 else -inf, [0, 0.5, 1], [0])
add("bit_fit(a, log(b))", lambda a, b: mpf(0) if a == 0 else -inf, [0, 0.5, 1], [0])
add("grad((t) => bit_fit(a, t), at = b)", lambda a, b: a - sigmoid(b), [0, 0.25, 1], [0, 2, -30, 100, -1e8])
add("straight_through(a, b)", lambda a, b: b, [0, 0.5], [0, 0.25, 1])
add("a^0 + 0 * b", lambda a, b: mpf(1), [0, 2, 1e30], [0])
add("abs(a)^b", lambda a, b: mpf(1) if b == 0 else a ** b, [0, 0.5, 2], [0, 0.5, 1, 2])

# ---- scores ----

scores = [(1, 0, -1), (0, 0, 0), (5, 5, 1), (-1, 2, 2), (100, 0, -100), (1e4, 0, -1e4)]
shifts = [0, 1e6, -1e6, 1e8, -1e9, 1e30, -1e30]
triples = [tuple(f32(f32(s) + f32(shift)) for s in t) for t in scores for shift in shifts]
three = "concat(a, b, c)"
for i in range(3):
    given(f"softmax({three})[{i}]", lambda a, b, c, i=i: shares([a, b, c])[i], triples)
    given(f"exp(centered({three}))[{i}]", lambda a, b, c, i=i: exp([a, b, c][i] - max(a, b, c)), triples)
given(f"log_softmax({three})[1]", lambda a, b, c: b - lse([a, b, c]), triples)
given(f"logsumexp({three})", lambda a, b, c: lse([a, b, c]), triples)
given(f"cross_entropy({three}, k)", lambda a, b, c, k: lse([a, b, c]) - [a, b, c][k], triples, k=(0, 1, 2))
given(f"cross_entropy({three}, k, smooth = 0.25)",
      lambda a, b, c, k: lse([a, b, c]) - mpf(0.75) * [a, b, c][k] - mpf(0.25) * (a + b + c) / 3, triples, k=(0, 1, 2))
given(f"accuracy({three}, k)", lambda a, b, c, k: mpf([a, b, c].index(max(a, b, c)) == k), triples, k=(0, 1, 2))
given(f"grad((t) => logsumexp(t), at = {three})[0]", lambda a, b, c: shares([a, b, c])[0], triples)
given(f"grad((t) => cross_entropy(t, k), at = {three})[0]",
      lambda a, b, c, k: shares([a, b, c])[0] - (k == 0), triples, k=(0, 1))
# A row of which all is masked: equal shares.
masked = "log(0 * concat(a, b, c))"
given(f"softmax({masked})[0]", lambda a, b, c: mpf(1) / 3, [(1, 2, 3)])
given("softmax(concat(a, log(b), c))[1]", lambda a, b, c: mpf(0), [(1, 0, 2), (1e8, 0, 0)])
given("grad((t) => log_softmax(t)[0], at = concat(a, log(b), c))[1]", lambda a, b, c: mpf(0), [(1, 0, 2)])
given("top_k(concat(a, log(b), c), 1)[1]", lambda a, b, c: mpf(0), [(1, 0, 2)])

# ---- binary ----

logits = [0, 1, -1, 20, -20, 100, -100, 1e8, -1e8]
add("binary_cross_entropy(a, b)", lambda a, b: softplus(a) - b * a, logits, [0, 0.25, 1])
units = [0, 1e-30, 0.25, 0.5, 1]
add("bernoulli_kl(a, b)", lambda p, q: ratio(p, q) + ratio(1 - p, 1 - q), units, units)
add("log flip(v = float(a > 0.5) | b)", lambda x, p: log(p if x == 1 else 1 - p) if (p if x == 1 else 1 - p) else -inf, [0, 1], units)
add("entropy(flip(v | b = a))", lambda p: -xlogy(p, p) - xlogy(1 - p, 1 - p), units)
add("mean(flip(v | b = a))", lambda p: p, units)
add("variance(flip(v | b = a))", lambda p: p * (1 - p), units)
add("KL(flip(v | b = a) || flop(v | c = b))", lambda p, q: ratio(p, q) + ratio(1 - p, 1 - q), units, units)
add("log coin(v = float(a > 0.5) | b)", lambda x, l: x * l - softplus(l), [0, 1], logits)
add("entropy(coin(v | b = a))", lambda l: softplus(-fabs(l)) + fabs(l) * sigmoid(-fabs(l)), logits)
add("mean(coin(v | b = a))", sigmoid, logits)
add("variance(coin(v | b = a))", lambda l: sigmoid(l) * sigmoid(-l), logits)
add("KL(coin(v | b = a) || cent(v | c = b))",
    lambda q, p: sigmoid(q) * (softplus(-p) - softplus(-q)) + sigmoid(-q) * (softplus(p) - softplus(q)), logits, logits)

# ---- continuous Bernoulli ----

odds = [0, 1e-6, 1e-3, 0.04, -0.04, 0.06, 0.29, -0.31, 0.99, -1.01, 5, -5, 50, -50, 1e4, -1e4, 1e8, -1e8]


def cb_norm(a):
    return log(2) if a == 0 else log(a / tanh(a / 2))


def cb_mean(a):
    return mpf(1) / 2 if a == 0 else (coth(a / 2) / 2 if fabs(a) < 1e6 else sign(a) / 2) - 1 / a + mpf(1) / 2


def cb_variance(a):
    if a == 0:
        return mpf(1) / 12
    return 1 / a ** 2 - (1 / (4 * sinh(a / 2) ** 2) if fabs(a) < 1e6 else 0)


add("log grey(v = u | b)", lambda x, a: x * a - softplus(a) + cb_norm(a), [0, 0.5, 1], odds)
add("mean(grey(v | b = a))", cb_mean, odds)
add("variance(grey(v | b = a))", cb_variance, odds)
add("entropy(grey(v | b = a))", lambda a: softplus(a) - cb_norm(a) - a * cb_mean(a), odds)


def cb_draw(u, a):
    return u if a == 0 else log1p(u * expm1(a)) / a


add("cb_draw(a, b)", cb_draw, [0.001, 0.25, 0.75, 0.999], [v for v in odds if abs(v) < 100])

# ---- reals ----

locs = [0, 1, -3, 1e8]
scales = [1e-30, 1e-3, 1, 1e8, 1e30]


def normal(x, m, s):
    return -((x - m) / s) ** 2 / 2 - log(s) - log(2 * pi) / 2


add("log bell(v = a | b, c)", normal, [0, 1], [0, 1e8], scales)
add("entropy(bell(v | b = a, c = b))", lambda m, s: log(s) + (log(2 * pi) + 1) / 2, [0], [0] + scales)
add("mean(bell(v | b = a, c = b))", lambda m, s: m, locs, scales)
add("variance(bell(v | b = a, c = b))", lambda m, s: s * s, [0], scales[1:4])


def kl_normal(a, b, c, d):
    if d == 0 or b == 0:
        return inf
    return log(d) - log(b) + ((b / d) ** 2 + ((a - c) / d) ** 2 - 1) / 2


add("KL(bell(v | b = a, c = b) || hill(v | c = c, d = d))", kl_normal, [0, 1e8], [0] + scales, [0], [0, 1e-3, 1, 1e30])
add("log peak(v = a | b, c)", lambda x, m, s: -fabs(x - m) / s - log(2 * s), [0, 1], [0, 1e8], scales)
add("entropy(peak(v | b = a, c = b))", lambda m, s: log(2 * s) + 1, [0], scales)
add("mean(peak(v | b = a, c = b))", lambda m, s: m, locs, scales)
add("variance(peak(v | b = a, c = b))", lambda m, s: 2 * s * s, [0], scales[1:4])


def kl_laplace(a, b, c, d):
    if d == 0 or b == 0:
        return inf
    return log(d) - log(b) + fabs(a - c) / d + b / d * exp(-fabs(a - c) / b) - 1


add("KL(peak(v | b = a, c = b) || spire(v | c = c, d = d))", kl_laplace, [0, 1e8], [0] + scales, [0], [0, 1e-3, 1, 1e30])
add("log flat(v = a | b, c)", lambda x, l, h: -log(h - l) if l <= x <= h else -inf, [0, 1, 2, -1e8], [0, -1e8], [1, 1e30])
add("entropy(flat(v | b = a, c = b))", lambda l, h: log(h - l), [0, -1e8, -1e30], [1e-30, 1, 1e30])
add("mean(flat(v | b = a, c = b))", lambda l, h: (l + h) / 2, [0, -1e8, -3e38], [1, 3e38])
add("variance(flat(v | b = a, c = b))", lambda l, h: (h - l) ** 2 / 12, [0, -1e8], [1, 1e-3])
add("KL(flat(v | b = a, c = b) || even(v | c = c, d = d))",
    lambda a, b, c, d: log(d - c) - log(b - a) if c <= a and b <= d else inf, [0, -1], [1, 2], [0, -1e8], [1, 1e30])
add("laplace_shape(a)", lambda u: sign(u) * log1p(-2 * fabs(u)), [0, 0.25, -0.25, 0.4999999, -0.4999999])

# ---- categorical ----

given("log pick3(j = k | a, b, c)", lambda a, b, c, k: [a, b, c][k] - lse([a, b, c]), triples, k=(0, 1, 2))
given("entropy(pick3(j | a, b, c))", lambda a, b, c: -sum(p * (x - lse([a, b, c])) for p, x in zip(shares([a, b, c]), [a, b, c])), triples)
given("KL(pick3(j | a, b, c) || pick1(j | d = a))",
      lambda a, b, c: sum(p * (x - lse([a, b, c]) + log(mpf(3))) for p, x in zip(shares([a, b, c]), [a, b, c])), triples)
simplex = [(1, 0, 0), (0, 0.5, 0.5), (0.25, 0.25, 0.5), (0, 1, 0), (1e-30, 1, 0)]
given("log die(j = k | a, b, c)", lambda a, b, c, k: log([a, b, c][k]) if [a, b, c][k] else -inf, simplex, k=(0, 1, 2))
given("entropy(die(j | a, b, c))", lambda a, b, c: -sum(xlogy(p, p) for p in (a, b, c)), simplex)
given("KL(die(j | a, b, c) || fair(j | d = a))",
      lambda a, b, c: sum(ratio(p, q) for p, q in zip((a, b, c), (mpf(0.5), mpf(0.25), mpf(0.25)))), simplex[:4])

# ---- families with more than a location and a scale: values, and slopes in every argument ----

lgamma = mp.loggamma
positive = [1e-3, 0.5, 1, 7.9, 8.1, 1e4]
widths = [1e-2, 1, 1e2]


def sloped(form, function, x, names, lists, slopes=None, where=lambda *v: True):
    """Values of `log form` at the fields; on inner points the slope in every real argument too.
    `x` is the field that is scored, `names` the fields of the parameters, `lists` their values."""
    given = ", ".join(names)
    add(f"log {form}(v = {x} | {given})", function, *lists)
    at = [(x, 0)] if x not in ("n",) else []
    at += [(name, i + 1) for i, name in enumerate(names)]
    for name, i in at:
        if slopes is not None and i not in slopes:
            continue
        inner = "clip(t, 0, 1)" if name == "u" else "t"
        told = ", ".join(f"{n} = {inner if n == name else n}" for n in names)
        expression = f"grad((t) => log {form}(v = {inner if i == 0 else x} | {told}), at = {name})"
        points = [p for p in itertools.product(*lists) if where(*p)]
        given_slopes(expression, function, points, i)


def given_slopes(expression, function, points, i):
    for point in points:
        args = [mpf(f32(v)) for v in point]
        value = diff(lambda t: function(*args[:i], t, *args[i + 1:]), args[i])
        rows.append((expression, [f32(v) for v in point], 0, value))


def lognormal(x, m, s):
    return normal(log(x), m, s) - log(x) if x > 0 else -inf


sloped("swell", lognormal, "a", ["b", "c"], [[1e-6, 1, 50], [-3, 0, 2], widths[:2]])
add("log swell(v = a | b, c)", lognormal, [0, -1], [0], [1])
add("entropy(swell(v | b = a, c = b))", lambda m, s: m + log(s) + (log(2 * pi) + 1) / 2, [0, -3], widths)
add("mean(swell(v | b = a, c = b))", lambda m, s: exp(m + s * s / 2), [0, -3], widths[:2])
add("variance(swell(v | b = a, c = b))", lambda m, s: expm1(s * s) * exp(2 * m + s * s), [0, -3], widths[:2])
add("KL(swell(v | b = a, c = b) || surge(v | c = c, d = d))", kl_normal, [0, 2], widths, [0], [0, 1, 1e30])

sloped("wait", lambda x, r: log(r) - r * x if x >= 0 else -inf, "a", ["b"], [[1e-6, 1, 50], [1e-3, 1, 1e4]])
add("log wait(v = a | b)", lambda x, r: log(r) if x == 0 else -inf, [0, -1], [1e-3, 1])
add("entropy(wait(v | b = a))", lambda r: 1 - log(r), positive)
add("mean(wait(v | b = a))", lambda r: 1 / r, positive)
add("variance(wait(v | b = a))", lambda r: 1 / r**2, positive)
add("KL(wait(v | b = a) || stay(v | c = b))", lambda q, p: log(q) - log(p) + p / q - 1, positive, positive)


def logistic(x, m, s):
    t = (x - m) / s
    return -t - log(s) - 2 * softplus(-t)


sloped("rise", logistic, "a", ["b", "c"], [[0, -2, 50, 1e8], [0, 3], widths])
add("entropy(rise(v | b = a, c = b))", lambda m, s: log(s) + 2, [0], widths)
add("mean(rise(v | b = a, c = b))", lambda m, s: m, locs, [1])
add("variance(rise(v | b = a, c = b))", lambda m, s: s * s * pi**2 / 3, [0], widths)


def cauchy(x, m, s):
    return -log(pi * s) - log1p(((x - m) / s) ** 2)


sloped("gap", cauchy, "a", ["b", "c"], [[0, -2, 50, 1e8, 1e30], [0, 3], widths])
add("entropy(gap(v | b = a, c = b))", lambda m, s: log(4 * pi * s), [0], widths)
add("KL(gap(v | b = a, c = b) || rift(v | c = c, d = d))",
    lambda a, b, c, d: log(((b + d) ** 2 + (a - c) ** 2) / (4 * b * d)), [0, 2], widths, [0], widths)


def student(x, df, s):
    t = (x - mpf(0.5)) / s
    return lgamma((df + 1) / 2) - lgamma(df / 2) - log(pi * df) / 2 - log(s) - (df + 1) / 2 * log1p(t * t / df)


def student_entropy(df, s):
    half = df / 2
    return (half + mpf(0.5)) * (mp.digamma(half + mpf(0.5)) - mp.digamma(half)) + log(df) / 2 + log(s) \
        + lgamma(half) + lgamma(mpf(0.5)) - lgamma(half + mpf(0.5))


freedoms = [1e-3, 0.5, 2, 15.9, 16.1, 1e4, 1e8]
sloped("tail", student, "a", ["b", "c"], [[0, -2, 50, 1e8], freedoms, widths])
add("entropy(tail(v | b = a, c = b))", student_entropy, freedoms, widths)
add("mean(tail(v | b = a, c = b))", lambda df, s: mpf(0.5) if df > 1 else nan, freedoms, [1])
add("variance(tail(v | b = a, c = b))",
    lambda df, s: s * s * df / (df - 2) if df > 2 else inf if df > 1 else nan, [0.5, 1.5, 2, 2.5, 30], widths)


def gamma(x, a, r):
    if x <= 0:
        return -inf if x < 0 or a > 1 else log(r) if a == 1 else inf
    return a * log(r) + (a - 1) * log(x) - r * x - lgamma(a)


sloped("rain", gamma, "a", ["b", "c"], [[1e-6, 0.5, 3, 1e3], positive, widths])
add("log rain(v = a | b, c)", gamma, [0, -1], positive, [2])
add("entropy(rain(v | b = a, c = b))", lambda a, r: a - log(r) + lgamma(a) + (1 - a) * mp.digamma(a), positive, widths)
add("mean(rain(v | b = a, c = b))", lambda a, r: a / r, positive, widths)
add("variance(rain(v | b = a, c = b))", lambda a, r: a / r**2, positive, widths)
add("KL(rain(v | b = a, c = b) || hail(v | c = c, d = d))",
    lambda a, q, b, p: (a - b) * mp.digamma(a) - lgamma(a) + lgamma(b) + b * (log(q) - log(p)) + a * (p - q) / q,
    positive, [1], positive, widths)


def gamma_quantile(a, n):
    right = mp.ncdf(n)
    x = a * (1 - 1 / (9 * a) + n / (3 * sqrt(a))) ** 3
    for _ in range(60):
        step = (mp.gammainc(a, 0, x, regularized=True) - right) / exp(gamma(x, a, mpf(1)))
        x -= step
        if fabs(step) < mpf(10) ** -30 * x:
            break
    return x


# The quantile that draws of all these families are made of. Its slope in the shape is the implicit one:
# that of the distribution over that of the quantile.
add("log_gamma_quantile(a, b)", lambda a, n: log(gamma_quantile(a, n)), [8, 8.5, 12, 30, 1e4], [0, 1, -1, 2.5, -2.5])
given_slopes("grad((t) => log_gamma_quantile(t, b), at = a)", lambda a, n: log(gamma_quantile(a, n)),
             list(itertools.product([8.5, 12, 30], [0, 1, -1, 2.5, -2.5])), 0)


def beta(x, a, b):
    if x < 0 or x > 1:
        return -inf
    if x == 0:
        return -inf if a > 1 else log(b) if a == 1 else inf
    if x == 1:
        return -inf if b > 1 else log(a) if b == 1 else inf
    return (a - 1) * log(x) + (b - 1) * log1p(-x) + lgamma(a + b) - lgamma(a) - lgamma(b)


def beta_entropy(a, b):
    return lgamma(a) + lgamma(b) - lgamma(a + b) - (a - 1) * mp.digamma(a) - (b - 1) * mp.digamma(b) \
        + (a + b - 2) * mp.digamma(a + b)


def beta_kl(a, b, c, d):
    return lgamma(a + b) - lgamma(a) - lgamma(b) - lgamma(c + d) + lgamma(c) + lgamma(d) \
        + (a - c) * mp.digamma(a) + (b - d) * mp.digamma(b) + (c - a + d - b) * mp.digamma(a + b)


sloped("part", beta, "u", ["b", "c"], [[1e-6, 0.25, 0.5, 1 - 2.0**-20], positive, positive])
add("log part(v = u | b, c)", beta, [0, 1], [0.5, 1, 2], [0.5, 1, 2])
add("entropy(part(v | b = a, c = b))", beta_entropy, positive, positive)
add("mean(part(v | b = a, c = b))", lambda a, b: a / (a + b), positive, positive)
add("variance(part(v | b = a, c = b))", lambda a, b: a * b / (a + b) ** 2 / (a + b + 1), positive, positive)
add("KL(part(v | b = a, c = b) || piece(v | c = c, d = d))", beta_kl, positive, [0.5, 1e4], [1e-3, 8.1], [1, 3])


def relaxed(x, t, l):
    if x in (0, 1):
        return -inf if t > 1 else inf if t < 1 else -l if x == 0 else l
    s = t * (log(x) - log1p(-x)) - l
    return log(t) - s - 2 * softplus(-s) - log(x) - log1p(-x)


sloped("soft", relaxed, "u", ["b", "c"], [[1e-6, 0.25, 0.5, 1 - 2.0**-20], [0.1, 0.67, 1, 5], [0, 2, -30]],
       where=lambda x, t, l: 0.1 < x < 0.9)
add("log soft(v = u | b, c)", relaxed, [0, 1], [0.5, 1, 2], [0, 2])

# ---- counts ----


def poisson(x, r):
    return x * log(r) - r - lgamma(x + 1) if r > 0 else mpf(0) if x == 0 else -inf


counts = [0, 1, 3, 30, 1000, 1e6]
rates = [1e-3, 0.5, 1, 30, 1e4]
sloped("calls", poisson, "n", ["b"], [counts, rates])
add("mean(calls(v | b = a))", lambda r: r, rates)
add("variance(calls(v | b = a))", lambda r: r, rates)
add("KL(calls(v | b = a) || mails(v | c = b))", lambda q, p: q * (log(q) - log(p)) + p - q, rates, rates)


def negative_binomial(x, r, l):
    return lgamma(x + r) - lgamma(x + 1) - lgamma(r) - r * softplus(l) - x * softplus(-l)


sloped("burst", negative_binomial, "n", ["b", "c"], [counts, positive, [0, 2, -8]])
add("mean(burst(v | b = a, c = b))", lambda r, l: r * exp(l), positive, [0, 2, -8])
add("variance(burst(v | b = a, c = b))", lambda r, l: r * exp(l) * (1 + exp(l)), positive, [0, 2, -8])


def binomial(x, n, p):
    if x > n:
        return -inf
    return lgamma(n + 1) - lgamma(x + 1) - lgamma(n - x + 1) + xlogy(x, p) + xlogy(n - x, 1 - p)


def binomial_logits(x, n, l):
    return lgamma(n + 1) - lgamma(x + 1) - lgamma(n - x + 1) - x * softplus(-l) - (n - x) * softplus(l) if x <= n else -inf


totals = [0, 1, 30, 1e4]
add("log wins(v = n | b, c)", binomial, [0, 1, 3, 30, 1e4], totals, [0, 1e-6, 0.25, 0.5, 1])
given_slopes("grad((t) => log wins(v = n | b = b, c = t), at = c)", binomial,
             list(itertools.product([0, 1, 30], [30, 1e4], [1e-6, 0.25, 0.5])), 2)
add("log odds(v = n | b, c)", binomial_logits, [0, 1, 3, 30, 1e4], totals, [0, 2, -30, 100])
given_slopes("grad((t) => log odds(v = n | b = b, c = t), at = c)", binomial_logits,
             list(itertools.product([0, 1, 30], [30, 1e4], [0, 2, -30])), 2)
add("mean(wins(v | b = a, c = b))", lambda n, p: n * p, totals, [0, 0.25, 1])
add("variance(wins(v | b = a, c = b))", lambda n, p: n * p * (1 - p), totals, [0, 0.25, 1])
add("mean(odds(v | b = a, c = b))", lambda n, l: n * sigmoid(l), totals, [0, 2, -30])
add("variance(odds(v | b = a, c = b))", lambda n, l: n * sigmoid(l) * sigmoid(-l), totals, [0, 2, -30])


def level(x, m, s):
    k = mp.nint(x * 255)
    if fabs(x * 255 - k) > mpf(0.01):
        return -inf
    top = mpf(1) if k == 255 else sigmoid(((k + mpf(0.5)) / 255 - m) / s)
    # Far above the mean both are almost 1: their complements are subtracted.
    if k < 255 and k > 0:
        with mp.workdps(1000):
            low, high = [sigmoid(-((k + off) / 255 - m) / s) for off in (mpf(-0.5), mpf(0.5))]
            return log(low - high)
    return log(top) if k == 0 else log(sigmoid(-((k - mpf(0.5)) / 255 - m) / s))


levels = [0, 1 / 255, 128 / 255, 254 / 255, 1]
add("log pixel(v = u | b, c)", level, levels + [0.1234], [-0.5, 0.3, 1], [3e-3, 0.05, 1])
for field, i in (("b", 1), ("c", 2)):
    told = ", ".join(f"{n} = {'t' if n == field else n}" for n in ("b", "c"))
    given_slopes(f"grad((t) => log pixel(v = u | {told}), at = {field})", level,
                 list(itertools.product(levels, [-0.5, 0.3, 1], [3e-3, 0.05, 1])), i)

# ---- vectors ----


def dirichlet(x, a):
    value = lgamma(sum(a)) - sum(lgamma(v) for v in a)
    ends = [v for p, v in zip(x, a) if p == 0 and v != 1]
    if ends:
        return -inf if ends[0] > 1 else inf
    return value + sum((v - 1) * log(p) for p, v in zip(x, a) if p > 0)


def dirichlet_entropy(*a):
    n = sum(a)
    return sum(lgamma(v) - (v - 1) * mp.digamma(v) for v in a) - lgamma(n) + (n - 3) * mp.digamma(n)


def dirichlet_kl(a, b):
    return lgamma(sum(a)) - lgamma(sum(b)) + sum(
        lgamma(q) - lgamma(p) + (p - q) * (mp.digamma(p) - mp.digamma(sum(a))) for p, q in zip(a, b))


shapes = [(1, 1, 1), (0.5, 2, 8), (1e-3, 1, 1), (1e4, 2e4, 1e4)]
for point in ((0.25, 0.25, 0.5), (1, 0, 0), (0, 0.5, 0.5), (0.5, 0.5, 0.5)):
    text = "concat(" + ", ".join(str(float(p)) for p in point) + ")"
    inside = sum(point) == 1
    # An end where one shape says 0 and another infinity is neither.
    some = [s for s in shapes if len({v > 1 for p, v in zip(point, s) if p == 0 and v != 1}) < 2]
    given(f"log mix(v = {text} | a, b, c)", lambda *a, p=point: dirichlet(p, a) if inside else -inf, some)
    if min(point) > 0 and inside:
        given_slopes(f"grad((t) => log mix(v = {text} | a = t, b = b, c = c), at = a)",
                     lambda *a, p=point: dirichlet(p, a), shapes, 0)
given("entropy(mix(v | a, b, c))", dirichlet_entropy, shapes)
given("mean(mix(v | a, b, c))[0]", lambda *a: a[0] / sum(a), shapes)
given("variance(mix(v | a, b, c))[1]", lambda *a: a[1] * (sum(a) - a[1]) / sum(a) ** 2 / (sum(a) + 1), shapes)
given("KL(mix(v | a, b, c) || even3(v | d))", lambda *a: dirichlet_kl(a[:3], [a[3]] * 3),
      [s + (d,) for s in shapes for d in (0.5, 1, 1e4)])


def concrete(x, t, l):
    return lgamma(3) + 2 * log(t) + sum(v - (t + 1) * log(p) for p, v in zip(x, l)) \
        - 3 * lse([v - t * log(p) for p, v in zip(x, l)])


near = [(0, 0, 0), (1, 0, -1), (5, -30, 2)]
temperatures = [(s + (t,)) for s in near for t in (0.1, 0.67, 5)]
given("log near3(v = concat(0.25, 0.25, 0.5) | a, b, c, d)",
      lambda a, b, c, t: concrete((mpf(0.25), mpf(0.25), mpf(0.5)), t, (a, b, c)), temperatures)
for field, i in (("a", 0), ("d", 3)):
    told = ", ".join(f"{n} = {'t' if n == field else n}" for n in "abcd")
    given_slopes(f"grad((t) => log near3(v = concat(0.25, 0.25, 0.5) | {told}), at = {field})",
                 lambda a, b, c, t: concrete((mpf(0.25), mpf(0.25), mpf(0.5)), t, (a, b, c)), temperatures, i)
for form, parts, chances in (("hot3", triples[::3], shares), ("share3", simplex, list)):
    for i in range(3):
        text = ", ".join("1" if j == i else "0" for j in range(3))
        given(f"log {form}(v = concat({text}) | a, b, c)",
              lambda *p, i=i: log(chances(p)[i]) if chances(p)[i] else -inf, parts)
    given(f"log {form}(v = concat(1, 1, 0) | a, b, c)", lambda *p: -inf, parts[:1])
    given(f"entropy({form}(v | a, b, c))", lambda *p: -sum(xlogy(v, v) for v in chances(p)), parts)
    given(f"mean({form}(v | a, b, c))[1]", lambda *p: chances(p)[1], parts)
    given(f"KL({form}(v | a, b, c) || hot1(v | d = a))",
          lambda *p: sum(ratio(v, mpf(1) / 3) for v in chances(p)), parts)


def multinomial(x, p):
    if sum(x) != 9:
        return -inf
    return lgamma(10) - sum(lgamma(mpf(k) + 1) for k in x) + sum(xlogy(mpf(k), v) for k, v in zip(x, p))


for point in ((2, 3, 4), (0, 0, 9), (9, 0, 0), (1, 1, 1)):
    text = f"concat({point[0]}, {point[1]}, {point[2]})"
    given(f"log votes(v = {text} | a, b, c)", lambda *l, k=point: multinomial(k, shares(l)), near + [(100, 0, -100)])
    given(f"log polls(v = {text} | a, b, c)", lambda *p, k=point: multinomial(k, p), simplex[:4])
given("mean(votes(v | a, b, c))[0]", lambda *l: 9 * shares(l)[0], near)
given("variance(polls(v | a, b, c))[1]", lambda *p: 9 * p[1] * (1 - p[1]), simplex[:4])


def pair_normal(x, y, m, n, covariance):
    (p, q), (_, r) = covariance
    det = p * r - q * q
    u, v = x - m, y - n
    return -(r * u * u - 2 * q * u * v + p * v * v) / det / 2 - log(det) / 2 - log(2 * pi)


def by_factor(m, n, s, d):
    return pair_normal(mpf(f32(0.3)), mpf(2), m, n, ((s * s, s * d), (s * d, s * s + d * d)))


def by_covariance(m, n, s, d):
    return pair_normal(mpf(f32(0.3)), mpf(2), m, n, ((s, d), (d, s)))


spots = [(0, 1, 1, 0), (0.5, -2, 0.1, 0.05), (3, 0, 30, -20), (0, 0, 1e3, 900)]
for form, function, log_det in (("cloud", by_factor, lambda s, d: 4 * log(s)), ("mist", by_covariance, lambda s, d: log(s * s - d * d))):
    given(f"log {form}(v = concat(0.3, 2.0) | a, b, c, d)", function, spots)
    for i, field in enumerate("abcd"):
        told = ", ".join(f"{n} = {'t' if n == field else n}" for n in "abcd")
        given_slopes(f"grad((t) => log {form}(v = concat(0.3, 2.0) | {told}), at = {field})", function, spots, i)
    given(f"entropy({form}(v | a, b, c, d))", lambda m, n, s, d: log(2 * pi) + 1 + log_det(s, d) / 2, spots)
given("variance(cloud(v | a, b, c, d))[1]", lambda m, n, s, d: s * s + d * d, spots)
given("variance(mist(v | a, b, c, d))[1]", lambda m, n, s, d: s, spots)


def normal_kl(m, n, covariance):
    (p, q), (_, r) = covariance
    # That of `haze`: the factor (2, 0; -1, 0.5).
    e, f, g = mpf(4), mpf(-2), mpf(1.25)
    det = e * g - f * f
    u, v = m - m, n - 1
    trace = (g * p - 2 * f * q + e * r) / det
    return (trace + (g * u * u - 2 * f * u * v + e * v * v) / det - 2 + log(det) - log(p * r - q * q)) / 2


given("KL(cloud(v | a, b, c, d) || haze(v | a))", lambda m, n, s, d: normal_kl(m, n, ((s * s, s * d), (s * d, s * s + d * d))), spots)
given("KL(mist(v | a, b, c, d) || haze(v | a))", lambda m, n, s, d: normal_kl(m, n, ((s, d), (d, s))), spots)


def low_rank(m, n, c, d):
    covariance = mp.matrix([[c * c + d, c * d, c], [c * d, d * d + 1, d], [c, d, 1 + d]])
    x = mp.matrix([mpf(f32(0.3)) - m, 2 - n, mpf(-1)])
    return -(x.T * covariance**-1 * x)[0] / 2 - log(mp.det(covariance)) / 2 - 3 * log(2 * pi) / 2


planes = [(0, 1, 1, 1), (0.5, -2, 0.1, 0.05), (3, 0, 30, 20), (0, 0, -3, 1e-3)]
given("log plane(v = concat(0.3, 2.0, -1.0) | a, b, c, d)", low_rank, planes)
for i, field in enumerate("abcd"):
    told = ", ".join(f"{n} = {'t' if n == field else n}" for n in "abcd")
    given_slopes(f"grad((t) => log plane(v = concat(0.3, 2.0, -1.0) | {told}), at = {field})", low_rank, planes, i)
given("entropy(plane(v | a, b, c, d))", lambda m, n, c, d: (3 * log(2 * pi) + 3 + log(
    mp.det(mp.matrix([[c * c + d, c * d, c], [c * d, d * d + 1, d], [c, d, 1 + d]])))) / 2, planes)


def sphere(n, k, cosine):
    nu = mpf(n) / 2 - 1
    return k * cosine + nu * log(k) - n * log(2 * pi) / 2 - log(mp.besseli(nu, k))


def length(n, k):
    return mp.besseli(mpf(n) / 2, k) / mp.besseli(mpf(n) / 2 - 1, k)


peaks = [1e-3, 0.5, 3, 12, 23, 30, 300, 1e4]
for form, n, text in (("north", 3, "concat(0.0, 1.0, 0.0)"), ("ring", 2, "concat(1.0, 0.0)")):
    add(f"log {form}(v = {text} | b = a)", lambda k, n=n: sphere(n, k, 0), peaks)
    add(f"grad((t) => log {form}(v = {text} | b = t), at = a)", lambda k, n=n: -length(n, k), peaks)
    add(f"entropy({form}(v | b = a))", lambda k, n=n: -sphere(n, k, length(n, k)), peaks)
    add(f"mean({form}(v | b = a))[{n - 1}]", lambda k, n=n: length(n, k), peaks)
add("log north(v = concat(0.0, 1.0, 1.0) | b = a)", lambda k: -inf, peaks[:2])
add("KL(north(v | b = a) || south(v | c = b))",
    lambda q, p: sphere(3, q, 0) - sphere(3, p, 0) + length(3, q) * (q - p / sqrt(mpf(2))), peaks, [3, 30])

# ---- made of others ----


def cut(x, m, s):
    return normal(x, m, s) - log(mp.ncdf((2 - m) / s) - mp.ncdf((-1 - m) / s)) if -1 <= x <= 2 else -inf


def blend(x, l, c):
    return lse([normal(x, -1, c) - softplus(-l), -fabs(x - c) * 2 - softplus(l)])


sloped("cut", cut, "a", ["b", "c"], [[-1, 0, 1.5], [-2, 0, 1], [0.5, 1, 30]], where=lambda x, m, s: x > -1)
add("log cut(v = a | b, c)", cut, [-1.5, 2, 2.5], [0], [1])
sloped("blend", blend, "a", ["b", "c"], [[-3, 0, 40], [-30, 0, 2], [0.25, 1, 8]])
add("mean(blend(v | b = a, c = b))", lambda l, c: sigmoid(-l) * c - sigmoid(l), [-30, 0, 2], [0.25, 8])
add("variance(blend(v | b = a, c = b))",
    lambda l, c: sigmoid(l) * (c * c + 1) + sigmoid(-l) * (mpf(0.5) + c * c) - (sigmoid(-l) * c - sigmoid(l)) ** 2,
    [-30, 0, 2], [0.25, 8])
add("normal_icdf(a)", lambda u: -sqrt(mpf(2)) * mp.erfinv(1 - 2 * u), [1e-30, 1e-4, 0.02, 0.3, 0.5, 0.9])

# ---- derivatives: branches that are not taken, roots at 0 ----

points = [0, -1, 3, 100, -100, 1e30]
branch = [
    ("if t > 2 then log(t) else 2 * t", lambda x: 1 / x if x > 2 else mpf(2), lambda x: -1 / x ** 2 if x > 2 else mpf(0)),
    ("where(t > 0, sqrt(t), 0 * t)", lambda x: 1 / (2 * sqrt(x)) if x > 0 else mpf(0), lambda x: -x ** (mpf(-3) / 2) / 4 if x > 0 else mpf(0)),
    ("if t > 0 then 1 / t else t", lambda x: -1 / x ** 2 if x > 0 else mpf(1), lambda x: 2 / x ** 3 if x > 0 else mpf(0)),
    ("where(t > 0, t, exp(-t) - 1 + exp(t) * 0)", lambda x: mpf(1) if x > 0 else -exp(-x), lambda x: mpf(0) if x > 0 else exp(-x)),
    ("where(t > 1, if t > 2 then sin(log(t - 2)) / sqrt(t - 2) else 3, t^2)", None, None),
    ("where(t > 0, tanh(log(t)) * log1p(t), 0)", None, None),
    ("where(t > 0, t^0.5 + lgamma(t + 1) / t, 5 * t)", None, None),
    ("max(where(t > 0, log(t), t), -2 + 0 * t)", None, None),
    ("relu(where(t > 0, exp(-1 / t), -1))", None, None),
]


def nested(x):
    if x > 1:
        return mp.sin(log(x - 2)) / sqrt(x - 2) if x > 2 else mpf(3)
    return x ** 2


functions = [None] * 4 + [
    nested,
    lambda x: tanh(log(x)) * log1p(x) if x > 0 else mpf(0),
    lambda x: sqrt(x) + mp.loggamma(x + 1) / x if x > 0 else 5 * x,
    lambda x: max(log(x) if x > 0 else x, mpf(-2)),
    lambda x: exp(-1 / x) if x > 0 else mpf(0),
]
for (text, first, second), f in zip(branch, functions):
    at = [p for p in points if abs(p) < 1e9]
    if f is not None:
        # A difference would cross from one branch into another at 0; only exact formulas stand there.
        at = [p for p in at if p != 0]
        first, second = (lambda x, f=f: slope(f, x)), (lambda x, f=f: diff(f, x, 2))
    if "exp(-t)" in text:
        at = [p for p in at if abs(p) < 50]
    add(f"grad((t) => {text}, at = a)", first, at)
    add(f"grad((u) => grad((t) => {text}, at = u), at = a)", second, at)
add("grad((t) => norm(concat(t, b)), at = a)", lambda a, b: mpf(0) if a == 0 else a / sqrt(a * a + b * b), [0, 3], [0, 4])
add("grad((t) => sqrt(t^2 + b^2), at = a)", lambda a, b: mpf(0) if a == 0 else a / sqrt(a * a + b * b), [0, 3], [0, 4])
add("grad((t) => (t^2 + abs(b))^0.5, at = a)", lambda a, b: mpf(0) if a == 0 else a / sqrt(a * a + fabs(b)), [0, 3], [0, 4])
add("grad((t) => sqrt(mean((concat(t, b) - mean(concat(t, b)))^2)), at = a)",
    lambda a, b: mpf(0) if a == b else sign(a - b) / 2, [0, 3], [0, 3])
add("grad((t) => sqrt(t), at = a)", lambda a: inf if a == 0 else 1 / (2 * sqrt(a)), [0, 4])
add("grad((t) => t^0, at = a)", lambda a: mpf(0), [0, 2])
add("grad((t) => abs(b)^t, at = a)", lambda a, b: mpf(0) if b == 0 else log(b) * b ** a, [0.5, 2], [0, 2])
add("jvp((t) => where(t > 0, log(t), t), at = a, with = b)", lambda a, b: b / a if a > 0 else b, [0, -1, 4], [1, -2])
add("jacobian((t) => where(t > 0, log(t), 2 * t), at = concat(a, b))[0, 0]", lambda a, b: 1 / a if a > 0 else mpf(2), [0, -1, 4], [0, 2])
add("jacobian((t) => where(t > 0, log(t), 2 * t), at = concat(a, b))[0, 1]", lambda a, b: mpf(0), [0, -1, 4], [0, 2])
add("grad((t) => sum(log(concat(t, b))[0:1]), at = a)", lambda a, b: 1 / a, [0.5, 2], [0])
add("grad((t) => log(concat(b, t))[1], at = a)", lambda a, b: 1 / a, [0.5, 2], [0])
add("grad((t) => bernoulli_kl(sigmoid(t), b), at = a)",
    lambda a, b: sigmoid(a) * sigmoid(-a) * (a - log(b) + log(1 - b)), [0, 2, -2], [0.25, 0.5])
add("hessian((t) => where(b > 0, sum(log(t)), sum(t^3)), at = concat(a, c))[0, 0]",
    lambda a, b, c: -1 / a ** 2 if b > 0 else 6 * a, [0.5, 2], [1, -1], [3])


def word(x):
    x = mpf(x)
    if isnan(x):
        return "nan"
    return "inf" if x == inf else "-inf" if x == -inf else mp.nstr(x, 17)


print("# Made by tools/edges.py. Expression, a, b, c, d, k, what is right.")
for expression, values, label, value in rows:
    padded = [repr(v) for v in values] + ["0.0"] * (4 - len(values))
    print("\t".join([expression, *padded, str(label), word(value)]))
print(f"{len(rows)} rows", file=sys.stderr)
