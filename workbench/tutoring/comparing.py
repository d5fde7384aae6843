"""How facts are compared: whether they agree, where they first differ, and in what way, in words that are true."""

import itertools
from collections.abc import Sequence

import numpy as np

# Relative to the largest number of a problem. float32 reaches 1e-6; known mistakes are off by more than 1e-3 (tested).
TOLERANCE = 1e-5
FEW = 6  # numbers that are shown at once


def same(found: list, expected: list, tolerance: float = TOLERANCE) -> bool:
    """Whether two lists of facts agree: as many, of the same shapes, and equal up to `tolerance`."""
    return len(found) == len(expected) and first_difference(found, expected, tolerance) is None


def first_difference(found: list, expected: list, tolerance: float = TOLERANCE) -> int | None:
    """The number of the first fact that differs, or None; facts that one of the two lists lacks do not count."""
    sizes = [np.abs(a[np.isfinite(a)]).max(initial=0.0) for _, a in expected if a.dtype.kind == "f"]
    atol = tolerance * max(sizes, default=0.0)
    for k, ((_, a), (_, b)) in enumerate(zip(found, expected, strict=False)):
        if not _equal(a, b, tolerance, atol):
            return k
    return None


def _equal(a, b, rtol, atol):
    if "U" in (a.dtype.kind, b.dtype.kind):
        return a.dtype.kind == b.dtype.kind and bool((a == b).all())
    a, b = _squeezed(a, b)
    if a.shape != b.shape:
        return False
    if np.isfinite(a).all() and np.isfinite(b).all():  # what follows is the same, and takes three times as long
        return bool((np.abs(a - b) <= atol + rtol * np.abs(b)).all())
    return np.allclose(a, b, rtol=rtol, atol=atol, equal_nan=True)


def _squeezed(a, b):
    """Two arrays without their axes of length 1 where they differ in these only: (n,) and (1, n) are the same."""
    if a.shape != b.shape and [n for n in a.shape if n != 1] == [n for n in b.shape if n != 1]:
        return np.squeeze(a), np.squeeze(b)
    return a, b


def difference(found: list, expected: list) -> str:
    """What should be, and what is: the number of facts, or else the first fact that differs."""
    if len(found) != len(expected):
        return f"the result should have {len(expected)} entries, yours has {len(found)}"
    number = first_difference(found, expected)
    (label, a), (_, b) = found[number], expected[number]
    if "U" in (a.dtype.kind, b.dtype.kind):
        return f"{label} should be {b}, yours is {a}"
    a, b = _squeezed(a, b)
    if a.size == b.size == 1:
        a, b = a.reshape(()), b.reshape(())
    if a.shape != b.shape:
        return f"{label} should {_have(b.shape)}, yours {_has(a.shape)}"
    if a.size > FEW:
        wrong = ~np.isclose(a, b, rtol=TOLERANCE, atol=TOLERANCE * np.abs(b).max(), equal_nan=True)
        index = tuple(int(i) for i in np.argwhere(wrong)[0])
        label, a, b = f"entry {list(index)} of {label}", a[index], b[index]
    for digits in 4, 8, 16:
        ours, theirs = numbers(a, digits), numbers(b, digits)
        if ours != theirs:
            break
    return f"{label} should be {theirs}, yours is {ours}"


def _have(shape):
    return f"have the shape {shape}" if shape else "be one number"


def _has(shape):
    return f"has the shape {shape}" if shape else "is one number"


def numbers(array: np.ndarray, digits: int) -> str:
    """Numbers for people, at least `digits` significant ones: 5, (−7, 2), ((1, 2), (3, 4))."""
    if np.ndim(array) == 0:
        return f"{array + 0.0:.{digits}g}".replace("-", "−")
    return f"({', '.join(numbers(a, digits) for a in array)})"


def _whole(facts):
    """All facts as one array: the rows of a path stacked; None where they do not fit together or are words."""
    arrays = [a for _, a in facts]
    if not arrays or any(a.dtype.kind != "f" for a in arrays):
        return None
    if len(arrays) == 1:
        return arrays[0]
    return np.stack(arrays) if len({a.shape for a in arrays}) == 1 else None


def _reduced(array, axis=None, how=np.mean):
    return how(array, axis=axis) if array.ndim > (axis or 0) and array.size > 1 else None


