"""The lesson on diagnosis: what its measurements are, stored runs computed again in part, what it says of them."""

import numpy as np
import pytest

import helpers
from lessons.diagnosis import experiments as e
from lessons.diagnosis import figures
from lessons.diagnosis.exercises import AGAINST, QUESTIONS, THREE
from workbench.data import mnist
from workbench.descent import landscapes
from workbench.networks.layers import Affine
from workbench.networks.network import MLP

STORED = e.stored()
RUNS = STORED.watched


# Sick runs


def test_each_sick_run_differs_from_its_cure_in_one_ingredient():
    assert sorted(cause for cause, _, _ in e.SICK.values()) == sorted(e.CAUSES)
    for cause, sick, cured in e.SICK.values():
        different = [name for name in vars(sick) if repr(vars(sick)[name]) != repr(vars(cured)[name])]
        assert len(different) == 1, cause
    assert {question.name: question.answer for question in QUESTIONS} == {
        f"run {name}": cause for name, (cause, _, _) in e.SICK.items()
    }


def test_the_exercise_has_the_causes_of_the_recipes():
    numbers = [e.CAUSES.index(cause) + 1 for cause, _ in e.UNSEEN.values()]
    assert THREE.reference.tolist() == numbers
    for (name, against), number in zip(AGAINST.items(), numbers, strict=True):
        assert against.keys() == set(range(1, 9)) - {number}, name


def test_the_checkups_tell_the_three_unseen_runs():
    """What the exercise holds against wrong causes is what the checkups measure."""
    healthy, labels, init, order = (e.checkup(name) for name in ("healthy", "I", "II", "III"))
    for found in healthy, labels, order:
        assert 2 < found["first loss"] < 2.6
        assert found["loss of one batch, 100 updates"] < 0.02
        assert 0.98 < found["σ of W2, divided by He's"] < 1.02
        assert found["dead units of layer 4"] < 0.4
    for found in healthy, labels, init:
        assert found["different digits in a batch"] == 10
    assert order["different digits in a batch"] == 1
    assert all(found["largest input"] == 1 for found in (healthy, labels, init, order))
    assert init["first loss"] > 50
    assert init["σ of W2, divided by He's"] > 2
    assert init["ratio of W2, first update"] > 0.1
    assert init["length of the gradient of W1"] > 1
    assert labels["ratio of W2, first update"] < 0.001


def test_what_is_watched_is_what_an_update_does():
    found = e.watched("healthy", updates=1)
    network, (x, labels) = e.new_network(e.HEALTHY, 0), next(e.batches_of(e.HEALTHY, 0))
    loss, grads = network.loss_and_gradients(x, labels)
    assert found.losses[0] == pytest.approx(loss)
    for k, key in enumerate(e.LAYERS):
        length = np.sqrt((grads[key] ** 2).sum())
        assert found.gradients[0, k] == pytest.approx(length, rel=1e-4)
        assert found.ratios[0, k] == pytest.approx(0.1 * length / np.sqrt((network.params[key] ** 2).sum()), rel=1e-3)


def test_the_orders_of_the_digits():
    labels = np.random.default_rng(0).integers(10, size=60_000)
    seen = [labels[chosen] for chosen, _ in zip(e.ORDERS["sorted"](labels, 0), range(e.UPDATES), strict=False)]
    assert np.diff(np.concatenate(seen)).min() == 0
    assert {0, 9} <= set(np.concatenate(seen))
    for k, chosen in zip(range(23), e.ORDERS["in turn"](labels, 0), strict=False):
        assert set(labels[chosen]) == {k % 10}
        assert len(set(chosen)) == e.BATCH


def test_without_correction_the_first_step_of_adam_is_about_three_times_as_long():
    steps = {}
    for make in e.Uncorrected, helpers.Adam:
        w = {"w": np.zeros(1)}
        make(0.01).update(w, {"w": np.array([0.5])})
        steps[make] = abs(w["w"].item())
    assert steps[e.Uncorrected] / steps[helpers.Adam] == pytest.approx(0.1 / np.sqrt(0.001), rel=1e-6)
    ratios = RUNS["G"].ratios[0] / RUNS["G, cured"].ratios[0]
    assert (np.abs(ratios - 3.16) < 0.2).all()


