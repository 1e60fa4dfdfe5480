"""What is recorded in a life: the tables of each week, and a few lines of arithmetic on them.

The arithmetic is the contract's, written down once more without a look at the product: who lives
where, from when a home is free, whom people said no to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta
from math import hypot
from typing import TypeAlias

from matcher.geo import outcodes

Row: TypeAlias = dict[str, str]
Pair: TypeAlias = tuple[str, str]

TABLES = (
    "requests", "households", "carers", "relationships", "risk_assessments", "decisions",
    "placements", "events", "keep_apart",
)  # fmt: skip
OF_A_FAMILY = ("relationships", "risk_assessments", "decisions", "events")
STEPS = "steps"  # the mark of an event that stands in the table under its old name
NOES = ("rule_out", "declined_by_carer", "declined_by_parent")
ENDED_WELL = ("planned", "moved_on", "staying_put")
WHO_LIVES_THERE = ("staying_put", "separated")  # ends after which somebody may still live there
TURNAROUND, PROTECTED, STAYING_PUT_AGES = 7, 90, (18, 19, 20)
GRACE = ((0, 1), (5, 5))  # days until the need, and days after it within which a start is in time
MOST_GRACE = 14


def day(cell: str | None) -> date | None:
    """The day in a cell, None where it is blank."""
    return date.fromisoformat(cell) if cell else None


@dataclass(frozen=True)
class Stay:
    """A placement as it is recorded: in placements, or by a `confirmed` where they have none."""

    request_id: str
    household_id: str
    started: date | None
    planned_end: date | None
    ended: date | None
    because: str

    def runs(self, on: date) -> bool:
        return (self.started is None or self.started <= on) and not self.is_over(on)

    def begins(self, on: date) -> bool:
        """Whether it is agreed, and begins after a day."""
        return self.started is not None and self.started > on

    def is_over(self, on: date) -> bool:
        return self.ended is not None and self.ended <= on

    def ended_early(self, on: date) -> bool:
        return self.is_over(on) and self.because not in ENDED_WELL

    @property
    def pair(self) -> Pair:
        return self.request_id, self.household_id


@dataclass(frozen=True)
class Obstacle:
    """What must be over in a home first: its last day, None where nobody can say; whose it is."""

    ends: date | None
    request_id: str | None


class Ledger:
    """The tables of a life, every cell text, on a day."""

    def __init__(self, as_of: date) -> None:
        self.as_of = as_of
        self.tables: dict[str, list[Row]] = {name: [] for name in TABLES}
        self.new_per_team: int | None = None

    def copy(self) -> Ledger:
        """The ledger as it stands now."""
        return deepcopy(self)

    def add(self, table: str, **cells: str | date | None) -> Row:
        """Write a row."""
        row = {name: str(value) for name, value in cells.items() if value is not None}
        self.tables[table].append(row)
        return row

    def request(self, request_id: str) -> Row | None:
        """The row of a request, None where it is no longer there."""
        found = (row for row in self.tables["requests"] if row["request_id"] == request_id)
        return next(found, None)

    def home(self, household_id: str) -> Row:
        """The row of a household."""
        return next(r for r in self.tables["households"] if r["household_id"] == household_id)

    def of(self, table: str, request_id: str) -> list[Row]:
        """The rows of a family in a table."""
        return [row for row in self.tables[table] if row.get("request_id") == request_id]

    def born_on(self, row: Row) -> date:
        """The day of birth: the column, or an event before it, which says that it was a due day."""
        known = self.of("events", row["request_id"])
        born = [each["on"] for each in known if each["event"] == "child_born"]
        return date.fromisoformat(min((row["child_born_or_due_on"], *born)))

    # Where families live

    def stays(self) -> list[Stay]:
        """Every placement that is recorded; of two that run at once, the one in the table."""
        rows = self._in_the_table()
        return [*rows, *self._told_by_matches(rows)[0]]

    def overtaken(self) -> set[Pair]:
        """The confirmed matches that began and hold nothing: another placement runs on a side.

        Another family lives in the home, or the family moved to another one after it was decided.
        """
        return self._told_by_matches(self._in_the_table())[1]

    def _in_the_table(self) -> list[Stay]:
        """The placements of the table."""
        return [
            Stay(
                row["request_id"],
                row["household_id"],
                day(row["started_on"]),
                day(row.get("planned_end_on")),
                day(row.get("ended_on")),
                row.get("ended_because", ""),
            )
            for row in self.tables["placements"]
        ]

    def _told_by_matches(self, rows: list[Stay]) -> tuple[list[Stay], set[Pair]]:
        """The placements that `confirmed` matches tell of, and the pairs of those that hold nothing."""
        lives = {side: stay for stay in rows if stay.runs(self.as_of) for side in stay.pair}
        found, overtaken = list[Stay](), set[Pair]()
        for stay in self._confirmed(frozenset(stay.pair for stay in rows)):
            others = [lives[side] for side in stay.pair if side in lives]
            if not stay.runs(self.as_of):
                found.append(stay)
            elif not others:
                found.append(stay)
                lives |= dict.fromkeys(stay.pair, stay)
            elif not all(self._moves_on(stay, other) for other in others):
                overtaken.add(stay.pair)
        return found, overtaken

    def _moves_on(self, match: Stay, lives: Stay) -> bool:
        """Whether a match is of the family that lives in another home, and was decided since then."""
        if match.request_id != lives.request_id or lives.started is None:
            return False
        decided = self.decided()
        there = decided.get(lives.pair, {})
        since = [str(lives.started)]
        since += [there["decided_on"]] if there.get("decision") == "confirmed" else []
        return decided[match.pair]["decided_on"] >= max(since)

    def _confirmed(self, known: frozenset[Pair]) -> Iterator[Stay]:
        """Placements that a `confirmed` tells of: those with a start first, then the latest decided."""
        told = [row for row in self.decided().values() if row["decision"] == "confirmed"]
        in_order = sorted(told, key=lambda row: (bool(row.get("started_on")), row["decided_on"]))
        for row in reversed(in_order):
            started, ended = day(row.get("started_on")), day(row.get("ended_on"))
            request = self.request(row["request_id"])
            living = request is not None and request.get("status") in ("placed", "closed")
            over = ended is not None and ended <= self.as_of
            begun = started is not None and started <= self.as_of
            if (row["request_id"], row["household_id"]) in known or not (begun or living or over):
                continue
            until = self.home(row["household_id"]).get("arrangement_until", "")
            planned = ended or (day(until) if until != "open" else None)
            yield Stay(
                row["request_id"],
                row["household_id"],
                started,
                None if over else planned,
                ended if over else None,
                "",
            )

    def running(self) -> dict[str, Stay]:
        """The placement that runs in each home."""
        return {stay.household_id: stay for stay in self.stays() if stay.runs(self.as_of)}

    def placement_of(self) -> dict[str, Stay]:
        """The placement of each family that runs."""
        return {stay.request_id: stay for stay in self.running().values()}

    def states(self) -> dict[str, str]:
        """Whether each family is open, placed or closed."""
        living = self.placement_of()
        return {
            row["request_id"]: row.get("status")
            or ("placed" if row["request_id"] in living else "open")
            for row in self.tables["requests"]
        }

    def obstacles(self, household_id: str) -> list[Obstacle]:
        """What must be over in a home before another family comes."""
        home, found = self.home(household_id), list[Obstacle]()
        reviewed, lives = home.get("reviewed_on", ""), False
        for stay in (each for each in self.stays() if each.household_id == household_id):
            if stay.runs(self.as_of):
                known = stay.planned_end is not None and stay.planned_end >= self.as_of
                found.append(Obstacle(stay.planned_end if known else None, stay.request_id))
                lives = True
            elif stay.is_over(self.as_of):
                unsure = stay.because in WHO_LIVES_THERE and reviewed < str(stay.ended)
                found.append(Obstacle(None if unsure else stay.ended, stay.request_id))
        until = "" if lives else home.get("arrangement_until", "")
        if until:
            ends = None if until == "open" else max(date.fromisoformat(until), self.as_of)
            found.append(Obstacle(ends, None))
        return found

    def free_from(self, household_id: str, request_id: str | None = None) -> date | None:
        """The first day on which a family could start in a home; None where nobody can say."""
        first = max(day(self.home(household_id).get("available_from")) or self.as_of, self.as_of)
        for obstacle in self.obstacles(household_id):
            if request_id is not None and obstacle.request_id == request_id:
                continue
            if obstacle.ends is None:
                return None
            first = max(first, obstacle.ends + timedelta(days=TURNAROUND))
        return first

    # What people decided

    def decided(self) -> dict[Pair, Row]:
        """The latest decision of each pair."""
        found: dict[Pair, Row] = {}
        for row in sorted(self.tables["decisions"], key=lambda row: row["decided_on"]):
            found[row["request_id"], row["household_id"]] = row
        return found

    def said_no(self) -> set[Pair]:
        """The pairs to which people said no, and for which that still counts."""
        return {
            pair
            for pair, row in self.decided().items()
            if row["decision"] in NOES and (day(row.get("until")) or self.as_of) >= self.as_of
        }

    def ended_early(self) -> set[Pair]:
        """The pairs that broke down."""
        return {stay.pair for stay in self.stays() if stay.ended_early(self.as_of)}

    def too_high(self) -> set[Pair]:
        """The pairs whose latest joint risk assessment says that the risk is too high."""
        latest: dict[Pair, Row] = {}
        for row in sorted(self.tables["risk_assessments"], key=lambda row: row["assessed_on"]):
            latest[row["request_id"], row["household_id"]] = row
        return {pair for pair, row in latest.items() if row["outcome"] == "too_high"}

    def knows_it(self) -> set[Pair]:
        """The pairs of a family from which the address is withheld, and which knows the home."""
        withheld = {
            row["request_id"]
            for row in self.tables["requests"]
            if row.get("withhold_address") == "yes"
        }
        return {
            (row["request_id"], row["household_id"])
            for row in self.tables["relationships"]
            if row["kind"] == "known_to_family" and row["request_id"] in withheld
        }

    def forbidden(self) -> set[Pair]:
        """The pairs that no proposal of ours may name, by what is recorded of them."""
        return self.said_no() | self.ended_early() | self.too_high() | self.knows_it()

    # Whether a family may go to a fostering household at all

    def held_back(self) -> dict[str, str]:
        """The families that screening holds back, with why: what the few checks here say."""
        found = {row["request_id"]: self._held_back(row) for row in self.tables["requests"]}
        return {name: why for name, why in found.items() if why is not None}

    def _held_back(self, row: Row) -> str | None:
        status = row["child_legal_status"]
        advised = day(row.get("legal_advice_on"))
        advice = row.get("legal_advice", "") if advised and advised <= self.as_of else ""
        applies = status == "interim_care_order" and advice == "placement_with_parents_applies"
        if row.get("resource_team_decision") == "residential":
            return "residential"
        if status == "care_order" or applies:
            agreed = day(row.get("head_of_service_on"))
            assessed = row.get("placement_with_parents") in ("approved", "interim")
            if agreed is None or agreed > self.as_of or not assessed:
                return "the Head of Service has not agreed"
        if status in ("interim_care_order", "emergency_protection"):
            until = day(row.get("court_direction_until")) or day(row.get("court_on"))
            directed = row.get("court_directed") == "yes" and (until or self.as_of) >= self.as_of
            if not directed and not advice.startswith("placement_with_parents"):
                return "no lawyer has answered"
        who = ["parent_agrees", "others_agree"]
        who += ["second_parent_agrees"] if row.get("second_parent_age") else []
        if status in ("not_looked_after", "s20") and any(row.get(each) == "no" for each in who):
            return "somebody does not agree"
        return None

    def chosen(self) -> dict[Pair, Row]:
        """The pairs that people hold by a decision that isn't carried out yet, of open families."""
        states, lived = self.states(), defaultdict[Pair, list[Stay]](list)
        overtaken = self.overtaken()
        for stay in self.stays():
            lived[stay.pair].append(stay)

        def is_done(pair: Pair, row: Row) -> bool:
            if row["decision"] == "confirmed":
                return pair in lived or pair in overtaken
            after = date.fromisoformat(row["decided_on"])
            return any(
                stay.runs(self.as_of) or (stay.ended or date.min) >= after for stay in lived[pair]
            )

        return {
            pair: row
            for pair, row in self.decided().items()
            if row["decision"] in ("choose", "confirmed")
            and states.get(pair[0]) == "open"
            and not is_done(pair, row)
        }

    def agreed(self) -> dict[str, str]:
        """The family that is to come to each home by a placement that begins later."""
        return {
            stay.household_id: stay.request_id for stay in self.stays() if stay.begins(self.as_of)
        }

    def next_homes(self) -> set[str]:
        """The homes in which families that live elsewhere are confirmed."""
        living = self.placement_of()
        return {
            home
            for (family, home), row in self.decided().items()
            if row["decision"] == "confirmed"
            and family in living
            and living[family].household_id != home
        }

    def held(self) -> dict[str, set[str]]:
        """The families for which each home is held: agreed, or confirmed and not yet there."""
        found = defaultdict[str, set[str]](set)
        for home, family in self.agreed().items():
            found[home].add(family)
        for (family, home), row in self.chosen().items():
            if row["decision"] == "confirmed":
                found[home].add(family)
        return found

    def kept_for(self) -> dict[str, set[str]]:
        """The families for whom each home is kept, as a parent lives there, where that is plain.

        Left out is where people hold another home for the parent, whether or not that stands.
        """
        found = defaultdict[str, set[str]](set)
        states, no_longer = self.states(), self.forbidden()
        held = defaultdict[str, set[str]](set)
        for family, home in (*self.chosen(), *((f, h) for h, f in self.agreed().items())):
            held[family].add(home)
        for row in self.tables["relationships"]:
            family, home = row["request_id"], row["household_id"]
            request = self.request(family)
            mine = row["kind"] == "current_carer" and states.get(family) == "open"
            if request is None or not mine or held[family] - {home}:
                continue
            need = date.fromisoformat(request["needed_from"])
            second = request.get("second_parent_age") and request.get("second_parent_looked_after")
            looked_after = "yes" in (request["parent_looked_after"], second)
            residential = request.get("resource_team_decision") == "residential"
            near = need - self.as_of <= timedelta(days=PROTECTED)
            if looked_after and near and not residential and (family, home) not in no_longer:
                found[home].add(family)
        return found

    # Families that are kept apart

    def too_near(self, family: str, home: str) -> set[str]:
        """The families held for homes that are nearer to this one than theirs and this one's may be."""
        homes = {(f, h) for h, f in self.agreed().items()} | {*self.chosen()}
        return {
            other
            for other, least in self.apart(family)
            for name, there in homes
            if name == other and self.miles(home, there) < least
        }

    def is_over_limit(self, family: str, home: str) -> bool:
        """Whether a choice would make more new proposals of a team than it can take, with those before."""
        team = self.home(home).get("team")
        before = [
            other
            for (name, other), row in self.chosen().items()
            if row["decision"] == "choose" and name != family
        ]
        same = [other for other in before if self.home(other).get("team") == team]
        return bool(team) and self.new_per_team is not None and len(same) >= self.new_per_team

    def apart(self, family: str) -> list[tuple[str, float]]:
        """The families from which one is kept apart, and by how many miles."""
        sides = ("request_id", "other_request_id")
        return [
            (row[other], float(row["min_miles"]))
            for row in self.tables["keep_apart"]
            for mine, other in (sides, sides[::-1])
            if row[mine] == family
        ]

    def miles(self, home: str, other: str) -> float:
        """How far two homes are from each other, as the DfE counts."""
        one, two = (outcodes()[self.home(each)["postcode"]] for each in (home, other))
        metres = hypot(one.easting - two.easting, one.northing - two.northing)
        return round(metres / 1000 / 1.6093, 1)

    def latest_start(self, request: Row) -> date:
        """The last day on which a placement of a family can start."""
        need = max(date.fromisoformat(request["needed_from"]), self.as_of)
        latest = day(request.get("latest_start"))
        if latest is not None and latest >= self.as_of:
            return latest
        ahead = (date.fromisoformat(request["needed_from"]) - self.as_of).days
        days = next((grace for most, grace in GRACE if ahead <= most), MOST_GRACE)
        return need + timedelta(days=days)


def changes(before: Ledger, after: Ledger) -> dict[str, set[str]]:
    """What changed in the tables from one week to the next, by the id of a family or a home.

    A change is 'table.column', 'events.key', or the name of another table.
    """
    found = defaultdict[str, set[str]](set)
    for table, key in (("requests", "request_id"), ("households", "household_id")):
        was = {row[key]: row for row in before.tables[table]}
        now = {row[key]: row for row in after.tables[table]}
        for name in {*was, *now}:
            one, other = was.get(name, {}), now.get(name, {})
            found[name] |= {
                f"{table}.{column}"
                for column in {*one, *other}
                if one.get(column, "") != other.get(column, "")
            }
    for table in (*OF_A_FAMILY, "placements"):
        was, now = ({*map(_frozen, each.tables[table])} for each in (before, after))
        for cells in was ^ now:
            row = dict(cells)
            what = f"events.{row['event']}" if table == "events" else table
            for side in ("request_id", "household_id"):
                if side in row:
                    found[row[side]].add(what)
    was, now = ({*map(_frozen, each.tables["carers"])} for each in (before, after))
    for cells in was ^ now:
        found[dict(cells)["household_id"]].add("carers")
    return found


def _frozen(row: Row) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, cell) for name, cell in row.items() if cell))
