"""All text of all figures can be read: none is cut off at the edge, none lies on another one or under a legend."""

import itertools
import struct
from contextlib import contextmanager
from unittest import mock

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as options
from hypothesis import strategies as st
from live_figures import EXPLORERS, assert_well, explorer, extremes, put
from matplotlib.legend import Legend

import helpers
from lessons.lenet import figures as lenet
from lessons.lenet.experiments import frozen_lenet
from lessons.normalization import figures as normalization
from workbench.data import mnist, stored
from workbench.descent import landscapes
from workbench.drawing import curves, diagram, digits, styles, surfaces
from workbench.drawing.glyphs import TextRenderer
from workbench.live.loss_curves import LossCurves
from workbench.live.recording import Recorder
from workbench.networks.training import Run

each = pytest.mark.parametrize("name", EXPLORERS)
APART = 3  # pixels, at least, between two texts side by side


@contextmanager
def recorded():
    """Collects what is written while it lasts: a list of lines of text, each with its box.

    A box is (left, bottom, right, top) in pixels from the lower left corner.
    """
    found = []

    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None):
        if not s.strip():
            return
        width, height, descent = self.get_text_width_height_descent(s, prop, ismath)
        corners = np.array([(0, -descent), (width, -descent), (width, height - descent), (0, height - descent)])
        cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
        corners = corners @ [[cos, sin], [-sin, cos]] + (x, self.height - y)
        found.append((s, (*corners.min(axis=0), *corners.max(axis=0))))

    with mock.patch.object(TextRenderer, "draw_text", draw_text), mock.patch.object(Recorder, "draw_text", draw_text):
        yield found


def overlap(a, b, apart=-1):
    """Whether two boxes overlap, or lie nearer side by side than `apart`, by more than a pixel."""
    return min(a[2], b[2]) - max(a[0], b[0]) > -apart and min(a[3], b[3]) - max(a[1], b[1]) > 1


def faults(texts, width, height, legends=()):
    """What is wrong with `recorded` texts in a picture of a size in pixels that has some legends, in words."""
    cut = [
        f"{s!r} is cut off at the edge"
        for s, (left, bottom, right, top) in texts
        if min(left, bottom) < -0.5 or right > width + 0.5 or top > height + 0.5
    ]
    on_another = [f"{s!r} on {t!r}" for (s, a), (t, b) in itertools.combinations(texts, 2) if overlap(a, b, APART)]
    hidden = []
    for legend in legends:
        frame, own = legend.get_window_extent().extents, [text.get_text() for text in legend.get_texts()]
        hidden += [f"{s!r} under the legend {own}" for s, box in texts if s not in own and overlap(box, frame)]
    return cut + on_another + hidden


fixed = {}  # from live figures to what is drawn once of them, and what is written there


def fixed_texts(live):
    """What is written once in a live figure; written anew after a refresh."""
    base, texts = fixed.get(live, (None, None))
    if base is not live.view.base:
        with recorded() as texts:
            live._recorder.record(live._draw_base)
        fixed[live] = live.view.base, texts
    return texts


def faults_now(live):
    """What is wrong with the text of a live figure as it stands."""
    with recorded() as moving:
        for artist in live._scenery + live._moving:
            live._recorder.record(artist.draw)
    texts = fixed_texts(live) + moving
    assert len(texts) > 10
    return faults(texts, *live.figure.canvas.get_width_height(), live.figure.findobj(Legend))


def faults_at(name, values):
    """What is wrong with the text of a live figure at some settings, all others being those of the start."""
    live = explorer(name).live
    put(live, live.initial | values)
    assert_well(live)
    return faults_now(live)


@pytest.mark.slow
@each
def test_at_the_start_with_presets_and_at_both_ends_of_each_control(name):
    live = explorer(name).live
    shown = [{}, *live.presets.values()]
    shown += [{key: value} for key, control in live.controls.items() for value in extremes(control)]
    assert {str(values): found for values in shown if (found := faults_at(name, values))} == {}


