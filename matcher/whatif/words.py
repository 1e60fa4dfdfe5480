"""What-if answers as records and as text: scenarios, single changes, next-best rounds, firmness."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict

from matcher.explain import HELD
from matcher.policy import aims
from matcher.policy.aims import aim_of
from matcher.policy.in_force import rules_by_key
from matcher.policy.switched import without_reason
from matcher.price_words import amounts, each_aim, of_pairs
from matcher.privacy import told_cost
from matcher.rounds import SolvedRound
from matcher.show.files import Record
from matcher.show.text import PEOPLE_DECIDE, paragraph, printable
from matcher.solve.prices import Price
from matcher.solve.problem import UNPLACED
from matcher.whatif import Difference, Tried
from matcher.whatif.difference import Move, Opened
from matcher.whatif.each import ALL
from matcher.whatif.firmness import Firmness, Range, Turn
from matcher.whatif.refused import Refused
from matcher.words import and_list, count, label, upper_first

MOST_TOLD = 6  # households, rules and moves that text names one by one
NO_FORECAST = (
    "This says how firm the proposal is against the weights of the policy. It says nothing of how a "
    "placement will go. Where several rounds are worth the same, one of them is told."
)


SOLVERS_WORD = "That none better was missed is the solver's word: no duals prove it."
KEEPS = "This round keeps to an earlier one, and that too holds the proposals in place."


def changes(gains: Mapping[str, int | None]) -> str:
    """What each aim gains or loses, in words: 'gains 1 family needed later; loses 3.20 of fit'."""
    return each_aim({key: None if gain is None else -gain for key, gain in gains.items()})


def _home(name: str | None) -> str:
    return "unplaced" if name is None else printable(name)


# Scenarios


def difference_record(difference: Difference) -> Record:
    """What a scenario would change, as a machine reads it."""
    aims = difference.aims.items()
    return {
        "name": difference.name,
        "changes": difference.said,
        "placed": dict(zip(("now", "then"), difference.placed, strict=True)),
        "waiting": dict(zip(("now", "then"), difference.waiting, strict=True)),
        "aims": {name: {"now": now, "then": then} for name, (now, then) in aims},
        "counted_otherwise": difference.counted_otherwise,
        "moves": [
            {
                "request_id": move.request_id,
                "from": move.left,
                "to": move.to,
                "asked": move.asked,
                "held_back_by": move.held,
            }
            for move in difference.moves
        ],
        "newly_eligible": [asdict(each) for each in difference.opened],
        "no_longer_eligible": [asdict(each) for each in difference.shut],
        "still_not_eligible": [asdict(each) for each in difference.still],
        "rules": [asdict(each) | {"stops_binding": each.stops} for each in difference.rules],
    }


def scenario_record(answer: Difference | Refused) -> Record:
    """What a scenario comes to, as a machine reads it.

    Of a choice that can't be made: why not, what it would take, and what it would then change.
    """
    if isinstance(answer, Difference):
        return difference_record(answer)
    return {
        "name": answer.name,
        "possible": False,
        "because": list(answer.because),
        "takes": list(answer.takes),
        "if_it_were": difference_record(answer.forced),
    }


def whatif_text(answers: Sequence[Difference | Refused]) -> Iterator[str]:
    """Scenarios side by side, then each in words."""
    possible = [each for each in answers if isinstance(each, Difference)]
    if len(possible) > 1:
        yield from _side_by_side(possible)
    for each in answers:
        if isinstance(each, Difference):
            yield from _scenario(each)
        else:
            yield printable(f"WHAT IF: {each.name}")
            yield from (paragraph(line) for line in refused_lines(each))
        yield ""
    yield PEOPLE_DECIDE


def refused_lines(refused: Refused) -> Iterator[str]:
    """Why a choice can't be made, what it would take, and what it would cost, a line an idea."""
    yield "You can't, because:"
    yield from (f"- {printable(text)}" for text in refused.because)
    if refused.takes:
        yield "It would take:"
        yield from (f"- {printable(text)}" for text in refused.takes)
    losses = {key: now - then for key, (now, then) in refused.forced.aims.items()}
    start = "And it would cost" if amounts(losses) else "It would then cost nothing"
    yield f"{start}: the round {each_aim(losses) if any(losses.values()) else 'stays as good'}."
    yield _moves(refused.forced)


