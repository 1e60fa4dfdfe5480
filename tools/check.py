"""Every check of the project, in the order in which a mistake is cheapest to see."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
STEPS = {
    "format": [str(BIN / "ruff"), "format", "--check", "."],
    "lint": [str(BIN / "ruff"), "check", "."],
    "types": [str(BIN / "mypy")],
    "import rows": [str(BIN / "lint-imports")],
    "lowest versions": [sys.executable, "tools/floors.py"],
    "tests": [sys.executable, "-m", "pytest", "-n", "2", "--proofs=check"],
}


def main() -> int:
    """Run every step, also after one has failed; the exit status says whether all passed."""
    failed = []
    for name, command in STEPS.items():
        started = time.monotonic()
        print(f"--- {name}", flush=True)
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            failed.append(name)
        print(f"    {time.monotonic() - started:.1f} s", flush=True)
    if failed:
        print(f"Failed: {', '.join(failed)}.")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
