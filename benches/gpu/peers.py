#!/usr/bin/env python3
"""The PyTorch side of benches/gpu.sh.

In: the name of a workload of benches/workloads, or `tiny`, with commands that take turns with PyTorch;
or sizes of products. Out: one JSON line. What cannot be measured is absent from it, and `missing` says
why; without PyTorch only the commands run. It writes no files.

    peers.py turns vae --tf32 --with "rlc=target/release/rlc bench benches/workloads/vae.rl --device gpu"
    peers.py turns tiny --weights 1024 --modes eager,graphs
    peers.py limits --sizes 256,1024,4096

`turns` gives steps a second: {"rates": {NAME: {"median", "least", "most", "loss_20"}}}. A mode with
TF32 has `_tf32` after its name. `limits` gives GFLOP/s of torch.mm and GB/s of a copy. `--cpu` is for
trying this file out where there is no CUDA.
"""

import argparse
import json
import math
import shlex
import statistics
import subprocess
import time

try:
    import torch
    import torch.nn.functional as F
    absent = None
except (ImportError, OSError) as error:
    torch, absent = None, f"PyTorch: {error}"

MODES = ["eager", "compiled", "graphs"]
WARM_UP = 20  # steps before the clock starts, as in `rlc bench`
BATCH, ROWS, WIDTH = 128, 8192, 784


# The workloads: the sizes of their dense layers in order, and the loss of a batch.

def chain(*sizes):
    return list(zip(sizes, sizes[1:]))


def dense(weights, x):
    """Dense layers with relu between them. `weights` has a matrix and a bias for each."""
    for at in range(0, len(weights), 2):
        x = F.linear(F.relu(x) if at else x, weights[at], weights[at + 1])
    return x


def cross_entropy(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x, reduction="sum") / BATCH


def mlp_ae(weights, x):
    return cross_entropy(dense(weights, x), x)


def vae(weights, x):
    h = F.relu(dense(weights[:2], x))
    mean, log_var = dense(weights[2:4], h), dense(weights[4:6], h)
    z = mean + torch.exp(log_var / 2) * torch.randn_like(mean)
    rate = (mean * mean + log_var.exp() - log_var - 1).sum() / (2 * BATCH)
    return cross_entropy(dense(weights[6:], z), x) + rate


def tiny(weights, x):
    return ((weights[0] - x) ** 2).sum()


WORKLOADS = {
    "mlp_ae": (chain(784, 512, 256, 32, 256, 512, 784), mlp_ae),
    "vae": (chain(784, 400) + [(400, 20), (400, 20)] + chain(20, 400, 784), vae),
}


class Peer:
    """A workload in one mode, with weights, optimizer and data of its own."""

    def __init__(self, name, mode, tf32, device, weights):
        self.tf32, self.rates, self.at = tf32, [], 0
        self.cuda = device == "cuda"
        torch.manual_seed(0)
        if name == "tiny":
            loss, self.weights = tiny, [torch.zeros(weights, device=device)]
            self.batches = torch.rand(64, 1, device=device).split(1)
            sgd = torch.optim.SGD
            optimizer = sgd([w.requires_grad_() for w in self.weights], lr=1e-3)
        else:
            layers, loss = WORKLOADS[name]
            self.weights = [w.to(device) for pair in layers for w in initial(*pair)]
            self.batches = torch.rand(ROWS, WIDTH, device=device).split(BATCH)
            optimizer = torch.optim.Adam(
                [w.requires_grad_() for w in self.weights],
                lr=1e-3, fused=self.cuda, capturable=mode == "graphs")
        self.optimizer = optimizer
        self.loss = torch.compile(loss, dynamic=False) if mode == "compiled" else loss
        self.precision()
        self.step = self.captured() if mode == "graphs" else self.train
        self.run(WARM_UP - 1)
        self.loss_20 = float(self.step(self.batches[self.at]))
        self.rate = WARM_UP / self.run(WARM_UP)

    def precision(self):
        torch.set_float32_matmul_precision("high" if self.tf32 else "highest")

    def train(self, x):
        self.optimizer.zero_grad(set_to_none=True)
        value = self.loss(self.weights, x)
        value.backward()
        self.optimizer.step()
        return value.detach()

    def captured(self):
        """The whole step as a CUDA graph, which reads its batch where it was captured. The steps
        that a capture needs beforehand train the weights too."""
        x = self.batches[0].clone()
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(3):
                self.train(x)
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            value = self.train(x)

        def replay(batch):
            x.copy_(batch)
            graph.replay()
            return value
        return replay

    def run(self, steps):
        """Seconds of so many steps."""
        wait(self.cuda)
        begun = time.perf_counter()
        for _ in range(steps):
            self.step(self.batches[self.at])
            self.at = (self.at + 1) % len(self.batches)
        wait(self.cuda)
        return time.perf_counter() - begun

    def turn(self, seconds):
        self.precision()
        steps = max(1, round(seconds * self.rate))
        self.rate = steps / self.run(steps)
        self.rates.append(self.rate)


