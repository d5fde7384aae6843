"""The parts of AdaGrad's live figures that a picture cannot show to be right."""

import numpy as np
import pytest

import helpers
from lessons.adagrad import experiments as adagrad
from lessons.adagrad.figures import NOISE, StepSizes
from workbench.descent import landscapes


@pytest.mark.parametrize("exponent", adagrad.FREQUENCIES.values())
def test_frequencies_are_shares(exponent):
    share = adagrad.frequency(exponent)
    assert share.sum() == pytest.approx(1)
    assert share[0] / share[9] == pytest.approx(10**exponent)


def test_samples_follow_the_frequencies_and_the_true_weights():
    words, labels = np.concatenate([adagrad.samples(1, seed) for seed in range(50)], axis=1)
    for word in (0, 1, 19):
        there = words == word
        assert there.mean() == pytest.approx(adagrad.frequency(1)[word], rel=0.1)
        assert labels[there].mean() == pytest.approx(adagrad.sigmoid(adagrad.TRUTH[word]), abs=0.04)


def test_excess_is_what_the_expected_loss_of_each_word_lies_above_the_least():
    w = np.linspace(-3, 3, 20)
    p, q = adagrad.sigmoid(adagrad.TRUTH), adagrad.sigmoid(w)
    divergence = p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))  # Kullback and Leibler
    np.testing.assert_allclose(adagrad.excess(w), divergence, atol=1e-12)
    np.testing.assert_array_equal(adagrad.excess(adagrad.TRUTH), 0)
    np.testing.assert_allclose(-p * np.log(p) - (1 - p) * np.log(1 - p), 0.365, atol=5e-4)


@pytest.mark.parametrize("method", adagrad.METHODS)
def test_training_all_at_once_is_the_optimizer_sample_by_sample(method):
    seeds, i = (3, 5), 14
    lr = adagrad.LRS[i]
    expected = np.zeros((len(seeds), 20))
    for w, seed in zip(expected, seeds, strict=True):
        optimizer = helpers.AdaGrad(lr) if method == "AdaGrad" else helpers.SGD(lr)
        for t, (word, label) in enumerate(zip(*adagrad.samples(1, seed), strict=True), start=1):
            g = np.zeros(20)
            g[word] = adagrad.sigmoid(w[word]) - label
            optimizer.lr = lr / np.sqrt(t) if method == "decay" else lr
            optimizer.update({"w": w}, {"w": g})
    np.testing.assert_allclose(adagrad.trained(method, 1, seeds)[:, i], expected, atol=1e-9)


def test_recorder_adds_a_row_of_noise_to_each_gradient():
    bowl, noise = landscapes.bowl(), np.array([[1.0, 2.0], [3.0, 4.0]])
    gradient = adagrad.Recorder(bowl, noise)
    path = helpers.trajectory(helpers.SGD(0.5), gradient, (-7, 2), steps=2)
    np.testing.assert_allclose(gradient.seen, bowl.gradient(path[:2]) + noise)
    np.testing.assert_allclose(np.diff(path, axis=0), -0.5 * np.array(gradient.seen))


def test_step_sizes_are_those_of_the_optimizer():
    live = StepSizes()
    live.set(noise=1.0, eps=0.1, steps=20)
    optimizer = helpers.AdaGrad(1.5, eps=0.1)
    helpers.trajectory(optimizer, adagrad.Recorder(landscapes.bowl(), NOISE), (-7, 2), steps=20)
    root = np.sqrt(optimizer.state["w"]["h"])
    for name, r in zip(("along x", "along y"), root, strict=True):
        assert live.roots.curves[name].get_ydata()[-1] == pytest.approx(r)
        assert live.sizes.curves[name].get_ydata()[-1] == pytest.approx(1.5 / (r + 0.1))
    assert len(live.roots.curves["along x"].get_ydata()) == 20


def test_each_coordinate_converges_like_gradient_descent_with_its_last_step_size():
    path = helpers.trajectory(optimizer := helpers.AdaGrad(1.5), landscapes.bowl().gradient, (-7, 2), steps=1000)
    step_size = 1.5 / np.sqrt(optimizer.state["w"]["h"][0])
    assert step_size == pytest.approx(1.176, abs=1e-3)
    assert path[30, 0] / path[29, 0] == pytest.approx(1 - 0.1 * step_size, abs=1e-3)


def test_the_first_update_is_the_learning_rate_and_the_condition_number_cancels():
    bowls = [landscapes.bowl(condition) for condition in (5, 20, 100)]
    paths = [helpers.trajectory(helpers.AdaGrad(1.5), bowl.gradient, (-7, 2), steps=30) for bowl in bowls]
    np.testing.assert_allclose(paths[1][1], (-5.5, 0.5), rtol=1e-7)
    np.testing.assert_allclose(paths, np.broadcast_to(paths[0], np.shape(paths)), atol=1e-6)


