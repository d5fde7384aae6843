"""What an exception means, in words for somebody who sees it for the first time: the meaning, the line, then itself."""

import builtins
import difflib
import os
import re
import sysconfig
import traceback
from pathlib import Path

import numpy as np

import helpers

ROOT = Path(__file__).resolve().parents[2]
OURS = (
    *(f"{ROOT / folder}{os.sep}" for folder in ("workbench", "lessons")),
    helpers.__file__,
    *(sysconfig.get_path(name) for name in ("stdlib", "purelib")),
)
LINES, CHARACTERS = 3, 300  # of the exception itself, this much is shown
SHOWN = 4  # values whose shape is told


def explain(error: BaseException) -> str:
    """An exception in words: what it means where that is known, the line of the learner's code, the exception."""
    frame, line, where = _place(error)
    parts = [_meaning(error, frame, line), where, _itself(error)]
    return "\n".join(part for part in parts if part)


def _itself(error):
    """Type and message, cut to a few lines."""
    name = type(error).__name__
    try:
        message = str(error)
    except Exception:  # an exception of the learner's own may fail at this too
        message = ""
    lines = message.strip().splitlines()
    cut = "\n".join(lines[:LINES])[:CHARACTERS]
    if cut != message.strip():
        cut += " …"
    return f"{name}: {cut}" if cut else name


def _place(error):
    """The frame of the learner's code that raised it, its line, and a sentence with both; empty where there is none.

    What lies in our folders or in libraries is not the line to look at: the line that called it is.
    """
    if isinstance(error, SyntaxError):
        return None, "", ""
    steps = list(traceback.walk_tb(error.__traceback__))
    summary = traceback.StackSummary.extract(iter(steps), lookup_lines=True)
    found = [
        (frame, entry)
        for (frame, _), entry in zip(steps, summary, strict=True)
        if not entry.filename.startswith(OURS) and entry.line
    ]
    if not found:
        return None, "", ""
    frame, entry = found[-1]
    return frame, entry.line, f"Line {entry.lineno}, in {entry.name}: {entry.line}"


def _meaning(error, frame, line):
    try:
        text = str(error)
        for kind, pattern, words in MEANINGS:
            if isinstance(error, kind) and (match := re.search(pattern, text, re.DOTALL)):
                told = words if isinstance(words, str) else words(match, frame, line)
                if told:
                    return told
    except Exception:  # whatever a learner's objects do when they are looked at
        return ""
    return ""


def _values(frame, line):
    """The shapes of the arrays and lists that a line names, in words; "" without any."""
    if frame is None:
        return ""
    scope, told = {**frame.f_globals, **frame.f_locals}, []
    for name in dict.fromkeys(re.findall(r"(?:self\.)?[^\W\d]\w*(?:\[[\w\"']+\])?", line)):
        try:
            value = eval(name, {"__builtins__": {}}, scope) if name.startswith("self.") or "[" in name else scope[name]
        except Exception:
            continue
        if isinstance(value, np.ndarray):
            told.append(f"{name} has the shape {value.shape}")
        elif isinstance(value, list | tuple):
            told.append(f"{name} is a {type(value).__name__} of {len(value)}")
        elif isinstance(value, int | float | np.number) and not isinstance(value, bool):
            told.append(f"{name} is a number")
    return ", ".join(told[:SHOWN])


def _shapes(match, frame, line):
    values = _values(frame, line)
    return f"The shapes of two arrays do not fit each other{': ' + values if values else ''}."


def _in_place_shapes(match, frame, line):
    return (
        "The result has more entries than the array that it is to change in place: the two belong to different "
        f"parameters, or one was not reduced. {_values(frame, line)}".rstrip()
        + "."
    )


