"""What questions cost at national size, beside the round itself: run in a process of its own.

    python benchmarks/asking.py FOLDER

It prints one line of JSON: the seconds of the processors that each took, those of other processes
that it began among them.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from matcher import loading, rounds
from matcher.report.view import View
from matcher.rounds import SolvedRound
from matcher.show.files import write_bytes
from matcher.solve.problem import UNPLACED
from matcher.whatif import read_options
from matcher.whatif.refused import answer
from matcher.whatif.words import scenario_record, whatif_text

READ, PREPARE, WRITE = "read", "prepare and solve", "prices, record and write"
PRICE = "the price of a pair (of all of them at once)"


def processor() -> float:
    """Seconds of processors that this process and those that it began have taken."""
    who = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, who))


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """The seconds of processors that a piece of work takes, and what it gives."""
    before = processor()
    found = work()
    return processor() - before, found


def measured(folder: Path) -> dict[str, Any]:
    """The stages of a round, each question about it, and a request that it places."""
    stages = dict[str, float]()
    stages[READ], (inputs, policy) = timed(lambda: loading.load(folder, None, None))
    stages[PREPARE], now = timed(lambda: rounds.match(rounds.prepare(inputs, policy)))
    questions = {PRICE: timed(lambda: now.price(len(now.prepared.problem.request) // 2))[0]}
    for name, options in scenarios(now).items():
        questions[name], _ = timed(lambda options=options: ask(now, options))
    with tempfile.TemporaryDirectory() as out:
        file = Path(out) / "round.json"
        stages[WRITE], _ = timed(lambda: write_bytes(file, View(now).json(alone=True)))
    stages[WRITE] += questions[PRICE]  # as prices are kept once they are worked out
    return {"stages": stages, "questions": questions, "request": placed_request(now)}


def ask(now: SolvedRound, options: Mapping[str, Any]) -> None:
    """A scenario from its options to its record and its text, as `matcher whatif` makes them."""
    scenario = read_options(options, now.prepared.inputs, now.prepared.policy)
    found = answer(now, scenario)
    scenario_record(found)
    list(whatif_text([found]))


def scenarios(now: SolvedRound) -> dict[str, Mapping[str, Any]]:
    """One scenario of each kind, about families and households in the middle of the round."""
    prepared = now.prepared
    name, homes = placed_request(now), prepared.columns.household_ids
    row = prepared.columns.request_ids.index(name)
    home = homes[int(now.household[row])]
    other = homes[int(prepared.screened.household[prepared.best(row)[1]])]
    return {
        "a household is not available": {"close": [home]},
        "a household that is closed is free": {"open": [next(_closed(now))]},
        "a carer is trained": {"train": [next(_closed(now))]},
        "a household has one more bedroom": {"bedroom": [home]},
        "a request is withdrawn": {"without": [name]},
        "a family needs something else": {"set": {f"{name}.needs": "asylum_seeking"}},
        "a pair is ruled out": {"rule_out": [f"{name}:{home}"]},
        "a pair is chosen": {"choose": [f"{name}:{other}"]},
    }


def placed_request(now: SolvedRound) -> str:
    """A request that the round places, from its middle."""
    placed = np.flatnonzero(now.household != UNPLACED)
    return now.prepared.columns.request_ids[int(placed[len(placed) // 2])]


def _closed(now: SolvedRound) -> Iterator[str]:
    """The households that some rule closes to every family."""
    prepared = now.prepared
    for place in np.flatnonzero(prepared.screened.closed).tolist():
        yield prepared.columns.household_ids[place]


if __name__ == "__main__":
    gc.disable()  # as the command does
    print(json.dumps(measured(Path(sys.argv[1]))))
