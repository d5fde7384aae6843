"""Slips generated from the solution of an exercise: its code with one thing changed, and what was changed in words.

A slip is what a hand does that means the right thing: a sign, a factor left out, another axis, mean for sum, a line too
early, too late or in the loop, `return` in the loop, an array changed in place that stands in a list already. Whoever
makes one gets its results, so an answer with the same results on all problems can be told where to look.
"""

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

import helpers

LENGTH = 90  # characters of a line that is shown
SWAPS = {  # functions and methods that are taken for each other
    "mean": ("sum", "median"),
    "sum": ("mean", "max"),
    "std": ("var", "mean"),
    "var": ("std",),
    "max": ("min", "mean", "sum"),
    "min": ("max",),
    "argmin": ("argmax",),
    "argmax": ("argmin",),
    "all": ("any",),
    "any": ("all",),
    "maximum": ("minimum",),
    "minimum": ("maximum",),
    "zeros_like": ("ones_like",),
    "zeros": ("ones",),
    "normal": ("uniform",),
    "sqrt": ("square", "abs"),
    "exp": ("log",),
    "log": ("log2", "log10"),
}
OPERATORS = {  # the likely one first
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.Mod: (),
    ast.Pow: (ast.Mult,),
    ast.FloorDiv: (ast.Div,),
}
SIGNS = {ast.Add: "+", ast.Sub: "−", ast.Mult: "*", ast.Div: "/", ast.MatMult: "@", ast.Pow: "**", ast.FloorDiv: "//"}
COMPARED = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.Lt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (),
    ast.NotIn: (),
}
COMPARISONS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}


@dataclass
class Slip:
    """The solution with one thing changed; `words` say what, `answer` is the code that has it, `rank` is low for likely
    slips."""

    words: str
    answer: object = field(repr=False)
    rank: int


