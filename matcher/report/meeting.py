"""The meeting paper: what is wrong and who waits, what to decide, a page a family, what is to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from matcher import explain
from matcher.codes import URGENCIES
from matcher.explain import HELD, NOT_SHOWN, Line, explain_score
from matcher.policy import duties, provisional
from matcher.policy.case import ADJOINING, BEYOND, OWN_AREA
from matcher.policy.criteria import WHERE, about
from matcher.policy.duties.form import ACCEPTED, WITHHELD, DutyWords
from matcher.record import Ranked, RequestRecord
from matcher.report.view import RoundView, Task, is_proposed
from matcher.show.table import Cell, Column, Kind, Table, columns, number
from matcher.words import and_list, count, label, long_date, ordinal, upper_first

FAMILIES_A_PAGE = 8
OTHERS = 2  # other households whose price stands beside a proposal
COMPARED = 4  # households side by side on the page of a family
GAPS, NAMED = 2, 3  # gaps, and households above the proposed one, that a row names
MOST_CHANGES, MOST_OPEN = 8, 4  # lines of the first page
MOST_DAYS = 2  # by which checks are due, that a row names one by one
ALIKE = 3  # lines of one person from which a heading names them once
AREAS = {OWN_AREA: "in area", ADJOINING: "adjoining area", BEYOND: "out of area"}
AREA_DUTY = "area_notice"  # of every pair whose place is told, where somebody is looked after

# The kinds of alerts under each heading of the first page; what is in none stands under the last.
WRONG = {
    "No home tonight": ("no_home_tonight",),
    "Starts late": ("late",),
    "Waits for a family that may come": ("waits_ahead",),
    "Occupied, or contradictory": (
        "confirmed_held",
        "confirmed_breaks",
        "confirmed_too_near",
        "placement_breaks",
        "end_not_known",
        "who_lives_there",
        "home_given",
        "choice_set_aside",
        "decision_set_aside",
    ),
    "Confirmed while something is open": ("confirmed_open",),
    "Overdue": ("overdue_by_law",),
    "Accepted, and until when": ("accepted", "accepted_ran_out"),
    "Looking ahead": ("kept_open", "goes_elsewhere"),
    "Also to look at": (),
}
POLICY = "What this policy leaves out or changes"
URGENT = ("No home tonight", "Starts late")


@dataclass(frozen=True, slots=True)
class Block:
    """Some lines of the first page under a heading."""

    heading: str
    lines: tuple[Line, ...]
    urgent: bool = False


def first_page(
    view: RoundView,
    more_changes: str = "by matcher history compare",
    more_open: str = "in matches.xlsx",
) -> list[Block]:
    """What is wrong and who waits, under headings; a heading with nothing under it is left out.

    The last two say where the rest of a long list is.
    """
    found: dict[str, list[Line]] = {heading: [] for heading in WRONG}
    heading_of = {kind: heading for heading, kinds in WRONG.items() for kind in kinds}
    *_, other = WRONG
    for line in (*view.first, *view.alerts):
        found[heading_of.get(line.kind, other)].append(line)
    found["Confirmed while something is open"] += _lives_there(view)
    found["Overdue"] += _overdue(view)
    found[other] += _stale(view)
    blocks = {
        POLICY: view.explainer.policy_lines(),
        **{heading: found[heading] for heading in URGENT},
        "Waits": list(_waits(view)),
        **{heading: lines for heading, lines in found.items() if heading not in URGENT},
        "Provisional": view.explainer.before_fostering(),
        **_changed(view, more_changes),
        "Kept of the earlier round": _lines(view.kept_lines),
        "What the data leave open": _some(_lines(view.warnings), MOST_OPEN, more_open),
    }
    return [
        Block(heading, tuple(lines), heading in (POLICY, *URGENT))
        for heading, lines in blocks.items()
        if lines
    ]


def _waits(view: RoundView) -> Iterator[Line]:
    """Who waits for what, but for those who have no home tonight; and the contests among them."""
    told = {line.request_id for line in view.record.alerts if line.kind == "no_home_tonight"}
    waiting: dict[str, list[str]] = {}
    for request in view.open_requests:
        if request.proposal is None and request.request_id not in told:
            day = long_date(_needed_from(request))
            waiting.setdefault(view.why(request), []).append(f"{request.request_id} (from {day})")
    for why, families in waiting.items():
        yield Line("waits", f"{upper_first(why)}: {and_list(families)}.")
    yield from _lines(view.contests())


def _lives_there(view: RoundView) -> Iterator[Line]:
    """The families that live somewhere though what had to be done before is open."""
    for request in view.requests:
        living = request.facts.living
        if request.state != "placed" or living is None or not living.runs:
            continue
        every = duties.before_confirmation(duties.words(request.duties, view.policy))
        late = sum(duty.status == duties.OVERDUE for duty in every)
        if every:
            overdue = f" ({late} overdue)" if late else ""
            text = (
                f"{request.request_id} lives with {living.household_id}, and of what had to come "
                f"before that {count(len(every), 'check')} {'is' if len(every) == 1 else 'are'} "
                f"open{overdue}."
            )
            yield Line("lives_there", text)


def _overdue(view: RoundView) -> Iterator[Line]:
    """How many duties are overdue, by person."""
    late = {who: sum(task.overdue for task in tasks) for who, tasks in view.tasks}
    if total := sum(late.values()):
        named = and_list(f"{who} ({many})" for who, many in late.items() if many)
        yield Line(
            "overdue",
            f"{upper_first(count(total, 'task'))} overdue in all, by who does it: {named}.",
        )


def _stale(view: RoundView) -> Iterator[Line]:
    """The proposed households whose profile is old."""
    proposed = [e for e in view.households if e.outcome == "proposed"]
    stale = [each.household_id for each in proposed if each.household_id in view.stale]
    if stale:
        months = f"{view.policy.number('stale_profile_months'):g}"
        text = (
            f"Ask before the match is offered: for {months} months no day is recorded on which the "
            f"profile of {and_list(stale)} was confirmed with the carers."
        )
        yield Line("stale", text)


def _changed(view: RoundView, rest: str) -> dict[str, list[Line]]:
    """What changed since the last round, under its day."""
    if view.changes is None:
        return {}
    heading = f"Changed since the round of {long_date(view.changes.since)}"
    lines = _some(_lines(view.changes.lines), MOST_CHANGES, rest)
    return {heading: lines or _lines(["Nothing: every family is where it was."])}


def _lines(texts: Iterable[str]) -> list[Line]:
    return [Line("", text) for text in texts]


def _some(lines: list[Line], most: int, rest: str) -> list[Line]:
    more = len(lines) - most
    return [*lines[:most], Line("", f"And {more:,} more, {rest}.")] if more > 0 else lines


# What to decide


@dataclass(frozen=True, slots=True)
class Decision:
    """One family of the table of decisions: where, why, what decides, what the next two would cost."""

    request_id: str
    outcome: str
    needed: str
    household_id: str | None
    where: tuple[str, ...]
    why: str
    decides: tuple[str, ...]
    others: tuple[str, ...]


def decisions(view: RoundView) -> list[list[Decision]]:
    """Every open family, those that are needed first come first, at most eight to a page."""
    rows = [_decision(view, each) for each in _in_turn(view)]
    pages = -(-len(rows) // FAMILIES_A_PAGE)
    share = -(-len(rows) // pages) if pages else 1
    return [rows[at : at + share] for at in range(0, len(rows), share)]


def _in_turn(view: RoundView) -> list[RequestRecord]:
    """The open families by when they are needed: the most urgent, then the longest in need."""
    return sorted(
        view.open_requests,
        key=lambda each: (URGENCIES.index(each.urgency), _needed_from(each), each.request_id),
    )


def _decision(view: RoundView, request: RequestRecord) -> Decision:
    return Decision(
        request.request_id,
        view.outcome(request),
        long_date(_needed_from(request)),
        view.home(request),
        tuple(_where(view, request)),
        upper_first(_why(view, request)),
        tuple(_decides(view, request)),
        tuple(_others(view, request)),
    )


def _where(view: RoundView, request: RequestRecord) -> Iterator[str]:
    """From when, how late, and how far away."""
    proposal = request.proposal
    if proposal is None:
        return
    day = proposal.starts_on
    if explain.stays(request):
        yield "where it lives today: no move"
    else:
        yield f"from {long_date(day)}" if day else "nobody can say from when"
        if proposal.late_days:
            yield f"{count(proposal.late_days, 'day')} late"
    written = explain.proposed(request)
    if written is not None:
        hidden = proposal.household_id in view.hidden
        told = ["place not shown"] if hidden else [_distance(written), _area(written)]
        yield from filter(None, told)


def _distance(ranked: Ranked) -> str | None:
    """How far a household is from the family's home, where that is told."""
    miles = next((e.facts.get("miles") for e in ranked.criteria if e.name == "distance"), None)
    return None if miles is None else about(float(str(miles)))


