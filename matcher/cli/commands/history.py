"""The commands of the history: list, show, compare, verify."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from matcher.cli.common import AsJson, Out, Quiet, answer, app, tell
from matcher.errors import BreachFound, Fault, WrongInput

if TYPE_CHECKING:
    from matcher.history.entries import Entry

DEFAULT = "history"
LAST, PREVIOUS = "last", "previous"
LEAST_DIGITS = 12  # of a hash that somebody kept

Store = Annotated[
    str | None,
    typer.Option(
        metavar="STORE",
        help="Folder of the history, or a postgresql:// address; without it the folder 'history'.",
    ),
]

history = typer.Typer(
    invoke_without_command=True,
    rich_markup_mode=None,
    help="What was proposed and decided, week by week; without a command, the list.",
)
app.add_typer(history, name="history")


@history.callback()
def _history(
    context: typer.Context,
    store: Store = None,
    out: Out = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """What was proposed and decided, week by week; without a command, the list."""
    context.obj = {"store": store, "out": out, "as_json": as_json, "quiet": quiet}
    if context.invoked_subcommand is None:
        _list(store or DEFAULT, out, as_json)


def _given(context: typer.Context, name: str, value: Any) -> Any:
    """An option of a command, or the one that stands before the command."""
    return value or (context.obj or {}).get(name)


@history.command("list", epilog="Example: matcher history list --store history")
def list_rounds(
    context: typer.Context,
    store: Store = None,
    out: Out = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """List every recorded round: its day, what came out, and its hash."""
    _list(
        _given(context, "store", store) or DEFAULT,
        _given(context, "out", out),
        _given(context, "as_json", as_json),
    )


def _list(where: str, out: Path | None, as_json: bool) -> None:
    from matcher.history import words as told
    from matcher.history.store import open_store

    store = open_store(where)
    with store.reading() as session:
        entries = session.entries()
    record = told.list_record(entries, store.name)
    answer("history", told.list_text(record), record, out, as_json)


@history.command("show", epilog="Example: matcher history show last")
def show(
    context: typer.Context,
    number: Annotated[
        str, typer.Argument(metavar="N", help="An entry's number, or last or previous.")
    ],
    store: Store = None,
    out: Out = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Show one recorded round: what came out, the decisions with it, its hashes; --out writes its round.json too."""
    from matcher.history import words as told
    from matcher.history.entries import ROUND
    from matcher.history.recording import decisions_with, read_round
    from matcher.history.store import open_store
    from matcher.show.files import write_bytes

    out, as_json = _given(context, "out", out), _given(context, "as_json", as_json)
    with open_store(_given(context, "store", store) or DEFAULT).reading() as session:
        entries = session.entries()
        entry = _named(entries, number, "N")
        is_round = entry.kind == ROUND
        found = read_round(session, entry) if is_round else None
        document = session.whole(entry) if is_round and out is not None else None
    decisions = decisions_with(entries, entry) if is_round else []
    record = told.show_record(entry, decisions, found)
    answer(f"history-{entry.number}", told.show_text(record), record, out, as_json)
    if out is not None and document is not None:
        # Byte for byte, so that matcher verify can prove it again.
        write_bytes(out / f"round-{entry.number}.json", [document])
        tell(f"Written: {out / f'round-{entry.number}.json'}", _given(context, "quiet", quiet))


@history.command("compare", epilog="Example: matcher history compare previous last")
def compare(
    context: typer.Context,
    before: Annotated[
        str, typer.Argument(metavar="A", help="A round's entry number, or last or previous.")
    ] = PREVIOUS,
    after: Annotated[str, typer.Argument(metavar="B", help="The other round's.")] = LAST,
    store: Store = None,
    out: Out = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Say what changed between two recorded rounds, and why; the earlier entry is read as before."""
    from matcher.history import words as told
    from matcher.history.comparing import comparison
    from matcher.history.entries import ROUND
    from matcher.history.recording import read_round
    from matcher.history.sides import Pairing
    from matcher.history.store import open_store

    with open_store(_given(context, "store", store) or DEFAULT).reading() as session:
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
    decisions = {each.number: each.content for each in entries}
    was, now = ([decisions[at] for at in each.content["decisions"]] for each in (one, other))
    record = comparison(Pairing.of(rounds[0], rounds[1], was, now))
    record["before"]["number"], record["after"]["number"] = one.number, other.number
    answer(
        f"compare-{one.number}-{other.number}",
        told.compare_text(record),
        record,
        _given(context, "out", out),
        _given(context, "as_json", as_json),
    )


@history.command("verify", epilog="Example: matcher history verify --store history")
def verify(
    context: typer.Context,
    receipt: Annotated[
        list[str] | None,
        typer.Option(metavar="N:HASH", help="A receipt that was kept elsewhere; may be repeated."),
    ] = None,
    store: Store = None,
    out: Out = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Read the whole history again and name every entry that was altered, deleted, inserted or moved."""
    from matcher.history.entries import DECISION, entry_of, receipt_breach
    from matcher.history.store import open_store
    from matcher.words import count

    kept = [_receipt(each) for each in receipt or ()]
    with open_store(_given(context, "store", store) or DEFAULT).reading() as session:
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
    answer(
        "history-verify",
        lines,
        record,
        _given(context, "out", out),
        _given(context, "as_json", as_json),
    )


def _receipt(text: str) -> tuple[int, str]:
    """A receipt as the command line gives it."""
    found = re.fullmatch(r"\s*([1-9][0-9]{0,17}):([0-9a-fA-F]+)\s*", text)
    if found is None or not LEAST_DIGITS <= len(found[2]) <= 64:
        fix = f"Write N:HASH with at least {LEAST_DIGITS} digits of the hash, as the receipt has it."  # fmt: skip
        raise WrongInput([_wrong("--receipt", text, "This is not a receipt.", fix)])
    return int(found[1]), found[2].lower()


def _named(entries: list[Entry], name: str, column: str) -> Entry:
    """The entry of a number, or the last round, or the one before it."""
    from matcher.history.entries import ROUND

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
    from matcher.history.entries import ROUND
    from matcher.words import and_list

    found = [str(each.number) for each in entries if each.kind == ROUND]
    return f"Rounds are entries {and_list(found[-20:])}." if found else "It holds no round."


def _wrong(column: str, value: str, problem: str, fix: str) -> Fault:
    from matcher.intake.cells import shown

    return Fault("options", None, column, shown(value), problem, fix)
