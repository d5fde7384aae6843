"""What `checked` keeps of a function: calls by place and by name, Python's own errors, signature, copies."""

import copy
import inspect
import pickle

import pytest

from workbench.checks import Anything, Whole, checked


@checked(n=Whole(1), of=Anything())
def divided(n, of=1.0, *, extra=None):
    """A part."""
    return of / n


@checked(n=Whole(1))
class Part:
    def __init__(self, n):
        self.n = n


def test_by_place_and_by_name():
    assert divided(2) == divided(n=2) == divided(2, of=1.0) == divided(of=1, n=2) == 0.5
    for call in lambda: divided(0), lambda: divided(n=0), lambda: divided(0, 1.0), lambda: divided(of=1.0, n=0):
        with pytest.raises(ValueError, match=r"^n is 0; allowed: a whole number, 1 or larger$"):
            call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: divided(), "missing 1 required positional argument: 'n'"),
        (lambda: divided(1, 2, 3), "takes from 1 to 2 positional arguments but 3 were given"),
        (lambda: divided(1, m=2), "got an unexpected keyword argument 'm'"),
        (lambda: divided(1, n=2), "got multiple values for argument 'n'"),
        (lambda: Part(), "missing 1 required positional argument: 'n'"),
    ],
)
def test_a_missing_or_unknown_argument_gets_pythons_own_error(call, message):
    with pytest.raises(TypeError, match=message):
        call()


def test_signature_and_docstring_stay():
    assert str(inspect.signature(divided)) == "(n, of=1.0, *, extra=None)"
    assert str(inspect.signature(Part)) == "(n)"
    assert (divided.__name__, divided.__doc__) == ("divided", "A part.")


def test_functions_and_objects_can_be_copied_and_pickled():
    assert pickle.loads(pickle.dumps(divided)) is divided
    assert copy.deepcopy(Part(2)).n == pickle.loads(pickle.dumps(Part(2))).n == 2


def test_a_declaration_of_an_argument_that_is_none_is_refused():
    with pytest.raises(ValueError, match="'m' is not in list"):
        checked(m=Whole())(lambda n: n)


def test_a_traceback_has_three_frames():
    with pytest.raises(ValueError, match="allowed") as caught:
        divided(0)
    assert [entry.name for entry in caught.traceback][1:] == ["call", "check", "refuse"]