def _area(ranked: Ranked) -> str | None:
    """Whether a household is in the council's area; None where nothing asks, or may tell."""
    area = next((e.facts.get("area") for e in ranked.duties if e.duty == AREA_DUTY), None)
    return None if area is None else AREAS.get(str(area), "area not known")


def _why(view: RoundView, request: RequestRecord) -> str:
    """Why, in one line."""
    proposal, facts = request.proposal, request.facts
    if proposal is None:
        return view.why(request)
    if proposal.pinned:
        what = "confirmed" if facts.decision == "confirmed" else "chosen"
        return (
            f"{what} on {long_date(facts.decided_on)}" if facts.decided_on else f"{what} by people"
        )
    kind = facts.relationships.get(proposal.household_id)
    known = f"{label(kind)}; " if kind else ""
    if facts.eligible == 1:
        return f"{known}the only household that is eligible"
    rank = proposal.rank or 0
    above = [each for each in request.ranked if each.rank and each.rank < rank]
    taken = [each.household_id for each in above if each.household_id in view.explainer.holders]
    more = f" and {len(taken) - NAMED} more" if len(taken) > NAMED else ""
    named = ", ".join(f"{e} for {view.explainer.holders[e].request_id}" for e in taken[:NAMED])
    return f"{known}ranks {ordinal(rank)} of {facts.eligible:,}" + (
        f"; above it {named}{more}" if taken else ""
    )


