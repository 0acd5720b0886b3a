"""Write the pages that are generated: docs/rules.md from the rule tables."""

import pathlib

import otimes as ox

if __name__ == "__main__":
    pathlib.Path(__file__).with_name("rules.md").write_text(ox.rules().markdown(), encoding="utf-8")
