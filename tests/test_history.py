"""The history: nothing is lost, nothing is kept twice, and whatever is changed in it shows."""

from __future__ import annotations

import hashlib
import importlib
import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders import a_carer, a_household, a_request, one_pair, read_tables, write_tables
from matcher import cli
from matcher.errors import BreachFound, WrongInput
from matcher.history import folder, server
from matcher.history.entries import DECISION, KEPT, ROUND, canonical, following, hash_of
from matcher.history.recording import record_round
from matcher.history.store import open_store
from recorded import NOW, a_decision, a_round
from stores import Place, a_server, new_database

HERE = Path(__file__).parent
NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def address():
    with a_server() as found:
        yield found


@pytest.fixture(params=["folder", "server"])
def place(request, tmp_path) -> Place:
    """An empty place for a history: in a folder, and on a server."""
    if request.param == "folder":
        return Place(str(tmp_path / "history"))
    found = request.getfixturevalue("address")
    return Place(new_database(found, f"history_{os.getpid()}_{next(NUMBERS)}"))


def recorded(place: Place, rounds: int = 3) -> Place:
    """A history of some rounds, each with one decision more than the round before."""
    for number in range(1, rounds + 1):
        made = [a_decision(f"H{each}") for each in range(1, number + 1)]
        record_round(place.store, a_round(f"round {number}"), made, NOW)
    return place


def breaches(place: Place) -> list[str]:
    """Where verify finds something wrong."""
    return [breach.where for breach in found(place)]


def found(place: Place) -> list[Any]:
    try:
        with place.store.reading() as session:
            return session.breaches()
    except BreachFound as error:
        return [*error.breaches]


def altered(place: Place) -> set[str]:
    """The entries that verify names."""
    return {where for where in breaches(place) if where.startswith("entry")}


# --- What is recorded -------------------------------------------------------------------------


def test_a_round_and_its_decisions_are_appended(place):
    first = record_round(place.store, a_round(), [a_decision("H2"), a_decision("H1")], NOW)
    assert [each.number for each in first.added] == [1, 2, 3]
    assert [each.kind for each in first.added] == [DECISION, DECISION, ROUND]
    assert (first.is_new, first.decisions, first.round.number) == (True, 2, 3)
    assert [e.content["household_id"] for e in first.added[:2]] == ["H1", "H2"]
    content = first.round.content
    assert content["decisions"] == [1, 2]
    earlier = a_decision("H9", decided_on=date(2026, 11, 19))
    later = record_round(place.store, a_round("two"), [a_decision("H3"), earlier], NOW)
    assert [e.content["household_id"] for e in later.added[:2]] == ["H9", "H3"]  # by their days
    assert content["proposals"] == [
        {
            "request_id": "R1",
            "household_id": "H1",
            "fit": 80.0,
            "rank": 1,
            "starts_on": "2026-12-07",
            "pinned": False,
        }
    ]
    assert (content["input_sha256"], content["policy"]["name"]) == ("cd", "p")
    assert content["round_sha256"] == hashlib.sha256(a_round()).hexdigest()
    assert {each.recorded_at for each in first.added} == {"2026-11-23T16:05:00Z"}
    with place.store.reading() as session:
        assert session.entries() == [*first.added, *later.added]
        assert session.whole(first.round) == a_round()
        assert session.receipts().hashes == tuple(
            each.hash for each in (*first.added, *later.added)
        )
    assert found(place) == []


def test_the_hash_is_what_it_always_was():
    """Another hash for the same entry would call every history that exists a forgery."""
    first = following(None, DECISION, "2026-11-23T16:05:00Z", {"b": "é", "a": None})
    assert first.payload == '{"a":null,"b":"é"}'
    assert (
        first.hash
        == hashlib.sha256(
            b'["matcher.history/1", 1, "decision", "2026-11-23T16:05:00Z", '
            b'"{\\"a\\":null,\\"b\\":\\"\\u00e9\\"}", "' + b"0" * 64 + b'"]'
        ).hexdigest()
    )
    second = following(first, ROUND, "2026-11-23T16:05:00Z", {})
    assert (second.number, second.previous) == (2, first.hash)


def test_the_same_round_again_adds_nothing(place):
    first = record_round(place.store, a_round(), [a_decision()], NOW)
    record_round(place.store, a_round("two"), [a_decision()], NOW)
    again = record_round(place.store, a_round(), [a_decision()], NOW)
    assert (again.is_new, again.added, again.round) == (False, (), first.round)
    assert "entry 2. Nothing was added." in again.sentences("x")[0]
    with place.store.reading() as session:
        assert len(session.entries()) == 3
    more = record_round(place.store, a_round(), [a_decision(), a_decision("H9")], NOW)
    assert (more.is_new, more.decisions, more.added[0].number) == (False, 1, 4)
    assert "1 new decision" in more.sentences("x")[0]
    assert more.sentences("x")[1].endswith(more.added[0].receipt)


