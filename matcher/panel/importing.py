"""Tables of a file into the panel: what is wrong, what would change row by row, and the change.

Rows are held against those of the panel by their ids, so that a row that changes stays the same row.
What a file has no table or no column for stays as it is.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from matcher import rounds
from matcher.enter import filled, take
from matcher.enter.mends import mends_of, with_mends
from matcher.errors import Fault, WrongInput, wrong_file
from matcher.intake import existing, located
from matcher.intake.files import Findings, Sheet, read_tables
from matcher.intake.rows import REQUIRED_TABLES, TABLES
from matcher.intake.settings import RoundSettings, read_settings
from matcher.loading import load_sheets
from matcher.panel import trail, world
from matcher.panel.models import State
from matcher.panel.tables import FIRST_NUMBER, IDS, MODELS, TableRow, counting, standing
from matcher.panel.taking import rows_of
from matcher.panel.uploads import THE_FILE
from matcher.panel.work import Change
from matcher.report.marked import marked
from matcher.sizes import MOST_UPLOADED_ROWS
from matcher.words import label, upper_first

KEYS = {  # by which a row of a file is the same row as one of the panel
    "requests": ("request_id",),
    "households": ("household_id",),
    "carers": ("carer_id",),
    "relationships": ("request_id", "household_id", "kind"),
    "risk_assessments": ("request_id", "household_id", "assessed_on"),
    "decisions": ("request_id", "household_id", "decided_on"),
    "keep_apart": ("request_id", "other_request_id"),
    "placements": ("request_id", "household_id", "started_on"),
    "events": ("request_id", "household_id", "event", "on"),
    "steps": ("request_id", "household_id", "event", "on"),
}
ADDED, CHANGED, GONE = "added", "changed", "no longer there"
ACTS = {ADDED: "added", CHANGED: "changed", GONE: "withdrew"}
SETTINGS = ("title", "authority")


@dataclass(frozen=True)
class TablesFile:
    """The tables of a file as they were read: text, with the faults of the file itself."""

    name: str
    sha256: str
    sheets: dict[str, Sheet]
    settings: RoundSettings
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]

    def as_json(self) -> dict[str, Any]:
        """It as a draft holds it."""
        said = asdict(self.settings) | {"warnings": []}
        return {
            "kind": "tables",
            "name": self.name,
            "sha256": self.sha256,
            "sheets": [
                {
                    "name": s.name,
                    "numbers": s.numbers,
                    "cells": s.cells,
                    "places": dict(s.places),
                    "heading": s.heading,
                    "unread": sorted(s.unread),
                }
                for s in self.sheets.values()
            ],
            "settings": said | {"as_of": said["as_of"] and said["as_of"].isoformat()},
            "faults": [asdict(fault) for fault in self.faults],
            "warnings": [asdict(fault) for fault in self.warnings],
        }

    @classmethod
    def of_json(cls, found: Mapping[str, Any]) -> TablesFile:
        """It of a draft."""
        sheets = {
            each["name"]: Sheet(
                each["name"],
                tuple(each["numbers"]),
                each["cells"],
                each["places"],
                each["heading"],
                {(number, column) for number, column in each["unread"]},
            )
            for each in found["sheets"]
        }
        said = dict(found["settings"])
        day = said.pop("as_of")
        said["warnings"] = ()
        settings = RoundSettings(as_of=day and date.fromisoformat(day), **said)
        faults, warnings = (tuple(Fault(**f) for f in found[k]) for k in ("faults", "warnings"))
        return cls(found["name"], found["sha256"], sheets, settings, faults, warnings)


@dataclass(frozen=True)
class RowChange:
    """What happens to one row: the cells that change, from what to what."""

    table: str
    kind: str
    subject: str
    cells: dict[str, tuple[str, str]]
    row: TableRow | None = None
    new: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """What an import would change, table by table, and what stays."""

    changes: dict[str, list[RowChange]]
    settings: dict[str, tuple[str, str]]
    kept_tables: list[str]  # that the file doesn't have, and that hold rows
    kept_columns: dict[str, list[str]]  # that a table of the file doesn't have
    absent: dict[str, list[str]]
    policy: dict[str, Any] | None  # of the file, where the panel holds nothing yet
    policy_is_left: bool  # the file has settings of the policy that are not taken

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        return not any(self.changes.values()) and not self.settings and self.policy is None


def is_form(path: Any) -> bool:
    """Whether a file is a filled-in matches.xlsx or calendar.xlsx, and not tables."""
    return filled.is_form(path)


def read(path: Any, name: str, raw_sha256: str) -> TablesFile:
    """The tables of a file; WrongInput where it can't be opened or holds none."""
    if path.is_file() and path.suffix == ".csv":
        problem, fix = "No table has its name.", "Name it as its table: requests.csv, households.csv, carers.csv."  # fmt: skip
        raise WrongInput([wrong_file(THE_FILE, problem, fix)])
    findings = Findings([], [])
    settings = read_settings(existing(path), findings.faults)
    needed = () if any(MODELS[table].objects.exists() for table in REQUIRED_TABLES) else REQUIRED_TABLES  # fmt: skip
    sheets = read_tables(path, findings, needed)
    if not sheets:
        problem, fix = "It has no sheet that is named as a table.", "Name sheets as the template does: requests, households, carers."  # fmt: skip
        raise WrongInput(findings.faults or [wrong_file(THE_FILE, problem, fix)], findings.warnings)
    for sheet in sheets.values():
        if len(sheet.numbers) > MOST_UPLOADED_ROWS:
            problem = (
                f"{upper_first(label(sheet.name))} have more than {MOST_UPLOADED_ROWS:,} rows."
            )
            raise WrongInput([wrong_file(THE_FILE, problem, "Keep only what this round needs in it.")])  # fmt: skip
    warnings = [*settings.warnings, *findings.warnings]
    return TablesFile(name, raw_sha256, sheets, settings, tuple(findings.faults), tuple(warnings))


