"""Loss surfaces with known answers: value, gradient, Hessian, minima, and the part of the plane worth looking at.

And `own`, which finds the answers for any function of x and y by number.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from workbench.checks import (
    ABOVE_0,
    WORDS,
    AFunction,
    Anything,
    Array,
    AsItCame,
    Finite,
    Kind,
    Number,
    OrNone,
    checked,
    fitting,
    refuse,
)
from workbench.descent.own_function import OwnFunction
from workbench.words import number, point


@checked(
    name=Anything(),
    value=AFunction(),
    gradient=AFunction(),
    hessian=AFunction(),
    minima=AsItCame(Array((None, None))),
    view=AsItCame(Finite((None, 2))),
    start=AsItCame(Finite((None,))),
)
@dataclass(frozen=True, repr=False, eq=False)
class Landscape:
    """A loss f of n parameters.

    value, gradient, hessian: functions of points, shape (..., n), that return shapes (...), (..., n) and (..., n, n);
    for points of inf or nan inf or nan, without a warning. They raise ValueError for anything else.
    minima: every local minimum, shape (k, n), the lowest first; for a landscape without any, shape (0, n).
    view: n pairs (low, high): the limits of a picture.
    start: n numbers: where a descent begins unless the learner moves it.
    Two landscapes are equal only if they are the same object, so that results can be kept by them.
    """

    name: str
    value: Callable
    gradient: Callable
    hessian: Callable
    minima: np.ndarray
    view: tuple
    start: tuple

    def __post_init__(self):
        n = len(self.start)
        fitting("view", np.asarray(self.view), (n, 2))
        fitting("minima", np.asarray(self.minima), (None, n))
        for name in "value", "gradient", "hessian":
            object.__setattr__(self, name, _of_points(getattr(self, name), n))

    def __repr__(self):
        m, n = np.shape(self.minima)
        minima = "no minimum" if m == 0 else "1 minimum" if m == 1 else f"{m} minima"
        return f"<Landscape {self.name}: {n} parameter{'s' * (n > 1)}, {minima}, start {point(self.start)}>"


A_LANDSCAPE = Kind(Landscape, "a Landscape")


@checked(curvature=ABOVE_0)
def parabola(curvature: float = 2.0) -> Landscape:
    """f(x) = c x² / 2 with curvature c; the default is x².

    Raises ValueError unless curvature is a finite number above 0.
    """
    return Landscape(
        name="f(x) = x²" if curvature == 2 else f"f(x) = {curvature / 2:.4g} x²",
        value=lambda p: curvature / 2 * p[..., 0] ** 2,
        gradient=lambda p: curvature * p,
        hessian=lambda p: np.full((*np.shape(p), 1), float(curvature)),
        minima=np.zeros((1, 1)),
        view=((-8.0, 8.0),),
        start=(-7.0,),
    )


def two_valleys() -> Landscape:
    """f(x) = x⁴/4 − x² + x/4: a deep valley on the left, a shallow one on the right, a hilltop between them."""
    slope = np.polynomial.Polynomial([0.25, -2, 0, 1])
    left, _, right = np.sort(slope.roots().real)
    return Landscape(
        name="f(x) = x⁴/4 − x² + x/4",
        value=lambda p: slope.integ()(p[..., 0]),
        gradient=lambda p: slope(p),
        hessian=lambda p: slope.deriv()(p)[..., None],
        minima=np.array([[left], [right]]),
        view=((-2.4, 2.4),),
        start=(2.0,),
    )


@checked(condition=ABOVE_0, rotation=Number("a finite angle in degrees"))
def bowl(condition: float = 20.0, rotation: float = 0.0) -> Landscape:
    """A quadratic bowl, by default x²/20 + y²: f(p) = pᵀ H p / 2.

    condition: κ, the ratio of the largest to the smallest curvature; the largest stays 2, the smallest is 2/κ.
    rotation: angle of the flat direction against the x axis, in degrees, counterclockwise.
    Raises ValueError unless condition is a finite number above 0 and rotation is finite.
    """
    cos, sin = np.cos(np.radians(rotation)), np.sin(np.radians(rotation))
    axes = np.array([[cos, -sin], [sin, cos]])
    H = axes @ np.diag([2 / condition, 2.0]) @ axes.T
    turned = f", turned by {rotation:.4g}°" if rotation else ""
    return Landscape(
        name=f"f(x, y) = x²/{condition:.4g} + y²{turned}",
        value=lambda p: ((p @ H) * p).sum(axis=-1) / 2,
        gradient=lambda p: p @ H,
        hessian=lambda p: np.broadcast_to(H, (*np.shape(p), 2)),
        minima=np.zeros((1, 2)),
        view=((-10.0, 10.0), (-5.0, 5.0)),
        start=(-7.0, 2.0),
    )


def saddle() -> Landscape:
    """f(x, y) = x² − y²: a minimum along x, a maximum along y, no minimum at all."""
    return _surface(
        "f(x, y) = x² − y²",
        value=lambda x, y: x**2 - y**2,
        gradient=lambda x, y: (2 * x, -2 * y),
        hessian=lambda x, y: (2 + 0 * x, 0 * x, -2 + 0 * x),
        minima=np.zeros((0, 2)),
        view=((-2.0, 2.0), (-2.0, 2.0)),
        start=(1.0, 1e-3),
    )


def rosenbrock() -> Landscape:
    """f(x, y) = (1 − x)² + 100 (y − x²)²: a flat curved valley between steep walls (Rosenbrock 1960)."""
    return _surface(
        "f(x, y) = (1 − x)² + 100 (y − x²)²",
        value=lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2,
        gradient=lambda x, y: (-2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)),
        hessian=lambda x, y: (2 - 400 * (y - 3 * x**2), -400 * x, 200 + 0 * x),
        minima=np.array([[1.0, 1.0]]),
        view=((-2.0, 2.0), (-1.0, 3.0)),
        start=(-1.5, 2.0),
    )


def beale() -> Landscape:
    """Beale's function, Σ (cₖ − x + x yᵏ)² for k = 1, 2, 3: flat in the middle, steep in the corners (Beale 1958)."""
    c = (1.5, 2.25, 2.625)

    def terms(x, y):
        return [(c[k - 1] - x + x * y**k, y**k - 1, k * x * y ** (k - 1), k) for k in (1, 2, 3)]

    def hessian(x, y):
        xx = sum(2 * rx**2 for r, rx, ry, k in terms(x, y))
        xy = sum(2 * (rx * ry + r * k * y ** (k - 1)) for r, rx, ry, k in terms(x, y))
        yy = sum(2 * (ry**2 + r * k * (k - 1) * x * y ** max(k - 2, 0)) for r, rx, ry, k in terms(x, y))
        return xx, xy, yy

    return _surface(
        "Beale's function",
        value=lambda x, y: sum(r**2 for r, rx, ry, k in terms(x, y)),
        gradient=lambda x, y: (
            sum(2 * r * rx for r, rx, ry, k in terms(x, y)),
            sum(2 * r * ry for r, rx, ry, k in terms(x, y)),
        ),
        hessian=hessian,
        minima=np.array([[3.0, 0.5]]),
        view=((-4.5, 4.5), (-4.5, 4.5)),
        start=(1.0, 1.5),
    )


