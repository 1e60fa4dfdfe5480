"""The duty desk's answer as text, in the order in which a reader at night acts on it."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from matcher.explain import HELD, NOT_APPLICABLE
from matcher.intake.rows import Request, columns_of
from matcher.policy import aims
from matcher.policy.duties.form import STILL
from matcher.price_words import amounts, of_pairs
from matcher.show.files import Record
from matcher.show.text import PEOPLE_DECIDE, paragraph, printable
from matcher.words import and_list, count, label, long_date, needed, ordinal, upper_first

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
    "english": "how much English",
    "withhold_address": "withheld address",
}
TOLD_BY = {  # the criterion of which a column says what the family needs
    "languages": "language",
    "ethnicity": "ethnicity",
    "religion": "religion",
    "home_postcode": "distance",
    "school_postcode": "school",
    "needs": "skills",
}
MOST_ALIKE, MOST_FIRST = 4, 3  # households that cannot be told apart, what to ask of them
MOST_ASKED, MOST_GROUPS, MOST_LABELS, MOST_MOVES = 6, 3, 4, 3


def text(found: Record) -> Iterator[str]:
    """The answer in lines: held back or not, what was assumed, who, what it does, what to ask."""
    yield (
        f"{printable(found['request_id'])}  ({label(found['regime'])}, "
        f"{needed(found['urgency'])}), on {long_date(found['as_of'])}"
        f"{'; partly assumed, see below' if found['assumed'] else ''}"
    )
    if said := verdict(found):
        yield paragraph(said)
    if said := assumed(found):
        yield paragraph(said)
        yield paragraph("If you know better, add --say column=value.")
    if said := ask_first(found):
        yield paragraph(said)
    if said := held_for(found):
        yield paragraph(said)
    yield ""
    if said := standstill(found):
        yield said.upper()
        yield from (paragraph(_sentence(line)) for line in why(found))
        yield ""
    if found["ranked"]:
        yield from _who(found)
        yield ""
    if asks := asks_in_order(found):
        yield "ASK, what matters most first (each was tried alone)"
        yield from map(paragraph, asks)
    yield from map(paragraph, other_asks(found))
    yield ""
    if not found["of_round"]:
        yield from _to_keep(found["given"])
    yield PEOPLE_DECIDE


def assumed(found: Record) -> str:
    """What nobody has said and was assumed; blank where nothing was."""
    said = "; ".join(each["said"] for each in found["assumed"])
    return f"Assumed, as nobody has said: {said}." if said else ""


def held_for(found: Record) -> str:
    """That people hold a household for the family; blank where they hold none."""
    if not found["held_for"]:
        return ""
    held = f"People hold {found['held_for']} for {found['request_id']}"
    return f"{held}. What follows leaves that out of account."


def standstill(found: Record) -> str:
    """That the family is held back, or that nobody is eligible; blank where neither is so."""
    if found["outcome"] in HELD:
        return "Held back"
    return "" if found["ranked"] else "Nobody is eligible"


def why(found: Record) -> list[Record]:
    """The lines that say why, where it stands still."""
    return [line for line in found["lines"] if line["kind"] != "position"]


def _to_keep(given: Record) -> Iterator[str]:
    """The family as a row of requests: what was said of it, and nothing that was assumed."""
    cells = {column: _cell(given[column]) for column in columns_of(Request) if column in given}
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n").writerows([cells.keys(), cells.values()])
    lacking = [
        label(column)
        for column, about in columns_of(Request).items()
        if about.required and column not in cells
    ]
    yield "TO KEEP IT, a row for requests: what was said, nothing that was assumed"
    yield from (f"  {printable(line)}" for line in file.getvalue().splitlines())
    if lacking:
        yield paragraph(f"The table also needs: {', '.join(lacking)}.")
    yield ""


def _cell(value: Any) -> str:
    """A value as a cell of a table."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ";".join(map(str, value)) if isinstance(value, list) else str(value)