class Command:
    """A program whose last line of stdout is JSON with `steps_per_s`."""

    def __init__(self, line, seconds):
        self.words = shlex.split(line) + ["--seconds", str(seconds)]
        self.rates, self.loss_20 = [], None

    def turn(self, _seconds):
        done = subprocess.run(self.words, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"status {done.returncode}: {done.stderr.strip()}")
        last = json.loads(done.stdout.strip().splitlines()[-1])
        self.loss_20 = last.get("loss_20")
        self.rates.append(last["steps_per_s"])


def initial(inputs, outputs):
    """A matrix and a bias as `Linear` has them at first."""
    bound = math.sqrt(6 / (inputs + outputs))
    return [torch.empty(outputs, inputs).uniform_(-bound, bound), torch.zeros(outputs)]


def wait(cuda):
    if cuda:
        torch.cuda.synchronize()


def reason(error):
    return f"{type(error).__name__}: {error}"[:400]


def turns(args, device, missing):
    """Builds all peers, then lets each have its turn, as often as asked."""
    peers = {}
    for line in args.commands:
        name, command = line.split("=", 1)
        peers[name] = Command(command, args.seconds)
    modes = [(mode, False) for mode in args.modes.split(",")]
    modes += [(mode, True) for mode, _ in modes if args.tf32]
    for mode, tf32 in modes if device else []:
        name = mode + "_tf32" * tf32
        if device == "cpu" and (tf32 or mode == "graphs"):
            missing[name] = "needs CUDA"
            continue
        try:
            peers[name] = Peer(args.workload, mode, tf32, device, args.weights)
        except Exception as error:  # a mode that does not work here leaves the others alone
            missing[name] = reason(error)
    for _ in range(args.repeats):
        for name, peer in list(peers.items()):
            try:
                peer.turn(args.seconds)
            except Exception as error:
                missing[name] = reason(error)
                del peers[name]
    rates = {}
    for name, peer in peers.items():
        rates[name] = {
            "median": statistics.median(peer.rates), "least": min(peer.rates),
            "most": max(peer.rates), "loss_20": peer.loss_20,
        }
    return {"workload": args.workload, "rates": rates}


def calls_per_second(call, cuda, seconds):
    """Calls a second, the median of 5 turns. With CUDA, 20 calls are one graph, so that what the
    host does for a call does not count."""
    count, go = 1, call
    for _ in range(3):
        call()
    wait(cuda)
    if cuda:
        count, graph = 20, torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            for _ in range(count):
                call()
        go = graph.replay
    rates, times = [], 1
    while len(rates) < 5:
        begun = time.perf_counter()
        for _ in range(times):
            go()
        wait(cuda)
        took = time.perf_counter() - begun
        if took < seconds / 2:
            times *= 2
        else:
            rates.append(times * count / took)
    return statistics.median(rates)


def limits(args, device, missing):
    """What the device reaches in products and in copies."""
    result = {"torch_mm": {}, "torch_mm_tf32": {}}
    if not device:
        return result
    cuda = device == "cuda"
    for n in map(int, args.sizes.split(",")):
        a, b = torch.randn(n, n, device=device), torch.randn(n, n, device=device)
        c = torch.empty_like(a)
        for name, precision in (("torch_mm", "highest"), ("torch_mm_tf32", "high")):
            if not cuda and precision == "high":
                continue
            torch.set_float32_matmul_precision(precision)
            rate = calls_per_second(lambda: torch.mm(a, b, out=c), cuda, args.seconds)
            result[name][str(n)] = 2 * n ** 3 * rate / 1e9
    source = torch.rand(1 << 26, device=device)  # 256 MiB
    target = torch.empty_like(source)
    rate = calls_per_second(lambda: target.copy_(source), cuda, args.seconds)
    result["copy_gb_per_s"] = 2 * 4 * source.numel() * rate / 1e9
    return result


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    sub = parser.add_subparsers(required=True)
    command = sub.add_parser("turns")
    command.set_defaults(act=turns)
    command.add_argument("workload")
    command.add_argument("--modes", default=",".join(MODES))
    command.add_argument("--tf32", action="store_true", help="each mode also with TF32")
    command.add_argument("--weights", type=int, default=1, help="of the workload `tiny`")
    command.add_argument("--repeats", type=int, default=5)
    command.add_argument("--with", dest="commands", action="append", default=[], metavar="NAME=COMMAND")
    command.add_argument("--seconds", type=float, default=2.0)
    command.add_argument("--cpu", action="store_true")
    command = sub.add_parser("limits")
    command.set_defaults(act=limits)
    command.add_argument("--sizes", default="256,1024,4096")
    command.add_argument("--seconds", type=float, default=0.2)
    command.add_argument("--cpu", action="store_true")
    return parser.parse_args()


def main():
    args = arguments()
    missing, device, about = {}, None, {}
    if absent:
        missing["torch"] = absent
    elif args.cpu:
        device, about["device"] = "cpu", "cpu"
    elif torch.cuda.is_available():
        device, about["device"] = "cuda", torch.cuda.get_device_name()
    else:
        missing["torch"] = "CUDA: PyTorch finds no CUDA device"
    if torch:
        about.update(torch=torch.__version__, cuda=torch.version.cuda)
    print(json.dumps({**about, **args.act(args, device, missing), "missing": missing}))


if __name__ == "__main__":
    main()
