"""What the tables and their columns mean, in a sentence for whoever fills them in."""

ABOUT = {
    "request_id": "The family's id. No names.",
    "household_id": "The household's id. No names.",
    "carer_id": "The carer's id. No names.",
    "parent_age": "The parent's age. Nobody is looked after from 18.",
    "parent_born_on": "The parent's day of birth, where the age alone can't tell when they are 18.",
    "second_parent_age": "An age here says that both parents come.",
    "child_born_or_due_on": "The day of birth, or the day on which birth is expected.",
    "needed_from": "The day from which the family needs the placement.",
    "latest_start": "The last day on which it can start. Blank: 1 day after it is needed if that is "
    "today, 5 days within 5 days, else 14.",
    "expected_weeks": "How long it is expected to last. An assessment must say.",
    "languages": "For a parent, the best language first; for a carer, all that they speak well.",
    "keep_away": "Areas that the household must not be in.",
    "looked_after_children": "Foster children there, once a running arrangement has ended.",
    "bedrooms": "Rooms free for the family, once a running arrangement has ended.",
    "arrangement_until": "When the arrangement of a family that is in no table is expected to end, or "
    "open.",
    "limit_exemption": "Requests that a written exemption from the fostering limit names.",
    "terms": "What the carers are approved for; blank is both.",
    "reviewed_on": "The day on which the profile was last confirmed with the carers.",
    "approved": "Whether this adult is an approved foster carer.",
    "pc_trained_on": "The day of the carer's training for parent and child.",
    "pc_assessed_on": "The day of the carer's assessment for parent and child.",
    "decided_by": "A role, such as team manager. No names.",
    "event": "What happened: the key of a duty that was done, as docs/policy.md lists them, or "
    "child_born, returned_home, became_looked_after, parent_became_looked_after, family_time_began, "
    "adult_joined.",
    "on": "The day on which it happened, was accepted or is planned.",
    "until": "The last day on which it counts. What is accepted must say one.",
    "by": "A role, such as team manager. No names.",
    "started_on": "The day on which the family moved in; a day ahead is agreed.",
    "planned_end_on": "The day on which it is planned to end. Blank: nobody can say, and the home is "
    "not free.",
    "ended_on": "The day on which it ended. Blank: the family lives there.",
    "ended_because": "Why it ended. Only planned, moved_on and staying_put don't speak against the "
    "family and the household together.",
    "babies": "How many babies; twins are 2.",
    "court_direction_until": "The last day on which the court's direction holds.",
    "fostering_concerns": "The circumstances of section 3.1 that were found; none: all eight were "
    "considered. Blank: nobody has considered them.",
    "legal_advice": "What the advice was; its day alone has not answered the question.",
    "looked_after_since": "The day from which the child is looked after: first reviews count from it.",
    "parent_looked_after_since": "The day from which the parent is looked after.",
    "review_every_weeks": "How often reviews were agreed, for who has no statutory ones.",
    "worker": "The role or initials of the family's social worker. No names.",
    "supervising_worker": "The role or initials of the team's. No names.",
    "withhold_address": "Whether the family must not learn where the household is.",
    "smokes": "Whether anybody smokes there.",
    "dogs": "Whether there is a dog.",
    "cats": "Whether there is a cat.",
    "own_children": "Whether children of the carers live there.",
    "features": "What the home has; none: none of these.",
    "assessed_on": "The day of the joint assessment; the latest decides.",
}

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
