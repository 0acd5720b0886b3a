"""The steps of a search, for whoever watches it."""

from collections.abc import Callable

Progress = Callable[[int, int, str], object]  # done, total, label


class Steps:
    """The steps of a search, counted."""

    def __init__(self, watcher: Progress | None) -> None:
        self.watcher = watcher
        self.done = 0

    def __call__(self, label: str, *, left: int = 0) -> None:
        """Say that a step begins, and how many are left for all that is known, this one among them or a last one."""
        if self.watcher is not None:
            self.watcher(self.done, self.done + left + 1, label)
        self.done += 1
