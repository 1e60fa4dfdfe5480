"""What happens in a life, drawn at random: who comes, what people decide, what is recorded and when.

Some of it is recorded weeks late, and some never. What happens changes nothing but the ledger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import TypeAlias

from builders import a_carer, a_household, a_request
from lives_ledger import OF_A_FAMILY, STEPS, Ledger, Pair, Row, Stay, day
from matcher.codes import (
    DUTIES_OF_A_PAIR,
    DUTIES_OF_A_PLACEMENT,
    DUTIES_OF_A_REQUEST,
    ENDINGS,
    NEEDS,
    RELATIONSHIPS,
    RISK_AREAS,
)
from matcher.record import RequestRecord, RoundRecord

FIRST_DAY = date(2026, 11, 23)
OLD_NAME = {3: 1.0, 4: 0.5}  # of lives in five: the share of events that stand in `steps`
NEW_PER_TEAM = {13: 1}  # of lives in twenty: how many new proposals a team can take
FAMILIES, HOMES = 4, 8
ADULT = 18
PLACES = ("NW5", "NW3", "NW1", "N1", "N19", "E8", "SE5", "W9", "HA4", "CR0")
LANGUAGES = ("", "eng", "eng", "som;eng", "por", "ben;eng")
ETHNICITIES = ("", "WBRI", "BAFR", "ABAN", "MWBC")
RELIGIONS = ("", "none", "muslim", "christian")
NOBODY_ACCEPTS = (
    "consent", "joint_risk_assessment", "adult_checks", "head_of_service", "carers_briefed",
    "placement_meeting", "placement_plan",
)  # fmt: skip
MAY_NOT_ACCEPT = "duty worker"
RECUR = ("child_review", "parent_review", "child_visit", "parent_visit", "panel_review")
ACCEPTED = ("request_record", "engagement", "risks_known", "safe_caring", "children_considered")
PASSED_BY_CHOICE = {"ended_before", "own_home", "known_to_family"}

Act: TypeAlias = Callable[["World"], None]
FAMILY_ACTS: list[tuple[float, Callable[[World, Row], None]]] = []
HOME_ACTS: list[tuple[float, Callable[[World, Row], None]]] = []


@dataclass
class World:
    """A life as far as it has been drawn: what is recorded, and what will be recorded later."""

    draw: Random
    ledger: Ledger
    seen: Counter[str] = field(default_factory=Counter)
    later: list[tuple[date, Act]] = field(default_factory=list)
    leaving: set[str] = field(default_factory=set)  # families whose end is not yet recorded
    arriving: set[str] = field(default_factory=set)  # families and homes, not yet recorded
    born: dict[str, date] = field(default_factory=dict)  # the day on which each child is born
    old_name: float = 0  # the share of events that are written in `steps`
    numbers: int = 0

    @property
    def as_of(self) -> date:
        return self.ledger.as_of

    def luck(self, share: float) -> bool:
        """Whether something happens."""
        return self.draw.random() < share

    def some_day(self, first: int = -6, last: int = 0) -> date:
        """A day so many days from today."""
        return self.as_of + timedelta(days=self.draw.randint(first, last))

    def record(self, act: Act, *, late: float = 0.3) -> None:
        """Record something today, or with some luck two weeks late."""
        if self.luck(late):
            self.later.append((self.as_of + timedelta(days=14), act))
        else:
            act(self)


def a_world(seed: int) -> World:
    """The first week of a life."""
    world = World(Random(seed), Ledger(FIRST_DAY), old_name=OLD_NAME.get(seed % 5, 0))
    world.ledger.new_per_team = NEW_PER_TEAM.get(seed % 20)
    for number in range(1, HOMES + 1):
        _a_home(world, f"H{number}")
    for _ in range(FAMILIES):
        _a_family(world)
    _mend(world)
    return world


def a_week(world: World) -> None:
    """A week passes: what is due to be recorded is, and whatever else happens does."""
    ledger = world.ledger
    ledger.as_of += timedelta(days=7)
    due = [each for each in world.later if each[0] <= world.as_of]
    world.later = [each for each in world.later if each[0] > world.as_of]
    for _, act in due:
        act(world)
    for share, of_family in FAMILY_ACTS:
        for row in [*ledger.tables["requests"]]:
            if world.luck(share) and ledger.request(row["request_id"]) is row:
                of_family(world, row)
    for share, of_home in HOME_ACTS:
        for row in ledger.tables["households"]:
            if world.luck(share):
                of_home(world, row)
    living = sum(state != "closed" for state in ledger.states().values())
    if living < FAMILIES and world.luck(0.6):
        _a_family(world)
    _mend(world)


def family_act(
    share: float,
) -> Callable[[Callable[[World, Row], None]], Callable[[World, Row], None]]:
    """Something that may happen to each family in a week, and how often it does."""

    def write(act: Callable[[World, Row], None]) -> Callable[[World, Row], None]:
        FAMILY_ACTS.append((share, act))
        return act

    return write


def home_act(
    share: float,
) -> Callable[[Callable[[World, Row], None]], Callable[[World, Row], None]]:
    """Something that may happen to each home in a week, and how often it does."""

    def write(act: Callable[[World, Row], None]) -> Callable[[World, Row], None]:
        HOME_ACTS.append((share, act))
        return act

    return write


def _mend(world: World) -> None:
    """What people put right at once, as the product refuses it otherwise."""
    ledger = world.ledger
    for row in ledger.tables["requests"]:
        born = day(row.get("parent_born_on"))
        adult = born is not None and _years(born, world.as_of) >= ADULT
        if adult and row["parent_looked_after"] == "yes":
            _comes_of_age(world, row)
        name, told = row["request_id"], {pair[0] for pair in _confirmed(ledger)}
        ahead = told & {*ledger.agreed().values()}
        if row.get("status") == "placed" and name not in {*ledger.placement_of(), *ahead}:
            row["status"] = ""
        second = day(row.get("second_parent_born_on"))
        if second is not None and _years(second, world.as_of) >= ADULT and world.luck(0.3):
            row["second_parent_age"] = str(_years(second, world.as_of))
            row["second_parent_looked_after"] = "no"
    begun: set[str] = set()
    rows = sorted(ledger.tables["placements"], key=lambda row: row["started_on"])
    for row in rows:
        ended, sides = day(row.get("ended_on")), {row["request_id"], row["household_id"]}
        if ended is not None and ended <= world.as_of:
            continue
        if begun & sides and row["started_on"] <= world.as_of.isoformat():
            row["started_on"] = world.some_day(7, 14).isoformat()  # the move is put off
            row["planned_end_on"] = row["ended_on"] = row["ended_because"] = ""
        elif row["started_on"] <= world.as_of.isoformat():
            begun |= sides


def _confirmed(ledger: Ledger) -> set[Pair]:
    """The pairs whose latest decision is a confirmed match."""
    return {pair for pair, row in ledger.decided().items() if row["decision"] == "confirmed"}


# Who there is


def _a_home(world: World, name: str) -> None:
    draw, ledger = world.draw, world.ledger
    carers = draw.choice((1, 2, 2, 2))
    ledger.add(
        "households",
        **a_household(
            name,
            postcode=draw.choice(PLACES),
            bedrooms=draw.choice(("1", "2", "2", "3")),
            takes_second_parent=draw.choice(("", "yes", "yes", "no")),
            takes_older_children=draw.choice(("", "1")),
            looked_after_children=draw.choice(("0", "0", "1")) if carers == 2 else "0",
            terms=draw.choice(("", "", "", "support;assessment", "assessment")),
            provider=draw.choice(("own", "own", "agency")),
            weekly_fee=draw.choice(("", "590")),
            team=draw.choice(("", "north", "south")),
            reviewed_on=world.some_day(-200, -1).isoformat() if world.luck(0.8) else None,
            arrangement_until=draw.choice(("", "", "", "", world.some_day(5, 60).isoformat())),
            smokes="no",
        ),
    )
    for number in range(1, carers + 1):
        ledger.add(
            "carers",
            **a_carer(
                name,
                number,
                ethnicity=draw.choice(ETHNICITIES),
                religion=draw.choice(RELIGIONS),
                languages=draw.choice(LANGUAGES),
            ),
        )


def _a_family(world: World) -> None:
    draw, ledger = world.draw, world.ledger
    world.numbers += 1
    name = f"R{world.numbers:02}"
    kind = draw.choice(("s20", "s20", "court", "own_home", "section_17", "order", "support"))
    cells = dict[str, str | None](
        status=draw.choice(("", "", "", "open")),
        received_on=world.some_day().isoformat(),
        needed_from=world.some_day(-5, 30).isoformat(),
        child_born_or_due_on=world.some_day(-200, 70).isoformat(),
        expected_weeks=str(draw.randint(5, 16)),
        purpose=draw.choice(("assessment", "support")),
        ethnicity=draw.choice(ETHNICITIES),
        religion=draw.choice(RELIGIONS),
        languages=draw.choice(LANGUAGES),
        english=draw.choice(("", "some", "fluent")),
        home_postcode=draw.choice(("", *PLACES)),
        needs=";".join(sorted(draw.sample(NEEDS, draw.choice((0, 0, 1))))),
        withhold_address=draw.choice(("", "no", "no", "yes")),
        resource_team_decision=draw.choice(("", "foster", "foster")),
        fostering_concerns=draw.choice(("", "none")),
        others_agree=draw.choice(("", "yes")),
        engagement=draw.choice(("", "committed")),
        worker=draw.choice(("", "sw-1", "sw-2")),
        parent_age=str(draw.randint(18, 30)),
    )
    if world.luck(0.2):
        latest = date.fromisoformat(cells["needed_from"] or "") + timedelta(days=21)
        cells["latest_start"] = latest.isoformat()
    if kind == "court":
        cells |= {"child_legal_status": "interim_care_order", "court_directed": "yes"}
        cells["court_direction_until"] = draw.choice(("", world.some_day(5, 160).isoformat()))
        cells["court_on"] = world.some_day(10, 60).isoformat()
        cells["looked_after_since"] = cells["child_born_or_due_on"]
    elif kind == "order":
        cells |= {"child_legal_status": "care_order", "placement_with_parents": "approved"}
        cells["head_of_service_on"] = draw.choice(("", world.some_day().isoformat()))
        cells["checks_requested_on"] = draw.choice(("", world.some_day().isoformat()))
        cells["looked_after_since"] = draw.choice(("", cells["child_born_or_due_on"]))
    elif kind in ("section_17", "support"):
        cells |= {"child_legal_status": "not_looked_after"}
        cells["review_every_weeks"] = draw.choice(("", "6"))
    if kind == "own_home":
        age = draw.choice((16, 17, 17))
        cells |= {"parent_looked_after": "yes", "parent_age": str(age)}
        cells["parent_looked_after_since"] = draw.choice(
            ("", world.some_day(-400, -20).isoformat())
        )
        if world.luck(0.7):
            cells["parent_born_on"] = _born(world, age).isoformat()
    if kind == "support":
        cells |= {"purpose": "support", "parent_age": draw.choice(("18", "19", "22"))}
    if world.luck(0.25):
        cells |= _a_second_parent(world)
    due = date.fromisoformat(cells["child_born_or_due_on"] or "")
    if due > world.as_of:
        cells["looked_after_since"] = ""
    ledger.add("requests", **a_request(name, **cells))
    world.born[name] = due if due <= world.as_of else due + timedelta(days=draw.randint(-14, 14))
    if kind in ("own_home", "support") and world.luck(0.8):
        _known_to(world, name, draw.choice(("current_carer", "current_carer", "former_carer")))
    elif world.luck(0.2):
        _known_to(world, name, draw.choice(("known_to_family", "former_carer")))
    if world.luck(0.2):
        _known_to(world, name, draw.choice(tuple(RELATIONSHIPS)))
    if world.luck(0.08):
        kept_apart(world, ledger.of("requests", name)[0])
    world.seen["families"] += 1


def _a_second_parent(world: World) -> dict[str, str | None]:
    """The cells of a second parent who comes too."""
    draw, age = world.draw, world.draw.choice((16, 17, 17, 19, 25))
    world.seen["second parents"] += 1
    cells = dict[str, str | None](
        second_parent_age=str(age),
        second_parent_agrees=draw.choice(("", "yes", "yes", "yes")),
        second_parent_looked_after=draw.choice(("", "yes", "no")) if age < ADULT else "",
    )
    if age < ADULT and world.luck(0.7):
        cells["second_parent_born_on"] = _born(world, age).isoformat()
    return cells


def _known_to(world: World, name: str, kind: str) -> None:
    home = world.draw.choice(world.ledger.tables["households"])["household_id"]
    world.ledger.add("relationships", request_id=name, household_id=home, kind=kind)


def _born(world: World, age: int) -> date:
    """A day of birth that gives an age today; of 17, often one that is soon followed by the 18th."""
    days = world.draw.randint(0, 364) if world.luck(0.4) else world.draw.randint(200, 364)
    return world.as_of - timedelta(days=int(365.25 * age) + 1 + min(days, 362))


def _years(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


# What happens to a family


def _event(world: World, **cells: str | date | None) -> None:
    """Write an event, in some lives in the table under its old name."""
    under_old_name = world.luck(world.old_name)
    if under_old_name and cells.get("status") == "accepted" and world.luck(0.3):
        cells["by"] = MAY_NOT_ACCEPT
    old = {STEPS: "yes"} if under_old_name else {}
    world.ledger.add("events", **cells, **old)


@family_act(1)
def birth(world: World, row: Row) -> None:
    """The child is born, about when it was expected; it is recorded at once, late or never."""
    name = row["request_id"]
    born = world.born[name]
    if not world.as_of - timedelta(days=7) < born <= world.as_of:
        return
    world.seen["births"] += 1
    if world.luck(0.25):
        return

    def recorded(world: World) -> None:
        if world.ledger.request(name) is not row:
            return
        if world.luck(0.5):
            row["child_born_or_due_on"] = born.isoformat()
        if world.luck(0.7):
            _event(world, request_id=name, event="child_born", on=born)

    world.record(recorded)


@family_act(0.08)
def birthday(world: World, row: Row) -> None:
    """A parent is a year older, where no day of birth says when."""
    if row.get("parent_born_on") or int(row["parent_age"]) > ADULT + 3:
        return
    if int(row["parent_age"]) == ADULT - 1:
        _comes_of_age(world, row)
    else:
        row["parent_age"] = str(int(row["parent_age"]) + 1)


@family_act(0.03)
def second_birthday(world: World, row: Row) -> None:
    """A second parent is a year older, where no day of birth says when."""
    age = row.get("second_parent_age")
    if age and not row.get("second_parent_born_on") and int(age) < ADULT:
        row["second_parent_age"] = str(int(age) + 1)
        if int(age) + 1 == ADULT:
            row["second_parent_looked_after"] = "no"


def _comes_of_age(world: World, row: Row) -> None:
    world.seen["18th birthdays"] += 1
    row["parent_age"], row["parent_looked_after"] = str(ADULT), "no"


@family_act(0.04)
def order(world: World, row: Row) -> None:
    """A court makes an order."""
    steps = {"not_looked_after": "s20", "interim_care_order": "care_order"}
    steps["s20"] = world.draw.choice(("interim_care_order",) * 4 + ("emergency_protection",))
    steps["emergency_protection"] = "interim_care_order"
    status = row["child_legal_status"]
    if status not in steps:
        return
    world.seen["orders"] += 1
    row["child_legal_status"] = steps[status]
    born = date.fromisoformat(row["child_born_or_due_on"]) <= world.as_of
    if born and not row.get("looked_after_since"):
        if world.luck(0.7):
            row["looked_after_since"] = world.some_day().isoformat()
        else:
            on = world.some_day()
            _event(world, request_id=row["request_id"], event="became_looked_after", on=on)
    if row["child_legal_status"] == "care_order":
        row["court_directed"] = ""


@family_act(0.3)
def advice(world: World, row: Row) -> None:
    """A lawyer answers; or is asked, or is to be asked, and answers later."""
    name = row["request_id"]
    if row.get("legal_advice") or row["child_legal_status"] in ("s20", "care_order"):
        return
    row["legal_advice_on"] = row.get("legal_advice_on") or world.some_day(-6, 5).isoformat()
    answer = world.draw.choice(
        ("section_17", "section_17", "section_20")
        if row["child_legal_status"] == "not_looked_after"
        else ("placement_with_parents_applies", "placement_with_parents_does_not_apply")
    )

    def answered(world: World) -> None:
        if world.ledger.request(name) is row:
            row["legal_advice"] = answer

    if world.luck(0.7):
        world.record(answered, late=0.5)


@family_act(0.05)
def direction(world: World, row: Row) -> None:
    """The court directs the assessment for longer, or the end of its direction is no longer known."""
    if row.get("court_directed") == "yes":
        row["court_direction_until"] = world.draw.choice(("", world.some_day(10, 90).isoformat()))
        row["court_on"] = world.some_day(-3, 60).isoformat()


@family_act(0.04)
def since_when(world: World, row: Row) -> None:
    """Since when the child or the parent is looked after is found out, or was wrong."""
    born = date.fromisoformat(row["child_born_or_due_on"])
    on = max(world.some_day(-60, 0), born)
    if row["child_legal_status"] != "not_looked_after" and on <= world.as_of and world.luck(0.6):
        row["looked_after_since"] = on.isoformat()
        world.seen["looked after since another day"] += 1
    elif row["parent_looked_after"] == "yes":
        row["parent_looked_after_since"] = world.some_day(-60, 0).isoformat()


@family_act(0.15)
def agreement(world: World, row: Row) -> None:
    """The Head of Service agrees, and checks are asked for."""
    if row["child_legal_status"] in ("interim_care_order", "care_order"):
        row["head_of_service_on"] = row.get("head_of_service_on") or world.some_day().isoformat()
        row["checks_requested_on"] = row.get("checks_requested_on") or world.some_day().isoformat()
        row["placement_with_parents"] = world.draw.choice(("interim", "approved"))


@family_act(0.1)
def considered(world: World, row: Row) -> None:
    """The Resource team decides; what was a concern is considered."""
    row["fostering_concerns"] = world.draw.choice(("none", "none", "none", "supervision"))
    decisions = ("foster",) * 8 + ("residential", "")
    row["resource_team_decision"] = world.draw.choice(decisions)


@family_act(0.05)
def consent(world: World, row: Row) -> None:
    """A parent agrees, or no longer does."""
    row["parent_agrees"] = world.draw.choice(("yes", "yes", "no", ""))


@family_act(0.05)
def risk(world: World, row: Row) -> None:
    """A risk is assessed."""
    row[f"risk_{world.draw.choice(RISK_AREAS)}"] = world.draw.choice(("none", "low", "medium"))


@family_act(0.04)
def need_moves(world: World, row: Row) -> None:
    """The day of the need moves."""
    row["needed_from"] = world.some_day(-3, 40).isoformat()
    row["latest_start"] = ""


@family_act(0.15)
def joint_risk_assessment(world: World, row: Row) -> None:
    """A joint risk assessment of the family with some home, on another day than the last one."""
    name, draw = row["request_id"], world.draw
    homes = [home for _, home in _pairs_of(world, name)]
    home = draw.choice(homes) if homes and world.luck(0.8) else f"H{draw.randint(1, HOMES)}"
    outcome = draw.choice(("in_progress", "containable", "containable", "too_high"))
    known = outcome == "containable"
    signed = world.as_of if known else None
    same_day = any(
        each["household_id"] == home and each["assessed_on"] == world.as_of.isoformat()
        for each in world.ledger.of("risk_assessments", name)
    )
    if not same_day:
        world.ledger.add(
            "risk_assessments",
            request_id=name,
            household_id=home,
            assessed_on=world.as_of,
            outcome=outcome,
            areas=";".join(RISK_AREAS if known else RISK_AREAS[:3]),
            child_social_worker_on=signed,
            supervising_social_worker_on=signed,
            safe_caring_on=signed if world.luck(0.5) else None,
        )


def _pairs_of(world: World, name: str) -> list[Pair]:
    """The homes that a family has something to do with: it lives there, or people hold it."""
    ledger = world.ledger
    found = [pair for pair in ledger.chosen() if pair[0] == name]
    return [*found, *(stay.pair for stay in ledger.running().values() if stay.request_id == name)]


@family_act(0.35)
def duty_done(world: World, row: Row) -> None:
    """A duty is recorded as done; now and then as planned, or accepted though it is open."""
    draw, name = world.draw, row["request_id"]
    pairs = _pairs_of(world, name)
    of_pair = bool(pairs) and world.luck(0.6)
    duties = DUTIES_OF_A_PAIR if of_pair else DUTIES_OF_A_REQUEST
    cells = {"request_id": name, "household_id": pairs[0][1] if of_pair else None}
    how = draw.choice(("done", "done", "done", "planned", "accepted"))
    duty, until, by, on = draw.choice(duties), None, None, world.some_day()
    if how == "planned":
        on = world.some_day(-3, 20)
    if how == "accepted":
        may = [each for each in ACCEPTED if (each in DUTIES_OF_A_PAIR) == of_pair]
        if not may:
            return
        duty, by = draw.choice(may), "Head of Service"
        until = on + timedelta(days=draw.choice((7, 14)))
    world.seen[f"events {how}"] += 1
    _event(world, **cells, event=duty, status=how, on=on, until=until, by=by)


@family_act(0.3)
def held(world: World, row: Row) -> None:
    """A review, a visit or a panel is held where the family lives; some are recorded late."""
    name = row["request_id"]
    stay = world.ledger.placement_of().get(name)
    if stay is None:
        return
    duty, on = world.draw.choice(RECUR), world.some_day()

    def recorded(world: World) -> None:
        if world.ledger.request(name) is row:
            world.seen["reviews and visits"] += 1
            home = stay.household_id if world.luck(0.5) else None
            _event(world, request_id=name, household_id=home, event=duty, on=on)

    world.record(recorded)


@family_act(0.15)
def later_duty(world: World, row: Row) -> None:
    """What has to be done while a family lives somewhere is done; a child returned home."""
    name = row["request_id"]
    if name in world.ledger.placement_of():
        one_off = [each for each in DUTIES_OF_A_PLACEMENT if each not in RECUR]
        event = world.draw.choice((*one_off, "returned_home", "family_time_began"))
        _event(world, request_id=name, event=event, on=world.some_day())


@family_act(0.02)
def closed(world: World, row: Row) -> None:
    """A request is closed, whether or not the family still lives somewhere."""
    world.seen["closed"] += 1
    row["status"] = "closed"


@family_act(0.01)
def deleted(world: World, row: Row) -> None:
    """A request is deleted, and what hangs on it; its placements stay."""
    world.seen["deleted"] += 1
    name, tables = row["request_id"], world.ledger.tables
    tables["requests"].remove(row)
    for table in (*OF_A_FAMILY, "keep_apart"):
        sides = ("request_id", "other_request_id")
        tables[table] = [row for row in tables[table] if name not in map(row.get, sides)]


@family_act(0.03)
def kept_apart(world: World, row: Row) -> None:
    """Two families must be kept apart, for most of which homes were chosen before."""
    ledger, name = world.ledger, row["request_id"]
    chosen = {pair[0] for pair in ledger.chosen()}
    known = chosen if name in chosen and len(chosen) > 1 else {*ledger.states()}
    others = sorted(other for other in known - {name} if ledger.states()[other] != "closed")
    if others and (known is chosen or world.luck(0.3)):
        world.seen["kept apart"] += 1
        other, least = world.draw.choice(others), world.draw.choice(("2", "4"))
        ledger.add("keep_apart", request_id=name, other_request_id=other, min_miles=least)


@family_act(0.03)
def asks_to_move(world: World, row: Row) -> None:
    """A family that lives somewhere asks for another home; or stays after all."""
    if row["request_id"] in world.ledger.placement_of():
        world.seen["moves asked"] += 1
        row["status"] = "" if row.get("status") == "open" else "open"
        row["needed_from"] = world.some_day(0, 20).isoformat()
        row["latest_start"] = ""


# Who lives where


@family_act(0.5)
def start_is_recorded(world: World, row: Row) -> None:
    """A family that was typed as placed before its move has moved, and a placement says when."""
    stay = world.ledger.placement_of().get(row["request_id"])
    if stay is None or stay.started is not None or row.get("status") != "placed":
        return
    weeks = int(row["expected_weeks"])
    planned = world.as_of + timedelta(weeks=weeks) if world.luck(0.7) else None
    world.seen["placements"] += 1
    world.ledger.add(
        "placements",
        request_id=stay.request_id,
        household_id=stay.household_id,
        started_on=world.as_of,
        planned_end_on=planned,
    )


@family_act(0.8)
def moves_in(world: World, row: Row) -> None:
    """A family whose home is agreed moves in, and leaves the one in which it lived."""
    name, ledger = row["request_id"], world.ledger
    if name in world.arriving | world.leaving or ledger.states()[name] != "open":
        return
    held = [(pair, each) for pair, each in ledger.chosen().items() if pair[0] == name]
    ready = [pair for pair, each in held if _may_start(world, pair, each)]
    if not ready:
        return
    pair = max(ready, key=lambda each: ledger.decided()[each]["decided_on"])
    moved, home = world.some_day(), pair[1]
    if moved < (ledger.free_from(home, name) or date.max):
        moved = world.as_of
    world.arriving |= {*pair}
    way = world.draw.choice(("placement", "placement", "both", "confirmed"))
    if any(stay.pair == pair for stay in ledger.stays()):
        way = "placement"

    def recorded(world: World) -> None:
        world.arriving -= {*pair}
        _moved_in(world, pair, moved, way)

    world.record(recorded)


def _may_start(world: World, pair: Pair, decision: Row) -> bool:
    """Whether a family can move in: the home is free, and nobody else's."""
    ledger, (name, home) = world.ledger, pair
    free, request = ledger.free_from(home, name), ledger.request(name)
    others = {*ledger.held()[home]} - {name}
    needed = request is not None and date.fromisoformat(request["needed_from"]) <= world.as_of
    planned = day(decision.get("started_on")) or world.as_of
    early = planned > world.as_of or home in world.arriving
    in_use = free is None or free > world.as_of
    return needed and not (others or early or in_use) and ledger.home(home)["status"] == "approved"


