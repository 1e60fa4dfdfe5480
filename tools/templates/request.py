"""The request record, appendix 1 (PC-A1, PC-3.3a, PC-3.3b)."""

from __future__ import annotations

from templates.page import Page


def page() -> Page:
    """The form by which a social worker asks for a parent and child placement."""
    p = Page(
        "Request for a parent and child placement",
        "Request {{ request_id }} · record of the request (PC-3.3b, appendix 1)",
    )
    with p.when("missing"):
        p.notice(
            "**{{ missing|length }} {{ 'thing is' if missing|length == 1 else 'things are' }} "
            "missing.** Complete what is marked, then talk the request through with the Resource "
            "team by telephone. Section 5 lists what is missing."
        )
        p.otherwise()
        p.notice(
            "**The record of the data is complete.** Add what is marked, then talk the request "
            "through with the Resource team by telephone."
        )
    p.heading("1. What the placement is for")
    p.rows("purpose_rows")
    with p.when("assessment"):
        p.say(
            "The placement is needed to assess parenting. It must be plain to all what the "
            "assessment has to answer."
        )
        p.form(
            ("Questions to answer", "[to complete: questions the assessment must answer]"),
            ("Who asked for it", "[to complete: court, legal planning meeting or other]"),
        )
        p.otherwise()
        p.say(
            "The placement supports a looked-after parent, who cares for the child, goes on with "
            "education or training, and gets ready to live independently."
        )
        p.form(
            ("What the parent needs most", "[to complete: aims of the support]"),
            ("Own foster carers", "[to complete: whether the parent can stay with them]"),
        )
    p.heading("2. The family")
    p.rows("family_rows")
    p.heading("Background and places", 2)
    p.rows("identity_rows")
    p.heading("3. What the family needs")
    p.rows("need_rows")
    p.form(
        ("The child's needs", "[to complete: health, development, special needs]"),
        ("The parent's wishes", "[to complete: what the parent wants]"),
    )
    p.heading("4. Risk and suitability")
    p.say("What the parents may present to others or to themselves, area by area.")
    p.rows("risk_rows", label=9.0)
    p.rows("suitability_rows")
    with p.when("findings"):
        p.say("**What screening found**")
        with p.each("found", "findings"):
            p.bullets("{{ found }}")
    p.heading("5. What is missing")
    with p.when("missing"):
        with p.each("what", "missing"):
            p.bullets("{{ what }}")
        p.otherwise()
        p.say("Nothing that the data asks for.")
    p.heading("6. Talk with the Resource team by telephone")
    p.form(
        ("Date of the talk", "[to complete: date]"),
        ("Who took part", "[to complete: roles]"),
        ("Is the purpose clear?", "[to complete: yes or no, and what to clear up]"),
        ("Can a fostering household support it?", "[to complete: view of the Resource team]"),
        ("Decision recorded", "{{ resource_team_decision }}"),
        ("If not fostering", "[to complete: residential search, by whom]"),
        ("Next step", "[to complete: who does what by when]"),
    )
    p.heading("7. Signatures")
    p.signatures("Child's social worker", "Team manager", "Resource team")
    return p
