"""Where a round is read from: a folder, a workbook, frames by table name, or a drawn sample.

Frames become the text that a CSV file would hold, and go through the same intake as files.
"""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

from matcher.codes import did_you_mean
from matcher.errors import Fault, wrong_file
from matcher.intake import existing, read
from matcher.intake.accepting import Accepting
from matcher.intake.cells import shown
from matcher.intake.files import Findings, cell_text, sheets_of
from matcher.intake.inputs import Inputs
from matcher.intake.rows import TABLES
from matcher.intake.settings import read_settings, settings_of
from matcher.loading import PolicySource, load_input, load_sheets
from matcher.policy.settings import Policy
from matcher.synthetic import sample
from matcher.synthetic.draws import setting
from matcher.synthetic.files import contents

Source: TypeAlias = str | PathLike[str] | Mapping[str, Any]
Tables: TypeAlias = Mapping[str, list[list[str]] | None]

ROUND = "round"


def load(source: Source, as_of: str | date | None, policy: PolicySource) -> tuple[Inputs, Policy]:
    """The clean input and the policy in force; WrongInput with every fault of both."""
    if isinstance(source, Mapping):
        return load_tables(source, as_of, policy)
    path = existing(Path(source))
    faults: list[Fault] = []
    settings = read_settings(path, faults)

    def read_files(day: date | None, findings: Findings, may: Accepting) -> Inputs | None:
        return read(path, day, settings, findings.faults, findings.warnings, may)

    return load_input(read_files, settings, as_of, policy, faults)


def load_tables(
    tables: Mapping[str, Any], as_of: str | date | None, policy: PolicySource
) -> tuple[Inputs, Policy]:
    """The same of frames by table name, `round` being a dict of the round's settings."""
    findings = Findings([], [])
    found = {name: _settings_or_frame(name, each, findings) for name, each in tables.items()}
    given = found.pop(ROUND, {})
    settings = settings_of(given, ROUND, findings.faults)
    lines = {name: frame_lines(each) for name, each in found.items() if name in TABLES}
    sheets = sheets_of(lines, "a frame {}", findings)
    return load_sheets(sheets, settings, as_of, policy, findings)


def load_sample(
    name: str, requests: int, households: int, seed: int, area: str | None
) -> tuple[Inputs, Policy]:
    """The clean input of a synthetic round, as its files would be read."""
    files = contents(sample(name, area, requests, households, seed, setting("round.as_of")))
    findings = Findings([], [])
    settings = settings_of(tomllib.loads(files["round.toml"].decode()), ROUND, findings.faults)
    lines = {
        table: list(csv.reader(io.StringIO(files[f"{table}.csv"].decode(), newline="")))
        for table in TABLES
        if f"{table}.csv" in files
    }
    return load_sheets(sheets_of(lines, "{}", findings), settings, None, None, findings)


# Frames as lines of text


def _settings_or_frame(name: str, given: Any, findings: Findings) -> Any:
    """A table's frame or the settings of the round as they are given, else nothing and a fault."""
    if name == ROUND:
        if isinstance(given, Mapping):
            return {
                str(key): value.date() if isinstance(value, datetime) else value
                for key, value in given.items()
            }
        problem, fix = "This is not a dict.", "Write {'as_of': '2026-11-23', 'title': '…'}."
        findings.faults.append(wrong_file(ROUND, problem, fix))
        return {}
    if name not in TABLES:
        hint = did_you_mean(str(name)[:60], [*TABLES, ROUND]).strip() or "It was not read."
        problem = "No table has this name."
        findings.warnings.append(wrong_file(shown(str(name)), problem, hint))
        return None
    if hasattr(given, "columns") and hasattr(given, "itertuples"):
        return given
    problem, fix = "This is not a DataFrame.", f"Give {name} as a frame with its columns."
    findings.faults.append(wrong_file(name, problem, fix))
    return None


def frame_lines(frame: Any) -> list[list[str]] | None:
    """A frame as the lines of a CSV file, the heading first; a named index is a column, too."""
    if frame is None:
        return None
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    headings = [str(name) for name in frame.columns]
    rows = frame.itertuples(index=False, name=None)
    return [headings, *([frame_cell(value) for value in row] for row in rows)]


def frame_cell(value: Any) -> str:
    """A cell of a frame as a CSV file would hold it; '' where nothing is known."""
    import pandas

    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value) if isinstance(value, set | frozenset) else value
        return ";".join(frame_cell(item) for item in items)
    if pandas.isna(value):
        return ""
    if type(value).__name__ == "datetime64":
        value = pandas.Timestamp(value)
    elif hasattr(value, "item"):
        value = value.item()  # Python's own number or truth, not numpy's
    return cell_text(value)