def _moved_in(world: World, pair: Pair, moved: date, way: str) -> None:
    """A move is recorded as far as the tables still allow it."""
    ledger, (name, home) = world.ledger, pair
    row, running = ledger.request(name), ledger.running()
    if home in running and running[home].request_id != name:
        return
    was = ledger.placement_of().get(name)
    if was is not None and was.household_id == home:
        return
    if was is not None:
        _ended(world, was, moved, "moved_on")
    world.seen["placements"] += 1
    weeks = int(row["expected_weeks"]) if row is not None and world.luck(0.8) else None
    planned = None if weeks is None else moved + timedelta(weeks=weeks)
    if way in ("confirmed", "both") and row is not None:
        _decide(world, pair, "confirmed", started_on=moved)
    if way == "confirmed" and row is not None and ledger.decided()[pair]["decision"] == "confirmed":
        if planned is not None:
            ledger.home(home)["arrangement_until"] = planned.isoformat()
    else:
        ledger.add(
            "placements",
            request_id=name,
            household_id=home,
            started_on=moved,
            planned_end_on=planned,
        )
    if row is not None and row.get("status") != "closed" and name in ledger.placement_of():
        row["status"] = world.draw.choice(("", "", "placed", row.get("status", "")))


def _ended(world: World, stay: Stay, on: date, because: str) -> None:
    """The end of a placement is recorded where it stands."""
    ledger = world.ledger
    on = max(on, stay.started or on)
    for row in ledger.tables["placements"]:
        mine = (row["request_id"], row["household_id"], day(row["started_on"]))
        if mine == (*stay.pair, stay.started) and not row.get("ended_on"):
            row["ended_on"] = on.isoformat()
            row["ended_because"] = because
            break
    else:
        decision = ledger.decided().get(stay.pair)
        if decision is None:
            return
        decision["ended_on"] = on.isoformat()
        ledger.home(stay.household_id)["arrangement_until"] = ""
    world.seen["ends"] += 1
    if because not in ("planned", "moved_on", "staying_put"):
        world.seen["early ends"] += 1
    row_of = ledger.request(stay.request_id)
    if row_of is None or on > world.as_of or row_of.get("status") == "closed":
        return
    row_of["status"] = "closed" if because == "planned" and world.luck(0.7) else ""
    if because != "moved_on":
        row_of["needed_from"] = on.isoformat()
        row_of["latest_start"] = ""


