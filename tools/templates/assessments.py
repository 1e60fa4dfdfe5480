"""The joint risk assessment, and the outline of a placement with parents assessment."""

from __future__ import annotations

from templates.page import Page


def joint_risk_assessment() -> Page:
    """Nine areas, the children there, partner and family, outcome, two signatures (PC-5.3)."""
    p = Page(
        "Joint risk assessment",
        "Request {{ request_id }} · household {{ household_id }} (PC-5.3a, PC-5.1e)",
        landscape=True,
    )
    with p.when("joint_too_high"):
        p.notice(
            "**Too high.** An assessment says that this household can't contain the risk. Take it "
            "back to the Resource team."
        )
    with p.when("not eligible"):
        p.notice(
            "**{{ household_id }} can't be proposed for {{ request_id }}**: see the match record. "
            "This form does not make it a match."
        )
    p.say(
        "The child's social worker and the supervising social worker complete this together before "
        "the match is confirmed. It looks at risks to others in the household, above all to "
        "looked-after children there."
    )
    p.heading("1. The nine areas")
    p.table(
        [6.0, 3.6, 3.4, 3.3, 9.0],
        [
            "Area",
            "Assessed level",
            "Household manages",
            "Considered",
            "Risk, to whom, and how it is managed",
        ],
        [
            "**{{ row.name }}**",
            "{{ row.level }}",
            "{{ row.limit }}",
            "{{ row.considered }}",
            "[to complete: findings]",
        ],
        each="areas",
    )
    p.say(
        "'Household manages' is the most that the carers have said they can manage; 'usual' is the "
        "policy's own level, where they have said nothing. Ask them."
    )
    p.heading("2. Children who live there")
    with p.when("looked_after_there"):
        p.say(
            "{{ looked_after_words }} {{ 'lives' if looked_after_there == 1 else 'live' }} there. "
            "Consider each child: age, needs, history, and what the family may bring."
        )
        p.table(
            [4.0, 7.1, 7.1, 7.1],
            ["Looked-after child", "Risk to the child", "Risk from the child", "How it is managed"],
            [
                "**Child {{ row + 1 }}**",
                "[to complete: risk to this child]",
                "[to complete: risk from this child]",
                "[to complete: plan]",
            ],
            each="range(looked_after_there)",
        )
        p.otherwise()
        p.say("No looked-after children live there.")
    p.form(
        (
            "The carers' own children live there",
            "{{ birth_children }}"
            "{% if birth_children != 'No' %} [to complete: risk to them, and how it is managed]"
            "{% endif %}",
        ),
        ("Others in the home, visitors", "[to complete: who, and what to consider]"),
        label=6.0,
    )
    p.heading("3. Partner and extended family")
    p.form(
        ("Partner or other parent", "[to complete: risk to child, parent and household]"),
        ("Extended family", "[to complete: risk to child, parent and household]"),
        (
            "Is the address withheld?",
            "{% if withheld == 'yes' %}Yes. From: [to complete: from whom]"
            "{% elif withheld == 'no' %}No."
            "{% else %}[to complete: yes or no, and from whom]{% endif %}",
        ),
        ("What the family knows of the household", "{{ relationship }}"),
        label=6.0,
    )
    p.heading("4. Carers and household")
    p.form(
        ("Safe caring policy reviewed", "{{ safe_caring }}"),
        ("Carers told of the issues, and what to do", "[to complete: date, by whom]"),
        ("Support the carers need", "[to complete: training, advice, respite]"),
        label=6.0,
    )
    p.heading("5. Outcome")
    p.form(
        ("Can the household contain and manage the risks?", "{{ joint_outcome }}"),
        ("Conditions", "[to complete: conditions, or none]"),
        ("To look at again", "[to complete: when, and what would bring it forward]"),
        label=6.0,
    )
    p.signatures(
        "Child's social worker",
        "Supervising social worker",
        dates=(
            "{{ signed_by_child_social_worker }}",
            "{{ signed_by_supervising_social_worker }}",
        ),
    )
    return p


