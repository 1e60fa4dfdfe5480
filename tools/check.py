"""Every check of the project, in the order in which a mistake is cheapest to see."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
# Each file in one process, which makes what its tests share once, in the order of their names.
SHARED_OUT = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")
STEPS = {
    "format": [str(BIN / "ruff"), "format", "--check", "."],
    "lint": [str(BIN / "ruff"), "check", "."],
    "types": [str(BIN / "mypy")],
    "import rows": [str(BIN / "lint-imports")],
    "lowest versions": [sys.executable, "tools/floors.py"],
    "tests": [sys.executable, "-m", "pytest", *SHARED_OUT, "--proofs=check"],
}


# What stands in one tuple runs one after another, and beside it the other; then the tests.
SIDE_BY_SIDE = (("format", "lint", "types", "import rows"), ("lowest versions",))


def main() -> int:
    """Run every step, also after one has failed; the exit status says whether all passed."""
    with ThreadPoolExecutor(len(SIDE_BY_SIDE)) as lanes:
        failed = [name for lane in lanes.map(failures, SIDE_BY_SIDE) for name in lane]
    if not passes("tests", kept=False):
        failed.append("tests")
    if failed:
        print(f"Failed: {', '.join(failed)}.")
    return 1 if failed else 0


def failures(names: tuple[str, ...]) -> list[str]:
    """Run steps one after another; those that failed."""
    return [name for name in names if not passes(name, kept=True)]


def passes(name: str, *, kept: bool) -> bool:
    """Run a step; what it says is kept until it is over, where others run beside it."""
    started, heading = time.monotonic(), f"--- {name}\n"
    print("" if kept else heading, end="", flush=True)
    done = subprocess.run(
        STEPS[name],
        cwd=ROOT,
        check=False,
        text=True,
        stdout=subprocess.PIPE if kept else None,
        stderr=subprocess.STDOUT if kept else None,
    )
    said = heading + done.stdout if kept else ""
    print(f"{said}    {time.monotonic() - started:.1f} s", flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    raise SystemExit(main())
