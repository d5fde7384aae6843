"""Progress bars with the time left, for what takes seconds."""

from collections.abc import Sequence, Sized

from IPython.display import display
from tqdm.notebook import tqdm

from workbench.checks import Kind, checked


@checked(items=Kind(Sized, "a sequence, whose length is known"), label=Kind(str, "words"))
def with_bar(items: Sequence, label: str) -> tqdm:
    """Iterate over a sequence with a progress bar above; label: what is done. Raises ValueError for anything else."""
    return _shown(tqdm(items, desc=label, display=False), f"{label}: {len(items)}")


def progress_bar(total: int, label: str) -> tqdm:
    """A progress bar of `total` steps, for `update(steps)` and `close()`."""
    return _shown(tqdm(total=total, desc=label, display=False), f"{label}: {total}")


def _shown(bar, text):
    """The bar is a widget: nothing goes to stderr, and where no widget is shown one line that never changes stands."""
    display(bar.container._repr_mimebundle_() | {"text/plain": text}, raw=True)
    return bar
