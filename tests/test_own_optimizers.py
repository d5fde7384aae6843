"""A learner's own optimizers in figures: their sliders, their runs, and what is told of those that raise or diverge."""

import ipywidgets as widgets
import numpy as np
import own_things
import pytest
from live_figures import assert_well, shown

import helpers
from lessons.choosing_an_optimizer.experiments import STEPS
from lessons.choosing_an_optimizer.figures import LearningRates, Race
from lessons.mnist.figures import race_on_digits
from lessons.momentum.figures import StabilityMap
from lessons.trajectories.figures import Trajectories
from workbench.descent import landscapes
from workbench.descent.trajectory import Trajectory
from workbench.drawing.styles import OWN_STYLES, STYLES, with_own
from workbench.live import loss_curves
from workbench.live.own_optimizers import Own, OwnOptimizers
from workbench.networks import training
from workbench.networks.network import MLP


class Mine:
    """Plain descent with arguments of all kinds."""

    def __init__(self, lr=0.1, beta=0.9, eps=1e-8, k=3, zero=0.0, big=2.5, below=-1.0, name="x", yes=True, none=None):
        self.lr = lr

    def update(self, params, grads):
        for key, w in params.items():
            w -= self.lr * grads[key]


class Ninety5(Mine):
    """The same with the book's learning rate of SGD, so that a sweep has it."""

    def __init__(self, lr=0.95):
        super().__init__(lr)


def test_each_number_becomes_a_slider():
    own = Own("mine", Mine)
    found = own.controls()
    arguments = ["lr", "beta", "eps", "k", "zero", "big", "below"]
    assert list(found) == [f"{argument}_mine" for argument in arguments]
    kinds = [widgets.SelectionSlider, widgets.FloatSlider, widgets.SelectionSlider, widgets.IntSlider]
    kinds += [widgets.FloatSlider, widgets.SelectionSlider, widgets.FloatSlider]
    assert [type(control) for control in found.values()] == kinds
    assert [control.value for control in found.values()] == [0.1, 0.9, 1e-8, 3, 0.0, 2.5, -1.0]
    assert [control.tooltip for control in found.values()][:2] == ["η of mine", "beta of mine"]
    assert found["beta_mine"].max < 1
    assert own.chosen({"lr_mine": 0.5, "k_mine": 7}) | {"lr": 0.5, "k": 7} == own.chosen({"lr_mine": 0.5, "k_mine": 7})
    assert list(own.controls(without=["lr"])) == [f"{argument}_mine" for argument in arguments[1:]]


@pytest.mark.parametrize("kind", [helpers.Adam, helpers.Momentum, helpers.AdamW, helpers.SGD])
def test_the_courses_optimizers_are_such_classes(kind):
    own = Own("mine", kind)
    assert own.numbers == {key: value for key, value in vars(kind()).items() if key != "state"}
    for name, control in own.controls().items():
        ends = (
            [options[1] for options in control.options] if hasattr(control, "options") else (control.min, control.max)
        )
        for value in (ends[0], ends[-1]):
            own.new(**{name.removesuffix("_mine"): value})


def test_arguments_without_a_default():
    class Answer:
        def __init__(self, lr, momentum):
            self.lr, self.momentum = lr, momentum

        update = Mine.update

    assert Own("mine", Answer).numbers == {"lr": 0.01, "momentum": 0.9}
    with pytest.raises(ValueError, match="^optimizer is .*; allowed: a class whose argument speed has a number"):
        Own("mine", type("Fast", (Mine,), {"__init__": lambda self, speed: None}))


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e200, 1e-200, True, "0.1", None, 1j])
def test_what_no_slider_can_stand_for_stays_as_it_is(value):
    kind = type("Odd", (Mine,), {"__init__": lambda self, lr=0.1, odd=value: Mine.__init__(self, lr)})
    assert Own("mine", kind).numbers == {"lr": 0.1}


