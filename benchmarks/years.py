"""How many years a minute are simulated, and how that grows with processes."""

from __future__ import annotations

import os
import sys
import time
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from matcher import loading, rounds
from matcher.machines import share
from matcher.simulate.model import a_model
from matcher.simulate.result import one_year

SAMPLE = Path(__file__).resolve().parent.parent / "data" / "samples" / "camden"


def measured(_folder: Path, quick: bool) -> list[dict[str, Any]]:
    """The same years with one process and with more, in turn; a process begins anew each time."""
    inputs, policy = loading.load(SAMPLE, None, None)
    model = a_model(rounds.prepare(inputs, policy, 0))
    years, times = (4, 1) if quick else (20, 3)
    cores = os.cpu_count() or 1
    workers = [each for each in (1, 2, 4, 8) if each <= 2 * cores]
    runs: dict[int, list[float]] = {many: [] for many in workers}
    for _ in range(times):
        for many in workers:
            began = time.perf_counter()
            share(partial(one_year, model), range(years), workers=many)
            runs[many].append(time.perf_counter() - began)
    print({many: median(each) for many, each in runs.items()}, file=sys.stderr, flush=True)
    return [
        {
            "workers": many,
            "cores": cores,
            "years": years,
            "times": times,
            "per_minute": 60 * years / median(each),
            "ratio": median(runs[1]) / median(each),
        }
        for many, each in runs.items()
    ]
