"""Make floors.txt and the two locks of pyproject.toml, with uv; run it when a dependency changes.

floors.txt has the lowest version that each dependency may have, also those of the panel;
requirements.lock the newest of all, with hashes, for Linux and Windows and every Python that the
project takes, and requirements-panel.lock the same with the panel and what serves it.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = "3.11"
COMPILE = [
    *("uv", "pip", "compile", "--quiet", "--no-annotate", "--upgrade"),
    *("--custom-compile-command", "python tools/locks.py", "--no-emit-index-url"),
    *("--python-version", OLDEST_PYTHON, "pyproject.toml"),
]
PANEL = ["--extra", "panel"]
LOCKED = ["--universal", "--generate-hashes"]
MADE = {
    "floors.txt": ["--resolution", "lowest-direct", *PANEL],
    "requirements.lock": LOCKED,
    "requirements-panel.lock": [*LOCKED, *PANEL, "--extra", "panel-server"],
}


def main() -> int:
    """Write the files."""
    for name, options in MADE.items():
        command = [*COMPILE, *options, "--output-file", name]
        subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=True)
        print(f"Written: {name}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
