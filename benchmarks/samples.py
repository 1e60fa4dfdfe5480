"""The rounds that are measured: synthetic, set in England, the same every time."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from matcher.synthetic import sample
from matcher.synthetic.files import write_sample

AS_OF = date(2026, 11, 23)


def folder_of(parent: Path, requests: int, households: int, name: str = "round") -> Path:
    """The folder of a round of a size, written when it is first asked for."""
    path = parent / f"{name}-{requests}-{households}"
    if not path.exists():
        write_sample(sample("england", None, requests, households, 1, AS_OF), path)
    return path
