"""Many runs at once: the same numbers on threads, processes, joblib's and a cluster's workers, one of which is lost."""

import contextlib
import importlib
import json
import multiprocessing
import os
import subprocess
import sys
import threading
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import classroom
import jobs
import numpy as np
import pytest
from counting_bar import CountingBar

from lessons.mnist import store
from workbench.live import training as told
from workbench.networks.many_runs import from_command_line, run_all

ROOT = Path(__file__).resolve().parent.parent
CASES = [(name, lr, seed) for name, lr in (("SGD", 0.1), ("Momentum", 0.05), ("Adam", 0.002)) for seed in (0, 1)]
ELSEWHERE = [
    "processes",
    pytest.param("joblib", marks=[pytest.mark.classroom, pytest.mark.slow]),
    pytest.param("dask", marks=[pytest.mark.classroom, pytest.mark.slow]),
]


@contextlib.contextmanager
def opened(name):
    """An executor with two workers, closed in the end."""
    if name == "processes":
        with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
            yield pool
    elif name == "joblib":
        classroom.need("joblib")
        pool = importlib.import_module("joblib.externals.loky").get_reusable_executor(2)
        yield pool
        pool.shutdown()
    else:
        with cluster() as client:
            yield client


@contextlib.contextmanager
def cluster():
    """A client of a cluster with two workers, on this machine."""
    classroom.need("dask", "distributed")
    distributed = importlib.import_module("dask.distributed")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as made,
        distributed.Client(made) as client,
    ):
        yield client


def test_threads_do_what_one_call_after_the_other_does():
    found = run_all(jobs.trained, CASES)
    assert list(found) == CASES
    assert found == {case: jobs.trained(*case) for case in CASES}
    assert len({json.dumps(losses) for losses, _, _ in found.values()}) == len(CASES)
    assert all(np.isfinite(losses).all() and accuracy > 0.3 for losses, _, accuracy in found.values())


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of what the executors have to say of themselves
@pytest.mark.parametrize("name", ELSEWHERE)
def test_the_numbers_are_those_of_threads_bit_by_bit(name):
    with opened(name) as executor:
        found = run_all(jobs.trained, CASES, executor)
        places = run_all(jobs.process, [(number,) for number in range(8)], executor)
        with pytest.raises(ValueError, match="the job's own words"):
            run_all(jobs.fails, [(0,), (1,), (2,)], executor)
        assert run_all(jobs.fails, [(0,)], executor) == {(0,): 0}  # the executor stays open
    assert found == run_all(jobs.trained, CASES)
    assert os.getpid() not in {process for process, _ in places.values()}
    assert all(threads == {1} for _, threads in places.values())


@pytest.mark.slow
@pytest.mark.classroom
@pytest.mark.filterwarnings("ignore")
def test_a_lost_worker_costs_its_run_only(tmp_path):
    with cluster() as client:
        cases = [(str(tmp_path), number, 2) for number in range(8)]
        found = run_all(jobs.dies_once, cases, client)
    assert found == {case: case[1] ** 2 for case in cases}
    begun = [int(path.name.split()[0]) for path in tmp_path.iterdir()]
    assert begun.count(2) == 2
    assert sorted(set(begun)) == list(range(8))
    assert len(begun) <= len(cases) + 2  # its own again, and what it was just handing over


@pytest.mark.slow
@pytest.mark.classroom
@pytest.mark.filterwarnings("ignore")
def test_a_store_has_its_runs_done_by_a_cluster(tmp_path):
    """Its scheduler and its worker are programs of their own, as on a cluster; two runs of the sweep, shortened."""
    classroom.need("dask", "distributed")
    file = tmp_path / "scheduler.json"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}

    def start(*command):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen([sys.executable, "-m", *command], env=environment, cwd=tmp_path, **quiet)

    scheduler = start(
        "distributed.cli.dask_scheduler", "--host=127.0.0.1", "--port=0", "--no-dashboard", f"--scheduler-file={file}"
    )
    worker = start("distributed.cli.dask_worker", f"--scheduler-file={file}", "--nthreads=1", "--no-dashboard")
    try:
        for _ in range(600):
            if file.exists() and file.read_text().endswith("}"):
                break
            threading.Event().wait(0.1)
        client, _ = from_command_line("", ["--scheduler", json.loads(file.read_text())["address"]])
        with client:
            found = run_all(jobs.trained, CASES[:2], client)
            assert found == run_all(jobs.trained, CASES[:2])
            assert run_all(jobs.process, [(0,)], client)[0,][0] not in (os.getpid(), scheduler.pid)
    finally:
        for process in worker, scheduler:
            process.terminate()
            process.wait(20)


