"""Make the README's picture from the running notebook: .venv/bin/python tools/picture.py"""

import io

from lab import ROOT, lab
from PIL import Image

PICTURE = ROOT / "docs" / "lesson_02.png"


def main():
    PICTURE.parent.mkdir(exist_ok=True)
    # As wide as the figure, and twice the pixels, so that text is sharp where a reader zooms in.
    options = {"viewport": {"width": 1110, "height": 1200}, "device_scale_factor": 2}
    with lab() as jupyter, jupyter.notebook("02_trajectories.ipynb", **options) as notebook:
        notebook.run()
        figure = notebook.figures()[0]
        figure.click(figure.root.get_by_role("button", name="The book's learning rates"))
        notebook.page.mouse.move(0, 0)
        screenshot = figure.screenshot()
    # A palette halves the bytes; with 256 colors those of the optimizers stay what they are.
    palette = Image.open(io.BytesIO(screenshot)).convert("RGB").quantize(256, dither=Image.Dither.NONE)
    palette.save(PICTURE, optimize=True)
    print(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
