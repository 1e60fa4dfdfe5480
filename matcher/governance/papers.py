"""Drafts for governance: what is a fact of the software or the policy is filled in, the rest is open.

Three documents: an algorithmic transparency record, a data protection impact assessment and an
equality impact assessment. The words are in matcher/data/governance.toml; nothing here judges.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from matcher import __version__
from matcher.governance import policy_page
from matcher.intake.rows import OLD_HEADINGS, TABLES, columns_of, headings
from matcher.policy import aims
from matcher.policy.settings import Policy
from matcher.policy.terms import plain
from matcher.shipped import shipped_table
from matcher.show.files import Record
from matcher.show.table import Table, columns
from matcher.words import count, label

OPEN = "For the council to complete: "
PROOF = (
    "The command explain tells of one request or pair, and the command verify proves a whole round "
    "again from its data and round.json, without the solver; where a limit was in play it says what "
    "it takes on the solver's word."
)
NETWORK = (
    "It opens no network connection, and nothing leaves the machine unless people send it, but for "
    "two things that are off until somebody names an address: a history, or the panel's data, in a "
    "database of the service's own, and a cluster that runs of a simulation are shared out to. The "
    "panel answers this machine alone until somebody names under what others reach it."
)
Line = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One section: what is a fact, a table of facts, and what the council has to complete."""

    heading: str
    says: Line
    facts: Table | None
    council: Line


@dataclass(frozen=True, slots=True)
class Draft:
    """One document: the name of its file, its title, the form that it follows, its sections."""

    name: str
    title: str
    follows: str
    policy: str
    sections: tuple[Section, ...]

    @property
    def to_complete(self) -> int:
        """How many parts are left to the council."""
        return sum(len(section.council) for section in self.sections)


@cache
def _words() -> dict[str, Any]:
    return shipped_table("governance.toml")


def drafts(policy: Policy) -> tuple[Draft, ...]:
    """The three drafts for a policy in use."""
    found = policy_page.record(policy)
    names = _names(policy, found)

    def section(each: dict[str, Any]) -> Section:
        table = each.get("table")
        return Section(
            each["heading"],
            tuple(line.format(**names) for line in each.get("says", ())),
            None if table is None else FACTS[table](found),
            tuple(each.get("council", ())),
        )

    used = f"Policy {policy.name}, version {policy.version}; fingerprint {policy.sha256}."
    return tuple(
        Draft(d["name"], d["title"], d["follows"], used, tuple(map(section, d["sections"])))
        for d in _words()["draft"]
    )


def _names(policy: Policy, found: Record) -> dict[str, str]:
    """What stands for the names in braces."""
    kinds = _words()["kinds"]
    changed = policy.changed
    differ = f"{count(len(changed), 'setting')} differ{'s' if len(changed) == 1 else ''}"
    return {
        "product": "carer-matcher",
        "product_version": __version__,
        "policy": policy.name,
        "policy_version": policy.version,
        "rules": str(len(found["rules"])),
        "criteria": str(len(found["criteria"])),
        "tables": str(len(TABLES)),
        "aims": "; ".join(aim.name for aim in aims.in_force(policy)),
        "special": str(_how_many(kinds["special"])),
        "criminal": str(_how_many(kinds["criminal"])),
        "changed": f"{differ} from the default:" if changed else "Every setting is at its default.",
        "proof": PROOF,
        "network": NETWORK,
        "protect_own_home_days": plain(policy.values["protect_own_home_days"]),
        **{f"weight_{c['name']}": f"{c['weight']:g}" for c in found["criteria"]},
    }


def _how_many(columns: list[str]) -> int:
    return sum(column in columns for row in TABLES.values() for column in headings(row))


def _rules(found: Record) -> Table:
    rows = [("screening", label(c["name"]), c["says"], c["clause"]) for c in found["screening"]]
    rows += [("hard rule", label(r["name"]), r["says"], r["clause"]) for r in found["rules"]]
    return Table("Checks and rules", columns("Kind", "Name", "It says", "Clause"), rows)


def _gates(found: Record) -> Table:
    rows = [
        (label(d["name"]), d["says"], d["who"], d["clause"], d["may_accept"])
        for d in found["duties"]
        if d["holds"]
    ]
    heads = columns("Duty", "It says", "Who", "Clause", "While it is open")
    return Table("Duties that hold back confirmation", heads, rows)


def _changed(found: Record) -> Table | None:
    table = policy_page.changed(found)
    return table if table.rows else None


def _columns(found: Record) -> Table:
    kinds = _words()["kinds"]

    def kind(column: str) -> str:
        said = [
            label
            for name, label in (
                ("special", "special category"),
                ("criminal", "offences or risk"),
                ("ask", "may tell of either: for the council to judge"),
            )
            if column in kinds[name]
        ]
        return "; ".join(said)

    older = {(name, new): old for name, some in OLD_HEADINGS.items() for old, new in some.items()}
    rows = [
        (
            table,
            older.get((table, column), column),
            kind(column),
            about.says,
        )
        for table, row in TABLES.items()
        for column, about in columns_of(row).items()
    ]
    heads = columns("Table", "Column", "Kind beyond personal data", "It holds")
    return Table("Columns", heads, rows)


def _risks(found: Record) -> Table:
    rows = [(each["risk"], each["does"]) for each in _words()["risk"]]
    return Table("Risks", columns("Risk, or limit that is known", "What the software does"), rows)


def _outputs(found: Record) -> Table:
    rows = [(each["file"], each["holds"]) for each in _words()["output"]]
    return Table("Files", columns("File", "It holds"), rows)


FACTS: dict[str, Callable[[Record], Table | None]] = {
    "rules": _rules,
    "criteria": policy_page.criteria,
    "gates": _gates,
    "changed": _changed,
    "columns": _columns,
    "risks": _risks,
    "outputs": _outputs,
}


def record(found: tuple[Draft, ...]) -> Record:
    """The drafts for a machine."""
    return {
        "drafts": [
            {**asdict(draft), "sections": [*map(_section_record, draft.sections)]}
            for draft in found
        ]
    }


def _section_record(section: Section) -> Record:
    facts = section.facts
    return {
        **asdict(section),
        "facts": {"headings": facts.headings, "rows": facts.rows} if facts else None,
    }


def text(found: tuple[Draft, ...]) -> Iterator[str]:
    """The drafts as Markdown."""
    for draft in found:
        yield f"# {draft.title}"
        yield ""
        yield f"Form: {draft.follows}"
        yield ""
        yield draft.policy
        yield ""
        for section in draft.sections:
            yield f"## {section.heading}"
            yield ""
            for line in section.says:
                yield line
                yield ""
            if section.facts is not None:
                yield from section.facts.to_markdown()
            for line in section.council:
                yield f"**{OPEN}**{line}."
                yield ""
