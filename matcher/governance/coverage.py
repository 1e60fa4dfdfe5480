"""Every clause of the two policies: where it is implemented, and where it is seen.

Nothing of this is typed twice: what implements a clause is asked of the registers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from matcher.policy.settings import Policy, default
from matcher.policy.terms import clause_title
from matcher.shipped import shipped
from matcher.show.files import Record
from matcher.show.text import paragraph

# Adding a register is one line: what its records are called, and where the tuple is. Each record
# has a key, and `clause` (ids with commas between) or `clauses`.
REGISTERS = (
    ("check", "matcher.policy.screening:SCREENING"),
    ("rule", "matcher.policy.rules:RULES"),
    ("criterion", "matcher.policy.criteria:CRITERIA"),
    ("limit", "matcher.policy.limits:LIMITS"),
    ("duty", "matcher.policy.duties:DUTIES"),
    ("document", "matcher.documents.register:DOCUMENTS"),
)


KINDS = (
    "Kinds: *screen*: may the request go to a fostering household; *hard*: a pair is not "
    "eligible; *soft*: part of the fit; *tier*: ordered before fit; *gate*: open until it is "
    "met; *calendar*: a dated task; *document*: text that is drafted; *advice*: shown, never "
    "decides; *report*: counted or listed."
)


@dataclass(frozen=True, slots=True)
class Row:
    """One clause: what it asks, its kinds, and what implements and shows it."""

    clause: str
    section: str
    kind: str
    asks: str
    implemented_by: tuple[str, ...]
    seen: str

    @property
    def whole(self) -> bool:
        """Whether something implements the clause and a user sees it."""
        return bool(self.implemented_by and self.seen)


def coverage(policy: Policy) -> list[Row]:
    """Every clause of the catalogue, in its order, with the title that the policy gives it."""
    implemented = _implemented()
    return [
        Row(
            row["id"],
            row["section"],
            row["kind"],
            clause_title(policy.values, row["id"], row["asks"]),
            tuple(dict.fromkeys([*implemented[row["id"]], *row["also"].split()])),
            row["seen"],
        )
        for row in shipped("clauses.csv")
    ]


def named(where: str) -> Any:
    """What a dotted name such as `matcher.rounds:AIMS` stands for; AttributeError where nothing."""
    module, _, path = where.partition(":")
    found: Any = import_module(module)
    for name in path.split("."):
        found = getattr(found, name)
    return found


def cited() -> Iterator[tuple[str, str]]:
    """Every clause that a register cites, with the record that cites it: ('PC-5.1a', 'rule trained')."""
    for kind, where in REGISTERS:
        if find_spec(where.partition(":")[0]) is None:
            continue  # the clauses that only this register implements are then reported as missing
        for record in named(where):
            clauses: Sequence[str] = getattr(record, "clauses", ()) or record.clause.split(", ")
            for clause in clauses:
                yield clause, f"{kind} {record.key}"
    for key, setting in default().settings.items():
        group, dot, _ = key.partition(".")
        for clause in setting.source.split(", "):
            yield clause, f"setting {group}{'.*' if dot else ''}"


def _implemented() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for clause, what in cited():
        found[clause].append(what)
    return found


def record(rows: list[Row]) -> Record:
    """The table for a machine."""
    return {"clauses": [asdict(row) for row in rows], "whole": sum(row.whole for row in rows)}


def _summary(rows: list[Row]) -> str:
    whole = sum(row.whole for row in rows)
    return f"{whole} of {len(rows)} clauses have an implementation and a place where it is seen."


def text(rows: list[Row]) -> Iterator[str]:
    """The table for a terminal."""
    yield _summary(rows)
    for row in rows:
        yield ""
        yield paragraph(f"{row.clause} ({row.kind}): {row.asks}", "")
        yield paragraph(f"implemented by: {', '.join(row.implemented_by) or 'nothing'}")
        yield paragraph(f"seen in: {row.seen or 'nothing'}")


def page(rows: list[Row]) -> Iterator[str]:
    """The table as a Markdown page."""
    yield "# Which clause is where"
    yield ""
    yield (
        "Every clause of the two policies, where it is implemented and where a user sees it, read "
        "from the registers of the software."
    )
    yield ""
    yield KINDS
    yield ""
    yield _summary(rows)
    yield ""
    yield "| clause | kind | it asks | implemented by | seen in |"
    yield "|---|---|---|---|---|"
    for row in rows:
        where = ", ".join(f"`{each}`" for each in row.implemented_by)
        cells = (row.clause, row.kind, row.asks, where, row.seen)
        yield f"| {' | '.join(cells)} |"
