"""The soft criteria, in the order of the contract: each is 0 to 1, NaN where it does not apply.

What is not known of the request leaves the criterion out; what is not known of the household
scores 0 and says what to ask.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from matcher.codes import ETHNICITIES, RELIGIONS, SKILLS
from matcher.model import NOT_KNOWN, SKILL_BITS, Mask, Numbers, says
from matcher.policy.case import Case
from matcher.policy.forms import Criterion, Evidence, criterion
from matcher.policy.pairs import Pairs
from matcher.policy.settings import Policy
from matcher.shipped import broad_groups, language_names
from matcher.words import and_list, coded, count, label, upper_first

NO_RELIGION = ("none", "not_stated")
HALVES = {
    "MWBC": ("White", "Black"),
    "MWBA": ("White", "Black"),
    "MWAS": ("White", "Asian"),
}
HIGH_RISK, MEDIUM_RISK = 3, 2


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


@criterion("PC-5.1g")
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


@language.evidence
def _(case: Case, value: float) -> Evidence:
    asked = case.request.languages or ()
    spoken = {code for carer in case.carers for code in carer.languages or ()}
    names = language_names()
    if not spoken:
        return Evidence(
            "It is not known which languages the carers speak.",
            "Ask the carers which languages they speak.",
        )
    if asked[0] in spoken:
        return Evidence(f"A carer speaks {names[asked[0]]}, the parent's best language.")
    shared = [code for code in asked[1:] if code in spoken]
    if shared:
        return Evidence(
            f"A carer speaks {names[shared[0]]}, which the parent also speaks, "
            f"but not {names[asked[0]]}, the parent's best language."
        )
    none = f"No carer speaks {names[asked[0]]}"
    if case.request.english is None:
        return Evidence(
            f"{none}, and it is not known how much English the parent has.",
            "Ask how much English the parent has; plan an interpreter until that is known.",
        )
    if case.request.english == "none":
        return Evidence(f"{none}, and the parent has no English.", "An interpreter.")
    return Evidence(
        f"{none}; the parent's English is {case.request.english}."
        if case.request.english == "fluent"
        else f"{none}; the parent has some English.",
        None if case.request.english == "fluent" else "An interpreter for important talks.",
    )


def _ethnicity_pair(parent: str, carer: str, policy: Policy) -> float:
    groups = broad_groups()
    if parent not in groups or carer not in groups:
        return 0.0
    if parent == carer:
        return 1.0
    half = groups[carer] in HALVES.get(parent, ()) or groups[parent] in HALVES.get(carer, ())
    return max(
        policy.number("ethnicity.same_group") if groups[parent] == groups[carer] else 0.0,
        policy.number("ethnicity.mixed_half") if half else 0.0,
    )


@criterion("PC-5.1g")
def ethnicity(x: Pairs) -> Numbers:
    """A carer shares the parent's ethnicity, or comes near to it."""
    listed = [*ETHNICITIES, ""]

    def best_of_each(x: Pairs) -> Numbers:
        table = np.array([[_ethnicity_pair(a, b, x.policy) for b in listed] for a in listed])
        return _best_of_carers(x, table[:, x.columns.carers.ethnicity])

    known = np.array([code in broad_groups() for code in listed])
    best = x.of_code("ethnicity", best_of_each, x.r.ethnicity)
    return _applies(known[x.r.ethnicity], best)


@cache
def ethnicity_names() -> dict[str, str]:
    """The DfE's own words for each ethnicity code."""
    from matcher.shipped import shipped

    return {row["code"]: row["label"] for row in shipped("ethnicity.csv")}


@ethnicity.evidence
def _(case: Case, value: float) -> Evidence:
    parent = case.request.ethnicity or ""
    known = [c.ethnicity for c in case.carers if c.ethnicity in broad_groups()]
    said = ethnicity_names()
    if not known:
        return Evidence("The carers' ethnicity is not known.", "Ask the carers their ethnicity.")
    if parent in known:
        return Evidence(f"A carer's ethnicity is {said[parent]}, as the parent's is.")
    near = max(known, key=lambda c: (_ethnicity_pair(parent, str(c), case.policy), str(c)))
    if value > 0:
        return Evidence(
            f"The parent's ethnicity is {said[parent]}; a carer's is {said[str(near)]}, near to it."
        )
    return Evidence(
        f"The parent's ethnicity is {said[parent]}; no carer shares it.",
        "Links with people and places of the parent's own background.",
    )


