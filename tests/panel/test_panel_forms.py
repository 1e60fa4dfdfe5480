"""Forms: made of the one definition, nothing is lost by opening and saving, faults at their fields."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.core.management import call_command
from django.http import QueryDict

from copies import copied_package, follow
from matcher.intake import cells
from matcher.intake.files import Findings, read_tables
from matcher.intake.rows import OFFERED, SECTIONS, TABLES, columns_of
from matcher.panel.forms import Form, question, sections, typed_languages

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ("camden", "legal_routes", "messy", "tutorial")
COLUMNS = [(table, name) for table in OFFERED for name in columns_of(TABLES[table])]


def sent(shown) -> QueryDict:
    """What a browser sends of a question that nobody touched."""
    p, found = shown.params, QueryDict(mutable=True)
    match shown.component:
        case "input" | "textarea" | "search":
            found.appendlist(p["name"], p["value"])
        case "radios":
            for item in p["items"]:
                if item["checked"]:
                    found.setlist(p["name"], [item["value"]])
        case "select":
            chosen = [item["value"] for item in p["items"] if item["selected"]]
            found.appendlist(p["name"], (chosen or [p["items"][0]["value"]])[-1])
        case "checkboxes":
            for item in p["items"]:
                if item.get("checked"):
                    found.appendlist(p["name"], item["value"])
        case "languages":
            for item in p["items"]:
                found.appendlist(p["name"], item["value"])
        case "day":
            for item in p["items"]:
                found.appendlist(f"{p['namePrefix']}-{item['name']}", item["value"])
            if p.get("open") and p["open"]["items"][0]["checked"]:
                found.appendlist(p["open"]["name"], "open")
        case "limits":
            for item in p["items"]:
                (chosen,) = [o["value"] for o in item["items"] if o["selected"]]
                found.appendlist(item["name"], chosen)
    return found


def all_texts() -> dict[tuple[str, str], set[str]]:
    """Every text that stands in a column of a sample, as it was typed."""
    found: dict[tuple[str, str], set[str]] = {each: {""} for each in COLUMNS}
    for sample in SAMPLES:
        for table, sheet in read_tables(ROOT / "data/samples" / sample, Findings([], [])).items():
            for column, texts in sheet.cells.items():
                found.setdefault((table, column), {""}).update(texts)
    return found


def test_every_column_has_a_question_and_one_section():
    for table, name in COLUMNS:
        column = columns_of(TABLES[table])[name]
        assert column.question.endswith("?"), (table, name)
        assert column.says.endswith("."), (table, name)
        assert column.blank, (table, name)
        assert column.section in SECTIONS, (table, name)
        assert sum(name in names for names in sections(table).values()) == 1
    used = {columns_of(TABLES[table])[name].section for table, name in COLUMNS}
    assert used == set(SECTIONS)


def test_opening_and_saving_any_cell_of_the_samples_changes_nothing():
    changed = []
    for (table, name), texts in all_texts().items():
        for text in texts:
            form = Form(table, (name,), {name: text})
            (shown,) = form.shown({name: text})
            made, wrong = form.cells(form.posted(sent(shown)))
            blank = not text and columns_of(TABLES[table])[name].required
            if made[name] != text or (wrong and not blank):
                changed.append((table, name, text, made[name], wrong))
    assert changed == []


UNREADABLE = {
    "date": "13/13/2026",
    "number": "many",
    "postcode": "ZZ99",
    "yes or no": "perhaps",
    "code": "no_such_code",
    "list": "no_such_code",
    "text": "x" * 201,
}


@pytest.mark.parametrize(("table", "name"), COLUMNS)
def test_a_cell_that_cannot_be_read_has_its_fault_at_its_field(table, name):
    asked = question(table, name)
    text = UNREADABLE[asked.kind.name if asked.kind.codes or name != "limit_exemption" else "text"]
    if asked.column.read is cells.note:
        return  # any text is one
    form = Form(table, (name,), {})
    _, wrong = form.cells({name: text})
    assert wrong[name], (table, name)
    (shown,) = form.shown({name: text}, wrong)
    assert shown.params["errorMessage"]["text"] == " ".join(wrong[name])
    ids = json.dumps(shown.params)
    fragment = shown.href.removeprefix("#").removesuffix("-day")
    assert fragment in ids


def test_a_day_that_has_the_month_first_is_told_as_everywhere():
    form = Form("requests", ("needed_from",), {})
    data = QueryDict("needed_from-day=12&needed_from-month=13&needed_from-year=2026")
    _, wrong = form.cells(form.posted(data))
    assert "Did you mean 13/12/2026?" in wrong["needed_from"][0]


def test_every_language_can_be_typed_by_the_name_that_is_offered():
    form = Form("carers", ("languages",), {})
    for code, name in typed_languages().items():
        made, wrong = form.cells({"languages": name})
        assert (made["languages"], wrong) == (code, {}), name


@pytest.mark.parametrize(
    ("table", "name", "stored", "posted", "made"),
    [
        ("requests", "home_postcode", "NW5", "NW5 2AB", "NW5"),  # its outward half is the same
        ("requests", "home_postcode", "NW5", "NW1 2AB", "NW1"),  # and no more is kept
        ("requests", "religion", "Muslim", "muslim", "Muslim"),
        ("requests", "babies", "", "1", ""),  # blank says 1
        ("requests", "babies", "", "2", "2"),
        ("requests", "needs", "trauma, self harm", "self_harm;trauma", "trauma, self harm"),
        ("requests", "must_have", "language:som", "language:som;car", "car;language:som"),
        ("households", "features", "", "none", "none"),  # not known, then none of these
        ("households", "provider", "", "own", ""),
        ("requests", "fostering_concerns", "none", "", ""),
        ("placements", "note", "two\nlines ", "two\r\nlines", "two\nlines "),
        ("events", "status", "", "done", ""),
    ],
)
def test_a_cell_keeps_its_text_where_it_says_the_same(table, name, stored, posted, made):
    found, wrong = Form(table, (name,), {name: stored}).cells({name: posted})
    assert (found, wrong) == ({name: made}, {})


def test_what_is_answered_by_itself_counts_before_the_list_of_features():
    names = tuple(sections("households")["household"])
    stored = dict.fromkeys(names, "") | {"cats": "yes", "features": "cat;garden"}
    made, wrong = Form("households", names, stored).cells(stored | {"cats": "no"})
    assert (made["cats"], made["features"], wrong) == ("no", "garden", {})


class Fields(HTMLParser):
    """The fields of the last form of a page that is posted, as a browser sends them untouched."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.area: str | None = None
        self.select: str | None = None

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        if tag == "form":
            self.found = []
        elif tag == "input" and "name" in a:
            if a.get("type") not in ("radio", "checkbox") or "checked" in a:
                self.found.append((a["name"], a.get("value") or ""))
        elif tag == "textarea":
            self.area = a["name"]
            self.found.append((self.area, ""))
        elif tag == "select":
            self.select = a["name"]
            self.found.append((self.select, ""))
        elif tag == "option" and self.select and "selected" in a:
            self.found[-1] = (self.select, a.get("value") or "")

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.area = None
        elif tag == "select":
            self.select = None

    def handle_data(self, data):
        if self.area:
            self.found[-1] = (self.area, self.found[-1][1] + data)


