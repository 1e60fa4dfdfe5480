"""The duty desk's answer about one request: a record, and the text for a night's reader."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

from matcher.codes import words
from matcher.duty.desk import ELIGIBLE, FIRST, NOTHING, SCREENING, Desk, Effect, Missing, Turn
from matcher.duty.trials import NOBODY
from matcher.explain import Explainer, needed, ordinal, relationship_line
from matcher.policy import gates
from matcher.policy.words import and_list, capital, count, written
from matcher.record import Record, policy_record, ranked_record
from matcher.report.single import hide_place, request_record
from matcher.report.text import HELD, PEOPLE_DECIDE, paragraph, printable
from matcher.rounds import AIMS
from matcher.solve.problem import UNPLACED

SCHEMA = "matcher.place/1"
LEVELS = {NOTHING: "nothing", ELIGIBLE: "eligible", FIRST: "first", SCREENING: "screening"}
PLACES = ("home_postcode", "school_postcode")
NAMES = {
    "parent_looked_after": "whether the parent is looked after",
    "second_parent_looked_after": "whether the second parent is looked after",
    "child_born_or_due_on": "day of birth",
    "needed_from": "day it is needed",
    "second_parent_age": "second parent",
    "parent_agrees": "consent",
    "legal_advice_on": "legal advice",
    "head_of_service_on": "Head of Service",
    "court_directed": "court direction",
    "court_on": "next hearing",
    "withhold_address": "withheld address",
}
MOST_ASKED, MOST_GROUPS, MOST_LABELS, MOST_MOVES = 8, 3, 4, 3
FEW = 2  # so few values are named one by one, even where they all come to the same


def record(desk: Desk) -> Record:
    """All that the desk says, for a machine: the keys of round.json for the request, and more."""
    explainer = Explainer(desk.solved)
    inputs = explainer.inputs
    request = request_record(desk.solved, desk.request.request_id)
    _add_proposed(desk, explainer, request)
    for each in request["ranked"]:
        each |= _tonight(desk, explainer, each["household_id"])
    first = desk.standing.first
    return {
        "schema": SCHEMA,
        "as_of": inputs.as_of.isoformat(),
        "policy": policy_record(explainer.prepared.policy),
        "given": {column: _plain(value) for column, value in desk.given.cells.items()},
        "assumed": [
            {"column": a.column, "value": _plain(a.value), "said": a.said, "why": a.why}
            for a in desk.assumed
        ],
        "held_for": None if desk.lifted is None else desk.lifted.household_id,
        "limit_in_play": desk.limited,
        "eligible": len(desk.standing.eligible),
        "first": None if first == NOBODY else explainer.household_ids[first],
        **request,
        "missing": [_missing(desk, explainer, each) for each in desk.missing if each.level],
        "changes_nothing": [each.question.column for each in desk.missing if not each.level],
    }


def _plain(value: Any) -> Any:
    """A clean cell as JSON holds it."""
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _add_proposed(desk: Desk, explainer: Explainer, request: Record) -> None:
    """The household that the whole round would propose, if it ranks below those that are shown."""
    proposal = request["proposal"]
    shown = {each["household_id"] for each in request["ranked"]}
    if proposal is None or proposal["household_id"] in shown:
        return
    home = explainer.household_ids.index(proposal["household_id"])
    edge = explainer.prepared.edge(desk.row, home)
    if edge is not None:
        ranked = ranked_record(explainer, desk.row, edge)
        hide_place(explainer, ranked)
        request["ranked"].append(ranked)


def _tonight(desk: Desk, explainer: Explainer, household_id: str) -> Record:
    """What the night's reader needs of a ranked household: when, and at what price to whom."""
    home = explainer.household_ids.index(household_id)
    case = explainer.prepared.pair(desk.row, home)
    start = case.day("start")
    held = explainer.prepared.pinned_households.get(home)
    effect = desk.effects.get(home)
    return {
        "starts_on": None if start is None else start.isoformat(),
        "free_today": case.number("opens") <= case.pairs.as_of,
        "relationship": None if case.relationship is None else relationship_line(case),
        "held_for": None if held is None else explainer.request_ids[held],
        "pipeline": None if effect is None else _pipeline(desk, explainer, home, effect),
        "gates": gates.of_pair(
            case,
            gates.depending(explainer.asked(desk.row)),
            hide=household_id in explainer.hidden,
        ),
    }


