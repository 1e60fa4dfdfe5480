"""What has changed since a round was run: the data by the trail, and what people decided."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeAlias

from django.db.models import Q

from matcher.history.entries import KEPT
from matcher.history.reasons import decision_text
from matcher.panel.acts import Role
from matcher.panel.models import Round, State, Trail
from matcher.panel.tables import standing
from matcher.panel.world import today
from matcher.report.view import RoundView
from matcher.words import and_list, count, label, long_date, upper_first

MOST_TOLD = 5
CODED = ("decision", "event", "kind", "status")  # columns whose code says what a new row is
HOLDS = ("choose", "confirmed")
Cells: TypeAlias = dict[str, str]


@dataclass(frozen=True, slots=True)
class Changed:
    """One change of the data: of whom, what, by which role and when."""

    request_id: str
    household_id: str
    subject: str
    what: str
    by: str
    at: datetime


def is_outdated(made: Round, state: State) -> bool:
    """Whether the data or the day are not those of a round any more."""
    return state.version > made.state_version or today(state) != made.as_of


def changes(made: Round, view: RoundView) -> list[Changed]:
    """Every change of the data since a round was run that a reader of `view` may see, the last first."""
    lines = Trail.objects.filter(
        Q(detail__contains='"table"') | Q(act="imported"), state_version__gt=made.state_version
    )
    found = [_changed(line) for line in lines.order_by("-number")]
    if len(view.requests) == len(view.record.requests):
        return found
    own = {each.request_id for each in view.requests} | {h.household_id for h in view.households}
    return [each for each in found if {each.request_id, each.household_id} & own]


def _changed(line: Trail) -> Changed:
    detail = json.loads(line.detail or "{}")
    cells: Mapping[str, Any] = detail.get("cells", {})
    row = {column: new for column, (_, new) in cells.items()}
    request_id, household_id = row.get("request_id", ""), row.get("household_id", "")
    if not (request_id or household_id):
        request_id, household_id = _whose(line.subject, detail.get("table", ""))
    return Changed(
        request_id,
        household_id,
        line.subject,
        _what(line.act, detail, row),
        Role(line.role).label if line.role else "",
        line.written_at,
    )


def _whose(subject: str, table: str) -> tuple[str, str]:
    """The family and the household of a subject: 'R03', 'H07' or 'R03 H07'."""
    first, _, second = subject.partition(" ")
    if second:
        return first, second
    return ("", subject) if table in ("households", "carers") else (subject, "")


def _what(act: str, detail: Mapping[str, Any], row: Mapping[str, str]) -> str:
    """What was done, in words, without the values of cells."""
    if act == "imported":
        rows = and_list(count(many, f"row of {label(table)}") for table, many in detail.items() if many)  # fmt: skip
        return f"Tables were imported: {rows.replace('rows of', 'in').replace('row of', 'in')}"
    what = upper_first(label(act))
    if act == "changed":
        return f"{what}: {and_list(map(label, row))}"
    kind = next((label(row[column]) for column in CODED if row.get(column)), "")
    if kind and what.endswith(kind):  # "Decided: choose" has said it
        return what
    return f"{what} ({label(detail['table'])}{f': {kind}' if kind else ''})"


def sorted_by_touch(found: Collection[Changed], view: RoundView) -> list[tuple[str, list[Changed]]]:
    """Changes under two headings: those that touch a family or home with a proposal, and elsewhere."""
    proposals = [(r.request_id, view.home(r)) for r in view.open_requests if r.proposal]
    touched = {name for pair in proposals for name in pair}
    near = [each for each in found if {each.request_id, each.household_id} & touched]
    far = [each for each in found if each not in near]
    headings = {"Touches what the round proposes": near, "Elsewhere": far}
    return [(heading, some) for heading, some in headings.items() if some]


# What people decided since


@dataclass(frozen=True, slots=True)
class Decided:
    """What people recorded of a pair after a round was run: `holds` where it is chosen or lived in."""

    request_id: str
    household_id: str
    text: str
    holds: bool


def decided(made: Round) -> dict[str, list[Decided]]:
    """What was decided since a round was run, by family: it stands beside what the round proposes."""
    known = _known(made.number, made.round_sha256)
    found: dict[str, list[Decided]] = defaultdict(list)
    for each in _new("decisions", known):
        row = {key: each.get(key) or None for key in KEPT}
        text = upper_first(decision_text(row))
        found[each["request_id"]].append(
            Decided(each["request_id"], each["household_id"], text, each["decision"] in HOLDS)
        )
    for each in _new("placements", known):
        found[each["request_id"]].append(
            Decided(each["request_id"], each["household_id"], _lives(each), not each["ended_on"])
        )
    return dict(found)


def _lives(row: Cells) -> str:
    home = row["household_id"]
    if row["ended_on"]:
        return f"The placement with {home} ended on {long_date(row['ended_on'])}"
    return f"Placed with {home} from {long_date(row['started_on'])}"


def _new(table: str, known: Collection[tuple[str, ...]]) -> Iterator[Cells]:
    for row in standing(table):
        cells = row.cells()
        if (table, *cells.values()) not in known:
            yield cells


@lru_cache(maxsize=4)
def _known(number: int, sha256: str) -> frozenset[tuple[str, ...]]:
    """The decisions and placements that a round was made of."""
    made = Round.objects.get(number=number)
    tables = json.loads(gzip.decompress(bytes(made.tables)))["tables"]
    return frozenset(
        (table, *row.values()) for table in ("decisions", "placements") for row in tables[table]
    )