def test_names_are_those_that_keywords_can_have():
    check = OwnOptimizers().check
    for bad in OwnOptimizers().bad():
        with pytest.raises(ValueError, match=r"^optimizers(\[.*\])? is .*; allowed: "):
            check("optimizers", bad)
    with pytest.raises(ValueError, match="^start_x is the name of two settings"):
        Race(optimizers={"x": type("Odd", (Mine,), {"__init__": lambda self, lr=0.1, start=1.0: None})})


def test_styles_can_be_told_apart():
    styles = with_own(["a", "b", "c", "d"])
    assert list(styles) == [*STYLES, "a", "b", "c", "d"]
    for what in "color", "marker", "linestyle":
        assert len({str(style[what]) for style in styles.values()}) == len(STYLES) + len(OWN_STYLES)


def test_an_own_optimizer_runs_as_it_is():
    race = Race(optimizers={"mine": Mine}, lr_mine=0.5)
    expected = Trajectory.of(Mine(0.5), landscapes.bowl(), (-7, 2), STEPS)
    np.testing.assert_array_equal(race.losses.curves["mine"].get_ydata()[:20], expected.losses[:20])
    assert "mine, η = 0.5, beta = 0.9, eps = 1e−08, k = 3" in race.words
    live = Trajectories(optimizers={"mine": helpers.SGD}, lr_mine=0.8, lr_SGD=0.8)
    np.testing.assert_array_equal(live.plane.paths["mine"].get_xydata(), live.plane.paths["SGD"].get_xydata())


def test_on_the_map_it_takes_the_eta_and_the_beta_of_the_map():
    chart = StabilityMap(optimizers={"same": helpers.Momentum, "mine": Mine}, lr=0.3, momentum=0.5)
    assert [name for name in chart.controls if name.endswith(("_same", "_mine"))] == [
        f"{argument}_mine" for argument in ("eps", "k", "zero", "big", "below")
    ]
    paths = chart.plane.paths
    np.testing.assert_array_equal(paths["same"].get_xydata(), paths["Momentum"].get_xydata())
    expected = Trajectory.of(Mine(0.3), landscapes.bowl(), (-7, 2), 30)
    np.testing.assert_array_equal(paths["mine"].get_xydata(), expected.path)
    assert f"mine: {expected.result}." in chart.words


def test_one_that_raises_is_told_and_the_others_are_drawn():
    race = Race(optimizers={"moody": own_things.Moody, "mine": Mine})
    before = shown(race)
    assert_well(race)
    race.set(lr_moody=6.0)
    assert race.view.status == "moody has raised ZeroDivisionError: lr is too large for me."
    assert not race.plane.paths["moody"].get_visible()
    assert race.plane.paths["mine"].get_visible()
    assert "mine, η" in race.words
    race.set(lr_moody=0.1, offset_moody=0.95)
    assert race.view.status.startswith("moody has raised ValueError: optimizer is a Moody whose update moves nothing")
    race.reset()
    assert shown(race) == before


@pytest.mark.slow
def test_one_that_raises_from_the_start_breaks_no_figure():
    class Never(Mine):
        def __init__(self, lr=0.1):
            raise RuntimeError("not today")

    for make in (Race, Trajectories, StabilityMap, LearningRates):
        live = make(optimizers={"never": Never})
        assert live.view.status == "never has raised RuntimeError: not today.", make
        assert "SGD" in live.words or "Momentum" in live.words


def test_one_that_diverges_is_told():
    live = Trajectories(optimizers={"uphill": own_things.Uphill}, steps=20)
    assert "uphill diverged at step" in live.view.status
    live.set(show_uphill=False)
    assert live.view.status == ""


def test_the_best_rate_of_an_own_optimizer_is_that_of_the_same_of_ours():
    race = Race(optimizers={"mine": Ninety5, "still": type("Still", (Mine,), {"__init__": lambda self: None})})
    best = race.own_best()
    assert best["mine"] == best["SGD"]
    assert "still" not in best


