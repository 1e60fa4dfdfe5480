"""What the tables mean, in a sentence or two for whoever fills them in, and what is asked of whom."""

from __future__ import annotations

from collections.abc import Callable

from matcher.intake.rows import Request

TABLES_ABOUT = {
    "requests": "One row a family. `status` says whether it is open, placed or closed; blank is open, or "
    "placed while a placement of it runs. Only open ones are matched.",
    "households": "One row a fostering household.",
    "carers": "One row an adult carer.",
    "relationships": "What a family and a household are to each other already.",
    "risk_assessments": "Joint risk assessments. The latest of a pair decides; areas and signatures count in "
    "their own row.",
    "decisions": "What people decided of a family and a household. The latest of a pair counts. A choice must "
    "break nothing on its day; later, when the world has moved, it is set aside with an alert. A confirmed "
    "match is a fact.",
    "keep_apart": "Two families whose households must be at least so far apart.",
    "placements": "Where families live and lived. A placement holds its home from started_on until ended_on, "
    "whatever the request says, and until its planned end and the days between two families are over. One "
    "that ended for any reason but planned, moved_on and staying_put is never proposed again. After "
    "staying_put and separated the home is free once reviewed_on says that somebody asked who lives there. "
    "The family may be closed, or gone from requests. A confirmed decision that has started is read as a "
    "placement where this table has none of the pair.",
    "events": "What happened. A duty that an event says is done is done; reviews, visits and panels count from "
    "the last that was held. What is accepted though it is open needs who and until when, and runs out.",
}


def _with_parents(request: Request) -> bool:
    """Whether the child is, or by advice that was recorded will be, placed with parents."""
    applies = "placement_with_parents_applies" in request.legal_advice
    return request.child_legal_status == "care_order" or applies


_CONSENTED = ("not_looked_after", "s20")
_IN_COURT = ("not_looked_after", "emergency_protection", "interim_care_order")
ASKED_WHERE: dict[str, Callable[[Request], bool]] = {
    # columns of a request that are asked only where something else is so; all others always are
    "second_parent_born_on": lambda r: r.second_parent_comes,
    "second_parent_looked_after": lambda r: r.second_parent_comes,
    "second_parent_agrees": lambda r: r.second_parent_comes and r.child_legal_status in _CONSENTED,
    "parent_looked_after_since": lambda r: r.parent_looked_after,
    "looked_after_since": lambda r: r.child_looked_after,
    "court_directed": lambda r: r.child_legal_status in _IN_COURT,
    "court_direction_until": lambda r: r.court_directed is True,
    "court_on": lambda r: r.child_legal_status in _IN_COURT,
    "parent_agrees": lambda r: r.child_legal_status in _CONSENTED,
    "others_agree": lambda r: r.child_legal_status in _CONSENTED,
    "head_of_service_on": _with_parents,
    "placement_with_parents": _with_parents,
    "review_every_weeks": lambda r: r.nobody_looked_after,
}


def is_asked(column: str, request: Request) -> bool:
    """Whether a column is asked of a request as it is; a cell that is filled is shown anyway."""
    return column not in ASKED_WHERE or ASKED_WHERE[column](request)