def test_a_decision_that_changed_is_another(place):
    record_round(place.store, a_round(), [a_decision()], NOW)
    same = record_round(place.store, a_round("two"), [a_decision(note="other words")], NOW)
    assert same.decisions == 0
    other = record_round(place.store, a_round("three"), [a_decision(reason="timing")], NOW)
    assert (other.decisions, other.round.content["decisions"]) == (1, [other.round.number - 1])


def test_no_note_is_kept(place):
    made = record_round(place.store, a_round(), [a_decision(note="NOTE-THAT-NAMES")], NOW)
    assert tuple(sorted(made.added[0].content)) == tuple(sorted(KEPT))
    with place.store.reading() as session:
        assert "NOTE-THAT-NAMES" not in repr(session.rows())


def test_every_decision_of_the_data_is_recorded(tmp_path):
    """Also one that a later day overtook, and one of a request that is closed."""
    row = {"household_id": "H1", "decided_on": "2026-11-20", "reason": "capacity"}
    tables = one_pair(
        decisions=[
            {"request_id": "R1", **row, "decision": "declined_by_carer"},
            {"request_id": "R1", **row, "decision": "rule_out", "decided_on": "2026-11-21"},
            {"request_id": "R2", **row, "decision": "declined_by_parent"},
        ]
    )
    tables["requests"].append(a_request("R2", status="closed"))
    inputs = read_tables(tmp_path, tables)
    latest = {pair: row.decision for pair, row in inputs.decisions.items()}
    assert latest == {("R1", "H1"): "rule_out", ("R2", "H1"): "declined_by_parent"}
    assert [row.request_id for row in inputs.families] == ["R1"]
    told = [(each.request_id, each.decision) for each in inputs.decision_log]
    assert told == [("R1", "declined_by_carer"), ("R1", "rule_out"), ("R2", "declined_by_parent")]


# --- What the database refuses ----------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE {0} SET payload = 'x' WHERE number = 1",
        "UPDATE {0} SET number = 99 WHERE number = 2",
        "DELETE FROM {0} WHERE number = 2",
        "DELETE FROM {0}",
        "INSERT INTO {0} SELECT * FROM {0} WHERE number = 1",
    ],
)
def test_the_database_refuses_changes(place, change):
    recorded(place, 1)
    with place.raw(guarded=True) as database, pytest.raises(Exception, match=r"append-only|unique"):
        database.execute(change.format(place.table))
    assert found(place) == []


def test_no_row_is_replaced_in_sqlite(tmp_path):
    place = recorded(Place(str(tmp_path / "h")), 1)
    with place.raw(guarded=True) as database, pytest.raises(Exception, match="append-only"):
        database.execute("INSERT OR REPLACE INTO entries SELECT * FROM entries WHERE number = 1")


def test_no_table_is_emptied_in_postgresql(address):
    place = recorded(Place(new_database(address, f"t_{os.getpid()}_{next(NUMBERS)}")), 1)
    for table in (server.TABLE, server.RECEIPTS):
        with place.raw(guarded=True) as database, pytest.raises(Exception, match="append-only"):
            database.execute(f"TRUNCATE {table}")


def test_a_guard_that_was_taken_away_is_told(place):
    recorded(place, 1)
    with place.raw():
        pass
    assert any("guard" in breach.problem for breach in found(place))
    with pytest.raises(BreachFound):
        record_round(place.store, a_round("next"), [], NOW)


# --- What verify finds ------------------------------------------------------------------------

COLUMNS = ("number", "kind", "recorded_at", "payload", "previous", "hash", "document")


def _other(value: Any, at: int, byte: int) -> Any:
    """The value with one of its bytes, or its number, changed."""
    if isinstance(value, int):
        return value + 50 + byte
    if isinstance(value, bytes):
        at %= len(value)
        return value[:at] + bytes([value[at] ^ (byte % 255 + 1)]) + value[at + 1 :]
    at %= len(value)
    new = chr(33 + byte % 90)
    return value[:at] + (new if new != value[at] else "~") + value[at + 1 :]


@pytest.fixture
def history(place) -> Place:
    """Three rounds and three decisions, and no guard: entries 2, 4 and 6 are rounds."""
    recorded(place, 3)
    with place.raw():
        pass
    assert altered(place) == set()
    return place


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    number=st.integers(1, 6),
    column=st.sampled_from(COLUMNS),
    at=st.integers(0, 10_000),
    byte=st.integers(0, 254),
)
def test_any_byte_that_is_altered_is_noticed(history, number, column, at, byte):
    select = f"SELECT {column} FROM {history.table} WHERE number = {history.mark}"
    change = f"UPDATE {history.table} SET {column} = {history.mark} WHERE number = {history.mark}"
    with history.raw() as database:
        value = database.execute(select, (number,)).fetchone()[0]
        if value is None:
            return
        new = _other(value, at, byte)
        assert new != value
        database.execute(change, (new, number))
        here = new if column == "number" else number
        named = altered(history)
        assert f"entry {number}" in named
        if column != "number":  # and only the one that follows it may be named besides
            assert named <= {f"entry {number}", f"entry {number + 1}"}
        database.execute(change, (value, here))
    assert altered(history) == set()


