"""The training loop of all lessons, and paired comparisons: several runs at once, with equal starts and batches."""

import contextlib
import contextvars
import math
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from helpers import Optimizer, check_still
from workbench.checks import (
    LARGEST,
    OPTIMIZER,
    AFunction,
    Anything,
    Array,
    Constraint,
    Kind,
    OrNone,
    Seed,
    Whole,
    checked,
    refuse,
)
from workbench.networks.blas import one_thread
from workbench.networks.network import A_NETWORK, Network
from workbench.pixels import scaled

# Updates after which an optimizer must have changed something: more than one, since a warm-up may begin at 0.
FIRST_UPDATES = 10

# Samples in a prediction. A layer keeps its last input: all test digits at once would stay in memory with each network.
AT_ONCE = 200


# An event that ends the trainings of this thread after their present update once it is set; None for no such thing.
_stop = contextvars.ContextVar("stop", default=None)


@contextlib.contextmanager
def stopping(event: threading.Event | None) -> Iterator[None]:
    """A context whose trainings end, interrupted, after their present update once `event` is set; None: they do not."""
    token = _stop.set(event)
    try:
        yield
    finally:
        _stop.reset(token)


@dataclass(repr=False)
class Run:
    """What a training run did, and does: it grows while the run goes on.

    losses: the loss of each iteration's batch, taken before the update. iterations: how many were asked for.
    diverged: the iteration, from 0, whose loss was no finite number, the last one of the run; None without.
    interrupted: whether the run was stopped before its end. seconds: time spent in training.
    network: the network, as the last update left it. accuracy: on the test data; nan without, and if it diverged.
    failure: what its job has raised in a `compare` that went on; None without.
    """

    iterations: int
    network: Network | None = None
    losses: list[float] = field(default_factory=list)
    diverged: int | None = None
    interrupted: bool = False
    seconds: float = 0.0
    accuracy: float = float("nan")
    failure: Exception | None = None

    def __repr__(self):
        state = "interrupted" if self.interrupted else "" if self.diverged is None else "diverged"
        state = state if self.failure is None else "failed"
        numbers = {"loss": self.loss(), "accuracy": self.accuracy}
        found = [f"{name} {value:.4g}" for name, value in numbers.items() if math.isfinite(value)]
        return f"<Run: {', '.join(filter(None, [f'{self.done} of {self.iterations} iterations', state, *found]))}>"

    @property
    def done(self) -> int:
        """How many iterations were done."""
        return len(self.losses)

    @checked(window=Whole(1))
    def loss(self, window: int = 100) -> float:
        """Mean loss over the last `window` iterations; nan for a run that diverged or did nothing."""
        return float(np.mean(self.losses[-window:])) if self.losses else float("nan")


@checked(n=Whole(1, LARGEST), size=Whole(1), seed=Seed())
def batches(n: int, size: int, seed) -> Iterator[np.ndarray]:
    """Endless batches of indices below n: each epoch takes every sample at most once, in a new random order.

    n: number of samples. size: samples in a batch, at most n. seed: a whole number, or a sequence of them.
    What is left at the end of an epoch and fills no batch is left out of it.
    """
    if size > n:
        refuse("size", size, f"1 to {n}, the number of samples")
    return _batches(n, size, np.random.default_rng(seed))


def _batches(n, size, rng):
    while True:
        order = rng.permutation(n)
        for i in range(0, n - size + 1, size):
            yield order[i : i + size]


def inputs(images: np.ndarray, network: Network) -> np.ndarray:
    """Images as a network takes them: floats, bytes from 0 to 255 becoming 0 to 1, shape (n, *network.inputs)."""
    shape = (len(images), *network.inputs)
    if images.size != math.prod(shape):
        raise ValueError(f"images has shape {images.shape}; allowed: for each image {network.inputs}, as the network")
    x = images.reshape(shape)
    return scaled(x) if images.dtype == np.uint8 else x


class Images(Array):
    """Images, or other samples, one or more, of any shape."""

    allowed = "(n, …), one image or more"

    def check(self, name, value):
        images = super().check(name, value)
        if images.ndim < 2 or len(images) == 0:
            raise ValueError(f"{name} has shape {images.shape}; allowed: {self.allowed}")
        return images

    def bad(self):
        return [*super().bad(), [], 3, np.nan, np.ones(3), np.zeros((0, 784), np.uint8)]

    def good(self):
        return [np.ones((3, 4))]


