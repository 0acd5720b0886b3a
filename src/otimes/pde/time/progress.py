"""A bar for the progress of time stepping."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from otimes.errors import MissingExtra


@contextmanager
def progress_bar(label: str = "time steps") -> Iterator[Callable[[int, int], None]]:
    """Yield a callable for `progress=` that draws a bar on stderr, on a terminal only.

    Any callable of the number of steps done and of all steps does as well.

    Parameters
    ----------
    label : str
        What stands beside the bar.

    Yields
    ------
    callable

    Raises
    ------
    MissingExtra
        rich is not installed.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> from otimes import pde
    >>> A = ox.kronsum([[-1.0]], [[-1.0]])
    >>> with pde.progress_bar("decay") as progress:
    ...     solution = pde.ETD1(step=0.1, progress=progress).solve(A, lambda t, u: 0 * u, [1.0], 1.0)
    >>> solution.steps
    10
    """
    if find_spec("rich") is None:
        raise MissingExtra('progress bars need rich: pip install "otimes[cli]"')
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
