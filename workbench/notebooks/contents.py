"""How the course's server saves a notebook that was run, so that it can be opened without its kernel.

JupyterLab saves of a live figure which widget shows it, and that widget ends with its kernel: opened again, the
notebook has an error in its place, though the picture is there, too. Here only the picture is saved, with its words. A
page that is loaded again while the kernel runs gets its widgets back.
"""

from collections.abc import Callable

from jupyter_core.utils import ensure_async
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

from workbench.notebooks import outputs


class Contents(AsyncLargeFileManager):
    """Jupyter Server's own, but for the outputs of notebooks."""

    async def save(self, model, path=""):
        """Save a file; a notebook with what it shows without a kernel."""
        each_output(model, outputs.saved, await self.process(path))
        return await super().save(model, path)

    async def get(self, path, content=True, **options):
        """Read a file; a notebook with what its kernel can still show."""
        model = await super().get(path, content, **options)
        each_output(model, outputs.opened, await self.process(path))
        return model

    async def process(self, path: str) -> int | None:
        """The process of the kernel that runs for a notebook; None where none does."""
        sessions = await ensure_async(self.parent.session_manager.list_sessions())
        for session in sessions:
            if session["path"].strip("/") == path.strip("/") and session.get("kernel"):
                kernel = self.parent.kernel_manager.get_kernel(session["kernel"]["id"])
                return getattr(getattr(kernel, "provisioner", None), "pid", None)
        return None


def each_output(model: dict, change: Callable, process: int | None) -> None:
    """Let `change` have the outputs of every cell of a model that holds a notebook."""
    content = model.get("content")
    if model.get("type") == "notebook" and isinstance(content, dict):
        for cell in content.get("cells", ()):
            if "outputs" in cell:
                cell["outputs"] = change(cell["outputs"], process)