@pytest.mark.parametrize("name", ["healthy", "A", "C", "F", "G, cured"])
def test_a_stored_sick_run_begins_as_stored(name):
    again = e.watched(name, updates=11)
    np.testing.assert_allclose(again.losses[:11], RUNS[name].losses[:11], rtol=0.03)
    np.testing.assert_allclose(again.gradients[:4], RUNS[name].gradients[:4], rtol=0.05)
    np.testing.assert_allclose(again.ratios[:4], RUNS[name].ratios[:4], rtol=0.05)


def test_what_the_lesson_says_of_the_sick_runs():
    assert RUNS.keys() == e.RECIPES.keys() - e.UNSEEN.keys()
    last = {name: run.losses[-20:].mean() for name, run in RUNS.items()}
    for name in "ADFH":
        assert 2.2 < last[name] < 2.45, name
        assert RUNS[name].accuracy < 0.2, name
    assert (RUNS["D"].dead[0, 1:] == 1).all()
    assert (RUNS["D"].gradients == 0).all()
    assert (RUNS["F"].gradients[0] < 1e-4).all()
    healthy, slow = RUNS["healthy"], RUNS["H"]
    np.testing.assert_allclose(slow.gradients[0], healthy.gradients[0], rtol=1e-3)
    np.testing.assert_allclose(slow.ratios[0], healthy.ratios[0] / 1000, rtol=0.02)
    assert (RUNS["A"].ratios > 5e-4).all()
    assert RUNS["C"].losses[0] == pytest.approx(181, rel=0.01)
    assert (RUNS["B"].ratios[0] > 0.02).all()
    assert (RUNS["B"].ratios[0] < 0.08).all()
    assert last["E"] < 0.01
    assert RUNS["E"].accuracy < 0.15
    assert RUNS["G"].dead[-1].sum() * 100 > 200
    for name in e.SICK:
        assert RUNS[f"{name}, cured"].accuracy > 0.9
        assert RUNS[f"{name}, cured"].accuracy > RUNS[name].accuracy + 0.05


# The range test, trials


def test_a_range_test_is_a_training_at_rising_rates():
    lrs = e.rising(5)
    np.testing.assert_allclose(np.diff(np.log(lrs)), np.log(10**6) / 4)
    assert (lrs[0], lrs[-1]) == pytest.approx((e.LOW, e.HIGH))
    again = e.range_test("Adam", 50, 1)
    np.testing.assert_allclose(again[:30], STORED.ranges["Adam"][50][1, :30], rtol=0.05)
    with np.errstate(invalid="ignore"):
        assert not (again > 4 * again[0]).any()


def test_smoothed_is_corrected_for_its_start():
    np.testing.assert_allclose(e.smoothed(np.full(7, 3.0), 0.9), 3.0)
    np.testing.assert_allclose(e.smoothed([1.0, 2.0], 0.5), [1.0, (0.25 * 1 + 0.5 * 2) / 0.75])


def test_the_best_of_some_trials_is_the_mean_over_all_draws():
    chosen, reported = np.array([0.2, 0.9, 0.5]), np.array([1.0, 3.0, 7.0])
    draws = [reported[max((i, j), key=lambda k: chosen[k])] for i in range(3) for j in range(3)]
    assert e.best_of(chosen, reported, 2) == pytest.approx(np.mean(draws))
    rng, chances = np.random.default_rng(0), np.array([0.5, 0.1, 0.4])
    drawn = rng.choice(3, size=(100_000, 4), p=chances)
    best = reported[drawn[np.arange(100_000), chosen[drawn].argmax(axis=1)]].mean()
    assert e.best_of(chosen, reported, 4, chances) == pytest.approx(best, abs=0.03)


def test_a_grid_spends_its_trials_on_squares():
    table = np.random.default_rng(0).random((10, 4, 2))
    assert e.grid_of(table, 1) == e.grid_of(table, 3)
    found = []
    for begin in (np.arange(10) + 0.5) / 10:
        points = [table[int((i + begin) * 5), int((j + begin) * 2)] for i in range(2) for j in range(2)]
        found.append(max(points, key=lambda point: point[0])[1])
    assert e.grid_of(table, 4) == pytest.approx(np.mean(found))


def test_a_stored_trial_computed_again():
    found = e.by_method("Momentum", "half a cosine", e.RATES[18], 0)
    np.testing.assert_allclose(found, STORED.methods[1, 1, 18, 0], atol=0.02)
    np.testing.assert_allclose(e.by_decay(e.RATES[12], e.DECAYS[2]), STORED.decays[12, 2], atol=0.02)


