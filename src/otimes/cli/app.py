"""The application: its commands, and one line on stderr for everything that can go wrong in them."""

import inspect
import io
import os
import re
import signal
import sys
import traceback
import warnings
from typing import Any

import typer
from typer.core import TyperGroup

from otimes.cli import apply, demo, factor, info, rules, show, solve
from otimes.cli.console import say
from otimes.cli.exit_codes import BAD_INPUT, DONE, INTERNAL, INTERRUPTED
from otimes.errors import OtimesError

__all__ = ["app", "prepare_process"]


class OneLineErrors(TyperGroup):
    """A group of commands that reports every failure as one line on stderr and never as a traceback."""

    def main(self, *args: Any, **options: Any) -> Any:
        """Run a command and end the process with its exit code."""
        try:
            code = super().main(*args, **{**options, "standalone_mode": False})
            sys.stdout.flush()
        except Exception as error:
            code = _report(error, str(options.get("prog_name") or "otimes"))
        sys.exit(code if isinstance(code, int) else DONE)


def _report(error: Exception, program: str) -> int:
    """Print what went wrong on one line and return the exit code."""
    if isinstance(error, typer.Abort):
        return INTERRUPTED
    if hasattr(error, "format_message"):  # a usage error of typer, whose classes move between its versions
        context = getattr(error, "ctx", None)
        command = context.command_path if context else program
        say(f"{command}: {error.format_message().rstrip('.')}; see {command} --help")
        return BAD_INPUT
    if isinstance(error, OSError) and error.filename is not None:
        say(f"{program}: {error.filename}: {error.strerror}")
        return BAD_INPUT
    if isinstance(error, OtimesError | OSError):
        say(f"{program}: {error}")
        return BAD_INPUT
    if isinstance(error, MemoryError):
        say(f"{program}: not enough memory ({error})" if str(error) else f"{program}: not enough memory")
        return BAD_INPUT
    if sys.flags.dev_mode:
        traceback.print_exception(error)
    say(f"{program}: internal error: {type(error).__name__}: {error} (python -X dev -m otimes.cli … shows where)")
    return INTERNAL


def prepare_process() -> None:
    """Let warnings be one line each, and SIGTERM end the process the way Ctrl-C does: with its files cleaned up.

    A stream that is closed takes everything and keeps nothing; a letter that stdout has not, such as ⊗ in Latin-1,
    becomes a question mark.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - as long as the process
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    warnings.showwarning = lambda message, *_, **__: say(f"otimes: warning: {message}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


app = typer.Typer(
    cls=OneLineErrors,
    add_completion=False,
    help="Kronecker products as a working tool: find the structure, keep it, compute with it.",
    pretty_exceptions_enable=False,
)
for module in (factor, apply, solve, info, rules, show, demo):
    command = getattr(module, module.__name__.rpartition(".")[2])
    paragraphs = re.sub(r"(?<!\n)\n(?!\n)", " ", inspect.cleandoc(command.__doc__))
    negative_entries = {"ignore_unknown_options": module is show}  # "-1 2; 3 4" is a matrix, not an option
    app.command(help=paragraphs, context_settings=negative_entries)(command)
