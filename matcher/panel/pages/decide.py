"""Decide on a family and a household: what is recorded of them, and a page for each thing to record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Value
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST

from matcher import codes, explain
from matcher.errors import WrongInput
from matcher.explain import HELD, Explainer
from matcher.panel import deciding, drafts, faults, trail, world
from matcher.panel import rounds as made_rounds
from matcher.panel.acts import Role, act, reach
from matcher.panel.answers import Answers, at_fields
from matcher.panel.deciding import AlreadyHeld, Pair
from matcher.panel.html import page, state_of
from matcher.panel.models import Signature, State
from matcher.panel.since import is_outdated
from matcher.panel.tables import TableRow, counting
from matcher.panel.work import Overtaken
from matcher.policy.duties import DutyWords
from matcher.record import Ranked, RequestRecord
from matcher.report.view import RoundView
from matcher.words import label, long_date, lower_first, upper_first

THEN = {"again": "It needs another home: match it again", "closed": "Nothing more is asked of us"}
STATUS = {"again": "", "closed": "closed"}  # of the request, by what is asked for it


@dataclass(frozen=True, slots=True)
class What:
    """Something that can be recorded of a pair: part of the address, the act, and what it is called.

    `heading` and `done` name the family {r} and the household {h}.
    """

    key: str
    act: str
    name: str
    heading: str
    button: str
    done: str


WHATS = (
    What("choose", "decide", "Choose this home", "Choose {h} for {r}", "Choose {h} for {r}",
         "{h} is chosen for {r}, and held in every round until somebody takes that back."),
    What("rule_out", "decide", "Rule this home out", "Rule out {h} for {r}", "Rule out {h}",
         "{h} is ruled out for {r}."),
    What("declined_by_carer", "record_decline_carer", "The carers said no",
         "The carers of {h} said no to {r}", "Record the carers' no",
         "It is recorded that the carers of {h} said no to {r}."),
    What("declined_by_parent", "record_decline_parent", "The parent said no",
         "The parent of {r} said no to {h}", "Record the parent's no",
         "It is recorded that the parent of {r} said no to {h}."),
    What("sign", "sign", "Sign the confirmation", "Sign: {r} with {h}", "Sign",
         "You signed. The other side signs too, then the team manager countersigns."),
    What("countersign", "countersign", "Countersign: confirm the match",
         "Confirm {r} with {h}", "Countersign and confirm", "{r} with {h} is confirmed."),
    What("moved_in", "record_placement", "The family moved in", "{r} moved in with {h}",
         "Record the move", "It is recorded that {r} moved in with {h}."),
    What("ended", "record_placement", "The placement ended", "The placement of {r} with {h} ended",
         "Record the end", "It is recorded that the placement of {r} with {h} ended."),
    What("planned_end", "record_placement", "The planned end changed",
         "When is the placement of {r} with {h} planned to end?", "Save the day",
         "The planned end is changed."),
)  # fmt: skip
BY_KEY = {what.key: what for what in WHATS}
ENDED = "ended"  # what is taken back of a placement whose end was recorded
FIELDS = ("reason", "until", "note", "start", "end", "because", "then")
NOES = ("rule_out", "declined_by_carer", "declined_by_parent")


@dataclass(frozen=True, slots=True)
class Known:
    """What the rows of the panel say of a pair today."""

    decisions: list[TableRow]
    placements: list[TableRow]
    signed: list[Signature]
    today: date

    @classmethod
    def of(cls, pair: Pair, state: State) -> Known:
        """The rows of a pair."""
        rows = pair.rows
        signed = deciding.signatures(pair)
        return cls(rows("decisions"), rows("placements"), signed, world.today(state))

    @property
    def decision(self) -> TableRow | None:
        """The decision that was made last."""
        return max(self.decisions, key=deciding.turn, default=None)

    @property
    def decided(self) -> str:
        """The code of the decision that was made last, '' where none was."""
        return self.decision.cells()["decision"] if self.decision else ""

    @property
    def placement(self) -> TableRow | None:
        """The placement that has not ended."""
        return next((row for row in self.placements if not row.cells()["ended_on"]), None)

    @property
    def lives_there(self) -> bool:
        """Whether the family lives there, or by a confirmed match has since its start."""
        if self.placement is not None:
            return True
        start = self.decision.cells()["started_on"] if self.decision else ""
        ended = bool(self.placements)
        return self.decided == "confirmed" and not ended and "" < start <= self.today.isoformat()

    def offers(self, user: Any) -> Iterator[What]:
        """What a user may record now."""
        if self.lives_there:
            keys = ["ended", *(["planned_end"] if self.placement else ["moved_in"])]
        else:
            keys = [key for key in ("choose", *NOES) if key != self.decided]
            if self.decided == "confirmed" and not self.placements:
                keys.remove("choose")
            else:
                keys += ["sign", *(["countersign"] if deciding.both_signed(self.signed) else [])]
            keys += ["moved_in"]
        yield from (BY_KEY[key] for key in keys if reach(user, BY_KEY[key].act) is not None)


# --- The page of a pair


@act("see_round")
def decide(request: HttpRequest, request_id: str, household_id: str) -> HttpResponse:
    """What is recorded of a family with a household, and what could be."""
    user: Any = request.user
    pair, state = pair_of(request_id, household_id), state_of(request)
    known = Known.of(pair, state)
    offers = {what.key: what for what in known.offers(user)}
    key = request.GET.get("what")
    if key in offers:
        return redirect(f"record_{key}", request_id=request_id, household_id=household_id)
    errors = {"what": "Select what you want to record"} if "go" in request.GET else {}
    made = made_rounds.on_the_table()
    view = made_rounds.view(made) if made else None
    lines = deciding.lines_of(pair)
    given = {
        "pair": pair,
        "view": view,
        "made": made,
        "outdated": made is not None and is_outdated(made, state),
        "wrong_here": [e for e in faults.of_today(state) if {request_id, household_id} <= {*e.ids}]
        if known.decisions
        else [],
        "says": list(_says(view, pair)) if view else [],
        "recorded": [
            _recorded(pair, row, lines, user) for row in (*known.decisions, *known.placements)
        ],
        "signed": [_signed(each, user) for each in known.signed],
        "sides": _sides(known),
        "offers": [{"value": what.key, "text": what.name} for what in offers.values()],
        "errors": errors,
        "wrong": bool(errors),
    }
    return page(request, "decide", given)


def pair_of(request_id: str, household_id: str) -> Pair:
    """A pair of a family and a household that there are; else 404."""
    families = counting("requests").filter(request_id=request_id)
    homes = counting("households").filter(household_id=household_id)
    found = families.values_list("request_id", "expected_weeks").union(
        homes.values_list("household_id", Value("")), all=True
    )
    weeks = dict(found)
    if not {request_id, household_id} <= weeks.keys():
        raise Http404
    return Pair(request_id, household_id, weeks[request_id])


def _recorded(pair: Pair, row: TableRow, lines: dict[Any, Any], user: Any) -> dict[str, Any]:
    line, table = lines.get((row.table, row.pk)), row.table
    if row.cells().get("ended_on") and table == "placements":
        line, table = deciding.end_line(pair, row) or line, ENDED
    back = deciding.may_take_back(user, line)
    return {"text": deciding.told(row, line), "table": table, "pk": row.pk, "back": back}


def _signed(each: Signature, user: Any) -> dict[str, Any]:
    start, end = each.days
    side = f"{upper_first(Role(each.role).label)}, {deciding.SIDES[Role(each.role)]}"
    return {
        "text": f"{side}: from {long_date(start)}, planned until {long_date(end)}.",
        "back": each.user == user.pk,
    }


def _sides(known: Known) -> str:
    """Whose signature is missing before it is confirmed, in a sentence; '' where none is."""
    if known.decided == "confirmed" or known.lives_there:
        return ""
    if not known.signed:
        return "To confirm it the child's social worker and the supervising social worker sign, and then the team manager countersigns."
    missing = [r.label for r in deciding.SIDES if r.value not in {e.role for e in known.signed}]
    if missing:
        return f"Missing: the {lower_first(missing[0])}, and then the team manager."
    return "Both sides signed: the team manager countersigns."


# --- What the last round says of it


def _says(view: RoundView, pair: Pair) -> Iterator[str]:
    """How a pair stands in the last round, a sentence each."""
    request = view.request(pair.request_id)
    if request is None:
        yield f"{pair.request_id} is not in the last round: run it again to see what this would cost."
        return
    yield view.facts(request)
    if view.home(request) == pair.household_id:
        texts = [line.text for line in view.explainer.lines(request) if line.kind != "before"]
        yield from texts[:3]
        return
    yield from _cost(view, request, pair)


def _ranked_of(view: RoundView, request: RequestRecord, household_id: str) -> Ranked | None:
    return next((e for e in view.ranked(request) if e.household_id == household_id), None)


def _cost(view: RoundView, request: RequestRecord, pair: Pair) -> Iterator[str]:
    """What giving a household to a family would cost the others, or why it can't be given."""
    explainer, home = view.explainer, pair.household_id
    where = view.home(request)
    if where is not None:
        yield f"The last round has {pair.request_id} with {where}."
    ranked = _ranked_of(view, request, home)
    if ranked is not None:
        yield _given(explainer, request, ranked)
        return
    for each in request.ineligible:
        if each.household_id == home:
            for failed in (explain.explain_failed(f, view.policy) for f in each.failed):
                yield f"{home} can't take {pair.request_id}: {failed.reason} {failed.fix}".rstrip()
            return
    yield f"The last round doesn't say what it would cost to give {home} to {pair.request_id}."


