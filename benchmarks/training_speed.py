"""What training costs: python benchmarks/training_speed.py.

The work is the comparison of mnist: four optimizers × 2000 iterations of 784-[100×4]-10 on batches of 128 digits.
Each of these does all of it, in turns with the others, several times; what counts is the best time of each:

    products            the matrix products alone, on one thread: no NumPy network can be faster
    one core            workbench.networks.training.compare with one run at a time
    all cores           the same with as many runs at a time as there are cores
    PyTorch             the same training written for eager PyTorch on the CPU, with its own choice of threads
    PyTorch, 1 thread   the same with torch.set_num_threads(1)
    scikit-learn        MLPClassifier.partial_fit on the same batches; it has SGD, Momentum and Adam, so three
                        of the four runs are done, and the time is scaled to four

PyTorch and scikit-learn are measured where they are installed; the course needs neither.
Read the ratios, not the seconds: they hold on slow and on fast machines. Nothing else should run meanwhile.
"""

import contextlib
import io
import os
import sys
import time
from itertools import pairwise

import numpy as np
import table
from table import NOT_INSTALLED, Measured, Row

import helpers
from workbench.data import mnist
from workbench.networks.blas import one_thread
from workbench.networks.network import MLP
from workbench.networks.training import batches, compare, train

SIZES = (784, 100, 100, 100, 100, 10)
BATCH = 128
OPTIMIZERS = {
    "SGD": lambda: helpers.SGD(0.01),
    "Momentum": lambda: helpers.Momentum(0.01),
    "AdaGrad": lambda: helpers.AdaGrad(0.01),
    "Adam": lambda: helpers.Adam(0.001),
}
ROWS = (
    Row("training, one core", "s", "matrix products alone", "ratio at most 2"),
    Row("training, one core", "s", "all cores", "ratio above 1"),
    Row("training, PyTorch", "s", "this course, all cores", "ratio at least 1.5"),
    Row("training, PyTorch on one thread", "s", "this course, all cores", "ratio at least 1.5"),
    Row("training, scikit-learn", "s", "this course, all cores"),
)


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
    images, labels, *_ = mnist.load()

    def run_all(iterations):
        def job(make):
            return lambda run: train(MLP(SIZES), make(), images, labels, iterations, BATCH, run=run)

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
    digits = mnist.load()
    images, labels = torch.tensor(digits.train_images), torch.tensor(digits.train_labels).long()
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

    images, labels, *_ = mnist.load()
    kinds = [
        {"solver": "sgd", "learning_rate_init": 0.01, "momentum": 0.0},
        {"solver": "sgd", "learning_rate_init": 0.01, "momentum": 0.9, "nesterovs_momentum": False},
        {"solver": "adam", "learning_rate_init": 0.001},
    ]

    def run_all(iterations):
        for arguments in kinds:
            network = MLPClassifier(SIZES[1:-1], alpha=0, batch_size=BATCH, random_state=0, **arguments)
            order = batches(len(images), BATCH, 0)
            for _ in range(iterations):
                chosen = next(order)
                x = mnist.pixels(images[chosen])
                network.partial_fit(x, labels[chosen], classes=np.arange(10))

    return run_all, len(OPTIMIZERS) / len(kinds)


def works():
    """What is measured: from its name to a function of the number of iterations, and a factor for its time."""
    found = {
        "products": (matrix_products, 1),
        "one core": (ours(1), 1),
        "all cores": (ours(os.cpu_count()), 1),
    }
    with contextlib.suppress(ImportError):
        found |= {"PyTorch": (pytorch(None), 1), "PyTorch, 1 thread": (pytorch(1), 1)}
    with contextlib.suppress(ImportError):
        found |= {"scikit-learn": scikit_learn()}
    return found


def measure(quick=False):
    """Measure all ROWS in their order."""
    rounds, iterations = (1, 100) if quick else (3, 2000)
    found = works()
    seconds = {name: [] for name in found}
    for work, _ in found.values():
        work(20)  # warm up
    for _ in range(rounds):
        for name, (work, scale) in found.items():
            start = time.perf_counter()
            work(iterations)
            seconds[name].append(scale * (time.perf_counter() - start))
    best = {name: min(times) for name, times in seconds.items()}
    return [
        Measured(best["one core"], best["products"]),
        Measured(best["one core"], best["all cores"]),
        *(
            Measured(best.get(name, NOT_INSTALLED), best["all cores"])
            for name in ("PyTorch", "PyTorch, 1 thread", "scikit-learn")
        ),
    ]


if __name__ == "__main__":
    table.alone(sys.modules[__name__])
