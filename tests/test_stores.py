"""The stores of LeNet, of the diagnosis and beyond Adam: when their runs give what is stored, they store it again.

So what they hand over and how they put it together are right; that runs give what is stored, other tests say.
"""

import io
import json
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from types import SimpleNamespace

import jobs
import numpy as np
import pytest

from lessons.beyond_adam import store as beyond_adam
from lessons.diagnosis import experiments as e
from lessons.diagnosis import store as diagnosis
from lessons.lenet import store as lenet
from lessons.lenet.experiments import SHORT, full_run
from workbench.data import mnist, stored
from workbench.networks.many_runs import run_all

SCHEDULER = ["--scheduler", "tcp://here:1"]


@pytest.fixture
def written(monkeypatch, tmp_path):
    """A function of a store, its command line and what its jobs give: the bytes it writes, and the runs it asks for."""
    client = SimpleNamespace(Client=lambda address: f"the executor at {address}")
    monkeypatch.setitem(sys.modules, "dask", SimpleNamespace(distributed=client))
    monkeypatch.setitem(sys.modules, "dask.distributed", client)

    def run(store, arguments, given):
        seen, contents = [], []

        def run_all(job, cases, executor, label):
            assert executor == ("the executor at tcp://here:1" if "--scheduler" in arguments else None)
            assert getattr(sys.modules[job.__module__], job.__name__) is job  # so that a worker finds it
            assert len(set(cases)) == len(cases)
            assert all(isinstance(value, str | int | float) for case in cases for value in case)
            seen.extend((job.__name__, *case) for case in cases)
            return {case: given[job.__name__](*case) for case in cases}

        def save(name, kind, found):
            assert f"lessons.{name}.store" == store.__name__
            contents.append(found)
            (tmp_path / f"stored.{kind}").write_bytes(found)
            return tmp_path / f"stored.{kind}"

        monkeypatch.setattr(store, "run_all", run_all)
        monkeypatch.setattr(stored, "save", save)
        store.main(arguments)
        return contents[0], seen

    return run


def file_of(name):
    return (stored.FOLDER / name / "stored.json").read_bytes().replace(b"\r\n", b"\n")


# LeNet


def of_lenet(change=0.0):
    """What its jobs give: the stored numbers, and `change` more for accuracies of short runs."""
    kept = stored.arrays("lenet")
    weights = {name: w for name, w in kept.items() if name not in ("losses", "accuracies") and "short" not in name}
    others = {name: 0 * w for name, w in weights.items()}
    return {
        "full": lambda seed: (others if seed else weights, kept["losses"] + seed, kept["accuracies"][seed]),
        "short": lambda name, seed: list(kept[f"short: {name}"][:, seed] + change),
    }


def assert_arrays(contents, expected):
    with np.load(io.BytesIO(contents)) as file:
        found = dict(file)
    assert list(found) == list(expected)
    for name, array in expected.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array, err_msg=name)


@pytest.mark.parametrize("arguments", [[], SCHEDULER])
def test_lenet_is_stored_again(written, arguments):
    contents, seen = written(lenet, arguments, of_lenet())
    assert_arrays(contents, stored.arrays("lenet"))
    assert len(seen) == 3 + 3 * len(SHORT)


def test_lenet_makes_the_named_runs_again_and_keeps_all_others(written):
    names = ["pooled", "MLP, 5 epochs"]
    contents, seen = written(lenet, [names[0], *SCHEDULER, names[1]], of_lenet(change=0.25))
    changed = {f"short: {name}": stored.arrays("lenet")[f"short: {name}"] + 0.25 for name in names}
    assert_arrays(contents, stored.arrays("lenet") | changed)
    assert seen == [("short", name, seed) for name in names for seed in range(3)]


