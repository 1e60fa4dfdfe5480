"""Whole rounds, as people run them: against an earlier commit, from cold, and under limits.

Each run is a process of its own, in turn with those that it is held against.
"""

from __future__ import annotations

import csv
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from matcher.loading import load
from matcher.pins import miles_apart
from matcher.rounds import SolvedRound, match, prepare
from matcher.solve.problem import UNPLACED
from samples import folder_of

ROOT = Path(__file__).resolve().parent.parent
BEFORE = "80455ca"  # the commit before rounds were to take half the time
CAMDEN = ROOT / "data" / "samples" / "camden"
ALONE = ("--no-report",)
PAPERS = "round.json, report.html and matches.xlsx"
TEAMS = {"new_per_team": 20}
ALL_THREE = "all three"  # worked out from the round without limits, so that they bind
SPENT = 0.8  # of what that round's proposals cost, what the fees may add up to
APART = (
    6  # pairs of families that are kept apart: those proposed nearest each other, a mile further
)


@dataclass(frozen=True)
class Run:
    """What one process took: seconds by the clock, seconds of processors, the most MiB of one process."""

    seconds: float
    processor: float
    mebibytes: float


def run(root: Path, *arguments: str) -> Run:
    """Run Python on the code of a checkout."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"{arguments} ended with {os.waitstatus_to_exitcode(status)}")
    return Run(time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def a_round(root: Path, data: Path, *options: str) -> Run:
    """A round of some data, written to a folder that is thrown away."""
    with tempfile.TemporaryDirectory() as out:
        return run(root, "-m", "matcher", "round", str(data), "--quiet", "--out", out, *options)


def in_turn(works: Mapping[str, Any], times: int) -> dict[str, list[Run]]:
    """Each work once a turn, so that a slow minute of the machine meets all alike."""
    found: dict[str, list[Run]] = {name: [] for name in works}
    for _ in range(times):
        for name, work in works.items():
            found[name].append(work())
    return found


def against(runs: list[Run], to: list[Run]) -> dict[str, Any]:
    """Medians of some runs, and of their ratios to others turn by turn."""
    return {
        part: {
            "median": median(getattr(each, part) for each in runs),
            "ratio": median(
                getattr(a, part) / getattr(b, part) for a, b in zip(runs, to, strict=True)
            ),
            "times": len(runs),
        }
        for part in ("seconds", "processor", "mebibytes")
    }


@contextmanager
def checkout(commit: str) -> Iterator[Path]:
    """The code of an earlier commit in a folder of its own."""
    with tempfile.TemporaryDirectory() as parent:
        path = Path(parent) / "before"
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "--detach", str(path), commit], check=True)
        try:
            yield path
        finally:
            subprocess.run([*git, "remove", "--force", str(path)], check=True)


def halves(folder: Path, quick: bool) -> list[dict[str, Any]]:
    """A national round now and before, alone and with its report."""
    size = (100, 3_000) if quick else (2_000, 40_000)
    data, found = folder_of(folder, *size), []
    with checkout(BEFORE) as before:
        for what, options in (("round.json", ALONE), (PAPERS, ())):
            works = {
                name: lambda root=root, options=options: a_round(root, data, *options)
                for name, root in (("before", before), ("now", ROOT))
            }
            runs = in_turn(works, 3)
            found.append(
                {
                    "size": f"{size[0]:,} × {size[1]:,}",
                    "what": what,
                    "before": against(runs["before"], runs["before"]),
                    "now": against(runs["now"], runs["before"]),
                }
            )
            print(what, found[-1]["now"], file=sys.stderr, flush=True)
    return found


def cold(folder: Path, quick: bool) -> list[dict[str, Any]]:
    """A small round from cold, as a multiple of a process that does nothing."""
    with checkout(BEFORE) as before:
        works = {
            "nothing": lambda: run(ROOT, "-c", "pass"),
            "before": lambda: a_round(before, CAMDEN, *ALONE),
            "now": lambda: a_round(ROOT, CAMDEN, *ALONE),
        }
        runs = in_turn(works, 3 if quick else 11)
    return [{"name": name, **against(each, runs["nothing"])} for name, each in runs.items()]


def limited(folder: Path, quick: bool) -> list[dict[str, Any]]:
    """Rounds under limits, as a multiple of the same round without."""
    sizes: list[tuple[int, int, dict[str, int] | str]] = [(80, 120, ALL_THREE)]
    if not quick:
        sizes += [(500, 10_000, TEAMS), (2_000, 40_000, TEAMS)]
    found = []
    for n, m, limits in sizes:
        free = folder_of(folder, n, m)
        bound = _with_limits(free, limits)
        runs = in_turn(
            {
                "without": lambda free=free: a_round(ROOT, free, *ALONE),
                "with": lambda bound=bound: a_round(ROOT, bound, *ALONE),
            },
            3 if m > 10_000 else 5,
        )
        names = "new_per_team, weekly_fees, keep_apart" if limits is ALL_THREE else "new_per_team"
        found.append(
            {
                "size": f"{n:,} × {m:,}",
                "limits": f"{names}: {_fewer(free, bound)} fewer placed",
                "without": against(runs["without"], runs["without"]),
                "with": against(runs["with"], runs["without"]),
            }
        )
        print(n, m, found[-1]["with"], file=sys.stderr, flush=True)
    return found


def _with_limits(free: Path, limits: dict[str, int] | str) -> Path:
    """The same round with limits, in a folder beside it."""
    bound = free.with_name(f"{free.name}-limits")
    if not bound.exists():
        shutil.copytree(free, bound)
        numbers = limits if isinstance(limits, dict) else _all_three(free, bound)
        said = "".join(f"{name} = {number}\n" for name, number in numbers.items())
        with (bound / "round.toml").open("a") as settings:
            settings.write(f"\n[policy.limits]\n{said}")
    return bound


def _all_three(free: Path, bound: Path) -> dict[str, int]:
    """Limits that the round without them breaks: a team's, the fees', and of families kept apart."""
    solved = _solved(free)
    table, homes = solved.prepared.columns, solved.household
    placed = np.flatnonzero(homes != UNPLACED).tolist()
    h = table.households
    teams = Counter(h.team[homes[row]] for row in placed if h.team[homes[row]])
    near = []
    for one, other in itertools.combinations(placed, 2):
        miles = miles_apart(table, homes[one], homes[other])
        if np.isfinite(miles):
            near.append((int(miles) + 1, one, other))
    with (bound / "keep_apart.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["request_id", "other_request_id", "min_miles"])
        ids = table.request_ids
        out.writerows([ids[one], ids[other], miles] for miles, one, other in sorted(near)[:APART])
    spent = np.nansum(h.weekly_fee[homes[placed]])
    return {"new_per_team": max(teams.values()) - 1, "weekly_fees": int(SPENT * spent)}


def _solved(folder: Path) -> SolvedRound:
    return match(prepare(*load(folder, None, None)))


def _fewer(free: Path, bound: Path) -> int:
    """How many placements the limits of a round cost."""
    without, under = (
        np.count_nonzero(_solved(each).household != UNPLACED) for each in (free, bound)
    )
    return int(without - under)
