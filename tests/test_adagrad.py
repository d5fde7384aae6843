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
