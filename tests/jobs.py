"""Runs of the tests as workers elsewhere do them: functions that a process imports, of small arguments."""

import os
import signal
import time
import uuid
from pathlib import Path

from threadpoolctl import threadpool_info

from lessons.lenet.experiments import full_run
from workbench.data import mnist
from workbench.descent.optimizers import OPTIMIZERS
from workbench.networks.network import MLP
from workbench.networks.training import accuracy, train

ITERATIONS, SIZES = 40, (784, 30, 10)


def trained(name, lr, seed):
    """Losses, weights as bytes and accuracy after a short training on the digits, in float32."""
    digits = mnist.load()
    run = train(MLP(SIZES, seed=seed), OPTIMIZERS[name](lr=lr), *digits[:2], ITERATIONS, 64, seed)
    weights = {key: w.tobytes() for key, w in run.network.params.items()}
    return run.losses, weights, accuracy(run.network, digits.test_images[:1000], digits.test_labels[:1000])


def lenet(seed):
    """Losses of the first updates of a full run of LeNet."""
    digits = mnist.load()
    return full_run(digits.train_images, digits.train_labels, seed, iterations=3).losses


def process(number):
    """In which process this was done, and how many threads its BLAS had."""
    time.sleep(0.05)  # so that one worker cannot take all
    return os.getpid(), {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


def fails(number):
    if number:
        raise ValueError("the job's own words")
    return number


def begun(folder, number):
    """Leave a trace of the beginning of a run; how many there are."""
    Path(folder, f"{number} {uuid.uuid4().hex}").touch()
    return len(list(Path(folder).glob(f"{number} *")))


def dies_once(folder, number, which):
    """The square of a number; the run of number `which` kills its process when it is done for the first time."""
    if begun(folder, number) == 1 and number == which:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.1)
    return number**2


def endless(folder, number):
    """A training without an end, that leaves a trace of its beginning; how many iterations it did."""
    digits = mnist.load()
    begun(folder, number)
    return train(MLP(SIZES), OPTIMIZERS["SGD"](), *digits[:2], 10**9).done
