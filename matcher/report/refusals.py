"""What a round's report says of its households together: noes, stale profiles, and whose lists they are on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from matcher.codes import HOME_OUTCOMES, REASONS
from matcher.policy.declines import DOUBTS, KNOWS, NOT_GIVEN, Doubt, by_rule
from matcher.policy.rules import RULES
from matcher.report.view import View
from matcher.show.table import Row, Table, columns, day, number, numbers
from matcher.words import and_list, coded, count, label, upper_first

FEW_LISTED = 10  # ids that a line names
MOST_HOUSEHOLDS = 12  # with a no, on a page; all are in the workbook
NO_LIST, NO_DAY = "none", "no day recorded"
NONE = {
    "free": "though free",
    "proposed": "though proposed",
    "kept_for": "as kept for a parent who lives there",
    "occupied": "as occupied",
    "closed": "as closed",
}
BANDS = {NO_LIST: 0, "1": 1, "2 to 5": 5, "6 to 20": 20}
MORE = "more than 20"


def lines(view: View) -> Iterator[str]:
    """The households in a few lines for a terminal; a small round names each of them."""
    yield _lists(view)
    if view.stale:
        yield _stale(view)
    if view.refused:
        most = view.refused[0]
        noes = sum(len(each.noes) for each in view.refused)
        came = f"{upper_first(count(noes, 'match'))} came to nothing, declined or ruled out."
        lead = "Most with one household: " if len(most.noes) > 1 else ""
        yield f"{came} {lead}{most.sentence()}"


def _stale(view: View) -> str:
    """How many profiles are stale, and which of them are proposed."""
    months = f"{view.policy.number('stale_profile_months'):g} months"
    if not view.stale:
        return f"Every profile was confirmed with the carers within {months}."
    proposed = [
        each.household_id
        for each in view.households
        if each.household_id in view.stale and each.outcome == "proposed"
    ]
    ask = f" Proposed: {_some(proposed)}. Ask before the match is offered." if proposed else ""
    undated = sum(
        each.household_id in view.stale and not each.reviewed_on for each in view.households
    )
    told = (
        [f"{old:,} not confirmed with the carers for {months}"]
        if (old := len(view.stale) - undated)
        else []
    )
    told += [f"{undated:,} with {NO_DAY}"] if undated else []
    of_all = f"{len(view.stale):,} of {len(view.households):,}"
    return f"Stale profiles, {of_all}: {and_list(told)}.{ask}"


def context(view: View) -> dict[str, Any]:
    """What the page's section says."""
    return {
        "stale": _stale(view),
        "by_household": by_household(view),
        "by_reason": by_reason(view),
        "by_rules": by_rules(view),
    }


def _lists(view: View) -> str:
    """On how many families' lists each household is."""
    if view.large:
        bands = Counter(_band(each.appears_in) for each in view.households)
        said = [f"{name}: {bands[name]:,}" for name in (*BANDS, MORE)]
        return f"Households by the number of families they could take: {'; '.join(said)}."
    found: dict[int, list[str]] = {}
    none: dict[str, list[str]] = {why: [] for why in NONE}
    for each in view.households:
        if not each.appears_in or each.outcome == "closed":
            none[each.outcome].append(each.household_id)
        else:
            found.setdefault(each.appears_in, []).append(each.household_id)
    said = [
        f"{count(number, 'list')}: {and_list(ids)}"
        for number, ids in sorted(found.items(), reverse=True)
    ]
    said += [f"on none, {NONE[why]}: {and_list(ids)}" for why, ids in none.items() if ids]
    if not said:
        return "There is no household."
    return f"On how many families' lists each household is. {upper_first('; '.join(said))}."


def _some(ids: list[str]) -> str:
    more = len(ids) - FEW_LISTED
    return f"{', '.join(ids[:FEW_LISTED])} and {more:,} more" if more > 0 else and_list(ids)


def _band(appears: int) -> str:
    return next((name for name, most in BANDS.items() if appears <= most), MORE)


def lists(view: View) -> Table:
    """How many households are on how many families' lists, by what came out for them."""
    found = Counter((_band(each.appears_in), each.outcome) for each in view.households)
    rows: list[Row] = []
    for name in (*BANDS, MORE):
        came = [found[name, outcome] for outcome in HOME_OUTCOMES]
        rows.append((upper_first(name), sum(came), *came))
    named = (upper_first(label(outcome)) for outcome in HOME_OUTCOMES)
    heads = columns("Families it could take", numbers("Households", *named))
    return Table("How many families' lists the households are on", heads, rows)


def by_household(view: View, most: int = MOST_HOUSEHOLDS) -> Table:
    """The households that said no or were turned down, and what to look at in their data."""
    more = len(view.refused) - most
    rest = f" ({more:,} more are in matches.xlsx)" if more > 0 else ""
    return Table.of(
        f"Matches that came to nothing, by household{rest}",
        view.refused[:most],
        {
            "Household": lambda of: of.household_id,
            number("Matches"): lambda of: len(of.noes),
            "How": lambda of: of.how(),
            "Reasons": lambda of: of.why(),
            "What to look at": lambda of: " ".join(of.looks()),
            day("Profile confirmed"): lambda of: of.reviewed_on or NO_DAY,
            "Stale": lambda of: "stale" if of.stale else "–",
        },
        "Declines",
    )


def by_reason(view: View) -> Table:
    """How often each reason was given, and what it calls in question."""
    noes = view.solved.prepared.inputs.noes
    rows: list[Row] = []
    for reason in (*REASONS, NOT_GIVEN):
        some = [each for each in noes if (each.reason or NOT_GIVEN) == reason]
        if not some:
            continue
        doubt = DOUBTS.get(reason, Doubt())
        who = doubt.who if reason in DOUBTS else and_list(sorted({KNOWS[n.decision] for n in some}))
        rows.append(
            (
                upper_first(label(reason)),
                len(some),
                len({each.household_id for each in some}),
                coded(doubt.rules) if doubt.rules else "–",
                coded(doubt.criteria) if doubt.criteria else "–",
                upper_first(who),
            )
        )
    heads = columns(
        "Reason",
        numbers("Matches", "Households"),
        "Rules whose facts it calls in question",
        "Criteria",
        "Ask",
    )
    return Table("Why matches came to nothing, by reason", heads, rows, name="Decline reasons")


def by_rules(view: View) -> Table:
    """How many noes call each rule's facts in question."""
    says = {rule.key: rule for rule in RULES}
    rows = [
        (
            upper_first(label(rule)),
            says[rule].sentence,
            says[rule].clause,
            len(noes),
            len({no.household_id for no in noes}),
        )
        for rule, noes in by_rule(view.solved.prepared.inputs.noes).items()
    ]
    heads = columns("Rule", "It says", "Clause", numbers("Matches", "Households"))
    caption = "Rules whose facts these reasons call in question"
    return Table(caption, heads, rows, name="Rules in question")
