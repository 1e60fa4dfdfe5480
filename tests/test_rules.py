"""Every hard rule at its edge: just inside, just outside, not known; then its words, once."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from builders import (
    AS_OF,
    Cells,
    a_carer,
    a_household,
    a_policy,
    a_request,
    one_pair,
    proves,
    read_tables,
)
from matcher.codes import RISK_AREAS
from matcher.eligibility import failed_bits, rules_of
from matcher.errors import WrongInput
from matcher.policy import criteria, duties, rules, screening
from matcher.policy.case import Case
from matcher.policy.forms import Criterion, Rule
from matcher.policy.rules import RULES
from matcher.rounds import prepare
from matcher.shipped import shipped

CONTRACT = {
    "approved": "PC-5.1",
    "trained": "PC-5.1a",
    "assessed": "PC-5.1a",
    "accommodation": "PC-5.1b",
    "room": "PC-5.1b, PC-5.1i",
    "two_carers": "PC-5.1d",
    "one_arrangement": "PC-5.1f",
    "available": "PC-5.1",
    "terms": "LAW-terms",
    "family": "PC-4.1a, PC-5.1i",
    "fostering_limit": "LAW-limit",
    "risk_limits": "PC-5.3b",
    "risk_assessment": "PC-5.1e",
    "assessment_skills": "PC-5.2a",
    "keep_away": "PC-5.1j",
    "distance": "PC-5.1j",
    "features": "NMS-15",
    "smoke_free": "LAW-smoking",
    "known_to_family": "PC-5.3d",
    "ruled_out": "decisions",
    "ended_before": "practice",
    "own_home": "PC-4.2b",
}
BY_KEY = {rule.key: rule for rule in RULES}


def a_case(
    folder: Path,
    request: Cells | None = None,
    household: Cells | None = None,
    carers: list[Cells] | None = None,
    policy: dict[str, object] | None = None,
    as_of: date = AS_OF,
    **others: list[Cells],
) -> Case:
    """The first pair of a round of one request and one household, unless `others` add more."""
    more = {
        name: others.pop(name, []) for name in ("more_requests", "more_households", "more_carers")
    }
    tables = one_pair(
        a_request(**request or {}),
        a_household(**household or {}),
        None if carers is None else [a_carer(number=at, **c) for at, c in enumerate(carers, 1)],
        **others,
    )
    for name, rows in more.items():
        tables[name.removeprefix("more_")] += rows
    changed = a_policy(**policy or {})
    return prepare(read_tables(folder, tables, as_of), changed, 0).pair(0, 0)


def failed(folder: Path, **cells: Any) -> set[str]:
    """The keys of the rules that a pair fails."""
    bits = failed_bits(a_case(folder, **cells).pairs)
    return {RULES[place].key for place in rules_of(int(bits[0, 0]))}


class Row(NamedTuple):
    """One row of a table: what is tested, every rule that fails, and the cells."""

    says: str
    fails: str
    cells: dict[str, Any]


def row(says: str, fails: str = "", **cells: Any) -> Row:
    return Row(says, fails, cells)


def linked(kind: str = "current_carer") -> list[Cells]:
    return [{"request_id": "R1", "household_id": "H1", "kind": kind}]


def assessed_as(*outcomes: str, household_id: str = "H1") -> list[Cells]:
    ids = {"request_id": "R1", "household_id": household_id}
    return [{**ids, "outcome": outcome} for outcome in outcomes]


def decided(**by_day: str) -> list[Cells]:
    """Decisions of the pair in November 2026: _02='rule_out' is one on the second."""
    ids = {"request_id": "R1", "household_id": "H1"}
    return [
        {**ids, "decision": decision, "decided_on": f"2026-11-{day[1:]}"}
        for day, decision in by_day.items()
    ]


def lived(
    ended_on: str | None = None,
    because: str | None = None,
    planned_end_on: str | None = None,
    started_on: str = "2026-09-07",
    request_id: str = "R9",
) -> list[Cells]:
    """The placement of a family in H1; R9 is in no table any more."""
    ids = {"request_id": request_id, "household_id": "H1", "started_on": started_on}
    ends: Cells = {"planned_end_on": planned_end_on, "ended_on": ended_on}
    return [{**ids, **ends, "ended_because": because}]


LOOKED_AFTER: Cells = {"parent_age": "17", "parent_looked_after": "yes"}
NOT_LOOKED_AFTER: Cells = {"child_legal_status": "not_looked_after"}
FATHER: Cells = {"second_parent_age": "17", "second_parent_looked_after": "yes"}
SUPPORT: Cells = {"purpose": "support", "expected_weeks": None}
STAYS_PUT: Cells = {"parent_looked_after": "no", "purpose": "support", "expected_weeks": None}
OLD: Cells = {"child_born_or_due_on": "2015-10-01"}  # nobody asks whether anybody smokes
TODAY: Cells = {"needed_from": "2026-11-23"}
TWO: list[Cells] = [{}, {}]
NO_SKILLS: Cells = {"skills": None}
USUAL = ("offending", "violence", "arson", "sexualised_behaviour")


def lives_there(**cells: str | None) -> Cells:
    """R2, a looked-after parent, who needs a placement in December."""
    looked_after = {"parent_age": "16", "parent_looked_after": "yes"}
    return a_request("R2", **{**looked_after, **NOT_LOOKED_AFTER, **cells})


def lives_with(kind: str = "current_carer") -> list[Cells]:
    return [{"request_id": "R2", "household_id": "H1", "kind": kind}]


def of_r2(decision: str, **cells: str | None) -> Cells:
    return {**decided(_02=decision)[0], "request_id": "R2", **cells}


# The ordinary request needs a home from 7 December for 84 days and starts by the 21st.
TABLES: dict[str, list[Row]] = {
    "approved": [
        row("approved", household={"status": "approved"}),
        row("assessing", "approved", household={"status": "assessing"}),
        row("suspended", "approved", household={"status": "suspended"}),
        row("ended", "approved", household={"status": "ended"}),
    ],
    "trained": [
        row("today", carers=[{"pc_trained_on": "2026-11-23"}]),
        row("tomorrow", "trained assessed", carers=[{"pc_trained_on": "2026-11-24"}]),
        row("not known", "trained assessed", carers=[{"pc_trained_on": None}]),
        row("one of two not known", carers=[{"pc_trained_on": None}, {}]),
        row("one of two dated ahead", carers=[{"pc_trained_on": "2026-11-24"}, {}]),
        row("not approved", "trained assessed assessment_skills", carers=[{"approved": "no"}]),
        row(
            "approval not known", "trained assessed assessment_skills", carers=[{"approved": None}]
        ),
        row(
            "no carer",
            "trained assessed assessment_skills",
            carers=[],
            more_households=[a_household("H2")],
            more_carers=[a_carer("H2")],
        ),
        row(
            "the one who is trained is not approved",
            "trained assessed",
            carers=[{"pc_trained_on": None}, {"approved": "no"}],
        ),
        row("long ago, never runs out", carers=[{"pc_trained_on": "1999-01-01"}]),
        row(
            "on the day it runs out",
            carers=[{"pc_trained_on": "2025-05-23"}],
            policy={"training_valid_months": 18},
        ),
        row(
            "the day after",
            "trained assessed",
            carers=[{"pc_trained_on": "2025-05-22"}],
            policy={"training_valid_months": 18},
        ),
        *(
            row(
                f"{months} months before {day}: {trained}",
                fails,
                carers=[{"pc_trained_on": trained, "pc_assessed_on": trained}],
                policy={"training_valid_months": months},
                as_of=date.fromisoformat(day),
            )
            for day, months, trained, fails in (
                ("2027-03-31", 1, "2027-02-28", ""),
                ("2027-03-31", 1, "2027-02-27", "trained assessed"),
                ("2028-03-31", 1, "2028-02-29", ""),
                ("2028-03-31", 1, "2028-02-28", "trained assessed"),
                ("2027-03-31", 4, "2026-11-30", ""),
                ("2027-03-31", 6, "2026-09-30", ""),
                ("2027-03-31", 9, "2026-06-30", ""),
                ("2027-03-31", 11, "2026-04-30", ""),
                ("2027-03-31", 11, "2026-04-29", "trained assessed"),
                ("2027-01-15", 1, "2026-12-15", ""),
                ("2027-01-15", 1, "2026-12-14", "trained assessed"),
            )
        ),
    ],
    "assessed": [
        row("today", carers=[{"pc_assessed_on": "2026-11-23"}]),
        row("tomorrow", "assessed", carers=[{"pc_assessed_on": "2026-11-24"}]),
        row("not known", "assessed", carers=[{"pc_assessed_on": None}]),
        row("one of two not known", carers=[{"pc_assessed_on": None}, {}]),
        row(
            "one trained, another assessed",
            "assessed",
            carers=[{"pc_assessed_on": None}, {"pc_trained_on": None}],
        ),
        row(
            "the one who is assessed is not approved",
            "assessed",
            carers=[{"pc_assessed_on": None}, {"approved": "no"}],
        ),
        row(
            "the one who is assessed was trained too long ago",
            "assessed",
            carers=[{"pc_assessed_on": None}, {"pc_trained_on": "2020-01-01"}],
            policy={"training_valid_months": 24},
        ),
    ],
    "accommodation": [
        row("suitable", household={"accommodation_suitable": "yes"}),
        row("not suitable", "accommodation", household={"accommodation_suitable": "no"}),
        row("not known", "accommodation", household={"accommodation_suitable": None}),
    ],
    "room": [
        row("one room, no older child", household={"bedrooms": "1"}),
        row("no room", "room", household={"bedrooms": "0"}),
        row("not known", "room", household={"bedrooms": None}),
        *(
            row(
                f"{rooms} rooms, {older} older children, {share} a room",
                fails,
                request={"older_children": older},
                household={"bedrooms": rooms, "takes_older_children": "9"},
                policy={"older_children_per_room": share},
            )
            for rooms, older, share, fails in (
                ("2", "1", 2, ""),
                ("1", "1", 2, "room"),
                ("2", "2", 2, ""),
                ("2", "3", 2, "room"),
                ("3", "3", 2, ""),
                ("2", "3", 3, ""),
                ("2", "2", 1, "room"),
                ("3", "2", 1, ""),
            )
        ),
        row(
            "own carer: the parent has a room",
            request=LOOKED_AFTER,
            household={"bedrooms": "0"},
            relationships=linked(),
        ),
        row(
            "own carer of the second parent",
            request=FATHER,
            household={"bedrooms": "0", "takes_second_parent": "yes"},
            relationships=linked(),
        ),
        row(
            "own carer of both: one room more, not two",
            "room",
            request={**LOOKED_AFTER, **FATHER, **NOT_LOOKED_AFTER, "older_children": "1"},
            household={"bedrooms": "0", "takes_second_parent": "yes", "takes_older_children": "1"},
            relationships=linked(),
        ),
        row(
            "own carer, rooms not known",
            "room",
            request=LOOKED_AFTER,
            household={"bedrooms": None},
            relationships=linked(),
        ),
        row(
            "own carer of a parent who is not looked after",
            "room",
            household={"bedrooms": "0"},
            relationships=linked(),
        ),
        row(
            "former carer",
            "room",
            request=LOOKED_AFTER,
            household={"bedrooms": "0"},
            relationships=linked("former_carer"),
        ),
        row(
            "own carer named last: the strongest counts",
            request=LOOKED_AFTER,
            household={"bedrooms": "0"},
            relationships=linked("known_to_family") + linked(),
        ),
    ],
    "two_carers": [
        row("no child, one carer", household={"looked_after_children": "0"}),
        row("a child, one carer", "two_carers", household={"looked_after_children": "1"}),
        row("a child, two carers", household={"looked_after_children": "1"}, carers=TWO),
        row(
            "a child, the second not approved",
            "two_carers",
            household={"looked_after_children": "1"},
            carers=[{}, {"approved": "no"}],
        ),
        row(
            "a child, the second's approval not known",
            "two_carers",
            household={"looked_after_children": "1"},
            carers=[{}, {"approved": None}],
        ),
        row(
            "a child, the second approved and not trained",
            household={"looked_after_children": "1"},
            carers=[{}, {"pc_trained_on": None, "pc_assessed_on": None, "skills": None}],
        ),
        row(
            "own carer: the child is the parent",
            request=LOOKED_AFTER,
            household={"looked_after_children": "1"},
            relationships=linked(),
        ),
        row(
            "own carer: another child too",
            "two_carers",
            request=LOOKED_AFTER,
            household={"looked_after_children": "2"},
            relationships=linked(),
        ),
    ],
    "one_arrangement": [
        row(
            "free seven days later, on the last day", household={"arrangement_until": "2026-12-14"}
        ),
        row("a day too late", "one_arrangement", household={"arrangement_until": "2026-12-15"}),
        row("nobody can say", "one_arrangement", household={"arrangement_until": "open"}),
        row(
            "a longer turnaround",
            "one_arrangement",
            household={"arrangement_until": "2026-12-14"},
            policy={"turnaround_days": 8},
        ),
        row(
            "no turnaround",
            household={"arrangement_until": "2026-12-21"},
            policy={"turnaround_days": 0},
        ),
        row("overdue, needed later", household={"arrangement_until": "2026-11-01"}),
        row(
            "overdue counts as ending today",
            "one_arrangement",
            request=TODAY,
            household={"arrangement_until": "2026-11-01"},
        ),
        row(
            "overdue, free on the last day",
            request=TODAY,
            household={"arrangement_until": "2026-11-01"},
            policy={"turnaround_days": 1},
        ),
        row(
            "latest_start is what counts",
            "one_arrangement",
            request={"latest_start": "2026-12-20"},
            household={"arrangement_until": "2026-12-14"},
        ),
        *(
            row(f"a placement: {says}", fails, placements=lived(planned_end_on=planned_end_on))
            for says, planned_end_on, fails in (
                ("planned until seven days before the last day", "2026-12-14", ""),
                ("planned until the day after", "2026-12-15", "one_arrangement"),
                ("planned until today", "2026-11-23", ""),
                ("planned until yesterday, so nobody can say", "2026-11-22", "one_arrangement"),
                ("no planned end", None, "one_arrangement"),
            )
        ),
        *(
            row(
                f"a placement that ended, needed today: {says}",
                fails,
                request=TODAY,
                placements=lived(ended_on, "planned"),
            )
            for says, ended_on, fails in (
                ("free on the last day", "2026-11-17", ""),
                ("a day too late", "2026-11-18", "one_arrangement"),
                ("today", "2026-11-23", "one_arrangement"),
            )
        ),
        *(
            row(
                f"ended_on is ahead, so it runs: {says}",
                fails,
                placements=lived(ended_on, "carers_asked", planned),
            )
            for says, ended_on, planned, fails in (
                ("its planned end counts", "2027-03-01", "2026-12-14", ""),
                ("and not the earlier end", "2026-12-14", "2026-12-15", "one_arrangement"),
                ("nor where none is planned", "2026-12-14", None, "one_arrangement"),
            )
        ),
        row(
            "its planned end counts, not the household's arrangement_until",
            household={"arrangement_until": "open"},
            placements=lived(planned_end_on="2026-12-14"),
        ),
        row(
            "and not an earlier arrangement_until",
            "one_arrangement",
            household={"arrangement_until": "2026-12-01"},
            placements=lived(planned_end_on="2026-12-15"),
        ),
        row(
            "it is over, and an arrangement of a family that is in no table runs",
            "one_arrangement",
            household={"arrangement_until": "2026-12-15"},
            placements=lived("2026-09-20", "planned"),
        ),
        row("a placement that begins later", placements=lived(started_on="2026-11-24")),
        row(
            "its own placement",
            request={"status": "open"},
            placements=lived(request_id="R1"),
        ),
        *(
            row(
                f"{because}, {says}",
                fails,
                household={"reviewed_on": reviewed_on},
                placements=lived("2026-10-05", because),
            )
            for because in ("staying_put", "separated")
            for says, reviewed_on, fails in (
                ("asked on that day who lives there", "2026-10-05", ""),
                ("asked the day before", "2026-10-04", "one_arrangement"),
                ("not asked", None, "one_arrangement"),
            )
        ),
        row("moved_on, not asked", placements=lived("2026-10-05", "moved_on")),
    ],
    "available": [
        row("from the last day", household={"available_from": "2026-12-21"}),
        row("from the day after", "available", household={"available_from": "2026-12-22"}),
        row("until the end", household={"available_until": "2027-03-01"}),
        row("until the day before", "available", household={"available_until": "2027-02-28"}),
        *(
            row(
                f"needed {needed}, from {opens}",
                fails,
                request={"needed_from": needed, "latest_start": latest},
                household={"available_from": opens},
            )
            for needed, latest, opens, fails in (
                ("2026-11-23", None, "2026-11-24", ""),
                ("2026-11-23", None, "2026-11-25", "available"),
                ("2026-11-01", None, "2026-11-24", ""),
                ("2026-11-01", None, "2026-11-25", "available"),
                ("2026-11-28", None, "2026-12-03", ""),
                ("2026-11-28", None, "2026-12-04", "available"),
                ("2026-11-29", None, "2026-12-13", ""),
                ("2026-11-29", None, "2026-12-14", "available"),
                ("2026-12-07", "2026-12-31", "2026-12-31", ""),
                ("2026-12-07", "2026-12-31", "2027-01-01", "available"),
                ("2026-11-01", "2026-11-23", "2026-11-23", ""),
                ("2026-11-01", "2026-11-23", "2026-11-24", "available"),
                ("2026-11-01", "2026-11-22", "2026-11-24", ""),  # past: as if it were blank
                ("2026-11-01", "2026-11-22", "2026-11-25", "available"),
            )
        ),
        *(
            row(
                f"{urgency}: another grace, from {opens}",
                fails,
                request={"needed_from": needed},
                household={"available_from": opens},
                policy={f"start_grace_days__{urgency}": 3},
            )
            for urgency, needed, opens, fails in (
                ("today", "2026-11-23", "2026-11-26", ""),
                ("today", "2026-11-23", "2026-11-27", "available"),
                ("within_5_days", "2026-11-28", "2026-12-01", ""),
                ("within_5_days", "2026-11-28", "2026-12-02", "available"),
                ("more_than_5_days", "2026-11-29", "2026-12-02", ""),
                ("more_than_5_days", "2026-11-29", "2026-12-03", "available"),
            )
        ),
        row(
            "the end counts from today where the need is past",
            request={"needed_from": "2026-11-01"},
            household={"available_until": "2027-02-15"},
        ),
        row(
            "and not from the need",
            "available",
            request={"needed_from": "2026-11-01"},
            household={"available_until": "2027-02-14"},
        ),
        row(
            "the end counts from the household's own first day",
            household={"available_from": "2026-12-20", "available_until": "2027-03-14"},
        ),
        row(
            "a day short of it",
            "available",
            household={"available_from": "2026-12-20", "available_until": "2027-03-13"},
        ),
        row(
            "the end counts from the turnaround",
            household={"arrangement_until": "2026-12-14", "available_until": "2027-03-15"},
        ),
        row(
            "a day short of that",
            "available",
            household={"arrangement_until": "2026-12-14", "available_until": "2027-03-14"},
        ),
        row(
            "the start is not capped: one day fails both",
            "available one_arrangement",
            household={"arrangement_until": "2026-12-15", "available_until": "2027-03-15"},
        ),
        row(
            "the end is not known",
            "available one_arrangement",
            household={"arrangement_until": "open", "available_until": "2099-01-01"},
        ),
        row(
            "support lasts 26 weeks where nobody has said",
            request=SUPPORT,
            household={"available_until": "2027-06-07"},
        ),
        row(
            "a day short of 26 weeks: what follows is a duty to agree",
            request=SUPPORT,
            household={"available_until": "2027-06-06"},
        ),
        row(
            "support that nobody limits, until the day after its start",
            request=SUPPORT,
            household={"available_until": "2026-12-08"},
        ),
        row(
            "until its start",
            "available",
            request=SUPPORT,
            household={"available_until": "2026-12-07"},
        ),
        row(
            "until its start, which is the household's first day",
            "available",
            request=SUPPORT,
            household={"available_from": "2026-12-14", "available_until": "2026-12-14"},
        ),
        row(
            "support that nobody limits, while the end of an arrangement is not known",
            "available one_arrangement",
            request=SUPPORT,
            household={"arrangement_until": "open", "available_until": "2099-01-01"},
        ),
        row(
            "support as long as it says",
            request={**SUPPORT, "expected_weeks": "25"},
            household={"available_until": "2027-05-31"},
        ),
        row(
            "a day short of what it says",
            "available",
            request={**SUPPORT, "expected_weeks": "25"},
            household={"available_until": "2027-05-30"},
        ),
        row(
            "a placement that ends puts the start off, and the end with it",
            "available",
            household={"available_until": "2027-03-08"},
            placements=lived(planned_end_on="2026-12-08"),
        ),
        row(
            "until the end that it then has",
            household={"available_until": "2027-03-09"},
            placements=lived(planned_end_on="2026-12-08"),
        ),
    ],
    "terms": [
        row("blank is both: assessment", household={"terms": None}),
        row("blank is both: support", request=SUPPORT, household={"terms": None}),
        row("assessment", household={"terms": "assessment"}),
        row("support only", "terms", household={"terms": "support"}),
        row("both", household={"terms": "support;assessment"}),
        row("support", request=SUPPORT, household={"terms": "support"}),
        row("assessment only", "terms", request=SUPPORT, household={"terms": "assessment"}),
        row("switched off", household={"terms": "support"}, policy={"terms_of_approval": False}),
    ],
    "family": [
        row(
            "second parent, taken",
            request={"second_parent_age": "30"},
            household={"takes_second_parent": "yes"},
        ),
        row(
            "second parent, not taken",
            "family",
            request={"second_parent_age": "30"},
            household={"takes_second_parent": "no"},
        ),
        row("second parent, not known", "family", request={"second_parent_age": "30"}),
        row("no second parent", household={"takes_second_parent": "no"}),
        *(
            row(
                f"{older} older children, takes {takes}",
                fails,
                request={"older_children": older},
                household={"takes_older_children": takes},
            )
            for older, takes, fails in (
                ("0", "0", ""),
                ("0", None, ""),
                ("1", "1", ""),
                ("1", "2", ""),
                ("2", "1", "family"),
                ("1", "0", "family"),
                ("1", None, "family"),
            )
        ),
    ],
    "fostering_limit": [
        *(
            row(
                says,
                fails,
                request=request,
                household={
                    "looked_after_children": there,
                    "takes_second_parent": "yes",
                    "takes_older_children": "4",
                    "bedrooms": "9",
                },
                carers=TWO,
            )
            for says, there, request, fails in (
                ("a baby joins two", "2", {}, ""),
                ("a baby joins three", "3", {}, "fostering_limit"),
                ("nobody looked after joins three", "3", NOT_LOOKED_AFTER, ""),
                ("nobody looked after joins four", "4", NOT_LOOKED_AFTER, "fostering_limit"),
                ("a parent joins two", "2", {**LOOKED_AFTER, **NOT_LOOKED_AFTER}, ""),
                (
                    "a parent joins three",
                    "3",
                    {**LOOKED_AFTER, **NOT_LOOKED_AFTER},
                    "fostering_limit",
                ),
                ("a parent and a baby join two", "2", LOOKED_AFTER, "fostering_limit"),
                ("a second parent and a baby join one", "1", FATHER, ""),
                ("a second parent and a baby join two", "2", FATHER, "fostering_limit"),
                ("both parents and a baby join none", "0", {**LOOKED_AFTER, **FATHER}, ""),
                (
                    "both parents and a baby join one",
                    "1",
                    {**LOOKED_AFTER, **FATHER},
                    "fostering_limit",
                ),
                ("twins join one", "1", {"babies": "2"}, ""),
                ("twins join two", "2", {"babies": "2"}, "fostering_limit"),
                ("baby and older child join one", "1", {"older_children": "1"}, ""),
                ("baby and older child join two", "2", {"older_children": "1"}, "fostering_limit"),
                (
                    "older children of a family that is not looked after join three",
                    "3",
                    {**NOT_LOOKED_AFTER, "older_children": "2", "babies": "2"},
                    "",
                ),
                ("four siblings alone", "0", {"older_children": "3"}, ""),
                ("four siblings and a child there", "1", {"babies": "4"}, "fostering_limit"),
                (
                    "three siblings and their looked-after parent",
                    "0",
                    {**LOOKED_AFTER, "babies": "3"},
                    "fostering_limit",
                ),
                (
                    "three siblings and their second parent",
                    "0",
                    {**FATHER, "babies": "3"},
                    "fostering_limit",
                ),
                (
                    "an interim care order counts",
                    "3",
                    {"child_legal_status": "interim_care_order"},
                    "fostering_limit",
                ),
                (
                    "a care order counts",
                    "3",
                    {"child_legal_status": "care_order"},
                    "fostering_limit",
                ),
            )
        ),
        row(
            "an exemption names the request",
            household={"looked_after_children": "3", "limit_exemption": "R1"},
            carers=TWO,
        ),
        row(
            "an exemption names another",
            "fostering_limit",
            household={"looked_after_children": "3", "limit_exemption": "R2"},
            carers=TWO,
            more_requests=[a_request("R2")],
        ),
        *(
            row(
                f"a limit of {limit}, {there} there",
                fails,
                household={"looked_after_children": there},
                carers=TWO,
                policy={"usual_fostering_limit": limit},
            )
            for limit, there, fails in (
                (4, "3", ""),
                (4, "4", "fostering_limit"),
                (2, "2", "fostering_limit"),
                ("off", "9", ""),
            )
        ),
        *(
            row(
                f"own carer: {says}",
                fails,
                request={**LOOKED_AFTER, **request},
                household={"looked_after_children": there},
                carers=TWO,
                relationships=linked(),
            )
            for says, there, request, fails in (
                ("the parent is one of the three", "3", NOT_LOOKED_AFTER, ""),
                ("the parent is one of the four", "4", NOT_LOOKED_AFTER, "fostering_limit"),
                ("never fewer than none there", "0", {"babies": "3"}, "fostering_limit"),
            )
        ),
        row(
            "own carer of a parent who is not looked after",
            "fostering_limit",
            household={"looked_after_children": "3"},
            carers=TWO,
            relationships=linked(),
        ),
    ],
    "risk_limits": [
        *(
            row(f"{area} {level}, no limit given", fails, request={f"risk_{area}": level})
            for area in RISK_AREAS
            for level, fails in (
                ("medium", ""),
                ("high", "risk_limits" if area in USUAL else ""),
            )
        ),
        *(
            row(
                f"{area} {level} where low is the policy",
                fails,
                request={f"risk_{area}": level},
                policy={f"default_risk_limits__{area}": "low"},
            )
            for area in RISK_AREAS
            for level, fails in (("low", ""), ("medium", "risk_limits"))
        ),
        *(
            row(
                f"{area} {level}, at most {limit}",
                fails,
                request={f"risk_{area}": level},
                household={"risk_limits": f"{area}:{limit}"},
            )
            for area, level, limit, fails in (
                ("arson", "none", "none", ""),
                ("arson", "low", "none", "risk_limits"),
                ("arson", None, "none", ""),
                ("violence", "high", "high", ""),
                ("violence", "medium", "low", "risk_limits"),
                ("self_harm", "medium", "medium", ""),
                ("self_harm", "high", "medium", "risk_limits"),
            )
        ),
        row(
            "a limit for another area",
            request={"risk_arson": "medium"},
            household={"risk_limits": "violence:none"},
        ),
    ],
    "risk_assessment": [
        row("in progress", risk_assessments=assessed_as("in_progress")),
        row("containable", risk_assessments=assessed_as("containable")),
        row("too high", "risk_assessment", risk_assessments=assessed_as("too_high")),
        row(
            "too high, then containable",
            "risk_assessment",
            risk_assessments=assessed_as("too_high", "containable"),
        ),
        row(
            "containable, then too high",
            "risk_assessment",
            risk_assessments=assessed_as("containable", "too_high"),
        ),
        *(
            row(
                f"assessed {said}",
                fails,
                risk_assessments=[
                    {**assessed_as(outcome)[0], "assessed_on": day} for day, outcome in said
                ],
            )
            for said, fails in (
                ((("2026-11-10", "too_high"), ("2026-11-20", "containable")), ""),
                ((("2026-11-20", "containable"), ("2026-11-10", "too_high")), ""),
                ((("2026-11-10", "containable"), ("2026-11-20", "too_high")), "risk_assessment"),
                ((("2026-11-10", "too_high"), ("2026-11-20", "in_progress")), ""),
                # One without a day is before all that have one.
                (((None, "too_high"), ("2026-11-10", "containable")), ""),
                (((None, "containable"), ("2026-11-10", "too_high")), "risk_assessment"),
                (((None, "containable"), (None, "too_high")), "risk_assessment"),
            )
        ),
        row(
            "too high elsewhere",
            risk_assessments=assessed_as("too_high", household_id="H2"),
            more_households=[a_household("H2")],
        ),
    ],
    "assessment_skills": [
        row("both in one carer", carers=[{"skills": "monitoring_and_recording;parenting_advice"}]),
        row(
            "between two carers",
            carers=[{"skills": "monitoring_and_recording"}, {"skills": "parenting_advice"}],
        ),
        row("no advice", "assessment_skills", carers=[{"skills": "monitoring_and_recording"}]),
        row("no recording", "assessment_skills", carers=[{"skills": "parenting_advice;babies"}]),
        row("blank is none", "assessment_skills", carers=[NO_SKILLS]),
        row(
            "the second is not approved",
            "assessment_skills",
            carers=[NO_SKILLS | {"skills": "parenting_advice"}, {"approved": "no"}],
        ),
        row("support asks for none", request=SUPPORT, carers=[NO_SKILLS]),
    ],
    "keep_away": [
        row("elsewhere", request={"keep_away": "N19;E1"}),
        row("there", "keep_away", request={"keep_away": "NW5"}),
        row("one of several", "keep_away", request={"keep_away": "E1;NW5;N19"}),
        row(
            "a longer outward postcode",
            request={"keep_away": "NW1W"},
            household={"postcode": "NW1"},
        ),
        row(
            "a whole postcode",
            "keep_away",
            request={"keep_away": "nw5"},
            household={"postcode": "NW5 1TL"},
        ),
    ],
    "distance": [  # N6 is 1.4875 miles from NW5, which is 1.5 to one decimal
        *(
            row(
                f"{home} to N6, at least {least}, at most {most}",
                fails,
                request={"home_postcode": home, "min_miles": least, "max_miles": most},
                household={"postcode": "N6"},
            )
            for home, least, most, fails in (
                ("NW5", "1.5", None, ""),
                ("NW5", "1.6", None, "distance"),
                ("NW5", None, "1.5", ""),
                ("NW5", None, "1.4", "distance"),
                ("NW5", "1.5", "1.5", ""),
                ("NW5", "1", "1.4", "distance"),
                ("N6", "0.1", None, "distance"),
                ("N6", None, "0", ""),
                (None, None, None, ""),
            )
        ),
    ],
    "features": [
        *(
            row(
                f"must have {must}, avoid {avoid}: {held}",
                fails,
                request={**OLD, "must_have": must, "must_avoid": avoid},
                household={"features": held},
            )
            for must, avoid, held, fails in (
                ("garden", None, "garden;car", ""),
                ("garden", None, "car", "features"),
                ("garden", None, "none", "features"),
                ("garden", None, None, "features"),
                ("garden;car", None, "garden", "features"),
                ("garden;car", None, "garden;car", ""),
                (None, "dog", "cat", ""),
                (None, "dog", "dog;cat", "features"),
                (None, "dog;cat", "cat", "features"),
                (None, "dog", "none", ""),
                (None, "dog", None, "features"),
                ("garden", "dog", "garden", ""),
                ("garden", "dog", "garden;dog", "features"),
                (None, None, None, ""),
                ("babies", None, None, ""),
                ("trauma", None, "none", "features"),
            )
        ),
        *(
            row(
                f"must have {must}, avoid {avoid}: {held}, {asked}",
                fails,
                request={**OLD, "must_have": must, "must_avoid": avoid},
                household={"features": held, **asked},
            )
            for must, avoid, held, asked, fails in (
                (None, "dog", None, {"dogs": "no"}, ""),
                (None, "dog", None, {"dogs": "yes"}, "features"),
                (None, "dog", "garden", {"dogs": None}, "features"),  # the list says nothing of it
                (None, "dog", "none", {"dogs": None}, ""),  # none fills the blank
                (None, "dog", "dog", {"dogs": None}, "features"),
                (None, "dog", None, {"cats": "no"}, "features"),
                (None, "cat", "garden", {"cats": "no"}, ""),
                (None, "smoker", "garden", {"smokes": "no"}, ""),
                (None, "birth_children", "garden", {"own_children": "yes"}, "features"),
                (None, "birth_children", "garden", {"own_children": "no"}, ""),
                ("birth_children", None, None, {"own_children": "yes"}, ""),
                ("birth_children", None, None, {"own_children": "no"}, "features"),
                ("birth_children", None, None, {"own_children": None}, "features"),
                ("dog;garden", None, "garden", {"dogs": "yes"}, ""),
                ("dog;garden", None, None, {"dogs": "yes"}, "features"),
                ("dog;garden", None, "garden", {"dogs": "no"}, "features"),
            )
        ),
        *(
            row(
                f"must have {must}, {says}",
                fails,
                request={"must_have": must},
                carers=carers,
            )
            for must, says, carers, fails in (
                ("trauma", "the second carer has it", [{}, {"skills": "trauma"}], ""),
                (
                    "trauma",
                    "a carer who is not approved has it",
                    [{}, {"skills": "trauma", "approved": "no"}],
                    "features",
                ),
                ("language:som", "spoken", [{"languages": "Somali;eng"}], ""),
                ("language:som", "the second speaks it", [{}, {"languages": "som"}], ""),
                ("language:som", "not spoken", [{"languages": "eng"}], "features"),
                ("language:som", "not known", [{}], "features"),
                (
                    "language:som",
                    "a carer who is not approved speaks it",
                    [{}, {"languages": "som", "approved": "no"}],
                    "features",
                ),
                ("language:som;language:ben", "one of two", [{"languages": "som"}], "features"),
                (
                    "language:som;language:ben",
                    "both",
                    [{"languages": "som"}, {"languages": "ben"}],
                    "",
                ),
            )
        ),
    ],
    "smoke_free": [
        *(
            row(
                f"born {born}, under {years}: {held}",
                fails,
                request={"child_born_or_due_on": born},
                household={"features": held},
                policy={"smoke_free_under_years": years},
            )
            for born, years, held, fails in (
                ("2021-11-24", 5, "smoker", "smoke_free"),
                ("2021-11-23", 5, "smoker", ""),
                ("2026-12-24", 5, "smoker", "smoke_free"),
                ("2021-11-24", 5, "dog", ""),
                ("2021-11-24", 5, "none", ""),
                ("2021-11-24", 5, None, "smoke_free"),
                ("2021-11-23", 5, None, ""),
                ("2025-11-24", 1, "smoker", "smoke_free"),
                ("2025-11-23", 1, "smoker", ""),
                ("2026-11-23", 0, "smoker", ""),
                ("2026-11-23", 0, None, ""),
                ("2026-12-24", 0, "smoker", ""),
            )
        ),
        *(
            row(
                f"smokes {smokes}, features {held}",
                fails,
                household={"smokes": smokes, "features": held},
            )
            for smokes, held, fails in (
                ("no", None, ""),
                ("no", "garden", ""),
                ("yes", "garden", "smoke_free"),
                (None, "garden", "smoke_free"),  # the list says nothing of it
                (None, None, "smoke_free"),
                (None, "none", ""),
            )
        ),
        *(
            row(
                f"{kind} of a looked-after parent, smokes {smokes}, {follows}",
                fails,
                request={**LOOKED_AFTER, **NOT_LOOKED_AFTER},
                household={"smokes": smokes, "features": None},
                relationships=linked(kind),
                policy={"smoke_free_own_carers": follows},
            )
            for kind, smokes, follows, fails in (
                ("current_carer", "yes", "duty", ""),
                ("current_carer", None, "duty", ""),
                ("current_carer", "yes", "fail", "smoke_free"),
                ("current_carer", "no", "fail", ""),
                ("former_carer", "yes", "duty", "smoke_free"),
            )
        ),
        row(
            "current carer of a parent who is not looked after",
            "smoke_free",
            household={"smokes": "yes", "features": None},
            relationships=linked(),
        ),
    ],
    "known_to_family": [
        *(
            row(
                f"{kind}, withheld: {withheld}",
                fails,
                request={"withhold_address": withheld},
                relationships=linked(kind),
            )
            for kind, withheld, fails in (
                ("known_to_family", "yes", "known_to_family"),
                ("known_to_family", "no", ""),
                ("known_to_family", None, ""),
                ("respite_carer", "yes", ""),
                ("former_carer", "yes", ""),
            )
        ),
        row("withheld, and nothing is known", request={"withhold_address": "yes"}),
        row(
            "known, and more than known: the family knows it all the same",
            "known_to_family",
            request={"withhold_address": "yes"},
            relationships=linked("known_to_family") + linked("respite_carer"),
        ),
    ],
    "ruled_out": [
        row("nothing decided"),
        row("ruled out", "ruled_out", decisions=decided(_02="rule_out")),
        row("declined by the carer", "ruled_out", decisions=decided(_02="declined_by_carer")),
        row("declined by the parent", "ruled_out", decisions=decided(_02="declined_by_parent")),
        row("chosen", decisions=decided(_02="choose")),
        row("confirmed", decisions=decided(_02="confirmed")),
        row("ruled out, then chosen", decisions=decided(_02="rule_out", _03="choose")),
        row("chosen, then ruled out", "ruled_out", decisions=decided(_02="choose", _03="rule_out")),
        row("rows out of order", decisions=decided(_03="choose", _02="rule_out")),
        row(
            "of another household",
            decisions=[{**decided(_02="rule_out")[0], "household_id": "H2"}],
            more_households=[a_household("H2")],
        ),
        *(
            row(
                f"{decision} {says}",
                fails,
                decisions=[{**decided(_02=decision)[0], "until": until}],
            )
            for decision in ("rule_out", "declined_by_carer", "declined_by_parent")
            for says, until, fails in (
                ("until today", "2026-11-23", "ruled_out"),
                ("until yesterday", "2026-11-22", ""),
            )
        ),
    ],
    "ended_before": [
        *(
            row(
                f"ended, {because or 'no reason'}",
                fails,
                placements=lived("2026-10-05", because, request_id="R1"),
            )
            for because, fails in (
                ("carers_asked", "ended_before"),
                ("parents_left", "ended_before"),
                ("risk", "ended_before"),
                ("separated", "ended_before"),
                ("other", "ended_before"),
                (None, "ended_before"),
                ("planned", ""),
                ("moved_on", ""),
                ("staying_put", ""),
            )
        ),
        *(
            row(
                f"{says}, for a risk",
                fails,
                request={"status": "open"},
                placements=lived(ended_on, "risk", request_id="R1"),
            )
            for says, ended_on, fails in (
                ("ended today", "2026-11-23", "ended_before"),
                ("ends tomorrow", "2026-11-24", ""),
            )
        ),
        row("of another family", placements=lived("2026-10-05", "risk")),
        row(
            "in another household",
            placements=[{**lived("2026-10-05", "risk", request_id="R1")[0], "household_id": "H2"}],
            more_households=[a_household("H2")],
        ),
        row(
            "once ended early, and once as planned",
            "ended_before",
            placements=[
                *lived("2026-06-01", "carers_asked", started_on="2026-05-04", request_id="R1"),
                *lived("2026-10-05", "planned", request_id="R1"),
            ],
        ),
        row(
            "a confirmed match that ended",
            "ended_before",
            decisions=[
                {
                    **decided(_02="confirmed")[0],
                    "started_on": "2026-11-02",
                    "ended_on": "2026-11-05",
                }
            ],
        ),
        row(
            "a confirmed match that the table says ended as planned",
            decisions=[
                {
                    **decided(_02="confirmed")[0],
                    "started_on": "2026-09-07",
                    "ended_on": "2026-10-05",
                }
            ],
            placements=lived("2026-10-05", "planned", request_id="R1"),
        ),
    ],
    "own_home": [
        *(
            row(
                f"{says}, needed {needed}, {days} days",
                fails,
                carers=TWO,
                household={"looked_after_children": "1"},
                more_requests=[lives_there(needed_from=needed, **parent)],
                relationships=lives_with(),
                policy={"protect_own_home_days": days},
            )
            for says, parent, needed, days, fails in (
                ("a looked-after parent", {}, "2027-02-21", 90, "own_home"),
                ("a looked-after parent", {}, "2027-02-22", 90, ""),
                ("a looked-after parent", {}, "2026-11-23", 90, "own_home"),
                ("a looked-after parent", {}, "2026-11-01", 90, "own_home"),
                ("a looked-after parent", {}, "2026-11-23", 0, ""),
                ("a looked-after parent", {}, "2026-11-24", 1, "own_home"),
                ("a looked-after parent", {}, "2026-11-25", 1, ""),
                (
                    "a second parent is",
                    {"parent_age": "24", "parent_looked_after": "no", **FATHER},
                    "2026-12-07",
                    90,
                    "own_home",
                ),
                ("closed", {"status": "closed"}, "2026-12-07", 90, ""),
                (
                    "residential is decided",
                    {"resource_team_decision": "residential"},
                    "2026-12-07",
                    90,
                    "",
                ),
                (
                    "not looked after",
                    {"parent_age": "24", "parent_looked_after": "no"},
                    "2026-12-07",
                    90,
                    "",
                ),
                (
                    "a support of 18, who stays put, whatever the days",
                    {**STAYS_PUT, "parent_age": "18"},
                    "2027-11-01",
                    90,
                    "own_home",
                ),
                (
                    "of 20, and the days are off",
                    {**STAYS_PUT, "parent_age": "20"},
                    "2027-11-01",
                    0,
                    "own_home",
                ),
                ("of 21", {**STAYS_PUT, "parent_age": "21"}, "2026-12-07", 90, ""),
                (
                    "of 19, for an assessment",
                    {**STAYS_PUT, "parent_age": "19", "purpose": "assessment"}
                    | {"expected_weeks": "12"},
                    "2026-12-07",
                    90,
                    "",
                ),
            )
        ),
        *(
            row(
                f"{kind} only",
                more_requests=[lives_there()],
                relationships=lives_with(kind),
            )
            for kind in ("former_carer", "respite_carer", "known_to_family")
        ),
        row(
            "both are their own carers: kept for both",
            request={**LOOKED_AFTER, **NOT_LOOKED_AFTER},
            carers=TWO,
            household={"looked_after_children": "2"},
            more_requests=[lives_there()],
            relationships=lives_with() + linked(),
        ),
        *(
            row(
                f"people said: {decision}, until {until}",
                fails,
                more_requests=[lives_there()],
                relationships=lives_with(),
                decisions=[of_r2(decision, until=until)],
            )
            for decision, until, fails in (
                ("rule_out", None, ""),
                ("declined_by_parent", None, ""),
                ("declined_by_carer", "2026-11-23", ""),
                ("declined_by_carer", "2026-11-22", "own_home"),
            )
        ),
        *(
            row(
                f"{decision} elsewhere",
                more_requests=[lives_there()],
                more_households=[a_household("H2")],
                more_carers=[a_carer("H2")],
                relationships=lives_with(),
                decisions=[{**of_r2(decision), "household_id": "H2"}],
            )
            for decision in ("choose", "confirmed")
        ),
        row(
            "too high a risk for her there",
            more_requests=[lives_there()],
            relationships=lives_with(),
            risk_assessments=[{**assessed_as("too_high")[0], "request_id": "R2"}],
        ),
        row(
            "her placement there ended early",
            request=TODAY | {"latest_start": "2026-12-31"},
            more_requests=[lives_there()],
            relationships=lives_with(),
            placements=lived("2026-11-16", "carers_asked", request_id="R2"),
        ),
        row(
            "she is not eligible there today, which does not matter",
            "own_home accommodation",
            household={"accommodation_suitable": "no"},
            more_requests=[lives_there()],
            relationships=lives_with(),
        ),
        row(
            "who stays put and is ruled out by others",
            "own_home",
            more_requests=[lives_there(**STAYS_PUT, parent_age="19")],
            relationships=lives_with(),
            decisions=[of_r2("rule_out")],
        ),
        row(
            "who stays put, and the carers declined",
            more_requests=[lives_there(**STAYS_PUT, parent_age="19")],
            relationships=lives_with(),
            decisions=[of_r2("declined_by_carer")],
        ),
    ],
}


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(r, id=f"{key}: {r.says}", marks=proves(BY_KEY[key].clause))
        for key, rows in TABLES.items()
        for r in rows
    ],
)
def test_a_rule_at_its_edge(tmp_path: Path, found: Row) -> None:
    assert failed(tmp_path, **found.cells) == set(found.fails.split())


@pytest.mark.parametrize("key", CONTRACT)
def test_a_table_has_both_sides_of_the_edge(key: str) -> None:
    sides = {key in found.fails.split() for found in TABLES[key]}
    assert sides == {True, False}


def test_a_distance_that_cannot_be_measured_is_wrong_input(tmp_path: Path) -> None:
    for column in ("min_miles", "max_miles"):
        with pytest.raises(WrongInput, match="home_postcode"):
            failed(tmp_path, request={column: "3"})


class Said(NamedTuple):
    """The words of a rule for one failing pair; a question where the household's facts are blank."""

    rule: str
    reason: str
    fix: str
    who: str
    cells: dict[str, Any]
    known: bool = True