@pytest.mark.parametrize("value", [7, b"x", None, 1.5])
def test_a_value_of_another_kind_is_noticed(tmp_path, value):
    place = recorded(Place(str(tmp_path / "h")), 2)
    with place.raw() as database:
        try:
            database.execute("UPDATE entries SET payload = ? WHERE number = 2", (value,))
        except Exception:
            return  # the table itself refuses it
    assert "entry 2" in altered(place)


def test_text_that_is_no_text_is_noticed(tmp_path):
    place = recorded(Place(str(tmp_path / "h")), 2)
    with place.raw() as database:
        database.execute("UPDATE entries SET payload = CAST(x'ff00fe' AS TEXT) WHERE number = 2")
    assert altered(place) == {"entry 2"}


@pytest.mark.parametrize("gone", [(1,), (3,), (6,), (2, 5), (5, 6), (1, 2, 3, 4, 5, 6)])
def test_a_deletion_is_noticed(history, gone):
    with history.raw() as database:
        for number in gone:
            database.execute(f"DELETE FROM {history.table} WHERE number = {number}")
    named = {b.where for b in found(history) if "was deleted" in b.problem}
    assert named == {f"entry {number}" for number in gone}
    with pytest.raises(BreachFound):
        record_round(history.store, a_round("next"), [], NOW)


@pytest.mark.parametrize(("one", "other"), [(1, 2), (2, 4), (1, 6), (5, 6)])
def test_entries_that_change_places_are_noticed(history, one, other):
    move = f"UPDATE {history.table} SET number = {{}} WHERE number = {{}}"
    with history.raw() as database:
        for to, start in ((99, one), (one, other), (other, 99)):
            database.execute(move.format(to, start))
    told = {b.where: b.problem for b in found(history) if "recorded as" in b.problem}
    assert f"recorded as entry {other}" in told[f"entry {one}"]
    assert f"recorded as entry {one}" in told[f"entry {other}"]


def test_the_contents_of_two_rows_changing_places_are_noticed(history):
    columns = ", ".join(COLUMNS[1:])
    with history.raw() as database:
        rows = database.execute(
            f"SELECT {columns} FROM {history.table} WHERE number IN (2, 4) ORDER BY number"
        ).fetchall()
        set_all = ", ".join(f"{column} = {history.mark}" for column in COLUMNS[1:])
        for number, row in ((2, ["x", *rows[1][1:4], "y", None]), (4, rows[0]), (2, rows[1])):
            database.execute(
                f"UPDATE {history.table} SET {set_all} WHERE number = {number}", [*row]
            )
    assert {"entry 2", "entry 4"} <= altered(history)


def _rewritten(place: Place, change: dict[int, dict[str, Any]], keep: int = 6) -> None:
    """Write the chain anew, with sound hashes, as somebody would who knows how."""
    with place.store.reading() as session:
        old = session.entries()
        files = {each.number: session.document(each.number) for each in old}
    with place.raw() as database:
        database.execute(f"DELETE FROM {place.table}")
        last = None
        for each in old[:keep]:
            content = each.content | change.get(each.number, {})
            last = following(last, each.kind, each.recorded_at, content)
            values = (*(getattr(last, name) for name in COLUMNS[:-1]), files[each.number])
            marks = ", ".join([place.mark] * 7)
            database.execute(f"INSERT INTO {place.table} ({', '.join(COLUMNS)}) VALUES ({marks})", values)  # fmt: skip


def test_a_chain_that_was_written_anew_is_noticed(place):
    recorded(place, 3)
    _rewritten(place, {3: {"decided_by": "nobody"}})
    told = {b.where for b in found(place) if place.receipts in b.problem}
    assert told == {"entry 3", "entry 4", "entry 5", "entry 6"}  # and not 1 and 2


def test_a_forged_entry_with_a_forged_receipt_breaks_the_chain(place):
    recorded(place, 3)
    with place.store.reading() as session:
        entries = session.entries()
    content = entries[2].content | {"decided_by": "nobody"}
    forged = following(entries[1], DECISION, NOW.isoformat(), content)
    values = (forged.recorded_at, forged.payload, forged.hash)
    with place.raw() as database:
        database.execute(
            f"UPDATE {place.table} SET recorded_at = {place.mark}, payload = {place.mark}, "
            f"hash = {place.mark} WHERE number = 3",
            values,
        )
        if place.in_folder:
            text = _lines(place).read_text().replace(entries[2].hash, forged.hash)
            _lines(place).write_text(text)
        else:
            database.execute(f"UPDATE {server.RECEIPTS} SET hash = %s WHERE number = 3", [forged.hash])  # fmt: skip
    told = [b for b in found(place) if b.where.startswith("entry")]
    assert [(b.where, b.problem.partition(":")[0]) for b in told] == [
        ("entry 4", "does not follow entry 3")
    ]


