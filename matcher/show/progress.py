"""Say on standard error what a long run is doing, once it has lasted two seconds."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PATIENCE_SECONDS = 2.0


@contextmanager
def progress(quiet: bool) -> Iterator[Callable[[str], None]]:
    """A function to name each step by; nothing is said of a run that is over before two seconds."""
    steps: list[str] = []
    late = threading.Event()

    def say() -> None:
        late.set()
        if steps:
            print(f"… {steps[-1]}", file=sys.stderr, flush=True)

    def step(name: str) -> None:
        steps.append(name)
        if late.is_set():
            print(f"… {name}", file=sys.stderr, flush=True)

    if quiet:
        yield steps.append
        return
    timer = threading.Timer(PATIENCE_SECONDS, say)
    timer.daemon = True
    timer.start()
    try:
        yield step
    finally:
        timer.cancel()