@home_act(1)
def leaves(world: World, home: Row) -> None:
    """A placement ends: as planned, early, or long after its end without anybody recording it."""
    stay = world.ledger.running().get(home["household_id"])
    if stay is None or stay.request_id in world.leaving or stay.ended is not None:
        return
    over = stay.planned_end is not None and stay.planned_end <= world.as_of
    if not world.luck(0.3 if over else 0.04):
        return
    because = "planned" if over and world.luck(0.7) else world.draw.choice((*ENDINGS, ""))
    last = world.some_day(-6, 10) if world.luck(0.2) else world.some_day()
    world.leaving.add(stay.request_id)

    def recorded(world: World) -> None:
        world.leaving.discard(stay.request_id)
        if world.ledger.running().get(stay.household_id) == stay:
            _ended(world, stay, last, because)

    world.record(recorded)


@home_act(0.03)
def prolonged(world: World, home: Row) -> None:
    """The planned end of a placement is put off, or said for the first time."""
    for row in world.ledger.tables["placements"]:
        if row["household_id"] == home["household_id"] and not row.get("ended_on"):
            row["planned_end_on"] = max(
                world.some_day(10, 90), date.fromisoformat(row["started_on"])
            ).isoformat()


# What happens in a home


@home_act(0.02)
def suspended(world: World, home: Row) -> None:
    """A household is suspended, or ends."""
    world.seen["suspended"] += 1
    home["status"] = world.draw.choice(("suspended", "suspended", "suspended", "ended"))


