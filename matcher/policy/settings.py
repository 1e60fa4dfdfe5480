"""The numbers of a policy: read from TOML, overridden key by key, checked, and fingerprinted."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, cached_property
from importlib.resources import files
from types import MappingProxyType
from typing import Any, TypeAlias

from matcher.codes import DRAFTED, DUTIES, HELD_BACK, RISK_LEVELS
from matcher.geo import children_services
from matcher.policy.about import About
from matcher.policy.local import (
    LocalDuty,
    LocalRule,
)
from matcher.policy.terms import CLAUSES, terms_of
from matcher.shipped import shipped
from matcher.terms import Terms

Value: TypeAlias = int | float | str | bool
OFF = "off"
MOST = 1_000_000
ROLES, NOBODY = "roles and days", "nobody"
MAY_ACCEPT = "may_accept."
RULE_SWITCH, DUTY_SWITCH, DOCUMENT_SWITCH = "rules.", "duties.", "documents."
AIMS_ORDER, IN_ORDER = "aims.order", "aims in their order"
FROM, REASONS = "from", "reasons"  # tables of a policy file that are no settings
SWITCH = "true or false"
MORE, LESS, NEVER = "more", "less", "never"  # which way a number is looser than the usual one
# What may be looser than usual only with a written reason: the law, consent under section 20, the
# path of a care order, and too high a risk; of clauses whose ids sound like law, guidance is none.
ASKS_REASON, GUIDANCE = ("LAW-", "PC-2.2", "PWP-1", "PC-5.1e"), ("LAW-smoking",)
# What is cited as a whole, beside the clauses of the catalogue.
SECTIONS = {"PC-5.1": "What a household for parent and child has to be."}
LONGEST_TEXT = 200
MOST_OF_UNIT = {"days": 3650, "weeks": 520, "months": 600, "years": 50}  # stay in the calendar


@dataclass(frozen=True, slots=True)
class Setting:
    """One number or switch of the policy, with its unit, its source and what it means.

    `looser` says which way a number is looser than the usual one, where its source asks for a
    reason. `all_of` are the choices that a list of them may not leave out.
    """

    key: str
    value: Value
    unit: str
    source: str
    meaning: str
    least: float = 0
    most: float | None = None
    off: bool = False
    choices: tuple[str, ...] = ()
    looser: str = ""
    all_of: tuple[str, ...] = ()
    also: tuple[str, ...] = ()  # of a name: the other ways in which sentences say it

    def read(self, value: Any) -> Any:
        """A value as the policy holds it: a list of keys is a text with commas."""
        if self.unit != IN_ORDER or not isinstance(value, str | list | tuple):
            return value
        keys = value.replace(";", ",").split(",") if isinstance(value, str) else map(str, value)
        return ", ".join(key.strip() for key in keys)

    def problem(self, value: object) -> str | None:
        """Why `value` can't be this setting's, or None where it can."""
        if self.off and value == OFF:
            return None
        if self.unit == IN_ORDER:
            return self._problem_of_order(value)
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
            longest = LONGEST_TEXT if self.most is None else int(self.most)
            if not (isinstance(value, str) and value.isprintable() and len(value) <= longest):
                return f"is not one line of at most {longest} letters"
            return None if len(value.strip()) >= self.least else "is blank"
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
            return f"is not between {self.least:g} and {most:,.10g}"
        if self.whole and value != int(value):
            return "is not a whole number"
        return None

    def _problem_of_order(self, value: object) -> str | None:
        keys = keys_of(value) if isinstance(value, str) else ()
        twice = [key for key in keys if keys.count(key) > 1]
        unknown = [key for key in keys if key not in self.choices]
        missing = [key for key in self.all_of if key not in keys]
        if not keys:
            return "is not a list of aims"
        if unknown:
            return f"names {unknown[0][:60]}, which is none of {', '.join(self.choices)}"
        if twice:
            return f"names {twice[0]} twice"
        return f"leaves out {', '.join(missing)}: put what matters less later" if missing else None

    def is_off(self, value: object) -> bool:
        """Whether a value switches off what the setting is about: 'off', false, or a weight of 0."""
        return value == OFF or value is False or (self.unit == "weight" and value == 0)

    @property
    def of_register(self) -> bool:
        """Whether it is made of a register, and not written where it is as usual."""
        return self.unit in (SWITCH, IN_ORDER)

    @property
    def asks_reason(self) -> bool:
        """Whether it may be looser than usual only with a written reason, as its source has it."""
        clauses = [each.strip() for each in self.source.split(",")]
        asks = any(each.startswith(ASKS_REASON) and each not in GUIDANCE for each in clauses)
        return asks and self.looser != NEVER

    def loosens(self, value: object) -> bool:
        """Whether a value lets pass what the usual one does not, and needs a written reason."""
        if not self.asks_reason or value == self.value:
            return False
        if self.looser and value != OFF and isinstance(value, int | float):
            usual = float(self.value)
            return value > usual if self.looser == MORE else value < usual
        return True

    @property
    def whole(self) -> bool:
        """Whether only whole numbers make sense: days, people and points, not weights or £."""
        return self.unit not in ("share", "weight", "miles", "£ a week", "families a week")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a setting is not the usual one: the reason, the role that decided, and the day."""

    setting: str
    reason: str
    decided_by: str
    on: date


