"""Rows of histograms, one panel a layer, in which every value is counted: two kinds of bins, and the panels."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from workbench.checks import Array, Kind, checked
from workbench.drawing.number_lines import Numbers, label_lines
from workbench.drawing.panels import Live
from workbench.words import number

SHARES = 0.01, 0.1, 0.5, 1.0  # ticks of the share axis


class LinearBins:
    """`n` bins of equal width from `low` to `high`, one more for all at `low` or below, one for all above `high`.

    A value on the edge of two bins belongs to the lower one. `ticks`: numbers that the axis names. `ends`: names of
    the two bins at the ends, "" for one that stays empty.
    """

    def __init__(self, low: float, high: float, n: int, ticks: Sequence[float], ends: tuple[str, str] = ("", "")):
        self.low, self.high, self.n, self.ends = low, high, n, ends
        self.scale = n / (high - low)
        self.ticks = [(1 + (tick - low) * self.scale, number(tick)) for tick in ticks]

    def index(self, values: np.ndarray) -> np.ndarray:
        """The bin of each value, 0 to n + 1, an array of whole numbers; nan counts as above."""
        places = np.ceil((values - self.low) * self.scale)
        return np.nan_to_num(np.clip(places, 0, self.n + 1, out=places), copy=False, nan=self.n + 1).astype(np.intp)


class OctaveBins:
    """A bin for each power of two from 2^`low` to 2^`high`, for the sizes |v| of float32 numbers of any sign.

    A bin holds the sizes from 2^k to below 2^(k + 1); one more bin takes the smaller ones and 0, one the larger ones.
    """

    def __init__(self, low: int, high: int):
        self.low, self.n = low, high - low
        tens = range(int(np.ceil(low * np.log10(2))), int(high * np.log10(2)) + 1)
        self.ticks = [(1 + k * np.log2(10) - low, f"$10^{{{k}}}$") for k in tens if k % 6 == 0 and k > low * 0.3]
        self.ends = "0", ""

    def index(self, values: np.ndarray) -> np.ndarray:
        """The bin of each size, 0 to n + 1, an array of whole numbers; inf and nan count as larger."""
        if values.dtype != np.float32:
            raise ValueError(f"values has dtype {values.dtype}; allowed: float32")
        # The eight exponent bits are the power of two, plus 127: many times faster than a logarithm.
        powers = (np.ascontiguousarray(values).view(np.int32) >> 23) & 0xFF
        return np.clip(powers - (126 + self.low), 0, self.n + 1).astype(np.intp)


Bins = LinearBins | OctaveBins


@checked(bins=Kind((LinearBins, OctaveBins), "LinearBins or OctaveBins"), values=Array())
def counts(bins: Bins, values: np.ndarray) -> np.ndarray:
    """How many values lie in each bin, layer by layer: shape (layers, n + 2), for values of shape (layers, …).

    No value is dropped: the sum of a row is the number of values of its layer.
    """
    if values.ndim < 2:
        raise ValueError(f"values has shape {values.shape}; allowed: (layers, …)")
    width = bins.n + 2
    index = bins.index(values).reshape(len(values), -1)
    index += width * np.arange(len(values))[:, None]  # so that all layers are counted in one go
    return np.bincount(index.ravel(), minlength=width * len(values)).reshape(len(values), width)


class HistogramRow:
    """Histograms of some layers side by side, as shares of all values, on one axis of bins and one of shares.

    live: the LiveFigure whose `build` makes this. axes: one for each layer. labels: names of the numbers that stand
    above each panel, one a line. The axis of shares grows with their square root: a bin with one hundredth of the
    values is seen beside a bin with all of them.
    """

    def __init__(self, live: Live, axes: Sequence[Axes], color: str, labels: Sequence[str]):
        self.axes = axes
        self.bars, self.numbers = [], []
        for k, panel in enumerate(axes):
            panel.set(ylim=(0, 1.02))
            panel.set_yticks(np.sqrt(SHARES), [f"{share:.0%}" for share in SHARES] if k == 0 else [])
            panel.grid(axis="y")
            panel.set_axisbelow(True)
            self.bars.append(live.moving(panel.stairs([0.0], fill=True, color=color)))
            label_lines(panel, [f"layer {k + 1}: {labels[0]}", *labels[1:]])
            self.numbers.append(live.moving(Numbers(panel)))
        live.scenery([panel.xaxis for panel in axes])

    def scene(self, bins: Bins) -> None:
        """Draw the axes of other bins."""
        self.bins = bins
        ends = [(place, name) for place, name in zip((0.5, bins.n + 1.5), bins.ends, strict=True) if name]
        places, names = zip(*(bins.ticks + ends), strict=True)
        for panel in self.axes:
            panel.set_xlim(0, bins.n + 2)
            panel.set_xticks(places, names)

    def draw(self, found: np.ndarray, numbers: Sequence[Sequence[str]]) -> None:
        """Draw the `counts` of each layer, and the numbers above it, one text for each label."""
        heights = np.sqrt(found / found.sum(axis=1, keepdims=True))
        edges = np.arange(self.bins.n + 3)
        for bar, above, height, lines in zip(self.bars, self.numbers, heights, numbers, strict=True):
            bar.set_data(height, edges)
            above.set_lines(lines)