def slips(solution: object) -> Iterator[Slip]:
    """All slips of a solution, a function or class, one after the other; none of other things."""
    if not callable(solution):
        return
    tree = ast.parse(textwrap.dedent(inspect.getsource(solution)))
    scope = {"np": np, "helpers": helpers} | vars(inspect.getmodule(solution))
    for words, rank, change in _changes(tree):
        undo = change()
        try:
            names = dict(scope)
            exec(compile(tree, "<slip>", "exec"), names)
            yield Slip(words, names[solution.__name__], rank)
        except (SyntaxError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            continue
        finally:
            undo()


class Tree:
    """A syntax tree whose nodes are replaced and moved; a change is a function that returns its undoing."""

    def __init__(self, tree):
        self.tree, self.nodes = tree, list(ast.walk(tree))
        self.parents = {child: parent for parent in self.nodes for child in ast.iter_child_nodes(parent)}

    def statement(self, node):
        while not isinstance(node, ast.stmt):
            node = self.parents[node]
        return node

    def body(self, statement):
        """The list of statements that a statement stands in."""
        above = self.parents[statement]
        return next(body for body in _bodies(above) if any(x is statement for x in body))

    def replaced(self, node, new):
        """new: a function from the node to what comes in its place, for a statement also a list."""
        above = self.parents[node]

        def change():
            put = new(node)
            for one in put if isinstance(put, list) else [put]:
                ast.copy_location(one, node)
                ast.fix_missing_locations(one)
            for name, value in ast.iter_fields(above):
                if value is node:
                    setattr(above, name, put)
                    return lambda: setattr(above, name, node)
                if isinstance(value, list) and any(x is node for x in value):
                    k = _index(value, node)
                    before = value[:]
                    value[k : k + 1] = (
                        (put or [ast.copy_location(ast.Pass(), node)]) if isinstance(put, list) else [put]
                    )
                    return lambda: value.__setitem__(slice(None), before)
            raise ValueError

        return change

    def moved(self, statement, target, at):
        """A statement to the index `at` of the list `target`; counted after it was taken away."""
        source = self.body(statement)

        def change():
            before, others = source[:], target[:]
            source.remove(statement)
            target.insert(at() if callable(at) else at, statement)

            def undo():
                source[:] = before
                target[:] = others if target is not source else before

            return undo

        return change


def _changes(tree) -> Iterator[tuple[str, int, Callable]]:
    """(words, rank, change) for each thing that can be changed."""
    tree = Tree(tree)
    skipped, known = _left_alone(tree.tree), _names(tree.tree)
    for node in tree.nodes:
        if node in skipped or node not in tree.parents:
            continue
        for words, rank, new in _of_expression(node, tree.parents.get(node), known):
            change = tree.replaced(node, new)
            undo = change()
            line = _first_line(tree.statement(tree.parents[node]))
            undo()
            yield f"{words}, as in `{line}`" if not line.startswith(("def ", "class ")) else words, rank, change
    yield from _of_statements(tree, skipped)
    yield from _of_the_whole(tree.tree)
    yield from _in_all_places(tree, skipped)


def _first_line(statement):
    code = ast.unparse(statement).splitlines()[0]
    return code if len(code) <= LENGTH else code[: LENGTH - 2] + " …"


def _left_alone(tree):
    """The nodes that stay as they are: arguments and their defaults, and `__init__`."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.arguments) or (isinstance(node, ast.FunctionDef) and node.name == "__init__"):
            found |= set(ast.walk(node))
    return found


def _names(tree):
    """For each function of the tree: the names that it knows by itself, and the attributes of self."""
    names, attributes = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and node.arg != "self":
            names.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
            attributes.add(node.attr)
    return sorted(names - {"_"}), sorted(attributes)


def _text(node):
    return ast.unparse(node)


def _constant(value):
    return ast.Constant(value)


def _of_expression(node, parent, known):
    """(words, rank, new node from the old one) for an expression."""
    if isinstance(node, ast.BinOp):
        yield from _of_operation(node)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield f"the minus before `{_text(node.operand)}` left out", 0, lambda n: n.operand
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "`not` left out", 1, lambda n: n.operand
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        for other in COMPARED[type(node.ops[0])]:
            old, new = COMPARISONS[type(node.ops[0])], COMPARISONS[other]
            yield (
                f"`{new}` in place of `{old}`",
                1,
                lambda n, other=other: ast.Compare(n.left, [other()], n.comparators),
            )
    elif isinstance(node, ast.IfExp):
        yield f"`{_text(node.body)}` in all cases", 1, lambda n: n.body
        yield f"`{_text(node.orelse)}` in all cases", 1, lambda n: n.orelse
        yield "the two cases swapped", 1, lambda n: ast.IfExp(n.test, n.orelse, n.body)
    elif isinstance(node, ast.Call):
        yield from _of_call(node)
    elif isinstance(node, ast.Attribute) and node.attr == "inf":
        yield f"0 in place of {_text(node)}", 1, lambda n: _constant(0.0)
    elif isinstance(node, ast.Attribute) and node.attr == "T":
        yield f"`{_text(node.value)}` not transposed", 1, lambda n: n.value
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        yield from _of_subscript(node)
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield from _of_number(node, parent)
    elif isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load) and isinstance(parent, ast.Return):
        for i in range(len(node.elts) - 1):
            yield (
                "two entries of the result swapped",
                2,
                lambda n, i=i: ast.Tuple([*n.elts[:i], n.elts[i + 1], n.elts[i], *n.elts[i + 2 :]], ast.Load()),
            )
    if isinstance(node, ast.Name | ast.Attribute) and node is getattr(parent, "test", None):
        yield f"`not {_text(node)}` in place of `{_text(node)}`", 1, lambda n: ast.UnaryOp(ast.Not(), n)
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        for other in known[0]:
            if other != node.id and node.id in known[0] and not isinstance(parent, ast.Subscript | ast.Call | ast.For):
                yield f"`{other}` in place of `{node.id}`", 4, lambda n, other=other: ast.Name(other, ast.Load())
        if isinstance(parent, ast.Call) and node in parent.args:
            for other in known[0]:
                if other not in (node.id, _list(parent)) and node.id in known[0]:
                    yield f"`{other}` in place of `{node.id}`", 4, lambda n, other=other: ast.Name(other, ast.Load())
        if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.MatMult | ast.Div | ast.Mult):
            yield f"`{node.id}` transposed", 3, lambda n: ast.Attribute(n, "T", ast.Load())
    if (
        isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Load)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
        and node.attr in known[1]
    ):
        for other in known[1]:
            if other != node.attr:
                yield (
                    f"`self.{other}` in place of `self.{node.attr}`",
                    3,
                    lambda n, other=other: ast.Attribute(n.value, other, ast.Load()),
                )
    if isinstance(node, ast.expr) and _is_term(node, parent):
        text = _text(node)
        yield f"the sign of `{text}` turned around", 2, lambda n: ast.UnaryOp(ast.USub(), n)
        yield f"`{text}` taken twice", 3, lambda n: ast.BinOp(_constant(2), ast.Mult(), n)
        yield f"half of `{text}`", 3, lambda n: ast.BinOp(n, ast.Div(), _constant(2))
        yield f"`{text}` squared", 3, lambda n: ast.BinOp(n, ast.Pow(), _constant(2))
        yield f"the root of `{text}`", 3, lambda n: _numpy("sqrt", n)
        yield f"the absolute value of `{text}`", 4, lambda n: _numpy("abs", n)
        yield f"`{text}` replaced by 1", 4, lambda n: _constant(1.0)
        yield f"`{text}` replaced by 0", 4, lambda n: _constant(0.0)
        yield f"1 divided by `{text}`", 4, lambda n: ast.BinOp(_constant(1), ast.Div(), n)


def _numpy(name, argument):
    return ast.Call(ast.Attribute(ast.Name("np", ast.Load()), name, ast.Load()), [argument], [])


def _is_term(node, parent):
    """Whether a node is a factor, a summand, or all that is assigned or returned."""
    if isinstance(node, ast.Constant | ast.Dict | ast.List | ast.Tuple | ast.Compare | ast.DictComp | ast.ListComp):
        return False
    if isinstance(parent, ast.BinOp):
        return True
    if isinstance(parent, ast.Assign | ast.AugAssign | ast.Return):
        return node is parent.value
    return isinstance(parent, ast.Call) and node in parent.args and isinstance(node, ast.BinOp | ast.Name)


def _of_operation(node):
    left, right = _text(node.left), _text(node.right)
    sign = SIGNS.get(type(node.op), "?")
    for other in OPERATORS.get(type(node.op), ()):
        yield (
            f"{SIGNS[other]} in place of {sign}",
            0,
            lambda n, other=other: ast.BinOp(n.left, other(), n.right),
        )
    if isinstance(node.op, ast.Pow):
        yield f"the power of `{left}` left out", 0, lambda n: n.left
        return
    yield f"`{right}` left out", 0, lambda n: n.left
    if isinstance(node.op, ast.Add | ast.Mult | ast.MatMult):
        yield f"`{left}` left out", 0, lambda n: n.right
    if isinstance(node.op, ast.Sub):
        yield f"`{left}` left out", 1, lambda n: n.right
        yield f"`{left}` left out", 1, lambda n: ast.UnaryOp(ast.USub(), n.right)
    if isinstance(node.op, ast.Div):
        yield f"`{left}` replaced by 1", 1, lambda n: ast.BinOp(_constant(1.0), ast.Div(), n.right)
    if isinstance(node.op, ast.Sub | ast.Div | ast.MatMult | ast.FloorDiv):
        yield f"`{left}` and `{right}` swapped", 0, lambda n: ast.BinOp(n.right, n.op, n.left)
    # a / (b + c) written as a / b + c, and (a + b) * c as a + b * c
    if isinstance(node.op, ast.Div | ast.Mult) and isinstance(node.right, ast.BinOp):
        inner = node.right
        if isinstance(inner.op, ast.Add | ast.Sub | ast.Mult):
            yield (
                f"the brackets around `{right}` left out",
                0,
                lambda n: ast.BinOp(ast.BinOp(n.left, n.op, n.right.left), n.right.op, n.right.right),
            )
    if isinstance(node.op, ast.Div | ast.Mult) and isinstance(node.left, ast.BinOp):
        inner = node.left
        if isinstance(inner.op, ast.Add | ast.Sub):
            yield (
                f"the brackets around `{left}` left out",
                0,
                lambda n: ast.BinOp(n.left.left, n.left.op, ast.BinOp(n.left.right, n.op, n.right)),
            )
    if isinstance(node.op, ast.Add | ast.Sub):
        for one in (node.right, node.left):
            if isinstance(one, ast.Call) and len(one.args) == 1 and _name(one) in ("sqrt", "abs", "log", "exp", "max"):
                other = "left" if one is node.right else "right"

                def inside(n, other=other):
                    call = n.right if other == "left" else n.left
                    rest = getattr(n, other)
                    pair = (rest, call.args[0]) if other == "left" else (call.args[0], rest)
                    return ast.Call(call.func, [ast.BinOp(pair[0], n.op, pair[1])], call.keywords)

                yield f"`{_text(getattr(node, other))}` inside of {_name(one)}", 0, inside
    if isinstance(node.op, ast.Add) and isinstance(node.left, ast.BinOp) and isinstance(node.left.op, ast.Mult):
        # a * b + c written as a * (b + c)
        yield (
            f"brackets around `{_text(node.left.right)} + {right}`",
            1,
            lambda n: ast.BinOp(n.left.left, n.left.op, ast.BinOp(n.left.right, n.op, n.right)),
        )


def _name(call):
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _list(call):
    """The name of the list that a call appends to."""
    return _text(call.func.value) if _name(call) == "append" and isinstance(call.func, ast.Attribute) else ""


def _of_call(node):
    name = _name(node)
    for other in SWAPS.get(name, ()):

        def renamed(n, other=other):
            if isinstance(n.func, ast.Attribute):
                return ast.Call(ast.Attribute(n.func.value, other, ast.Load()), n.args, n.keywords)
            return ast.Call(ast.Name(other, ast.Load()), n.args, n.keywords)

        yield f"{other} in place of {name}", 1, renamed
    method = isinstance(node.func, ast.Attribute) and not (
        isinstance(node.func.value, ast.Name) and node.func.value.id in ("np", "helpers", "rng")
    )
    if name not in ("append", "range", "items", "values", "update") and not name.startswith("__"):
        if len(node.args) >= 1 and not method and name not in ("float", "int"):
            yield f"{name} left out", 0, lambda n: n.args[0]
        elif method and name != "startswith":
            yield (
                f"`.{name}({', '.join(map(_text, [*node.args, *(k.value for k in node.keywords)]))})` left out",
                1,
                (lambda n: n.func.value),
            )
    for k, keyword in enumerate(node.keywords):
        without = f"{keyword.arg}={_text(keyword.value)} left out"
        yield without, 1, lambda n, k=k: ast.Call(n.func, n.args, n.keywords[:k] + n.keywords[k + 1 :])
        if keyword.arg == "axis" and isinstance(keyword.value, ast.Tuple):
            for axes in (0, 1), (0, 2), (1, 2), (2, 3):
                yield (
                    f"axis={axes} in place of axis={_text(keyword.value)}",
                    1,
                    lambda n, k=k, axes=axes: ast.Call(
                        n.func,
                        n.args,
                        [
                            *n.keywords[:k],
                            ast.keyword("axis", ast.parse(str(axes), mode="eval").body),
                            *n.keywords[k + 1 :],
                        ],
                    ),
                )
        if keyword.arg == "axis" and isinstance(keyword.value, ast.Constant):
            for other in (0, 1, -1):
                if other != keyword.value.value:
                    yield (
                        f"axis={other} in place of axis={_text(keyword.value)}",
                        1,
                        lambda n, k=k, other=other: ast.Call(
                            n.func,
                            n.args,
                            [*n.keywords[:k], ast.keyword("axis", _constant(other)), *n.keywords[k + 1 :]],
                        ),
                    )
    names = {keyword.arg for keyword in node.keywords}
    if name in ("var", "std") and "ddof" not in names:
        yield (
            "n − 1 in place of n (ddof=1)",
            2,
            lambda n: ast.Call(n.func, n.args, [*n.keywords, ast.keyword("ddof", _constant(1))]),
        )
    if name in ("mean", "sum", "std", "var", "max", "min", "all", "any") and "axis" not in names:
        for axis in (0, 1):
            yield (
                f"an axis={axis}",
                3,
                lambda n, axis=axis: ast.Call(n.func, n.args, [*n.keywords, ast.keyword("axis", _constant(axis))]),
            )
    if name == "range":
        yield (
            "one round of the loop too many",
            1,
            lambda n: ast.Call(
                n.func,
                [*n.args[:-1], ast.BinOp(n.args[-1], ast.Add(), _constant(1))] if len(n.args) < 3 else n.args,
                [],
            ),
        )
        yield (
            "one round of the loop too few",
            1,
            lambda n: ast.Call(
                n.func,
                [*n.args[:-1], ast.BinOp(n.args[-1], ast.Sub(), _constant(1))] if len(n.args) < 3 else n.args,
                [],
            ),
        )
        if len(node.args) == 1:
            yield "the count of the loop from 1", 2, lambda n: ast.Call(n.func, [_constant(1), *n.args], [])
        if len(node.args) == 2:
            yield (
                "the count of the loop from 0",
                0,
                lambda n: ast.Call(n.func, [_constant(0), ast.BinOp(n.args[1], ast.Sub(), _constant(1))], []),
            )
        if len(node.args) == 3:
            yield "the step of the loop left out", 1, lambda n: ast.Call(n.func, n.args[:2], [])
    if len(node.args) == 2 and not node.keywords and not method:
        yield f"the arguments of {name} swapped", 2, lambda n: ast.Call(n.func, n.args[::-1], n.keywords)


def _of_subscript(node):
    index = node.slice
    yield f"`[{_text(index)}]` left out", 2, lambda n: n.value
    if isinstance(index, ast.Slice):
        if index.step is not None:
            yield (
                "the step of the slice left out",
                2,
                lambda n: ast.Subscript(n.value, ast.Slice(n.slice.lower, n.slice.upper, None), n.ctx),
            )
        if index.lower is not None:
            yield (
                f"a slice that begins at 0, not at {_text(index.lower)}",
                2,
                lambda n: ast.Subscript(n.value, ast.Slice(None, n.slice.upper, n.slice.step), n.ctx),
            )
    if _text(index) == "-1":
        yield "the entry before the last", 3, lambda n: ast.Subscript(n.value, _constant(-2), n.ctx)
        yield "the first entry in place of the last", 1, lambda n: ast.Subscript(n.value, _constant(0), n.ctx)
    if isinstance(index, ast.Tuple):
        for i, part in enumerate(index.elts):
            if not (isinstance(part, ast.Slice) and part.lower is part.upper is part.step is None):
                yield (
                    f"`:` in place of `{_text(part)}`",
                    2,
                    lambda n, i=i: ast.Subscript(
                        n.value,
                        ast.Tuple([*n.slice.elts[:i], ast.Slice(), *n.slice.elts[i + 1 :]], ast.Load()),
                        n.ctx,
                    ),
                )


def _of_number(node, parent):
    value = node.value
    if isinstance(parent, ast.Constant | ast.Slice | ast.keyword):
        return
    others = {value + 1, value - 1} if isinstance(value, int) else {1 - value, value * 10, value / 10}
    others |= {2 * value, value / 2} if value not in (0, 1) else set()
    if value == 2:
        others |= {0.5, np.sqrt(2)}
    for other in sorted(others - {value}):
        shown = f"{other:.4g}"
        yield (
            f"{shown} in place of {value}",
            3,
            lambda n, other=other: _constant(
                int(other) if float(other).is_integer() and isinstance(value, int) else float(other)
            ),
        )


def _bodies(node):
    return [
        getattr(node, name)
        for name in ("body", "orelse")
        if isinstance(getattr(node, name, None), list) and not isinstance(node, ast.Module)
    ]


def _index(body, statement):
    return next(k for k, x in enumerate(body) if x is statement)


def _of_statements(tree, skipped):
    """Lines that are missing, too early, too late, in the loop or out of it."""
    for node in tree.nodes:
        for body in () if node in skipped else _bodies(node):
            for k, statement in enumerate(list(body)):
                if not isinstance(statement, ast.FunctionDef | ast.ClassDef):
                    yield from _of_statement(tree, body, k, statement)


def _of_statement(tree, body, k, statement):
    text, replaced = _first_line(statement), tree.replaced
    if isinstance(statement, ast.Expr | ast.AugAssign | ast.If | ast.Assign | ast.For):
        yield f"`{text}` missing", 1, replaced(statement, lambda n: [])
    if isinstance(statement, ast.If):
        yield f"`{text}` left out, and what stands below it always done", 2, replaced(statement, lambda n: n.body)
        if statement.orelse:
            yield f"what stands below `else` of `{text}` always done", 2, replaced(statement, lambda n: n.orelse)
    if k + 1 < len(body) and not isinstance(body[k + 1], ast.Return):
        yield f"`{_first_line(body[k + 1])}` before `{text}`", 1, tree.moved(body[k + 1], body, k)
    if isinstance(statement, ast.AugAssign):
        target = _text(statement.target)
        yield (
            f"`{target} = …` in place of `{target} {SIGNS.get(type(statement.op), '')}= …`".replace("−", "-"),
            1,
            replaced(statement, lambda n: ast.Assign([n.target], n.value)),
        )
        if flip := {ast.Add: ast.Sub, ast.Sub: ast.Add}.get(type(statement.op)):
            sign = "+" if flip is ast.Add else "-"
            yield (
                f"the other sign, `{target} {sign}= …`",
                0,
                replaced(statement, lambda n: ast.AugAssign(n.target, flip(), n.value)),
            )
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Tuple):
        yield from _of_tuple(statement, replaced)
    elif isinstance(statement, ast.Assign):
        yield from _of_assignment(statement, replaced)
    if isinstance(statement, ast.For):
        yield from _of_loop(tree, body, k, statement)
    if isinstance(statement, ast.Return) and isinstance(statement.value, ast.Name):
        for words, rank, part in (
            ("the last entry alone", 0, "[-1]"),
            ("the first entry left out", 1, "[1:]"),
            ("the last entry left out", 1, "[:-1]"),
        ):
            new = ast.parse(f"{statement.value.id}{part}", mode="eval").body
            yield (
                f"{words}, `return {statement.value.id}{part}`",
                rank,
                replaced(statement, lambda n, new=new: ast.Return(new)),
            )


def _of_tuple(statement, replaced):
    """One of several names that are assigned at once keeps its value."""
    values = statement.value
    if isinstance(values, ast.Tuple) and len(values.elts) == len(statement.targets[0].elts):
        for i, target in enumerate(statement.targets[0].elts):

            def without(n, i=i):
                rest = [j for j in range(len(n.value.elts)) if j != i]
                targets = ast.Tuple([n.targets[0].elts[j] for j in rest], ast.Store())
                return ast.Assign([targets], ast.Tuple([n.value.elts[j] for j in rest], ast.Load()))

            yield f"`{_text(target)} = {_text(values.elts[i])}` missing", 1, replaced(statement, without)


def _of_assignment(statement, replaced):
    """`w = w - …` as `w -= …`, other values to begin with."""
    target, value = statement.targets[0], statement.value
    if isinstance(value, ast.BinOp) and _text(value.left) == _text(target) and isinstance(target, ast.Name):
        sign = SIGNS.get(type(value.op), "").replace("−", "-")
        yield (
            f"`{target.id} {sign}= …`, which changes the array that stands in the list already",
            0,
            replaced(statement, lambda n: ast.AugAssign(n.targets[0], n.value.op, n.value.right)),
        )
    if isinstance(value, ast.List) and value.elts:
        yield (
            f"an empty list at first, `{_text(target)} = []`",
            0,
            replaced(statement, lambda n: ast.Assign(n.targets, ast.List([], ast.Load()))),
        )
    if isinstance(target, ast.Name) and not isinstance(value, ast.Constant | ast.List):
        yield f"`{target.id} = 0`", 4, replaced(statement, lambda n: ast.Assign(n.targets, _constant(0.0)))


def _of_loop(tree, body, k, loop):
    for statement in list(loop.body):
        text = _first_line(statement)
        if isinstance(statement, ast.Assign | ast.AugAssign | ast.Expr) and len(loop.body) > 1:
            yield f"`{text}` before the loop", 1, tree.moved(statement, body, lambda: _index(body, loop))
            yield f"`{text}` after the loop", 1, tree.moved(statement, body, lambda: _index(body, loop) + 1)
    for statement in body[:k]:
        if isinstance(statement, ast.Assign | ast.AugAssign):
            yield f"`{_first_line(statement)}` inside of the loop", 1, tree.moved(statement, loop.body, 0)
    for statement in body[k + 1 :]:
        if isinstance(statement, ast.Expr | ast.Assign | ast.AugAssign):
            yield (
                f"`{_first_line(statement)}` inside of the loop",
                1,
                tree.moved(statement, loop.body, lambda: len(loop.body)),
            )

    def ended():
        """The loop ends after its first round, as it does with a `return` in it."""
        end = ast.copy_location(ast.Break(), loop)
        loop.body.append(end)
        return lambda: loop.body.remove(end)

    yield "a `return` inside of the loop, so that it ends after its first round", 0, ended
    for node in ast.walk(loop):
        if isinstance(node, ast.Call) and _name(node) in ("gradient", "loss") and len(node.args) == 1:
            yield f"`{_text(node)}` computed once, before the loop", 0, _once(tree, body, loop, node)


def _once(tree, body, loop, node):
    """The value of a call in the first round is taken in every round."""
    replace = tree.replaced(node, lambda n: ast.Name("_first", ast.Load()))

    def change():
        at = _index(body, loop)
        before = body[:]
        first = ast.Assign([ast.Name("_first", ast.Store())], node)
        body.insert(at, ast.fix_missing_locations(ast.copy_location(first, loop)))
        undo = replace()

        def back():
            undo()
            body[:] = before

        return back

    return change


def _of_the_whole(tree):
    """State that all keys share, or that is made anew; only of classes."""
    keyed = [n for n in ast.walk(tree) if isinstance(n, ast.Subscript) and re.match(r"self\.\w+\[key\]$", _text(n))]
    if not keyed:
        return
    tests = [n for n in ast.walk(tree) if isinstance(n, ast.Compare) and _text(n).startswith("key not in self.")]

    def shared():
        keys = [n.slice for n in keyed], [n.left for n in tests]
        for n in keyed:
            n.slice = ast.copy_location(_constant("all"), n)
        for n in tests:
            n.left = ast.copy_location(_constant("all"), n)

        def undo():
            for n, key in zip(keyed + tests, keys[0] + keys[1], strict=True):
                setattr(n, "slice" if isinstance(n, ast.Subscript) else "left", key)

        return undo

    yield "one state for all keys", 0, shared
    update = next(n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == "update")
    for name in sorted({n.value.attr for n in keyed}):

        def anew(name=name):
            made = ast.parse(f"self.{name} = {{}}").body[0]
            update.body.insert(0, made)
            return lambda: update.body.remove(made)

        yield f"self.{name} made anew in each update", 1, anew


GIVEN = {"self", "params", "grads"}  # arguments that stand for no other number


def _in_all_places(tree, skipped):
    """Keywords and names that are wrong wherever they stand; one that stands once is a slip by itself."""
    calls = [node for node in tree.nodes if isinstance(node, ast.Call) and node not in skipped]
    keywords = [(call, keyword) for call in calls for keyword in call.keywords]
    for name in dict.fromkeys(keyword.arg for _, keyword in keywords):
        places = [(call, keyword) for call, keyword in keywords if keyword.arg == name]
        yield f"{name} left out everywhere", 2, _without(places)
        if name == "axis":
            for axis in 0, 1:
                yield f"axis={axis} everywhere", 2, _with_value(tree, places, axis)
    if {"axis", "keepdims"} <= {keyword.arg for _, keyword in keywords}:
        dims = [(call, keyword) for call, keyword in keywords if keyword.arg == "keepdims"]
        axes = [(call, keyword) for call, keyword in keywords if keyword.arg == "axis"]
        yield "axis=0 everywhere, and no keepdims", 2, _both(_without(dims), _with_value(tree, axes, 0))
    loads = [
        n
        for kind in (ast.Name, ast.Attribute)
        for n in tree.nodes
        if isinstance(n, kind) and isinstance(n.ctx, ast.Load) and n not in skipped
        if kind is ast.Name or _text(n).startswith("self.")
        if not isinstance(tree.parents[n], ast.Call | ast.Subscript)
        if n is not getattr(tree.parents[n], "test", None)
    ]
    known = _names(tree.tree)
    arguments = {node.arg for node in ast.walk(tree.tree) if isinstance(node, ast.arg)}
    for text in dict.fromkeys(map(_text, loads)):
        places = [n for n in loads if _text(n) == text]
        if text.removeprefix("self.") not in arguments | set(known[1]):
            continue
        for words, new in (
            (f"{text} − 1 in place of {text}", lambda n: ast.BinOp(n, ast.Sub(), _constant(1))),
            (f"{text} + 1 in place of {text}", lambda n: ast.BinOp(n, ast.Add(), _constant(1))),
            (f"1 − {text} in place of {text}", lambda n: ast.BinOp(_constant(1), ast.Sub(), n)),
            (f"{text}² in place of {text}", lambda n: ast.BinOp(n, ast.Pow(), _constant(2))),
            (f"the root of {text} in place of {text}", lambda n: ast.BinOp(n, ast.Pow(), _constant(0.5))),
            (f"1/{text} in place of {text}", lambda n: ast.BinOp(_constant(1), ast.Div(), n)),
            (f"{text} with the other sign", lambda n: ast.UnaryOp(ast.USub(), n)),
        ):
            rank = 1 if words.startswith((f"{text} − 1", f"{text} + 1")) else 3
            line = _first_line(tree.statement(places[0]))
            where = ", everywhere" if len(places) > 1 else f", in the line `{line}`"
            yield f"{words}{where}", rank, _all(tree, places, new)
        by_line = {}
        for n in places:
            by_line.setdefault(id(tree.statement(n)), []).append(n)
        others = [f"self.{name}" if text.startswith("self.") else name for name in sorted(arguments - GIVEN)]
        others = [name for name in others if name != text]
        for name in others:
            for some in by_line.values():
                if 1 < len(some) < len(places):
                    line = _first_line(tree.statement(some[0]))
                    yield f"`{name}` in place of `{text}` in the line `{line}`", 3, _all(tree, some, _as_name(name))
        for name in others if len(places) > 1 else ():
            yield f"`{name}` in place of `{text}`, everywhere", 4, _all(tree, places, _as_name(name))


def _as_name(name):
    """What puts a name, as `lr` or `self.lr`, in the place of a node."""
    return lambda n: ast.parse(name, mode="eval").body


def _without(places):
    def change():
        before = [(call, call.keywords) for call, _ in places]
        for call, keyword in places:
            call.keywords = [k for k in call.keywords if k is not keyword]

        def undo():
            for call, keywords in before:
                call.keywords = keywords

        return undo

    return change


def _with_value(tree, places, value):
    return _all(tree, [keyword.value for _, keyword in places], lambda n: _constant(value))


def _all(tree, nodes, new):
    return _both(*(tree.replaced(node, new) for node in nodes))


def _both(*changes):
    """Several changes at once."""

    def change():
        undoings = [one() for one in changes]

        def undo():
            for one in reversed(undoings):
                one()

        return undo

    return change
