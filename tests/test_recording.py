"""What a Recorder notes of artists, and what it refuses."""

import numpy as np
import pytest
from matplotlib import patheffects
from matplotlib.collections import LineCollection
from matplotlib.patches import Circle, Rectangle
from matplotlib.path import Path
from matplotlib.transforms import Bbox

from workbench.drawing import styles
from workbench.live.recording import Recorder, packed

SIZE = WIDTH, HEIGHT = 400, 300
STYLE = "fill", "stroke", "width", "dashes", "start", "cap", "join"


@pytest.fixture
def axes():
    """Axes whose units are pixels of the figure, from its lower left corner; all else is invisible."""
    figure = styles.new_figure((4.0, 3.0))
    figure.set_layout_engine("none")
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(0, HEIGHT))
    axes.set_axis_off()
    return axes


def noted(artist):
    """The operations that an artist leads to, in the course's look."""
    with styles.look():
        return Recorder(*SIZE, 100).record(artist.draw)


def only(artist):
    """The one operation that an artist leads to."""
    (operation,) = noted(artist)
    return operation


def style(operation):
    return dict(zip(STYLE, operation[1], strict=True))


def test_a_line(axes):
    (line,) = axes.plot([10, 20.5, 30], [100, 110, 90], color="#ff0000", linewidth=1.44, alpha=0.5)
    kind, _, clip, vertices, codes = only(line)
    assert kind == "path"
    np.testing.assert_allclose(vertices, [[10, 200], [20.5, 190], [30, 210]])  # y counts from above
    assert codes.tolist() == [Path.MOVETO, Path.LINETO, Path.LINETO]
    assert clip == (0, 0, WIDTH, HEIGHT)
    assert style(only(line)) == {
        "fill": None,
        "stroke": "#ff000080",
        "width": 2.0,  # at 100 pixels per inch, 72 points
        "dashes": (),
        "start": 0.0,
        "cap": "square",
        "join": "round",
    }


def test_dashes_are_in_pixels(axes):
    (line,) = axes.plot([0, 9], [0, 5], linestyle=(1.8, (3.6, 0.72)), linewidth=2, dash_capstyle="round")
    found = style(only(line))
    assert found["dashes"] == pytest.approx((10.0, 2.0))
    assert found["start"] == pytest.approx(5.0)
    assert found["cap"] == "round"


def test_gaps_and_what_lies_far_outside(axes):
    (line,) = axes.plot([0, 10, np.nan, 20, 1e9], [0, 5, 5, 9, 7])
    _, _, _, vertices, codes = only(line)
    assert np.isfinite(vertices).all()
    assert codes.tolist().count(Path.MOVETO) == 2
    assert np.abs(vertices).max() <= WIDTH + 1


def test_a_long_line_is_simplified_as_agg_does(axes):
    (line,) = axes.plot(np.linspace(0, 400, 10_000), np.linspace(0, 300, 10_000))
    assert len(only(line)[3]) < 10


def test_lines_along_an_axis_stand_on_pixels(axes):
    (line,) = axes.plot([10, 10], [20.3, 90], linewidth=0.72)  # a pixel wide: in the middle of one
    _, _, _, vertices, _ = only(line)
    np.testing.assert_allclose(vertices % 1, 0.5)


def test_what_is_invisible_is_not_noted(axes):
    assert noted(axes.plot([1, 2], [1, 2], visible=False)[0]) == []
    (line,) = axes.plot([1, 2], [1, 5], color=(0, 0, 0, 0))
    assert packed(noted(line))["operations"] == []


def test_areas_have_a_fill_and_a_line(axes):
    circle = axes.add_patch(Circle((50, 60), 20, facecolor="#00ff00", edgecolor="#0000ff", linewidth=0.72))
    found = only(circle)
    assert style(found) | {"cap": "", "join": ""} == {
        "fill": "#00ff00ff",
        "stroke": "#0000ffff",
        "width": 1.0,
        "dashes": (),
        "start": 0.0,
        "cap": "",
        "join": "",
    }
    assert Path.CURVE4 in found[4]
    np.testing.assert_allclose(found[3].max(axis=0), (70, 260), atol=1e-6)
    bare = axes.add_patch(Rectangle((0, 0), 3, 4, facecolor="red", linewidth=0))
    assert style(only(bare))["stroke"] is None


def test_markers_are_one_path_and_its_places(axes):
    (line,) = axes.plot([10.2, 30.7], [40, 60], "s", markersize=7.2, color="black", markeredgewidth=0)
    kind, _, clip, vertices, _, places, middle = only(line)
    assert (kind, clip, middle) == ("markers", (0, 0, WIDTH, HEIGHT), False)
    np.testing.assert_allclose(places, [[10.2, 260], [30.7, 240]])
    np.testing.assert_allclose(np.abs(vertices[:4]), 5)
    (dots,) = axes.plot([10.2, np.nan], [40, 60], "o")
    *_, places, middle = only(dots)
    assert middle
    assert len(places) == 1


def test_a_clip_is_in_whole_pixels(axes):
    (line,) = axes.plot([0, 99], [0, 50])
    line.set_clip_box(Bbox.from_extents(10.2, 20.6, 200.4, 149.5))
    assert only(line)[2] == (10, 150, 200, 279)
    line.set(marker="o", linestyle="")
    assert only(line)[2] == (10, 150, 201, 280)  # Agg shows markers a pixel farther
    line.set_clip_on(False)
    assert only(line)[2] is None


