"""Duties of a match: what must be settled with one household before it is confirmed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from matcher.codes import RISK_AREAS
from matcher.policy.case import ADJOINING, AUTHORITY_NOT_KNOWN, BEYOND, COUNCIL_NOT_KNOWN, OWN_AREA
from matcher.policy.days import england
from matcher.policy.duties.form import (
    ALL_PARTIES,
    BOTH,
    DIRECTOR,
    MATCH,
    OFFICER,
    PAIR,
    PANEL,
    PARENT_NOT_KNOWN,
    Standing,
    ask,
    done,
    duty,
    no_parent,
    not_needed,
    not_recorded,
    to_do,
)
from matcher.policy.forms import SUPERVISING
from matcher.words import and_list, coded, count, long_date, upper_first

ASSESS = "Assess the areas of risk that are not yet assessed."
SIGNATORIES = {
    "child_social_worker": "the child's social worker",
    "supervising_social_worker": "the supervising social worker",
}


@duty("PC-5.1e, PC-5.3a", "Complete the joint risk assessment, signed by both.", BOTH, of=MATCH, holds=True)  # fmt: skip
def joint_risk_assessment(
    joint_assessments: int,
    areas_considered: tuple[str, ...],
    assessed_outcome: str | None,
    signatures: tuple[str, ...],
) -> Standing:
    """Both social workers have considered all nine areas of risk for this household and signed."""
    if not joint_assessments:
        evidence = "No joint risk assessment of this match is recorded."
        return replace(to_do(evidence), unrecorded=True)
    open_areas = [area for area in RISK_AREAS if area not in areas_considered]
    unsigned = [words for who, words in SIGNATORIES.items() if who not in signatures]
    said = [f"{len(areas_considered)} of {len(RISK_AREAS)} areas considered"]
    if open_areas:
        said.append(f"{coded(open_areas)} {'is' if len(open_areas) == 1 else 'are'} open")
    if unsigned:
        said.append(f"not signed by {and_list(unsigned)}")
    too_high, contained = assessed_outcome == "too_high", assessed_outcome == "containable"
    if not contained:
        said.append("the outcome is too high" if too_high else "no outcome yet")
    met = contained and not open_areas and not unsigned
    evidence = f"{'; '.join(said)}."
    return done(evidence) if met else to_do(evidence, firm=too_high)


@duty("PC-5.1c", "Consider each child there in the joint risk assessment, and what the household needs.", BOTH, of=PAIR, holds=True)  # fmt: skip
def children_considered(
    looked_after_there: int, own_carer: bool, own_children: bool | None, never_asked: bool
) -> Standing:
    """The joint risk assessment names the looked-after children and the carers' own who live there."""
    other = "other " if own_carer else ""
    without = " The parent who lives there is not counted." if own_carer else ""
    asked = own_children is True or (own_children is False and not never_asked)
    there = []
    if looked_after_there:
        live = "lives" if looked_after_there == 1 else "live"
        there.append(f"{count(looked_after_there, f'{other}looked-after child')} {live} there")
    if own_children:
        there.append("children of the carers live there")
    if not asked:
        there.append("nobody has asked whether children of the carers live there")
    if there:
        said = not_recorded(f"{upper_first(and_list(there))}.{without} That they were considered")
        if looked_after_there or own_children:
            return said
        return ask(f"{upper_first(and_list(there))}.{without}", ASK_THE_CARERS, SUPERVISING)
    return not_needed(f"No {other}looked-after children and no children of the carers live there.{without}")  # fmt: skip


def _no_high_risk(
    high_risks: tuple[str, ...], risks_not_assessed: tuple[str, ...]
) -> Standing | None:
    if high_risks:
        return None
    if risks_not_assessed:
        areas = count(len(risks_not_assessed), "area")
        return ask(f"Whether a risk is high is not known: {areas} not assessed.", ASSESS, BOTH)
    return not_needed("No risk is assessed as high.")


