"""No "busy" from the kernel for the messages of sliders: a page of JupyterLab spends milliseconds on it.

A kernel says "busy" and "idle" around every message. JupyterLab draws its toolbar and status bar anew for each change,
about 3.5 ms of the page's main thread, while the answer to a slider waits behind. "Idle" stays: it tells the page that
it may send the slider's next value, and it changes nothing where nothing was busy.

Neither ipykernel (7.4) nor JupyterLab (4.6) has a setting for this, so one method of the kernel's is wrapped, which is
private. Where it is missing, or is called otherwise, the kernel says "busy" as ever.
"""

import functools

from IPython import get_ipython

_quiet = set()  # comm ids


def hush(widget):
    """Let the kernel not say "busy" for values that the page sends for a widget; for its clicks it does so as ever."""
    if (kernel := getattr(get_ipython(), "kernel", None)) and wrap(kernel):
        _quiet.add(widget.comm.comm_id)


def wrap(kernel):
    """Let a kernel leave out "busy" where `is_quiet`, for good; returns whether it can."""
    publish = getattr(kernel, "_publish_status", None)
    if publish is None or not hasattr(kernel, "get_parent"):
        return False
    if not hasattr(publish, "quiet"):

        @functools.wraps(publish)
        def publish_quietly(status, *args, **kwargs):
            if not (status == "busy" and args[:1] == ("shell",) and is_quiet(kernel.get_parent("shell"))):
                publish(status, *args, **kwargs)

        publish_quietly.quiet = True
        kernel._publish_status = publish_quietly
    return True


def is_quiet(message):
    """Whether a message to the kernel is the new value of a widget that was hushed."""
    try:
        content = message["content"]
        return (
            message["header"]["msg_type"] == "comm_msg"
            and content["comm_id"] in _quiet
            and content["data"]["method"] == "update"
        )
    except (KeyError, TypeError):
        return False
