"""tools/margins.py compares as Python does, writes down each distance to a bound, and finds the tightest."""

import ast
import json

import numpy as np
import pytest

from tools import margins

pytestmark = pytest.mark.machinery


@pytest.fixture
def asserted(tmp_path, monkeypatch):
    """A function that runs code with its asserts watched; returns the distances that were written down."""
    monkeypatch.setenv(margins.FOLDER, str(tmp_path))
    monkeypatch.setattr(margins, "seen", margins.defaultdict(int))

    def run(code, **names):
        tree = margins.Comparisons().visit(ast.parse(code))
        exec(compile(tree, "watched", "exec"), {"__compare__": margins.compare, "np": np, "pytest": pytest} | names)
        lines = [json.loads(line) for file in tmp_path.glob("*") for line in file.read_text().splitlines()]
        return [distances for _, _, distances in lines]

    return run


@pytest.mark.parametrize(
    ("code", "distances"),
    [
        ("assert 1 < 3", [[2]]),
        ("assert 5 >= 3", [[2]]),
        ("assert 0 < 0.25 <= 1", [[0.25], [0.75]]),
        ("assert (np.array([1, 2]) < 3).all()", [[2, 1]]),
        ("assert all(x < 3 for x in [1, 2])", [[2], [1]]),
        ("assert 1.0 == pytest.approx(1.1, abs=0.25)", [[0.15]]),
        ("assert 1 == 1 != 2", []),
        ("assert 'a' < 'b' and 2 in [2] and None is None", []),
    ],
)
def test_distances_are_written_down(asserted, code, distances):
    found = asserted(code)
    assert len(found) == len(distances)
    for one, other in zip(found, distances, strict=True):
        np.testing.assert_allclose(one, other)


@pytest.mark.parametrize("code", ["assert 3 < 1", "assert 0 < 2 < 1", "assert 3 < 1 < 2", "assert 1 == 2"])
def test_what_is_false_stays_false(asserted, code):
    with pytest.raises(AssertionError):
        asserted(code)


def test_the_tightest_comes_first():
    found = [
        {("wide", 0): np.array([10.0, 8.0]), ("tight", 0): np.array([0.2]), ("equal", 0): np.array([1.0])},
        {("wide", 0): np.array([11.0, 8.0]), ("tight", 0): np.array([0.1]), ("equal", 0): np.array([1.0])},
        {("wide", 0): np.array([10.5, 8.0]), ("tight", 0): np.array([0.15]), ("other", 0): np.array([1.0])},
    ]
    (first, second) = margins.margins(found)
    assert first == (pytest.approx(1.0), 0.1, pytest.approx(0.1), "tight")
    assert second == (10.0, 10.0, 1.0, "wide")
