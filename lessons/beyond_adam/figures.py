"""Live figures: the four slots of an optimizer, Newton–Schulz on eight facts, averages of weights in noise."""

import numpy as np

from lessons.beyond_adam.experiments import (
    AVERAGED,
    BETA2,
    COEFFICIENTS,
    DECAY,
    FACTS,
    NOISY_UPDATES,
    RUNS,
    SEEN,
    START,
    UPDATES,
    after_newton_schulz,
    averaged,
    facts,
    facts_gradient,
    muon_learned,
    others_learned,
    turned_bowl,
    walked,
)
from lessons.beyond_adam.grammar import NAMES, SLOTS, named, one_slot_away
from workbench.descent import landscapes
from workbench.descent.trajectory import Trajectory, diverged_at
from workbench.drawing.panels import Losses, Plane
from workbench.drawing.styles import ALL_STYLES, MUTED, NEWER, STYLES
from workbench.live.controls import choice, log_slider, slider
from workbench.live.figure import LiveFigure
from workbench.words import number, point

YOURS = {"your rule": {"color": "#000000", "marker": "o", "linestyle": "-"}}


class Grammar(LiveFigure):
    """An optimizer from four slots on the turned bowl, and the name that it has, if any."""

    title = "An optimizer from four slots on the turned bowl: its path, its loss, and the name it has, if any."
    size = (9.0, 4.0)

    def make_controls(self):
        first = NAMES["Momentum"][0]
        return {slot: choice(slot, words, word) for (slot, words), word in zip(SLOTS.items(), first, strict=True)} | {
            "lr": log_slider("learning rate η", 0.1, 1e-3, 10),
            "beta": slider("β of the memory", 0.9, 0.0, 0.99, 0.01),
            "angle": slider("turn in degrees", 45.0, 0.0, 90.0, 1.0, digits=0),
        }

    def settings_in_words(self):
        s = self.settings
        slots = ", ".join(f"{slot} {s[slot]}" for slot in SLOTS)
        return (
            f"{slots}, η = {number(s['lr'])}, β = {number(s['beta'])}, bowl of κ = 20 turned by {number(s['angle'])}°, "
            f"{UPDATES} updates, β₂ = {number(BETA2)}, λ = {number(DECAY)}"
        )

    def build(self, figure):
        plane, losses, names = figure.subplots(1, 3, width_ratios=[1.15, 1, 0.42])
        self.plane = Plane(self, plane, turned_bowl(45.0), YOURS)
        plane.set_xlabel("x (dashed: Newton's one step)")
        (self.newton,) = self.scenery(plane.plot([], [], "--", color=MUTED, linewidth=1))
        self.losses = Losses(self, losses, UPDATES, floor=1e-8, ceiling=1e4, styles=YOURS)
        losses.set_xlim(0, UPDATES)
        names.set(xlim=(0, 1), ylim=(len(NAMES) - 0.5, -0.5))
        names.set_axis_off()
        names.set_title("● its name\n○ one slot away")
        for row, name in enumerate(NAMES):
            names.text(0.2, row, name, va="center")
        self.lit = self.moving_line(names, "o", color="black", markersize=10)
        self.near = self.moving_line(names, "o", color="black", markerfacecolor="white", markersize=6)

    def scene(self, angle):
        self.bowl = turned_bowl(angle)
        self.plane.scene(self.bowl)
        self.newton.set_data(*np.transpose([self.bowl.start, (0, 0)]))

    def draw(self, memory, direction, magnitude, decay, lr, beta, angle):
        filling = memory, direction, magnitude, decay
        run = walked(*filling, lr, beta, angle)
        name, near, rows = named(*filling), one_slot_away(*filling), list(NAMES)
        self.plane.draw({"your rule": run}, self.bowl.start, name or "a rule without a known name")
        self.losses.draw({"your rule": run}, f"η = {number(lr)}, β = {number(beta)}, turned by {number(angle)}°")
        self.losses.labels["your rule"].set_visible(False)
        self.lit.set_data(*([0.08], [rows.index(name)]) if name else ([], []))
        self.near.set_data([0.08] * len(near), [rows.index(other) for other in near])
        return (
            f"{f'This is {name}' if name else 'No known name'}. One slot away: {', '.join(near) or 'no name'}. "
            f"After {UPDATES} updates: {run.result}."
        )