def himmelblau() -> Landscape:
    """f(x, y) = (x² + y − 11)² + (x + y² − 7)²: four minima, all of loss 0 (Himmelblau 1972)."""
    minima = np.array([[3, 2], [-2.805118, 3.131313], [-3.779310, -3.283186], [3.584428, -1.848127]])
    landscape = _surface(
        "f(x, y) = (x² + y − 11)² + (x + y² − 7)²",
        value=lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2,
        gradient=lambda x, y: (
            4 * x * (x**2 + y - 11) + 2 * (x + y**2 - 7),
            2 * (x**2 + y - 11) + 4 * y * (x + y**2 - 7),
        ),
        hessian=lambda x, y: (12 * x**2 + 4 * y - 42, 4 * x + 4 * y, 12 * y**2 + 4 * x - 26),
        minima=minima,
        view=((-6.0, 6.0), (-6.0, 6.0)),
        start=(-1.0, -4.0),
    )
    for _ in range(3):  # Newton's method turns the known digits into all digits
        minima -= np.linalg.solve(landscape.hessian(minima), landscape.gradient(minima)[..., None])[..., 0]
    return landscape


def plateau() -> Landscape:
    """f(x, y) = 1 − exp(−(x²/2 + y²)/2): a hole in a plain that is flat far from it."""

    def gradient(x, y):
        e = np.exp(-(x**2 / 2 + y**2) / 2)
        return x / 2 * e, y * e

    def hessian(x, y):
        e = np.exp(-(x**2 / 2 + y**2) / 2)
        return (1 - x**2 / 2) / 2 * e, -x * y / 2 * e, (1 - y**2) * e

    return _surface(
        "f(x, y) = 1 − exp(−(x²/2 + y²)/2)",
        value=lambda x, y: 1 - np.exp(-(x**2 / 2 + y**2) / 2),
        gradient=gradient,
        hessian=hessian,
        minima=np.zeros((1, 2)),
        view=((-6.0, 6.0), (-4.0, 4.0)),
        start=(-4.0, 1.5),
    )


def cliff() -> Landscape:
    """f(x, y) = y²/2 − x/5 + exp(8 (x − 3)): a gentle slope that leads to the foot of a wall."""
    return _surface(
        "f(x, y) = y²/2 − x/5 + exp(8 (x − 3))",
        value=lambda x, y: y**2 / 2 - x / 5 + np.exp(8 * (x - 3)),
        gradient=lambda x, y: (8 * np.exp(8 * (x - 3)) - 0.2 + 0 * y, y + 0 * x),
        hessian=lambda x, y: (64 * np.exp(8 * (x - 3)) + 0 * y, 0 * x * y, np.ones_like(x * y)),
        minima=np.array([[3 - np.log(40) / 8, 0.0]]),  # where 8 exp(8 (x − 3)) is 1/5
        view=((-5.0, 4.0), (-2.0, 2.0)),
        start=(-4.0, 1.5),
    )


