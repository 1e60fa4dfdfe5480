"""What it would take: the smallest set of changes that makes a pair eligible.

Most rules have one change of their own. Carers are looked at together, as one who is approved,
trained and assessed meets several rules at once; so are the dates, as one later start does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from matcher.codes import FEATURES, SKILLS
from matcher.intake.edits import Edit, Edits, Listed, NewCarer, Withdrawn, new_row
from matcher.intake.rows import Carer
from matcher.model import day_number, months_before
from matcher.policy.case import Case
from matcher.policy.forms import Failing, Rule
from matcher.policy.rules import (
    ASSESSOR,
    PANEL,
    RULES,
    assessed,
    available,
    one_arrangement,
    risks_over,
    trained,
    two_carers,
)
from matcher.words import long_date, lower_first

TRAINING = trained.who
BOTH_FAMILIES = one_arrangement.who
ENOUGH_CARERS = 2
NEW = "-new"
SPEAKS = "language:"
Failed = dict[str, Failing]  # by the rule's key


@dataclass(frozen=True, slots=True)
class Change:
    """One change: what, who can grant it, from which day if the data say so, and what it mends.

    `edits` are what the tables would then say.
    """

    rules: tuple[str, ...]
    what: str
    who: str
    on: date | None
    edits: Edits

    @property
    def sentence(self) -> str:
        """The change with who can grant it."""
        return f"{lower_first(self.what).rstrip('.')} ({self.who})"


def smallest(case: Case, failing: Iterable[tuple[Rule, Failing]]) -> tuple[Change, ...]:
    """The fewest changes after which a pair passes every rule that it fails, in reading order."""
    failed = {rule.key: found for rule, found in failing}
    done: list[Change] = []
    together = {key: group for group in (CARERS, DATES) for key in group}
    settled: set[str] = set()
    for key in (rule.key for rule in RULES if rule.key in failed):
        if key in settled:
            continue
        settled |= {key, *together.get(key, ())}
        if key in CARERS:
            done += _carers(case, failed)
        elif key in DATES:
            done += _dates(case, failed)
        elif not _comes_with(key, case, failed, done):
            found = failed[key]
            done.append(Change((key,), found.fix, found.who, None, EDITS[key](case)))
    return tuple(done)


def _comes_with(key: str, case: Case, failed: Failed, done: list[Change]) -> bool:
    """Whether a rule is met by a change that another rule needs anyway."""
    edits = [edit for change in done for edit in change.edits]
    newly = {e.key for e in edits if isinstance(e, Edit) and e.column == "approved"}
    carers = case.inputs.carers.get(case.household.household_id, ())
    has = {*case.skills} | {skill for c in carers if c.carer_id in newly for skill in c.skills}
    if key == "assessment_skills":
        return set(ASSESSOR) <= has
    home = case.household.features
    if key == "smoke_free":
        said = "features" in failed and any(e.column == "features" for e in _listed(edits))
        return said and (home is None or "smoker" in case.request.must_avoid)
    if key == "features":
        has |= {SPEAKS + code for c in carers if c.carer_id in newly for code in c.languages or ()}
        has |= {SPEAKS + code for c in case.carers for code in c.languages or ()}
        must, avoid = set(case.request.must_have), set(case.request.must_avoid)
        asks_home = avoid | (must & set(FEATURES))
        settled = home is not None and not avoid & set(home)
        return must <= has | set(home or ()) and (settled or not asks_home)
    return False


def _listed(edits: Iterable[object]) -> list[Listed]:
    return [edit for edit in edits if isinstance(edit, Listed)]


def _home(case: Case, column: str, value: object) -> Edit:
    return Edit("households", case.ids[1], column, value)


def _family(case: Case, column: str, value: object) -> Edit:
    return Edit("requests", case.ids[0], column, value)


# Carers


def _carers(case: Case, failed: Failed) -> list[Change]:
    """The fewest steps of carers: approve, train, assess, and a second one where it takes two."""
    everyone = case.inputs.carers.get(case.household.household_id, ())
    needs_one = trained.key in failed or assessed.key in failed
    chosen = [None, *everyone] if needs_one else [None]
    plans = [_plan(case, everyone, carer, failed) for carer in chosen]
    if needs_one:
        plans = plans[1:] or plans
    return min(plans, key=len)


def _plan(
    case: Case, everyone: tuple[Carer, ...], carer: Carer | None, failed: Failed
) -> list[Change]:
    """The steps that make one carer ready, and a second one approved where it takes two."""
    steps: list[Change] = []
    approved = {each.carer_id for each in everyone if each.approved}
    if carer is None and (trained.key in failed or assessed.key in failed):
        steps += [_new_carer(case, ready=True)]
        approved.add("new")
    elif carer is not None:
        if carer.carer_id not in approved:
            steps.append(_approve(case, carer))
            approved.add(carer.carer_id)
        steps += _make_ready(case, carer)
    if two_carers.key in failed and len(approved) < ENOUGH_CARERS:
        others = [each for each in everyone if each.carer_id not in approved]
        steps.append(_approve(case, others[0], two_carers.key) if others else _new_carer(case))
    return steps


def _approve(case: Case, carer: Carer, rule: str = trained.key) -> Change:
    ask = "Ask whether a carer there is approved, or approve them."
    what = ask if carer.approved is None else "Approve one more of the adults there as a carer."
    return Change((rule,), what, PANEL, None, (Edit("carers", carer.carer_id, "approved", True),))


def _make_ready(case: Case, carer: Carer) -> Iterator[Change]:
    as_of = case.inputs.as_of
    if not _training_counts(case, carer):
        what = "Train a carer for parent and child."
        yield _carer_step(carer, "pc_trained_on", trained.key, what, as_of, TRAINING, "Training")
    if carer.pc_assessed_on is None or carer.pc_assessed_on > as_of:
        what = "Assess a carer for parent and child."
        yield _carer_step(
            carer, "pc_assessed_on", assessed.key, what, as_of, assessed.who, "The assessment"
        )


def _training_counts(case: Case, carer: Carer) -> bool:
    done, as_of = day_number(carer.pc_trained_on), case.pairs.as_of
    if case.policy.is_off("training_valid_months"):
        return done <= as_of
    months = case.policy.number("training_valid_months")
    return months_before(as_of, months) <= done <= as_of


def _carer_step(
    carer: Carer, column: str, rule: str, what: str, as_of: date, who: str, name: str
) -> Change:
    planned: date | None = getattr(carer, column)
    on = planned if planned is not None and planned > as_of else None
    if on is not None:
        what = f"{name} for parent and child is planned for {long_date(on)}: wait, or bring it forward."
    elif planned is None:
        what = f"{what.rstrip('.')}, or record the day if it was done."
    return Change((rule,), what, who, on, (Edit("carers", carer.carer_id, column, as_of),))


def _new_carer(case: Case, *, ready: bool = False) -> Change:
    home, as_of = case.household.household_id, case.inputs.as_of
    day = as_of if ready else None
    row = new_row(
        Carer,
        carer_id=f"{home}{NEW}",
        household_id=home,
        approved=True,
        pc_trained_on=day,
        pc_assessed_on=day,
    )
    what = (
        "Ask who the carers there are; one must be approved, trained and assessed."
        if ready
        else "Approve a second carer."
    )
    rules = (trained.key, assessed.key) if ready else (two_carers.key,)
    return Change(rules, what, PANEL, None, (NewCarer(row),))


# Dates


def _dates(case: Case, failed: Failed) -> list[Change]:
    """A later start for all that comes too late, and a longer stay where the home closes early."""
    home, latest = case.household, case.date("latest")
    late, found = [], []
    if one_arrangement.key in failed:
        if home.arrangement_until == "open":
            ends = "Settle when the running arrangement ends."
            edit = _home(case, "arrangement_until", None)
            found.append(Change((one_arrangement.key,), ends, BOTH_FAMILIES, None, (edit,)))
        else:
            late.append((one_arrangement.key, case.date("free_after_arrangement")))
    if home.available_from is not None and home.available_from > latest:
        late.append((available.key, home.available_from))
    if late:
        on = max(day for _, day in late)
        what = f"Agree a later start, {long_date(on)}, with both families."
        if one_arrangement.key not in failed:
            what = f"Agree a later start, {long_date(on)}, or an earlier one with the carers."
        edit = _family(case, "latest_start", on)
        rules = tuple(key for key, _ in late)
        found.append(Change(rules, what, BOTH_FAMILIES, on, (edit,)))
    until = home.available_until
    if until is not None and available.key in failed:
        end = case.day("end")
        if end is None or until < end:
            last = f" until {long_date(end)}" if end else ""
            what = f"Agree with the carers that they stay available{last}."
            edit = _home(case, "available_until", end)
            found.append(Change((available.key,), what, available.who, None, (edit,)))
    return found


# Rules with one change of their own


def _approved(case: Case) -> Edits:
    return (_home(case, "status", "approved"),)


def _accommodation(case: Case) -> Edits:
    return (_home(case, "accommodation_suitable", True),)


def _room(case: Case) -> Edits:
    older, per_room = case.request.older_children, case.policy.number("older_children_per_room")
    own = (
        0 if case.household.bedrooms is None else case.number("bedrooms") - case.household.bedrooms
    )
    return (_home(case, "bedrooms", 1 + -(-older // int(per_room)) - int(own)),)


def _terms(case: Case) -> Edits:
    return (Listed("households", case.ids[1], "terms", (case.request.purpose,)),)


def _whole_family(case: Case) -> Edits:
    older = max(case.request.older_children, case.household.takes_older_children or 0)
    second = True if case.request.second_parent_comes else case.household.takes_second_parent
    return (_home(case, "takes_second_parent", second), _home(case, "takes_older_children", older))


def _exemption(case: Case) -> Edits:
    return (Listed("households", case.ids[1], "limit_exemption", (case.ids[0],)),)


def _risks(case: Case) -> Edits:
    limits = dict(case.household.risk_limits) | {area: risk for area, risk, _ in risks_over(case)}
    return (_home(case, "risk_limits", tuple(sorted(limits.items()))),)


def _assessed_again(case: Case) -> Edits:
    return (Withdrawn("risk_assessments", case.ids),)


def _skills(case: Case) -> Edits:
    return _carer_has(case, ASSESSOR, ())


def _carer_has(case: Case, skills: Iterable[str], languages: Iterable[str]) -> Edits:
    """One carer, an approved one first, with more skills and languages."""
    some = case.carers or case.inputs.carers.get(case.household.household_id, ())
    who = some[0].carer_id if some else f"{case.household.household_id}{NEW}"
    return (
        Listed("carers", who, "skills", tuple(skills)),
        Listed("carers", who, "languages", tuple(languages)),
    )


def _keep_away(case: Case) -> Edits:
    return (Listed("requests", case.ids[0], "keep_away", (), (case.household.postcode,)),)


def _distance(case: Case) -> Edits:
    return (_family(case, "min_miles", None), _family(case, "max_miles", None))


def _features(case: Case) -> Edits:
    wanted = case.request.must_have
    languages = [item.removeprefix(SPEAKS) for item in wanted if item.startswith(SPEAKS)]
    features = tuple(item for item in wanted if item in FEATURES)
    skills = [item for item in wanted if item in SKILLS and item not in FEATURES]
    home = Listed("households", case.ids[1], "features", features, case.request.must_avoid)
    asks = (home,) if features or case.request.must_avoid else ()
    return (*asks, *_carer_has(case, skills, languages)) if skills or languages else asks


def _smoke_free(case: Case) -> Edits:
    return (Listed("households", case.ids[1], "features", (), ("smoker",)),)


def _decided_again(case: Case) -> Edits:
    return (Withdrawn("decisions", case.ids),)


CARERS = (trained.key, assessed.key, two_carers.key)
DATES = (one_arrangement.key, available.key)
EDITS: dict[str, Callable[[Case], Edits]] = {
    "approved": _approved,
    "accommodation": _accommodation,
    "room": _room,
    "terms": _terms,
    "family": _whole_family,
    "fostering_limit": _exemption,
    "risk_limits": _risks,
    "risk_assessment": _assessed_again,
    "assessment_skills": _skills,
    "keep_away": _keep_away,
    "distance": _distance,
    "features": _features,
    "smoke_free": _smoke_free,
    "ruled_out": _decided_again,
}