def _pipeline(desk: Desk, explainer: Explainer, home: int, effect: Effect) -> Record:
    before = [] if desk.before is None else desk.before.tolist()
    holder = before.index(home) if home in before else None
    return {
        "was_proposed_for": None if holder is None else explainer.request_ids[holder],
        "aims": dict(zip(AIMS, effect.losses, strict=True)),
        "moves": [_move(explainer, *move) for move in effect.moves],
    }


def _move(explainer: Explainer, who: int, left: int, to: int) -> Record:
    prepared = explainer.prepared

    def at(home: int) -> tuple[str | None, float | None]:
        edge = None if home == UNPLACED else prepared.edge(who, home)
        if edge is None:
            return None, None
        return explainer.household_ids[home], round(int(prepared.ranked.fit[edge]) / 100, 2)

    return {
        "request_id": explainer.request_ids[who],
        "needed_from": prepared.inputs.requests[who].needed_from.isoformat(),
        "from": at(left)[0],
        "to": at(to)[0],
        "fit_from": at(left)[1],
        "fit_to": at(to)[1],
    }


def _missing(desk: Desk, explainer: Explainer, missing: Missing) -> Record:
    column = missing.question.column
    return {
        "column": column,
        "assumed": missing.assumed,
        "ask": missing.question.ask,
        "changes": LEVELS[missing.level],
        "values": [_turn(desk, explainer, column, turn) for turn in missing.turns],
    }


def _turn(desk: Desk, explainer: Explainer, column: str, turn: Turn) -> Record:
    """What one value would come to; where it would tell a withheld place, no household is named."""
    trial, standing = turn.trial, desk.standing
    named = explainer.household_ids
    first = None if trial.first == NOBODY else named[trial.first]
    now, then = set(standing.eligible), set(trial.eligible)
    hide = column in PLACES and any(named[home] in explainer.hidden for home in now | then)
    found: Record = {
        "cells": {name: _plain(value) for name, value in turn.tried.cells.items()},
        "label": turn.tried.label,
        "changes": LEVELS[turn.level],
        "outcome": trial.outcome,
        "hidden": hide,
        "first": None if hide else first,
        "added": [] if hide else [named[home] for home in sorted(then - now)],
        "lost": [] if hide else [named[home] for home in sorted(now - then)],
    }
    return found


# The text, in the order in which a reader acts


def text(found: Record) -> Iterator[str]:
    """The answer in lines: held back or not, what was assumed, who, what it does, what to ask."""
    yield (
        f"{printable(found['request_id'])}  ({words(found['regime'])}, "
        f"{needed(found['urgency'])}), on {_day(found['as_of'])}"
    )
    if found["assumed"]:
        said = "; ".join(each["said"] for each in found["assumed"])
        yield paragraph(f"Assumed, as nobody has said: {said}.")
        yield paragraph("If you know better, add --say column=value.")
    if found["held_for"]:
        held = f"People hold {found['held_for']} for {found['request_id']}"
        yield paragraph(f"{held}. What follows leaves that out of account.")
    yield ""
    held_back = found["outcome"] in HELD
    if held_back or not found["ranked"]:
        yield capital("held back" if held_back else "nobody is eligible").upper()
        yield from (paragraph(line) for line in found["why"])
        yield ""
    if found["ranked"]:
        yield from _who(found, held_back)
        yield ""
    yield from _asks(found)
    yield PEOPLE_DECIDE


def _day(iso: str) -> str:
    return written(date.fromisoformat(iso))


