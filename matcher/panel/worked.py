"""What is worked out of a round besides it: asked once, worked out by a job where it takes long, kept.

Every answer is of the tables that its round was made of, and made of the product's own words.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from matcher.errors import MatcherError, WrongInput
from matcher.panel import faults, policies, rounds, trail, world
from matcher.panel.models import Round, State, Worked
from matcher.terms import Terms, using
from matcher.words import upper_first

if TYPE_CHECKING:
    from matcher.panel.models import User
    from matcher.show.paper import Paper

LOST = timedelta(minutes=10)  # after which a job that has not ended may be asked for again
HTML, XLSX = "text/html; charset=utf-8", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"  # fmt: skip
Asked: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """Some lines under a heading, or a table of texts under its caption."""

    heading: str
    lines: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


OTHERWISE = Part(
    "",
    (
        "Solved again, this round comes out otherwise than it was recorded, as this release is another. "
        "What follows is of the round solved again.",
    ),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was worked out: its title, its parts, and the file where there is one."""

    title: str
    parts: tuple[Part, ...] = ()
    file: bytes | None = None
    round: int = 0  # that was run


Work: TypeAlias = Callable[["Worked"], Answer]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of answer: what it is called, how it is worked out, and what file it makes.

    `slow` where a job does it, whatever the size of the round. `internal` where it may say where withheld homes are.
    """

    title: str
    work: Work
    hint: str = ""
    slow: bool = True
    file: str = ""
    content: str = HTML
    internal: bool = False


def ask(user: User, kind: str, made: Round | None, asked: Asked, *, internal: bool = False) -> Worked:  # fmt: skip
    """What was asked of a round: worked out already, now, or by a job that was just given it."""
    slow = KINDS[kind].slow or (made is not None and rounds.is_large(made))
    text = json.dumps(asked, sort_keys=True, ensure_ascii=False)
    now = timezone.now()
    number = 0 if made is None else made.number
    with transaction.atomic():
        State.objects.select_for_update().get()
        worked, is_new = Worked.objects.get_or_create(
            round=number,
            kind=kind,
            asked=text,
            internal=internal,
            defaults={"user": user, "asked_at": now},
        )
        if is_new or worked.problem or is_lost(worked):
            Worked.objects.filter(pk=worked.pk).update(problem="", asked_at=now, done_at=None)
            trail.append(user, "asked", f"round {number}", {"kind": kind, "worked": worked.pk})
            if slow:
                work_out.enqueue(worked.pk)
        elif worked.done_at is not None:
            return worked
    if not slow:
        work_out.func(worked.pk)
    return Worked.objects.get(pk=worked.pk)


def is_lost(worked: Worked) -> bool:
    """Whether a job has not ended though it should have: it may be asked for again."""
    return worked.done_at is None and timezone.now() - worked.asked_at > LOST


@task()
def work_out(number: int) -> None:
    """Work out what was asked, and keep the answer; what went wrong is kept in words."""
    worked = Worked.objects.get(pk=number)
    try:
        with using(_terms(worked)):
            answer = KINDS[worked.kind].work(worked)
        again = worked.kind not in WHAT_IF or rounds.comes_out_again(_of(worked))
    except MatcherError as error:
        _keep(worked, problem=str(error))
        return
    except Exception:
        _keep(worked, problem="It could not be worked out. The log of the panel says why.")
        raise
    whole = {
        "title": answer.title,
        "round": answer.round,
        "parts": [
            {"heading": p.heading, "lines": p.lines, "headings": p.headings, "rows": p.rows}
            for p in (*(() if again else (OTHERWISE,)), *answer.parts)
        ],
    }
    _keep(worked, answer=whole, file=answer.file)


def _terms(worked: Worked) -> Terms:
    """The names of the round that was asked of, or of the policy in force."""
    if not worked.round:
        return policies.terms_of(State.objects.get())
    return rounds.view(_of(worked)).policy.terms


def _keep(worked: Worked, **fields: Any) -> None:
    Worked.objects.filter(pk=worked.pk).update(done_at=timezone.now(), **fields)


def _of(worked: Worked) -> Round:
    return Round.objects.get(number=worked.round)


# What if


def _what_if(worked: Worked) -> Answer:
    from matcher.whatif import Difference, read_options, words
    from matcher.whatif.refused import answer

    now = rounds.solved(_of(worked))
    scenario = read_options(json.loads(worked.asked), now.prepared.inputs, now.prepared.policy)
    found = answer(now, scenario)
    lines = words.scenario_lines(found) if isinstance(found, Difference) else words.refused_lines(found)  # fmt: skip
    return Answer(scenario.said, (Part("", tuple(lines)),))


def _each(worked: Worked) -> Answer:
    from matcher.whatif import each, words
    from matcher.whatif.each import ALL

    now = rounds.solved(_of(worked))
    names, tried = now.prepared.aims, each(now, ALL)
    rows = tuple(
        (
            f"{at}",
            f"{upper_first(one.what)}.",
            words.for_families(one),
            f"{words.changes(words.shown_gains(names, one))}.",
        )
        for at, one in enumerate(tried, 1)
    )
    heads = ("Place", "One change", "For families", "In all")
    first, *_ = words.each_text(names, ALL, tried, 0)
    return Answer("Every single change, best first", (Part("", (first,)), Part("Single changes", (), heads, rows)))  # fmt: skip


def _firm(worked: Worked) -> Answer:
    from matcher.whatif.firmness import firmness
    from matcher.whatif.words import NO_FORECAST, firm_lines, firm_record

    now = rounds.solved(_of(worked))
    records = firm_record(now, firmness(now), internal=worked.internal)
    parts = (
        Part(f"{each['request_id']} → {each['household_id']}", tuple(firm_lines(each)))
        for each in records
    )
    return Answer("How firm each proposal is", (Part("", (NO_FORECAST,)), *parts))


def _next(worked: Worked) -> Answer:
    from matcher.whatif.next_rounds import next_rounds
    from matcher.whatif.words import next_record, next_text

    now = rounds.solved(_of(worked))
    record = next_record(now, next_rounds(now), 1, internal=worked.internal)
    return Answer("The next-best whole rounds", (Part("", tuple(next_text(record))),))


# Papers and files


def _report(worked: Worked) -> Answer:
    from matcher.report.figures import all_figures
    from matcher.report.page import page

    view = _whole(worked)
    figures = all_figures(view.solved, view.record, view.hidden, large=view.large)
    return Answer(KINDS[worked.kind].title, (), "".join(page(view, figures)).encode())


def _workbook(worked: Worked) -> Answer:
    from matcher.report.workbook import workbook

    return Answer(KINDS[worked.kind].title, (), workbook(_whole(worked)))


def _whole(worked: Worked) -> Any:
    view = rounds.whole_view(_of(worked), internal=worked.internal)
    for _ in view.json() if view.large else ():
        pass  # a large one knows its requests once its record is written
    return view


def _sufficiency(worked: Worked) -> Answer:
    from matcher.history.over import recorded_until
    from matcher.panel.store import PanelStore
    from matcher.solve.shortage import NotProven
    from matcher.sufficiency import brief
    from matcher.sufficiency.remedies import CHANGES, LimitInPlay, marginal_values, portfolios
    from matcher.sufficiency.remedies_words import closing_record
    from matcher.sufficiency.weeks import over_weeks
    from matcher.sufficiency.words import gap_of
    from matcher.whatif import each
    from matcher.whatif.openings import single_changes

    now, budget = rounds.solved(_of(worked)), int(json.loads(worked.asked)["budget"])
    inputs = now.prepared.inputs
    found = recorded_until(PanelStore(), inputs.title, inputs.as_of)
    try:
        frontier = portfolios(now, budget)
    except (LimitInPlay, NotProven):
        frontier = None
    single = {kind: each(now, kind) for kind in CHANGES}
    closing = closing_record(now, single, marginal_values(now), frontier, budget)
    weeks = over_weeks(found.rounds, found.unread)
    answer = brief.answer_of(gap_of(now), closing, single_changes(now), weeks)
    return _of_paper(brief.paper(answer), brief.figures(answer))


def _equity(worked: Worked) -> Answer:
    from matcher.equity.brief import difference_figure, paper
    from matcher.equity.weeks import over_weeks, weeks_record
    from matcher.history.over import recorded_until
    from matcher.panel.store import PanelStore
    from matcher.show.paper import Source

    now = rounds.solved(_of(worked))
    inputs, policy = now.prepared.inputs, now.prepared.policy
    found = recorded_until(PanelStore(), inputs.title, inputs.as_of)
    weeks = over_weeks(found.rounds, inputs, found.unread)
    record = weeks_record(inputs.as_of, weeks, inside=True)
    source = Source(inputs.as_of, inputs.sha256, policy.sha256)
    return _of_paper(paper(record, source, weeks), [difference_figure(record)])


def _of_paper(paper: Paper, figures: Iterable[Any]) -> Answer:
    """A paper: its first page as parts, the whole of it as a file."""
    drawn = [each for each in figures if each is not None]
    parts = (
        Part("", (paper.asked, paper.reader)),
        Part("The answer", paper.answer),
        Part("How sure it is", paper.sure),
        Part("On Monday", paper.monday),
    )
    return Answer(paper.title, parts, "".join(paper.page(drawn)).encode())


# A round that takes long


def _run(worked: Worked) -> Answer:
    asked = json.loads(worked.asked)
    keep = Round.objects.filter(number=asked["keep"]).first()
    try:
        return Answer("A round", round=rounds.run(worked.user, keep).number)
    except WrongInput as wrong:
        lines = (f"{each.who}: {each.text}" for each in faults.told(wrong.faults, world.tables()))
        return Answer("No round was run", (Part("What is wrong with the data", tuple(lines)),))


WHAT_IF: dict[str, Kind] = {
    "what_if": Kind("What if", _what_if, slow=False),
    "each": Kind(
        "Every single change", _each,
        "Each home trained, opened, given a second carer or a bedroom, and each home that might be recruited, one at a time: which helps most.",
    ),
    "firm": Kind(
        "How firm each proposal is", _firm,
        "Whether it stays when the weights of the policy move, and who would go where if the home were not available.",
    ),
    "next": Kind("The next-best whole rounds", _next, "What else could be done as a whole, and what it would lose."),
}  # fmt: skip
PAPERS: dict[str, Kind] = {
    "report": Kind("Report of the round", _report, "One page to keep or to send within the service: families, homes, figures, policy.", file="report.html"),
    "workbook": Kind("Workbook of the round", _workbook, "Every table of the round for Excel.", file="matches.xlsx", content=XLSX),
    "sufficiency": Kind("Are there enough of the right homes?", _sufficiency, "Which families share too few homes, and what would close the gap.", file="sufficiency.html"),
    "equity": Kind("Did groups of families fare differently?", _equity, "Over the rounds recorded here. For the service alone.", file="equity.html"),
    "report_internal": Kind("Report of the round, internal", _report, "With where withheld homes are: for those who keep addresses.", file="report-internal.html", internal=True),
    "workbook_internal": Kind("Workbook of the round, internal", _workbook, "With where withheld homes are: for those who keep addresses.", file="matches-internal.xlsx", content=XLSX, internal=True),
}  # fmt: skip
RUN: dict[str, Kind] = {"run": Kind("A round", _run)}
KINDS: Mapping[str, Kind] = WHAT_IF | PAPERS | RUN
