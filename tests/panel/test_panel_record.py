"""Who saw and did what is read, by whom it may be; any tampering with it is named."""

from __future__ import annotations

import json

import pytest
from django.db import Error, connection, transaction

from matcher.panel import guards, record, trail
from matcher.panel.models import Trail, TrailEnd, User
from matcher.panel.store import ENTRIES, RECEIPTS
from matcher.panel.tables import MODELS
from matcher.panel.work import changing

pytestmark = pytest.mark.django_db


@pytest.fixture
def changed(user):
    """A change of a family and of a home, by the Resource team."""
    for table, column, name, cells in (
        ("requests", "request_id", "R01", {"expected_weeks": "14"}),
        ("households", "household_id", "H04", {"postcode": "NW3"}),
    ):
        with changing(user("resource_team")) as change:
            row = MODELS[table].objects.get(**{column: name}, withdrawn_at=None)
            change.edit(row, cells, row.version, name)


def test_the_record_says_who_did_what_and_filters(client_of, user, changed):
    client = client_of("team_manager")
    client.get("/rounds/1/")
    text = client.get("/record/?about=R01").content.decode()
    assert "expected weeks: 12 → 14" in text
    assert "resource_team" in text
    assert "Looked at a round" not in text
    assert (
        "Looked at a round"
        in client.get(f"/record/?who={user('team_manager').pk}&kind=looked").content.decode()
    )
    for odd in ("?who=x&page=99&kind=no", "?who=99999999999", "?who=²", "?page=-1"):
        assert client.get(f"/record/{odd}").status_code == 200


def test_an_administrator_reads_that_cells_changed_and_not_which(client_of, changed):
    text = client_of("administrator").get("/record/?kind=done").content.decode()
    assert "1 cell" in text
    assert "14" not in text.split("R01")[0].split("H04")[-1]
    assert "NW3" not in text


def test_refusals_and_signing_in_are_read(client_of):
    client_of("panel_adviser").get("/users/")
    text = client_of("administrator").get("/record/?kind=refused").content.decode()
    assert "Was refused: users" in text


def test_pages_of_the_record_ask_little(client_of, django_assert_max_num_queries):
    client = client_of("team_manager")
    client.get("/record/")  # a second look within ten minutes writes nothing
    with django_assert_max_num_queries(12):
        client.get("/record/")


def test_all_that_is_held_of_a_family_is_one_file(client_of, changed):
    answer = client_of("team_manager").get("/record/family/R11.json")
    held = json.loads(answer.content)
    assert held["tables"]["requests"][0]["request_id"] == "R11"
    assert [each["decision"] for each in held["history"]] == ["declined_by_parent"]
    said = held["rounds"][0]["said"][0]
    assert said["proposal"]["household_id"] == "H41"
    assert '"miles"' not in json.dumps(said["ranked"])  # R11's address is withheld
    assert Trail.objects.filter(act="took out", subject="R11").exists()
    home = json.loads(client_of("team_manager").get("/record/home/H04.json").content)
    assert {row["household_id"] for row in home["tables"]["carers"]} == {"H04"}
    assert any(line["act"] == "changed" for line in home["trail"])
    assert client_of("team_manager").get("/record/family/R99.json").status_code == 404


# Tampering


def sql(*statements: str) -> None:
    """Run SQL as somebody who owns the database: the guards are taken away before and put back."""
    with connection.cursor() as cursor:
        for table in guards.GUARDED:
            for name in guards.guards(connection.vendor, table):
                cursor.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if connection.vendor == "postgresql" else ""))  # fmt: skip
        for statement in statements:
            cursor.execute(statement)
        for table in guards.GUARDED:
            for statement in guards.guards(connection.vendor, table).values():
                cursor.execute(statement)


def rehash(number: int, subject: str) -> None:
    """Alter a line and give it the hash of what it says now."""
    line = Trail.objects.get(number=number)
    line.subject = subject
    sql(f"UPDATE panel_trail SET subject = '{subject}', hash = '{trail._hash(line)}' WHERE number = {number}")  # fmt: skip


def cut_and_mend_the_end() -> None:
    """Take away the last lines, and say that the line before was the last."""
    ran = Trail.objects.get(act="ran").number
    before = Trail.objects.get(number=ran - 1)
    sql(
        f"DELETE FROM panel_trail WHERE number >= {ran}",
        f"UPDATE panel_trail_end SET number = {before.number}, hash = '{before.hash}'",
    )