@pytest.mark.slow
def test_a_full_run_begins_as_stored(monkeypatch):
    monkeypatch.setattr(lenet, "full_run", partial(full_run, iterations=10))
    weights, losses, accuracy = lenet.full(0)
    kept = stored.arrays("lenet")
    np.testing.assert_allclose(losses, kept["losses"][:10], rtol=2e-3)
    assert losses.dtype == kept["losses"].dtype
    assert {name: w.shape for name, w in weights.items()} == {name: kept[name].shape for name in weights}
    assert 0.5 < accuracy < 0.9


@pytest.mark.slow
def test_a_short_run_to_its_end_as_stored():
    np.testing.assert_allclose(lenet.short("MLP", 0), stored.arrays("lenet")["short: MLP"][:, 0], atol=0.02)


# Diagnosis


def of_diagnosis(change=0.0):
    """What its jobs give: the stored numbers, and `change` more for the noise."""
    kept = e.stored()
    rates = e.RATES.tolist()
    return {
        "watched": lambda name: kept.watched[name],
        "range_test": lambda name, n, seed: kept.ranges[name][n][seed],
        "by_method": lambda name, plan, lr, seed: tuple(
            kept.methods[list(e.OPTIMIZERS).index(name), e.PLANS.index(plan), rates.index(lr), seed]
        ),
        "by_decay": lambda lr, decay: tuple(kept.decays[rates.index(lr), e.DECAYS.tolist().index(decay)]),
        "edge": lambda start, seed: kept.edge[start][seed],
        "noise": lambda seed: kept.noise[seed] + change,
        "updates_to_target": lambda batch, lr, seed: kept.batches[
            e.SIZES_TRIED.index(batch), e.BATCH_RATES.index(lr), seed
        ],
    }


@pytest.mark.parametrize("arguments", [[], SCHEDULER, list(diagnosis.PARTS)])
def test_the_diagnosis_is_stored_again(written, arguments):
    contents, seen = written(diagnosis, arguments, of_diagnosis())
    assert contents == file_of("diagnosis")
    assert len(seen) == 17 + 3 * 4 * 3 + 3 * 2 * 31 * 3 + 31 * 7 + 5 * 3 + 3 + 6 * 9 * 3


def test_the_diagnosis_makes_the_named_parts_again_and_keeps_all_others(written):
    contents, seen = written(diagnosis, ["edge", "noise"], of_diagnosis(change=1000))
    found, kept = json.loads(contents), stored.load("diagnosis")
    assert [name for name in kept if found[name] != kept[name]] == ["noise"]
    assert list(found) == list(kept)
    np.testing.assert_allclose(np.array(found["noise"]) - kept["noise"], 1000, atol=1)
    assert {job for job, *_ in seen} == {"edge", "noise"}


# Beyond Adam


def of_beyond_adam():
    """What its jobs give: the stored numbers; nan for what is not stored."""
    kept = stored.load("beyond_adam")

    def entries(method, iterations, decays):
        """Where runs of a method are stored: the sweep, the trainings at its best rate, what their keys end with."""
        if decays:
            length = str(iterations)
            return [(kept["sweep"][length][method], kept["best"][length][method], "")]
        return [(kept["flat"][name], kept["flat"][name], end) for name, end in beyond_adam.FLAT[method].items()]

    def swept_run(method, lr, seed, iterations, decays):
        found = dict.fromkeys(("held-out", "held-out EMA"), np.nan)
        for swept, _, end in entries(method, iterations, decays):
            found[f"held-out{end}"] = swept["held_out"][swept["lrs"].index(lr)][seed]
        return found

    def run_again(method, lr, seed, iterations, decays):
        found = dict.fromkeys(("test", "test EMA"), np.nan)
        for _, best, end in entries(method, iterations, decays):
            if best["lr"] == lr:
                i = beyond_adam.SEEDS.index(seed)
                found |= {f"test{end}": best["test"][i], "curve": best["curves"][i]}
        return found

    return {"swept_run": swept_run, "run_again": run_again}


