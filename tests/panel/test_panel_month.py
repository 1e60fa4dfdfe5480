"""A month lived in the panel by the people of a service, each in a browser; the command line gives its rounds again.

What they click and type is counted, week by week: `docs/how-to/panel.md` says the counts.
"""

from __future__ import annotations

import csv
import re
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import date
from pathlib import Path
from zipfile import ZipFile

from browser import Browsers, filled
from filled_panel import PASSWORD
from test_panel_accounts import code_of

from matcher import cli
from matcher.report.template import template

ROOT = Path(__file__).resolve().parents[2]
CAMDEN = ROOT / "data/samples/camden"
MONDAYS = [date(2026, 11, 23), date(2026, 11, 30), date(2026, 12, 7), date(2026, 12, 14)]
# What was typed carelessly: a table, an id, a column, and what stands there. The last has no mend.
SPOILED = [
    ("requests", "R01", "received_on", "11/19/2026"),
    ("carers", "H02-1", "pc_trained_on", "02/28/2025"),
    ("households", "H21", "status", "aproved"),
]
# Clicks and fields of all people together, as docs/how-to/panel.md says them.
COUNTS = {
    "The first day": (30, 16),
    "Week 1": (60, 0),
    "Week 2": (15, 3),
    "Week 3": (11, 3),
    "Week 4": (3, 0),
}
MOVED_IN, ENDED = date(2026, 11, 26), date(2026, 12, 5)
# Before R04 with H21 is confirmed.
CHECKS = ("Consent", "Adult checks", "Area notice", "Placement meeting", "Placement plan")


class Person:
    """Somebody at a page: each click, and each field that is typed or picked from, is counted."""

    def __init__(self, page, counts):
        self.page, self.counts = page, counts

    def click(self, name, role="link", **more):
        """Click what has a name: a link, unless it is said to be something else."""
        self.counts["clicks"] += 1
        found = self.page.get_by_role(role, name=name, **{"exact": True, **more})
        found.first.click()
        self.page.wait_for_load_state()

    def press(self, name, **more):
        """Press a button."""
        self.click(name, "button", **more)

    def pick(self, *names):
        """Choose radios or tick boxes."""
        for name in names:
            self.counts["clicks"] += 1
            self.page.get_by_label(name).first.check()

    def type(self, label, text):
        """Fill a field."""
        self.counts["fields"] += 1
        self.page.get_by_label(label, exact=True).fill(text)

    def day(self, legend, day):
        """Fill the three boxes of a day."""
        group = self.page.get_by_role("group", name=legend)
        for label, number in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
            self.counts["fields"] += 1
            group.get_by_label(label).fill(str(number))

    def select(self, label, part):
        """Pick from a list what has some words."""
        self.counts["fields"] += 1
        field = self.page.get_by_label(label)
        option = field.locator("option", has_text=part).first
        field.select_option(option.get_attribute("value"))

    def record(self, what):
        """On the page of a pair, say what is to be recorded of it."""
        self.pick(what)
        self.press("Continue")

    @property
    def text(self):
        """What the page says."""
        return self.page.locator("main").inner_text()


class Month:
    """A panel with people and no data, the browsers of its people, and what they did by part."""

    def __init__(self, browsers, folder):
        self.browsers, self.folder = browsers, folder
        self.pages, self.counts, self.exported = {}, {}, []
        self.part = "The first day"

    def of(self, role):
        """Who does a role, at Today."""
        if role not in self.pages:
            self.pages[role] = self.browsers(role)
        self.pages[role].goto("/")
        return self.by(self.pages[role])

    def by(self, page):
        """Who sits at a page."""
        return Person(page, self.counts.setdefault(self.part, Counter(clicks=0, fields=0)))

    def week(self, number):
        """Another Monday, as nobody waits a week for a test."""
        self.part = f"Week {number}"
        with closing(sqlite3.connect(self.folder / "panel.sqlite3", timeout=20)) as file, file:
            day = MONDAYS[number - 1].isoformat()
            file.execute("UPDATE panel_state SET day = ?", (day,))

    def keep_for_later(self):
        """The data as they are exported, and the last round as it was recorded: not counted."""
        number = len(self.exported) + 1
        page, place = self.pages["team_manager"], self.folder / f"round-{number}"
        page.goto("/export/")
        with page.expect_download() as zipped:
            page.get_by_role("button", name="CSV files (matching.zip)").click()
        with ZipFile(zipped.value.path()) as archive:
            archive.extractall(place)
        page.goto(f"/rounds/{number}/papers/")
        with page.expect_download() as recorded:
            page.get_by_role("link", name="round.json").click()
        self.exported.append((place, Path(recorded.value.path()).read_bytes()))