def _sentence(line: Record) -> str:
    return f"{line['text']} ({line['clause']})" if line["clause"] else str(line["text"])


@dataclass(frozen=True)
class Home:
    """A household that could take the family, as the reader at night is told of it."""

    household_id: str
    place: str  # '1.', or '=' where it can't be told apart from others
    fit: str
    start: str
    sentences: tuple[str, ...]


def who(found: Record) -> str:
    """How many households are told of, out of how many; they are `homes`."""
    shown = len(found["ranked"])
    lead = "for information" if found["outcome"] in HELD else "who"
    of = f"{shown} of {count(found['eligible'], 'eligible household')}, best first"
    said = of if found["eligible"] > shown else of.removeprefix(f"{shown} of ")
    return f"{lead}: {said}"


def homes(found: Record) -> tuple[list[Home], str]:
    """The households that could take the family, and what stands before any of them; blank if nothing."""
    still = [_before_confirmation(each) for each in found["ranked"]]
    shared = _shared(still)
    told = [
        _home(found, each, [g for g in mine if g["duty"] not in shared])
        for each, mine in zip(found["ranked"], still, strict=True)
    ]
    first = [gate for gate in still[0] if gate["duty"] in shared]
    every = [*_before_confirmation(found), *first]
    names = "; ".join(label(str(gate["duty"])) for gate in every)
    return told, f"Before any of them can be confirmed: {names}." if every else ""


def _who(found: Record) -> Iterator[str]:
    lead, _, rest = who(found).partition(":")
    yield f"{lead.upper()}:{rest}"
    told, every = homes(found)
    for home in told:
        place = "  = " if home.place == "=" else f"{home.place:>4}"
        yield f"  {place} {home.household_id:8} {home.fit}   {home.start}"
        yield from (paragraph(sentence, "       ") for sentence in home.sentences)
    if every:
        yield paragraph(every)


def _before_confirmation(record: Record) -> list[Record]:
    return [duty for duty in record["duties"] if duty["holds"] and duty["status"] in STILL]


def _shared(still: list[list[Record]]) -> set[str]:
    """The gates that are open for every household that is shown."""
    names = [{str(gate["duty"]) for gate in mine} for mine in still]
    return set.intersection(*names)


def verdict(found: Record) -> str:
    """The household that fits best, and what the whole round would do with everybody in it.

    Where several fit alike, none of them does: what to ask comes first. Blank where nobody is
    eligible, or the family is held back.
    """
    if standstill(found):
        return ""
    best, proposal, name = found["ranked"][0], found["proposal"], found["request_id"]
    if best["tied_with"]:
        return _not_told_apart(found, best)
    start = f"{best['household_id']} fits best on {_known(best)}"
    if _nothing_known(best):
        start = f"{best['household_id']} ranks 1st, its fit is not known yet"
    if proposal is None:
        return f"{start}. All families taken together, {name} would be left without one."
    home = proposal["household_id"]
    if home == best["household_id"]:
        return f"{start}, and it is what the round would propose, all families taken together."
    rank = next(each["rank"] for each in found["ranked"] if each["household_id"] == home)
    return (
        f"{start}. All families taken together, the round would propose {home}, which ranks "
        f"{ordinal(rank)}."
    )


def _not_told_apart(found: Record, best: Record) -> str:
    """That the best households cannot be told apart yet, and what the round would do."""
    alike = sorted([best["household_id"], *best["tied_with"]])
    more = len(alike) - MOST_ALIKE
    others = [f"{more:,} more"] if more > 0 else []
    same = "the same relationship and fit" if best["relationship"] else "the same fit"
    said = f"{and_list([*alike[:MOST_ALIKE], *others])} cannot be told apart yet: {same} on {_known(best)}."
    proposal, name = found["proposal"], found["request_id"]
    if proposal is None:
        return f"{said} All families taken together, {name} would be left without one."
    return f"{said} The round would propose {proposal['household_id']}."


