"""Live figure: a digit, chosen or drawn, on its way through the trained LeNet; pictures of its kernels."""

import ipywidgets as widgets
import numpy as np
from matplotlib import colormaps
from matplotlib.patches import Rectangle

from lessons.lenet.experiments import SIDE, WRONG, frozen_lenet, moved, normalized, responses, stroke, strongest_answers
from workbench.checks import WORDS, Constraint, Finite, Whole, checked, refuse
from workbench.data import mnist
from workbench.drawing import styles
from workbench.drawing.picture import Picture
from workbench.drawing.styles import MUTED
from workbench.live.controls import checkbox, choice, slider
from workbench.live.figure import LiveFigure
from workbench.words import number

PICTURES = "a test digit", "your drawing"
GRAYS = colormaps["gray_r"].with_extremes(bad="0.8")  # large numbers dark; the lines of a mosaic light


def mosaic(maps, columns):
    """Maps of one size, shape (k, h, w), beside and below each other, with a pixel of nan between them."""
    k, h, w = maps.shape
    rows = -(-k // columns)
    tiles = np.full((rows * columns, h + 1, w + 1), np.nan, np.float32)
    tiles[:k, :h, :w] = maps
    tiles = tiles.reshape(rows, columns, h + 1, w + 1).swapaxes(1, 2)
    return tiles.reshape(rows * (h + 1), columns * (w + 1))[:-1, :-1]


class Strokes(Constraint):
    """What a pen draws on a page of 28 × 28 pixels."""

    allowed = "a list of strokes, each a list of points (x, y)"

    def check(self, name, value):
        if not isinstance(value, list | tuple):
            refuse(name, value, self.allowed)
        for i, points in enumerate(value):
            Finite((None, 2)).check(f"{name}[{i}]", points)
        return value

    def bad(self):
        return [None, 3, np.nan, "x", {}, len, object(), *([points] for points in Finite((None, 2)).bad())]

    def good(self):
        return [[[(14, 4), (14, 23)]], [], [[(1, 2)]], [[(0.5, -3), (40, 2)]]]


class FeatureMaps(LiveFigure):
    """A digit, moved, turned, inverted or drawn with the pointer; the maps of both convolutions; the probabilities."""

    title = "A digit on its way through the trained LeNet: picture, feature maps of both convolutions, probabilities."
    size = (9.0, 5.4)
    folded = ("down", "normalize", "invert")
    presets = {
        "Moved": {"right": 7},
        "Turned": {"angle": 70},
        "Inverted": {"invert": True},
        "A wrong one": {"digit": WRONG},
    }

    def make_controls(self):
        return {
            "picture": choice("picture", PICTURES, PICTURES[0]),
            "digit": slider("test digit", 0, 0, 9999, 1),
            "right": slider("moved right", 0, -14, 14, 1),
            "down": slider("moved down", 0, -14, 14, 1),
            "angle": slider("turned by (degrees)", 0, -180, 180, 5),
            "kernel": slider("kernel shown", 1, 1, 20, 1),
            "normalize": checkbox("placed as in MNIST"),
            "invert": checkbox("inverted"),
        }

    def build(self, figure):
        digits = mnist.load()
        self.images, self.labels = digits.test_images, digits.test_labels
        self.page, self.pen = np.zeros((SIDE, SIDE), np.float32), None
        top, bottom = figure.subfigures(2, 1, height_ratios=(1, 1.02))
        pad, kernel, chances = top.subplots(1, 3, width_ratios=(1, 0.62, 1.5))
        first, second = bottom.subplots(1, 2, width_ratios=(1.25, 2))
        typical = [responses(mnist.pixels(self.images[[i]]).reshape(SIDE, SIDE)) for i in range(20)]
        most = [max(maps[layer].max() for maps in typical) for layer in (0, 1)]
        self.picture_shown = self._image(pad, (SIDE, SIDE), (0, 1))
        self.picture_title = self.moving(pad.set_title("picture"))
        pad.set_xlabel("draw here", fontsize=8)
        self.drag_axes, self.drag_controls = pad, ()
        scale = np.abs(frozen_lenet().params["W1"]).max()
        self.kernel_shown = self._image(kernel, (5, 5), (-scale, scale))
        self.kernel_title = self.moving(kernel.set_title("kernel"))
        kernel.set_xlabel("black +, gray 0, white −", fontsize=8)
        self._build_chances(chances)
        self.first = self._image(first, (4 * (SIDE + 1) - 1, 5 * (SIDE + 1) - 1), (0, 0.7 * most[0]))
        first.set_title("20 maps of the first convolution")
        self.frame = self.moving(
            Rectangle((0, 0), SIDE + 1, SIDE + 1, fill=False, color="#D55E00", linewidth=2, clip_on=False)
        )
        first.add_patch(self.frame)
        self.second = self._image(second, (5 * 11 - 1, 10 * 11 - 1), (0, 0.7 * most[1]))
        second.set_title("50 maps of the second convolution")

    def _image(self, axes, shape, limits):
        """A gray picture that `draw` changes, dark where the numbers are large."""
        axes.set(xticks=[], yticks=[])
        for spine in axes.spines.values():
            spine.set(visible=True, color="0.6")
        low, high = limits
        return self.moving(
            axes.imshow(np.zeros(shape), cmap=GRAYS, vmin=low, vmax=high, interpolation="none", aspect="equal")
        )

    def _build_chances(self, axes):
        axes.set(xlim=(0, 1.15), ylim=(9.6, -0.6), xlabel="probability", ylabel="class")
        axes.set_yticks(range(10))
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1])
        self.bars = self.moving(list(axes.barh(range(10), np.zeros(10), height=0.7)))
        self.best = self.moving(axes.text(0, 0, "", va="center", fontsize=9))
        self.chances_title = self.moving(axes.set_title("probabilities"))

    def draw(self, picture, digit, right, down, angle, kernel, normalize, invert):
        drawn = picture == PICTURES[1]
        source = self.page if drawn else mnist.pixels(self.images[[digit]]).reshape(SIDE, SIDE)
        image = moved(source, right, down, angle)
        image = normalized(image) if normalize else image
        image = 1 - image if invert else image
        first, second, chances = responses(image)
        self.picture_shown.set_data(image)
        name = "your drawing" if drawn else f"test digit {digit}, a {self.labels[digit]}"
        self.picture_title.set_text(name + ", placed" * normalize)
        self.kernel_shown.set_data(frozen_lenet().params["W1"][kernel - 1, 0])
        self.kernel_title.set_text(f"kernel {kernel}")
        row, column = divmod(kernel - 1, 5)
        self.frame.set_xy((column * (SIDE + 1) - 1, row * (SIDE + 1) - 1))
        self.first.set_data(mosaic(first, 5))
        self.second.set_data(mosaic(second, 10))
        self._draw_chances(chances)
        return self._in_words(name, first[kernel - 1], kernel, chances, None if drawn else self.labels[digit])

    def _draw_chances(self, chances):
        best = int(chances.argmax())
        for i, (bar, chance) in enumerate(zip(self.bars, chances, strict=True)):
            bar.set_width(chance)
            bar.set_color("black" if i == best else MUTED)
        self.best.set_position((chances[best] + 0.02, best))
        self.best.set_text(f"{chances[best]:.0%}")
        self.chances_title.set_text(f"the network says {best}")

    def _in_words(self, name, map_, kernel, chances, label):
        best, next_ = np.argsort(chances)[::-1][:2]
        verdict = "" if label is None else ", which is right" if best == label else ", which is wrong"
        share = (map_ > 0).mean()
        return (
            f"The picture: {name}.\n"
            f"The network says {best} with probability {chances[best]:.0%}{verdict}; next comes {next_} with "
            f"{chances[next_]:.0%}.\n"
            f"The map of kernel {kernel} is above zero at {share:.0%} of the places, {number(map_.max())} "
            "at most."
        )

    # Drawing

    def buttons(self):
        blank = widgets.Button(description="Blank page", tooltip="A page for a digit of your own")
        blank.on_click(lambda button: self.draw_strokes([]))
        return [*super().buttons(), blank]

    def reset(self):
        self.page[:] = 0
        super().reset()

    @checked(strokes=Strokes())
    def draw_strokes(self, strokes):
        """Draw on a blank page, as the pointer would: strokes, each a list of points (x, y) in pixels from 0 to 27."""
        self.page[:] = 0
        for points in strokes:
            for start, end in zip(points, [*points[1:], points[-1]], strict=True):
                stroke(self.page, start, end)
        self._show_page()

    def _show_page(self):
        self.redraw(**(self.initial | {"picture": PICTURES[1], "kernel": self.settings["kernel"]}))

    def begin_drag(self):
        self.pen = None
        if self.settings["picture"] != PICTURES[1]:
            self.page[:] = 0

    def drag_to(self, x, y):
        """Draw a line to a place on the page, which lies straight and unmoved under the pen."""
        here = x, y
        stroke(self.page, here if self.pen is None else self.pen, here)
        self.pen = here
        self._show_page()


