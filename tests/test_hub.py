"""A real JupyterHub with two users, used through a browser; and the copy of the course that each of them gets."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import classroom
import pytest
import yaml

from lessons import ORDER, stem
from tools import hub_server, lab, update
from tools.course import ROOT

FIRST, SECOND = (f"{stem(name)}.ipynb" for name in ORDER[:2])
CONFIG = """
load_subconfig({config!r})
c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = "a password of the test"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"  # no accounts of the machine: a folder each
c.SimpleLocalProcessSpawner.home_dir_template = {homes!r} + "/{{username}}"
c.Spawner.args.append("--LabApp.expose_app_in_browser=True")  # for tools/lab.js
c.JupyterHub.bind_url = "http://127.0.0.1:{ports[0]}"
c.JupyterHub.hub_port = {ports[1]}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{ports[2]}"
c.ConfigurableHTTPProxy.command = [{proxy!r}]
"""


# The copy


def course(root, *names, change=lambda text: text):
    """A course with some of the notebooks, changed as text."""
    for name in names:
        path = root / "notebooks" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(change((ROOT / "notebooks" / name).read_text(encoding="utf-8")), encoding="utf-8")
    return root


def cells(path):
    return [cell["source"] for cell in update.read(path.read_bytes())["cells"]]


def write_answer(path, exercise, answer):
    """What a learner does in JupyterLab: the skeleton becomes an answer, and has been run."""
    notebook = update.read(path.read_bytes())
    place = next(k for k, cell in enumerate(notebook["cells"]) if update.exercise(cell) == exercise)
    notebook["cells"][place - 1] |= {"source": answer, "execution_count": 7}
    path.write_text(update.written(notebook), encoding="utf-8")


@pytest.mark.machinery
def test_a_copy_is_made_once_and_then_left_alone(tmp_path):
    root, copy = course(tmp_path / "course", FIRST, SECOND), tmp_path / "home"
    assert hub_server.renew(root, copy) == []
    assert sorted(path.name for path in (copy / "notebooks").iterdir()) == [FIRST, SECOND]
    (copy / "notebooks" / FIRST).write_text("mine")
    assert hub_server.renew(root, copy) == []
    assert (copy / "notebooks" / FIRST).read_text() == "mine"


@pytest.mark.machinery
def test_a_new_course_keeps_what_was_written_and_no_old_line(tmp_path):
    root, copy = course(tmp_path / "course", FIRST, SECOND), tmp_path / "home"
    hub_server.renew(root, copy)
    answer = "def my_limit(second_derivative, x):\n    return 2 / second_derivative(x)"
    write_answer(copy / "notebooks" / FIRST, "learning-rate limit", answer)
    (copy / "notebooks" / "own.ipynb").write_text("my own")

    def newer(text):
        """Another title, as a course that was built again has it: ids are digests."""
        notebook = update.read(text)
        title = notebook["cells"][0]
        title["source"] = "# Another title"
        title["id"] = update.digest(title)
        return update.written(notebook)

    course(root, FIRST, SECOND, change=newer)
    told = "\n".join(hub_server.renew(root, copy))
    assert f"{FIRST}: the new lesson, with what you wrote for: learning-rate limit." in told
    for name in FIRST, SECOND:
        assert cells(copy / "notebooks" / name)[0] == "# Another title"
    assert answer in cells(copy / "notebooks" / FIRST)
    kept = sorted(path.name for path in (copy / "notebooks").iterdir())
    assert kept == sorted([FIRST, SECOND, FIRST.replace(".ipynb", "-before-1.ipynb"), "own.ipynb"])
    assert (copy / "notebooks" / "own.ipynb").read_text() == "my own"
    assert hub_server.renew(root, copy) == []


# The hub


def free_ports(count):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [one.getsockname()[1] for one in sockets]


@pytest.fixture
def hub(tmp_path):
    """A running hub: its address, and the folder with the homes of its users."""
    classroom.need("jupyterhub")
    if lab.find_browser() is None:
        classroom.refuse("no browser found")
    proxy = shutil.which("configurable-http-proxy")
    if proxy is None:
        classroom.refuse("no configurable-http-proxy found, which npm installs")
    homes, ports = tmp_path / "homes", free_ports(3)
    config = tmp_path / "config.py"
    names = {"config": str(ROOT / "tools" / "jupyterhub_config.py"), "homes": str(homes), "proxy": proxy}
    config.write_text(CONFIG.format(ports=ports, **names), encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    environment = {name: value for name, value in environment.items() if not name.startswith("JUPYTER")}
    log, address = tmp_path / "log", f"http://127.0.0.1:{ports[0]}"
    with open(log, "w") as written:
        command = [sys.executable, "-m", "jupyterhub", "-f", str(config)]
        running = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=written, stderr=written)
        try:
            for _ in range(600):
                with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/hub/health") as answer:
                    if answer.status == 200:
                        break
                assert running.poll() is None, log.read_text()
                time.sleep(0.1)
            yield address, homes
        finally:
            running.terminate()  # it stops the servers and the proxy
            try:
                running.wait(120)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()
            print(log.read_text())


def log_in(browser, address, name):
    """A page of a user of their own, on which the hub has opened their lesson 1."""
    page = browser.new_context(viewport=lab.VIEWPORT).new_page()
    page.goto(f"{address}/hub/login")
    page.fill("#username_input", name)
    page.fill("#password_input", "a password of the test")
    page.click("#login_submit")
    page.wait_for_url(f"{address}/user/{name}/lab/tree/notebooks/{FIRST}", timeout=120 * lab.SECONDS)
    return page


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.classroom
def test_two_learners_on_a_hub(hub):
    address, homes = hub
    with lab.browser() as browser:
        pages = {name: log_in(browser, address, name) for name in ("ann", "ben")}
        for name, page in pages.items():
            page.wait_for_selector(".jp-Notebook", timeout=120 * lab.SECONDS)
            notebook = lab.Notebook(page, f"{address}/user/{name}/doc/tree/notebooks/{SECOND}?reset", new=True)
            notebook.run()
            assert page.locator(".jp-Notification-Toast, .Toastify__toast").count() == 0  # no pop-up with news
            figure = notebook.figures()[0]
            slider, before = figure.sliders()[0], figure.state()
            slider.press("ArrowLeft" if slider.at_maximum else "ArrowRight")
            assert figure.text("status") == ""
            assert figure.state().picture != before.picture
            page.evaluate("downhill.panel().context.save()")
            assert notebook.problems == []
        for name, page in pages.items():
            copy = homes / name / "downhill" / "notebooks"
            assert sorted(path.name for path in copy.glob("*.ipynb")) == sorted(
                path.name for path in (ROOT / "notebooks").glob("*.ipynb")
            )
            saved = json.loads((copy / SECOND).read_text(encoding="utf-8"))
            assert saved != json.loads((ROOT / "notebooks" / SECOND).read_text(encoding="utf-8"))
            assert not (homes / name / ".cache" / "downhill").exists()  # the digits are those of the course
            page.goto(f"{address}/hub/logout")
            page.goto(f"{address}/user/{name}/lab")
            page.wait_for_selector("#login_submit", timeout=20 * lab.SECONDS)


# What other hubs read


class Settings(dict):
    """What a file of settings sets, by its dotted names."""

    def __init__(self, dotted="", top=None):
        super().__init__()
        self.__dict__.update(dotted=dotted, top=self if top is None else top)

    def __getattr__(self, name):
        return Settings(f"{self.dotted}{name}.", self.top)

    def __setattr__(self, name, value):
        self.top[f"{self.dotted}{name}"] = value


def settings_of_the_hub():
    path, c = ROOT / "tools" / "jupyterhub_config.py", Settings()
    exec(compile(path.read_text(encoding="utf-8"), path, "exec"), {"get_config": lambda: c, "__file__": str(path)})
    return c


@pytest.mark.machinery
@pytest.mark.skipif(os.name == "nt", reason="a hub runs on Linux or macOS")
def test_kubernetes_is_told_the_same_as_a_hub_here():
    values = yaml.safe_load((ROOT / "tools" / "hub_values.yaml").read_text(encoding="utf-8"))
    told, user = values["hub"]["config"]["Spawner"], values["singleuser"]
    ours = settings_of_the_hub()

    def there(value):
        return str(value).replace(str(ROOT), "/srv/downhill")

    assert user["cmd"][1:] == [there(part) for part in ours["Spawner.cmd"][1:]]
    assert user["defaultUrl"] == ours["Spawner.default_url"]
    assert user["startTimeout"] == ours["Spawner.start_timeout"]
    assert user["extraEnv"] == {name: there(value) for name, value in ours["Spawner.environment"].items()}
    assert told["args"] == [there(argument) for argument in ours["Spawner.args"]]
    assert (told["notebook_dir"], told["http_timeout"]) == (
        ours["Spawner.notebook_dir"],
        ours["Spawner.http_timeout"],
    )


@pytest.mark.machinery
@pytest.mark.skipif(os.name == "nt", reason="an image runs Linux")
def test_what_binder_runs():
    folder = ROOT / ".binder"
    assert "-r ../requirements.txt" in (folder / "requirements.txt").read_text().splitlines()
    assert (folder / "runtime.txt").read_text().strip().removeprefix("python-") in ("3.11", "3.12", "3.13", "3.14")
    for name in "postBuild", "start":
        assert os.access(folder / name, os.X_OK)
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    environment = os.environ | {"PATH": path, "PYTHONPATH": str(ROOT)}
    subprocess.run([folder / "postBuild"], cwd=ROOT, env=environment, check=True)
    code = "import os; print(os.environ['JUPYTER_WIDGETS_ECHO'], os.environ['JUPYTER_CONFIG_PATH'])"
    done = subprocess.run(
        [folder / "start", sys.executable, "-c", code],
        cwd=ROOT,
        env={name: value for name, value in environment.items() if name != "JUPYTER_CONFIG_PATH"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == ["0", str(ROOT / "tools" / "jupyter")]
    disabled = json.loads((ROOT / "tools" / "jupyter" / "labconfig" / "page_config.json").read_text())
    assert disabled == {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
