"""The round that an answer is about: one that lies in a folder, or one that is solved now.

It is the same round again: of its day, with its policy, keeping to what it kept to. Where that does
not give what the folder says, as the data have changed since, the answer says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

from matcher.ahead.outlook import Counted
from matcher.errors import BreachFound, Fault, WrongInput, wrong_file
from matcher.intake.inputs import Inputs
from matcher.policy.local import LOCAL_DUTY, LOCAL_RULE
from matcher.policy.reading import override
from matcher.policy.settings import (
    DUTY_SWITCH,
    MAY_ACCEPT,
    RULE_SWITCH,
    Policy,
    default,
    settings_of,
    with_changes,
)
from matcher.record import SCHEMA, AheadRecord, Head, RoundRecord, as_dict
from matcher.record import read as read_typed
from matcher.rounds import SolvedRound, match, prepare
from matcher.show.files import Record, differences
from matcher.solve.problem import UNPLACED
from matcher.verification import counted_of, read_json
from matcher.whatif.keep import NO_HOUSEHOLD, earlier
from matcher.words import and_list

ROUND = "round.json"
MOST_TOLD = 5  # proposals that a sentence names; --json has all of them
RECORDED, AGAIN, NOW = "recorded", "again", "now"  # what an answer rests on
STARTS = {
    RECORDED: "What the round in {folder} says may no longer hold",
    AGAIN: "This need not be what the round in {folder} says",
    NOW: "This is not about the round in {folder}",
}
REASONS = {
    "unread": "its round.json can't be read as a round",
    "day": "it is of another day",
    "data": "the data have changed since it was made",
    "data_not_read": "the data can't be read for its day, so nobody can say whether they have changed",
    "policy": "the policy that is asked for is another",
    "default_policy": "this release has other settings by default than the one that made it",
}
FIX = "Name the folder that 'matcher round' wrote, or run the round again."


def default_folder(day: date) -> Path:
    """Where the round of a day lies unless people say otherwise."""
    return Path("reports") / day.isoformat()


@dataclass(frozen=True)
class Written:
    """A round as it lies on the table: what its file says, and how its folder has changed since.

    `policy` is the one that it was made with, as this release knows it.
    """

    where: Path
    record: Record
    head: Head
    policy: Policy
    proposals: Mapping[str, str]
    changed: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether its file holds every fact that sentences are made of; those of schema 1 don't."""
        return bool(self.record["schema"] == SCHEMA)

    @property
    def counted(self) -> Counted | None:
        """What was counted, where it looked ahead by a recorded history."""
        ahead = self.record.get("ahead")
        if ahead is None:
            return None
        try:
            return counted_of(read_typed(AheadRecord, ahead))
        except ValueError as error:
            raise _no_round(f"It is not as a round writes it: {error}.") from None

    def whole(self) -> RoundRecord:
        """The record with its types; WrongInput where it is not as a round writes it."""
        try:
            return read_typed(RoundRecord, self.record)
        except ValueError as error:
            raise _no_round(f"It is not as a round writes it: {error}.") from None


def read(where: Path) -> Written:
    """The round of a folder, or of a round.json; WrongInput where it is none."""
    try:
        record = read_json(where / ROUND if where.is_dir() else where)
    except BreachFound as breach:
        raise _no_round(f"{breach}.") from None
    proposals = earlier(record, ROUND).proposals
    try:
        head = read_typed(Head, {"keep": None, **record["round"]})
    except ValueError as error:
        raise _no_round(f"Its head is not as a round writes it: {error}.") from None
    if not all(isinstance(home, str) for home in (head.keep or {}).values()):
        raise _no_round("It does not say which household each family was to keep.")
    return Written(where, record, head, policy_of(head), proposals, tuple(differences(where)))


def policy_of(head: Head) -> Policy:
    """The policy that a round says it used; settings that this release doesn't have are left out."""
    faults: list[Fault] = []
    settings = settings_of(default())
    switches = {f"{RULE_SWITCH}{rule.name}" for rule in head.policy.local_rules}
    switches |= {
        key
        for duty in head.policy.local_duties
        for key in (f"{DUTY_SWITCH}{duty.key}", f"{MAY_ACCEPT}{duty.key}")
    }
    known = {
        key: value
        for key, value in head.policy.changed.items()
        if key in settings or key in switches
    }
    names = {"name": head.policy.name, "version": head.policy.version}
    policy = override(
        default(),
        {
            **names,
            **known,
            LOCAL_RULE: [rule.table for rule in head.policy.local_rules],
            LOCAL_DUTY: [duty.table for duty in head.policy.local_duties],
        },
        ROUND,
        faults,
        asks_reasons=False,
    )
    if faults:
        raise WrongInput(faults)
    used = with_changes({}, head.policy.reasons, head.policy.since)
    return replace(policy, reasons=used.reasons, since=used.since)


@contextmanager
def as_a_round_writes_it() -> Iterator[None]:
    """WrongInput where no sentence can be made of what a file says: it names what there is not."""
    try:
        yield
    except (AttributeError, LookupError, StopIteration, TypeError, ValueError) as error:
        raise _no_round("It is not as a round writes it.") from error


def _no_round(problem: str) -> WrongInput:
    return WrongInput([wrong_file(ROUND, problem, FIX)])


@dataclass(frozen=True, slots=True)
class Other:
    """A family that goes elsewhere in the answer than the round in the folder says."""

    request_id: str
    in_folder: str | None
    here: str | None


