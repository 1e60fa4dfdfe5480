"""The gates of a pair: what must be settled with this household before the match is confirmed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from matcher.codes import RISK_AREAS
from matcher.policy.case import ADJOINING, AUTHORITY_NOT_KNOWN, BEYOND, COUNCIL_NOT_KNOWN, OWN_AREA
from matcher.policy.forms import SUPERVISING
from matcher.policy.gate import (
    BOTH,
    DIRECTOR,
    MET,
    NOT_NEEDED,
    OFFICER,
    OPEN,
    SOCIAL_WORKER,
    Gate,
    Standing,
    match_gate,
    not_recorded,
    pair_gate,
)
from matcher.words import and_list, coded, count, long_date

SIGNATORIES = {
    "child_social_worker": "the child's social worker",
    "supervising_social_worker": "the supervising social worker",
}


@match_gate("PC-5.1e, PC-5.3a", "Complete the joint risk assessment, signed by both.", BOTH)
def joint_risk_assessment(
    joint_assessments: int,
    areas_considered: tuple[str, ...],
    assessed_outcome: str | None,
    signatures: tuple[str, ...],
) -> Standing:
    """Both social workers have considered all nine areas of risk for this household and signed."""
    if not joint_assessments:
        evidence = "No joint risk assessment of this match is recorded."
        return Standing(OPEN, evidence, unrecorded=True)
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
    return Standing(MET if met else OPEN, f"{'; '.join(said)}.", firm=too_high)


@pair_gate("PC-5.1c", "Consider each child there in the joint risk assessment.", BOTH)
def children_considered(looked_after_there: int) -> Standing:
    """The joint risk assessment names the looked-after children who live there."""
    if not looked_after_there:
        return Standing(NOT_NEEDED, "No looked-after children live there.")
    children = count(looked_after_there, "looked-after child")
    live = "lives" if looked_after_there == 1 else "live"
    return not_recorded(f"{children} {live} there. That they were considered")


def _no_high_risk(high_risks: tuple[str, ...]) -> Standing | None:
    return None if high_risks else Standing(NOT_NEEDED, "No risk is assessed as high.")


@pair_gate(
    "PC-5.3b", "Ask the carers whether they can manage this risk.", SUPERVISING, _no_high_risk
)
def high_risk(high_risks: tuple[str, ...], high_risks_not_stated: tuple[str, ...]) -> Standing:
    """The carers have said that they can manage a high risk."""
    if not high_risks_not_stated:
        evidence = f"High risk: {coded(high_risks)}. The carers have said what they manage."
        return Standing(MET, evidence)
    evidence = (
        f"High risk: {coded(high_risks_not_stated)}. The carers have not said what they manage."
    )
    return Standing(OPEN, evidence)


def _not_withheld(withhold_address: bool | None) -> Standing | None:
    if withhold_address:
        return None
    return Standing(NOT_NEEDED, "The address is not recorded as withheld.")


@pair_gate(
    "PC-5.3d",
    "Decide whether a family that knows the household can be kept away.",
    SOCIAL_WORKER,
    _not_withheld,
)
def known_to_family(relationship: str | None) -> Standing:
    """Where the address is withheld, the family does not know the household."""
    if relationship != "known_to_family":
        return Standing(NOT_NEEDED, "The family is not recorded as knowing this household.")
    return Standing(OPEN, "The family knows this household, and the address must be withheld.")


@match_gate("PC-5.3c", "Review the safe caring policy with the carers.", SUPERVISING)
def safe_caring(safe_caring_reviewed_on: date | None) -> Standing:
    """The household's safe caring policy is reviewed for this family."""
    if safe_caring_reviewed_on is not None:
        return Standing(MET, f"Reviewed on {long_date(safe_caring_reviewed_on)}.")
    return Standing(OPEN, "No day of a safe caring review is recorded.", unrecorded=True)


@match_gate("PC-5.3e, PC-6.2c", "Meet the carers, and tell them what they need to know.", BOTH)
def carers_briefed() -> Standing:
    """The carers know the issues, how to deal with them, and what else is relevant."""
    return not_recorded("That the carers were told what they need to know")


@match_gate("PC-4.2c", "Agree with parent and carers how care is shared.", BOTH)
def shared_care(a_parent_is_looked_after: bool) -> Standing:
    """How a looked-after parent and the carers share the child's care is agreed."""
    if not a_parent_is_looked_after:
        return Standing(NOT_NEEDED, "No parent is looked after.")
    return not_recorded("An agreement on shared care")


