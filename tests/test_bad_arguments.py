"""Bad arguments: everything that a learner can call refuses them, and says which one, what it is, what is allowed."""

import ast
import importlib
import inspect
import pkgutil
import re
from fnmatch import fnmatch
from pathlib import Path

import jupytext
import pytest
from argument_cases import ELSEWHERE, OURS, ROWS

import workbench

pytestmark = pytest.mark.machinery

ROOT = Path(__file__).resolve().parent.parent

CASES = [(name, argument) for name, row in ROWS.items() for argument in row.bad]


@pytest.mark.parametrize("name", ROWS)
def test_the_good_arguments_are_taken(name):
    ROWS[name].function(**ROWS[name].good)


@pytest.mark.parametrize(("name", "argument"), CASES)
def test_a_bad_argument_is_refused_by_name(name, argument):
    row = ROWS[name]
    called = "|".join(filter(None, [argument, row.called.get(argument)]))
    words = re.compile(rf"(test )?({called})(\[.*\]|\(.*\))? (is|has|have|returned) .*; allowed: .", re.DOTALL)
    wrong = []
    for value in row.bad[argument]:
        try:
            result = row.function(**row.good | {argument: value})
        except (ValueError, TypeError) as error:
            if not words.match(str(error)):
                wrong.append(f"{value!r:.60}: {type(error).__name__}: {error}")
        except Exception as error:
            wrong.append(f"{value!r:.60}: {type(error).__name__}: {error}")
        else:
            wrong.append(f"{value!r:.60} is taken: {result!r:.60}")
    assert not wrong, "\n".join(["", *wrong])


# Nothing public is left out.


def public():
    """From the names of all public functions, constructors and methods of helpers and workbench to what they are."""
    found = {}
    for name in ["helpers", *(f"workbench.{module.name}" for module in pkgutil.iter_modules(workbench.__path__))]:
        module, short = importlib.import_module(name), name.removeprefix("workbench.")
        for key, thing in vars(module).items():
            if key.startswith("_") or getattr(thing, "__module__", None) != name:
                continue
            if inspect.isclass(thing):
                names = [n for n in vars(thing) if not n.startswith("_") or n in ("__init__", "__call__")]
                methods = {n: vars(thing)[n] for n in names if inspect.isfunction(vars(thing)[n])}
                found |= {f"{short}.{key}.{n}": method for n, method in methods.items()}
            elif callable(thing):
                found[f"{short}.{key}"] = thing
    return found


PUBLIC = public()


def arguments(name):
    names = inspect.signature(PUBLIC[name]).parameters
    return [n for n in names if n != "self"]


def lists(name, patterns):
    return any(fnmatch(name, pattern) for pattern in patterns)


def test_everything_public_has_a_row():
    asked = {name for name in PUBLIC if arguments(name)}
    without = {name for name in asked if name not in ROWS and not lists(name, [*OURS, *ELSEWHERE])}
    assert not without, f"neither a row in argument_cases.py nor named among OURS or ELSEWHERE: {sorted(without)}"
    twice = {name for name in ROWS if lists(name, [*OURS, *ELSEWHERE])}
    assert not twice
    gone = {name for name in ROWS if not name.endswith("()")} - PUBLIC.keys()
    assert not gone
    assert all(any(fnmatch(name, pattern) for name in PUBLIC) for pattern in [*OURS, *ELSEWHERE])


@pytest.mark.parametrize("name", [name for name in ROWS if not name.endswith("()")])
def test_every_argument_has_its_values(name):
    row = ROWS[name]
    without = set(arguments(name)) - row.bad.keys() - set(row.free)
    assert not without, f"no bad values for {sorted(without)}"
    assert all(len(values) >= 5 for values in row.bad.values())


def named_in_lessons():
    """The functions and classes of workbench that a cell of a lesson names: {"network.MLP", …}."""
    found = set()
    for path in sorted((ROOT / "lessons").glob("*.md")):
        cells = [cell.source for cell in jupytext.read(path).cells if cell.cell_type == "code"]
        tree = ast.parse("\n".join(cells))
        modules = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module.startswith("workbench"):
                package = node.module.removeprefix("workbench").removeprefix(".")
                found |= {f"{package}.{alias.name}" for alias in node.names}
                modules |= {alias.asname or alias.name: alias.name for alias in node.names if not package}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
                found.add(f"{modules[node.value.id]}.{node.attr}")
    return found


def test_what_is_called_by_our_own_code_only_stands_in_no_lesson():
    named = named_in_lessons()
    assert {"network.MLP", "theory.best_lr", "digits.picture"} <= named
    ours = {name for name in PUBLIC if arguments(name) and lists(name, OURS) and not lists(name, ELSEWHERE)}
    assert not {name for name in ours if name in named or name.removesuffix(".__init__") in named}
