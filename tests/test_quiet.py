"""The kernel says no "busy" for the values of a live figure's controls, and "busy" as ever for all else."""

from types import SimpleNamespace

import pytest

from workbench.live import quiet


class Kernel:
    """What a kernel of ipykernel's has of the method; notes what it says."""

    def __init__(self, message):
        self.message, self.said = message, []

    def get_parent(self, channel):
        return self.message

    def _publish_status(self, status, channel, parent=None):
        self.said.append((status, channel))


def message(comm_id="slider", method="update", kind="comm_msg"):
    return {"header": {"msg_type": kind}, "content": {"comm_id": comm_id, "data": {"method": method}}}


@pytest.fixture
def hushed(monkeypatch):
    """A kernel that knows a hushed widget, whose comm is "slider"."""
    kernel = Kernel(message())
    monkeypatch.setattr(quiet, "_quiet", set())
    monkeypatch.setattr(quiet, "get_ipython", lambda: SimpleNamespace(kernel=kernel))
    quiet.hush(SimpleNamespace(comm=SimpleNamespace(comm_id="slider")))
    return kernel


def test_no_busy_for_a_value_of_a_hushed_widget(hushed):
    hushed._publish_status("busy", "shell")
    hushed._publish_status("idle", "shell")
    assert hushed.said == [("idle", "shell")]


@pytest.mark.parametrize(
    "other",
    [
        message(comm_id="another slider"),
        message(method="custom"),  # the click of a button, which may train
        message(kind="comm_close"),
        {"header": {"msg_type": "execute_request"}, "content": {"code": "1"}},
        {},
        None,
    ],
)
def test_busy_for_all_else(hushed, other):
    hushed.message = other
    hushed._publish_status("busy", "shell")
    assert hushed.said == [("busy", "shell")]


def test_busy_on_other_channels(hushed):
    hushed._publish_status("busy", "control")
    hushed._publish_status("starting", "shell", parent={})
    assert hushed.said == [("busy", "control"), ("starting", "shell")]


def test_a_kernel_is_wrapped_once(hushed):
    wrapped = hushed._publish_status
    quiet.hush(SimpleNamespace(comm=SimpleNamespace(comm_id="another slider")))
    assert hushed._publish_status is wrapped
    assert quiet._quiet == {"slider", "another slider"}


@pytest.mark.parametrize("shell", [None, SimpleNamespace(), SimpleNamespace(kernel=SimpleNamespace())])
def test_without_the_method_all_stays_as_it_is(monkeypatch, shell):
    monkeypatch.setattr(quiet, "_quiet", set())
    monkeypatch.setattr(quiet, "get_ipython", lambda: shell)
    quiet.hush(SimpleNamespace(comm=SimpleNamespace(comm_id="slider")))
    assert quiet._quiet == set()


def test_the_kernel_that_is_installed_has_the_method():
    """ipykernel's method is private: where it goes away, slider steps take longer, and this says why."""
    from ipykernel.kernelbase import Kernel

    assert callable(Kernel._publish_status)
    assert callable(Kernel.get_parent)
