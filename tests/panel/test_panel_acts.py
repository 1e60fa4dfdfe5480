"""Who may open what: every address, every role, one's own case and somebody else's, read and sent."""

from __future__ import annotations

import io
import logging
import re
import zipfile
from collections.abc import Iterator

import pytest
from addresses import Address, ours
from django.db import transaction
from django.urls import reverse

from matcher.panel import rounds, trail
from matcher.panel.acts import ALL, MAY, OWN, Role, reach
from matcher.panel.models import State, Trail, User
from matcher.panel.own import own_households, own_requests
from matcher.panel.tables import MODELS
from matcher.panel.work import changing
from matcher.report import meeting

pytestmark = pytest.mark.django_db

OPEN = {"health", "start"}  # without signing in: whether it answers, and a one-time link
# A household that is ranked for R11, whose address is withheld, is put where nobody else is.
WITHHELD, HIDDEN, FAR = "R11", "H41", "TR21"
PLACES = re.compile(r"\bTR21\b|Scilly|E06000053|\b2\d\d(\.\d+)? ?miles")
OF_THE_FAMILY = re.compile(
    rf"{PLACES.pattern}|does not adjoin|(?<!it is )(?<!placement )out of area"
)
KEEP_PLACES = {
    "see_where_homes_are",
    "see_withheld_places",
    "see_homes",
    "edit_home",
    "take_out",
    "export",
}
MARK = "a reason for care that no log may hold"
ADDRESSES = [each for each in ours() if each.name not in OPEN]


def test_every_view_has_an_act_of_the_table():
    assert [each.route for each in ADDRESSES if each.act not in MAY] == []


def test_a_page_that_names_a_case_says_which():
    """By another name of the argument nobody would be refused somebody else's case."""
    said = {name for each in ADDRESSES for name in each.arguments if name.endswith("_id")}
    assert said <= {"request_id", "household_id", "carer_id"}


def test_who_is_not_signed_in_sees_nothing(client):
    for address in ADDRESSES:
        answer = client.get(address.path())
        assert (answer.status_code, answer.url.split("?")[0]) == (302, "/accounts/login/"), address


@pytest.fixture
def far_away(user):
    """A round in which a hidden household is where no other is, on a family's account."""
    with changing(user("resource_team")) as change:
        row = MODELS["households"].objects.get(household_id=HIDDEN, withdrawn_at=None)
        change.edit(row, {"postcode": FAR, "local_authority": ""}, row.version, HIDDEN)
        row = MODELS["requests"].objects.get(request_id="R01", withdrawn_at=None)
        change.edit(row, {"supervising_worker": "T2"}, row.version, "R01")
    made = rounds.run(user("team_manager"))
    view = rounds.view(made, internal=True)
    # Whoever keeps the addresses reads it, so that the scan has something to find.
    assert told_of(view)
    assert not told_of(rounds.view(made))


def told_of(view) -> list[str]:
    """What a round's own words tell of where a hidden household is."""
    family = next(each for each in view.requests if each.request_id == WITHHELD)
    assert HIDDEN in {each.household_id for each in family.ranked}
    lines = [line.text for line in view.explainer.lines(family)]
    text = f"{lines} {meeting.compared(view, family)}"
    return [text[max(0, each.start() - 80) : each.end()] for each in OF_THE_FAMILY.finditer(text)]


def cases(user: User, address: Address) -> Iterator[tuple[dict[str, str], bool]]:
    """Arguments of an address that are the user's own case, and those that are somebody else's."""
    homes, families = own_households(user), own_requests(user)
    every = {
        "request_id": MODELS["requests"].objects.values_list("request_id", flat=True),
        "household_id": MODELS["households"].objects.values_list("household_id", flat=True),
    }
    own = {"request_id": sorted(families), "household_id": sorted(homes)}
    number = str(rounds.last().number)
    ids = [name for name in ("request_id", "household_id") if name in address.arguments]
    if reach(user, address.act) is OWN and all(own[name] for name in ids):
        yield {"number": number, **{name: own[name][0] for name in ids}}, True
    if reach(user, address.act) is ALL:
        yield {"number": number, "request_id": WITHHELD, "household_id": HIDDEN}, True
    elif ids:
        others = {name: sorted(set(every[name]) - set(own[name]))[0] for name in ids}
        yield {"number": number, **others}, False


@pytest.mark.parametrize("role", [*Role])
def test_every_address_for_every_role(client_of, user, far_away, role, caplog):
    caplog.set_level(logging.DEBUG)
    client, who = client_of(role.value), user(role.value)
    seen = []
    for address in ADDRESSES:
        how = reach(who, address.act)
        for given, own in cases(who, address):
            path = address.path(**given)
            for sent in (False, True):
                before = refusals()
                with transaction.atomic():
                    answer = client.post(path, {"note": MARK}) if sent else client.get(path)
                    made = refusals() - before
                    transaction.set_rollback(True)
                where = (role.value, path, "POST" if sent else "GET", answer.status_code)
                if answer.status_code == 405:
                    continue
                if how is None:
                    assert (answer.status_code, made) == (403, 1), where
                elif how is OWN and not own and address.arguments:
                    assert (answer.status_code, made) == (404, 1), where
                elif "row" in address.arguments and answer.status_code == 403:
                    assert made == 1, where  # what somebody else recorded
                else:
                    assert (how in (ALL, OWN), made) == (True, 0), where
                    assert answer.status_code < 500, where
                    assert answer.status_code != 403, where
                    if not sent and answer.status_code == 200:
                        seen.append((address, path, text_of(answer)))
    told = [
        (path, text[max(0, found.start() - 60) : found.end() + 20])
        for address, path, text in seen
        if not (address.act in KEEP_PLACES and reach(who, "see_where_homes_are"))
        for found in (OF_THE_FAMILY if WITHHELD in path else PLACES).finditer(text)
    ]
    assert told == []
    assert len(seen) > 4
    assert MARK not in caplog.text


def refusals() -> int:
    """How many refusals the trail has."""
    return Trail.objects.filter(act__startswith="refused: ").count()


def text_of(answer) -> str:
    """What an answer says, of a page, a file of text, or one of parts that are packed."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            content = b"\n".join(parts.read(name) for name in parts.namelist())
    return content.decode("utf-8", "ignore")


def test_looks_of_one_person_at_one_page_count_once(client_of, user):
    before = Trail.objects.count()
    client = client_of("team_manager")
    for _ in range(3):
        client.get(reverse("round_family", args=[1, "R01"]))
    looks = Trail.objects.filter(number__gt=before, subject="R01")
    assert [(line.act, line.user) for line in looks] == [
        ("looked: see_round", user("team_manager").pk)
    ]
    assert list(trail.breaches()) == []
    assert State.objects.get().version >= 1
