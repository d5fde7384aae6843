"""What a slider step costs in a real JupyterLab: `make bench`, or python benchmarks/slider_latency.py.

Six things are measured in turns, on one page with one kernel:

    empty       a slider whose value the kernel writes into a label: the least that any slider can take
    live        the live figure of lesson 02: a step of SGD's learning rate
    race        the live figure of lesson 08, seven optimizers × 200 updates: the same step
    layers      the live figure of lesson 09, 2 × 5 histograms of 100,000 numbers each: a step of the weights' σ
    normalized  the same with batch normalization, lesson 11
    interact    ipywidgets' `interact` with pyplot: the same two panels, drawn anew for each step

A step is one arrow key. Its time is taken inside the page, from the key to the animation frame that shows the new text
or the new picture, once loaded. Then the mouse drags for some seconds at up to 60 moves per second: how many pictures
arrived per second, how many moves the browser had time to take, and how long after the last move the last picture came.

Read the ratios, not the milliseconds: they hold on slow and on fast machines. Nothing else should run meanwhile.
"""

import math
import os
import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import lab  # noqa: E402

STEPS = 40
WARM_UP = 5
SECONDS_OF_DRAGGING = 3
MOVES_PER_SECOND = 60

CELLS = (
    """
import ipywidgets
import matplotlib.pyplot as plt
import numpy as np

import helpers
from workbench import figures, landscapes
from workbench.explorers.choosing import Race
from workbench.explorers.initialization import Layers
from workbench.explorers.normalization import NormalizedLayers
from workbench.explorers.trajectories import Trajectories

bowl = landscapes.bowl()
points = figures.grid(bowl)
values = bowl.value(points)
sparse = points[::10, ::10]
slopes = bowl.gradient(sparse)


def slider():
    return ipywidgets.FloatSlider(value=0.95, min=0.01, max=3, step=0.01, description="η")


def two_panels(lr):
    path = helpers.trajectory(helpers.SGD(lr), bowl.gradient, (-7, 2), 30)
    figure, (plane, loss) = plt.subplots(1, 2, figsize=Trajectories.size, layout="constrained")
    plane.contour(points[..., 0], points[..., 1], values, 12)
    plane.quiver(sparse[..., 0], sparse[..., 1], -slopes[..., 0], -slopes[..., 1], color="0.6")
    plane.plot(*path.T, "-o")
    plane.set(xlim=bowl.view[0], ylim=bowl.view[1], xlabel="x", ylabel="y", title=f"η = {lr:.2f}")
    loss.semilogy(bowl.value(path), "-o")
    loss.set(xlim=(0, 60), ylim=(1e-7, 1e3), xlabel="update k", ylabel="loss f")
    loss.grid()
    plt.show()
""",
    """
moved, label = slider(), ipywidgets.Label("0.95")
moved.observe(lambda change: setattr(label, "value", f"{change['new']:.2f}"), names="value")
empty = ipywidgets.HBox([moved, label]).add_class("bench-empty")
live = Trajectories().add_class("bench-live-figure")
live.controls["lr_SGD"].add_class("bench-live")
race = Race().add_class("bench-race-figure")
race.controls["lr_SGD"].add_class("bench-race")
layers = Layers().add_class("bench-layers-figure")
layers.controls["sigma"].add_class("bench-layers")
normalized = NormalizedLayers().add_class("bench-normalized-figure")
normalized.controls["sigma"].add_class("bench-normalized")
again = ipywidgets.interactive(two_panels, lr=slider()).add_class("bench-interact")
ipywidgets.VBox([empty, live, again, race, layers, normalized])
""",
)

# Where to find each: its handle, and what changes.
PLACES = {
    "empty": (".bench-empty .noUi-handle", ".bench-empty > .widget-label"),
    "live": (".bench-live .noUi-handle", ".bench-live-figure .live-picture"),
    "race": (".bench-race .noUi-handle", ".bench-race-figure .live-picture"),
    "layers": (".bench-layers .noUi-handle", ".bench-layers-figure .live-picture"),
    "normalized": (".bench-normalized .noUi-handle", ".bench-normalized-figure .live-picture"),
    "interact": (".bench-interact .noUi-handle", ".bench-interact .widget-output"),
}

SCRIPT = """
window.bench = {
  // Press a key on the handle; resolves to the milliseconds until the animation frame that shows what has changed.
  step: async ([handle, place, key]) => {
    const content = document.querySelector(place);
    const image = () => content.matches("img") ? content : content.querySelector("img");
    const present = () => image()?.src ?? content.textContent;
    const before = present();
    const stop = new AbortController();
    const changed = new Promise(resolve => {
      const look = () => {
        if (present() && present() !== before && (image()?.complete ?? true)) resolve();
      };
      const observer = new MutationObserver(look);
      observer.observe(content, {subtree: true, childList: true, characterData: true, attributes: true});
      content.addEventListener("load", look, {capture: true, signal: stop.signal});
      stop.signal.addEventListener("abort", () => observer.disconnect());
    });
    const start = performance.now();
    document.querySelector(handle).dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
    await changed;
    stop.abort();
    await new Promise(requestAnimationFrame);
    return performance.now() - start;
  },
  // Note when pictures arrive and when the mouse moves, until stopped.
  watch: place => {
    const [content, noted, stop] = [document.querySelector(place), {pictures: [], moves: []}, new AbortController()];
    const note = list => () => list.push(performance.now());
    content.addEventListener("load", note(noted.pictures), {capture: true, signal: stop.signal});
    document.addEventListener("mousemove", note(noted.moves), {capture: true, signal: stop.signal});
    bench.noted = () => (stop.abort(), noted);
  },
};
"""


