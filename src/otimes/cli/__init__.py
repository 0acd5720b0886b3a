"""The ``otimes`` command: data on stdout, messages on stderr, exit code 0 when done and 2 on bad usage or input."""

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line of this process."""
    try:
        from otimes.cli.app import app, prepare_process
    except ModuleNotFoundError as error:
        if error.name not in {"typer", "rich"}:
            raise
        sys.stderr.write('otimes: the command line needs typer and rich: pip install "otimes[cli]"\n')
        sys.exit(2)
    prepare_process()
    app(prog_name="otimes")
