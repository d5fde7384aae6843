"""A learner's own landscape: values, slopes and minima by number, and a sentence for each function that is none."""

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import helpers
from workbench.descent import landscapes
from workbench.descent.own_function import OwnFunction
from workbench.descent.trajectory import Trajectory
from workbench.drawing import surfaces
from workbench.drawing.panels import loss_limits

VIEW = ((-5, 5), (-5, 5))
PLACES = np.random.default_rng(0).uniform(-4, 4, size=(30, 2))

# Known landscapes as a learner would write them.
KNOWN = {
    "bowl": (lambda x, y: x**2 / 20 + y**2, landscapes.bowl()),
    "rosenbrock": (lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2, landscapes.rosenbrock()),
    "himmelblau": (lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2, landscapes.himmelblau()),
    "beale": (
        lambda x, y: sum((c - x + x * y**k) ** 2 for k, c in ((1, 1.5), (2, 2.25), (3, 2.625))),
        landscapes.beale(),
    ),
    "plateau": (lambda x, y: 1 - math.exp(-(x**2 / 2 + y**2) / 2), landscapes.plateau()),
    "saddle": (lambda x, y: x**2 - y**2, landscapes.saddle()),
}


@pytest.mark.parametrize(("f", "known"), KNOWN.values(), ids=KNOWN)
def test_a_known_landscape_is_found_by_number(f, known):
    own = landscapes.own(f, view=known.view, start=known.start)
    low, high = np.transpose(known.view)
    p = np.random.default_rng(1).uniform(low, high, size=(40, 2))
    scale = np.abs(known.value(surfaces.grid(known))).max()
    np.testing.assert_allclose(own.value(p), known.value(p), rtol=1e-12, atol=1e-12 * scale)
    np.testing.assert_allclose(own.gradient(p), known.gradient(p), rtol=1e-6, atol=1e-8 * scale)
    np.testing.assert_allclose(own.gradient(p[0]), known.gradient(p[0]), rtol=1e-6, atol=1e-8 * scale)
    np.testing.assert_allclose(own.hessian(p), known.hessian(p), rtol=1e-4, atol=1e-5 * scale)
    assert len(own.minima) == len(known.minima)
    for minimum in known.minima:
        assert np.abs(own.minima - minimum).max(axis=1).min() < 1e-5 * (high - low).max()
    assert (np.diff(own.value(own.minima)) >= 0).all()


# Functions that hypothesis writes

NUMBERS = st.floats(-3, 3).map(lambda n: round(n, 2))
POWERS = st.lists(st.tuples(NUMBERS, st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=4)
WAVES = st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS), max_size=3)
KINKS = st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS), max_size=2)


class Written:
    """A polynomial, a sum of waves and absolute values of lines, with its gradient; of numbers, or of arrays."""

    def __init__(self, powers, waves, kinks, sin):
        self.powers, self.waves, self.kinks, self.sin = powers, waves, kinks, sin

    def __repr__(self):
        return f"Written({self.powers}, {self.waves}, {self.kinks}, {self.sin.__module__}.sin)"

    def __call__(self, x, y):
        value = sum(a * x**i * y**j for a, i, j in self.powers)
        value = value + sum(a * self.sin(b * x + c * y + d) for a, b, c, d in self.waves)
        return value + sum(a * abs(b * x + c * y + d) for a, b, c, d in self.kinks)

    def gradient(self, x, y):
        gx = sum(a * i * x ** max(i - 1, 0) * y**j for a, i, j in self.powers)
        gy = sum(a * j * x**i * y ** max(j - 1, 0) for a, i, j in self.powers)
        for a, b, c, d in self.waves:
            slope = a * math.cos(b * x + c * y + d)
            gx, gy = gx + slope * b, gy + slope * c
        for a, b, c, d in self.kinks:
            slope = a * np.sign(b * x + c * y + d)
            gx, gy = gx + slope * b, gy + slope * c
        return np.array([gx, gy], float)

    def is_smooth(self, x, y):
        """Whether no kink is near, in whose neighborhood no difference is a slope."""
        return all(abs(b * x + c * y + d) > 1e-2 for a, b, c, d in self.kinks)


