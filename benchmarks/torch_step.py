"""The joint VaDE training step in PyTorch, 784-500-500-2000-10, K = 10, on drawn values in [0, 1], or a large product.

Usage: torch_step.py KIND BATCH STEPS THREADS. For every line that comes in, as vade_step does, STEPS steps: prints the
milliseconds of each, then an empty line. The kinds are

    eager      PyTorch with its defaults
    fused      with fused Adam
    bfloat16   with fused Adam and autocast
    compiled   with fused Adam and torch.compile
    clustpy    the VaDE of the package clustpy

and float32-rate and bfloat16-rate, which print the GFLOPS of products instead.
"""

import contextlib
import functools
import os
import sys
import time

import torch
from torch import nn

WIDTHS = [784, 500, 500, 2000, 10]
ADAM = {"lr": 5e-4, "eps": 1e-4}
LARGE = (512, 1024, 2048)  # rows and columns of the products whose rate is measured
SECONDS = 0.1  # of a round for each of them; larger ones are left out where one product takes twice as long


def layers(widths):
    """Linear layers with ReLU between them."""
    parts = []
    for a, b in zip(widths, widths[1:]):
        parts += [nn.Linear(a, b), nn.ReLU()]
    return nn.Sequential(*parts[:-1])


def log_normal(z, mean, log_variance):
    return -0.5 * (1.8378770664093453 + log_variance + (z - mean) ** 2 / log_variance.exp()).sum(-1)


class Vade(nn.Module):
    """The same network and bound as cleave's; under autocast too the bound is in float32."""

    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = nn.Sequential(layers(WIDTHS[:-1]), nn.ReLU()), layers(WIDTHS[::-1])
        self.mean, self.log_variance = nn.Linear(*WIDTHS[-2:]), nn.Linear(*WIDTHS[-2:])
        self.logits = nn.Parameter(torch.zeros(10))
        self.centres, self.spreads = nn.Parameter(torch.randn(10, 10)), nn.Parameter(torch.zeros(10, 10))

    def forward(self, x):
        features = self.encoder(x)
        m, v = self.mean(features).float(), self.log_variance(features).float()
        z = m + (0.5 * v).exp() * torch.randn_like(m)
        logits = self.decoder(z).float()
        reconstruction = nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(-1)
        prior = torch.logsumexp(torch.log_softmax(self.logits, 0) + log_normal(z[:, None], self.centres, self.spreads), -1)
        return (reconstruction + log_normal(z, m, v) - prior).mean()


def compiled(model, x):
    """The model compiled; ends with one line that says why where that cannot be."""
    try:
        model = torch.compile(model)
        model(x).backward()
    except Exception as error:
        sys.exit("torch.compile does not work here: " + str(error).strip().split("\n")[0])
    return model


def answer(numbers=()):
    """Prints the numbers of a round and waits for the next line; ends the program where there is none."""
    if numbers:
        print(*numbers, "", sep="\n", file=sys.__stdout__, flush=True)
    if not sys.stdin.readline():
        os._exit(0)  # also from within somebody else's training


def own_steps(kind, x, steps):
    """Rounds of the module above."""
    model = Vade()
    optimizer = torch.optim.Adam(model.parameters(), **ADAM, fused=None if kind == "eager" else True)
    bound = compiled(model, x) if kind == "compiled" else model
    answer()
    while True:
        milliseconds = []
        for _ in range(steps):
            begin = time.perf_counter()
            with torch.autocast("cpu", torch.bfloat16, enabled=kind == "bfloat16"):
                loss = bound(x)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loss.item()
            milliseconds.append(1000 * (time.perf_counter() - begin))
        answer(milliseconds)


class Repeated(torch.utils.data.Dataset):
    """One batch, as often as can be, handed over whole: the other kinds do not count the fetching of rows either."""

    def __init__(self, x, count=10**6):
        self.x, self.count = x, count

    def __len__(self):
        return len(self.x) * self.count

    def __getitems__(self, indices):
        return [torch.tensor(indices), self.x]


def clustpy_steps(x, steps):
    """Rounds from step to step of its optimiser, in one epoch of its joint phase; with ReLU, as the other kinds."""
    from clustpy.deep import VaDE
    from clustpy.deep.neural_networks import VariationalAutoencoder
    from torch.optim.optimizer import register_optimizer_step_post_hook

    ends = []

    def step_has_ended(*_):
        ends.append(time.perf_counter())
        if len(ends) > steps:
            answer([1000 * (end - begin) for begin, end in zip(ends, ends[1:])])
            ends[:] = [time.perf_counter()]

    register_optimizer_step_post_hook(step_has_ended)
    loaders = [torch.utils.data.DataLoader(data, len(x), collate_fn=list) for data in (Repeated(x), Repeated(x, 1))]
    method = VaDE(10, batch_size=len(x), pretrain_epochs=0, clustering_epochs=1, clustering_optimizer_params=ADAM,
                  neural_network=(VariationalAutoencoder, {"layers": WIDTHS, "activation_fn": nn.ReLU}),
                  custom_dataloaders=tuple(loaders), device=torch.device("cpu"), random_state=0)
    answer()
    with contextlib.redirect_stdout(sys.stderr):
        method.fit(x.numpy())


def rates(dtype):
    """Rounds of products of large square matrices, the second as it is and, as in a layer, transposed."""
    factors = [torch.rand(3, size, size).to(dtype) for size in LARGE]
    answer()
    while True:
        gflops = []
        for a, b, product in factors:
            slowest = 0
            for factor in (b, b.t()):
                until = time.perf_counter() + SECONDS
                while (begin := time.perf_counter()) < until:
                    torch.mm(a, factor, out=product)
                    seconds = time.perf_counter() - begin
                    slowest = max(slowest, seconds)
                    gflops.append(2e-9 * len(a) ** 3 / seconds)
            if slowest > 2 * SECONDS:
                break
        answer(gflops)


def main():
    kind, batch, steps, threads = sys.argv[1], *map(int, sys.argv[2:])
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    if kind.endswith("-rate"):
        rates(getattr(torch, kind.removesuffix("-rate")))
    x = torch.rand(batch, WIDTHS[0])
    (clustpy_steps if kind == "clustpy" else functools.partial(own_steps, kind))(x, steps)


if __name__ == "__main__":
    main()
