"""`@checked`: the constraints of a function's arguments, declared beside it and checked whenever it is called.

    @checked(beta=BELOW_1, n=Whole(1))
    def weights(beta, n): ...

    weights(1.0, 3)    ValueError: beta is 1.0; allowed: a number from 0 to below 1

So whoever mistypes reads one sentence in place of a traceback from inside of NumPy. The tests read the same
declarations: they call the function with all values that its constraints name as bad or good. Relations between two
arguments, or between an argument and the object, stay in the body, which calls `refuse` or `fitting`, or raises such a
sentence itself. What only our own code calls, with values of its own making, is not checked.

Here the learner's code calls ours, so what they have set for all of NumPy ends here, too: see `as_in_a_new_process`.
"""

import functools
import inspect
import reprlib

import numpy as np

LARGEST = 10**8  # numbers in one array, 800 MB as float64: more is a slip of the keyboard
_SHORT = reprlib.Repr()
_SHORT.maxother = _SHORT.maxstring = _SHORT.maxlong = 80


def refuse(name, value, allowed):
    """Raise the ValueError that names an argument, its value and what is allowed."""
    raise ValueError(f"{name} is {_shown(value)}; allowed: {allowed}")


def as_in_a_new_process():
    """A context in which NumPy tells of overflow, of 1/0 and 0/0 as it does by itself.

    `np.seterr(all="raise")` in a cell holds for the whole kernel, and numbers that underflow to 0 in our code would
    raise. What is ignored stays ignored: it may be our own code that calls. Costs a microsecond or two.
    """
    ignored = {kind for kind, way in np.geterr().items() if way == "ignore"} | {"under"}
    return np.errstate(
        **{kind: "ignore" if kind in ignored else "warn" for kind in ("divide", "over", "under", "invalid")}
    )


def _shown(value):
    if isinstance(value, np.ndarray) and value.size > 1:
        return f"an array of {value.dtype}, shape {value.shape}"
    return _SHORT.repr(value)


class Constraint:
    """What one argument may be."""

    allowed = "anything"  # in words

    def check(self, name, value):
        """The value, as the function is to get it. Raises ValueError for one that is not allowed."""
        return value

    def bad(self):
        """Values for the tests, all to be refused: other types, no numbers, and what lies just beyond each limit."""
        return []

    def good(self):
        """Values for the tests, all to be taken: what lies on each limit, and something in between, this first."""
        return []


def checked(**constraints):
    """A decorator: the function gets each argument as its constraint returns it. Over a class: its constructor.

    constraints: by the names of the arguments. A default value is not checked. A call without an argument, or with one
    that the function has not, gets Python's own TypeError. `constraints` of the result is the declaration,
    `__wrapped__` the function without its checks.
    """

    def declare(function):
        if isinstance(function, type):
            constructor = "__new__" if issubclass(function, tuple) else "__init__"
            setattr(function, constructor, declare(getattr(function, constructor)))
            return function
        names = list(inspect.signature(function).parameters)
        rules = [(names.index(name), name, constraint.check) for name, constraint in constraints.items()]

        @functools.wraps(function)
        def call(*args, **kwargs):
            __tracebackhide__ = True  # IPython leaves this frame out of its tracebacks
            args, given = list(args), len(args)
            for place, name, check in rules:
                if place < given:
                    args[place] = check(name, args[place])
                elif name in kwargs:
                    kwargs[name] = check(name, kwargs[name])
            with as_in_a_new_process():
                return function(*args, **kwargs)

        call.constraints = constraints
        return call

    return declare
