"""The placement plan, appendix 2 (PC-A2): the agreement of all parties."""

from __future__ import annotations

from templates.page import Page
from templates.topics import twelve_topics


def page() -> Page:
    """Legal status, the twelve topics of the meeting, reviews, ending, signatures."""
    p = Page(
        "Parent and child placement plan",
        "Request {{ request_id }} · household {{ household_id }} · draft for the placement "
        "agreement meeting (PC-6.3a, appendix 2)",
    )
    with p.when("not eligible"):
        p.notice(
            "**{{ household_id }} fails a rule of the policy for {{ request_id }}**, though the "
            "match is confirmed. See the match record."
        )
    with p.when("held"):
        p.notice("**On hold.** {{ held }} This draft prepares the meeting; it can't be signed yet.")
    p.say(
        "This plan is the agreement between the council, the foster carers and the "
        "{{ 'parents' if second_parent else 'parent' }}. It is agreed at the placement agreement "
        "meeting and signed by all, whatever the legal position. Everyone who attends gets a copy."
    )
    p.form(
        ("Purpose", "{{ purpose }}"),
        ("Child", "{{ born }}"),
        ("{{ 'Planned start' if unborn else 'Start' }}", "{{ starts_on }}"),
        ("Length", "{{ lasts }}"),
        (
            "Address",
            "{% if withheld == 'yes' %}Withheld: it is not written in this plan."
            "{% elif withheld == 'no' %}[to complete: address]"
            "{% else %}Not written here until it is decided: [to complete: is it withheld?]"
            "{% endif %}",
        ),
        ("Meeting held on", "[to complete: date of the placement agreement meeting]"),
        ("Record given to all on", "[to complete: date]"),
    )
    _legal_status(p)
    p.heading("What all agree: the twelve topics")
    twelve_topics(p)
    _reviews(p)
    _ending(p)
    p.heading("Who agrees to this plan")
    p.signatures(
        "Parent",
        ("second_parent", "Second parent"),
        "Foster carer",
        "Second foster carer, if there is one",
        "Child's social worker",
        ("parent_looked_after", "Parent's social worker"),
        "Supervising social worker",
        "Team manager, for the council",
    )
    return p


def _legal_status(p: Page) -> None:
    p.heading("Legal status")
    with p.when("parent_looked_after"):
        p.say(
            "**The parent is a looked-after child.** The fostering and care planning regulations "
            "apply to the parent{{ ', and to the ' + child + ' as well' if child_looked_after }}."
        )
    with p.when("child_legal_status == 'not_looked_after'"):
        p.say(
            "**The {{ child }} {{ child_is }} not looked after"
            "{{ ' (as planned for the birth)' if unborn }}.** Parental responsibility stays with "
            "those who hold it."
        )
        with p.when("not parent_looked_after"):
            p.say(
                "The arrangement is voluntary, under section 17. It rests on the parent's consent. "
                "The fostering and care planning regulations do not apply. This plan is used all "
                "the same, and says when the arrangement can be ended:"
            )
            p.form(
                ("The parent can end it", "[to complete: how, and with what notice]"),
                ("The carers can end it", "[to complete: when, and with what notice]"),
                ("The council can end it", "[to complete: when]"),
                (
                    "What the council may then do",
                    "[to complete: steps to keep the child safe, such as a legal planning meeting]",
                ),
            )
    with p.when("child_legal_status == 's20'"):
        p.say(
            "**The {{ child }} {{ child_is }} looked after by agreement, under section 20"
            "{{ ' (as planned for the birth)' if unborn }}.** The parent keeps parental "
            "responsibility. The care planning and fostering regulations apply. The parent remains "
            "the main carer; topic 3 says what the foster carers do."
        )
    with p.when("child_legal_status == 'interim_care_order'"):
        p.say(
            "**The {{ child }} {{ child_is }} under an interim care order"
            "{{ ' (as planned for the birth)' if unborn }}.** The parent and the council share "
            "parental responsibility. The council may exercise parental responsibility to the "
            "exclusion of the parent where the child's welfare needs it. The care planning and "
            "fostering regulations apply."
        )
        with p.when("court_directed"):
            p.say("The court directed this placement for assessment (section 38(6)).")
            p.otherwise()
            p.say(
                "The court is not recorded as having directed this placement: legal advice says "
                "whether the placement with parents regulations apply as well."
            )
    with p.when("child_legal_status == 'care_order'"):
        p.say(
            "**The {{ child }} {{ child_is }} under a care order.** The parent and the council "
            "share parental responsibility. The council may decide how far the parent exercises it, "
            "where the child's welfare needs that. The placement with parents rules apply: the Head "
            "of Service agrees first, on an assessment."
        )
    with p.when("legal_changes"):
        p.say("**What will change**")
        with p.each("change", "legal_changes"):
            p.bullets("{{ change }}")


