"""What people decide of a family and a household: held against who was first, tried, written with its traces."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import numpy as np
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from matcher.eligibility import failed_bits, rules_failed
from matcher.errors import Fault, WrongInput, wrong_cell
from matcher.history.entries import KEPT
from matcher.history.reasons import decision_text
from matcher.history.recording import record_decision
from matcher.intake.inputs import Inputs, is_confirmed
from matcher.intake.rows import Decision
from matcher.panel import world
from matcher.panel.acts import Role, reach
from matcher.panel.html import moment
from matcher.panel.models import Signature, Trail, TrailEnd, User
from matcher.panel.store import PanelStore
from matcher.panel.tables import TableRow, counting, standing
from matcher.panel.work import Change, Overtaken, changing
from matcher.pins import UNDO, Pin, broken_by
from matcher.policy import duties, screening
from matcher.policy.duties import DutyWords
from matcher.rounds import Prepared, prepare
from matcher.terms import say
from matcher.words import count, label, long_date, upper_first

CHOOSE, CONFIRMED = "choose", "confirmed"
DECIDED, MOVED_IN, ENDED, END_CHANGED = "decided", "moved in", "ended", "planned end changed"
SIGNED, COUNTERSIGNED, TAKEN_BACK = "signed", "countersigned", "took back"
REPLACED = "replaced"
SIDES = {Role.CHILD: "for the child", Role.SUPERVISING: "for the carers"}


class AlreadyHeld(Exception):
    """Somebody was first, or something else stands: what is recorded instead, by the pair it is of."""

    def __init__(self, held: Mapping[Pair, str]) -> None:
        self.held = held
        super().__init__("something else is recorded")


@dataclass(frozen=True, slots=True)
class Pair:
    """A family and a household; `weeks` is how long the family is expected to stay, '' not known."""

    request_id: str
    household_id: str
    weeks: str = field(default="", compare=False)

    @property
    def subject(self) -> str:
        """The pair as the trail names it."""
        return f"{self.request_id} {self.household_id}"

    def rows(self, table: str) -> list[TableRow]:
        """The rows of the pair that count, in the order in which they were made."""
        return standing(table, request_id=self.request_id, household_id=self.household_id)


# --- What stands in the way


def _in_the_way(
    pair: Pair, inputs: Inputs, since: int, *, pins: bool
) -> Iterator[tuple[Pair, str]]:
    """What is recorded that this decision may not pass over: the pair that it is of, and a sentence.

    For a choice or a confirmation another pin of a side that is confirmed or of this day; for all
    whatever was decided of the pair after the page was made that it is decided on.
    """
    for each, pin in inputs.pins.items() if pins else ():
        other = Pair(*each)
        one_side = (other.request_id == pair.request_id) != (
            other.household_id == pair.household_id
        )
        fresh = isinstance(pin, Decision) and pin.decided_on == inputs.as_of
        if (is_confirmed(pin) and (one_side or other == pair)) or (fresh and one_side):
            yield other, _held(other, pin.decision if isinstance(pin, Decision) else "agreed")
    newer = _decided_lines(pair).filter(state_version__gt=since)
    if (line := newer.order_by("-number").first()) is not None:
        what = _cells(line).get("decision", ["", ""])[1]
        if any(row.pk == _row_of(line) for row in pair.rows("decisions")):
            yield (
                pair,
                f"{pair.request_id} with {pair.household_id} was decided on first: {_who(what, line)}.",
            )


def _held(pair: Pair, what: str) -> str:
    line = _decided_lines(pair).order_by("-number").first()
    return (
        f"{pair.household_id} is already held for {pair.request_id}: {_who(what, line)}."
        if line is not None
        else f"{pair.household_id} is already held for {pair.request_id}: {label(what)}."
    )


def is_sent_again(user: User, pair: Pair, decision: str) -> bool:
    """Whether a user recorded just this of a pair last: the same form, sent a second time."""
    line = _decided_lines(pair).order_by("-number").first()
    if line is None or line.user != user.pk or line.act != f"{DECIDED}: {decision}":
        return False
    return any(row.pk == _row_of(line) for row in pair.rows("decisions"))


def _who(what: str, line: Trail) -> str:
    return f"{label(what)}, {Role(line.role).label}, {clock(line)}"


def clock(line: Trail) -> str:
    """When a line of the trail was written: '10:42', with its day where that is not today's."""
    at = timezone.localtime(line.written_at)
    return f"{at:%H:%M}" if _is_of_today(line) else moment(at)