@pytest.mark.parametrize("with_document", [False, True], ids=["entry", "entry and round.json"])
def test_the_newest_recording_can_not_be_rewritten_without_its_receipt(place, with_document):
    """A killed process leaves no entry of which no line tells, so one without a receipt was put there."""
    recorded(place, 3)
    with place.store.reading() as session:
        entries = session.entries()
        document = session.document(6)
    content = dict(entries[5].content)
    if with_document:
        document = document.replace(b"H1", b"H9")
        content["round_sha256"] = hashlib.sha256(document).hexdigest()
    content["proposals"] = [{**each, "household_id": "H9"} for each in content["proposals"]]
    forged = following(entries[4], ROUND, entries[5].recorded_at, content)
    with place.raw() as database:
        database.execute(
            f"UPDATE {place.table} SET payload = {place.mark}, hash = {place.mark}, "
            f"document = {place.mark} WHERE number = 6",
            (forged.payload, forged.hash, document),
        )
        if not place.in_folder:
            database.execute(f"DELETE FROM {server.RECEIPTS} WHERE number = 6")
    if place.in_folder:
        lines = _lines(place).read_text().splitlines(keepends=True)
        _lines(place).write_text("".join(lines[:-1]))
    told = [b.problem for b in found(place) if b.where == "entry 6"]
    assert (
        f"has no receipt in {place.receipts}: receipts were taken away, or it was inserted." in told
    )


def test_a_run_records_what_it_made_and_not_what_lies_in_its_folder_by_then(
    weeks, place, said, monkeypatch
):
    """Another run may write into the same folder before this one records."""
    module = importlib.import_module("matcher.cli.commands.round")
    real, made = module.write_report, []

    def overtaken(*given: Any, **more: Any) -> Any:
        written = real(*given, **more)
        made.append(written["round.json"].read_bytes())
        written["round.json"].write_bytes(made[0].replace(b"2026-", b"2036-"))
        return written

    monkeypatch.setattr(module, "write_report", overtaken)
    status, out, _ = said("round", weeks[0], "--no-report", "--json", "--record", place.where)
    assert (status, out) == (0, made[0].decode())
    with place.store.reading() as session:
        entry = session.entries()[-1]
        assert session.whole(entry) == made[0]


def appended(place: Place, kind: str, payload: str, document: bytes | None = None) -> None:
    """An entry with a sound hash and a receipt, as somebody would append who knows how."""
    with place.store.reading() as session:
        last = session.entries()[-1]
    number, at = last.number + 1, last.recorded_at
    made = hash_of(number, kind, at, payload, last.hash)
    with place.raw() as database:
        marks = ", ".join([place.mark] * 7)
        values = (number, kind, at, payload, last.hash, made, document)
        database.execute(
            f"INSERT INTO {place.table} ({', '.join(COLUMNS)}) VALUES ({marks})", values
        )
        if not place.in_folder:
            database.execute(f"INSERT INTO {server.RECEIPTS} VALUES (%s, %s)", (number, made))
    if place.in_folder:
        with _lines(place).open("a") as file:
            file.write(f"{number} {made}\n")


@pytest.mark.parametrize(
    ("kind", "payload", "problem"),
    [
        ("minute", "{}", "is of a kind that this release does not know: 'minute'."),
        (DECISION, "{}", "does not say what a decision says."),
        (DECISION, "null", "does not say what a decision says."),
        (DECISION, "no JSON", "does not say what a decision says."),
        (DECISION, "[1]", "does not say what a decision says."),
        (ROUND, "{}", "does not say what a round says."),
        (ROUND, "null", "does not say what a round says."),
        (ROUND, '{"as_of": "today"}', "does not say what a round says."),
        (ROUND, "[" * 100_000, "does not say what a round says."),
    ],
    ids=lambda value: str(value)[:20],
)
def test_an_entry_of_which_nothing_can_be_read_is_named(tmp_path, said, kind, payload, problem):
    place = recorded(Place(str(tmp_path / "history")), 1)
    appended(place, kind, payload)
    for command in (["verify"], ["list"], ["show", "last"], ["compare"]):
        status, out, err = said("history", *command, "--store", place.where)
        assert (status, out) == (3, "")
        assert f"entry 3: {problem}" in err.splitlines()


def test_an_entry_that_says_other_than_its_round_is_named(tmp_path):
    place = recorded(Place(str(tmp_path / "history")), 2)
    with place.store.reading() as session:
        entries = session.entries()
        document = session.document(4)
    other = entries[3].content | {"title": "another"}
    appended(place, ROUND, canonical(other), document)
    told = [(b.where, b.problem) for b in found(place) if b.where.startswith("entry")]
    assert told == [("entry 5", "what it says is not what its round.json says.")]


def test_a_round_that_names_a_decision_after_it_is_named(tmp_path):
    place = recorded(Place(str(tmp_path / "history")), 1)
    with place.store.reading() as session:
        entry = session.entries()[-1]
    appended(place, ROUND, canonical(entry.content | {"decisions": [7]}))
    assert "names a decision that was not recorded before it." in [b.problem for b in found(place)]


