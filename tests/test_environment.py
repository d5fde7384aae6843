"""What is installed is said once, in requirements*.txt; all other files that speak of it, and the imports, agree."""

import ast
import copy
import os
import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

pytestmark = pytest.mark.machinery

ROOT = Path(__file__).resolve().parent.parent
EXACT = {"numpy", "matplotlib", "contourpy", "ipywidgets", "jupyterlab", "nbval"}  # what outputs of notebooks depend on
# Measured and compared with where they are installed; no requirement.
YARDSTICKS = {"torch", "sklearn", "jax", "optax", "schedulefree"}
OPTIONAL = {"dask"}  # imported when a learner asks for it by name


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def lines(name):
    """The lines of a requirements file that pip acts on."""
    return [line for line in read(name).splitlines() if line and not line.startswith("#")]


def requirements(name):
    """The packages that a requirements file names itself, by their canonical names."""
    found = [Requirement(line) for line in lines(name) if not line.startswith("-")]
    return {canonicalize_name(requirement.name): requirement for requirement in found}


RUNTIME, DEVELOPMENT = requirements("requirements.txt"), requirements("requirements-dev.txt")
CLASS = requirements("requirements-class.txt")
ALL = RUNTIME | DEVELOPMENT
OLDEST = requirements("requirements-oldest.txt")
PROJECT = tomllib.loads(read("pyproject.toml"))
PYTHONS = SpecifierSet(PROJECT["project"]["requires-python"])
MINORS = [minor for minor in range(100) if f"3.{minor}" in PYTHONS]  # of Python 3


def disagreements(environment):
    """Yield what a conda environment says otherwise than requirements.txt and pyproject.toml."""
    *packages, pip = environment["dependencies"]
    if pip != {"pip": ["-r requirements.txt"]}:
        yield f"pip is to install requirements.txt and nothing else, not {pip}"
    names = [re.split("[=<> ]", package)[0] for package in packages]
    if names != ["python", "pip"]:
        yield f"conda is to install python and pip, all else is in requirements.txt; not {names}"
    if packages[0] not in [f"python=3.{minor}" for minor in MINORS]:
        yield f"{packages[0]} is not python=3.x with x one of {MINORS}"


def test_conda_installs_requirements_txt():
    assert list(disagreements(yaml.safe_load(read("environment.yml")))) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda packages: packages.insert(1, "numpy=2.0"), "numpy"),
        (lambda packages: packages.pop(), "pip is to install"),
        (lambda packages: packages[-1]["pip"].append("numpy==2.0"), "numpy==2.0"),
        (lambda packages: packages[-1].update(pip=["-r requirements-dev.txt"]), "requirements-dev.txt"),
        (lambda packages: packages.__setitem__(0, "python=3.10"), "python=3.10"),
        (lambda packages: packages.__setitem__(0, "python"), "python is not python=3.x"),
    ],
)
def test_a_disagreement_is_found(change, said):
    environment = copy.deepcopy(yaml.safe_load(read("environment.yml")))
    change(environment["dependencies"])
    assert said in "\n".join(disagreements(environment))


def test_requirements_files():
    assert lines("requirements.txt")[-1] == "-e ."
    assert lines("requirements-dev.txt")[0] == "-r requirements.txt"
    assert not RUNTIME.keys() & DEVELOPMENT.keys()
    assert ALL.keys() >= EXACT
    assert lines("requirements-class.txt")[0] == "-r requirements-dev.txt"
    assert CLASS.keys() >= OPTIONAL
    assert not CLASS.keys() & ALL.keys()
    for name, requirement in (ALL | CLASS).items():
        operators = sorted(specifier.operator for specifier in requirement.specifier)
        assert operators == ["=="] or (operators == ["<", ">="] and name not in EXACT), str(requirement)


def test_oldest_versions_are_those_of_what_learners_need():
    assert OLDEST.keys() == RUNTIME.keys() | {"pyparsing"}
    for name, requirement in OLDEST.items():
        (oldest,) = requirement.specifier
        assert oldest.operator == "==", str(requirement)
        if name in RUNTIME:
            lowest = next(specifier for specifier in RUNTIME[name].specifier if specifier.operator != "<")
            assert Version(oldest.version) < Version(lowest.version), f"{requirement} is not older than {RUNTIME[name]}"


