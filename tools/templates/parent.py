"""The page for the parent: plain words, warm and honest (PC-6.2a, PC-6.5d, PC-4.1d)."""

from __future__ import annotations

from templates.page import Page

COURT = "child_legal_status in ('interim_care_order', 'care_order')"


def page() -> Page:
    """What the stay is for, how long, who looks at how it goes, what follows, who helps."""
    p = Page("Your stay with a foster family", "This page is yours to keep.", points=11.5)
    with p.when("language"):
        p.say(
            "**You can have this page in {{ language }}.** You can also have a person at meetings "
            "who speaks {{ language }}."
        )
    p.heading("What it is for")
    with p.when("assessment"):
        p.say(
            "You and {{ your_child }} may go to live with a foster family"
            "{{ ' after the birth' if unborn }}. You will be the one who looks after "
            "{{ your_child }}. The foster carer will be there to help you. We want to see how you "
            "get on, and what help you need. We want to know if {{ your_child }} can live with you "
            "and be safe and well."
        )
        p.otherwise()
        p.say(
            "{% if own_carers %}You and {{ your_child }} may live with your own foster carers"
            "{% else %}You and {{ your_child }} may go to live with a foster family{% endif %}"
            "{{ ' after the birth' if unborn }}. You will look after {{ your_child }}. The foster "
            "carer will help you and show you how. You will get ready to have a home of your own."
        )
    p.heading("How long you stay")
    with p.when("assessment"):
        p.say(
            "We plan to start on {{ starts_on }}. It should last {{ lasts }}, up to {{ ends_on }}. "
            "We will tell you if this has to change, and why."
        )
        p.otherwise()
        p.say(
            "We plan to start on {{ starts_on }}. You stay until you are ready to live on your own "
            "with {{ your_child }}.{% if lasts.startswith('about') %} We think this may take {{ lasts }}."
            "{% endif %} We will talk with you about it often."
        )
    _before(p)
    p.heading("Who looks at how it goes")
    with p.when("assessment"):
        p.say(
            "[to complete: who will assess] will meet with you and see you with {{ your_child }}. "
            "This is called an assessment. It looks at how you feed, hold, calm and play with "
            "{{ your_child }}, and how you keep {{ your_child }} safe. [to complete: how it will be "
            "done, step by step]"
        )
        p.say(
            "The foster carer will help you and will write down how things are going: what goes "
            "well and what is hard. You can ask to see it. Nobody thinks you should know it all. If "
            "we are worried, we will tell you."
        )
        p.otherwise()
        p.say(
            "Your social worker will come to see you. We will meet with you and talk about how "
            "things are going. The foster carer will tell us what goes well and what is hard. You "
            "can ask for a meeting at any time."
        )
        p.heading("What we ask of you")
        p.say(
            "Look after {{ your_child }} each day, and let us help you when it is hard. "
            "{% if education %}Go on with school or college. We know that is a lot to do at once. "
            "While you are there, this person looks after {{ your_child }}: [to complete: who]."
            "{% else %}We will help you with school, college or work: [to complete: what is planned]."
            "{% endif %}"
        )
    _after(p)
    _leaving(p)
    p.heading("Money, health and other help")
    p.say(
        "We will help you to get the money you have a right to: [to complete: who will help]. A "
        "midwife or health visitor will help you keep well. They can tell you about groups and "
        "services near you."
    )
    p.heading("You can bring someone")
    p.say(
        "You can bring a friend, someone from your family or an advocate to meetings. An advocate "
        "is on your side. Their job is to help you say what you want. It costs you nothing: "
        "[to complete: how to call an advocate]."
    )
    p.heading("Who to ask")
    p.form(
        ("Your social worker", "[to complete: name and phone]"),
        ("At night and at weekends", "[to complete: phone]"),
        ("If you are in danger", "Call 999."),
    )
    return p


def _before(p: Page) -> None:
    p.heading("Before you start")
    with p.when("own_carers"):
        p.say(
            "You live with these carers now, so you know the home. We will all sit down and agree "
            "how it will work with {{ your_child }}: [to complete: day]."
        )
        p.otherwise()
        p.say(
            "You can visit the home first and meet the foster carer: [to complete: day of the "
            "visit].{% if miles and withheld == 'no' %} The home is {{ miles }} from where you live."
            "{% endif %} Then we will all sit down and agree how it will work. What we agree is "
            "written in a plan. You sign it and you get a copy."
        )
    with p.when("withheld == 'yes'"):
        p.say(
            "**The address is kept secret.** This is to keep you all safe. Please do not tell it to "
            "anyone, and do not show it on your phone."
        )
    with p.when("withheld == 'not known'"):
        p.say(
            "We still have to agree if the address must be kept secret: [to complete: is it "
            "secret?]. Until then, please do not tell it to anyone."
        )


def _after(p: Page) -> None:
    p.heading("What happens after")
    with p.when("assessment"):
        p.say(
            "At the end we will tell you what we think, and why. [to complete: who decides, when, "
            "and who tells you]{% if court_on %} The next day in court is {{ court_on }}. A judge "
            "may have the last word.{% endif %}"
        )
        p.bullets(
            "You and {{ your_child }} may move on as a family, with help where you live.",
            "You may need more time or more help first.",
            "It may be that {{ your_child }} can't live with you. We know this is hard to read. If "
            "it comes to that, we will tell you face to face, tell you what comes next and help you.",
        )
        p.otherwise()
        p.say(
            "When you are ready, you move to a place of your own. We plan it with you, and the plan "
            "says what help you will have: [to complete: help after you move]. Your foster carer "
            "can stay in touch. You can also ask to stay on with your carers when you are 18."
        )


def _leaving(p: Page) -> None:
    p.heading("If you want to leave early")
    with p.when(COURT):
        p.say(
            "Talk to us first if you can. You can leave. But a court {{ 'may make' if unborn else 'has made' }} an "
            "order about {{ your_child }}. {{ 'Then' if unborn else 'So' }} you can't take {{ your_child }} "
            "with you unless we agree to it. "
            "We would look at once at how to keep {{ your_child }} safe."
        )
        p.otherwise()
        p.say(
            "Talk to us first if you can. {% if child_legal_status == 's20' or not "
            "parent_looked_after %}It is for you to say yes, and you can change your mind. "
            "{% else %}We want to know what is wrong and put it right. {% endif %}We would look at "
            "once at how to keep {{ your_child }} safe. If we think {{ your_child }} is not safe, "
            "we may ask a court what should happen."
        )
    with p.when("assessment"):
        p.say(
            "If you go before the end, we can't finish. Then we have to decide on what we have seen "
            "up to then. [to complete: what would happen next]"
        )
        p.otherwise()
        p.say("[to complete: what would happen next]")