# (what must be done to the right result to get the learner's, how to say it); all hold for every problem.
WHOLE = (
    (lambda e: -e, "Every number has the wrong sign."),
    (lambda e: 2 * e, "Every number is twice what it should be: a factor of 2 too many, or a ½ missing."),
    (lambda e: e / 2, "Every number is half of what it should be: a ½ too many, or a factor of 2 missing."),
    (lambda e: e**2, "Every number is the square of what it should be: a root is missing, or a square too many."),
    (lambda e: np.sqrt(e), "Every number is the root of what it should be: a square is missing, or a root too many."),
    (lambda e: 1 / e, "Every number is 1 divided by what it should be: the quotient is turned around."),
    (lambda e: np.abs(e), "Every number has the right size, and none is negative: the signs are lost."),
    (lambda e: np.maximum(e, 0), "All numbers below 0 have become 0."),
    (lambda e: e.T if e.ndim == 2 else None, "It is the transpose of the right result: rows and columns are swapped."),
    (lambda e: e[::-1] if e.ndim else None, "The entries are the right ones in reverse order."),
    (
        lambda e: e[..., ::-1] if e.ndim > 1 else None,
        "In each row the entries stand in reverse order: they are swapped.",
    ),
    (
        lambda e: np.sort(e, axis=0) if e.ndim else None,
        "The entries are the right ones, but sorted: their order is lost.",
    ),
    (lambda e: e[1:] if e.ndim and len(e) > 1 else None, "The first entry, the start, is missing; the rest is right."),
    (lambda e: e[:-1] if e.ndim and len(e) > 1 else None, "The last entry is missing; the rest is right."),
    (lambda e: e[-1] if e.ndim else None, "It is the last entry only, the end; the result has all of them."),
    (lambda e: e[-1:] if e.ndim else None, "It is the last entry only, the end; the result has all of them."),
    (lambda e: e[0] if e.ndim else None, "It is the first entry only; the result has all of them."),
    (lambda e: e[:1] if e.ndim else None, "It is the first entry only: does the loop end in its first round?"),
    (
        lambda e: e[:2] if e.ndim and len(e) > 2 else e if e.ndim else None,
        "Only the start and the first update are there, and they are right: a `return` inside of the "
        "loop ends it in its "
        "first round.",
    ),
    (
        lambda e: np.concatenate([e[:1], e[:-1]]) if e.ndim else None,
        "The entries are the right ones, one place too late: each is appended before it is renewed.",
    ),
    (
        lambda e: np.broadcast_to(e[-1], e.shape) if e.ndim and len(e) > 1 else e,
        "All entries are equal to the last one: the same array stands in all places of the list, and "
        "is changed in place. "
        "`w = w - …` makes a new one.",
    ),
    (
        lambda e: np.broadcast_to(e[0], e.shape) if e.ndim and len(e) > 1 else e,
        "All entries are equal to the first one: nothing is renewed.",
    ),
    (lambda e: np.cumsum(e, axis=0) if e.ndim else None, "The entries are sums of the right ones up to each place."),
    (lambda e: _reduced(e), "It is the mean of all the right entries; the result has each of them."),
    (lambda e: _reduced(e, how=np.sum), "It is the sum of all the right entries; the result has each of them."),
    (lambda e: _reduced(e, how=np.max), "It is the largest of the right entries; the result has each of them."),
    (lambda e: _reduced(e, how=np.min), "It is the lowest of the right entries; the result has each of them."),
    (lambda e: _reduced(e, 0), "It is the mean of the right result over its rows (axis=0), which is to keep them."),
    (
        lambda e: _reduced(e, 0, np.sum),
        "It is the sum of the right result over its rows (axis=0), which is to keep them.",
    ),
    (lambda e: _reduced(e, 1), "It is the mean of the right result over its columns (axis=1), which is to keep them."),
    (lambda e: _reduced(e, 1, np.sum), "It is the sum of the right result over its columns (axis=1)."),
    (lambda e: e - 1, "Every number is too small by 1."),
    (lambda e: e + 1, "Every number is too large by 1."),
    (lambda e: 1 - e, "Every number is 1 minus what it should be."),
    (lambda e: np.log(e), "Every number is the logarithm of what it should be."),
    (lambda e: np.exp(e), "Every number is exp of what it should be."),
)
# (what must be done to the learner's result to get the right one, how to say it)
BACK = (
    (lambda f: f[:-1] if f.ndim and len(f) > 1 else None, "There is one entry too many at the end; the rest is right."),
    (
        lambda f: f[1:] if f.ndim and len(f) > 1 else None,
        "There is one entry too many at the beginning; the rest is right.",
    ),
    (lambda f: _reduced(f), "The right result is the mean of your entries: one number for all of them."),
    (lambda f: _reduced(f, how=np.sum), "The right result is the sum of your entries: one number for all of them."),
    (lambda f: _reduced(f, how=np.max), "The right result is the largest of your entries: one number for all of them."),
    (lambda f: f[-1] if f.ndim and len(f) else None, "The right result is the last of your entries."),
    (lambda f: f[:, -1] if f.ndim == 2 else None, "The right result is the last of your entries in each row."),
    (lambda f: _reduced(f, 0), "The right result is the mean of yours over its rows, axis=0."),
    (lambda f: _reduced(f, 0, np.sum), "The right result is the sum of yours over its rows, axis=0."),
)


