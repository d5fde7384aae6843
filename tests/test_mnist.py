"""The bundled digits: right or refused, one cache for all, whatever happens while it is written."""

import errno
import gzip
import hashlib
import os
import struct
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from workbench import files
from workbench.data import mnist

pytestmark = pytest.mark.machinery

ROOT = Path(__file__).resolve().parent.parent
SHAPES = {"train_images": (7, 28, 28), "train_labels": (7,), "test_images": (3, 28, 28), "test_labels": (3,)}


def idx(array):
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


ARRAYS = {
    field: np.random.default_rng(0).integers(0, 10 if "labels" in field else 256, shape, np.uint8)
    for field, shape in SHAPES.items()
}
FILES = {
    field: mnist.File(file.name, SHAPES[field], hashlib.sha256(idx(ARRAYS[field])).hexdigest())
    for field, file in mnist.FILES.items()
}
IMAGES = FILES["train_images"].name
RESTORE = "git checkout -- data/mnist$"


def put(folder, name, contents):
    (folder / f"{name}.gz").write_bytes(gzip.compress(contents, 1))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of four small gzipped files, with a user's cache folder that is the test's own."""
    folder = tmp_path / "mnist"
    folder.mkdir()
    for field, file in FILES.items():
        put(folder, file.name, idx(ARRAYS[field]))
    monkeypatch.setattr(mnist, "FILES", FILES)
    monkeypatch.setattr(files, "user_cache", lambda: tmp_path / "user")
    return folder


def check(digits):
    for array, expected in zip(digits, ARRAYS.values(), strict=True):
        np.testing.assert_array_equal(array, expected)
        assert array.dtype == np.uint8
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def names(folder):
    return sorted(path.name for path in folder.iterdir())


CACHED = sorted(file.name for file in FILES.values())


def unpacking_is_a_mistake(*args):
    raise AssertionError("a sound cache is not used")


def test_digits_are_unpacked_once(folder, monkeypatch):
    check(mnist.load(str(folder)))
    assert names(folder / "cache") == CACHED
    monkeypatch.setattr(mnist, "_unpacked", unpacking_is_a_mistake)
    check(mnist.load(folder))


def test_default_folder(folder, monkeypatch):
    monkeypatch.setattr(mnist, "FOLDER", folder)
    check(mnist.load())


def test_user_cache_where_the_folder_cannot_be_written_to(folder, monkeypatch):
    (folder / "cache").touch()  # a file where a folder is needed: root, too, cannot write into it
    check(mnist.load(folder))
    assert names(folder.parent / "user" / "mnist") == CACHED
    monkeypatch.setattr(mnist, "_unpacked", unpacking_is_a_mistake)
    check(mnist.load(folder))


def test_memory_where_nothing_can_be_written_to(folder):
    for place in (folder / "cache", folder.parent / "user"):
        place.touch()
    check(mnist.load(folder))
    assert (folder / "cache").is_file()


def test_full_disk(folder, monkeypatch):
    def half(path, contents):
        with path.open("wb") as stream:
            stream.write(contents[: len(contents) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", half)
        check(mnist.load(folder))
    assert names(folder / "cache") == names(folder.parent / "user" / "mnist") == []


def test_interrupt_while_unpacking(folder, monkeypatch):
    def interrupt(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", interrupt)
        with pytest.raises(KeyboardInterrupt):
            mnist.load(folder)
    assert names(folder / "cache") == []
    check(mnist.load(folder))


@pytest.mark.parametrize(
    "damage",
    [
        lambda contents: b"",
        lambda contents: contents[:3],
        lambda contents: contents[:-1],
        lambda contents: contents + b"\0",
        lambda contents: contents[:-1] + bytes([contents[-1] ^ 1]),
        lambda contents: b"\x80" + contents[1:],
    ],
    ids=["empty", "cut in the header", "cut", "longer", "one bit", "header"],
)
def test_damaged_cache_is_rebuilt(folder, damage):
    mnist.load(folder)
    path = folder / "cache" / IMAGES
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    check(mnist.load(folder))
    assert path.read_bytes() == whole
    assert names(folder / "cache") == CACHED


def test_a_cache_is_hashed_once_and_again_when_it_has_changed(folder, monkeypatch):
    hashed, sha256 = [], hashlib.sha256

    def counted(contents=b""):
        hashed.append(len(contents))
        return sha256(contents)

    monkeypatch.setattr(mnist.hashlib, "sha256", counted)
    mnist.load(folder)
    for seconds, times in (mnist.SETTLED, 4), (mnist.SETTLED, 4), (-1.0, 4), (-1.0, 0):  # −1: as if it were long ago
        monkeypatch.setattr(mnist, "SETTLED", seconds)
        hashed.clear()
        check(mnist.load(folder))
        assert len(hashed) == times
    time.sleep(0.05)  # longer than the clock of a file system stands still
    path = folder / "cache" / IMAGES
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    hashed.clear()
    check(mnist.load(folder))
    assert hashed


IMAGES_IDX = idx(ARRAYS["train_images"])


@pytest.mark.parametrize(
    ("contents", "expected", "found"),
    [
        (b"\x80\x04" + IMAGES_IDX[2:], "the magic number 00000803", "found 80040803"),
        (b"", "the magic number 00000803", "found nothing"),
        (idx(ARRAYS["train_labels"]), "the magic number 00000803", "found 00000801"),
        (IMAGES_IDX[:-1], f"{len(IMAGES_IDX)} bytes", f"found {len(IMAGES_IDX) - 1}"),
        (IMAGES_IDX[:6], f"{len(IMAGES_IDX)} bytes", "found 6"),
        (IMAGES_IDX + bytes(1000), f"{len(IMAGES_IDX)} bytes", "found more"),
        (idx(ARRAYS["train_images"].reshape(28, 7, 28)), r"the shape \(7, 28, 28\)", r"found \(28, 7, 28\)"),
        (idx(255 - ARRAYS["train_images"]), f"the SHA-256 digest {FILES['train_images'].sha256}", "found [0-9a-f]{64}"),
    ],
    ids=["magic", "empty", "labels", "cut", "cut in the header", "longer", "shape", "values"],
)
def test_wrong_contents_are_refused(folder, contents, expected, found):
    put(folder, IMAGES, contents)
    with pytest.raises(ValueError, match=rf"{IMAGES}\.gz .*: expected {expected}, {found}\. .*{RESTORE}"):
        mnist.load(folder)


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (lambda packed: packed[: len(packed) // 2], "ended before"),
        (lambda packed: packed[:-1], "ended before"),
        (lambda packed: b"<html>" + packed, "Not a gzipped file"),
        (lambda packed: packed[:10] + b"\xff" + packed[11:], "decompressing"),
        (lambda packed: packed[:-8] + bytes(4) + packed[-4:], "CRC"),
    ],
    ids=["cut in the middle", "cut at the end", "a web page", "no deflate stream", "checksum"],
)
def test_damaged_gzip_files_are_refused(folder, damage, found):
    path = folder / f"{IMAGES}.gz"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match=rf"{IMAGES}\.gz .*whole gzip file.*{found}.*{RESTORE}"):
        mnist.load(folder)


def test_missing_and_unreadable_files(folder):
    path = folder / f"{IMAGES}.gz"
    path.unlink()
    with pytest.raises(FileNotFoundError, match=rf"{IMAGES}\.gz is missing.*{RESTORE}"):
        mnist.load(folder)
    path.mkdir()
    with pytest.raises(OSError, match=rf"{IMAGES}\.gz cannot be read.*{RESTORE}"):
        mnist.load(folder)


def test_an_altered_list_of_digests_makes_no_altered_file_right(folder):
    altered = idx(255 - ARRAYS["train_images"])
    put(folder, IMAGES, altered)
    (folder / "SHA256SUMS").write_text(f"{hashlib.sha256(altered).hexdigest()}  {IMAGES}\n")
    with pytest.raises(ValueError, match="SHA-256"):
        mnist.load(folder)


# Another process, told the folder; it loads when its standard input ends.
PROCESS = """
import os, sys, time
from pathlib import Path
from workbench import files
from workbench.data import mnist