def _unknown_name(match, frame, line):
    name = match[1]
    if name == "np":
        return "np is NumPy; the cell `import numpy as np` at the top of the lesson has to run first."
    known = {*(frame.f_locals if frame else ()), *(frame.f_globals if frame else ()), *dir(builtins)}
    near = difflib.get_close_matches(name, known - {name}, n=1, cutoff=0.7)
    if near:
        return f"There is no {name} here. Did you mean {near[0]}?"
    attributes = vars(frame.f_locals["self"]) if frame and "self" in frame.f_locals else {}
    if name in attributes:
        return f"There is no {name} here; what the object keeps is self.{name}."
    return f"There is no {name} here: it was never given a value, or only in another function."


def _unbound(match, frame, line):
    return (
        f"{match[1]} is read before this function has given it a value. "
        "A name that is assigned anywhere in a function is its own, whatever has that name outside."
    )


def _arguments(match, frame, line):
    """The call and the definition have different numbers of arguments."""
    function, takes, given = match[1], int(match[2].split()[-1]), int(match[3])
    if "." in function and given == takes + 1:
        return f"A method has self as its first parameter: `def {function.split('.')[-1]}(self, …)`."
    return (
        f"{function} has {takes} parameters, and it was called with {given} arguments: see the first line of the cell."
    )


def _takes_no_arguments(match, frame, line):
    return (
        f"The class {match[1]} has no `__init__` that takes arguments. "
        "Is its name spelled with two underscores on each side, and does it stand inside of the class?"
    )


def _missing(match, frame, line):
    return f"{match[1]} was called without its argument {match[2]}: each parameter without a default needs one."


def _attribute(match, frame, line):
    thing, name = match[1], match[2]
    if thing == "numpy.ndarray" and name == "append":
        return "An array has no append, a list has: begin with `path = [w]`, and make an array of it at the end."
    if thing == "NoneType":
        return f"What stands before .{name} is None: a function without `return` gives None, as `list.append` does."
    if thing in ("list", "tuple", "dict", "float", "int"):
        known = hasattr(np.ndarray, name)
        return f"A {thing} has no .{name}" + ("; an array has: np.array(…) makes one." if known else ".")
    self = frame.f_locals.get("self") if frame else None
    if self is not None and type(self).__name__ == thing:
        if name in type(self).__dict__:
            return ""
        near = difflib.get_close_matches(name, [n for n in dir(self) if not n.startswith("__")], n=1, cutoff=0.7)
        if near:
            return f"There is no self.{name}. Did you mean self.{near[0]}?"
        return (
            f"self.{name} was never made: what an object keeps gets its first value in `__init__`, as self.{name} = …"
        )
    return ""


def _unpack(match, frame, line):
    if loop := re.search(r"for\s+\w+\s*,\s*\w+\s+in\s+([\w.]+)\s*:", line):
        return f"A loop over a dict gives its keys only; `{loop[1]}.items()` gives keys and values."
    return "There are not as many names on the left of `=` as values on its right."


def _key(match, frame, line):
    kept = re.search(r"(self\.\w+|\b\w+)\[[^\]]*\]", line)
    stores = re.findall(r"(self\.\w+)\[", line)
    if stores:
        name = stores[-1] if len(set(stores)) == 1 else " or ".join(dict.fromkeys(stores))
        return (
            f"There is nothing at this key of {name} yet: make it when the key is first seen, "
            f"`if key not in {stores[0]}: {stores[0]}[key] = np.zeros_like(w)`."
        )
    return f"{kept[1] if kept else 'The dict'} has no such key." if kept else "The dict has no such key."


POWER = "In Python a power is written **, as in 0.5 ** 2; ^ works on the bits of whole numbers."


def _operands(match, frame, line):
    if match[1].startswith("^"):
        return POWER
    kinds = {match[2].strip("'"), match[3].strip("'")}
    if "dict" in kinds:
        return "A dict is no array: params and grads hold an array for each key, params[key] and grads[key]."
    if "NoneType" in kinds:
        return "One of the two is None: a value that was never set, or the result of a function without `return`."
    if kinds & {"function", "method", "builtin_function_or_method"}:
        return "One of the two is a function itself: call it, with its arguments in brackets."
    if kinds & {"list", "tuple"}:
        return "A list does not calculate entry by entry; an array does: np.array(…) makes one of it."
    if "str" in kinds:
        return "One of the two is a text, not a number."
    return ""


