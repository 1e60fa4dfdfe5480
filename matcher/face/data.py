"""The input of a round as frames, and where it comes from: read, sampled, or held against a round."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import cached_property
from os import PathLike
from pathlib import Path
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from matcher.errors import BreachFound
from matcher.face.frames import (
    DAY,
    MAYBE_WHOLE,
    MAYBE_YES_NO,
    NUMBER,
    TEXT,
    Shown,
    frame,
)
from matcher.face.round import Round
from matcher.face.source import Source, load, load_sample
from matcher.face.wrong import fault_frame, plainly, wrong_argument
from matcher.intake.inputs import Inputs
from matcher.intake.rows import TABLES, headings
from matcher.loading import PolicySource
from matcher.policy import settings
from matcher.proved import beside, file_breaches
from matcher.rounds import DEFAULT_TOP, match, prepare
from matcher.show.files import Record
from matcher.verification import read_json, read_record
from matcher.verification import verify as breaches_of
from matcher.whatif.keep import earlier, match_keeping
from matcher.words import count, long_date

if TYPE_CHECKING:
    from pandas import DataFrame

MOST_REQUESTS, MOST_HOUSEHOLDS = 2_000, 40_000  # of a sample
KINDS: dict[type, str] = {date: DAY, bool: MAYBE_YES_NO, int: MAYBE_WHOLE, float: NUMBER}


def read(source: Source, as_of: str | date | None = None, policy: PolicySource = None) -> Data:
    """Read and check the input of a round.

    `source` is a folder of CSV files, a workbook, or a dict of DataFrames by table name, in which
    `round` is a dict of the round's settings (`as_of`, `title`, `authority`, `policy`). A frame is
    read as the same table in a file would be: a row of faults is numbered as a spreadsheet numbers
    it, the heading being row 1. `as_of` is the day of the round, over the settings' own; without
    either it is today. `policy` is a TOML file, or a dict of settings that differ, nested or with
    dots: `{"weights": {"language": 30}}` or `{"weights.language": 30}`.

    Raises `WrongInput` with every fault of the input, the settings and the policy.
    """
    with plainly():
        return Data(*load(source, as_of, policy))


def sample(
    name: str,
    requests: int = 15,
    households: int = 60,
    seed: int = 1,
    area: str | None = None,
) -> Data:
    """A synthetic round, of no real person; the same arguments always draw the same.

    `name` or `area` sets it in an authority, a region, `london` or `england`; any other name is set
    in England. At most 2,000 requests and 40,000 households.

    Raises `WrongInput` where the area is not known or a number is too great or below 0.
    """
    sizes = {"requests": (requests, MOST_REQUESTS), "households": (households, MOST_HOUSEHOLDS)}
    for argument, (number, most) in sizes.items():
        if not 0 <= number <= most:
            problem = f"It is not between 0 and {most:,}."
            raise wrong_argument(argument, number, problem, "Give one that is.")
    if seed < 0:
        raise wrong_argument("seed", seed, "It is below 0.", "Give a whole number from 0.")
    with plainly():
        return Data(*load_sample(name, requests, households, seed, area))


def verify(data: Data, written: str | PathLike[str] | Round) -> DataFrame:
    """Prove a round again from its data, without a solver: every breach, none where it holds.

    `written` is a folder that `Round.write` or `matcher round` wrote, its `round.json`, or a
    `Round`. Columns: `where` in the round, or the file beside it that is not as it was made, and
    `problem`.

    Raises `WrongInput` where there is no round to read, or one of the schema of release 0.1.0,
    which only that release proves.
    """
    with plainly():
        try:
            record = _record(written, read_record)
            found = breaches_of(record, data._inputs, data._policy)
            if not isinstance(written, Round):
                found += file_breaches(beside(Path(written)))
        except BreachFound as unreadable:
            found = [*unreadable.breaches]
    rows = ({"where": each.where, "problem": each.problem} for each in found)
    return frame(rows, {"where": TEXT, "problem": TEXT})


def _record(written: str | PathLike[str] | Round, read_file: Callable[[Path], Record]) -> Record:
    """round.json of a round, or what is read from its folder or from the file itself."""
    if isinstance(written, Round):
        return written.to_dict()
    path = Path(written)
    return read_file(path / "round.json" if path.is_dir() else path)


class Policy(Shown):
    """The rules' and criteria's numbers and switches that are in force: `data.policy`."""

    def __init__(self, in_force: settings.Policy) -> None:
        self._in_force = in_force

    @property
    def name(self) -> str:
        """The name of the policy."""
        return self._in_force.name

    @property
    def version(self) -> str:
        """The version of the policy."""
        return self._in_force.version

    @cached_property
    def settings(self) -> DataFrame:
        """Every setting.

        Index `setting`, its key. Columns: `value` in force and `default`, as text; `unit`;
        `changed`, whether they differ; `meaning`; and `source`: a clause, or whose practice it is.
        """
        columns = {"setting": TEXT, "value": TEXT, "default": TEXT, "unit": TEXT}
        columns |= {"changed": "bool", "meaning": TEXT, "source": TEXT}
        changed = self._in_force.changed
        rows = (
            {
                "setting": key,
                "value": str(self._in_force.value(key)),
                "default": str(each.value),
                "unit": each.unit,
                "changed": key in changed,
                "meaning": each.meaning,
                "source": each.source,
            }
            for key, each in self._in_force.listed.items()
        )
        return frame(rows, columns, ["setting"])

    def __repr__(self) -> str:
        changed = len(self._in_force.changed)
        of = f"{changed} of {len(self._in_force.listed)} settings changed"
        return f"Policy {self.name}, version {self.version}: {of}"

    def _chief(self) -> DataFrame:
        return self.settings[self.settings.changed]


class Data(Shown):
    """The clean input of a round, from `read` or `sample`.

    Each table is a frame with the columns of the input table of its name, sorted by id. Ids and
    codes are text, days datetime64, £ and miles numbers, yes and no booleans; what is not known is
    missing. A list is text with `;` between its items, as a file has it, and `none` where nothing
    is said to be there.
    """

    def __init__(self, inputs: Inputs, policy: settings.Policy) -> None:
        self._inputs, self._policy = inputs, policy

    @property
    def as_of(self) -> date:
        """The day of the round."""
        return self._inputs.as_of

    @property
    def title(self) -> str:
        """The title of the round, '' where none is given."""
        return self._inputs.title

    @property
    def policy(self) -> Policy:
        """The policy in force, with what the input or `read` changed."""
        return Policy(self._policy)

    @cached_property
    def requests(self) -> DataFrame:
        """The open and the placed requests, one row a family; `status` says which each is."""
        return _table("requests", self._inputs.families)

    @cached_property
    def households(self) -> DataFrame:
        """The fostering households, one row each.

        `arrangement_until` is text: a day as 2026-12-04, or `open`. `weekly_fee` is in £.
        """
        return _table("households", self._inputs.households)

    @cached_property
    def carers(self) -> DataFrame:
        """The adult carers of the households, one row each."""
        carers = (carer for some in self._inputs.carers.values() for carer in some)
        return _table("carers", sorted(carers, key=lambda carer: carer.carer_id))

    @cached_property
    def relationships(self) -> DataFrame:
        """What families and households are to each other: `request_id`, `household_id`, `kind`.

        Of several relationships of one pair it is the strongest.
        """
        kinds = sorted(self._inputs.relationships.items())
        rows = ({"request_id": r, "household_id": h, "kind": kind} for (r, h), kind in kinds)
        return frame(rows, _columns("relationships"))

    @cached_property
    def risk_assessments(self) -> DataFrame:
        """The joint risk assessments of pairs."""
        found = sorted(self._inputs.risk_assessments.items())
        return _table("risk_assessments", (row for _, some in found for row in some))

    @cached_property
    def decisions(self) -> DataFrame:
        """Every decision of people, those of closed requests too."""
        return _table("decisions", self._inputs.decision_log)

    @cached_property
    def placements(self) -> DataFrame:
        """The placements of the table, those of closed requests and those that ended too."""
        return _table("placements", self._inputs.placement_rows)

    @cached_property
    def events(self) -> DataFrame:
        """What happened to the open and the placed families, that of an older `steps` too."""
        found = self._inputs.events.values()
        rows = (row for by_key in found for some in by_key.values() for row in some)
        return _table("events", rows)

    @cached_property
    def warnings(self) -> DataFrame:
        """What is odd in the input, but no fault.

        Columns: `table`, `row` as a spreadsheet numbers it, `column`, `value`, `problem`, `fix`.
        """
        return fault_frame(self._inputs.warnings)

    def solve(
        self,
        top: int = DEFAULT_TOP,
        keep: str | PathLike[str] | Round | None = None,
        *,
        internal: bool = False,
    ) -> Round:
        """Solve the round: the proven optimum of all aims in their order.

        `top` is how many ranked, and how many ineligible, households are kept for each request; 0
        is all. `keep` is an earlier round, its folder or its `round.json`, of this release or of
        0.1.0: as many of its proposals as can be are kept, at no loss in the aims before fit. A
        round hides where a household is if an address is withheld from a family for which it is
        proposed or ranked, as reports do; `internal` shows it, for those who keep the address.

        Raises `WrongInput` where people chose a pair that breaks a rule, `keep` is no round, or
        the round is too large to keep to one.
        """
        if top < 0:
            raise wrong_argument("top", top, "It is below 0.", "Give a number; 0 is all.")
        with plainly():
            if keep is None:
                solved = match(prepare(self._inputs, self._policy, top))
                return Round(solved, internal=internal)
            before = earlier(_record(keep, read_json), "keep")
            solved = match_keeping(self._inputs, self._policy, top, before)
            return Round(solved, before, internal=internal)

    def __repr__(self) -> str:
        sizes = [
            f"{len(self._inputs.requests):,} open requests",
            f"{len(self._inputs.households):,} households",
            count(len(self._inputs.warnings), "warning"),
        ]
        return f"Data of {long_date(self.as_of)}: {', '.join(sizes)}"

    def _chief(self) -> DataFrame:
        return self.requests


def _table(name: str, rows: Iterable[Any]) -> DataFrame:
    """Clean rows of a table as a frame with the columns of its file."""
    types = _types(name)
    cells = (
        {column: _cell(getattr(row, column), held) for column, held in types.items()}
        for row in rows
    )
    return frame(cells, _columns(name))


def _columns(name: str) -> dict[str, str]:
    """The columns of a table, each with its kind."""
    return {column: _kind(held) for column, held in _types(name).items()}


def _types(name: str) -> dict[str, set[type]]:
    """The types of the clean cells in each column of a table."""
    hints = get_type_hints(TABLES[name])
    found = {column: hints[column] for column in headings(TABLES[name])}
    return {
        column: set(get_args(hint)) if isinstance(hint, UnionType) else {get_origin(hint) or hint}
        for column, hint in found.items()
    }


def _kind(held: set[type]) -> str:
    """What a column of a frame holds, by the types of its clean cells."""
    known = held - {NoneType}
    return KINDS.get(next(iter(known)), TEXT) if len(known) == 1 else TEXT


def _cell(value: Any, held: set[type]) -> Any:
    """A clean cell as the frame holds it: a list as text, and `none` where a blank is not known."""
    if isinstance(value, tuple):
        return _listed(value) or ("none" if NoneType in held else None)
    if isinstance(value, date) and _kind(held) == TEXT:
        return value.isoformat()
    return value


def _listed(items: tuple[Any, ...]) -> str:
    return ";".join(":".join(item) if isinstance(item, tuple) else item for item in items)