def faults_of(file: TablesFile, state: State) -> tuple[list[Fault], list[Fault]]:
    """What is wrong with the file's tables together with those that stay, and what is asked."""
    stay = world.sheets(world.tables(), state.absent)
    together = {name: sheet for name, sheet in stay.items() if sheet.numbers} | file.sheets
    # What is read last of several that are missing is named by the file itself.
    findings = Findings([*file.faults], [*file.warnings])
    settings = RoundSettings(policy=_policy(file, state)[0] or state.policy)
    try:
        inputs, policy = load_sheets(together, settings, world.today(state), None, findings)
        asked = [*inputs.warnings, *rounds.prepare(inputs, policy).held.warnings]
        return [], [_told(each, file, together) for each in asked]
    except WrongInput as error:
        return (
            [_told(each, file, together) for each in error.faults],
            [_told(each, file, together) for each in error.warnings],
        )


def _told(fault: Fault, file: TablesFile, sheets: Mapping[str, Sheet]) -> Fault:
    """A fault with its place in the file; of a row that is in the panel alone, with its ids."""
    (told,) = located([fault], sheets)
    return told if told.table in file.sheets else replace(told, place=None, row=None)


def mended(file: TablesFile, faults: Iterable[Fault]) -> TablesFile:
    """The file with every cell mended of these faults that can mean one thing alone."""
    return replace(file, sheets=with_mends(file.sheets, mends_of(file.sheets, faults)))


def marked_workbook(file: TablesFile, faults: Iterable[Fault], warnings: Iterable[Fault]) -> bytes:
    """The file's tables as the template has them, with every faulty cell marked."""
    said = file.settings
    settings: dict[str, Any] = {"as_of": said.as_of, "title": said.title}
    settings |= {"authority": said.authority, "policy": said.policy}
    return marked(file.sheets, {k: v for k, v in settings.items() if v}, faults, warnings)


# --- What would change