def _is_of_today(line: Trail) -> bool:
    return timezone.localtime(line.written_at).date() == timezone.localdate()


def _decided_lines(pair: Pair) -> QuerySet[Trail]:
    return Trail.objects.filter(subject=pair.subject, act__startswith=DECIDED)


def _detail(line: Trail) -> dict[str, object]:
    found: dict[str, object] = json.loads(line.detail) if line.detail else {}
    return found


def _row_of(line: Trail) -> object:
    return _detail(line).get("row")


def _cells(line: Trail) -> dict[str, list[str]]:
    found = _detail(line).get("cells")
    return found if isinstance(found, dict) else {}


def turn(row: TableRow) -> tuple[str, int]:
    """The order of decisions: by their day, then as they were made."""
    return row.cells()["decided_on"], row.pk


def other_pins(pair: Pair) -> dict[Pair, TableRow]:
    """What holds the family, or the household, of a pair elsewhere, as far as decisions say."""
    found = _holding(Q(request_id=pair.request_id) | Q(household_id=pair.household_id))
    return {other: row for other, row in found.items() if other != pair}


def held() -> set[str]:
    """The households that people hold for a family that has not moved in yet."""
    return {pair.household_id for pair in _holding(Q())}


def _holding(some: Q) -> dict[Pair, TableRow]:
    """The decisions that hold a pair, by pair: the last of each, where nobody has moved in on it."""
    rows = sorted(counting("decisions").filter(some), key=turn)
    last = {Pair(row.request_id, row.household_id): row for row in rows}
    lived = counting("placements").filter(some)
    over = {Pair(row.request_id, row.household_id) for row in lived}
    return {
        pair: row
        for pair, row in last.items()
        if pair not in over and row.cells()["decision"] in (CHOOSE, CONFIRMED)
    }


# --- Decisions


@contextmanager
def _deciding(user: User, pair: Pair, since: int, *, pins: bool) -> Iterator[tuple[Change, Inputs]]:
    """A change of what is decided of a pair, once nothing stands in its way."""
    with trying(user, pair) as change:
        inputs, _ = world.load(change.state)
        if held := dict(_in_the_way(pair, inputs, since, pins=pins)):
            raise AlreadyHeld(held)
        yield change, inputs


def decide(
    user: User,
    pair: Pair,
    decision: str,
    since: int,
    *,
    reason: str = "",
    note: str = "",
    until: str = "",
) -> TableRow:
    """Record a choice or a no, tried first; `since` is the state of the page it was decided on.

    AlreadyHeld where somebody was first, WrongInput where the data with it break a rule.
    """
    with _deciding(user, pair, since, pins=decision == CHOOSE) as (change, inputs):
        if decision == CHOOSE and (where := inputs.placed_where(pair.request_id)) is not None:
            raise WrongInput([_fault("request_id", f"{where} If a move is asked for, say so in its request first.")])  # fmt: skip
        for other, row in other_pins(pair).items() if decision == CHOOSE else ():
            if other.request_id == pair.request_id:  # one family is chosen for one household
                change.withdraw(row, other.subject, REPLACED)
                for each in signatures(other):
                    _unsign(change, each)
        more = {"reason": reason, "note": note, "until": until}
        return _write(change, pair, decision, more)


def _write(change: Change, pair: Pair, decision: str, more: Mapping[str, str]) -> TableRow:
    """Add the row, and append it to the history bound to its line of the trail."""
    cells = {
        "request_id": pair.request_id,
        "household_id": pair.household_id,
        "decision": decision,
        "decided_on": world.today(change.state).isoformat(),
        "decided_by": say(change.user.does.label.lower()),
        **{column: value for column, value in more.items() if value},
    }
    row = change.add("decisions", cells, pair.subject, f"{DECIDED}: {decision}")
    line = TrailEnd.objects.get()
    inputs, _ = world.load(change.state)
    (made,) = (
        each
        for each in inputs.decision_log
        if (each.request_id, each.household_id) == (pair.request_id, pair.household_id)
        and each.decided_on == inputs.as_of
    )
    record_decision(PanelStore(), made, datetime.now(UTC), line.hash)
    return row


