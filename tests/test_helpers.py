"""The optimizers: against torch.optim, against their formulas by hand, and with every bad argument."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from torch_cases import LANDSCAPES, SETTINGS, cases, make, walk

import helpers

STORED = json.loads(Path(__file__).with_name("torch_runs.json").read_text())
CLASSES = [helpers.SGD, helpers.Momentum, helpers.Nesterov]
CLASSES += [helpers.AdaGrad, helpers.RMSProp, helpers.Adam, helpers.AdamW]
everyone = pytest.mark.parametrize("optimizer_class", CLASSES, ids=lambda c: c.__name__)
HYPER_PARAMETERS = [(c, name) for c in CLASSES for name in vars(c()) if name != "state"]


def params(dtype=np.float64):
    return {"W": np.array([[1.0, -2.0], [3.0, 0.5]], dtype), "b": np.array([0.5, -1.0], dtype)}


def grads(dtype=np.float64, seed=0):
    rng = np.random.default_rng(seed)
    return {key: rng.normal(size=w.shape).astype(dtype) for key, w in params().items()}


@pytest.mark.parametrize(("name", "optimizer", "arguments", "landscape", "halved"), list(cases()), ids=str)
def test_equals_torch(name, optimizer, arguments, landscape, halved):
    difference = np.abs(np.array(walk(make(optimizer, arguments), landscape, halved)) - STORED[name])
    assert difference.max() <= 1e-12, f"{optimizer} differs from torch.optim by {difference.max():.2g}"


def test_torch_runs_cover_every_optimizer_and_landscape():
    assert STORED.keys() - {"torch"} == {name for name, *_ in cases()}
    assert {name for name, _ in SETTINGS} == {c.__name__ for c in CLASSES}
    assert {case[3] for case in cases()} == set(LANDSCAPES)


# One update from w = [1, 2] with g = [.1, −.2] and lr .01, worked out by hand.
@pytest.mark.parametrize(
    ("optimizer", "expected"),
    [
        (helpers.SGD(0.01), [0.999, 2.002]),
        (helpers.Momentum(0.01), [0.999, 2.002]),
        (helpers.Nesterov(0.01), [0.9981, 2.0038]),
        (helpers.AdaGrad(0.01), [0.99, 2.01]),
        (helpers.RMSProp(0.01), [1 - 0.01 / np.sqrt(0.1), 2 + 0.01 / np.sqrt(0.1)]),
        (helpers.Adam(0.001), [0.999, 2.001]),
        (helpers.AdamW(0.001, weight_decay=0.1), [0.9989, 2.0008]),
    ],
    ids=lambda x: type(x).__name__,
)
def test_first_update_by_hand(optimizer, expected):
    w = np.array([1.0, 2.0])
    optimizer.update({"w": w}, {"w": np.array([0.1, -0.2])})
    np.testing.assert_allclose(w, expected, atol=1e-8)


@pytest.mark.parametrize(
    ("optimizer", "end", "loss"),
    [
        (helpers.SGD(0.95), (-0.35039, 0.08478), 1.333e-2),
        (helpers.Momentum(0.1), (0.89641, 0.08809), 4.794e-2),
        (helpers.Nesterov(0.1), (0.68961, -0.00068), 2.378e-2),
        (helpers.AdaGrad(1.5), (-0.12016, 0), 7.219e-4),
        (helpers.RMSProp(0.1, rho=0.99), (-0.69742, 0), 2.432e-2),
        (helpers.Adam(0.3), (0.13601, 0.31825), 1.022e-1),
    ],
    ids=lambda x: type(x).__name__,
)
def test_golden_numbers_of_the_bowl(optimizer, end, loss):
    path = helpers.trajectory(optimizer, lambda w: np.array([0.1, 2.0]) * w, (-7, 2), 30)
    np.testing.assert_allclose(path[-1], end, atol=5e-6)
    np.testing.assert_allclose(path[-1, 0] ** 2 / 20 + path[-1, 1] ** 2, loss, rtol=5e-4)


def test_defaults():
    assert vars(helpers.SGD()) == {"lr": 0.01, "state": {}}
    assert vars(helpers.Momentum()) == {"lr": 0.01, "momentum": 0.9, "state": {}} == vars(helpers.Nesterov())
    assert vars(helpers.AdaGrad()) == {"lr": 0.01, "eps": 1e-8, "state": {}}
    assert vars(helpers.RMSProp()) == {"lr": 0.01, "rho": 0.9, "eps": 1e-8, "state": {}}
    adam = {"lr": 0.001, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "state": {}}
    assert vars(helpers.Adam()) == adam
    assert vars(helpers.AdamW()) == adam | {"weight_decay": 0.01}


@everyone
@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_dtype_is_kept(optimizer_class, dtype):
    optimizer, p = optimizer_class(lr=np.float64(0.1)), params(dtype)
    arrays = list(p.values())
    for seed in range(3):
        optimizer.update(p, grads(dtype, seed))
    assert all(a is b and a.dtype == dtype for a, b in zip(p.values(), arrays, strict=True))
    assert all(optimizer.state[key][name].dtype == dtype for key in p for name in optimizer.keeps)
    assert helpers.trajectory(optimizer_class(), lambda w: 2.0 * w, np.ones(2, dtype), 3).dtype == dtype


@everyone
def test_float32_follows_float64(optimizer_class):
    single, double = params(np.float32), params()
    a, b = optimizer_class(lr=0.1), optimizer_class(lr=0.1)
    for seed in range(20):
        a.update(single, grads(np.float32, seed))
        b.update(double, grads(seed=seed))
    for key in single:
        np.testing.assert_allclose(single[key], double[key], rtol=1e-4, atol=1e-5)


@everyone
def test_parameters_do_not_influence_each_other(optimizer_class):
    together, optimizer = params(), optimizer_class(lr=0.1)
    alone = {key: ({key: w}, optimizer_class(lr=0.1)) for key, w in params().items()}
    for seed in range(5):
        optimizer.update(together, grads(seed=seed))
        for key, (p, own) in alone.items():
            own.update(p, {key: grads(seed=seed)[key]})
    for key, (p, _) in alone.items():
        np.testing.assert_array_equal(together[key], p[key])


@everyone
def test_a_parameter_that_joins_late_starts_from_zero_state(optimizer_class):
    optimizer, fresh = optimizer_class(lr=0.1), optimizer_class(lr=0.1)
    for seed in range(5):
        optimizer.update({"W": params()["W"]}, {"W": grads(seed=seed)["W"]})
    late, first = params(), params()
    optimizer.update(late, grads())
    fresh.update(first, grads())
    np.testing.assert_array_equal(late["b"], first["b"])
    assert (optimizer.state["W"]["t"], optimizer.state["b"]["t"]) == (6, 1)


def test_momentum_keeps_its_velocity_when_lr_changes():
    """The velocity is in units of w: a smaller lr scales the new gradient only. PyTorch would scale all of it."""
    optimizer, w, g = helpers.Momentum(lr=0.1, momentum=0.5), np.array([1.0]), np.array([1.0])
    optimizer.update({"w": w}, {"w": g})  # v = −.1
    optimizer.lr = 0.01
    optimizer.update({"w": w}, {"w": g})  # v = −.05 − .01
    np.testing.assert_allclose(w, 1 - 0.1 - 0.06)


@everyone
def test_lr_zero_changes_nothing(optimizer_class):
    p = params()
    optimizer_class(lr=0).update(p, grads())
    assert all((p[key] == w).all() for key, w in params().items())


@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3, 4)])
@everyone
def test_any_shape(optimizer_class, shape):
    w = np.ones(shape)
    optimizer_class(lr=0.1).update({"w": w}, {"w": np.ones(shape)})
    assert (w < 1).all()


# Bad arguments: the message names the argument and the value; nothing was changed.


@pytest.mark.parametrize(("optimizer_class", "name"), HYPER_PARAMETERS, ids=str)
@pytest.mark.parametrize("value", [-0.1, np.nan, np.inf, "0.1", None, 1j, np.array([0.1])], ids=str)
def test_bad_hyper_parameter(optimizer_class, name, value):
    with pytest.raises(ValueError, match=rf"^{name} is .*; allowed: "):
        optimizer_class(**{name: value})
    optimizer = optimizer_class()
    before = getattr(optimizer, name)
    with pytest.raises(ValueError, match=rf"^{name} is .*; allowed: "):
        setattr(optimizer, name, value)
    assert getattr(optimizer, name) == before


@pytest.mark.parametrize(("optimizer_class", "name"), HYPER_PARAMETERS, ids=str)
def test_limits_of_hyper_parameters(optimizer_class, name):
    limit = {"momentum": 1, "rho": 1, "beta1": 1, "beta2": 1, "eps": 0}.get(name)
    if limit is not None:
        with pytest.raises(ValueError, match=f"^{name} is {limit}; allowed: "):
            optimizer_class(**{name: limit})
    smallest = 1e-300 if name == "eps" else 0
    assert getattr(optimizer_class(**{name: smallest}), name) == smallest


def without(dictionary, key):
    return {k: v for k, v in dictionary.items() if k != key}


BAD_UPDATES = {
    "gradient missing": (params(), without(grads(), "b"), r"^grads\['b'\] is missing"),
    "parameter missing": (without(params(), "b"), grads(), r"^params\['b'\] is missing"),
    "other shape": (params(), grads() | {"b": np.ones(3)}, r"^grads\['b'\] has shape \(3,\); allowed: \(2,\)"),
    "shape that would broadcast": (params(), grads() | {"b": np.ones(1)}, r"^grads\['b'\] has shape \(1,\)"),
    "integer parameter": (params() | {"b": np.array([1, 2])}, grads(), r"^params\['b'\] is an array of int"),
    "integer gradient": (params(), grads() | {"b": np.array([1, 2])}, r"^grads\['b'\] is an array of int"),
    "complex parameter": (params() | {"b": np.array([1j, 2])}, grads(), r"^params\['b'\] is an array of complex"),
    "list": (params(), grads() | {"b": [1.0, 2.0]}, r"^grads\['b'\] is a list, \[1.0, 2.0\]"),
    "number": (params() | {"b": 1.0}, grads(), r"^params\['b'\] is a float, 1.0"),
}


@everyone
@pytest.mark.parametrize(("p", "g", "message"), BAD_UPDATES.values(), ids=BAD_UPDATES)
def test_bad_update_changes_nothing(optimizer_class, p, g, message):
    before = {key: np.copy(w) for key, w in p.items()}
    optimizer = optimizer_class()
    with pytest.raises(ValueError, match=message + ".*; allowed: |" + message):
        optimizer.update(p, g)
    assert all(np.array_equal(p[key], w) for key, w in before.items())
    assert optimizer.state == {}


@everyone
def test_read_only_parameter(optimizer_class):
    p = params()
    p["b"].flags.writeable = False
    with pytest.raises(ValueError, match=r"^params\['b'\] is read-only; allowed: "):
        optimizer_class().update(p, grads())
    assert (p["W"] == params()["W"]).all()


@pytest.mark.parametrize("optimizer_class", CLASSES[1:], ids=lambda c: c.__name__)
@pytest.mark.parametrize("other", [np.ones(3), np.ones(2, np.float32)], ids=["shape", "dtype"])
def test_state_of_other_parameters(optimizer_class, other):
    optimizer = optimizer_class()
    optimizer.update(params(), grads())
    with pytest.raises(ValueError, match=r"^params\['b'\] has shape .*; allowed: .*make a new optimizer"):
        optimizer.update({"b": other}, {"b": np.ones_like(other)})
    assert (other == 1).all()


# trajectory


def test_trajectory_has_the_start_and_every_update():
    path = helpers.trajectory(helpers.SGD(0.25), lambda w: 2 * w, start=(8, -4), steps=2)
    np.testing.assert_array_equal(path, [(8, -4), (4, -2), (2, -1)])


def test_trajectory_of_no_update_is_the_start():
    np.testing.assert_array_equal(helpers.trajectory(helpers.SGD(), lambda w: w, (8, -4), steps=0), [(8, -4)])


def test_trajectory_leaves_start_alone_and_goes_on_with_the_state():
    start, optimizer = np.array([1.0]), helpers.Momentum(0.1)
    first = helpers.trajectory(optimizer, lambda w: w, start, 5)
    second = helpers.trajectory(optimizer, lambda w: w, first[-1], 5)
    whole = helpers.trajectory(helpers.Momentum(0.1), lambda w: w, start, 10)
    np.testing.assert_array_equal(np.vstack([first, second[1:]]), whole)
    assert start == [1.0]


@everyone
def test_trajectory_when_the_gradient_is_the_point_itself(optimizer_class):
    """A gradient function may return w itself, which is changed in place."""
    path = helpers.trajectory(optimizer_class(lr=0.1), lambda w: w, [1.0, -2.0], 5)
    copied = helpers.trajectory(optimizer_class(lr=0.1), lambda w: w.copy(), [1.0, -2.0], 5)
    np.testing.assert_array_equal(path, copied)


def test_trajectory_that_diverges_gives_no_warning():
    path = helpers.trajectory(helpers.SGD(10.0), lambda w: 4 * w**3, [3.0], 20)
    assert not np.isfinite(path[-1]).any()


@pytest.mark.parametrize(
    ("start", "steps", "message"),
    [
        (5.0, 3, r"^start is 5.0, shape \(\); allowed"),
        ([[1.0]], 3, r"^start is .*, shape \(1, 1\); allowed"),
        ([1.0], -1, "^steps is -1; allowed"),
        ([1.0], 2.5, "^steps is 2.5; allowed"),
    ],
)
def test_trajectory_bad_arguments(start, steps, message):
    with pytest.raises(ValueError, match=message):
        helpers.trajectory(helpers.SGD(), lambda w: w, start, steps)


def test_trajectory_gradient_of_other_shape():
    with pytest.raises(ValueError, match=r"^grads\['w'\] has shape \(3,\); allowed: \(2,\)"):
        helpers.trajectory(helpers.SGD(), lambda w: np.ones(3), [1.0, 2.0], 1)


@everyone
@given(
    lr=st.floats(0, 1e3),
    start=st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=3),
    curvature=st.floats(1e-6, 1e3),
)
def test_any_quadratic_at_any_lr(optimizer_class, lr, start, curvature):
    path = helpers.trajectory(optimizer_class(lr=lr), lambda w: curvature * w, start, 30)
    assert path.shape == (31, len(start))
    np.testing.assert_array_equal(path[0], start)


@given(g=st.floats(1e-3, 1e3), lr=st.floats(1e-6, 10), rho=st.floats(0, 0.999))
def test_first_steps_of_the_adaptive_methods(g, lr, rho):
    """Whatever the gradient, Adam and AdaGrad first move by lr, RMSProp by lr/√(1 − ρ)."""
    for optimizer, expected in (
        (helpers.Adam(lr), lr),
        (helpers.AdaGrad(lr), lr),
        (helpers.RMSProp(lr, rho), lr / np.sqrt(1 - rho)),
    ):
        path = helpers.trajectory(optimizer, lambda w: np.array([g, -g]), [0.0, 0.0], 1)
        np.testing.assert_allclose(path[1], [-expected, expected], rtol=1e-3)


def test_the_first_rule_is_on_the_first_screen_and_the_checks_come_last():
    lines = Path(helpers.__file__).read_text().splitlines()
    assert any("w ← w − η g" in line for line in lines[:50])
    first_refusal = next(i for i, line in enumerate(lines) if "raise ValueError" in line)
    last_rule = max(i for i, line in enumerate(lines) if "def rule(" in line or "def trajectory(" in line)
    assert last_rule < first_refusal


OURS = [rule for rule in helpers.Optimizer.__subclasses__() if rule.__module__ == "helpers"]  # lessons have others


@pytest.mark.parametrize("optimizer_class", [*OURS, helpers.Nesterov, helpers.AdamW])
def test_an_optimizer_shows_its_settings(optimizer_class):
    optimizer = optimizer_class(lr=0.25)
    optimizer.update({"w": np.ones(2)}, {"w": np.ones(2)})
    assert repr(optimizer).startswith(f"{optimizer_class.__name__}(lr=0.25")
    assert repr(eval(repr(optimizer), vars(helpers))) == repr(optimizer)


def test_docstring_examples():
    import doctest

    assert doctest.testmod(helpers).attempted >= 5
    assert doctest.testmod(helpers).failed == 0


def test_the_file_stays_short():
    assert len(Path(helpers.__file__).read_text().splitlines()) <= 250
