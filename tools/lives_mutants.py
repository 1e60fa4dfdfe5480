"""Break the product in one way after another, and say after how many lives each is caught."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
PLACEMENTS, INPUTS = "intake/placements.py", "intake/inputs.py"
ROWS, CASE, RECORDER = "intake/rows.py", "policy/case.py", "recorder.py"
MUTANTS = {  # what it does: the file, and what stands there instead of what
    "an ended placement frees without turnaround": (
        PLACEMENTS,
        "            found.append(Stay(row.request_id, row.ended_on))",
        "            pass",
    ),
    "an end ahead frees": (
        PLACEMENTS,
        "return placement.ended_on is not None and placement.ended_on <= as_of",
        "return placement.ended_on is not None",
    ),
    "a planned end that is past frees": (
        PLACEMENTS,
        "known = end is not None and end >= as_of",
        "known = end is not None",
    ),
    "an early end does not exclude": (
        PLACEMENTS,
        "return has_ended(placement, as_of) and placement.ended_because not in PLANNED_ENDINGS",
        "return has_ended(placement, as_of) and placement.ended_because == ''",
    ),
    "closed frees": (
        INPUTS,
        "return tuple(sorted(rows, key=lambda row: row.canonical()))",
        "kept = {row.request_id for row in self.families}\n"
        "        rows = tuple(row for row in rows if row.request_id in kept)\n"
        "        return tuple(sorted(rows, key=lambda row: row.canonical()))",
    ),
    "two confirmed of one home both stand": (
        INPUTS,
        "if held is None or isinstance(row, Placement):",
        'if held is None or isinstance(row, Placement) or row.decision == "confirmed":',
    ),
    "her own home is offered": (INPUTS, "kept[pair] = row.needed_from", "pass"),
    "of several joint assessments the first decides": (INPUTS, "    return max(\n", "    return min(\n"),
    "what was accepted never runs out": (
        ROWS,
        "return self.until is None or day <= self.until",
        "return True",
    ),
    "a child's birth is not read": ("intake/checks.py", '    "child_born_or_due_on": "child_born",\n', ""),
    "a duty counts from today": (
        CASE,
        "return start or self.request.needed_from\n\n    @cached_property\n    def placement_start",
        "return start or max(self.request.needed_from, self.as_of)\n\n"
        "    @cached_property\n    def placement_start",
    ),
    "a recorded review is ignored": (
        CASE,
        'return tuple(each.on for each in events if each.status == "done")',
        'return tuple(each.on for each in events if each.status == "done" and duty != "child_review")',
    ),
    "a choice that breaks a rule stands": (
        "pins.py",
        "return self.confirmed or not (self.breaks or",
        "return self.confirmed or not (",
    ),
    "families are not kept apart": ("pins.py", "        and other in stand\n", "        and False\n"),
    "nothing says that a decision is set aside": (
        RECORDER,
        "for aside in self.inputs.set_aside:",
        "for aside in ():",
    ),
    "a family that lives somewhere is matched again": (
        "intake/checks.py",
        'row.status or ("placed" if row.request_id in living else "open")',
        'row.status or "open"',
    ),
}  # fmt: skip


def main() -> int:
    """1 where some mutant lived through all lives that it was given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--lives", type=int, default=10, help="how many lives each is given at most"
    )
    parser.add_argument("--seed", type=int, default=0, help="the seed of the first")
    parser.add_argument("--only", default="", help="those whose words have this in them")
    asked = parser.parse_args()
    alive = 0
    for words, (name, was, now) in MUTANTS.items():
        if asked.only in words:
            caught = _caught(name, was, now, asked.lives, asked.seed)
            alive += caught is None
            print(f"{words}: {caught or f'not caught in {asked.lives} lives'}", flush=True)
    return 1 if alive else 0


def _caught(name: str, was: str, now: str, lives: int, seed: int) -> str | None:
    """What caught a mutant first, None where nothing did."""
    with TemporaryDirectory() as folder:
        for each in ("matcher", "tests", "tools"):
            shutil.copytree(ROOT / each, Path(folder) / each)
        file = Path(folder) / "matcher" / name
        text = file.read_text("utf-8")
        assert was in text, f"{name} no longer says: {was}"
        file.write_text(text.replace(was, now), "utf-8")
        asked = ["--lives", str(lives), "--seed", str(seed), "--first"]
        ran = subprocess.run(
            [sys.executable, Path(folder) / "tools/lives.py", *asked],
            env={**os.environ, "PYTHONPATH": folder},
            capture_output=True,
            text=True,
            check=False,
        )
    if ran.returncode == 0:
        return None
    told = ran.stdout.splitlines() or ran.stderr.splitlines()[-1:]
    return told[0]


if __name__ == "__main__":
    sys.exit(main())