def _side_by_side(differences: Sequence[Difference]) -> Iterator[str]:
    heads = ["today", *(f"({n})" for n in range(1, len(differences) + 1))]
    yield f"{'':38}{''.join(f'{head:>11}' for head in heads)}"
    rows = [("families placed", [d.placed for d in differences])]
    rows += [("families that wait", [d.waiting for d in differences])]
    for name, pairs in rows:
        yield f"{name:38}{pairs[0][0]:>11}{''.join(f'{then:>11}' for _, then in pairs)}"
    for key, (now, _) in differences[0].aims.items():
        aim = aim_of(key)
        cells = (
            aim.written(each.aims[key][1]) + "*" * (key in each.counted_otherwise)
            for each in differences
        )
        line = "".join(f"{cell:>11}" for cell in cells)
        yield f"{aim.name:38}{aim.written(now):>11}{line}"
    for n, difference in enumerate(differences, 1):
        yield printable(f"({n}) {difference.name}")
    yield ""


def _scenario(difference: Difference) -> Iterator[str]:
    yield printable(f"WHAT IF: {difference.name}")
    yield from (paragraph(line) for line in scenario_lines(difference))


def scenario_lines(difference: Difference) -> Iterator[str]:
    """What a scenario would change, a line an idea."""
    (now, then), (waited, waits) = difference.placed, difference.waiting
    if difference.said not in ("", difference.name):
        yield f"It changes: {printable(difference.said)}."
    known = set(without_reason(difference.now.prepared.policy))
    yield from (
        line for line in without_reason(difference.then.prepared.policy) if line not in known
    )
    placed = f"as {difference.before}" if now == then else f"instead of {now:,}"
    wait = f"as {difference.before}" if waited == waits else f"instead of {waited:,}"
    yield f"{upper_first(count(then, 'family'))} placed, {placed}; {waits:,} waiting, {wait}."
    moved = [
        f"{aim.name} {aim.written(one)} → {aim.written(other)}"
        for key, (one, other) in difference.aims.items()
        for aim in [aim_of(key)]
        if one != other
    ]
    yield f"{upper_first('; '.join(moved))}." if moved else "Every aim stays as it is."
    if difference.counted_otherwise:
        names = and_list(aim_of(key).name for key in difference.counted_otherwise)
        yield f"Counted in another way there, so that now and then do not compare: {names}."
    yield _moves(difference)
    yield from _eligible(difference, difference.opened, "becomes eligible for", "It failed")
    yield from _eligible(difference, difference.shut, "is no longer eligible for", "It would fail")
    for each in difference.still:
        rules = and_list(map(label, each.rules))
        nearest = f"for {printable(each.request_id)}, the nearest, it fails {rules}"
        yield f"{printable(each.household_id)} is then eligible for no family: {nearest}."
    yield from _rules(difference)


def _moves(difference: Difference) -> str:
    if not difference.moves:
        return "Nobody moves."
    said = []
    for move in difference.moves:
        name = printable(move.request_id)
        if not move.asked:
            said.append(f"{name} is not asked ({_home(move.left)} {difference.before})")
        elif move.held is not None and move.to is None:
            said.append(f"{name}: {_home(move.left)} → {HELD[move.held]}")
        elif move.left is None:
            said.append(f"{name} → {_home(move.to)} (no household {difference.before})")
        else:
            said.append(f"{name}: {_home(move.left)} → {_home(move.to)}")
    return f"Who moves: {'; '.join(said)}."


def _eligible(difference: Difference, pairs: list[Opened], verb: str, failed: str) -> Iterator[str]:
    by_home: dict[str, list[Opened]] = defaultdict(list)
    for pair in pairs:
        by_home[pair.household_id].append(pair)
    both = (difference.now, difference.then)
    order = [key for each in both for key in rules_by_key(each.prepared.policy)]
    for home, some in list(by_home.items())[:MOST_TOLD]:
        rules = sorted({rule for pair in some for rule in pair.rules}, key=order.index)
        why = f" {failed}: {and_list(map(label, rules))}." if rules else ""
        families = and_list(printable(pair.request_id) for pair in some)
        yield f"{printable(home)} {verb} {families}.{why}"
    if (more := len(by_home) - MOST_TOLD) > 0:
        yield f"{upper_first(count(more, 'more household'))} {verb.replace('is', 'are').replace('becomes', 'become')} some family."


def _rules(difference: Difference) -> Iterator[str]:
    moved = [each for each in difference.rules if each.now != each.then or each.stops]
    for each in moved[:MOST_TOLD]:
        alone = f"alone {each.alone_now:,} → {each.alone_then:,}"
        stops = " It alone keeps no family from any household any more." if each.stops else ""
        yield (
            f"Rule {label(each.rule)} ({each.clause}): rules out {each.now:,} → {each.then:,} "
            f"pairs, {alone}.{stops}"
        )
    if (more := len(moved) - MOST_TOLD) > 0:
        rules = "1 more rule rules" if more == 1 else f"{more:,} more rules rule"
        yield f"{rules} out other numbers of pairs: --json has all."


# Every single change of a kind