def main():
    with tempfile.TemporaryDirectory() as folder:
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
        cells = [nbformat.v4.new_code_cell(cell.strip()) for cell in CELLS]
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), Path(folder) / "bench.ipynb")
        with (
            lab.lab(folder) as jupyter,
            jupyter.notebook("bench.ipynb", viewport={"width": 1280, "height": 4600}) as notebook,
        ):
            notebook.run()
            visible_box(notebook.page.locator(".bench-empty"))
            notebook.page.evaluate(SCRIPT)
            browser = f"Chromium {jupyter.browser.version}, Python {platform.python_version()}, {os.cpu_count()} cores"
            print(f"JupyterLab under {browser}; medians of {STEPS} steps, taken in turns\n")
            report_steps(measure_steps(notebook))
            print(f"\ndragging for {SECONDS_OF_DRAGGING} s at {MOVES_PER_SECOND} mouse moves per second\n")
            print(f"{'':34}{'pictures/s':>12}{'moves/s':>12}{'last one after':>16}")
            for name in ("interact", "live"):
                report_dragging(f"{name}: the slider", drag(notebook, PLACES[name][1], *track(notebook.page, name)))
            report_dragging(
                "live: the start, on the picture", drag(notebook, PLACES["live"][1], *circle(notebook.page))
            )
            print("\nto reach with the live figure: 20 pictures/s")


def measure_steps(notebook):
    """Milliseconds of each step, by name."""
    times = {name: [] for name in PLACES}
    for i in range(WARM_UP + STEPS):
        key = "ArrowLeft" if i // 10 % 2 == 0 else "ArrowRight"
        for name, place in PLACES.items():
            notebook.settle()
            milliseconds = notebook.page.evaluate("step => bench.step(step)", [*place, key])
            if i >= WARM_UP:
                times[name].append(milliseconds)
    return times


def report_steps(times):
    median = {name: statistics.median(times[name]) for name in times}
    print(f"{'one step':34}{'median':>12}{'9 of 10 within':>18}{'× empty':>10}")
    for name, milliseconds in times.items():
        most = statistics.quantiles(milliseconds, n=10)[-1]
        print(f"{name:34}{median[name]:9.1f} ms{most:15.1f} ms{median[name] / median['empty']:10.2f}")
    print(f"\nlive takes {median['live'] / median['empty']:.2f} × empty; to reach: at most 1.8")
    print(f"race takes {median['race'] / median['empty']:.2f} × empty; to reach: at most 2.5")
    for name in "layers", "normalized":
        print(f"{name} takes {median[name] / median['empty']:.2f} × empty; to reach: at most 2.5")
    print(f"live is {median['interact'] / median['live']:.1f} × as fast as interact; to reach: at least 4")


def visible_box(element):
    element.evaluate("downhill.show")
    return element.bounding_box()


def track(page, name):
    """Points for dragging a slider's handle to and fro: where it is, and a function of the seconds since."""
    box = visible_box(page.locator(PLACES[name][0]))
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    return (x, y), lambda seconds: (x + 50 * math.sin(2 * seconds), y)


def circle(page):
    """Points for dragging the start around on the left panel of the live figure."""
    box = visible_box(page.locator(PLACES["live"][1]))
    x, y, radius = box["x"] + 0.25 * box["width"], box["y"] + 0.5 * box["height"], 0.15 * box["width"]
    return (x + radius, y), lambda seconds: (x + radius * math.cos(2 * seconds), y + radius * math.sin(2 * seconds))


def drag(notebook, place, start, path):
    """Press at `start` and follow `path` with the mouse; returns pictures and moves per second, and milliseconds from
    the last move to the last picture."""
    page = notebook.page
    page.mouse.move(*start)
    page.mouse.down()
    notebook.settle()
    page.evaluate("place => bench.watch(place)", place)
    begin = time.perf_counter()
    while (seconds := time.perf_counter() - begin) < SECONDS_OF_DRAGGING:
        page.mouse.move(*path(seconds))
        time.sleep(max(0, 1 / MOVES_PER_SECOND - (time.perf_counter() - begin - seconds)))
    notebook.settle()
    noted = page.evaluate("bench.noted()")
    page.mouse.up()
    notebook.settle()
    first, *_, last = noted["moves"]
    meanwhile = sum(first < t < last for t in noted["pictures"])
    return meanwhile / (last - first) * 1000, len(noted["moves"]) / (last - first) * 1000, noted["pictures"][-1] - last


def report_dragging(name, result):
    pictures, moves, rest = result
    print(f"{name:34}{pictures:12.1f}{moves:12.0f}{rest:13.0f} ms")


if __name__ == "__main__":
    main()