def swap() -> None:
    """Put a line in the place of another."""
    sql(
        "UPDATE panel_trail SET number = 1000000 WHERE number = 1",
        "UPDATE panel_trail SET number = 1 WHERE number = 2",
        "UPDATE panel_trail SET number = 2 WHERE number = 1000000",
    )


def insert() -> None:
    """Put a line in at the end, with a hash of its own."""
    last = Trail.objects.order_by("-number")[0]
    line = Trail(number=last.number + 1, at=last.at, user=1, role="team_manager", act="ran", state_version=1, previous="f" * 64)  # fmt: skip
    line.hash = trail._hash(line)
    line.save(force_insert=True)


TAMPERINGS = {
    "a line says something else": (lambda: sql("UPDATE panel_trail SET subject = 'R99' WHERE number = 1"), "trail line 1"),
    "a line is of somebody else": (lambda: sql("UPDATE panel_trail SET \"user\" = 99 WHERE number = 1"), "trail line 1"),
    "a line and its hash": (lambda: rehash(1, "R99"), "trail line 2"),
    "a line is taken out": (lambda: sql("DELETE FROM panel_trail WHERE number = 2"), "trail line 3"),
    "a line is put in": (insert, "trail line"),
    "two lines change places": (swap, "trail line 1"),
    "the last line is taken out": (lambda: sql("DELETE FROM panel_trail WHERE number = (SELECT max(number) FROM panel_trail)"), "trail"),
    "the last lines, and the end mended": (cut_and_mend_the_end, "trail"),
    "the end": (lambda: TrailEnd.objects.update(hash="0" * 64), "trail"),
    "an entry of the history": (lambda: sql(f"UPDATE {ENTRIES} SET recorded_at = '2020-01-01T00:00:00Z' WHERE number = 1"), "entry 1"),
    "an entry is taken out": (lambda: sql(f"DELETE FROM {ENTRIES} WHERE number = 1"), "entry 1"),
    "a receipt": (lambda: sql(f"UPDATE {RECEIPTS} SET hash = 'x' WHERE number = 1"), "entry 1"),
    "a round.json": (lambda: sql(f"UPDATE {ENTRIES} SET document = CAST('{{}}' AS BLOB) WHERE kind = 'round'"), "entry"),
}  # fmt: skip


@pytest.mark.parametrize("kind", TAMPERINGS)
def test_tampering_is_named(changed, kind):
    assert list(record.breaches()) == []
    tamper, where = TAMPERINGS[kind]
    if connection.vendor == "postgresql" and kind == "a round.json":
        tamper = lambda: sql(f"UPDATE {ENTRIES} SET document = '{{}}'::bytea WHERE kind = 'round'")  # noqa: E731
    tamper()
    found = list(record.breaches())
    assert found
    assert any(each.where.startswith(where) for each in found), found


@pytest.mark.parametrize("table", guards.GUARDED)
def test_a_guard_that_was_taken_away_is_named(table):
    name = next(iter(guards.guards(connection.vendor, table)))
    on = f" ON {table}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}{on}")
    assert [each.where for each in record.breaches()] == [table]


@pytest.mark.parametrize("table", guards.GUARDED)
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET number = number + 1000"])
def test_the_database_itself_refuses(table, change):
    with pytest.raises(Error, match="append-only"), transaction.atomic(), connection.cursor() as cursor:  # fmt: skip
        cursor.execute(change.format(table))


def test_it_is_read_again_once_a_day_by_itself(client_of):
    assert [record.ask_daily(), record.ask_daily()] == [True, False]
    record.verify.func(0)
    lines = Trail.objects.filter(act__in=(record.ASKED, record.VERIFIED)).order_by("number")
    assert [line.user for line in lines] == [None, None]
    assert "It last held on" in client_of("administrator").get("/record/whole/").content.decode()
    assert client_of("administrator").get("/record/").status_code == 200


def test_the_page_says_when_it_last_held(client_of, user):
    client = client_of("administrator")
    assert "It was not read again yet" in client.get("/record/whole/").content.decode()
    assert client.post("/record/verify/").status_code == 302
    assert "It is being read" in client.get("/record/whole/").content.decode()
    record.verify.func(user("administrator").pk)
    assert "It last held on" in client.get("/record/whole/").content.decode()
    sql("UPDATE panel_trail SET subject = 'R99' WHERE number = 1")
    record.verify.func(user("administrator").pk)
    text = client.get("/record/whole/").content.decode()
    assert "It does not hold" in text
    assert "trail line 1" in text
    assert "It last held on" in text
    assert User.objects.count() == 6