def _given(explainer: Explainer, request: RequestRecord, ranked: Ranked) -> str:
    home = ranked.household_id
    if request.outcome in HELD:
        return "The family is not matched, so nothing is priced."
    if ranked.cost_to_round is None:
        return explainer.no_price(request, home)
    return f"Giving {home} to {request.request_id} {explainer.loss(ranked.cost_to_round, request)}."


def changes(view: RoundView | None, pair: Pair, what: str, known: Known) -> Iterator[str]:
    """What recording something changes, a sentence each, before it is saved."""
    request_id, home = pair.request_id, pair.household_id
    request = view.request(pair.request_id) if view else None
    proposed = view is not None and request is not None and view.home(request) == home
    if what in ("choose", "countersign"):
        if proposed:
            yield f"The last round proposes {home} for {request_id} already: nobody else moves."
        elif view is not None and request is not None:
            yield from _cost(view, request, pair)
        if request is None or proposed or (view and _ranked_of(view, request, home) is not None):
            yield f"{home} is then held for {request_id}: every round leaves both out of what it moves."
        yield from _in_the_way(pair, known.today)
    elif what == "sign":
        yield "You sign that your side agrees to these days. The match is confirmed once the other side signs the same days, every check is done or accepted, and the team manager countersigns."
    elif what in NOES:
        yield f"No round proposes {home} for {request_id} again while this counts."
        if proposed and view is not None and request is not None:
            yield from _next(view, request, home)
        elif request is not None:
            yield "It is not what the last round proposes, so nobody moves."
    elif what == "moved_in":
        yield f"{home} is occupied from that day. Without a planned end nobody can say when it is free."
        yield f"{request_id} is not matched while it lives there; its reviews and visits count from that day."
    elif what == "ended":
        yield "Unless it ended as planned, by moving on or by Staying Put, the two are never proposed to each other again."
        yield f"{home} is free again after the days between two families, or once somebody asked who lives there."


