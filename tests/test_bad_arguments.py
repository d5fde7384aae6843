"""Bad arguments: everything that a lesson names refuses them, and says which one, what it is, what is allowed.

What is bad, and what is good, comes from the declarations beside the functions (workbench/checks).
"""

import ast
import importlib
import inspect
import pkgutil
import re
from contextlib import suppress
from fnmatch import fnmatch
from pathlib import Path

import argument_cases
import jupytext
import pytest
from argument_cases import ELSEWHERE, HELPERS, OURS, RETURNED

import helpers
import workbench
from workbench.checks import OPTIMIZER, Anything, Kind, OrNone

pytestmark = pytest.mark.machinery

ROOT = Path(__file__).resolve().parent.parent


def our_modules():
    names = [module.name for module in pkgutil.walk_packages(workbench.__path__, "workbench.") if not module.ispkg]
    names.remove("workbench.tutoring.answers")  # what learners write
    folders = sorted((ROOT / "lessons").glob("*/*.py"))
    names += [f"lessons.{path.parent.name}.{path.stem}" for path in folders if path.stem in ("experiments", "figures")]
    return [helpers, *map(importlib.import_module, names)]


MODULES = our_modules()
NAMES = [module.__name__ for module in MODULES]
# Rooms of workbench, and what else short names leave out.
SILENT = "workbench", "lessons", "networks", "descent", "drawing", "tutoring", "data"


def cases(name):
    """What argument_cases.py and the lessons' arguments.py call `name`, in one dict."""
    found = dict(getattr(argument_cases, name))
    for path in sorted((ROOT / "lessons").glob("*/arguments.py")):
        lesson = path.parent.name
        own = getattr(importlib.import_module(f"lessons.{lesson}.arguments"), name, {})
        if name == "CALLED":
            found |= {argument: "|".join(filter(None, [found.get(argument), own[argument]])) for argument in own}
        else:
            found |= {f"{lesson}.{key}" if isinstance(key, str) else key: value for key, value in own.items()}
    return found


OBJECTS, GOOD, RELATIONS, CALLED = map(cases, ("OBJECTS", "GOOD", "RELATIONS", "CALLED"))


def short(thing):
    """network.MLP for workbench.networks.network.MLP, adam.experiments.drift for lessons.adam.experiments.drift."""
    parts = [part for part in thing.__module__.split(".") if part not in SILENT]
    module = ".".join(parts)
    return f"{module}.{thing.__qualname__}"


def constructor(kind):
    """The function that makes an object of a class, if the class or one of ours that it inherits from writes one."""
    for ancestor in kind.__mro__:
        if ancestor in CLASSES:
            for name in "__init__", "__new__":
                if inspect.isfunction(vars(ancestor).get(name)):
                    return vars(ancestor)[name]
    return None


def own(kind):
    """The methods that a class itself writes, by name."""
    return {name: method for name, method in vars(kind).items() if inspect.isfunction(method)}


THINGS = [
    thing
    for module in MODULES
    for name, thing in vars(module).items()
    if getattr(thing, "__module__", None) == module.__name__ and not name.startswith("_") and callable(thing)
]
CLASSES = [thing for thing in THINGS if inspect.isclass(thing)]
FUNCTIONS = [thing for thing in THINGS if inspect.isfunction(thing)]


def declared():
    """From the names of all that is declared to how it is called, and the constraints of its arguments."""
    found = {short(f): (f, f.constraints) for f in FUNCTIONS if hasattr(f, "constraints")}
    for kind in CLASSES:
        if hasattr(constructor(kind), "constraints") and not hasattr(kind, "rule"):
            found[short(kind)] = kind, constructor(kind).constraints
        for name, method in own(kind).items():
            if hasattr(method, "constraints") and name not in ("__init__", "__new__"):
                found[f"{short(kind)}.{name}"] = of_object(kind, name), method.constraints
    return found | RETURNED


def of_object(kind, name):
    return lambda **arguments: getattr(OBJECTS[kind](), name)(**arguments)


DECLARED = declared()
CASES = [
    (name, argument)
    for name, (_, constraints) in DECLARED.items()
    for argument, constraint in constraints.items()
    if not isinstance(constraint, Anything)
]


def example(constraint):
    """An argument that a constraint allows: its first good value, or an object of its class."""
    if constraint.good():
        return constraint.good()[0]
    if isinstance(constraint, OrNone):
        return None
    if constraint is OPTIMIZER:
        return helpers.SGD()
    if isinstance(constraint, Kind):
        return OBJECTS[constraint.kinds]()
    raise LookupError(f"argument_cases.py has no example of {constraint.allowed}")


def good_arguments(name):
    given = GOOD.get(name, {})
    examples = {n: example(constraint) for n, constraint in DECLARED[name][1].items() if n not in given}
    return given | examples


def words(argument):
    """What the message of a refused argument must look like."""
    called = f"{re.escape(argument)}|{CALLED[argument]}" if argument in CALLED else re.escape(argument)
    return re.compile(rf"({called})(\[.*\]|\(.*\))* (is|are|has|have|returned) .*; allowed: .", re.DOTALL)


class Refused(Exception):
    """A ValueError in the words of those that tell what is allowed."""


def refusing(function):
    def call(**arguments):
        try:
            return function(**arguments)
        except ValueError as error:
            raise Refused if "; allowed: " in str(error) else error from error

    return call


