"""Write what is generated: docs/rules.md from the rule tables, docs/images from the demo."""

import pathlib
import shutil
import subprocess
import sys
import tempfile

import otimes as ox

DOCS = pathlib.Path(__file__).parent

if __name__ == "__main__":
    (DOCS / "rules.md").write_text(ox.rules().markdown(), encoding="utf-8")
    (DOCS / "images").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "otimes.cli", "demo", "--out", folder], check=True)
        for picture in pathlib.Path(folder).glob("*.png"):
            shutil.copy(picture, DOCS / "images" / picture.name)
