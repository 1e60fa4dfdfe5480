"""Share work out to a process a core, where a process can be forked; in turn elsewhere."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

SHARES = 32  # of a process, so that none waits long for another at the end

Part = TypeVar("Part")
Made = TypeVar("Made")


def share_out(
    parts: Sequence[Part], work: Callable[[Part], Made], *, fork: bool = True
) -> Iterator[Made]:
    """What `work` makes of each part, in their order.

    A process is a fork, so that nothing that `work` reads is copied to it; only what it makes comes
    back. Threads would not do: most of the work is plain Python, of which one runs at a time. With
    few parts, `fork` false, or on a system that does not fork well, the parts are done here.
    """
    cores = min(os.cpu_count() or 1, len(parts))
    if not fork or cores < 2 or sys.platform != "linux":
        yield from map(work, parts)
        return
    give_back()  # so that the forks share it
    processes = multiprocessing.get_context("fork")
    with processes.Pool(cores, _Worker.begin, (work,)) as pool:
        yield from pool.imap(_Worker.do, parts, max(1, len(parts) // (SHARES * cores)))


def give_back() -> None:
    """Give back to the system the memory that is free within the process, where its C library can.

    Before large arrays are made: they find no room among the many small things that are gone.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)


class _Worker:
    """What a forked process does: it is handed over by the fork itself."""

    work: Callable[[Any], Any]

    @classmethod
    def begin(cls, work: Callable[[Any], Any]) -> None:
        cls.work = staticmethod(work)

    @classmethod
    def do(cls, part: Any) -> Any:
        return cls.work(part)
