"""A kernel that is interrupted in the middle of work: nothing is lost, nothing half written, the next call works."""

from pathlib import Path

import pytest
from jupyter_client.manager import start_new_kernel

pytestmark = [pytest.mark.machinery, pytest.mark.slow]

ROOT = Path(__file__).resolve().parent.parent
BEGUN = "this is the moment"

SETUP = f"""
import os, shutil, time
from pathlib import Path
import numpy as np
import helpers
from workbench import files
from workbench.data import mnist
from workbench.tutoring import passed
from workbench.networks.network import MLP
from workbench.live.training import compare, run_all, train

BEGUN = {BEGUN!r}
rng = np.random.default_rng(0)
images, labels = rng.random((200, 20), np.float32), rng.integers(0, 3, 200)


def network():
    return MLP((20, 10, 10, 3), seed=1)
"""


class Kernel:
    def __init__(self):
        self.manager, self.client = start_new_kernel(cwd=str(ROOT), extra_arguments=["--HistoryManager.enabled=False"])

    def run(self, code):
        """Run code, interrupt it each time it prints BEGUN; what it printed besides, and the name of its error."""
        request, printed, error = self.client.execute(code), "", ""
        while True:
            message = self.client.get_iopub_msg(timeout=60)
            if message["parent_header"].get("msg_id") != request:
                continue
            content = message["content"]
            if message["msg_type"] == "stream":
                for _ in range(content["text"].count(BEGUN)):
                    self.manager.interrupt_kernel()
                printed += content["text"].replace(f"{BEGUN}\n", "")
            elif message["msg_type"] == "error":
                error = content["ename"]
            elif message["msg_type"] == "status" and content["execution_state"] == "idle":
                return printed, error

    def stop(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def kernel():
    kernel = Kernel()
    try:
        assert kernel.run(SETUP) == ("", "")
        yield kernel
    finally:
        kernel.stop()


def test_in_the_middle_of_an_update(kernel):
    """All parameters have the same number of updates, those of a run that was asked for no more."""
    printed, error = kernel.run(
        """
class Slow(helpers.Adam):
    def rule(self, w, g, t, m, v):
        if t == 5 and w.shape == (10, 10):
            print(BEGUN, flush=True)
            time.sleep(0.5)
        super().rule(w, g, t, m, v)

optimizer = Slow()
run = train(network(), optimizer, images, labels, 10**6, batch=32)
again = train(network(), helpers.Adam(), images, labels, run.done, batch=32)
print(run.interrupted, run.done, {state["t"] for state in optimizer.state.values()})
print(all((again.network.params[key] == array).all() for key, array in run.network.params.items()))
"""
    )
    assert error == ""
    assert printed.splitlines() == [
        "Interrupted after 5 of 1000000 iterations; what was done so far is kept.",
        "True 5 {5}",
        "True",
    ]


def test_a_second_interrupt_does_not_wait(kernel):
    printed, error = kernel.run(
        """
def endless(run):
    print(BEGUN, flush=True)
    while not run.interrupted:
        pass
    print(BEGUN, flush=True)
    while True:
        pass

run = train(network(), helpers.SGD(), images, labels, 10, batch=32, each=endless)
print(run.interrupted, run.done)
"""
    )
    assert error == ""
    assert printed.splitlines()[-1] == "True 1"


def test_in_the_middle_of_a_comparison(kernel):
    printed, error = kernel.run(
        """
def job(run):
    train(network(), helpers.SGD(), images, labels, run.iterations, batch=32, run=run)

def watch(runs):
    if runs["one"].done and not runs["one"].interrupted:
        print(BEGUN, flush=True)

runs = compare({"one": job, "other": job}, iterations=10**7, watch=watch, workers=2)
print(all(run.interrupted and run.done > 0 and run.network is not None for run in runs.values()))
print([run.done for run in compare({"one": job}, iterations=3).values()])
"""
    )
    assert error == ""
    assert "Interrupted; what was done so far is kept:" in printed
    assert printed.splitlines()[-2:] == ["True", "[3]"]


def test_in_the_middle_of_many_runs(kernel):
    """The run that is whole is kept, the one that was cut off is not, and none goes on."""
    printed, error = kernel.run(
        """
ended = []

def job(number):
    if number == 0:
        return "whole"
    run = train(network(), helpers.SGD(), images, labels, 10**9, batch=32, each=tell)
    ended.append(run.done)

def tell(run):
    if run.done == 3:
        time.sleep(1)  # the first one is done by then
        print(BEGUN, flush=True)

found = run_all(job, [(0,), (1,)])
print(found, len(ended), ended[0] > 2)
print(run_all(job, [(0,)]))
"""
    )
    assert error == ""
    assert "Interrupted; 1 of 2 runs were done by then and are kept." in printed
    assert printed.splitlines()[-2:] == ["{(0,): 'whole'} 1 True", "{(0,): 'whole'}"]


def test_in_the_middle_of_unpacking(kernel, tmp_path):
    setup = f"""
folder = Path({str(tmp_path)!r}) / "mnist"
shutil.copytree(mnist.FOLDER, folder, ignore=shutil.ignore_patterns("cache"))
files.user_cache = lambda: folder.parent / "user"
write_bytes = Path.write_bytes

def slow(path, contents):
    write_bytes(path, contents[:1000])
    print(BEGUN, flush=True)
    time.sleep(30)

Path.write_bytes = slow
"""
    assert kernel.run(setup + "mnist.load(folder)") == ("", "KeyboardInterrupt")
    printed, error = kernel.run(
        """
Path.write_bytes = write_bytes
print(list((folder / "cache").iterdir()))
print(mnist.load(folder).train_images.shape, len(list((folder / "cache").iterdir())))
"""
    )
    assert error == ""
    assert printed.splitlines() == ["[]", "(60000, 28, 28) 4"]


def test_in_the_middle_of_keeping_the_progress(kernel, tmp_path):
    setup = f"""
os.environ[passed.VARIABLE] = {str(tmp_path / "progress.json")!r}
passed.Progress().add("first")
replace = os.replace

def slow(*arguments):
    print(BEGUN, flush=True)
    time.sleep(30)

os.replace = slow
progress = passed.Progress()
"""
    assert kernel.run(setup + "progress.add('second')") == ("", "KeyboardInterrupt")
    assert [path.name for path in tmp_path.iterdir()] == ["progress.json"]
    printed, error = kernel.run(
        """
os.replace = replace
print(passed.Progress().passed()[0], sorted(progress.passed()[0]))
print(repr(progress.add("third")), sorted(passed.Progress().passed()[0]))
"""
    )
    assert error == ""
    assert printed.splitlines() == ["{'first'} ['first', 'second']", "'' ['first', 'second', 'third']"]
