"""A matrix with known Kronecker structure, in files, and a way to run the command in this process."""

from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

from otimes.cli.app import app


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Run ``otimes`` with arguments in an empty folder; colours and widths are those of a pipe."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("FORCE_COLOR", raising=False)

    def invoke(*arguments):
        result = CliRunner().invoke(app, [str(argument) for argument in arguments], prog_name="otimes")
        assert "Traceback" not in result.stderr
        return SimpleNamespace(code=result.exit_code, out=result.stdout, err=result.stderr)

    return invoke


def symmetric(rng, size):
    """Return a random symmetric positive definite matrix."""
    root = rng.standard_normal((size, size))
    return root @ root.T / size + np.eye(size)


@pytest.fixture
def matrix():
    """Return two terms of (4×4) ⊗ (6×6), the second small, and noise far below it."""
    rng = np.random.default_rng(3)
    terms = [np.kron(symmetric(rng, 4), symmetric(rng, 6)) for _ in range(2)]
    noise = rng.standard_normal((24, 24))
    return terms[0] + 0.05 * terms[1] + 1e-6 * (noise + noise.T)


@pytest.fixture
def matrix_file(matrix, tmp_path):
    """Return the name of a file that holds the matrix."""
    np.save(tmp_path / "M.npy", matrix)
    return "M.npy"
