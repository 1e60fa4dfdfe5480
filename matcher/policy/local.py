"""A council's own rules, as its policy file has them: read, with every fault by its place."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from matcher.codes import DUTIES, HAPPENINGS
from matcher.codes import LOCAL_DUTY as KEY
from matcher.errors import Fault, wrong_setting
from matcher.intake.cells import either, shown
from matcher.policy.about import as_found
from matcher.policy.conditions import (
    DAY,
    HOUSEHOLDS,
    PAIRS,
    REQUESTS,
    Condition,
    WrongCondition,
    parsed,
    sources,
)
from matcher.words import and_list, upper_first

LOCAL_RULE, LOCAL_DUTY = "local_rule", "local_duty"
FAMILY, HOME, PLACEMENT = "family", "home", "placement"  # what a duty is about
START = "start"  # of the placement
LONGEST = 300  # letters of a text
MOST = 50  # of a council's own rules, and of the conditions of one
_NAME = re.compile(r"[a-z][a-z0-9_]{2,39}")
_KEY = re.compile(rf"{KEY}[a-z0-9_]{{2,40}}")
_DUE = re.compile(
    r"(?:(?P<number>[0-9]{1,4}) +(?P<unit>day|week)s? +(?P<way>before|after) +)?(?P<day>[a-z][a-z0-9_]*)"
)
_EVERY = re.compile(r"(?P<number>[0-9]{1,4}) +(?P<unit>day|week)s?")
# Of a household: worked out, with a meaning of its own, or of a name that the facts of a duty have of the family.
_NOT_OF_A_DUTY = ("approved_carers", "features", "status", "terms")
_UNITS = {"day": 1, "week": 7}


@dataclass(frozen=True, slots=True)
class LocalRule:
    """A hard rule that a council wrote: where all of `when` hold, all of `must` do.

    `lack` says what a household that fails it is, `reason` why a pair fails, `fix` what would mend
    it and `who` can grant that; `sentence` is the rule in plain English.
    """

    name: str
    clause: str
    when: tuple[str, ...]
    must: tuple[str, ...]
    lack: str
    reason: str
    fix: str
    who: str
    sentence: str

    @property
    def asked(self) -> tuple[Condition, ...]:
        """The conditions under which it asks for something."""
        return tuple(map(parsed, self.when))

    @property
    def demands(self) -> tuple[Condition, ...]:
        """The conditions that must hold then."""
        return tuple(map(parsed, self.must))

    @property
    def tells_place(self) -> bool:
        """Whether it asks where the household is."""
        return any(each.tells_place for each in (*self.asked, *self.demands))

    @property
    def table(self) -> dict[str, Any]:
        """The rule as a policy file has it."""
        return {key: list(v) if isinstance(v, tuple) else v for key, v in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class LocalDuty:
    """What a council asks somebody to do besides: by when, who does it, and whether it holds.

    It is about the family, whatever the home; about the home that is proposed or chosen; or about
    the placement, once one runs or is agreed. It is due so many days after (before: a minus) a day
    of the family, the start of the placement or what an event says, and again `every` so many days
    where it recurs.
    """

    key: str
    clause: str
    sentence: str
    action: str
    who: str
    about: str
    holds: bool
    when: tuple[str, ...]
    due: str
    every: str

    @property
    def asked(self) -> tuple[Condition, ...]:
        """The conditions under which it is asked for."""
        return tuple(map(parsed, self.when))

    @property
    def counts_from(self) -> str:
        """The day that it counts from: a column of the family, the start, or an event; '' where none."""
        found = _DUE.fullmatch(self.due)
        return found["day"] if found else ""

    @property
    def days(self) -> int:
        """How many days after that it is due."""
        found = _DUE.fullmatch(self.due)
        if found is None or found["number"] is None:
            return 0
        days = int(found["number"]) * _UNITS[found["unit"]]
        return days if found["way"] == "after" else -days

    @property
    def recurs_days(self) -> int:
        """After how many days it is due again; 0 where it does not recur."""
        found = _EVERY.fullmatch(self.every)
        return int(found["number"]) * _UNITS[found["unit"]] if found else 0

    @property
    def table(self) -> dict[str, Any]:
        """The duty as a policy file has it."""
        return {key: list(v) if isinstance(v, tuple) else v for key, v in asdict(self).items()}


def in_words(when: Collection[Condition], must: Collection[Condition]) -> str:
    """Conditions as a sentence, such as 'Where purpose is support, dogs must be no'."""
    then = and_list(each.words(must=True) for each in must)
    if not when:
        return f"{upper_first(then)}."
    return f"Where {and_list(each.words(must=False) for each in when)}, {then}."


def read_local_rules(
    given: object, source: str, taken: Mapping[str, str], faults: list[Fault], place: str = ""
) -> tuple[LocalRule, ...]:
    """The local rules of a file; every fault by its place, which begins with `place`.

    `taken` are names that they can't have, each with whose it is.
    """
    made = list[LocalRule]()
    taken = dict(taken)
    for reader in readers(given, LOCAL_RULE, source, faults, place):
        name = reader.name(taken)
        when, must = reader.conditions("when"), reader.conditions("must", needed=True)
        words = {key: reader.text(key) for key in ("clause", "lack", "reason", "fix", "who")}
        sentence = reader.text("sentence", needed=False)
        reader.nothing_else(each.name for each in fields(LocalRule))
        if not reader.is_wrong:
            made.append(
                LocalRule(
                    name=name,
                    when=tuple(each.text for each in when),
                    must=tuple(each.text for each in must),
                    sentence=sentence or in_words(when, must),
                    **words,
                )
            )
    return tuple(made)


def read_local_duties(
    given: object, source: str, faults: list[Fault], place: str = ""
) -> tuple[LocalDuty, ...]:
    """The local duties of a file; every fault by its place, which begins with `place`."""
    made = list[LocalDuty]()
    taken: dict[str, str] = {}
    for reader in readers(given, LOCAL_DUTY, source, faults, place):
        key = reader.key(taken)
        words = {name: reader.text(name) for name in ("clause", "sentence", "who")}
        about = reader.about()
        when = [each.text for each in reader.of_duty(about)]
        holds = reader.yes_or_no("holds")
        due, every = reader.due(), reader.every(about)
        action = reader.text("action", needed=False) or words["sentence"]
        reader.nothing_else(each.name for each in fields(LocalDuty))
        if not reader.is_wrong:
            made.append(
                LocalDuty(
                    key=key,
                    action=action,
                    about=about,
                    holds=holds,
                    when=tuple(when),
                    due=due,
                    every=every,
                    **words,
                )
            )
    return tuple(made)


def readers(
    given: object, kind: str, source: str, faults: list[Fault], place: str
) -> Iterator[Reader]:
    """What reads each table of a list of tables in a policy file."""
    if not isinstance(given, list) or not all(isinstance(each, Mapping) for each in given):
        faults.append(
            wrong_setting(source, place + kind, "This is no list of tables.", f"Write [[{kind}]].")
        )
        return
    if len(given) > MOST:
        problem, fix = f"There are more than {MOST}.", "Write what they ask as a rule in code."
        faults.append(wrong_setting(source, place + kind, problem, fix))
        return
    for number, table in enumerate(given, 1):
        yield Reader(table, f"{place}{kind} {number}", source, faults)


def _is_day(name: str) -> bool:
    """Whether a duty can count from it: the start, a day of the family, or what an event says."""
    source = sources().get(f"{REQUESTS}.{name}")
    is_column = source is not None and source.kind == DAY
    return name == START or is_column or name in (*DUTIES, *HAPPENINGS)


class Reader:
    """Reads one table of a policy file part by part, and keeps what is wrong with it."""

    def __init__(
        self, table: Mapping[str, Any], place: str, source: str, faults: list[Fault]
    ) -> None:
        self.table, self.place, self.source, self.faults = table, place, source, faults
        self.is_wrong = False

    def wrong(self, part: str, problem: str, fix: str, value: object = None) -> None:
        """Keep a fault of one part."""
        self.is_wrong = True
        where = f"{self.place}, {part}"
        fault = wrong_setting(self.source, where, problem, fix, value=as_found(value))
        self.faults.append(fault)

    def name(self, taken: dict[str, str]) -> str:
        """Its own name, which nothing else has."""
        problem = "This is not a name." if "name" in self.table else "It has no name."
        fix = 'Write name = "no_dogs": 3 to 40 small letters, figures and underscores.'
        return self._own("name", _NAME, taken, problem, fix)

    def key(self, taken: dict[str, str]) -> str:
        """The key of a duty, which events name."""
        fix = f'Write key = "{KEY}fire_check": {KEY}, then small letters, figures and underscores.'
        return self._own("key", _KEY, taken, "This is not the key of a local duty.", fix)

    def _own(
        self, part: str, form: re.Pattern[str], taken: dict[str, str], problem: str, fix: str
    ) -> str:
        value = self.table.get(part)
        if not isinstance(value, str) or not form.fullmatch(value):
            self.wrong(part, problem, fix, value)
            return ""
        if value in taken:
            whose = f"This is the {part} of {taken[value]}."
            self.wrong(part, whose, f"Choose another {part}.", value)
        taken.setdefault(value, f"{self.place} too")
        return value

    def about(self) -> str:
        """What a duty is about."""
        value = self.table.get("about", HOME)
        if value not in (FAMILY, HOME, PLACEMENT):
            fix = f"Write {either((FAMILY, HOME, PLACEMENT))}."
            self.wrong("about", "This is nothing that a duty can be about.", fix, value)
        return str(value)

    def yes_or_no(self, key: str) -> bool:
        """A switch; no where it is left out."""
        value = self.table.get(key, False)
        if not isinstance(value, bool):
            self.wrong(key, "This is neither true nor false.", f"Write {key} = true.", value)
        return value is True

    def of_duty(self, about: str) -> list[Condition]:
        """The conditions of a duty, on columns that it can read."""
        found = self.conditions("when")
        for number, each in enumerate(found, 1):
            source = each.source
            of_home = source.table == HOUSEHOLDS and source.name not in _NOT_OF_A_DUTY
            if source.table == REQUESTS or (of_home and about == HOME and not each.tells_place):
                continue
            problem = f"A duty about the {about} can't ask for {source.name}."
            fix = "Use columns of requests; about the home, also those of households but its place."
            self.wrong(f"when {number}", problem, fix, each.text)
        return found

    def due(self) -> str:
        """The day on which it is due, as text; '' where none is said."""
        value = self.table.get("due", "")
        text = " ".join(value.split()).casefold() if isinstance(value, str) else ""
        if value == "":
            return ""
        found = _DUE.fullmatch(text)
        if found is None or not _is_day(found["day"]):
            fix = (
                'Write due = "5 days before start", or after needed_from, an event or another day.'
            )
            self.wrong("due", "This is no day that a duty can count from.", fix, value)
        return text

    def every(self, about: str) -> str:
        """After how long it is due again, as text; '' where it does not recur."""
        value = self.table.get("every", "")
        text = " ".join(value.split()).casefold() if isinstance(value, str) else ""
        if value == "":
            return ""
        found = _EVERY.fullmatch(text)
        if found is None or int(found["number"]) == 0:
            self.wrong("every", "This is no time.", 'Write every = "7 days".', value)
        if about == HOME:
            fix = f"Write about = {either((FAMILY, PLACEMENT))}."
            self.wrong("every", "What recurs is about the family or its placement.", fix)
        return text

    def text(self, key: str, *, needed: bool = True) -> str:
        """One line of text; '' where there is none and none is needed."""
        value = self.table.get(key)
        if value is None and not needed:
            return ""
        if not isinstance(value, str) or not value.strip():
            self.wrong(key, "It is left out, or is not text.", f'Write {key} = "…".', value)
            return ""
        if not value.isprintable() or len(value) > LONGEST:
            problem = f"This is not one line of at most {LONGEST} letters."
            self.wrong(key, problem, "Shorten it, and take out what is no letter.")
            return ""
        return value.strip()

    def conditions(self, key: str, *, needed: bool = False) -> list[Condition]:
        """A list of conditions."""
        value = self.table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            self.wrong(key, "This is no list of conditions.", f'Write {key} = ["dogs = no"].')
            return []
        if (needed and not value) or len(value) > MOST:
            fix = f'Write {key} = ["dogs = no"], or as many as you need up to {MOST}.'
            self.wrong(key, "It has no condition." if not value else "It has too many.", fix)
        made = []
        for number, text in enumerate(value[:MOST], 1):
            try:
                made.append(self._condition(key, text))
            except WrongCondition as error:
                self.wrong(f"{key} {number}", error.problem, error.fix, text)
        return made

    @staticmethod
    def _condition(key: str, text: str) -> Condition:
        found = parsed(" ".join(text.split()))
        if key == "when" and found.of == PAIRS and found.source.table != PAIRS:
            problem = "It compares a home with a family, which only must can."
            raise WrongCondition(problem, "Write it under must, or compare with as_of.")
        return found

    def nothing_else(self, known: Iterator[str]) -> None:
        """A fault for each part that there is not."""
        names = list(known)
        for key in self.table:
            if key not in names:
                self.wrong(shown(str(key)), "There is no such part.", f"Use {either(names)}.")