def placement_with_parents() -> Page:
    """What must be judged before a child under a care order is placed with a parent (PWP-2)."""
    p = Page(
        "Placement with parents assessment",
        "Request {{ request_id }} · outline (PWP-1e, PWP-2a to 2g, PWP-3a)",
    )
    with p.when("child_legal_status != 'care_order'"):
        p.notice(
            "**Ask for legal advice first.** The {{ child }} {{ child_is }} under an interim care "
            "order, and the data does not say that the court directed this placement. Legal advice "
            "says whether the placement with parents regulations apply."
        )
    p.form(
        (
            "Legal status",
            "{{ 'Care order' if child_legal_status == 'care_order' else 'Interim care order' }}",
        ),
        ("Child", "{{ born }}"),
        ("Planned start", "{{ starts_on }}"),
        ("Assessment", "{{ pwp_state }}"),
        ("Checks asked for", "{{ checks_requested }}"),
        ("Due within 45 days", "{{ pwp_due }}"),
        (
            "If the return was not planned",
            "Interim agreement of the Head of Service, then this assessment within ten days.",
        ),
    )
    p.heading("1. What has changed")
    p.say(
        "Say what was of concern when the order was made, what is different today, and what shows "
        "it."
    )
    p.table(
        [4.0, 4.3, 4.3, 4.4],
        ["", "Then", "Now", "What shows it"],
        [
            "**Parental capacity**",
            "[to complete: concerns then]",
            "[to complete: capacity now]",
            "[to complete: evidence]",
        ],
        [
            "**Circumstances**",
            "[to complete: circumstances then]",
            "[to complete: circumstances now]",
            "[to complete: evidence]",
        ],
        [
            "**Safety of the child**",
            "[to complete: risks then]",
            "[to complete: risks now]",
            "[to complete: evidence]",
        ],
    )
    p.heading("2. Why it is in the child's interest")
    p.say("[to complete: how the placement serves the child's welfare and keeps the child safe]")
    p.heading("3. Checks and consultations attached")
    p.table(
        [7.0, 4.0, 6.0],
        ["Check or consultation", "Received", "What it says"],
        *(
            [f"**{name}**", "[to complete: date]", "[to complete: finding]"]
            for name in (
                "Police and disclosure checks of adults",
                "Health",
                "School or nursery",
                "Other councils and services",
                "Each adult in the home",
            )
        ),
    )
    p.heading("4. Views")
    p.form(
        ("The child", "[to complete: wishes and feelings]"),
        ("The parent", "[to complete: view]"),
        ("Others with parental responsibility", "[to complete: view]"),
        ("Team manager", "[to complete: view of the team manager]"),
        ("Independent reviewing officer", "[to complete: view of the reviewing officer]"),
    )
    p.heading("5. Judgement")
    p.say("State plainly whether the arrangement can be approved, and why.")
    p.form(
        ("Can it be approved?", "[to complete: yes or no]"),
        ("Reasons", "[to complete: reasons]"),
    )
    p.heading("6. What happens next")
    p.form(
        ("If approved", "[to complete: next steps, and support for child and parent]"),
        ("If not approved", "[to complete: next steps, and support for child and parent]"),
    )
    p.heading("7. Told to the child")
    p.form(
        ("How the decision is explained", "[to complete: by whom, when, in what way]"),
        ("Advocacy offered", "[to complete: offered on, or why it does not fit]"),
    )
    p.heading("8. Plan of support")
    p.say("A change this large takes time. Plan steps at a pace that the family can manage.")
    p.table(
        [5.0, 5.0, 3.5, 3.5],
        ["Step", "Support", "Who", "When"],
        *[
            [
                f"**{step}**",
                "[to complete: support]",
                "[to complete: who]",
                "[to complete: when]",
            ]
            for step in ("Before the start", "First weeks", "Until the first review", "After it")
        ],
    )
    p.bullets(
        "The child's social worker visits each week until the child's review, then as agreed there.",
        "The looked-after review is held within 20 days of the return.",
        "An adult who joins the family means new checks and an update of this assessment.",
    )
    p.heading("9. Agreement")
    p.form(("Head of Service agreed on", "{{ head_of_service }}"))
    p.signatures(
        "Child's social worker", "Team manager", "Independent reviewing officer", "Head of Service"
    )
    return p
