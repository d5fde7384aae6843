"""Settings of the JupyterLab that `make lab` starts: lesson 1 first, nothing from the network, no screen needed."""

import os
import sys
from pathlib import Path

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

import lessons
from workbench.notebooks.contents import Contents

c = get_config()  # noqa: F821 (JupyterLab runs this file and provides the function)

# The page that opens, and the address that is printed, is lesson 1, from whatever folder JupyterLab is started.
c.ServerApp.root_dir = str(Path(__file__).resolve().parent.parent)
c.LabApp.default_url = f"/lab/tree/notebooks/{lessons.stem(lessons.ORDER[0])}.ipynb"


def without_announcements(handler, page):
    """The page's settings without the plugin that greets with a pop-up and asks the network for news and updates."""
    plugin = "@jupyterlab/apputils-extension:announcements"  # news_url = None alone leaves the pop-up
    return page | {"disabledExtensions": [*page["disabledExtensions"], plugin]}


c.ServerApp.tornado_settings = {"page_config_hook": without_announcements}
c.LabApp.extension_manager = "readonly"  # the other choice lists what the network has to offer

# A notebook that was run and saved shows its pictures, whoever opens it.
c.ServerApp.contents_manager_class = Contents

# A container often has no user but root. The server listens on localhost and asks for a token all the same.
c.ServerApp.allow_root = hasattr(os, "geteuid") and os.geteuid() == 0

# Without a screen a text browser would take over the terminal. BROWSER names one that was chosen on purpose.
has_screen = sys.platform in ("darwin", "win32") or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")))
c.ServerApp.open_browser = c.ExtensionApp.open_browser = has_screen


# Kernels inherit it: no copy of a slider's new value goes back to the page that sent it, ahead of the picture.
os.environ.setdefault("JUPYTER_WIDGETS_ECHO", "0")


class PromptConnection(ZMQChannelsWebsocketConnection):
    """Sends small messages at once: otherwise each may wait 40 ms for the browser to acknowledge the one before."""

    def connect(self):
        self.websocket_handler.set_nodelay(True)
        return super().connect()


c.ServerApp.kernel_websocket_connection_class = PromptConnection