ASKED = "Ask the carers, through their supervising social worker, "
SUPERVISING = "supervising social worker"
TRAINER = "supervising social worker, with the training team"
PANEL = "fostering panel"

WORDS = [
    Said(
        "approved",
        "The household is suspended.",
        "Approve the household as a fostering household.",
        PANEL,
        {"household": {"status": "suspended"}},
    ),
    Said(
        "trained",
        "No carer is trained for parent and child until 30 November 2026.",
        "Train an approved carer for parent and child.",
        TRAINER,
        {"carers": [{"pc_trained_on": "2026-12-01"}, {"pc_trained_on": "2026-11-30"}]},
    ),
    Said(
        "trained",
        "Training for parent and child was last on 1 December 2020 and has run out.",
        "Train an approved carer for parent and child.",
        TRAINER,
        {
            "carers": [{"pc_trained_on": "2020-12-01"}, {"pc_trained_on": "2019-12-01"}],
            "policy": {"training_valid_months": 12},
        },
    ),
    Said(
        "trained",
        "It is not known whether a carer is trained for parent and child.",
        f"{ASKED}whether a carer is trained for parent and child. If not, train one.",
        SUPERVISING,
        {"carers": [{"pc_trained_on": None}]},
        known=False,
    ),
    Said(
        "trained",
        "No carer there is approved.",
        "Train an approved carer for parent and child.",
        TRAINER,
        {"carers": [{"approved": "no"}]},
    ),
    *(
        Said(
            key,
            "It is not known whether any carer there is approved.",
            f"{ASKED}whether any carer there is approved.",
            SUPERVISING,
            {"carers": [{"approved": "no"}, {"approved": None}]},
            known=False,
        )
        for key in ("trained", "assessed")
    ),
    Said(
        "assessed",
        "It is not known whether a trained carer is assessed for parent and child.",
        f"{ASKED}whether a trained carer is assessed for parent and child. If not, assess one.",
        SUPERVISING,
        {"carers": [{"pc_assessed_on": None}, {"pc_trained_on": None}]},
        known=False,
    ),
    Said(
        "assessed",
        "The carers who are assessed for parent and child are not trained for it today.",
        "Assess a trained carer for parent and child.",
        SUPERVISING,
        {"carers": [{"pc_trained_on": "2026-11-24"}]},
    ),
    Said(
        "assessed",
        "No trained carer is assessed for parent and child until 30 November 2026.",
        "Assess a trained carer for parent and child.",
        SUPERVISING,
        {"carers": [{"pc_assessed_on": "2026-11-30"}, {"pc_trained_on": None}]},
    ),
    Said(
        "accommodation",
        "The home is not suitable for parent and child.",
        "Make the home suitable for parent and child, and have it checked.",
        SUPERVISING,
        {"household": {"accommodation_suitable": "no"}},
    ),
    Said(
        "accommodation",
        "It is not known whether the home is suitable for parent and child.",
        f"{ASKED}whether the home is suitable for parent and child.",
        SUPERVISING,
        {"household": {"accommodation_suitable": None}},
        known=False,
    ),
    Said(
        "room",
        "The family needs 3 bedrooms; 1 bedroom is free.",
        "Free 2 more bedrooms for the family.",
        SUPERVISING,
        {
            "request": {"older_children": "3"},
            "household": {"bedrooms": "1", "takes_older_children": "3"},
        },
    ),
    Said(
        "room",
        "It is not known how many bedrooms are free for the family.",
        f"{ASKED}how many bedrooms are free for the family.",
        SUPERVISING,
        {"household": {"bedrooms": None}},
        known=False,
    ),
    Said(
        "two_carers",
        "2 looked-after children live there and 1 carer is approved.",
        "Approve a second carer.",
        PANEL,
        {"household": {"looked_after_children": "2"}},
    ),
    Said(
        "one_arrangement",
        "A parent and child arrangement keeps it until 22 December 2026; "
        "this one must start by 21 December 2026.",
        "Wait for the arrangement to end, or agree a later start.",
        "the social workers of both families",
        {"household": {"arrangement_until": "2026-12-15"}},
    ),
    Said(
        "one_arrangement",
        "A parent and child arrangement is running, and nobody can say when it ends.",
        "Wait for the arrangement to end, or agree a later start.",
        "the social workers of both families",
        {"household": {"arrangement_until": "open"}},
    ),
    Said(
        "available",
        "It is available from 22 December 2026; the placement must start by 21 December 2026. "
        "It is available until 15 January 2027; the placement is planned to end on 16 March 2027.",
        "Agree dates that fit with the carers.",
        SUPERVISING,
        {"household": {"available_from": "2026-12-22", "available_until": "2027-01-15"}},
    ),
    Said(
        "available",
        "It is available from 22 December 2026; the placement must start by 21 December 2026.",
        "Agree dates that fit with the carers.",
        SUPERVISING,
        {"household": {"available_from": "2026-12-22", "available_until": "2027-03-16"}},
    ),
    Said(
        "available",  # for support whose weeks nobody said, what follows is agreed later
        "It is available from 22 December 2026; the placement must start by 21 December 2026.",
        "Agree dates that fit with the carers.",
        SUPERVISING,
        {
            "request": SUPPORT,
            "household": {"available_from": "2026-12-22", "available_until": "2027-01-15"},
        },
    ),
    Said(
        "available",
        "It is available until 14 March 2027; the placement is planned to end on 15 March 2027.",
        "Agree dates that fit with the carers.",
        SUPERVISING,
        {"household": {"available_from": "2026-12-21", "available_until": "2027-03-14"}},
    ),
    Said(
        "available",
        "It is available until 15 January 2027; the placement has no known start.",
        "Agree dates that fit with the carers.",
        SUPERVISING,
        {"household": {"arrangement_until": "open", "available_until": "2027-01-15"}},
    ),
    Said(
        "terms",
        "The carers are approved for support placements; this one is for assessment.",
        "Ask the panel to widen the terms of approval.",
        PANEL,
        {"household": {"terms": "support"}},
    ),
    Said(
        "family",
        "The carers do not take a second parent or 2 older children.",
        "Agree with the carers that they take a second parent and 2 older children.",
        SUPERVISING,
        {
            "request": {"second_parent_age": "30", "older_children": "2"},
            "household": {"takes_second_parent": "no", "takes_older_children": "1"},
        },
    ),
    Said(
        "family",
        "The carers do not take a second parent.",
        "Agree with the carers that they take a second parent.",
        SUPERVISING,
        {
            "request": {"second_parent_age": "30", "older_children": "1"},
            "household": {"takes_second_parent": "no", "takes_older_children": "1"},
        },
    ),
    Said(
        "family",
        "The carers do not take 2 older children.",
        "Agree with the carers that they take 2 older children.",
        SUPERVISING,
        {"request": {"older_children": "2"}, "household": {"takes_older_children": "1"}},
    ),
    Said(
        "family",
        "It is not known whether the carers take a second parent and 1 older child.",
        f"{ASKED}whether the carers take a second parent and 1 older child.",
        SUPERVISING,
        {"request": {"second_parent_age": "30", "older_children": "1"}},
        known=False,
    ),
    Said(
        "family",
        "The carers do not take 2 older children. "
        "It is not known whether the carers take a second parent.",
        "Agree with the carers that they take a second parent and 2 older children. "
        "Ask what is not known.",
        SUPERVISING,
        {
            "request": {"second_parent_age": "30", "older_children": "2"},
            "household": {"takes_older_children": "1"},
        },
    ),
    Said(
        "fostering_limit",
        "1 looked-after person would join 3 looked-after children there; the usual limit is 3.",
        "Ask for a written exemption that names this request.",
        "the authority where the carers live",
        {"household": {"looked_after_children": "3"}, "carers": TWO},
    ),
    Said(
        "risk_limits",
        "Risk is more than the household manages: arson is high, at most medium; "
        "self harm is low, at most none.",
        "Ask the carers whether, with support, they can manage "
        "high risk of arson and low risk of self harm.",
        "supervising social worker, after a joint risk assessment",
        {
            "request": {"risk_arson": "high", "risk_self_harm": "low", "risk_violence": "medium"},
            "household": {"risk_limits": "self_harm:none"},
        },
    ),
    Said(
        "risk_assessment",
        "The joint risk assessment says that the risk is too high for this household.",
        "Take it back to the Resource team; a later joint assessment can say otherwise.",
        "both social workers",
        {"risk_assessments": assessed_as("too_high")},
    ),
    Said(
        "assessment_skills",
        "No approved carer is recorded as having skill in monitoring and recording or parenting advice.",
        "Train the carers in monitoring and recording and parenting advice.",
        TRAINER,
        {"carers": [{"skills": "babies"}]},
    ),
    Said(
        "keep_away",
        "It is in an area that the family must keep away from.",
        "Decide anew which areas the family must keep away from.",
        "child's social worker",
        {"request": {"keep_away": "NW5"}},
    ),
    Said(
        "distance",
        "It is about 1.5 miles from home; the plan asks for at least 2 and at most 5.",
        "Decide anew what distance the plan asks for.",
        "child's social worker",
        {"request": {"home_postcode": "N6", "min_miles": "2", "max_miles": "5"}},
    ),
    Said(
        "features",
        "The family must have garden, a carer who speaks Somali and trauma. "
        "The family must avoid dog.",
        "Find a way to provide garden, a carer who speaks Somali and trauma. "
        "Ask whether the family can live with dog.",
        SUPERVISING,
        {
            "request": {"must_have": "garden;car;trauma;language:som", "must_avoid": "dog;cat"},
            "household": {"features": "dog;car"},
            "carers": [{"languages": "eng"}],
        },
    ),
    Said(
        "features",
        "It is not known whether there is garden or dog.",
        f"{ASKED}whether there is garden or dog.",
        SUPERVISING,
        {
            "request": {"must_have": "garden", "must_avoid": "dog"},
            "household": {"features": None},
        },
        known=False,
    ),
    Said(
        "features",
        "It is not known whether there is a carer who speaks Somali.",
        f"{ASKED}whether there is a carer who speaks Somali.",
        SUPERVISING,
        {"request": {"must_have": "language:som"}},
        known=False,
    ),
    Said(
        "features",
        "The family must have trauma. It is not known whether there is garden.",
        "Find a way to provide trauma. Ask the carers what is not known, and record the answer.",
        SUPERVISING,
        {"request": {"must_have": "garden;trauma"}, "household": {"features": None}},
    ),
    Said(
        "smoke_free",
        "Somebody smokes there, and a young child comes.",
        "The household becomes smoke-free.",
        SUPERVISING,
        {"household": {"features": "smoker"}},
    ),
    Said(
        "smoke_free",
        "It is not known whether anybody smokes there.",
        f"{ASKED}whether anybody smokes there.",
        SUPERVISING,
        {"household": {"features": None}},
        known=False,
    ),
    Said(
        "ruled_out",
        "This match was ruled out on 2 November 2026 (reason: household needs).",
        "Ask whether the decision still stands.",
        "the person who decided",
        {"decisions": [{**decided(_02="rule_out")[0], "reason": "household_needs"}]},
    ),
    Said(
        "ruled_out",
        "This match was declined by the carers on 2 November 2026.",
        "Ask whether the decision still stands.",
        "the person who decided",
        {"decisions": decided(_02="declined_by_carer")},
    ),
    Said(
        "ruled_out",
        "This match was declined by the parent on 3 November 2026.",
        "Ask whether the decision still stands.",
        "the person who decided",
        {"decisions": decided(_03="declined_by_parent", _02="rule_out")},
    ),
    Said(
        "one_arrangement",
        "A parent and child arrangement keeps it until 22 December 2026; "
        "this one must start by 21 December 2026.",
        "Wait for the arrangement to end, or agree a later start.",
        "the social workers of both families",
        {"placements": lived(planned_end_on="2026-12-15")},
    ),
    Said(
        "one_arrangement",
        "A parent and child arrangement is running, and nobody can say when it ends.",
        "Wait for the arrangement to end, or agree a later start.",
        "the social workers of both families",
        {"placements": lived()},
    ),
    Said(
        "one_arrangement",
        "It is not known who lives there since a placement ended.",
        f"{ASKED}who lives there since a placement ended. Once they have said, write reviewed_on.",
        SUPERVISING,
        {"placements": lived("2026-10-05", "separated")},
        known=False,
    ),
    Said(
        "smoke_free",
        "It is not known whether anybody smokes there.",
        f"{ASKED}whether anybody smokes there.",
        SUPERVISING,
        {"household": {"smokes": None, "features": "garden"}},
        known=False,
    ),
    Said(
        "features",
        "It is not known whether there is dog.",
        f"{ASKED}whether there is dog.",
        SUPERVISING,
        {
            "request": {**OLD, "must_avoid": "dog"},
            "household": {"dogs": None, "features": "garden"},
        },
        known=False,
    ),
    Said(
        "known_to_family",
        "The address is withheld from the family, and the family knows this household.",
        "Choose it on purpose, where the family can be kept away from it.",
        "child's social worker",
        {
            "request": {"withhold_address": "yes"},
            "relationships": linked("known_to_family"),
        },
    ),
    Said(
        "ended_before",
        "The family lived there until 5 October 2026; it ended early (carers asked).",
        "Choose it on purpose, if both sides want to try again.",
        "both social workers",
        {"placements": lived("2026-10-05", "carers_asked", request_id="R1")},
    ),
    Said(
        "ended_before",
        "The family lived there until 5 October 2026; it ended early (no reason is recorded).",
        "Choose it on purpose, if both sides want to try again.",
        "both social workers",
        {"placements": lived("2026-10-05", request_id="R1")},
    ),
    Said(
        "own_home",
        "It is kept for R2, where a parent lives there now.",
        "Decide whether the parent who lives there is to stay; choosing this family passes it.",
        "Head of Service",
        {"more_requests": [lives_there()], "relationships": lives_with()},
    ),
]


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(s, id=f"{s.rule}: {s.reason}", marks=proves(BY_KEY[s.rule].clause))
        for s in WORDS
    ],
)
def test_a_failing_rule_says_why_what_would_mend_it_and_who_can(tmp_path: Path, said: Said) -> None:
    assert said.rule in failed(tmp_path, **said.cells)
    why = BY_KEY[said.rule].failing(a_case(tmp_path, **said.cells))
    assert (str(why.reason), why.fix, why.who, why.known) == (
        said.reason,
        said.fix,
        said.who,
        said.known,
    )


