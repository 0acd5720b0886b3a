"""The ``otimes`` command: data on stdout, messages on stderr.

Exit code 0 when done, 2 on bad usage or input, 3 when `otimes factor` misses the tolerance and gives the best there is.
"""

import sys
from importlib.util import find_spec

__all__ = ["main"]


def main() -> None:
    """Run the command line of this process."""
    if any(find_spec(package) is None for package in ("typer", "rich")):
        sys.stderr.write('otimes: the command line needs typer and rich: pip install "otimes[cli]"\n')
        sys.exit(2)
    from otimes.cli.app import app, prepare_process

    prepare_process()
    app(prog_name="otimes")