def _in_the_way(pair: Pair, today: date) -> Iterator[str]:
    """What is held of a side already: what has to be taken back first, or falls."""
    for other, row in deciding.other_pins(pair).items():
        said = deciding.told(row, None)
        if row.cells()["decision"] == "confirmed" or row.cells()["decided_on"] == today.isoformat():
            yield f"{other.household_id} is held for {other.request_id}. {said} Take that back first."
        else:
            yield f"This takes the place of {other.request_id} with {other.household_id}. {said}"


def _next(view: RoundView, request: RequestRecord, home: str) -> Iterator[str]:
    """What the round would turn to for a family that can't go where it is proposed for."""
    held = {view.home(each) for each in view.requests if each.state != "open"} | deciding.held()
    others = [
        each
        for each in view.ranked(request)
        if each.household_id != home and each.household_id not in held
    ]
    if not others:
        yield f"No other home that nobody holds is eligible for {request.request_id} in the last round: it would wait."
        return
    first = others[0]
    yield f"Next for {request.request_id} is {first.household_id}. {_given(view.explainer, request, first)}"


# --- The page of one thing to record


def _recording(what: What) -> Callable[..., HttpResponse]:
    """The view that records one thing."""

    def view(request: HttpRequest, request_id: str, household_id: str) -> HttpResponse:
        user: Any = request.user
        pair, state = pair_of(request_id, household_id), state_of(request)
        known = Known.of(pair, state)
        faults: list[dict[str, str]] = []
        if request.method == "POST":
            answers = Answers(request.POST)
            try:
                _record(user, pair, what.key, known, answers)
            except AlreadyHeld as held:
                again = deciding.is_sent_again(user, pair, what.key)
                given = {"pair": pair, "held": held.held, "again": again}
                return page(request, "already_held", given, status=409)
            except Overtaken:
                line = f"Somebody changed what is recorded of {pair.request_id} with {pair.household_id} meanwhile."
                return page(
                    request, "already_held", {"pair": pair, "held": {pair: line}}, status=409
                )
            except WrongInput as wrong:
                faults = deciding.faults(wrong, FIELDS, pair)
            else:
                drafts.drop(user, request.path)
                messages.success(request, what.done.format(r=request_id, h=household_id))
                return redirect("decide", request_id=request_id, household_id=household_id)
        return _form(request, what, pair, state, known, faults)

    view.__name__ = view.__qualname__ = f"record_{what.key}"
    return act(what.act)(view)