@home_act(0.3)
def approved_again(world: World, home: Row) -> None:
    """A suspended household is approved again."""
    if home["status"] == "suspended":
        home["status"] = "approved"


@home_act(0.05)
def reviewed(world: World, home: Row) -> None:
    """The profile is confirmed with the carers."""
    home["reviewed_on"] = world.some_day().isoformat()


@home_act(0.04)
def child_comes_or_goes(world: World, home: Row) -> None:
    """A looked-after child comes to live there, or leaves."""
    home["looked_after_children"] = world.draw.choice(("0", "0", "1"))


@home_act(0.03)
def away(world: World, home: Row) -> None:
    """The carers are away for some weeks."""
    home["available_from"] = world.some_day(0, 30).isoformat()


@home_act(0.03)
def outsider(world: World, home: Row) -> None:
    """Another service's family comes, or its arrangement is over."""
    name = home["household_id"]
    if any(
        stay.household_id == name and not stay.is_over(world.as_of) for stay in world.ledger.stays()
    ):
        return
    home["arrangement_until"] = world.draw.choice(
        ("", "", "open", world.some_day(3, 60).isoformat())
    )


# What people decide at the weekly meeting


def decide(world: World, found: RoundRecord) -> None:
    """People decide on what the round of this day says."""
    for request in found.requests:
        if request.state == "open" and request.outcome in ("proposed", "unplaced"):
            _decide_on(world, request, found)


