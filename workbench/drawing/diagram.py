"""The drawing of a multi-layer perceptron: its layers of units, and how many parameters lie between them."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.collections import LineCollection

from workbench.checks import Choice, Sizes, checked
from workbench.drawing import styles
from workbench.drawing.picture import Picture
from workbench.networks.layers import ACTIVATIONS

DRAWN = 10  # units that are drawn of a large layer


@checked(sizes=Sizes())
def parameters(sizes: Sequence[int]) -> list[int]:
    """The number of weights and biases of each Affine layer of an MLP; sizes: numbers of units, inputs first."""
    return [(fan_in + 1) * fan_out for fan_in, fan_out in pairwise(sizes)]


@checked(sizes=Sizes(), activation=Choice(ACTIVATIONS))
def picture(sizes: Sequence[int], activation: str = "ReLU") -> Picture:
    """A Picture of an MLP; sizes: numbers of units, inputs first, classes last."""
    counts = parameters(sizes)
    heights = [np.linspace(-1, 1, min(n, DRAWN)) * min(n, DRAWN) / DRAWN for n in sizes]
    with styles.look():
        figure = styles.new_figure((9.0, 3.2))
        axes = figure.subplots()
        for i, count in enumerate(counts):
            pairs = [[(i, y), (i + 1, z)] for y in heights[i] for z in heights[i + 1]]
            axes.add_collection(LineCollection(pairs, colors="0.85", linewidths=0.5, zorder=0))
            axes.text(i + 0.5, -1.35, f"{count:,}\nparameters", ha="center", va="top", fontsize=8)
        last = len(sizes) - 1
        for i, (n, y) in enumerate(zip(sizes, heights, strict=True)):
            axes.plot(np.full(len(y), i), y, "o", color="black", markerfacecolor="white")
            kind = "inputs" if i == 0 else "classes,\nsoftmax" if i == last else f"units,\n{activation}"
            axes.text(i, 1.25, f"{n} {kind}", ha="center", va="bottom")
        axes.set(xlim=(-0.5, last + 0.5), ylim=(-1.9, 1.9))
        axes.set_axis_off()
        axes.set_title(f"a multi-layer perceptron; at most {DRAWN} units of each layer are drawn")
        words = f"A network with layers of {', '.join(map(str, sizes))} units, {activation} after each but the last. "
        words += f"Parameters between them: {', '.join(map(str, counts))}; {sum(counts)} in all."
        return Picture(figure, words)
