"""What would close the gap: one more household of each of some dozens of profiles, and what to buy.

Every answer is counted on today's requests alone, with today's rules. It is no forecast.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

from matcher.intake.edits import Edits, NewHousehold, apply
from matcher.intake.inputs import Inputs
from matcher.policy import aims
from matcher.policy.aims import RequestAim
from matcher.policy.criteria import USUAL_SKILLS
from matcher.policy.rules import ASSESSOR
from matcher.rounds import Prepared, SolvedRound, match, prepare_again
from matcher.shipped import language_names
from matcher.solve.portfolio import Alternative, frontier
from matcher.solve.problem import UNPLACED
from matcher.whatif.acts import ACTS, a_carer, a_household, ready
from matcher.whatif.each import Tried, nearest_place, trials
from matcher.words import count

BUDGET = 50_000  # £ that closing a gap may cost unless people say otherwise
CHANGES = ("train", "second_carer", "bedroom")
RECRUIT = "recruit"
PLACES = 3
LANGUAGES = 2
MOST_COPIES = 3
LARGE = 3  # bedrooms of a household for a larger family
NEW = "new household"


@dataclass(frozen=True)
class Profile:
    """A kind of household that does not exist yet: where, what is spoken, how many carers, rooms."""

    name: str
    place: str
    language: str
    carers: int
    large: bool
    skilled: bool

    @property
    def said(self) -> str:
        """The profile in a few words; a place is an outward postcode."""
        tongue = language_names()[self.language]
        family = "takes a second parent and older children" if self.large else "one bedroom"
        skills = ", with the skills that are asked for" if self.skilled else ""
        carers = count(self.carers, "carer")
        return f"one more household near {self.place}, {tongue}, {carers}, {family}{skills}"


Takes: TypeAlias = dict[int, tuple[int, ...]]  # by row of a request: its values in later aims


@dataclass(frozen=True)
class Option:
    """Something that money buys: a change of one household, or one more of a profile, in £."""

    household_id: str
    what: str
    cost: int
    edits: Edits
    takes: Takes  # the requests that it could then take
    copies: int = 1


@dataclass(frozen=True)
class Portfolio:
    """What is bought, how often each, what it costs in £, and the families placed by urgency."""

    options: tuple[tuple[Option, int], ...]
    cost: int
    placed: tuple[int, ...]

    @cached_property
    def edits(self) -> Edits:
        """The changes of the tables that carry all of it out."""
        return tuple(
            edit
            for option, number in self.options
            for copy in range(number)
            for edit in _copied(option.edits, copy)
        )


def _copied(edits: Edits, copy: int) -> Edits:
    if not copy:
        return edits
    return tuple(_again(e, copy) if isinstance(e, NewHousehold) else e for e in edits)


def _again(made: NewHousehold, copy: int) -> NewHousehold:
    home = f"{made.household.household_id} ({copy + 1})"
    carers = tuple(
        replace(carer, household_id=home, carer_id=f"{home}-new{at}")
        for at, carer in enumerate(made.carers, 1)
    )
    household = made.household
    return NewHousehold(replace(household, household_id=home), carers)


def profiles(now: SolvedRound) -> tuple[Profile, ...]:
    """Some dozens of households that could be looked for, made of what today's families ask.

    Places are those near the families that wait, or near all where none waits; a family whose
    address is withheld names no place. Languages are those most asked for, in the same order.
    """
    base = now.prepared
    rows = base.matchable_rows
    asking = sorted(rows, key=lambda row: bool(now.household[row] != UNPLACED))
    requests = [base.inputs.requests[row] for row in asking]
    waiting = sum(now.household[row] == UNPLACED for row in rows)
    places = _most(
        [
            nearest_place(base.inputs, request)
            for request in requests
            if request.home_postcode and not request.withhold_address
        ],
        PLACES,
        waiting,
    )
    tongues = [request.languages[0] if request.languages else "eng" for request in requests]
    languages = _most(tongues, LANGUAGES, waiting)
    if not places and base.inputs.households:
        places = _most([row.postcode for row in base.inputs.households], 1, 0)
    kinds = itertools.product(places, languages, (1, 2), (False, True), (False, True))
    return tuple(
        Profile(f"{NEW} {at:02d}", place, language, carers, large, skilled)
        for at, (place, language, carers, large, skilled) in enumerate(kinds, 1)
    )


def _most(found: Sequence[str], many: int, first: int) -> list[str]:
    """The commonest, those of the first some before all others, then by their names."""
    told, all_of = Counter(found[:first]), Counter(found)
    return sorted(all_of, key=lambda each: (-told[each], -all_of[each], each))[:many]


def household_of(base: Prepared, profile: Profile) -> NewHousehold:
    """A household of a profile, as edits of the tables: approved, trained, assessed and free."""
    asked = base.matchable_rows if profile.skilled else []
    needs = {need for row in asked for need in base.inputs.requests[row].needs}
    skills = tuple(
        sorted(
            {*ASSESSOR, *USUAL_SKILLS, *needs, *({"court_evidence", "teenagers"} if needs else ())}
        )
    )
    tongues = tuple(dict.fromkeys([profile.language, "eng"]))
    carers = tuple(
        a_carer(profile.name, at, **ready(base.inputs), languages=tongues, skills=skills)
        for at in range(1, profile.carers + 1)
    )
    household = a_household(
        profile.name,
        profile.place,
        bedrooms=LARGE if profile.large else 1,
        takes_second_parent=profile.large,
        takes_older_children=2 if profile.large else 0,
        features=(),
    )
    return NewHousehold(household, carers)


def marginal_values(now: SolvedRound) -> list[Tried]:
    """The exact value of one more household of each profile that would better the round, best first.

    Each is a round solved anew: what each aim gains, who is placed then, and who goes elsewhere.
    """
    base = now.prepared
    return trials(now, {p.name: (p.said, (household_of(base, p),)) for p in profiles(now)})


def options(now: SolvedRound) -> tuple[Option, ...]:
    """All that the portfolio may choose from: each opens pairs that are not there today.

    Of an existing household, training, a second approval and a bedroom, alone and together; what
    opens no more than something cheaper there is left out. Costs are the policy's, in £.
    """
    return (*_of_households(now), *_of_profiles(now))


def _cost(base: Prepared, keys: Sequence[str]) -> int:
    return round(sum(base.policy.number(f"sufficiency.{key}") for key in keys))


def _of_households(now: SolvedRound) -> Iterator[Option]:
    base = now.prepared
    today = _takes(base)
    found: dict[str, list[Option]] = {home: [] for home in base.columns.household_ids}
    for size in range(1, len(CHANGES) + 1):
        for keys in itertools.combinations(CHANGES, size):
            changed, changes = _together(base.inputs, keys)
            takes = _takes(prepare_again(base, changed))
            for home, edits in changes.items():
                at = base.household_at[home]
                then = takes.get(home, {})
                if at not in base.pinned_households and then.keys() - today.get(home, {}).keys():
                    what = " and ".join(ACTS[key].said.format(home) for key in keys)
                    found[home].append(Option(home, what, _cost(base, keys), edits, then))
    for some in found.values():
        for option in some:
            if not any(_covers(other, option) for other in some if other is not option):
                yield option


def _covers(one: Option, other: Option) -> bool:
    """Whether an option opens all that another does for less."""
    return one.cost < other.cost and one.takes.keys() >= other.takes.keys()


def _together(inputs: Inputs, keys: Sequence[str]) -> tuple[Inputs, dict[str, Edits]]:
    """Several changes of every household, each made on what the one before left, and the edits.

    A household that one of them would leave as it is has none of them.
    """
    made: dict[str, Edits] = {home.household_id: () for home in inputs.households}
    changed = inputs
    for key in keys:
        edits = {home: ACTS[key].edits(changed, home) for home in made}
        made = {home: made[home] + some for home, some in edits.items() if some}
        changed = apply(inputs, itertools.chain.from_iterable(made.values()))
    return changed, made


def _of_profiles(now: SolvedRound) -> Iterator[Option]:
    base = now.prepared
    made = {profile: household_of(base, profile) for profile in profiles(now)}
    takes = _takes(prepare_again(base, apply(base.inputs, made.values())))
    seen: set[tuple[tuple[int, tuple[int, ...]], ...]] = set()
    for profile, household in made.items():
        then = takes.get(profile.name, {})
        # Of profiles that open the same pairs, the first.
        if then and tuple(then.items()) not in seen:
            seen.add(tuple(then.items()))
            cost = _cost(base, (RECRUIT,))
            yield Option(profile.name, profile.said, cost, (household,), then, MOST_COPIES)


def _takes(prepared: Prepared) -> dict[str, Takes]:
    """The requests that each household could be chosen for, and what each pair is worth."""
    problem, found = prepared.problem, dict[str, Takes]()
    first = _first_aims(prepared)
    later = [problem.of_edges(aim) for aim in problem.aims if aim.name not in first]
    values = zip(*(each.tolist() for each in later), strict=True)
    edges = zip(problem.request.tolist(), problem.household.tolist(), values, strict=True)
    for request, home, worth in edges:
        found.setdefault(prepared.columns.household_ids[home], {})[request] = worth
    return found


class LimitInPlay(ValueError):
    """A limit of the round is in play: what to buy can't be read off pairs alone."""