# Pictures of kernels


@checked(W=Finite((None, 1, None, None)), title=WORDS)
def first_kernels(W, title="The kernels of the first convolution"):
    """A Picture of kernels with one input channel, W of shape (k, 1, m, m), on one common scale.

    title: what W is, without a full stop.
    """
    if len(W) < 2 or len(W) % 2:
        raise ValueError(f"W has shape {W.shape}; allowed: an even number of kernels, for two rows")
    k, scale = len(W), float(np.abs(W).max())
    with styles.look():
        figure = styles.new_figure((9.0, 2.5))
        figure.suptitle(title, x=0.01, ha="left", fontsize=10)
        for i, axes in enumerate(figure.subplots(2, k // 2).flat):
            _still(axes, W[i, 0], scale)
            axes.set_title(str(i + 1), fontsize=8)
        return Picture(figure, f"{title}, {k} of 5 × 5, {_in_gray(scale)}.")


@checked(W=Finite((None, None, None, None)), shown=Whole(1))
def later_kernels(W, shown=20):
    """A Picture of the first kernels of a later layer, W of shape (k, c, m, m): a column for each channel."""
    if shown > len(W):
        refuse("shown", shown, f"1 to {len(W)}, the number of kernels")
    channels, scale = W.shape[1], float(np.abs(W[:shown]).max())
    with styles.look():
        figure = styles.new_figure((7.4, 7.4))
        axes = figure.subplots()
        _still(axes, mosaic(W[:shown].reshape(shown * channels, *W.shape[2:]), channels), scale)
        middle, step = (W.shape[2] - 1) / 2, W.shape[2] + 1
        axes.set_xticks(middle + step * np.arange(channels), range(1, channels + 1))
        axes.set_yticks(middle + step * np.arange(shown), range(1, shown + 1))
        axes.set(xlabel="input channel: the map of this kernel of the first convolution", ylabel="kernel")
        axes.tick_params(length=0)
        frame = Rectangle((-1, -1), step, shown * step, fill=False, color="#D55E00", linewidth=2, clip_on=False)
        axes.add_patch(frame)
        return Picture(
            figure,
            f"The first {shown} of {len(W)} kernels of the second convolution, a row each; each has {channels} "
            f"channels of 5 × 5, a column each, {_in_gray(scale)}. A frame around the first column: all that is seen "
            "of them when only one channel is drawn.",
        )


def _still(axes, picture, high, low=None):
    """A gray picture without ticks and frame, on a scale from `low` to `high`; from −high unless told otherwise."""
    axes.imshow(picture, cmap=GRAYS, vmin=-high if low is None else low, vmax=high, interpolation="none")
    axes.set(xticks=[], yticks=[], frame_on=False)


def _in_gray(scale):
    return f"on one scale: black is +{number(scale)}, gray 0, white −{number(scale)}"


@checked(kernels=Whole(1, 50), patches=Whole(1, 2000))
def favorite_patches(kernels=10, patches=8):
    """A Picture: for each kernel of the second convolution the parts of test digits that it answers to most.

    A number of that layer comes from 14 × 14 pixels. Of the first 2000 test digits each gives its best part; the best
    `patches` of them stand in a row.
    """
    tiles = strongest_answers(kernels, patches)
    with styles.look():
        figure = styles.new_figure((9.0, 0.72 * patches))
        axes = figure.subplots()
        _still(axes, mosaic(tiles.reshape(-1, *tiles.shape[2:]), kernels), 1, low=0)
        axes.set_xticks(6.5 + 15 * np.arange(kernels), range(1, kernels + 1))
        axes.set(yticks=[], xlabel="kernel of the second convolution", ylabel="strongest answers, the first above")
        axes.tick_params(length=0)
        return Picture(
            figure,
            f"For each of the first {kernels} kernels of the second convolution, a column each, the {patches} parts of "
            "2000 test digits, 14 × 14 pixels, to which it answers most, at most one from each digit.",
        )
