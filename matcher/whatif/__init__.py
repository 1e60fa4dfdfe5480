"""What if: a scenario is an object applied to unchanged data, and its answer is a difference."""

from __future__ import annotations

from matcher.rounds import SolvedRound, match, prepare_again
from matcher.whatif.difference import Difference
from matcher.whatif.each import KINDS, Tried, each
from matcher.whatif.scenario import Scenario, read_options, read_scenarios

__all__ = [
    "KINDS",
    "Difference",
    "Scenario",
    "Tried",
    "each",
    "read_options",
    "read_scenarios",
    "what_if",
]


def what_if(now: SolvedRound, scenario: Scenario, *, internal: bool = False) -> Difference:
    """What a scenario would change, the whole round solved anew; the data stay as they are.

    `internal` shows the whole fit, also where it rests on where a hidden household is.

    Raises WrongInput where a chosen pair breaks screening, a rule or a limit.
    """
    base = now.prepared
    inputs = scenario.data(base.inputs)
    changed = prepare_again(base, inputs, scenario.policy(base.policy))
    then, touched = match(changed, now), scenario.touched(inputs)
    return Difference(scenario.name, now, then, touched, scenario.said, internal)
