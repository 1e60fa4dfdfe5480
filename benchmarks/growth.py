"""How time and memory grow when requests, households or eligible pairs double, each alone."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import pyplot

from measure import staged
from samples import folder_of

BASE = (250, 5_000)
DOUBLINGS = 4
TIMES = 3
PAIRS = "eligible pairs"
TONES = {"requests": ("#20435c", "o"), "households": ("#b3261e", "s"), PAIRS: ("#5b8f7b", "^")}


def measured(folder: Path, quick: bool) -> dict[str, Any]:
    """Time without imports, and memory beyond them, at each doubling of each size: medians."""
    n, m = (50, 500) if quick else BASE
    doublings = 2 if quick else DOUBLINGS
    steps = [2**at for at in range(doublings)]
    rounds = {
        "requests": [(n * step, m, 1.0) for step in steps],
        "households": [(n, m * step, 1.0) for step in steps],
        PAIRS: [(2 * n, 2 * m, step / steps[-1]) for step in steps],
    }
    runs: dict[str, list[list[dict[str, Any]]]] = {name: [[] for _ in steps] for name in rounds}
    for _ in range(TIMES):
        for name, sizes in rounds.items():
            for at, size in enumerate(sizes):
                runs[name][at].append(staged(_round(folder, *size)))
    return {
        name: {
            "size": [
                run[0]["pairs"] if name == PAIRS else size[name == "households"]
                for run, size in zip(found, rounds[name], strict=True)
            ],
            "pairs": [run[0]["pairs"] for run in found],
            "seconds": [_middle(run, _seconds) for run in found],
            "mib": [_middle(run, _memory) for run in found],
        }
        for name, found in runs.items()
    }


def _seconds(run: dict[str, Any]) -> float:
    return sum(seconds for stage, (seconds, _) in run["stages"].items() if stage != "import")


def _memory(run: dict[str, Any]) -> float:
    return run["stages"]["record and write"][1] - run["stages"]["import"][1]


def _middle(runs: list[dict[str, Any]], what: Any) -> float:
    return float(np.median([what(run) for run in runs]))


def _round(folder: Path, requests: int, households: int, share: float) -> Path:
    """A sample in which only a share of the households is approved: pairs, and nothing else, differ."""
    new = not (folder / f"{share:g}-{requests}-{households}").exists()
    path = folder_of(folder, requests, households, f"{share:g}")
    if new and share < 1:
        _suspend(path / "households.csv", round(1 / share))
    return path


def _suspend(path: Path, every: int) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for at, row in enumerate(rows):
        row["status"] = row["status"] if at % every == 0 else "suspended"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def exponent(sizes: list[float], values: list[float]) -> float:
    """The slope of a straight line through the logarithms: 1 is linear."""
    return float(np.polyfit(np.log(sizes), np.log(values), 1)[0])


def figure(found: dict[str, Any]) -> bytes:
    """Seconds and memory against size, each line one thing that doubles, as PNG."""
    drawn, (left, right) = pyplot.subplots(1, 2, figsize=(11, 4.6), layout="constrained")
    for axes, what, label in (
        (left, "seconds", "seconds, without imports"),
        (right, "mib", "MiB, beyond imports"),
    ):
        for name, each in found.items():
            colour, mark = TONES[name]
            times = np.array(each["size"]) / each["size"][0]
            slope = exponent(each["size"], each[what])
            axes.loglog(
                times,
                each[what],
                marker=mark,
                color=colour,
                lw=1.8,
                label=f"{name}: exponent {slope:.2f}",
            )
        axes.set_xlabel("times the size at the left")
        axes.set_ylabel(label)
        ticks = 2.0 ** np.arange(len(times))
        axes.set_xticks(ticks, [f"{tick:.0f}×" for tick in ticks])
        axes.minorticks_off()
        ticks = [
            t
            for t in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
            if axes.get_ylim()[0] <= t <= axes.get_ylim()[1]
        ]
        axes.set_yticks(ticks, [f"{t:g}" for t in ticks])
        axes.grid(True, color="#d8dee4", lw=0.6)
        axes.legend(frameon=False)
        axes.spines[["top", "right"]].set_visible(False)
    left.set_title("Time when one thing doubles", loc="left", weight="bold")
    right.set_title("Memory when one thing doubles", loc="left", weight="bold")
    file = io.BytesIO()
    drawn.savefig(file, dpi=110, metadata={"Software": None})
    pyplot.close(drawn)
    return file.getvalue()
