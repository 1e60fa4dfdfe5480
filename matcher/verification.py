"""Prove a round again from its data and round.json alone: the rules are read again, no solver is.

The proposals, the certificate and the earlier round that it keeps to are taken from the file; everything
else is worked out from the data and held against it. Where duals prove the round, that it is the best
is held against them; where they can't, as a limit of another kind is in play, against every choice
where these are few, else against exchanges.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, NoReturn, TypeGuard

import numpy as np

from matcher.ahead.fitted import Lasting, Refusals
from matcher.ahead.known import known
from matcher.ahead.look import Ahead, Taken
from matcher.ahead.outlook import FROM_HISTORY, Counted, Rates
from matcher.eligibility import failed_bits, rules_failed
from matcher.errors import Breach, BreachFound, WrongInput, wrong_file
from matcher.intake.disk import read_file
from matcher.intake.inputs import Inputs
from matcher.policy.settings import OFF, Policy
from matcher.record import (
    SCHEMA,
    AheadRecord,
    LastingRecord,
    RequestRecord,
    as_dict,
    read,
    round_json,
)
from matcher.recorder import Recorder
from matcher.rounds import Prepared, SolvedRound, household_pairs, prepare
from matcher.show.files import Record
from matcher.sizes import LARGEST_RECORD
from matcher.solve import proof
from matcher.solve.exchange import Best, best_of_all, better
from matcher.solve.prices import Price
from matcher.solve.problem import UNPLACED, Duals, Indices, Problem, Solution
from matcher.words import and_list, in_lines

EARLIER, LAST_OF_EARLIER = "matcher.round/1", "0.1.0"
SHOWN = 50  # differences listed one by one
MOST_DIGITS = 18  # of a whole number, so that it fits in 64 bits
MOST_COUNTED = 1_000_000  # families or placements of a history
MOST_A_WEEK = 1_000  # families, as a policy may say
MOVES_TOLD = 4
EXCHANGES_A_PRICE = 2_000  # that are tried to better a price under limits
DUALS, EVERY_CHOICE, WORD = "duals", "every_choice", "solver"  # what an optimum rests on


def counted_of(ahead: AheadRecord) -> Counted:
    """What a round took from a recorded history; None of what follows from its data.

    ValueError where a count is none.
    """
    rates, refusals = ahead.rates, ahead.refusals
    families, weeks = rates.families or 0, rates.weeks or 0.0
    some = [refusals.declined, refusals.answered - refusals.declined, families]
    if not all(0 <= number <= MOST_COUNTED for number in some):
        raise ValueError("a count is below 0, or too great")
    if not 0 <= families <= MOST_A_WEEK * weeks:
        raise ValueError("so many families can't come in so many weeks")
    return Counted(
        Rates.counted(families, weeks, FROM_HISTORY) if rates.source == FROM_HISTORY else None,
        _recorded(ahead.leads),
        _recorded(ahead.stays),
        Refusals(refusals.declined, refusals.answered, FROM_HISTORY)
        if refusals.source == FROM_HISTORY
        else None,
    )


def _fewer_than_data(counted: Counted, inputs: Inputs) -> Iterator[str]:
    """What a history is said to have counted, of which the round's own data have more: they are part of it."""
    own = known(inputs)
    if counted.refusals is not None:
        data, told = own.refusals(FROM_HISTORY), counted.refusals
        if (
            told.declined < data.declined
            or told.answered - told.declined < data.answered - data.declined
        ):
            yield "ahead.refusals"
    if counted.stays is not None:
        ended = dict(counted.stays.ended)
        if any(ended.get(weeks, 0) < many for weeks, many in own.lengths(FROM_HISTORY).ended):
            yield "ahead.stays"


def _recorded(told: LastingRecord) -> Lasting | None:
    if told.source != FROM_HISTORY:
        return None
    ended, running = (tuple(map(_weeks, each.items())) for each in (told.ended, told.running))
    return Lasting(ended, running, FROM_HISTORY)


def _weeks(told: tuple[str, object]) -> tuple[int, int]:
    """A number of weeks, and how many lasted so long."""
    weeks, number = told
    is_weeks = weeks.isdecimal() and len(weeks) <= len(str(MOST_COUNTED))
    if not (is_weeks and _whole(number) and 0 < number <= MOST_COUNTED):
        raise ValueError(f"{_short(told)} is no count of weeks")
    return int(weeks), number


