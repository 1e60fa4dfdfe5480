"""The twelve topics that the placement agreement meeting agrees (PC-6.3a)."""

from __future__ import annotations

from templates.page import Page

TOPICS = (
    "1. Purpose and duration",
    "2. How the assessment is carried out",
    "3. The carers' role in monitoring and assessing",
    "4. Reporting and recording",
    "5. Visits by the social workers",
    "6. Contact and visitors",
    "7. Levels of supervision",
    "8. Babysitting and child care",
    "9. The parent's roles, responsibilities and expectations",
    "10. When the carers must intervene",
    "11. House rules",
    "12. Money",
)


def twelve_topics(p: Page) -> None:
    """Each topic with what is known, and marks for what the meeting agrees."""
    for title, write in zip(TOPICS, WRITERS, strict=True):
        p.heading(title, 2)
        write(p)


def _purpose(p: Page) -> None:
    with p.when("assessment"):
        p.say(
            "The purpose is to assess parenting while the child is safe. It starts on "
            "{{ starts_on }} and lasts {{ lasts }}, until {{ ends_on }}."
        )
        p.form(("Questions to answer", "[to complete: what the assessment must answer]"))
        p.otherwise()
        p.say(
            "The purpose is to support a young parent to care for the child, to go on with "
            "education or training, and to get ready to live independently. It starts on "
            "{{ starts_on }}. Its length is {{ lasts }}."
        )
        p.form(("Aims", "[to complete: what the support is to achieve]"))


def _assessment(p: Page) -> None:
    with p.when("assessment"):
        p.form(
            ("Who assesses", "[to complete: role and service]"),
            ("How", "[to complete: method, sessions, observations]"),
            ("What it covers", "[to complete: areas of parenting, the parent's own needs]"),
            ("Interim feedback", "[to complete: when and how the parent hears how it goes]"),
            ("Report", "[to complete: date, and to whom]"),
            (
                "Next hearing",
                "{{ court_on if court_on else '[to complete: day of the next hearing, or none]' }}",
            ),
        )
        p.otherwise()
        p.say(
            "This is a support placement. Progress is looked at in reviews; no parenting assessment "
            "is planned here."
        )
        p.form(("If an assessment is under way", "[to complete: who assesses and how, or none]"))


def _role(p: Page) -> None:
    with p.when("assessment"):
        p.bullets(
            "The parent is the main carer. The carers watch, advise and record; they do not take over.",
            "The carers say what they see, good and bad, to the parent first where that is safe.",
        )
        p.otherwise()
        p.bullets(
            "The parent is the main carer. The carers teach, encourage and give an example.",
            "The carers keep an eye on the child's welfare, support education and training, and help "
            "the parent to become independent.",
        )
    p.bullets(
        "The carers stay vigilant. They report any problem or new risk to the child's social worker "
        "and to the supervising social worker.",
    )
    p.form(
        (
            "The carers' tasks",
            "[to complete: what they {{ 'observe, assess' if assessment else 'teach, monitor' }} "
            "and do]",
        ),
        ("What they were told of the issues", "[to complete: date of the briefing, by whom]"),
    )


def _recording(p: Page) -> None:
    p.form(
        ("Daily record", "[to complete: what is recorded, in what form]"),
        ("Who reads it", "[to complete: who, and how often it is sent]"),
        ("The parent sees it", "[to complete: how and when]"),
        ("Told the same day", "[to complete: events, to whom, out of hours too]"),
    )


def _visits(p: Page) -> None:
    with p.when("child_legal_status == 'care_order'"):
        p.say(
            "The child's social worker visits each week until the child's review, then as agreed "
            "there."
        )
    with p.when("child_legal_status == 'interim_care_order'"):
        p.say(
            "The child's social worker visits each week until the first review, then at least every "
            "four weeks."
        )
    with p.when("child_legal_status == 's20'"):
        p.say(
            "The child's social worker visits within a week of the start, then at least every six "
            "weeks."
        )
    with p.when("parent_looked_after"):
        p.say(
            "The parent's social worker visits the parent within a week of the start, then at least "
            "every six weeks."
        )
    p.table(
        [6.6, 4.4, 6.0],
        ["Visit", "How often", "What for"],
        *[
            [f"**{who}**", "[to complete: frequency]", "[to complete: purpose]"]
            for who in ("Child's social worker", "Supervising social worker")
        ],
        [
            "**Before the start**",
            "[to complete: day]",
            "The parent sees the home and meets the carers.",
        ],
    )