@duty(
    "PC-5.3b",
    "Ask the carers whether they can manage this risk.",
    SUPERVISING,
    of=PAIR,
    holds=True,
    whatever=_no_high_risk,
)
def high_risk(high_risks: tuple[str, ...], high_risks_not_stated: tuple[str, ...]) -> Standing:
    """The carers have said that they can manage a high risk."""
    if not high_risks_not_stated:
        evidence = f"High risk: {coded(high_risks)}. The carers have said what they manage."
        return done(evidence)
    evidence = f"High risk: {coded(high_risks_not_stated)}. The carers have not said whether they manage it."
    return to_do(evidence)


def _not_withheld(withhold_address: bool | None) -> Standing | None:
    return not_needed("The address need not be withheld.") if withhold_address is False else None


@duty(
    "PC-5.3d",
    "Decide whether a family that knows the household can be kept away.",
    of=PAIR,
    holds=True,
    whatever=_not_withheld,
)
def known_to_family(knows_household: bool, withhold_address: bool | None) -> Standing:
    """Where the address is withheld, the family does not know the household."""
    if not knows_household:
        return not_needed("The family is not recorded as knowing this household.")
    if withhold_address is None:
        evidence = "The family knows this household; whether the address must be withheld is not known."  # fmt: skip
        return ask(evidence, "Decide whether the address is to be withheld.")
    return to_do("The family knows this household, and the address must be withheld.")


def _all_asked(features_read_as_before: bool) -> Standing | None:
    if features_read_as_before:
        return None
    return not_needed("The table of households has a column for each.")


ASK_THE_CARERS = "Ask the carers, and record the answer."


@duty(
    "NMS-15",
    "Ask the carers whether anybody smokes, and whether dogs, cats or children of their own live "
    "there; fill in a column for each.",
    SUPERVISING,
    of=PAIR,
    holds=True,
    whatever=_all_asked,
)
def features_asked(never_asked: bool) -> Standing:
    """The carers were asked about smoking, dogs, cats and their own children, each by itself."""
    if not never_asked:
        return done("The carers were asked.")
    return to_do("Their list of features is read as before: nobody has asked about what it leaves out.")  # fmt: skip


def _no_smoke_duty(smoke_at_own_carers: bool, lives_with_own_carers: bool) -> Standing | None:
    if not smoke_at_own_carers:
        return not_needed("No young child comes, or the rule alone decides.")
    if not lives_with_own_carers:
        return not_needed("No parent lives with carers of their own.")
    return None


@duty(
    "LAW-smoking",
    "Agree with the carers how the home is smoke-free for the child.",
    SUPERVISING,
    of=PAIR,
    holds=True,
    whatever=_no_smoke_duty,
)
def smoke_free_own_carers(own_carer: bool, smokes: bool | None, never_asked: bool) -> Standing:
    """Where a young child comes to a parent's own carers, nobody smokes there."""
    if not own_carer:
        return not_needed("They are not the parent's own carers.")
    if smokes:
        return to_do("Somebody smokes there, and a young child comes.")
    if smokes is None or never_asked:
        return ask("Nobody has asked whether anybody smokes there.", ASK_THE_CARERS)
    return done("The carers have said that nobody smokes.")


def _end_is_known(purpose: str, expected_weeks: int | None) -> Standing | None:
    if purpose != "support":
        return not_needed("It is not for support.")
    return not_needed("How long it lasts is recorded.") if expected_weeks is not None else None


@duty(
    "PC-1b",
    "Agree with the carers and the parent what follows when the household is no longer available.",
    SUPERVISING,
    of=PAIR,
    holds=True,
    whatever=_end_is_known,
)
def what_follows(available_until: date | None) -> Standing:
    """Where support has no end and the household has one, what follows is agreed."""
    if available_until is None:
        return not_needed("The household has no last day.")
    until = long_date(available_until)
    return to_do(f"How long support lasts is open, and the household is available until {until}.")


@duty("PC-5.3c", "Review the safe caring policy with the carers.", SUPERVISING, of=MATCH, holds=True)  # fmt: skip
def safe_caring(safe_caring_reviewed_on: date | None) -> Standing:
    """The household's safe caring policy is reviewed for this family."""
    if safe_caring_reviewed_on is not None:
        return done(f"Reviewed on {long_date(safe_caring_reviewed_on)}.")
    return not_recorded("A day of a safe caring review")


