"""What a council's own rules and duties ask, as text: `column op value`.

A condition is read once and asked of blocks of pairs as a written rule is: of columns that
broadcast, on which what is not known is met by nothing. No code is run of a file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from math import isnan
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from matcher.codes import RISK_LEVELS, did_you_mean
from matcher.intake.cells import Reader, WrongCell, either, items_of, shown
from matcher.intake.rows import Carer, Household, Request, Row, columns_of, kind_of
from matcher.model import NOT_KNOWN, Mask
from matcher.policy.facts import Value
from matcher.words import count, label, long_date

REQUESTS, HOUSEHOLDS, CARERS, PAIRS = "requests", "households", "carers", "pairs"
NUMBER, DAY, LEVEL, TEXT, LIST = "number", "day", "level", "text", "list"
TABLES: Mapping[str, type[Row]] = {REQUESTS: Request, HOUSEHOLDS: Household, CARERS: Carer}
AS_OF = "as_of"
HAS, IN = "has", "in"
ORDER: Mapping[str, Callable[..., Mask]] = {
    "=": np.equal,
    "<=": np.less_equal,
    ">=": np.greater_equal,
    "<": np.less,
    ">": np.greater,
}
_OP_WORDS = {"<=": "at most ", ">=": "at least ", "<": "below ", ">": "above "}
_DAY_WORDS = {"<=": "on or before ", ">=": "on or after ", "<": "before ", ">": "after "}
_WRITTEN = {"≤": "<=", "≥": ">="}
_CONDITION = re.compile(
    r"\s*(?P<column>[A-Za-z][A-Za-z0-9_.]*)\s*(?P<op><=|>=|≤|≥|=|<|>|\s(?:in|has)\s)\s*(?P<value>.*\S)\s*"
)
_SHIFTED = re.compile(
    r"(?P<number>[0-9]{1,5}) +(?P<unit>day|week|month|year)s? +(?P<way>before|after) +(?P<anchor>\S+)"
)
_DAYS, _MONTHS = {"day": 1, "week": 7}, {"month": 1, "year": 12}
MOST_SHIFTED = 36_600  # days: a hundred years
_PLACE_OF_FAMILY = ("home_postcode", "school_postcode", "keep_away")
_PLACE_OF_HOUSEHOLD = ("postcode", "local_authority", "miles", "school_miles")


class WrongCondition(Exception):
    """A condition that can't be read: what is wrong with it, and how to mend it."""

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(problem)
        self.problem, self.fix = problem, fix


@dataclass(frozen=True, slots=True)
class Source:
    """What a condition is about: a column of a table, or what follows from several."""

    table: str
    name: str
    kind: str
    question: str
    read: Reader[Any]

    def values(self, rows: NDArray[Any]) -> NDArray[Any]:
        """The column of some rows, as the arrays of a round have it: NaN or '' is not known."""
        flat = [_plain(getattr(row, self.name), self.kind) for row in rows.ravel().tolist()]
        made = np.array(flat, np.str_ if self.kind == TEXT else float)
        return made.reshape(rows.shape)


def _plain(value: Any, kind: str) -> str | float:
    if kind == TEXT:
        return str({True: "yes", False: "no", None: ""}.get(value, value))
    if value is None or (kind == DAY and not isinstance(value, date)):
        return NOT_KNOWN  # also of an arrangement of which nobody can say when it ends
    if isinstance(value, date):
        return float(value.toordinal())
    return float(RISK_LEVELS.index(value)) if kind == LEVEL else float(value)


def _number(raw: str) -> float:
    try:
        found = float(raw.removesuffix("miles").strip())
    except ValueError:
        raise WrongCondition(f"{shown(raw)} is not a number.", "Write a number.") from None
    if not 0 <= found <= 100_000:
        raise WrongCondition(f"{shown(raw)} is not a number in range.", "Write a number from 0.")
    return found


WORKED_OUT = (
    Source(HOUSEHOLDS, "approved_carers", NUMBER, "How many carers there are approved?", _number),
    Source(PAIRS, "miles", NUMBER, "What is the postcode of the family's home?", _number),
    Source(PAIRS, "school_miles", NUMBER, "What is the postcode of the school?", _number),
)