MEANINGS = (
    (
        TypeError,
        r"^([\w.<>]+)\(\) takes (?:from \d+ to )?(\d+) positional arguments? but (\d+) (?:was|were) given",
        _arguments,
    ),
    (TypeError, r"^(\w+)\(\) takes no arguments", _takes_no_arguments),
    (TypeError, r"object.__init__\(\) takes exactly one argument", "The class has no `__init__` that takes arguments."),
    (TypeError, r"^([\w.<>]+)\(\) missing \d+ required (?:positional|keyword-only) arguments?: (.+)", _missing),
    (TypeError, r"got an unexpected keyword argument '(\w+)'", "The function has no parameter of this name."),
    (TypeError, r"unsupported operand type\(s\) for ([^:]+): (\S+) and (\S+)", _operands),
    (TypeError, r"ufunc 'bitwise_xor' not supported", POWER),
    (TypeError, r"bad operand type for", "This kind of thing has no sign and does not calculate: is it an array?"),
    (
        TypeError,
        r"can't multiply sequence by non-int",
        "A list times a number repeats the list; an array multiplies each entry: np.array(…) makes one of it.",
    ),
    (
        TypeError,
        r"'(float|int|numpy\.float64|numpy\.ndarray|tuple|list)' object is not callable",
        lambda m, f, line: (
            f"A {m[1]} stands before a bracket as if it were a function: is a `*` missing, or is a name "
            "of a function in use for something else?"
        ),
    ),
    (
        TypeError,
        r"'(function|type|method|builtin_function_or_method)' object is not subscriptable",
        "A function is called with round brackets: f(x), not f[x].",
    ),
    (
        TypeError,
        r"'NoneType' object is not (?:subscriptable|iterable|callable)",
        "It is None: a value that was never set, or the result of a function without `return`, as list.append is one.",
    ),
    (TypeError, r"cannot unpack non-iterable NoneType", "It is None: the function has no `return`."),
    (TypeError, r"cannot unpack non-iterable", "There is one value, and it is to be shared among several names."),
    (
        TypeError,
        r"'(float|int|numpy\.float64)' object is not (?:subscriptable|iterable)",
        lambda m, f, line: "It is a single number, and is used as if it had entries.",
    ),
    (
        TypeError,
        r"object of type '(float|int|numpy\.float64|NoneType)' has no len",
        lambda m, f, line: (
            f"len asks for the number of entries, and this is {'None' if 'None' in m[1] else 'a number'}."
        ),
    ),
    (
        TypeError,
        r"(?:list|tuple) indices must be integers or slices, not (tuple|ndarray|list|float)",
        "A list takes one whole number as its index; np.array(…) makes an array of it, which takes more.",
    ),
    (
        TypeError,
        r"'(?:float|numpy\.float64)' object cannot be interpreted as an integer",
        "A whole number is needed here: `//` divides to one, and int(…) makes one.",
    ),
    (
        TypeError,
        r"'(\w+)' object does not support item assignment",
        lambda m, f, line: f"A {m[1]} cannot be changed at an index; a list or an array can.",
    ),
    (
        TypeError,
        r"only (?:integer|length-1|0-dimensional)",
        "A single number is needed here, and this is an array of several, or no whole number.",
    ),
    (
        TypeError,
        r"loop of ufunc does not support argument|ufunc '.*' not supported for the input types",
        "NumPy was given something that is not made of numbers: a dict, None, or a list of unequal rows.",
    ),
    (
        TypeError,
        r"Cannot cast ufunc",
        "An array of whole numbers cannot take fractions in place: make it of floats, np.array(…, float).",
    ),
    (
        TypeError,
        r"'generator' object|'dict_(?:items|values|keys)' object",
        "It can be gone through in a loop, and has no index: list(…) makes a list of it.",
    ),
    (ValueError, r"too many values to unpack|not enough values to unpack", _unpack),
    (ValueError, r"non-broadcastable output operand", _in_place_shapes),
    (
        ValueError,
        r"could not be broadcast together|not aligned|matmul: Input operand|could not broadcast input array|"
        r"core dimension|all the input array dimensions|must have the same shape",
        _shapes,
    ),
    (
        ValueError,
        r"truth value of an array with more than one element",
        "`if` wants one answer, and an array gives one for each entry: np.all, np.any, np.maximum or np.where.",
    ),
    (
        ValueError,
        r"inhomogeneous shape|setting an array element with a sequence",
        "The entries have different lengths or kinds, so no array can be made of them: one of them "
        "is a list or an array, "
        "another a number or shorter.",
    ),
    (
        ValueError,
        r"axis \d+ is out of bounds",
        "The array has fewer axes than that: axis 0 are its rows, axis 1 its columns.",
    ),
    (ValueError, r"zero-size array|empty sequence", "There is nothing in it: the list or the array is empty here."),
    (
        ValueError,
        r"cannot reshape array of size",
        lambda m, f, line: (
            "An array is reshaped to as many entries as it has" + (f": {v}." if (v := _values(f, line)) else ".")
        ),
    ),
    (
        ValueError,
        r"assignment destination is read-only",
        "This array may not be changed: make a copy first, np.array(…).",
    ),
    (
        ValueError,
        r"math domain error",
        "The root or the logarithm of a negative number is asked for; np.sqrt and np.log would give nan.",
    ),
    (KeyError, r"", _key),
    (
        IndexError,
        r"too many indices for array",
        lambda m, f, line: (
            "There are more indices than the array has axes" + (f": {v}." if (v := _values(f, line)) else ".")
        ),
    ),
    (
        IndexError,
        r"index out of range|out of bounds",
        lambda m, f, line: (
            "The index is beyond the last entry: n entries have the indices 0 to n − 1"
            + (f"; {v}." if (v := _values(f, line)) else ".")
        ),
    ),
    (
        IndexError,
        r"only integers, slices",
        "An index is a whole number, a slice, or an array of whole numbers or of True and False.",
    ),
    (IndexError, r"boolean index did not match", _shapes),
    (
        IndexError,
        r"arrays used as indices must be of integer",
        "Indices are whole numbers: an array of floats cannot pick entries.",
    ),
    (IndexError, r"pop from empty", "The list is empty already."),
    (UnboundLocalError, r"local variable '(\w+)'", _unbound),
    (NameError, r"name '(\w+)' is not defined", _unknown_name),
    (AttributeError, r"^'([\w.]+)' object has no attribute '(\w+)'", _attribute),
    (
        AttributeError,
        r"^module '([\w.]+)' has no attribute '(\w+)'",
        lambda m, f, line: f"{m[1].replace('numpy', 'np')} has no function {m[2]}: is it spelled right?",
    ),
    (ZeroDivisionError, r"", "A number is divided by 0."),
    (
        RecursionError,
        r"",
        "A function calls itself without end: one of its cases must give a result without a further call.",
    ),
    (MemoryError, r"", "It asks for more memory than there is: does a list or an array grow without end?"),
    (OverflowError, r"", "The number is too large for a float: does something grow without end?"),
    (SystemExit, r"", "exit() and quit() end Python itself; `return` ends a function."),
    (KeyboardInterrupt, r"", "The code was interrupted."),
    (StopIteration, r"", "next() was called, and nothing was left."),
    (AssertionError, r"", "An `assert` in your code does not hold."),
    (FloatingPointError, r"", "NumPy was told to raise where it computes inf or nan (np.seterr)."),
)