@duty("PC-5.3e, PC-6.2b, PC-6.2c", "Meet the carers, and tell them what they need to know.", BOTH, of=MATCH, holds=True)  # fmt: skip
def carers_briefed() -> Standing:
    """The carers met both social workers, and know the issues, how to deal with them, and what else is relevant."""
    return not_recorded("That the carers were told what they need to know")


@duty("PC-4.2c", "Agree with parent and carers how care is shared.", BOTH, of=MATCH, holds=True)  # fmt: skip
def shared_care(any_parent_looked_after: bool | None) -> Standing:
    """How a looked-after parent and the carers share the child's care is agreed."""
    return no_parent(any_parent_looked_after) or not_recorded("An agreement on shared care")


@duty("PC-2.1", "Write down and sign when the arrangement can be ended.", ALL_PARTIES, of=MATCH, holds=True)  # fmt: skip
def written_agreement(
    nobody_looked_after: bool, directed_without_order: bool, adult_since: date | None
) -> Standing:
    """Where nobody is looked after, a written agreement says when the arrangement can be ended.

    Where a parent was looked after until they were 18, it is due on that day.
    """
    if directed_without_order:
        return not_needed("The court directed the arrangement: it is not voluntary.")
    if not nobody_looked_after:
        return not_needed("The fostering and care planning regulations apply.")
    return not_recorded("A signed agreement", adult_since)


def _terms_off(terms_apply: bool) -> Standing | None:
    if terms_apply:
        return None
    return not_needed("The policy in use leaves terms of approval aside.")


@duty(
    "LAW-terms",
    "Widen the terms, or approve it as an emergency.",
    PANEL,
    of=PAIR,
    holds=True,
    whatever=_terms_off,
)
def terms(
    terms: tuple[str, ...], purpose: str, emergency_approval_working_days: int | None
) -> Standing:
    """The carers' terms of approval include the placement's purpose."""
    if not terms or purpose in terms:
        return done(f"The carers are approved for {coded(terms or (purpose,))}.")
    most = emergency_approval_working_days
    for_most = f", for up to {count(most, 'working day')}" if most else ""
    return to_do(
        f"The carers are approved for {coded(terms)}; this one is for {purpose}.",
        action=f"Widen the terms, or approve it as an emergency{for_most}.",
    )


def _limit_off(usual_fostering_limit: float | None) -> Standing | None:
    if usual_fostering_limit is not None:
        return None
    return not_needed("The policy in use has no usual fostering limit.")


@duty(
    "LAW-limit",
    "Ask for a written exemption that names this request.",
    "the authority where the carers live",
    of=PAIR,
    holds=True,
    whatever=_limit_off,
)
def limit_exemption(
    looked_after_people: int,
    looked_after_there: int,
    usual_fostering_limit: float,
    a_parent_is_looked_after: bool,
    exempt: bool,
) -> Standing:
    """Over the usual fostering limit, a written exemption names the request."""
    together = looked_after_people + looked_after_there
    if together <= usual_fostering_limit:
        evidence = f"With this family the limit of {usual_fostering_limit:g} holds."
        return not_needed(evidence)
    if not looked_after_there and not a_parent_is_looked_after:
        return not_needed("All who are looked after are brothers and sisters.")
    over = f"{together} looked-after people, over the usual limit of {usual_fostering_limit:g}."
    if exempt:
        return done(f"{over} A written exemption names this request.")
    return to_do(f"{over} No written exemption names this request.")


def _nobody_to_approve(
    area_approvals_required: bool, nobody_looked_after: bool, any_parent_looked_after: bool | None
) -> Standing | None:
    if not area_approvals_required:
        return not_needed("The policy in use asks for no approval out of area.")
    return _nobody(nobody_looked_after, any_parent_looked_after)