def test_an_end_that_was_cut_off_is_noticed_by_the_receipts(place):
    recorded(place, 3)
    with place.raw() as database:
        database.execute(f"DELETE FROM {place.table} WHERE number > 4")
    assert altered(place) == {"entry 5", "entry 6"}


def test_only_a_receipt_kept_elsewhere_shows_that_all_was_written_anew(place, said):
    recorded(place, 3)
    with place.store.reading() as session:
        kept = session.entries()[-1].receipt
    assert said("history", "verify", "--store", place.where, "--receipt", kept)[0] == 0
    _rewritten(place, {3: {"decided_by": "nobody"}})
    with place.raw() as database:
        new = database.execute(f"SELECT number, hash FROM {place.table} ORDER BY number").fetchall()
        if place.in_folder:
            lines = "".join(f"{number} {name}\n" for number, name in new)
            (Path(place.where) / folder.RECEIPTS).write_text(lines)
            for guard in folder.GUARDS.values():
                database.execute(guard)
        else:
            database.execute(f"DELETE FROM {server.RECEIPTS}")
            for row in new:
                database.execute(f"INSERT INTO {server.RECEIPTS} VALUES (%s, %s)", row)
            for line in server._MAKE.split(";\n"):
                if "CREATE TRIGGER" in line:
                    database.execute(line)
    assert said("history", "verify", "--store", place.where)[0] == 0
    status, out, err = said("history", "verify", "--store", place.where, "--receipt", kept)
    assert (status, out) == (3, "")
    assert err.startswith("entry 6: is not the entry of the receipt 6:")
    short = said("history", "verify", "--store", place.where, "--receipt", f"9:{'a' * 12}")
    assert (short[0], short[2]) == (3, f"entry 9: was deleted: there is a receipt of it, 9:{'a' * 12}.\n")  # fmt: skip


def _lines(place: Place) -> Path:
    return Path(place.where) / folder.RECEIPTS


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("3 ", "4 ", 1),
        lambda text: text.replace("3 ", "3  ", 1),
        lambda text: "".join(text.splitlines(keepends=True)[1:]),
        lambda text: text[:70] + ("0" if text[70] != "0" else "1") + text[71:],
        lambda text: text + "7 " + "a" * 64 + "\n",
        lambda text: text + "words\n",
        lambda text: "".join(text.splitlines(keepends=True)[:2]),
        lambda text: "",
    ],
)
def test_receipts_that_were_altered_are_noticed(tmp_path, change):
    place = recorded(Place(str(tmp_path / "h")), 3)
    _lines(place).write_text(change(_lines(place).read_text()))
    assert breaches(place)
    with pytest.raises(BreachFound):
        record_round(place.store, a_round("next"), [], NOW)


def test_a_database_that_is_gone_is_noticed(tmp_path):
    place = recorded(Place(str(tmp_path / "h")), 1)
    (Path(place.where) / folder.DATABASE).unlink()
    for doing in (lambda: found(place), lambda: record_round(place.store, a_round(), [], NOW)):
        try:
            told = doing()
        except BreachFound as error:
            told = error.breaches
        assert "gone" in told[0].problem
    (Path(place.where) / folder.DATABASE).write_bytes(b"no database at all, but text" * 99)
    assert "can't be read" in found(place)[0].problem


def test_a_table_that_is_gone_is_noticed(address):
    for table in (server.TABLE, server.RECEIPTS):
        place = recorded(Place(new_database(address, f"g_{os.getpid()}_{next(NUMBERS)}")), 1)
        with place.raw() as database:
            database.execute(f"DROP TABLE {table}")
        assert breaches(place) == [table]


# --- Two at once, and killed ------------------------------------------------------------------

CHILD = """
import json, os, random, signal, sys
sys.path.insert(0, {here!r})
from recorded import NOW, a_decision, a_round
from matcher.history import folder
from matcher.history.recording import record_round
from matcher.history.store import Session, open_store
store = open_store({where!r})
{body}
"""


def child(place: Place, body: str) -> subprocess.Popen[bytes]:
    """Another process, which records into the place."""
    code = CHILD.format(here=str(HERE), where=place.where, body=body)
    return subprocess.Popen([sys.executable, "-c", code], cwd=HERE.parent)


def test_several_at_once_lose_nothing(place):
    body = """
for at in range(8):
    home = f"{name}-{{at}}"
    record_round(store, a_round(home), [a_decision(home), a_decision("shared")], NOW)
"""
    running = [
        child(place, body.replace("{name}", name).replace("{{at}}", "{at}")) for name in "abc"
    ]
    assert [each.wait(120) for each in running] == [0, 0, 0]
    with place.store.reading() as session:
        entries = session.entries()
    titles = {each.content["title"] for each in entries if each.kind == ROUND}
    assert titles == {f"{name}-{at}" for name in "abc" for at in range(8)}
    assert len(entries) == 24 + 24 + 1  # rounds, decisions, and the one that they share
    assert found(place) == []


