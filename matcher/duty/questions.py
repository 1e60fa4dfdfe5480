"""What may be missing of a request: whom to ask, and the values to try in its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from matcher.codes import (
    CONCERNS,
    ENGLISH,
    ETHNICITIES,
    FAITHS,
    FEATURES,
    LEGAL_STATUSES,
    NEEDS,
    PURPOSES,
    RISK_AREAS,
    RISK_LEVELS,
)
from matcher.duty.assume import complete
from matcher.intake.given import Given, contradicts
from matcher.intake.inputs import Inputs
from matcher.intake.rows import Request
from matcher.policy.screening import ADULT, ANSWERS
from matcher.policy.settings import Policy
from matcher.shipped import broad_groups, ethnicity_labels, language_names
from matcher.words import count, label, long_date, upper_first

CHILD, PARENT = "the child's social worker", "the parent"
HOSPITAL, LAWYER = "the hospital", "the council's lawyer"
WEEKS, LATER_DAYS, OLDER, UNBORN_DAYS = (6, 12), (5, 14), (1, 2, 3), 28


@dataclass(frozen=True)
class Round:
    """The round in which a request is asked about."""

    inputs: Inputs
    policy: Policy


@dataclass(frozen=True)
class Try:
    """Cells that might turn out to be so, and their name in a sentence."""

    cells: dict[str, Any]
    label: str


@dataclass(frozen=True)
class Question:
    """A column that may be missing: whom to ask, and what to try.

    `none` says that a blank cell of it means none, and not that it isn't known; `every` names all
    values at once that say something, where they come to the same.
    """

    column: str
    ask: str
    tries: Callable[[Round], Iterable[Try]]
    none: bool = False
    every: str = "whatever it is"


def questions(given: Given) -> list[Question]:
    """What nobody has said of a request, in reading order."""
    idle = set() if "second_parent_age" in given.cells else {"second_parent_looked_after"}
    return [
        each
        for each in QUESTIONS
        if each.column not in given.cells.keys() | idle
        and not (each.none and each.column in given.named)
    ]


def possible(given: Given, question: Question, around: Round) -> Iterator[tuple[Try, Request]]:
    """The values of a missing column that contradict nothing, each with the request it would make."""
    as_of = around.inputs.as_of
    for each in question.tries(around):
        known = given.cells | each.cells
        request, _ = complete(known, as_of, around.policy)
        if not contradicts(known, as_of) and not contradicts(vars(request), as_of):
            yield each, request


def _codes(column: str, codes: Iterable[str], label: Callable[[str], str] = label) -> Any:
    return lambda around: [Try({column: code}, label(code)) for code in codes]


def _in_list(column: str, codes: Iterable[str]) -> Any:
    return lambda around: [Try({column: (code,)}, label(code)) for code in codes]


def _yes_no(column: str, yes: str, no: str | None = None) -> Any:
    answers = [(True, yes), *([(False, no)] if no else [])]
    return lambda around: [Try({column: value}, label) for value, label in answers]


def _ages(around: Round) -> Iterator[Try]:
    """One age of each band that rules tell apart."""
    young = int(around.policy.number("young_parent_under"))
    edges = sorted({ADULT, young})
    yield Try({"parent_age": edges[0] - 1}, f"under {edges[0]}")
    for low, high in zip(edges, [*edges[1:], None], strict=True):
        label = f"{low} or over" if high is None else f"{low} to {high - 1}"
        yield Try({"parent_age": low}, label)


def _second_parents(around: Round) -> Iterator[Try]:
    for age in (ADULT - 1, max(ADULT, int(around.policy.number("young_parent_under")))):
        after = {"second_parent_looked_after": age < ADULT}
        who = "a looked-after one" if age < ADULT else "an adult"
        yield Try({"second_parent_age": age, **after}, f"{who} comes")


def _born(around: Round) -> Iterator[Try]:
    as_of = around.inputs.as_of
    yield Try({"child_born_or_due_on": as_of}, "born today")
    due = as_of + timedelta(days=UNBORN_DAYS)
    yield Try({"child_born_or_due_on": due}, f"due on {long_date(due)}")


def _needed(around: Round) -> Iterator[Try]:
    for days in LATER_DAYS:
        day = around.inputs.as_of + timedelta(days=days)
        yield Try({"needed_from": day}, f"it can wait until {long_date(day)}")


def _weeks(around: Round) -> Iterator[Try]:
    for weeks in WEEKS:
        yield Try({"expected_weeks": weeks}, count(weeks, "week"))


def _older(around: Round) -> Iterator[Try]:
    for number in OLDER:
        yield Try(
            {"older_children": number}, f"{number} comes" if number == 1 else f"{number} come"
        )


def _spoken(around: Round) -> Iterator[Try]:
    homes = around.inputs.households
    carers = [c for h in homes for c in around.inputs.approved_carers(h.household_id)]
    for code in sorted({code for carer in carers for code in carer.languages or ()}):
        yield Try({"languages": (code,)}, language_names()[code])


def _places(column: str) -> Callable[[Round], Iterator[Try]]:
    def places(around: Round) -> Iterator[Try]:
        homes = {household.postcode for household in around.inputs.households}
        homes |= {r.home_postcode for r in around.inputs.requests if r.home_postcode}
        for place in sorted(homes):
            yield Try({column: place}, place)

    return places


def _advised(around: Round) -> Iterator[Try]:
    for code, answer in ANSWERS.items():
        cells = {"legal_advice_on": around.inputs.as_of, "legal_advice": (code,)}
        yield Try(cells, f"the advice is that {answer}")


def _concerns(around: Round) -> Iterator[Try]:
    yield Try({"fostering_concerns": ()}, "none of the eight is found")
    yield from _in_list("fostering_concerns", CONCERNS)(around)


def _agreed(around: Round) -> Iterator[Try]:
    cells = {"head_of_service_on": around.inputs.as_of, "placement_with_parents": "approved"}
    yield Try(cells, "the Head of Service has agreed on an approved assessment")


def _hearing(around: Round) -> Iterator[Try]:
    yield Try({"court_on": around.inputs.as_of + timedelta(days=7)}, "a hearing is near")


LEGAL = {
    "not_looked_after": "not looked after",
    "s20": "s20",
    "emergency_protection": "emergency protection",
    "interim_care_order": "an interim care order",
    "care_order": "a care order",
}
AVOIDED = ("dog", "cat", "smoker", "birth_children")
NEEDED = tuple(feature for feature in FEATURES if feature not in AVOIDED)
KNOWN_ETHNICITIES = tuple(code for code in ETHNICITIES if code in broad_groups())
LOOKED_AFTER = _yes_no("parent_looked_after", "looked after", "not looked after")
SECOND = _yes_no("second_parent_looked_after", "looked after", "not looked after")
DIRECTED = _yes_no("court_directed", "the court directs it", "it does not")
AGREES = _yes_no("parent_agrees", "the parent agrees", "the parent does not agree")
WITHHELD = _yes_no("withhold_address", "the address is withheld")

QUESTIONS = (
    Question("purpose", CHILD, _codes("purpose", PURPOSES)),
    Question("parent_age", PARENT, _ages),
    Question("parent_looked_after", CHILD, LOOKED_AFTER),
    Question(
        "child_legal_status", CHILD, _codes("child_legal_status", LEGAL_STATUSES, LEGAL.__getitem__)
    ),
    Question("child_born_or_due_on", HOSPITAL, _born),
    Question("needed_from", HOSPITAL, _needed),
    Question("expected_weeks", CHILD, _weeks),
    Question("court_directed", LAWYER, DIRECTED),
    Question("parent_agrees", PARENT, AGREES),
    Question("legal_advice_on", LAWYER, _advised, every="once it is given"),
    Question("head_of_service_on", CHILD, _agreed),
    Question(
        "fostering_concerns",
        CHILD,
        _concerns,
        every="if any is recorded",
    ),
    Question("engagement", CHILD, _codes("engagement", ("partial", "refusing"))),
    Question("second_parent_age", PARENT, _second_parents, none=True, every="if one comes"),
    Question("second_parent_looked_after", CHILD, SECOND),
    Question("babies", HOSPITAL, lambda around: [Try({"babies": 2}, "twins")], none=True),
    Question("older_children", PARENT, _older, none=True, every="if any comes"),
    Question("home_postcode", PARENT, _places("home_postcode")),
    Question("languages", PARENT, _spoken),
    Question("english", PARENT, _codes("english", ENGLISH)),
    Question(
        "ethnicity",
        PARENT,
        _codes("ethnicity", KNOWN_ETHNICITIES, lambda code: ethnicity_labels()[code]),
    ),
    Question("religion", PARENT, _codes("religion", FAITHS, lambda code: upper_first(label(code)))),
    Question("school_postcode", PARENT, _places("school_postcode")),
    Question("needs", CHILD, _in_list("needs", NEEDS), none=True, every="if any is recorded"),
    Question("must_have", PARENT, _in_list("must_have", NEEDED), none=True),
    Question("must_avoid", PARENT, _in_list("must_avoid", AVOIDED), none=True),
    *(Question(f"risk_{area}", CHILD, _codes(f"risk_{area}", RISK_LEVELS)) for area in RISK_AREAS),
    Question("court_on", LAWYER, _hearing),
    Question("withhold_address", CHILD, WITHHELD),
)