def fields_of(client, path) -> dict[str, list[str]]:
    """The fields of the form at an address, by name."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    parser = Fields()
    parser.feed(answer.content.decode())
    found: dict[str, list[str]] = {}
    for name, value in parser.found:
        found.setdefault(name, []).append(value)
    return found


FAMILY = [f"/families/R01/edit/{section}/" for section in sections("requests")]
HOME = [f"/homes/H17/edit/{section}/" for section in sections("households")]


@pytest.mark.django_db
def test_forms_that_are_saved_untouched_change_nothing(client_of):
    from matcher.panel.models import State
    from matcher.panel.tables import MODELS

    carer = MODELS["carers"].objects.filter(household_id="H17").first()
    risk = MODELS["risk_assessments"].objects.filter(request_id="R01").first()
    more = [f"/homes/H17/carers/{carer.carer_id}/", f"/families/R01/risk_assessments/{risk.pk}/"]
    client, before = client_of("resource_team"), State.objects.get().version
    for path in [*FAMILY, *HOME, *more]:
        answer = client.post(path, fields_of(client, path))
        assert answer.status_code == 302, (path, answer.content.decode()[:3000])
    assert State.objects.get().version == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    "data", [{}, {"version": "x", "was": "[]"}, {"version": "1", "was": "{}", "mine": "7"}]
)
def test_a_form_of_which_parts_are_missing_is_answered(client_of, data):
    client = client_of("team_manager")
    more = [
        "/families/new/", "/families/R01/close/", "/families/R01/relationships/new/",
        "/families/R01/risk_assessments/new/", "/families/R01/keep_apart/new/", "/homes/new/",
        "/homes/H17/carers/new/", "/homes/H17/confirm/",
    ]  # fmt: skip
    for path in [*FAMILY, *HOME, *more]:
        assert client.post(path, data).status_code in (302, 400), path


SCRIPT = """
import django
django.setup()
from django.core.management import call_command
call_command("makemigrations", "panel", name="a_column")
from matcher.panel.forms import question
shown = question("households", "quiet_rooms").shown("", ())
print(shown.component, shown.params["label"]["text"])
"""


def panel_in(package: Path, folder: Path, *arguments: str) -> str:
    """What Python says in a copy of the package, with the panel's settings."""
    env = os.environ | {
        "PYTHONPATH": str(package),
        "MATCHER_PANEL": str(folder),
        "DJANGO_SETTINGS_MODULE": "matcher.panel.settings",
        "MATCHER_PANEL_DATABASE": "",
    }
    found = subprocess.run(
        [sys.executable, *arguments],
        env=env,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr
    return found.stdout


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", "panel", check=True, dry_run=True)


def test_a_new_column_is_one_line_one_migration_and_a_question(tmp_path):
    package = copied_package(tmp_path)
    follow("Add a column", package)
    said = panel_in(package.parent, tmp_path, "-W", "ignore", "-c", SCRIPT)
    (made,) = package.glob("panel/migrations/*_a_column.py")
    text = made.read_text("utf-8")
    assert (
        text.count("migrations.AddField(")
        == text.count("migrations.") - text.count("migrations.Migration")
        == 1
    )
    assert "quiet_rooms" in text
    assert said.strip().endswith("input How many quiet rooms are there?")