def test_the_sum_counts_gradients_and_not_the_way():
    optimizer, params = helpers.AdaGrad(lr=0.0), {"w": np.array([5.0])}
    for _ in range(10):
        optimizer.update(params, {"w": np.array([2.0])})
    assert params["w"] == 5
    assert optimizer.state["w"]["h"] == 40


def test_with_a_large_epsilon_it_is_sgd():
    gradient = landscapes.bowl().gradient
    large = helpers.trajectory(helpers.AdaGrad(lr=0.5e6, eps=1e6), gradient, (-7, 2), steps=30)
    np.testing.assert_allclose(large, helpers.trajectory(helpers.SGD(0.5), gradient, (-7, 2), steps=30), atol=1e-3)


def test_on_a_slope_step_k_is_shorter_by_the_root_of_k_and_k_steps_lead_twice_that_far():
    path = helpers.trajectory(helpers.AdaGrad(lr=0.1), np.sign, [-7], steps=1400)[:, 0]
    arrived = np.argmax(path >= 0)
    k = np.arange(1, arrived + 1)
    np.testing.assert_allclose(np.diff(path)[:arrived], 0.1 / np.sqrt(k), rtol=1e-6)
    assert 18 < arrived / 70 < 19
    assert arrived == pytest.approx((7 / 0.2) ** 2, rel=0.05)
    assert (1 / np.sqrt(k)).sum() == pytest.approx(2 * np.sqrt(arrived), rel=0.03)


def test_the_size_of_the_loss_does_not_matter():
    bowl = landscapes.bowl()
    paths = [
        helpers.trajectory(helpers.AdaGrad(1.5), lambda w, f=f: f * bowl.gradient(w), (-7, 2), 30) for f in (1, 1e-3)
    ]
    np.testing.assert_allclose(*paths, atol=1e-4)
    end = helpers.trajectory(helpers.SGD(0.95), lambda w: bowl.gradient(w) / 1000, (-7, 2), 30)[-1]
    assert bowl.value(end) > 0.9 * bowl.value(np.array([-7, 2]))


def test_under_noise_adagrad_finds_the_schedule():
    runs, h = adagrad.noisy_runs()
    constant, schedule, ada = runs.values()
    assert constant[0] == pytest.approx(constant[1], rel=0.2)
    assert schedule[1] < schedule[0] / 2
    assert ada[1] == pytest.approx(schedule[1], rel=0.05)
    assert 9000 < h.min() < h.max() < 11_000


def test_what_helps_rare_words_hurts_frequent_ones():
    learned = adagrad.excess(adagrad.trained("SGD", 1)).mean(axis=0)
    small, large = (learned[np.isclose(adagrad.LRS, eta)][0] for eta in (0.1, 1.5))
    assert small[0] < large[0] / 5
    assert small[-1] > 2 * large[-1]


@pytest.mark.slow
def test_adagrad_wins_where_words_are_rare_and_the_schedule_where_they_are_alike():
    for name, exponent in adagrad.FREQUENCIES.items():
        _, losses = adagrad.judged(exponent)
        won = [np.sum(losses["AdaGrad"] < losses[other]) for other in ("SGD", "decay")]
        assert (won[1] < 80) if name == "all words alike" else (min(won) > 180)


def test_the_turned_bowl_costs_adagrad_what_it_had_won():
    lowest = {}
    for rotation in 0, 45:
        bowl, angle = landscapes.bowl(rotation=rotation), np.radians(rotation)
        start = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ (-7, 2)
        for method in helpers.SGD, helpers.AdaGrad:
            ends = [helpers.trajectory(method(lr), bowl.gradient, start, 30)[-1] for lr in np.geomspace(0.1, 10, 81)]
            lowest[method, rotation] = bowl.value(np.array(ends)).min()
    assert lowest[helpers.AdaGrad, 0] < 1e-20 < lowest[helpers.SGD, 0]
    assert lowest[helpers.SGD, 45] == pytest.approx(lowest[helpers.SGD, 0])
    assert lowest[helpers.AdaGrad, 45] > 5 * lowest[helpers.SGD, 45]


def test_one_large_gradient_shortens_all_steps_after_it():
    ways = []
    for first in 1.0, 100.0:
        gradients = iter([first] + [1.0] * 1000)
        way = helpers.trajectory(helpers.AdaGrad(1.0), lambda w, g=gradients: [next(g)], [0], 1001)[:, 0]
        ways.append(way[1] - way[-1])
    assert ways[0] > 6 * ways[1]


def test_the_first_step_of_keras_and_optax():
    for g, step in (1.0, 0.953), (0.1, 0.302), (0.01, 0.0316):
        assert g / np.sqrt(0.1 + g**2 + 1e-7) == pytest.approx(step, abs=6e-4)