def test_every_rule_has_its_words_tested() -> None:
    assert {said.rule for said in WORDS} == set(CONTRACT)


@pytest.mark.parametrize(
    ("key", "cells"),
    [
        pytest.param("trained", {"carers": [{"pc_trained_on": None}]}, id="day of training"),
        pytest.param("assessed", {"carers": [{"pc_assessed_on": None}]}, id="day of assessment"),
        pytest.param(
            "features", {"request": {"must_have": "language:som"}}, id="the carers' languages"
        ),
        pytest.param(
            "family",
            {
                "request": {"second_parent_age": "30", "older_children": "2"},
                "household": {"takes_second_parent": None, "takes_older_children": "1"},
            },
            id="a second parent, where the older children are refused",
        ),
    ],
)
def test_what_is_blank_is_said_to_be_not_known(
    tmp_path: Path, key: str, cells: dict[str, Any]
) -> None:
    """The contract: 'the reason says that it is not known, and the fix says whom to ask'."""
    why = BY_KEY[key].failing(a_case(tmp_path, **cells))
    assert re.search("(?i)not known", why.reason)
    assert re.search("(?i)ask", why.fix)


def test_rules_stand_in_the_contract_s_order_with_its_clauses() -> None:
    assert [(rule.key, rule.clause) for rule in RULES] == list(CONTRACT.items())