def test_what_other_versions_leave_out_exists():
    left_out = re.findall(r'--deselect "?(\S+)::(\w+)', read("tools/versions.sh"))
    assert len(left_out) == read("tools/versions.sh").count("--deselect") > 0
    for file, name in left_out:
        assert f"\ndef {name}(" in read(file)


def test_package_repeats_no_requirement():
    assert not {"dependencies", "optional-dependencies", "dynamic"} & PROJECT["project"].keys()
    assert "dependency-groups" not in PROJECT


def test_versions_of_python_agree():
    oldest, newest = MINORS[0], MINORS[-1]
    limits = re.findall(r"sys\.version_info (\S+) \(3, (\d+)\)", read("tools/venv.sh"))
    assert limits == [("<", f"{oldest}"), (">=", f"{newest + 1}")]
    jobs = yaml.safe_load(read(".github/workflows/ci.yml"))["jobs"]
    assert jobs["test"]["strategy"]["matrix"]["python"] == [f"3.{oldest}", f"3.{newest}"]
    runs = [(run["versions"], run["python"]) for run in jobs["versions"]["strategy"]["matrix"]["include"]]
    assert runs == [("oldest", f"3.{oldest}"), ("newest", f"3.{newest}")]
    assert PROJECT["tool"]["ruff"]["target-version"] == f"py3{oldest}"


@pytest.mark.parametrize("name", ALL)
def test_installed_version(name):
    assert version(name) in ALL[name].specifier


@cache
def imported_by(file):
    """The first parts of the modules' names that a file imports."""
    modules = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            modules.add(node.module.partition(".")[0])
    return modules


def imported(folders):
    """The distributions that the Python files in `folders` import, the standard library and our own files left out."""
    files = [file for folder in folders for file in sorted(ROOT.glob(folder))]
    own = {"lessons", "workbench", "tools"} | {file.stem for file in files}
    modules = set().union(*map(imported_by, files))
    distributions = packages_distributions()
    return {
        canonicalize_name(distributions[module][0])
        for module in modules - own - YARDSTICKS - OPTIONAL - sys.stdlib_module_names
    }


def test_imports_are_required():
    used = imported(["helpers.py", "workbench/**/*.py", "lessons/**/*.py"])
    assert {"numpy", "matplotlib", "ipywidgets"} <= used <= RUNTIME.keys()
    used = imported(["*.py", "workbench/**/*.py", "lessons/**/*.py", "tests/*.py", "tools/*.py", "benchmarks/*.py"])
    assert {"pytest", "nbval", "playwright"} <= used <= ALL.keys()


@pytest.mark.slow
def test_an_installed_package_has_all_files_but_the_digits_and_says_so(tmp_path):
    """Made as a wheel is: the packages with their modules and what pyproject.toml names, beside one another."""
    settings = PROJECT["tool"]["setuptools"]
    kinds = ["*.py", *settings["package-data"]["*"]]
    for package in "workbench", "lessons":
        for file in sorted((ROOT / package).rglob("*")):
            if not file.is_file() or "__pycache__" in file.parts or file.suffix == ".md":
                continue
            assert any(file.match(kind) for kind in kinds), f"{file} would not be installed"
            copy = tmp_path / file.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(file.read_bytes())
    for name in settings["py-modules"]:
        (tmp_path / f"{name}.py").write_bytes((ROOT / f"{name}.py").read_bytes())
    code = "from lessons.mnist import figures, experiments\nprint(experiments.best_rates())\n"
    code += "from workbench.data import mnist\nmnist.load()"
    environment = os.environ | {"PYTHONPATH": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path)}
    environment |= {"LOCALAPPDATA": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "'SGD'" in done.stdout, done.stderr
    said = done.stderr.splitlines()[-1]
    assert re.match(r"FileNotFoundError: .* is missing: .* The installed package is without the digits; ", said), said
    assert "git checkout" not in said


def test_nothing_waits_for_a_grammar_that_no_notebook_needs():
    """Two seconds of each process that reads notebooks: workbench/notebooks/schemas.py, pyproject.toml's addopts."""
    assert {"jsonschema", "nbformat"} <= sys.modules.keys()  # which nbval has imported
    assert not [name for name, module in sys.modules.items() if name.startswith("rfc3987_syntax") and module]
