"""The answer of the product, typed: what round.json holds, key by key, and its JSON both ways.

A record holds facts. Sentences are made of it where a person reads them, by `explain`.
Its classes have no slots: orjson writes an instance with a `__dict__` in a third of the time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import MISSING, asdict, dataclass, field, fields, is_dataclass, replace
from datetime import date
from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from matcher.policy.duties.form import DutyRecord
from matcher.policy.facts import Facts, Value
from matcher.policy.local import LocalDuty, LocalRule
from matcher.policy.screening import Finding
from matcher.policy.settings import Policy, Reason, with_changes
from matcher.policy.settings import Value as Setting
from matcher.price_words import MoveRecord

SCHEMA = "matcher.round/2"
GREATEST = 2**63  # number that a file can have
Kind = TypeVar("Kind")


@dataclass(frozen=True)
class Approved:
    """The role that approved a policy, and on which day."""

    by: str
    on: date


@dataclass(frozen=True)
class PolicyUsed:
    """The policy's name, version and fingerprint, the settings that differ from the default, its approval.

    `approved` is None where its file names nobody. `since` is the day from which a changed setting counts,
    where its file says one; `reasons` are those given for what is changed. With the council's own rules
    it is all that sentences about the round need.
    """

    name: str
    version: str
    sha256: str
    changed: dict[str, Setting]
    approved: Approved | None = None
    since: dict[str, str] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()
    local_rules: tuple[LocalRule, ...] = ()
    local_duties: tuple[LocalDuty, ...] = ()


def policy_of(used: PolicyUsed) -> Policy:
    """The policy that a round used, as far as its record says it."""
    return with_changes(used.changed, used.reasons, used.since, used.local_rules, used.local_duties)


@dataclass(frozen=True)
class Head:
    """What the round is of. `keep` is the earlier household of each request, None where it keeps to none."""

    as_of: date
    title: str | None
    version: str
    policy: PolicyUsed
    input_sha256: str
    top: int
    keep: dict[str, str] | None


@dataclass(frozen=True)
class Counts:
    """How many there are of what; matchable, proposed and unplaced are of the open requests."""

    requests: int
    matchable: int
    provisional: int
    proposed: int
    unplaced: int
    placed: int
    households: int
    open_households: int
    eligible_pairs: int


@dataclass(frozen=True)
class AimReached:
    """One aim: what the round reaches, the most that any round could, and whether they are one."""

    name: str
    value: int
    bound: int
    optimal: bool


@dataclass(frozen=True)
class Alert:
    """What stands at the head of every paper."""

    kind: str
    request_id: str | None
    household_id: str | None
    facts: Facts


@dataclass(frozen=True)
class Proposal:
    """Where a family would go. `rank` is None where the pair is not eligible; fit 0 to 100."""

    household_id: str
    fit: float
    rank: int | None
    starts_on: date | None
    pinned: bool
    late_days: int | None


@dataclass(frozen=True)
class CriterionScore:
    """A criterion's value from 0 to 1, None where it does not apply, and its points of the fit."""

    name: str
    value: float | None
    points: float
    facts: Facts


@dataclass(frozen=True)
class PriceRecord:
    """What the round loses in each aim if a pair is forced, in the aims' own integers, and who moves.

    None is a loss that is not shown, as it would tell where a hidden household is.
    """

    aims: dict[str, int | None]
    moves: tuple[MoveRecord, ...]


@dataclass(frozen=True)
class Ranked:
    """An eligible household of a request; `free_rank` counts only those that no pin holds."""

    household_id: str
    rank: int | None
    fit: float
    free_rank: int | None
    criteria: tuple[CriterionScore, ...]
    cost_to_round: PriceRecord | None
    duties: tuple[DutyRecord, ...]


@dataclass(frozen=True)
class Failed:
    """A rule that a pair fails; `known` is false where somebody has to ask."""

    rule: str
    known: bool
    facts: Facts


@dataclass(frozen=True)
class Ineligible:
    """A household that is not eligible for a request, with every rule that it fails."""

    household_id: str
    failed: tuple[Failed, ...]


@dataclass(frozen=True)
class Blocked:
    """How many households a rule rules out for a request, and how many it alone does."""

    rule: str
    households: int
    only: int


@dataclass(frozen=True)
class Change:
    """One change of the fewest that would make a pair eligible: its kind, the rules that it mends."""

    change: str
    rules: tuple[str, ...]
    on: date | None
    until: date | None


@dataclass(frozen=True)
class NearMiss:
    """An ineligible household with the fewest changes that it would take.

    `would_rank` is the rank that it then would have, where that is worked out.
    """

    household_id: str
    failed: tuple[Failed, ...]
    takes: tuple[Change, ...]
    would_rank: int | None


@dataclass(frozen=True)
class Contest:
    """Families that can only be placed with these households, fewer than they are."""

    requests: tuple[str, ...]
    households: tuple[str, ...]