@match_gate("PC-2.1", "Write down and sign when the arrangement can be ended.", "all parties")
def written_agreement(nobody_looked_after: bool) -> Standing:
    """Where nobody is looked after, a written agreement says when the arrangement can be ended."""
    if not nobody_looked_after:
        return Standing(NOT_NEEDED, "The fostering and care planning regulations apply.")
    return not_recorded("A signed agreement")


def _terms_off(terms_apply: bool) -> Standing | None:
    if terms_apply:
        return None
    return Standing(NOT_NEEDED, "The policy in use leaves terms of approval aside.")


@pair_gate(
    "LAW-terms",
    "Widen the terms, or approve it as an emergency, for up to 6 working days.",
    "fostering panel",
    _terms_off,
)
def terms(terms: tuple[str, ...], purpose: str) -> Standing:
    """The carers' terms of approval include the placement's purpose."""
    if not terms or purpose in terms:
        return Standing(MET, f"The carers are approved for {coded(terms or (purpose,))}.")
    return Standing(OPEN, f"The carers are approved for {coded(terms)}; this one is for {purpose}.")


def _limit_off(usual_fostering_limit: float | None) -> Standing | None:
    if usual_fostering_limit is not None:
        return None
    return Standing(NOT_NEEDED, "The policy in use has no usual fostering limit.")


@pair_gate(
    "LAW-limit",
    "Ask for a written exemption that names this request.",
    "the authority where the carers live",
    _limit_off,
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
        return Standing(NOT_NEEDED, evidence)
    if not looked_after_there and not a_parent_is_looked_after:
        return Standing(NOT_NEEDED, "All who are looked after are brothers and sisters.")
    over = f"{together} looked-after people, over the usual limit of {usual_fostering_limit:g}."
    if exempt:
        return Standing(MET, f"{over} A written exemption names this request.")
    return Standing(OPEN, f"{over} No written exemption names this request.")


def _nobody_to_approve(area_approvals_required: bool, nobody_looked_after: bool) -> Standing | None:
    if not area_approvals_required:
        return Standing(NOT_NEEDED, "The policy in use asks for no approval out of area.")
    if nobody_looked_after:
        return Standing(NOT_NEEDED, "Nobody who comes is looked after.")
    return None


def _area(provider: str, area: str, out_of_area: dict[str, Standing]) -> Standing:
    """What a placement out of the council's area asks for, by how far out the carers live."""
    if provider == "own":
        return Standing(NOT_NEEDED, "The council approved these carers itself.")
    return {
        COUNCIL_NOT_KNOWN: Standing(
            OPEN, "It is not known which council this round is for: see round.toml."
        ),
        AUTHORITY_NOT_KNOWN: Standing(
            OPEN, "It is not known in which authority the carers live: ask."
        ),
        OWN_AREA: Standing(
            NOT_NEEDED, "The carers live in the council's own area.", tells_place=True
        ),
        **out_of_area,
    }[area]


@pair_gate(
    "LAW-area",
    "Approve the placement out of area.",
    OFFICER,
    _nobody_to_approve,
    tells_place=True,
)
def area_approval(provider: str, area: str) -> Standing:
    """A placement out of area, with carers of others, is approved by who must approve it."""
    adjoining = "The carers live in an adjoining authority."
    beyond = "The carers live in an authority that does not adjoin the council's."
    out_of_area = {
        ADJOINING: Standing(OPEN, adjoining, tells_place=True),
        BEYOND: Standing(OPEN, beyond, who=DIRECTOR, tells_place=True),
    }
    return _area(provider, area, out_of_area)


@pair_gate(
    "LAW-area",
    "Notify the authority where the carers live.",
    OFFICER,
    _nobody_to_approve,
    tells_place=True,
)
def area_authority(provider: str, area: str) -> Standing:
    """The authority where the carers live is notified, or consulted where it does not adjoin."""
    notified = not_recorded("That their authority was notified")
    consulted = not_recorded("That their authority was consulted")
    consult = "Consult the authority where the carers live, before the Director approves."
    out_of_area = {
        ADJOINING: replace(notified, tells_place=True),
        BEYOND: replace(consulted, action=consult, tells_place=True),
    }
    return _area(provider, area, out_of_area)


@match_gate(
    "PC-6.3c", "Hold the placement agreement meeting; give its record to all.", SOCIAL_WORKER
)
def placement_meeting() -> Standing:
    """The placement agreement meeting was held, and all who attended have its record."""
    return not_recorded("A placement agreement meeting")


@match_gate("PC-6.3b", "Sign the placement plan at the placement agreement meeting.", "all parties")
def placement_plan() -> Standing:
    """The placement plan is signed by all parties."""
    return not_recorded("A signed plan")


PAIR_GATES: tuple[Gate, ...] = (
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