def plan(file: TablesFile, state: State) -> Plan:
    """What the file would change of what the panel holds; WrongInput where a cell can't be read."""
    rows = rows_of(file.sheets)
    changes = {}
    kept_columns = {}
    for table, found in rows.items():
        columns = list(file.sheets[table].cells)
        here = standing(table)
        changes[table] = list(_changes(table, here, found, columns))
        left = [c for c in MODELS[table]().cells() if c not in columns]
        if here and any(getattr(row, c) for row in here for c in left):
            kept_columns[table] = [c for c in left if any(getattr(row, c) for row in here)]
    settings = {
        name: (getattr(state, name), value)
        for name in SETTINGS
        if (value := getattr(file.settings, name) or "") and value != getattr(state, name)
    }
    policy, left_policy = _policy(file, state)
    stay = [t for t in TABLES if t not in rows and counting(t).exists()]  # fmt: skip
    return Plan(changes, settings, stay, kept_columns, _absent(file, state), policy, left_policy)


def _policy(file: TablesFile, state: State) -> tuple[dict[str, Any] | None, bool]:
    """The policy of the file where it is taken, and whether it has one that is not."""
    said = dict(file.settings.policy)
    if not said or said == state.policy:
        return None, False
    is_new = not any(MODELS[table].objects.exists() for table in REQUIRED_TABLES)
    return (said, False) if is_new and not state.policy else (None, True)


def _absent(file: TablesFile, state: State) -> dict[str, list[str]]:
    """The columns that nobody was asked for, after the import."""
    if "households" not in file.sheets:
        return dict(state.absent)
    lacking = world.asked_alone(file.sheets["households"].cells)
    if counting("households").exists():
        lacking = [name for name in lacking if name in state.absent.get("households", ())]
    return {**state.absent, "households": lacking}


def _changes(
    table: str, here: list[TableRow], found: list[dict[str, str]], columns: list[str]
) -> Iterator[RowChange]:
    """The rows of a table that change, those that are new, and those that are no longer there."""
    key = KEYS[table]
    alike: dict[tuple[str, ...], deque[TableRow]] = defaultdict(deque)
    for row in here:
        alike[tuple(getattr(row, name) for name in key)].append(row)
    for cells in found:
        was = _taken(alike[tuple(cells[name] for name in key)], table, cells, columns)
        if was is None:
            filled = {c: ("", value) for c, value in cells.items() if value}
            yield RowChange(table, ADDED, subject(table, cells), filled, new=cells)
        else:
            now = {c: (getattr(was, c), cells[c]) for c in columns if getattr(was, c) != cells[c]}
            if now:
                yield RowChange(table, CHANGED, subject(table, cells), now, was)
    for row in here:
        if row in alike[tuple(getattr(row, name) for name in key)]:
            cells = row.cells()
            filled = {c: (value, "") for c, value in cells.items() if value}
            yield RowChange(table, GONE, subject(table, cells), filled, row)


def _taken(
    rows: deque[TableRow], table: str, cells: Mapping[str, str], columns: list[str]
) -> TableRow | None:
    """The row of these that a row of the file is: an equal one first; it is not there for another."""
    if not rows:
        return None
    if table == "decisions":  # of several on one day the last counts, the others stay
        last = rows.pop()
        rows.clear()
        return last
    same = (row for row in rows if all(getattr(row, c) == cells[c] for c in columns))
    found = next(same, rows[0])
    rows.remove(found)
    return found


def subject(table: str, cells: Mapping[str, str]) -> str:
    """Whom a row is about, as the trail names it."""
    ids = (cells.get("request_id", ""), cells.get("household_id", ""))
    return " ".join(filter(None, ids)) or cells.get(IDS.get(table, ""), "")


# --- The change


