"""Live figures made and moved under a learner's own settings draw the same."""

import locale

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from live_figures import EXPLORERS, explorer, extremes, fresh, shown
from preludes import STYLES


def frames(live):
    """What the page gets of a live figure, at the start and after each control was moved to each of its ends."""
    found = [shown(live)]
    for name, control in live.controls.items():
        for value in extremes(control):
            live.set(**{name: value})
            found.append((*shown(live), live.view.status))
        live.reset()
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", EXPLORERS)
def test_a_live_figure_moves_as_without_preludes(name, monkeypatch):
    live = fresh(name)
    assert shown(live) == explorer(name).first
    expected = frames(live)
    monkeypatch.setattr(locale, "_override_localeconv", {"decimal_point": ",", "thousands_sep": "."})
    with mpl.rc_context({}), np.errstate(all="raise"):
        plt.style.use("dark_background")
        mpl.rcParams.update(STYLES)
        assert frames(EXPLORERS[name]()) == expected