def _contact(p: Page) -> None:
    with p.when("withheld != 'no'"):
        p.say(
            "{% if withheld == 'yes' %}**The address is withheld.** All keep it to themselves. "
            "Contact takes place elsewhere.{% else %}**It is not yet decided whether the address is "
            "withheld.** Until then all keep it to themselves.{% endif %}"
        )
    p.form(
        (
            "{{ 'The wider family' if second_parent else 'The other parent' }}",
            "[to complete: who, where, how often, supervised or not]",
        ),
        ("Family and friends", "[to complete: who may visit, when, where]"),
        ("Not to visit", "[to complete: who, or nobody]"),
        ("Nights away", "[to complete: allowed or not, who agrees]"),
    )


def _supervision(p: Page) -> None:
    p.table(
        [5.6, 5.4, 6.0],
        ["When", "Level at the start", "When and how it changes"],
        *[
            [f"**{when}**", "[to complete: level]", "[to complete: what must be seen]"]
            for when in ("By day, in the home", "Feeds, baths and nights", "Out of the home")
        ],
    )


def _child_care(p: Page) -> None:
    with p.when("parent_looked_after"):
        p.say(
            "**Shared care.** How parent and carers share the child's care is agreed here, before "
            "the placement begins."
        )
        p.form(
            (
                "Times of {{ 'school or college' if education else 'education, training or work' }}",
                "[to complete: who cares for the child]",
            ),
            ("Nights, and time to rest", "[to complete: what the carers take on]"),
            ("When shared care shrinks", "[to complete: steps to caring alone]"),
        )
    p.form(
        ("Babysitting by the carers", "[to complete: when, how often, for how long]"),
        ("Others who may babysit", "[to complete: who agrees, or nobody]"),
        ("Delegated authority", "[to complete: what the carers may agree to for the child]"),
    )


def _parent(p: Page) -> None:
    p.bullets(
        "The parent cares for the child day and night: feeding, washing, comfort, play, sleep.",
        "The parent takes the child to health visits, and takes advice.",
    )
    with p.when("assessment"):
        p.bullets("The parent takes part in the assessment, and is told how it goes.")
        p.otherwise()
        p.bullets(
            "The parent balances care of the child with "
            "{{ 'school or college' if education else 'education, training or work' }}.",
        )
    p.form(
        ("Expected of the parent", "[to complete: what is agreed, day by day]"),
        ("Help with benefits and services", "[to complete: who advises, and by when]"),
        ("What the parent expects of others", "[to complete: in the parent's words]"),
    )


def _intervene(p: Page) -> None:
    p.bullets(
        "The child is in danger, hurt, ill or left alone.",
        "The parent can't care safely at that time, or asks for help.",
        "The parent wants to leave with the child, or does not come back as agreed.",
    )
    with p.when("raised"):
        p.say("Assessed as medium or high for this family: {{ raised }}. Agree signs to look for.")
    p.form(
        ("Signs and steps for this family", "[to complete: signs, and what the carers do]"),
        (
            "Whom the carers call",
            "In danger 999, then the child's social worker; out of hours [to complete: number]",
        ),
    )


def _house(p: Page) -> None:
    with p.when("smoke_free"):
        p.say("It is a smoke-free home.")
    p.form(
        ("Coming and going, nights", "[to complete: rules]"),
        ("Meals, kitchen, laundry", "[to complete: rules]"),
        ("Own room and private space", "[to complete: rules]"),
        ("Phones, internet, photographs", "[to complete: rules]"),
        ("Smoking, alcohol, medicines, pets", "[to complete: rules]"),
        ("Faith, food and culture", "[to complete: what the family needs]"),
    )


def _money(p: Page) -> None:
    p.form(
        ("Benefits of the parent", "[to complete: which, and who helps to claim]"),
        ("Food and household", "[to complete: who pays what]"),
        ("Nappies, milk, clothes, equipment", "[to complete: who pays what]"),
        ("Travel, phone, pocket money, savings", "[to complete: who pays what]"),
        ("Allowance to the carers", "[to complete: what it covers]"),
    )


WRITERS = (
    _purpose,
    _assessment,
    _role,
    _recording,
    _visits,
    _contact,
    _supervision,
    _child_care,
    _parent,
    _intervene,
    _house,
    _money,
)