def _who(found: Record, held_back: bool) -> Iterator[str]:
    shown = len(found["ranked"])
    lead = "FOR INFORMATION" if held_back else "WHO"
    of = f"{shown} of {count(found['eligible'], 'eligible household')}, best first"
    yield f"{lead}: {of if found['eligible'] > shown else of.removeprefix(f'{shown} of ')}"
    if not held_back:
        yield paragraph(_together(found))
    still = [gates.still_open(each["gates"]) for each in found["ranked"]]
    shared = _shared(still)
    for each, mine in zip(found["ranked"], still, strict=True):
        yield from _household(found, each, [g for g in mine if g["gate"] not in shared], held_back)
    first = [gate for gate in still[0] if gate["gate"] in shared]
    every = [*gates.still_open(found["gates"]), *first]
    if every:
        names = "; ".join(words(str(gate["gate"])) for gate in every)
        yield paragraph(f"Before any of them can be confirmed: {names}.")


def _shared(still: list[list[Record]]) -> set[str]:
    """The gates that are open for every household that is shown."""
    names = [{str(gate["gate"]) for gate in mine} for mine in still]
    return set.intersection(*names)


def _together(found: Record) -> str:
    """What the whole round would do for the family, with everybody in it."""
    proposal, name = found["proposal"], found["request_id"]
    if proposal is None:
        return f"All families taken together, {name} would wait: others need these households more."
    home = proposal["household_id"]
    rank = next(each["rank"] for each in found["ranked"] if each["household_id"] == home)
    return (
        f"All families taken together, the round would propose {home}, which ranks {ordinal(rank)}."
    )


def _household(
    found: Record, ranked: Record, own_gates: list[Record], held_back: bool
) -> Iterator[str]:
    name = printable(ranked["household_id"])
    start = f"start {_day(ranked['starts_on'])}" if ranked["starts_on"] else "no start day known"
    free = "free today" if ranked["free_today"] else "not free today"
    yield f"  {ranked['rank']:3}. {name:8} fit {ranked['fit']:6.2f}   {free}, {start}"
    if not held_back:
        yield paragraph(_effect(found, ranked), "       ")
    if ranked["relationship"]:
        yield paragraph(ranked["relationship"], "       ")
    fits = [each["evidence"] for each in ranked["criteria"] if each["grade"] == "High"]
    if fits:
        yield paragraph(f"Fits: {' '.join(fits)}", "       ")
    short = {each["criterion"] for each in ranked["gaps"]}
    gaps = [each["evidence"] for each in ranked["criteria"] if each["name"] in short]
    if gaps:
        yield paragraph(f"Gap: {' '.join(gaps)}", "       ")
    if own_gates:
        names = "; ".join(words(str(gate["gate"])) for gate in own_gates)
        yield paragraph(f"For this one also: {names}.", "       ")


def _effect(found: Record, ranked: Record) -> str:
    """What a choice does to the families that are known, in a few sentences."""
    if ranked["held_for"]:
        return f"People hold it for {ranked['held_for']}."
    if found["limit_in_play"]:
        return "A limit is in play: no price."
    pipeline = ranked["pipeline"]
    if pipeline is None or pipeline["was_proposed_for"] is None:
        return "Costs the known families nothing."
    moves = pipeline["moves"]
    holder = pipeline["was_proposed_for"]
    moves = sorted(moves, key=lambda move: bool(move["request_id"] != holder))
    day = moves[0]["needed_from"] if moves else found["as_of"]
    due = "needed today" if day <= found["as_of"] else f"needed {_day(day)}"
    said = [f"It was proposed for {holder} ({due})."]
    said += [_moved(move) for move in moves[:MOST_MOVES]]
    if (more := len(moves) - MOST_MOVES) > 0:
        said.append(f"{capital(count(more, 'more family'))} would go elsewhere.")
    losses = pipeline["aims"]
    if losses["relationship"] > 0:
        said.append("An existing relationship would be given up.")
    if not any(losses.values()):
        said.append("In all the others lose nothing.")
    elif len(moves) > 1 and not any(losses[aim] for aim in AIMS[:-1]):
        said.append(f"In all the others lose {losses['fit'] / 100:.2f} of fit.")
    return " ".join(said)


