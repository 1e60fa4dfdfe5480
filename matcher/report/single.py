"""One request or one pair, for whoever asks about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np

from matcher.eligibility import failed_bits
from matcher.explain import HELD, NOT_APPLICABLE, Explainer, relationship_line
from matcher.policy import gates
from matcher.policy.criteria import WHERE
from matcher.policy.position import position
from matcher.policy.rules import RULES
from matcher.price_words import each_aim
from matcher.record import Record, ranked_record, request, takes_record, tells_a_place
from matcher.rounds import Round, household_pairs
from matcher.show.text import paragraph, printable
from matcher.words import label, long_date, needed, upper_first

MET, BREACH, NOT_KNOWN = "met", "breach", "not known"
LISTED = 10


def request_record(solved: Round, request_id: str) -> Record:
    """Everything about one request: the keys of round.json, and `position`, its legal position."""
    explainer = Explainer(solved, every_price=True)
    row = explainer.request_ids.index(request_id)
    record = request(explainer, row)
    for each in record["ranked"]:
        hide_place(explainer, row, each)
    return record | {"position": position(explainer.request_case(row)).lines}


def hide_place(explainer: Explainer, row: int, ranked: Record) -> None:
    """Take out what tells where a ranked household is, if no output but round.json may say it."""
    if tells_a_place(ranked, explainer.hidden):
        for each in ranked["criteria"]:
            if each["grade"] != NOT_APPLICABLE:
                each["points"] = None  # the others and the fit would leave the distance's
                each["grade"] = "hidden" if each["name"] in WHERE else each["grade"]
    if ranked["household_id"] in explainer.hidden:
        home = explainer.household_ids.index(ranked["household_id"])
        case = explainer.prepared.pair(row, home)
        records = gates.of_pair(case, gates.depending(case.of_request))
        ranked["gates"] = gates.schema_1(gates.words(records, hide=True))


def request_text(record: Record) -> Iterator[str]:
    """One request: why, then its households in order, then what blocks the others."""
    yield f"{printable(record['request_id'])}  ({label(record['regime'])}, {needed(record['urgency'])})"
    yield from (paragraph(line) for line in (*record["position"], *record["why"]))
    if record["ranked"]:
        yield ""
        yield "  Eligible households, best first:"
        for each in record["ranked"][:LISTED]:
            yield f"  {each['rank']:3}. {printable(each['household_id']):8} fit {each['fit']:6.2f}"
        if (more := len(record["ranked"]) - LISTED) > 0:
            yield f"       and {more} more: --json lists all."
    if record["blocked_by"]:
        yield ""
        yield "  What rules households out (and how many it alone rules out):"
        for each in record["blocked_by"]:
            yield f"  {label(each['rule']):20} {each['households']:5}  ({each['only']})"


def pair_record(solved: Round, request_id: str, household_id: str) -> Record:
    """Everything about one pair: every rule, every criterion, its price."""
    prepared, explainer = solved.prepared, Explainer(solved, every_price=True)
    row = explainer.request_ids.index(request_id)
    household = explainer.household_ids.index(household_id)
    case = prepared.pair(row, household)
    failed = int(failed_bits(household_pairs(prepared, row, np.array([household])))[0, 0])
    edge = prepared.edge(row, household)
    ranked = None if edge is None else ranked_record(explainer, row, edge)
    if ranked is not None:
        hide_place(explainer, row, ranked)
    return {
        "request_id": request_id,
        "household_id": household_id,
        "eligible": failed == 0,
        "held_back_by": prepared.outcomes[row],
        "proposed": int(solved.household[row]) == household,
        "relationship": None if case.relationship is None else relationship_line(case),
        "rules": list(_rules(explainer, row, household, failed)),
        "takes": [
            {**each, "on": each["on"].isoformat() if each["on"] else None}
            for each in takes_record(explainer, row, household)
        ],
        "ranked": ranked,
        "gates": gates.schema_1(
            gates.words(gates.of_match(case), hide=household_id in explainer.hidden)
        ),
    }


def _rules(explainer: Explainer, row: int, household: int, failed: int) -> Iterator[Record]:
    case = explainer.prepared.pair(row, household)
    failing_rules = {rule.key: failing for rule, failing in explainer.failing(case, failed)}
    for rule in RULES:
        if rule.key in failing_rules:
            failing = failing_rules[rule.key]
            status = BREACH if failing.known else NOT_KNOWN
            reason, fix, who = failing.reason, failing.fix, failing.who
        else:
            status, reason, fix, who = MET, rule.sentence, "", ""
        yield {
            "rule": rule.key,
            "clause": rule.clause,
            "status": status,
            "reason": reason,
            "fix": fix,
            "who": who,
        }


def pair_text(record: Record) -> Iterator[str]:
    """One pair: what it fails and what would mend it, or what it scores and what it costs."""
    name = f"{printable(record['request_id'])} with {printable(record['household_id'])}"
    if record["held_back_by"]:
        yield f"{printable(record['request_id'])} {HELD[record['held_back_by']]}; for information:"
    failed = [rule for rule in record["rules"] if rule["status"] != MET]
    if failed:
        yield f"{name} is not eligible: {len(failed)} of {len(record['rules'])} rules are not met."
    else:
        ranked = record["ranked"]
        proposed = " It is the proposal." if record["proposed"] else ""
        yield f"{name} is eligible. It ranks {ranked['rank']}, fit {ranked['fit']:.2f}.{proposed}"
    if record["relationship"]:
        yield paragraph(record["relationship"])
    yield ""
    for rule in record["rules"]:
        yield paragraph(
            f"{rule['status']:9} {label(rule['rule']):20} {rule['reason']} ({rule['clause']})"
        )
    if record["takes"]:
        yield ""
        yield "The least it would take:"
        for each in record["takes"]:
            start = f" From {long_date(date.fromisoformat(each['on']))}." if each["on"] else ""
            yield paragraph(f"{each['what']} ({each['who']}){start}")
    if record["ranked"]:
        yield ""
        for each in record["ranked"]["criteria"]:
            points = " " * 6 if each["points"] is None else f"{each['points']:6.2f}"
            yield paragraph(
                f"{label(each['name']):10} {points}  {each['grade']:6} {each['evidence']}"
            )
        yield ""
        yield from _cost(record)
    still = [gate for gate in record["gates"] if gate["status"] == gates.OPEN]
    if still and not failed:
        yield "Open before it can be confirmed:"
        for gate in still:
            yield paragraph(
                f"{upper_first(label(str(gate['gate'])))}: {gate['evidence']} {gate['action']} "
                f"({gate['who']}; {gate['clause']})"
            )


def _cost(record: Record) -> Iterator[str]:
    cost = record["ranked"]["cost_to_round"]
    if cost is None:
        yield "It has no price: people hold one side of it, or a limit is in play."
        return
    lost = any(cost["aims"].values())
    yield paragraph(f"Cost to the round: {each_aim(cost['aims']) if lost else 'nothing'}.", "")
    for move in cost["moves"]:
        left, to = move["from"] or "no household", move["to"] or "no household"
        yield f"  {printable(move['request_id'])}: {printable(left)} → {printable(to)}"
