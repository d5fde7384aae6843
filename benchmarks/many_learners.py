"""What twenty learners on one machine cost, as on a teacher's server: python benchmarks/many_learners.py.

Under one Jupyter server twenty kernels load the digits, make a batch, and show the live figure Trajectories. One
learner's page is measured as in slider_latency.py: alone, then beside 19 kernels that rest, then while 5 or all 19 of
them have their sliders moved too, at up to 10 steps a second. These 19 get the messages that a page sends, through the
server, one in flight; what comes back is read and not drawn. Their client and the browser share the machine with the
server and the kernels, so a server with learners' browsers elsewhere has less to do.
"""

import statistics
import sys
from contextlib import contextmanager
from pathlib import Path

import memory
import steps
import table
from table import LINUX_ONLY, Measured, Row

LEARNERS = 20
OTHERS = LEARNERS - 1
DRAGGING = (5, OTHERS)  # so many others move their sliders
RATE = 10  # steps per second that each of them wants
LEARNER = f"{LEARNERS} learners"

ROWS = (
    Row(f"{LEARNER}: from nothing to the last figure, all at once", "s", "one learner alone"),
    Row(f"{LEARNER}: private memory of a kernel, median", "MB", "an empty kernel"),
    Row(f"{LEARNER}: memory of the digits in all kernels together", "MB", "a copy for each"),
    Row(f"{LEARNER}: slider step, all others rest", "ms", "alone on the machine"),
    *(Row(f"{LEARNER}: slider step, {n} others move theirs", "ms", "alone on the machine") for n in DRAGGING),
    *(Row(f"{LEARNER}: steps of each of {n} others", "per s", "wanted") for n in DRAGGING),
)

LESSON = """
from workbench.data import mnist
from lessons.trajectories.figures import Trajectories
from workbench.networks.training import batches

digits = mnist.load()
batch = mnist.pixels(digits.train_images[next(batches(len(digits.train_images), 128, 0))])
shown = Trajectories()
"""
CONTROL = 'shown.controls["lr_SGD"]'
PICTURE = ".live-picture"

# Other learners: kernels that JupyterLab's own client starts and talks to, from one page without a notebook.
SCRIPT = """
window.learners = {
  all: [],
  // Start a kernel and run the code in it; resolves once the figure is made.
  start: async ([code, control]) => {
    // A comm that no page knows would be closed.
    const kernel = await jupyterapp.serviceManager.kernels.startNew({name: "python3"}, {handleComms: false});
    const wanted = {slider: `${control}.comm.comm_id`, pid: "__import__('os').getpid()"};
    const {content} = await kernel.requestExecute({code, user_expressions: wanted}).done;
    if (content.status !== "ok") throw new Error(`${content.ename}: ${content.evalue}`);
    const answer = name => content.user_expressions[name].data["text/plain"].replaceAll("'", "");
    learners.all.push({kernel, slider: answer("slider"), pid: Number(answer("pid")), steps: 0});
  },
  stop: () => Promise.all(learners.all.splice(0).map(({kernel}) => kernel.shutdown())),
  // The message that a page sends when a slider moves; resolves once the kernel is done with it.
  step: ({kernel, slider}, value) => kernel.sendShellMessage({
    header: {
      msg_id: crypto.randomUUID(), msg_type: "comm_msg", session: kernel.clientId, username: "", version: "5.2",
      date: new Date().toISOString(),
    },
    parent_header: {}, metadata: {}, channel: "shell", buffers: [],
    content: {comm_id: slider, data: {method: "update", state: {value}, buffer_paths: []}},
  }).done,
  // Move the sliders of the first `count` learners until `rest`, which resolves to the steps per second of each.
  move: (count, rate) => {
    const [begin, until] = [performance.now(), milliseconds => new Promise(done => setTimeout(done, milliseconds))];
    let moving = true;
    const learner = async (one, i) => {
      await until(i / count * 1000 / rate);  // not all in the same moment
      for (one.steps = 0; moving; one.steps++) {
        const next = performance.now() + 1000 / rate;
        await learners.step(one, 0.5 + one.steps % 100 / 100);
        await until(next - performance.now());
      }
    };
    const chosen = learners.all.slice(0, count);
    const rested = chosen.map(learner);
    learners.rest = async () => {
      const seconds = (performance.now() - begin) / 1000;
      moving = false;
      const steps = chosen.map(one => one.steps / seconds);
      await Promise.all(rested);
      return steps;
    };
  },
};
"""

PID = """
downhill.kernel().requestExecute({code: "", user_expressions: {pid: "__import__('os').getpid()"}}).done
  .then(({content}) => Number(content.user_expressions.pid.data["text/plain"]))
"""


@contextmanager
def client(jupyter):
    """A page of JupyterLab from which other learners' kernels are run; they are stopped at the end."""
    page = jupyter.browser.new_page()
    page.goto(f"{jupyter.server['url']}lab?reset&token={jupyter.server['token']}")
    page.wait_for_function("window.jupyterapp?.serviceManager.isReady")
    page.evaluate(SCRIPT)
    try:
        yield page
    finally:
        page.evaluate("learners.stop()")
        page.close()


def start(page, count):
    """Start so many learners at once; returns the seconds until the last one has a figure."""
    return page.evaluate(
        """async ([count, ...lesson]) => {
          const begin = performance.now();
          await Promise.all(Array.from({length: count}, () => learners.start(lesson)));
          return (performance.now() - begin) / 1000;
        }""",
        [count, LESSON, CONTROL],
    )


def digits(pid):
    """Memory of the digits in a process, in megabytes: its share of pages that many processes map, and all pages."""
    sizes = {"Pss:": 0.0, "Rss:": 0.0}
    wanted = False
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        first, *rest = line.split()
        if not first.endswith(":"):  # the first line of a mapping ends with the file's name
            wanted = line.endswith("-ubyte")
        elif wanted and first in sizes:
            sizes[first] += int(rest[0]) * 1024 / memory.MEGABYTE
    return sizes["Pss:"], sizes["Rss:"]


def memories(pids, empty):
    """Measure the rows on memory."""
    if not memory.readable():
        return 2 * [Measured(LINUX_ONLY, LINUX_ONLY)]
    shares, wholes = zip(*map(digits, pids), strict=True)
    return [Measured(statistics.median(map(memory.private, pids)), empty), Measured(sum(shares), sum(wholes))]


def measure(quick=False):
    """Measure all ROWS in their order."""
    count = 4 if quick else 30
    empty = memory.kernel_after([]) if memory.readable() else LINUX_ONLY
    with steps.page([f'{LESSON}measured("learner", shown, {CONTROL})']) as (jupyter, notebook):

        def latency():
            return steps.times(notebook, "learner", PICTURE, count)[0].frame

        alone = latency()
        with client(jupyter) as page:
            one = start(page, 1)
            page.evaluate("learners.stop()")
            found = [Measured(start(page, LEARNERS), one)]
            page.evaluate("learners.all.pop().kernel.shutdown()")  # the page that is measured is the twentieth
            pids = page.evaluate("learners.all.map(one => one.pid)")
            found += memories([*pids, notebook.page.evaluate(PID)], empty)
            found.append(Measured(latency(), alone))
            rates = []
            for others in DRAGGING:
                page.evaluate(f"learners.move({others}, {RATE})")
                found.append(Measured(latency(), alone))
                rates.append(Measured(statistics.mean(page.evaluate("learners.rest()")), RATE))
    return found + rates


if __name__ == "__main__":
    table.alone(sys.modules[__name__])