folder = Path(sys.argv[1])
mnist.FILES = {field: mnist.File(*file) for field, file in FILES.items()}
files.user_cache = lambda: folder.parent / "user"
BEFORE
os.write(1, b"ready\\n")  # in one piece; print makes two, and lines of many processes get mixed
sys.stdin.read()
os.write(1, f"{[int(array.sum()) for array in mnist.load(folder)]}\\n".encode())
os._exit(0)  # Python's own end takes a forked process ten times as long as all the rest
"""


def process(folder, before):
    files = repr({field: tuple(file) for field, file in FILES.items()})
    return subprocess.Popen(
        [sys.executable, "-c", PROCESS.replace("FILES.items", f"{files}.items").replace("BEFORE", before), folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},  # threads and fork do not go together
    )


THIRTY = """
def slow(path, contents):  # so that all are writing before the first is done
    with path.open("wb") as stream:
        for half in contents[:200], contents[200:]:
            stream.write(half)
            stream.flush()
            time.sleep(0.05)

Path.write_bytes = slow
for _ in range(29):
    if os.fork() == 0:
        break
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="thirty fresh interpreters would take many seconds")
def test_thirty_processes_at_once(folder):
    (folder / "cache").mkdir()
    (folder / "cache" / IMAGES).write_bytes(IMAGES_IDX[:-1])
    with process(folder, THIRTY) as thirty:
        assert [thirty.stdout.readline() for _ in range(30)] == ["ready\n"] * 30
        said, _ = thirty.communicate("")
    assert said.splitlines() == [str([int(array.sum()) for array in ARRAYS.values()])] * 30
    assert names(folder / "cache") == CACHED
    assert not (folder.parent / "user").exists()  # none was pushed aside


