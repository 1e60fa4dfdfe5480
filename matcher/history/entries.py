"""The entries of a history: numbered from 1, each bound to the one before it by its hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, TypeAlias

from matcher.errors import Breach
from matcher.words import in_lines

Record: TypeAlias = dict[str, Any]
Row: TypeAlias = tuple[object, ...]  # an entry as a database gives it: nothing of it is trusted

SCHEMA = "matcher.history/1"
ROUND, DECISION = "round", "decision"
KEPT = (
    "request_id",
    "household_id",
    "decision",
    "decided_on",
    "reason",
    "decided_by",
    "started_on",
    "ended_on",
)  # of a decision; not the note: it is free text, and could name a person
TRAIL = "trail"  # of a decision made in a panel: the hash of its line in the panel's trail
START = "0" * 64  # what stands for the hash before the first entry


@dataclass(frozen=True)
class Entry:
    """One entry: its payload is canonical JSON, `recorded_at` the time in UTC, hashes are hex."""

    number: int
    kind: str
    recorded_at: str
    payload: str
    previous: str
    hash: str

    @cached_property
    def content(self) -> Record:
        """What the payload says."""
        found: Record = in_lines(json.loads(self.payload))
        return found

    @property
    def receipt(self) -> str:
        """The number and the hash: what a person keeps elsewhere, to hold the history against."""
        return f"{self.number}:{self.hash}"


@dataclass(frozen=True)
class Receipts:
    """What the second witness says: a hash for each entry from 1 on; `odd` are lines that say nothing.

    `pending` are the hashes, by number, of entries that a process was about to commit: where it was
    killed, they are there or not.
    """

    where: str
    hashes: tuple[str, ...]
    odd: tuple[str, ...] = ()
    pending: Mapping[int, str] = field(default_factory=dict)


def canonical(record: Record) -> str:
    """A record as JSON in one way only: keys sorted, no spaces."""
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def hash_of(number: int, kind: str, recorded_at: str, payload: str, previous: str) -> str:
    """The SHA-256 of an entry: of its place, its kind, its time, what it says and the one before."""
    whole = [SCHEMA, number, kind, recorded_at, payload, previous]
    return hashlib.sha256(json.dumps(whole).encode()).hexdigest()


def following(last: Entry | None, kind: str, recorded_at: str, content: Record) -> Entry:
    """The entry that comes after the last one."""
    number, previous = (1, START) if last is None else (last.number + 1, last.hash)
    payload = canonical(content)
    made = hash_of(number, kind, recorded_at, payload, previous)
    return Entry(number, kind, recorded_at, payload, previous, made)


def round_content(record: Record, fingerprint: str, decisions: list[int]) -> Record:
    """What an entry says of a round; the whole of it lies beside, and `round_sha256` is its hash."""
    head = record["round"]
    return {
        "as_of": head["as_of"],
        "title": head["title"],
        "version": head["version"],
        "policy": head["policy"],
        "input_sha256": head["input_sha256"],
        "counts": record["counts"],
        "proposals": [
            {"request_id": each["request_id"], **each["proposal"]}
            for each in record["requests"]
            if each["proposal"] is not None
        ],
        "decisions": decisions,  # the entries of all decisions in its data
        "round_sha256": fingerprint,
    }


def entry_of(row: Row) -> Entry | None:
    """A row as an entry; None where a value is not of its kind."""
    number, *texts = row
    whole = isinstance(number, int) and not isinstance(number, bool)
    if not whole or len(texts) != 5 or not all(isinstance(text, str) for text in texts):
        return None
    kind, recorded_at, _, previous, own = texts
    if not f"{kind}{recorded_at}{previous}{own}".isprintable():
        return None
    return Entry(number, *texts)  # type: ignore[arg-type]


def document_breach(entry: Entry, document: object) -> Breach | None:
    """What is wrong with the round.json that is kept with an entry."""
    if entry.kind != ROUND:
        return _of(entry.number, "has a file, though it is no round.") if document else None
    if document is None:
        return _of(entry.number, "its round.json is missing.")
    if not isinstance(document, bytes) or hashlib.sha256(document).hexdigest() != entry.content.get(
        "round_sha256"
    ):
        return _of(entry.number, "its round.json was altered.")
    said = json.loads(entry.payload)
    try:
        made = round_content(json.loads(document), said["round_sha256"], said["decisions"])
    except (ValueError, KeyError, TypeError):
        return _of(entry.number, "its round.json is not as a round writes it.")
    if said != made:
        return _of(entry.number, "what it says is not what its round.json says.")
    return None


def content_breach(entry: Entry) -> Breach | None:
    """Why nothing can be read out of an entry, however sound its hash is; None where it can."""
    if entry.kind not in (ROUND, DECISION):
        return _of(entry.number, f"is of a kind that this release does not know: {_short(entry.kind)}.")  # fmt: skip
    what = "a round" if entry.kind == ROUND else "a decision"
    try:
        datetime.fromisoformat(entry.recorded_at)
        said = json.loads(entry.payload)
        right = _is_round(said) if entry.kind == ROUND else _is_decision(said)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        right = False
    return None if right else _of(entry.number, f"does not say what {what} says.")


def _is_round(said: Record) -> bool:
    date.fromisoformat(said["as_of"])
    policy, counts = said["policy"], said["counts"]
    texts = [said["version"], said["input_sha256"], said["round_sha256"], said["title"] or ""]
    texts += [policy["name"], policy["version"], policy["sha256"]]
    texts += [each["request_id"] for each in said["proposals"]]
    numbers = [counts["proposed"], counts["unplaced"], *said["decisions"]]
    known = all(isinstance(text, str) for text in texts) and isinstance(policy["changed"], dict)
    return known and all(type(number) is int for number in numbers)


def _is_decision(said: Record) -> bool:
    date.fromisoformat(said["decided_on"])
    known = all(said[key] is None or isinstance(said[key], str) for key in KEPT)
    return known and isinstance(said.get(TRAIL, ""), str)


def chain_breaches(rows: Sequence[Row], receipts: Receipts) -> list[Breach]:
    """Every entry that was altered, deleted, inserted or put elsewhere; `rows` in order of number."""
    found: list[Breach] = []
    entries: list[Entry] = []
    for row in rows:
        entry = entry_of(row)
        if entry is None:
            found.append(_of(row[0], "a value in it is not of its kind: it was altered."))
        else:
            entries.append(entry)
    found.extend(_links(entries, {row[0] for row in rows}, receipts))
    found.extend(Breach(receipts.where, f"it has a line that is no receipt: {_short(line)}.") for line in receipts.odd)  # fmt: skip
    found.extend(_held_against(entries, receipts))
    found.extend(breach for entry in entries if (breach := content_breach(entry)) is not None)
    decisions = {entry.number for entry in entries if entry.kind == DECISION}
    for entry in entries if not found else ():
        before = {number for number in decisions if number < entry.number}
        if entry.kind == ROUND and not before.issuperset(entry.content["decisions"]):
            found.append(_of(entry.number, "names a decision that was not recorded before it."))
    return list(dict.fromkeys(found))


def _links(entries: Sequence[Entry], numbers: set[object], receipts: Receipts) -> Iterator[Breach]:
    """What each entry says of itself and of the one before it."""
    last: Entry | None = None
    for entry in entries:
        number, after = entry.number, 0 if last is None else last.number
        yield from (
            _of(missing, "was deleted.")
            for missing in range(max(after + 1, 1), number)
            if missing not in numbers
        )
        if number == after:
            yield _of(number, "stands there twice: one of them was inserted.")
        elif number < 1:
            yield _of(number, "was inserted: the first entry is number 1.")
        if hash_of(number, entry.kind, entry.recorded_at, entry.payload, entry.previous) != entry.hash:  # fmt: skip
            yield _of(number, _altered(entry, receipts))
        link = START if last is None else last.hash
        if entry.previous != link and number in (after + 1, after):
            before = "the start" if last is None else f"entry {last.number}"
            yield _of(number, f"does not follow {before}: one of them was altered or inserted, or stands elsewhere.")  # fmt: skip
        last = entry


def _altered(entry: Entry, receipts: Receipts) -> str:
    """Whether an entry whose hash is wrong was altered, or stands at another's place."""
    if entry.hash in receipts.hashes:
        was = receipts.hashes.index(entry.hash) + 1
        true = hash_of(was, entry.kind, entry.recorded_at, entry.payload, entry.previous)
        if was != entry.number and true == entry.hash:
            return f"stands at another place: it was recorded as entry {was}."
    return "was altered: what it says does not give its hash."


