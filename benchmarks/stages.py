"""Time each stage of one round, from the tables to round.json: run in a process of its own.

    python benchmarks/stages.py FOLDER

It prints one line of JSON: the seconds of each stage, and the most memory held by its end.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from measure import peak

started = time.perf_counter()
from matcher import loading, rounds  # noqa: E402  what is imported is the first stage
from matcher.report.view import View  # noqa: E402
from matcher.show.files import write_bytes  # noqa: E402


def stages(folder: Path) -> dict[str, Any]:
    """The stages of a round, in their order, as `matcher round --no-report` takes them."""
    found: dict[str, tuple[float, float]] = {}
    last = started

    def mark(stage: str) -> None:
        nonlocal last
        now = time.perf_counter()
        found[stage], last = (now - last, peak()), now

    mark("import")
    inputs, policy = loading.load(folder, None, None)
    mark("read")
    scan, rank = rounds.scan, rounds.rank
    rounds.scan = lambda *given: _then(scan(*given), mark, "rules")  # type: ignore[assignment]
    rounds.rank = lambda *given: _then(rank(*given), mark, "score")  # type: ignore[assignment]
    prepared = rounds.prepare(inputs, policy)
    mark("problem")
    solved = rounds.match(prepared)
    mark("solve")
    solved.prices  # noqa: B018
    mark("prices")
    with tempfile.TemporaryDirectory() as out:
        write_bytes(Path(out) / "round.json", View(solved).json(alone=True))
        size = (Path(out) / "round.json").stat().st_size
    mark("record and write")
    return {
        "stages": found,
        "pairs": len(prepared.screened.household),
        "placed": int((solved.household >= 0).sum()),
        "bytes": size,
        "forked_mib": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
    }


def _then(value: Any, mark: Any, stage: str) -> Any:
    mark(stage)
    return value


if __name__ == "__main__":
    gc.disable()  # as the command does
    print(json.dumps(stages(Path(sys.argv[1]))))