@contextmanager
def trying(user: User, pair: Pair | None = None) -> Iterator[Change]:
    """A change that is tried once it is made: WrongInput where the data are worse with it.

    What was wrong before is no reason to refuse it, unless it is of `pair`: a choice that an edit
    broke since stops nobody who decides on another family, or takes another choice back.
    """
    with changing(user) as change:
        before = {each.problem for each in _wrong(change)}
        yield change
        new = [e for e in _wrong(change) if e.problem not in before or _is_of(e, pair)]
        if new:
            raise WrongInput(new)


def _wrong(change: Change) -> Sequence[Fault]:
    try:
        prepare(*world.load(change.state))
    except WrongInput as wrong:
        return wrong.faults
    return ()


def _is_of(fault: Fault, pair: Pair | None) -> bool:
    return pair is not None and f"{pair.request_id} with {pair.household_id} " in fault.problem


def _broken(prepared: Prepared, pair: Pair) -> Iterator[str]:
    """What a pair breaks that a choice of it would break too, a sentence each."""
    row, home = _places(prepared, pair)
    failed = failed_bits(prepared.everyone.of(np.array([row]), np.array([home])))
    broken = rules_failed(int(failed[0, 0]), prepared.policy)
    breaks = (rule for rule in broken if not rule.choice_passes)
    held_by = screening.outcome(prepared.findings[row])
    pin = Pin(row, home, True, None, tuple(breaks), held_by)
    return broken_by(pin, prepared.inputs, prepared.everyone)


def _places(prepared: Prepared, pair: Pair) -> tuple[int, int]:
    return prepared.columns.request_ids.index(pair.request_id), prepared.household_at[
        pair.household_id
    ]


def _fault(column: str, problem: str) -> Fault:
    return wrong_cell("decisions", None, column, None, problem, "")


def sentences(wrong: WrongInput, pair: Pair | None = None) -> list[str]:
    """What is wrong with data that somebody just changed, a sentence each, without rows of a sheet.

    How to undo a choice is said of another pair than the one that is decided on.
    """
    return [
        f"{each.problem} {'' if each.fix == UNDO and _is_of(each, pair) else each.fix}".rstrip()
        for each in wrong.faults
    ]


def faults(
    wrong: WrongInput, fields: Collection[str], pair: Pair | None = None
) -> list[dict[str, str]]:
    """What is wrong, each with the field of a form that it is about, '' where it is about none."""
    return [
        {"text": text, "field": (fault.column or "") if fault.column in fields else ""}
        for text, fault in zip(sentences(wrong, pair), wrong.faults, strict=True)
    ]


def to_sign(user: User, families: Collection[str], homes: Collection[str]) -> list[Pair]:
    """The chosen pairs that wait for a user: for the signature of a side, or for a team manager's below both."""
    is_side = user.does in SIDES
    if not is_side and reach(user, "countersign") is None:
        return []
    signature = Signature.objects.filter(
        request_id=OuterRef("request_id"), household_id=OuterRef("household_id"), withdrawn_at=None
    )
    sides = [user.role] if is_side else [role.value for role in SIDES]
    rows = counting("decisions").annotate(
        **{f"by_{role}": Exists(signature.filter(role=role)) for role in sides}
    )
    last = {Pair(row.request_id, row.household_id): row for row in sorted(rows, key=turn)}
    return [
        pair
        for pair, row in last.items()
        if row.cells()["decision"] == CHOOSE
        and pair.request_id in families
        and (user.does is not Role.SUPERVISING or pair.household_id in homes)
        and all(getattr(row, f"by_{role}") is not is_side for role in sides)
    ]


# --- Confirming: a signature of each side, and the team manager's below them


def signatures(pair: Pair) -> list[Signature]:
    """The signatures of a pair that stand, the first first."""
    found = Signature.objects.filter(
        request_id=pair.request_id, household_id=pair.household_id, withdrawn_at__isnull=True
    )
    return list(found.order_by("at", "pk"))


def sign(user: User, pair: Pair, start: date, end: date) -> Signature:
    """Sign for one side; a signature of the other for other days, or an earlier one of this, falls."""
    if end <= start:
        raise WrongInput([_fault("ended_on", "The planned end is after the start.")])
    with changing(user) as change:
        inputs, _ = world.load(change.state)
        if (pair.request_id, pair.household_id) in inputs.pins and is_confirmed(
            inputs.pins[pair.request_id, pair.household_id]
        ):
            raise AlreadyHeld({pair: _held(pair, CONFIRMED)})
        for each in signatures(pair):
            if each.role == user.role or each.days != (start, end):
                _unsign(change, each)
        made = Signature.objects.create(
            request_id=pair.request_id,
            household_id=pair.household_id,
            role=user.role,
            user=user.pk,
            started_on=start,
            planned_end_on=end,
            at=change.at,
        )
        change.tell(SIGNED, pair.subject, _days(start, end))
    return made


