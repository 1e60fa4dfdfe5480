"""Lives: months of weekly rounds drawn at random, and what must hold after every one of them.

A life is lived against its own ledger of what is recorded (`lives_ledger`), in which things happen
at random (`lives_drawn`). Each function below marked `holds` says what it caught, in a sentence.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from io import BytesIO, StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias
from zipfile import ZipFile

import pandas
from python_calamine import CalamineWorkbook

from builders import text_of, write_tables
from lives_drawn import MAY_NOT_ACCEPT, PASSED_BY_CHOICE, RECUR, World, a_week, a_world, decide
from lives_ledger import STEPS, Ledger, Row, Stay, changes, day
from matcher import cli, record
from matcher.calendar import diary
from matcher.codes import DUTIES_OF_A_PLACEMENT, HAPPENINGS, RISK_AREAS
from matcher.documents.drafts import Draft, drafts
from matcher.documents.facts import facts
from matcher.documents.pair import Pair
from matcher.duty.desk import place
from matcher.duty.record import record as desk_record
from matcher.errors import WrongInput
from matcher.explain import Explainer
from matcher.face.source import load_tables
from matcher.intake.given import given
from matcher.intake.inputs import Inputs
from matcher.policy.duties import DutyRecord
from matcher.policy.settings import Policy
from matcher.privacy import for_people
from matcher.record import HouseholdRecord, RequestRecord, RoundRecord
from matcher.recorder import Recorder, record_of
from matcher.report.view import View
from matcher.report.writer import write_report
from matcher.rounds import SolvedRound, match, prepare
from matcher.verification import verify
from matcher.whatif import read_options, what_if
from matcher.words import long_date

WEEKS = 26
WRONG_CHOICE_EVERY, DESK_EVERY = 4, 5  # weeks
KEEPS, PAGES = 2, 10  # one life in so many keeps to the round before, is written as pages
PAGES_EVERY = 8  # weeks
RISK_COLUMNS = tuple(f"risk_{area}" for area in RISK_AREAS)
DECIDED_TODAY = 4  # one week in so many the round is made again once people have decided
Check: TypeAlias = Callable[["Week"], Iterator[str]]
HOLDS: list[Check] = []


def holds(check: Check) -> Check:
    """Something that must hold after every week: a function of what it caught."""
    HOLDS.append(check)
    return check


@dataclass(frozen=True)
class Week:
    """A round of a life, beside what was recorded by then and the round of the week before."""

    ledger: Ledger
    inputs: Inputs
    policy: Policy
    solved: SolvedRound
    record: RoundRecord
    before: Week | None
    pages: bool

    @property
    def as_of(self) -> date:
        return self.ledger.as_of

    @cached_property
    def document(self) -> dict[str, Any]:
        """What round.json holds."""
        found: dict[str, Any] = json.loads(text_of(self.record))
        return found

    @cached_property
    def read_back(self) -> RoundRecord:
        """The record as it is read from round.json."""
        return record.read(RoundRecord, self.document)

    @cached_property
    def requests(self) -> dict[str, RequestRecord]:
        return {each.request_id: each for each in self.record.requests}

    @cached_property
    def homes(self) -> dict[str, HouseholdRecord]:
        return {each.household_id: each for each in self.record.households}

    def is_held(self, request_id: str) -> bool:
        """Whether a family lives somewhere, or people hold a home for it."""
        mine = self.requests[request_id]
        chosen = {pair[0] for pair in self.ledger.chosen()}
        return mine.state == "placed" or request_id in {*chosen, *self.ledger.agreed().values()}

    @cached_property
    def proposed(self) -> list[RequestRecord]:
        return [each for each in self.record.requests if each.proposal is not None]

    @cached_property
    def ours(self) -> list[RequestRecord]:
        """The proposals that no pin of people makes."""
        return [each for each in self.proposed if each.proposal and not each.proposal.pinned]

    @cached_property
    def states(self) -> dict[str, str]:
        """Each family that is not closed, and whether it is open or placed."""
        return {name: state for name, state in self.ledger.states().items() if state != "closed"}

    @cached_property
    def running(self) -> dict[str, Stay]:
        return self.ledger.running()

    @cached_property
    def alerts(self) -> set[tuple[str, str | None, str | None]]:
        return {(each.kind, each.request_id, each.household_id) for each in self.record.alerts}

    @cached_property
    def changed(self) -> dict[str, set[str]]:
        """What changed in the tables since the week before, by family and by home."""
        return {} if self.before is None else changes(self.before.ledger, self.ledger)

    def row(self, request_id: str) -> Row:
        """The row of a family."""
        found = self.ledger.request(request_id)
        assert found is not None, request_id
        return found


@dataclass
class Life:
    """A life that was lived: what it saw, and what did not hold, by week."""

    seed: int
    seen: Counter[str] = field(default_factory=Counter)
    breaches: list[str] = field(default_factory=list)


def live(seed: int, weeks: int = WEEKS) -> Life:
    """A life of so many weeks, from its seed alone."""
    life, world = Life(seed), a_world(seed)
    last: Week | None = None
    for number in range(1, weeks + 1):
        if number > 1:
            a_week(world)
        pages = seed % PAGES == 0 and number % PAGES_EVERY == 0
        last = _round(life, world, last, number, pages=pages)
        decide(world, last.record)
        if world.luck(1 / DECIDED_TODAY):
            last = _round(life, world, last, number)
    life.seen += world.seen
    return life


def _round(
    life: Life, world: World, before: Week | None, number: int, *, pages: bool = False
) -> Week:
    """The tables read again, the round made and held against them."""
    ledger, keep = world.ledger.copy(), None
    if before is not None and life.seed % KEEPS:
        keep = {r.request_id: r.proposal.household_id for r in before.proposed if r.proposal}
    inputs, policy = read(ledger)
    solved = match(prepare(inputs, policy, 0, keep))
    week = Week(ledger, inputs, policy, solved, record_of(solved), before, pages)
    life.seen["weeks"] += 1
    life.seen["proposals"] += len(week.proposed)
    life.seen.update(f"alert {each.kind}" for each in week.record.alerts)
    life.seen.update(f"outcome {each.outcome}" for each in week.record.requests)
    for check in HOLDS:
        for caught in check(week):
            life.breaches.append(f"seed {life.seed}, week {number}, {check.__name__}: {caught}")
    return week


def read(ledger: Ledger) -> tuple[Inputs, Policy]:
    """The tables of a life as the product reads them."""
    frames = {
        name: pandas.DataFrame(rows, dtype=str).fillna("") for name, rows in written(ledger).items()
    }
    most = ledger.new_per_team
    policy = None if most is None else {"limits": {"new_per_team": most}}
    return load_tables(frames, ledger.as_of, policy)


def written(ledger: Ledger) -> dict[str, list[Row]]:
    """The tables with the columns that they have in files, some events under their old name."""
    tables = {name: rows for name, rows in ledger.tables.items() if name != "events"}
    tables["events"] = [row for row in ledger.tables["events"] if STEPS not in row]
    tables[STEPS] = [
        {
            "gate": row["event"],
            **{key: row[key] for key in row if key not in (STEPS, "event", "status")},
            "status": {"done": "met"}.get(row.get("status", ""), row.get("status", "")),
        }
        for row in ledger.tables["events"]
        if STEPS in row
    ]
    return {name: rows for name, rows in tables.items() if rows}


# Where we propose to place a family


@holds
def nobody_is_offered_a_home_in_which_somebody_lives(week: Week) -> Iterator[str]:
    for each in week.ours:
        home, start = each.proposal.household_id, each.proposal.starts_on
        free = week.ledger.free_from(home, each.request_id)
        if free is None:
            yield f"{each.request_id} is offered {home}, of which nobody can say when it is free"
        elif start is None or start < free:
            yield f"{each.request_id} is offered {home} from {start}; it is free from {free}"


@holds
def a_proposal_starts_on_the_recorded_day_or_the_first_that_there_is(week: Week) -> Iterator[str]:
    agreed = {stay.pair: stay.started for stay in week.ledger.stays() if stay.begins(week.as_of)}
    for each in week.proposed:
        pair = each.request_id, each.proposal.household_id
        free = week.ledger.free_from(pair[1], pair[0])
        needed = date.fromisoformat(week.row(pair[0])["needed_from"])
        said = agreed.get(pair) or day(week.ledger.chosen().get(pair, {}).get("started_on"))
        start = said or (free and max(free, needed))
        late = None if start is None else max((start - needed).days, 0)
        if (each.proposal.starts_on, each.proposal.late_days) != (start, late):
            yield f"{pair} starts on {each.proposal.starts_on}, by the tables on {start}"


@holds
def nobody_is_offered_a_home_that_is_held_or_kept(week: Week) -> Iterator[str]:
    held, kept = week.ledger.held(), week.ledger.kept_for()
    for each in week.ours:
        home = each.proposal.household_id
        if others := held[home] - {each.request_id}:
            yield f"{each.request_id} is offered {home}, which is held for {sorted(others)}"
        if kept[home] and each.request_id not in kept[home]:
            yield f"{each.request_id} is offered {home}, which is kept for {sorted(kept[home])}"


@holds
def what_is_recorded_against_a_pair_keeps_it_out(week: Week) -> Iterator[str]:
    forbidden = week.ledger.forbidden()
    for each in week.record.requests:
        listed = {ranked.household_id for ranked in each.ranked}
        if each.proposal is not None and not each.proposal.pinned:
            listed.add(each.proposal.household_id)
        for home in sorted(listed):
            if (each.request_id, home) in forbidden:
                yield f"{home} is ranked or proposed for {each.request_id}, against the record"
            if week.ledger.home(home)["status"] != "approved":
                yield f"{home} is ranked for {each.request_id}, and is not approved"
            free = week.ledger.free_from(home, each.request_id)
            if free is None or free > week.ledger.latest_start(week.row(each.request_id)):
                yield f"{home} is ranked for {each.request_id}, and is free too late ({free})"


@holds
def nothing_that_is_not_recorded_keeps_a_pair_out(week: Week) -> Iterator[str]:
    recorded = {
        "ruled_out": week.ledger.said_no(),
        "ended_before": week.ledger.ended_early(),
        "risk_assessment": week.ledger.too_high(),
    }
    for each in week.record.requests:
        for found in each.ineligible:
            pair, failed = (each.request_id, found.household_id), {one.rule for one in found.failed}
            for rule, pairs in recorded.items():
                if rule in failed and pair not in pairs:
                    yield f"{pair} fails {rule}, and nothing of it is recorded"
            free = week.ledger.free_from(pair[1], pair[0])
            in_time = free is not None and free <= week.ledger.latest_start(week.row(pair[0]))
            if "one_arrangement" in failed and in_time:
                yield f"{pair} fails one_arrangement, and {pair[1]} is free from {free}"


@holds
def nobody_is_proposed_whom_screening_holds_back(week: Week) -> Iterator[str]:
    held_back = week.ledger.held_back()
    for each in week.record.requests:
        why = held_back.get(each.request_id)
        if why is None or each.state == "placed":
            continue
        if each in week.ours:
            yield f"{each.request_id} is proposed, and {why}"
        chosen = each.proposal is not None and each.facts.decision == "choose"
        if chosen and each.proposal.household_id not in week.ledger.agreed():
            yield f"the choice of {each.request_id} stands, and {why}"


@holds
def families_are_kept_apart(week: Week) -> Iterator[str]:
    homes = {each.request_id: each.proposal.household_id for each in week.proposed}
    held = {each.request_id for each in week.proposed if each.facts.decision == "confirmed"}
    for name, home in homes.items():
        for other, least in week.ledger.apart(name):
            if other not in homes or {name, other} <= held:
                continue  # of two that are confirmed an alert says so
            if (miles := week.ledger.miles(home, homes[other])) < least:
                yield f"{name} and {other} are {miles} miles apart, not {least}"


@holds
def no_team_takes_on_more_than_it_can(week: Week) -> Iterator[str]:
    most, new = week.ledger.new_per_team, Counter[str]()
    for each in week.proposed:
        if each.facts.decision != "confirmed":
            new[week.ledger.home(each.proposal.household_id).get("team", "")] += 1
    for team, many in new.items():
        if most is not None and team and many > most:
            yield f"the team {team} has {many} new proposals, and can take {most}"


@holds
def nobody_is_placed_twice(week: Week) -> Iterator[str]:
    taken = Counter(each.proposal.household_id for each in week.proposed if each.proposal)
    for home, families in taken.items():
        if families > 1:
            yield f"{home} is proposed for {families} families"
    for each in week.record.requests:
        if each.state == "placed" and (each.proposal or each.ranked):
            yield f"{each.request_id} is placed, and is matched again"
    for home, stay in week.running.items():
        holder = week.homes[home].request_id if week.homes[home].outcome == "proposed" else None
        pinned = holder is not None and week.requests[holder].proposal.pinned
        if holder not in (None, stay.request_id) and not pinned:
            start = week.requests[holder].proposal.starts_on
            if start is None or (stay.planned_end or date.max) >= start:
                yield f"{home} is proposed for {holder} while {stay.request_id} lives there"


# What is recorded is told


@holds
def every_family_stands_as_it_is_recorded(week: Week) -> Iterator[str]:
    told = {each.request_id: each.state for each in week.record.requests}
    if told != week.states:
        yield f"the round says {told}, the tables {week.states}"
    placed = sum(state == "placed" for state in week.states.values())
    if (week.record.counts.requests, week.record.counts.placed) != (len(week.states), placed):
        yield f"the counts say {week.record.counts}, the tables {week.states}"
    living = week.ledger.placement_of()
    for each in week.record.requests:
        stay, at = living.get(each.request_id), each.facts.living
        want = None if stay is None else (stay.household_id, stay.started)
        told_there = None if at is None or not at.runs else (at.household_id, at.started_on)
        if told_there != want:
            yield f"{each.request_id} lives at {at}, the tables say {want}"
        if (
            at is not None
            and not at.runs
            and week.ledger.agreed().get(at.household_id) != each.request_id
        ):
            yield f"{each.request_id} is to live at {at}, which is not agreed"


@holds
def a_child_is_born_when_it_is_recorded(week: Week) -> Iterator[str]:
    for each in week.record.requests:
        born, told = week.ledger.born_on(week.row(each.request_id)), each.facts.family
        if told["child_born_or_due_on"] != born.isoformat():
            yield f"the child of {each.request_id} is born on {born}, by the round {told}"


@holds
def every_home_stands_as_it_is_recorded(week: Week) -> Iterator[str]:
    for home, told in week.homes.items():
        free = week.ledger.free_from(home)
        if told.free_from != free:
            yield f"{home} is free from {told.free_from}, by the tables {free}"
        if told.outcome == "free" and week.ledger.held()[home]:
            yield f"{home} is free, and is held for {sorted(week.ledger.held()[home])}"
        stay = week.running.get(home)
        if stay is None or told.outcome in ("proposed", "kept_for"):
            continue
        if (told.outcome, told.request_id) != ("occupied", stay.request_id):
            yield f"{home} is {told.outcome} ({told.request_id}); {stay.request_id} lives there"


@holds
def what_nobody_can_say_is_asked(week: Week) -> Iterator[str]:
    asked = {(kind, home) for kind, _, home in week.alerts}
    for home, stay in week.running.items():
        unknown = stay.planned_end is None or stay.planned_end < week.as_of
        if unknown != (("end_not_known", home) in asked):
            yield f"the end at {home} is {'' if unknown else 'not '}to be asked for"
    for home in week.homes:
        lives = week.running[home].request_id if home in week.running else None
        unsure = {each.request_id for each in week.ledger.obstacles(home) if each.ends is None}
        if unsure - {None, lives} and ("who_lives_there", home) not in asked:
            yield f"nobody asks who lives at {home}"


@holds
def what_ended_is_told_in_every_explanation(week: Week) -> Iterator[str]:
    explainer = Explainer(week.record)
    for stay in week.ledger.stays():
        family = week.requests.get(stay.request_id)
        if family is None or not stay.is_over(week.as_of):
            continue
        told = [
            line.text
            for line in explainer.lines(family)
            if stay.household_id in line.text and long_date(stay.ended or week.as_of) in line.text
        ]
        if not told and family.state == "open":
            yield f"that {stay.pair} ended on {stay.ended} is not said"
        if stay.ended_early(week.as_of) and not any("early" in text for text in told):
            yield f"that {stay.pair} ended early on {stay.ended} is not said"


@holds
def what_people_hold_is_proposed_or_its_alert_says_why_not(week: Week) -> Iterator[str]:
    chosen = week.ledger.chosen()
    told = {("choice_set_aside", *pair) for pair in chosen} | {
        ("decision_set_aside", *pair) for pair in chosen
    }
    for (name, home), decision in chosen.items():
        proposal = week.requests[name].proposal
        stands = proposal is not None and proposal.pinned and proposal.household_id == home
        aside = {("choice_set_aside", name, home), ("decision_set_aside", name, home)}
        if stands == bool(aside & week.alerts):
            yield f"{name} → {home}, {decision['decision']}: proposed {proposal}, {aside & week.alerts}"
        agreed = week.ledger.agreed().get(home) == name
        if stands and not agreed and decision["decision"] == "choose":
            yield from _stands_rightly(week, name, home)
    for name, home in week.ledger.overtaken():
        if ("decision_set_aside", name, home) not in week.alerts:
            yield f"{name} → {home}, confirmed, is over by another placement, and nothing says so"
    for kind, name, home in week.alerts:
        if kind == "choice_set_aside" and (kind, name, home) not in told:
            yield f"{name} → {home} is set aside, and nobody chose it"


@holds
def what_a_choice_passes_sets_none_aside(week: Week) -> Iterator[str]:
    for alert in week.record.alerts:
        if alert.kind == "choice_set_aside" and alert.facts.get("rule") in PASSED_BY_CHOICE:
            yield f"{alert.request_id} → {alert.household_id} is set aside: {alert.facts}"


def _stands_rightly(week: Week, name: str, home: str) -> Iterator[str]:
    """A choice that the world has moved away from does not stand."""
    ledger = week.ledger
    if ledger.home(home)["status"] != "approved":
        yield f"{name} → {home} stands, and {home} is not approved"
    if (name, home) in ledger.too_high():
        yield f"{name} → {home} stands, and the risk is too high"
    free = ledger.free_from(home, name)
    if free is None or free > ledger.latest_start(week.row(name)):
        yield f"{name} → {home} stands, and {home} is free too late ({free})"
    if others := ledger.held()[home] - {name}:
        yield f"{name} → {home} stands, and {home} is held for {sorted(others)}"


@holds
def a_pin_is_one_that_people_made(week: Week) -> Iterator[str]:
    made = {*week.ledger.chosen()} | {(f, h) for h, f in week.ledger.agreed().items()}
    for each in week.proposed:
        if each.proposal.pinned and (each.request_id, each.proposal.household_id) not in made:
            yield f"{each.request_id} → {each.proposal.household_id} is pinned by nobody"
    for home, name in week.ledger.agreed().items():
        if week.states.get(name) == "open":
            proposal = week.requests[name].proposal
            if proposal is None or proposal.household_id != home:
                yield f"{name} is agreed with {home}, and is proposed {proposal}"


@holds
def a_choice_of_today_that_breaks_something_is_an_error_that_names_it(week: Week) -> Iterator[str]:
    if week.as_of.toordinal() // 7 % WRONG_CHOICE_EVERY:
        return
    today, ledger = week.as_of.isoformat(), week.ledger
    passed = {*PASSED_BY_CHOICE, "ruled_out"}  # the choice is the later word on the pair
    decided = [row for row in ledger.tables["decisions"] if row["decided_on"] == today]
    busy = {row[side] for row in decided for side in ("request_id", "household_id")}
    busy |= {*ledger.agreed().values(), *ledger.agreed()}
    busy |= {side for pair in ledger.chosen() for side in pair} | {*week.running}
    busy |= ledger.next_homes()
    busy |= {stay.household_id for stay in ledger.stays() if stay.ended == week.as_of}
    for each in week.record.requests:
        wrong = [
            (found.household_id, {failed.rule for failed in found.failed} - passed)
            for found in each.ineligible
            if found.household_id not in busy
        ]
        home, rules = next((one for one in wrong if one[1]), (None, set()))
        if home is None or each.state == "placed" or each.request_id in busy:
            continue
        tried = ledger.copy()
        cells = {"request_id": each.request_id, "household_id": home, "decision": "choose"}
        tried.add("decisions", **cells, decided_on=today)
        try:
            prepare(*read(tried), 0)
        except WrongInput as error:
            row = len(tried.tables["decisions"]) + 1
            said = " ".join(each.problem for each in error.faults if each.row == row)
            if any(rule not in said for rule in rules):
                yield f"{each.request_id} → {home} breaks {rules}; the error says {said}"
        else:
            yield f"{each.request_id} → {home} is chosen today and breaks {rules}; no error"
        return


@holds
def what_is_kept_to_is_the_round_before(week: Week) -> Iterator[str]:
    kept = week.record.round.keep
    if kept is None or week.before is None:
        return
    was = {each.request_id: each.proposal.household_id for each in week.before.proposed}
    if any(was.get(name) != home for name, home in kept.items()):
        yield f"the round keeps to {kept}, the one before proposed {was}"


# The same answer everywhere


@holds
def the_file_says_what_the_round_says(week: Week) -> Iterator[str]:
    live, filed = Explainer(week.record), Explainer(week.read_back)
    if live.alerts() != filed.alerts():
        yield "the alerts are told otherwise from the file"
    for each, again in zip(week.record.requests, week.read_back.requests, strict=True):
        if live.lines(each) != filed.lines(again):
            yield f"{each.request_id} is explained otherwise from the file"


@holds
def the_round_proves_itself(week: Week) -> Iterator[str]:
    for breach in verify(week.document, week.inputs, week.policy):
        yield f"{breach.where}: {breach.problem}"


@holds
def what_changes_nothing_leaves_the_round_as_it_is(week: Week) -> Iterator[str]:
    home = week.record.households[0].household_id
    scenario = read_options({"set": {f"{home}.weekly_fee": "601"}}, week.inputs, week.policy)
    found = what_if(week.solved, scenario)
    if found.moves or any(now != then for now, then in found.aims.values()):
        yield f"another fee of {home} moves {found.moves}, {found.aims}"


@holds
def the_duty_desk_says_what_the_round_says(week: Week) -> Iterator[str]:
    if week.as_of.toordinal() // 7 % DESK_EVERY:
        return
    free = [each for each in week.record.requests if not week.is_held(each.request_id)]
    for each in free[:1]:
        family = given(week.inputs, each.request_id, ())
        desk = place(week.inputs, week.policy, family, 3, week.record.round.keep)
        if not (desk.solved.household == week.solved.household).all():
            yield f"asked for {each.request_id}, the desk proposes otherwise than the round"
        names = desk.solved.prepared.columns.household_ids
        eligible = {names[at] for at in desk.standing.eligible}
        asked = each.outcome != "staying_put"  # of which no rule is asked
        if asked and eligible != {ranked.household_id for ranked in each.ranked}:
            yield f"the desk says that {eligible} can take {each.request_id}"
        told = desk_record(desk)
        if told["outcome"] != each.outcome or told["held_for"] is not None:
            yield f"the desk says {told['outcome']} of {each.request_id}, the round {each.outcome}"


@holds
def documents_name_the_home_and_the_days_of_the_round(week: Week) -> Iterator[str]:
    recorder = Recorder(week.solved)
    for each in week.record.requests:
        home, living = goes_to(each), each.facts.living
        if home is None:
            continue
        told = facts(Pair.of(recorder, each.request_id, home))
        start = each.proposal.starts_on if each.proposal else None
        end = None
        if living is not None and living.household_id == home:
            start, end = living.started_on, living.planned_end_on
        if told.household_id != home or told.proposed != (each.proposal is not None):
            yield f"the documents of {each.request_id} do not say {home}"
        for known, text in ((start, told.starts_on), (end, told.ends_on)):
            if known is not None and long_date(known) not in text:
                yield f"{each.request_id} is at {home} on {known}, in documents {text}"


# The pages

NAMES_A_HOME = ("match-record", "joint-risk-assessment", "placement-plan")


@holds
def pages_name_the_home_of_each_proposal(week: Week) -> Iterator[str]:
    if not week.pages:
        return
    with TemporaryDirectory() as folder:
        written = write_report(View(week.solved), Path(folder), lambda step: None)
        page = written["report.html"].read_text("utf-8")
        sheets = CalamineWorkbook.from_path(written["matches.xlsx"])
        rows = [
            row for name in sheets.sheet_names for row in sheets.get_sheet_by_name(name).to_python()
        ]
    for request in week.record.requests:
        name, home = request.request_id, goes_to(request)
        mine = [each for each in re.split("<tr>|<section", page) if name in each]
        said = {word for row in rows if name in map(str, row) for word in map(str, row)}
        if home is not None and not any(home in each for each in mine):
            yield f"the page does not say {home} of {name}"
        if home is not None and home not in said:
            yield f"the workbook does not say {home} of {name}"
        if request.proposal is not None and (start := _starts(week, request)) is not None:
            if not any(long_date(start) in each for each in mine):
                yield f"the page does not say that {name} starts on {start}"
            if start.isoformat() not in said:
                yield f"the workbook does not say that {name} starts on {start}"
        if request.state == "placed" and (
            "proposed" in said or any(">proposed<" in each for each in mine)
        ):
            yield f"{name} is placed, and said to be proposed"
        if request.proposal is not None:
            for draft in drafts(week.solved, name, request.proposal.household_id):
                of_home = isinstance(draft, Draft) and draft.document.key in NAMES_A_HOME
                if of_home and home not in docx_text(draft.content):
                    yield f"{draft.document.key} of {name} does not say {home}"


def _starts(week: Week, request: RequestRecord) -> date | None:
    """The day on which a family starts where it is proposed, or did if it lives there."""
    proposal, stay = request.proposal, week.ledger.placement_of().get(request.request_id)
    if stay is not None and proposal is not None and stay.household_id == proposal.household_id:
        return stay.started
    return proposal and proposal.starts_on


@holds
def commands_answer_about_the_round_in_the_folder(week: Week) -> Iterator[str]:
    if not week.pages:
        return
    with TemporaryDirectory() as folder:
        data, made = Path(folder) / "data", Path(folder) / "made"
        write_tables(data, written(week.ledger), f"as_of = {week.as_of}\n")
        keep = [] if week.record.round.keep is None else ["--keep", str(_earlier(week, folder))]
        _said("round", data, "--no-report", "--top", 0, "--out", made, *keep)
        if (made / "round.json").read_text("utf-8") != text_of(week.record):
            yield "the round of the folder is not the one of the tables"
        for each in week.record.requests:
            told = _said("explain", data, each.request_id, "--round", made)
            if (told["state"], _came_out(told)) != (each.state, _came_out(record.as_dict(each))):
                yield f"explain says {_came_out(told)} of {each.request_id}"
        answers = {"calendar": _said("calendar", data, "--round", made)}
        home = week.record.households[0].household_id
        answers["whatif"] = _said(
            "whatif", data, "--set", f"{home}.weekly_fee=601", "--round", made
        )
        open_ones = [each for each in week.record.requests if each.state == "open"]
        for each in open_ones[:1]:
            desk = _said("place", data, each.request_id, "--round", made)
            answers["place"] = desk
            if each.proposal is not None and each.proposal.pinned:  # it says so, and lifts the pin
                if desk["held_for"] != each.proposal.household_id:
                    yield f"the duty desk does not say what is held for {each.request_id}"
            elif _came_out(desk) != _came_out(record.as_dict(each)):
                yield f"the duty desk says {_came_out(desk)} of {each.request_id}"
        for each in week.proposed[:1]:
            pair = each.request_id, each.proposal.household_id
            drafted = Path(folder) / "drafts"
            answers["documents"] = _said(
                "documents", data, *pair, "--round", made, "--out", drafted
            )
            if not answers["documents"]["written"]:
                yield f"no document of {pair} was drafted"
        for name, answer in answers.items():
            about = answer["round"]
            if about["reasons"] or about["other_proposals"]:
                yield f"{name} is not about the round of the folder: {about['said']}"
        (scenario,) = answers["whatif"]["scenarios"]
        if scenario["moves"]:
            yield f"another fee moves {scenario['moves']}"
        for reached in week.record.objective:
            now = scenario["aims"][reached.name]["now"]
            if reached.name != "fit" and now != reached.value:  # part of which is withheld
                yield f"whatif starts from {now} in {reached.name}, the round has {reached.value}"
        days = {
            (each["request_id"], each["task"], each["date"])
            for each in answers["calendar"]["tasks"]
        }
        mine = diary.of_record(for_people(week.record))
        if days != {(each.request_id, each.task, each.date.isoformat()) for each in mine}:
            yield "the calendar of the command has other days"


def _came_out(of: dict[str, Any]) -> tuple[object, ...]:
    """What came out for a family, where and from when, as the round or a command says it."""
    proposal = of["proposal"] or {}
    return of["outcome"], proposal.get("household_id"), proposal.get("starts_on")


def _earlier(week: Week, folder: str) -> Path:
    """A file of the earlier round to which a round keeps."""
    proposals = [
        {"request_id": name, "proposal": {"household_id": home}}
        for name, home in (week.record.round.keep or {}).items()
    ]
    head = {"as_of": week.as_of.isoformat()}
    file = Path(folder) / "earlier.json"
    whole = {"schema": "matcher.round/1", "round": head, "requests": proposals}
    file.write_text(json.dumps(whole), "utf-8")
    return file


def _said(*arguments: object) -> dict[str, Any]:
    """What a command prints for a machine."""
    out = StringIO()
    with redirect_stdout(out):
        status = cli.run([*map(str, arguments), "--json", "--quiet"])
    assert status == 0, (arguments, out.getvalue())
    found: dict[str, Any] = json.loads(out.getvalue() or "{}")
    return found


def docx_text(content: bytes) -> str:
    """The text of a Word file."""
    with ZipFile(BytesIO(content)) as parts:
        names = [name for name in parts.namelist() if re.match(r"word/\w+\.xml", name)]
        texts = (parts.read(name).decode() for name in names)
        return " ".join(re.sub("<[^>]+>", "", text) for text in texts)


# Duties

SETTLE = {  # duties that settle others, where they are recorded as done
    "plan_with_the_iro": ("reviewing_officer_view",),
    "review_frequency": ("placement_meeting", "placement_plan"),
    "reviews_on_request": ("placement_meeting", "placement_plan"),
    "ending_agreed": ("placement_plan",),
    "revocation_considered": ("panel_review",),
}
SAID_BY_COLUMNS = {  # duties that a column of the request settles
    "fostering_concerns": "resource_team_decision",
    "engagement": "engagement",
    "consent": "parent_agrees",
    "legal_advice": "legal_advice_on",
    "pre_birth_assessment": "pre_birth_assessment",
    "risks_known": "risk_arson",
    "address": "withhold_address",
    "court_direction": ("court_direction_until", "court_on"),
    "review_frequency": "review_every_weeks",
    "checks_requested": "checks_requested_on",
    "placement_with_parents_assessment": "placement_with_parents",
    "head_of_service": "head_of_service_on",
}
SAID_BY_HOMES = (
    "high_risk",
    "terms",
    "limit_exemption",
    "smoke_free_own_carers",
)  # that columns of the home settle
SAID_BY_ASSESSMENTS = ("joint_risk_assessment", "safe_caring")
SAID_BY_PLACEMENTS = ("placement_found",)
DAYS = ("_on", "_from", "_until", "_since")  # how columns of days end
STILL = ("open", "overdue", "unknown")
OUTWEIGHED = (  # by what was recorded otherwise
    "consent", "joint_risk_assessment", "handed_back", "head_of_service",
)  # fmt: skip
CAME_TRUE = (".ended_on", ".legal_advice_on")  # columns of days that count once they have come
FROM_A_RETURN = (  # duties that may count from the start of the last placement until another begins
    "child_review", "checks_attached", "placement_with_parents_assessment", "team_manager_view",
    "reviewing_officer_view", "head_of_service", "plan_with_the_iro", "explained_to_the_child",
    "revocation_considered",
)  # fmt: skip
DATES_NOTHING = {
    f"requests.{column}"
    for column in (
        "engagement", "parent_agrees", "others_agree", "fostering_concerns", *RISK_COLUMNS,
        "latest_start", "resource_team_decision",
    )
}  # fmt: skip  # columns that move no day of a duty


def goes_to(request: RequestRecord) -> str | None:
    """Where a family would go, or lives if it stays there."""
    if request.proposal is not None:
        return request.proposal.household_id
    lives = request.facts.living if request.state == "placed" else None
    return None if lives is None else lives.household_id


def standing(request: RequestRecord) -> dict[str, DutyRecord]:
    """How each duty of a family stands, with those of the household that it goes to."""
    found = {each.duty: each for each in request.duties}
    for ranked in (*request.ranked, request.facts.pair):
        if ranked is not None and ranked.household_id == goes_to(request):
            found |= {each.duty: each for each in ranked.duties}
    return found


def of_pairs(request: RequestRecord) -> dict[tuple[str | None, str], DutyRecord]:
    """Every duty of a family by household, None for those that hold whatever it is."""
    found = {(None, each.duty): each for each in request.duties}
    for ranked in request.ranked:
        found |= {(ranked.household_id, each.duty): each for each in ranked.duties}
    return found


def what_moved(week: Week, name: str, *homes: str | None) -> set[str]:
    """What was recorded in a week of a family and of homes, and the recorded days that came."""
    found = {*week.changed.get(name, ())}
    for home in homes:
        found |= week.changed.get(home or "", set())
    last = week.before.as_of if week.before else week.as_of
    tables = week.ledger.tables
    ids = {name, *homes}
    for table in ("requests", "households", "placements", "decisions"):
        for row in tables[table]:
            if ids & {row.get("request_id"), row.get("household_id")}:
                found |= {
                    f"came.{table}.{column}"
                    for column, cell in row.items()
                    if column.endswith(DAYS) and cell not in ("", "open")
                    if last < date.fromisoformat(cell) <= week.as_of
                }
    return found


@holds
def every_duty_says_by_its_day_whether_it_is_overdue(week: Week) -> Iterator[str]:
    for request in week.record.requests:
        for (home, duty), each in of_pairs(request).items():
            late = each.due is not None and each.due < week.as_of
            if (each.status == "overdue") != (late and each.status in STILL):
                yield f"{duty} of {request.request_id} ({home}) is {each.status}, due {each.due}"


@holds
def no_day_of_a_duty_slides(week: Week) -> Iterator[str]:
    if week.before is None:
        return
    for request in week.record.requests:
        name, was = request.request_id, week.before.requests.get(request.request_id)
        if was is None:
            continue
        before, mine = of_pairs(was), goes_to(request)
        for (home, duty), each in of_pairs(request).items():
            then = before.get((home, duty))
            if then is None or then.due is None or then.due == each.due or each.due is None:
                continue
            moved = what_moved(week, name, home or mine) - DATES_NOTHING
            moved = {what for what in moved if dates(what, duty)}
            if goes_to(was) != mine and home is None:
                moved.add("where it goes")
            left = _home_left(week, name)
            if left is not None and (duty in DUTIES_OF_A_PLACEMENT or home == left):
                moved.add("where it lives")
            if not moved:
                yield f"{duty} of {name} ({home}) slid from {then.due} to {each.due}"


def _home_left(week: Week, name: str) -> str | None:
    """The home in which a family lived a week ago, where a start has come and it lives in another now.

    To go back there would be another move.
    """
    now = week.ledger.placement_of().get(name)
    then = None if week.before is None else week.before.ledger.placement_of().get(name)
    if now is None or then is None or now.household_id == then.household_id:
        return None
    return then.household_id


def dates(what: str, duty: str) -> bool:
    """Whether something that was recorded may move the day of a duty."""
    table, _, key = what.partition(".")
    if table == "events":
        return key in (duty, "child_review", *HAPPENINGS)
    if table != "came":
        return True
    return key.endswith(CAME_TRUE) or (key.endswith(".started_on") and duty in FROM_A_RETURN)


@holds
def no_duty_is_lost(week: Week) -> Iterator[str]:
    if week.before is None:
        return
    for request in week.record.requests:
        name, was = request.request_id, week.before.requests.get(request.request_id)
        if was is None or goes_to(was) != goes_to(request):
            continue
        now = standing(request)
        for duty, then in standing(was).items():
            each = now.get(duty)
            if then.status not in STILL or (each is not None and each.status in STILL):
                continue
            if not what_moved(week, name, goes_to(request)):
                yield f"{duty} of {name}, {then.status}, is {each.status if each else 'gone'}"


def _last_start(ledger: Ledger, name: str) -> date | None:
    """The day on which the last placement of a family that has begun did so."""
    mine = (stay.started for stay in ledger.stays() if stay.request_id == name)
    return max((day for day in mine if day is not None and day <= ledger.as_of), default=None)


LOOKED_AFTER = (  # what says whether, and since when, somebody is looked after
    "child_legal_status", "looked_after_since", "child_born_or_due_on", "parent_age",
    "parent_looked_after", "parent_looked_after_since", "second_parent_age",
    "second_parent_looked_after",
)  # fmt: skip


@holds
def an_overdue_review_outlives_the_placement(week: Week) -> Iterator[str]:
    if week.before is None:
        return
    settles = {f"requests.{column}" for column in LOOKED_AFTER}
    settles |= {f"events.{each}" for each in HAPPENINGS}
    for request in week.record.requests:
        name, was = request.request_id, week.before.requests.get(request.request_id)
        for duty in ("child_review", "parent_review") if was is not None else ():
            then, now = of_pairs(was)[None, duty], of_pairs(request)[None, duty]
            moved = {*week.changed.get(name, ())} & {*settles, f"events.{duty}"}
            began = _last_start(week.ledger, name) != _last_start(week.before.ledger, name)
            if "PWP-3c" in then.clause and began:
                continue  # a review after a return counts from the return, or the start
            if then.status == "overdue" and now.status != "overdue" and not moved:
                yield f"{duty} of {name} was overdue since {then.due}, and is {now.status}"


@holds
def what_is_done_or_accepted_is_recorded(week: Week) -> Iterator[str]:
    for request in week.record.requests:
        for (home, duty), each in of_pairs(request).items():
            if each.status == "done" and not _is_done(week, request, home, duty):
                yield f"{duty} of {request.request_id} ({home}) is done, and nothing says so"
            if each.status == "accepted" and not _is_accepted(week, request.request_id, duty):
                yield f"{duty} of {request.request_id} ({home}) is accepted, and nobody did"


@holds
def what_is_recorded_as_done_is_counted(week: Week) -> Iterator[str]:
    for request in week.record.requests:
        stands = of_pairs(request)
        for row in week.ledger.of("events", request.request_id):
            each = stands.get((row.get("household_id"), row["event"]))
            if each is None or row.get("status", "done") != "done":
                continue
            if {"held", "held_on"} & {*each.facts}:
                if row["on"] > max(each.facts.get("held") or [each.facts.get("held_on") or ""]):
                    yield f"{each.duty} of {request.request_id} was held on {row['on']}: {each}"
            elif each.facts.get("event_status") == "accepted":
                continue  # by a later word of people
            elif each.status in STILL and each.duty not in OUTWEIGHED:
                yield f"{each.duty} of {request.request_id} was done on {row['on']}: {each}"


def _is_done(week: Week, request: RequestRecord, home: str | None, duty: str) -> bool:
    name = request.request_id
    done = {
        row["event"]
        for row in week.ledger.of("events", name)
        if row.get("status", "done") == "done"
    }
    if done & {duty, *SETTLE.get(duty, ())} and duty not in RECUR:
        return True
    if duty in SAID_BY_COLUMNS:
        said = SAID_BY_COLUMNS[duty]
        columns = (said,) if isinstance(said, str) else said
        return any(week.row(name).get(column) for column in columns)
    if duty in SAID_BY_ASSESSMENTS:
        return bool(week.ledger.of("risk_assessments", name))
    if duty in SAID_BY_PLACEMENTS:
        held = any(pair[0] == name for pair in week.ledger.chosen())
        return held or name in week.ledger.agreed().values() or request.facts.living is not None
    return duty in SAID_BY_HOMES


def _is_accepted(week: Week, name: str, duty: str) -> bool:
    return any(
        row["event"] == duty
        and row.get("status") == "accepted"
        and row["until"] >= str(week.as_of)
        and row["by"] != MAY_NOT_ACCEPT
        for row in week.ledger.of("events", name)
    )


@holds
def the_calendar_has_the_days_of_the_duties(week: Week) -> Iterator[str]:
    told = {(each.request_id, each.task): each for each in diary.of_record(week.read_back)}
    for request in week.record.requests:
        for duty, each in standing(request).items():
            entry = told.pop((request.request_id, duty), None)
            if each.due is None or each.status not in STILL:
                if entry is not None:
                    yield f"{duty} of {request.request_id} is {each.status}, in the calendar {entry}"
            elif entry is None:
                if goes_to(request) is not None:
                    yield f"{duty} of {request.request_id} is missing in the calendar"
            elif (entry.date, entry.overdue) != (each.due, each.status == "overdue"):
                yield f"{duty} of {request.request_id} is due {each.due}, in the calendar {entry}"
    for (name, duty), _ in told.items():
        yield f"the calendar has {duty} of {name}, which no duty is"