@pytest.mark.parametrize("arguments", [[], SCHEDULER])
def test_beyond_adam_is_stored_again(written, monkeypatch, arguments):
    monkeypatch.setattr(beyond_adam, "cost", lambda: stored.load("beyond_adam")["cost"])
    contents, seen = written(beyond_adam, arguments, of_beyond_adam())
    assert contents == file_of("beyond_adam")
    swept = [case for job, *case in seen if job == "swept_run"]
    assert len(swept) == 2 * 4 * 7 * 3 + 2 * 5 * 2


def test_a_training_and_its_average_at_one_rate_are_one_run(monkeypatch):
    """As long as both have the same best rate, which the processor decides."""
    seen = []

    def run_all(job, cases, executor, label):
        seen.extend(cases)
        return {case: {"test": 0.5, "test EMA": 0.75, "curve": [1.0]} for case in cases}

    monkeypatch.setattr(beyond_adam, "run_all", run_all)
    found = beyond_adam.again({"alone": ("AdamW", 0.01, "test"), "averaged": ("AdamW", 0.01, "test EMA")}, 500, False)
    assert seen == [("AdamW", 0.01, seed, 500, False) for seed in beyond_adam.SEEDS]
    assert [found[name]["test"] for name in found] == [[0.5] * 3, [0.75] * 3]


@pytest.mark.slow
def test_rates_are_chosen_on_digits_held_out_and_tested_on_the_test_digits(monkeypatch):
    seen = []

    def trained(method, lr, seed, images, labels, iterations, decays, test):
        seen.append((images, labels, *(array for pair in test.values() for array in pair)))
        return {"losses": [0.5] * 50} | {f"{name}{end}": 0.5 for name in test for end in ("", " EMA")}

    monkeypatch.setattr(beyond_adam, "trained", trained)
    beyond_adam.swept_run("AdamW", 0.01, 0, 50, True)
    beyond_adam.run_again("AdamW", 0.01, 0, 50, True)
    digits = mnist.load()
    known, held_out = mnist.split(digits)
    for found, expected in zip(seen, ((*known, *held_out), digits), strict=True):
        for array, other in zip(found, expected, strict=True):
            np.testing.assert_array_equal(array, other)


@pytest.mark.slow
def test_a_run_of_the_sweep_to_its_end_as_stored():
    kept = stored.load("beyond_adam")["sweep"]["500"]["AdamW"]
    found = beyond_adam.swept_run("AdamW", kept["lrs"][3], 0, 500, True)
    assert found["held-out"] == pytest.approx(kept["held_out"][3][0], abs=0.01)


@pytest.mark.slow
def test_the_first_window_of_a_stored_curve():
    """50 iterations of a rate that stays against the first 50 of 500 in which it goes down by a tenth."""
    kept = stored.load("beyond_adam")["best"]["500"]["Muon"]
    found = beyond_adam.run_again("Muon", kept["lr"], beyond_adam.SEEDS[0], 50, False)
    np.testing.assert_allclose(found["curve"], kept["curves"][0][:1], rtol=0.15)


# All of them


@pytest.mark.parametrize("store", [lenet, diagnosis])
def test_a_wrong_name_is_told(store, capsys):
    with pytest.raises(SystemExit):
        store.main(["nothing"])
    first = {lenet: "LeNet, MLP", diagnosis: "watched, ranges"}[store]
    assert f"name is 'nothing'; allowed: {first}, " in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("job", "cases"),
    [
        (jobs.lenet, [(seed,) for seed in (0, 1)]),
        (beyond_adam.swept_run, [("Muon", 0.01, seed, 20, True) for seed in (0, 1)]),
        (beyond_adam.run_again, [("Schedule-free", 0.002, seed, 50, False) for seed in (3, 4)]),
        (e.range_test, [("Adam", 50, seed) for seed in (0, 1)]),
        (e.updates_to_target, [(256, 0.5, seed) for seed in (0, 1)]),
    ],
)
def test_other_processes_give_the_numbers_of_threads_bit_by_bit(job, cases):
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        runs = [run_all(job, cases, executor) for executor in (pool, None)]
    elsewhere, here = (json.dumps(list(found.values()), default=np.ndarray.tolist) for found in runs)
    assert elsewhere == here