def _unsign(change: Change, signature: Signature) -> None:
    signature.withdrawn_at = change.at
    signature.save(update_fields=["withdrawn_at"])


def _days(start: date, end: date) -> dict[str, str]:
    return {"started_on": start.isoformat(), "planned_end_on": end.isoformat()}


def both_signed(found: list[Signature]) -> bool:
    """Whether two people signed, one of each side, for the same days."""
    return (
        {each.role for each in found} == {role.value for role in SIDES}
        and len({each.user for each in found}) == len(SIDES)
        and len({each.days for each in found}) == 1
    )


def countersign(user: User, pair: Pair, since: int) -> TableRow:
    """Confirm what both sides signed, once nothing holds it back."""
    with _deciding(user, pair, since, pins=True) as (change, inputs):
        found = signatures(pair)
        if not both_signed(found) or user.pk in {each.user for each in found}:
            problem = "Two people sign first, one for the child and one for the carers, and neither countersigns."
            raise WrongInput([_fault("decision", problem)])
        if (where := inputs.placed_where(pair.request_id)) is not None:
            raise WrongInput([_fault("request_id", where)])
        prepared = prepare(*world.load(change.state))
        if problems := list(_broken(prepared, pair)):
            raise WrongInput([_fault("decision", problem) for problem in problems])
        if still := before_confirmation(prepared, pair):
            problem = f"{upper_first(count(len(still), 'check'))} {'is' if len(still) == 1 else 'are'} open before it can be confirmed: {duties.open_list(still)}."
            raise WrongInput([_fault("decision", problem)])
        (start, end), by = found[0].days, [each.user for each in found]
        change.tell(COUNTERSIGNED, pair.subject, {**_days(start, end), "signed_by": by})
        days = {"started_on": start.isoformat(), "ended_on": end.isoformat()}
        return _write(change, pair, CONFIRMED, days)


def before_confirmation(prepared: Prepared, pair: Pair) -> list[DutyWords]:
    """What still stands before a family could be confirmed with a household, on the day of the data."""
    if pair.request_id not in prepared.columns.request_ids:
        return []
    row, home = _places(prepared, pair)
    hide = home in prepared.hidden
    every = duties.words(duties.of_match(prepared.pair(row, home)), prepared.policy, hide=hide)
    return duties.before_confirmation(every)


# --- Placements


def move_in(user: User, pair: Pair, day: str, planned_end: str, note: str = "") -> TableRow:
    """Record that a family moved in; its request is asked no more while it lives there."""
    with trying(user) as change:
        _has_happened(change, "started_on", day)
        cells = {
            "request_id": pair.request_id,
            "household_id": pair.household_id,
            "started_on": day,
            "planned_end_on": planned_end,
            "note": note,
        }
        row = change.add("placements", cells, pair.subject, MOVED_IN)
        _ask(change, pair.request_id, "", only="open")
        world.load(change.state)
    return row


def end(
    user: User,
    pair: Pair,
    row: TableRow | None,
    version: int,
    day: str,
    because: str,
    then: str,
    note: str = "",
) -> None:
    """Record that a placement ended and why; `then` is what the request says from now on."""
    with trying(user) as change:
        _has_happened(change, "ended_on", day)
        cells = {"ended_on": day, "ended_because": because, **({"note": note} if note else {})}
        if row is None:  # a confirmed decision alone says that the family lives there
            inputs, _ = world.load(change.state)
            lives = inputs.placement_of.get(pair.request_id)
            if lives is None or lives.household_id != pair.household_id:
                raise Overtaken(None)
            start = lives.started_on.isoformat() if lives.started_on else day
            begun = {"request_id": pair.request_id, "household_id": pair.household_id}
            change.add("placements", {**begun, "started_on": start, **cells}, pair.subject, ENDED)
        else:
            change.edit(row, cells, version, pair.subject)
            change.tell(ENDED, pair.subject, {"row": row.pk})
        for each in signatures(pair):  # they were for the placement that is over
            _unsign(change, each)
        _ask(change, pair.request_id, then)
        world.load(change.state)


