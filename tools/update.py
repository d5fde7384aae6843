"""Bring the course up to date and keep what the learner wrote. Needs Python 3.11 only, no other package.

    python tools/update.py            in a clone: fetch the new course from where the clone came from
    python tools/update.py OLD        in a freshly unpacked ZIP: take over the work from the folder OLD

A cell is as the course delivered it when its id is the digest of its text, as tools/build.py makes ids; front ends
keep the id of a cell that is edited. So the learner's cells are known without the old version. What they wrote in the
cells of an exercise, those before `tutor.check("its name", …)`, goes into the new notebook, wherever that exercise is.
A notebook in which they changed anything stays beside the new one, as 04_momentum-before-1.ipynb.

Nothing of the learner's is written over: copies are made before anything is changed, under names that are free.
"""

import argparse
import hashlib
import itertools
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHECK = re.compile(r"^tutor\.check\(\s*([\"'])(?P<name>.+?)\1(?!.*solution=True)", re.MULTILINE)
KEPT = re.compile(r"-before-\d+$")  # the end of the name of what was kept beside
TRIES = 1000  # names for what is kept beside


class Stop(Exception):
    """Why nothing was changed, or what is left to do, in words."""


# Notebooks


def read(text: str | bytes) -> dict | None:
    """A notebook as JSON, the source of each cell one string; None for what is no notebook."""
    try:
        notebook = json.loads(text)
        for cell in notebook["cells"]:
            cell["source"] = "".join(cell["source"])
            cell["cell_type"]  # KeyError without one
    except (ValueError, TypeError, KeyError):
        return None
    return notebook