WRITTEN = st.builds(Written, POWERS, WAVES, KINKS, st.sampled_from([math.sin, np.sin]))


@pytest.mark.slow
@given(f=WRITTEN)
@settings(max_examples=40, deadline=None)
def test_any_function_has_values_and_slopes(f):
    own = landscapes.own(f)
    scale = 1 + np.abs(own.value(surfaces.grid(own, 21))).max()
    np.testing.assert_allclose(own.value(PLACES), [f(*p) for p in PLACES.tolist()], rtol=1e-12, atol=1e-12 * scale)
    for p in PLACES[:10]:
        if f.is_smooth(*p):
            np.testing.assert_allclose(own.gradient(p), f.gradient(*p), rtol=1e-6, atol=1e-7 * scale)
            np.testing.assert_allclose(own.gradient(p[None])[0], f.gradient(*p), rtol=1e-6, atol=1e-7 * scale)
    hessians = own.hessian(PLACES)
    np.testing.assert_allclose(hessians, np.swapaxes(hessians, -1, -2))


@pytest.mark.slow
@given(f=WRITTEN)
@settings(max_examples=40, deadline=None)
@example(Written([(0.0, 0, 0)], [(3.0, 0.56, 0.28, -1.08)], [(2.78, -1.19, 0.29, 1.15)], np.sin))  # a crease
@example(
    Written(
        [(-0.51, 0, 2), (2.84, 2, 3), (2.7, 0, 0)],
        [(1.16, 2.73, 0.0, 2.07), (-2.54, -2.59, 0.69, 1.92)],
        [(2.64, 1.5, 1.8, -2.77), (-2.54, -2.59, 0.69, 1.92)],
        math.sin,
    )
)
def test_the_minima_of_any_function_are_minima(f):
    own = landscapes.own(f)
    assert own.minima.shape[1:] == (2,)
    assert (np.diff(own.value(own.minima)) >= 0).all()
    for minimum in own.minima:
        assert (np.abs(minimum) <= 5).all()
        around = minimum + 0.02 * np.random.default_rng(0).normal(size=(200, 2))
        assert (own.value(around) >= own.value(minimum) - 1e-9 * (1 + abs(own.value(minimum)))).all()
    assert landscapes.lowest(own) <= own.value(surfaces.grid(own)).min()


@pytest.mark.slow
@given(f=WRITTEN, low=st.floats(0.1, 30))
@settings(max_examples=20, deadline=None)
def test_a_minimum_that_is_there_is_found(f, low):
    """A pit that is deeper than all else, away from the edges."""
    depth = 3 * (1 + np.abs(landscapes.own(f).value(surfaces.grid(landscapes.own(f)))).max())
    a, b = 1.3, -0.7

    def with_pit(x, y):
        return f(x, y) - depth * math.exp(-low * ((x - a) ** 2 + (y - b) ** 2))

    own = landscapes.own(with_pit)
    p = surfaces.grid(own).reshape(-1, 2)
    lowest = p[own.value(p).argmin()]
    assert len(own.minima) > 0
    assert (np.abs(lowest - (a, b)) < 3).all()
    assert own.value(own.minima[0]) <= own.value(lowest) + 1e-9 * depth


@pytest.mark.slow
@given(f=WRITTEN)
@settings(max_examples=25, deadline=None)
def test_any_function_can_be_drawn_and_descended(f):
    own = landscapes.from_zero(landscapes.own(f))
    assert np.isfinite(surfaces.contour_levels(own)).all()
    surfaces.rings(own)
    low, high = loss_limits(own)
    assert 0 < low < high
    for optimizer in helpers.SGD(0.1), helpers.Adam(0.3), helpers.AdaGrad(1.5):
        run = Trajectory.of(optimizer, own, own.start, 50)
        assert run.losses[0] >= -1e-12 * high
        assert run.diverged is not None or np.isfinite(run.path).all()


# What is no function, or no good one