@dataclass(frozen=True)
class Policy:
    """One version of the policy: its name and its settings by their keys, as in force on a day.

    `values` has no switch that is on and no order of aims that is the usual one. `since` is the day
    from which a value counts, where its file says one. `local_rules` and `local_duties` are the council's own.
    """

    name: str
    version: str
    settings: Mapping[str, Setting]
    values: Mapping[str, Value]
    about: About = field(default=About())
    reasons: Mapping[str, Reason] = field(default_factory=dict)
    since: Mapping[str, date] = field(default_factory=dict)
    local_rules: tuple[LocalRule, ...] = ()
    local_duties: tuple[LocalDuty, ...] = ()

    def number(self, key: str) -> float:
        """A setting that is a number; KeyError where there is none, ValueError where it's off."""
        return float(self.values[key])

    def is_off(self, key: str) -> bool:
        """Whether a setting is switched off: 'off' or false."""
        return self.values[key] == OFF or self.values[key] is False

    @cached_property
    def listed(self) -> dict[str, Setting]:
        """Every setting by its key, with those of the registers; who may accept a duty, where written."""
        return {
            key: setting
            for key, setting in settings_of(self).items()
            if key in self.settings or key in self.values or setting.of_register
        }

    def value_of(self, setting: Setting) -> Value:
        """What a setting is, whether it is written or not."""
        return self.values.get(setting.key, setting.value)

    def value(self, key: str) -> Value:
        """What a setting is, whether it is written or not; KeyError where there is none."""
        return self.values[key] if key in self.values else settings_of(self)[key].value

    def is_on(self, switch: str) -> bool:
        """Whether a switch of a register is on, as it is where nobody wrote it."""
        return self.values.get(switch, True) is not False

    @cached_property
    def rules_off(self) -> frozenset[str]:
        """The keys of the hard rules that are switched off."""
        return self._off(RULE_SWITCH)

    @cached_property
    def duties_off(self) -> frozenset[str]:
        """The keys of the duties that are switched off."""
        return self._off(DUTY_SWITCH)

    def _off(self, switches: str) -> frozenset[str]:
        return frozenset(key for key, on in self.group(switches[:-1]).items() if on is False)

    def in_order(self, register: Sequence[str]) -> list[str]:
        """The keys of the aims that count, in their order: those of the register unless it's written."""
        written = self.values.get(AIMS_ORDER)
        return list(register) if written is None else list(keys_of(str(written)))

    def codes(self, key: str) -> list[str]:
        """A setting that is a list of ONS codes."""
        return str(self.values[key]).split()

    def may_accept(self, duty: str) -> dict[str, int]:
        """The most days for which each role may accept a duty though it is open; {} where nobody may."""
        key = f"{MAY_ACCEPT}{duty}"
        value = self.values[key if key in self.values else f"{MAY_ACCEPT}default"]
        roles = roles_of(str(value)) or {}
        return {self.terms(role): days for role, days in roles.items()}

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

    @cached_property
    def terms(self) -> Terms:
        """What it calls its bodies, roles and clauses."""
        return terms_of(self.settings, self.values)

    @property
    def changed(self) -> dict[str, Value]:
        """Every setting that differs from the default, by key."""
        usual = default().values
        return {k: v for k, v in self.values.items() if k not in usual or v != usual[k]}

    @property
    def reasons_in_force(self) -> list[Reason]:
        """The reasons that are given for settings which differ from the default, by key."""
        return [self.reasons[key] for key in sorted(self.changed) if key in self.reasons]

    @property
    def sha256(self) -> str:
        """A fingerprint of the name, the version and every value."""
        values = {k: v if isinstance(v, str | bool) else float(v) for k, v in self.values.items()}
        whole: list[Any] = [self.name, self.version, sorted(values.items())]
        if self.local_rules:
            whole.append([rule.table for rule in self.local_rules])
        if self.local_duties:
            whole.append([duty.table for duty in self.local_duties])
        return hashlib.sha256(json.dumps(whole).encode()).hexdigest()


