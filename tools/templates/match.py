"""The match record (NMS-15, PC-5.1g, PC-5.1k)."""

from __future__ import annotations

from templates.page import Page


def page() -> Page:
    """Why a household is, or is not, a match for a family; what is still open."""
    p = Page(
        "Match record",
        "Request {{ request_id }} · household {{ household_id }} · {{ as_of }} (NMS-15, PC-5.1k)",
        landscape=True,
    )
    with p.when("not eligible"):
        p.notice(
            "**{{ household_id }} can't be proposed for {{ request_id }}.** It fails "
            "{{ broken|length }} {{ 'rule' if broken|length == 1 else 'rules' }}. What follows is "
            "for information: it is not a match."
            "{% if confirmed %} People confirmed this pair: look at it again.{% endif %}"
        )
        p.table(
            [4.0, 8.6, 8.6, 4.1],
            ["Rule that it fails", "Why", "What would mend it", "Who can"],
            [
                "**{{ row.rule }}** ({{ row.clause }})",
                "{{ row.reason }}",
                "{{ row.fix }}",
                "{{ row.who }}",
            ],
            each="broken",
        )
    with p.when("held"):
        p.notice("**On hold.** {{ held }} Nothing is proposed until that is settled.")
    p.form(
        ("Purpose", "{{ purpose }}"),
        ("Child", "{{ born }}"),
        ("Where it is", "{{ area }}"),
        ("Start and length", "{{ starts_on }}, {{ lasts }}"),
        ("Relationship", "{{ relationship }}"),
        (
            "Matching policy",
            "{{ policy }}, version {{ policy_version }}"
            "{% if policy_changed %}, with these settings changed: {{ policy_changed }}{% endif %}",
        ),
        (
            "How it stands",
            "{% if eligible %}{{ 'All hard rules of the policy are met.' }} {{ standing }}"
            "{% else %}Not eligible.{% endif %}",
        ),
    )
    p.heading("1. What the family must have")
    p.table(
        [6.2, 9.2, 2.3, 7.6],
        ["Need", "How it is met", "Met", "Gap, and what would close it"],
        [
            "**{{ row.need }}** ({{ row.clause }})",
            "{{ row.how }}",
            "{{ row.grade }}",
            "{{ row.gap }}",
        ],
        each="hard_needs",
    )
    p.heading("2. How well the household fits")
    p.table(
        [6.2, 9.2, 2.3, 7.6],
        ["Need", "How it is met", "Grade", "Gap, and the support that closes it"],
        [
            "**{{ row.need }}** ({{ row.clause }})",
            "{{ row.how }}",
            "{{ row.grade }}",
            "{{ row.gap }}",
        ],
        each="criteria",
    )
    p.heading("3. Effect on the household")
    p.form(
        (
            "Looked-after children there",
            "{% if looked_after_there %}{{ looked_after_words }}. "
            "[to complete: effect on each, and what helps]{% else %}None.{% endif %}",
        ),
        (
            "The carers' own children",
            "{{ birth_children }}"
            "{% if birth_children != 'No' %} [to complete: effect on them]{% endif %}",
        ),
        ("The carers", "[to complete: what the placement asks of them, and their support]"),
    )
    p.heading("4. Wishes")
    p.form(
        ("The parent", "[to complete: wishes of the parent]"),
        ("The child, and older children", "[to complete: wishes, or what speaks for them]"),
        ("The carers", "[to complete: wishes of the carers]"),
        ("Those who live there", "[to complete: wishes of the children there]"),
    )
    p.heading("5. Before it can be confirmed")
    with p.when("gates"):
        p.table(
            [5.6, 8.4, 7.2, 4.1],
            ["Still open", "How it stands", "What to do", "Who"],
            [
                "**{{ row.gate }}** ({{ row.clause }})",
                "{{ row.evidence }}",
                "{{ row.action }}",
                "{{ row.who }}",
            ],
            each="gates",
        )
        p.otherwise()
        p.say("Nothing that the data asks for is open.")
    p.heading("6. What people decide")
    p.form(
        ("Decision, and why", "[to complete: decision and reasons]"),
        ("Support agreed for the gaps", "[to complete: support, from whom, by when]"),
    )
    p.signatures("Child's social worker", "Supervising social worker", "Fostering team manager")
    return p