def workbook(path, spoiled):
    """The sample of Camden as a workbook, with what was typed carelessly."""
    tables = {}
    for file in CAMDEN.glob("*.csv"):
        with file.open(newline="", encoding="utf-8") as lines:
            tables[file.stem] = list(csv.DictReader(lines))
    for table, key, column, text in spoiled:
        row = next(each for each in tables[table] if next(iter(each.values())) == key)
        row[column] = text
    settings = {"title": "Weekly match round", "authority": "E09000007"}
    tables["round"] = [{"setting": key, "value": value} for key, value in settings.items()]
    path.write_bytes(template(tables))
    return path


def signs(person, name):
    """Sign in with a password."""
    person.type("User name", name)
    person.type("Password", PASSWORD)
    person.press("Sign in")


def the_data_come(month):
    """A workbook is looked at with its faults and mends, mended, and taken over."""
    who = month.of("resource_team")
    for spoiled in (SPOILED, SPOILED[:-1]):
        who.click("More")
        who.click("Import")
        who.counts["fields"] += 1
        file = workbook(month.folder / "matching.xlsx", spoiled)
        who.page.locator("input[type=file]").set_input_files(file)
        who.press("Look at it")
        assert "matching.xlsx can’t be taken over yet" in who.text
        who.press("Accept what is ticked")
        if spoiled == SPOILED:
            assert "aproved" in who.text
            who.press("Leave it")
    assert "What matching.xlsx would change" in who.text
    who.press("Take it over")


def the_people_come(month):
    """The manager signs in and sets a second step up; own cases; another manager by a link."""
    who = month.by(month.browsers())
    month.pages["team_manager"] = page = who.page
    page.goto("/")
    signs(who, "team_manager")
    who.click("An app on your phone that shows codes")
    who.type("The code that the app shows", code_of(page.locator(".panel-key").inner_text()))
    who.press("Set it up")
    code = page.locator(".panel-codes li").first.inner_text()
    page.goto("/account/")
    who.press("Sign out")
    signs(who, "team_manager")
    who.type("Code", code)
    who.press("Continue")
    for user, what, key in (("child", "Family", "R04"), ("supervising", "Home", "H21")):
        who.click("More")
        who.click("Own cases")
        who.select("Whose", user)
        who.type(what, key)
        who.press("Add it")

    keeper = month.of("administrator")
    keeper.click("More")
    keeper.click("Users")
    keeper.press("Add a user")
    keeper.type("User name", "deputy")
    keeper.pick("Team manager")
    keeper.press("Save")
    link = re.search(r"http://\S+/start/\S+/", keeper.text)[0]
    deputy = month.by(month.browsers())
    month.pages["deputy"] = deputy.page
    deputy.page.goto(link)
    deputy.type("Password", PASSWORD)
    deputy.press("Set it")
    signs(deputy, "deputy")
    deputy.click("Not now")


def runs(who, keeping):
    """Run the round of the day."""
    who.click("Round")
    who.press(
        f"Run again, keeping what can be kept of round {keeping}" if keeping else "Run a round"
    )


def decides(who, request_id, home, what):
    """From the round's page to the form in which something is recorded of a proposal."""
    who.click(f"Decide on {request_id}")
    who.record(what)
    assert f"{home}" in who.page.locator("h1").inner_text()


def the_first_meeting(month):
    """Run; choose, rule out, carers decline; two at once; run again keeping what can be kept."""
    who = month.of("team_manager")
    runs(who, None)
    assert "8 proposed" in who.text
    who.press("The meeting works on this round")
    month.keep_for_later()
    who.page.goto("/rounds/1/")
    who.page.emulate_media(media="print")
    paper = who.page.pdf(prefer_css_page_size=True)
    who.page.emulate_media(media="screen")
    assert paper.startswith(b"%PDF")
    assert 2 <= len(re.findall(rb"/Type\s*/Page\b", paper)) <= 6

    for request_id, home in (("R01", "H17"), ("R04", "H21"), ("R07", "H14")):
        decides(who, request_id, home, "Choose this home")
        who.press(f"Choose {home} for {request_id}")
        assert f"{home} is chosen for {request_id}" in who.text
        who.click("Back to the round")
    decides(who, "R14", "H09", "Rule this home out")
    who.pick("Distance")
    who.press("Rule out H09")
    who.click("Back to the round")
    decides(who, "R11", "H41", "The carers said no")
    who.pick("Capacity")
    who.press("Record the carers' no")

    # Two people at once: both have the page of a decision open, and one is first.
    deputy = month.of("deputy")
    deputy.click("Round")
    deputy.click("Round 1")
    deputy.click("R09")
    deputy.click("Decide on H33")
    deputy.record("Choose this home")
    who.click("Back to the round")
    decides(who, "R13", "H33", "Choose this home")
    deputy.press("Choose H33 for R09")
    assert "H33 is chosen for R09" in deputy.text
    who.press("Choose H33 for R13")
    assert "Your decision was not recorded" in who.text
    assert "H33 is already held for R09: choose, Team manager" in who.text
    who.click("Look at R13 with H33 again")
    who.click("Round")
    who.press("Run again, keeping what can be kept of round 1")
    assert "This round is outdated" not in who.text
    who.press("The meeting works on this round")
    rows = {row: who.page.locator("tr", has=who.page.get_by_role("rowheader", name=row)).inner_text() for row in ("R14", "R11", "R13")}  # fmt: skip
    assert "H09" not in rows["R14"].split("\n")[2]
    assert "H41" not in rows["R11"].split("\n")[2]
    month.keep_for_later()


