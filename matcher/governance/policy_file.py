"""A council's own policy file: every setting with what it means, to be changed and kept."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from itertools import groupby
from textwrap import wrap
from typing import Any

from matcher.policy import switched
from matcher.policy.about import approval_text
from matcher.policy.local import LOCAL_DUTY, LOCAL_RULE
from matcher.policy.settings import (
    IN_ORDER,
    MAY_ACCEPT,
    Policy,
    Setting,
    Value,
    keys_of,
    sections,
    settings_of,
)
from matcher.policy.terms import in_unit
from matcher.record import as_dict
from matcher.recorder import policy_used
from matcher.show.files import Record
from matcher.show.text import paragraph
from matcher.terms import AsIs, say
from matcher.words import and_list, count, label, long_date, upper_first

WIDTH = 98
TELLS_PLACE = (
    "Where a home may be is asked by {}, which everybody can read: of a home whose place is not shown, as an "
    "address is withheld, being eligible then says that too. Keep such a rule wide. (PC-5.3d)"
)

HEAD = """\
# The policy of a council or an agency for matching families and fostering households.
#
# Every setting of the product stands below, at its default where nobody decided otherwise. Change what
# you decide, and leave the rest: a setting that is left out is at its default too. Then:
#
#   matcher policy check FILE                    names every fault, and what differs from the default
#   matcher policy compare default FILE DATA     says what it would have meant for rounds that you have
#   matcher round DATA --policy FILE             runs a round by it
#
# Its name and version stand on every report.

name = "our-parent-and-child"
version = "1"

# The role that approved this version, and when. Without them every answer is by a draft.
# approved_by = "Head of Service"
# approved_on = 2026-12-01
"""

FROM_A_DAY = """\

# --- From a day ---------------------------------------------------------------------------------
# What a decision or the law changes from a day stands below that day; before it the setting above
# counts. The round's day decides.
#
# [from.2027-04-01]
# turnaround_days = 10
"""
WITH_A_REASON = """\

# --- Reasons ------------------------------------------------------------------------------------
# What rests on the law, on consent under section 20, on the path of a care order or on too high a
# risk is off, or looser than above, only with the reason and the role that decided. They stand first
# on every report.
#
# [reasons."usual_fostering_limit"]
# reason = "An exemption holds for the whole service."
# decided_by = "Head of Service"
# on = 2026-11-01
"""
SAID = ("reason", "decided_by")
OF_ITS_OWN = """\

# --- Rules and duties of your own ---------------------------------------------------------------
# What the product lacks is written as conditions, each `column op value`: all of `when` ask for all
# of `must`. docs/how-to/add-a-local-rule.md says what can be written.
#
# [[local_rule]]
# name = "no_dogs_with_a_crawling_baby"
# clause = "FP 6.1"
# when = ["child_born_or_due_on <= 180 days before as_of"]
# must = ["dogs = no"]
# lack = "with a dog"
# reason = "A baby who crawls comes, and there is a dog."
# fix = "Agree with the carers where the dog will live."
# who = "supervising social worker"
#
# [[local_duty]]
# key = "local_fire_check"
# clause = "FP 7.2"
# sentence = "A fire and safer-sleep check of the home was made."
# action = "Check the home for fire and safer sleep."
# who = "supervising social worker"
# holds = true
# due = "5 days before start"
"""
FOOT = """\

