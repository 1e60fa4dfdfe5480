"""Read the input and the policy of a round from disk: all faults of both at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

from matcher.errors import Fault, WrongInput, wrong_option
from matcher.intake import clean, existing, read
from matcher.intake.accepting import Accepting
from matcher.intake.cells import WrongCell
from matcher.intake.cells import day as read_day
from matcher.intake.files import Findings, Sheet
from matcher.intake.inputs import Inputs
from matcher.intake.settings import RoundSettings, read_settings, read_toml
from matcher.policy.accepting import accepting
from matcher.policy.reading import default_on, override
from matcher.policy.settings import Policy

PolicySource: TypeAlias = str | PathLike[str] | Mapping[str, Any] | None
Reading: TypeAlias = Callable[[date | None, Findings, Accepting], Inputs | None]

POLICY = "policy"


def load_policy(
    file: Path | None, settings: RoundSettings, faults: list[Fault], day: date
) -> Policy:
    """The policy that ships, overridden by round.toml and then by a file, as in force on a day."""
    policy = override(default_on(day), settings.policy, settings.source, faults, day)
    if file is None:
        return policy
    name = file.name or str(file)
    return override(policy, read_toml(file, name, faults), name, faults, day)


def load(folder: Path, as_of: str | None, policy_file: Path | None) -> tuple[Inputs, Policy]:
    """The clean input and the policy of a folder; WrongInput with every fault of both."""
    faults: list[Fault] = []
    existing(folder)
    settings = read_settings(folder, faults)
    day = option_day(as_of, faults) if as_of is not None else settings.as_of
    policy = load_policy(policy_file, settings, faults, day or date.today())
    day_is_wrong = day is None and (as_of is not None or settings.day_is_wrong)
    today = None if day_is_wrong else date.today()
    warnings = [*settings.warnings]
    inputs = read(folder, day or today, settings, faults, warnings, accepting(policy))
    if faults or inputs is None:
        raise WrongInput(faults, warnings)
    return inputs, policy


def option_day(text: str | None, faults: list[Fault]) -> date | None:
    """The day that an option gives, None where it gives none or a wrong one."""
    if text is None:
        return None
    try:
        return read_day(text.strip())
    except WrongCell as error:
        for value, problem, fix, _ in error.faults:
            faults.append(wrong_option("--as-of", problem, fix, value=value))
        return None


def load_sheets(
    sheets: Mapping[str, Sheet],
    settings: RoundSettings,
    as_of: str | date | None,
    policy: PolicySource,
    findings: Findings,
) -> tuple[Inputs, Policy]:
    """The clean input of tables of text, and the policy; WrongInput with every fault of both."""

    def read_sheets(day: date | None, inner: Findings, may: Accepting) -> Inputs | None:
        inner.warnings[:0] = findings.warnings
        return clean(sheets, day, settings, inner, may)

    return load_input(read_sheets, settings, as_of, policy, findings.faults)


def load_input(
    read_input: Reading,
    settings: RoundSettings,
    as_of: str | date | None,
    policy: PolicySource,
    faults: list[Fault],
) -> tuple[Inputs, Policy]:
    """The clean input that a function reads on its day, and the policy; WrongInput with every fault."""
    text = as_of.isoformat()[:10] if isinstance(as_of, date) else as_of
    day = settings.as_of if text is None else option_day(text, faults)
    in_force = _policy(policy, settings, faults, day or date.today())
    day_is_wrong = day is None and (text is not None or settings.day_is_wrong)
    findings = Findings(faults, [*settings.warnings])
    today = None if day_is_wrong else day or date.today()
    inputs = read_input(today, findings, accepting(in_force))
    if faults or inputs is None:
        raise WrongInput(faults, findings.warnings)
    return inputs, in_force


def _policy(
    policy: PolicySource, settings: RoundSettings, faults: list[Fault], day: date
) -> Policy:
    if isinstance(policy, Mapping):
        return override(load_policy(None, settings, faults, day), policy, POLICY, faults, day)
    return load_policy(None if policy is None else Path(policy), settings, faults, day)
