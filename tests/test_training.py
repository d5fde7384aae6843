"""The training loop and paired comparisons: what is kept, what is equal, what ends a run early."""

import itertools
import threading

import numpy as np
import pytest
from counting_bar import CountingBar
from threadpoolctl import threadpool_info

import helpers
from workbench.live import training as told
from workbench.networks.network import MLP
from workbench.networks.training import Run, accuracy, batches, compare, inputs, train

SIZES = (784, 12, 3)


def spots(n=300, seed=0):
    """Images of 28 × 28 bytes with a bright row each; the label says which of the upper three it is."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, n).astype(np.uint8)
    images = rng.integers(0, 80, (n, 28, 28)).astype(np.uint8)
    images[np.arange(n), labels] += 150
    return images, labels


IMAGES, LABELS = spots()


def short(optimizer=None, iterations=20, each=None):
    return train(MLP(SIZES), optimizer or helpers.SGD(lr=0.1), IMAGES, LABELS, iterations, batch=32, each=each)


def test_an_epoch_takes_every_sample_once_and_the_next_one_in_another_order():
    taken = list(itertools.islice(batches(12, 4, seed=1), 6))
    first, second = np.concatenate(taken[:3]), np.concatenate(taken[3:])
    assert sorted(first) == sorted(second) == list(range(12))
    assert (first != second).any()


def test_what_fills_no_batch_is_left_out():
    taken = list(itertools.islice(batches(10, 4, seed=1), 4))
    assert [len(batch) for batch in taken] == [4] * 4
    assert len(set(np.concatenate(taken[:2]))) == 8


def test_the_seed_fixes_the_batches():
    a, b, c = (np.concatenate(list(itertools.islice(batches(20, 5, seed), 8))) for seed in (3, 3, 4))
    assert (a == b).all()
    assert (a != c).any()


@pytest.mark.parametrize(
    ("size", "allowed"),
    [(0, "a whole number, 1 or larger"), (-1, "a whole number, 1 or larger"), (11, "1 to 10, the number of samples")],
)
def test_a_batch_size_that_is_not_allowed(size, allowed):
    with pytest.raises(ValueError, match=f"size is {size}; allowed: {allowed}"):
        next(batches(10, size, 0))


def test_bytes_become_floats_from_0_to_1_and_floats_stay():
    network = MLP(SIZES)
    x = inputs(IMAGES[:5], network)
    assert x.shape == (5, 784)
    assert x.dtype == np.float32
    np.testing.assert_allclose(x, IMAGES[:5].reshape(5, 784) / 255, rtol=1e-6)
    np.testing.assert_array_equal(inputs(x.reshape(5, 28, 28), network), x)


def test_the_loop_is_loss_then_update_on_the_batches_of_the_seed():
    run = train(MLP(SIZES, seed=5), helpers.SGD(lr=0.1), IMAGES, LABELS, 20, batch=32, seed=6)
    network, optimizer, order, losses = MLP(SIZES, seed=5), helpers.SGD(lr=0.1), batches(300, 32, 6), []
    for _ in range(20):
        k = next(order)
        x = IMAGES[k].reshape(-1, 784).astype(np.float32) * np.float32(1 / 255)
        losses.append(network.loss(x, LABELS[k]))
        optimizer.update(network.params, network.loss_and_gradients(x, LABELS[k])[1])
    np.testing.assert_allclose(run.losses, losses, rtol=1e-5)
    for key, array in network.params.items():
        np.testing.assert_allclose(run.network.params[key], array, rtol=1e-4, atol=1e-6)
    assert (run.done, run.diverged, run.interrupted) == (20, None, False)
    assert run.seconds > 0


def test_training_learns():
    run = short(helpers.Adam(lr=0.01), iterations=150)
    assert run.loss(10) < 0.2 < run.losses[0]
    test_images, test_labels = spots(seed=1)
    assert accuracy(run.network, test_images, test_labels) > 0.95
    assert accuracy(run.network, test_images, test_labels, batch=7) == accuracy(run.network, test_images, test_labels)


def test_the_first_loss_is_taken_before_any_update():
    assert short(helpers.SGD(lr=0.0)).losses[0] == short(helpers.SGD(lr=5.0)).losses[0]


def test_a_run_that_diverges_says_where_and_stops():
    run = short(helpers.SGD(lr=1e30), iterations=50)
    assert run.diverged == run.done - 1 < 49
    assert not np.isfinite(run.losses[-1])
    assert np.isfinite(run.losses[:-1]).all()
    assert np.isnan(run.loss())


def test_each_is_called_after_every_update_and_may_end_the_run():
    seen = []
    run = short(each=lambda run: seen.append(run.done) or run.done == 7)
    assert seen == list(range(1, 8))
    assert (run.done, run.iterations, run.interrupted) == (7, 20, False)


@pytest.mark.parametrize("train", [train, told.train])
def test_interrupting_keeps_what_was_done_and_lessons_say_so(train, capsys):
    def interrupt(run):
        if run.done == 5:
            raise KeyboardInterrupt

    run = train(MLP(SIZES), helpers.SGD(lr=0.1), IMAGES, LABELS, 20, batch=32, each=interrupt)
    assert run.interrupted
    assert run.done == 5
    assert run.network.params["W1"].any()
    said = "Interrupted after 5 of 20 iterations; what was done so far is kept.\n"
    assert capsys.readouterr().out == (said if train is told.train else "")


def test_a_run_shows_how_far_it_is():
    assert repr(Run(10)) == "<Run: 0 of 10 iterations>"
    assert repr(Run(10, losses=[3.0, 1.0], interrupted=True)) == "<Run: 2 of 10 iterations, interrupted, loss 2>"
    assert repr(Run(2, losses=[1.0, 2.0], accuracy=0.5)) == "<Run: 2 of 2 iterations, loss 1.5, accuracy 0.5>"
    assert repr(short(helpers.SGD(lr=1e30))).startswith("<Run: ")
    assert "diverged" in repr(short(helpers.SGD(lr=1e30), iterations=50))


def test_bytes_and_floats_of_any_shape_train_alike():
    x = IMAGES.reshape(-1, 784) * np.float32(1 / 255)
    from_floats = train(MLP(SIZES), helpers.SGD(lr=0.1), x, LABELS, 20, batch=32)
    assert from_floats.losses == short().losses
    with pytest.raises(ValueError, match=r"images has shape \(32, 27, 28\); allowed: for each image \(784,\), as the"):
        train(MLP(SIZES), helpers.SGD(), IMAGES[:, 1:], LABELS, 20, batch=32)


OPTIMIZERS = {"SGD": helpers.SGD, "Momentum": helpers.Momentum, "Adam": helpers.Adam}


def jobs(iterations=60, seed=3):
    def job(make):
        return lambda run: train(
            MLP(SIZES, seed=seed), make(lr=0.02), IMAGES, LABELS, iterations, batch=32, seed=seed, run=run
        )

    return {name: job(make) for name, make in OPTIMIZERS.items()}


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_a_comparison_is_paired_and_the_same_on_any_number_of_cores(workers):
    runs = compare(jobs(), test=spots(seed=1), iterations=60, workers=workers)
    assert list(runs) == list(OPTIMIZERS)
    assert len({run.losses[0] for run in runs.values()}) == 1  # equal weights, equal first batch
    for name, make in OPTIMIZERS.items():
        alone = train(MLP(SIZES, seed=3), make(lr=0.02), IMAGES, LABELS, 60, batch=32, seed=3)
        np.testing.assert_allclose(runs[name].losses, alone.losses, rtol=1e-5)
        assert runs[name].accuracy == accuracy(alone.network, *spots(seed=1))
    assert len({run.losses[-1] for run in runs.values()}) == 3


def test_without_test_data_there_is_no_accuracy():
    assert np.isnan(compare(jobs(5), iterations=5)["SGD"].accuracy)


def test_watch_sees_the_runs_grow_and_the_end():
    seen, gate = [], threading.Event()

    def wait_once(run):
        if run.done == 10:
            gate.wait(20)

    def job(run):
        train(MLP(SIZES), helpers.SGD(), IMAGES, LABELS, 20, batch=32, run=run, each=wait_once)

    def watch(runs):
        seen.append(runs["only"].done)
        if seen[-1] >= 10:
            gate.set()

    compare({"only": job}, iterations=20, watch=watch)
    assert seen == sorted(seen)
    assert 10 in seen
    assert seen[-1] == 20


def test_a_bar_is_told_of_all_iterations():
    made = []
    compare(jobs(5), iterations=5, bar=lambda total: made.append(CountingBar(total)) or made[-1])
    assert [(bar.total, bar.n, bar.closed) for bar in made] == [(15, 15, True)]


def test_lessons_see_a_bar_with_its_label(capsys):
    runs = told.compare(jobs(5), iterations=5, label="five iterations")
    assert [run.done for run in runs.values()] == [5, 5, 5]
    assert "five iterations: 15" in capsys.readouterr().out
    with pytest.raises(ValueError, match="workers is 0; allowed"):
        told.compare(jobs(5), iterations=5, workers=0)
    assert capsys.readouterr().out == ""


def test_interrupting_a_comparison_keeps_all_and_says_so(capsys):
    begun = threading.Event()

    def endless(run):
        train(MLP(SIZES), helpers.SGD(), IMAGES, LABELS, 10**9, batch=32, run=run, each=lambda run: begun.set())

    def interrupt(runs):
        if begun.wait(20) and not runs["first"].interrupted:
            raise KeyboardInterrupt

    runs = told.compare({"first": endless, "never begun": endless}, iterations=10**9, watch=interrupt, workers=1)
    assert runs["first"].interrupted
    assert runs["first"].done > 0
    assert runs["never begun"].interrupted
    assert runs["never begun"].done == 0
    said = capsys.readouterr().out
    assert "Interrupted; what was done so far is kept:" in said
    assert f"first: {runs['first'].done} of 1000000000 iterations" in said


def test_a_job_that_fails_stops_the_others_and_its_error_is_raised():
    def fail(run):
        raise ValueError("the job's own words")

    def endless(run):
        train(MLP(SIZES), helpers.SGD(), IMAGES, LABELS, 10**9, batch=32, run=run)

    with pytest.raises(ValueError, match="the job's own words"):
        compare({"endless": endless, "fails": fail}, iterations=10**9, workers=2)


def test_a_run_that_diverges_does_not_stop_the_others():
    def job(lr):
        return lambda run: train(MLP(SIZES), helpers.SGD(lr), IMAGES, LABELS, 30, batch=32, run=run)

    runs = compare({"bad": job(1e30), "good": job(0.1)}, test=(IMAGES, LABELS), iterations=30)
    assert runs["bad"].diverged is not None
    assert np.isnan(runs["bad"].accuracy)
    assert runs["good"].diverged is None
    assert runs["good"].done == 30


def test_the_loss_of_a_run_is_the_mean_of_its_last_ones():
    assert np.isnan(Run(10).loss())
    run = Run(10, losses=[9.0, 1.0, 2.0, 3.0])
    assert (run.loss(3), run.loss()) == (2.0, 3.75)


def test_each_run_has_one_blas_thread():
    seen = []
    compare({"job": lambda run: seen.extend(threadpool_info())}, iterations=0)
    assert {library["num_threads"] for library in seen if library["user_api"] == "blas"} == {1}
