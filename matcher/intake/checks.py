"""Check the tables against each other and the day, and gather them into clean input."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from matcher.codes import RELATIONSHIPS, nearest
from matcher.errors import Fault
from matcher.geo import outcodes
from matcher.intake.cells import shown
from matcher.intake.files import Findings
from matcher.intake.inputs import Inputs, Pair, fingerprint, is_pin
from matcher.intake.rows import (
    Carer,
    Decision,
    Household,
    KeepApart,
    Relationship,
    Request,
    RiskAssessment,
    Row,
)
from matcher.intake.settings import RoundSettings

ADULT = 18
KEYS = {"requests": "request_id", "households": "household_id", "carers": "carer_id"}
HAPPENED = {
    "requests": ("received_on",),
    "decisions": ("decided_on",),
    "risk_assessments": (
        "child_social_worker_on",
        "supervising_social_worker_on",
        "safe_caring_on",
    ),
}
POINTERS = {
    "carers": {"household_id": "households"},
    "relationships": {"request_id": "requests", "household_id": "households"},
    "risk_assessments": {"request_id": "requests", "household_id": "households"},
    "decisions": {"request_id": "requests", "household_id": "households"},
    "keep_apart": {"request_id": "requests", "other_request_id": "requests"},
}


@dataclass(frozen=True)
class Table:
    """A table: its whole rows with their numbers, and every row as it was found."""

    name: str
    rows: tuple[tuple[int, Row], ...]
    seen: tuple[tuple[int, dict[str, str]], ...]

    def ids(self, column: str) -> set[str]:
        """Every id that a column holds, also in rows that have a fault elsewhere."""
        return {cells[column] for _, cells in self.seen if column in cells}


def gather(
    tables: dict[str, Table], as_of: date, settings: RoundSettings, findings: Findings
) -> Inputs | None:
    """The clean input, or None where something is wrong with it."""
    for name in KEYS.keys() & tables.keys():
        findings.faults.extend(_repeated(tables[name]))
    for table in tables.values():
        findings.faults.extend(_pointers(table, tables))
        findings.faults.extend(_dated_ahead(table, as_of))
        findings.warnings.extend(_no_place(table))
    if "requests" in tables:
        for number, row in tables["requests"].rows:
            findings.faults.extend(_request(number, cast(Request, row)))
            findings.warnings.extend(_odd_request(number, cast(Request, row)))
    if "households" in tables:
        for number, row in tables["households"].rows:
            findings.warnings.extend(_odd_household(number, cast(Household, row), as_of))
    if "carers" in tables:
        for number, row in tables["carers"].rows:
            findings.warnings.extend(_odd_carer(number, cast(Carer, row)))
    if "keep_apart" in tables:
        for number, row in tables["keep_apart"].rows:
            findings.faults.extend(_same_family(number, cast(KeepApart, row)))
    findings.faults.extend(_decisions(tables, as_of))
    return None if findings.faults else _inputs(tables, as_of, settings, findings)


def _repeated(table: Table) -> Iterator[Fault]:
    first: dict[str, int] = {}
    column = KEYS[table.name]
    for number, cells in table.seen:
        name = cells.get(column)
        if name is not None and first.setdefault(name, number) != number:
            problem = f"Row {first[name]} has the same {column}."
            fix = "Give each row its own, or remove one of them."
            yield Fault(table.name, number, column, shown(name), problem, fix)


def _pointers(table: Table, tables: dict[str, Table]) -> Iterator[Fault]:
    for column, target in POINTERS.get(table.name, {}).items():
        if target not in tables:
            continue
        known = tables[target].ids(KEYS[target])
        for number, cells in table.seen:
            if column in cells:
                yield from _unknown(table.name, number, column, cells[column], target, known)
    if table.name == "households" and "requests" in tables:
        known = tables["requests"].ids("request_id")
        for number, row in table.rows:
            for name in cast(Household, row).limit_exemption:
                yield from _unknown(table.name, number, "limit_exemption", name, "requests", known)


def _unknown(
    table: str, number: int, column: str, name: str, target: str, known: set[str]
) -> Iterator[Fault]:
    if name not in known:
        guess = nearest(name, sorted(known))
        fix = f"Did you mean {guess}?" if guess else f"Add it to {target}, or mend the id."
        yield Fault(table, number, column, shown(name), f"{target} has no such id.", fix)


def _dated_ahead(table: Table, as_of: date) -> Iterator[Fault]:
    for column in HAPPENED.get(table.name, ()):
        for number, row in table.rows:
            day = getattr(row, column)
            if day is not None and day > as_of:
                problem = f"It has not happened yet on {as_of.isoformat()}."
                fix = "Write the day on which it happened, or leave it blank."
                yield Fault(table.name, number, column, day.isoformat(), problem, fix)


def _no_place(table: Table) -> Iterator[Fault]:
    """Postcodes that stand for no place, such as a PO box."""
    columns = ("postcode", "home_postcode", "school_postcode", "keep_away")
    for number, row in table.rows:
        for column in columns:
            held: Any = getattr(row, column, None)
            for code in (held,) if isinstance(held, str) else held or ():
                if not outcodes()[code].geographic:
                    problem = "This postcode stands for no place (a PO box, say)."
                    fix = "Distances from it may be wrong: ask for where the home is."
                    yield Fault(table.name, number, column, code, problem, fix)


def _request(number: int, row: Request) -> Iterator[Fault]:
    def fault(column: str, value: object, problem: str, fix: str) -> Fault:
        return Fault("requests", number, column, shown(str(value)), problem, fix)

    if row.parent_looked_after and row.parent_age >= ADULT:
        yield fault(
            "parent_looked_after",
            "yes",
            f"The parent is {row.parent_age}; nobody is looked after from 18.",
            "Write no, or mend parent_age.",
        )
    if row.purpose == "assessment" and row.expected_weeks is None:
        problem, fix = "An assessment has a length.", "Write how many weeks it is expected to take."
        yield fault("expected_weeks", "", problem, fix)
    if row.latest_start is not None and row.latest_start < row.needed_from:
        problem = f"It is before needed_from, {row.needed_from.isoformat()}."
        yield fault("latest_start", row.latest_start, problem, "Swap the two, or leave it blank.")
    for column in ("min_miles", "max_miles"):
        if getattr(row, column) is not None and row.home_postcode is None:
            problem = "There is no home_postcode to measure from."
            yield fault(column, getattr(row, column), problem, "Write home_postcode as well.")
    if None not in (row.min_miles, row.max_miles) and row.min_miles > row.max_miles:  # type: ignore[operator]
        problem = f"It is more than max_miles, {row.max_miles:g}."
        yield fault("min_miles", f"{row.min_miles:g}", problem, "Swap the two.")


def _odd_request(number: int, row: Request) -> Iterator[Fault]:
    def odd(column: str, value: str, problem: str, fix: str) -> Fault:
        return Fault("requests", number, column, value, problem, fix)

    second = row.second_parent_looked_after
    if second and row.second_parent_age is None:
        problem = "No second parent comes: second_parent_age is blank."
        yield odd("second_parent_looked_after", "yes", problem, "It was not counted.")
    if second and row.second_parent_age is not None and row.second_parent_age >= ADULT:
        problem = f"The second parent is {row.second_parent_age}; nobody is looked after from 18."
        yield odd("second_parent_looked_after", "yes", problem, "It was counted: mend one of them.")


def _odd_household(number: int, row: Household, as_of: date) -> Iterator[Fault]:
    def odd(column: str, day: date, problem: str, fix: str) -> Fault:
        return Fault("households", number, column, day.isoformat(), problem, fix)

    until = row.arrangement_until
    if isinstance(until, date) and until < as_of:
        fix = "It was counted as ending today: ask the supervising social worker."
        yield odd("arrangement_until", until, "The day is past, but nobody wrote an end.", fix)
    if row.reviewed_on is not None and row.reviewed_on > as_of:
        yield odd("reviewed_on", row.reviewed_on, "The day has not come yet.", "Check the date.")
    closes, opens = row.available_until, row.available_from
    if closes is not None and opens is not None and closes < opens:
        problem = "It is before available_from, so the household is never free."
        yield odd("available_until", closes, problem, "Check both dates.")


def _odd_carer(number: int, row: Carer) -> Iterator[Fault]:
    if row.approved is None:
        problem = "Whether this carer is approved is not known; the carer was not counted."
        yield Fault("carers", number, "approved", "", problem, "Ask the fostering panel's minutes.")


def _same_family(number: int, row: KeepApart) -> Iterator[Fault]:
    if row.request_id == row.other_request_id:
        problem, fix = "A family can't be kept apart from itself.", "Name two requests."
        yield Fault("keep_apart", number, "other_request_id", row.other_request_id, problem, fix)


def _open_ids(tables: dict[str, Table]) -> set[str]:
    rows = (
        (cast(Request, row) for _, row in tables["requests"].rows) if "requests" in tables else ()
    )
    return {row.request_id for row in rows if row.status == "open"}


def _latest(tables: dict[str, Table]) -> dict[Pair, list[tuple[int, Decision]]]:
    """The decisions of each pair's latest day."""
    by_pair: dict[Pair, list[tuple[int, Decision]]] = defaultdict(list)
    if "decisions" in tables:
        for number, row in tables["decisions"].rows:
            decision = cast(Decision, row)
            by_pair[decision.request_id, decision.household_id].append((number, decision))
    return {
        pair: [each for each in found if each[1].decided_on == max(d.decided_on for _, d in found)]
        for pair, found in by_pair.items()
    }


