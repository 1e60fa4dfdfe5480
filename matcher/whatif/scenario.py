"""Read scenarios from a TOML file or from options; every fault of them is found at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from matcher.codes import did_you_mean
from matcher.errors import Fault, WrongInput, wrong_setting
from matcher.intake.cells import WrongCell, either, shown
from matcher.intake.checks import contradictions
from matcher.intake.edits import Edit, Edits, NewCarer, NewHousehold, apply, new_row
from matcher.intake.inputs import STAYS, Inputs
from matcher.intake.rows import (
    ASKED_ALONE,
    TABLES,
    Carer,
    Household,
    Row,
    columns_of,
    reader_of,
    told_by_list,
)
from matcher.intake.settings import read_toml
from matcher.policy.reading import flat, override
from matcher.policy.settings import AIMS_ORDER, FROM, Policy, weight_key
from matcher.policy.switched import KINDS
from matcher.policy.terms import plain
from matcher.whatif.acts import ACTS, Act
from matcher.words import label, one_line, upper_first

OPTIONS = "options"
PAIRS = ("choose", "rule_out")
LONGEST_NAME = 80
SETTABLE = {"households": "household_id", "requests": "request_id", "carers": "carer_id"}
KEYS = ("name", *ACTS, "household", "add_household", "set", "weight", "policy")


@dataclass(frozen=True)
class Scenario:
    """A what-if: a name, edits of the tables, and settings of the policy that differ."""

    name: str
    edits: Edits = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    said: str = ""  # what it changes, in words

    def data(self, inputs: Inputs) -> Inputs:
        """The input as it would be; the one that is given stays as it is."""
        return apply(inputs, self.edits)

    def touched(self, inputs: Inputs) -> tuple[str, ...]:
        """The households of which a cell or a carer changes, by id; those that close are left out."""
        found, carers = set[str](), set[str]()
        for edit in self.edits:
            match edit:
                case Edit(table="households", value=value) if value != "suspended":
                    found.add(edit.key)
                case Edit(table="carers"):
                    carers.add(edit.key)
                case NewCarer():
                    found.add(edit.carer.household_id)
                case NewHousehold():
                    found.add(edit.household.household_id)
        every = inputs.carers.values() if carers else ()
        found |= {c.household_id for some in every for c in some if c.carer_id in carers}
        return tuple(sorted(found))

    def policy(self, policy: Policy) -> Policy:
        """The policy as it would be."""
        faults: list[Fault] = []
        changed = override(policy, self.settings, self.name, faults, asks_reasons=False)
        if faults:
            raise WrongInput(faults)
        return changed


def read_scenarios(path: Path, inputs: Inputs, policy: Policy) -> list[Scenario]:
    """The scenarios of a TOML file: `[[scenario]]` tables, or one at the top.

    Raises WrongInput with every fault.
    """
    faults: list[Fault] = []
    table = read_toml(path, path.name, faults)
    several = table.pop("scenario", None)
    found = []
    if several is None:
        several = [table]
    elif table or not _are_tables(several):
        problem, fix = "It mixes two forms.", "Write each scenario under its own [[scenario]]."
        faults.append(wrong_setting(path.name, "scenario", problem, fix))
        several = []
    elif not several:
        problem, fix = "There is no scenario in it.", "Write [[scenario]] and what it changes."
        faults.append(wrong_setting(path.name, "scenario", problem, fix))
    for each in several:
        reader = _Reader(each, path.name, path.parent, inputs, policy, faults)
        found.append(reader.scenario())
    names = [each.name for each in found]
    for name in sorted({each for each in names if names.count(each) > 1}):
        problem = "Two scenarios have this name."
        faults.append(
            wrong_setting(path.name, "name", problem, "Name them apart.", value=shown(name))
        )
    if faults:
        raise WrongInput(faults)
    return found


def read_options(table: Mapping[str, Any], inputs: Inputs, policy: Policy) -> Scenario:
    """The scenario that options describe, in the keys of the file; WrongInput with every fault."""
    faults: list[Fault] = []
    found = _Reader(table, OPTIONS, Path(), inputs, policy, faults).scenario()
    if faults:
        raise WrongInput(faults)
    return found


@dataclass
class _Reader:
    table: Mapping[str, Any]
    source: str
    folder: Path
    inputs: Inputs
    policy: Policy
    faults: list[Fault]
    edits: list[Any] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def fault(self, key: str, value: object, problem: str, fix: str) -> None:
        found = None if value is None else shown(str(value))
        self.faults.append(wrong_setting(self.source, shown(key), problem, fix, value=found))

    def scenario(self) -> Scenario:
        for key in self.table:
            if key not in KEYS:
                guess = did_you_mean(str(key)[:60], KEYS).strip()
                self.fault(
                    key, None, "No scenario has such a key.", guess or f"Use {either(KEYS)}."
                )
        for file in self.listed("add_household"):
            self.add_file(file)
        for household in self.tables("household"):
            self.add(household, "household")
        for key, act in ACTS.items():
            for text in self.listed(key):
                self.act(key, act, text)
        for cell, value in self.mapping("set").items():
            self.set(cell, value)
        settings, weights = dict(flat(self.mapping("policy"))), dict(self.mapping("weight"))
        for name in sorted({name for name in settings if name.startswith(f"{FROM}.")}):
            fix = "Write the setting itself: a what-if is of the round's day."
            self.fault(f"policy.{name}", settings.pop(name), "It counts from a day.", fix)
        said_of_policy = [f"{_last(name)} = {_written(value)}" for name, value in settings.items()]
        settings |= {weight_key(name): value for name, value in weights.items()}
        override(self.policy, settings, self.source, self.faults, asks_reasons=False)
        self.said += [f"{name} weighs {value}" for name, value in weights.items()]
        self.said += said_of_policy
        self.contradictions()
        said = upper_first(one_line(", ".join(self.said))) or "Nothing changes"
        return Scenario(self.name() or said, tuple(self.edits), settings, said)

    def name(self) -> str:
        """The name that the file gives, '' where it gives none or a wrong one."""
        name = self.table.get("name", "")
        if isinstance(name, str) and name.isprintable() and len(name) <= LONGEST_NAME:
            return name
        problem = f"A name is one line of at most {LONGEST_NAME} letters."
        self.fault("name", name, problem, 'Write name = "…".')
        return ""

    def contradictions(self) -> None:
        """Acts of one scenario that can't all hold."""
        pairs = {key: [text.partition(":") for text in self.listed(key)] for key in PAIRS}
        named = [(r, h) for r, _, h in pairs["choose"]]
        gone, shut = set(self.listed("without")), set(self.listed("close"))
        for request, household_id in named:
            others = [each for each in named if each != (request, household_id)]
            both = any(request == r or household_id == h for r, h in others)
            out = (request, ":", household_id) in pairs["rule_out"]
            if both or out or request in gone or household_id in shut:
                problem = "Another act of this scenario contradicts it."
                fix = "One household for one family; or write two scenarios."
                self.fault("choose", f"{request}:{household_id}", problem, fix)
        for household_id in sorted(shut & set(self.listed("open"))):
            self.fault("close", household_id, "The scenario opens it, too.", "Write two scenarios.")

    def make(self, edits: Edits, words: str) -> None:
        """Keep edits and what they are in words; later acts see what earlier ones changed."""
        self.inputs = apply(self.inputs, edits)
        self.edits += edits
        self.said.append(words)

    def listed(self, key: str) -> list[str]:
        value = self.table.get(key, ())
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list | tuple) or not all(isinstance(i, str) for i in items):
            self.fault(key, value, "This is not a list of ids.", f'Write {key} = ["…"].')
            return []
        return list(dict.fromkeys(items))

    def mapping(self, key: str) -> Mapping[str, Any]:
        value = self.table.get(key, {})
        if isinstance(value, Mapping):
            return value
        self.fault(key, value, "This is not a table.", f"Write [{key}] and one line a value.")
        return {}

    def tables(self, key: str) -> list[Mapping[str, Any]]:
        value = self.table.get(key, ())
        items = [value] if isinstance(value, Mapping) else value
        if _are_tables(items):
            return list(items)
        self.fault(key, None, "This is not a table.", "Write [[scenario.household]] and its cells.")
        return []

    # Acts

    @property
    def ids(self) -> dict[str, set[str]]:
        return {
            "household": {row.household_id for row in self.inputs.households},
            "request": {row.request_id for row in self.inputs.requests},
        }

    def act(self, key: str, act: Act, text: str) -> None:
        names: tuple[str, ...] | None = (text,)
        if act.names == "pair":
            names = self.pair(key, text)
        elif text not in (known := self.ids[act.names]):
            guess = did_you_mean(text[:60], sorted(known)).strip()
            fix = guess or f"Name a {act.names} of the round."
            placed = self.inputs.placed_where(text) if act.names == "request" else None
            self.fault(
                key, text, placed or f"There is no such {act.names}.", STAYS if placed else fix
            )
            names = None
        if names is not None:
            self.make(act.edits(self.inputs, *names), act.said.format(*names))

    def pair(self, key: str, text: str) -> tuple[str, str] | None:
        """The request and the household of 'R3:H7'; ids may hold a colon themselves."""
        places = [at for at, letter in enumerate(text) if letter == ":"]
        for at in places:
            request, household_id = text[:at].strip(), text[at + 1 :].strip()
            if request in self.ids["request"] and household_id in self.ids["household"]:
                return request, household_id
        named = (self.inputs.placed_where(text[:at].strip()) for at in places)
        if placed := next(filter(None, named), None):
            self.fault(key, text, placed, STAYS)
        else:
            fix = "Write REQUEST:HOUSEHOLD, such as R3:H7."
            self.fault(key, text, "There is no such pair.", fix)
        return None

    # Cells and households

    def set(self, cell: str, value: Any) -> None:
        """One cell: 'H12.bedrooms' with a value."""
        key, _, column = cell.rpartition(".")
        found = [
            table
            for table, name in SETTABLE.items()
            if column in columns_of(TABLES[table]) and column not in SETTABLE.values()
            if any(getattr(row, name) == key for row in self.rows(table))
        ]
        if not found and (placed := self.inputs.placed_where(key)):
            self.fault("set", cell, placed, STAYS)
            return
        if len(found) != 1:
            problem = "More than one row has this id." if found else "There is no such cell."
            fix = "Write the id of a household, request or carer, a dot and a column: H12.bedrooms."
            self.fault("set", cell, problem, fix)
            return
        (table,) = found
        if (table, column) == ("requests", "status"):
            self.fault("set", cell, "A request is asked or not.", f'Write without = ["{key}"].')
            return
        read = self.cell(TABLES[table], column, value, f"set.{cell}")
        if read is None:
            return
        self.make((Edit(table, key, column, read[0]),), f"{cell} = {_text(value) or 'not known'}")
        if table == "requests":
            (row,) = (each for each in self.inputs.requests if each.request_id == key)
            for fault in contradictions(row):
                where = f"set.{key}.{fault.column}"
                self.fault(where, fault.value, fault.problem, fault.fix)

    def rows(self, table: str) -> Iterable[Any]:
        if table == "carers":
            return (carer for some in self.inputs.carers.values() for carer in some)
        rows: Iterable[Any] = getattr(self.inputs, table)
        return rows

    def cell(self, row: type[Row], column: str, value: Any, key: str) -> tuple[Any] | None:
        """A cell as the tables read it; None with a fault where it can't be read."""
        text = _text(value)
        if not text:
            about = columns_of(row)[column]
            if about.required:
                self.fault(key, None, "This cell can't be blank.", "Write a value.")
                return None
            return (about.default,)
        try:
            return (reader_of(row, column)(text),)
        except WrongCell as error:
            for found, problem, fix, _ in error.faults:
                self.fault(key, found, problem, fix)
            return None

    def add_file(self, file: str) -> None:
        """A household from a TOML file: its cells, and one [[carers]] a carer."""
        path = self.folder / file
        self.add(read_toml(path, shown(path.name), self.faults), "add_household")

    def add(self, table: Mapping[str, Any], key: str) -> None:
        """One more household with its carers, from their cells."""
        if not table:
            return
        cells = {name: value for name, value in table.items() if name != "carers"}
        carers = table.get("carers", [])
        household = self.row(Household, cells, key)
        if not _are_tables(carers):
            self.fault(f"{key}.carers", None, "This is not a table.", "Write [[carers]] for each.")
            return
        if household is None:
            return
        name = household.household_id
        if name in self.ids["household"]:
            self.fault(key, name, "The round has this household.", "Give it another id.")
            return
        known = {carer.carer_id for carer in self.rows("carers")}
        some = [
            self.row(
                Carer, {"carer_id": f"{name}-{n}", **carer, "household_id": name}, f"{key}.carers"
            )
            for n, carer in enumerate(carers, 1)
        ]
        for taken in sorted({carer.carer_id for carer in some if carer} & known):
            self.fault(f"{key}.carers", taken, "The round has this carer.", "Give another id.")
        if all(some):
            older = {column for column in ASKED_ALONE.values() if column not in cells}
            household = replace(household, **told_by_list(household, older))
            made = NewHousehold(household, tuple(carer for carer in some if carer is not None))
            self.make((made,), f"{name} joins")

    def row(self, kind: type[Any], cells: Mapping[str, Any], key: str) -> Any:
        """A row of cells; None with every fault where one is wrong or missing."""
        made = {}
        fields = columns_of(kind)
        for column in cells:
            if column not in fields:
                guess = did_you_mean(str(column)[:60], fields).strip()
                self.fault(f"{key}.{column}", None, "There is no such column.", guess)
        for column in fields:
            if column in cells or fields[column].required:
                made[column] = self.cell(kind, column, cells.get(column, ""), f"{key}.{column}")
        if any(value is None for value in made.values()) or set(cells) - set(fields):
            return None
        return new_row(kind, **{column: value[0] for column, value in made.items() if value})


def _last(setting: str) -> str:
    """A setting as people read it: 'limits.weekly_fees' is 'weekly fees', 'rules.terms' 'hard rule terms'."""
    if setting == AIMS_ORDER:
        return "the order of the aims"
    of = next((f"{one} " for start, one, _ in KINDS if setting.startswith(start)), "")
    return f"{of}{label(setting.rpartition('.')[2])}"


def _written(value: Any) -> str:
    """A value of a setting as people read it, lists too."""
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else plain(value)


def _are_tables(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(each, Mapping) for each in value)


def _text(value: Any) -> str:
    """A value of TOML as the text of a cell."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ";".join(_text(each) for each in value)
    return value.isoformat() if isinstance(value, date) else str(value).strip()