def read_json(path: Path) -> Record:
    """What a file holds that `matcher round` may have written; WrongInput where it is no record."""

    def wrong(problem: str) -> WrongInput:
        fix = "Name the round.json that 'matcher round' wrote."
        return WrongInput([wrong_file(path.name, problem, fix)])

    try:
        text = read_file(path, LARGEST_RECORD).decode()
        found = json.loads(text, object_pairs_hook=_once)
    except OSError:
        raise wrong("The file can't be opened.") from None
    except (ValueError, RecursionError):
        raise wrong("The file is not JSON in UTF-8.") from None
    if not isinstance(found, dict) or found.get("schema") not in (SCHEMA, EARLIER):
        raise wrong(f"The file is not a round of the schema {SCHEMA}.")
    as_we_write_it = "\\" not in text and text.replace("\n", "").isprintable()
    return found if as_we_write_it else in_lines(found)


def read_record(path: Path) -> Record:
    """The records of a round.json of today's schema; WrongInput where the file is not one."""
    found = read_json(path)
    if found["schema"] == EARLIER:
        problem = (
            f"It is a round of the schema {EARLIER}, which this release reads but cannot prove."
        )
        fix = f"Verify it with release {LAST_OF_EARLIER}, or run the round again."
        raise WrongInput([wrong_file(path.name, problem, fix)])
    return found


def _once(pairs: list[tuple[str, Any]]) -> Record:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise BreachFound([Breach("round.json", "a key stands there twice.")])
    return found


def written_as_of(record: Record) -> str:
    """The day that a round says it was made for; BreachFound where it says none."""
    head = record.get("round")
    day = head.get("as_of") if isinstance(head, dict) else None
    try:
        return date.fromisoformat(day).isoformat() if isinstance(day, str) else _no_day()
    except ValueError:
        return _no_day()


def _no_day() -> NoReturn:
    raise BreachFound([Breach("round.as_of", "it is not a day.")])


@dataclass(frozen=True)
class Checked:
    """What came of a check: every breach, and what says that the round is the best one.

    `rests_on` is `duals`, `every_choice` where all were tried, or `solver` where it is the solver's
    word; `limits` are the names of the limits in play.
    """

    breaches: tuple[Breach, ...]
    rests_on: str
    limits: tuple[str, ...]


def verify(record: Record, inputs: Inputs, policy: Policy) -> list[Breach]:
    """Every breach that was found; [] says that the round is what its data and policy make it."""
    return list(check(record, inputs, policy).breaches)


def check(record: Record, inputs: Inputs, policy: Policy) -> Checked:
    """Hold a round against its data and policy."""
    made = _Check(record, inputs, policy)
    breaches = tuple(made.breaches())
    if breaches:  # another policy than that of the round explains them best
        breaches = (*_other_policy(record, policy), *breaches)
    return Checked(breaches, made.rests_on, made.limits)


def _other_policy(record: Record, policy: Policy) -> Iterator[Breach]:
    """That the round was made by other settings than it is held against."""
    head = record.get("round")
    written = head.get("policy") if isinstance(head, dict) else None
    if isinstance(written, dict) and written.get("sha256") != policy.sha256:
        its = _short(f"{written.get('name')} {written.get('version')}")
        problem = f"by the file, the round was made with other settings, those of {its}; "
        problem += f"it was held against {_short(f'{policy.name} {policy.version}')}. Name its own with --policy."
        yield Breach("round.policy", problem)


