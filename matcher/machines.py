"""Share independent runs out: a process pool on one machine, or a Dask cluster by its address.

Each part is a run of its own, worked out from its arguments alone, so where it is done changes
nothing: the answers are the same to the bit, in the order of the parts. A worker that is lost takes
no answer with it: what it had not finished is done again.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, Any, TypeVar

from matcher.errors import WrongInput, wrong_option

if TYPE_CHECKING:
    from distributed import Client

MOST_LOST = 3  # a part that takes its worker down so often would take down any

Part = TypeVar("Part")
Made = TypeVar("Made")


class WorkersLost(RuntimeError):
    """Workers died over and over on the same parts: it is the parts, not the machines."""


def share(
    work: Callable[[Part], Made],
    parts: Sequence[Part],
    cluster: str | None = None,
    workers: int | None = None,
) -> list[Made]:
    """What `work` makes of each part, in the order of the parts.

    `work` and the parts go to other processes, so they must pickle; `work` must depend on its part
    alone. `cluster` is the address of a Dask scheduler (tcp://host:8786), which needs the extra
    `cluster`; without it the parts go to `workers` processes here, by default one a core, or are
    done in turn where there is one alone. An error in `work` is raised as it is; WorkersLost where
    workers die on the same parts again and again; WrongInput where no cluster answers.
    """
    if cluster is not None:
        return _on_cluster(work, parts, cluster)
    many = min(workers or os.cpu_count() or 1, len(parts))
    if many < 2:
        return [work(part) for part in parts]
    return _on_processes(work, parts, many)


def _on_processes(work: Callable[[Part], Made], parts: Sequence[Part], many: int) -> list[Made]:
    made: dict[int, Made] = {}
    for _ in range(MOST_LOST):
        left = [at for at in range(len(parts)) if at not in made]
        if not left:
            break
        # A new interpreter, not a fork: a fork of a process with threads may hang.
        anew = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(min(many, len(left)), mp_context=anew) as pool:
            waiting = {at: pool.submit(work, parts[at]) for at in left}
            wait(waiting.values(), return_when=FIRST_EXCEPTION)
            made |= dict(_finished(waiting))
    if len(made) < len(parts):
        lost = len(parts) - len(made)
        raise WorkersLost(f"{lost} of {len(parts)} runs took their process down {MOST_LOST} times")
    return [made[at] for at in range(len(parts))]


def _finished(waiting: dict[int, Future[Made]]) -> Iterator[tuple[int, Made]]:
    """What was made before a process was lost; any other error is the work's own, and is raised."""
    for at, future in waiting.items():
        try:
            yield at, future.result()
        except BrokenProcessPool:
            continue


def _on_cluster(work: Callable[[Part], Made], parts: Sequence[Part], address: str) -> list[Made]:
    with _client(address) as client:
        # Not pure: two parts that are alike are still two runs, and nothing is kept of an old one.
        futures = client.map(work, list(parts), pure=False)
        try:
            found: list[Made] = client.gather(futures)
        except _killed() as error:
            raise WorkersLost(f"a run took its worker down again and again: {error}") from None
        return found


def _killed() -> Any:
    from distributed import KilledWorker

    return KilledWorker


def _client(address: str) -> Client:
    try:
        from distributed import Client
    except ImportError:
        problem, fix = "A cluster needs one more library.", "pip install 'carer-matcher[cluster]'"
        raise WrongInput([wrong_option("--cluster", problem, fix)]) from None
    try:
        return Client(address, timeout="10s", set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError, ValueError):
        problem, fix = "No cluster answers there.", "Give the scheduler's address: tcp://host:8786."
        raise WrongInput([wrong_option("--cluster", problem, fix, value=address)]) from None
