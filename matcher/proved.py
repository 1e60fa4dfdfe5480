"""What a check of a round proved, in facts and then in words, and what it took on trust."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from matcher.ahead.outlook import FROM_HISTORY
from matcher.errors import Breach
from matcher.intake.cells import shown
from matcher.policy import switched
from matcher.policy.aims import aim_of
from matcher.policy.limits import LIMITS
from matcher.policy.settings import AIMS_ORDER, Policy, Value, settings_of
from matcher.policy.terms import is_name
from matcher.show.files import (
    MANIFEST,
    NOT_OURS,
    STOPPED,
    UNLISTED,
    Entry,
    Held,
    Record,
    held_against_manifest,
)
from matcher.verification import DUALS, EVERY_CHOICE, WORD, Checked
from matcher.words import and_list, count, long_date, spelt, weeks_text

FILLED_IN = (".xlsx", ".docx", ".csv")  # what people fill in: changed, it is theirs
MOST_NAMED = 8


@dataclass(frozen=True)
class Proved:
    """What a check proved of a round, and in what surroundings.

    `rests_on` is what says that it is the best, as in `Checked`; `own_day` the day that the data's
    settings give; `not_optimal` the aims of which the file says that they are not proven; `kept_to`
    how many proposals of an earlier round it names, None where it keeps to none; `beside` the folder
    that it lies in, held against its manifest, None where it lies by itself.
    """

    as_of: date
    own_day: date | None
    proposals: int
    aims: int
    rests_on: str
    limits: tuple[str, ...]
    not_optimal: tuple[str, ...]
    policy: Policy
    kept_to: int | None
    top: int
    beside: Held | None
    ahead: LookedAhead | None = None


@dataclass(frozen=True)
class LookedAhead:
    """How a proven round looked ahead: over how many futures, and by which counts of a history, if any.

    `families` came in `weeks`; `leads` are families whose need, `stays` placements whose length, and `answers`
    pairs whose answer was counted. None where that follows from the data.
    """

    futures: int
    families: int | None
    weeks: float | None
    leads: int | None
    stays: int | None
    answers: int | None

    def on_trust(self) -> list[str]:
        """What a history counted, each as a clause."""
        found = []
        if self.families is not None:
            weeks = weeks_text(self.weeks or 0.0)
            found.append(f"{count(self.families, 'family')} came in {weeks}")
        if self.leads is not None:
            found.append(f"how soon {count(self.leads, 'family')} was needed")
        if self.stays is not None:
            found.append(f"how long {count(self.stays, 'placement')} lasted")
        if self.answers is not None:
            found.append(f"what {count(self.answers, 'answer')} said")
        return found


def proved(
    record: Record, checked: Checked, policy: Policy, own_day: date | None, beside: Held | None
) -> Proved:
    """What was proved of a round in which nothing was found."""
    head = record["round"]
    return Proved(
        as_of=date.fromisoformat(head["as_of"]),
        own_day=own_day,
        proposals=record["counts"]["proposed"],
        aims=len(record["objective"]),
        rests_on=checked.rests_on,
        limits=tuple(
            key for key in _limit_keys() if any(n.startswith(key) for n in checked.limits)
        ),
        not_optimal=tuple(each["name"] for each in record["objective"] if not each["optimal"]),
        policy=policy,
        kept_to=None if head["keep"] is None else len(head["keep"]),
        top=head["top"],
        beside=beside,
        ahead=_ahead_of(record),
    )


def _ahead_of(record: Record) -> LookedAhead | None:
    ahead = record.get("ahead")
    if ahead is None:
        return None

    def recorded(part: str, *keys: str) -> list[Any]:
        is_recorded = ahead[part]["source"] == FROM_HISTORY
        return [ahead[part][key] if is_recorded else None for key in keys]

    return LookedAhead(
        ahead["futures"],
        *recorded("rates", "families", "weeks"),
        *recorded("leads", "number"),
        *recorded("stays", "number"),
        *recorded("refusals", "answered"),
    )


def _limit_keys() -> list[str]:
    return [limit.key for limit in LIMITS]


def beside(written: Path) -> Held | None:
    """The files that were written with a round.json, held against their manifest; None where none were.

    Those of other commands in the same folder are no part of the round.
    """
    folder, name = (written, "round.json") if written.is_dir() else (written.parent, written.name)
    held = held_against_manifest(folder)
    if not written.is_dir() and held.state == UNLISTED:
        return None
    every = (*held.kept, *held.changed, *held.gone)
    command = next((entry.command for entry in every if entry.name == name), None)
    if every and command is None:
        return None if not written.is_dir() else Held(NOT_OURS)

    def of_round(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        return tuple(entry for entry in entries if entry.command == command)

    return Held(held.state, of_round(held.kept), of_round(held.changed), of_round(held.gone))


def file_breaches(held: Held | None) -> list[Breach]:
    """Where files beside a round.json are not the ones that were made with it."""
    if held is None:
        return []
    if held.state == NOT_OURS:
        return [Breach(MANIFEST, "is not as this software writes it, or does not list round.json.")]
    if held.state == STOPPED:
        return [
            Breach(MANIFEST, "is not there, as a run was stopped while it wrote. Run it again.")
        ]
    altered = [each.name for each in held.changed if not each.name.endswith(FILLED_IN)]
    return [
        *(Breach(each.name, f"is gone, though {MANIFEST} lists it.") for each in held.gone),
        *(Breach(name, f"is no longer as {MANIFEST} says that it was made.") for name in altered),
    ]


def lines(of: Proved) -> list[str]:
    """What was proved, and what was taken on trust: a sentence or two a line."""
    return [
        *_round(of),
        *_trust(of),
        _files(of.beside),
        *_policy(of.policy),
        *_cut(of.top),
    ]


def _round(of: Proved) -> list[str]:
    said = f"Verified: {count(of.proposals, 'proposal')} of {long_date(of.as_of)}; every rule, fit and rank"
    aims = f"the optimum of all {spelt(of.aims)} aims"
    limits = f"A limit is in play ({and_list(of.limits)})" if of.limits else "No duals prove it"
    source = "the data" if of.kept_to is None else "the data and the earlier round that it names"
    own = of.own_day
    other_day = (
        []
        if own in (None, of.as_of)
        else [f"Its day is {long_date(of.as_of)}; the data's own settings say {long_date(own)}."]
    )
    if of.rests_on == WORD:
        short = [aim_of(name).name for name in of.not_optimal]
        return [
            f"{said} follow from {source}.",
            f"Not proven: {limits}. That no other round does better, and that no pair would cost the "
            "round less, is the solver's word. None of the exchanges that were tried does.",
            *([f"The solver itself does not say it of: {and_list(short)}."] if short else []),
            *other_day,
        ]
    tried = [f"{limits}: every choice was tried."] if of.rests_on == EVERY_CHOICE else []
    return [f"{said}, and {aims} follow from {source}.", *tried, *other_day]


def _trust(of: Proved) -> list[str]:
    found = []
    if of.ahead is not None:
        found.append(
            f"It looks ahead: the round without that is proven by duals of its own, and all "
            f"{of.ahead.futures} futures were drawn and counted again."
            if of.rests_on == DUALS
            else f"It looks ahead: all {of.ahead.futures} futures were drawn and counted again. That the "
            "round without that is the best rests on the same word."
        )
        found.append(
            "That no choice about which they were counted is worth more is the solver's word."
        )
        if told := of.ahead.on_trust():
            found.append(
                f"On trust: what recorded rounds counted is what round.json itself says ({'; '.join(told)}). "
                "Hold the history beside it."
            )
    if of.kept_to is None:
        return found
    return [
        *found,
        f"On trust: that an earlier round proposed the {count(of.kept_to, 'pair')} to which it keeps "
        "is what round.json itself says. Hold the earlier round beside it.",
    ]


def _files(held: Held | None) -> str:
    alone = "Only round.json was proved"
    if held is None:
        return f"{alone}; no {MANIFEST} tells of files beside it."
    if held.state == UNLISTED:
        return f"{alone}: the folder has no {MANIFEST}, so it is half made, or of a release that wrote none."
    others = [entry.name for entry in held.kept if not entry.name.endswith("round.json")]
    figures = sum(name.startswith("figures/") for name in others)
    named = [shown(name) for name in others if not name.startswith("figures/")]
    told = [*named, count(figures, "figure")] if figures else named
    said = f"{alone}."
    if told:
        said += f" Beside it {and_list(told)} {'is' if len(told) == 1 and figures < 2 else 'are'} unaltered since made, if {MANIFEST} is."  # fmt: skip
    if held.changed:
        changed = and_list([shown(entry.name) for entry in held.changed])
        said += f" Filled in or changed since, and not proved: {changed}."
    return said


def _policy(policy: Policy) -> list[str]:
    changed, settings = policy.changed, settings_of(policy)
    others = [
        f"{key} = {_value(value)} (default {_value(settings[key].value)}{_since(policy, key)})"
        for key, value in changed.items()
        if not settings[key].is_off(value) and key != AIMS_ORDER and not is_name(key)
    ]
    name = f"the policy {shown(policy.name)} {shown(policy.version)}"
    if not changed and not policy.local_rules and not policy.local_duties:
        return [f"Rules and numbers are those of {name}, none changed."]
    said = [f"Rules and numbers are those of {name}, but for what follows."]
    said += [sentence for _, sentence in switched.lines(policy)]
    if others:
        said.append(f"Changed: {'; '.join(others)}.")
    if names := sum(map(is_name, changed)):
        said.append(f"Names of its own, which decide nothing: {names}.")
    return said


def _since(policy: Policy, key: str) -> str:
    """From which day a value counts, where its file says one."""
    return f", from {long_date(policy.since[key])}" if key in policy.since else ""


def _value(value: Value | None) -> str:
    if isinstance(value, bool):
        return "yes" if value else "off"
    return "none" if value is None else shown(str(value))


def _cut(top: int) -> list[str]:
    if not top:
        return []
    most = count(top, "household")
    return [
        f"It tells of at most {most} that could take a family, and {most} that could not; of others "
        "it says nothing that could be held against the data."
    ]


def record(of: Proved) -> Record:
    """What was proved, for a machine."""
    beside = of.beside
    return {
        "as_of": of.as_of.isoformat(),
        "day_of_the_data": None if of.own_day is None else of.own_day.isoformat(),
        "proposals": of.proposals,
        "optimum_rests_on": of.rests_on,
        "limits": list(of.limits),
        "not_optimal": list(of.not_optimal),
        "settings_changed": dict(of.policy.changed),
        "earlier_round_on_trust": of.kept_to,
        "futures_counted_again": None if of.ahead is None else of.ahead.futures,
        "families_recorded_on_trust": None if of.ahead is None else of.ahead.families,
        "leads_recorded_on_trust": None if of.ahead is None else of.ahead.leads,
        "stays_recorded_on_trust": None if of.ahead is None else of.ahead.stays,
        "answers_recorded_on_trust": None if of.ahead is None else of.ahead.answers,
        "top": of.top,
        "folder": None
        if beside is None
        else {
            "state": beside.state,
            "unaltered": [entry.name for entry in beside.kept],
            "changed": [entry.name for entry in beside.changed],
        },
    }
