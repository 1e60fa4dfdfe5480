"""The policy in force as a register: for a machine, for a terminal, and as the page in docs/."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from matcher.codes import DRAFTED
from matcher.intake.accepting import who_may
from matcher.policy import aims, switched
from matcher.policy.aims import in_force
from matcher.policy.alerts import ALERTS, FIRST
from matcher.policy.case import fact_meaning
from matcher.policy.criteria import CRITERIA
from matcher.policy.duties import registered
from matcher.policy.forms import Criterion, Rule
from matcher.policy.in_force import rules_by_key
from matcher.policy.limits import LIMITS
from matcher.policy.local_rules import FACTS, WrittenByCouncil
from matcher.policy.screening import OUTCOMES, SCREENING
from matcher.policy.settings import (
    DOCUMENT_SWITCH,
    IN_ORDER,
    OFF,
    SWITCH,
    Policy,
    Setting,
)
from matcher.policy.terms import in_unit, plain
from matcher.record import as_dict
from matcher.recorder import policy_used
from matcher.show.files import Record
from matcher.show.table import Row, Table, columns, numbers
from matcher.show.text import paragraph
from matcher.terms import AsIs, say
from matcher.words import label, long_date

SWITCHES = (
    'Every check (`screening.checks.<name> = "off"`), hard rule (`rules.<name> = false`), criterion '
    "(`weights.<name> = 0`), duty (`duties.<name> = false`) and document (`documents.<name> = false`) "
    "can be switched off; `aims.order` lists the aims that count."
)
REASONED = (
    "What rests on the law, the path of a care order or too high a risk is off or looser only with a "
    'written reason: `[reasons."<setting>"]` with `reason`, `decided_by` (a role) and `on`. What stands '
    "below `[from.<day>]` counts from that day."
)
KINDS = (("check", "screening"), ("rule", "rules"), ("criterion", "criteria"), ("duty", "duties"))


def record(policy: Policy) -> Record:
    """Every check, rule, criterion, duty and setting with its clause, and the kinds of alerts."""
    counted = in_force(policy)
    return {
        "policy": as_dict(policy_used(policy)),
        "said": [sentence for _, sentence in switched.lines(policy)],
        "screening": [
            {
                "name": check.key,
                "clause": check.clause,
                "outcome": check.outcome(policy) or OFF,
                "says": check.sentence,
                "next": check.next_step,
                "facts": {
                    name: fact_meaning(name) for each in check.wordings for name in each.types
                },
            }
            for check in SCREENING
        ],
        "rules": [
            {
                "name": rule.key,
                "clause": rule.clause,
                "says": rule.sentence,
                "fix": rule.fix if isinstance(rule.fix, str) else "It depends on the pair.",
                "who": rule.who,
                "household_alone": rule.household_alone,
                "on": rule.key not in policy.rules_off,
                "facts": _facts(rule),
            }
            for rule in rules_by_key(policy).values()
        ],
        "criteria": [
            {
                "name": each.key,
                "clause": each.clause,
                "says": each.sentence,
                "weight": each.weight(policy),
                "on": each.weight(policy) > 0,
                "facts": _facts(each),
            }
            for each in CRITERIA
        ],
        "limits": [
            {"name": each.key, "clause": each.clause, "says": each.sentence, "who": each.who}
            for each in LIMITS
        ],
        "duties": [
            {
                "name": each.key,
                "clause": each.clause,
                "says": each.sentence,
                "of": each.of,
                "who": each.who,
                "holds": each.holds,
                "recurs": each.recurs,
                "on": each.key not in policy.duties_off,
                "may_accept": who_may(policy.may_accept(each.key)) if each.holds else "",
                "facts": dict(each.facts),
            }
            for each in registered(policy)
        ],
        "aims": [
            {"name": aim.key, "says": aim.name, "on": aim in counted}
            for aim in (*counted, *(aim for aim in aims.AIMS if aim not in counted))
        ],
        "documents": [
            {"name": key, "says": title, "on": policy.is_on(f"{DOCUMENT_SWITCH}{key}")}
            for key, title in DRAFTED.items()
        ],
        "alerts": [
            {"name": name, "says": about.says, "facts": dict(about.facts)}
            for name, about in ALERTS.items()
        ],
        "settings": [_setting(policy, setting) for setting in policy.listed.values()],
    }


def _facts(form: Rule | Criterion) -> dict[str, str]:
    """What the sentences of a rule or criterion are made of: the meaning of each fact by its name."""
    if isinstance(form, WrittenByCouncil):
        return dict(FACTS)
    return {name: fact_meaning(name) for name in form.fact_types}


def _setting(policy: Policy, setting: Setting) -> dict[str, Any]:
    return {
        "key": setting.key,
        "value": policy.value_of(setting),
        "default": setting.value,
        "unit": setting.unit,
        "source": setting.source,
        "meaning": setting.meaning,
        "reason": _reason(policy, setting.key),
    }


def _reason(policy: Policy, key: str) -> str:
    """Why a setting is not the usual one, who decided it and when; from which day it counts."""
    said = [f"From {long_date(policy.since[key])}."] if key in policy.since else []
    if why := {each.setting: each for each in policy.reasons_in_force}.get(key):
        said.append(f"{why.decided_by}, {long_date(why.on)}: {why.reason}")
    return " ".join(said)


def text(found: Record) -> Iterator[str]:
    """The register for a terminal."""
    policy = found["policy"]
    yield f"Policy {policy['name']} {policy['version']}  ({policy['sha256'][:12]})"
    for key, value in policy["changed"].items():
        yield AsIs(f"  differs from the default: {key} = {plain(value)}")
    yield from map(paragraph, found["said"])
    for title, group in (("SCREENING", "screening"), ("HARD RULES", "rules")):
        yield ""
        yield title
        for each in found[group]:
            outcome = f" → {label(each['outcome'])}" if "outcome" in each else ""
            yield paragraph(
                f"{each['name']}{off(each)}: {each['says']} ({each['clause']}){outcome}"
            )
    yield ""
    yield "SOFT CRITERIA"
    for each in found["criteria"]:
        yield paragraph(
            f"{each['name']}{off(each)}, weight {each['weight']:g}: {each['says']} ({each['clause']})"
        )
    yield ""
    for title, group in (
        ("LIMITS OF A ROUND", "limits"),
        ("DUTIES", "duties"),
    ):
        yield title
        for each in found[group]:
            yield paragraph(f"{label(each['name'])}{off(each)}: {each['says']} ({each['clause']})")
        yield ""
    yield "AIMS, IN THEIR ORDER"
    yield paragraph("; ".join(f"{each['says']}{off(each)}" for each in found["aims"]))
    yield ""
    yield "DOCUMENTS"
    yield paragraph("; ".join(f"{each['name']}{off(each)}" for each in found["documents"]))
    yield ""
    yield "SETTINGS"
    yield paragraph(SWITCHES.replace("`", ""))
    for each in _shown(found):
        here, usual = (plain(each[of]) for of in ("value", "default"))
        value = f"{each['key']} = {here if each['unit'] == 'text' else say(here)} {each['unit']}"
        changed = "" if here == usual else f", default {usual}"
        says = f"{say(each['meaning'])} ({say(each['source'])}) {each['reason']}"
        yield paragraph(AsIs(f"{value}{changed}: {says}".rstrip()))


def off(each: Record) -> str:
    """What follows the name of what is switched off."""
    return "" if each.get("on", True) else " (off)"


def _shown(found: Record) -> list[Record]:
    """The settings that are written one by one: of switches and the order of the aims what differs."""
    return [
        each
        for each in found["settings"]
        if each["unit"] not in (SWITCH, IN_ORDER) or each["value"] != each["default"]
    ]


def page(found: Record) -> Iterator[str]:
    """The register as a Markdown page."""
    policy = found["policy"]
    yield "# The policy"
    yield ""
    yield (
        f"This page is made from the software by `matcher policy --out docs`: policy "
        f"`{policy['name']}`, version {policy['version']}. A test fails when it is stale."
    )
    yield ""
    yield from _section(
        "Screening: may this request go to a fostering household at all?",
        ("check", "clause", "it says", "outcome", "what comes next"),
        [
            (_code(c["name"]), c["clause"], c["says"], _code(c["outcome"]), c["next"])
            for c in found["screening"]
        ],
        "Every check that applies is listed. The outcome is the first of "
        f"{', '.join(map(_code, OUTCOMES))} that any of them gives; of Staying Put no other check is "
        "asked. What a check comes to, and whether it is asked, are settings (`screening.checks`).",
    )
    yield from _section(
        "Hard rules: a pair that fails one is not eligible",
        ("rule", "clause", "it says", "what would mend it", "who can grant it"),
        [
            (f"{_code(r['name'])}{off(r)}", r["clause"], r["says"], r["fix"], r["who"])
            for r in found["rules"]
        ],
        "What is not known of a household never passes: the reason says so, and the fix says whom to ask.",
    )
    yield from _section(
        "Soft criteria: what makes a better fit",
        ("criterion", "clause", "weight", "it says"),
        [
            (f"{_code(c['name'])}{off(c)}", c["clause"], f"{c['weight']:g}", c["says"])
            for c in found["criteria"]
        ],
        "Fit = 100 × Σ weight × value ÷ Σ weight, over the criteria that apply.",
    )
    yield from _section(
        "Facts: what the sentences of a request and of a pair are made of",
        ("check, rule, criterion or duty", "its facts"),
        [
            (f"{kind} {_code(each['name'])}", ", ".join(map(_code, each["facts"])) or "none")
            for kind, group in KINDS
            for each in found[group]
        ],
        "round.json has these for each check that applies, each rule that a pair fails, each criterion "
        "that applies and each duty; "
        "reports, `explain` and history make the sentences of them. What is not known is null.",
    )
    meanings = {n: m for _, group in KINDS for e in found[group] for n, m in e["facts"].items()}
    meant = [(_code(name), meanings[name]) for name in sorted(meanings)]
    yield from Table("Facts", columns("fact", "what it is"), meant).to_markdown()
    yield from _section(
        "Limits of a round: hard, and off until they are set",
        ("limit", "it says", "who can lift it"),
        [(_code(each["name"]), each["says"], each["who"]) for each in found["limits"]],
    )
    yield from _section(
        "Duties: what somebody has to do",
        ("duty", "clause", "of", "holds confirmation", "recurs", "it says", "who"),
        [
            (
                f"{_code(d['name'])}{off(d)}",
                d["clause"],
                d["of"],
                plain(d["holds"]),
                plain(d["recurs"]),
                d["says"],
                d["who"],
            )
            for d in found["duties"]
        ],
        "What is done has a fact or an event that says so; what recurs counts from when it was last "
        "held. One of a request, a match or a pair that holds is due before the start.",
    )
    yield from _section(
        "Alerts: what stands at the head of every paper",
        ("alert", "it says", "its facts"),
        [
            (
                _code(each["name"]),
                each["says"],
                " ".join(f"{_code(name)}: {what}" for name, what in each["facts"].items())
                or "none",
            )
            for each in found["alerts"]
        ],
        "Those of " + " and ".join(map(_code, FIRST)) + " come before all others. round.json names "
        "with each the request and the household that it is about, null where it is about none.",
    )
    yield from _section(
        "Aims of a round, in their order",
        ("aim", "it counts"),
        [(f"{_code(each['name'])}{off(each)}", each["says"]) for each in found["aims"]],
        "Each counts only where all before it are equal. Their order is the setting `aims.order`.",
    )
    yield from _section(
        "Documents that are drafted",
        ("document", "its title"),
        [(f"{_code(each['name'])}{off(each)}", each["says"]) for each in found["documents"]],
    )
    yield from _section(
        "Settings",
        ("setting", "value", "unit", "source", "it means"),
        [
            (_code(s["key"]), plain(s["value"]), s["unit"], s["source"], s["meaning"])
            for s in _shown(found)
        ],
        f"{SWITCHES} {REASONED}",
    )


def _section(
    heading: str, headings: tuple[str, ...], rows: Sequence[Row], says: str = ""
) -> Iterator[str]:
    """A section of the page: its heading, what it says, and its table."""
    yield from (f"## {heading}", "")
    if says:
        yield from (says, "")
    yield from Table(heading, columns(*headings), rows).to_markdown()


def _code(name: str) -> str:
    return f"`{name}`"


def rules(register: Record) -> Table:
    """The hard rules."""
    rows = [
        (f"{label(each['name'])}{off(each)}", each["says"], each["clause"])
        for each in register["rules"]
    ]
    heads = columns("Rule", "It says", "Clause")
    return Table("Hard rules: a pair that fails one is not eligible", heads, rows)


def changed(register: Record, *, units: bool = False) -> Table:
    """The settings that differ from the default."""
    rows = [
        (
            each["key"],
            in_unit(each["value"], each["unit"]) if units else plain(each["value"]),
            AsIs(plain(each["default"])),
            each["meaning"],
            each["reason"],
        )
        for each in register["settings"]
        if each["value"] != each["default"]
    ]
    heads = columns("Setting", "Here", "Default", "It means", "Why, and from when")
    whole = Table("What differs from the default", heads, rows)
    return whole if any(row[-1] for row in rows) else whole.pick(*whole.headings[:-1])


def criteria(register: Record) -> Table:
    """The soft criteria with their weights."""
    rows = [
        (f"{label(each['name'])}{off(each)}", f"{each['weight']:g}", each["says"], each["clause"])
        for each in register["criteria"]
    ]
    heads = columns("Criterion", numbers("Weight"), "It says", "Clause")
    return Table("Soft criteria: what makes a better fit", heads, rows)