def relations(found: Sequence[list], expected: Sequence[list], scalars: Sequence[dict]) -> list[str]:
    """True sentences on how an answer's results differ from the right ones, on all problems in the same way.

    found, expected: the facts of each problem. scalars: for each problem, numbers by the name under which to speak of
    them: its arguments, and how many entries these have.
    """
    with np.errstate(all="ignore"):
        if opposite := _opposite(found, expected):
            return [opposite]
        if reordered := _reordered(found, expected):
            return [reordered]
        parts = _parts(found, expected)
        told = []
        for label, pairs, numbers_ in parts if parts else ():
            sentences = _of_arrays(pairs, [scalars[k] for k in numbers_])
            told += [f"{label}: {s}" if label else s for s in sentences[:2]]
        return told[:2]


def _opposite(found, expected):
    """A sentence when the results are one of two words, and always the other one."""
    pairs = [
        (str(f), str(e)) for fs, es in zip(found, expected, strict=True) for (_, f), (_, e) in zip(fs, es, strict=False)
    ]
    words = {e for _, e in pairs}
    kinds = {a.dtype.kind for facts in (*found, *expected) for _, a in facts}
    if kinds == {"U"} and len(words) == 2 and {f for f, _ in pairs} == words and all(f != e for f, e in pairs):
        return "Every answer is the opposite of the right one: it is turned around."
    return ""


def _reordered(found, expected):
    """A sentence when a few results with names of their own are the right ones in another order."""
    labels = [label for label, _ in expected[0]]
    facts = [*found, *expected]
    if not 1 < len(labels) <= FEW or any([label for label, _ in one] != labels for one in facts):
        return ""
    for order in itertools.permutations(range(len(labels))):
        if order != tuple(range(len(labels))) and all(
            _agree(f[k][1], e[m][1]) for f, e in zip(found, expected, strict=True) for k, m in enumerate(order)
        ):
            return f"The parts are right, but in another order: yours are {_and([labels[m] for m in order])}."
    return ""


def _agree(a, b):
    return np.array_equal(a, b) if "U" in (a.dtype.kind, b.dtype.kind) else _close(a, b)


def _parts(found, expected):
    """(label, pairs of arrays of all problems, the numbers of the problems) as one, or each label by itself."""
    wholes = [(_whole(f), _whole(e)) for f, e in zip(found, expected, strict=True)]
    if all(f is not None and e is not None for f, e in wholes):
        return [("", wholes, range(len(wholes)))]
    labels = [[label for label, _ in facts] for facts in expected]
    if any(len(set(names)) != len(names) or names != labels[0] for names in labels):
        return []
    if any([label for label, _ in facts] != names for facts, names in zip(found, labels, strict=True)):
        return []
    parts = []
    for k, label in enumerate(labels[0]):
        pairs = [(f[k][1], e[k][1]) for f, e in zip(found, expected, strict=True)]
        if all(a.dtype.kind == b.dtype.kind == "f" for a, b in pairs):
            parts.append((label, pairs, range(len(pairs))))
    return parts


