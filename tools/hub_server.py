"""What a hub starts for a learner: it makes or renews their own copy of the notebooks, and becomes their server.

The course lies in a folder that learners cannot write to; their copy is ~/downhill. When the course has become a newer
one since, what they wrote goes into the new notebooks as with `make update`, and what cannot is kept beside them, so
that nothing conflicts and no old line stays behind unseen.
"""

import hashlib
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import update  # noqa: E402

STAMP = ".course"  # in the copy: which course it was made from


def renew(course: Path, copy: Path) -> list[str]:
    """Make or renew the copy of a course's notebooks; returns what a learner must know of it, in sentences."""
    here, told = copy / "notebooks", update.Told()
    delivered = sorted((course / "notebooks").glob("*.ipynb"))
    new = {path.name: path.read_bytes() for path in delivered if update.is_lesson(path.name)}
    digest = hashlib.sha256(b"".join(new.values())).hexdigest()
    stamp = copy / STAMP
    if stamp.is_file() and stamp.read_text() == digest:
        return []
    mine = {path.name: path.read_bytes() for path in sorted(here.glob("*.ipynb")) if update.is_lesson(path.name)}
    here.mkdir(parents=True, exist_ok=True)
    result = update.merge(mine, new, here, told)
    for name in mine.keys() - result.keys():
        (here / name).unlink()  # under another name now, or kept beside
    for name, contents in result.items():
        update.write(here / name, contents)
    update.write(stamp, digest)
    return told.lines


if __name__ == "__main__":
    try:
        print(*renew(ROOT, Path.home() / "downhill"), sep="\n")
    except (OSError, update.Stop) as error:  # a full disk must not keep the learner from what is there
        print(f"The copy of the course could not be renewed: {error}", file=sys.stderr)
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "jupyterhub.singleuser", *sys.argv[1:]])