@cache
def sources() -> Mapping[str, Source]:
    """Everything that a condition can be about, by its name, those of tables with the table's."""
    found = {f"{each.table}.{each.name}": each for each in WORKED_OUT}
    for table, row in TABLES.items():
        hints = get_type_hints(row)
        for name, column in columns_of(row).items():
            kind = _kind(row, name, hints[name])
            if kind is not None:
                found[f"{table}.{name}"] = Source(table, name, kind, column.question, column.read)
    return found


def _kind(row: type[Row], name: str, hint: Any) -> str | None:
    """What kind of values a column has; None of one that no condition can be about."""
    kinds = {part for part in (get_args(hint) or (hint,)) if part is not type(None)}
    if get_origin(hint) is tuple:
        kinds = {hint}
    of = sorted(kinds, key=str)[0]
    if get_origin(of) is tuple:
        return LIST if get_args(of)[0] is str else None
    if date in kinds:
        return DAY
    if of is str and kind_of(row, name).codes == RISK_LEVELS:
        return LEVEL
    return TEXT if of in (str, bool) else NUMBER


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: what it is about, how it compares, and with which values or which day.

    `values` are texts, numbers or day numbers; with a day `shift` days from a column, or months from
    the day of the round, the day is worked out where it is asked.
    """

    text: str
    source: Source
    op: str
    values: tuple[str | float, ...] = ()
    anchor: Source | None = None
    days: int = 0
    months: int = 0
    from_as_of: bool = False

    @property
    def of(self) -> str:
        """What decides it: requests, households, carers, or pairs of the first two."""
        if self.anchor is None or self.anchor.table == self.source.table:
            return self.source.table
        return PAIRS

    @property
    def of_household(self) -> bool:
        """Whether the household alone decides it."""
        return self.of in (HOUSEHOLDS, CARERS)

    @property
    def tells_place(self) -> bool:
        """Whether what is recorded of it says where a household is."""
        return self.source.table != REQUESTS and self.source.name in _PLACE_OF_HOUSEHOLD

    def recorded(self, request: Request, household: Household, carers: Sequence[Carer]) -> Value:
        """What is recorded of it in the rows of a pair, as JSON holds it; a family's place is not told."""
        if self.source.name in _PLACE_OF_FAMILY:
            return None
        if self.source.table == CARERS:
            return [_json(getattr(each, self.source.name)) for each in carers]
        row = request if self.source.table == REQUESTS else household
        return _json(getattr(row, self.source.name))

    def words(self, *, must: bool) -> str:
        """The condition in plain English: 'dogs is no', or 'dogs must be no'."""
        name = label(self.source.name)
        if self.source.table == CARERS:
            name = f"an approved carer's {name}"
        verbs = ("must be", "must have") if must else ("is", "has")
        op = (_DAY_WORDS if self.source.kind == DAY else _OP_WORDS).get(self.op, "")
        return f"{name} {verbs[self.op == HAS]} {op}{self._value_words()}"

    def _value_words(self) -> str:
        if self.anchor is None and not self.from_as_of:
            if self.source.kind == DAY:
                return long_date(date.fromordinal(int(self.values[0])))
            if self.source.kind == LEVEL:
                return RISK_LEVELS[int(self.values[0])]
            if self.source.kind == NUMBER:
                return f"{float(self.values[0]):g}"
            return either([label(str(value)) for value in self.values])
        day = "the day of the round" if self.anchor is None else label(self.anchor.name)
        shift, unit = (self.months, "month") if self.months else (self.days, "day")
        if not shift:
            return day
        return f"{count(abs(shift), unit)} {'after' if shift > 0 else 'before'} {day}"


def _json(value: Any) -> Value:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


# Reading