class NewtonSchulz(LiveFigure):
    """What Newton–Schulz steps make of singular values, and what that does for facts that are rarely seen."""

    title = "Eight facts in an 8 × 8 matrix: singular values before and after Newton–Schulz, and what is known."
    size = (9.0, 4.2)

    def make_controls(self):
        return {
            "steps": slider("steps k", 5, 0, 10, 1),
            "of": choice("coefficients", list(COEFFICIENTS), next(iter(COEFFICIENTS))),
            "update": slider("update", 1, 1, 60, 1),
            "lr": log_slider("η of Muon", 0.12, 0.01, 1),
            "facts": choice("facts", ["turned", "straight"], "turned"),
        }

    def settings_in_words(self):
        s = self.settings
        return (
            f"{s['steps']} Newton–Schulz steps, coefficients {s['of']}, update {s['update']}, "
            f"Muon without memory η = {number(s['lr'])}, SGD η = 1.5, SignSGD η = 0.02, facts {s['facts']}, "
            "each seen half as often as the one before"
        )

    def build(self, figure):
        left, right = figure.subplots(1, 2)
        left.set(xlim=(1e-4, 1.1), ylim=(0, 1.6), xscale="log")
        left.set(xlabel="singular value s of G / ‖G‖", ylabel="after k steps")
        left.axhspan(0.5, 1.5, color="0.93", linewidth=0)
        left.axhline(1, color=MUTED, linewidth=1)
        left.text(1.2e-4, 1.44, "0.5 to 1.5", color=MUTED, va="center")
        self.grid = np.geomspace(1e-4, 1, 300)
        self.curve = self.moving_line(left, color=NEWER["Muon"]["color"])
        self.dots = self.moving_line(left, **NEWER["Muon"] | {"linestyle": "", "markersize": 8})
        self.left_title = self.moving(left.set_title("singular values"))
        labels = ["1", *(f"1/{round(1 / seen)}" for seen in SEEN[1:])]
        right.set(xlim=(0.5, FACTS + 0.5), ylim=(-0.3, 1.6), xlabel="fact, by how often it is seen", ylabel="known")
        right.set_xticks(range(1, FACTS + 1), labels)
        right.grid(axis="y")
        right.axhline(1, color=MUTED, linewidth=1)
        self.known = self.moving_lines(right, {name: ALL_STYLES[name] for name in ("SGD", "SignSGD", "Muon")})
        self.right_title = self.moving(right.set_title("known"))
        figure.legend(handles=list(self.known.values()), labels=list(self.known), loc="outside lower center", ncols=3)

    def draw(self, steps, of, update, lr, facts):
        turned = facts == "turned"
        path, shares = muon_learned(lr, 60, turned, steps, of)
        before = singular_values(path[update - 1], turned)
        after = after_newton_schulz(before, steps, COEFFICIENTS[of])
        self.curve.set_data(self.grid, after_newton_schulz(self.grid, steps, COEFFICIENTS[of]))
        self.dots.set_data(np.maximum(before, 1e-4), after)
        self.left_title.set_text(f"update {update}: after {steps} steps {after.min():.2f} to {after.max():.2f}")
        known = {name: found[update] for name, found in others_learned(60, turned).items()} | {"Muon": shares[update]}
        for name, values in known.items():
            self.known[name].set_data(range(1, FACTS + 1), np.clip(values, -1, 2.5))
        self.right_title.set_text(f"known after update {update}, facts {facts}")
        rows = [f"{name} knows {', '.join(f'{value:.2f}' for value in values)}." for name, values in known.items()]
        spread = f"Singular values before: {before.min():.2g} to {before.max():.2g}, after: {after.min():.2g} to "
        return "\n".join([f"{spread}{after.max():.2g}.", *rows]).replace("-", "−")


def singular_values(W, turned):
    """Those of the gradient at W, divided by the root of the sum of their squares."""
    s = np.linalg.svd(facts_gradient(W, *facts(turned)), compute_uv=False)
    return s / max(np.sqrt((s**2).sum()), 1e-7)


LOOKS = {
    "last weights": {"color": "0.6", "marker": ".", "linestyle": "-", "linewidth": 0.8},
    "decayed η": STYLES["SGD"] | {"linestyle": (0, (4, 2))},
    "mean of all": {"color": "#009E73", "marker": "^", "linestyle": (0, (3, 1))},
    "EMA": {"color": "#0072B2", "marker": "s", "linestyle": (0, (6, 1))},
    "schedule-free": NEWER["Schedule-free"],
}


class Averages(LiveFigure):
    """The noise ball of SGD, and what averages of its weights make of it."""

    title = "SGD in noise on the bowl, and averages of its weights: one run, and the mean loss of 100 runs."
    size = (9.0, 4.4)

    def make_controls(self):
        return {
            "lr": log_slider("learning rate η", 0.5, 0.02, 0.9),
            "noise": slider("noise σ", 1.0, 0.0, 3.0, 0.1, digits=1),
            "beta": slider("β of the EMA", 0.95, 0.0, 0.99, 0.01),
            "updates": slider("updates", NOISY_UPDATES, 1, NOISY_UPDATES, 1),
            "run": slider("run", 0, 0, RUNS - 1, 1),
        }

    def build(self, figure):
        self.bowl = landscapes.bowl()
        plane, losses = figure.subplots(1, 2, width_ratios=[1.1, 1])
        shown = {name: look for name, look in LOOKS.items() if name != "decayed η"}
        self.plane = Plane(self, plane, self.bowl, shown)
        self.plane.scene(self.bowl)
        for line in self.plane.paths.values():
            line.set_markevery(6)
        self.losses = Losses(self, losses, NOISY_UPDATES, floor=3e-3, ceiling=30, styles=LOOKS)
        losses.set_xlim(0, NOISY_UPDATES)
        losses.set_ylabel("loss f, mean of 100 runs")
        figure.legend(
            handles=list(self.losses.curves.values()), labels=list(LOOKS), loc="outside lower center", ncols=len(LOOKS)
        )

    def draw(self, lr, noise, beta, updates, run):
        found = averaged(lr, noise, beta)
        means = {name: self.bowl.value(found[name][: updates + 1]).mean(axis=1) for name in AVERAGED}
        ways = {}
        for name in AVERAGED:
            path = found[name][: updates + 1, run]
            ways[name] = Trajectory(path, means[name], diverged_at(path, means[name], self.bowl.view))
        one = {name: way for name, way in ways.items() if name in self.plane.paths}
        self.plane.draw(one, START, f"run {run}: {updates} updates from {point(START)}")
        self.losses.draw(ways, f"η = {number(lr)}, σ = {number(noise)}, EMA with β = {number(beta)}")
        for label in self.losses.labels.values():
            label.set_visible(False)
        ends = ", ".join(f"{name} {number(float(f'{mean[-1]:.3g}'))}" for name, mean in means.items())
        return f"Mean loss of {RUNS} runs after update {updates}: {ends}."