KILL = "os.kill(os.getpid(), signal.SIGKILL)"
KILLED_IN = {
    "before the first row": f"Session.add = lambda *_: {KILL}",
    "after the first row": f"""
add = Session.add
def one(self, entry, document):
    add(self, entry, document)
    {KILL}
Session.add = one""",
    "before the commit": f"""
add = Session.add
def all_of(self, entry, document):
    add(self, entry, document)
    if document: {KILL}
Session.add = all_of""",
    "before the receipts": f"""
settle, calls = folder.FolderStore._settle, []
def late(self, database):
    calls.append(1)
    if len(calls) == 2: {KILL}
    settle(self, database)
folder.FolderStore._settle = late""",
    "in the receipts": f"""
settle, calls = folder.FolderStore._settle, []
def half(self, database):
    calls.append(1)
    if len(calls) == 2:
        with (self.folder / folder.RECEIPTS).open("ab") as file:
            file.write(b"1 0123456789abcdef")
        {KILL}
    settle(self, database)
folder.FolderStore._settle = half""",
}


needs_kill = pytest.mark.skipif(
    not hasattr(signal, "SIGKILL"), reason="This system has no kill -9."
)


@needs_kill
@pytest.mark.parametrize("moment", [each for each in KILLED_IN if "receipts" not in each])
@pytest.mark.parametrize("before", [0, 2])
def test_a_killed_process_leaves_a_history_that_goes_on(place, moment, before):
    killed(place, moment, before)
    with place.store.reading() as session:
        titles = [e.content["title"] for e in session.entries() if e.kind == ROUND]
    assert titles == [*(f"round {each + 1}" for each in range(before)), "next"]


@needs_kill
def test_a_killed_round_is_recorded_the_next_time(weeks, place, said):
    assert said("round", weeks[0], "--no-report", "--record", place.where)[0] == 0
    options = [str(weeks[1]), "--no-report", "--record", place.where]
    body = f"{KILLED_IN['after the first row']}\nfrom matcher import cli\ncli.run({['round', *options]!r})"  # fmt: skip
    assert child(place, body).wait(60) == -signal.SIGKILL
    assert said("history", "verify", "--store", place.where)[0] == 0
    assert said("round", *options)[0] == 0
    listed = json.loads(said("history", "--store", place.where, "--json")[1])
    assert [each["number"] for each in listed["rounds"]] == [1, 3]


@needs_kill
@pytest.mark.parametrize("moment", [each for each in KILLED_IN if "receipts" in each])
def test_what_was_committed_before_the_kill_is_recorded(tmp_path, moment):
    place = Place(str(tmp_path / "history"))
    killed(place, moment, 1)
    with place.store.reading() as session:
        entries = session.entries()
        assert session.receipts().hashes == tuple(each.hash for each in entries)
    titles = [each.content["title"] for each in entries if each.kind == ROUND]
    assert titles == ["round 1", "a", "b", "next"]


def killed(place: Place, moment: str, before: int) -> None:
    """Record, kill two processes in a moment of their recording, and record again."""
    recorded(place, before)
    body = f"{KILLED_IN[moment]}\nrecord_round(store, a_round('TITLE'), [a_decision('TITLE'), a_decision('K')], NOW)"  # fmt: skip
    for title in ("a", "b"):  # twice, so that what the first left is not yet mended
        assert child(place, body.replace("TITLE", title)).wait(60) == -signal.SIGKILL
        if place.in_folder or before:
            assert found(place) == []
    assert record_round(place.store, a_round("next"), [a_decision("K")], NOW).is_new
    assert found(place) == []


@needs_kill
def test_a_process_killed_at_any_time_leaves_a_history_that_goes_on(place):
    recorded(place, 1)
    chance = random.Random(7)
    body = """
for at in range(10_000):
    title = f"{os.getpid()}-{at}"
    record_round(store, a_round(title), [a_decision(title)], NOW)
    print("done", flush=True)
"""
    for _ in range(4):
        running = child(place, body)
        with place.store.reading() as session:
            held = len(session.rows())
        for _ in range(600):  # until it records, and then for a moment
            time.sleep(0.05)
            with place.store.reading() as session:
                if len(session.rows()) > held:
                    break
        time.sleep(chance.random() * 0.1)
        running.kill()
        assert running.wait(60) == -signal.SIGKILL
        assert found(place) == []
    assert record_round(place.store, a_round("after"), [], NOW).is_new
    assert found(place) == []


# --- The command line -------------------------------------------------------------------------


@pytest.fixture
def said(capsys):
    """Run a command: (exit status, standard output, standard error)."""

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        capsys.readouterr()
        status = cli.run([str(each) for each in arguments])
        return status, *capsys.readouterr()

    return run


@pytest.fixture
def weeks(tmp_path, monkeypatch) -> list[Path]:
    """The data of two weeks: in the second, the carers of the family's household declined."""
    monkeypatch.chdir(tmp_path)
    tables = one_pair(a_request(home_postcode="NW5"))
    tables["households"] = [a_household("H1"), a_household("H2", postcode="E8")]
    tables["carers"] = [a_carer("H1"), a_carer("H2")]
    title = 'title = "Weekly round"\n'
    first = write_tables(tmp_path / "w1", tables, f"as_of = 2026-11-23\n{title}")
    decline = {"request_id": "R1", "household_id": "H1", "decision": "declined_by_carer", "decided_on": "2026-11-25", "reason": "capacity", "note": "NOTE", "decided_by": "supervising social worker"}  # fmt: skip
    second = write_tables(
        tmp_path / "w2", tables | {"decisions": [decline]}, f"as_of = 2026-11-30\n{title}"
    )
    return [first, second]


