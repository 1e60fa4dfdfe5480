"""What a request says, as the rows of its record; what it doesn't say is marked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from matcher.codes import FEATURES, RISK_AREAS
from matcher.documents.marks import known, to_complete
from matcher.intake.rows import Request
from matcher.shipped import ethnicity_labels, language_names
from matcher.words import and_list, coded, count, label, long_date, upper_first

STATUS_WORDS = {
    "not_looked_after": "Not looked after",
    "s20": "Looked after by agreement (section 20)",
    "emergency_protection": "Looked after under emergency protection",
    "interim_care_order": "Interim care order",
    "care_order": "Care order",
}
AREA_WORDS = {
    "offending": "Offending: convictions, cautions, contact with the police",
    "violence": "Abuse or violence, domestic abuse too",
    "arson": "Arson, or damage to property",
    "sexualised_behaviour": "Sexualised behaviour",
    "substance_misuse": "Substance misuse",
    "self_harm": "Self-harm",
    "absconding": "Absconding",
    "medical": "Medical conditions",
    "mental_health": "Mental health",
}
CIRCUMSTANCE_WORDS = {  # PC-3.1a to h, in the order of the policy
    "parenting": "Very high concern about parenting",
    "supervision": "Exceptional supervision needed",
    "child_needs": "Needs of the child too high for a household",
    "external_risk": "Relatives or violent partners hard to manage",
    "rehabilitation": "Rehabilitation for substance misuse needed",
    "serious_mental_ill_health": "Treatment for serious mental ill health",
    "absconding": "Running away, or risk of taking the baby",
    "specified_offence": "Caution or conviction for a specified offence",
}
REFUSED, NOT_OBTAINED = "REFU", "NOBT"
OPEN_ENDED = "Open: until the parent can live independently with the child"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a form: what it asks, and the answer or a mark."""

    label: str
    value: str


CASE_ROWS = (  # PC-3.1j: what the risk assessment of the case looks at, and no column of the tables holds
    Row("Parenting capacity", to_complete("what is known, and how it was assessed")),
    Row(
        "Child protection issues",
        to_complete("concerns, and any child protection plan; none, if so"),
    ),
    Row("Would a fostering household keep the child safe?", to_complete("view, why, and by whom")),
)


def told(answer: bool | None, what: str, yes: str = "Yes", no: str = "No") -> str:
    """A yes or a no in words, or the mark of what is not known."""
    return to_complete(what) if answer is None else (yes if answer else no)


def day(when: date | None, what: str) -> str:
    """A day, or the mark of what it is the day of."""
    return known(long_date(when) if when else None, what)


def born(request: Request, as_of: date, *, counted: bool = False) -> str:
    """When the child was born or is due; `counted`: nobody recorded the birth on the day it was due."""
    unborn = request.child_born_or_due_on > as_of
    how_many = f"{request.babies} babies, " if request.babies > 1 else ""
    how = "due" if unborn else "counted as born" if counted else "born"
    said = upper_first(f"{how_many}{how} {long_date(request.child_born_or_due_on)}")
    return f"{said}: {to_complete('confirm the day of birth')}" if counted else said


def purpose_rows(request: Request) -> list[Row]:
    """When the request came, what it is for, when it is needed and for how long."""
    assessment = request.purpose == "assessment"
    notice = (request.needed_from - request.received_on).days
    when = count(notice, "day") if notice > 0 else "None"
    weeks = request.expected_weeks
    open_ended = None if assessment else OPEN_ENDED
    lasts = known(count(weeks, "week") if weeks else open_ended, "how long it lasts")
    return [
        Row("Purpose", "Assessment of parenting" if assessment else "Support of a young parent"),
        Row("Received", long_date(request.received_on)),
        Row("Needed from", long_date(request.needed_from)),
        Row("Notice given", f"{when}, {_before_birth(request)} the birth"),
        Row(
            "Latest start", long_date(request.latest_start) if request.latest_start else "Not given"
        ),
        Row("Expected to last", lasts),
    ]


def _before_birth(request: Request) -> str:
    return "before" if request.received_on < request.child_born_or_due_on else "after"


def family_rows(request: Request, as_of: date, *, counted: bool = False) -> list[Row]:
    """Who comes, and their legal position."""
    rows = [
        Row("Parent", _parent(request.parent_age, request.parent_looked_after)),
        Row("Second parent", _second(request)),
        Row("Child", born(request, as_of, counted=counted)),
        Row("Older children who come", str(request.older_children or "None")),
        Row("Legal status of the child", status(request, as_of)),
    ]
    if request.child_legal_status == "interim_care_order" or request.court_directed:
        asked = "whether the court directed the placement"
        directed = told(request.court_directed, asked)
        if request.court_directed and request.court_direction_until:
            directed = f"Yes, until {long_date(request.court_direction_until)}"
        rows.append(Row("Directed by the court, s38(6)", directed))
    orders = ("interim_care_order", "care_order")
    if request.child_legal_status in orders or request.court_on:
        rows.append(Row("Next hearing", day(request.court_on, "day of the next hearing, if any")))
    if request.child_legal_status in ("not_looked_after", "s20"):
        asked = "whether the parent agrees"
        rows.append(Row("The parent agrees", told(request.parent_agrees, asked)))
        if request.second_parent_comes:
            asked = "whether the second parent agrees"
            rows.append(Row("The second parent agrees", told(request.second_parent_agrees, asked)))
        asked = "whether they agree, or that there is nobody else"
        who = "Others with parental responsibility agree"
        rows.append(Row(who, told(request.others_agree, asked)))
    return rows


