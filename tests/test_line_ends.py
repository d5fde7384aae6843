"""A clone made with Git for Windows' settings, and an archive without .git, hold what the repository holds."""

import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.machinery,
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("git"), reason="there is no program git"),
]

ROOT = Path(__file__).resolve().parent.parent
IDENTITY = {f"GIT_{who}_{what}": "test" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
NO_SETTINGS = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def git(*arguments, cwd):
    """Run git without the user's settings."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    subprocess.run(["git", *arguments], cwd=cwd, env=environment | IDENTITY | NO_SETTINGS, check=True)


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """A repository of its own with all files of this tree as they are."""
    folder = tmp_path_factory.mktemp("repository") / "course.git"
    here = f"--git-dir={folder}", f"--work-tree={ROOT}"
    git("init", "--quiet", "--bare", folder, cwd=ROOT)
    git(*here, "add", "--all", cwd=ROOT)
    git(*here, "commit", "--quiet", "--message=all", cwd=ROOT)
    return folder


def clone(repository, folder):
    git("clone", "--quiet", "-c", "core.autocrlf=true", repository, folder, cwd=repository)


def archive(repository, folder):
    file = repository / "archive.tar"
    git("-c", "core.autocrlf=true", "archive", f"--output={file}", "HEAD", cwd=repository)
    with tarfile.open(file) as members:
        members.extractall(folder, filter="data")
    assert not (folder / ".git").exists()


@pytest.mark.parametrize("deliver", [clone, archive])
def test_every_file_arrives_with_its_line_ends(repository, tmp_path, deliver):
    deliver(repository, tmp_path / "course")
    files = [path for path in (tmp_path / "course").rglob("*") if path.is_file() and ".git" not in path.parts]
    assert len(files) > 300
    changed = [
        path for path in files if path.read_bytes() != (ROOT / path.relative_to(tmp_path / "course")).read_bytes()
    ]
    assert changed == []
    executed = [path for path in files if path.suffix == ".sh" or path.name in ("Makefile", "run")]
    assert len(executed) >= 4
    assert not any(b"\r" in path.read_bytes() for path in executed)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no make")
@pytest.mark.parametrize("deliver", [clone, archive])
def test_make_lab_starts(repository, tmp_path, deliver):
    """As far as it goes without the network: the shell script runs and looks for a Python."""
    deliver(repository, tmp_path / "course")
    found = subprocess.run(
        ["make", "lab", "PYTHON=no-such-python"], cwd=tmp_path / "course", capture_output=True, text=True
    )
    assert "no-such-python: not found" in found.stderr
    assert "Illegal option" not in found.stderr
