"""The round that a command is about: its data and policy read, the ids that it names looked up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from matcher import loading, rounds
from matcher.cli.given import Given
from matcher.codes import did_you_mean
from matcher.errors import Fault, WrongInput, wrong_option
from matcher.intake.cells import shown
from matcher.intake.inputs import Inputs
from matcher.policy.settings import Policy
from matcher.terms import use

if TYPE_CHECKING:
    from matcher.history.over import Recorded

MOST_WARNINGS = 20  # told by commands other than check


def load(given: Given, data: Path, day: str | None = None) -> tuple[Inputs, Policy]:
    """The input and the policy of a round, its warnings told; `day` is its day without --as-of."""
    inputs, policy = loading.load(data, given.as_of or day, given.policy)
    use(policy.terms)
    for warning in inputs.warnings[:MOST_WARNINGS]:
        given.tell(f"Warning: {warning.sentence()}")
    if (more := len(inputs.warnings) - MOST_WARNINGS) > 0:
        given.tell(f"{more:,} more warnings: matcher check lists them all.")
    return inputs, policy


def solve(given: Given, data: Path) -> rounds.SolvedRound:
    """The solved round of a folder."""
    inputs, policy = load(given, data)
    return rounds.match(rounds.prepare(inputs, policy, top=0))


def recorded(where: str, inputs: Inputs) -> Recorded:
    """The recorded rounds of the same title up to the day of the input; WrongInput where none is kept."""
    from matcher.history.over import recorded_until
    from matcher.history.store import open_store

    return recorded_until(open_store(where), inputs.title, inputs.as_of)


def look_up(request: str, household: str | None, requests: set[str], households: set[str]) -> None:
    """WrongInput where a round of these requests and households has not the ones that are named."""
    faults = [] if request in requests else [_no_such("request", request, requests)]
    if household is not None and household not in households:
        faults.append(_no_such("household", household, households))
    if faults:
        raise WrongInput(faults)


def _no_such(kind: str, name: str, known: set[str]) -> Fault:
    """An id on the command line that the round does not have."""
    guess = did_you_mean(name[:60], sorted(known)).strip()
    like = f"Ids look like {min(known)}." if known else f"The data has no {kind}s."
    problem = f"There is no such {kind} in the round."
    return wrong_option(kind.upper(), problem, guess or like, value=shown(name))
