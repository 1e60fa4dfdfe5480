"""What families and households of a sample are to each other, and what people decided."""

from __future__ import annotations

from datetime import date

import numpy as np

from matcher.codes import RELATIONSHIPS, RISK_AREAS
from matcher.sample.draws import Draw, Mask, Places, Texts, days, listed, only, setting
from matcher.sample.places import grid

Columns = dict[str, Texts]


class Askable:
    """The households that a tie may name, each given once, the nearest of a few to the home."""

    def __init__(self, draw: Draw, rows: Mask, households: Columns) -> None:
        order = np.argsort(draw.generator.random(len(rows)), kind="stable")
        self.left = [int(row) for row in order if rows[row]]
        self.easting, self.northing = grid(households["postcode"])

    def nearest(self, home: str) -> int | None:
        """The nearest to a home of the next few households, or None where none is left."""
        few = self.left[-setting("pair.nearest_of") :]
        if not few:
            return None
        found = few[-1]
        if home:
            easting, northing = (axis[0] for axis in grid(np.array([home], object)))
            away = np.hypot(self.easting[few] - easting, self.northing[few] - northing)
            found = few[int(np.argmin(away))]
        self.left.remove(found)
        return found


def _pairs(
    draw: Draw, rows: Mask, who: Mask, requests: Columns, households: Columns
) -> tuple[Places, Places]:
    """A household for each of those requests, as long as there are any."""
    askable = Askable(draw, who, households)
    found = [
        (row, home)
        for row in np.flatnonzero(rows)
        if (home := askable.nearest(requests["home_postcode"][row])) is not None
    ]
    return np.array([r for r, _ in found], np.intp), np.array([h for _, h in found], np.intp)


def _ids(requests: Columns, households: Columns, at: tuple[Places, Places]) -> Columns:
    return {
        "request_id": requests["request_id"][at[0]],
        "household_id": households["household_id"][at[1]],
    }


def relationships(draw: Draw, requests: Columns, households: Columns) -> Columns:
    """The columns of the table of relationships: a parent's own carers have foster children."""
    approved = households["status"] == "approved"
    with_children = approved & (households["looked_after_children"] != "0")
    parts = []
    for kind in RELATIONSHIPS:
        rows = draw.chance(f"pair.{kind}")
        who = approved
        if kind == "current_carer":
            rows, who = rows & draw.facts["looked_after_parent"], with_children
        elif kind == "sibling_lives_there":
            who = with_children
        at = _pairs(draw, rows, who, requests, households)
        parts.append({**_ids(requests, households, at), "kind": np.full(len(at[0]), kind, object)})
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def risk_assessments(
    draw: Draw, as_of: date, requests: Columns, households: Columns, ready: Mask
) -> Columns:
    """The columns of the table of risk assessments, with households that take families."""
    at = _pairs(draw, draw.chance("pair.risk_assessment"), ready, requests, households)
    each = Draw(draw.generator, len(at[0]))
    outcome = each.choice("pair.risk_outcome")
    done = outcome != "in_progress"
    areas = {area: done | each.chance("pair.risk_area_done") for area in RISK_AREAS}

    def signed() -> Texts:
        on = days(as_of, -each.number("pair.signed_before"))
        return only(done | each.chance("pair.risk_signed"), on)

    return {
        **_ids(requests, households, at),
        "outcome": outcome,
        "areas": listed(areas),
        "child_social_worker_on": signed(),
        "supervising_social_worker_on": signed(),
        "safe_caring_on": signed(),
    }


def decisions(
    draw: Draw, as_of: date, requests: Columns, households: Columns, ready: Mask
) -> Columns:
    """The columns of the table of decisions: households that were asked, and a few confirmed."""
    said = draw.choice("pair.decision")
    at = _pairs(draw, said != "", ready, requests, households)
    each = Draw(draw.generator, len(at[0]))
    decision = said[at[0]]
    reason = np.full(each.size, "", object)
    for kind in ("declined_by_carer", "declined_by_parent", "rule_out"):
        reason = np.where(decision == kind, each.choice(f"pair.reason_{kind}"), reason)
    roles = {
        "declined_by_carer": "supervising social worker",
        "declined_by_parent": "child social worker",
        "rule_out": "team manager",
        "confirmed": "team manager",
    }
    return {
        **_ids(requests, households, at),
        "decision": decision,
        "decided_on": days(as_of, -each.number("pair.decided_before")),
        "reason": reason.astype(object),
        "decided_by": np.array([roles[kind] for kind in decision], object),
    }