@dataclass
class _Check:
    record: Record
    inputs: Inputs
    policy: Policy
    found: list[Breach] = field(default_factory=list)
    rests_on: str = DUALS
    limits: tuple[str, ...] = ()
    best: Best | None = None

    def say(self, where: str, problem: str) -> None:
        self.found.append(Breach(where, problem))

    def breaches(self) -> list[Breach]:
        head = self.record.get("round")
        top = head.get("top") if isinstance(head, dict) else None
        if not _whole(top) or top < 0:
            self.say("round.top", "is not a whole number from 0.")
            return self.found
        keep = self._keep()
        if self.found:
            return self.found
        counted, taken = self._ahead()
        if self.found:
            return self.found
        try:
            prepared = prepare(self.inputs, self.policy, top, keep, counted, taken)
        except KeyError:
            self.say("ahead", "a family stands there with a household that it can't go to.")
            return self.found
        if prepared.ahead is not None:
            plain = self._plain(prepared, prepared.ahead)
            if plain is None:
                return self.found
            prepared = replace(prepared, ahead=replace(prepared.ahead, plain=plain))
        household = self._proposals(prepared)
        self._hard_rules(prepared, household)
        if self.found:
            return self.found
        problem = prepared.problem
        self.limits = problem.limit_names
        solution = self._solution(prepared, household)
        if solution is not None:
            priced = problem.duals_prove and solution.duals is not None
            told = None if priced else self._prices(prepared, solution)
            differences = list(self._differences(SolvedRound(prepared, solution, told)))
            self.found.extend(differences[:SHOWN])
            if (more := len(differences) - SHOWN) > 0:
                self.say("round.json", f"{more} more differences of the same kind.")
        return self.found

    def _keep(self) -> dict[str, str] | None:
        """The earlier proposals that the round kept to, as the file has them; None where to none."""
        keep = self.record["round"].get("keep")
        if keep is None:
            return None
        if isinstance(keep, dict) and all(isinstance(home, str) for home in keep.values()):
            return {str(request): str(home) for request, home in keep.items()}
        self.say("round.keep", "does not name one household for each request.")
        return None

    def _ahead(self) -> tuple[Counted | None, Taken | None]:
        """What takes a solver of looking ahead, as the file has it, and what history counted; None where it doesn't look."""
        ahead = self.record.get("ahead")
        if self.policy.code("room_ahead") == OFF:
            return None, None  # one that stands there does not follow from the data
        try:
            found = read(AheadRecord, ahead)
            counted = counted_of(found)
        except ValueError as wrong:
            self.say("ahead", f"is missing or not as it must be: {wrong}.")
            return None, None
        for part in _fewer_than_data(counted, self.inputs):
            self.say(part, "of the data alone more are known.")
        choices = [self._choice(named) for named in (found.plain, found.around)]
        if self.found:
            return None, None
        plain, around = choices
        proof = Solution(plain, (), (), None)
        return counted, Taken(proof, around)

    def _choice(self, named: dict[str, str]) -> Indices:
        """A household for each request of some, by ids, each household once."""
        requests = {each.request_id: at for at, each in enumerate(self.inputs.requests)}
        homes = {each.household_id: at for at, each in enumerate(self.inputs.households)}
        found = np.full(len(requests), UNPLACED)
        if not (named.keys() <= requests.keys() and {*named.values()} <= homes.keys()):
            self.say("ahead", "it names a family or a household that this round does not have.")
        elif len({*named.values()}) < len(named):
            self.say("ahead", "a household stands there with two families.")
        else:
            for name, home in named.items():
                found[requests[name]] = homes[home]
        return found

    def _plain(self, prepared: Prepared, ahead: Ahead) -> Solution | None:
        """The round without looking ahead with what proves it; None where the proof does not hold."""
        problem, choice = ahead.problem, ahead.plain.household
        try:
            broken = problem.broken(choice)
        except KeyError:
            self.say("ahead.plain", "a family stands there with a household that it can't go to.")
            return None
        if broken:
            self.say("ahead.plain", "it breaks a limit.")
            return None
        certificate = self.record["ahead"]["certificate"]
        found = self._proven(problem, prepared, choice, certificate)
        self.best = None
        return found

    def _differences(self, solved: SolvedRound) -> Iterator[Breach]:
        """Where the file differs from what the data make, request by request."""
        recorder = Recorder(solved)
        expected = json.loads(b"".join(round_json(recorder.frame(), ())))
        listed = {str(each["request_id"]): each for each in self.record["requests"]}
        yield from _differences(expected, {**self.record, "requests": []}, "")
        families = [each.request_id for each in solved.prepared.inputs.families]
        if (given := [*listed]) != families:
            yield Breach("requests", f"are not in order of their ids: {_short(given)}.")

        def of_one(made: RequestRecord) -> list[Breach]:
            name = made.request_id
            return list(_differences(as_dict(made), listed[name], f"requests[{name}]"))

        for breaches in recorder.each_request(of_one):
            yield from breaches

    def _proposals(self, prepared: Prepared) -> Indices:
        """The household of each request as the file has it."""
        household = np.full(len(prepared.columns.request_ids), UNPLACED)
        request_at = {name: at for at, name in enumerate(prepared.columns.request_ids)}
        household_at = {name: at for at, name in enumerate(prepared.columns.household_ids)}
        listed = self.record.get("requests")
        placed = {each.request_id for each in prepared.inputs.placed}
        seen: set[str] = set()
        for entry in listed if isinstance(listed, list) else []:
            name = str(entry.get("request_id")) if isinstance(entry, dict) else "an entry"
            if name not in request_at.keys() | placed or name in seen:
                self.say("requests", f"{name} is no request of this day, or stands there twice.")
                continue
            seen.add(name)
            proposal = entry.get("proposal")
            if proposal is None:
                continue
            if name in placed:
                self.say(name, "it is placed, and proposed for a household.")
                continue
            home = str(proposal.get("household_id")) if isinstance(proposal, dict) else ""
            if home not in household_at:
                self.say(name, f"it is proposed for {_short(home)}, which is not a household.")
                continue
            household[request_at[name]] = household_at[home]
        for missing in sorted((request_at.keys() | placed) - seen):
            self.say("requests", f"{missing} is left out.")
        return household

    def _hard_rules(self, prepared: Prepared, household: Indices) -> None:
        """Every rule, pin and limit on what is proposed."""
        names, homes = prepared.columns.request_ids, prepared.columns.household_ids
        holder: dict[int, int] = {}
        for row in np.flatnonzero(household != UNPLACED).tolist():
            home = int(household[row])
            where = f"{names[row]} → {homes[home]}"
            pin = prepared.pins.get(row)
            is_held = pin is not None and pin.household == home
            # Several may be agreed for one household, one after the other.
            if home in holder and not (is_held and holder[home] in prepared.pins):
                self.say(where, f"the household is also proposed for {names[holder[home]]}.")
            holder[home] = row
            if is_held:
                continue
            if (held := prepared.outcomes[row]) is not None:
                self.say(where, f"screening holds the request back ({held}).")
            pairs = household_pairs(prepared, row, np.array([home]))
            for rule in rules_failed(int(failed_bits(pairs)[0, 0]), prepared.policy):
                self.say(where, f"it breaks {rule.key} ({rule.clause}): {rule.sentence}")
        for pin in prepared.pins.values():
            if household[pin.request] != pin.household:
                self.say(
                    names[pin.request],
                    f"people decided on {homes[pin.household]}, which is not proposed.",
                )
        if not self.found:
            free = _without_pins(prepared, household)
            try:
                broken = prepared.problem.broken(free)
            except KeyError:
                self.say("proposals", "a family is too near one that it must be kept apart from.")
                return
            for limit in broken:
                self.say("limits", f"the proposals break {limit}.")

    def _solution(self, prepared: Prepared, household: Indices) -> Solution | None:
        """The file's choice with what proves it; None where the proof does not hold."""
        free = _without_pins(prepared, household)
        certificate = self.record.get("certificate")
        return self._proven(prepared.problem, prepared, free, certificate)

    def _proven(
        self, problem: Problem, prepared: Prepared, free: Indices, certificate: Any
    ) -> Solution | None:
        """A choice for a problem of the round with what proves it; None where the proof does not hold."""
        values = problem.totals(free)
        if not isinstance(certificate, dict):
            self.say("certificate", "is missing.")
            return None
        if "bounds" in certificate:
            return self._without_duals(problem, prepared, free, certificate["bounds"])
        u = self._duals(certificate, "requests", prepared.columns.request_ids)
        v = self._duals(certificate, "households", prepared.columns.household_ids)
        keys = problem.groups.keys if problem.groups else ()
        t = self._duals(certificate, "teams", keys) if keys else np.zeros(0, np.int64)
        if u is None or v is None or t is None:
            return None
        duals = Duals(u, v, t)
        wrong = proof.check(problem, free, duals)
        for each in wrong:
            self.say("certificate", f"it does not prove the optimum: {each}.")
        if wrong:
            return None
        left = proof.slack(problem, duals)
        if not proof.are_least(problem, free, duals, left):
            self.say("certificate", "its duals are not the least ones, which every round has.")
        named = proof.canonical(problem, free, duals, left)
        self._tie_rule(free, named)
        return Solution(free, values, values, duals)

    def _tie_rule(self, free: Indices, named: Indices) -> None:
        if (named != free).any():
            self.say(
                "proposals", "among equal rounds, this is not the one that the tie rule names."
            )

    def _without_duals(
        self, problem: Problem, prepared: Prepared, free: Indices, bounds: Any
    ) -> Solution | None:
        """The file's choice where its certificate has the solver's bounds; None where it does not hold."""
        values, names = problem.totals(free), [aim.name for aim in problem.aims]
        if problem.limited:
            self.best = best_of_all(problem)
        if _has_duals(problem, free, self.best):
            self.say("certificate", "is the solver's word, though duals could prove it.")
            return None
        if not isinstance(bounds, dict) or not all(_whole(bounds.get(name)) for name in names):
            self.say("certificate.bounds", "a bound is missing or not a whole number.")
            return None
        told: list[int] = [bounds[name] for name in names]
        short = [
            name for name, bound, value in zip(names, told, values, strict=True) if bound < value
        ]
        for name in short:
            self.say("certificate.bounds", f"{name} is below what the proposals reach.")
        self.rests_on = WORD
        found: Indices | None
        if self.best is not None:
            self.rests_on = EVERY_CHOICE
            found = self.best.household if self.best.values > values else None
            if found is None:
                self._tie_rule(free, self.best.household)
        else:
            found = better(problem, free)
        if found is not None:
            moves = _moves(prepared, free, found)
            self.say("certificate", f"it is not the best round: {moves} would be better.")
        return None if short or found is not None else Solution(free, values, tuple(told), None)

    def _prices(self, prepared: Prepared, solution: Solution) -> dict[int, Price | None]:
        """The prices that the file tells under limits, by edge of the problem.

        Each price is there to be had, and none is left out that could be had. That no other choice
        with the pair loses less is known where every choice was tried; else no exchange betters it.
        """
        problem = prepared.problem
        told: dict[int, Price | None] = dict.fromkeys(range(len(problem.request)))
        recorder = Recorder(SolvedRound(prepared, solution, told))
        rows = {name: at for at, name in enumerate(prepared.columns.request_ids)}
        for entry in self.record["requests"]:
            row, listed = rows.get(entry["request_id"]), entry.get("ranked")
            for ranked in listed if isinstance(listed, list) else []:
                home = ranked.get("household_id") if isinstance(ranked, dict) else None
                at = prepared.household_at.get(home) if isinstance(home, str) else None
                edge = None if row is None or at is None else prepared.edge(row, at)
                place = None if edge is None else prepared.problem_edge(edge)
                if edge is None or place is None:
                    continue  # what the data say of such a pair is held against the file later
                if ranked.get("cost_to_round") is None:
                    alone = np.full(problem.requests, UNPLACED)
                    alone[problem.request[place]] = problem.household[place]
                    right = not recorder.is_priced(edge) or bool(problem.broken(alone))
                else:
                    price = _price(prepared, rows, ranked["cost_to_round"])
                    right = price is not None and self._costs(prepared, solution, place, price)
                    told[place] = price if right else None
                if not right:
                    pair = f"{entry['request_id']} with {home}"
                    self.say("cost_to_round", f"it is not what {pair} costs the round.")
        return told

    def _costs(self, prepared: Prepared, solution: Solution, edge: int, price: Price) -> bool:
        """Whether a pair costs what the file says, as far as it can be known without a solver."""
        problem = prepared.problem
        if not _holds(problem, solution, edge, price):
            return False
        after = price.after(solution.household)
        if self.best is not None:
            return self.best.with_edge.get(edge) == problem.totals(after)
        who = int(problem.request[edge])
        return better(problem, after, who, EXCHANGES_A_PRICE) is None

    def _duals(self, certificate: Record, side: str, names: Sequence[str]) -> Any:
        given = certificate.get(side)
        place = {name: at for at, name in enumerate(names)}
        if not isinstance(given, dict) or any(
            name not in place or not _whole(value) for name, value in given.items()
        ):
            self.say(f"certificate.{side}", "is missing, or has a wrong name or number.")
            return None
        found = np.zeros(len(names), np.int64)
        for name, value in given.items():
            found[place[name]] = value
        return found


