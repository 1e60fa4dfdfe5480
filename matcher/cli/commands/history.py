"""Say what was proposed and decided, week by week."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from matcher.cli.given import Output, command, with_shared_options
from matcher.errors import BreachFound, Fault, WrongInput, wrong_option
from matcher.history import words
from matcher.history.comparing import comparison
from matcher.history.entries import DECISION, ROUND, Entry, entry_of, receipt_breach
from matcher.history.recording import decisions_with, read_round, terms_of_record
from matcher.history.sides import Pairing
from matcher.history.store import open_store
from matcher.intake.cells import shown
from matcher.terms import use
from matcher.words import and_list, count

DEFAULT = "history"
LAST, PREVIOUS = "last", "previous"
LEAST_DIGITS = 12  # of a hash that somebody kept

history = typer.Typer(invoke_without_command=True, rich_markup_mode=None, add_completion=False)


@dataclass(frozen=True, kw_only=True)
class InHistory(Output):
    """The options of every command of the history."""

    store: Annotated[
        str,
        typer.Option(
            metavar="STORE",
            help="Folder of the history, or a postgresql:// address; without it the folder 'history'.",
            show_default=False,
        ),
    ] = DEFAULT


def _list_unless_asked_more(given: InHistory, context: typer.Context) -> None:
    """What was proposed and decided, week by week; without a command, the list."""
    if context.invoked_subcommand is None:
        _list(given)
    else:
        # An option before the command holds for it, unless it stands after it as well.
        context.default_map = {context.invoked_subcommand: asdict(given)}


history.callback()(with_shared_options(_list_unless_asked_more))


@command("matcher history list --store history", history, "list")
def list_rounds(given: InHistory) -> None:
    """List every recorded round: its day, what came out, and its hash."""
    _list(given)


def _list(given: InHistory) -> None:
    store = open_store(given.store)
    with store.reading() as session:
        entries = session.entries()
    record = words.list_record(entries, store.name)
    given.answer("history", words.list_text(record), record)


@command("matcher history show last", history, "show")
def show(
    given: InHistory,
    number: Annotated[
        str, typer.Argument(metavar="N", help="An entry's number, or last or previous.")
    ],
) -> None:
    """Show one recorded round: what came out, the decisions with it, its hashes; --out writes its round.json too."""
    with open_store(given.store).reading() as session:
        entries = session.entries()
        entry = _named(entries, number, "N")
        is_round = entry.kind == ROUND
        found = read_round(session, entry) if is_round else None
        document = session.whole(entry) if is_round and given.out is not None else None
    if found is not None:
        use(terms_of_record(found))
    decisions = decisions_with(entries, entry) if is_round else []
    record = words.show_record(entry, decisions, found)
    name, text = f"history-{entry.number}", words.show_text(record)
    if document is None:
        given.answer(name, text, record)
        return
    # Byte for byte, so that matcher verify can prove it again.
    kept = f"round-{entry.number}.json"
    written = given.answer(name, text, record, lambda: [(kept, [document])])
    given.tell(f"Written: {written[kept]}")


@command("matcher history compare previous last", history, "compare")
def compare(
    given: InHistory,
    before: Annotated[
        str, typer.Argument(metavar="A", help="A round's entry number, or last or previous.")
    ] = PREVIOUS,
    after: Annotated[str, typer.Argument(metavar="B", help="The other round's.")] = LAST,
) -> None:
    """Say what changed between two recorded rounds, and why; the earlier entry is read as before."""
    with open_store(given.store).reading() as session:
        entries = session.entries()
        pair = [_named(entries, before, "A"), _named(entries, after, "B")]
        faults = [
            _wrong(column, str(each.number), "This is a decision, not a round.", _rounds(entries))
            for each, column in zip(pair, "AB", strict=True)
            if each.kind != ROUND
        ]
        if not faults and pair[0] == pair[1]:
            faults = [_wrong("B", after, "This is the same round twice.", _rounds(entries))]
        if faults:
            raise WrongInput(faults)
        one, other = sorted(pair, key=lambda each: each.number)
        rounds = [read_round(session, each) for each in (one, other)]
    use(terms_of_record(rounds[1]))
    decisions = {each.number: each.content for each in entries}
    was, now = ([decisions[at] for at in each.content["decisions"]] for each in (one, other))
    record = comparison(Pairing.of(rounds[0], rounds[1], was, now))
    record["before"]["number"], record["after"]["number"] = one.number, other.number
    given.answer(f"compare-{one.number}-{other.number}", words.compare_text(record), record)


@command("matcher history verify --store history", history, "verify")
def verify(
    given: InHistory,
    receipt: Annotated[
        list[str] | None,
        typer.Option(metavar="N:HASH", help="A receipt that was kept elsewhere; may be repeated."),
    ] = None,
) -> None:
    """Read the whole history again and name every entry that was altered, deleted, inserted or moved."""
    kept = [_receipt(each) for each in receipt or ()]
    with open_store(given.store).reading() as session:
        breaches = session.breaches()
        entries = [each for each in map(entry_of, session.rows()) if each is not None]
    held = (receipt_breach(entries, *each) for each in kept)
    if breaches := [*breaches, *(each for each in held if each is not None)]:
        raise BreachFound(breaches)
    decisions = sum(each.kind == DECISION for each in entries)
    holds = (
        f"Verified: {count(len(entries) - decisions, 'round')} and {count(decisions, 'decision')}"
    )
    lines = [f"{holds}; the chain, the receipts and every round.json hold."]
    lines.extend(f"The receipt {number}:{start} holds." for number, start in kept)
    last = entries[-1].receipt if entries else None
    if last is not None:
        lines.append(f"Last receipt: {last}")
    if not kept:
        lines.append(
            "Whoever may write to the history could have written all of it anew: only a receipt that "
            "was kept elsewhere shows that (--receipt N:HASH)."
        )
    record = {"breaches": [], "entries": len(entries), "receipt": last}
    given.answer("history-verify", lines, record)


def _receipt(text: str) -> tuple[int, str]:
    """A receipt as the command line gives it."""
    found = re.fullmatch(r"\s*([1-9][0-9]{0,17}):([0-9a-fA-F]+)\s*", text)
    if found is None or not LEAST_DIGITS <= len(found[2]) <= 64:
        fix = f"Write N:HASH with at least {LEAST_DIGITS} digits of the hash, as the receipt has it."  # fmt: skip
        raise WrongInput([_wrong("--receipt", text, "This is not a receipt.", fix)])
    return int(found[1]), found[2].lower()


def _named(entries: list[Entry], name: str, column: str) -> Entry:
    """The entry of a number, or the last round, or the one before it."""
    rounds = [each for each in entries if each.kind == ROUND]
    if name in (LAST, PREVIOUS):
        back = 1 if name == LAST else 2
        if len(rounds) >= back:
            return rounds[-back]
        problem = f"The history holds {'no round' if not rounds else 'one round'}."
        raise WrongInput([_wrong(column, name, problem, "Record another with matcher round --record.")])  # fmt: skip
    found = next((each for each in entries if str(each.number) == name), None)
    if found is None:
        raise WrongInput([_wrong(column, name, "There is no such entry.", _rounds(entries))])
    return found


def _rounds(entries: list[Entry]) -> str:
    found = [str(each.number) for each in entries if each.kind == ROUND]
    return f"Rounds are entries {and_list(found[-20:])}." if found else "It holds no round."


def _wrong(column: str, value: str, problem: str, fix: str) -> Fault:
    return wrong_option(column, problem, fix, value=shown(value))