def _religion_pair(parent: str, carer: str, policy: Policy) -> float:
    if parent != carer:
        return 0.0
    return policy.number("religion.other") if parent == "other" else 1.0


@criterion("PC-5.1g")
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
def _(case: Case, value: float) -> Evidence:
    asked = label(case.request.religion or "")
    known = [c.religion for c in case.carers if c.religion not in (None, "not_stated")]
    if case.request.religion == "other" and "other" in known:
        return Evidence(
            "The parent and a carer both have a religion that the list does not name.",
            "Ask whether it is the same religion.",
        )
    if case.request.religion in known:
        return Evidence(f"A carer is {asked.capitalize()}, as the parent is.")
    if value > 0:
        return Evidence(f"A carer can support the parent's religion ({asked.capitalize()}).")
    if not known:
        return Evidence("The carers' religion is not known.", "Ask the carers their religion.")
    return Evidence(
        f"The parent is {asked.capitalize()}; no carer shares or supports that."
        if case.request.religion != "other"
        else "No carer shares or supports the parent's religion.",
        f"A link with a place of worship, and advice on daily practice ({asked.capitalize()}).",
    )


@criterion("PC-5.1j")
def distance(x: Pairs) -> Numbers:
    """The household is near the parent's home, unless the plan asks for distance."""
    near = np.maximum(1 - x.outcode_miles / x.policy.number("far_miles"), 0)
    return x.from_outcodes(_applies(np.isnan(x.r.min_miles) & ~x.r.keeps_away, near))


@distance.evidence
def _(case: Case, value: float) -> Evidence:
    return Evidence(f"It is {about(case.number('miles'))} from home.")


@criterion("PC-5.1i, PC-5.2d")
def school(x: Pairs) -> Numbers:
    """The household is near the school of an older child or of the parent."""
    return np.maximum(1 - x.school_miles / x.policy.number("far_school_miles"), 0)


@school.evidence
def _(case: Case, value: float) -> Evidence:
    far = case.number("school_miles")
    support = None if value >= case.policy.number("grades.medium") else "Help with school travel."
    return Evidence(f"It is {about(far)} from school.", support)


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
def _(case: Case, value: float) -> Evidence:
    asked_bits = int(case.pairs.skills_asked[case.row, 0])
    asked = [skill for skill in SKILLS if asked_bits & SKILL_BITS[skill]]
    has = [skill for skill in asked if skill in case.skills]
    lacks = [skill for skill in asked if skill not in has]
    if not lacks:
        return Evidence(f"Experience covers {coded(has)}: all that is asked for.")
    start = f"Experience covers {coded(has)}" if has else "No carer has experience of what is asked"
    return Evidence(
        f"{start}; not {coded(lacks, 'or')}." if has else f"{start}: {coded(lacks)}.",
        f"Training on {coded(lacks)}, or a link with a specialist worker.",
    )


@criterion("PC-5.1c")
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
def _(case: Case, value: float) -> Evidence:
    there = case.number("looked_after_there")
    live = "lives" if there == 1 else "live"
    high = [label(a) for a, level in case.request.risks.items() if level == "high"]
    medium = [label(a) for a, level in case.request.risks.items() if level == "medium"]
    text = f"{upper_first(count(there, 'looked-after child'))} {live} there."
    if high or medium:
        level = "high" if high else "medium"
        text += f" The parents' assessed risk is {level} in {and_list(high or medium)}."
    if value >= case.policy.number("grades.high"):
        return Evidence(text)
    who = "the looked-after children there" if there else "the household"
    return Evidence(text, f"A plan with the supervising social worker for {who}.")


# Criteria and rules of these names say where a household is.
WHERE = ("distance", "school", "keep_away")

CRITERIA: tuple[Criterion, ...] = (
    language,
    ethnicity,
    religion,
    distance,
    school,
    skills,
    impact,
)
