"""What an epoch of LeNet costs: `make bench`, or python benchmarks/lenet_speed.py.

Three things are measured in turns, each on all 10,000 digits, in batches of 100, with two threads:

    ours        lesson 13's LeNet with the course's Adam: forward, backward, update
    PyTorch     the same network in eager mode on the CPU with torch.optim.Adam, when PyTorch is installed
    products    the matrix products of an epoch and nothing else: the least that any program would take that multiplies

Read the ratios, not the seconds: they hold on slow and on fast machines. Nothing else should run meanwhile.
"""

import os
import platform
import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

import helpers
from workbench.blas import one_thread
from workbench.lenet import LeNet

try:
    import torch
except ImportError:
    torch = None

DIGITS, BATCH, TURNS = 10_000, 100, 5
# (m, k, n) of each product of a batch's half: convolutions and affine layers, forward, then both ways back.
HALF = BATCH // 2
PRODUCTS = [
    *[(20, 25, 784 * HALF), (20, 784 * HALF, 25)],
    *[(50, 500, 100 * HALF), (50, 100 * HALF, 500), (500, 50, 100 * HALF)],
    *[(HALF, 1250, 500), (1250, HALF, 500), (HALF, 500, 1250)],
    *[(HALF, 500, 10), (500, HALF, 10), (HALF, 10, 500)],
]


def main():
    rng = np.random.default_rng(0)
    images = rng.random((DIGITS, 1, 28, 28), np.float32)
    labels = rng.integers(0, 10, DIGITS)
    epochs = {"ours": our_epoch(images, labels), "products": products()}
    if torch:
        epochs["PyTorch"] = torch_epoch(images, labels)
    machine = f"Python {platform.python_version()}, NumPy {np.__version__}, {os.cpu_count()} cores"
    print(f"{machine}; medians of {TURNS} turns\n")
    seconds = {name: [] for name in epochs}
    for turn in range(1 + TURNS):  # the first one warms up
        for name, epoch in epochs.items():
            start = time.perf_counter()
            epoch()
            if turn:
                seconds[name].append(time.perf_counter() - start)
    median = {name: statistics.median(values) for name, values in seconds.items()}
    print(f"{'one epoch of LeNet, 10,000 digits':34}{'median':>12}{'least':>12}{'× products':>12}")
    for name in "ours", "PyTorch", "products":
        if name in median:
            ratio = median[name] / median["products"]
            print(f"{name:34}{median[name]:10.2f} s{min(seconds[name]):10.2f} s{ratio:12.2f}")
        else:
            print(f"{name:34}{'not installed':>12}")
    if torch:
        ratio = median["ours"] / median["PyTorch"]
        print(f"\nours takes {ratio:.2f} × PyTorch {torch.__version__}; to reach: at most 1.8")


def our_epoch(images, labels):
    network, optimizer = LeNet(seed=0), helpers.Adam()

    def epoch():
        for i in range(0, DIGITS, BATCH):
            _, grads = network.loss_and_gradients(images[i : i + BATCH], labels[i : i + BATCH])
            optimizer.update(network.params, grads)

    return epoch


def torch_epoch(images, labels):
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
        for i in range(0, DIGITS, BATCH):
            optimizer.zero_grad()
            logits = network(images[i : i + BATCH])
            torch.nn.functional.cross_entropy(logits, labels[i : i + BATCH]).backward()
            optimizer.step()

    return epoch


def products():
    rng = np.random.default_rng(0)
    pairs = [(rng.random((m, k), np.float32), rng.random((k, n), np.float32)) for m, k, n in PRODUCTS]

    def half():
        for _ in range(DIGITS // BATCH):
            for a, b in pairs:
                a @ b

    def epoch():
        with one_thread(), ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(half) for _ in range(2)]:
                done.result()

    return epoch


if __name__ == "__main__":
    main()
