"""Holds what `rlc export` has written against each other and against `rlc encode`.

    check.py ONNX TORCH.py ENCODED.npz

ONNX is checked by its own checker and run for several numbers of rows; the module must give the same.
Inputs are those of the npz file where it has them, else random. Prints the largest difference, relative
to the scale of each output.
"""

import importlib.util
import os
import sys

import numpy as np
import onnx
import onnxruntime

TOLERANCE = 1e-5


def difference(found, wanted):
    found, wanted = np.asarray(found, np.float64), np.asarray(wanted, np.float64)
    assert found.shape == wanted.shape, (found.shape, wanted.shape)
    if found.size == 0:
        return 0.0
    assert np.array_equal(np.isfinite(found), np.isfinite(wanted)), "not finite"
    fine = np.isfinite(wanted)
    scale = max(np.abs(wanted[fine]).max(initial=0.0), 1e-6)
    return np.abs(found[fine] - wanted[fine]).max(initial=0.0) / scale


def made(kind, note, dims, rows, dice):
    shape = [rows if isinstance(d, str) else d for d in dims]
    if "int" in kind:
        top = int(note.split(" to ")[1].split(";")[0]) if " to " in note else 1
        return dice.integers(0, top + 1, shape).astype(np.int32)
    if note.startswith("0 or 1"):
        return dice.integers(0, 2, shape).astype(np.float32)
    if note.startswith("noise uniform"):
        return dice.random(shape).astype(np.float32)
    if note.startswith("reals from"):
        low, high = note.removeprefix("reals from ").split(";")[0].split(" to ")
        return dice.uniform(float(low), float(high), shape).astype(np.float32)
    return dice.standard_normal(shape).astype(np.float32)


def main(onnx_path, torch_path, encoded_path):
    worst, compared = 0.0, 0
    session = model = module = None
    if os.path.exists(onnx_path):
        model = onnx.load(onnx_path)
        onnx.checker.check_model(model, full_check=True)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(onnx_path, options)
    if os.path.exists(torch_path):
        import torch

        spec = importlib.util.spec_from_file_location("part", torch_path)
        part = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(part)
        module = part.load(torch_path.removesuffix(".py") + ".safetensors")
    encoded = np.load(encoded_path) if os.path.exists(encoded_path) else {}
    notes = {i.name: i.doc_string for i in model.graph.input}
    dice = np.random.default_rng(0)
    for rows in (1, 5, None):
        given = {}
        for one in session.get_inputs():
            name = one.name.split(".")[-1]
            if name in encoded:
                given[one.name] = encoded[name][:rows].astype(np.float32 if "float" in one.type else np.int32)
            elif rows is None:
                break
            else:
                given[one.name] = made(one.type, notes[one.name], one.shape, rows, dice)
        if len(given) < len(session.get_inputs()):
            continue
        names = [one.name for one in session.get_outputs()]
        found = dict(zip(names, session.run(names, given)))
        if module is not None:
            with torch.no_grad():
                values = module(*[torch.from_numpy(x) for x in given.values()])
            for name in names:
                worst = max(worst, difference(values[name].numpy(), found[name]))
                compared += 1
        for name in names:
            if name in encoded and all(n.split(".")[-1] in encoded for n in given):
                worst = max(worst, difference(found[name], encoded[name][:rows]))
                compared += 1
    assert compared > 0, "nothing was compared"
    print(f"{worst:.2e} {compared}")
    assert worst < TOLERANCE, worst


main(*sys.argv[1:])
