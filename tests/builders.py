"""Build small rounds in the form of the input, so that a new column breaks no test.

Every cell is text, as in a CSV file; None takes a default away (a blank cell).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from matcher import intake, record
from matcher.errors import WrongInput
from matcher.intake.inputs import Inputs
from matcher.intake.settings import RoundSettings
from matcher.policy.accepting import accepting
from matcher.policy.reading import override
from matcher.policy.settings import Policy, default
from matcher.recorder import record_of
from matcher.rounds import Prepared, SolvedRound, match, prepare
from matcher.shipped import shipped

AS_OF = date(2026, 11, 23)
Cells = dict[str, str | None]
Tables = Mapping[str, list[Cells]]


def a_request(request_id: str = "R1", **cells: str | None) -> Cells:
    """A family with a plain need, which an ordinary household can meet."""
    return {
        "request_id": request_id,
        "received_on": "2026-11-16",
        "purpose": "assessment",
        "parent_age": "24",
        "parent_looked_after": "no",
        "child_born_or_due_on": "2026-10-01",
        "child_legal_status": "s20",
        "needed_from": "2026-12-07",
        "expected_weeks": "12",
        "parent_agrees": "yes",
        **cells,
    }


def a_household(household_id: str = "H1", **cells: str | None) -> Cells:
    """A household that can take an ordinary family."""
    return {
        "household_id": household_id,
        "status": "approved",
        "postcode": "NW5",
        "accommodation_suitable": "yes",
        "bedrooms": "2",
        "looked_after_children": "0",
        "features": "none",
        **cells,
    }


def a_carer(household_id: str = "H1", number: int = 1, **cells: str | None) -> Cells:
    """An approved carer, trained and assessed for parent and child."""
    return {
        "carer_id": f"{household_id}-{number}",
        "household_id": household_id,
        "approved": "yes",
        "pc_trained_on": "2025-05-01",
        "pc_assessed_on": "2025-06-01",
        "skills": "monitoring_and_recording;parenting_advice;babies",
        **cells,
    }


def write_tables(folder: Path, tables: Tables, settings: str = "as_of = 2026-11-23\n") -> Path:
    """Write tables as the CSV files of a folder, with its round.toml."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "round.toml").write_text(settings, "utf-8")
    for name, rows in tables.items():
        columns = list(dict.fromkeys(column for row in rows for column in row))
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="")
            writer.writeheader()
            writer.writerows({k: v or "" for k, v in row.items()} for row in rows)
    return folder


def read_tables(
    folder: Path, tables: Tables, as_of: date = AS_OF, policy: Policy | None = None
) -> Inputs:
    """The clean input of tables, read as any other; WrongInput where something is wrong."""
    write_tables(folder, tables)
    faults: list[intake.Fault] = []
    may = accepting(policy or a_policy())
    inputs = intake.read(folder, as_of, RoundSettings(), faults, [], may)
    if faults or inputs is None:
        raise WrongInput(faults)
    return inputs


def a_policy(**changes: object) -> Policy:
    """The default policy with settings changed; a dot in a key is written as two underscores.

    It asks for no reasons.
    """
    faults: list[intake.Fault] = []
    table = {key.replace("__", "."): value for key, value in changes.items()}
    policy = override(default(), table, "test", faults, asks_reasons=False)
    assert not faults, faults
    return policy


def prepared(folder: Path, tables: Tables, policy: Policy | None = None) -> Prepared:
    """A round of tables, not yet solved."""
    return prepare(read_tables(folder, tables, policy=policy), policy or a_policy(), 0)


def solved(folder: Path, tables: Tables, policy: Policy | None = None) -> SolvedRound:
    """A solved round of tables."""
    return match(prepared(folder, tables, policy))


def text_of(of: record.RoundRecord) -> str:
    """The round.json of a record."""
    return b"".join(record.round_json(of, of.requests)).decode()


def as_read(of: SolvedRound) -> dict[str, Any]:
    """What a solved round's round.json holds, as JSON has it."""
    found: dict[str, Any] = json.loads(text_of(record_of(of)))
    return found


def one_pair(
    request: Cells | None = None,
    household: Cells | None = None,
    carers: list[Cells] | None = None,
    **others: list[Cells],
) -> dict[str, list[Cells]]:
    """The tables of one request and one household."""
    return {
        "requests": [request or a_request()],
        "households": [household or a_household()],
        "carers": [a_carer()] if carers is None else carers,
        **others,
    }


def proves(clauses: str) -> pytest.MarkDecorator:
    """The mark of a test of something in a register: the clauses that it cites there itself.

    What is no clause of the catalogue ('decisions', the section PC-5.1) proves none.
    """
    known = {row["id"] for row in shipped("clauses.csv")}
    return pytest.mark.clause(*(each for each in clauses.split(", ") if each in known))