def test_without_a_scheduler_a_store_uses_threads(capsys):
    assert from_command_line("", []) == (None, [])
    with pytest.raises(SystemExit):
        from_command_line("What it stores.", ["--help"])
    assert "--scheduler ADDRESS" in capsys.readouterr().out


def test_a_store_is_told_which_parts_to_make(capsys):
    parts = {"edge": 1, "MLP, 5 epochs": 2}
    assert from_command_line("", [], parts) == (None, [])
    assert from_command_line("", ["MLP, 5 epochs", "edge", "MLP, 5 epochs"], parts) == (None, ["MLP, 5 epochs", "edge"])
    for arguments, allowed, sentence in (
        (["edge", "noise"], parts, "name is 'noise'; allowed: edge, MLP, 5 epochs\n"),
        (["edge"], (), "unrecognized arguments: edge\n"),  # a store without parts
    ):
        with pytest.raises(SystemExit):
            from_command_line("", arguments, allowed)
        assert capsys.readouterr().err.endswith(sentence)


def test_where_dask_is_missing_a_sentence_says_how_to_get_it(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "dask.distributed", None)
    with pytest.raises(SystemExit):
        from_command_line("", ["--scheduler=tcp://nowhere:1"])
    assert 'python -m pip install "dask[distributed]"' in capsys.readouterr().err


def test_a_bar_is_told_of_each_run():
    made = []
    run_all(jobs.fails, [(0,)], bar=lambda total: made.append(CountingBar(total)) or made[-1])
    assert [(bar.total, bar.n, bar.closed) for bar in made] == [(1, 1, True)]


def test_an_error_of_one_run_ends_trainings_without_an_end(tmp_path):
    def job(number):
        return jobs.endless(tmp_path, number) if number else jobs.fails(1)

    with pytest.raises(ValueError, match="the job's own words"):
        run_all(job, [(1,), (0,)])


def test_an_interrupt_keeps_what_is_whole(tmp_path, capsys, monkeypatch):
    """One run is done, another has no end: it ends after its present update, and does not count."""

    class Interrupting(CountingBar):
        def update(self, steps):
            super().update(steps)
            if self.n and any(tmp_path.iterdir()):
                raise KeyboardInterrupt

    def job(number):
        return jobs.endless(tmp_path, number) if number else "whole"

    monkeypatch.setattr(told, "progress_bar", lambda total, label: Interrupting(total))
    assert told.run_all(job, [(0,), (1,)]) == {(0,): "whole"}
    assert "Interrupted; 1 of 2 runs were done by then and are kept." in capsys.readouterr().out
    assert told.run_all(job, [(0,)]) == {(0,): "whole"}


def test_the_runs_of_the_store_are_plain_functions_of_small_arguments(monkeypatch):
    """What run_all hands over, in the shape that is stored: here each job is replaced by its name and its arguments."""
    seen = []

    def run(job, cases, executor, label):
        assert executor == "the executor"
        assert getattr(store, job.__name__) is job
        seen.extend(cases)
        number = iter(range(10_000))
        one = {"curves": [0.1], "held_out": 0.5, "test": 0.5}
        return {case: next(number) if job is store.longer_run else one for case in cases}

    monkeypatch.setattr(store, "run_all", run)
    published, swept = store.published("the executor"), store.sweep("the executor")
    longer = store.longer(swept, "the executor")
    assert [len(found["test"]) for found in published.values()] == [5] * 6
    assert [np.shape(found["curves"]) for found in swept.values()] == [(7, 3, 1)] * 6
    assert longer["SGD"] == {"lr": 0.01, "constant": [0, 2, 4], "decayed": [1, 3, 5]}
    assert len(seen) == 6 * 5 + 6 * 7 * 3 + 6 * 3 * 2
    assert all(isinstance(value, str | int | float) for case in seen for value in case)
