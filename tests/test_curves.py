"""Loss curves: means over windows, the figure that follows a training, the picture of several seeds."""

import numpy as np
import pytest

from workbench.drawing.curves import by_rate, in_reach, many_seeds, spread, windows
from workbench.live.loss_curves import LossCurves
from workbench.networks.training import Run


def test_windows_are_means_and_leave_the_rest_out():
    np.testing.assert_array_equal(windows([1, 3, 5, 7, 100], 2), [2, 6])
    np.testing.assert_array_equal(windows([[1, 3], [5, 8]], 2), [[2], [6.5]])
    assert windows([1], 2).size == 0
    assert windows([], 2).size == 0


def test_in_reach_keeps_gaps_and_order():
    np.testing.assert_array_equal(in_reach([0, 0.5, np.inf, np.nan]), [1e-9, 0.5, 1e3, np.nan])


def test_spread_is_median_and_range_in_percent():
    assert spread([0.98, 0.95, 0.97]) == "97.0% (95.0 to 98.0)"


@pytest.fixture
def runs():
    done = Run(100, losses=[2.0] * 60 + [0.5] * 40, accuracy=0.951, seconds=1.5)
    diverged = Run(100, losses=[2.0, np.inf], diverged=1)
    return {"SGD": done, "Adam": Run(100), "Momentum": diverged}


def test_loss_curves_follow_the_runs(runs, capsys):
    live = LossCurves(100, window=20)
    live(runs)
    x, y = live.curves["SGD"].get_data()
    np.testing.assert_array_equal(x, [10, 30, 50, 70, 90])
    np.testing.assert_array_equal(y, [2, 2, 2, 0.5, 0.5])
    assert live.curves["Adam"].get_visible()
    assert not live.curves["RMSProp"].get_visible()
    assert live.words.splitlines()[-3:] == [
        "SGD: 100 iterations, loss 1.4, test 95.1%, 1.5 s.",
        "Adam: waits.",
        "Momentum: diverged at iteration 1.",
    ]
    first = live.png
    runs["Adam"].losses += [1.0] * 40
    live(runs)
    assert live.png != first
    assert "Adam: 40 iterations, loss 1." in live.words
    assert live.view.status == ""


def test_loss_curves_show_themselves_once_with_one_line_that_never_changes(runs, capsys):
    live = LossCurves(100, title="Two networks.")
    assert capsys.readouterr().out == ""
    live(runs)
    live(runs)
    shown = capsys.readouterr().out
    assert shown.count("'text/plain': 'Two networks. The curves are drawn while it runs.'") == 1
    assert "image/png" not in shown
    assert "live-figure" not in live._dom_classes


def test_a_run_without_a_finite_loss_has_no_curve():
    live = LossCurves(100, window=20)
    live.runs = {"SGD": Run(100, losses=[np.nan] * 3, diverged=0)}
    live.redraw()
    assert live.view.status == ""
    assert "SGD: diverged at iteration 0." in live.words


def test_many_seeds_names_median_and_range():
    shown = many_seeds(
        {"SGD": [[1.0, 0.4, 0.2], [1.0, 0.6, 0.4], [1.0, 0.8, 0.8]]}, {"SGD": [0.9, 0.92, 0.97]}, 50, "A title."
    )
    assert shown.words.splitlines() == [
        "A title. Median, and range of 3 seeds.",
        "SGD: median loss 0.5 over the last 100 iterations, test accuracy 92.0% (90.0 to 97.0).",
    ]
    assert shown.png.startswith(b"\x89PNG")


def test_by_rate_names_the_best_and_counts_a_run_that_diverged_as_a_guess():
    found = {"lrs": [0.01, 0.1, 1.0], "held_out": [[0.9, 0.9, 0.9], [0.95, 0.97, 0.96], [None, None, 0.99]]}
    shown = by_rate({"Adam": found}, {"Adam": 1}, "A sweep.")
    assert "Adam: best η = 0.1, held-out accuracy 96.0% (95.0 to 97.0)" in shown.words