def _close(a, b):
    if a is None or b is None or np.size(a) == 0:
        return False
    a, b = np.asarray(a, float), np.asarray(b, float)
    if a.size == b.size == 1:
        a, b = a.ravel(), b.ravel()
    if a.shape != b.shape or not np.isfinite(b).all():
        return False
    return np.allclose(a, b, rtol=TOLERANCE, atol=TOLERANCE * np.abs(b).max(initial=0))


def _of_arrays(pairs, scalars):
    if all(_close(f, e) for f, e in pairs):
        return []
    for change, words in WHOLE:
        if all(_close(f, change(e)) for f, e in pairs):
            return [words]
    for change, words in BACK:
        if all(_close(change(f), e) for f, e in pairs):
            return [words]
    return _factor(pairs, scalars) or _offset(pairs, scalars)


def _factor(pairs, scalars):
    """The learner's numbers are the right ones times one number a problem; which one is it?"""
    factors = []
    for f, e in pairs:
        if f.shape != e.shape or not np.abs(e).max(initial=0) or not np.isfinite(f).all():
            return []
        factor = float((f * e).sum() / (e * e).sum())
        if not factor or not _close(f, factor * e):
            return []
        factors.append(factor)
    if np.allclose(factors, factors[0], rtol=1e-4):
        return [f"Every number is {numbers(factors[0], 4)} times what it should be."] if factors[0] != 1 else []
    return _told(factors, scalars, "Every number is {} times what it should be.", 1.0)


def _offset(pairs, scalars):
    offsets = []
    for f, e in pairs:
        if f.shape != e.shape or not f.size:
            return []
        offset = float(np.mean(f - e))
        if not np.isfinite(offset) or not np.allclose(f - e, offset, atol=1e-6 * max(np.abs(e).max(), 1e-9)):
            return []
        offsets.append(offset)
    if np.allclose(offsets, offsets[0], rtol=1e-4):
        return [f"Every number is off by {numbers(offsets[0], 4)}."]
    return _told(offsets, scalars, "Every number is off by {}.", None)


FORMS = (
    ("{}", lambda s: s),
    ("1/{}", lambda s: 1 / s),
    ("−{}", lambda s: -s),
    ("{}²", lambda s: s**2),
    ("1/{}²", lambda s: s**-2),
    ("the root of {}", np.sqrt),
    ("1/√{}", lambda s: s**-0.5),
    ("2 {}", lambda s: 2 * s),
    ("{}/2", lambda s: s / 2),
    ("1 − {}", lambda s: 1 - s),
    ("1/(1 − {})", lambda s: 1 / (1 - s)),
    ("{} − 1", lambda s: s - 1),
    ("{}/({0} − 1)", lambda s: s / (s - 1)),
)


def _told(values, scalars, sentence, nothing):
    names = set(scalars[0]).intersection(*scalars[1:])
    for name in sorted(names, key=list(scalars[0]).index):
        for words, form in FORMS:
            shown = words.replace("{0}", "{}").format(*[name] * words.replace("{0}", "{}").count("{}"))
            with np.errstate(all="ignore"):
                theirs = [form(np.float64(s[name])) for s in scalars]
            if np.allclose(values, theirs, rtol=1e-4, atol=0) and theirs != [nothing] * len(theirs):
                return [sentence.format(shown)]
    for name in sorted(names, key=list(scalars[0]).index):
        sizes = np.array([s[name] for s in scalars], float)
        if np.ptp(sizes) and sizes.all():
            for sign, ratios in ("·", values / sizes), ("/", values * sizes):
                if np.allclose(ratios, ratios[0], rtol=1e-4, atol=0):
                    return [sentence.format(f"{numbers(ratios[0], 4)} {sign} {name}")]
    return []