def each_record(names: Sequence[str], kind: str, tried: list[Tried]) -> Record:
    """Every single change that betters the round, as a machine reads it."""
    return {
        "each": kind,
        "changes": [
            {
                "household_id": one.household_id,
                **tried_record(names, one),
                "moves": [
                    {"request_id": move.request_id, "from": move.left, "to": move.to}
                    for move in one.moves
                ],
            }
            for one in tried
        ],
    }


def tried_record(names: Sequence[str], one: Tried) -> Record:
    """A change that was tried: what it is and what it does."""
    return {
        "what": one.what,
        "gains": shown_gains(names, one),
        "placed": list(one.placed),
        "moved": list(one.moved),
    }


def all_gains(names: Iterable[str], one: Tried) -> dict[str, int | None]:
    """What each aim gains."""
    return dict(zip(names, one.gains, strict=True))


def shown_gains(names: Iterable[str], one: Tried) -> dict[str, int | None]:
    """What each aim gains; of fit None where that would tell where a hidden household is."""
    gains = all_gains(names, one)
    return {key: None if one.hides_fit and key == aims.fit.key else gains[key] for key in gains}


def each_text(names: Sequence[str], kind: str, tried: list[Tried], top: int) -> Iterator[str]:
    """The single changes of a kind that better the round most, the best first, by what families get."""
    of_kind = "" if kind == ALL else f" of this kind ({label(kind)})"
    if not tried:
        yield f"No single change{of_kind} would better the round."
        return
    yield f"{upper_first(count(len(tried), 'single change'))}{of_kind} would better the round:"
    for place, one in enumerate(tried[:top], 1):
        yield paragraph(f"{place:2}. {one.what}.", "")
        yield paragraph(f"{for_families(one)} In all: {changes(shown_gains(names, one))}.", "    ")
    if (more := len(tried) - top) > 0:
        yield f"{more:,} more: --top, or --json for all."
    yield "Each was solved as a whole round, alone. " + PEOPLE_DECIDE


def for_families(one: Tried) -> str:
    """What a change would do for families, by name: who is placed, and who goes elsewhere."""
    said = [_for_family(move) for move in one.moves[:MOST_TOLD]]
    if (more := len(one.moves) - MOST_TOLD) > 0:
        said.append(f"{count(more, 'more family')} would go elsewhere")
    return (
        f"{upper_first('; '.join(said))}." if said else "Every family stays where it is proposed."
    )


def _for_family(move: Move) -> str:
    name = printable(move.request_id)
    if move.left is None:
        return f"{name}, without a household today, would go to {_home(move.to)}"
    if move.to is None:
        return f"{name} would lose {_home(move.left)} and have no household"
    return f"{name} would go to {_home(move.to)} instead of {_home(move.left)}"


# The next-best rounds


def next_record(
    solved: SolvedRound, found: list[Price], least: int, *, internal: bool = False
) -> Record:
    """The next-best whole rounds, as a machine reads it; `internal` shows every loss of fit."""
    return {
        "least_differences": least,
        "proven": least == 1 and solved.prices is not None,
        "rounds": [_price_record(solved, each, internal) for each in found],
    }


def _price_record(solved: SolvedRound, price: Price, internal: bool) -> Record:
    cost = solved.prepared.cost(price) if internal else told_cost(solved.prepared, price)
    return {"losses": dict(cost.losses), "moves": cost.moves_record()}


def next_text(record: Record) -> Iterator[str]:
    """The next-best whole rounds: what each loses, and who goes elsewhere."""
    if not record["rounds"]:
        yield "There is no other round that differs so."
        return
    least = record["least_differences"]
    if least > 1:
        yield (
            f"The best whole rounds that differ from the proposal, and from those before, in at "
            f"least {count(least, 'family')}."
        )
    else:
        yield "The next-best whole rounds. No round lies between one and the next."
    if not record["proven"]:
        yield SOLVERS_WORD
    if not any(_differs(each["losses"]) for each in record["rounds"]):
        yield "All are worth the same: the ranks and prices of single families tell more."
    for place, each in enumerate(record["rounds"], 2):
        yield paragraph(f"{place:2}. {each_aim(each['losses'])}: {who_moves(each['moves'])}.", "")
    yield PEOPLE_DECIDE


# How firm a proposal is