BAD = {
    "takes one number": (lambda x: x, r"f has raised TypeError \(.*\) at \(−5, −5\)"),
    "a slip": (lambda x, y: x + z, r"f has raised NameError \(name 'z' is not defined\) at"),  # noqa: F821
    "a logarithm": (lambda x, y: math.log(x), r"f has raised ValueError \(.*\) at \(−5, −5\)"),
    "divides by zero": (lambda x, y: 1 / (x - y), r"f has raised ZeroDivisionError \(.*\) at \(−5, −5\)"),
    "not a number": (lambda x, y: np.log(x), r"f is nan at \(−5, −5\)"),
    "not a number somewhere": (lambda x, y: math.nan if x > 4.9 else x, r"f is nan at \(5, −5\)"),
    "infinite": (lambda x, y: math.inf, r"f is inf at"),
    "an overflow": (lambda x, y: math.exp(1e3 * x * x), r"f has raised OverflowError \(.*\) at"),
    "a whole number that is too large": (lambda x, y: 10**400, r"f is inf at"),
    "huge": (lambda x, y: 1e40 * x, r"f is -5e\+40 at"),
    "complex": (lambda x, y: (x + 0j) ** 0.5, r"f has returned \(.*j\) at"),
    "nothing": (lambda x, y: None, r"f has returned None at"),
    "words": (lambda x, y: "low", r"f has returned 'low' at"),
    "two numbers": (lambda x, y: (x, y), r"f has returned \(-5.0, -5.0\) at"),
    "an array": (lambda x, y: np.array([x, y]), r"f has returned array\(\[-5., -5.\]\) at"),
    "of another shape": (lambda x, y: np.ones(3), r"f has returned array\(\[1., 1., 1.\]\) at"),
}


@pytest.mark.parametrize(("f", "message"), BAD.values(), ids=BAD)
def test_a_function_that_is_none_gets_a_sentence(f, message):
    with pytest.raises(ValueError, match=f"^{message}.*; allowed: a function of x and y that returns one real number"):
        landscapes.own(f)


@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: x + y,
        lambda x, y: x**2 - y**2,
        lambda x, y: 3,
        lambda x, y: x**2,
        lambda x, y: max(0.0, x * x + y * y - 1),
        lambda x, y: np.floor(x**2 + y**2),
        lambda x, y: (x - 9) ** 2 + y**2,
    ],
    ids=["plane", "saddle", "constant", "a straight valley", "a flat floor", "stairs", "beyond the view"],
)
def test_no_minimum(f):
    own = landscapes.own(f)
    assert own.minima.shape == (0, 2)
    assert "no minimum" in repr(own)


@pytest.mark.parametrize(
    ("f", "minimum"),
    [
        (lambda x, y: abs(x - 1) + 3 * abs(y + x / 2), (1, -0.5)),
        (lambda x, y: abs(1.037 - x) + 2 * abs(y - x * x), (1.037, 1.037**2)),
        (lambda x, y: 5 + x**4 + y**4, (0, 0)),
        (lambda x, y: x * x + y * y if x > 0 else x * x + 3 * y * y, (0, 0)),
        (lambda x, y: 1000 * (y - x * x) ** 2 + (1.2 - x) ** 2, (1.2, 1.44)),
        (lambda x, y: 1e-25 * ((x - 2) ** 2 + y * y), (2, 0)),
        (lambda x, y: 1e25 * ((x - 2) ** 2 + y * y), (2, 0)),
    ],
    ids=["kinks", "a crooked kink", "quartic", "two halves", "a narrow crooked valley", "tiny", "large"],
)
def test_minima_that_are_hard_to_find(f, minimum):
    own = landscapes.own(f)
    assert len(own.minima) == 1
    np.testing.assert_allclose(own.minima[0], minimum, atol=2e-3)


