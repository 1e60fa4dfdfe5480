"""Today: what is wrong, what waits for whom, and what changed since the last round."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path

from matcher.panel import backups, deciding, faults, rounds, since, ticking
from matcher.panel.acts import act, reach
from matcher.panel.html import page, state_of
from matcher.panel.links import of_round
from matcher.panel.models import Round, State, User
from matcher.report import meeting
from matcher.report.view import RoundView
from matcher.show.table import Row, Table, columns, day, numbers

MOST_CARDS, MOST_FAULTS = 5, 20


@act("see_today")
def today(request: HttpRequest) -> HttpResponse:
    """What a person looks at first."""
    user: Any = request.user
    state = state_of(request)
    tells = reach(user, "see_record") is not None and not state.sample
    due = backups.overdue() if tells else ""
    if reach(user, "see_round") is None:
        return page(request, "today_without_cases", {"backup_due": due})
    made = rounds.on_the_table()
    given: dict[str, Any] = {"state": state, "made": made, "backup_due": due}
    if made is None:
        given |= {"faults": faults.of_today(state) if state.version else []}
        return page(request, "today_first", given)
    view = rounds.seen_by(user, made)
    return page(request, "today", given | _of_round(made, view, state, user))


def _of_round(made: Round, view: RoundView, state: State, user: User) -> dict[str, Any]:
    sees_all, may_run = rounds.sees_all(user), reach(user, "run_round") is not None
    paper = rounds.paper(view)
    decided = since.decided(made)
    to_decide = [
        each
        for each in paper.decisions
        if each.household_id and not decided.get(each.request_id) and not _is_held(view, each)
    ]
    outdated = since.is_outdated(made, state)
    changed = since.changes(made, view) if outdated else []
    return {
        "view": view,
        "links": of_round(made, view),
        "red": [each for each in paper.first if each.heading in meeting.WRONG],
        "waits": [each for each in paper.first if each.heading == "Waits"],
        "cards": to_decide[:MOST_CARDS],
        "more_cards": len(to_decide) - MOST_CARDS,
        "decided": [each for some in decided.values() for each in some if _seen(view, each)],
        "to_sign": deciding.to_sign(
            user,
            {each.request_id for each in view.requests if each.state == "open"},
            {each.household_id for each in view.households},
        ),
        "whom": _waits_for(view, ticking.since(made) if outdated else {}),
        "outdated": outdated,
        "changed": changed,
        "touch": since.sorted_by_touch(changed[: since.MOST_TOLD], view),
        "faults": faults.of_today(state)[:MOST_FAULTS] if outdated and may_run else [],
        "since": rounds.changes(made) if sees_all else None,
        "before": rounds.before(made) if sees_all else None,
    }


def _is_held(view: RoundView, decision: meeting.Decision) -> bool:
    """Whether people hold a proposal already."""
    return decision.household_id is not None and view.explainer.is_pinned(decision.household_id)


def _seen(view: RoundView, decided: since.Decided) -> bool:
    return decided.request_id in {each.request_id for each in view.requests}


def _waits_for(view: RoundView, new: ticking.New) -> Table:
    """For whom something waits: how much of it, how much is overdue, and since when or by when.

    What was recorded as done or accepted since the round waits for nobody.
    """
    still = ((who, [task for task in tasks if ticking.waits(task, new)]) for who, tasks in view.tasks)  # fmt: skip
    waits = [(who, tasks, sum(task.overdue for task in tasks)) for who, tasks in still if tasks]
    waits.sort(key=lambda each: (-each[2], -len(each[1])))
    rows: list[Row] = [
        (who, len(tasks), late, min((task.by for task in tasks if task.by), default=None))
        for who, tasks, late in waits
    ]
    heads = columns("Who", numbers("Tasks", "Overdue"), day("The first is due"))
    return Table("What waits for whom", heads, rows)


@act("own_account")
def more(request: HttpRequest) -> HttpResponse:
    """The other screens that a person may open."""
    return page(request, "more")


urlpatterns = [
    path("", today, name="today"),
    path("more/", more, name="more"),
]