def _has_duals(problem: Problem, household: Indices, known: Best | None) -> bool:
    """Whether duals prove the best round, as no limit is in play, they cap teams alone, or none binds.

    Whether one binds shows at the best choice, or where that is not known, once exchanges lead on from
    the file's to the best without limits.
    """
    if not problem.exact:
        return False
    if problem.duals_prove:
        return True
    free = replace(problem, limits=(), conflicts=())
    best = household if known is None else known.household
    while known is None and (found := better(free, best)) is not None:
        best = found
    try:
        duals = proof.recover(free, best)
    except proof.NotOptimal:
        return False
    named = proof.canonical(free, best, duals, proof.slack(free, duals))
    return not problem.broken(named)


def _moves(prepared: Prepared, was: Indices, then: Indices) -> str:
    """Who goes where instead, in words."""
    requests, homes = prepared.columns.request_ids, prepared.columns.household_ids
    moved = np.flatnonzero(was != then).tolist()
    first = sorted(moved, key=lambda row: then[row] == UNPLACED)[:MOVES_TOLD]
    told = [
        f"{requests[row]} {'without a household' if then[row] == UNPLACED else f'with {homes[then[row]]}'}"
        for row in first
    ]
    more = len(moved) - len(first)
    return and_list([*told, f"{more} more moves"] if more else told)