def ask_first(found: Record) -> str:
    """What to ask to tell the best households apart; blank where nothing that is missing could."""
    if standstill(found):
        return ""
    best = found["ranked"][0]
    not_known = {each["name"] for each in best["criteria"] if each["grade"] == NOT_APPLICABLE}
    missing = [each["column"] for each in found["missing"] if each["changes"] == "first"]
    tells = [column for column in missing if TOLD_BY.get(column) in not_known]
    asks = (tells or missing)[:MOST_FIRST] if best["tied_with"] else []
    return f"To tell them apart, ask first: {_names(asks)}." if asks else ""


def _nothing_known(ranked: Record) -> bool:
    """Whether no criterion says anything of a household."""
    return all(each["grade"] == NOT_APPLICABLE for each in ranked["criteria"])


def _known(ranked: Record) -> str:
    """On how many criteria a fit rests."""
    known = sum(each["grade"] != NOT_APPLICABLE for each in ranked["criteria"])
    return f"{known} of {len(ranked['criteria'])} criteria"


def _home(found: Record, ranked: Record, own_gates: list[Record]) -> Home:
    held_back = found["outcome"] in HELD
    place = "=" if ranked["tied_with"] else f"{ranked['rank']}."
    fit = f"fit {ranked['fit']:6.2f} on {_known(ranked)}"
    if _nothing_known(ranked):
        fit = "fit not known yet"
    told = [] if held_back else [_effect(found, ranked)]
    if ranked["relationship"]:
        told.append(ranked["relationship"])
    fits = [
        each["evidence"]
        for each in ranked["criteria"]
        if each["grade"] == "High" and not each["support"]
    ]
    if fits:
        told.append(f"Fits: {' '.join(fits)}")
    gaps = [each["evidence"] for each in ranked["criteria"] if each["support"]]
    if gaps:
        told.append(f"Gap: {' '.join(gaps)}")
    if own_gates:
        names = "; ".join(label(str(gate["duty"])) for gate in own_gates)
        told.append(f"For this one also: {names}.")
    name = printable(ranked["household_id"])
    return Home(name, place, fit, _when(found, ranked), tuple(told))


def _when(found: Record, ranked: Record) -> str:
    """From when a family could start there, and when this one would."""
    if ranked["starts_on"] == found["as_of"]:
        return "could start today"
    day = long_date(ranked["starts_on"])
    return f"could start today, would on {day}" if ranked["free_today"] else f"could start on {day}"


def _effect(found: Record, ranked: Record) -> str:
    """What a choice does to the families that are known, in a few sentences."""
    if ranked["held_for"]:
        return f"People hold it for {ranked['held_for']}."
    if ranked["over_a_limit"]:
        return "The limits of the round do not allow it."
    pipeline = ranked["pipeline"]
    if pipeline is None or not pipeline["moves"]:
        return "Costs the known families nothing."
    moves = pipeline["moves"]
    holder = pipeline["was_proposed_for"]
    if holder is None:
        said = ["Nobody else had it, but it counts in a limit of the round."]
    else:
        moves = sorted(moves, key=lambda move: bool(move["request_id"] != holder))
        day = moves[0]["needed_from"]
        due = "needed today" if day <= found["as_of"] else f"needed {long_date(day)}"
        own = f"Without {found['request_id']} the round would propose it for {holder} ({due})."
        said = [own if found["of_round"] else f"It was proposed for {holder} ({due})."]
    said += [_moved(move) for move in moves[:MOST_MOVES]]
    if (more := len(moves) - MOST_MOVES) > 0:
        said.append(f"{upper_first(count(more, 'more family'))} would go elsewhere.")
    said += _lost(pipeline["aims"], len(moves))
    return " ".join(said)


def _lost(losses: dict[str, int | None], moves: int) -> Iterator[str]:
    """What the others lose beyond what is said of each family that moves."""
    if (losses.get(aims.relationship.key) or 0) > 0:
        yield "An existing relationship would be given up."
    first = next((key for key, loss in losses.items() if loss != 0), None)
    said = first == aims.relationship.key or (first == aims.fit.key and moves == 1)
    if first is None:
        yield from () if moves == 1 else ("In all the others lose nothing.",)
    elif losses[first] is None:
        yield f"That changes {aims.aim_of(first).not_shown}."
    elif first in of_pairs(losses) and not said:
        yield f"In all the others lose {and_list(amounts(losses))}."


