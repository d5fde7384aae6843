"""Live figures: sick runs, a range test, trials on a budget, clipped gradients, the edge of stability, batch sizes."""

import functools

import numpy as np

from lessons.diagnosis import experiments as e
from workbench.checks import Choice, checked
from workbench.drawing.panels import Losses, Plane
from workbench.drawing.styles import MUTED, STYLES
from workbench.live.controls import checkbox, choice, log_slider, slider, stops
from workbench.live.figure import LiveFigure
from workbench.words import number

stored = functools.cache(e.stored)
LINE = {"color": "#D55E00", "linestyle": (0, (3, 1)), "linewidth": 1.2}  # limits and rules of thumb
RUN = {"color": "#0072B2", "linestyle": "-", "marker": "s", "markersize": 5}
OTHER = {"color": MUTED, "linestyle": ":", "marker": "o", "markerfacecolor": "white", "markersize": 5}


def short(value):
    """Two significant digits, for people."""
    return number(float(f"{value:.2g}"))


# Sick runs

NAMES = ["healthy", *e.SICK]


class SickRuns(LiveFigure):
    """Eight runs with one bad ingredient each, or cured of it: losses, gradients, updates and dead units by layer."""

    title = "A network of five layers on MNIST, 300 updates; in gray the healthy run, SGD at η = 0.1."
    size = (9.6, 3.8)
    presets = {"Healthy": {"run": "healthy"}}

    def make_controls(self):
        return {
            "run": choice("run", NAMES, "A"),
            "cured": checkbox("cured"),
            "update": stops("update", list(e.LOOKED_AT), 20),
        }

    def build(self, figure):
        loss, gradient, ratio, dead = figure.subplots(1, 4, width_ratios=(1.7, 1, 1, 0.8))
        loss.set(xlim=(0, e.UPDATES), ylim=(1e-3, 500), yscale="log", xlabel="update k")
        loss.set_yticks([0.001, 0.01, 0.1, 1, 10, 100], ["0.001", "0.01", "0.1", "1", "10", "100"])
        loss.axhline(np.log(10), **LINE)
        loss.text(e.UPDATES, 1.1 * np.log(10), "ln 10", ha="right", va="bottom", fontsize=8)
        healthy = stored().watched["healthy"]
        loss.plot(healthy.losses, color="0.75", linewidth=0.8)
        self.losses = self.moving_line(loss, color=RUN["color"], linewidth=1)
        self.now = self.moving(loss.axvline(0, color=MUTED, linewidth=1))
        self.loss_title = self.moving(loss.set_title(" "))
        layers = np.arange(1, len(e.LAYERS) + 1)
        self.rows = []
        for axes, name, low, high, ticks in (
            (gradient, "length of the gradient", 1e-7, 5e3, ["0", "10⁻⁵", "0.001", "0.1", "10", "1000"]),
            (ratio, "change / weight", 1e-9, 50, ["0", "10⁻⁷", "10⁻⁵", "0.001", "0.1", "10"]),
        ):
            axes.set(xlim=(0.5, 5.5), ylim=(low / 2, high), yscale="log", xlabel="layer", title=name)
            axes.set_xticks(layers)
            axes.set_yticks(low * 100.0 ** np.arange(len(ticks)), ticks)
            axes.minorticks_off()
            axes.grid(axis="y")
            self.rows.append((low, self.moving_line(axes, **OTHER), self.moving_line(axes, **RUN)))
        ratio.axhline(1e-3, **LINE)
        dead.set(xlim=(0.5, 4.5), ylim=(-3, 103), xlabel="hidden layer", title="dead units, %")
        dead.set_xticks(layers[:-1])
        dead.grid(axis="y")
        self.dead = self.moving_line(dead, **OTHER), self.moving_line(dead, **RUN)
        self.layers = layers

    def draw(self, run, cured, update):
        name = f"{run}, cured" if cured and run != "healthy" else run
        found, healthy, at = stored().watched[name], stored().watched["healthy"], e.LOOKED_AT.index(update)
        self.losses.set_data(np.arange(e.UPDATES), found.losses)
        self.now.set_xdata([update, update])
        self.loss_title.set_text(f"loss of each batch: run {name}")
        for (low, other, line), values, compared in zip(
            self.rows,
            (found.gradients[at], found.ratios[at]),
            (healthy.gradients[at], healthy.ratios[at]),
            strict=True,
        ):
            other.set_data(self.layers, np.maximum(compared, low))
            line.set_data(self.layers, np.maximum(values, low))
        for line, shares in zip(self.dead, (healthy.dead[at], found.dead[at]), strict=True):
            line.set_data(self.layers[:-1], 100 * shares)
        return (
            f"Update {update}: loss {short(found.losses[update])}.\n"
            f"Length of the gradient in layers 1 to 5: {', '.join(map(short, found.gradients[at]))}.\n"
            f"Change divided by weight in layers 1 to 5: {', '.join(map(short, found.ratios[at]))}.\n"
            f"Dead units in hidden layers 1 to 4: {', '.join(f'{100 * share:.0f}%' for share in found.dead[at])}.\n"
            f"Mean loss of the last 20 updates {short(found.losses[-20:].mean())}; "
            f"of 1000 digits held out {found.accuracy:.0%} are right."
        )


