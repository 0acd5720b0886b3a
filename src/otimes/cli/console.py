"""What goes where: data to stdout, messages and progress to stderr."""

import dataclasses
import json
import math
import sys
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.table import Table

__all__ = [
    "Report",
    "new_table",
    "plain_numbers",
    "progress",
    "say",
    "show_array",
    "show_json",
    "show_table",
    "show_text",
    "terminal",
]

Report = Callable[[int, int, str], None]

SECONDS_BEFORE_PROGRESS = 1.0


def say(message: str) -> None:
    """Write one line to stderr."""
    typer.echo(" ".join(message.split()), err=True)


def show_text(text: str) -> None:
    """Write text to stdout."""
    typer.echo(text)


def show_array(array: Any) -> None:
    """Write numbers to stdout, one line a row, with every digit."""
    from otimes.io import text_lines

    for line in text_lines(array, " "):
        typer.echo(line)


def terminal() -> tuple[int, bool]:
    """Return the width of stdout in characters, and whether it takes colours."""
    from rich.console import Console

    console = Console()
    return console.width, console.color_system is not None


def new_table(*headings: str, words: Collection[str] = ()) -> "Table":
    """Return a table without lines; columns of ``words`` start at the left, those of numbers end at the right."""
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in headings:
        table.add_column(heading, justify="left" if heading in words else "right", no_wrap=True)
    return table


def show_table(title: str, table: "Table") -> None:
    """Write a table under its title to stdout, in colour on a terminal only."""
    from rich.console import Console

    typer.echo(title)
    Console().print(table)


def show_json(fields: dict[str, Any]) -> None:
    """Write one JSON object to stdout; complex numbers as pairs, and escapes for what stdout has no letters for."""
    escaped = not (getattr(sys.stdout, "encoding", None) or "utf-8").lower().startswith("utf")
    typer.echo(json.dumps(fields, indent=1, ensure_ascii=escaped, allow_nan=False, default=_plain))


def plain_numbers(values: Iterable[float]) -> list[float | None]:
    """Return numbers for JSON: None (null) for those beyond the range of double precision."""
    return [float(value) if math.isfinite(value) else None for value in values]


def _plain(value: Any) -> list[float] | dict[str, Any]:
    """Return a complex number or a record as JSON can hold it."""
    if isinstance(value, complex):
        return [value.real, value.imag]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    raise TypeError(f"no JSON for {type(value).__name__}")


@contextmanager
def progress(label: str) -> Iterator[Report]:
    """Yield a callable ``(done, total, label)`` that moves a bar on stderr: after a second, on a terminal only."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda *_: None
        return
    columns = (BarColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    bar = Progress(*columns, console=console, transient=True)
    task = bar.add_task(label, total=None)
    timer = threading.Timer(SECONDS_BEFORE_PROGRESS, bar.start)
    timer.start()
    try:
        yield lambda done, total, label: bar.update(task, completed=done, total=total, description=label)
    finally:
        timer.cancel()
        timer.join()
        bar.stop()
