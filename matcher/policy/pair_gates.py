"""The gates of a pair: what must be settled with this household before the match is confirmed."""

from __future__ import annotations

from matcher.codes import RISK_AREAS
from matcher.geo import adjoin, same_authority
from matcher.policy.case import Case
from matcher.policy.forms import SUPERVISING
from matcher.policy.gate import (
    BOTH,
    MET,
    NOT_NEEDED,
    OPEN,
    SOCIAL_WORKER,
    Gate,
    Match,
    RequestCase,
    Standing,
    match_gate,
    not_recorded,
    pair_gate,
)
from matcher.words import and_list, coded, count, long_date, upper_first

OFFICER, DIRECTOR = "nominated officer", "Director of children's services"


def _never(asked: RequestCase) -> Standing | None:
    """Nothing settles it for every household alike."""
    return None


@match_gate("PC-5.1e, PC-5.3a", "Complete the joint risk assessment, signed by both.", BOTH)
def joint_risk_assessment(match: Match) -> Standing:
    """Both social workers have considered all nine areas of risk for this household and signed."""
    rows = match.risk_assessments
    if not rows:
        return Standing(OPEN, "No joint risk assessment of this match is recorded.")
    # Once there is an outcome, only who signed it counts.
    counting = [row for row in rows if row.outcome == "containable"] or rows
    areas = {area for row in rows for area in row.areas}
    open_areas = [area for area in RISK_AREAS if area not in areas]
    outcomes = {row.outcome for row in rows}
    contained = "containable" in outcomes and "too_high" not in outcomes
    signed = [
        who
        for who, column in (
            ("the child's social worker", "child_social_worker_on"),
            ("the supervising social worker", "supervising_social_worker_on"),
        )
        if not any(getattr(row, column) for row in counting)
    ]
    said = [f"{len(areas)} of 9 areas considered"]
    if open_areas:
        said.append(f"{coded(open_areas)} {'is' if len(open_areas) == 1 else 'are'} open")
    if signed:
        said.append(f"not signed by {and_list(signed)}")
    if not contained:
        said.append("the outcome is too high" if "too_high" in outcomes else "no outcome yet")
    met = contained and not open_areas and not signed
    return Standing(MET if met else OPEN, f"{'; '.join(said)}.", firm="too_high" in outcomes)


@pair_gate("PC-5.1c", "Consider each child there in the joint risk assessment.", BOTH, _never)
def children_considered(case: Case) -> Standing:
    """The joint risk assessment names the looked-after children who live there."""
    there = case.number("looked_after_there")
    if there == 0:
        return Standing(NOT_NEEDED, "No looked-after children live there.")
    said = f"{upper_first(count(there, 'looked-after child'))} {'lives' if there == 1 else 'live'} there."
    return Standing(OPEN, f"{said} That they were considered is not recorded.")


def _no_high_risk(asked: RequestCase) -> Standing | None:
    if "high" in asked.request.risks.values():
        return None
    return Standing(NOT_NEEDED, "No risk is assessed as high.")


@pair_gate(
    "PC-5.3b", "Ask the carers whether they can manage this risk.", SUPERVISING, _no_high_risk
)
def high_risk(case: Case) -> Standing:
    """The carers have said that they can manage a high risk."""
    own = dict(case.household.risk_limits)
    high = [area for area, level in case.request.risks.items() if level == "high"]
    asked = [area for area in high if area not in own]
    if not asked:
        return Standing(MET, f"High risk: {coded(high)}. The carers have said what they manage.")
    return Standing(OPEN, f"High risk: {coded(asked)}. The carers have not said what they manage.")


def _not_withheld(asked: RequestCase) -> Standing | None:
    if asked.request.withhold_address:
        return None
    return Standing(NOT_NEEDED, "The address is not recorded as withheld.")


@pair_gate(
    "PC-5.3d",
    "Decide whether a family that knows the household can be kept away.",
    SOCIAL_WORKER,
    _not_withheld,
)
def known_to_family(case: Case) -> Standing:
    """Where the address is withheld, the family does not know the household."""
    if case.relationship != "known_to_family":
        return Standing(NOT_NEEDED, "The family is not recorded as knowing this household.")
    return Standing(OPEN, "The family knows this household, and the address must be withheld.")


@match_gate("PC-5.3c", "Review the safe caring policy with the carers.", SUPERVISING)
def safe_caring(match: Match) -> Standing:
    """The household's safe caring policy is reviewed for this family."""
    days = [row.safe_caring_on for row in match.risk_assessments if row.safe_caring_on]
    if days:
        return Standing(MET, f"Reviewed on {long_date(max(days))}.")
    return Standing(OPEN, "No day of a safe caring review is recorded.")


@match_gate("PC-5.3e, PC-6.2c", "Meet the carers, and tell them what they need to know.", BOTH)
def carers_briefed(match: Match) -> Standing:
    """The carers know the issues, how to deal with them, and what else is relevant."""
    return not_recorded("That the carers were told what they need to know")


@match_gate("PC-4.2c", "Agree with parent and carers how care is shared.", BOTH)
def shared_care(match: Match) -> Standing:
    """How a looked-after parent and the carers share the child's care is agreed."""
    if not match.request.a_parent_is_looked_after:
        return Standing(NOT_NEEDED, "No parent is looked after.")
    return not_recorded("An agreement on shared care")