def _decides(view: RoundView, request: RequestRecord) -> Iterator[str]:
    """What people have to weigh or settle: gaps and checks, else what comes next."""
    if request.provisional:
        yield f"Provisional: first {provisional.to_do_first(request.provisional)}."
    written = explain.proposed(request)
    if written is not None:
        gaps = [explain_score(each) for each in written.criteria if WITHHELD not in each.facts]
        gaps = [each for each in gaps if each.support]
        yield from (each.text for each in gaps[:GAPS])
        if more := len(gaps) - GAPS if len(gaps) > GAPS else 0:
            yield f"{upper_first(count(more, 'more gap'))}."
    elif request.proposal is None:
        kinds = ("contest",) if request.facts.contest else ("nearest", "next")
        lines = [line for line in view.explainer.lines(request) if line.kind in kinds]
        yield from (line.text for line in lines[:1])
    still = duties.before_confirmation(view.checklist(request))
    if still:
        yield f"{upper_first(count(len(still), 'check'))} before it can be confirmed{when_due(still)}."


def when_due(still: list[DutyWords]) -> str:
    """How many checks are overdue and since when, and how many are due by which day."""
    late = [duty.due for duty in still if duty.due and duty.status == duties.OVERDUE]
    ahead = Counter(duty.due for duty in still if duty.due and duty.status != duties.OVERDUE)
    days = sorted(ahead)
    told = []
    if late:
        since = f"since {long_date(min(late))}"
        told.append(
            (len(late), f"overdue {since if len({*late}) == 1 else f'(the first {since})'}")
        )
    told += [(ahead[day], f"by {long_date(day)}") for day in days[:MOST_DAYS]]
    if far := days[MOST_DAYS:]:
        told.append((sum(ahead[day] for day in far), f"later, by {long_date(far[-1])}"))
    if told and (undated := len(still) - len(late) - ahead.total()):
        told.append((undated, "without a day"))
    if len(told) == 1:
        return f", {told[0][1]}"
    return ": " + ", ".join(f"{many} {when}" for many, when in told) if told else ""


