"""Trainings as lessons show them: with a progress bar, and a sentence when the learner interrupts them.

`train` and `compare` of networks/training.py and `run_all` of networks/many_runs.py, which do the work; what else
lessons need of the first is here, too.
"""

import functools
import threading

from workbench.checks import Kind, checked
from workbench.live.progress_bar import progress_bar
from workbench.networks import many_runs, training
from workbench.networks.training import Run, accuracy, batches, inputs

__all__ = ["Run", "accuracy", "batches", "compare", "inputs", "run_all", "train"]


@functools.wraps(training.train)
def train(network, optimizer, images, labels, iterations, batch=128, seed=0, each=None, run=None):
    run = training.train(network, optimizer, images, labels, iterations, batch, seed, each, run)
    # Only the main thread is ever interrupted; of others, which `compare` has begun, that one tells.
    if run.interrupted and threading.current_thread() is threading.main_thread():
        print(f"Interrupted after {run.done} of {iterations} iterations; what was done so far is kept.")
    return run


@checked(**training.COMPARED, label=Kind(str, "words"))
def compare(jobs, test=None, iterations=2000, watch=None, workers=None, label="iterations", go_on=False):
    """Run several trainings at once under a progress bar with a label; returns a dict from their names to their Runs.

    All other arguments as for `networks.training.compare`.
    """
    runs = training.compare(jobs, test, iterations, watch, workers, lambda total: progress_bar(total, label), go_on)
    if any(run.interrupted for run in runs.values()):
        print("Interrupted; what was done so far is kept:")
        for name, run in runs.items():
            print(f"  {name}: {run.done} of {run.iterations} iterations")
    return runs


@checked(**many_runs.MANY, label=Kind(str, "words"))
def run_all(job, cases, executor=None, label="runs"):
    """Call `job(*case)` for each case under a progress bar with a label; returns a dict from the cases to the results.

    All other arguments as for `networks.many_runs.run_all`. After an interrupt it has the runs that were whole by then.
    """
    found = many_runs.run_all(job, cases, executor, bar=lambda total: progress_bar(total, label))
    if len(found) < len(cases):
        print(f"Interrupted; {len(found)} of {len(cases)} runs were done by then and are kept.")
    return found