def _decisions(tables: dict[str, Table], as_of: date) -> Iterator[Fault]:
    if "decisions" not in tables:
        return
    days: dict[tuple[Pair, date], tuple[int, Decision]] = {}
    for number, row in tables["decisions"].rows:
        decision = cast(Decision, row)
        pair = decision.request_id, decision.household_id
        first_number, first = days.setdefault((pair, decision.decided_on), (number, decision))
        if first.decision != decision.decision:
            problem = f"Row {first_number} decides otherwise for this pair on the same day."
            fix = "Keep the decision that counts."
            yield Fault("decisions", number, "decision", decision.decision, problem, fix)
    open_ids = _open_ids(tables)
    for side, other, column in ((0, 1, "household_id"), (1, 0, "request_id")):
        held: dict[str, tuple[int, str]] = {}
        for pair, found in sorted(_latest(tables).items(), key=lambda item: item[1][0][0]):
            number, decision = found[0]
            if not is_pin(decision, as_of) or pair[0] not in open_ids:
                continue
            first_number, first_other = held.setdefault(pair[side], (number, pair[other]))
            if first_other != pair[other]:
                problem = f"Row {first_number} already holds {pair[side]} with {first_other}."
                fix = "One household takes one family: keep one of the two decisions."
                yield Fault("decisions", number, column, pair[other], problem, fix)


