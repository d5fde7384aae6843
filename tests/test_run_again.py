"""A cell that runs again ends its earlier figure, in a real kernel: nothing of it stays in the memory."""

import pytest
from jupyter_client.manager import start_new_kernel

pytestmark = [pytest.mark.machinery, pytest.mark.slow]

START = """
import gc, ipywidgets, psutil
from ipywidgets.widgets.widget import _instances
from matplotlib.figure import Figure
from lessons.gradient_descent.figures import TwoValleys

def living(kind):
    gc.collect()
    return sum(isinstance(thing, kind) for thing in gc.get_objects())
"""
FIGURE = "valleys = TwoValleys()\nvalleys"


class Kernel:
    """A kernel that is told which cell runs, as JupyterLab tells it."""

    def __init__(self, client):
        self.client = client

    def run(self, code, cell):
        """Run code in the cell of this id; returns what it printed. Raises RuntimeError for an error."""
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
        message = self.client.session.msg("execute_request", content, metadata={"cellId": cell} if cell else {})
        self.client.shell_channel.send(message)
        printed = ""
        while True:
            answer = self.client.get_iopub_msg(timeout=120)
            if answer["parent_header"].get("msg_id") != message["header"]["msg_id"]:
                continue
            if answer["msg_type"] == "error":
                raise RuntimeError("\n".join(answer["content"]["traceback"]))
            if answer["msg_type"] == "stream":
                printed += answer["content"]["text"]
            if answer["msg_type"] == "status" and answer["content"]["execution_state"] == "idle":
                return printed.strip()

    def value(self, expression):
        return self.run(f"print({expression})", "asks")


@pytest.fixture(scope="module")
def kernel():
    manager, client = start_new_kernel()
    kernel = Kernel(client)
    kernel.run(START, "start")
    yield kernel
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_fifty_runs_leave_one_figure_and_less_than_ten_megabytes(kernel):
    for _ in range(25):  # from then on Python collects as much as is new
        kernel.run(FIGURE, "figure")
    memory = "psutil.Process().memory_info().rss"
    widgets, before = kernel.value("len(_instances)"), int(kernel.value(memory))
    for _ in range(50):
        assert kernel.run(FIGURE, "figure") == ""
    assert kernel.value("living(Figure), living(TwoValleys)") == "1 1"
    assert kernel.value("len(_instances)") == widgets
    assert int(kernel.value(memory)) - before < 10e6


def test_a_figure_lives_while_another_cell_shows_it(kernel):
    kernel.run(FIGURE, "one")
    kernel.run("first = valleys; first", "two")
    kernel.run(FIGURE, "one")
    assert kernel.value("first.comm is not None, valleys is not first") == "True True"
    kernel.run("valleys", "two")
    assert kernel.value("first.comm is None, valleys.comm is not None") == "True True"


def test_without_names_of_cells_every_figure_stays(kernel):
    kernel.run("figures = [TwoValleys(), TwoValleys()]; figures[0]", None)
    kernel.run("figures[1]", None)
    assert kernel.value("[figure.comm is not None for figure in figures]") == "[True, True]"
