#!/usr/bin/env python3
"""Compares what rlc reads with what NumPy reads, value by value.

    tools/check_containers.py [PROGRAM]        default: target/debug/rlc

Random arrays of every element type, byte order and layout go through npy, npz and csv into a field of
each type; `rlc encode` writes the field back, and NumPy computes what it has to be: themselves as
f32, or scaled from the range of the array. Exit 1 at the first difference. Needs NumPy.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

PROGRAM = Path(sys.argv[1] if len(sys.argv) > 1 else "target/debug/rlc").resolve()
ROWS, WIDTH = 7, 3
MODEL = """
data d from SOURCE { x: f32[3]RANGE }
param w: f32 = 1.0
bottleneck g(x: f32[3]) -> f32[3] = x * w
train t on d.train batch 7 steps 1 { minimize sum(g(x)) over g with sgd(lr = 0.0) }
"""
TYPES = ["b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"]


def values(kind, rng):
    if kind == "b1":
        return rng.integers(0, 2, (ROWS, WIDTH)).astype(bool)
    if kind[0] == "f":
        return rng.normal(0, 100, (ROWS, WIDTH)).astype(kind)
    info = np.iinfo(kind)
    return rng.integers(max(info.min, -(2**53)), min(info.max, 2**53), (ROWS, WIDTH), dtype=kind)


def read(folder, source, span):
    text = MODEL.replace("SOURCE", source).replace("RANGE", span)
    (folder / "m.rl").write_text(text)
    for command in (["run", "m.rl", "--quiet", "--out", "r"],
                    ["encode", "m.rl", "--weights", "r", "--split", "train", "--output", "o.npz"]):
        done = subprocess.run([PROGRAM, *command], cwd=folder, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{source}: {done.stderr}")
    subprocess.run(["rm", "-rf", folder / "r"], check=True)
    return np.load(folder / "o.npz")["g"]


def wanted(array, span):
    x = array.astype(np.float64)
    if span:
        low, high = (float(end) for end in span.removeprefix(" in ").split(".."))
        if x.min() < low or x.max() > high:
            x = low + (high - low) * ((x - x.min()) / (x.max() - x.min()))
    return x.astype(np.float32)


def main():
    rng = np.random.default_rng(0)
    compared = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind in TYPES:
            array = values(kind, rng)
            files = {}
            for order in "<>":
                for layout in (np.ascontiguousarray, np.asfortranarray):
                    file = f"{kind}-{'big' if order == '>' else 'little'}-{layout.__name__[2]}.npy"
                    np.save(folder / file, layout(array.astype(order + kind)))
                    files[file] = f'npy("{file}", split = 1.0)'
            np.savez(folder / "a.npz", x=array)
            np.savez_compressed(folder / "b.npz", x=array)
            files |= {f: f'npz("{f}", split = 1.0)' for f in ("a.npz", "b.npz")}
            text = "%d" if kind[0] in "iub" else "%.17g"
            np.savetxt(folder / "a.csv", array, delimiter=",", fmt=text)
            np.savetxt(folder / "b.csv", array, delimiter=";", fmt=text, header="a;b;c", comments="")
            files |= {f: f'csv("{f}", split = 1.0)' for f in ("a.csv", "b.csv")}
            for file, source in files.items():
                for span in ("", " in 0..1", " in -1..1", " in -1000..1000"):
                    found, right = read(folder, source, span), wanted(array, span)
                    if not np.array_equal(found, right):
                        sys.exit(f"{file}{span}: {found} is not {right}")
                    compared += 1
    print(f"{compared} fields are those of NumPy, bit for bit")


main()
