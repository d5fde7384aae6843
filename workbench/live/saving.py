"""Live figures as files: a picture at print resolution, and an animation in which one slider goes its way."""

import io
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import ipywidgets as widgets
import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from workbench import files
from workbench.checks import refuse

DPI = 300  # of a picture for print
FRAMES_PER_SECOND, MOST_FRAMES = 12, 72
PICTURES, ANIMATIONS = ("png", "svg", "pdf"), ("gif", "mp4")


def kind_of(path: str | Path, allowed: Sequence[str]) -> str:
    """The ending of a path, without its dot. Raises ValueError for one that is not allowed."""
    kind = Path(path).suffix.lower().removeprefix(".") if isinstance(path, str | Path) else ""
    if kind not in allowed:
        refuse("path", path, f"a file name that ends in {', '.join(f'.{one}' for one in allowed)}")
    return kind


def printed(figure: Figure, kind: str, words: str) -> bytes:
    """A figure as the bytes of a file of this kind, which holds the words, too, and no date."""
    contents = io.BytesIO()
    metadata = {
        "png": {"Description": words},
        "svg": {"Description": words, "Date": None},
        "pdf": {"Subject": words, "CreationDate": None},
    }
    figure.savefig(contents, format=kind, dpi=DPI, metadata=metadata[kind])
    return contents.getvalue()


def stops(slider: widgets.Widget) -> list:
    """The values at which a slider can stand, evenly left out where there are more than MOST_FRAMES."""
    if isinstance(slider, widgets.SelectionSlider):
        values = [option[1] if isinstance(option, tuple) else option for option in slider.options]
    else:
        steps = round((slider.max - slider.min) / slider.step)
        values = [min(round(slider.min + k * slider.step, 10), slider.max) for k in range(steps + 1)]
    chosen = np.unique(np.linspace(0, len(values) - 1, min(len(values), MOST_FRAMES)).round().astype(int))
    return [values[k] for k in chosen]


def animation(pngs: Sequence[bytes], kind: str) -> bytes:
    """Frames, as PNG bytes, as the bytes of an animation that goes forth and back.

    Raises ValueError for MP4 where there is no ffmpeg, and RuntimeError with what ffmpeg says where it fails.
    """
    frames = [Image.open(io.BytesIO(one)).convert("RGB") for one in pngs]
    frames += frames[-2:0:-1]
    return {"gif": _gif, "mp4": _mp4}[kind](frames)


def _gif(frames):
    """GIF with one palette, the most frequent colors as they are, so that only what changes is stored of a frame."""
    packed = [np.asarray(image).astype(np.int32) @ [65536, 256, 1] for image in frames]
    some = np.concatenate([one.ravel() for one in packed[:: max(1, len(packed) // 8)]])
    colors, counts = np.unique(some, return_counts=True)
    palette = _unpacked(colors[np.argsort(counts)[::-1][:255]])
    colors = np.unique(np.concatenate([np.unique(one) for one in packed]))
    nearest = [((palette - color) ** 2).sum(axis=1).argmin() for color in _unpacked(colors)]
    nearest = np.array(nearest, np.uint8)
    images = [Image.fromarray(nearest[np.searchsorted(colors, one)]) for one in packed]
    for image in images:
        image.putpalette(palette.astype(np.uint8).tobytes())
    contents = io.BytesIO()
    duration = round(1000 / FRAMES_PER_SECOND)
    images[0].save(contents, "gif", save_all=True, append_images=images[1:], duration=duration, loop=0)
    return contents.getvalue()


def _unpacked(colors):
    """Colors, shape (n,), each red, green and blue in one number, as shape (n, 3)."""
    return np.stack([colors >> 16, colors >> 8 & 255, colors & 255], axis=-1)


def need_ffmpeg(path: str | Path) -> str:
    """The program ffmpeg. Raises ValueError where there is none."""
    return shutil.which("ffmpeg") or refuse("path", path, ".gif; .mp4 where ffmpeg is installed, which is not found")


def _mp4(frames):
    width, height = (2 * (length // 2) for length in frames[0].size)  # the codec takes even numbers only
    command = [need_ffmpeg(".mp4"), "-y", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "rgb24"]
    command += ["-s", f"{width}x{height}", "-r", str(FRAMES_PER_SECOND), "-i", "-", "-pix_fmt", "yuv420p"]
    raw = b"".join(image.crop((0, 0, width, height)).tobytes() for image in frames)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "animation.mp4"
        done = subprocess.run([*command, str(path)], input=raw, capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError(f"ffmpeg failed: {done.stderr.decode(errors='replace')[-500:]}")
        return path.read_bytes()


def write(path: str | Path, contents: bytes) -> None:
    """Write a file whole or not at all, and say where it is."""
    files.write(Path(path), contents)
    print(f"Written: {path}, {len(contents) / 1000:.0f} kB.")