def not_refused(function, good, argument, values, message):
    """A line for each value that is taken, or refused in other words."""
    for value in values:
        try:
            result = function(**good | {argument: value})
        except (ValueError, TypeError) as error:
            if not message.match(str(error)):
                yield f"{value!r:.60}: {type(error).__name__}: {error}"
        except Exception as error:
            yield f"{value!r:.60}: {type(error).__name__}: {error}"
        else:
            yield f"{value!r:.60} is taken: {result!r:.60}"


@pytest.mark.slow
@pytest.mark.parametrize("name", DECLARED)
def test_good_arguments_are_taken(name):
    DECLARED[name][0](**good_arguments(name))


@pytest.mark.parametrize(("name", "argument"), CASES)
def test_a_bad_argument_is_refused_by_name(name, argument):
    function, constraints = DECLARED[name]
    bad = constraints[argument].bad()
    assert len(bad) >= 5
    wrong = list(not_refused(function, good_arguments(name), argument, bad, words(argument)))
    assert not wrong, "\n".join(["", *wrong])


@pytest.mark.slow
@pytest.mark.parametrize(("name", "argument"), CASES)
def test_what_a_constraint_allows_is_taken_or_does_not_fit_the_others(name, argument):
    function, constraints = DECLARED[name]
    given = GOOD.get(name, {})
    for k, value in enumerate(constraints[argument].good()):
        constraints[argument].check(argument, value)
        if value is None and given.get(argument) is not None:
            continue  # the default, which a whole training stands behind where GOOD has something shorter
        if k == 0 and argument not in given:
            continue  # the example of `good_arguments`: with it, test_good_arguments_are_taken has made this very call
        with suppress(Refused):  # for a relation to another argument; any other error is a hole
            refusing(function)(**good_arguments(name) | {argument: value})


@pytest.mark.parametrize(("name", "argument"), [(name, argument) for name in RELATIONS for argument in RELATIONS[name]])
def test_arguments_that_do_not_fit_are_refused_by_name(name, argument):
    values = RELATIONS[name][argument]
    wrong = list(not_refused(DECLARED[name][0], good_arguments(name), argument, values, words(argument)))
    assert not wrong, "\n".join(["", *wrong])


@pytest.mark.parametrize(("name", "argument"), [(name, argument) for name in HELPERS for argument in HELPERS[name].bad])
def test_the_optimizers_refuse_bad_arguments_by_name(name, argument):
    row = HELPERS[name]
    row.function(**row.good)
    called = "|".join(filter(None, [argument, row.called.get(argument)]))
    message = re.compile(rf"({called})(\[.*\])? (is|has) .*; allowed: .", re.DOTALL)
    wrong = list(not_refused(row.function, row.good, argument, row.bad[argument], message))
    assert not wrong, "\n".join(["", *wrong])


# Nothing that a lesson names is left out.


def without_declaration(function, constraints=None):
    """The arguments of a function that are not declared; settings of a live figure are checked by their controls."""
    parameters = inspect.signature(function).parameters.items()
    names = [name for name, p in parameters if name not in ("self", "cls") and p.kind is not p.VAR_KEYWORD]
    return [name for name in names if name not in (constraints or getattr(function, "constraints", {}))]


def named_in_lessons():
    """What code cells name of ours, {short name: function or class}, and the names of all attributes in them."""
    found, attributes = {}, set()
    for path in sorted((ROOT / "lessons").glob("*/lesson.md")):
        cells = [cell.source for cell in jupytext.read(path).cells if cell.cell_type == "code"]
        tree = ast.parse("\n".join(cells))
        names = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names |= {alias.asname or alias.name: importlib.import_module(alias.name) for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                module = importlib.import_module(node.module)
                for alias in node.names:
                    if not hasattr(module, alias.name):
                        importlib.import_module(f"{node.module}.{alias.name}")
                    names[alias.asname or alias.name] = getattr(module, alias.name)
        things = list(names.values())
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                owner = names.get(node.value.id) if isinstance(node.value, ast.Name) else None
                if inspect.ismodule(owner):
                    things.append(getattr(owner, node.attr))
                else:
                    attributes.add(node.attr)
        found |= {short(thing): thing for thing in things if getattr(thing, "__module__", None) in NAMES}
    return found, attributes


NAMED, ATTRIBUTES = named_in_lessons()


def is_ours(name):
    return any(fnmatch(name, pattern) for pattern in OURS)


def test_everything_that_a_lesson_names_is_declared():
    assert {"network.MLP", "theory.best_lr", "digits.picture", "helpers.SGD", "training.train"} <= NAMED.keys()
    missing = {}
    for name, thing in NAMED.items():
        function = constructor(thing) if inspect.isclass(thing) else thing
        if name not in HELPERS and name not in ELSEWHERE and function and function.__module__ != "helpers":
            missing[name] = without_declaration(function)
    for kind in CLASSES:
        for name, method in own(kind).items():
            called = name in ATTRIBUTES - {"_replace"} or (name == "__call__" and kind in NAMED.values())
            if called and not is_ours(f"{short(kind)}.{name}") and kind.__module__ != "helpers":
                missing[f"{short(kind)}.{name}"] = without_declaration(method)
    missing = {name: arguments for name, arguments in missing.items() if arguments}
    assert not missing, f"without a declaration: {missing}"


def test_every_exception_is_one():
    methods = [f"{short(kind)}.{name}" for kind in CLASSES for name in own(kind)]
    assert not [pattern for pattern in OURS if not any(fnmatch(name, pattern) for name in methods)]
    assert not {*ELSEWHERE} - NAMED.keys()
    assert not [name for name in (*GOOD, *RELATIONS) if name not in DECLARED]
    assert not [name for name in NAMED if name.startswith("helpers.") and name not in HELPERS]