def _others(view: RoundView, request: RequestRecord) -> Iterator[str]:
    """What the next two households would cost the round."""
    if request.outcome in HELD:
        return
    explainer = view.explainer
    others = [each for each in view.ranked(request) if not is_proposed(request, each)]
    for each in others[:OTHERS]:
        home = each.household_id
        if explainer.is_pinned(home):
            yield f"{home} is held by people for {explainer.holders[home].request_id}."
        elif each.cost_to_round is None:
            yield f"{home}: {explainer.limit_reason(request, home)}"
        else:
            yield f"{home} {explainer.loss(each.cost_to_round, request)}."


# A page a family


def _best(view: RoundView, request: RequestRecord, most: int) -> list[Ranked]:
    """The best households of a family, and the one that is proposed."""
    return [
        each
        for place, each in enumerate(view.ranked(request))
        if place < most or is_proposed(request, each)
    ]


def support(view: RoundView, request: RequestRecord, most: int) -> Table:
    """What the best households of a family lack, and the support that would close each gap."""
    rows = [
        (each.household_id, [f"{upper_first(label(name))}: {text}" for name, text in gaps])
        for each in _best(view, request, most)
        if (gaps := view.support(each))
    ]
    heads = columns("Household", "Gaps, and the support that would close them")
    return Table("Gaps and support", heads, rows)


def compared(view: RoundView, request: RequestRecord, most: int = COMPARED) -> Table | None:
    """The best households of a family side by side, in grades; None where none is eligible.

    Columns that say the same of nobody, or may say nothing of anybody, are left out.
    """
    best = _best(view, request, most)
    if not best or request.outcome in HELD:
        return None
    hidden = any(WITHHELD in score.facts for each in best for score in each.criteria)
    criteria = [
        score.name for score in best[0].criteria if any(_applies(each, score.name) for each in best)
    ]
    areas = [None if each.household_id in view.hidden else _area(each) for each in best]
    more = request.facts.eligible - len(best)
    rest = f", {len(best)} of {request.facts.eligible:,}" if more > 0 else ""
    cells: dict[str | Column, list[Cell]] = {
        "Household": [each.household_id for each in best],
        Column("Profile", Kind.BESIDE): [
            "stale" if each.household_id in view.stale else None for each in best
        ],
        number("Rank"): [each.rank for each in best],
        number("Fit"): [each.fit for each in best],
        **{
            upper_first(label(name)): [_grade(view, each, name) for each in best]
            for name in criteria
        },
        **({"Area": list(areas)} if any(areas) else {}),
        "If this one were chosen": [view.price(request, each) for each in best],
    }
    proposed_is_hidden = view.home(request) in view.hidden  # then a line above says so
    note = (
        ""
        if not hidden or proposed_is_hidden
        else "Places are not shown, as an address is withheld."
    )
    return Table(
        f"Eligible households, best first{rest}",
        columns(*cells),
        list(zip(*cells.values(), strict=True)),
        note=note,
    )


def _applies(ranked: Ranked, name: str) -> bool:
    """Whether a criterion says something of a household that may be told."""
    return any(e.name == name and e.value is not None for e in ranked.criteria)


