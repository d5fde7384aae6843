"""A learner's own function of x and y, made fit for figures: of whole arrays, its slopes by differences, its minima."""

import numbers

import numpy as np

from workbench.words import point

ALLOWED = "a function of x and y that returns one real number, at most 1e30 in size, everywhere in view"
LARGEST = 1e30  # no logarithmic axis of a figure goes beyond
GRID = 61  # points along x and along y at which it is tried
STARTS = 16  # of the search for minima
ROUNDS, NEWTON, RESTARTS = 120, 40, 6  # of the search
NEAR = 1e-3  # of the size of the view: two minima are farther apart


class OwnFunction:
    """f(x, y) as a function of points, shape (..., 2), with its gradient and Hessian by central differences.

    f: takes two floats, or two arrays. Code for single numbers (`if`, `math`, `max`) is called point by point.
    view: ((low, high), (low, high)): the part of the plane in which the function is tried, and by which the widths of
    the differences are chosen. Raises ValueError where f raises there, or returns no finite real number.
    Beyond the view, where diverging paths go, an arithmetic error counts as nan, too large a number as inf.
    """

    def __init__(self, f, view):
        self.f, self.view = f, np.array(view, float)
        self.size = np.ptp(self.view, axis=1)
        self.points = np.stack(np.meshgrid(*(np.linspace(*limits, GRID) for limits in self.view)), axis=-1)
        self.takes_arrays = self._takes_arrays()
        self.values = self._tried()

    # Its values

    def value(self, p):
        x, y = np.array(p[..., 0], float), np.array(p[..., 1], float)  # copies, which f may change
        with np.errstate(all="ignore"):
            if self.takes_arrays and x.size:
                try:
                    return self._fitting(self.f(x, y), x.shape)
                except (ArithmeticError, ValueError):
                    x, y = np.array(p[..., 0], float), np.array(p[..., 1], float)
            values = [self._one(*place) for place in zip(x.ravel().tolist(), y.ravel().tolist(), strict=True)]
        return np.array(values, float).reshape(x.shape)

    def _one(self, x, y):
        """The value at one point."""
        try:
            value = self.f(x, y)
        except OverflowError:
            return np.inf
        except (ArithmeticError, ValueError):
            return np.nan
        return as_float(value)

    def _fitting(self, values, shape):
        """What f returned for arrays, as floats of their shape; a constant stands for all. Raises ValueError."""
        values = np.asarray(values)
        if values.dtype.kind not in "biuf" or values.shape not in ((), shape):
            raise ValueError
        return np.array(np.broadcast_to(values, shape), float)

    def _takes_arrays(self):
        """Whether f of arrays is f of their numbers: tried on some points, which are not all on one side of zero."""
        some = self.points[:: GRID // 6, :: GRID // 5]
        with np.errstate(all="ignore"):
            try:
                found = self._fitting(self.f(some[..., 0].copy(), some[..., 1].copy()), some.shape[:-1])
                one_by_one = [as_float(self.f(*place)) for place in some.reshape(-1, 2).tolist()]
            except Exception:  # whatever it says, `_tried` hears it again, point by point
                return False
        return np.allclose(found.ravel(), one_by_one, rtol=1e-9, atol=1e-12, equal_nan=True)

    def _tried(self):
        """The values in view, shape (GRID, GRID). Raises ValueError, which says what is wrong and where."""
        if self.takes_arrays:
            values = self.value(self.points)
            if (np.abs(values) <= LARGEST).all():
                return values
        values = np.empty((GRID, GRID))
        for place in np.ndindex(GRID, GRID):
            x, y = self.points[place].tolist()
            where = f" at {point((x, y))}; allowed: {ALLOWED}"
            try:
                with np.errstate(all="ignore"):
                    found = self.f(x, y)
            except Exception as error:
                raise ValueError(f"f has raised {type(error).__name__} ({error}){where}") from error
            try:
                values[place] = as_float(found)
            except ValueError:
                raise ValueError(f"f has returned {found!r:.60}{where}") from None
            if not abs(values[place]) <= LARGEST:
                raise ValueError(f"f is {values[place]}{where}; another view may leave this out")
        return values

    # Its slopes

    def gradient(self, p):
        """(f(p + h) − f(p − h)) / 2h for x and for y: an error of about 1e-10 of what f changes by in the view."""
        if p.ndim == 1:  # of a descent: as a rule four calls with floats are faster than one with arrays
            return self._gradient_at(*p.tolist())
        h = self._width(p, THIRD)
        sides = self.value(p[..., None, None, :] + np.stack([-SIDES, SIDES]) * h[..., None, None, :])
        return (sides[..., 1, :] - sides[..., 0, :]) / (2 * h)

    @np.errstate(all="ignore")
    def _gradient_at(self, x, y):
        wide, high = self.size.tolist()
        dx, dy = (THIRD * max(size / 10, abs(place)) for size, place in ((wide, x), (high, y)))
        along_x, along_y = self._one(x + dx, y) - self._one(x - dx, y), self._one(x, y + dy) - self._one(x, y - dy)
        return np.array([along_x / (2 * dx), along_y / (2 * dy)])

    def hessian(self, p):
        """Differences of f at a point and the eight around it, shape (..., 2, 2); an error of about 1e-7."""
        h = self._width(p, FOURTH)
        f = self.value(p[..., None, None, :] + AROUND * h[..., None, None, :])  # by steps along x, then along y
        xx, yy = f[..., 2, 1] - 2 * f[..., 1, 1] + f[..., 0, 1], f[..., 1, 2] - 2 * f[..., 1, 1] + f[..., 1, 0]
        xy = (f[..., 2, 2] - f[..., 2, 0] - f[..., 0, 2] + f[..., 0, 0]) / 4
        found = np.stack([np.stack([xx, xy], axis=-1), np.stack([xy, yy], axis=-1)], axis=-2)
        return found / (h[..., :, None] * h[..., None, :])

    def _width(self, p, share):
        """Widths of differences along x and y: a share of what is a long way there."""
        return share * np.maximum(self.size / 10, np.abs(p))

    # Its minima

    def minima(self):
        """The local minima in view that a search from several starts finds, the lowest first, shape (k, 2).

        It begins at the lowest points of a grid, those lower than their neighbors. A minimum is lower than all around
        it: neither a plain nor the floor of a straight valley has one.
        """
        best = self._low_points()
        for _ in range(RESTARTS):
            best = self._newton(self._descended(best))
            best = best[((best >= self.view[:, 0]) & (best <= self.view[:, 1])).all(axis=1)]  # beyond nobody looks
            lower, found = self._lowest_around(best)
            if not lower.any():
                break
            best[lower] = found[lower]  # out of narrow valleys, in which few directions lead down
        best, kept = best[~lower], []
        for p in best[np.argsort(self.value(best), kind="stable")]:
            if self._is_minimum(p) and all(np.hypot(*((p - q) / self.size)) > 2 * NEAR for q in kept):
                kept.append(p)
        return np.array(kept).reshape(-1, 2)

    def _descended(self, best):
        """Points that went to whatever was lower in eight directions, which turn; the distance shrinks if none was."""
        best, values, step = best.copy(), self.value(best), np.full(len(best), 1.5 / GRID)
        row = np.arange(len(best))
        for k in range(ROUNDS):
            near = best[:, None] + step[:, None, None] * self.size * directions(8, turned=2.4 * k)
            found = np.nan_to_num(self.value(near), nan=np.inf)
            lowest = found.argmin(axis=1)
            better = found[row, lowest] < values
            best[better], values[better] = near[row, lowest][better], found[row, lowest][better]
            step = np.where(better, np.minimum(1.5 * step, 0.05), 0.6 * step)
            if step.max() < 1e-10:
                break
        return best

    def _low_points(self):
        """The lowest points of the grid that are not higher than any neighbor, at most STARTS of them."""
        padded = np.pad(self.values, 1, constant_values=np.inf)
        around = [padded[i : i + GRID, j : j + GRID] for i in range(3) for j in range(3)]
        low = np.argwhere(self.values <= np.min(around, axis=0))
        order = np.argsort(self.values[tuple(low.T)], kind="stable")[:STARTS]
        return self.points[tuple(low[order].T)].copy()

    def _newton(self, best):
        """Points after steps of Newton's method, or half of one, a quarter and so on, as far as these lead down.

        Where the function is not convex, curvatures count without their signs. In the end, where values no longer tell
        points apart, a step may also lead to a flatter place of the same value.
        """
        best, row = best.copy(), np.arange(len(best))
        for _ in range(NEWTON):
            gradient, hessian, values = self.gradient(best), self.hessian(best), self.value(best)
            sound = np.isfinite(hessian).all(axis=(1, 2)) & np.isfinite(gradient).all(axis=1)
            curvatures, axes = np.linalg.eigh(np.where(sound[:, None, None], hessian, np.eye(2)))
            curvatures = np.abs(curvatures)
            curvatures = np.maximum(curvatures, 1e-12 * curvatures.max(axis=1, keepdims=True) + 1e-300)
            along = np.einsum("kij,ki->kj", axes, np.where(sound[:, None], gradient, 0.0)) / curvatures
            steps = -np.einsum("kij,kj->ki", axes, along)
            steps /= np.maximum(1, np.abs(steps / self.size).max(axis=1, keepdims=True) / 0.1)
            places = best[:, None] + 0.5 ** np.arange(10)[:, None] * steps[:, None]
            found = np.nan_to_num(self.value(places), nan=np.inf)
            lowest = found.argmin(axis=1)
            lower = found[row, lowest] < values - self._rounding(best)
            flatter = np.hypot(*self.gradient(places[:, 0]).T) < np.hypot(*gradient.T)
            flatter &= found[:, 0] <= values + self._rounding(best)
            there = np.where(lower[:, None], places[row, lowest], places[:, 0])
            moved = lower | flatter
            if not moved.any():
                break
            best[moved] = there[moved]
        return best

    def _lowest_around(self, best):
        """Which points have a lower one on a small circle around them, and the lowest ones found in its direction.

        The lowest directions are looked at again, more closely: the floor of a narrow valley lies between others.
        """
        angles, width = np.broadcast_to(turns(512), (len(best), 512)), 2 * np.pi / 512
        for _ in range(3):
            places = best[:, None] + NEAR * self.size * arrows(angles)
            around = np.nan_to_num(self.value(places), nan=np.inf)
            lowest = around.argmin(axis=1, keepdims=True)
            chosen = np.take_along_axis(angles, lowest, axis=1)
            likely = np.take_along_axis(angles, around.argsort(axis=1)[:, :8], axis=1)
            angles = (likely[..., None] + width * np.linspace(-1, 1, 17)).reshape(len(best), 8 * 17)
            width /= 8
        lower = np.take_along_axis(around, lowest, axis=1)[:, 0] < self.value(best) - self._rounding(best)
        farther = best[:, None] + 2.0 ** np.arange(7)[:, None] * NEAR * self.size * arrows(chosen)
        found = np.nan_to_num(self.value(farther), nan=np.inf)
        return lower, farther[np.arange(len(best)), found.argmin(axis=1)]

    def _is_minimum(self, p):
        """Whether a point is lower than all around it, by more than a billionth of the highest there."""
        around = self.value(p + 5 * NEAR * self.size * directions(64)) - self.value(p)
        around = around[~np.isnan(around)]
        return bool(len(around) and around.min() > 1e-9 * around.max() + self._rounding(p))

    def _rounding(self, p):
        """What rounding may change a value at a point by."""
        return 16 * np.finfo(float).eps * np.abs(self.value(p))


# Near the third and the fourth root of the precision of floats, where errors of first and second differences are
# smallest; powers of two, the same on every processor.
THIRD, FOURTH = 2.0**-17, 2.0**-13
SIDES = np.eye(2)
AROUND = np.stack(np.meshgrid([-1, 0, 1], [-1, 0, 1], indexing="ij"), axis=-1)


def turns(n):
    """n angles all around, in radians."""
    return 2 * np.pi * np.arange(n) / n


def arrows(angles):
    """Unit arrows of these angles: shape (..., 2)."""
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1)


def directions(n, turned=0.0):
    """n unit arrows all around, turned by an angle in radians: shape (n, 2)."""
    return arrows(turned + turns(n))


def as_float(value):
    """One real number as a float: Python's, NumPy's, or in an array without axes. Raises ValueError for all else."""
    if type(value) is float:
        return value
    plain = value.item() if isinstance(value, np.ndarray | np.generic) and value.ndim == 0 else value
    if not isinstance(plain, numbers.Real):
        raise ValueError
    try:
        return float(plain)
    except OverflowError:
        return np.inf