# --- Versions -----------------------------------------------------------------------------------
# One entry for each version, the newest last.
#
# [[change]]
# version = "1"
# on = 2026-12-01
# what = "Two carers in every household."
# decided_by = "Head of Service"
"""


def commented(policy: Policy) -> Iterator[str]:
    """A policy file, line by line: each setting with its meaning, unit and source above it."""
    yield from HEAD.splitlines()
    for heading, settings in _sections(policy):
        yield ""
        yield f"# --- {heading} ".ljust(WIDTH, "-")
        for each in settings:
            yield ""
            yield from _comment(each)
            value = policy.value_of(each)
            yield f"{each.key} = {toml([*keys_of(str(value))] if each.unit == IN_ORDER else value)}"
    yield from FROM_A_DAY.splitlines()
    yield from WITH_A_REASON.splitlines()
    for why in policy.reasons_in_force:
        yield ""
        yield f'[reasons."{why.setting}"]'
        yield from (f"{name} = {toml(text)}" for name, text in asdict(why).items() if name in SAID)
        yield f"on = {why.on.isoformat()}"
    yield from OF_ITS_OWN.splitlines()
    own = [(LOCAL_RULE, rule.table) for rule in policy.local_rules]
    own += [(LOCAL_DUTY, duty.table) for duty in policy.local_duties]
    for name, table in own:
        yield ""
        yield f"[[{name}]]"
        yield from (f"{key} = {toml(value)}" for key, value in table.items())
    yield from FOOT.splitlines()


def _sections(policy: Policy) -> Iterator[tuple[str, list[Setting]]]:
    """The settings under their headings: those of the file that ships, then those of each register.

    Who may accept a single duty is left out: it is what holds for every duty until somebody decides it.
    """
    written, headings = [*policy.settings.values()], sections()
    made = [
        each
        for key, each in settings_of(policy).items()
        if key not in policy.settings and not key.startswith(MAY_ACCEPT)
    ]
    below, heading = dict[str, list[Setting]](), ""
    for each in written:
        heading = next((h for key, h in headings.items() if each.key.startswith(key)), heading)
        below.setdefault(heading, []).append(each)
    for prefix, settings in groupby(made, lambda each: each.key.partition(".")[0]):
        below.setdefault(upper_first(label(prefix)), []).extend(settings)
    yield from below.items()


def _comment(setting: Setting) -> Iterator[str]:
    about = [setting.unit, f"source: {setting.source}"]
    if setting.choices:
        about[0] = f"one of {', '.join(setting.choices)}"
    if setting.off:
        about.append('"off" switches it off')
    text = f"{setting.meaning} ({'; '.join(about)})"
    yield from (f"# {line}" for line in wrap(say(text), WIDTH - 2, break_on_hyphens=False))


def toml(value: Any) -> str:
    """A value as TOML writes it."""
    return json.dumps(value, ensure_ascii=False)


def checked(policy: Policy, later: Sequence[tuple[date, Policy]] = ()) -> Iterator[str]:
    """What a policy file without faults says: what differs, from when, and who approved it.

    `later` is the policy from each later day that the file names.
    """
    others = len(policy.changed)
    differs = f"{count(others, 'setting')} other than the default"
    if not (others or policy.local_rules or policy.local_duties):
        differs = "all at the default"
    yield f"No faults. {policy.name} {policy.version}, {differs}."
    known = settings_of(policy)
    for key, value in policy.changed.items():
        setting = known[key]
        now, usual = (in_unit(each, setting.unit) for each in (value, setting.value))
        says = say(setting.meaning)
        yield paragraph(AsIs(f"{key} = {now}, default {usual}: {says}"))
    yield from (paragraph(sentence) for _, sentence in switched.lines(policy))
    for day, key, then, before in _coming(policy, later):
        unit = known[key].unit if key in known else ""
        now, until = (in_unit(each, unit) for each in (then, before))
        yield paragraph(AsIs(f"From {long_date(day)}: {key} = {now}, until then {until}."))
    for day, sentence in _coming_of_their_own(policy, later):
        yield paragraph(AsIs(f"From {long_date(day)}: {sentence}"))
    if telling := [label(each.name) for each in policy.local_rules if each.tells_place]:
        yield paragraph(TELLS_PLACE.format(and_list(telling)))
    about = policy.about
    if about.approved_by is None or about.approved_on is None:
        yield "Nobody has approved it: write approved_by and approved_on once somebody has."
    else:
        yield f"{upper_first(approval_text(about.approved_by, about.approved_on))}."
    for change in about.changes:
        yield paragraph(
            f"Version {change.version}, {long_date(change.on)}, {change.decided_by}: {change.what}"
        )
    if about.changes and about.changes[-1].version != policy.version:
        yield f"No [[change]] says what version {policy.version} changed."


def _coming(
    policy: Policy, later: Sequence[tuple[date, Policy]]
) -> Iterator[tuple[date, str, Value, Value]]:
    """What changes on each later day: the day, the setting, its value then and the one before."""
    for day, then in later:
        known = settings_of(policy)
        for key, setting in settings_of(then).items():
            if key in known:
                now, until = then.value_of(setting), policy.value_of(known[key])
                if now != until:
                    yield day, key, now, until
        policy = then


def _coming_of_their_own(
    policy: Policy, later: Sequence[tuple[date, Policy]]
) -> Iterator[tuple[date, str]]:
    """What the rules and duties of the council's own say that come, or say otherwise, on each later day."""
    for day, then in later:
        said = [r.sentence for r in then.local_rules if r not in policy.local_rules]
        said += [d.sentence for d in then.local_duties if d not in policy.local_duties]
        yield from ((day, sentence) for sentence in said)
        policy = then


def checked_record(policy: Policy, later: Sequence[tuple[date, Policy]] = ()) -> Record:
    """The same as a machine reads it."""
    return {
        "errors": [],
        "policy": as_dict(policy_used(policy)),
        "later": [
            {"from": day.isoformat(), "setting": key, "value": then, "before": before}
            for day, key, then, before in _coming(policy, later)
        ],
        "versions": [asdict(each) | {"on": each.on.isoformat()} for each in policy.about.changes],
    }
