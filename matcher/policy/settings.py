"""The numbers of a policy: read from TOML, overridden key by key, checked, and fingerprinted."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias

from matcher.codes import DUTIES, HELD_BACK, RISK_LEVELS, did_you_mean
from matcher.errors import Fault, wrong_setting
from matcher.geo import children_services
from matcher.intake.cells import shown
from matcher.policy.local import LOCAL_RULE, LocalRule, read_local_rules
from matcher.words import one_line

Value: TypeAlias = int | float | str | bool
OFF = "off"
MOST = 1_000_000
ROLES, NOBODY = "roles and days", "nobody"
MAY_ACCEPT = "may_accept."
RULE_SWITCH = "rules."
LONGEST_TEXT = 200
MOST_OF_UNIT = {"days": 3650, "weeks": 520, "months": 600, "years": 50}  # stay in the calendar


@dataclass(frozen=True, slots=True)
class Setting:
    """One number or switch of the policy, with its unit, its source and what it means."""

    key: str
    value: Value
    unit: str
    source: str
    meaning: str
    least: float = 0
    most: float | None = None
    off: bool = False
    choices: tuple[str, ...] = ()

    def problem(self, value: object) -> str | None:
        """Why `value` can't be this setting's, or None where it can."""
        if self.off and value == OFF:
            return None
        if self.choices:
            return None if value in self.choices else f"is not one of {', '.join(self.choices)}"
        if self.unit == "level":
            return None if value in RISK_LEVELS else f"is not one of {', '.join(RISK_LEVELS)}"
        if self.unit == ROLES:
            known = isinstance(value, str) and roles_of(value) is not None
            return None if known else f"is neither {NOBODY} nor like 'Head of Service: 14'"
        if self.unit == "outcome":
            return None if value in HELD_BACK else f"is not one of {', '.join(HELD_BACK)}"
        if self.unit == "text":
            known = isinstance(value, str) and value.isprintable() and len(value) <= LONGEST_TEXT
            return None if known else f"is not one line of at most {LONGEST_TEXT} letters"
        if self.unit == "authorities":
            known = isinstance(value, str) and set(value.split()) <= set(children_services())
            return None if known else "is not a list of ONS codes with spaces between them"
        if isinstance(self.value, bool):
            return None if isinstance(value, bool) else "is neither true nor false"
        if isinstance(value, bool) or not isinstance(value, int | float):
            quoted = isinstance(value, str) and re.fullmatch(r"[0-9.]+", value)
            return "is a number in quotes: leave them out" if quoted else "is not a number"
        most = MOST_OF_UNIT.get(self.unit, MOST) if self.most is None else self.most
        if not self.least <= value <= most:  # false for nan, too
            return f"is not between {self.least:g} and {most:,g}"
        if self.whole and value != int(value):
            return "is not a whole number"
        return None

    @property
    def whole(self) -> bool:
        """Whether only whole numbers make sense: days, people and points, not weights or £."""
        return self.unit not in ("share", "weight", "miles", "£ a week")


@dataclass(frozen=True)
class Policy:
    """One version of the policy: its name, every setting by its key, and the council's own rules."""

    name: str
    version: str
    settings: Mapping[str, Setting]
    values: Mapping[str, Value]
    local_rules: tuple[LocalRule, ...] = ()

    def number(self, key: str) -> float:
        """A setting that is a number; KeyError where there is none, ValueError where it's off."""
        return float(self.values[key])

    def is_off(self, key: str) -> bool:
        """Whether a setting is switched off: 'off' or false."""
        return self.values[key] == OFF or self.values[key] is False

    def codes(self, key: str) -> list[str]:
        """A setting that is a list of ONS codes."""
        return str(self.values[key]).split()

    def may_accept(self, duty: str) -> dict[str, int]:
        """The most days for which each role may accept a duty though it is open; {} where nobody may."""
        key = f"{MAY_ACCEPT}{duty}"
        value = self.values[key if key in self.values else f"{MAY_ACCEPT}default"]
        return roles_of(str(value)) or {}

    def code(self, key: str) -> str:
        """A setting that is one of a list of codes."""
        return str(self.values[key])

    def level(self, key: str) -> float:
        """A level of risk as a number, 0 none to 3 high."""
        return float(RISK_LEVELS.index(str(self.values[key])))

    def weight(self, criterion: str) -> float:
        """What a soft criterion weighs; TypeError where somebody forgot to give it a number."""
        if (key := weight_key(criterion)) not in self.values:
            raise TypeError(f"{criterion} has no weight: write [{key}] into policy/default.toml")
        return self.number(key)

    def group(self, prefix: str) -> dict[str, Value]:
        """The settings below a prefix, by the rest of their key."""
        start = prefix + "."
        return {k.removeprefix(start): v for k, v in self.values.items() if k.startswith(start)}

    @property
    def changed(self) -> dict[str, Value]:
        """Every setting that differs from the default, by key."""
        usual = default().values
        return {k: v for k, v in self.values.items() if k not in usual or v != usual[k]}

    @property
    def overrides(self) -> dict[str, Any]:
        """What a policy file says to make it of the default: single settings, and its own rules."""
        own = {LOCAL_RULE: [rule.table for rule in self.local_rules]} if self.local_rules else {}
        return {**self.changed, **own}

    @property
    def sha256(self) -> str:
        """A fingerprint of the name, the version and every value."""
        values = {k: v if isinstance(v, str | bool) else float(v) for k, v in self.values.items()}
        whole: list[Any] = [self.name, self.version, sorted(values.items())]
        if self.local_rules:
            whole.append([rule.table for rule in self.local_rules])
        return hashlib.sha256(json.dumps(whole).encode()).hexdigest()