def test_rules_that_the_request_does_not_matter_to() -> None:
    alone = {rule.key for rule in RULES if rule.household_alone}
    assert alone == {"approved", "trained", "assessed", "accommodation"}


def written_in(module: object, kind: type) -> set[str]:
    """The keys of everything of a kind that a module defines, alone or in a tuple."""
    held = [value for value in vars(module).values() if isinstance(value, kind | tuple)]
    flat = [each for value in held for each in (value if isinstance(value, tuple) else (value,))]
    return {each.key for each in flat if isinstance(each, kind)}


REGISTERS: dict[str, tuple[object, type, tuple[Any, ...]]] = {
    "rules": (rules, Rule, RULES),
    "criteria": (criteria, Criterion, criteria.CRITERIA),
    "screening": (screening, screening.Check, screening.SCREENING),
    "duties": (duties, duties.Duty, duties.DUTIES),
}


@pytest.mark.parametrize("name", REGISTERS)
def test_what_is_written_is_in_its_register_once(name: str) -> None:
    module, kind, register = REGISTERS[name]
    keys = [each.key for each in register]
    assert len(keys) == len(set(keys))
    assert written_in(module, kind) == set(keys)


@pytest.mark.parametrize("name", REGISTERS)
def test_every_clause_that_is_cited_stands_in_the_catalogue(name: str) -> None:
    known = {*(row["id"] for row in shipped("clauses.csv")), "decisions"}
    known.add("PC-5.1")  # the contract cites the section itself, for `approved` and `available`
    known.add("practice")  # whose rule `ended_before` is: no clause asks for it
    cited = {(each.key, c) for each in REGISTERS[name][2] for c in each.clause.split(", ")}
    assert {(key, clause) for key, clause in cited if clause not in known} == set()


@pytest.mark.parametrize(
    ("key", "facts", "text"),
    [
        (
            "fostering_limit",
            {"looked_after_people": 2, "usual_fostering_limit": 3},
            "2 looked-after people would join 2 looked-after children there, without the parent, "
            "who is one of them today; the usual limit is 3.",
        ),
        (
            "two_carers",
            {"approved_carers": 1, "maybe_approved": 0},
            "2 looked-after children live there, without the parent, who is one of them today, "
            "and 1 carer is approved.",
        ),
    ],
)
def test_of_the_parent_who_lives_there_a_sentence_has_the_commas_it_needs(key, facts, text) -> None:
    (rule,) = (each for each in RULES if each.key == key)
    left_out = {"looked_after_there": 2, "parent_left_out": True}
    assert rule.explain(facts | left_out).reason == text