def _decide_on(world: World, request: RequestRecord, found: RoundRecord) -> None:
    draw, name, proposal = world.draw, request.request_id, request.proposal
    living = world.ledger.placement_of().get(name)
    ranked = [
        each.household_id
        for each in request.ranked
        if _free_to_choose(world, each.household_id)
        and (living is None or living.household_id != each.household_id)
    ]
    if proposal is not None and proposal.pinned:
        pair = name, proposal.household_id
        if world.luck(0.4):
            if request.facts.decision == "choose":
                _confirm(world, pair, proposal.starts_on)
        elif world.luck(0.1) and request.facts.decision == "choose":
            _say_no(world, pair)
        elif world.luck(0.05) and ranked and request.facts.decision == "choose":
            _choose(world, (name, draw.choice(ranked)))
        return
    if proposal is not None and world.luck(0.25):
        _say_no(world, (name, proposal.household_id))
    elif ranked and world.luck(0.5):
        others = world.luck(0.25)
        home = proposal.household_id if proposal is not None and not others else draw.choice(ranked)
        if home in ranked:
            _choose(world, (name, home))
    elif world.luck(0.1):
        passed = [
            each.household_id
            for each in request.ineligible
            if {failed.rule for failed in each.failed} <= PASSED_BY_CHOICE
            and _free_to_choose(world, each.household_id)
        ]
        if passed:
            world.seen["chosen on purpose"] += 1
            _choose(world, (name, draw.choice(passed)))