def test_record_list_show_compare_and_verify(weeks, place, said):
    store = ("--store", place.where)
    status, out, err = said("round", weeks[0], "--no-report", "--record", place.where)
    assert status == 0
    last = out.splitlines()[-2:]
    assert last[0] == f"Recorded in {place.store.name}: the round is entry 1."
    assert last[1].startswith("Receipt, to keep elsewhere: 1:")
    status, out, err = said("round", weeks[0], "--no-report", "--record", place.where)
    assert out.splitlines()[-1].endswith("this very round is entry 1. Nothing was added.")
    assert said("history", "compare", *store)[0] == 2
    status, out, err = said("round", weeks[1], "--no-report", "--record", place.where, "--json")
    assert json.loads(out)["schema"] == "matcher.round/2"
    assert "the round is entry 3. 1 new decision with it." in err

    listed = said("history", *store)
    assert listed == said("history", "list", *store)
    assert listed[0] == 0
    assert "2 rounds, 1 decision." in listed[1]
    assert "Weekly round; policy camden-parent-and-child 1, at its defaults." in listed[1]
    record = json.loads(said("history", *store, "--json")[1])
    assert [each["number"] for each in record["rounds"]] == [1, 3]
    assert record["receipt"].startswith("3:")
    assert json.loads(said("history", "--json", *store, "list")[1]) == record

    status, out, err = said("history", "show", "3", *store, "--out", "kept")
    assert (status, err) == (0, f"Written: {Path('kept/round-3.json')}\n")
    assert "R1       → H2" in out
    assert "the carers of H1 declined on 25 November 2026 (capacity)" in out
    assert "NOTE" not in out
    assert Path("kept/history-3.txt").read_text("utf-8") == out
    assert said("verify", weeks[1], "kept/round-3.json")[0] == 0
    assert "the carers of H1 declined" in said("history", "show", "2", *store)[1]
    shown = json.loads(said("history", "show", "last", *store, "--json")[1])
    assert (shown["number"], shown["decisions"][0]["number"]) == (3, 2)
    assert shown["round"]["requests"][0]["proposal"]["household_id"] == "H2"
    assert "NW5" not in json.dumps(shown)
    assert "mile" not in json.dumps(shown)

    status, out, err = said("history", "compare", *store)
    assert (status, err) == (0, "")
    assert out.startswith("Weekly round: 23 November 2026 (entry 1) → 30 November 2026 (entry 3)")
    assert "The carers of H1 declined on 25 November 2026 (capacity)." in out
    assert out == said("history", "compare", "3", "1", *store)[1]  # the earlier one is before
    record = json.loads(said("history", "compare", *store, "--json")[1])
    assert record["families"][0]["reasons"][0]["kind"] == "decision"

    status, out, err = said("history", "verify", *store)
    assert (status, err) == (0, "")
    assert out.startswith("Verified: 2 rounds and 1 decision;")


def test_verify_says_what_was_changed_and_by_status_3(weeks, place, said):
    said("round", weeks[0], "--no-report", "--record", place.where)
    with place.raw() as database:
        database.execute(f"UPDATE {place.table} SET recorded_at = '2025-01-01T00:00:00Z'")
    status, out, err = said("history", "verify", "--store", place.where)
    assert (status, out) == (3, "")
    assert "entry 1: was altered: what it says does not give its hash." in err
    status, out, err = said("history", "verify", "--store", place.where, "--json")
    assert (status, err, json.loads(out)["breaches"][0]["where"]) == (3, "", "entry 1")
    for command in ("list", "show last", "compare"):
        assert said("history", *command.split(), "--store", place.where)[0] == 3
    status, out, err = said("round", weeks[1], "--no-report", "--record", place.where, "--out", "o")
    assert (status, out) == (3, "")
    assert "The files of the round are in o, but it is not recorded." in err
    assert Path("o/round.json").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "9"), "There is no such entry. Rounds are entries 1 and 3."),
        (("show", "x"), "There is no such entry."),
        (("compare", "1", "2"), "This is a decision, not a round. Rounds are entries 1 and 3."),
        (("compare", "last", "last"), "This is the same round twice."),
        (("verify", "--receipt", "1"), "This is not a receipt."),
        (("verify", "--receipt", "1:abc"), "at least 12 digits"),
    ],
)
def test_what_names_no_entry_is_wrong_input(weeks, said, arguments, words):
    for week in weeks:
        said("round", week, "--no-report", "--record", "history")
    status, out, err = said("history", *arguments)
    assert (status, out) == (2, "")
    assert words in err