def test_what_the_lesson_says_of_range_tests_and_trials():
    """The tenth of the lowest place is never far off, that place itself is; and rankings depend on the budget."""
    worst = {share: {name: found.max() for name, found in e.read_off(share).items()} for share in (1.0, 0.1)}
    assert max(worst[1.0].values()) > 70
    assert max(worst[0.1].values()) < 14
    for places in e.lowest_places().values():
        assert places.max() / places.min() > 3
    wrong = 100 * (1 - np.median(STORED.methods[:, 0, ..., 0], axis=-1)).min(axis=1)
    assert (wrong > 5.5).all()
    assert (wrong < 7.5).all()
    errors = 100 * (1 - STORED.decays[..., 0])
    assert 0.2 < (np.median(errors, axis=1) < 8).mean() < 0.3
    assert np.ptp(np.median(errors[6:16, :5], axis=0)) < 1.5
    grid, log, linear = figures.searched().values()
    assert log[2] < grid[2] / 1.5
    assert (grid[[3, 8]] < log[[3, 8]] - 0.5).all()
    assert (np.abs(grid - log)[[15, 24, 48]] < 0.1).all()
    assert (linear[:49] > 50).all()
    constant, decayed = (figures.by_plan(plan) for plan in e.PLANS)
    assert (constant["Adam"][:9] < decayed["Momentum"][:9]).all()
    assert constant["Adam"][48] > decayed["Momentum"][48]
    assert constant["Adam"][3] < decayed["Adam"][3]
    assert constant["Adam"][8] > decayed["Adam"][8]


# Clipping


def test_clipping():
    for g, short, cut in ([3.0, 4.0], [0.6, 0.8], [1.0, 1.0]), ([0.3, 0.4],) * 3, ([0.0, 0.0],) * 3:
        np.testing.assert_allclose(e.by_norm(np.array(g), 1.0), short)
        np.testing.assert_allclose(e.by_value(np.array(g), 1.0), cut)


@pytest.mark.parametrize("place", e.FALLS)
@pytest.mark.parametrize("clip", e.CLIPS)
def test_the_balls_are_those_of_the_heavy_ball_with_clipped_gradients(place, clip):
    landscape = e.FALLS[place]
    path = helpers.trajectory(
        helpers.Momentum(0.001, 0.9), lambda p: e.CLIPS[clip](landscape.gradient(p), 2.0), landscape.start, 60
    )
    found = e.falls(place, 0.001, 0.9, 2.0, 60)[clip]
    np.testing.assert_allclose(found.path, path, rtol=1e-9)
    lowest = landscape.value(landscape.minima[0])
    np.testing.assert_allclose(found.losses, landscape.value(path) - lowest, rtol=1e-6)


def test_at_the_cliff_both_ways_help_and_in_the_valley_only_one():
    ends = {
        (place, clip): run
        for place, lr in (("cliff", 0.5), ("Rosenbrock", 0.005))
        for clip, run in e.falls(place, lr, 0.9, 1.0).items()
    }
    thrown = ends["cliff", "no clipping"].path
    assert np.linalg.norm(thrown - thrown[0], axis=1).max() > 800
    assert not np.isfinite(ends["Rosenbrock", "no clipping"].losses[-1])
    assert ends["cliff", "by norm"].losses[-1] < 1e-5
    assert ends["cliff", "by value"].losses[-1] < 1e-5
    assert ends["Rosenbrock", "by norm"].losses[-50:].max() < 0.2
    assert ends["Rosenbrock", "by value"].losses[-50:].min() > 4
    np.testing.assert_allclose(landscapes.rosenbrock().gradient([-1.5, 2.0]), [-155.0, -50.0])


# Sharpness and batch sizes


def test_stored_sharpness_computed_again():
    again = e.edge("η = 0.1", 0, updates=10)
    np.testing.assert_allclose(again, STORED.edge["η = 0.1"][0][:, :3], rtol=0.03)


