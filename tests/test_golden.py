"""The golden round: byte for byte, so that whatever changes is seen and reviewed.

It is the committed example report. After a change that is meant: `python tools/make_samples.py`, and
read the diff.
"""

from __future__ import annotations

import filecmp
from pathlib import Path

from matcher.cli import run

ROOT = Path(__file__).parent.parent
GOLDEN = ROOT / "reports" / "camden" / "round.json"


def test_the_camden_round_is_the_golden_one(tmp_path: Path) -> None:
    assert (
        run(
            [
                "round",
                str(ROOT / "data/samples/camden"),
                "--out",
                str(tmp_path),
                "--quiet",
                "--no-report",
            ]
        )
        == 0
    )
    assert filecmp.cmp(tmp_path / "round.json", GOLDEN, shallow=False), (
        "round.json differs from reports/camden: read the diff, then make it again if it is meant"
    )


def test_the_golden_round_verifies() -> None:
    assert run(["verify", str(ROOT / "data/samples/camden"), str(GOLDEN), "--quiet"]) == 0