def test_a_sweep_of_one_without_a_learning_rate_is_told():
    class Fixed(Mine):
        def __init__(self, k=3):
            super().__init__(0.1)

    live = LearningRates(optimizers={"fixed": Fixed, "mine": Ninety5}, steps=50)
    assert live.view.status == "fixed has no learning rate lr."
    assert "k_fixed" in live.controls
    rows = {line.split(":")[0]: line.split(": ")[1] for line in live.words.splitlines()[2:]}
    assert rows["mine"].split(";")[0] == rows["SGD"].split(";")[0]


def test_only_functions_of_two_numbers_are_landscapes():
    for make, argument in ((Race, "landscapes"), (LearningRates, "landscapes")):
        with pytest.raises(ValueError, match=r"^landscapes\['mine'\] has returned None at"):
            make(**{argument: {"mine": lambda x, y: None}})
    with pytest.raises(ValueError, match="^landscape has raised TypeError"):
        Trajectories(landscape=lambda x: x)


def test_words_say_from_where_losses_are_counted_and_that_no_minimum_was_found():
    race = Race(landscapes={"slope": lambda x, y: x + y, "bowl 2": landscapes.bowl()}, landscape="slope")
    note = "Losses are counted from the lowest one in the picture, −10. No minimum was found in the picture."
    assert race.words.splitlines()[-1] == note
    assert race.losses.axes.get_ylim() == pytest.approx((1e-9, 100))
    race.set(landscape="bowl 2")
    assert "counted" not in race.words
    race.set(landscape="bowl")
    assert race.losses.axes.get_ylim() == (1e-7, 1e4)


# On digits


@pytest.mark.slow
def test_a_race_on_digits(capsys):
    """One that raises or diverges ends alone; equal optimizers have equal losses."""
    runs = race_on_digits(
        {"SGD": helpers.SGD(0.1), "mine": Mine(0.1), "moody": own_things.Moody(patience=2), "far": helpers.SGD(1e9)}, 5
    )
    capsys.readouterr()
    assert {name: (run.done, run.diverged is not None) for name, run in runs.items() if name != "far"} == {
        "SGD": (5, False),
        "mine": (5, False),
        "moody": (3, False),
    }
    np.testing.assert_array_equal(runs["mine"].losses, runs["SGD"].losses)
    assert runs["mine"].accuracy == runs["SGD"].accuracy
    assert runs["far"].diverged is not None
    assert str(runs["moody"].failure) == "out of patience"
    assert "failed" in repr(runs["moody"])


def test_loss_curves_tell_of_a_run_that_raised(capsys):
    live = loss_curves.LossCurves(3, window=1, own=["mine"])
    good = training.Run(3, losses=[2.0, 1.0, 0.5])
    failed = training.Run(3, losses=[2.0], failure=RuntimeError("no more"))
    live({"SGD": good, "mine": failed})
    capsys.readouterr()
    assert live.view.status == "mine has raised RuntimeError: no more."
    assert "mine: raised RuntimeError: no more." in live.words
    assert live.curves["mine"].get_color() == OWN_STYLES[0]["color"]


def test_compare_goes_on_where_it_may():
    x, labels = np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4), np.array([0, 1, 1])

    def job(optimizer):
        return lambda run: training.train(MLP((4, 3, 2)), optimizer, x, labels, 4, 2, run=run)

    def broken(run):
        raise RuntimeError("no network")

    jobs = {"good": job(helpers.SGD(0.1)), "broken": broken}
    runs = training.compare(jobs, (x, labels), 4, go_on=True)
    assert (runs["good"].done, runs["good"].failure) == (4, None)
    assert np.isfinite(runs["good"].accuracy)
    assert str(runs["broken"].failure) == "no network"
    assert np.isnan(runs["broken"].accuracy)
    with pytest.raises(RuntimeError, match="no network"):
        training.compare(jobs, (x, labels), 4)