@dataclass(frozen=True, slots=True)
class About:
    """Which round an answer is about, and in what it is apart from the one in the folder.

    `rests_on` is `recorded` where the answer is made of the file alone, `again` where its round was
    solved again, `now` where it is about another. `own_settings` are those in which the policy of
    the round is not that of the data, `changed` sentences on the folder and its manifest.
    """

    rests_on: str
    as_of: date
    folder: Path
    lies_there: bool
    reasons: tuple[str, ...] = ()
    others: tuple[Other, ...] = ()
    own_settings: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    def which(self) -> str:
        """Which round it is."""
        if self.rests_on == NOW:
            there = f", not the one in {self.folder}" if self.lies_there else ""
            return f"About a round solved now{there}."
        same = "" if {"data", "data_not_read"} & {*self.reasons} else ", made from the same data"
        said = f"About the round in {self.folder}{same}."
        if self.own_settings:
            said += f" Its policy counts, not that of the data: {and_list(self.own_settings)}."
        return said

    def apart(self) -> list[str]:
        """In what the answer is not what the round in the folder says: one sentence, or none."""
        if not self.reasons and not self.others:
            return []
        start = STARTS[self.rests_on].format(folder=self.folder)
        why = [REASONS[reason] for reason in self.reasons] or [
            "solved again, it comes out otherwise"
        ]
        return [f"{start}: {and_list(why)}.{self._proposals()}"]

    def lines(self) -> list[str]:
        """What stands first in an answer that is not what lies on the table."""
        return [*self.apart(), *self.changed]

    def record(self) -> Record:
        """The same for a machine."""
        return {
            "folder": str(self.folder) if self.lies_there else None,
            "as_of": self.as_of.isoformat(),
            "rests_on": self.rests_on,
            "reasons": list(self.reasons),
            "other_proposals": [as_dict(each) for each in self.others],
            "said": [self.which(), *self.lines()],
        }

    def _proposals(self) -> str:
        if self.others:
            named = [
                f"{each.request_id} goes to {each.here or NO_HOUSEHOLD}, there to "
                f"{each.in_folder or NO_HOUSEHOLD}"
                for each in self.others[:MOST_TOLD]
            ]
            more = len(self.others) - MOST_TOLD
            return f" {'; '.join(named)}{f'; and {more:,} more' if more > 0 else ''}."
        known = self.rests_on != RECORDED and "unread" not in self.reasons
        return " The proposals are the same." if known else ""


@dataclass(frozen=True)
class Current:
    """The round that an answer is about, to be solved, beside the one that lies in a folder.

    `written` is None where none lies there that can be read.
    """

    inputs: Inputs
    policy: Policy
    keep: Mapping[str, str] | None
    about_before: About
    written: Written | None
    top: int = 0

    @cached_property
    def solved(self) -> SolvedRound:
        """The round, solved."""
        counted = None if self.written is None else self.written.counted
        return match(prepare(self.inputs, self.policy, self.top, self.keep, counted))

    @cached_property
    def about(self) -> About:
        """What the answer is about, its proposals held against those of the folder."""
        if self.written is None:
            return self.about_before
        names, homes = self.solved.prepared.columns.request_ids, self.solved.household.tolist()
        ids = self.solved.prepared.columns.household_ids
        here = {
            name: ids[home] for name, home in zip(names, homes, strict=True) if home != UNPLACED
        }
        there = self.written.proposals
        others = (Other(name, there.get(name), here.get(name)) for name in sorted({*here, *there}))
        moved = tuple(each for each in others if each.in_folder != each.here)
        return replace(self.about_before, others=moved)


def of_folder(written: Written, inputs: Inputs, policy: Policy) -> Current:
    """The round of a folder, solved again of the data as they are; `policy` is that of the data."""
    about = about_folder(written, AGAIN, inputs, policy)
    return Current(inputs, written.policy, written.head.keep, about, written)


def of_its_day(inputs: Inputs, policy: Policy, *, policy_is_asked_for: bool) -> Current:
    """The round in the default folder of a day where it is of the same data, else one solved now."""
    folder = default_folder(inputs.as_of)
    if not (folder / ROUND).exists():
        about = About(NOW, inputs.as_of, folder, lies_there=False)
        return Current(inputs, policy, None, about, None)
    try:
        written = read(folder)
    except WrongInput:
        changed = tuple(differences(folder))
        about = About(NOW, inputs.as_of, folder, True, ("unread",), changed=changed)
        return Current(inputs, policy, None, about, None)
    differ = {
        "day": written.head.as_of != inputs.as_of,
        "data": written.head.input_sha256 != inputs.sha256,
        "policy": policy_is_asked_for and policy.sha256 != written.policy.sha256,
    }
    reasons = tuple(reason for reason, differs in differ.items() if differs)
    if not reasons:
        return of_folder(written, inputs, policy)
    about = About(NOW, inputs.as_of, folder, True, reasons, changed=written.changed)
    return Current(inputs, policy, None, about, written)


def about_folder(
    written: Written, rests_on: str, inputs: Inputs | None, policy: Policy | None
) -> About:
    """What an answer is about that rests on the round of a folder; None where no data can be read."""
    head, known = written.head, written.policy
    differ = {
        "data_not_read": inputs is None,
        "data": inputs is not None and inputs.sha256 != head.input_sha256,
        "default_policy": known.sha256 != head.policy.sha256,
    }
    values = known.values if policy is None else policy.values
    return About(
        rests_on,
        head.as_of,
        written.where,
        lies_there=True,
        reasons=tuple(reason for reason, differs in differ.items() if differs),
        own_settings=tuple(
            sorted(
                key
                for key in {**values, **known.values}
                if values.get(key) != known.values.get(key)
            )
        ),
        changed=written.changed,
    )