@checked(
    f=AFunction(),
    view=AsItCame(Finite((2, 2))),
    start=OrNone(AsItCame(Finite((2,)))),
    name=OrNone(WORDS),
)
def own(
    f: Callable,
    view: Sequence = ((-5.0, 5.0), (-5.0, 5.0)),
    start: Sequence[float] | None = None,
    name: str | None = None,
) -> Landscape:
    """A Landscape of any function of x and y, gradient and Hessian by central differences.

    f: takes two numbers, or two arrays (own_function.py says how), and returns a number.
    view: limits of x and of y, low before high. start: a point in view; by default on the left, above the middle.
    name: by default that of the function. `minima` has those that a search finds in view, maybe none.
    Raises ValueError for any other argument, and for a function that raises or is not finite somewhere in view.

    >>> own(lambda x, y: abs(x) + y**2, name="a roof upside down")
    <Landscape a roof upside down: 2 parameters, 1 minimum, start (−3.5, 2)>
    """
    view = tuple((float(low), float(high)) for low, high in view)
    if not all(1e-9 * max(abs(low), abs(high)) < high - low < 1e150 for low, high in view):
        refuse("view", view, "two pairs (low, high), low below high, not more than 1e150 apart")
    if start is None:
        start = [low + share * (high - low) for share, (low, high) in zip((0.15, 0.7), view, strict=True)]
        start = [round_to(place, (high - low) / 100) for place, (low, high) in zip(start, view, strict=True)]
    start = tuple(map(float, start))
    if not all(low <= place <= high for place, (low, high) in zip(start, view, strict=True)):
        refuse("start", start, f"a point in view, {view}")
    function = OwnFunction(f, view)
    if not np.isfinite(function.value(np.array(start))):
        refuse("start", start, "a point where f is a finite number")
    said = getattr(f, "__name__", "<lambda>")
    return Landscape(
        name=name or ("a function of your own" if said == "<lambda>" else said),
        value=function.value,
        gradient=function.gradient,
        hessian=function.hessian,
        minima=function.minima(),
        view=view,
        start=start,
    )


def round_to(value: float, size: float) -> float:
    """A number rounded to the power of ten that is at most `size`: what people would write down."""
    return round(value, int(-np.floor(np.log10(size))))


@checked(landscape=A_LANDSCAPE)
def lowest(landscape: Landscape) -> float:
    """The lowest loss that a landscape of two parameters has in its view: at a minimum, or at a point of a grid."""
    points = np.stack(np.meshgrid(*(np.linspace(*limits, 101) for limits in landscape.view)), axis=-1)
    found = landscape.value(np.concatenate([points.reshape(-1, 2), landscape.minima]))
    return float(np.nanmin(found))


@checked(landscape=A_LANDSCAPE)
def from_zero(landscape: Landscape) -> Landscape:
    """The same landscape, its loss counted from the lowest in view, as logarithmic axes and tolerances need it.

    This changes no gradient; what differs from the lowest by rounding only becomes 0. A landscape whose lowest loss is
    0 already, or as good as that, stays as it is.
    """
    low, first = lowest(landscape), landscape.value(np.array(landscape.start))
    if 0 <= low <= 1e-9 * first:
        return landscape
    rounding = 1e-13 * max(abs(low), abs(first))

    def value(p):
        above = landscape.value(p) - low
        return np.where(np.abs(above) < rounding, 0.0, above)

    sign = "−" if low > 0 else "+"
    return replace(landscape, name=f"{landscape.name} {sign} {number(abs(low))}", value=value)


def _surface(name, value, gradient, hessian, minima, view, start):
    """A landscape from formulas in x and y; `hessian` gives ∂²f/∂x², ∂²f/∂x∂y and ∂²f/∂y²."""

    def hessian_matrix(p):
        xx, xy, yy = hessian(*_coordinates(p))
        return np.stack([np.stack([xx, xy], axis=-1), np.stack([xy, yy], axis=-1)], axis=-2)

    return Landscape(
        name=name,
        value=lambda p: value(*_coordinates(p)),
        gradient=lambda p: np.stack(gradient(*_coordinates(p)), axis=-1),
        hessian=hessian_matrix,
        minima=minima,
        view=view,
        start=start,
    )


def _coordinates(p):
    return p[..., 0], p[..., 1]


def _of_points(function, n):
    """The function of points, with its argument checked and made floats."""
    points = Array((..., n))

    @np.errstate(divide="warn", over="ignore", under="ignore", invalid="ignore")
    def of_points(p):
        # Nearly always it is the array of a descent, or of a picture, in which nothing can be wrong.
        if type(p) is not np.ndarray or p.dtype.kind != "f" or p.shape[-1:] != (n,):
            p = points.check("p", p).astype(float)
        return function(p)

    of_points.constraints = {"p": points}
    return of_points
