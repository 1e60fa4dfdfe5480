"""Measure the matcher and its peers, and write docs/performance.md with a figure of growth.

    pip install -e ".[bench]" && python benchmarks/run.py [--only halves,cold,limits,stages,solvers,scans,questions,national,gap,years,growth] [--quick]

Everything is measured side by side in one run: seconds are this machine's, ratios are the finding.
Results are kept in docs/performance.json, so that one part can be measured again alone.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

import asking
import gaps
import growth
import page
import questions
import scans
import whole_rounds
import years
from matcher import loading, rounds
from matcher.solve.problem import Aim, Problem
from measure import Measured, interleaved, middle, ratio, staged
from samples import folder_of

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "docs" / "performance.json"
SIZES = ((15, 60), (100, 3_000), (500, 10_000), (2_000, 40_000))
CONTENDED = 2_000
MOST_PAIRS_OF_PEERS = 5_000_000  # that fit into memory as a table of all pairs
SMALLER = "not at a smaller size"
FAST = 10.0  # seconds: what takes longer is measured once


def prepared(path: Path) -> rounds.Prepared:
    """A round that is ready to be solved."""
    inputs, policy = loading.load(path, None, None)
    return rounds.prepare(inputs, policy)


def stages(folder: Path, quick: bool) -> list[dict[str, Any]]:
    """Each stage at each size: medians over fresh processes, sizes in turn."""
    sizes = SIZES[:2] if quick else SIZES
    times = 3 if quick else 5
    found: dict[tuple[int, int], list[dict[str, Any]]] = {size: [] for size in sizes}
    for _ in range(times):
        for size in sizes:
            found[size].append(staged(folder_of(folder, *size)))
    return [
        {
            "requests": size[0],
            "households": size[1],
            "times": times,
            **{key: runs[0][key] for key in ("pairs", "placed", "bytes")},
            "forked_mib": float(np.median([run["forked_mib"] for run in runs])),
            "stages": {
                stage: [
                    float(np.median([run["stages"][stage][at] for run in runs])) for at in (0, 1)
                ]
                for stage in runs[0]["stages"]
            },
            "total": float(np.median([sum(s for s, _ in run["stages"].values()) for run in runs])),
            "slowest": max(sum(s for s, _ in run["stages"].values()) for run in runs),
            "fastest": min(sum(s for s, _ in run["stages"].values()) for run in runs),
        }
        for size, runs in found.items()
    ]


def contended(folder: Path, size: int) -> Problem:
    """As many families as households: the first open ones of a larger sample."""
    whole = prepared(folder_of(folder, size, 5 * size)).problem
    homes = np.unique(whole.household)[:size]
    keep = np.isin(whole.household, homes)
    aims = tuple(
        aim if aim.of_request else Aim(aim.name, aim.values[keep], of_request=False)
        for aim in whole.aims
    )
    at = np.searchsorted(homes, whole.household[keep])
    return Problem(whole.requests, len(homes), whole.request[keep], at, aims)


def solvers(folder: Path, quick: bool) -> list[dict[str, Any]]:
    """Every solver on every size, for fit alone and for all six aims, interleaved.

    One that did not finish at a size is not tried at a greater one.
    """
    from peers import PEERS, one_aim  # which needs the extra `bench`; other parts don't

    sizes = [*SIZES[:2]] if quick else [*SIZES]
    size = 100 if quick else CONTENDED
    named = [(f"{n:,} × {m:,}", prepared(folder_of(folder, n, m)).problem) for n, m in sizes]
    named.append((f"{size:,} × {size:,}, contended", contended(folder, size)))
    found = []
    for at, aims in enumerate(("one aim", "six aims")):
        gone: set[str] = set()
        for name, whole in named:
            problem = whole if at else one_aim(whole)
            problem.worth  # noqa: B018  not timed for any
            works = {p.name: _solving(p, problem) for p in PEERS}
            runs = _rounds({n: w for n, w in works.items() if n not in gone}, 3 if quick else 7)
            runs |= {n: [Measured(None, None, None, SMALLER)] for n in gone}
            gone |= {n for n, each in runs.items() if each[-1].seconds is None}
            exact = {p.name for p in PEERS if p.exact}
            found.append(
                {
                    "size": name,
                    "aims": aims,
                    "edges": len(problem.request),
                    "solvers": _summary({n: runs[n] for n in works}, PEERS[0].name),
                    "agree": _agree(runs, exact),
                }
            )
            told = {n: each["seconds"] for n, each in found[-1]["solvers"].items()}
            print(name, aims, told, file=sys.stderr, flush=True)
    return found


def _solving(peer: Any, problem: Problem) -> Callable[[], Callable[[], Any]]:
    return lambda: lambda: peer.solve(problem)


def _scan_works(ready: rounds.Prepared) -> dict[str, Any]:
    floor = scans.Floor.of(ready)
    works: dict[str, Any] = {
        "floor": lambda: floor,
        "matcher": lambda: lambda: scans.ours(ready),
    }
    requests, households = ready.everyone.shape
    if requests * households <= MOST_PAIRS_OF_PEERS:
        frames = scans.tables(ready)
        works["DuckDB"] = lambda: scans.DuckDB(frames)
        works["pandas cross merge"] = lambda: lambda: scans.pandas_scan(frames)
    return works


def _rounds(works: dict[str, Any], times: int) -> dict[str, list[Measured]]:
    """One round of all, then more of what was fast."""
    first = interleaved(works, 1)
    fast = {
        n: works[n] for n, m in first.items() if m[0].seconds is not None and m[0].seconds < FAST
    }
    more = interleaved(fast, times - 1)
    return {name: [*first[name], *more.get(name, [])] for name in works}


def _summary(runs: dict[str, list[Measured]], to: str) -> dict[str, Any]:
    return {
        name: {
            "seconds": middle(each),
            "mib": middle(each, "mebibytes"),
            "ratio": ratio(each, runs[to]),
            "times": len(each),
            "why": each[-1].why,
        }
        for name, each in runs.items()
    }


def _agree(runs: dict[str, list[Measured]], exact: set[str]) -> bool:
    """Whether all exact solvers that finished reached the same worth."""
    reached = {m[0].found for n, m in runs.items() if n in exact and m[0].seconds is not None}
    return len(reached) == 1


def scan_peers(folder: Path, quick: bool) -> list[dict[str, Any]]:
    """The scan against its floor, DuckDB and pandas, interleaved."""
    found = []
    for n, m in SIZES[1:2] if quick else SIZES[1:]:
        ready = prepared(folder_of(folder, n, m))
        runs = _rounds(_scan_works(ready), 3 if quick else 7)
        found.append(
            {
                "size": f"{n:,} × {m:,}",
                "pairs": n * m,
                "eligible": len(ready.screened.household),
                "scans": _summary(runs, "floor"),
                "found": {name: each[0].found for name, each in runs.items()},
            }
        )
        print(n, m, {k: v["seconds"] for k, v in found[-1]["scans"].items()}, file=sys.stderr)
    return found


def asked(folder: Path, quick: bool) -> list[dict[str, Any]]:
    """Questions about a solved round against one solve of it, interleaved."""
    found = []
    for n, m in SIZES[:2] if quick else SIZES:
        problem = prepared(folder_of(folder, n, m)).problem
        problem.worth  # noqa: B018  not timed for any
        runs = _rounds(questions.works(problem), 3 if quick else 7)
        found.append(
            {
                "size": f"{n:,} × {m:,}",
                "edges": len(problem.request),
                "questions": _summary(runs, questions.SOLVE),
            }
        )
        print(n, m, {k: v["ratio"] for k, v in found[-1]["questions"].items()}, file=sys.stderr)
    return found


def asked_nationally(folder: Path, quick: bool) -> dict[str, Any]:
    """Questions about a national round against the round itself, and the whole command against `matcher round`.

    Seconds are of processors, whose ratios move less with what else the machine does.
    """
    size = SIZES[1] if quick else SIZES[-1]
    data, times = folder_of(folder, *size), 3
    runs = [staged(data, "asking.py") for _ in range(times)]
    wholes = [sum(run["stages"].values()) for run in runs]
    solved = [run["stages"][asking.PREPARE] for run in runs]
    withdrawn = ("-m", "matcher", "whatif", str(data), "--quiet", "--without", runs[0]["request"])
    commands = whole_rounds.in_turn(
        {
            "round": lambda: whole_rounds.a_round(ROOT, data, *whole_rounds.ALONE),
            "whatif": lambda: whole_rounds.run(ROOT, *withdrawn),
        },
        times,
    )
    found = {
        "size": f"{size[0]:,} × {size[1]:,}",
        "times": times,
        "stages": {
            name: float(np.median([run["stages"][name] for run in runs]))
            for name in runs[0]["stages"]
        },
        "questions": {
            name: {
                "seconds": float(np.median([run["questions"][name] for run in runs])),
                "of_round": _ratio([run["questions"][name] for run in runs], wholes),
                "of_solved": _ratio([run["questions"][name] for run in runs], solved),
            }
            for name in runs[0]["questions"]
        },
        "command": whole_rounds.against(commands["whatif"], commands["round"])["processor"],
    }
    print(found, file=sys.stderr, flush=True)
    return found


def _ratio(some: list[float], to: list[float]) -> float:
    return float(np.median(np.divide(some, to)))


def gap(folder: Path, quick: bool) -> list[dict[str, Any]]:
    """What would close the gap of a round, each step proven."""
    sizes = [(15, 60)] if quick else [(60, 400), (150, 700), (300, 1_000), (300, 3_000)]
    found = []
    for n, m in sizes:
        inputs, policy = loading.load(folder_of(folder, n, m), None, None)
        now = rounds.match(rounds.prepare(inputs, policy, 0))
        runs = interleaved(gaps.works(now), 1 if quick else 3)
        steps = {name: runs[name][-1].found for name in (gaps.FRONTIER, gaps.EVERY)}
        if steps[gaps.EVERY] not in (None, steps[gaps.FRONTIER]):
            raise AssertionError(f"the two ways differ: {steps}")
        found.append({"size": f"{n:,} × {m:,}", "works": _summary(runs, gaps.FRONTIER)})
        print(n, m, found[-1], file=sys.stderr, flush=True)
    return found


def machine() -> dict[str, str]:
    """What the figures were measured on."""
    model = "not known"
    info = Path("/proc/cpuinfo")
    if info.exists():
        models = [
            line.partition(":")[2].strip()
            for line in info.read_text().splitlines()
            if line.startswith("model name")
        ]
        model = models[0] if models else model
    packages = (  # those of the extra `bench` where they are installed
        "numpy",
        "scipy",
        "ortools",
        "orjson",
        "networkx",
        "pulp",
        "duckdb",
        "pandas",
    )
    return {
        "processor": model,
        "cores": str(os.cpu_count()),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{name: version(name) for name in packages if find_spec(name) is not None},
    }


PARTS = {
    "halves": whole_rounds.halves,
    "cold": whole_rounds.cold,
    "limits": whole_rounds.limited,
    "stages": stages,
    "solvers": solvers,
    "scans": scan_peers,
    "questions": asked,
    "national": asked_nationally,
    "gap": gap,
    "years": years.measured,
    "growth": growth.measured,
}


def main() -> None:
    """Measure what is asked for, keep it, and write the page."""
    parser = argparse.ArgumentParser(description="Measure the matcher and its peers.")
    parser.add_argument("--only", default=",".join(PARTS), help="parts, separated by commas")
    parser.add_argument(
        "--quick", action="store_true", help="small sizes, to try the benchmark out"
    )
    options = parser.parse_args()
    gc.disable()
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        for part in options.only.split(","):
            results[part] = PARTS[part](Path(folder), options.quick)
            results["machine"] = machine()
            if not options.quick:
                RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    text = page.text(results)
    if options.quick:
        print(text)
    else:
        (ROOT / "docs" / "performance.md").write_text(text)
        if "growth" in results:
            (ROOT / "docs" / "growth.png").write_bytes(growth.figure(results["growth"]))


if __name__ == "__main__":
    main()