def test_the_first_to_store_is_shared_by_all(folder):
    place = folder / "cache" / IMAGES
    mnist.load(folder)
    first = place.stat()
    mnist._stored(place, IMAGES_IDX, FILES["train_images"])
    assert os.path.samestat(place.stat(), first)


KILLED = """
def killed(path, contents):
    with path.open("wb") as stream:
        stream.write(contents[:1000])
        stream.flush()
        os._exit(9)

Path.write_bytes = killed
"""


def test_leftovers_of_a_killed_process_are_not_used_and_do_not_stay(folder):
    with process(folder, KILLED) as killed:
        killed.communicate("")
    assert killed.returncode == 9
    (left,) = (folder / "cache").iterdir()
    assert left.stat().st_size == 1000

    check(mnist.load(folder))
    assert left.exists()  # it may be that of a process which still writes
    long_ago = left.stat().st_mtime - files.ABANDONED - 60
    os.utime(left, (long_ago, long_ago))
    check(mnist.load(folder))
    assert names(folder / "cache") == CACHED


@pytest.mark.parametrize("shape", [(5, 28, 28), (5, 784), (1, 28, 28)])
def test_pixels(shape):
    images = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    images.flat[:2] = 0, 255
    x = mnist.pixels(images)
    assert x.shape == (shape[0], 784)
    assert x.dtype == np.float32
    np.testing.assert_array_almost_equal_nulp(x, (images.reshape(-1, 784) / 255).astype(np.float32), 1)
    assert (x.min(), x.max()) == (0, 1)


def test_pixels_of_no_images():
    assert mnist.pixels(np.empty((0, 28, 28), np.uint8)).shape == (0, 784)


@pytest.mark.parametrize(
    "images",
    [
        np.zeros((28, 28), np.uint8),
        np.zeros((2, 28), np.uint8),
        np.zeros((2, 1, 28, 28), np.uint8),
        np.zeros((2, 784)),
        np.uint8(3),
    ],
)
def test_pixels_refuses_what_are_no_images(images):
    with pytest.raises(ValueError, match=r"images is .* allowed: uint8 \(n, 28, 28\) or \(n, 784\)"):
        mnist.pixels(images)


def test_the_real_digits():
    digits = mnist.load()
    assert [array.shape for array in digits] == [(60000, 28, 28), (60000,), (10000, 28, 28), (10000,)]
    assert np.bincount(digits.train_labels).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(digits.test_labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert digits.train_labels[:5].tolist() == [5, 0, 4, 1, 9]
    # The MD5 digest that other projects publish for the training images, header included.
    md5 = hashlib.md5(struct.pack(">4I", 0x803, 60000, 28, 28), usedforsecurity=False)
    md5.update(digits.train_images)
    assert md5.hexdigest() == "6bbc9ace898e44ae57da46a324031adb"


def test_bundled_files_are_those_of_the_list():
    listed = [line.split() for line in (mnist.FOLDER / "SHA256SUMS").read_text(encoding="utf-8").splitlines()]
    assert {(digest, name) for digest, name in listed} == {(file.sha256, file.name) for file in mnist.FILES.values()}
    for file in mnist.FILES.values():
        mnist._unpacked(mnist.FOLDER / f"{file.name}.gz", file)


def anonymous():
    """Bytes of memory behind no file. The kernel's "private" is no measure: it counts a file's pages that nobody else
    maps at the moment, and as dirty those that are not on the disk yet.
    """
    (line,) = [x for x in Path("/proc/self/smaps_rollup").read_text().splitlines() if x.startswith("Anonymous:")]
    return 1024 * int(line.split()[1])


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="needs Linux's account of memory")
def test_digits_take_no_memory_of_their_own():
    mnist.load()
    before = anonymous()
    digits = mnist.load()
    assert sum(int(array.sum()) for array in digits) > 0  # touches every page
    assert anonymous() - before < 5e6