@dataclass(frozen=True)
class Limited:
    """Why limits or distances to keep do not allow a household: a kind, and the limits' names."""

    household_id: str
    kind: str
    limits: tuple[str, ...]


@dataclass(frozen=True)
class Living:
    """Where a family lives; where not `runs`, is agreed to live. A day is None where nobody can say."""

    household_id: str
    started_on: date | None
    planned_end_on: date | None
    runs: bool


@dataclass(frozen=True)
class Left:
    """A placement of a family that is over; `early` where its end speaks against the pair."""

    household_id: str
    ended_on: date
    ended_because: str | None
    early: bool


@dataclass(frozen=True)
class RequestFacts:
    """What papers say of a request beyond the other keys.

    `family` is what papers say of the family itself, `eligible` how many households are,
    `all_taken` whether each of those is held by a family, `relationships` the households that it
    knows and how, `first_failed` how many households each
    rule rules out under the first that each fails, `first_not_known` how many of these because
    something is not known (None where so many households are concerned that nobody looked, and in
    older files), `received_on` the day on which it came (None in older files), `pair` the proposed
    household where it is not among the ranked that are written, `living` where the family lives,
    `left` where it lived before.
    """

    family: Facts
    decision: str | None
    decided_on: date | None
    eligible: int
    all_taken: bool
    relationships: dict[str, str]
    first_failed: dict[str, int]
    nearest: tuple[NearMiss, ...]
    own_carers: tuple[NearMiss, ...]
    latest: date | None
    contest: Contest | None
    limited: tuple[Limited, ...]
    pair: Ranked | None
    living: Living | None
    left: tuple[Left, ...]
    first_not_known: dict[str, int] | None = None
    received_on: date | None = None


@dataclass(frozen=True)
class RequestRecord:
    """One request: what screening found, what is proposed, and every household."""

    request_id: str
    state: str
    regime: str
    urgency: str
    late_days: int | None
    outcome: str
    provisional: tuple[str, ...]
    screening: tuple[Finding, ...]
    proposal: Proposal | None
    ranked: tuple[Ranked, ...]
    ineligible: tuple[Ineligible, ...]
    blocked_by: tuple[Blocked, ...]
    duties: tuple[DutyRecord, ...]
    facts: RequestFacts

    @property
    def withholds_address(self) -> bool:
        """Whether the family's address is withheld, so that the households it may go to are hidden."""
        return self.facts.family["withhold_address"] is True


@dataclass(frozen=True)
class HouseholdRecord:
    """One household: what came out for it, from when it is free, how many families could use it.

    `hidden` where nobody may say where it is, as an address is withheld.
    """

    household_id: str
    outcome: str
    free_from: date | None
    request_id: str | None
    appears_in: int
    closed_by: tuple[str, ...]
    team: str | None
    reviewed_on: date | None
    hidden: bool


@dataclass(frozen=True)
class Certificate:
    """What proves the round: weights and non-zero duals, or the solver's bounds and its word.

    `teams` has the duals of teams where what each of them may take on is the only limit in play.
    """

    weights: dict[str, int]
    requests: dict[str, int] | None = None
    households: dict[str, int] | None = None
    teams: dict[str, int] | None = None
    bounds: dict[str, int] | None = None
    word: str | None = None


@dataclass(frozen=True)
class ArrivalRates:
    """How many families come a week, its 95 % interval, and what says so: policy, history or round.

    `families` came in `weeks`; None where nothing was counted.
    """

    per_week: float
    low: float | None
    high: float | None
    weeks: float | None
    families: int | None
    source: str


@dataclass(frozen=True)
class LastingRecord:
    """How many weeks something lasts: the median, its 95 % interval, and what says so.

    `number` ended, `ended` has how many after so many weeks, and `running` how many still run after so
    many. The source is history; placements, those of the data; or round, what its own families plan.
    """

    median: int | None
    low: int | None
    high: int | None
    number: int
    source: str
    ended: dict[str, int]
    running: dict[str, int]


@dataclass(frozen=True)
class RefusalsRecord:
    """Which share was declined of the pairs that were answered, its 95 % interval, and what says so."""

    share: float | None
    low: float | None
    high: float | None
    declined: int
    answered: int
    source: str


@dataclass(frozen=True)
class AheadRecord:
    """How the round looked ahead; what that changed are alerts.

    It drew so many `futures` of so many `weeks` from the `seed`, the `rates`, and the weeks from receipt
    to need (`leads`) and in a household (`stays`); `refusals` are drawn by none. `plain` is the round
    without it, `certificate` what proves that; `around` the choice about which `values` were counted, in
    steps of `points`: of each pair, by request and household. In `plain` and `around` a family whom
    people chose for stands nowhere.
    """

    form: str
    seed: int
    futures: int
    weeks: int
    points: int
    rates: ArrivalRates
    leads: LastingRecord
    stays: LastingRecord
    refusals: RefusalsRecord
    plain: dict[str, str]
    around: dict[str, str]
    values: dict[str, dict[str, int]]
    certificate: Certificate


