"""The soft criteria, in the order of the contract: each is 0 to 1, NaN where it does not apply.

What is not known of the request leaves the criterion out; what is not known of the household
scores 0 and says what to ask.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from matcher.codes import ETHNICITIES, RELIGIONS
from matcher.intake.rows import Request
from matcher.model import NOT_KNOWN, Mask, Numbers, says
from matcher.policy.case import Case
from matcher.policy.ethnicity import nearness
from matcher.policy.forms import Cells, Criterion, Evidence, criterion
from matcher.policy.pairs import Pairs
from matcher.policy.rules import RULES
from matcher.policy.settings import Policy
from matcher.shipped import (
    broad_groups,
    ethnicity_labels,
    language_names,
    macrolanguages,
    one_group,
)
from matcher.words import and_list, coded, count, label, upper_first

NO_RELIGION = ("none", "not_stated")
NOT_SAID = "the request does not say"
HIGH_RISK, MEDIUM_RISK = 3, 2
USUAL_SKILLS = ("babies", "teaching_parents")  # of whoever is recruited for parent and child


def _applies(where: Mask, value: Numbers) -> Numbers:
    return np.where(where, value, NOT_KNOWN)


def _best_of_carers(x: Pairs, score: Numbers) -> Numbers:
    """The best of a score (codes, carers) over each household's approved carers: (codes, m)."""
    carers = x.columns.carers
    best = np.zeros((len(score), len(x.columns.household_ids)))
    which = np.flatnonzero(carers.approved)
    if len(which):
        homes, starts = np.unique(carers.household[which], return_index=True)
        best[:, homes] = np.maximum.reduceat(score[:, which], starts, axis=1)
    return best[:, x.household_rows]


@criterion("PC-5.1g", doubts={"parent_wishes": ()})
def language(x: Pairs) -> Numbers:
    """A carer speaks the parent's language, or the parent's English is good enough."""
    p = x.policy
    some = np.where(says(x.r.english, "some"), p.number("language.english_some"), 0.0)
    english = np.where(says(x.r.english, "fluent"), p.number("language.english_fluent"), some)
    value = english
    if x.r.other_languages.any():
        others = x.r.other_languages[:, 0, :].astype(np.float32) @ x.speaks
        value = np.where(others > 0, p.number("language.another"), value)
    if x.columns.languages:
        speaks = x.of_code("speaks_or_nobody", _speaks_or_nobody, x.r.best_language)
        value = np.where(speaks, 1.0, value)
    return _applies(x.r.languages_known, np.where(x.h.languages_known, value, 0.0))


def _speaks_or_nobody(x: Pairs) -> Mask:
    """Who speaks each language, and a last row for a language that is not known."""
    return np.vstack([x.speaks, np.zeros((1, x.shape[1]))]) > 0


def _english_of(english: str | None) -> str:
    """' The parent has some English.', '' where that is not known."""
    if english is None:
        return ""
    some = {"none": "has no English", "some": "has some English", "fluent": "is fluent in English"}
    return f" The parent {some[english]}."


@language.evidence
def _(
    value: float,
    languages: tuple[str, ...] | None,
    languages_spoken: tuple[str, ...],
    english: str | None,
    high_grade: float,
) -> Evidence:
    if not languages_spoken:
        return Evidence(
            "It is not known which languages the carers speak.",
            "Ask the carers which languages they speak.",
        )
    names = language_names()
    first, *others = languages or ()
    best = names[first]
    if first in languages_spoken:
        return Evidence(f"A carer speaks {best}, the parent's best language.")
    shared = [code for code in others if code in languages_spoken]
    links = f"Links with people who speak {best}." if value < high_grade else None
    kin = next((code for code in languages_spoken if one_group(first, code)), None)
    if kin is not None:
        group = macrolanguages().get(first, first)
        whose = "the parent speaks" if first == group else "the carer speaks"
        asked = f"which {names[group]} language {whose}"
        until_known = "plan an interpreter until that is known"
        also = f" A carer speaks {names[shared[0]]}, as the parent does." if shared else ""
        return Evidence(
            f"A carer speaks {names[kin]}; {asked} is not known: ask.{also}{_english_of(english)}",
            f"Ask {asked}." if english == "fluent" else f"Ask {asked}; {until_known}.",
        )
    if shared:
        return Evidence(
            f"A carer speaks {names[shared[0]]}, which the parent also speaks, "
            f"but not {best}, the parent's best language.",
            links,
        )
    none = f"No carer speaks {best}"
    if english is None:
        return Evidence(
            f"{none}, and it is not known how much English the parent has.",
            "Ask how much English the parent has; plan an interpreter until that is known.",
        )
    if english == "none":
        return Evidence(f"{none}, and the parent has no English.", "An interpreter.")
    if english == "fluent":
        return Evidence(f"{none}; the parent's English is fluent.", links)
    return Evidence(f"{none}; the parent has some English.", "An interpreter for important talks.")