def _moved(move: Record) -> str:
    who = move["request_id"]
    if move["to"] is None:
        return f"{who} would be left without a household."
    if move["from"] is None:
        return f"{who}, which had none, would go to {move['to']}."
    return f"{who} would go to {move['to']}, fit {move['fit_to']:.2f} instead of {move['fit_from']:.2f}."


# What is missing, and whether it would matter


def _asks(found: Record) -> Iterator[str]:
    told = [each for each in found["missing"] if each["changes"] in ("screening", "first")]
    if told:
        yield "ASK, what matters most first"
        lines = list(_lines(found, told))
        yield from (paragraph(sentence) for _, sentence in lines[:MOST_ASKED])
        late = [column for columns, _ in lines[MOST_ASKED:] for column in columns]
        if late:
            yield paragraph(f"Could change the first household too: {_names(late)}.")
    other = [each for each in found["missing"] if each["changes"] == "eligible"]
    if other:
        names = _names([each["column"] for each in other])
        yield paragraph(f"Could change who is eligible, but not who is first: {names}.")
    if found["changes_nothing"]:
        yield paragraph(f"Would change nothing here: {_names(found['changes_nothing'])}.")
    safety = {"keep_away": "areas to keep away from", "withhold_address": "a withheld address"}
    unsaid = [said for column, said in safety.items() if column not in found["given"]]
    if unsaid:
        yield paragraph(
            f"Before you say where a household is, ask the child's social worker about "
            f"{and_list(unsaid)}. (PC-5.1j, PC-5.3d)"
        )
    yield ""


def _name(column: str) -> str:
    if column.startswith("risk_"):
        return f"risk of {words(column.removeprefix('risk_'))}"
    return NAMES.get(column, words(column))


def _names(columns: list[str]) -> str:
    """Columns as a list in words, the risks together."""
    risks = [column.removeprefix("risk_") for column in columns if column.startswith("risk_")]
    names = [_name(column) for column in columns if not column.startswith("risk_")]
    if risks:
        names.append(f"risk of {and_list(map(words, risks))}")
    return "; ".join(names) if len(risks) > 1 else and_list(names)


def _lines(found: Record, told: list[Record]) -> Iterator[tuple[list[str], str]]:
    """A sentence for each column that matters, or for several of which the same is true."""
    columns: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in told:
        columns[_changes(found, each), each["ask"]].append(each["column"])
    for (changes, ask), alike in columns.items():
        yield alike, f"{capital(_names(alike))}: {changes}. Ask {ask}."


def _changes(found: Record, missing: Record) -> str:
    """What the values of a column would come to, those that matter most alone."""
    groups: dict[str, list[str]] = defaultdict(list)
    for value in missing["values"]:
        if value["changes"] == missing["changes"]:
            groups[_then(found, value)].append(value["label"])
    most = sorted(groups.items(), key=lambda group: -len(group[1]))
    if len(most) == 1 and FEW < len(missing["values"]) == len(most[0][1]):
        return f"whatever it is, {most[0][0]}"
    said = [f"if {_labels(labels)}, {then}" for then, labels in most[:MOST_GROUPS]]
    if more := sum(len(labels) for _, labels in most[MOST_GROUPS:]):
        said.append(f"{count(more, 'other value')} would change it too")
    return "; ".join(said)


def _labels(labels: list[str]) -> str:
    more = len(labels) - MOST_LABELS
    if more > 0:
        return f"{', '.join(labels[:MOST_LABELS])} or {more} more"
    return and_list(labels, "or")


def _then(found: Record, value: Record) -> str:
    """What one value would come to, in a few words."""
    if value["changes"] == "screening":
        name, outcome = found["request_id"], value["outcome"]
        return f"{name} {HELD[outcome]}" if outcome else f"{name} could be matched"
    if value["hidden"]:
        return "another household would be first"
    if value["first"] is None:
        return "nobody is eligible"
    now = found["first"]
    return f"{value['first']} is first" + (f" instead of {now}" if now else "")
