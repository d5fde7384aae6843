"""Slider steps on a page of JupyterLab: the page, and how the time of a step and of dragging is taken inside it."""

import statistics
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import nbformat

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import lab  # noqa: E402

WINDOW = {"width": 1280, "height": 900}  # a learner's, with one figure in view
MOVES_PER_SECOND = 60

# The first cell of a page: `measured` shows a figure with its class names, and an empty slider above it.
# Empty: the kernel writes the slider's value into a label, the least that any slider can take.
PRELUDE = """
import ipywidgets


def slider():
    return ipywidgets.FloatSlider(value=0.95, min=0.01, max=3, step=0.01, description="η")


def measured(name, content, control):
    moved, label = slider(), ipywidgets.Label("0.95")
    moved.observe(lambda change: setattr(label, "value", f"{change['new']:.2f}"), names="value")
    control.add_class("bench-control")
    empty = ipywidgets.HBox([moved, label]).add_class("bench-empty")
    return ipywidgets.VBox([empty, content]).add_class(f"bench-{name}")
"""

SCRIPT = """
window.bench = {
  // The key that moves the handle on: to the left until the end, then to the right, so that most values are new.
  // unlike: short and long steps in turns.
  ways: new WeakMap(),
  long: new WeakSet(),  // handles whose last step was long
  key: (handle, unlike) => {
    const [now, low, high] = ["now", "min", "max"].map(name => Number(handle.getAttribute(`aria-value${name}`)));
    if (now >= high || !bench.ways.has(handle)) bench.ways.set(handle, ["ArrowLeft", "PageDown"]);
    if (now <= low) bench.ways.set(handle, ["ArrowRight", "PageUp"]);
    const long = unlike && !bench.long.delete(handle);
    if (long) bench.long.add(handle);
    return bench.ways.get(handle)[Number(long)];
  },
  // Press the key at some moment between two frames of the screen; resolves to the milliseconds until the page has
  // changed, and until the animation frame after that.
  step: async ([handle, place, unlike]) => {
    const [slider, content] = [handle, place].map(selector => document.querySelector(selector));
    const stop = new AbortController();
    const changed = new Promise(resolve => {
      if (content.matches(".live-picture")) {
        content.addEventListener("live-drawn", resolve, {signal: stop.signal});
        return;
      }
      const present = () => content.querySelector("img")?.src ?? content.textContent;
      const before = present();
      const look = () => {
        if (present() && present() !== before && (content.querySelector("img")?.complete ?? true)) resolve();
      };
      const observer = new MutationObserver(look);
      observer.observe(content, {subtree: true, childList: true, characterData: true, attributes: true});
      content.addEventListener("load", look, {capture: true, signal: stop.signal});
      stop.signal.addEventListener("abort", () => observer.disconnect());
    });
    await new Promise(requestAnimationFrame);
    await new Promise(done => setTimeout(done, Math.random() * 1000 / 60));
    const press = new KeyboardEvent("keydown", {key: bench.key(slider, unlike), bubbles: true, cancelable: true});
    const start = performance.now();
    slider.dispatchEvent(press);
    await changed;
    const drawn = performance.now() - start;
    stop.abort();
    await new Promise(requestAnimationFrame);
    return [drawn, performance.now() - start];
  },
  // Note when pictures are drawn and when the mouse moves, until stopped.
  watch: place => {
    const [content, noted, stop] = [document.querySelector(place), {pictures: [], moves: []}, new AbortController()];
    const note = list => () => list.push(performance.now());
    for (const drawn of ["load", "live-drawn"]) {
      content.addEventListener(drawn, note(noted.pictures), {capture: true, signal: stop.signal});
    }
    document.addEventListener("pointermove", note(noted.moves), {capture: true, signal: stop.signal});
    bench.noted = () => (stop.abort(), noted);
  },
};
"""


@contextmanager
def page(cells):
    """JupyterLab with a notebook of these cells, PRELUDE before them, all of them run: yields Lab and Notebook."""
    with tempfile.TemporaryDirectory() as folder:
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
        all_cells = [nbformat.v4.new_code_cell(cell.strip()) for cell in (PRELUDE, *cells)]
        nbformat.write(nbformat.v4.new_notebook(cells=all_cells, metadata=kernel), Path(folder) / "bench.ipynb")
        with lab.lab(folder) as jupyter, jupyter.notebook("bench.ipynb", viewport=WINDOW) as notebook:
            notebook.run()
            notebook.page.evaluate(SCRIPT)
            yield jupyter, notebook


def handle(name):
    """The selector of the slider's handle of what `measured` shows as `name`."""
    return f".bench-{name} .bench-control .noUi-handle"


def show(notebook, name):
    """Scroll what `measured` shows as `name` into view, the empty slider at the top."""
    notebook.page.locator(f".bench-{name}").evaluate("downhill.show")


class Times(NamedTuple):
    """Medians of steps in milliseconds: until the page has changed, and until the animation frame that shows it."""

    drawn: float
    frame: float


def times(notebook, name, content, steps, warm_up=5, unlike=False):
    """The Times of steps of the figure `name`, and those of the empty slider beside it, taken in turns.

    content: selector, within the figure, of what changes. unlike: short and long steps in turns.
    """
    show(notebook, name)
    empty = f".bench-{name} .bench-empty .noUi-handle", f".bench-{name} .bench-empty > .widget-label", False
    places = (handle(name), f".bench-{name} {content}", unlike), empty
    found = []
    for _ in range(warm_up + steps):
        for place in places:
            notebook.settle()
            found.append(notebook.page.evaluate("place => bench.step(place)", place))
    found = found[len(places) * warm_up :]
    return tuple(Times(*map(statistics.median, zip(*found[i :: len(places)], strict=True))) for i in range(len(places)))


def drag(notebook, content, start, path, seconds):
    """Press at `start` and follow `path`, a function of the seconds; returns pictures and mouse moves per second."""
    page = notebook.page
    page.mouse.move(*start)
    page.mouse.down()
    notebook.settle()
    page.evaluate("place => bench.watch(place)", content)
    begin = time.perf_counter()
    while (passed := time.perf_counter() - begin) < seconds:
        page.mouse.move(*path(passed))
        time.sleep(max(0, 1 / MOVES_PER_SECOND - (time.perf_counter() - begin - passed)))
    notebook.settle()
    noted = page.evaluate("bench.noted()")
    page.mouse.up()
    notebook.settle()
    first, *_, last = noted["moves"]
    meanwhile = sum(first < t < last for t in noted["pictures"])
    return meanwhile / (last - first) * 1000, len(noted["moves"]) / (last - first) * 1000
