"""What a class of twenty costs on a hub, a server and a kernel each: python benchmarks/class_servers.py.

Each learner has a JupyterLab of their own, started as `make lab` and the hub start it, and in it one kernel that loads
the digits and shows the live figure Trajectories, as in many_learners.py, where one server has all kernels. First one
learner is measured, then all at once. The hub itself, which is one more process for all, and browsers are left out.
"""

import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from urllib.error import URLError
from urllib.request import Request, urlopen

import memory
import steps
import table
from jupyter_client import BlockingKernelClient
from many_learners import LEARNERS, LESSON
from table import LINUX_ONLY, Measured, Row

NAME = f"class of {LEARNERS}, a server each"
GIGABYTES = 4
SECONDS = 300  # that a server may take to start when all do so at once
ROWS = (
    Row(f"{NAME}: from nothing to the last figure, all at once", "s", "one learner alone"),
    Row(f"{NAME}: private memory of a server, median", "MB", "of its kernel"),
    Row(f"{NAME}: learners for {GIGABYTES} GB", "learners", "were the kernels under one server"),
)
NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"


def start_kernel(server):
    """Start a kernel by the server's own interface and show the figure in it; returns the kernel's process."""
    request = Request(f"{server['url']}api/kernels", data=b"{}", headers={"Authorization": f"token {server['token']}"})
    end = perf_counter() + SECONDS
    while True:
        try:
            with urlopen(request) as answer:
                name = json.loads(answer.read())["id"]
            break
        except URLError:  # a server says where it is a moment before it listens
            if perf_counter() > end:
                raise
            sleep(0.1)
    runtime = Path(server["root_dir"]).parent / "runtime"
    client = BlockingKernelClient(connection_file=str(runtime / f"kernel-{name}.json"))
    client.load_connection_file()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=SECONDS)
        said = []
        hook = {"output_hook": lambda message: said.append(message["content"].get("text", ""))}
        reply = client.execute_interactive(f"{LESSON}\nimport os\nprint(os.getpid())", allow_stdin=False, **hook)
        if reply["content"]["status"] != "ok":
            raise RuntimeError(f"the lesson failed: {reply['content']}")
        return int("".join(said))
    finally:
        client.stop_channels()


def together(count):
    """Start so many learners at once; returns the seconds until the last has a figure, and (server, kernel) in MB."""
    over, found = threading.Event(), threading.Semaphore(0)

    def learner():
        try:
            with steps.lab.serve(NOTEBOOKS, SECONDS) as server:
                kernel = start_kernel(server)
                found.release()
                over.wait()
                return (memory.private(server["pid"]), memory.private(kernel)) if memory.readable() else None
        finally:
            found.release()  # after an error, so that nobody waits for ever

    with ThreadPoolExecutor(count) as pool:
        begin = perf_counter()
        learners = [pool.submit(learner) for _ in range(count)]
        for _ in learners:
            found.acquire()
        seconds = perf_counter() - begin
        over.set()
        return seconds, [one.result() for one in learners]


def measure(quick=False):
    """Measure all ROWS in their order; quick: two learners."""
    one, _ = together(1)
    seconds, sizes = together(2 if quick else LEARNERS)
    if not memory.readable():
        return [Measured(seconds, one), *2 * [Measured(LINUX_ONLY, LINUX_ONLY)]]
    server, kernel = (median(column) for column in zip(*sizes, strict=True))
    megabytes = GIGABYTES * 1000
    return [
        Measured(seconds, one),
        Measured(server, kernel),
        Measured(megabytes // (server + kernel), (megabytes - server) // kernel),
    ]


if __name__ == "__main__":
    table.alone(sys.modules[__name__])