@pytest.mark.slow
@each
@options(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_at_random_settings(name, data):
    assert faults_at(name, data.draw(explorer(name).settings)) == []


def test_while_networks_train():
    live = LossCurves(2000)
    runs = list(styles.STYLES)
    live.runs = {name: Run(2000, losses=[0.5] * 2000, accuracy=0.9712, seconds=12.3) for name in runs[:4]}
    live.runs |= {runs[4]: Run(2000, losses=[2.0, np.inf], diverged=1), runs[5]: Run(2000), runs[6]: Run(2000)}
    live.redraw()
    assert_well(live)
    assert faults_now(live) == []


# Pictures that lessons show

BOWL = landscapes.bowl()
PATH = helpers.trajectory(helpers.SGD(0.95), BOWL.gradient, BOWL.start, 30)
CAPTIONS = [f"{k % 10} as {(k + 1) % 10}" for k in range(20)]


def images(n):
    return mnist.load().test_images[:n]


def many_seeds():
    found = stored.load("mnist")["published"]
    values = ({name: run[key] for name, run in found.items()} for key in ("curves", "test"))
    return curves.many_seeds(*values, window=50, title="A title.")


def by_rate():
    swept = stored.load("mnist")["sweep"]
    return curves.by_rate(swept, dict.fromkeys(swept, 0), "A title.")


PICTURES = {
    "surface": lambda: surfaces.surface(BOWL, PATH),
    "surface of a saddle": lambda: surfaces.surface(landscapes.saddle(), PATH / 10, "Momentum"),
    "digits": lambda: digits.picture(images(20), CAPTIONS, 10, "The 20 surest mistakes of 784-50-10 on test digits."),
    "a few digits": lambda: digits.picture(images(3), ["as it is: 4", "moved: 4", "inverted: 8"], 9, "One digit."),
    "diagram": lambda: diagram.picture((784, 100, 100, 100, 100, 10)),
    "many seeds": many_seeds,
    "by rate": by_rate,
    "digit rows": lambda: normalization.digit_rows(
        {name: images(10) for name in ("raw", "centered", "scaled", "PCA whitened", "ZCA whitened")}, size=28
    ),
    "first kernels": lambda: lenet.first_kernels(frozen_lenet().params["W1"]),
    "later kernels": lambda: lenet.later_kernels(frozen_lenet().params["W2"]),
    "favorite patches": lenet.favorite_patches,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PICTURES)
def test_pictures(name):
    with recorded() as texts:
        picture = PICTURES[name]()
    assert texts
    assert faults(texts, *struct.unpack(">II", picture.png[16:24])) == []


# The check itself


def test_faults_are_found():
    figure = styles.new_figure((2, 1))
    figure.set_layout_engine("none")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set(xlim=(0, 200), ylim=(0, 100))

    def found(*texts):
        artists = [axes.text(x, y, s, **style) for x, y, s, style in texts]
        with recorded() as recording:
            figure.canvas.draw()
        for artist in artists:
            artist.remove()
        return faults(recording, 200, 100, figure.findobj(Legend))

    assert found((20, 20, "one", {}), (60, 20, "two", {}), (20, 40, "three", {})) == []
    assert found((20, 20, "one", {}), (30, 24, "two", {})) == ["'one' on 'two'"]
    assert found((20, 20, "one", {}), (25, 10, "upright", {"rotation": 90})) == ["'one' on 'upright'"]
    assert found((180, 20, "far right", {})) == ["'far right' is cut off at the edge"]
    assert found((20, 92, "$x^2$", {"fontsize": 20})) == ["'$x^2$' is cut off at the edge"]
    assert found((20, 20, "one", {}), (20, 20, "hidden", {"visible": False}), (20, 20, " ", {})) == []
    axes.plot([], [], label="a line")
    axes.legend(loc="lower left")
    assert found((10, 10, "one", {"fontsize": 6})) == ["'one' under the legend ['a line']"]