@match_gate("PC-2.1", "Write down and sign when the arrangement can be ended.", "all parties")
def written_agreement(match: Match) -> Standing:
    """Where nobody is looked after, a written agreement says when the arrangement can be ended."""
    if not match.request.nobody_looked_after:
        return Standing(NOT_NEEDED, "The fostering and care planning regulations apply.")
    return not_recorded("A signed agreement")


def _terms_off(asked: RequestCase) -> Standing | None:
    if not asked.policy.is_off("terms_of_approval"):
        return None
    return Standing(NOT_NEEDED, "The policy in use leaves terms of approval aside.")


@pair_gate(
    "LAW-terms",
    "Widen the terms, or approve it as an emergency, for up to 6 working days.",
    "fostering panel",
    _terms_off,
)
def terms(case: Case) -> Standing:
    """The carers' terms of approval include the placement's purpose."""
    held, purpose = case.household.terms, case.request.purpose
    if not held or purpose in held:
        return Standing(MET, f"The carers are approved for {coded(held or (purpose,))}.")
    return Standing(OPEN, f"The carers are approved for {coded(held)}; this one is for {purpose}.")


def _limit_off(asked: RequestCase) -> Standing | None:
    if not asked.policy.is_off("usual_fostering_limit"):
        return None
    return Standing(NOT_NEEDED, "The policy in use has no usual fostering limit.")


@pair_gate(
    "LAW-limit",
    "Ask for a written exemption that names this request.",
    "the authority where the carers live",
    _limit_off,
)
def limit_exemption(case: Case) -> Standing:
    """Over the usual fostering limit, a written exemption names the request."""
    come, there = case.number("looked_after_people"), case.number("looked_after_there")
    limit = case.policy.number("usual_fostering_limit")
    if come + there <= limit:
        return Standing(NOT_NEEDED, f"With this family the limit of {limit:g} holds.")
    if there == 0 and not case.request.a_parent_is_looked_after:
        return Standing(NOT_NEEDED, "All who are looked after are brothers and sisters.")
    said = f"{come + there:g} looked-after people, over the usual limit of {limit:g}."
    if case.number("exempt"):
        return Standing(MET, f"{said} A written exemption names this request.")
    return Standing(OPEN, f"{said} No written exemption names this request.")


def _nobody_to_approve(asked: RequestCase) -> Standing | None:
    if asked.policy.is_off("area.approvals"):
        return Standing(NOT_NEEDED, "The policy in use asks for no approval out of area.")
    if asked.request.nobody_looked_after:
        return Standing(NOT_NEEDED, "Nobody who comes is looked after.")
    return None


def _area(case: Case, adjoining: Standing, beyond: Standing) -> Standing:
    """What a placement out of the council's area asks for, by how far out the carers live."""
    if case.household.provider == "own":
        return Standing(NOT_NEEDED, "The council approved these carers itself.")
    ours, theirs = case.inputs.authority, case.household.local_authority
    if ours is None:
        return Standing(OPEN, "It is not known which council this round is for: see round.toml.")
    if theirs is None:
        return Standing(OPEN, "It is not known in which authority the carers live: ask.")
    if same_authority(ours, theirs):
        return Standing(NOT_NEEDED, "The carers live in the council's own area.", tells_place=True)
    also = case.policy.codes("area.also_adjoining")
    near = adjoin(ours, theirs) or any(same_authority(theirs, code) for code in also)
    return adjoining if near else beyond


@pair_gate("LAW-area", "Approve the placement out of area.", OFFICER, _nobody_to_approve)
def area_approval(case: Case) -> Standing:
    """A placement out of area, with carers of others, is approved by who must approve it."""
    return _area(
        case,
        Standing(OPEN, "The carers live in an adjoining authority.", tells_place=True),
        Standing(
            OPEN,
            "The carers live in an authority that does not adjoin the council's.",
            who=DIRECTOR,
            tells_place=True,
        ),
    )


@pair_gate("LAW-area", "Notify the authority where the carers live.", OFFICER, _nobody_to_approve)
def area_authority(case: Case) -> Standing:
    """The authority where the carers live is notified, or consulted where it does not adjoin."""
    return _area(
        case,
        Standing(OPEN, "That their authority was notified is not recorded.", tells_place=True),
        Standing(
            OPEN,
            "That their authority was consulted is not recorded.",
            action="Consult the authority where the carers live, before the Director approves.",
            tells_place=True,
        ),
    )


@match_gate(
    "PC-6.3c", "Hold the placement agreement meeting; give its record to all.", SOCIAL_WORKER
)
def placement_meeting(match: Match) -> Standing:
    """The placement agreement meeting was held, and all who attended have its record."""
    return not_recorded("A placement agreement meeting")


@match_gate("PC-6.3b", "Sign the placement plan at the placement agreement meeting.", "all parties")
def placement_plan(match: Match) -> Standing:
    """The placement plan is signed by all parties."""
    return not_recorded("A signed plan")


PAIR_GATES: tuple[Gate[Case], ...] = (
    joint_risk_assessment,
    children_considered,
    high_risk,
    known_to_family,
    safe_caring,
    carers_briefed,
    shared_care,
    written_agreement,
    terms,
    limit_exemption,
    area_approval,
    area_authority,
    placement_meeting,
    placement_plan,
)
