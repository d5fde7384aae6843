"""What training costs: `make bench`, or python benchmarks/training_speed.py.

The work is the comparison of lesson 10: four optimizers × 2000 iterations of 784-[100×4]-10 on batches of 128 digits.
Each row does all of it, in turns with the others, several times; what counts is the best time of each row:

    matrix products         the products alone, with nothing around them, on one thread: no NumPy network can be faster
    this course, 1 core     workbench.training.compare with one run at a time
    this course, all cores  the same with as many runs at a time as there are cores
    PyTorch                 the same training written for eager PyTorch on the CPU, with its own choice of threads
    PyTorch, 1 thread       the same with torch.set_num_threads(1)
    scikit-learn            MLPClassifier.partial_fit on the same batches; it has SGD, Momentum and Adam, so three
                            of the four runs are done, and the time is scaled to four

PyTorch and scikit-learn are measured where they are installed; the course needs neither.
Read the ratios, not the seconds: they hold on slow and on fast machines. Nothing else should run meanwhile.
"""

import argparse
import contextlib
import io
import os
import platform
import time
from itertools import pairwise

import numpy as np

import helpers
from workbench import mnist
from workbench.blas import one_thread
from workbench.network import MLP
from workbench.training import batches, compare, train

SIZES = (784, 100, 100, 100, 100, 10)
BATCH = 128
OPTIMIZERS = {
    "SGD": lambda: helpers.SGD(0.01),
    "Momentum": lambda: helpers.Momentum(0.01),
    "AdaGrad": lambda: helpers.AdaGrad(0.01),
    "Adam": lambda: helpers.Adam(0.001),
}
DIGITS = mnist.load()


def matrix_products(iterations):
    rng = np.random.default_rng(0)
    x = [rng.random((BATCH, n), np.float32) for n in SIZES]
    weights = [rng.random(shape, np.float32) for shape in pairwise(SIZES)]
    with one_thread():
        for _ in range(iterations * len(OPTIMIZERS)):
            for i, W in enumerate(weights):
                x[i] @ W  # forward
            for i, W in enumerate(weights):
                x[i].T @ x[i + 1]  # gradient of the weights
                if i > 0:
                    x[i + 1] @ W.T  # gradient of the inputs


def ours(workers):
    def run_all(iterations):
        def job(make):
            return lambda run: train(
                MLP(SIZES), make(), DIGITS.train_images, DIGITS.train_labels, iterations, BATCH, run=run
            )

        with contextlib.redirect_stdout(io.StringIO()):
            compare({name: job(make) for name, make in OPTIMIZERS.items()}, iterations=iterations, workers=workers)

    return run_all


def pytorch(threads):
    import torch

    kinds = {
        "SGD": lambda p: torch.optim.SGD(p, lr=0.01),
        "Momentum": lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9),
        "AdaGrad": lambda p: torch.optim.Adagrad(p, lr=0.01, eps=1e-8),
        "Adam": lambda p: torch.optim.Adam(p, lr=0.001),
    }
    images, labels = torch.tensor(DIGITS.train_images), torch.tensor(DIGITS.train_labels).long()
    default = torch.get_num_threads()

    def run_all(iterations):
        torch.set_num_threads(threads or default)
        for make in kinds.values():
            torch.manual_seed(0)
            layers = []
            for fan_in, fan_out in pairwise(SIZES):
                layers += [torch.nn.Linear(fan_in, fan_out), torch.nn.ReLU()]
            network = torch.nn.Sequential(torch.nn.Flatten(), *layers[:-1])
            optimizer = make(network.parameters())
            order = batches(len(images), BATCH, 0)
            for _ in range(iterations):
                chosen = torch.from_numpy(next(order))
                loss = torch.nn.functional.cross_entropy(network(images[chosen].float() / 255), labels[chosen])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                loss.item()  # as ours, which keeps every loss

    return run_all


def scikit_learn():
    from sklearn.neural_network import MLPClassifier

    kinds = [
        {"solver": "sgd", "learning_rate_init": 0.01, "momentum": 0.0},
        {"solver": "sgd", "learning_rate_init": 0.01, "momentum": 0.9, "nesterovs_momentum": False},
        {"solver": "adam", "learning_rate_init": 0.001},
    ]

    def run_all(iterations):
        for arguments in kinds:
            network = MLPClassifier(SIZES[1:-1], alpha=0, batch_size=BATCH, random_state=0, **arguments)
            order = batches(len(DIGITS.train_images), BATCH, 0)
            for _ in range(iterations):
                chosen = next(order)
                x = mnist.pixels(DIGITS.train_images[chosen])
                network.partial_fit(x, DIGITS.train_labels[chosen], classes=np.arange(10))

    return run_all, len(OPTIMIZERS) / len(kinds)


def rows():
    """Name, work and scale of each row; None as the work of what is not installed."""
    yield "matrix products, 1 thread", matrix_products, 1
    yield "this course, 1 core", ours(1), 1
    yield f"this course, {os.cpu_count()} cores", ours(os.cpu_count()), 1
    for name, threads in ("PyTorch", None), ("PyTorch, 1 thread", 1):
        try:
            yield name, pytorch(threads), 1
        except ImportError:
            yield name, None, 1
    try:
        yield "scikit-learn", *scikit_learn()
    except ImportError:
        yield "scikit-learn", None, 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--iterations", type=int, default=2000, help="of each run (default: 2000)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each row is measured (default: 3)")
    arguments = parser.parse_args()
    table = list(rows())
    seconds = {name: [] for name, work, _ in table if work}
    for work in (work for _, work, _ in table if work):
        work(20)  # warm up
    for _ in range(arguments.rounds):
        for name, work, scale in table:
            if work:
                start = time.perf_counter()
                work(arguments.iterations)
                seconds[name].append(scale * (time.perf_counter() - start))
    best = {name: min(times) for name, times in seconds.items()}
    print(f"Training 4 optimizers × {arguments.iterations} iterations, best of {arguments.rounds} rounds in turns;")
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {os.cpu_count()} cores\n")
    floor = best[table[0][0]]
    for name, work, _ in table:
        print(f"{name:34}" + (f"{best[name]:9.1f} s {best[name] / floor:10.2f} × floor" if work else "not installed"))
    one, all_cores = (best[name] for name, *_ in table[1:3])
    print(f"\none core takes {one / floor:.2f} × the matrix products; to reach: at most 2")
    print(f"all cores are {one / all_cores:.2f} × as fast as one; to reach: more than 1")
    if "PyTorch" in best:
        torch_best = min(best["PyTorch"], best["PyTorch, 1 thread"])
        print(f"all cores are {torch_best / all_cores:.1f} × as fast as PyTorch's faster row; to reach: at least 1.5")
        print(f"one core is {torch_best / one:.1f} × as fast as PyTorch's faster row")


if __name__ == "__main__":
    main()
