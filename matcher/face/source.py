"""Where a round is read from: a folder, a workbook, frames by table name, or a drawn sample.

Frames become the text that a CSV file would hold, and go through the same intake as files.
"""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

from matcher.codes import did_you_mean
from matcher.errors import Fault, WrongInput, wrong_file
from matcher.intake import clean, existing, read
from matcher.intake.accepting import Accepting
from matcher.intake.cells import shown
from matcher.intake.files import Findings, Sheet, cell_text, sheets_of
from matcher.intake.inputs import Inputs
from matcher.intake.rows import TABLES
from matcher.intake.settings import RoundSettings, read_settings, settings_of
from matcher.loading import load_policy, option_day
from matcher.policy.accepting import accepting
from matcher.policy.settings import Policy, override
from matcher.synthetic import sample
from matcher.synthetic.draws import setting
from matcher.synthetic.files import contents

Source: TypeAlias = str | PathLike[str] | Mapping[str, Any]
PolicySource: TypeAlias = str | PathLike[str] | Mapping[str, Any] | None
Tables: TypeAlias = Mapping[str, list[list[str]] | None]

ROUND = "round"
POLICY = "policy"


def load(source: Source, as_of: str | date | None, policy: PolicySource) -> tuple[Inputs, Policy]:
    """The clean input and the policy in force; WrongInput with every fault of both."""
    if isinstance(source, Mapping):
        return load_tables(source, as_of, policy)
    path = existing(Path(source))
    faults: list[Fault] = []
    settings = read_settings(path, faults)

    def read_files(day: date | None, findings: Findings, may: Accepting) -> Inputs | None:
        return read(path, day, settings, findings.faults, findings.warnings, may)

    return _load(read_files, settings, as_of, policy, faults)


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
    return _load_sheets(sheets, settings, as_of, policy, findings)


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
    return _load_sheets(sheets_of(lines, "{}", findings), settings, None, None, findings)


def _load_sheets(
    sheets: Mapping[str, Sheet],
    settings: RoundSettings,
    as_of: str | date | None,
    policy: PolicySource,
    findings: Findings,
) -> tuple[Inputs, Policy]:
    def read_sheets(day: date | None, inner: Findings, may: Accepting) -> Inputs | None:
        inner.warnings[:0] = findings.warnings
        return clean(sheets, day, settings, inner, may)

    return _load(read_sheets, settings, as_of, policy, findings.faults)


def _load(
    read_input: Callable[[date | None, Findings, Accepting], Inputs | None],
    settings: RoundSettings,
    as_of: str | date | None,
    policy: PolicySource,
    faults: list[Fault],
) -> tuple[Inputs, Policy]:
    in_force = _policy(policy, settings, faults)
    text = as_of.isoformat()[:10] if isinstance(as_of, date) else as_of
    day = settings.as_of if text is None else option_day(text, faults)
    day_is_wrong = day is None and (text is not None or settings.day_is_wrong)
    findings = Findings(faults, [*settings.warnings])
    today = None if day_is_wrong else day or date.today()
    inputs = read_input(today, findings, accepting(in_force))
    if faults or inputs is None:
        raise WrongInput(faults, findings.warnings)
    return inputs, in_force


def _policy(policy: PolicySource, settings: RoundSettings, faults: list[Fault]) -> Policy:
    if isinstance(policy, Mapping):
        return override(load_policy(None, settings, faults), policy, POLICY, faults)
    return load_policy(None if policy is None else Path(policy), settings, faults)


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