# The range test


def in_reach(values):
    """Losses that fit a panel; nan, where the test has ended, stays a gap."""
    return np.clip(values, 0.05, 20)


class RangeTest(LiveFigure):
    """The loss while the learning rate rises, above what 300 updates at each constant rate lead to."""

    title = "A range test above, trainings of 300 updates at constant rates below, 784-50-50-10 on MNIST."
    size = (9.0, 5.4)

    def make_controls(self):
        return {
            "optimizer": choice("optimizer", list(e.OPTIMIZERS), "SGD"),
            "lr": stops("learning rate η", [(number(lr), float(lr)) for lr in e.RATES], 0.1),
            "length": stops("updates of the test", list(e.LENGTHS), 100),
            "beta": slider("smoothing β", 0.8, 0.0, 0.98, 0.02),
            "seed": slider("seed", 0, 0, e.TUNED - 1, 1),
        }

    def build(self, figure):
        test, trained = figure.subplots(2, 1, sharex=True, height_ratios=(1.2, 1))
        test.set(xlim=(e.LOW, e.HIGH), xscale="log", ylim=(0.3, 8), yscale="log", ylabel="loss in the test")
        test.set_yticks([0.5, 1, 2, 5], ["0.5", "1", "2", "5"])
        test.minorticks_off()
        test.axhline(np.log(10), color="0.8", linewidth=1)
        trained.set(ylim=(4, 110), yscale="log", xlabel="learning rate η", ylabel="wrong afterwards, %")
        trained.set_yticks([5, 10, 20, 50, 100], ["5", "10", "20", "50", "100"])
        trained.minorticks_off()
        for axes in test, trained:
            axes.grid()
        self.raw = self.moving_line(test, ".", color="0.7", markersize=3)
        self.line = self.moving_line(test, color="#000000")
        self.lowest = self.moving_line(test, "v", color="#D55E00", markersize=9)
        self.seeds = self.moving_line(trained, "o", color="0.65", markersize=3)
        self.median = self.moving_line(trained, **RUN)
        self.now = [self.moving(axes.axvline(1e-3, **LINE)) for axes in (test, trained)]
        self.titles = [self.moving(axes.set_title(" ")) for axes in (test, trained)]

    def draw(self, optimizer, lr, length, beta, seed):
        losses, lrs = stored().ranges[optimizer][length][seed], e.rising(length)
        done = int(np.isfinite(losses).sum())
        means = e.smoothed(losses[:done], beta)
        lowest = lrs[means.argmin()]
        self.raw.set_data(lrs[:done], in_reach(losses[:done]))
        self.line.set_data(lrs[:done], in_reach(means))
        self.lowest.set_data([lowest], [in_reach(means.min())])
        method = list(e.OPTIMIZERS).index(optimizer)
        wrong = 100 * (1 - stored().methods[method, 0, :, :, 0])
        self.seeds.set_data(np.repeat(e.RATES, e.TUNED), wrong.ravel())
        middle = np.median(wrong, axis=1)
        self.median.set_data(e.RATES, middle)
        for line in self.now:
            line.set_xdata([lr, lr])
        best, here = e.RATES[middle.argmin()], middle[np.abs(e.RATES - lr).argmin()]
        self.titles[0].set_text(
            f"{optimizer}: {length} updates from η = 0.00001 on, seed {seed}; ▼ lowest at {short(lowest)}"
        )
        self.titles[1].set_text(
            f"{e.TRAINED} updates at η: digits held out that are wrong, {e.TUNED} seeds and their median"
        )
        return (
            f"The smoothed loss is lowest at η = {short(lowest)}; the test ends at η = {short(lrs[done - 1])}.\n"
            f"{e.TRAINED} updates at η = {number(lr)} leave {here:.0f}% of the digits held out wrong; the best of the "
            f"{len(e.RATES)} rates, {number(best)}, leaves {middle.min():.0f}%."
        )