@cache
def parsed(text: str) -> Condition:
    """A condition of its text; WrongCondition where it can't be read."""
    found = _CONDITION.fullmatch(text)
    if found is None:
        fix = 'Write column op value, such as "dogs = no"; op is =, <, <=, >, >=, in or has.'
        raise WrongCondition(f"{shown(text)} is not a condition.", fix)
    op = found["op"].strip()
    op, raw = _WRITTEN.get(op, op), found["value"]
    source = _source(found["column"].casefold())
    if source.kind == LIST:
        return _of_list(text, source, op, raw)
    if op == HAS:
        raise WrongCondition(f"{source.name} is not a list.", f'Write "{source.name} = …".')
    if op == IN:
        if source.kind != TEXT:
            raise WrongCondition(f"in takes words, and {source.name} has none.", "Use <= and >=.")
        return Condition(text, source, op, tuple(_read(source, each) for each in items_of(raw)))
    if source.kind == DAY:
        return _of_day(text, source, op, raw)
    if source.kind == TEXT and op != "=":
        raise WrongCondition(f"{source.name} has no order.", f'Use = or in: "{source.name} = …".')
    return Condition(text, source, op, (_read(source, raw),))


def _source(name: str) -> Source:
    every = sources()
    if name in every:
        return every[name]
    named = [key for key in every if key.partition(".")[2] == name]
    if len(named) == 1:
        return every[named[0]]
    if named:
        raise WrongCondition(f"Several tables have {name}.", f"Write {either(named)}.")
    bare = name.rpartition(".")[2]
    if any(bare in columns_of(row) for row in TABLES.values()):
        problem, fix = f"No condition can be about {bare}.", "Write it as a rule in code."
        raise WrongCondition(problem, fix)
    known = [key.partition(".")[2] for key in every]
    guess = did_you_mean(name[:60], known).strip()
    fix = guess or "docs/tables.md lists the columns of requests, households and carers."
    raise WrongCondition(f"There is no column {shown(name)}.", fix)


def _read(source: Source, raw: str) -> str | float:
    """One value as the source's own column reads it."""
    try:
        value = source.read(raw)
    except WrongCell as error:
        first = error.faults[0]
        raise WrongCondition(f"{first.value}: {first.problem}", first.fix) from None
    found = _plain(value, source.kind)
    if isinstance(found, float) and isnan(found):
        raise WrongCondition(f"{shown(raw)} is not a day.", "Write a day, or as_of.")
    return found


def _of_list(text: str, source: Source, op: str, raw: str) -> Condition:
    if op != HAS:
        fix = f'Write "{source.name} has …", one condition for each.'
        raise WrongCondition(f"{source.name} is a list.", fix)
    try:
        items = source.read(raw)
    except WrongCell as error:
        first = error.faults[0]
        raise WrongCondition(f"{first.value}: {first.problem}", first.fix) from None
    if len(items) != 1:
        fix = f'Write "{source.name} has …" once for each.'
        raise WrongCondition("has takes one value.", fix)
    return Condition(text, source, op, tuple(items))


def _of_day(text: str, source: Source, op: str, raw: str) -> Condition:
    shift = _SHIFTED.fullmatch(raw.casefold())
    name = shift["anchor"] if shift else raw.casefold()
    if shift is None and name != AS_OF and not re.fullmatch(r"[a-z][a-z_.]*", name):
        return Condition(text, source, op, (_read(source, raw),))
    number = 0 if shift is None else int(shift["number"]) * (1 if shift["way"] == "after" else -1)
    unit = "day" if shift is None else shift["unit"]
    days, months = number * _DAYS.get(unit, 0), number * _MONTHS.get(unit, 0)
    if abs(days) + 31 * abs(months) > MOST_SHIFTED:
        raise WrongCondition("That is more than a hundred years.", "Write fewer days.")
    if name == AS_OF:
        return Condition(text, source, op, days=days, months=months, from_as_of=True)
    anchor = _source(name)
    if anchor.kind != DAY:
        raise WrongCondition(f"{anchor.name} is not a day.", "Write as_of, or a column of days.")
    if months:
        fix = "Count in days or weeks from a column; months and years are from as_of."
        raise WrongCondition(f"Months are not counted from {anchor.name}.", fix)
    if CARERS in (source.table, anchor.table):
        raise WrongCondition("A carer's day is compared with as_of or a date.", "Write as_of.")
    return Condition(text, source, op, anchor=anchor, days=days)
