"""Measure a piece of work: seconds and the memory it adds, each time in a process of its own."""

from __future__ import annotations

import gc
import json
import multiprocessing
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from typing import Any

PATIENCE = 120.0  # seconds
MOST_MEMORY = 12 * 2**30  # bytes; this machine has to live


@dataclass(frozen=True)
class Measured:
    """Seconds, MiB added at the peak, and what the work gave back; or why there is none."""

    seconds: float | None
    mebibytes: float | None
    found: Any
    why: str = ""


def peak() -> float:
    """The most memory that this process has held, in MiB; not that of the one that began it."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def measure(begin: Callable[[], Callable[[], Any]]) -> Measured:
    """Do a piece of work in a forked process; what `begin` does before it is not timed."""
    fork = multiprocessing.get_context("fork")
    here, there = fork.Pipe(duplex=False)
    process = fork.Process(target=_work, args=(begin, there))
    process.start()
    there.close()
    if not here.poll(PATIENCE):
        process.kill()
        process.join()
        return Measured(None, None, None, f"not in {PATIENCE:.0f} s")
    try:
        found: Measured = here.recv()
    except EOFError:
        found = Measured(None, None, None, "it died")
    process.join()
    return found


def _work(begin: Callable[[], Callable[[], Any]], to: Connection) -> None:
    gc.disable()
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    try:
        work = begin()
        before, started = peak(), time.perf_counter()
        found = work()
    except MemoryError:
        to.send(Measured(None, None, None, "over 12 GiB"))
    except Exception as error:  # a peer's own word, shown in the table
        to.send(Measured(None, None, None, f"{type(error).__name__}: {error}"[:60]))
    else:
        to.send(Measured(time.perf_counter() - started, peak() - before, found))


def staged(folder: Path, script: str = "stages.py") -> dict[str, Any]:
    """What `stages.py`, or another script, measures of a round, in a new process."""
    command = [sys.executable, str(Path(__file__).with_name(script)), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def interleaved(
    works: Mapping[str, Callable[[], Callable[[], Any]]], rounds: int
) -> dict[str, list[Measured]]:
    """Each work once a round, in turn, so that a slow minute of the machine meets all alike.

    One that gave nothing is not tried again.
    """
    found: dict[str, list[Measured]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            if not found[name] or found[name][-1].seconds is not None:
                found[name].append(measure(work))
    return found


def middle(measured: list[Measured], part: str = "seconds") -> float | None:
    """The median of the seconds or MiB, None where the work gave nothing."""
    values = [getattr(each, part) for each in measured]
    return None if None in values or not values else float(median(values))


def ratio(measured: list[Measured], to: list[Measured]) -> float | None:
    """The median of the ratios of one work's seconds to another's, round by round."""
    pairs = zip(measured, to, strict=False)
    values = [a.seconds / b.seconds for a, b in pairs if a.seconds and b.seconds]
    return median(values) if values and measured[-1].seconds is not None else None