def test_the_noise_scale_is_the_variance_of_single_gradients():
    rng = np.random.default_rng(0)
    network = MLP((5, 4, 3), "tanh", seed=1, dtype=np.float64)
    assert any(isinstance(layer, Affine) for layer in network.layers)
    x, labels = rng.normal(size=(30, 5)), rng.integers(3, size=30)
    single = []
    for k in range(30):
        grads = network.loss_and_gradients(x[k : k + 1], labels[k : k + 1])[1]
        single.append(np.concatenate([grads[key].ravel() for key in network.params]))
    single = np.array(single)
    variance = single.var(axis=0, ddof=1).sum()
    squared = (single.mean(axis=0) ** 2).sum() - variance / 30
    assert e.noise_scale(network, x, labels) == pytest.approx(variance / squared, rel=1e-9)


def test_stored_noise_and_updates_computed_again():
    network, (_, (images, labels)) = MLP(e.SMALL, seed=0), (None, mnist.load()[:2])
    x, t = mnist.pixels(images[-20_000:-10_000]), labels[-20_000:-10_000]
    assert e.noise_scale(network, x, t) == pytest.approx(STORED.noise[0, 1, 0], rel=0.02)
    i, j = e.SIZES_TRIED.index(256), e.BATCH_RATES.index(0.5)
    assert e.updates_to_target(256, 0.5, 0) == pytest.approx(STORED.batches[i, j, 0], rel=0.2)


def test_the_critical_batch_size_of_a_curve_is_found():
    sizes = np.array(e.SIZES_TRIED, float)
    assert e.critical(sizes, 80 * (1 + 300 / sizes)) == pytest.approx((80, 300), rel=0.01)


def test_what_the_lesson_says_of_batches():
    fewest, best = e.best_batches(STORED.batches)
    assert ((fewest[1:3] / fewest[:2] > 0.2) & (fewest[1:3] / fewest[:2] < 0.34)).all()
    assert fewest[3] < 1.15 * fewest[5]
    assert (best[3:] == 0.5).all()
    lrs, updates = e.by_rule(STORED.batches, "square-root rule", 16)
    np.testing.assert_array_equal(lrs[:4], best[:4])
    assert np.isnan(updates[4:]).all()
    lrs, updates = e.by_rule(STORED.batches, "linear rule", 16)
    assert updates[2] < 1.05 * fewest[2]
    assert np.isnan(updates[3:]).all()
    scales = np.median(STORED.noise[:, 1], axis=0)
    assert 50 < scales[0] < e.critical(np.array(e.SIZES_TRIED), fewest)[1] < scales[4] < 600


def test_what_the_lesson_says_of_the_edge():
    sharp = {start: runs[:, 1] * e.edge_rate(start, e.EDGE_AT) / 2 for start, runs in STORED.edge.items()}
    assert sharp["η = 0.02"].max() < 0.65
    for start in "η = 0.05", "η = 0.1":
        assert (sharp[start][:, :11].max(axis=1) > 1).all()
        hovers = np.median(sharp[start], axis=0)[10:31]
        assert ((hovers > 0.7) & (hovers < 1.5)).all()
        assert (STORED.edge[start][:, 0, -1] < 0.04).all()
    assert ((sharp["η = 0.2"][:, 4] > 2.6) & (sharp["η = 0.2"][:, 4] < 3.8)).all()
    for curves in STORED.edge.values():  # no curvature that a bend of ReLU has made
        assert (curves[:, 1, 1:-1] < 10 * np.maximum(curves[:, 1, :-2], curves[:, 1, 2:])).all()
    highest = {start: (runs[:, 0].max(axis=1) > runs[:, 0, 0]).sum() for start, runs in STORED.edge.items()}
    assert (highest["η = 0.2"], highest["0.2 after a warm-up"]) == (1, 0)


def test_a_rule_leads_from_a_known_rate_to_others():
    lrs, updates = e.by_rule(STORED.batches, "square-root rule", 16)
    best = e.best_batches(STORED.batches)[1][1]
    np.testing.assert_allclose(lrs, best * np.sqrt(np.array(e.SIZES_TRIED) / 16))
    known = e.medians(STORED.batches)[1, e.BATCH_RATES.index(best)]
    assert updates[1] == known == np.nanmin(e.medians(STORED.batches)[1])


def test_figures_show_the_stored_runs():
    live = figures.SickRuns()
    live.set(run="D", update=0)
    assert "Length of the gradient in layers 1 to 5: 0, 0, 0, 0, 0." in live.words
    live.set(cured=True)
    assert "92%" in live.words or "91%" in live.words
