"""Write what is generated: the pages of rules, by function and by operator, and docs/images from demo and examples."""

import pathlib
import shutil
import subprocess
import sys
import tempfile

import otimes as ox

DOCS = pathlib.Path(__file__).parent

if __name__ == "__main__":
    (DOCS / "rules.md").write_text(ox.rules().markdown(), encoding="utf-8")
    (DOCS / "operators").mkdir(exist_ok=True)
    for name in {kind.__name__ for rule in ox.rules() for kind in rule.types}:
        (DOCS / "operators" / f"{name}.md").write_text(ox.rules(name).markdown(), encoding="utf-8")
    (DOCS / "images").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "otimes.cli", "demo", "--out", folder], check=True)
        for picture in pathlib.Path(folder).glob("*.png"):
            shutil.copy(picture, DOCS / "images" / picture.name)
    for script in sorted((DOCS.parent / "examples").glob("*.py")):
        picture = DOCS / "images" / f"{script.stem.replace('_', '-')}.png"
        subprocess.run([sys.executable, str(script), str(picture)], check=True)