def _reviews(p: Page) -> None:
    p.heading("Reviews and progress")
    p.form(
        ("How often it is reviewed", "[to complete: frequency, set at the outset]"),
        ("First review", "[to complete: date]"),
        (
            "Statutory reviews",
            "{% if child_looked_after or parent_looked_after %}The looked-after reviews come on "
            "top: the first within 20 working days, the second within 3 months, then at least every "
            "6 months. They look at the parent's needs as well as the child's."
            "{% if child_looked_after and parent_looked_after %} [to complete: combined or separate "
            "reviews, as the reviewing officer decides]{% endif %}"
            "{% else %}None: nobody who comes is looked after.{% endif %}",
        ),
        (
            "To bring one forward",
            "The parent or the carers can ask for it at any time: [to complete: whom to ask]",
        ),
    )
    p.heading("How the network contributes", 2)
    p.table(
        [6.6, 5.2, 5.2],
        ["Who", "Report or attend", "What it covers"],
        *[
            [f"**{who}**", "[to complete: report or attend]", "[to complete: what]"]
            for who in (
                "Child's social worker",
                "Supervising social worker and carers",
                "Midwife or health visitor",
                "Others: school, college, services",
            )
        ],
    )
    p.heading("Levels of progress", 2)
    p.table(
        [6.6, 10.4],
        ["What follows", "What must be seen by then, from parent and child"],
        [
            "**{{ 'The assessment' if assessment else 'The placement' }} goes on**",
            "[to complete: engagement and progress expected, and by when]",
        ],
        [
            "**Move on, with support in the community**",
            "[to complete: progress that shows it is time]",
        ],
        [
            "**It ends with separation of parent and child**",
            "[to complete: circumstances in which it ends so]",
        ],
    )


def _ending(p: Page) -> None:
    p.heading("How it ends")
    p.form(
        ("Planned ending", "{{ ends_on }}"),
        ("How it is decided", "[to complete: how the decision is made]"),
        ("By whom", "[to complete: who decides]"),
        ("When", "[to complete: time between the last report and the decision]"),
        ("Who tells the parent", "[to complete: who, where and how]"),
        (
            "If the parent leaves early",
            "[to complete: what happens to the child, who is told at once, what the council does, "
            "and what it means for the {{ 'assessment' if assessment else 'support' }}]",
        ),
        (
            "If the child stays with the parent",
            "A child in need plan holds the move into the community: [to complete: outline]",
        ),
        (
            "If the child does not stay",
            "[to complete: who cares for the child next, how the parent is told and supported]",
        ),
    )
    with p.when("parent_looked_after"):
        p.form(
            ("Moving on", "Planned in the pathway plan: [to complete: outline and services]"),
            ("The carers afterwards", "[to complete: how they stay in touch and help the move]"),
            (
                "Staying Put",
                "Is considered where the young person and the carers ask for it: "
                "[to complete: wishes]",
            ),
        )
