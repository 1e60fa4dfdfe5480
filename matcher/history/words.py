"""The history of rounds as text for a terminal: the list, one round, and two beside each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from matcher.explain import HELD, WHERE_NOT_KNOWN, lives
from matcher.history.entries import DECISION, ROUND, Entry
from matcher.history.reasons import decision_text, lacks, value
from matcher.history.recall import frame
from matcher.history.recording import decisions_with
from matcher.policy.about import approval_text
from matcher.policy.aims import aim_of
from matcher.record import Living, Proposal, read
from matcher.report.terminal import NO_HOUSEHOLD, best, opening, outcome_line, sums
from matcher.show.files import Record
from matcher.show.table import Table, columns, numbers
from matcher.show.text import PEOPLE_DECIDE, paragraph, printable
from matcher.sizes import MANY_REQUESTS
from matcher.terms import AsIs
from matcher.words import and_list, count, long_date, upper_first

SHORT = 12  # digits of a hash in a list
MOST_FAMILIES, MOST_IDS = MANY_REQUESTS, 30
COUNTED = {
    "requests": "Requests, open and placed",
    "proposed": "Proposed",
    "unplaced": "Waiting",
    "placed": "Placed",
    "households": "Households",
    "open_households": "Open households",
    "eligible_pairs": "Eligible pairs",
}
HOUSEHOLDS = {
    "new": "New in the data",
    "gone": "No longer in the data",
    "open": "Open now",
    "closed": "Closed to every family now",
}


def moment(recorded_at: str) -> str:
    """'25 November 2026, 17:44 UTC'."""
    time = datetime.fromisoformat(recorded_at)
    return f"{long_date(time.date())}, {time:%H:%M} UTC"


def _policy(policy: Record) -> str:
    changed = [f"{key} = {value(each)}" for key, each in policy["changed"].items()]
    own = policy.get("local_rules") or policy.get("local_duties")
    usual = "its settings at their defaults" if own else "at its defaults"
    differs = f"changed: {', '.join(changed)}" if changed else usual
    approved = policy.get("approved")  # rounds of earlier releases name nobody
    by = f", {approval_text(approved['by'], approved['on'])}" if approved else ""
    return f"policy {policy['name']} {policy['version']}{by}, {differs}"


# --- The list ---------------------------------------------------------------------------------


def list_record(entries: list[Entry], where: str) -> Record:
    """Every round of a history, and how many decisions came before it."""
    rounds = [each for each in entries if each.kind == ROUND]
    return {
        "store": where,
        "rounds": [
            {
                "number": each.number,
                "recorded_at": each.recorded_at,
                **{key: each.content[key] for key in ("as_of", "title", "version", "policy")},
                "proposed": each.content["counts"]["proposed"],
                "waiting": each.content["counts"]["unplaced"],
                "decisions": len(decisions_with(entries, each)),
                "hash": each.hash,
            }
            for each in rounds
        ],
        "decisions": sum(each.kind == DECISION for each in entries),
        "receipt": entries[-1].receipt if entries else None,
    }


def list_text(record: Record) -> Iterator[str]:
    """The rounds in order; the title and the policy where they differ from the round before."""
    rounds, where = record["rounds"], printable(record["store"])
    if not rounds:
        yield f"{where} holds no rounds yet."
        return
    yield f"{where}: {count(len(rounds), 'round')}, {count(record['decisions'], 'decision')}."
    yield ""
    yield "Entry  Round of           Proposed  Waiting  Decisions  Recorded                     Hash"
    said = ""
    for each in rounds:
        about = f"{each['title'] or 'Match round'}; {_policy(each['policy'])}."
        if about != said:
            yield paragraph(about, "       ")
            said = about
        yield (
            f"{each['number']:5}  {long_date(each['as_of']):17}  {each['proposed']:8,}  "
            f"{each['waiting']:7,}  {each['decisions']:9,}  {moment(each['recorded_at']):27}  "
            f"{each['hash'][:SHORT]}"
        )
    yield ""
    yield "Decisions are those that were recorded with the round and not before."
    yield "What changed since the round before, and why: matcher history compare."


# --- One entry --------------------------------------------------------------------------------


def show_record(entry: Entry, decisions: Iterable[Entry], written_round: Record | None) -> Record:
    """One entry with what came out of its round, and the decisions recorded with it.

    Not the round.json itself: it alone may say where a household is (PC-5.3d).
    """
    return {
        "number": entry.number,
        "kind": entry.kind,
        "recorded_at": entry.recorded_at,
        "previous": entry.previous,
        "hash": entry.hash,
        "content": entry.content,
        "decisions": [{"number": each.number, **each.content} for each in decisions],
        "round": None if written_round is None else _shown(written_round),
    }


def _shown(found: Record) -> Record:
    """What a round came to, family by family."""
    keys = ("request_id", "urgency", "outcome", "proposal")
    return {
        **{key: found[key] for key in ("round", "counts", "objective")},
        "requests": [
            {**{key: each[key] for key in keys}, "text": _came(each)} for each in found["requests"]
        ],
    }


def show_text(record: Record) -> Iterator[str]:
    """One entry: what came out, what was decided, and the hashes that bind it."""
    content, found = record["content"], record["round"]
    yield f"Entry {record['number']}, recorded on {moment(record['recorded_at'])}."
    if found is None:
        yield paragraph(_decision(content), "")
    else:
        yield from opening(frame(found), [], [])
        yield from sums(frame(found))
        yield ""
        for request in found["requests"][:MOST_FAMILIES]:
            yield f"  {printable(request['request_id']):8} {request['text']}"
        if (more := len(found["requests"]) - MOST_FAMILIES) > 0:
            yield f"  and {more:,} more families: --json lists all."
        yield ""
        yield best(frame(found))
        yield ""
        if record["decisions"]:
            yield "DECISIONS RECORDED WITH IT"
            for each in record["decisions"]:
                yield paragraph(f"Entry {each['number']}: {_decision(each)}")
            yield ""
    yield "HASHES (SHA-256)"
    if found is not None:
        yield f"  input       {content['input_sha256']}"
        yield f"  policy      {content['policy']['sha256']}"
        yield f"  round.json  {content['round_sha256']}"
    yield f"  before      {record['previous']}"
    yield f"  receipt     {record['number']}:{record['hash']}"
    if found is not None:
        yield ""
        yield PEOPLE_DECIDE


def _came(request: Record) -> str:
    proposal = request["proposal"]
    if request["outcome"] == "placed":
        living = request.get("living")
        return lives(read(Living, living)) if living else WHERE_NOT_KNOWN
    made = None if proposal is None else read(Proposal, {"late_days": None, **proposal})
    why = NO_HOUSEHOLD if not request["ranked"] else "its households are proposed for others"
    return outcome_line(request["outcome"], request["urgency"], made, why)


def _decision(decision: Record) -> str:
    by = f"; decided by {decision['decided_by']}" if decision["decided_by"] else ""
    return f"{decision['request_id']}: {decision_text(decision)}{by}."


# --- Two rounds beside each other -------------------------------------------------------------


def compare_text(record: Record) -> Iterator[str]:
    """What changed between two rounds, and why."""
    was, now = record["before"], record["after"]
    yield from _title(was, now)
    yield ""
    yield "SUMMARY"
    yield from _summary(record)
    yield ""
    if record["decisions"] or record["decisions_gone"]:
        yield "DECISIONS BETWEEN THEM"
        yield from map(paragraph, decisions_in_lines(record))
        yield ""
    if record["households"]:
        yield "HOUSEHOLDS"
        yield from (paragraph(line) for line in _households(record["households"]))
        yield ""
    yield "FAMILIES"
    yield from _families(record)
    yield ""
    yield paragraph("The reasons are those that the two records and the decisions give. People decide.", "")  # fmt: skip


def _title(was: Record, now: Record) -> Iterator[str]:
    """The two rounds: their title, once where it is the same, their days and their entries."""
    days = [f"{long_date(each['as_of'])} (entry {each['number']})" for each in (was, now)]
    titles = [each["title"] or "Match round" for each in (was, now)]
    if titles[0] == titles[1]:
        yield printable(f"{titles[0]}: {days[0]} → {days[1]}")
    else:
        yield printable(f"{titles[0]}, {days[0]} →")
        yield printable(f"{titles[1]}, {days[1]}")


def _summary(record: Record) -> Iterator[str]:
    yield f"  {'':36}{'before':>12}{'after':>12}"
    yield from (_beside(name, each) for name, each in _counted(record))
    yield "  Aims, in their order:"
    yield from (_beside(f"  {name}", each) for name, each in _aims(record))
    yield from (paragraph(line) for line in otherwise(record))


def _counted(record: Record) -> Iterator[tuple[str, Record]]:
    """What both rounds count, by its name."""
    counts = {each["name"]: each for each in record["counts"]}
    for key, name in COUNTED.items():
        if key in counts:  # the earlier schema counts no placed families
            yield name, counts[key]
        if key == "unplaced":
            placed = counts.get("placed", {})
            held = {
                side: counts["requests"][side] - counts["matchable"][side] - (placed.get(side) or 0)
                for side in ("before", "after")
            }
            yield "Not matched", {"name": "held", **held}


def _aims(record: Record) -> Iterator[tuple[str, Record]]:
    return ((aim_of(each["name"]).name, each) for each in record["aims"])


def summary_table(record: Record) -> Table:
    """What both rounds count and reach, beside each other."""
    every = [*_counted(record), *_aims(record)]
    rows = [(upper_first(name), _shown_number(e["name"], e["before"]), _shown_number(e["name"], e["after"])) for name, e in every]  # fmt: skip
    return Table("Both rounds", columns("What is counted", numbers("Before", "After")), rows)


def otherwise(record: Record) -> Iterator[str]:
    """Whether the policy, the version and the data are the same."""
    if record["settings"]:
        changes = (f"{each['setting']} {value(each['before'])} → {value(each['after'])}" for each in record["settings"])  # fmt: skip
        yield AsIs(f"Policy settings that changed: {'; '.join(changes)}.")
    elif not record["same_policy"]:
        yield "The policy changed: its name, its version or the defaults that ship with it."
    else:
        yield "The policy is the same."
    was, now = record["before"]["version"], record["after"]["version"]
    if was != now:
        yield f"The product's version changed: {was} → {now}."
    if record["same_data"]:
        yield "The data and the day are the same."


def _beside(name: str, each: Record) -> str:
    """A line of the table of both rounds; fit is in hundredths."""
    was, now = (_shown_number(each["name"], each[side]) for side in ("before", "after"))
    return f"  {name:36}{was:>12}{now:>12}"


def _shown_number(name: str, number: int | None) -> str:
    return "–" if number is None else aim_of(name).written(number)


def _households(changes: list[Record]) -> Iterator[str]:
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in changes:
        rules = each["after"] if each["change"] == "closed" else each["before"]
        why = lacks(rules) if each["change"] in ("open", "closed") else ""
        found[each["change"], why].append(each["household_id"])
    for change, name in HOUSEHOLDS.items():
        for (kind, why), homes in found.items():
            if kind == change:
                before = f" (before: {why})" if change == "open" else f" ({why})" if why else ""
                yield f"{name}: {_ids(homes)}{before}."


def changes_in_lines(record: Record) -> Iterator[str]:
    """What changed between two rounds, a line each: families with the first reason, then households."""
    for each in record["families"]:
        why = f". {each['reasons'][0]['text']}" if each["reasons"] else "."
        yield f"{each['request_id']}: {_state(each['before'])} → {_state(each['after'])}{why}"
    yield from homes_in_lines(record)


def families_in_lines(record: Record) -> Iterator[str]:
    """Each family that is elsewhere, with every reason, and each whose fit is another."""
    for each in record["families"]:
        why = " ".join(reason["text"] for reason in each["reasons"])
        yield f"{each['request_id']}: {_state(each['before'])} → {_state(each['after'])}. {why}".rstrip()
    for each in record["other_fit"]:
        yield f"{each['request_id']}: the same household. {each['text']}"


def homes_in_lines(record: Record) -> Iterator[str]:
    """The households that came, went, opened or closed."""
    return _households(record["households"])


def decisions_in_lines(record: Record) -> Iterator[str]:
    """What was decided between two rounds, and what is no longer in the data."""
    yield from map(_decision, record["decisions"])
    yield from (f"No longer in the data: {_decision(each)}" for each in record["decisions_gone"])


def _ids(names: Sequence[str]) -> str:
    more = len(names) - MOST_IDS
    return and_list([*names[:MOST_IDS], f"{more:,} more"] if more > 0 else names)


def _families(record: Record) -> Iterator[str]:
    families = record["families"]
    for each in families[:MOST_FAMILIES]:
        was, now = _state(each["before"]), _state(each["after"])
        yield printable(f"  {each['request_id']}: {was} → {now}")
        yield from (paragraph(reason["text"], "    ") for reason in each["reasons"])
    if (more := len(families) - MOST_FAMILIES) > 0:
        yield f"  and {more:,} more families: --json lists all."
    for each in record["other_fit"][:MOST_FAMILIES]:
        yield paragraph(f"{each['request_id']}: the same household. {each['text']}")
    other = {each["request_id"] for each in record["other_fit"]}
    same = [each for each in record["unchanged"] if each not in other]
    if same:
        yield paragraph(f"As before: {_ids(same)}.")


def _state(state: dict[str, Any] | None) -> str:
    if state is None:
        return "no open request"
    if state["household_id"] is not None:
        held = ", held by people" if state["pinned"] else ""
        return f"{state['household_id']} (fit {state['fit']:.2f}{held})"
    if state["outcome"] == "placed":
        return f"lives with {state['lives_with']}" if state["lives_with"] else WHERE_NOT_KNOWN
    return HELD.get(state["outcome"], "waits")
