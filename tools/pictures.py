"""Make the README's pictures in docs/: .venv/bin/python -m tools.pictures [PICTURE ...]

    docs/moving.gif              a slider that is really moved, in a real JupyterLab
    docs/lessons/momentum.png    the live figure that the header of lessons/momentum/lesson.md names, as it is at first
    docs/lessons/playground.png  the first picture of notebooks/playground.ipynb

Without names it makes all that the README shows. `make notebooks` makes those of the lessons that it builds.
On one machine an unchanged figure gives the same bytes; other fonts or another browser change docs/moving.gif.
"""

import argparse
import base64
import importlib
import io
import json
import re
import sys
from pathlib import Path

import numpy as np
from PIL import Image

import lessons
from tools.course import ROOT, CourseError, Playground, notebooks
from workbench import files

MOVING = Path("docs/moving.gif")
WIDTH = 600  # pixels; the README shows half as many, so that text stays sharp

VIEWPORT = {"width": 1080, "height": 900}  # room for the figure in its own size

# The learning rate of the first lesson on its way through all four regimes, and back: values, and ms for each frame.
STEP, PAUSE = 90, 1500
ROUTE = [
    (0.1, PAUSE),
    *((lr / 100, STEP) for lr in range(14, 50, 4)),
    (0.5, PAUSE),
    *((lr / 100, STEP) for lr in range(54, 94, 4)),
    (0.94, PAUSE),
    *((lr / 100, STEP) for lr in range(96, 106, 2)),
    (1.06, 2 * PAUSE),
    *((lr / 100, STEP) for lr in range(96, 10, -10)),
]


def shown():
    """The pictures that the README shows, as paths from the root of the repository."""
    return [Path(name) for name in re.findall('<img src="([^"]+)"', (ROOT / "README.md").read_text(encoding="utf-8"))]


def with_palette(images):
    """Images with one palette of 255 colors, so that GIF has one left for what stays as it was."""
    column = Image.fromarray(np.concatenate([np.asarray(image) for image in images]))
    palette = column.quantize(255, dither=Image.Dither.NONE)
    return [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]


def small(lesson, live=None):
    """The picture of a Lesson in README.md, or of the Playground, WIDTH pixels wide.

    live: the figure of the Lesson, where it was made already.
    """
    contents = first_picture(lesson) if isinstance(lesson, Playground) else (live or figure(lesson)()).png
    image = Image.open(io.BytesIO(contents)).convert("RGB")
    size = WIDTH, round(WIDTH * image.height / image.width)
    return with_palette([image.resize(size, Image.Resampling.LANCZOS)])[0]


def figure(lesson):
    """The class of the live figure that a Lesson shows in README.md."""
    module = importlib.import_module(f"lessons.{lesson.name}.figures")
    found = getattr(module, lesson.header["figure"], None)
    if found is None:
        raise CourseError(f"{module.__name__} has no {lesson.header['figure']}, which the header of lesson.md names")
    return found


def first_picture(lesson):
    """The first picture in a built notebook, as PNG bytes."""
    cells = json.loads(lesson.notebook.read_text(encoding="utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    pictures = [output["data"]["image/png"] for output in outputs if "image/png" in output.get("data", {})]
    if not pictures:
        raise CourseError(f"{lesson.notebook.name} shows no picture")
    return base64.b64decode(pictures[0])


def update(lesson):
    """Make the picture of a Lesson; returns "written", or "unchanged" where it is as before. Raises CourseError."""
    contents = io.BytesIO()
    small(lesson).save(contents, "png", optimize=True)
    return files.update(lesson.picture, contents.getvalue())


def moving(path):
    """Write screenshots of Parabola in the first lesson while the handle of its first slider is dragged along ROUTE."""
    from tools.lab import lab  # needs a browser, which the other pictures do not

    name = f"{lessons.stem('gradient_descent')}.ipynb"
    with lab() as jupyter, jupyter.notebook(name, viewport=VIEWPORT) as notebook:
        notebook.run()
        parabola = notebook.figures()[0]
        parabola.screenshot()  # scrolls it into view
        slider, mouse, clip = parabola.sliders()[0], notebook.page.mouse, parabola.root.bounding_box()
        handle = slider.handle
        span = handle.evaluate("handle => handle.closest('.noUi-target').noUiSlider.options.range")
        unit = parabola.part("noUi-base").bounding_box()["width"] / (span["max"] - span["min"])
        box = handle.bounding_box()
        x, y = (round(box[start] + box[size] / 2) for start, size in (("x", "width"), ("y", "height")))
        mouse.move(x, y)
        mouse.down()
        frames = []
        for lr, _ in ROUTE:
            mouse.move(round(x + (lr - ROUTE[0][0]) * unit), y)  # an event holds whole pixels
            notebook.settle()
            if float(value := slider.readout.text_content()) != lr:
                raise RuntimeError(f"the slider stands at {value}, not at {lr}")
            frames.append(Image.open(io.BytesIO(notebook.page.screenshot(clip=clip))).convert("RGB"))
        mouse.up()
    first, *others = with_palette(frames)
    first.save(path, save_all=True, append_images=others, duration=[ms for _, ms in ROUTE], loop=0, optimize=False)


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Make the README's pictures.")
    parser.add_argument("pictures", nargs="*", type=Path, metavar="PICTURE", help="docs/moving.gif, for example")
    for path in parser.parse_args(arguments).pictures or shown():
        file = ROOT / path
        file.parent.mkdir(exist_ok=True)
        if path == MOVING:
            moving(file)
        else:
            update(next(lesson for lesson in notebooks(ROOT) if lesson.name == path.stem))
        print(f"{path}: {file.stat().st_size / 1000:.0f} kB", flush=True)


if __name__ == "__main__":
    sys.exit(main())