def roles_of(text: str) -> dict[str, int] | None:
    """'team manager: 7, Head of Service: 14' as days by role, {} for nobody; None where it is neither."""
    if text.strip().casefold() == NOBODY:
        return {}
    found = {}
    for item in text.split(","):
        role, colon, days = (part.strip() for part in item.rpartition(":"))
        if not (
            colon
            and role
            and role.isprintable()
            and days.isdecimal()
            and 0 < int(days) <= MOST_OF_UNIT["days"]
        ):
            return None
        found[role] = int(days)
    return found


def weight_key(criterion: str) -> str:
    """The setting that says what a soft criterion weighs."""
    return f"weights.{criterion}"


@cache
def default() -> Policy:
    """The policy that ships with the product."""
    table = tomllib.loads((files("matcher.policy") / "default.toml").read_text("utf-8"))
    name, version = table.pop("name"), table.pop("version")
    settings = {key: Setting(key, **_tuples(entry)) for key, entry in _entries(table)}
    return Policy(name, version, settings, {key: s.value for key, s in settings.items()})


def _tuples(entry: dict[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}


def with_changes(changed: Mapping[str, Value], local_rules: tuple[LocalRule, ...] = ()) -> Policy:
    """The policy that ships with some settings changed, as a round names them; unknown ones are kept."""
    base = default()
    return replace(base, values={**base.values, **changed}, local_rules=local_rules)


def _entries(table: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for key, entry in table.items():
        if "value" in entry:
            yield prefix + key, entry
        else:
            yield from _entries(entry, f"{prefix}{key}.")


def rule_switches(policy: Policy) -> dict[str, Setting]:
    """The switch of each hard rule, true where it is on, by its setting's key."""
    from matcher.policy.rules import RULES  # which read their numbers here

    written = [(rule.key, rule.clause, rule.sentence) for rule in RULES if not rule.always]
    own = [(rule.name, rule.clause, rule.sentence) for rule in policy.local_rules]
    switches = [
        Setting(f"{RULE_SWITCH}{key}", True, "true or false", clause, f"Whether this holds: {says}")
        for key, clause, says in (*written, *own)
    ]
    return {switch.key: switch for switch in switches}


def _names_taken() -> dict[str, str]:
    """The names that a council's own rule can't have, each with whose it is."""
    from matcher.policy.rules import RULES

    return {rule.key: "a rule of the product" for rule in RULES}


def _with_local(policy: Policy, table: dict[str, Any], source: str, faults: list[Fault]) -> Policy:
    """A policy with the council's own rules of a table added, which they leave; one of a name replaces another."""
    rules = {rule.name: rule for rule in policy.local_rules}
    if LOCAL_RULE in table:
        found = read_local_rules(table.pop(LOCAL_RULE), source, _names_taken(), faults)
        rules |= {rule.name: rule for rule in found}
    return replace(policy, local_rules=tuple(rules.values()))


def _never_off() -> dict[str, str]:
    """Why a hard rule has no switch, by the key that the switch would have."""
    from matcher.policy.rules import RULES

    return {f"{RULE_SWITCH}{rule.key}": rule.always for rule in RULES if rule.always}


def settings_of(policy: Policy) -> dict[str, Setting]:
    """Every setting that a policy can have: each rule its switch, each duty who may accept it."""
    settings = {**policy.settings, **rule_switches(policy)}
    usual = settings[f"{MAY_ACCEPT}default"]
    for duty in DUTIES:
        settings.setdefault(f"{MAY_ACCEPT}{duty}", replace(usual, key=f"{MAY_ACCEPT}{duty}"))
    return settings


def override(base: Policy, table: Mapping[str, Any], source: str, faults: list[Fault]) -> Policy:
    """`base` with single keys changed; every key that can't be is added to `faults`.

    `table` is nested as TOML nests it; `source` is the file that errors name.
    """
    table = dict(table)
    base = _with_local(base, table, source, faults)
    name, version, values = base.name, base.version, dict(base.values)
    settings, never_off = settings_of(base), _never_off()

    def fault(key: str, value: object, problem: str, fix: str) -> None:
        found = None if value is None else shown(str(value))
        faults.append(wrong_setting(source, shown(key), problem, fix, value=found))

    for key, value in _flat(table):
        if key in ("name", "version"):
            if not isinstance(value, str):
                fault(key, value, "This is not text.", f'Write {key} = "…".')
            text = one_line(str(value))
            name, version = (text, version) if key == "name" else (name, text)
        elif key in never_off:
            fix = "Leave this line out."
            fault(key, value, f"This rule has no switch: {never_off[key]}", fix)
        elif key not in settings:
            guess = did_you_mean(key[:60], [*values, "name", "version"]).strip()
            fix = guess or "'matcher policy' lists every setting."
            fault(key, None, "The policy has no such setting.", fix)
        elif problem := settings[key].problem(value):
            setting = settings[key]
            off = ' or "off"' if setting.off else ""
            fix = f"Write a value in {setting.unit}{off}, such as {_example(setting)}."
            fault(key, value, f"It {problem}.", fix)
        elif key.startswith(RULE_SWITCH) and value is True:
            values.pop(key, None)  # on, as a rule is
        else:
            values[key] = value
    made = replace(base, name=name, version=version, values=values)
    if not any(made.group("weights").values()):
        fault("weights", None, "No criterion counts then.", "Leave one weight above 0.")
    if made.number("grades.high") < made.number("grades.medium"):
        fix = "Write a value from grades.medium, such as grades.high = 0.75."
        fault("grades.high", made.values["grades.high"], "High is below grades.medium.", fix)
    return made


def _example(setting: Setting) -> str:
    value = 2 if setting.value == OFF else setting.value
    return f"{setting.key} = {json.dumps(value)}"


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value
