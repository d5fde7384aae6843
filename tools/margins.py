"""Measure how far asserted numbers lie from their bounds: python -m tools.margins [PYTEST ARGUMENT ...]

The notebooks and all tests that compute are run as several processors compute (tools/processors.py), and every number
that an `assert` compares with a bound is written down. A margin is the distance to the bound, the smallest over all
processors; the spread is the largest difference of that distance between two processors. A bound whose margin is only
a few spreads may fail on the next processor. The tightest are printed.
"""

import ast
import itertools
import json
import linecache
import math
import operator
import os
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import numpy as np

from tools import processors
from tools.processors import ROOT

FOLDER = "DOWNHILL_MARGINS"  # where a process writes what it compared
TIGHTEST = 20
COMPARE = {"Lt": operator.lt, "LtE": operator.le, "Gt": operator.gt, "GtE": operator.ge}  # by their names in ast
COMPARE |= {"Eq": operator.eq, "NotEq": operator.ne}

# In the process that computes


class Comparisons(ast.NodeTransformer):
    """Within each assert, hand the sides of a comparison to `compare`, which compares them as Python would."""

    def visit_Assert(self, node):
        node.test = Sides().visit(node.test)
        return ast.fix_missing_locations(node)


class Sides(ast.NodeTransformer):
    def visit_Compare(self, node):
        self.generic_visit(node)
        names = [type(kind).__name__ for kind in node.ops]
        if not COMPARE.keys() >= set(names):  # in, is
            return node
        operators = ast.Tuple([ast.Constant(name) for name in names], ast.Load())
        arguments = [ast.Constant(ast.unparse(node)), operators, node.left, *node.comparators]
        return ast.copy_location(ast.Call(ast.Name("__compare__", ast.Load()), arguments, []), node)


seen = defaultdict(int)  # how often a place has compared


def compare(code, names, *sides):
    """What Python makes of `a < b <= c`, and a record of each distance; code: the comparison as it is written."""
    left, result = sides[0], True
    for name, right in zip(names, sides[1:], strict=True):
        result = COMPARE[name](left, right)
        if name in ("Lt", "LtE"):
            record(code, lambda left=left, right=right: np.subtract(right, left, dtype=float))
        elif name in ("Gt", "GtE"):
            record(code, lambda left=left, right=right: np.subtract(left, right, dtype=float))
        elif name == "Eq" and hasattr(right, "tolerance"):  # pytest.approx of a number
            record(code, lambda left=left, right=right: right.tolerance - abs(left - right.expected))
        if len(sides) > 2 and not result:
            return result
        left = right
    return result


def record(code, distance):
    """Write down a distance to a bound; what is no number is left out."""
    try:
        with np.errstate(all="ignore"):  # of inf from inf nothing is left to say
            distances = np.ravel(distance()).astype(float)
    except (TypeError, ValueError):
        return
    if distances.size == 0:
        return
    if len(distances) > 100:  # of many only the nearest
        distances = distances.min(keepdims=True)
    test = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" (")[0]
    place = f"{test.partition('::')[0] if '.ipynb' in test else test}  {code}"
    with open(Path(os.environ[FOLDER]) / f"{os.getpid()}.jsonl", "a", encoding="utf-8") as file:
        file.write(json.dumps([place, seen[place], distances.tolist()]) + "\n")
    seen[place] += 1


def closeness(function, rtol, atol):
    """`function`, which compares numbers with a tolerance, with a record of what is left of the tolerance."""

    def measured(a, b, *arguments, **options):
        r, t = options.get("rtol", options.get("rel_tol", rtol)), options.get("atol", options.get("abs_tol", atol))
        caller = sys._getframe(1)
        file = caller.f_code.co_filename
        if "ipykernel" in file or Path(file).parent == ROOT / "tests":  # Matplotlib asks, too
            code = linecache.getline(file, caller.f_lineno).strip()
            if function is math.isclose:
                record(code, lambda: max(r * max(abs(a), abs(b)), t) - abs(a - b))
            else:
                record(code, lambda: t + r * np.abs(b) - np.abs(np.subtract(a, b, dtype=float)))
        return function(a, b, *arguments, **options)

    return measured


def watch_closeness():
    np.isclose, np.allclose = closeness(np.isclose, 1e-5, 1e-8), closeness(np.allclose, 1e-5, 1e-8)
    math.isclose = closeness(math.isclose, 1e-9, 0.0)
    np.testing.assert_allclose = closeness(np.testing.assert_allclose, 1e-7, 0.0)


def pytest_configure(config):
    """As a plugin of pytest: transform the asserts of test files before pytest rewrites them."""
    import builtins

    from _pytest.assertion import rewrite

    builtins.__compare__ = compare
    watch_closeness()
    theirs = rewrite.rewrite_asserts
    rewrite.rewrite_asserts = lambda tree, *others: theirs(Comparisons().visit(tree), *others)


def watch_kernel(shell):
    """In the kernel of a notebook: transform the asserts of its cells."""
    shell.ast_transformers.append(Comparisons())
    shell.user_ns["__compare__"] = compare
    watch_closeness()


STARTUP = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from tools import margins
margins.watch_kernel(get_ipython())
"""

# In the process that asks


def run(folder, variables, arguments):
    """Run the tests with these variables; returns from places to distances."""
    startup, records = folder / "ipython" / "profile_default" / "startup", folder / "records"
    startup.mkdir(parents=True)
    (startup / "watch.py").write_text(STARTUP, encoding="utf-8")
    records.mkdir()
    own = {FOLDER: str(records), "IPYTHONDIR": str(folder / "ipython"), "PYTHONPYCACHEPREFIX": str(folder / "cache")}
    watched = ["-q", "-p", "tools.margins", "-p", "no:cacheprovider", "--hypothesis-seed=0", "--tb=line"]
    processors.run_tests(variables | own, [*watched, *arguments])
    found = {}
    for file in records.glob("*.jsonl"):
        for place, number, distances in map(json.loads, file.read_text(encoding="utf-8").splitlines()):
            found[place, number] = np.array(distances)
    return found


def margins(found):
    """Each bound's margin and spread: (margin / spread, margin, spread, place), the tightest first.

    found: for each processor, from places to distances. Places that not all processors came to are left out.
    """
    rows = {}
    for place in set.intersection(*map(set, found)):
        distances = [one[place] for one in found]
        if len({len(d) for d in distances}) > 1:
            continue
        with np.errstate(invalid="ignore"):
            lowest, spread = np.min(distances, axis=0), np.ptp(distances, axis=0)
        for margin, width in zip(lowest, spread, strict=True):
            if width > 0:
                row = margin / width, margin, width, place[0]
                rows[place[0]] = min(rows.get(place[0], row), row)
    return sorted(rows.values())


def main(arguments):
    here = processors.ask()
    runs = {"own choice": {}} | {
        kernels: variables for kernels, variables in processors.possible(here).items() if kernels not in here["kernels"]
    }
    with tempfile.TemporaryDirectory() as folder:
        found = []
        for kernels, variables in runs.items():
            print(f"\n{kernels}", flush=True)
            found.append(run(Path(folder) / kernels, variables, arguments))
    rows = margins(found)
    places = {place for place, _ in found[0]}
    print(f"\n{len(places)} places compare numbers with bounds; at {len(rows)} the processors differ.")
    print("margin / spread, margin, spread, where")
    for ratio, margin, spread, place in itertools.islice(rows, TIGHTEST):
        print(f"{ratio:8.1f}  {margin:9.3g}  {spread:9.3g}  {place}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
