"""Read a policy file: single settings, from which day they count, reasons, rules and duties of its own."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeAlias

from matcher.codes import did_you_mean
from matcher.errors import Fault, wrong_setting
from matcher.intake.cells import shown
from matcher.policy.about import KEYS as OF_ABOUT
from matcher.policy.about import about, as_day, as_found
from matcher.policy.local import LOCAL_DUTY, LOCAL_RULE, read_local_duties, read_local_rules
from matcher.policy.rules import RULES
from matcher.policy.settings import (
    FROM,
    IN_ORDER,
    OFF,
    REASONS,
    RULE_SWITCH,
    SWITCH,
    Policy,
    Reason,
    Setting,
    default,
    settings_of,
    shipped_text,
)
from matcher.policy.terms import CLAUSES, wrong_names
from matcher.words import one_line

LONGEST_NAME = 100  # letters of the name of a policy, or of a version
LONGEST_REASON = 2000
OF_REASON = {"reason", "decided_by", "on"}


def override(
    base: Policy,
    table: Mapping[str, Any],
    source: str,
    faults: list[Fault],
    day: date | None = None,
    *,
    asks_reasons: bool = True,
) -> Policy:
    """`base` with single keys changed; every key that can't be is added to `faults`.

    `table` is nested as TOML nests it; `source` is the file that errors name. What stands in its
    tables `from` a day is in force where that day is not after `day`, the round's; without one, none
    is. A question of what would be, and what a round says that it used, `asks_reasons` of nobody.
    """
    base = _with_local(base, table, source, faults)
    reader = _Reader(settings_of(base), source, faults, asks_reasons)
    of_itself = {key: value for key, value in table.items() if key in OF_ABOUT}
    if of_itself:
        base = replace(base, about=about(of_itself, source, faults))
    apart = (*OF_ABOUT, LOCAL_RULE, LOCAL_DUTY)
    settings = {key: value for key, value in table.items() if key not in apart}
    own, later, reasons = reader.parts(settings)
    policy = in_force = reader.stage(base, own, reasons, "", day)
    for first, pairs in sorted(later.items()):
        policy = reader.stage(policy, pairs, reasons, f"{FROM}.{first}.", first)
        if day is not None and first <= day:
            in_force = policy
    return in_force


def days_named(table: Mapping[str, Any]) -> list[date]:
    """The days from which a policy file says something else, in order."""
    later = table.get(FROM)
    days = map(as_day, later) if isinstance(later, Mapping) else ()
    return sorted(day for day in days if day is not None)


def default_on(day: date) -> Policy:
    """The policy that ships as in force on a day: where the law changes, its file says from which."""
    later = tomllib.loads(shipped_text()).get(FROM)
    faults: list[Fault] = []
    table = {FROM: later} if later else {}
    found = override(default(), table, "default.toml", faults, day, asks_reasons=False)
    if faults:
        raise ValueError(faults[0].sentence())
    return found


Pairs: TypeAlias = list[tuple[str, Any]]


@dataclass(frozen=True)
class _Reader:
    """Reads one file of a policy."""

    settings: Mapping[str, Setting]
    source: str
    faults: list[Fault]
    asks_reasons: bool

    def fault(self, key: str, value: object, problem: str, fix: str) -> None:
        fault = wrong_setting(self.source, shown(key), problem, fix, value=as_found(value))
        self.faults.append(fault)

    def parts(self, table: Mapping[str, Any]) -> tuple[Pairs, dict[date, Pairs], dict[str, Reason]]:
        """What a file says from the start, what it says from each later day, and its reasons."""
        own: Pairs = []
        later: dict[date, Pairs] = {}
        reasons: dict[str, dict[str, Any]] = {}
        for key, value in flat(table):
            head, _, rest = key.partition(".")
            if key in (REASONS, FROM) and value == {}:
                continue  # a heading with nothing below it says nothing
            if head == REASONS:
                setting, _, name = rest.rpartition(".")
                if name in OF_REASON or setting in self.settings:
                    reasons.setdefault(setting, {})[name] = value
                else:
                    problem = "This is no table with a reason."
                    self.fault(key, value, problem, _how(rest if rest in self.settings else ""))
            elif head == FROM:
                text, _, rest = rest.partition(".")
                if (first := as_day(text)) is None or not rest:
                    problem = "It names no day." if first is None else "Nothing stands below it."
                    fix = "Write [from.2027-04-01], and the settings below it."
                    self.fault(key, value or None, problem, fix)
                else:
                    later.setdefault(first, []).append((rest, value))
            else:
                own.append((key, value))
        read = (self._reason(setting, given) for setting, given in reasons.items())
        return own, later, {each.setting: each for each in read if each is not None}

    def _reason(self, setting: str, given: Mapping[str, Any]) -> Reason | None:
        """A reason as a file gives it; None, with every fault, where it is wrong."""
        before, place = len(self.faults), f"{REASONS}.{setting}" if setting else REASONS
        if setting not in self.settings:
            fix = f'Write [{REASONS}."…"] with the key of the setting that it is about.'
            self.fault(place, None, "The policy has no such setting.", fix)
        for name in sorted(given.keys() - OF_REASON):
            self.fault(f"{place}.{name}", None, "No reason has such a key.", _how(setting))
        for name in ("reason", "decided_by"):
            text = given.get(name)
            if not isinstance(text, str) or not 0 < len(one_line(text).strip()) <= LONGEST_REASON:
                problem = "It is missing." if text is None else "It is not a line of text."
                self.fault(f"{place}.{name}", text, problem, _how(setting))
        on = as_day(given.get("on"))
        if on is None:
            problem = "It is missing." if "on" not in given else "It is not a day."
            self.fault(f"{place}.on", given.get("on"), problem, _how(setting))
        if on is None or len(self.faults) > before:
            return None
        return Reason(setting, one_line(given["reason"]), one_line(given["decided_by"]), on)

    def stage(
        self,
        base: Policy,
        pairs: Iterable[tuple[str, Any]],
        reasons: Mapping[str, Reason],
        place: str,
        first: date | None,
    ) -> Policy:
        """A policy with what counts from a day; `place` is what its keys begin with in the file."""
        pairs = list(pairs)
        of_its_own = {key: value for key, value in pairs if key in (LOCAL_RULE, LOCAL_DUTY)}
        base = _with_local(base, of_its_own, self.source, self.faults, place)
        here = (
            replace(self, settings=settings_of(base)) if place else self
        )  # with rules of that day
        name, version, values = base.name, base.version, dict(base.values)
        why, since = dict(base.reasons), dict(base.since)
        for key, value in pairs:
            if key in of_its_own:
                continue
            if key in ("name", "version"):
                text = one_line(str(value)).strip()
                if not isinstance(value, str) or not (text and value.isprintable()):
                    self.fault(f"{place}{key}", value, "This is not text.", f'Write {key} = "…".')
                elif len(text) > LONGEST_NAME:
                    problem = f"It is longer than {LONGEST_NAME} letters."
                    self.fault(f"{place}{key}", value, problem, "Shorten it.")
                name, version = (text, version) if key == "name" else (name, text)
            elif (setting := here._writable(place, key, value)) is not None:
                values[key] = setting.read(value)
                why.pop(key, None)
                since.pop(key, None)
                if key in reasons:
                    why[key] = reasons[key]
                if place and first is not None:
                    since[key] = first
                if (setting.of_register or key.startswith(CLAUSES)) and values[
                    key
                ] == setting.value:
                    del values[key]  # as where nobody wrote it
                self._ask_reason(place, setting, values.get(key), why.get(key), first)
        made = replace(base, name=name, version=version, values=values, reasons=why, since=since)
        if not any(made.group("weights").values()):
            self.fault(
                f"{place}weights", None, "No criterion counts then.", "Leave one weight above 0."
            )
        if made.number("grades.high") < made.number("grades.medium"):
            fix = "Write a value from grades.medium, such as grades.high = 0.75."
            high = made.values["grades.high"]
            self.fault(f"{place}grades.high", high, "High is below grades.medium.", fix)
        for key, problem, fix in wrong_names(made.settings, made.values):
            self.fault(f"{place}{key}", made.values[key], problem, fix)
        return made

    def _writable(self, place: str, key: str, value: Any) -> Setting | None:
        """The setting of a key that can have this value; None, with the fault, where it can't."""
        setting = self.settings.get(key)
        if never := _never_off().get(key):
            says = f"This rule has no switch: {never}"
            self.fault(f"{place}{key}", value, says, "Leave this line out.")
        elif setting is None and value == {} and self._stands_above(key):
            return None  # a heading with nothing below it says nothing
        elif setting is None:
            guess = did_you_mean(key[:60], [*self.settings, "name", "version"]).strip()
            fix = guess or "'matcher policy' lists every setting."
            self.fault(f"{place}{key}", None, "The policy has no such setting.", fix)
        elif problem := setting.problem(setting.read(value)):
            off = ' or "off"' if setting.off else ""
            kind = f"a value in {setting.unit}"
            if setting.choices:
                kind = setting.unit if setting.unit == IN_ORDER else "one of these"
            fix = f"Write {kind}{off}, such as {_example(setting)}."
            if setting.unit == SWITCH:
                fix = f"Write {setting.key} = false."
            self.fault(f"{place}{key}", value, f"It {problem}.", fix)
            return None
        return setting

    def _stands_above(self, heading: str) -> bool:
        return any(key.startswith(f"{heading}.") for key in self.settings)

    def _ask_reason(
        self, place: str, setting: Setting, value: object, why: Reason | None, first: date | None
    ) -> None:
        """The fault of a setting that is looser than usual without a reason that counts by then."""
        if not self.asks_reasons or value is None or not setting.loosens(value):
            return
        if why is None:
            problem = (
                f"It rests on {setting.source}: it is off or looser only with a written reason."
            )
            self.fault(f"{place}{setting.key}", value, problem, _how(setting.key))
        elif first is not None and why.on > first:
            problem = "It was decided after the day on which the setting counts."
            fix = (
                f"Write a day up to {first.isoformat()}, or let the setting count from a later day."
            )
            self.fault(f"{REASONS}.{setting.key}.on", why.on, problem, fix)


