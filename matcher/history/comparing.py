"""What changed between two recorded rounds, as a record."""

from __future__ import annotations

from collections.abc import Iterator

from matcher.history.entries import Record
from matcher.history.reasons import fit_changed, reasons
from matcher.history.sides import Pairing, Side


def comparison(pair: Pairing) -> Record:
    """What changed between two rounds: counts, aims, policy, decisions, households, families."""
    moved = [each for each in pair.families if pair.moved(each)]
    kept = [each for each in pair.families if not pair.moved(each)]
    return {
        "before": _head(pair.before),
        "after": _head(pair.after),
        "counts": _beside(pair.before.record["counts"], pair.after.record["counts"]),
        "aims": _beside(_aims(pair.before), _aims(pair.after)),
        "same_data": pair.same_data,
        "same_policy": pair.same_policy,
        "settings": pair.settings,
        "decisions": list(pair.taken),
        "decisions_gone": list(pair.gone),
        "households": list(_households(pair)),
        "families": [_family(pair, each) for each in moved],
        "other_fit": [
            {"request_id": each, "text": reason.text}
            for each in kept
            for reason in fit_changed(pair, each)
        ],
        "unchanged": kept,
    }


def _head(side: Side) -> Record:
    found: Record = side.record["round"]
    return {key: found[key] for key in ("as_of", "title", "version", "input_sha256", "policy")}


def _aims(side: Side) -> dict[str, int]:
    return {each["name"]: each["value"] for each in side.record["objective"]}


def _beside(was: dict[str, int], now: dict[str, int]) -> list[Record]:
    """Numbers of the same name beside each other, None where a round has none."""
    return [
        {"name": name, "before": was.get(name), "after": now.get(name)}
        for name in dict.fromkeys((*was, *now))
    ]


def _households(pair: Pairing) -> Iterator[Record]:
    """Households that came, went, opened, or closed, with the rules that close them."""
    for home in sorted({*pair.before.households, *pair.after.households}):
        was, now = pair.before.closed_by(home), pair.after.closed_by(home)
        if home not in pair.before.households:
            change = "new"
        elif home not in pair.after.households:
            change = "gone"
        elif bool(was) != bool(now):
            change = "closed" if now else "open"
        else:
            continue
        yield {"household_id": home, "change": change, "before": was, "after": now}


def _family(pair: Pairing, family: str) -> Record:
    return {
        "request_id": family,
        "before": _state(pair.before, family),
        "after": _state(pair.after, family),
        "reasons": [{"kind": each.kind, "text": each.text} for each in reasons(pair, family)],
    }


def _state(side: Side, family: str) -> Record | None:
    request = side.requests.get(family)
    if request is None:
        return None
    proposal, living = request["proposal"] or {}, side.living(family) or {}
    return {
        "outcome": request["outcome"],
        "lives_with": living.get("household_id"),
        "household_id": proposal.get("household_id"),
        "fit": proposal.get("fit"),
        "pinned": proposal.get("pinned", False),
    }