def _held_against(entries: Sequence[Entry], receipts: Receipts) -> Iterator[Breach]:
    """The entries held against the second witness."""
    hashes = {entry.number: entry.hash for entry in entries}
    for number, receipt in enumerate(receipts.hashes, 1):
        if number not in hashes:
            yield _of(number, f"was deleted: {receipts.where} has its receipt.")
        elif hashes[number] != receipt:
            yield _of(number, f"is not the entry that was recorded: its receipt in {receipts.where} is another.")  # fmt: skip
    for entry in entries:
        is_ahead = entry.number > len(receipts.hashes)
        if is_ahead and receipts.pending.get(entry.number) != entry.hash:
            yield _of(entry.number, f"has no receipt in {receipts.where}: receipts were taken away, or it was inserted.")  # fmt: skip


def receipt_breach(entries: Iterable[Entry], number: int, start: str) -> Breach | None:
    """Whether a receipt that was kept elsewhere (the start of a hash is enough) holds."""
    for entry in entries:
        if entry.number == number:
            if entry.hash.startswith(start):
                return None
            return _of(number, f"is not the entry of the receipt {number}:{start}.")
    return _of(number, f"was deleted: there is a receipt of it, {number}:{start}.")


def _of(number: object, problem: str) -> Breach:
    return Breach(f"entry {number}", problem)


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:40] + "…")
