"""Schedules: the learning rates of torch, known values, places outside of the run, an optimizer that follows."""

import json
from pathlib import Path

import numpy as np
import pytest

import helpers
from workbench.networks import schedules
from workbench.networks.network import MLP
from workbench.networks.training import train

TORCH = json.loads(Path(__file__).with_name("torch_schedules.json").read_text())
LR, UPDATES = 0.3, 50
OURS = {
    "step": schedules.step(LR, UPDATES, [10, 35], factor=0.2),
    "exponential": schedules.exponential(LR, rate=0.93),
    "cosine": schedules.cosine(LR, UPDATES, end=0.03),
    "warmup": schedules.warmup(schedules.constant(LR), UPDATES, updates=8),
}
ALL = OURS | {"constant": schedules.constant(LR), "1/t": schedules.inverse_time(LR, decay=0.1)}


@pytest.mark.parametrize("name", OURS)
def test_the_learning_rates_are_those_of_torch(name):
    np.testing.assert_allclose(OURS[name](np.arange(UPDATES)), TORCH[name], rtol=1e-12, atol=0)


@pytest.mark.parametrize("name", ALL)
def test_one_iteration_or_many(name):
    k = np.arange(UPDATES)
    one_by_one = [ALL[name](int(i)) for i in k]
    assert all(np.ndim(lr) == 0 for lr in one_by_one)
    np.testing.assert_allclose(ALL[name](k), one_by_one, rtol=1e-14)


def test_known_values():
    assert schedules.inverse_time(0.4, decay=0.01)(100) == pytest.approx(0.2)
    assert schedules.cosine(0.4, 100)(50) == pytest.approx(0.2)
    assert schedules.cosine(0.4, 100, end=0.1)(150) == pytest.approx(0.1)
    assert schedules.step(0.4, 100, [10])(9) == 0.4
    assert schedules.step(0.4, 100, [10])(10) == pytest.approx(0.04)
    assert schedules.step(0.4, 100, [])(99) == 0.4
    assert schedules.warmup(schedules.constant(0.4), 100, 4)(0) == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: schedules.step(0.1, 600, [300, 600]), "boundaries has 600; allowed: 1 to 599, inside of 600"),
        (lambda: schedules.step(0.1, 600, [0]), "boundaries has 0; allowed: 1 to 599"),
        (lambda: schedules.step(0.1, 600, [300, 200]), r"boundaries is \[300, 200\]; allowed: numbers in rising order"),
        (lambda: schedules.step(0.1, 600, [300], factor=2), "factor is 2; allowed: 0 to 1"),
        (lambda: schedules.exponential(0.1, 1.1), "rate is 1.1; allowed: above 0, to 1"),
        (lambda: schedules.inverse_time(0.1, -1), "decay is -1; allowed: 0 or larger"),
        (lambda: schedules.cosine(0.1, 600, end=0.2), "end is 0.2; allowed: 0 to 0.1"),
        (lambda: schedules.warmup(schedules.constant(0.1), 600, 600), "updates is 600; allowed: 1 to 599"),
    ],
)
def test_errors_name_argument_value_and_what_is_allowed(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_an_optimizer_follows_from_the_first_update_to_the_last():
    class Recorder(helpers.SGD):
        used = ()

        def update(self, params, grads):
            self.used = (*self.used, self.lr)
            super().update(params, grads)

    optimizer, schedule = Recorder(), schedules.step(0.1, 5, [2])
    rng = np.random.default_rng(0)
    images, labels = rng.normal(size=(8, 3)), rng.integers(2, size=8)
    train(MLP((3, 2)), optimizer, images, labels, 5, 4, each=schedules.follow(optimizer, schedule))
    np.testing.assert_allclose(optimizer.used, [0.1, 0.1, 0.01, 0.01, 0.01])