def status(request: Request, as_of: date) -> str:
    """The child's legal status; before birth, what is planned."""
    said = STATUS_WORDS[request.child_legal_status]
    return f"{said} (planned at birth)" if request.child_born_or_due_on > as_of else said


def _parent(age: int, looked_after: bool | None) -> str:
    asked = "whether the second parent is looked after"
    who = told(looked_after, asked, "a looked-after child", "not a looked-after child")
    return f"{age} years old, {who}"


def _second(request: Request) -> str:
    if request.second_parent_age is None:
        return "Does not come"
    return _parent(request.second_parent_age, request.second_parent_looked_after)


def identity_rows(request: Request) -> list[Row]:
    """Background, languages and places: what makes a good match."""
    named = ethnicity_labels()
    ethnicity = None if request.ethnicity == NOT_OBTAINED else request.ethnicity
    return [
        Row("Ethnicity", known(named[ethnicity] if ethnicity else None, "ethnicity")),
        Row("Religion", known(upper_first(label(request.religion or "")), "religion")),
        Row("Languages, the best first", known(languages(request), "languages")),
        Row(
            "English", known(upper_first(request.english or ""), "how much English the parent has")
        ),
        Row("Home area", known(request.home_postcode, "home area")),
        Row("School area", request.school_postcode or "None given"),
        Row("Areas to keep away from", _asked(", ".join(request.keep_away))),
        Row("Distance from home", _distance(request)),
        Row(
            "Withhold the address",
            told(request.withhold_address, "whether the address is withheld"),
        ),
    ]


def languages(request: Request) -> str:
    """The languages of the parent in words, the best first; '' where not known."""
    names = language_names()
    return ", ".join(names.get(code, code) for code in request.languages or ())


def _distance(request: Request) -> str:
    asked = [f"at least {request.min_miles:g} miles"] if request.min_miles is not None else []
    asked += [f"at most {request.max_miles:g} miles"] if request.max_miles is not None else []
    return _asked(upper_first(and_list(asked)) if asked else "")


def _asked(what: str) -> str:
    return what or "None asked for"


def item(code: str) -> str:
    """A feature, skill or language that a home must have, in words."""
    kind, colon, name = code.partition(":")
    if colon:
        return f"a carer who speaks {language_names().get(name, name)}"
    return label(kind) if kind in FEATURES else f"experience of {label(kind)}"


def need_rows(request: Request) -> list[Row]:
    """What the family needs, and what the home must have."""
    must = [item(code) for code in request.must_have]
    return [
        Row("Needs", upper_first(coded(request.needs)) if request.needs else "None recorded"),
        Row("The home must have", _asked(upper_first(and_list(must)) if must else "")),
        Row(
            "The home must not have",
            _asked(upper_first(coded(request.must_avoid)) if request.must_avoid else ""),
        ),
    ]


def suitability_rows(request: Request, as_of: date) -> list[Row]:
    """What decides whether a fostering household can be asked at all."""
    rows = [
        *CASE_ROWS,
        *_circumstances(request.fostering_concerns),
        Row("Engagement", known(upper_first(request.engagement or ""), "the parent's engagement")),
        Row("Legal advice", day(request.legal_advice_on, "day of legal advice, if asked for")),
    ]
    if request.legal_advice_on:
        said = upper_first(coded(request.legal_advice)) if request.legal_advice else ""
        rows.append(Row("What the advice was", known(said, "the answer")))
    if request.child_born_or_due_on > as_of or request.pre_birth_assessment:
        state = upper_first(label(request.pre_birth_assessment or ""))
        rows.append(Row("Pre-birth assessment", known(state, "pre-birth assessment")))
    if request.placed_with_parents(as_of):
        state = upper_first(label(request.placement_with_parents or ""))
        agreed = day(request.head_of_service_on, "day of the Head of Service's agreement")
        rows += [
            Row("Placement with parents assessment", known(state, "state of the assessment")),
            Row("Head of Service agreed", agreed),
        ]
    return rows


def _circumstances(recorded: tuple[str, ...] | None) -> Iterator[Row]:
    """Each of the eight in which a fostering household may not suit, with what is recorded of it.

    A list that names some says nothing of the others; only 'none' does.
    """
    for letter, (code, what) in zip("abcdefgh", CIRCUMSTANCE_WORDS.items(), strict=True):
        if recorded is None:
            said = f"Not considered. {to_complete('does it apply?')}"
        elif not recorded:
            said = "Considered, and none found"
        elif code in recorded:
            said = "Recorded"
        else:
            said = f"Not among those recorded. {to_complete('was it considered?')}"
        yield Row(f"{what} (PC-3.1{letter})", said)


def risk_rows(request: Request) -> list[Row]:
    """The nine areas of risk with the level that was assessed."""
    return [
        Row(
            AREA_WORDS[area],
            known(upper_first(request.risks[area] or ""), "level of risk"),
        )
        for area in RISK_AREAS
    ]