def _price(prepared: Prepared, rows: dict[str, int], cost: Any) -> Price | None:
    """A price as the file tells it; None where it makes no sense."""

    def home(name: str | None) -> int:
        return UNPLACED if name is None else prepared.household_at[name]

    try:
        moves = [(rows[m["request_id"]], home(m["from"]), home(m["to"])) for m in cost["moves"]]
        return Price(tuple(cost["aims"][name] for name in prepared.aims), tuple(moves))
    except (KeyError, TypeError):
        return None


def _holds(problem: Problem, solution: Solution, edge: int, price: Price) -> bool:
    """Whether a price's moves give its pair, within all limits, at the loss that it says."""
    after = price.after(solution.household)
    placed = after[after != UNPLACED].tolist()
    try:
        values = problem.totals(after)
    except KeyError:  # somebody would go where they may not
        return False
    return bool(
        len(placed) == len(set(placed))
        and after[problem.request[edge]] == problem.household[edge]
        and not problem.broken(after)
        and values <= solution.bounds
        and tuple(np.subtract(solution.values, values).tolist()) == price.losses
    )


def _whole(value: object) -> TypeGuard[int]:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return whole and len(str(value)) <= MOST_DIGITS


def _without_pins(prepared: Prepared, household: Indices) -> Indices:
    free = household.copy()
    free[list(prepared.pins)] = UNPLACED
    return free


def _differences(expected: Any, found: Any, where: str) -> Iterator[Breach]:
    """Where the file differs from what the data make, named by its path."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in dict.fromkeys([*expected, *found]):
            path = f"{where}.{key}" if where else str(key)
            if key not in found:
                yield Breach(path, "is left out.")
            elif key not in expected:
                yield Breach(path, "does not follow from the data.")
            else:
                yield from _differences(expected[key], found[key], path)
        if expected.keys() == found.keys() and list(expected) != list(found):
            yield Breach(where or "round.json", "its keys are in another order.")
    elif isinstance(expected, list) and isinstance(found, list):
        if len(expected) != len(found):
            yield Breach(where, f"has {len(found)} entries; the data make {len(expected)}.")
        for at, (one, other) in enumerate(zip(expected, found, strict=False)):
            yield from _differences(one, other, f"{where}[{_name(one, at)}]")
    elif repr(expected) != repr(found):
        yield Breach(where, f"says {_short(found)}; the data make {_short(expected)}.")


def _name(entry: Any, at: int) -> str:
    if isinstance(entry, dict):
        for key in ("request_id", "household_id", "name", "rule"):
            if isinstance(entry.get(key), str):
                return str(entry[key])
    return str(at)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:60] + "…"