def keys_of(text: str) -> tuple[str, ...]:
    """The keys that a text lists with commas."""
    return tuple(key.strip() for key in text.split(",") if key.strip())


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
    """The policy that ships with the product, without what its file says from a day on."""
    table = tomllib.loads(shipped_text())
    name, version, _ = table.pop("name"), table.pop("version"), table.pop(FROM, None)
    settings = {key: Setting(key, **_tuples(entry)) for key, entry in _entries(table)}
    return Policy(name, version, settings, {key: s.value for key, s in settings.items()})


def _tuples(entry: dict[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}


def sections() -> dict[str, str]:
    """The headings of the file that ships, each by the key of the setting that it stands above."""
    found, heading = dict[str, str](), ""
    for line in shipped_text().splitlines():
        if above := re.fullmatch(r"# --- (.+?) -+", line):
            heading = above[1]
        elif heading and line.startswith("["):
            found[line.strip("[]")] = heading
            heading = ""
    return found


def shipped_text() -> str:
    """The file of the policy that ships."""
    return (files("matcher.policy") / "default.toml").read_text("utf-8")


def with_changes(
    changed: Mapping[str, Value],
    reasons: Iterable[Reason] = (),
    since: Mapping[str, str] = MappingProxyType({}),
    local_rules: tuple[LocalRule, ...] = (),
    local_duties: tuple[LocalDuty, ...] = (),
) -> Policy:
    """The policy that ships with some settings changed, as a round names them; unknown ones are kept."""
    base = default()
    return replace(
        base,
        values={**base.values, **changed},
        reasons={each.setting: each for each in reasons},
        since={key: date.fromisoformat(day) for key, day in since.items()},
        local_rules=local_rules,
        local_duties=local_duties,
    )


def _entries(table: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for key, entry in table.items():
        if "value" in entry:
            yield prefix + key, entry
        else:
            yield from _entries(entry, f"{prefix}{key}.")


def settings_of(policy: Policy) -> dict[str, Setting]:
    """Every setting that a policy can have: those that are written, and those of registers and clauses."""
    own = ((rule.name, rule.clause, rule.sentence) for rule in policy.local_rules)
    settings = {
        **policy.settings,
        **_of_registers(),
        **_rule_switches(own),
        **_local_duty_switches(policy),
    }
    usual = settings[f"{MAY_ACCEPT}default"]
    duties = [duty.key for duty in policy.local_duties]
    for key in (*DUTIES, *duties):
        settings.setdefault(f"{MAY_ACCEPT}{key}", replace(usual, key=f"{MAY_ACCEPT}{key}"))
    return settings | clause_settings()


@cache
def clause_settings() -> dict[str, Setting]:
    """What a policy can call each clause: an id of its own, and a title after a colon."""
    asks = {row["id"]: row["asks"] for row in shipped("clauses.csv")} | SECTIONS
    return {
        f"{CLAUSES}{clause}": Setting(
            f"{CLAUSES}{clause}", clause, "text", clause, meaning, least=1, looser=NEVER
        )
        for clause, meaning in asks.items()
    }


def _of_registers() -> dict[str, Setting]:
    """The switch of each rule, duty and document, and the order of the aims, of whatever is registered."""
    from matcher.policy.aims import AIMS, TIERS  # which read their numbers here
    from matcher.policy.duties import DUTIES as REGISTER
    from matcher.policy.rules import RULES

    rules = ((rule.key, rule.clause, rule.sentence) for rule in RULES if not rule.always)
    found = [
        *_rule_switches(rules).values(),
        *(_switch(f"{DUTY_SWITCH}{each.key}", each.clause, each.sentence) for each in REGISTER),
        *(_switch(f"{DOCUMENT_SWITCH}{key}", "practice", title) for key, title in DRAFTED.items()),
        Setting(
            AIMS_ORDER,
            ", ".join(aim.key for aim in AIMS),
            IN_ORDER,
            "contract: Objective",
            "The aims of a round in order of precedence; one that is left out does not count.",
            choices=tuple(aim.key for aim in AIMS),
            all_of=tuple(aim.key for aim in TIERS),
        ),
    ]
    return {setting.key: setting for setting in found}


def _rule_switches(rules: Iterable[tuple[str, str, str]]) -> dict[str, Setting]:
    """The switches of some rules, each given by its key, its clause and what it says."""
    found = (_switch(f"{RULE_SWITCH}{key}", clause, says) for key, clause, says in rules)
    return {switch.key: switch for switch in found}


def _local_duty_switches(policy: Policy) -> dict[str, Setting]:
    """The switches of the council's own duties."""
    found = (
        _switch(f"{DUTY_SWITCH}{each.key}", each.clause, each.sentence)
        for each in policy.local_duties
    )
    return {switch.key: switch for switch in found}


def _switch(key: str, clause: str, says: str) -> Setting:
    return Setting(key, True, SWITCH, clause, f"Whether this is asked for: {says}")