@language.asks
def _(case: Case) -> Iterator[str]:
    names = language_names()
    spoken = ", ".join(names.get(code, code) for code in case.request.languages or ())
    yield f"Language: {spoken or NOT_SAID}"


@language.recruit
def _(request: Request, policy: Policy) -> Cells:
    return {"languages": request.languages} if request.languages else {}


@criterion("PC-5.1g", doubts={"parent_wishes": ()})
def ethnicity(x: Pairs) -> Numbers:
    """A carer shares the parent's ethnicity, or comes near to it."""
    listed = [*ETHNICITIES, ""]

    def best_of_each(x: Pairs) -> Numbers:
        table = np.array([[nearness(a, b, x.policy) for b in listed] for a in listed])
        return _best_of_carers(x, table[:, x.columns.carers.ethnicity])

    known = np.array([code in broad_groups() for code in listed])
    best = x.of_code("ethnicity", best_of_each, x.r.ethnicity)
    return _applies(known[x.r.ethnicity], best)


@ethnicity.evidence
def _(value: float, ethnicity: str, nearest_ethnicity: str | None, high_grade: float) -> Evidence:
    names = ethnicity_labels()
    links = "Links with people and places of the parent's own background."
    if nearest_ethnicity is None:
        return Evidence("The carers' ethnicity is not known.", "Ask the carers their ethnicity.")
    parent = names[ethnicity]
    if nearest_ethnicity == ethnicity:
        return Evidence(f"A carer's ethnicity is {parent}, as the parent's is.")
    if value > 0:
        near = names[nearest_ethnicity]
        text = f"The parent's ethnicity is {parent}; a carer's is {near}, near to it."
        return Evidence(text, links if value < high_grade else None)
    return Evidence(f"The parent's ethnicity is {parent}; no carer shares it.", links)


@ethnicity.asks
def _(case: Case) -> Iterator[str]:
    code = case.request.ethnicity
    yield f"Ethnicity: {ethnicity_labels()[code] if code else NOT_SAID}"


@ethnicity.recruit
def _(request: Request, policy: Policy) -> Cells:
    return {"ethnicity": request.ethnicity}


def _religion_pair(parent: str, carer: str, policy: Policy) -> float:
    if parent != carer:
        return 0.0
    return policy.number("religion.other") if parent == "other" else 1.0


@criterion("PC-5.1g", doubts={"parent_wishes": ()})
def religion(x: Pairs) -> Numbers:
    """A carer shares the parent's religion, or can support it."""
    listed = [*RELIGIONS, ""]

    def best_of_each(x: Pairs) -> Numbers:
        table = np.array([[_religion_pair(a, b, x.policy) for b in listed] for a in listed])
        carers = x.columns.carers
        nobody = np.zeros((1, len(carers.approved)), bool)
        supports = np.vstack([carers.supports_religions.T, nobody])
        supported = np.where(supports, x.policy.number("religion.supported"), 0.0)
        return _best_of_carers(x, np.maximum(table[:, carers.religion], supported))

    said = np.array([code not in (*NO_RELIGION, "") for code in listed])
    best = x.of_code("religion", best_of_each, x.r.religion)
    return _applies(said[x.r.religion], best)


@religion.evidence
def _(
    value: float, religion: str, carers_religions: tuple[str, ...], high_grade: float
) -> Evidence:
    asked = label(religion).capitalize()
    if religion == "other" and "other" in carers_religions:
        return Evidence(
            "The parent and a carer both have a religion that the list does not name.",
            "Ask whether it is the same religion.",
        )
    if religion in carers_religions:
        return Evidence(f"A carer is {asked}, as the parent is.")
    if value > 0:
        agree = "Agree with the parent and the carers how it is practised in the home."
        text = f"A carer can support the parent's religion ({asked})."
        return Evidence(text, agree if value < high_grade else None)
    if not carers_religions:
        return Evidence("The carers' religion is not known.", "Ask the carers their religion.")
    return Evidence(
        f"The parent is {asked}; no carer shares or supports that."
        if religion != "other"
        else "No carer shares or supports the parent's religion.",
        f"A link with a place of worship, and advice on daily practice ({asked}).",
    )


@religion.asks
def _(case: Case) -> Iterator[str]:
    yield f"Religion: {upper_first(label(case.request.religion or '')) or NOT_SAID}"


@religion.recruit
def _(request: Request, policy: Policy) -> Cells:
    return {"religion": None if request.religion in NO_RELIGION else request.religion}