def written(notebook: dict) -> str:
    """The text of a notebook as the build and JupyterLab write it."""
    cells = [cell | {"source": cell["source"].splitlines(keepends=True)} for cell in notebook["cells"]]
    return json.dumps(notebook | {"cells": cells}, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def digest(cell: dict) -> str:
    """The id that tools/build.py gives to a cell with this text, without the number of a repetition."""
    return hashlib.sha256(f"{cell['cell_type']}\n{cell['source']}".encode()).hexdigest()[:8]


def delivered(cell: dict, known: set[str]) -> bool:
    """Whether a cell is as the course delivered it. known: ids of the new course, for cells that have lost theirs."""
    if "id" in cell:
        return base_id(cell) == digest(cell)
    return digest(cell) in known or not cell["source"].strip()


def base_id(cell: dict) -> str:
    """The id of a cell, without the number of a repetition."""
    return cell.get("id", "").split("-")[0]


def exercise(cell: dict) -> str | None:
    """The name of the exercise that a cell checks."""
    found = CHECK.search(cell["source"]) if cell["cell_type"] == "code" else None
    return found and found["name"]


@dataclass
class Answer:
    """What a learner wrote for an exercise.

    cells: the cells before the check. edited: the one of them that was the skeleton; None where the skeleton was left
    as it was, and cells were added below. check: the check, where it was changed.
    """

    cells: list[dict]
    edited: dict | None
    check: dict | None


def edited_skeleton(own: list[dict], above: dict, skeleton: str | None) -> dict | None:
    """Which of a learner's cells was the skeleton; None when all were added.

    above: the cell above them. skeleton: the id of the new course's. Ids of added cells are random, and of many forms.
    """
    for cell in own:
        if skeleton is not None and base_id(cell) == skeleton:
            return cell
    if skeleton is not None and skeleton in (base_id(above), digest(above)):
        return None
    if above["cell_type"] == "code" and exercise(above) is None and "id" in above:
        return None  # the skeleton of an older course
    return next((cell for cell in own if re.fullmatch(r"[0-9a-f]{8}(-\d+)?", cell.get("id", "00000000"))), None)


def answers(notebook: dict, known: set[str], skeletons: dict[str, str]) -> dict[str, Answer]:
    """The learner's answers in a notebook, by the names of the exercises.

    known: the ids of the new course. skeletons: those of its skeletons, by the names of the exercises.
    """
    found, cells = {}, notebook["cells"]
    for place, check in enumerate(cells):
        name = exercise(check)
        if name is None or name in found:
            continue
        first = place
        while first and cells[first - 1]["cell_type"] == "code" and not delivered(cells[first - 1], known):
            first -= 1
        own = [cell for cell in cells[first:place] if cell["source"].strip()]
        changed = None if delivered(check, known) else check
        if own or changed:
            above = cells[first - 1] if first else {"cell_type": "markdown", "source": ""}
            found[name] = Answer(own, edited_skeleton(own, above, skeletons.get(name)), changed)
    return found


def has_work(notebook: dict, known: set[str]) -> bool:
    """Whether a learner changed anything but outputs."""
    return not all(delivered(cell, known) for cell in notebook["cells"] if cell["source"].strip())


def with_answers(notebook: dict, work: dict[str, Answer]) -> tuple[dict, list[str], list[str]]:
    """A new notebook with a learner's answers, the names of these, and of those whose skeleton is another one now."""
    cells, taken, renewed = [], [], []
    ids = {cell.get("id") for cell in notebook["cells"]}
    for cell in notebook["cells"]:
        answer = work.get(exercise(cell) or "")
        if answer is None or exercise(cell) in taken:
            cells.append(cell)
            continue
        name = exercise(cell)
        taken.append(name)
        skeleton = None
        if answer.edited is not None and cells and cells[-1]["cell_type"] == "code" and exercise(cells[-1]) is None:
            skeleton = cells.pop()
        for own in answer.cells:
            new = empty(own, ids)
            if skeleton is not None and own is answer.edited:
                if base_id(own) in ("", base_id(skeleton)):
                    new["id"] = skeleton["id"]
                else:
                    renewed.append(name)
                    new["source"] = f"{in_comments(skeleton['source'])}\n\n{own['source']}"
            cells.append(new)
        check = {"source": answer.check["source"]} if answer.check else {}
        cells.append(cell | check | {"outputs": [], "execution_count": None})
    return notebook | {"cells": cells}, taken, renewed


def in_comments(source: str) -> str:
    lines = "\n".join(f"# {line}".rstrip() for line in source.splitlines())
    return f"# The course's exercise begins in another way now:\n#\n{lines}\n#\n# What you wrote:"


def empty(cell: dict, ids: set[str]) -> dict:
    """A cell of the learner's, without outputs, under an id that is in no use."""
    kept = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": cell["source"]}
    number, own = 1, f"own-{digest(cell)}"
    while own in ids:
        number += 1
        own = f"own-{digest(cell)}-{number}"
    ids.add(own)
    return kept | {"id": own}


# Files


def write(path: Path, contents: bytes | str) -> None:
    """Write a file whole or not at all."""
    temporary = path.with_name(f"{path.name}.tmp")
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary.write_bytes(contents.encode() if isinstance(contents, str) else contents)
    os.replace(temporary, path)


def keep(contents: bytes, path: Path) -> Path:
    """Write what `path` held beside it, under a name that is free, or find it there; returns where it is."""
    for number in range(1, TRIES):
        kept = path.with_name(f"{path.stem}-before-{number}{path.suffix}")
        if kept.is_file() and kept.read_bytes() == contents:
            return kept
        if not kept.exists():
            write(kept, contents)
            return kept
    raise Stop(f"There are {TRIES} old versions beside {path.name}: move them away first.")


def listed(names: list[str]) -> str:
    return ", ".join(sorted(names))


@dataclass
class Told:
    """What is said at the end."""

    lines: list[str] = field(default_factory=list)

    def __call__(self, line: str) -> None:
        self.lines.append(line)


def lesson(path: str | Path) -> str:
    """The name of a lesson, without the number, which may change."""
    return re.sub(r"^\d+_", "", Path(path).stem)


def merge(old: dict[str, bytes], new: dict[str, bytes], folder: Path, told: Told) -> dict[str, bytes | str]:
    """The new course's notebooks with the learner's work: a dict from the names of files to what they are to hold.

    old: the learner's notebooks, new: those of the new course, both by their names. Copies of what is replaced are
    written to `folder` at once.
    """
    fresh = {name: read(contents) for name, contents in new.items()}
    lessons = [notebook["cells"] for notebook in fresh.values() if notebook]
    known = {base_id(cell) for cells in lessons for cell in cells}
    pairs = [pair for cells in lessons for pair in itertools.pairwise(cells)]
    skeletons = {exercise(check): base_id(cell) for cell, check in pairs if exercise(check)}
    mine = {name: read(contents) for name, contents in old.items()}
    work = {name: notebook for name, notebook in mine.items() if notebook and has_work(notebook, known)}
    by_lesson = {lesson(name): name for name in new}
    result: dict[str, bytes | str] = {}
    found: dict[str, Answer] = {}
    for name, notebook in mine.items():
        if notebook is None:
            told(f"{name}: it was no notebook any more; it is kept as {keep(old[name], folder / name).name}.")
        elif name in work:
            found |= answers(notebook, known, skeletons)
    placed: dict[str, str] = {}
    for name, notebook in fresh.items():
        same = next((other for other in work if lesson(other) == lesson(name)), None)
        if same and same_course(work[same], notebook):
            result[name] = old[same]  # the course changed nothing here: the learner's stays as it is, outputs too
            placed |= dict.fromkeys(answers(work[same], known, skeletons), name)
            if same != name:
                told(f"{same}: it is {name} now, with all that you wrote in it.")
            continue
        merged, taken, renewed = with_answers(notebook, found) if notebook else (None, [], [])
        result[name] = written(merged) if taken else new[name]
        placed |= dict.fromkeys(taken, name)
        if taken:
            told(f"{name}: the new lesson, with what you wrote for: {listed(taken)}.")
        if renewed:
            told(f"{name}: begins in another way now, look at the cell: {listed(renewed)}.")
    for name in work:
        here = by_lesson.get(lesson(name))
        if here and result[here] is old[name]:
            continue
        kept = keep(old[name], folder / name).name
        lost = [exercise for exercise in answers(work[name], known, skeletons) if exercise not in placed]
        where = "" if here == name else f" The course calls it {here} now." if here else " The course has it no more."
        told(f"{name}: your old notebook, with all you changed in it, is kept as {kept}.{where}")
        if lost:
            told(f"{name}: only there, since the course has these exercises no more: {listed(lost)}.")
    return result


def same_course(work: dict, new: dict | None) -> bool:
    """Whether the course delivers now what the learner's notebook was made from: all that is not theirs, in order."""
    if new is None:
        return False
    delivered_ids = [cell.get("id") for cell in new["cells"]]
    if not all("id" in cell for cell in work["cells"]):
        return False
    theirs = [cell.get("id") for cell in work["cells"] if cell.get("id") in set(delivered_ids)]
    strangers = [
        cell
        for cell in work["cells"]
        if cell.get("id") not in set(delivered_ids) and re.fullmatch(r"[0-9a-f]{8}(-\d+)?", cell.get("id", ""))
    ]
    old = [cell for cell in strangers if base_id(cell) == digest(cell)]  # delivered, and not in the new one
    return theirs == delivered_ids and not old


def is_lesson(name: str) -> bool:
    return bool(re.match(r"\d\d_|playground\b", name)) and name.endswith(".ipynb") and not KEPT.search(Path(name).stem)


# From a folder, for those who have a ZIP


def from_folder(old: Path, root: Path, told: Told) -> None:
    """Take over the work in the folder of an old course; that folder stays as it is."""
    if not (old / "notebooks").is_dir():
        raise Stop(f"{old} is no folder of the course: it has no folder notebooks. Name the folder of your old course.")
    if old.resolve() == root.resolve():
        raise Stop("Run this in the folder of the new course, and name the folder of the old one.")
    here, there = root / "notebooks", old / "notebooks"
    new = {path.name: path.read_bytes() for path in sorted(here.glob("*.ipynb")) if is_lesson(path.name)}
    mine = {path.name: path.read_bytes() for path in sorted(there.glob("*.ipynb")) if is_lesson(path.name)}
    known = {cell.get("id", "") for contents in new.values() for cell in (read(contents) or {"cells": []})["cells"]}
    begun = [name for name, contents in new.items() if (notebook := read(contents)) and has_work(notebook, known)]
    if begun:
        raise Stop(f"You have already written in the new course: {listed(begun)}. Take over the old one before that.")
    for name, contents in merge(mine, new, here, told).items():
        if contents is not new[name]:
            write(here / name, contents)
    for path in sorted(path for path in there.rglob("*") if path.is_file()):
        name = path.relative_to(there)
        if is_lesson(name.name) or any(part.startswith(".") for part in name.parts):
            continue
        if not (here / name).exists():
            write(here / name, path.read_bytes())
            told(f"{name}: your own file, copied.")
        elif (here / name).read_bytes() != path.read_bytes():
            told(f"{name}: your own file, kept as {keep(path.read_bytes(), here / name).name}.")


# With git


def git(*arguments: str, root: Path, check: bool = True) -> subprocess.CompletedProcess:
    """Run git in the course's folder. Raises Stop with what git says."""
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True)
    except FileNotFoundError:
        raise Stop("There is no program git: install it, or unpack a new ZIP and name your old folder.") from None
    if check and done.returncode:
        said = done.stderr.decode(errors="replace").strip() or done.stdout.decode(errors="replace").strip()
        raise Stop(f"git {' '.join(arguments[:2])} failed:\n{said}")
    return done