def test_text(axes):
    kind, (size, color), _, x, y, width, angle, words = only(axes.text(30, 50, "loss f", color="#00f", fontsize=7.2))
    assert (kind, size, color, words, angle) == ("text", 10, "#0000ffff", "loss f", 0)
    assert (x, y) == (30, 250)
    assert 25 < width < 32


def test_lines_of_a_text_and_the_box_around_it(axes):
    box, *lines = noted(axes.text(30, 50, "a\nb", backgroundcolor="white", rotation=90))
    assert box[0] == "path"
    assert [line[-1] for line in lines] == ["a", "b"]
    assert {line[-2] for line in lines} == {90}


@pytest.mark.parametrize(
    "how", [{"s": "$x^2$"}, {"s": "a", "weight": "bold"}, {"s": "★"}, {"s": "a", "family": "serif"}]
)
def test_what_the_page_has_no_face_for_is_noted_as_paths(axes, how):
    found = noted(axes.text(30, 50, **how))
    assert found
    assert {operation[0] for operation in found} == {"path"}


def test_text_is_as_large_as_agg_makes_it(axes):
    agg, recorder = axes.figure.canvas.get_renderer(), Recorder(*SIZE, 100)
    for text in axes.text(1, 1, "η = 0.1"), axes.text(1, 1, "$10^{-3}$"):
        assert text.get_window_extent(recorder).bounds == text.get_window_extent(agg).bounds


def test_contour_lines_and_arrows_are_noted_in_one_go(axes):
    lines = axes.add_collection(LineCollection([[(0, 0), (9, 5)], [(1, 2), (3, 7)]], colors="red"), autolim=False)
    found = packed(noted(lines))
    assert [operation[0] for operation in found["operations"]] == ["path"]
    assert found["operations"][0][-1] == 4
    arrows = axes.quiver([10, 20], [30, 40], [1, 2], [0, 1], color="0.8")
    first, second = noted(arrows)
    assert not np.allclose(first[3], second[3])
    assert style(first)["fill"] == "#ccccccff"


def test_a_collection_of_many_looks(axes):
    dots = axes.scatter([10, 20], [30, 40], c=["red", "lime"], s=[20, 40])
    assert [style(operation)["fill"] for operation in noted(dots)] == ["#ff0000ff", "#00ff00ff"]
    few = noted(axes.pcolormesh(np.arange(6).reshape(2, 3)))
    assert len(few) == 6


def test_images(axes):
    still = axes.imshow([[0, 1], [2, 3]], cmap="gray", interpolation="none", extent=(10, 30, 40, 80))
    kind, _, matrix, image, opacity = only(still)
    assert (kind, opacity, image.shape) == ("image", 1, (2, 2, 4))
    corners = np.array([(0, 0, 1), (2, 2, 1)]) @ matrix[:2].T
    np.testing.assert_allclose(np.sort(corners, axis=0), [[10, 220], [30, 260]])
    found = packed(noted(still))
    assert found["operations"][0][-1] == 1  # gray: a byte a pixel
    assert len(found["images"]) == 4
    still.set_cmap("viridis")
    assert len(packed(noted(still))["images"]) == 16


def test_packed_numbers(axes):
    lines = axes.plot([0, 9], [5, 7], "-", [0, 9], [8, 3], "o", color="black")
    found = packed([operation for line in lines for operation in noted(line)])
    assert len(found["styles"]) == 2
    (path, markers) = found["operations"]
    assert path == ["path", 0, 0, 0, 2]
    assert markers[:4] == ["markers", 1, 0, 2]
    count = markers[4] + markers[5] + 2
    assert np.frombuffer(found["vertices"], "<f4").shape == (2 * count,)
    assert len(found["codes"]) == count


def test_translucent_lines_are_not_joined(axes):
    for alpha, count in (1, 1), (0.5, 2):
        lines = [axes.plot([0, 9], [k, 7], color="black", alpha=alpha)[0] for k in range(2)]
        assert len(packed([only(line) for line in lines])["operations"]) == count


def hatched(axes):
    return axes.add_patch(Rectangle((0, 0), 9, 9, hatch="/"))


def clipped(axes):
    (line,) = axes.plot([0, 9], [0, 5])
    line.set_clip_path(Circle((5, 5), 3, transform=axes.transData))
    return line


def large_mesh(axes):
    return axes.pcolormesh(np.zeros((40, 40)))


def shaded(axes):
    return axes.tripcolor([0, 1, 0], [0, 0, 1], [1.0, 2.0, 3.0], shading="gouraud")


def sketched(axes):
    return axes.plot([0, 9], [0, 5], sketch_params=(1, 100, 2))[0]


def rasterized(axes):
    return axes.plot([0, 9], [0, 5], rasterized=True)[0]


def filtered(axes):
    return axes.plot([0, 9], [0, 5], agg_filter=lambda image, dpi: (image, 0, 0))[0]


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (hatched, "a hatch"),
        (clipped, "a clip path that is no rectangle"),
        (large_mesh, "a mesh (pcolormesh) of more than 1000 cells; use imshow"),
        (shaded, "shaded triangles"),
        (sketched, "sketched lines (xkcd)"),
        (rasterized, "a rasterized artist (rasterized=True)"),
        (filtered, "a filter (agg_filter)"),
    ],
)
def test_what_is_not_known_is_refused_by_name(axes, make, what):
    with pytest.raises(NotImplementedError) as error:
        noted(make(axes))
    assert str(error.value) == f"a live figure cannot show {what}"


def test_path_effects_are_drawn(axes):
    (line,) = axes.plot([0, 9], [0, 5], path_effects=[patheffects.withStroke(linewidth=5, foreground="white")])
    assert len(noted(line)) == 2