def test_code_for_single_numbers_and_code_for_arrays():
    scalar, array = (OwnFunction(f, VIEW) for f in (lambda x, y: max(x, y), lambda x, y: np.maximum(x, y)))
    assert (scalar.takes_arrays, array.takes_arrays) == (False, True)
    np.testing.assert_array_equal(scalar.value(PLACES), array.value(PLACES))
    sums = OwnFunction(lambda x, y: float(np.sum(x)) + y, VIEW)  # takes arrays, and mixes their numbers
    assert not sums.takes_arrays
    np.testing.assert_allclose(sums.value(PLACES), PLACES.sum(axis=1))
    assert OwnFunction(lambda x, y: 3, VIEW).value(PLACES).tolist() == [3.0] * len(PLACES)


def test_a_function_that_changes_its_arguments_changes_nothing_of_ours():
    def careless(x, y):
        x -= 1
        return x**2 + y**2

    own, p = landscapes.own(careless), PLACES.copy()
    np.testing.assert_allclose(own.value(p), (p[:, 0] - 1) ** 2 + p[:, 1] ** 2)
    np.testing.assert_array_equal(p, PLACES)
    np.testing.assert_allclose(own.minima, [[1, 0]], atol=1e-6)


@pytest.mark.parametrize(
    ("far", "value"), [((1e200, 0.0), np.inf), ((np.inf, 0.0), np.inf), ((np.nan, 0.0), np.nan), ((-1e9, 0.0), np.nan)]
)
def test_beyond_the_view_errors_become_numbers(far, value):
    def f(x, y):
        return x**2 + y**2 if x > -1e6 else math.log(x)

    own = landscapes.own(f)
    with np.errstate(all="raise"):
        np.testing.assert_equal(own.value(np.array([far, far])), [value, value])
        assert own.gradient(np.array(far)).shape == (2,)


def test_name_view_and_start():
    def my_hill(x, y):
        return x + y

    own = landscapes.own(my_hill)
    assert (own.name, own.view, own.start) == ("my_hill", ((-5.0, 5.0), (-5.0, 5.0)), (-3.5, 2.0))
    assert landscapes.own(lambda x, y: x).name == "a function of your own"
    assert landscapes.own(my_hill, name="hill").name == "hill"
    own = landscapes.own(my_hill, view=((0, np.pi), (1e-3, 2e-3)), start=(0, 1e-3))
    assert (own.view, own.start) == (((0.0, np.pi), (1e-3, 2e-3)), (0.0, 1e-3))
    own = landscapes.own(my_hill, view=((0, 1000), (0, 0.01)))
    assert own.start == (150.0, 0.007)


@pytest.mark.parametrize("view", [((1, 1), (0, 1)), ((1, 0), (0, 1)), ((0, 1), (0, 1e200))])
def test_a_view_without_room(view):
    with pytest.raises(ValueError, match="^view is .*; allowed: two pairs"):
        landscapes.own(lambda x, y: x, view=view)


def test_a_start_that_is_no_place():
    with pytest.raises(ValueError, match="^start is .*; allowed: a point in view"):
        landscapes.own(lambda x, y: x, start=(6, 0))
    spike = landscapes.own(lambda x, y: x if abs(x - 0.01) > 1e-3 else math.nan)  # between the points of the grid
    with pytest.raises(ValueError, match="^start is .*; allowed: where it is finite"):
        Trajectory.of(helpers.SGD(0.1), spike, (0.01, 0.0), 3)
    with pytest.raises(ValueError, match="^start is .*; allowed: a point where f is a finite number"):
        landscapes.own(lambda x, y: x if abs(x - 0.01) > 1e-3 else math.nan, start=(0.01, 0))


def test_losses_can_be_counted_from_the_lowest():
    own = landscapes.own(lambda x, y: x**2 + y**2 - 7, name="f")
    shifted = landscapes.from_zero(own)
    np.testing.assert_allclose(landscapes.lowest(own), -7)
    np.testing.assert_allclose(shifted.value(PLACES), own.value(PLACES) + 7)
    assert shifted.gradient(PLACES).tolist() == own.gradient(PLACES).tolist()
    assert shifted.name == "f + 7"
    bowl = landscapes.bowl()
    assert landscapes.from_zero(bowl) is bowl
    assert landscapes.from_zero(landscapes.saddle()).value(np.array([0.0, 2.0])) == 0