# Trials on a budget

MOST_TRIALS = 49
SEARCHES = {
    "grid": {"color": "#000000", "linestyle": "-", "marker": "s"},
    "random, log": {"color": "#0072B2", "linestyle": (0, (6, 1)), "marker": "o"},
    "random, linear": {"color": "#D55E00", "linestyle": (0, (2, 1)), "marker": "^"},
}


@functools.cache
def searched():
    """Errors on test digits, in %, of the best of 1 to MOST_TRIALS trials, for each of SEARCHES."""
    table, trials = stored().decays, range(1, MOST_TRIALS + 1)
    chosen, reported = table.reshape(-1, 2).T
    linear = np.repeat(np.gradient(e.RATES), len(e.DECAYS))  # how much of a linear axis is nearest to each rate
    found = {
        "grid": [e.grid_of(table, n) for n in trials],
        "random, log": [e.best_of(chosen, reported, n) for n in trials],
        "random, linear": [e.best_of(chosen, reported, n, linear) for n in trials],
    }
    return {name: 100 * (1 - np.array(values)) for name, values in found.items()}


@checked(plan=Choice(e.PLANS))
@functools.cache
def by_plan(plan):
    """Errors on test digits, in %, of the best of 1 to MOST_TRIALS random learning rates, for each of OPTIMIZERS."""
    found = {}
    for name, runs in zip(e.OPTIMIZERS, stored().methods[:, e.PLANS.index(plan)], strict=True):
        chosen, reported = runs.reshape(-1, 2).T
        found[name] = 100 * (1 - np.array([e.best_of(chosen, reported, n) for n in range(1, MOST_TRIALS + 1)]))
    return found


class Trials(LiveFigure):
    """What the best of n trials is worth: grid against random search, and three optimizers."""

    title = "The best of n trials, on average over all draws: test digits that are wrong, 784-50-50-10, 300 updates."
    size = (9.4, 4.0)
    presets = {"All decay": dict.fromkeys(e.OPTIMIZERS, True), "Momentum decays": {"Momentum": True}}

    def make_controls(self):
        decays = {name: checkbox(f"{name}: decay") for name in e.OPTIMIZERS}
        return {"trials": slider("trials per method", 9, 1, MOST_TRIALS, 1)} | decays

    def build(self, figure):
        search, methods = figure.subplots(1, 2)
        for axes in search, methods:
            axes.set(xlim=(1, MOST_TRIALS), xscale="log", ylim=(5, 100), yscale="log", xlabel="trials n")
            axes.set_xticks([1, 2, 4, 9, 16, 25, 49], ["1", "2", "4", "9", "16", "25", "49"])
            axes.set_yticks([6, 8, 10, 15, 20, 30, 50, 80], ["6", "8", "10", "15", "20", "30", "50", "80"])
            axes.minorticks_off()
            axes.grid()
        search.set(ylabel="wrong, %", title="AdamW: 2 settings, η and decay")
        n = np.arange(1, MOST_TRIALS + 1)
        for name, style in SEARCHES.items():
            search.plot(n, searched()[name], **style | {"marker": ""}, label=name)
        search.legend(loc="lower left")
        self.points = {name: self.moving_line(search, **style | {"linestyle": ""}) for name, style in SEARCHES.items()}
        self.curves = {
            name: self.moving_line(methods, **STYLES[name] | {"marker": ""}, label=name) for name in e.OPTIMIZERS
        }
        methods.legend(loc="upper right")
        self.ends = {name: self.moving_line(methods, **STYLES[name] | {"linestyle": ""}) for name in e.OPTIMIZERS}
        self.now = [self.moving(axes.axvline(1, color=MUTED, linewidth=1)) for axes in (search, methods)]
        self.methods_title = self.moving(methods.set_title(" "))

    def draw(self, trials, **decays):
        n = np.arange(1, MOST_TRIALS + 1)
        found = {name: by_plan(e.PLANS[int(decays[name])])[name] for name in e.OPTIMIZERS}
        for name, line in self.points.items():
            line.set_data([trials], [searched()[name][trials - 1]])
        for name, errors in found.items():
            self.curves[name].set_data(n, errors)
            self.ends[name].set_data([trials], [errors[trials - 1]])
        for line in self.now:
            line.set_xdata([trials, trials])
        plans = [f"{name} {e.PLANS[int(decays[name])]}" for name in e.OPTIMIZERS]
        self.methods_title.set_text(
            f"first η at random; decay: {', '.join(filter(decays.get, e.OPTIMIZERS)) or 'none'}"
        )

        def ranked(curves):
            at = {name: errors[trials - 1] for name, errors in curves.items()}
            return ", ".join(f"{name} {at[name]:.3g}%" for name in sorted(at, key=at.get))

        return (
            f"Best of {trials}, fewest wrong first. Ways to search: {ranked(searched())}.\n"
            f"Optimizers ({', '.join(plans)}): {ranked(found)}."
        )