def names(*arguments: str, root: Path) -> list[str]:
    """The names that a git command with -z prints."""
    return [os.fsdecode(name) for name in git(*arguments, root=root).stdout.split(b"\0") if name]


def contents(commit: str, name: str, root: Path) -> bytes:
    return git("show", f"{commit}:{name}", root=root).stdout


def from_git(root: Path, told: Told) -> None:
    """Fetch the new course and go on from it; what the learner changed is kept."""
    if git("rev-parse", "--is-inside-work-tree", root=root, check=False).returncode:
        raise Stop(
            "This folder is no clone: unpack a new ZIP beside it, and there name this folder; README.md says how."
        )
    if git("rev-parse", "--verify", "--quiet", "MERGE_HEAD", root=root, check=False).returncode == 0:
        raise Stop("A merge is under way: end it by `git commit` or `git merge --abort`, then try again.")
    upstream = git("rev-parse", "--abbrev-ref", "--symbolic-full-name", "@{upstream}", root=root, check=False)
    if upstream.returncode:
        raise Stop("git does not know where this branch comes from: git branch --set-upstream-to=origin/main")
    git("fetch", "--quiet", root=root)
    new = git("rev-parse", "@{upstream}", root=root).stdout.decode().strip()
    base = git("merge-base", "HEAD", new, root=root, check=False).stdout.decode().strip()
    if not base:
        raise Stop("The new course has no common past with this folder: clone it anew, and there name this folder.")
    if base == new:
        told("The course is up to date.")
        return
    own_commits = base != git("rev-parse", "HEAD", root=root).stdout.decode().strip()
    theirs = set(names("diff", "--name-only", "-z", "--no-renames", base, new, root=root))
    mine = set(
        names("diff", "--name-only", "-z", "--no-renames", base, root=root)
    )  # commits, and what is in the folder
    untracked = set(names("ls-files", "--others", "-z", root=root)) & theirs
    notebooks = {name for name in mine if name.startswith("notebooks/") and is_lesson(Path(name).name)}
    old = {Path(name).name: (root / name).read_bytes() for name in sorted(notebooks) if (root / name).is_file()}
    listing = names("ls-tree", "-r", "-z", "--name-only", new, "notebooks/", root=root)
    fresh = {Path(name).name: contents(new, name, root) for name in listing if is_lesson(Path(name).name)}
    # Copies first: from here on whatever stops this loses nothing.
    for name in sorted(untracked | ((mine & theirs) - notebooks)):
        path = root / name
        if path.is_file() and (name not in listing or path.read_bytes() != contents(new, name, root)):
            told(f"{name}: the course has a new one; yours is kept as {keep(path.read_bytes(), path).name}.")
    result = merge(old, fresh, root / "notebooks", told)
    replaced = sorted((mine & theirs) | untracked | notebooks)
    for name in replaced:
        if name in untracked:
            (root / name).unlink()
        elif git("cat-file", "-e", f"HEAD:{name}", root=root, check=False).returncode == 0:
            git("checkout", "--quiet", "HEAD", "--", name, root=root)
        else:  # added and not committed
            git("rm", "--quiet", "--force", "--cached", "--ignore-unmatch", "--", name, root=root)
            (root / name).unlink(missing_ok=True)
    if own_commits:
        merge_commits(new, theirs, root, told)
    else:
        git("merge", "--quiet", "--ff-only", new, root=root)
    for name, text in result.items():
        data, path = text.encode() if isinstance(text, str) else text, root / "notebooks" / name
        if not path.is_file() or path.read_bytes() != data:
            write(path, data)
    changed = {Path(name).name for name in theirs if name.startswith("notebooks/")} & fresh.keys()
    told(
        f"New: {listed([Path(name).stem for name in changed])}." if changed else "The course is new; no lesson changed."
    )