def _free_to_choose(world: World, home: str) -> bool:
    """Whether nobody decided on a home today, and it isn't held fast for a family."""
    return _undecided(world, home) and not world.ledger.held()[home]


def _undecided(world: World, home: str) -> bool:
    """Whether nobody decided on a home today."""
    today = world.as_of.isoformat()
    return not any(
        row["household_id"] == home and row["decided_on"] == today
        for row in world.ledger.tables["decisions"]
    )


def _choose(world: World, pair: Pair) -> None:
    ledger = world.ledger
    if not ledger.too_near(*pair) and not ledger.is_over_limit(*pair):
        world.seen["choices"] += _decide(world, pair, "choose")


def _say_no(world: World, pair: Pair) -> None:
    how = world.draw.choice(("declined_by_carer", "declined_by_parent", "rule_out"))
    until = world.some_day(7, 40) if world.luck(0.4) else None
    world.seen["refusals"] += _decide(world, pair, how, until=until)


def _confirm(world: World, pair: Pair, start: date | None) -> None:
    """A choice is confirmed: without a start, with one, or as a placement that is agreed."""
    ledger = world.ledger
    if any(stay.pair == pair for stay in ledger.stays()) or not _undecided(world, pair[1]):
        return
    world.seen["confirmed"] += 1
    way = world.draw.choice(("plain", "start", "agreed"))
    ahead = start is not None and start > world.as_of
    if way == "agreed" and ahead:
        ledger.add("placements", request_id=pair[0], household_id=pair[1], started_on=start)
        return
    _decide(world, pair, "confirmed", started_on=start if way == "start" and ahead else None)
    row, free = ledger.request(pair[0]), ledger.free_from(pair[1], pair[0])
    there = pair[0] in ledger.placement_of() or pair[1] in ledger.running()
    can = row is not None and not there and free is not None and free <= world.as_of
    if can and row is not None and world.luck(0.2):
        row["status"] = "placed"
        world.seen["placed before the move"] += 1


def _decide(world: World, pair: Pair, decision: str, **cells: date | None) -> bool:
    """Whether a decision could be recorded today; a pair has one a day."""
    today = world.as_of.isoformat()
    for row in world.ledger.of("decisions", pair[0]):
        if row["household_id"] == pair[1] and row["decided_on"] == today:
            return False
    world.ledger.add(
        "decisions",
        request_id=pair[0],
        household_id=pair[1],
        decision=decision,
        decided_on=world.as_of,
        **cells,
    )
    return True
