"""The policy in plain English, for whoever decides on it: how a match is made, what differs, and why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from matcher import __version__
from matcher.explain import policy_title
from matcher.governance import policy_page
from matcher.policy.about import Change
from matcher.policy.settings import OFF, Policy
from matcher.recorder import policy_used
from matcher.show.files import Record
from matcher.show.html import environment
from matcher.show.table import Table, columns, day, numbers
from matcher.words import label, long_date, upper_first

TITLE = "How families and fostering households are matched"


def page(policy: Policy, as_of: date) -> Iterator[str]:
    """The policy as it is in force on a day, as pieces of one HTML file."""
    register = policy_page.record(policy)
    used = policy_used(policy)
    yield from (
        environment()
        .get_template("governance/policy.html.j2")
        .stream(
            title=TITLE,
            day=long_date(as_of),
            internal="",
            starts_at="first",
            version=__version__,
            input="",
            policy=used,
            policy_title=policy_title(used),
            said=register["said"],
            changed=policy_page.changed(register, units=True),
            screening=_screening(register),
            rules=policy_page.rules(register),
            criteria=_criteria(register),
            aims=[upper_first(each["says"]) for each in register["aims"] if each["on"]],
            duties=_duties(register),
            versions=_versions(policy.about.changes),
        )
    )


def _screening(register: Record) -> Table:
    rows = [
        (each["says"], label(each["outcome"]), each["clause"])
        for each in register["screening"]
        if each["outcome"] != OFF
    ]
    return Table(
        "Checks before a family is matched", columns("What is found", "Outcome", "Clause"), rows
    )


def _criteria(register: Record) -> Table:
    """The criteria that count, each with its share of all weights."""
    counted = [each for each in register["criteria"] if each["on"]]
    whole = sum(each["weight"] for each in counted)
    rows = [
        (label(each["name"]), f"{100 * each['weight'] / whole:.0f} %", each["says"], each["clause"])
        for each in counted
    ]
    heads = columns("Criterion", *numbers("Share of fit"), "It says", "Clause")
    return Table("Soft criteria", heads, rows)


def _duties(register: Record) -> Table:
    rows = [
        (each["says"], each["who"], each["may_accept"], each["clause"])
        for each in register["duties"]
        if each["on"] and each["holds"]
    ]
    heads = columns("What must be done", "By whom", "Who may accept it though it is open", "Clause")
    return Table("Duties that hold confirmation", heads, rows)


def _versions(changes: tuple[Change, ...]) -> Table:
    rows = [(each.version, each.on, each.decided_by, each.what) for each in reversed(changes)]
    heads = columns("Version", day("From"), "Decided by", "What it changed")
    return Table("The newest first", heads, rows)
