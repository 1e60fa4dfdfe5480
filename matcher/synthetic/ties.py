"""What families and households of a sample are to each other, and what people decided."""

from __future__ import annotations

from datetime import date

import numpy as np

from matcher.codes import RELATIONSHIPS, RISK_AREAS
from matcher.synthetic.draws import Draw, Mask, Places, Texts, days, listed, only, setting
from matcher.synthetic.places import grid

Columns = dict[str, Texts]


def _pairs(
    draw: Draw, rows: Mask, who: Mask, requests: Columns, households: Columns
) -> tuple[Places, Places]:
    """One of the nearest households for each of those requests, none twice, while any is left."""
    left = np.flatnonzero(who)
    easting, northing = grid(households["postcode"])
    which, found = draw.uniform(), []
    for row in np.flatnonzero(rows).tolist():
        if not len(left):
            break
        home, place = requests["home_postcode"][row], int(which[row] * len(left))
        if home:
            east, north = grid(np.array([home], object))
            away = (easting[left] - east) ** 2 + (northing[left] - north) ** 2
            most = min(setting("pair.nearest_of"), len(left)) - 1
            few = np.flatnonzero(away <= np.partition(away, most)[most])
            place = int(few[int(which[row] * len(few))])
        found.append((row, int(left[place])))
        left = np.delete(left, place)
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
    confirmed = said == "confirmed"
    asked = _pairs(draw, (said != "") & ~confirmed, ready, requests, households)
    held = _pairs(draw, confirmed, ready & _has_room(households), requests, households)
    at = np.concatenate([asked[0], held[0]]), np.concatenate([asked[1], held[1]])
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


def _has_room(households: Columns) -> Mask:
    """Households that a family could be confirmed with: roomy, free and smoke-free."""
    smoke_free = [bool(cell) and "smoker" not in cell for cell in households["features"]]
    return np.asarray(
        (households["accommodation_suitable"] == "yes")
        & np.isin(households["bedrooms"], ["2", "3"])
        & (households["looked_after_children"] == "0")
        & (households["arrangement_until"] == "")
        & (households["terms"] == "")
        & np.array(smoke_free, bool),
        bool,
    )