def _nobody_to_notify(
    notices_required: bool, nobody_looked_after: bool, any_parent_looked_after: bool | None
) -> Standing | None:
    if not notices_required:
        return not_needed("The policy in use asks for no notice out of area.")
    return _nobody(nobody_looked_after, any_parent_looked_after)


def _nobody(nobody_looked_after: bool, any_parent: bool | None) -> Standing | None:
    """What to say where nobody who comes is looked after, or nobody knows."""
    if not nobody_looked_after:
        return None
    if any_parent is None:
        return PARENT_NOT_KNOWN
    return not_needed("Nobody who comes is looked after.")


def _placed(standing: Standing) -> Standing:
    """One that says where the household is."""
    return replace(standing, tells_place=True)


NOT_KNOWN = {
    COUNCIL_NOT_KNOWN: to_do("It is not known which council this round is for: see round.toml."),
    AUTHORITY_NOT_KNOWN: to_do("It is not known in which authority the carers live: ask."),
}
HOME = "The carers live in the council's own area."
OUT_OF_AREA = {
    ADJOINING: "The carers live in an adjoining authority.",
    BEYOND: "The carers live in an authority that does not adjoin the council's.",
}


def _area(provider: str, area: str, out_of_area: dict[str, Standing]) -> Standing:
    """What a placement out of the council's area asks for, by how far out the carers live."""
    if provider == "own":
        return not_needed("The council approved these carers itself.")
    return {**NOT_KNOWN, OWN_AREA: _placed(not_needed(HOME)), **out_of_area}[area]


@duty(
    "LAW-area",
    "Approve the placement out of area.",
    OFFICER,
    of=PAIR,
    holds=True,
    whatever=_nobody_to_approve,
    tells_place=True,
)
def area_approval(provider: str, area: str) -> Standing:
    """A placement out of area, with carers of others, is approved by who must approve it."""
    out_of_area = {
        ADJOINING: _placed(to_do(OUT_OF_AREA[ADJOINING])),
        BEYOND: _placed(to_do(OUT_OF_AREA[BEYOND], who=DIRECTOR)),
    }
    return _area(provider, area, out_of_area)


@duty(
    "LAW-area",
    "Consult the authority where the carers live, before the Director approves.",
    OFFICER,
    of=PAIR,
    holds=True,
    whatever=_nobody_to_approve,
    tells_place=True,
)
def area_authority(provider: str, area: str) -> Standing:
    """An authority that does not adjoin is consulted before carers of others there are used."""
    out_of_area = {
        ADJOINING: _placed(
            not_needed(f"{OUT_OF_AREA[ADJOINING]} One that adjoins is not consulted.")
        ),
        BEYOND: _placed(not_recorded("That their authority was consulted")),
    }
    return _area(provider, area, out_of_area)


@duty(
    "LAW-notice",
    "Give the authority where the carers live written notice, with the assessment of needs, the "
    "reasons and the care plan.",
    OFFICER,
    of=PAIR,
    holds=True,
    whatever=_nobody_to_notify,
    tells_place=True,
)
def area_notice(
    area: str,
    in_an_emergency: bool,
    counts_from: date | None,
    emergency_notice_working_days: int,
) -> Standing:
    """The authority where the carers live has written notice of a looked-after person placed there.

    Before the start, also with the council's own carers; in an emergency, where it starts on the day
    of the request, within so many working days of the start.
    """
    found = {
        **NOT_KNOWN,
        OWN_AREA: _placed(not_needed(HOME)),
        **dict.fromkeys(OUT_OF_AREA, _placed(not_recorded("Written notice to their authority"))),
    }[area]
    if not in_an_emergency or counts_from is None:
        return found
    due = england().after(counts_from, emergency_notice_working_days)
    return replace(found, due=due, holds=False)


HOUSEHOLD = (
    joint_risk_assessment,
    children_considered,
    high_risk,
    known_to_family,
    features_asked,
    smoke_free_own_carers,
    what_follows,
    safe_caring,
    carers_briefed,
    shared_care,
    written_agreement,
    terms,
    limit_exemption,
    area_approval,
    area_authority,
    area_notice,
)
