"""What a policy adds, switches off, orders otherwise or loosens, in facts and in words: what stands first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from matcher.codes import DRAFTED
from matcher.policy import aims
from matcher.policy.aims import Aim, aim_of, in_force
from matcher.policy.settings import (
    AIMS_ORDER,
    DOCUMENT_SWITCH,
    DUTY_SWITCH,
    RULE_SWITCH,
    Policy,
    Reason,
    Setting,
    settings_of,
)
from matcher.policy.terms import differing, is_name, plain
from matcher.words import and_list, count, label, long_date, lower_first, upper_first

KINDS = (  # what a switch is about, by the beginning of its key: one and several
    ("screening.checks.", "check", "checks"),
    (RULE_SWITCH, "hard rule", "hard rules"),
    ("weights.", "criterion", "criteria"),
    (DUTY_SWITCH, "duty", "duties"),
    (DOCUMENT_SWITCH, "document", "documents"),
)
AIM = ("aim", "aims")
SETTING = ("setting", "settings")
USUAL = "The aims count in another order than usual: "


@dataclass(frozen=True, slots=True)
class Off:
    """What is switched off: its kind in words, for one and for several, and its name."""

    kind: tuple[str, str]
    name: str


def switched_off(policy: Policy) -> list[Off]:
    """All that a policy switches off and that is on by default, kind by kind."""
    settings = settings_of(policy)
    changed = policy.changed
    off = [key for key, each in settings.items() if key in changed and each.is_off(changed[key])]
    found = [
        Off((one, several), _name(key.removeprefix(start)))
        for start, one, several in KINDS
        for key in off
        if key.startswith(start)
    ]
    counted = in_force(policy)
    found += [Off(AIM, _aim(aim)) for aim in aims.AIMS if aim not in counted]
    starts = tuple(start for start, _, _ in KINDS)
    found += [Off(SETTING, _setting(key)) for key in off if not key.startswith(starts)]
    return found


def off_sentence(policy: Policy) -> str:
    """What a policy switches off, in a sentence; '' where it is nothing."""
    groups: dict[tuple[str, str], list[str]] = {}
    for each in switched_off(policy):
        groups.setdefault(each.kind, []).append(each.name)
    said = [
        f"the {kind[0] if len(names) == 1 else kind[1]} {and_list(names)}"
        for kind, names in groups.items()
    ]
    return f"Switched off by this policy: {'; '.join(said)}." if said else ""


def order_sentence(policy: Policy) -> str:
    """The order of the aims, where it is another than usual; '' where it is as usual."""
    keys = [aim.key for aim in in_force(policy)]
    if keys == [aim.key for aim in aims.AIMS if aim.key in keys]:
        return ""
    return f"{USUAL}{'; then '.join(_aim(aim_of(key)) for key in keys)}."


def local_sentence(policy: Policy) -> str:
    """The rules of the council's own that hold, by name; '' where there are none."""
    on = [rule for rule in policy.local_rules if policy.is_on(f"{RULE_SWITCH}{rule.name}")]
    if not on:
        return ""
    hold = f"{count(len(on), 'local rule')} {'holds' if len(on) == 1 else 'hold'}"
    named = and_list(f"{label(rule.name)} ({rule.clause})" for rule in on)
    return f"{upper_first(hold)} beside the usual ones: {named}."


def local_duties_sentence(policy: Policy) -> str:
    """The duties of the council's own that are asked for, by name; '' where there are none."""
    on = [duty for duty in policy.local_duties if duty.key not in policy.duties_off]
    if not on:
        return ""
    are = f"{count(len(on), 'local duty')} {'is' if len(on) == 1 else 'are'}"
    named = and_list(f"{label(duty.key)} ({duty.clause})" for duty in on)
    return f"{upper_first(are)} asked for beside the usual ones: {named}."


def reason_sentences(policy: Policy) -> Iterator[str]:
    """What is looser than usual or changed with a reason, one by one, with who decided it."""
    settings = settings_of(policy)
    for each in policy.reasons_in_force:
        yield _reason(policy, settings[each.setting], each)


def _reason(policy: Policy, setting: Setting, why: Reason) -> str:
    now = policy.value_of(setting)
    is_now = "is switched off" if setting.is_off(now) else f"is {plain(now)}, usually {plain(setting.value)}"  # fmt: skip
    return (
        f"{upper_first(_what(setting.key))} {is_now} ({setting.source}). Decided by: "
        f"{why.decided_by}, {long_date(why.on)}. Why: {why.reason.rstrip('.')}."
    )


def without_reason(policy: Policy) -> Iterator[str]:
    """What a policy file may have so only with a written reason, and has none: a what-if tries it."""
    settings, given = settings_of(policy), {each.setting for each in policy.reasons_in_force}
    for key, value in policy.changed.items():
        if key not in given and settings[key].loosens(value):
            what = upper_first(_what(key))
            yield f"{what}: a policy file asks who decided it, and why ({settings[key].source})."


def changes(policy: Policy) -> Iterator[str]:
    """Each setting that differs from the default, with who decided it and why, where that is given."""
    why = {each.setting: each for each in policy.reasons_in_force}
    changed = policy.changed
    for key in sorted(key for key in changed if not is_name(key)):
        given = why.get(key)
        said = f" ({given.decided_by}, {long_date(given.on)}: {given.reason.rstrip('.')})" if given else ""  # fmt: skip
        yield f"{key} = {plain(changed[key])}{said}"
    yield from differing({key: value for key, value in changed.items() if is_name(key)})


def lines(policy: Policy) -> list[tuple[str, str]]:
    """What stands first on every report: each sentence with its kind."""
    said = [("reason", sentence) for sentence in reason_sentences(policy)]
    said += [("local_rules", local_sentence(policy))]
    said += [("local_duties", local_duties_sentence(policy))]
    said += [("switched_off", off_sentence(policy)), ("aims_order", order_sentence(policy))]
    return [(kind, sentence) for kind, sentence in said if sentence]


def _what(key: str) -> str:
    """A setting as a sentence names it: 'the duty parent visit', 'the setting visit weeks'."""
    for start, one, _ in KINDS:
        if key.startswith(start):
            return f"the {one} {_name(key.removeprefix(start))}"
    return "the order of the aims" if key == AIMS_ORDER else f"the setting {_setting(key)}"


def _aim(aim: Aim) -> str:
    """An aim as a sentence names it, without its unit."""
    return aim.name.partition(" (")[0]


def _name(key: str) -> str:
    return lower_first(DRAFTED[key]) if key in DRAFTED else label(key)


def _setting(key: str) -> str:
    """'calendar.visit_weeks' is 'visit weeks', 'may_accept.consent' 'may accept consent'."""
    head, _, rest = key.rpartition(".")
    return label(rest) if head in ("", "calendar") else f"{label(head)} {label(rest)}"