def _record(user: Any, pair: Pair, what: str, known: Known, answers: Answers) -> None:
    """Read the answers of a form and record them, or raise what is wrong."""
    since = answers.number("since")
    if what == "choose":
        note = answers.note()
        answers.ready()
        deciding.decide(user, pair, what, since, note=note)
    elif what in NOES:
        reason = answers.code("reason", "why", codes.REASONS)
        until = answers.day("until", "the last day on which it counts", required=False)
        note = answers.note()
        answers.ready()
        deciding.decide(user, pair, what, since, reason=reason, note=note, until=until)
    elif what == "sign":
        start = answers.day("start", "the day on which the family moves in")
        end = answers.day("end", "the day on which it is planned to end")
        answers.ready()
        deciding.sign(user, pair, date.fromisoformat(start), date.fromisoformat(end))
    elif what == "countersign":
        deciding.countersign(user, pair, since)
    elif what == "moved_in":
        start = answers.day("start", "the day on which the family moved in")
        end = answers.day("end", "the day on which it is planned to end", required=False)
        note = answers.note()
        answers.ready()
        deciding.move_in(user, pair, start, end, note)
    elif what == "ended":
        day = answers.day("end", "the day on which it ended")
        because = answers.code("because", "why it ended", codes.ENDINGS)
        then = answers.code("then", "what is asked for the family now", tuple(THEN))
        note = answers.note()
        answers.ready()
        version = answers.number("version")
        deciding.end(user, pair, known.placement, version, day, because, STATUS[then], note)
    else:
        day = answers.day("end", "the day on which it is planned to end")
        answers.ready()
        if known.placement is None:
            raise Overtaken(None)
        version = answers.number("version")
        deciding.change_end(user, pair, known.placement, version, day)


