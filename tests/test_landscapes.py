"""Loss surfaces: gradients and Hessians against finite differences, minima that are minima, bad arguments."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.descent import landscapes

LANDSCAPES = {
    "parabola": landscapes.parabola(),
    "parabola 0.3": landscapes.parabola(0.3),
    "two valleys": landscapes.two_valleys(),
    "bowl": landscapes.bowl(),
    "bowl 100 turned": landscapes.bowl(condition=100, rotation=30),
    "bowl 0.5": landscapes.bowl(condition=0.5, rotation=-200),
    "saddle": landscapes.saddle(),
    "rosenbrock": landscapes.rosenbrock(),
    "beale": landscapes.beale(),
    "himmelblau": landscapes.himmelblau(),
    "plateau": landscapes.plateau(),
    "cliff": landscapes.cliff(),
}
each = pytest.mark.parametrize("landscape", LANDSCAPES.values(), ids=LANDSCAPES)


def points(landscape, shape=(50,), seed=0):
    low, high = np.transpose(landscape.view)
    return np.random.default_rng(seed).uniform(low, high, size=(*shape, len(low)))


def central_difference(function, p, h=1e-5):
    """∂ function / ∂ each coordinate, as the last axis of the result."""
    steps = h * np.eye(p.shape[-1])
    return np.stack([(function(p + step) - function(p - step)) / (2 * h) for step in steps], axis=-1)


@each
def test_gradient(landscape):
    p = points(landscape)
    np.testing.assert_allclose(landscape.gradient(p), central_difference(landscape.value, p), rtol=1e-6, atol=1e-7)


@each
def test_hessian(landscape):
    p = points(landscape, seed=1)
    np.testing.assert_allclose(landscape.hessian(p), central_difference(landscape.gradient, p), rtol=1e-6, atol=1e-7)


@each
@pytest.mark.parametrize("shape", [(), (4,), (2, 3)])
def test_shapes(landscape, shape):
    p = points(landscape, shape)
    n = len(landscape.view)
    assert landscape.value(p).shape == shape
    assert landscape.gradient(p).shape == (*shape, n)
    assert landscape.hessian(p).shape == (*shape, n, n)


@each
def test_minima(landscape):
    assert landscape.minima.shape[1] == len(landscape.view)
    assert (np.diff(landscape.value(landscape.minima)) >= -1e-12).all()
    for minimum in landscape.minima:
        np.testing.assert_allclose(landscape.gradient(minimum), 0, atol=1e-12)
        assert (np.linalg.eigvalsh(landscape.hessian(minimum)) > 0).all()
    if len(landscape.minima):
        assert landscape.value(points(landscape, (2000,))).min() >= landscape.value(landscape.minima[0]) - 1e-12


@pytest.mark.parametrize(
    ("landscape", "name", "start", "view"),
    [
        (landscapes.parabola(), "f(x) = x²", (-7,), ((-8, 8),)),
        (landscapes.two_valleys(), "f(x) = x⁴/4 − x² + x/4", (2,), ((-2.4, 2.4),)),
        (landscapes.bowl(), "f(x, y) = x²/20 + y²", (-7, 2), ((-10, 10), (-5, 5))),
        (landscapes.saddle(), "f(x, y) = x² − y²", (1, 1e-3), ((-2, 2), (-2, 2))),
        (landscapes.rosenbrock(), "f(x, y) = (1 − x)² + 100 (y − x²)²", (-1.5, 2), ((-2, 2), (-1, 3))),
        (landscapes.beale(), "Beale's function", (1, 1.5), ((-4.5, 4.5), (-4.5, 4.5))),
        (landscapes.himmelblau(), "f(x, y) = (x² + y − 11)² + (x + y² − 7)²", (-1, -4), ((-6, 6), (-6, 6))),
        (landscapes.plateau(), "f(x, y) = 1 − exp(−(x²/2 + y²)/2)", (-4, 1.5), ((-6, 6), (-4, 4))),
    ],
    ids=lambda x: x if isinstance(x, str) else "",
)
def test_name_start_and_view(landscape, name, start, view):
    assert (landscape.name, landscape.start, landscape.view) == (name, start, view)


def test_which_landscapes_have_how_many_minima():
    assert {name: len(landscape.minima) for name, landscape in LANDSCAPES.items() if len(landscape.minima) != 1} == {
        "two valleys": 2,
        "saddle": 0,
        "himmelblau": 4,
    }


@pytest.mark.parametrize(
    ("landscape", "at", "value"),
    [
        (landscapes.saddle(), (2, 1), 3),
        (landscapes.rosenbrock(), (-1, 2), 104),
        (landscapes.beale(), (0, 0), 1.5**2 + 2.25**2 + 2.625**2),
        (landscapes.himmelblau(), (0, 0), 170),
        (landscapes.plateau(), (2, 0), 1 - np.exp(-1)),
        (landscapes.two_valleys(), (2,), 0.5),
    ],
)
def test_values_by_hand(landscape, at, value):
    np.testing.assert_allclose(landscape.value(np.array(at)), value)


@each
def test_start_and_minima_are_in_view(landscape):
    low, high = np.transpose(landscape.view)
    assert ((landscape.start >= low) & (landscape.start <= high)).all()
    assert ((landscape.minima >= low) & (landscape.minima <= high)).all()


def test_the_default_bowl_is_the_books():
    x, y = points(landscapes.bowl()).T
    np.testing.assert_allclose(landscapes.bowl().value(np.stack([x, y], axis=-1)), x**2 / 20 + y**2)
    assert landscapes.bowl().start == (-7, 2)
    assert landscapes.bowl().name == "f(x, y) = x²/20 + y²"
    assert landscapes.parabola(0.5).name == "f(x) = 0.25 x²"
    assert "turned by 45°" in landscapes.bowl(rotation=45).name


@given(condition=st.floats(0.01, 1e4), rotation=st.floats(-720, 720))
def test_condition_and_rotation_of_the_bowl(condition, rotation):
    H = landscapes.bowl(condition, rotation).hessian(np.zeros(2))
    np.testing.assert_allclose(np.linalg.eigvalsh(H), sorted([2 / condition, 2]), rtol=1e-9, atol=1e-12)
    angle = np.radians(rotation)
    np.testing.assert_allclose(
        H @ [np.cos(angle), np.sin(angle)] * condition / 2, [np.cos(angle), np.sin(angle)], atol=1e-9
    )


@pytest.mark.parametrize("value", [0, -1, np.nan, np.inf])
def test_bad_arguments(value):
    with pytest.raises(ValueError, match="^condition is .*; allowed: "):
        landscapes.bowl(condition=value)
    with pytest.raises(ValueError, match="^curvature is .*; allowed: "):
        landscapes.parabola(curvature=value)
    if not np.isfinite(value):
        with pytest.raises(ValueError, match="^rotation is .*; allowed: "):
            landscapes.bowl(rotation=value)


def test_a_landscape_says_what_it_is():
    assert repr(landscapes.bowl()) == "<Landscape f(x, y) = x²/20 + y²: 2 parameters, 1 minimum, start (−7, 2)>"
    assert repr(landscapes.saddle()) == "<Landscape f(x, y) = x² − y²: 2 parameters, no minimum, start (1, 0.001)>"
    assert repr(landscapes.two_valleys()) == "<Landscape f(x) = x⁴/4 − x² + x/4: 1 parameter, 2 minima, start (2)>"
