"""Drives a real JupyterLab in a headless browser: for the browser tests, the benchmark and the README's picture."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import nbformat
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
BROWSER_VARIABLE = "DOWNHILL_BROWSER"
BROWSERS = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
HOW_TO_GET_A_BROWSER = f"install Chromium or Google Chrome, or let {BROWSER_VARIABLE} name its program"
CONFIG = ROOT / "tools" / "jupyter_lab_config.py"  # what `make lab` starts with
SECONDS = 1000  # playwright counts milliseconds
VIEWPORT = {"width": 1280, "height": 1400}
SCRIPT = (ROOT / "tools" / "lab.js").read_text(encoding="utf-8")


def find_browser():
    """The path of a Chromium or Chrome: what DOWNHILL_BROWSER names, else the first one found, else None."""
    if named := os.environ.get(BROWSER_VARIABLE):
        if not shutil.which(named):
            raise FileNotFoundError(f"{BROWSER_VARIABLE} is {named!r}: there is no such program")
        return shutil.which(named)
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@contextmanager
def serve(notebooks, seconds=60):
    """Serve a copy of the folder `notebooks` with JupyterLab as `make lab` starts it; yields its "url" and "token".

    seconds: that it may take to start.

    The user's own settings neither help nor disturb, and nothing is written to the repository: a temporary folder
    takes their place, and the log.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        folder = Path(folder)
        shutil.copytree(notebooks, folder / "notebooks", ignore=shutil.ignore_patterns(".*"))
        variables = {f"JUPYTER_{name}_DIR": str(folder / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
        variables |= {"IPYTHONDIR": str(folder / "ipython")}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
        command = [sys.executable, "-m", "jupyterlab", f"--config={CONFIG}", "--no-browser", "--expose-app-in-browser"]
        command += ["--ip=127.0.0.1", "--port=0", f"--ServerApp.root_dir={folder / 'notebooks'}"]
        with open(folder / "log", "w") as log:
            server = subprocess.Popen(command, env=inherited | variables, stdout=log, stderr=log, cwd=folder)
            try:
                yield wait_for_server(server, folder, seconds)
            finally:
                server.terminate()  # the server then stops its kernels
                try:
                    server.wait(timeout=10)
                except subprocess.TimeoutExpired:
                    server.kill()
                    server.wait()


def wait_for_server(server, folder, seconds=60):
    """What the server says of itself in its runtime folder once it listens: a dict with "url", "token" and more."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        for file in (folder / "runtime").glob("jpserver-*.json"):
            text = file.read_text()
            if text.endswith("}"):  # written to the end
                return json.loads(text)
        time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start within {seconds} s:\n{end_of_log(folder)}")


def end_of_log(folder):
    return (folder / "log").read_text(encoding="utf-8", errors="replace")[-5000:]


@contextmanager
def browser():
    """A headless browser of playwright's, closed at the end."""
    program = find_browser()
    if program is None:
        raise FileNotFoundError(f"no browser found: {HOW_TO_GET_A_BROWSER}")
    arguments = ["--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
    arguments += ["--disable-sync", "--disable-quic"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium refuses to run as root otherwise
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=arguments)
        try:
            yield running
        finally:
            running.close()


@contextmanager
def lab(notebooks=ROOT / "notebooks"):
    """A running JupyterLab on a copy of `notebooks`, and a browser: yields a Lab; stops both at the end."""
    with browser() as running, serve(notebooks) as server:
        yield Lab(running, server)


class Lab:
    """A browser and the JupyterLab it looks at."""

    def __init__(self, browser, server):
        self.browser, self.server = browser, server
        self.folder = Path(server["root_dir"])  # the served copy of the notebooks
        self._page = None

    @property
    def log(self):
        """The end of what the server has written down, to be told when something failed."""
        return end_of_log(self.folder.parent)

    @contextmanager
    def notebook(self, name, **options):
        """Open the notebook file `name` in the page of the one before, as learners do: a page takes seconds to load.

        With any `options`, which are those of playwright's `new_page`, in a page of its own.
        """
        page, address = None, f"{self.server['url']}doc/tree/{name}?reset&token={self.server['token']}"
        if not options:
            page, self._page = self._page, None
        try:
            if page is not None:
                notebook = Notebook(page, name)
            else:
                page = self.browser.new_page(**{"viewport": VIEWPORT} | options)
                notebook = Notebook(page, address, new=True)
            yield notebook
            page.evaluate("downhill.close()")  # a course of kernels is a lot of memory
            notebook.leave()
            if not options:
                self._page, page = page, None
        finally:
            if page is not None:
                page.close()


class Notebook:
    """One notebook in JupyterLab; `problems` collects what the browser's console says is wrong."""

    def __init__(self, page, place, new=False):
        """place: where it is on the server; for a `new` page, in which no JupyterLab is yet, its address."""
        self.page, self.problems = page, []
        page.on("console", self._noted)
        page.on("pageerror", self._noted)
        if new:
            page.add_init_script(SCRIPT)
            page.goto(place)
        else:
            page.evaluate("place => downhill.open(place)", place)
        self._ready()

    def leave(self):
        """The page goes on without this notebook."""
        self.page.remove_listener("console", self._noted)
        self.page.remove_listener("pageerror", self._noted)

    def _noted(self, what):
        """Note a message of the console that tells of an error, or an error."""
        if getattr(what, "type", "error") == "error":
            text = getattr(what, "text", f"{what}\n{getattr(what, 'stack', '')}")
            address = getattr(what, "location", {}).get("url", "")  # of what could not be loaded, say
            self.problems.append(f"{text} {address}".strip())

    def _ready(self):
        self.wait("downhill.ready()")
        self.page.evaluate("void downhill.watch()")

    def reload(self):
        """Load the page again, as a learner may at any time; the kernel goes on, and its figures come back."""
        self.page.reload()
        self._ready()
        self.wait("document.querySelector('.live-figure .live-picture:not([aria-busy])')")
        self.settle()

    def wait(self, condition, seconds=60):
        """Wait until the JavaScript expression `condition` is true."""
        self.page.wait_for_function(condition, timeout=seconds * SECONDS, polling=50)

    def execute(self, code):
        """Let the kernel execute code that stands in no cell."""
        self.page.evaluate("code => downhill.kernel().requestExecute({code}).done", code)

    def cells(self):
        """All cells as they are now, as nbformat has them."""
        return nbformat.from_dict(self.page.evaluate("downhill.panel().content.model.toJSON()")).cells

    def run(self, seconds=300):
        """Run all cells; RuntimeError with the traceback when one fails."""
        self.page.evaluate("downhill.run()")
        self.wait("downhill.finished", seconds)
        if errors := self.page.evaluate("downhill.errors()"):
            raise RuntimeError("\n".join(errors))
        self.settle()

    def settle(self):
        """Wait until the kernel has answered everything and the page has drawn what it said."""
        self.page.evaluate("downhill.settle()")

    def figures(self):
        return [Figure(self, root) for root in self.page.query_selector_all(".live-figure")]

    def parts(self):
        """Yield a Part for each picture and control in the outputs, as the browser tells it to a screen reader."""
        session = self.page.context.new_cdp_session(self.page)
        for cell in self.page.query_selector_all(".jp-Cell"):
            if cell.evaluate("cell => downhill.parts(cell).length"):
                cell.evaluate("downhill.show")  # the browser tells nothing of what is far out of view
                cell.evaluate("cell => { downhill.found = downhill.parts(cell) }")
                found = session.send("Runtime.evaluate", {"expression": "downhill.found"})["result"]["objectId"]
                members = session.send("Runtime.getProperties", {"objectId": found, "ownProperties": True})["result"]
                for part in (member["value"] for member in members if member["name"].isdigit()):
                    request = {"objectId": part["objectId"], "fetchRelatives": False}
                    node = session.send("Accessibility.getPartialAXTree", request)["nodes"][0]
                    yield Part(part["description"], node["role"]["value"], node.get("name", {}).get("value", ""))
        session.send("Accessibility.disable")  # else the page is half as fast from here on
        session.detach()


class Part(NamedTuple):
    """A picture or control: its HTML element, and what the browser's accessibility tree says of it."""

    element: str
    role: str
    name: str


class Cell:
    """A code cell of a notebook, by its index among all cells."""

    def __init__(self, notebook, index):
        self.notebook, self.index = notebook, index
        self.root = notebook.page.locator(f'.jp-Cell[data-windowed-list-index="{index}"]')  # JupyterLab may replace it
        self.editor = self.root.locator(".cm-content")

    def model(self, expression):
        """What JupyterLab knows of the cell: the value of a JavaScript expression in `model`."""
        return self.notebook.page.evaluate(
            f"(model => {expression})(downhill.panel().content.widgets[{self.index}].model)"
        )

    @property
    def output(self):
        return self.root.locator(".jp-OutputArea").evaluate("downhill.text")

    def unfold(self):
        """Click the three dots; returns the code that was folded."""
        self.root.locator(".jp-InputPlaceholder .jp-Placeholder-content").click()
        self.editor.wait_for(timeout=5 * SECONDS)
        return self.model("model.sharedModel.getSource()")

    def write(self, code):
        """Replace all of the cell's code."""
        self.editor.click()
        self.notebook.page.keyboard.press("ControlOrMeta+a")
        self.notebook.page.keyboard.insert_text(code)

    def run(self):
        """Run the cell by Shift+Enter."""
        before = self.model("model.executionCount")
        self.editor.click()
        self.notebook.page.keyboard.press("Shift+Enter")
        count = f"downhill.panel().content.widgets[{self.index}].model.executionCount"
        self.notebook.wait(f"{count} !== null && {count} !== {before}")
        self.notebook.settle()


def button(element, name):
    """The button that a screen reader calls by this name within an element, or None."""
    return element.query_selector(f'role=button[name="{name}"s]')


class Figure:
    """A live figure on the page; every action waits until the figure has followed it.

    Its elements are handles, not locators: a locator looks through all of JupyterLab's page each time it is used, which
    takes longer than a slider's step.
    """

    def __init__(self, notebook, root):
        self.notebook, self.root = notebook, root
        self.picture = root.query_selector(".live-picture")

    @property
    def draggable(self):
        return self.part("live-drag") is not None

    def part(self, name):
        """The first element of a class within the figure, or None."""
        return self.root.query_selector(f".{name}")

    def text(self, part):
        """What the words (part "words") or the status line ("status") say."""
        return self.part(f"live-{part}").evaluate("downhill.text")

    def wait_for_words(self, condition):
        """Wait until a JavaScript condition on `words`, which change while something runs, is true; returns them."""
        condition = f"element => (words => {condition})(downhill.text(element))"
        words = self.part("live-words")
        self.notebook.page.wait_for_function(condition, arg=words, timeout=10 * SECONDS, polling=20)
        return self.text("words")

    def screenshot(self, path=None):
        """The figure with its controls and words, as PNG bytes, written to `path` if there is one."""
        self.root.evaluate("downhill.show")
        return self.root.screenshot(path=path)

    def state(self):
        """What a learner would see change."""
        return State(**self.root.evaluate("figure => downhill.state(figure)"))

    @property
    def height(self):
        """Pixels from the first control that is seen to the end of the picture."""
        above, below = self.root.bounding_box(), self.picture.bounding_box()
        return below["y"] + below["height"] - above["y"]

    def unfold(self):
        """Show the settings that are folded at first, where there are any; returns whether there are."""
        more = self.part("live-more")
        if more:
            self.press(more, "Enter")
        return more is not None

    def sliders(self):
        return [Slider(self, element) for element in self.root.query_selector_all(".widget-slider")]

    def choices(self):
        return [Choice(self, element) for element in self.root.query_selector_all(".widget-dropdown")]

    def switches(self):
        """Checkboxes, presets and other buttons that change the figure, apart from Reset and those of a Play widget."""
        others = ".live-reset, .live-more, .live-as-code, .live-save, .widget-play *"
        return self.root.query_selector_all(f"input[type=checkbox], button:not({others})")

    def button(self, name):
        """The button of this name, or None."""
        return button(self.root, name)

    def press(self, element, key):
        element.evaluate("element => element.focus()")
        self.notebook.page.keyboard.press(key)
        self.notebook.settle()

    def reset(self):
        self.press(self.part("live-reset"), "Enter")

    def tab(self, key="Tab"):
        """Press Tab (or Shift+Tab) from the first (last) control to the last (first).

        Returns the indexes of the controls that had the focus, in this order, and those at which it could be seen.
        """
        most = self.root.evaluate("(figure, key) => downhill.walk(figure, key)", key)
        keyboard = self.notebook.page.keyboard
        keyboard.press("Shift")  # a key, so that the focus shows as it does for keys
        for _ in range(most):
            keyboard.press(key)
        return tuple(self.notebook.page.evaluate("downhill.walked()"))

    def drag(self, start, end, moves=8):
        """Drag on the picture from `start` to `end`, given as shares of its width and height from the upper left."""
        self.picture.evaluate("downhill.show")
        box = self.picture.bounding_box()
        mouse = self.notebook.page.mouse
        points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, end)]
        mouse.move(*points[0])
        mouse.down()
        mouse.move(*points[1], steps=moves)
        mouse.up()
        self.notebook.settle()

    def touch(self, element, start, end, moves=8):
        """Drag a finger over an element, from `start` to `end`, given as shares of its width and height."""
        element.evaluate("element => element.scrollIntoView({ block: 'center' })")
        box = element.bounding_box()
        session = self.notebook.page.context.new_cdp_session(self.notebook.page)

        def send(kind, *points):
            places = [{"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]} for x, y in points]
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

        send("touchStart", start)
        for k in range(1, moves + 1):
            send("touchMove", [a + (b - a) * k / moves for a, b in zip(start, end, strict=True)])
        send("touchEnd")
        session.detach()
        self.notebook.settle()


class State(NamedTuple):
    """A digest of the picture's pixels, and the words."""

    picture: str
    words: str


class Said(NamedTuple):
    """What stands beside a slider, what it tells a screen reader, and what its figure says."""

    readout: str
    told: str
    words: str
    status: str


class Slider:
    """A slider of a live figure, moved by keys."""

    def __init__(self, figure, element):
        self.figure, self.root = figure, element

    @cached_property
    def handle(self):
        return self.root.query_selector(".noUi-handle")

    @cached_property
    def readout(self):
        return self.root.query_selector(".widget-readout")

    @cached_property
    def label(self):
        return self.root.query_selector(".widget-label").text_content().strip()

    @property
    def disabled(self):
        return self.root.query_selector(".noUi-target[disabled]") is not None

    @property
    def at_maximum(self):
        return self.handle.get_attribute("aria-valuenow") == self.handle.get_attribute("aria-valuemax")

    def says(self):
        """The number beside the slider as "readout", and what a screen reader, words and status line are told."""
        return Said(**self.root.evaluate("slider => downhill.says(slider)"))

    def press(self, key):
        self.figure.press(self.handle, key)

    def type(self, text, leave="Enter"):
        """Type beside the slider, and leave by a key."""
        self.readout.evaluate("downhill.select")
        keyboard = self.figure.notebook.page.keyboard
        keyboard.insert_text(text)
        keyboard.press(leave)
        self.figure.notebook.settle()


class Choice:
    """A drop-down list of a live figure; its options are listed with the present one first."""

    def __init__(self, figure, element):
        self.figure, self.select = figure, element.query_selector("select")
        self.label = element.query_selector(".widget-label").text_content().strip()
        present, options = self.select.evaluate("downhill.options")
        self.options = sorted(options, key=lambda option: option != present)

    def choose(self, option):
        self.select.select_option(label=option)
        self.figure.notebook.settle()
