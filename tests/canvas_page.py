"""A plain page with canvas.js in a real browser, for tests: it draws recordings as a page of JupyterLab does."""

import base64
import io
import json
import sys
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import lab  # noqa: E402

from workbench.live import face, view  # noqa: E402

CODE = (view.HERE / "canvas.js").read_text("utf-8")

SCRIPT = """
async ([code, css, face]) => {
  const unpack = text => new DataView(Uint8Array.from(atob(text), character => character.charCodeAt(0)).buffer);
  window.canvas = await import(URL.createObjectURL(new Blob([code], {type: "text/javascript"})));
  document.head.appendChild(document.createElement("style")).textContent = css;
  await canvas.loadFace(unpack(face));
  const recording = packed => Object.fromEntries(Object.entries(packed).map(
    ([name, value]) => [name, typeof value === "string" ? unpack(value) : value]));
  // Draw recordings on the canvas of a figure of this size; returns a PNG, which loses nothing: a pixel of it is the
  // mean of those that the screen has for a pixel of CSS.
  window.drawn = async (size, packed) => {
    const element = document.body.appendChild(document.createElement("div"));
    element.className = "live-picture";
    Object.assign(element.style, {width: `${size[0]}px`, height: `${size[1]}px`});
    const picture = new canvas.Picture(element, size);
    const done = new Promise(resolve => element.addEventListener("live-drawn", resolve, {once: true}));
    picture.show(Object.fromEntries(Object.entries(packed).map(([name, value]) => [name, recording(value)])));
    await done;
    const means = Object.assign(document.createElement("canvas"), {width: size[0], height: size[1]});
    means.getContext("2d").drawImage(picture.canvas, 0, 0, ...size);
    const pixels = means.toDataURL("image/png").split(",")[1];
    picture.remove();
    element.remove();
    return pixels;
  };
}
"""


class Page:
    """A page that draws recordings; `ratio` is its pixels of the screen for a pixel of CSS."""

    def __init__(self, page, ratio):
        self.page, self.ratio = page, ratio
        page.set_content("<!doctype html><body style='margin: 0'>")
        css = (view.HERE / "canvas.css").read_text("utf-8")
        page.evaluate(SCRIPT, [CODE, css, base64.b64encode(face.FILE.read_bytes()).decode()])

    def draw(self, size, recordings):
        """Draw recordings, by name: base, scenery, moving. Returns pixels, shape (height, width, 3), from 0 to 255.

        Where the screen has several pixels for a pixel of CSS, their means.
        """
        packed = {
            name: {
                key: base64.b64encode(value).decode() if isinstance(value, bytes) else value
                for key, value in recording.items()
            }
            for name, recording in recordings.items()
        }
        text = json.dumps([list(size), packed])  # playwright would look at each number by itself
        png = self.page.evaluate("text => drawn(...JSON.parse(text))", text)
        return np.asarray(Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB"))


@contextmanager
def pages(*ratios):
    """Pages by their ratios, in one browser that is closed at the end."""
    with lab.browser() as browser:
        found = {}
        for ratio in ratios:
            page = browser.new_page(viewport={"width": 1000, "height": 800}, device_scale_factor=ratio)
            found[ratio] = Page(page, ratio)
        yield found
