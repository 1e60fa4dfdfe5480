"""The data of the panel as a round reads them: rows, their settings, and the checks of intake."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import TypeAlias

from django.utils import timezone

from matcher.errors import WrongInput
from matcher.intake import located
from matcher.intake.files import Findings, Sheet
from matcher.intake.inputs import Inputs
from matcher.intake.rows import ASKED_ALONE
from matcher.intake.settings import settings_of
from matcher.loading import load_sheets
from matcher.panel.models import State
from matcher.panel.tables import every_row, sheet_of
from matcher.policy.settings import Policy

Tables: TypeAlias = Mapping[str, list[dict[str, str]]]


def today(state: State) -> date:
    """The day of a round that is run now: that of a sample, else today in London."""
    return state.day or timezone.localdate()


def tables() -> dict[str, list[dict[str, str]]]:
    """Every row that counts, by table; of several decisions of a pair on one day the last."""
    found = every_row()
    last = {
        (row["request_id"], row["household_id"], row["decided_on"]): row
        for row in found["decisions"]
    }
    found["decisions"] = list(last.values())
    return found


def sheets(found: Tables, absent: Mapping[str, Iterable[str]]) -> dict[str, Sheet]:
    """Rows as the sheets of a workbook; an optional table without rows is left out."""
    needed = ("requests", "households", "carers")
    return {
        table: sheet_of(table, rows, absent.get(table, ()))
        for table, rows in found.items()
        if rows or table in needed
    }


def load(
    state: State, found: Tables | None = None, day: date | None = None
) -> tuple[Inputs, Policy]:
    """The clean input and the policy in force; WrongInput with every fault of the rows.

    Each fault and warning says by its ids whose row it is of: a row of the panel has no number.
    """
    findings = Findings([], [])
    given = {"title": state.title, "policy": state.policy}
    if state.authority:
        given["authority"] = state.authority
    settings = settings_of(given, "round", findings.faults)
    rows = tables() if found is None else found
    made = sheets(rows, state.absent)
    try:
        inputs, policy = load_sheets(made, settings, day or today(state), None, findings)
    except WrongInput as wrong:
        raise WrongInput(located(wrong.faults, made), located(wrong.warnings, made)) from None
    return replace(inputs, warnings=tuple(located(inputs.warnings, made))), policy


def snapshot(found: Tables, state: State) -> bytes:
    """The tables and their settings, compressed: what a round was made of."""
    whole = {
        "tables": found,
        "title": state.title,
        "authority": state.authority,
        "policy": state.policy,
        "absent": state.absent,
    }
    return gzip.compress(json.dumps(whole, ensure_ascii=False).encode(), mtime=0)


def of_snapshot(made: bytes, day: date) -> tuple[Inputs, Policy]:
    """The input of a round that was run, as it was."""
    whole = json.loads(gzip.decompress(made))
    state = State(**{key: whole[key] for key in ("title", "authority", "policy", "absent")})
    return load(state, whole["tables"], day)


def asked_alone(headings: Iterable[str]) -> list[str]:
    """The columns of households that a file lacks and a list of features tells in their place."""
    return sorted(set(ASKED_ALONE.values()) - set(headings))
