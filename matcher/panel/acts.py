"""Who may do what: one table of acts by role, and the decorator that every view carries."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, StrEnum
from functools import wraps
from typing import TYPE_CHECKING, Any

from allauth.core.exceptions import ReauthenticationRequired
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse

if TYPE_CHECKING:
    from matcher.panel.models import User


class Role(StrEnum):
    """What somebody is in the service; `label` is how it is written."""

    CHILD = "child_social_worker"
    SUPERVISING = "supervising_social_worker"
    MANAGER = "team_manager"
    RESOURCE = "resource_team"
    ADVISER = "panel_adviser"
    ADMINISTRATOR = "administrator"

    @property
    def label(self) -> str:
        """The role in words."""
        return LABELS[self]


C, S, M, R, A, X = Role
LABELS = {
    C: "Child's social worker",
    S: "Supervising social worker",
    M: "Team manager",
    R: "Resource team",
    A: "Panel adviser",
    X: "Administrator",
}


class Reach(Enum):
    """How far an act of a role goes: every case, or the user's own alone."""

    ALL = "all"
    OWN = "own"


ALL, OWN = Reach.ALL, Reach.OWN

# Own are: to a child's social worker the families assigned to them; to a supervising social worker
# the households of their team, and the families that are proposed to them or live there.
MAY: dict[str, dict[Role, Reach]] = {
    "see_today": {C: OWN, S: OWN, M: ALL, R: ALL, A: ALL, X: ALL},
    "see_round": {C: OWN, S: OWN, M: ALL, R: ALL, A: ALL},
    "compare_rounds": {M: ALL, R: ALL, A: ALL},
    "run_round": {M: ALL, R: ALL},
    "adopt_round": {M: ALL},
    "decide": {M: ALL},
    "record_decline_carer": {S: OWN, M: ALL},
    "record_decline_parent": {C: OWN, M: ALL},
    "sign": {C: OWN, S: OWN},  # half of a confirmation each
    "countersign": {M: ALL},
    "withdraw_own": {C: OWN, S: OWN, M: ALL},
    "withdraw_any": {M: ALL},
    "record_placement": {C: OWN, S: OWN, M: ALL, R: ALL},
    "see_duties": {C: OWN, S: OWN, M: ALL, R: ALL, A: ALL},
    "record_duty": {C: OWN, S: OWN, M: ALL, R: ALL},
    "accept_duty": {M: ALL},
    "see_families": {C: OWN, S: OWN, M: ALL, R: ALL, A: ALL},
    "edit_family": {C: OWN, M: ALL, R: ALL},
    "see_homes": {C: OWN, S: OWN, M: ALL, R: ALL, A: ALL},
    "edit_home": {S: OWN, M: ALL, R: ALL},
    "see_where_homes_are": {S: OWN, M: ALL, R: ALL},
    "see_withheld_places": {M: ALL, R: ALL},  # of a whole round, as papers marked internal do
    "duty_desk": {C: ALL, S: ALL, M: ALL, R: ALL},
    "what_if": {S: ALL, M: ALL, R: ALL, A: ALL},
    "see_diary": {C: OWN, S: OWN, M: ALL, R: ALL},
    "make_documents": {C: OWN, S: OWN, M: ALL, R: ALL},
    "import": {R: ALL},
    "export": {M: ALL, R: ALL},
    "take_out": {M: ALL, R: ALL},
    "see_reports": {M: ALL, R: ALL, A: ALL},
    "see_policy": {C: ALL, S: ALL, M: ALL, R: ALL, A: ALL, X: ALL},
    "change_policy": {M: ALL},
    "see_record": {M: ALL, X: ALL},
    "verify_record": {M: ALL, X: ALL},
    "manage_users": {X: ALL},
    "assign": {M: ALL, X: ALL},
    "own_account": dict.fromkeys(Role, ALL),
}

# What is asked for only of somebody who has shown a short while ago who they are.
FRESH = {"take_out", "export", "change_policy", "manage_users"}

View = Callable[..., HttpResponse]
ACTS: dict[
    str, str
] = {}  # the act of each view, by its full name: a test holds it against the addresses


def reach(user: User, act: str) -> Reach | None:
    """How far a user may go in an act, None where not at all."""
    return MAY[act].get(user.does)


def may(user: User, act: str, *, request_id: str = "", household_id: str = "") -> bool:
    """Whether a user may do an act, of a family or a household where one is named."""
    how = reach(user, act)
    if how is not OWN:
        return how is ALL
    from matcher.panel.own import own_households, own_requests

    if request_id and request_id not in own_requests(user):
        return False
    # With one's own family a child's social worker may speak of any household; who supervises one,
    # of that one alone.
    any_home = not household_id or (request_id != "" and user.does is not Role.SUPERVISING)
    return any_home or household_id in own_households(user)


def _is_text(request: HttpRequest) -> bool:
    """Whether all that was sent is text: no database of ours keeps a NUL, and nobody types one."""
    sent = (
        each
        for given in (request.GET, request.POST)
        for _, values in given.lists()
        for each in values
    )
    return "\0" not in request.path and not any("\0" in str(each) for each in sent)


def act(name: str, *, looks: bool = True) -> Callable[[View], View]:
    """A view that is of an act: it refuses whoever may not, and writes down who looked.

    `request_id` and `household_id` among the view's arguments are its subject; of somebody else's
    case there is nothing (404). `looks` is False where the view itself writes what was done.
    """
    assert name in MAY, name

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, **more: Any) -> HttpResponse:
            from matcher.panel import trail
            from matcher.panel.accounts import is_fresh

            if not _is_text(request):
                raise BadRequest
            user: Any = request.user
            request_id = str(more.get("request_id", ""))
            household_id = str(more.get("household_id", ""))
            subject = " ".join(filter(None, (request_id, household_id)))
            if reach(user, name) is None:
                trail.refused(user, name, subject)
                raise PermissionDenied
            if not may(user, name, request_id=request_id, household_id=household_id):
                trail.refused(user, name, subject)
                raise Http404
            if name in FRESH and not is_fresh(request):
                raise ReauthenticationRequired
            if looks and request.method == "GET":
                trail.looked(user, name, subject or request.path)
            return view(request, **more)

        ACTS[f"{view.__module__}.{view.__qualname__}"] = name
        guarded.act = name  # type: ignore[attr-defined]
        return guarded

    return decorate