def _how(setting: str) -> str:
    """How a reason is written."""
    return (
        f'Write [{REASONS}."{setting or "…"}"] and below it reason = "…", decided_by = "…" (the role) '
        "and on = 2026-11-01 (the day)."
    )


def _example(setting: Setting) -> str:
    value: object = 2 if setting.value == OFF and not setting.choices else setting.value
    if setting.unit == IN_ORDER:
        value = list(setting.choices)
    return f"{setting.key} = {json.dumps(value)}"


def flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The settings of a table, with a dot in a key for each table of TOML."""
    for key, value in table.items():
        if isinstance(value, Mapping) and value:
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _never_off() -> dict[str, str]:
    """Why a hard rule has no switch, by the key that the switch would have."""
    return {f"{RULE_SWITCH}{rule.key}": rule.always for rule in RULES if rule.always}


def _with_local(
    policy: Policy, table: Mapping[str, Any], source: str, faults: list[Fault], place: str = ""
) -> Policy:
    """A policy with the council's own rules and duties of a file added; one of a name replaces another.

    `place` is what their keys begin with in the file.
    """
    rules = {rule.name: rule for rule in policy.local_rules}
    duties = {duty.key: duty for duty in policy.local_duties}
    if LOCAL_RULE in table:
        taken = {rule.key: "a rule of the product" for rule in RULES}
        found = read_local_rules(table[LOCAL_RULE], source, taken, faults, place)
        rules |= {rule.name: rule for rule in found}
    if LOCAL_DUTY in table:
        own = read_local_duties(table[LOCAL_DUTY], source, faults, place)
        duties |= {duty.key: duty for duty in own}
    return replace(policy, local_rules=tuple(rules.values()), local_duties=tuple(duties.values()))
