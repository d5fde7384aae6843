"""What an epoch of LeNet costs: python benchmarks/lenet_speed.py.

Three things are measured in turns, each on 10,000 digits, in batches of 100, with two threads; medians count:

    ours        the LeNet of the lessons with the course's Adam: forward, backward, update
    PyTorch     the same network in eager mode on the CPU with torch.optim.Adam, when PyTorch is installed
    products    the matrix products of an epoch and nothing else: the least that any program would take that multiplies

Read the ratios, not the seconds: they hold on slow and on fast machines. Nothing else should run meanwhile.
"""

import contextlib
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import table
from table import NOT_INSTALLED, Measured, Row

import helpers
from workbench.networks.blas import one_thread
from workbench.networks.lenet import LeNet

BATCH = 100
# (m, k, n) of each product of a batch's half: convolutions and affine layers, forward, then both ways back.
HALF = BATCH // 2
PRODUCTS = [
    *[(20, 25, 784 * HALF), (20, 784 * HALF, 25)],
    *[(50, 500, 100 * HALF), (50, 100 * HALF, 500), (500, 50, 100 * HALF)],
    *[(HALF, 1250, 500), (1250, HALF, 500), (HALF, 500, 1250)],
    *[(HALF, 500, 10), (500, HALF, 10), (HALF, 10, 500)],
]


ROWS = (
    Row("LeNet, an epoch", "s", "PyTorch", "ratio at most 1.8"),
    Row("LeNet, an epoch", "s", "matrix products alone"),
)


def measure(quick=False):
    """Measure all ROWS in their order."""
    turns, digits = (1, 1000) if quick else (5, 10_000)
    rng = np.random.default_rng(0)
    images = rng.random((digits, 1, 28, 28), np.float32)
    labels = rng.integers(0, 10, digits)
    epochs = {"ours": our_epoch(images, labels), "products": products(digits)}
    with contextlib.suppress(ImportError):
        epochs["PyTorch"] = torch_epoch(images, labels)
    seconds = {name: [] for name in epochs}
    for turn in range(1 + turns):  # the first one warms up
        for name, epoch in epochs.items():
            start = time.perf_counter()
            epoch()
            if turn:
                seconds[name].append(time.perf_counter() - start)
    median = {name: statistics.median(values) for name, values in seconds.items()}
    return [Measured(median["ours"], median.get(name, NOT_INSTALLED)) for name in ("PyTorch", "products")]


def our_epoch(images, labels):
    network, optimizer = LeNet(seed=0), helpers.Adam()

    def epoch():
        for i in range(0, len(images), BATCH):
            _, grads = network.loss_and_gradients(images[i : i + BATCH], labels[i : i + BATCH])
            optimizer.update(network.params, grads)

    return epoch


def torch_epoch(images, labels):
    import torch

    torch.manual_seed(0)
    torch.set_num_threads(2)
    network = torch.nn.Sequential(
        torch.nn.Conv2d(1, 20, 5, padding="same"),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(20, 50, 5),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Flatten(),
        torch.nn.Linear(1250, 500),
        torch.nn.ReLU(),
        torch.nn.Linear(500, 10),
    )
    optimizer = torch.optim.Adam(network.parameters())
    images, labels = torch.tensor(images), torch.tensor(labels)

    def epoch():
        for i in range(0, len(images), BATCH):
            optimizer.zero_grad()
            logits = network(images[i : i + BATCH])
            torch.nn.functional.cross_entropy(logits, labels[i : i + BATCH]).backward()
            optimizer.step()

    return epoch


def products(digits):
    rng = np.random.default_rng(0)
    pairs = [(rng.random((m, k), np.float32), rng.random((k, n), np.float32)) for m, k, n in PRODUCTS]

    def half():
        for _ in range(digits // BATCH):
            for a, b in pairs:
                a @ b

    def epoch():
        with one_thread(), ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(half) for _ in range(2)]:
                done.result()

    return epoch


if __name__ == "__main__":
    table.alone(sys.modules[__name__])