@criterion("PC-5.1j", tells_place=True, doubts={"distance": ("postcode",)})
def distance(x: Pairs) -> Numbers:
    """The household is near the parent's home, unless the plan asks for distance."""
    near = np.maximum(1 - x.outcode_miles / x.policy.number("far_miles"), 0)
    return x.from_outcodes(_applies(np.isnan(x.r.min_miles) & ~x.r.keeps_away, near))


@distance.evidence
def _(value: float, miles: float) -> Evidence:
    return Evidence(f"It is {about(miles)} from home.")


@distance.asks
def _(case: Case) -> Iterator[str]:
    yield "Near the family's home"


@criterion("PC-5.1i, PC-5.2d", tells_place=True, doubts={"distance": ("postcode",)})
def school(x: Pairs) -> Numbers:
    """The household is near the school of an older child or of the parent."""
    return np.maximum(1 - x.school_miles / x.policy.number("far_school_miles"), 0)


@school.evidence
def _(value: float, school_miles: float, medium_grade: float) -> Evidence:
    support = None if value >= medium_grade else "Help with school travel."
    return Evidence(f"It is {about(school_miles)} from school.", support)


@school.asks
def _(case: Case) -> Iterator[str]:
    yield "Near school"


def about(miles: float) -> str:
    """'about 3 miles', as outward postcodes are themselves about a mile across."""
    return "less than a mile" if miles < 1 else f"about {count(math.floor(miles + 0.5), 'mile')}"


@criterion("PC-5.2b, PC-5.2c, PC-5.2d")
def skills(x: Pairs) -> Numbers:
    """The carers between them have the experience that the family needs."""
    asked = x.skills_asked
    share: Numbers = np.bitwise_count(asked & x.h.skills) / np.bitwise_count(asked)
    return share


@skills.evidence
def _(value: float, skills_asked: tuple[str, ...], skills: tuple[str, ...]) -> Evidence:
    has = [skill for skill in skills_asked if skill in skills]
    lacks = [skill for skill in skills_asked if skill not in has]
    if not lacks:
        return Evidence(f"Experience covers {coded(has)}: all that is asked for.")
    start = f"Experience covers {coded(has)}" if has else "No carer has experience of what is asked"
    return Evidence(
        f"{start}; not {coded(lacks, 'or')}." if has else f"{start}: {coded(lacks)}.",
        f"Training on {coded(lacks)}, or a link with a specialist worker.",
    )


@skills.asks
def _(case: Case) -> Iterator[str]:
    asked = case.skills_asked
    yield f"Experience of {coded(asked)}" if asked else "Experience: nothing is asked for"


@skills.recruit
def _(request: Request, policy: Policy) -> Cells:
    more = "court_evidence" if request.purpose == "assessment" else "teenagers"
    return {"skills": (*USUAL_SKILLS, more, *request.needs)}


@criterion(
    "PC-5.1c", doubts={"capacity": ("looked_after_children",), "risk": (), "household_needs": ()}
)
def impact(x: Pairs) -> Numbers:
    """The placement weighs little on looked-after children who already live there."""
    p = x.policy
    one, more = p.number("impact.one_child"), p.number("impact.more_children")
    there = x.looked_after_there
    value = np.where(there == 0, 1.0, np.where(there == 1, one, more))
    worst = np.fmax.reduce(x.r.risks, axis=-1, initial=0.0)
    medium = np.where(worst >= MEDIUM_RISK, p.number("impact.medium_risk"), 1.0)
    factor = np.where(worst >= HIGH_RISK, p.number("impact.high_risk"), medium)
    weighed: Numbers = value * factor
    return weighed


@impact.evidence
def _(
    value: float,
    looked_after_there: int,
    parent_left_out: bool,
    high_risks: tuple[str, ...],
    medium_risks: tuple[str, ...],
    high_grade: float,
) -> Evidence:
    live = "lives" if looked_after_there == 1 else "live"
    her = ", without the parent, who is one of them today" if parent_left_out else ""
    told = [f"{upper_first(count(looked_after_there, 'looked-after child'))} {live} there{her}."]
    if worst := high_risks or medium_risks:
        level, areas = "high" if high_risks else "medium", and_list(map(label, worst))
        told.append(f"The assessed risk is {level} in {areas}.")
    if value >= high_grade:
        return Evidence(" ".join(told))
    # What makes it a gap comes first: where no children live there, the risk.
    text = " ".join(told if looked_after_there else reversed(told))
    who = "the looked-after children there" if looked_after_there else "the household"
    return Evidence(text, f"A plan with the supervising social worker for {who}.")


@impact.asks
def _(case: Case) -> Iterator[str]:
    yield "The needs of those who live there"


CRITERIA: tuple[Criterion, ...] = (
    language,
    ethnicity,
    religion,
    distance,
    school,
    skills,
    impact,
)

# The criteria and rules whose facts say where a household is.
WHERE = tuple(dict.fromkeys(form.key for form in (*CRITERIA, *RULES) if form.tells_place))
