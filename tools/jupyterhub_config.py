"""Settings of a JupyterHub for a class: jupyterhub -f tools/jupyterhub_config.py; docs/classroom.md says the rest.

Who may log in, and how, is the hub's own matter: write a file that has `load_subconfig` of this one and goes on from
there.
"""

import subprocess
import sys
from pathlib import Path

import lessons

c = get_config()  # noqa: F821 (JupyterHub runs this file and provides the function)

COURSE = Path(__file__).resolve().parent.parent
TOOLS = COURSE / "tools"
HOUR = 3600  # seconds

# Each learner has a copy of their own that can be written to, made and renewed when their server starts.
c.Spawner.cmd = [sys.executable, str(TOOLS / "hub_server.py")]
c.Spawner.notebook_dir = "~/downhill"
c.Spawner.default_url = f"/lab/tree/notebooks/{lessons.stem(lessons.ORDER[0])}.ipynb"

# The settings of `make lab`; a hub leaves out its hook against the pop-up with news, so a file disables that.
c.Spawner.args = [
    f"--config={TOOLS / 'jupyter_lab_config.py'}",
    # Each open lesson keeps a kernel of about 80 MB: those that nobody has used for an hour end, then the server.
    f"--MappingKernelManager.cull_idle_timeout={HOUR}",
    "--MappingKernelManager.cull_interval=300",
    "--MappingKernelManager.cull_connected=True",
    f"--ServerApp.shutdown_no_activity_timeout={2 * HOUR}",
]
c.Spawner.environment = {"PYTHONPATH": str(COURSE), "JUPYTER_CONFIG_PATH": str(TOOLS / "jupyter")}

# A server starts in a few seconds: who waits for longer should read why.
c.Spawner.start_timeout = 60
c.Spawner.http_timeout = 30

# The digits are unpacked once, here, for all: in the course's folder, which no learner can write to.
subprocess.run([sys.executable, "-c", "from workbench.data import mnist; mnist.load()"], cwd=COURSE, check=True)