A_RUN = OrNone(Kind(Run, "a Run, or None"))


@checked(
    network=A_NETWORK,
    optimizer=OPTIMIZER,
    images=Images(),
    labels=Array((None,)),
    iterations=Whole(),
    batch=Whole(1),
    seed=Seed(),
    each=OrNone(AFunction()),
    run=A_RUN,
)
def train(
    network: Network,
    optimizer: Optimizer,
    images: np.ndarray,
    labels: np.ndarray,
    iterations: int,
    batch: int = 128,
    seed=0,
    each: Callable[[Run], object] | None = None,
    run: Run | None = None,
) -> Run:
    """Train a network; returns the Run.

    images: shape (N, …), bytes or floats. labels: N whole numbers. iterations: how many updates. batch: samples in
    each. seed: for the order of the samples.
    each: a function of the Run, called after each update; True ends the training there.
    run: a Run to go on with instead of a new one; that is how another thread watches it.
    optimizer: one of helpers, or any other whose `update` changes the arrays in place; ValueError when it does not.
    A run stops at the first loss that is not finite. Interrupting the kernel ends the training, too, after the present
    update, so that no parameter is ahead of the others; the Run says so. A second interrupt ends it at once.
    Raises ValueError for any other argument.
    """
    _as_many("labels", labels, images)
    if batch > len(images):
        refuse("batch", batch, f"1 to {len(images)}, the number of images")
    run = run or Run(iterations)
    order = batches(len(images), batch, seed)
    run.network = network
    update = _in_place(network, optimizer, min(FIRST_UPDATES, iterations - run.done))
    start, stop = time.perf_counter(), _stop.get()
    try:
        with one_thread(), np.errstate(over="ignore", invalid="ignore"), _interrupt_between_updates(run):
            while run.done < iterations and not run.interrupted:
                chosen = next(order)
                loss, grads = network.loss_and_gradients(inputs(images[chosen], network), labels[chosen])
                run.losses.append(loss)
                if not np.isfinite(loss):
                    run.diverged = run.done - 1
                    break
                update(grads)
                if each and each(run):
                    break
                run.interrupted |= stop is not None and stop.is_set()
    except KeyboardInterrupt:
        run.interrupted = True
    finally:
        run.seconds += time.perf_counter() - start
    return run


def _in_place(network, optimizer, first):
    """A function of gradients that updates the network; it raises when nothing has moved after the `first` updates."""
    arrays = network.params.copy()
    start = {key: w.copy() for key, w in arrays.items()}
    done, steep = 0, False

    def update(grads):
        nonlocal done, steep
        params = arrays.copy()  # so that what is put into it does not come into the network
        optimizer.update(params, grads)
        if any(params.get(key) is not w for key, w in arrays.items()):
            check_still(optimizer, rebound=True)
        if done < first:
            done, steep = done + 1, steep or any(g.any() for g in grads.values())
            if done == first and steep and all((w == start[key]).all() for key, w in arrays.items()):
                check_still(optimizer, rebound=False)
            if done == first:
                start.clear()

    return update


@contextlib.contextmanager
def _interrupt_between_updates(run):
    """Let an interrupt of the kernel end a loop over `run.interrupted`, and be raised where this context ends."""
    in_main = threading.current_thread() is threading.main_thread()  # Python interrupts no other
    if not in_main or signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        yield
        return

    def interrupt(*signal_and_frame):
        if run.interrupted:
            raise KeyboardInterrupt
        run.interrupted = True

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if run.interrupted:
        raise KeyboardInterrupt


def _as_many(name, labels, images):
    if labels.shape != (len(images),):
        raise ValueError(f"{name} has shape {labels.shape}; allowed: ({len(images)},), one for each image")


class Bar(Protocol):
    """What shows how far a work is, as tqdm's bars do; `n`: the steps that are done."""

    n: int

    def update(self, steps: int) -> None: ...

    def close(self) -> None: ...


class Pair(Constraint):
    """Images and as many labels."""

    allowed = "a pair: images and labels"

    def check(self, name, value):
        if not isinstance(value, tuple | list) or len(value) != 2:
            refuse(name, value, self.allowed)
        images, labels = Images().check(f"{name} images", value[0]), Array().check(f"{name} labels", value[1])
        _as_many(f"{name} labels", labels, images)
        return images, labels

    def bad(self):
        images, labels = self.good()[0]
        pairs = [(images,), (images, labels[:2]), (images[:0], labels[:0]), (images, None), (labels, images)]
        return [3, np.nan, "test", [], (), {}, object(), np.ones((2, 3)), *pairs, (images, labels, labels)]

    def good(self):
        return [(np.ones((3, 4)), np.array([0, 1, 1]))]