def _moved(move: Record) -> str:
    who = move["request_id"]
    if move["to"] is None:
        return f"{who} would be left without a household."
    if move["from"] is None:
        return f"{who}, which had none, would go to {move['to']}."
    then, now = f"{move['fit_to']:.2f}", f"{move['fit_from']:.2f}"
    fit = f"with the same fit, {now}" if then == now else f"fit {then} instead of {now}"
    return f"{who} would go to {move['to']}, {fit}."


# What is missing, and whether it would matter


def asks_in_order(found: Record) -> list[str]:
    """What to ask that could change the answer, what matters most first."""
    lines = asks(found, "screening", "first")
    asked = [sentence for _, sentence in lines[:MOST_ASKED]]
    if late := [column for columns, _ in lines[MOST_ASKED:] for column in columns]:
        asked.append(f"Could change the first household too: {_names(late)}.")
    return asked


def other_asks(found: Record) -> Iterator[str]:
    """What else nobody has said, and what must be asked before anybody is told of a household."""
    other = [each for each in found["missing"] if each["changes"] == "eligible"]
    if other:
        names = _names([each["column"] for each in other])
        yield f"Could change who is eligible, but not who is first: {names}."
    if idle := [each for each in found["changes_nothing"] if each != "withhold_address"]:
        yield f"Would change nothing in who could take them: {_names(idle)}."
    safety = {"keep_away": "areas to keep away from", "withhold_address": "a withheld address"}
    unsaid = [said for column, said in safety.items() if column not in found["given"]]
    if unsaid:
        yield (
            f"Before you say where a household is, ask the child's social worker about "
            f"{and_list(unsaid)}. (PC-5.1j, PC-5.3d)"
        )


def _names(columns: list[str]) -> str:
    """Columns as a list in words, the risks together."""
    risks = [label(c.removeprefix("risk_")) for c in columns if c.startswith("risk_")]
    names = [NAMES.get(c, label(c)) for c in columns if not c.startswith("risk_")]
    if risks:
        names.append(f"{'risks' if len(risks) > 1 else 'risk'} ({', '.join(risks)})")
    return and_list(names)


def _lines(found: Record, told: list[Record]) -> Iterator[tuple[list[str], str]]:
    """A sentence for each column that matters, or for several of which the same is true."""
    columns: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in told:
        columns[_changes(found, each), each["ask"]].append(each["column"])
    for (changes, ask), alike in columns.items():
        yield alike, f"{upper_first(_names(alike))}: {changes}. Ask {ask}."


def _changes(found: Record, missing: Record) -> str:
    """What the values of a column would come to, those that matter most alone."""
    if missing["hidden"]:
        return (
            "some places would change who is first; which is not shown, as an address is withheld"
        )
    groups: dict[str, list[str]] = defaultdict(list)
    for value in missing["values"]:
        if value["changes"] == missing["changes"]:
            groups[_then(found, value)].append(value["label"])
    most = sorted(groups.items(), key=lambda group: -len(group[1]))
    some = [each for each in missing["values"] if each["cells"].get(missing["column"]) != []]
    if len(most) == 1 and 1 < len(some) == len(most[0][1]):
        return f"{missing['every']}, {most[0][0]}"
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
    if value["first"] is None:
        return "nobody is eligible"
    now = found["first"]
    return f"{value['first']} is first" + (f" instead of {now}" if now else "")


def asks(found: Record, *changes: str) -> list[tuple[list[str], str]]:
    """What to ask, what matters most first, of the columns that would change one of these.

    Each is a sentence, with the columns that it is about.
    """
    return list(_lines(found, [each for each in found["missing"] if each["changes"] in changes]))