def apply(change: Change, file: TablesFile) -> Plan:
    """Take a file's tables over as one change; WrongInput where they don't go with what stays."""
    state = change.state
    made = plan(file, state)
    if made.is_empty:
        return made
    state.version += 1
    for name, (_, value) in made.settings.items():
        setattr(state, name, value)
    state.absent = made.absent
    if made.policy is not None:
        state.policy = made.policy
    state.save()
    settings = {name: list(both) for name, both in made.settings.items()}
    counted = {table: len(changes) for table, changes in made.changes.items() if changes}
    done = [
        trail.Done("took in a file", "", {"sha256": file.sha256, "settings": settings}),
        trail.Done("imported", "", counted),
    ]
    for table, changes in made.changes.items():
        done += _apply(change, table, changes)
    inputs, policy = world.load(state)
    rounds.prepare(inputs, policy)
    trail.append_all(change.user, done)
    return made


def _apply(change: Change, table: str, changes: list[RowChange]) -> list[trail.Done]:
    model, rows = MODELS[table], model_rows(changes)
    gone = [each.row.pk for each in changes if each.kind == GONE and each.row is not None]
    for some in _in_parts(gone):
        model.objects.filter(pk__in=some).update(
            withdrawn_at=change.at, withdrawn_by=change.user.pk
        )
    for each in changes:
        if each.kind == CHANGED and each.row is not None:
            cells = {column: new for column, (_, new) in each.cells.items()}
            model.objects.filter(pk=each.row.pk).update(version=each.row.version + 1, **cells)
    made = iter(model.objects.bulk_create(model(**cells) for cells in rows))
    done = []
    for each in changes:
        row = next(made) if each.kind == ADDED else each.row
        assert row is not None
        both = {column: list(values) for column, values in each.cells.items()}
        detail = {"table": table, "row": row.pk, "cells": both}
        done.append(trail.Done(ACTS[each.kind], each.subject, detail))
    return done


def model_rows(changes: Iterable[RowChange]) -> list[dict[str, str]]:
    """The cells of the rows that are new."""
    return [each.new for each in changes if each.kind == ADDED]


def _in_parts(keys: list[int], most: int = 500) -> Iterator[list[int]]:
    for start in range(0, len(keys), most):
        yield keys[start : start + most]


# --- A filled-in workbook of a round


def ticked(path: Any, name: str, sha256: str, state: State) -> dict[str, Any]:
    """What a filled-in matches.xlsx adds, as a draft holds it."""
    found = world.tables()
    inputs, _ = world.load(state, found)

    def tried(entries: Any) -> tuple[list[Fault], list[int]]:
        more = {table: list(rows) for table, rows in found.items()}
        numbers = []
        for entry in entries:
            more[entry.table].append(_whole(entry.table, entry.cells))
            numbers.append(FIRST_NUMBER + len(more[entry.table]) - 1)
        try:
            rounds.prepare(*world.load(state, more))
        except WrongInput as error:
            return list(error.faults), numbers
        return [], numbers

    taken = take.taken_from(filled.read(path, inputs.as_of), inputs, tried)
    return {
        "kind": "ticks",
        "name": name,
        "sha256": sha256,
        "entries": [
            {
                "table": each.table,
                "cells": each.cells,
                "sentence": each.sentence(),
                "where": f"{each.line.sheet}, {each.line.place(each.told_in)}",
            }
            for each in taken.entries
        ],
        "known": [each.sentence for each in taken.known],
        "not_taken": [each.sentence() for each in taken.not_taken],
    }


def _whole(table: str, cells: Mapping[str, str]) -> dict[str, str]:
    return {column: cells.get(column, "") for column in MODELS[table]().cells()}


def take_ticks(change: Change, found: Mapping[str, Any]) -> int:
    """Write the ticks and decisions of a filled-in workbook; WrongInput where they no longer go."""
    change.tell("took in ticks", "", {"sha256": found["sha256"], "rows": len(found["entries"])})
    for each in found["entries"]:
        cells = _whole(each["table"], each["cells"])
        change.add(each["table"], cells, subject(each["table"], cells))
    rounds.prepare(*world.load(change.state))
    return len(found["entries"])


def sha256_of(upload: UploadedFile[bytes]) -> str:
    """The SHA-256 of a file, by which the trail names it."""
    digest = hashlib.sha256()
    for block in upload.chunks():
        digest.update(block)
    upload.seek(0)
    return digest.hexdigest()