class Jobs(Constraint):
    """Trainings by name."""

    allowed = "a dict from names to functions"

    def check(self, name, value):
        if not isinstance(value, dict):
            refuse(name, value, self.allowed)
        for key, job in value.items():
            AFunction().check(f"{name}[{key!r}]", job)
        return value

    def bad(self):
        return [None, 3, "jobs", [], [len], object(), dict, len, *({"a": job} for job in AFunction().bad())]

    def good(self):
        return [{}]


# What `compare` takes, there and where it is shown.
COMPARED = {
    "jobs": Jobs(),
    "test": OrNone(Pair()),
    "iterations": Whole(),
    "watch": OrNone(AFunction()),
    "workers": OrNone(Whole(1)),
    "go_on": Anything(),
}


@checked(**COMPARED, bar=OrNone(AFunction()))
def compare(
    jobs: dict[str, Callable[[Run], object]],
    test: tuple | None = None,
    iterations: int = 2000,
    watch: Callable[[dict[str, Run]], object] | None = None,
    workers: int | None = None,
    bar: Callable[[int], Bar] | None = None,
    go_on: bool = False,
) -> dict[str, Run]:
    """Run several trainings at once, one on each core; returns a dict from their names to their Runs.

    jobs: a dict from names to functions of a Run that train with it: `lambda run: train(…, run=run)`. A comparison is
    paired when all jobs make their network from the same seed and take their batches from the same seed.
    test: images and labels on which each trained network is measured. iterations: of each job.
    watch: a function of the dict of Runs, called a few times a second, and at the end.
    workers: runs at once; by default as many as there are cores.
    bar: a function from the number of all iterations to a Bar, which is told of each of them.
    go_on: what a job raises, as that of a learner's own optimizer may, becomes its Run's `failure`, and the others go
    on; without it, it is raised here and ends them all.
    Each run has one BLAS thread. Raises ValueError for any other argument.
    Interrupting the kernel stops all runs after their present iteration and keeps what they did; they say so.
    """
    runs = {name: Run(iterations) for name in jobs}
    shown = bar(iterations * len(jobs)) if bar else None

    def work(name):
        if not runs[name].interrupted:
            try:
                jobs[name](runs[name])
            except Exception as error:
                if not go_on:
                    raise
                runs[name].failure = error
                return
            if test is not None and runs[name].diverged is None:
                runs[name].accuracy = accuracy(runs[name].network, *test)

    def report():
        if shown is not None:
            shown.update(sum(run.done for run in runs.values()) - shown.n)
        if watch:
            watch(runs)

    with one_thread(), ThreadPoolExecutor(workers or os.cpu_count()) as pool:
        futures = {name: pool.submit(work, name) for name in jobs}
        try:
            while wait(futures.values(), timeout=0.25, return_when="FIRST_EXCEPTION").not_done:
                report()
                for future in futures.values():
                    if future.done():
                        future.result()  # raises what the job raised
        except BaseException as error:
            for name, future in futures.items():
                runs[name].interrupted |= not future.done()
            if not isinstance(error, KeyboardInterrupt):
                raise
            wait(futures.values())
    for future in futures.values():
        future.result()
    report()
    if shown is not None:
        shown.close()
    return runs


@checked(network=A_NETWORK, images=Images(), labels=Array((None,)), batch=Whole(1))
def accuracy(network: Network, images: np.ndarray, labels: np.ndarray, batch: int = AT_ONCE) -> float:
    """The share of images whose predicted class is their label, from 0 to 1; bytes or floats, as `train` takes them."""
    _as_many("labels", labels, images)
    return float((logits(network, images, batch).argmax(axis=1) == labels).mean())


@checked(network=A_NETWORK, images=Images(), batch=Whole(1))
def logits(network: Network, images: np.ndarray, batch: int = AT_ONCE) -> np.ndarray:
    """What a network says of any number of images, `batch` at a time: shape (n, classes)."""
    parts = (images[i : i + batch] for i in range(0, len(images), batch))
    return np.concatenate([network.logits(inputs(part, network)) for part in parts])