@dataclass(frozen=True)
class RoundRecord:
    """A round, whole: the keys of round.json in their order; `ahead` only where it looks ahead."""

    schema: str
    round: Head
    counts: Counts
    objective: tuple[AimReached, ...]
    alerts: tuple[Alert, ...]
    requests: tuple[RequestRecord, ...]
    households: tuple[HouseholdRecord, ...]
    certificate: Certificate
    ahead: AheadRecord | None = None


# JSON, both ways


def as_json(value: object) -> bytes:
    """A record as one line of JSON; orjson writes a national round in a fifth of the time."""
    import orjson

    return orjson.dumps(value)


def as_dict(value: object) -> dict[str, Any]:
    """A record as JSON would hold it, for whoever reads it as plain values."""
    found: dict[str, Any] = json.loads(as_json(value))
    return found


def certificate_json(certificate: Certificate) -> bytes:
    """The certificate, whose whole numbers may be beyond the 64 bits that orjson writes."""
    given = {key: value for key, value in asdict(certificate).items() if value is not None}
    return json.dumps(given, ensure_ascii=False, separators=(",", ":")).encode()


def _ahead_json(ahead: AheadRecord) -> bytes:
    """How a round looked ahead; the weights and duals of its certificate may be large."""
    whole = as_json(replace(ahead, certificate=Certificate({})))
    empty = b'"certificate":' + as_json(Certificate({})) + b"}"
    assert whole.endswith(empty), "the certificate is the last key"
    return (
        whole.removesuffix(empty) + b'"certificate":' + certificate_json(ahead.certificate) + b"}"
    )


def round_json(of: RoundRecord, requests: Iterable[RequestRecord | bytes]) -> Iterator[bytes]:
    """round.json, piece by piece: a request or a household a line, so that two compare by line.

    `requests` stand in the place of those of `of`; one that is JSON already goes in as it is.
    """
    for at, each in enumerate(fields(RoundRecord)):
        if each.name == "ahead" and of.ahead is None:
            continue
        yield (b",\n" if at else b"{\n") + f'"{each.name}": '.encode()
        if each.name in ("requests", "households"):
            items = requests if each.name == "requests" else of.households
            yield b"[\n"
            for place, item in enumerate(items):
                line = item if isinstance(item, bytes) else as_json(item)
                yield (b",\n" if place else b"") + line
            yield b"\n]"
        elif each.name == "certificate":
            yield certificate_json(of.certificate)
        elif of.ahead is not None and each.name == "ahead":
            yield _ahead_json(of.ahead)
        else:
            yield as_json(getattr(of, each.name))
    yield b"\n}\n"


def read(kind: type[Kind], value: object) -> Kind:
    """A record of JSON values; ValueError where they are not what the record holds."""
    found: Kind = _read(kind, value, kind.__name__)
    return found


def _read(kind: Any, value: Any, where: str) -> Any:
    origin, parts = get_origin(kind), get_args(kind)
    if is_dataclass(kind):
        if not isinstance(value, dict):
            raise ValueError(f"{where} is no record")
        given = {}
        made: Any = kind
        for name, part, optional in _fields(made):
            if name in value:
                given[name] = _read(part, value[name], f"{where}.{name}")
            elif not optional:
                raise ValueError(f"{where} lacks {name}")
        return made(**given)
    if kind is Facts or origin is dict:
        if not isinstance(value, dict):
            raise ValueError(f"{where} is no record")
        return value
    if origin in (Union, UnionType):
        if value is None:
            if type(None) in parts:
                return None
            raise ValueError(f"{where} is blank")
        (kind,) = [part for part in parts if part is not type(None)]
        return _read(kind, value, where)
    if origin is tuple:
        if not isinstance(value, list):
            raise ValueError(f"{where} is no list")
        return tuple(_read(parts[0], each, f"{where}[{at}]") for at, each in enumerate(value))
    if kind is date:
        return date.fromisoformat(value) if isinstance(value, str) else _wrong(where)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value) if abs(value) <= GREATEST else _wrong(where)
    if kind in (str, int, float, bool) and type(value) is not kind:
        return _wrong(where)
    return value


def _wrong(where: str) -> Any:
    raise ValueError(f"{where} is of another kind")


@cache
def _fields(kind: Any) -> tuple[tuple[str, Any, bool], ...]:
    """Name and type of each field of a record, and whether it may be left out."""
    hints = get_type_hints(kind, localns={"Value": Value})  # which Facts names in quotes
    return tuple(
        (f.name, hints[f.name], f.default is not MISSING or f.default_factory is not MISSING)
        for f in fields(kind)
    )