def test_a_place_without_a_history(tmp_path, monkeypatch, said, weeks):
    for command in ("list", "show last", "compare", "verify"):
        status, out, err = said("history", *command.split(), "--store", "none")
        assert (status, out) == (2, "")
        assert "There is no history here." in err
    assert not Path("none").exists()
    Path("file").write_text("x")
    for where, words in (
        ("file", "This is a file"),
        ("mysql://x:secret@y/z", "No history can be kept there."),
        ("postgresql://u:12/secret@127.0.0.1/none", "This is no address of a database."),
        ("postgresql://u:se/secret@127.0.0.1/none", "This is no address of a database."),
        ("postgresql://u:secret@127.0.0.1:1/none", "postgresql://127.0.0.1:1/none"),
    ):
        status, out, err = said("round", weeks[0], "--no-report", "--out", "o", "--record", where)
        assert (status, out) == (2, "")
        assert words in err
        assert "secret" not in err
    assert "not recorded" in err


def test_a_server_without_its_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(WrongInput, match=r"pip install 'carer-matcher\[postgres\]'"):
        open_store("postgresql://host/base")


def test_a_folder_that_is_held_by_another_says_so(tmp_path, monkeypatch, said, weeks):
    monkeypatch.setattr(folder, "WAIT_SECONDS", 0)
    place = recorded(Place("history"), 1)
    with place.raw(guarded=True) as database:
        database.execute("BEGIN IMMEDIATE")
        status, out, err = said("round", weeks[0], "--no-report", "--record", "history")
    assert (status, out) == (1, "")
    assert "Others have held the history" in err
    assert "not recorded" in err


def test_a_real_round_is_kept_byte_for_byte(tmp_path, said, weeks):
    assert said("round", weeks[0], "--no-report", "--out", "o", "--record", "history")[0] == 0
    assert said("history", "show", "last", "--out", "kept", "--quiet")[0] == 0
    assert Path("kept/round-1.json").read_bytes() == Path("o/round.json").read_bytes()


# --- A round of the schema before -------------------------------------------------------------

SCHEMA_1 = HERE / "schema_1" / "round.json"  # the tutorial sample, as release 0.1.0 wrote it
TUTORIAL = HERE.parent / "data" / "samples" / "tutorial"


@pytest.fixture
def of_both_schemas(tmp_path, monkeypatch) -> None:
    """A history that began with release 0.1.0 and goes on today, with the same data."""
    monkeypatch.chdir(tmp_path)
    record_round(open_store("history"), SCHEMA_1.read_bytes(), [], NOW)
    assert cli.run(["round", str(TUTORIAL), "--no-report", "--record", "history", "--quiet"]) == 0


def test_rounds_of_both_schemas_stand_in_one_history(of_both_schemas, said):
    listed = json.loads(said("history", "--json")[1])["rounds"]
    assert [(each["number"], each["proposed"]) for each in listed] == [(1, 4), (2, 4)]
    assert said("history", "verify")[1].startswith("Verified: 2 rounds and no decisions;")


def test_a_round_of_each_schema_is_shown_alike(of_both_schemas, said):
    first, second = (json.loads(said("history", "show", n, "--json")[1])["round"] for n in "12")
    assert [each["text"] for each in first["requests"]] == [
        each["text"] for each in second["requests"]
    ]
    for number in "12":
        status, out, err = said("history", "show", number, "--out", "kept")
        assert (status, err) == (0, f"Written: {Path(f'kept/round-{number}.json')}\n")
        assert "R1       → H5       fit  62.70  start 27 November 2026" in out
    assert Path("kept/round-1.json").read_bytes() == SCHEMA_1.read_bytes()
    assert said("verify", TUTORIAL, "kept/round-2.json")[0] == 0
    status, out, err = said("verify", TUTORIAL, "kept/round-1.json")
    assert (status, out) == (2, "")
    assert "which this release reads but cannot prove" in err


def test_rounds_of_both_schemas_compare(of_both_schemas, said):
    found = json.loads(said("history", "compare", "--json")[1])
    assert (found["families"], found["unchanged"]) == ([], ["R1", "R2", "R3", "R4"])
    assert len(found["aims"]) == 6
    assert all(each["before"] == each["after"] for each in found["aims"])


def test_a_family_that_moved_since_the_schema_before_has_its_reason(of_both_schemas, said):
    """Each side's sentences: what its own release wrote, and what this one makes of the facts."""
    later = Path("later")
    shutil.copytree(TUTORIAL, later)
    row = later / "decisions.csv"
    row.write_text(
        "request_id,household_id,decision,decided_on,reason\n"
        "R1,H5,declined_by_carer,2026-11-23,capacity\n"
    )
    assert said("round", later, "--no-report", "--record", "history")[0] == 0
    (moved, *_) = json.loads(said("history", "compare", "1", "last", "--json")[1])["families"]
    assert (moved["request_id"], moved["before"]["household_id"]) == ("R1", "H5")
    assert moved["reasons"][0]["kind"] == "decision"
    text = said("history", "compare", "1", "last")[1]
    assert "The carers of H5 declined on 23 November 2026 (capacity)." in text