def portfolios(
    now: SolvedRound, budget: int, choices: Sequence[Option] | None = None
) -> list[Portfolio]:
    """The frontier: from nothing to the budget, what places most families for the money.

    Families needed today come first, then within 5 days, then later, as in the aims of a round.
    Each step costs the least that reaches its numbers, proven by the solver; the last is the best
    portfolio for the budget (in £). `choices` are those of `options`, if none are given. Families
    whom a pin holds are not counted. Raises LimitInPlay where limits or keep_apart are, or would
    be once something is bought, and NotProven where the solver can't finish.
    """
    base = now.prepared
    if base.problem.limited:
        raise LimitInPlay("a limit is in play")
    choices = options(now) if choices is None else choices
    _no_limit_comes(base, choices)
    homes, outside = base.household_at, len(base.household_at)
    as_is = [_alternative(homes[home], takes, 0) for home, takes in _takes(base).items()]
    alternatives = [
        _alternative(homes.get(each.household_id, outside), each.takes, each.cost, each.copies)
        for each in choices
    ]
    first = _first_aims(base)
    values = [base.of_request[key] for key in first]
    found = []
    for bought in frontier(values, [*as_is, *alternatives], budget):
        numbers = bought.numbers[len(as_is) :]
        chosen = tuple((o, n) for o, n in zip(choices, numbers, strict=True) if n)
        reached = dict(zip(first, bought.values, strict=True))
        placed = tuple(reached[tier.key] for tier in aims.TIERS)
        found.append(Portfolio(chosen, bought.cost, placed))
    return found[::-1]


def _first_aims(base: Prepared) -> list[str]:
    """The aims that say what is best for the money: the requests' own, to the last that counts them.

    All others choose among what costs the same.
    """
    in_order = aims.in_force(base.policy)
    last = max(map(in_order.index, aims.TIERS))
    return [aim.key for aim in in_order[: last + 1] if isinstance(aim, RequestAim)]


def _no_limit_comes(base: Prepared, choices: Sequence[Option]) -> None:
    """LimitInPlay where what could be bought would bring a limit into play that is not now."""
    everything = Portfolio(tuple((each, each.copies) for each in choices), 0, ())
    then = prepare_again(base, apply(base.inputs, everything.edits)).problem
    if then.limited:
        raise LimitInPlay("what could be bought brings a limit into play")


def _alternative(household: int, takes: Takes, cost: int, copies: int = 1) -> Alternative:
    return Alternative(household, tuple(takes), tuple(takes.values()), cost, copies)


def carried_out(now: SolvedRound, portfolio: Portfolio) -> SolvedRound:
    """The round of today's requests once a portfolio is bought, solved anew with all its aims."""
    base = now.prepared
    return match(prepare_again(base, apply(base.inputs, portfolio.edits)))