# Clipping

CLIPPED = {
    "no clipping": {"color": "#000000", "marker": "o", "linestyle": "-", "markevery": 4},
    "by norm": {"color": "#0072B2", "marker": "s", "linestyle": (0, (6, 1)), "markevery": 4},
    "by value": {"color": "#D55E00", "marker": "^", "linestyle": (0, (2, 1)), "markevery": 4},
}


class Clipping(LiveFigure):
    """The heavy ball at a cliff or in Rosenbrock's valley: gradients as they are, clipped by norm, by value."""

    title = f"The heavy ball with gradients as they are and clipped in two ways, {e.FALL} updates."
    size = (9.4, 4.2)
    presets = {"Rosenbrock": {"place": "Rosenbrock", "lr": 0.005}, "A low limit": {"limit": 0.1}}

    def make_controls(self):
        return {
            "place": choice("landscape", list(e.FALLS), "cliff"),
            "lr": log_slider("learning rate η", 0.5, 0.0005, 1.0, per_decade=10),
            "momentum": slider("momentum β", 0.9, 0.0, 0.95, 0.05),
            "limit": log_slider("limit c", 1.0, 0.1, 100.0, per_decade=10),
        }

    def build(self, figure):
        plane, losses = figure.subplots(1, 2, width_ratios=(1.2, 1))
        self.plane = Plane(self, plane, e.FALLS["cliff"], CLIPPED)
        self.plane.arrows.set_visible(False)  # they stay where the first landscape has them
        self.losses = Losses(self, losses, e.FALL, 1e-9, 1e4, CLIPPED)
        losses.set_ylabel("loss above the minimum")

    def scene(self, place):
        landscape = e.FALLS[place]
        self.plane.scene(landscape)
        self.plane.axes.set(xlim=landscape.view[0], ylim=landscape.view[1])
        self.refresh()

    def draw(self, place, lr, momentum, limit):
        runs = e.falls(place, lr, momentum, limit)
        self.plane.draw(runs, e.FALLS[place].start, f"{place}: η = {number(lr)}, β = {number(momentum)}")
        self.losses.draw(runs, f"limit c = {number(limit)}")
        return "\n".join(f"{name[0].upper()}{name[1:]}: {ending(run)}." for name, run in runs.items())


def ending(run):
    """How a run has ended, and the farthest that it was from its start, in words."""
    distance = np.linalg.norm(run.path - run.path[0], axis=1)
    if not np.isfinite(distance).all():
        return "diverged to infinity"
    return f"{run.result}, at most {short(distance.max())} away from the start"


# The edge of stability


