"""Drawing helpers: pictures with words, paths that leave the picture, styles that can be told apart."""

import base64
import io

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

import helpers
from workbench.descent import landscapes
from workbench.descent.optimizers import OPTIMIZERS
from workbench.descent.trajectory import diverged_at, drawable
from workbench.drawing import styles, surfaces
from workbench.drawing.picture import Picture, png
from workbench.words import number, point

VIEW = ((-10, 10), (-5, 5))


def path(*points):
    return np.array(points, float)


@pytest.mark.parametrize(
    ("points", "losses", "step"),
    [
        ([(0, 0), (1, 1)], [2, 1], None),
        ([(0, 0), (11, 0), (0, 0)], [1, 9, 1], None),  # swings out and comes back
        ([(0, 0), (11, 0), (0, 1), (12, 0), (13, 0)], [1, 9, 2, 10, 11], 3),
        ([(0, 0), (11, 0)], [5, 1], None),  # outside, but lower than at the start
        ([(0, 0), (1e300, 0), (np.inf, 0), (np.nan, np.nan)], [1, 9, np.inf, np.nan], 1),
        ([(20, 0), (30, 0)], [1, 2], 0),
    ],
)
def test_diverged_at(points, losses, step):
    assert diverged_at(path(*points), np.array(losses, float), VIEW) == step
    assert len(drawable(path(*points), step)) == (len(points) if step is None else step + 1)


def test_rings_are_lines_of_equal_loss():
    bowl = landscapes.bowl(condition=5, rotation=30)
    levels = surfaces.contour_levels(bowl)
    lines = surfaces.rings(bowl)
    assert len(lines) >= len(levels)
    for line in lines:
        values = bowl.value(line)
        assert np.abs(levels[:, None] - values).min(axis=0).max() < 0.02 * levels[-1]


def test_arrows_point_downhill():
    bowl = landscapes.bowl(rotation=30)
    arrows = surfaces.downhill_arrows(styles.new_figure().subplots(), bowl)
    surfaces.point_downhill(arrows, bowl)
    p, direction = arrows.get_offsets(), np.stack([arrows.U, arrows.V], axis=-1)
    ahead = p + 1e-4 * direction / np.linalg.norm(direction, axis=1, keepdims=True).clip(1e-9)
    moved = np.linalg.norm(direction, axis=1) > 0
    assert (bowl.value(ahead) < bowl.value(p))[moved].all()
    assert moved.mean() > 0.9


def test_every_optimizer_has_a_style_of_its_own():
    assert {c.__name__ for c in OPTIMIZERS.values()} == set(styles.STYLES)
    classes = {n for n, c in vars(helpers).items() if isinstance(c, type) and issubclass(c, helpers.Optimizer)}
    assert set(styles.STYLES) == classes - {"Optimizer"}
    for what in ("color", "marker", "linestyle"):
        assert len({str(style[what]) for style in styles.ALL_STYLES.values()}) == len(styles.ALL_STYLES)


def test_look_does_not_depend_on_the_users_settings():
    def draw():
        with styles.look():
            figure = styles.new_figure((3, 2))
            figure.subplots().plot([1, 3, 2])
        return Picture(figure, "a line").png

    before = draw()
    with mpl.rc_context({"font.size": 20, "lines.linewidth": 9, "axes.facecolor": "red"}):
        assert draw() == before


def test_png_holds_the_pixels_of_the_canvas():
    figure = styles.new_figure((3, 2))
    figure.subplots().plot([1, 3, 2], color="tab:red")
    figure.canvas.draw()
    image = Image.open(io.BytesIO(png(figure)))
    image.verify()  # checksums
    image = Image.open(io.BytesIO(png(figure)))
    assert (image.mode, image.size) == ("RGBA", (300, 200))
    np.testing.assert_array_equal(np.asarray(image), np.asarray(figure.canvas.buffer_rgba()))


def test_picture_has_png_and_words():
    bowl = landscapes.bowl()
    run = helpers.trajectory(helpers.SGD(0.95), bowl.gradient, bowl.start, 30)
    picture = surfaces.surface(bowl, run)
    data, metadata = picture._repr_mimebundle_()
    width, height = Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).size
    assert width == 700
    assert height in (459, 460)  # 4.6 inches at 100 dpi; Matplotlib before 3.11 cuts 459.99… off
    assert data["text/plain"] == picture.words == metadata["image/png"]["alt"]
    assert "(−7, 2) (f = 6.45) to (−0.3504, 0.08478) (f = 0.01333)" in picture.words


def test_numbers_for_people():
    assert number(-0.0133268) == "−0.01333"
    assert number(1e-7) == "1e−07"
    assert point((-7, 2)) == "(−7, 2)"