def merge_commits(new: str, theirs: set[str], root: Path, told: Told) -> None:
    """Merge the new course into a branch with commits of the learner's own.

    theirs: the files that the course changed. They become the course's, whatever git makes of them: notebooks that
    were merged line by line are none, and what the learner changed in others is kept beside them.
    """
    git("merge", "--quiet", "--no-commit", "--no-ff", new, root=root, check=False)
    if git("rev-parse", "--verify", "--quiet", "MERGE_HEAD", root=root, check=False).returncode:
        raise Stop("git could not begin to merge the new course; look at `git status`.")
    for name in {*theirs, *names("diff", "--name-only", "-z", "--diff-filter=U", root=root)}:
        if git("cat-file", "-e", f"{new}:{name}", root=root, check=False).returncode == 0:
            git("checkout", "--quiet", new, "--", name, root=root)
        else:
            git("rm", "--quiet", "--force", "--ignore-unmatch", "--", name, root=root)
    git("commit", "--quiet", "--no-edit", root=root)
    told("Your own commits are kept; the new course was merged into them.")


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    parser = argparse.ArgumentParser(description="Bring the course up to date and keep what you wrote.")
    parser.add_argument("old", nargs="?", type=Path, metavar="OLD", help="the folder of the old course, for a new ZIP")
    options = parser.parse_args(arguments)
    told = Told()
    try:
        if options.old is None:
            from_git(root, told)
        else:
            from_folder(options.old, root, told)
    except (Stop, OSError) as error:
        print(*told.lines, error, sep="\n", file=sys.stderr)
        return 1
    print(*told.lines or ["There was nothing of yours to take over."], sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