class Edge(LiveFigure):
    """Loss and sharpness of a network under gradient descent, beside 2/η."""

    title = "Gradient descent on 1000 digits, all of them in each update, 784-[50×4]-10: loss and sharpness."
    size = (9.0, 5.0)
    presets = {"Small η": {"start": "η = 0.02"}, "With a warm-up": {"start": "0.2 after a warm-up"}}

    def make_controls(self):
        return {
            "start": choice("learning rate", list(e.EDGE_STARTS), "η = 0.05"),
            "update": slider("update", 100, 0, e.EDGE_UPDATES, e.EDGE_STEP),
            "seed": slider("seed", 0, 0, e.EDGE_SEEDS - 1, 1),
        }

    def build(self, figure):
        loss, curvature = figure.subplots(2, 1, height_ratios=(1, 1.3), sharex=True)
        loss.set(xlim=(0, e.EDGE_UPDATES), ylim=(1e-3, 10), yscale="log", ylabel="loss")
        curvature.set(ylim=(0.5, 300), yscale="log", xlabel="update k", ylabel="sharpness")
        self.thin, self.thick, self.now = [], [], []
        for axes in loss, curvature:
            axes.grid()
            self.thin.append([self.scenery(axes.plot([], [], color="0.7", lw=0.7))[0] for _ in range(e.EDGE_SEEDS)])
            self.thick.append(self.moving_line(axes, color="#0072B2", label="measured"))
            self.now.append(self.moving(axes.axvline(0, color=MUTED, linewidth=1)))
        (self.allowed,) = self.scenery(curvature.plot([], [], **LINE, label="2 / η"))
        curvature.legend(loc="upper right")
        self.titles = [self.moving(axes.set_title(" ")) for axes in (loss, curvature)]

    def scene(self, start):
        self.runs = stored().edge[start]
        for lines, measured in zip(self.thin, np.moveaxis(self.runs, 1, 0), strict=True):
            for line, values in zip(lines, measured, strict=True):
                line.set_data(e.EDGE_AT, values)
        k = np.arange(e.EDGE_UPDATES + 1)
        self.allowed.set_data(k, 2 / e.edge_rate(start, k))

    def draw(self, start, update, seed):
        for line, values in zip(self.thick, self.runs[seed], strict=True):
            line.set_data(e.EDGE_AT, values)
        for line in self.now:
            line.set_xdata([update, update])
        loss, curvature = self.runs[seed][:, update // e.EDGE_STEP]
        eta = float(e.edge_rate(start, update))
        self.titles[0].set_text(f"{start}, seed {seed}, after {update} updates: loss {short(loss)}")
        self.titles[1].set_text(f"sharpness {short(curvature)}; η = {short(eta)} allows {short(2 / eta)}")
        return (
            f"After {update} updates: loss {short(loss)}, sharpness {short(curvature)}; "
            f"η = {short(eta)}, 2/η = {short(2 / eta)}."
        )


# Batch sizes


class BatchSizes(LiveFigure):
    """How many updates reach a loss with batches of each size, at the best rate or at one that a rule gives."""

    title = f"Updates of SGD until the loss of {e.CHECKED_ON} digits held out is {e.TARGET}, 784-50-50-10 on MNIST."
    size = (9.4, 4.0)

    def make_controls(self):
        return {
            "rule": choice("learning rate by", list(e.RULES), "linear rule"),
            "known": stops("known at batch size", list(e.SIZES_TRIED), 16),
        }

    def build(self, figure):
        updates, rates = figure.subplots(1, 2)
        sizes = np.array(e.SIZES_TRIED)
        for axes in updates, rates:
            axes.set(xscale="log", yscale="log", xlim=(3, 5500), xlabel="batch size B")
            axes.set_xticks(sizes, map(str, sizes))
            axes.minorticks_off()
            axes.grid()
        updates.set(ylim=(40, 2e4), title="updates to the loss")
        updates.set_yticks([100, 1000, 10_000], ["100", "1000", "10,000"])
        best, lrs = e.best_batches(stored().batches)
        fewest, critical = e.critical(sizes, best)
        updates.plot(sizes, best, **OTHER | {"linestyle": ""}, label="best rate of each")
        updates.plot(sizes, fewest * (1 + critical / sizes), color="0.6", label="fitted: S (1 + C / B)")
        self.updates = self.moving_line(updates, **RUN, label="rate by the rule")
        updates.legend(loc="upper right")
        rates.set(ylim=(0.005, 4), title="learning rate")
        rates.set_yticks([0.01, 0.1, 1], ["0.01", "0.1", "1"])
        rates.plot(sizes, lrs, **OTHER | {"linestyle": ""}, label="best of those tried")
        self.rates = self.moving_line(rates, **RUN, label="rate by the rule")
        rates.legend(loc="upper left")

    def draw(self, rule, known):
        lrs, updates = e.by_rule(stored().batches, rule, known)
        self.updates.set_data(e.SIZES_TRIED, updates)
        self.rates.set_data(e.SIZES_TRIED, lrs)
        told = [
            f"{'not reached' if np.isnan(k) else f'{k:.0f} updates'} with batches of {size} at {number(lr)}"
            for size, lr, k in zip(e.SIZES_TRIED, lrs, updates, strict=True)
        ]
        return f"By the {rule} from batches of {known}: {', '.join(told)}."
