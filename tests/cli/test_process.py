"""The command as a process of its own: exit codes, streams, signals, missing extras."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

COMMAND = [sys.executable, "-m", "otimes.cli"]


def run(*arguments, **options):
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=60, **options)


def python(code, *options):
    return subprocess.run([sys.executable, *options, "-c", code], capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--help"], 0),
        (["show", "1 2", "3 4"], 0),
        ([], 2),
        (["nonsense"], 2),
        (["factor", "nowhere.npy"], 2),
        (["apply"], 2),
        (["info", "nowhere.npz"], 2),
    ],
)
def test_exit_codes_and_streams(tmp_path, arguments, code):
    result = run(*arguments, cwd=tmp_path)
    assert result.returncode == code
    assert (result.stdout == "") == (code == 2)
    assert len(result.stderr.splitlines()) == (1 if code else 0)
    assert "Traceback" not in result.stderr


def test_a_pickle_is_not_run(tmp_path):
    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "sprung"),)

    np.save(tmp_path / "M.npy", np.array([[Trap()]], dtype=object), allow_pickle=True)
    result = run("factor", "M.npy", cwd=tmp_path)
    assert result.returncode == 2
    assert "never unpickled" in result.stderr
    assert not (tmp_path / "sprung").exists()


def test_a_closed_pipe_is_quiet():
    process = subprocess.Popen([*COMMAND, "rules"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    process.stdout.close()
    message = process.stderr.read()
    process.stderr.close()
    process.wait(timeout=60)
    assert message == ""


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_closed_streams_are_no_fault(closed):
    script = f'"$0" -m otimes.cli rules {closed}'
    result = subprocess.run(["sh", "-c", script, sys.executable], capture_output=True, text=True, timeout=60)
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_a_stdout_that_is_not_utf8(tmp_path, encoding):
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    result = run("rules", "inv", env=environment, encoding=encoding)
    assert (result.returncode, result.stderr) == (0, "")
    assert "A ? B" in result.stdout
    fields = json.loads(run("rules", "inv", "--json", env=environment, encoding=encoding).stdout)
    assert any("⊗" in rule["operands"] + rule["says"] for rule in fields["rules"])


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_write_leaves_the_old_file_and_no_litter(tmp_path, number, code):
    (tmp_path / "M.csv").write_text("1,2\n3,4\n")
    (tmp_path / "F.npz").write_bytes(b"old")
    script = (
        "import os, signal, sys, time\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # jobs in the background are born deaf to it
        "real = os.fsync\n"
        "def slow(*a):\n    sys.stdout.write('writing\\n'); sys.stdout.flush(); time.sleep(30); real(*a)\n"
        "os.fsync = slow\n"
        "sys.argv = ['otimes', 'factor', 'M.csv', '--shapes', '2x2,1x1', '--out', 'F.npz']\n"
        "from otimes.cli import main\nmain()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "writing\n"
    time.sleep(0.1)
    process.send_signal(number)
    _, message = process.communicate(timeout=30)
    assert process.returncode == code
    assert message == ""
    assert (tmp_path / "F.npz").read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["F.npz", "M.csv"]


@pytest.mark.parametrize("missing", ["typer", "rich"])
def test_without_the_cli_extra(missing):
    result = python(f"import sys; sys.modules['{missing}'] = None\nfrom otimes.cli import main\nmain()")
    assert result.returncode == 2
    assert result.stderr == 'otimes: the command line needs typer and rich: pip install "otimes[cli]"\n'


def test_without_the_plot_extra(tmp_path):
    code = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "sys.argv = ['otimes', 'factor', 'M.csv', '--plot', 'M.png']\n"
        "from otimes.cli import main\nmain()"
    )
    (tmp_path / "M.csv").write_text("1,2\n3,4\n")
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert result.returncode == 2
    assert result.stderr == 'otimes: pictures need matplotlib: pip install "otimes[plot]"\n'


def test_an_internal_fault_is_one_line_and_shows_its_place_on_request(tmp_path):
    code = (
        "import sys, otimes\n"
        "def fault(*a, **k): raise ZeroDivisionError('seven')\n"
        "otimes.show = fault\n"
        "sys.argv = ['otimes', 'show', '1', '2']\n"
        "from otimes.cli import main\nmain()"
    )
    result = python(code)
    assert result.returncode == 1
    assert result.stderr.startswith("otimes: internal error: ZeroDivisionError: seven")
    assert len(result.stderr.splitlines()) == 1
    assert "in fault" in python(code, "-X", "dev").stderr


def test_the_commands_import_nothing_heavy():
    code = (
        "import sys, otimes; before = set(sys.modules)\n"
        "import otimes.cli.app\n"
        "print(sorted({m.split('.')[0] for m in set(sys.modules) - before} & {'matplotlib', 'torch', 'pandas'}))\n"
        "print('otimes.cli.systems' in sys.modules)"
    )
    assert python(code).stdout.split() == ["[]", "False"]