def firm_record(
    solved: SolvedRound, found: list[Firmness], *, internal: bool = False
) -> list[Record]:
    """How firm each proposal is, as a machine reads it; `internal` shows every loss of fit."""
    columns = solved.prepared.columns
    spread = solved.prepared.policy.number("stability.spread")
    keep = solved.prepared.keep or {}

    def kept(row: int) -> bool:
        return keep.get(columns.request_ids[row]) == home(int(solved.household[row]))

    def home(at: int) -> str | None:
        return None if at == UNPLACED else columns.household_ids[at]

    def turn(found: Turn | None) -> Record | None:
        if found is None:
            return None
        return {"weight": found.weight, "household_id": home(found.household)}

    def price(found: Price | None) -> Record | None:
        return None if found is None else _price_record(solved, found, internal)

    def weight(each: Range) -> Record:
        now = {"criterion": each.criterion, "weight": each.weight, "tried_up_to": each.most}
        return now | {"changes_below": turn(each.down), "changes_above": turn(each.up)}

    return [
        {
            "request_id": columns.request_ids[each.request],
            "household_id": home(int(solved.household[each.request])),
            "draws": each.draws,
            "spread": spread,
            "stays": each.stays,
            "kept": kept(each.request),
            "instead": [{"household_id": home(at), "draws": n} for at, n in each.instead],
            "weights": [weight(one) for one in each.ranges],
            "near_ties": [
                {"household_id": home(tie.household), "cost": price(tie.price)}
                for tie in each.near_ties
            ],
            "if_not_available": price(each.withdrawn),
        }
        for each in found
    ]


def firm_text(records: list[Record]) -> Iterator[str]:
    """How firm each proposal is, and what would come if the household said no."""
    yield NO_FORECAST
    for each in records:
        yield printable(f"{each['request_id']} → {each['household_id']}")
        yield from (paragraph(line) for line in firm_lines(each))
    yield PEOPLE_DECIDE


def firm_lines(record: Record) -> Iterator[str]:
    """How firm one proposal is, a line an idea."""
    if record["kept"]:
        yield "It is kept of an earlier round, which counts before every weight."
    yield f"{stays(record)}{_instead(record)}"
    if said := turns(record):
        yield f"Moved alone, a weight first changes it where {said}."
    else:
        yield "No weight, moved alone down to 0 or up to twice what it is, changes it."
    for tie in near_ties(record):
        yield f"Near tie: {tie}."
    if record["if_not_available"] is None:
        yield "What follows without it is not worked out here, as a limit is in play."
    else:
        yield f"If {printable(record['household_id'])} were not available: {without_it(record)}."


def near_ties(record: Record) -> list[str]:
    """Other households that cost the round a little fit and nothing else."""
    said = []
    for tie in record["near_ties"]:
        lost = tie["cost"]["losses"].get(aims.fit.key, 0)
        loss = f"change {aims.fit.not_shown}" if lost is None else aims.fit.loss(lost)
        others = [m for m in tie["cost"]["moves"] if m["request_id"] != record["request_id"]]
        then = f" ({who_moves(others)})" if others else ""
        said.append(f"{_home(tie['household_id'])} would {loss}{then}")
    return said


def stays(record: Record) -> str:
    """In how many draws of the weights the proposal is the same."""
    return (
        f"The same proposal in {record['stays']:,} of {record['draws']:,} draws in which every "
        f"weight moved by up to {100 * record['spread']:g} %."
    )


def _instead(record: Record) -> str:
    others = record["instead"][:MOST_TOLD]
    if not others:
        return ""
    said = [f"{_home(each['household_id'])} in {each['draws']:,}" for each in others]
    return f" Otherwise: {and_list(said)}."


def turns(record: Record) -> str:
    """Where one weight first changes a proposal: 'skills rises from 25 to 40 (H03)'; '' where none."""
    found = []
    for each in record["weights"]:
        said = [
            f"{goes} from {each['weight']:g} to {turn['weight']:g} ({_home(turn['household_id'])})"
            for key, goes in (("changes_below", "falls"), ("changes_above", "rises"))
            if (turn := each[key]) is not None
        ]
        if said:
            found.append(f"{label(each['criterion'])} {and_list(said, 'or')}")
    return "; ".join(found)


def without_it(record: Record) -> str:
    """Who would go where without the proposed household, and what becomes of the aims of pairs.

    That a family is left unplaced says itself what is lost in the other aims, and of fit.
    """
    price = record["if_not_available"]
    moved, losses = who_moves(price["moves"]), of_pairs(price["losses"])
    if any(move["to"] is None for move in price["moves"]):
        losses.pop(aims.fit.key, None)
    if _differs(price["losses"]) and not _differs(losses):
        return moved
    return f"{moved}; {each_aim(losses)}"


def _differs(losses: dict[str, int | None]) -> bool:
    """Whether any aim loses or gains, as far as that is shown."""
    return any(loss != 0 for loss in losses.values())


def who_moves(moves: list[Record]) -> str:
    """Who goes from where to where."""
    return "; ".join(
        f"{printable(each['request_id'])}: {_home(each['from'])} → {_home(each['to'])}"
        for each in moves
    )
