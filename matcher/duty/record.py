"""The duty desk's answer about one request as a record: what a machine reads, and its text says."""

from __future__ import annotations

from datetime import date
from typing import Any

from matcher.duty.desk import ELIGIBLE, FIRST, NOTHING, SCREENING, Desk, Missing, Turn
from matcher.explain import relationship_line
from matcher.privacy import not_told_apart, told_cost, told_fit
from matcher.record import as_dict
from matcher.recorder import Recorder, policy_used
from matcher.report.single import Asked, request_record, with_words
from matcher.show.files import Record
from matcher.solve.prices import Price
from matcher.solve.problem import UNPLACED

SCHEMA = "matcher.place/1"
LEVELS = {NOTHING: "nothing", ELIGIBLE: "eligible", FIRST: "first", SCREENING: "screening"}
PLACES = ("home_postcode", "school_postcode")


def record(desk: Desk) -> Record:
    """All that the desk says, for a machine: the keys of round.json for the request, and more."""
    asked = Asked(desk.solved, desk.request.request_id)
    recorder, inputs = asked.recorder, asked.recorder.inputs
    request = request_record(asked)
    pair = asked.request.facts.pair
    ranked = [*asked.request.ranked, *([pair] if pair and pair.rank is not None else [])]
    request["ranked"] = [
        {**with_words(asked, each), **_tonight(desk, recorder, each.household_id)}
        for each in ranked
    ]
    first = desk.standing.first
    alike = not_told_apart(recorder.prepared, desk.row)
    for each in request["ranked"]:
        own = each["household_id"]
        each["tied_with"] = [name for name in alike.get(own, ()) if name != own]
    return {
        "schema": SCHEMA,
        "as_of": inputs.as_of.isoformat(),
        "policy": as_dict(policy_used(recorder.prepared.policy)),
        "given": {column: _plain(value) for column, value in desk.given.cells.items()},
        "assumed": [
            {"column": a.column, "value": _plain(a.value), "said": a.said, "why": a.why}
            for a in desk.assumed
        ],
        "held_for": None if desk.lifted is None else desk.lifted.household_id,
        "of_round": desk.given.of_round,
        "eligible": len(desk.standing.eligible),
        "first": None if first is None else recorder.household_ids[first],
        **request,
        "missing": [_missing(desk, recorder, each) for each in desk.missing if each.level],
        "changes_nothing": [each.question.column for each in desk.missing if not each.level],
    }


def _plain(value: Any) -> Any:
    """A clean cell as JSON holds it."""
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _tonight(desk: Desk, recorder: Recorder, household_id: str) -> Record:
    """What the night's reader needs of a ranked household: when, and at what price to whom."""
    household_index = recorder.household_ids.index(household_id)
    case = recorder.prepared.pair(desk.row, household_index)
    start = case.day("start")
    held = recorder.prepared.pinned_households.get(household_index)
    effect = desk.effects.get(household_index)
    beyond = household_index in desk.effects and effect is None
    return {
        "starts_on": None if start is None else start.isoformat(),
        "free_today": case.number("opens") <= case.pairs.as_of,
        "relationship": None
        if case.relationship is None
        else relationship_line(case.relationship).sentence,
        "held_for": None if held is None else recorder.request_ids[held],
        "over_a_limit": beyond,
        "pipeline": None if effect is None else _pipeline(desk, recorder, household_index, effect),
    }


def _pipeline(desk: Desk, recorder: Recorder, household_index: int, effect: Price) -> Record:
    before = [] if desk.before is None else desk.before.tolist()
    holder = before.index(household_index) if household_index in before else None
    return {
        "was_proposed_for": None if holder is None else recorder.request_ids[holder],
        "aims": dict(told_cost(recorder.prepared, effect).losses),
        "moves": [_move(recorder, *move) for move in effect.moves],
    }


def _move(recorder: Recorder, who: int, left: int, to: int) -> Record:
    prepared = recorder.prepared

    def at(household_index: int) -> tuple[str | None, float | None]:
        edge = None if household_index == UNPLACED else prepared.edge(who, household_index)
        if edge is None:
            return None, None
        fit = round(told_fit(prepared, who, household_index) / 100, 2)
        return recorder.household_ids[household_index], fit

    return {
        "request_id": recorder.request_ids[who],
        "needed_from": prepared.inputs.requests[who].needed_from.isoformat(),
        "from": at(left)[0],
        "to": at(to)[0],
        "fit_from": at(left)[1],
        "fit_to": at(to)[1],
    }


def _missing(desk: Desk, recorder: Recorder, missing: Missing) -> Record:
    """What a missing column would change; where its values would tell a withheld place, not which."""
    column, named = missing.question.column, recorder.household_ids
    everyone = {at for turn in missing.turns for at in turn.trial.eligible}
    everyone |= set(desk.standing.eligible)
    hide = column in PLACES and any(named[at] in recorder.hiding.hidden for at in everyone)
    return {
        "column": column,
        "assumed": missing.assumed,
        "ask": missing.question.ask,
        "changes": LEVELS[missing.level],
        "hidden": hide,
        "every": missing.question.every,
        "values": [] if hide else [_turn(desk, recorder, turn) for turn in missing.turns],
    }


def _turn(desk: Desk, recorder: Recorder, turn: Turn) -> Record:
    """What one value would come to."""
    trial, named = turn.trial, recorder.household_ids
    now, then = set(desk.standing.eligible), set(trial.eligible)
    return {
        "cells": {name: _plain(value) for name, value in turn.tried.cells.items()},
        "label": turn.tried.label,
        "changes": LEVELS[turn.level],
        "outcome": trial.outcome,
        "first": None if trial.first is None else named[trial.first],
        "added": [named[at] for at in sorted(then - now)],
        "lost": [named[at] for at in sorted(now - then)],
    }