def _form(
    request: HttpRequest,
    what: What,
    pair: Pair,
    state: State,
    known: Known,
    faults: list[dict[str, str]],
) -> HttpResponse:
    made = made_rounds.on_the_table()
    view = made_rounds.view(made) if made else None
    names = {"r": pair.request_id, "h": pair.household_id}
    start, end = _days(view, pair, known, what.key)
    still: list[DutyWords] = []
    if what.key == "countersign":
        still = _still(state, pair)
    given = {
        "pair": pair,
        "what": what.key,
        "heading": what.heading.format(**names),
        "button": what.button.format(**names),
        "changes": list(changes(view, pair, what.key, known)),
        "reasons": [{"value": code, "text": upper_first(label(code))} for code in codes.REASONS],
        "endings": [{"value": code, "text": upper_first(label(code))} for code in codes.ENDINGS],
        "then": [{"value": code, "text": text} for code, text in THEN.items()],
        "noes": NOES,
        "days": {"start": start, "end": end},
        "signed": [_signed(each, request.user) for each in known.signed],
        "still": still,
        "since": request.POST.get("since", state.version),
        "row_version": request.POST.get(
            "version", known.placement.version if known.placement else 0
        ),
        "given": drafts.given(request, request.path),
        **at_fields(faults),
    }
    return page(request, "record", given)


def _still(state: State, pair: Pair) -> list[DutyWords]:
    """What is open before a confirmation, none where the data can't be read: the form then says why."""
    from matcher.rounds import prepare

    try:
        return deciding.before_confirmation(prepare(*world.load(state)), pair)
    except WrongInput:
        return []


def _days(
    view: RoundView | None, pair: Pair, known: Known, what: str
) -> tuple[date | None, date | None]:
    """The start and the end that a form begins with: what was signed, recorded or proposed."""
    if what == "ended":
        return None, None
    if what == "planned_end":
        said = known.placement.cells()["planned_end_on"] if known.placement else ""
        return None, date.fromisoformat(said) if said else None
    if known.signed:
        return known.signed[-1].days
    request = view.request(pair.request_id) if view else None
    if view is None or request is None or view.home(request) != pair.household_id:
        return None, None
    start = view.starts_on(request)
    end = start + timedelta(weeks=int(pair.weeks)) if start and pair.weeks.isdecimal() else None
    return start, end


# --- Taking back


@require_POST
@act("withdraw_own", looks=False)
def take_back(
    request: HttpRequest, request_id: str, household_id: str, table: str, row: int
) -> HttpResponse:
    """Take a decision or a placement back: one's own within the day, any by a team manager."""
    user: Any = request.user
    pair = pair_of(request_id, household_id)
    rows = {"decisions": "decisions", "placements": "placements", ENDED: "placements"}.get(table)
    found = next((each for each in pair.rows(rows) if each.pk == row), None) if rows else None
    if found is None:
        raise Http404
    made = deciding.lines_of(pair).get((table, row))
    if not deciding.may_take_back(user, deciding.end_line(pair, found) if table == ENDED else made):
        trail.refused(user, "withdraw_any", pair.subject)
        raise PermissionDenied
    try:
        if table == ENDED:
            deciding.not_ended(user, pair, found)
        else:
            deciding.take_back(user, pair, found)
    except WrongInput as wrong:
        messages.error(
            request, " ".join(["It was not taken back.", *deciding.sentences(wrong, pair)])
        )
    except Overtaken:
        messages.error(request, "Somebody took it back before you.")
    else:
        messages.success(request, "It is taken back. It stays in the record, and counts no more.")
    return redirect("decide", request_id=request_id, household_id=household_id)


@require_POST
@act("sign", looks=False)
def unsign(request: HttpRequest, request_id: str, household_id: str) -> HttpResponse:
    """Take one's own signature back."""
    user: Any = request.user
    deciding.take_back_signature(user, pair_of(request_id, household_id))
    messages.success(request, "Your signature is taken back.")
    return redirect("decide", request_id=request_id, household_id=household_id)


VIEWS = {what.key: _recording(what) for what in WHATS}


_PAIR = "decide/<id:request_id>/<id:household_id>/"
urlpatterns = [
    path(_PAIR, decide, name="decide"),
    path(f"{_PAIR}unsign/", unsign, name="unsign"),
    path(f"{_PAIR}take-back/<str:table>/<int:row>/", take_back, name="take_back"),
    *(path(f"{_PAIR}{what.key}/", VIEWS[what.key], name=f"record_{what.key}") for what in WHATS),
]