def shape(found: list, expected: list) -> str:
    """In what way the shape of the first fact that differs is another one, in words; "" where it is not."""
    number = first_difference(found, expected)
    if number is None or "U" in (found[number][1].dtype.kind, expected[number][1].dtype.kind):
        return ""
    a, b = _squeezed(found[number][1], expected[number][1])
    if a.shape == b.shape:
        return ""
    if more := a.ndim - b.ndim:
        axes = f"{abs(more)} {'axis' if abs(more) == 1 else 'axes'}"
        if more > 0:
            return f"It has {axes} too many: a sum, a mean, a maximum or an index is missing over one."
        return f"It has {axes} too few: something was summed, averaged or picked that is to stay."
    if a.ndim == 2 and a.shape == b.shape[::-1]:
        return "Rows and columns are swapped."
    names = ("entry", "entries"), ("row", "rows"), ("column", "columns")
    told = []
    for axis, (m, n) in enumerate(zip(a.shape, b.shape, strict=True)):
        if m != n:
            one, many = names[0] if a.ndim == 1 else names[1 + min(axis, 1)]
            told.append(f"{abs(m - n)} {one if abs(m - n) == 1 else many} too {'many' if m > n else 'few'}")
    return f"It has {_and(told)}."


def problems_right(found: Sequence[list], expected: Sequence[list], words: Sequence[str]) -> str:
    """Which of several problems are right and which are not, in words; "" where none is right."""
    right, wrong = [], []
    for f, e, w in zip(found, expected, words, strict=False):
        (right if same(f, e) else wrong).append(w)
    return f"Right: {'; '.join(right)}. Not right: {'; '.join(wrong)}." if right and wrong and len(right) < 6 else ""


def place(found: list, expected: list, rows: bool) -> str:
    """Where the facts of one problem go wrong: in which update first, or which are right and which are not."""
    if len(found) != len(expected):
        return ""
    right = [same([f], [e]) for f, e in zip(found, expected, strict=True)]
    labels = [label.rstrip(",:") for label, _ in expected]
    if rows:
        k = right.index(False) if False in right else -1
        if k == 0:
            return "Already the start is not the one that was handed over."
        if k == 1:
            return "The start is right, and the first update is not: work it by hand."
        if k > 1:
            count = "The first update is right" if k == 2 else f"The first {k - 1} updates are right"
            return f"{count}, {labels[k]} is not: look at what is carried over from one update to the next."
        return ""
    if any(" after update " in label for label in labels):
        keys = list(dict.fromkeys(label.split(" after ")[0] for label in labels))
        good = [
            key for key in keys if all(r for r, label in zip(right, labels, strict=True) if label.startswith(f"{key} "))
        ]
        bad = [key for key in keys if key not in good]
        if good and bad:
            return f"{_and(good)} {'is' if len(good) == 1 else 'are'} right in all updates, {_and(bad)} not."
        first = labels[right.index(False)]
        if first.endswith("update 1"):
            return "Already the first update differs: work it by hand."
        return (
            f"The first update is right, and the first that is not is {first}: "
            "look at what is kept from one update to the next."
        )
    good = [label for label, r in zip(labels, right, strict=True) if r]
    bad = [label for label, r in zip(labels, right, strict=True) if not r]
    if good and bad:
        return f"Right: {_and(good)}. Not right: {_and(bad)}."
    return _entries(found[0][1], expected[0][1]) if len(found) == 1 and found[0][1].dtype.kind == "f" else ""


def _entries(a, b):
    """Which entries of an array are right, where these are whole rows or columns or a part."""
    if a.shape != b.shape or a.ndim == 0 or a.size < 2:
        return ""
    close = np.isclose(a, b, rtol=TOLERANCE, atol=TOLERANCE * np.abs(b[np.isfinite(b)]).max(initial=0), equal_nan=True)
    if not close.any():
        return "No entry is right."
    if a.ndim == 1:
        wrong = np.flatnonzero(~close)
        if len(wrong) == 1:
            return f"Only entry {wrong[0]} is not right."
        if close[: wrong[0]].all() and not close[wrong[0] :].any() and wrong[0]:
            return f"The entries are right up to entry {wrong[0] - 1}, and from entry {wrong[0]} on they are not."
        return (
            f"{close.sum()} of {close.size} entries are right; those that are not: {', '.join(map(str, wrong[:FEW]))}."
        )
    if a.ndim == 2:
        for name, axis in ("row", 1), ("column", 0):
            whole = close.all(axis=axis)
            if whole.any() and not close[~whole if axis == 1 else slice(None)].all():
                good = np.flatnonzero(whole)
                if len(good) * (a.shape[axis]) == close.sum():
                    return f"Right are {name} {', '.join(map(str, good[:FEW]))} and no other."
    return f"{close.sum()} of {close.size} entries are right."


def _and(names):
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