def a_match_is_confirmed(month):
    """The checks of R04 with H21 are ticked; both sides sign; the manager countersigns."""
    who = month.of("team_manager")
    who.click("Duties")
    who.click("R04 with H21")
    who.pick(*(re.compile(f"^{each}") for each in CHECKS))
    who.press("Record as done")
    assert "5 duties of R04 recorded as done" in who.text
    for role in ("child_social_worker", "supervising_social_worker"):
        side = month.of(role)
        side.click("R04 with H21")
        side.press("Sign")
        assert "You signed" in side.text
    who.click("Today")
    who.click("R04 with H21")
    who.press("Countersign and confirm")
    assert "R04 with H21 is confirmed" in who.text


def the_second_week(month):
    """The family has moved in; the next round keeps what can be kept; duties are ticked."""
    month.week(2)
    who = month.of("team_manager")
    who.click("Round")
    who.click("Round 2")
    who.click("R04")
    who.click("Decide on H21")
    who.record("The family moved in")
    who.day("When did the family move in?", MOVED_IN)
    who.press("Record the move")
    assert "It is recorded that R04 moved in with H21" in who.text
    runs(who, 2)
    assert re.search("R04: lives with H21 since 26 November 2026", who.text)
    month.keep_for_later()
    who = month.of("team_manager")
    who.click("Duties")
    who.click("R04 with H21")
    boxes = who.page.get_by_role("checkbox")
    late = [boxes.nth(i) for i in range(min(boxes.count(), 3))]
    for box in late:
        who.counts["clicks"] += 1
        box.check()
    who.press("Record as done")
    assert "3 duties of R04 recorded as done" in who.text


def a_placement_ends_early(month):
    """The placement ends with its reason, and the next rounds never propose the pair again."""
    month.week(3)
    who = month.of("team_manager")
    who.click("More")
    who.click("Placements")
    who.click("R04")
    who.record("The placement ended")
    who.day("When did it end?", ENDED)
    who.pick("Carers asked", "It needs another home: match it again")
    who.press("Record the end")
    assert "It is recorded that the placement of R04 with H21 ended" in who.text
    for week, keeping in ((3, 3), (4, 4)):
        if week == 4:
            month.week(4)
            who = month.of("team_manager")
        runs(who, keeping)
        row = who.page.locator("tr", has=who.page.get_by_role("rowheader", name="R04"))
        assert "H21" not in row.get_by_role("cell").first.inner_text()
        who.click("R04")
        assert "H21" not in who.page.locator("h1").inner_text()
        month.keep_for_later()


def the_command_line_gives_its_rounds(month, tmp_path):
    """Of each export `matcher round` makes the bytes that the panel recorded."""
    for number, (folder, recorded) in enumerate(month.exported, 1):
        keep = ["--keep", str(tmp_path / f"{number - 1}/round.json")] if number > 1 else []
        out = tmp_path / str(number)
        given = ["round", str(folder), "--no-report", "--quiet", "--out", str(out), *keep]
        assert cli.run(given) == 0
        assert (out / "round.json").read_bytes() == recorded, number


def test_a_month_lived_in_the_panel_gives_the_rounds_of_the_command_line(chromium, tmp_path):
    with filled(tmp_path / "panel", "--empty") as served:
        people = Browsers(served, chromium)
        month = Month(people, served.folder)
        the_data_come(month)
        month.week(1)
        month.part = "The first day"
        the_people_come(month)
        month.part = "Week 1"
        the_first_meeting(month)
        a_match_is_confirmed(month)
        the_second_week(month)
        a_placement_ends_early(month)
        people.close()
        people.watched.is_clean()
    the_command_line_gives_its_rounds(month, tmp_path)
    found = {part: (each["clicks"], each["fields"]) for part, each in month.counts.items()}
    assert found == COUNTS
    said = (ROOT / "docs/how-to/panel.md").read_text(encoding="utf-8")
    for part, (clicks, fields) in COUNTS.items():
        assert re.search(rf"^\| {part}: .* \| {clicks} \| {fields} \|$", said, re.MULTILINE), part
