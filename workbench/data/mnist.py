"""The bundled MNIST digits: verified, unpacked once into a cache, memory-mapped read-only, turned into batches."""

import gzip
import hashlib
import math
import mmap
import os
import struct
import time
import zlib
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np

from workbench import files
from workbench.checks import Array, Kind, OrNone, checked
from workbench.pixels import scaled

FOLDER = Path(__file__).resolve().parents[2] / "data" / "mnist"


class File(NamedTuple):
    """An IDX file of unsigned bytes: its name, the shape of its array, the SHA-256 of its uncompressed contents."""

    name: str
    shape: tuple[int, ...]
    sha256: str


class Digits(NamedTuple):
    """The data set: images (n, 28, 28), 0 background to 255 ink, and labels (n,), 0 to 9; all uint8 and read-only."""

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray


HASHED = set()  # versions of files of the cache: what this process has once read whole need not be read at every load
SETTLED = 10.0  # seconds; coarser than the times of any file system
HELD_OUT = 10_000  # the last ones of the training digits: they choose learning rates, and no network is trained on them


@checked(digits=Kind(Digits, "the digits, as load() returns them"))
def split(digits: Digits) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """The training digits but those held out, and those held out: two pairs of images and labels."""
    pair = digits.train_images, digits.train_labels
    return tuple(a[:-HELD_OUT] for a in pair), tuple(a[-HELD_OUT:] for a in pair)


# What is right is said here and not read from data/mnist/SHA256SUMS: who alters a file there can alter that list too.
FILES = {
    "train_images": File(
        "train-images-idx3-ubyte",
        (60000, 28, 28),
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    "train_labels": File(
        "train-labels-idx1-ubyte",
        (60000,),
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    "test_images": File(
        "t10k-images-idx3-ubyte",
        (10000, 28, 28),
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    "test_labels": File(
        "t10k-labels-idx1-ubyte",
        (10000,),
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
}


@checked(folder=OrNone(Kind((str, os.PathLike), "a path, or None")))
def load(folder: str | os.PathLike | None = None) -> Digits:
    """The whole of MNIST, 60,000 training and 10,000 test digits, as `Digits` (LeCun, Cortes and Burges, 1998).

    folder: where the four gzipped IDX files are; data/mnist of the project by default.
    The arrays are maps of unpacked files in a cache: `folder`/cache if that can be written to, else the user's cache
    folder, else memory. All processes on a machine share the pages of one cache. So a worker process calls `load`
    itself; arrays that are sent to it would be copied.
    Raises FileNotFoundError for a missing file, ValueError for one that is truncated, altered or no such IDX file;
    not if the cache is sound, for then nothing is missing.
    """
    folder = FOLDER if folder is None else Path(folder)
    return Digits(**{field: _array(folder, file) for field, file in FILES.items()})


class Bytes(Array):
    """Images of digits as the data set has them."""

    allowed = "uint8 (n, 28, 28) or (n, 784)"

    def check(self, name, value):
        images = super().check(name, value)
        if images.dtype != np.uint8 or images.shape[1:] not in ((28, 28), (784,)):
            raise ValueError(f"{name} is {images.dtype} {images.shape}; allowed: {self.allowed}")
        return images

    def bad(self):
        zeros = [np.zeros(shape, np.uint8) for shape in ((), 784, (28, 28), (2, 5, 28), (2, 783), (2, 1, 28, 28))]
        return [*super().bad(), [], 0, np.zeros((2, 784)), np.zeros((2, 28, 28), int), *zeros]

    def good(self):
        return [np.zeros((n, *shape), np.uint8) for n in (2, 1, 0) for shape in ((28, 28), (784,))]


@checked(images=Bytes())
def pixels(images: np.ndarray) -> np.ndarray:
    """A batch for a network: float32 of shape (n, 784), 0 background to 1 ink.

    images: uint8 of shape (n, 28, 28) or (n, 784). Raises ValueError for anything else.
    """
    return scaled(images.reshape(-1, 784))


def _array(folder, file):
    """The array of one file: from a cache, else unpacked, into a cache if there is a place for one."""
    places = [folder / "cache" / file.name, files.user_cache() / "mnist" / file.name]
    for place in places:
        files.sweep(place)
        with suppress(OSError, ValueError):
            return _mapped(place, file)
    contents = _unpacked(folder / f"{file.name}.gz", file)
    for place in places:
        with suppress(OSError, ValueError):
            return _stored(place, contents, file)
    return _checked(contents, file)


def _checked(contents, file, hashed=False):
    """The array in the contents (bytes or a map) of an IDX file; ValueError with what was expected and found.

    hashed: whether the digest of these contents is known to be right.

    IDX: two zero bytes, 8 for unsigned bytes, the number of dimensions, each as big-endian uint32, then the values.
    """
    dimensions = len(file.shape)
    start = 4 + 4 * dimensions
    size = start + math.prod(file.shape)
    magic = bytes([0, 0, 8, dimensions])
    if contents[:4] != magic:
        raise ValueError(f"expected the magic number {magic.hex()}, found {contents[:4].hex() or 'nothing'}")
    if len(contents) != size:
        raise ValueError(f"expected {size} bytes, found {'more' if len(contents) > size else len(contents)}")
    shape = struct.unpack_from(f">{dimensions}I", contents, 4)
    if shape != file.shape:
        raise ValueError(f"expected the shape {file.shape}, found {shape}")
    # All 55 MB, up to 80 ms: whatever was done to a cache, and whoever wrote it, wrong digits are never used.
    digest = file.sha256 if hashed else hashlib.sha256(contents).hexdigest()
    if digest != file.sha256:
        raise ValueError(f"expected the SHA-256 digest {file.sha256}, found {digest}")
    return np.frombuffer(contents, np.uint8, offset=start).reshape(shape)


def _mapped(path, file):
    """The array of an unpacked file, as a read-only map; what is checked is the map itself. OSError or ValueError."""
    # Not np.memmap: the bytes before the array belong to what is checked, and a learner is to see a plain array.
    with path.open("rb") as stream:
        state = os.fstat(stream.fileno())
        version = file.sha256, state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns
        array = _checked(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ), file, version in HASHED)
    # So soon after a file was written, another writing of it may leave its times as they are.
    if time.time() > max(state.st_mtime, state.st_ctime) + SETTLED:
        HASHED.add(version)
    return array


def _unpacked(path, file):
    """The contents of a gzipped file, bytes, found to be right."""
    restore = files.restore("data/mnist")
    limit = 4 + 4 * len(file.shape) + math.prod(file.shape) + 1  # a byte too many is enough to know
    try:
        with gzip.open(path) as stream:
            contents = stream.read(limit)
        _checked(contents, file)
    except FileNotFoundError as error:
        raise FileNotFoundError(f"{path} is missing: expected the gzipped MNIST file. {restore}") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"{path} is damaged: expected a whole gzip file, found: {error}. {restore}") from error
    except ValueError as error:
        raise ValueError(f"{path} holds something else: {error}. {restore}") from error
    except OSError as error:
        raise OSError(f"{path} cannot be read: {error}. {restore}") from error
    return contents


def _stored(place, contents, file):
    """Write contents to `place` and return the array mapped from there. OSError or ValueError if that fails.

    Of many processes that store at once, all but the first find that it is there, and share its pages.
    """
    files.write(place, contents, unless=lambda: _is_sound(place, file))
    return _mapped(place, file)


def _is_sound(place, file):
    with suppress(OSError, ValueError):
        return _mapped(place, file) is not None
    return False