def _inputs(
    tables: dict[str, Table], as_of: date, settings: RoundSettings, findings: Findings
) -> Inputs:
    def rows(name: str) -> list[Any]:
        return [row for _, row in tables[name].rows] if name in tables else []

    open_ids = _open_ids(tables)
    requests = [row for row in rows("requests") if row.status == "open"]
    households = [_with_authority(row) for row in rows("households")]
    carers: dict[str, list[Carer]] = defaultdict(list)
    for carer in sorted(rows("carers"), key=lambda row: row.carer_id):
        carers[carer.household_id].append(carer)
    of_open = {
        name: [row for row in rows(name) if row.request_id in open_ids]
        for name in ("relationships", "risk_assessments", "decisions", "keep_apart")
    }
    of_open["keep_apart"] = [r for r in of_open["keep_apart"] if r.other_request_id in open_ids]
    relationships: dict[Pair, str] = {}
    for row in cast(list[Relationship], of_open["relationships"]):
        pair = row.request_id, row.household_id
        kinds = [row.kind, *([relationships[pair]] if pair in relationships else [])]
        relationships[pair] = min(kinds, key=list(RELATIONSHIPS).index)
    risks: dict[Pair, list[RiskAssessment]] = defaultdict(list)
    for risk in sorted(of_open["risk_assessments"], key=lambda row: row.canonical()):
        risks[risk.request_id, risk.household_id].append(risk)
    latest = {
        pair: sorted(found, key=lambda each: each[1].canonical())[0]
        for pair, found in sorted(_latest(tables).items())
        if pair[0] in open_ids
    }
    return Inputs(
        as_of=as_of,
        title=settings.title,
        authority=settings.authority,
        requests=tuple(sorted(requests, key=lambda row: row.request_id)),
        households=tuple(sorted(households, key=lambda row: row.household_id)),
        carers={household: tuple(found) for household, found in sorted(carers.items())},
        relationships=dict(sorted(relationships.items())),
        risk_assessments={pair: tuple(found) for pair, found in sorted(risks.items())},
        decisions={pair: decision for pair, (_, decision) in latest.items()},
        decision_rows={pair: number for pair, (number, _) in latest.items()},
        keep_apart=tuple(sorted(of_open["keep_apart"], key=lambda row: row.canonical())),
        warnings=tuple(sorted(set(findings.warnings), key=Fault.order)),
        sha256=fingerprint(
            {"requests": requests, "households": households, "carers": rows("carers"), **of_open}
        ),
    )


def _with_authority(household: Household) -> Household:
    if household.local_authority is not None:
        return household
    derived = outcodes()[household.postcode].authority
    return household.model_copy(update={"local_authority": derived}) if derived else household