def _grade(view: RoundView, ranked: Ranked, name: str) -> str:
    score = next(each for each in ranked.criteria if each.name == name)
    if WITHHELD in score.facts:
        return NOT_SHOWN
    miles = score.facts.get("miles") if name in WHERE and score.value is not None else None
    grade = view.explainer.grade(score)
    return grade if miles is None else f"{grade} ({about(float(str(miles)))})"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a family's checklist; `by` and `who` where its heading does not say it."""

    key: str
    name: str
    by: str
    overdue: bool
    accepted: bool
    action: str
    evidence: str
    who: str
    clause: str


@dataclass(frozen=True, slots=True)
class Checks:
    """Lines of a checklist, what they stand before, and who does those that name nobody else."""

    heading: str
    overdue: bool
    who: str
    lines: tuple[Check, ...]

    @classmethod
    def of(cls, heading: str, overdue: bool, lines: Iterable[Check]) -> Checks:
        """The lines, with who does most of them said once."""
        every = tuple(lines)
        ((most, many),) = Counter(each.who for each in every).most_common(1)
        if many < ALIKE:
            return cls(heading, overdue, "", every)
        return cls(
            heading,
            overdue,
            most,
            tuple(replace(each, who="") if each.who == most else each for each in every),
        )


def checklist(view: RoundView, request: RequestRecord) -> list[Checks]:
    """The duties of a family, once each: those that hold confirmation by day, then all others."""
    if request.state == "placed":
        before = "Before the family moved in"
    elif request.proposal is not None:
        before = "Before it can be confirmed"
    else:
        before = "Before any match can be confirmed"
    in_turn = sorted(view.checklist(request), key=_day)
    holding = [duty for duty in in_turn if duty.holds]
    others = [duty for duty in in_turn if not duty.holds]
    found = []
    for day, group in groupby(holding, key=_day):
        alike = list(group)
        by = before if day == date.max else f"{before}, by {long_date(day)}"
        overdue = any(duty.status == duties.OVERDUE for duty in alike)
        found.append(Checks.of(by, overdue, (_check(duty, "") for duty in alike)))
    if others:
        lines = (_check(duty, long_date(duty.due) if duty.due else "") for duty in others)
        found.append(Checks.of("Also" if holding else "To do", False, lines))
    return found


def _day(duty: DutyWords) -> date:
    return duty.due or date.max


def _check(duty: DutyWords, by: str) -> Check:
    return Check(
        duty.key,
        upper_first(label(duty.duty)),
        by,
        bool(by) and duty.status == duties.OVERDUE,
        duty.status == ACCEPTED,
        duty.action,
        "" if duty.unrecorded else duty.evidence,
        f"{and_list(duty.workers)}, {duty.who}" if duty.workers else upper_first(duty.who),
        duty.clause,
    )


# What is to do, by person


@dataclass(frozen=True, slots=True)
class Due:
    """What one person has to do for one family by one day: the names of the duties."""

    by: str
    overdue: bool
    request_id: str
    household_id: str | None
    names: tuple[str, ...]


def to_do(view: RoundView) -> list[tuple[str, int, list[Due]]]:
    """Each task once, by person, day and family; what each asks stands on the family's page."""
    return [(who, len(tasks), list(_due(tasks))) for who, tasks in view.tasks]


def _due(tasks: list[Task]) -> Iterator[Due]:
    def turn(task: Task) -> tuple[date, str, str]:
        return task.by or date.max, task.request_id, task.household_id or ""

    for (by, request_id, household_id), group in groupby(sorted(tasks, key=turn), key=turn):
        alike = list(group)
        yield Due(
            "" if by == date.max else long_date(by),
            any(task.overdue for task in alike),
            request_id,
            household_id or None,
            tuple(task.name for task in alike),
        )


def names_of(duties_of: Iterable[DutyWords], status: str) -> str:
    """The duties of one standing, by name."""
    return ", ".join(label(duty.duty) for duty in duties_of if duty.status == status)


def _needed_from(request: RequestRecord) -> date:
    return date.fromisoformat(str(request.facts.family["needed_from"]))