def not_ended(user: User, pair: Pair, row: TableRow) -> None:
    """Take the end of a placement back: the family lives there again, and its request is not closed."""
    with trying(user) as change:
        change.edit(row, {"ended_on": "", "ended_because": ""}, row.version, pair.subject)
        change.tell(TAKEN_BACK, pair.subject, {"row": row.pk, "what": ENDED})
        _ask(change, pair.request_id, "", only="closed")
        world.load(change.state)


def end_line(pair: Pair, row: TableRow) -> Trail | None:
    """The line of the trail that says who recorded the end of a placement."""
    lines = Trail.objects.filter(subject=pair.subject, act=ENDED).order_by("-number")
    return next((line for line in lines if _row_of(line) == row.pk), None)


def _has_happened(change: Change, column: str, day: str) -> None:
    """WrongInput where the day of something is still to come."""
    today = world.today(change.state)
    if day > today.isoformat():
        raise WrongInput([_fault(column, f"It has not happened yet on {long_date(today)}.")])


def change_end(user: User, pair: Pair, row: TableRow, version: int, day: str) -> None:
    """Change the day on which a placement is planned to end."""
    with trying(user) as change:
        change.edit(row, {"planned_end_on": day}, version, pair.subject)
        change.tell(END_CHANGED, pair.subject, {"row": row.pk})
        world.load(change.state)


def _ask(change: Change, request_id: str, status: str, only: str | None = None) -> None:
    """Write the status of a request; with `only`, where it is that one."""
    row = counting("requests").filter(request_id=request_id).first()
    if row is not None and row.status != status and only in (None, row.status):
        change.edit(row, {"status": status}, row.version, request_id)


# --- Taking back


def lines_of(pair: Pair) -> dict[tuple[str, object], Trail]:
    """The line of the trail that says who made each row of a pair, by table and row."""
    found = {}
    for line in Trail.objects.filter(subject=pair.subject).exclude(act__startswith="looked"):
        detail = _detail(line)
        if "table" in detail and line.act not in (TAKEN_BACK, "changed"):
            found[str(detail["table"]), detail["row"]] = line
    return found


def may_take_back(user: User, made: Trail | None) -> bool:
    """Whether a user may take back what a line of the trail says: one's own within the day, or any."""
    if reach(user, "withdraw_any") is not None:
        return True
    return made is not None and made.user == user.pk and _is_of_today(made)


def take_back(user: User, pair: Pair, row: TableRow) -> None:
    """Take a decision or a placement back: it stays in the record, and counts no more."""
    with trying(user) as change:
        change.withdraw(row, pair.subject, TAKEN_BACK)
        if row.table == "decisions" and getattr(row, "decision", "") == CONFIRMED:
            for each in signatures(pair):
                _unsign(change, each)


def take_back_signature(user: User, pair: Pair) -> None:
    """Take one's own signature back."""
    with changing(user) as change:
        for each in signatures(pair):
            if each.user == user.pk:
                _unsign(change, each)
                change.tell(TAKEN_BACK, pair.subject, {"signature": each.pk})


# --- In words


def told(row: TableRow, line: Trail | None) -> str:
    """A decision or a placement as the page of its pair lists it, with who recorded it and when."""
    cells = row.cells()
    role = Role(line.role).label.lower() if line else ""
    recorded = f" Recorded by {role}, {clock(line)}." if line else ""
    if row.table == "decisions":
        known = {column: cells[column] or None for column in KEPT}
        if cells["decision"] == CONFIRMED:
            known["ended_on"] = None
        said = upper_first(decision_text(known))
        until = f", until {long_date(cells['until'])}" if cells["until"] else ""
        days = [long_date(cells[column]) for column in ("started_on", "ended_on") if cells[column]]
        stays = f", from {' until '.join(days)}" if cells["started_on"] else ""
        by = (
            f", {cells['decided_by']}"
            if cells["decided_by"] and cells["decided_by"] != role
            else ""
        )
        return f"{said}{until}{stays}{by}.{recorded}"
    if cells["ended_on"]:
        because = f": {label(cells['ended_because'])}" if cells["ended_because"] else ""
        days_there = f"from {long_date(cells['started_on'])} until {long_date(cells['ended_on'])}"
        return f"The family lived there {days_there}{because}.{recorded}"
    planned = (
        f", planned until {long_date(cells['planned_end_on'])}" if cells["planned_end_on"] else ""
    )
    return f"The family lives there since {long_date(cells['started_on'])}{planned}.{recorded}"
