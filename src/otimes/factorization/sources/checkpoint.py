"""What a stream has computed, kept on disk so that an interrupted one goes on where it was."""

import glob
import json
import os
import time
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np

from otimes.errors import FileFormatError
from otimes.factorization.sources.passes import FirstPass, SecondPass

_SHARE = 20  # saving takes at most one part in so many of the time
_PASSES: dict[str, Any] = {"first": FirstPass, "second": SecondPass}


@dataclass
class Checkpoint:
    """A file with the state of a stream; ``belongs_to`` says of which computation."""

    path: Path | None
    belongs_to: dict[str, Any]
    saved: float = field(default_factory=time.monotonic)
    pause: float = 1.0

    def load(self) -> FirstPass | SecondPass | None:
        """Return the state saved, or None.

        Raises
        ------
        FileFormatError
            The file is of another computation, or no such file.
        """
        if self.path is None or not self.path.exists():
            return None
        try:
            with np.load(self.path) as archive:
                header = json.loads(str(archive["header"]))
                cls = _PASSES[header["pass"]]
                state = {f.name: archive[f.name][()] for f in fields(cls)}
        except Exception as error:
            raise FileFormatError(f"{self.path}: no checkpoint of a stream, or damaged; name another one") from error
        differing = [
            f"{key} was {header['belongs_to'].get(key)}, now {value}"
            for key, value in self.belongs_to.items()
            if header["belongs_to"].get(key) != value
        ]
        if differing:
            raise FileFormatError(
                f"{self.path} is the checkpoint of another computation ({'; '.join(differing)}); "
                "remove it, or name another"
            )
        return cls(**{**state, "done": int(state["done"])})

    def save(self, state: FirstPass | SecondPass) -> None:
        """Write the state, whole or not at all."""
        if self.path is None:
            return
        start = time.monotonic()
        name = next(key for key, cls in _PASSES.items() if isinstance(state, cls))
        header = json.dumps({"pass": name, "belongs_to": self.belongs_to})
        temporary = self.path.with_name(f".{self.path.name}.{os.getpid()}.tmp")
        try:
            with temporary.open("wb") as file:
                np.savez(file, header=header, **{f.name: getattr(state, f.name) for f in fields(state)})
            temporary.replace(self.path)
        finally:
            temporary.unlink(missing_ok=True)
        self.saved = time.monotonic()
        self.pause = max(1.0, _SHARE * (self.saved - start))

    def save_now_and_then(self, state: FirstPass | SecondPass) -> None:
        """Write the state if that takes little of the time since it was last done."""
        if time.monotonic() - self.saved > self.pause:
            self.save(state)


def remove_checkpoint(path: Path) -> None:
    """Remove the file, and what a process that was killed while writing has left of it."""
    for file in (path, *path.parent.glob(f".{glob.escape(path.name)}.*.tmp")):
        file.unlink(missing_ok=True)
