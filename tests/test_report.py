"""What people get of a round: the page, the workbook, the template; and what none of them tells."""

from __future__ import annotations

import csv
import html
import importlib.util
import io
import json
import math
import random
import re
import shutil
import subprocess
import sys
import warnings
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from python_calamine import CalamineWorkbook

from builders import a_carer, a_household, a_request, one_pair, write_tables
from matcher import privacy
from matcher.cli import run
from matcher.explain import NOT_SHOWN, WITHHELD, Explainer, Line
from matcher.intake.cells import Kind
from matcher.intake.files import OWN_SHEETS, Findings, read_tables
from matcher.intake.rows import ASKED_ALONE, OFFERED, TABLES, columns_of, headings, kind_of
from matcher.loading import load
from matcher.policy.criteria import CRITERIA, WHERE
from matcher.policy.rules import RULES
from matcher.policy.settings import default
from matcher.record import RoundRecord, as_dict, read
from matcher.recorder import record_of
from matcher.report import figures, writer
from matcher.report.template import template
from matcher.report.view import View
from matcher.rounds import SolvedRound, match, prepare
from matcher.shipped import shipped
from random_rounds import write_round

ROOT = Path(__file__).parent.parent
CAMDEN = ROOT / "data" / "samples" / "camden"
SHEETS = [
    "Alerts",
    "Proposals",
    "To do",
    "Screening",
    "Ranked",
    "Ineligible",
    "What it would take",
    "Households",
    "Single changes",
    "Policy",
    "How firm",
    "Next-best rounds",
    "Declines",
    "Decline reasons",
    "Rules in question",
    "Who waits",
    "Between groups",
    "Envy",
]
VOID = {"meta", "img", "link", "input", "br", "hr", "col"}


# --- Helpers ----------------------------------------------------------------------------------


@dataclass
class Table:
    caption: str = ""
    rows: list[list[str]] = field(default_factory=list)


class Page(HTMLParser):
    """The elements, the words and the tables of a page."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.headings: list[tuple[int, str]] = []
        self.tables: list[Table] = []
        self.css = ""
        self.feed(source)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append((int(tag[1]), ""))
        elif tag == "table":
            self.tables.append(Table())
        elif tag == "tr":
            self.tables[-1].rows.append([])
        elif tag in ("td", "th"):
            self.tables[-1].rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" in self.open:
            self.css += data
            return
        self.words.append(data)
        if self.headings and self.open and re.fullmatch(r"h[1-6]", self.open[-1]):
            self.headings[-1] = (self.headings[-1][0], self.headings[-1][1] + data)
        if "caption" in self.open:
            self.tables[-1].caption += data
        elif {"td", "th"} & set(self.open):
            self.tables[-1].rows[-1][-1] += data

    def all(self, *names: str) -> list[dict[str, str | None]]:
        return [attrs for tag, attrs in self.tags if tag in names]

    @property
    def said(self) -> str:
        """Every word of the page, those in attributes too, but no image."""
        attrs = (v for _, each in self.tags for k, v in each.items() if v and k != "src")
        return "\n".join(("".join(self.words), *attrs))


def wide(path: Path) -> dict[str, list[list[object]]]:
    """The sheets of a workbook."""
    book = CalamineWorkbook.from_path(path)
    return {n: book.get_sheet_by_name(n).to_python(skip_empty_area=False) for n in book.sheet_names}


def parts(path: Path) -> dict[str, str]:
    """The XML of a workbook, by its name in the archive."""
    with zipfile.ZipFile(path) as archive:
        found = {name: archive.read(name).decode("utf-8") for name in archive.namelist()}
    for text in found.values():
        ElementTree.fromstring(text.encode())  # well-formed
    return found


def sheet_xml(path: Path) -> dict[str, str]:
    """The XML of each sheet, by the name of the sheet."""
    found = parts(path)
    names = re.findall(r'<sheet name="([^"]+)"', found["xl/workbook.xml"])
    return {name: found[f"xl/worksheets/sheet{at}.xml"] for at, name in enumerate(names, start=1)}


def cell_words(path: Path) -> str:
    """Every text of a workbook, its comments and properties too."""
    found = {name: text for name, text in parts(path).items() if "worksheets/sheet" not in name}
    cells = (str(c) for rows in wide(path).values() for row in rows for c in row)
    return "\n".join((*map(html.unescape, found.values()), *cells))


def solved_round(folder: Path) -> SolvedRound:
    inputs, policy = load(folder, None, None)
    return match(prepare(inputs, policy))


def hidden_households(solved: SolvedRound) -> set[str]:
    return {each.household_id for each in record_of(solved).households if each.hidden}


@dataclass
class Made:
    """A round that was run: its data, its files, what it said."""

    data: Path
    out: Path
    said: str

    @property
    def record(self) -> dict:
        return json.loads((self.out / "round.json").read_text("utf-8"))

    @cached_property
    def for_people(self) -> dict:
        """The record without what is hidden, which is what every output for people shows."""
        return as_dict(privacy.for_people(read(RoundRecord, self.record)))

    @cached_property
    def lines(self) -> dict[str, list[Line]]:
        """All that is said of each request."""
        explainer = Explainer(privacy.for_people(read(RoundRecord, self.record)))
        return {name: explainer.lines(each) for name, each in explainer.requests.items()}

    @property
    def page(self) -> Page:
        return Page((self.out / "report.html").read_text("utf-8"))


def made_round(data: Path, out: Path, capture: pytest.CaptureFixture[str]) -> Made:
    capture.readouterr()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what libraries warn of has a test of its own
        assert run(["round", str(data), "--out", str(out)]) == 0
    said = capture.readouterr()
    return Made(data, out, said.out + said.err)


@pytest.fixture
def words(capsys):
    """Run a command: its status, and what it said on both streams."""

    def command(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        status = run([str(each) for each in arguments])
        return status, *capsys.readouterr()

    return command


_MADE: dict[str, Made] = {}


@pytest.fixture
def camden(tmp_path_factory, capsys):
    if "camden" not in _MADE:
        _MADE["camden"] = made_round(CAMDEN, tmp_path_factory.mktemp("camden") / "out", capsys)
    return _MADE["camden"]


# --- 1. The page ------------------------------------------------------------------------------


def self_contained(page: Page) -> None:
    """No script, no handler, and nothing that is fetched from anywhere."""
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "link", "iframe", "object", "embed", "base", "form", "video"}
    for tag, attrs in page.tags:
        assert not [name for name in attrs if name.startswith("on")], (tag, attrs)
        assert (attrs.get("src") or "data:image/png;base64,").startswith("data:image/png;base64,")
        assert (attrs.get("href") or "#").startswith("#")
        assert not {"srcset", "style", "action", "background"} & attrs.keys()
        assert "refresh" not in (attrs.get("http-equiv") or "")
    assert not re.search(r"url\s*\(|@import|expression\s*\(", page.css)


def test_the_page_is_one_file_that_fetches_nothing(camden):
    self_contained(camden.page)
    assert {p.name for p in camden.out.iterdir()} == {
        "round.json", "report.html", "matches.xlsx", "figures", "manifest.json",
    }  # fmt: skip
    names = {p.name for p in (camden.out / "figures").iterdir()}
    assert len(names) == len(camden.page.all("img")) == 4


def test_the_page_has_an_order_for_those_who_listen(camden):
    page = camden.page
    (whole,) = page.all("html")
    assert whole["lang"] == "en-GB"
    levels = [level for level, _ in page.headings]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all(words.strip() for _, words in page.headings)
    for landmark in ("header", "nav", "main", "footer"):
        assert len(page.all(landmark)) == 1, landmark
    ids = [attrs["id"] for _, attrs in page.tags if attrs.get("id")]
    assert len(ids) == len(set(ids))
    targets = {a["href"].removeprefix("#") for a in page.all("a")}
    labels = {a["aria-labelledby"] for _, a in page.tags if a.get("aria-labelledby")}
    assert targets | labels <= set(ids)
    assert all(attrs.get("scope") in ("col", "row", "rowgroup") for attrs in page.all("th"))
    assert all(table.caption.strip() for table in page.tables)
    assert all((attrs.get("alt") or "").strip() for attrs in page.all("img"))


def test_the_page_says_everything_of_every_request(camden):
    page, record, lines = camden.page, camden.for_people, camden.lines
    text = page.said
    for request in record["requests"]:
        assert any(words.startswith(f"{request['request_id']} ") for _, words in page.headings)
        for line in lines[request["request_id"]]:
            assert line.kind == "before" or (line.text in text and line.clause in text)
        decidable = request["outcome"] in ("proposed", "unplaced")
        for ranked in request["ranked"][:8] if decidable else ():
            assert f"{ranked['fit']:.2f}" in text
    for household in record["households"]:
        assert household["household_id"] in text
    decisions = [t for t in page.tables if t.rows[0][-1] == "Decision, initials"]
    (why,) = [row[2] for t in decisions for row in t.rows if row[0].startswith("R14")]
    assert why == "Ranks 3rd of 9; above it H17 for R01, H12 for R02"


CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
AXE = importlib.util.find_spec("axe_core_python")


def chromium(tmp_path: Path, page: Path, *options: str) -> str:
    """What headless Chromium says of a page."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: the page was not opened in a browser")
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"]
    command += ["--disable-background-networking", f"--user-data-dir={tmp_path / 'profile'}"]
    command += ["--virtual-time-budget=30000", *options, page.as_uri()]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")[-500:]
    return done.stdout.decode("utf-8")


def violations(tmp_path: Path, page: Path) -> list[tuple[str, list[str]]]:
    """What axe-core finds wrong with a page; what it looked at is more than a handful of rules."""
    if AXE is None or AXE.origin is None:
        pytest.skip("axe-core-python is not installed: the page was not checked with axe-core")
    axe = (Path(AXE.origin).parent / "axe.min.js").read_text("utf-8")
    ask = (
        "axe.run(document).then(r => { const out = document.createElement('pre');"
        "out.id = 'axe-out'; out.textContent = JSON.stringify({passes: r.passes.length, violations:"
        "r.violations.map(v => [v.id + ': ' + v.help, v.nodes.map(n => n.html.slice(0, 160))])});"
        "document.body.append(out); })"
    )
    source = page.read_text("utf-8")
    assert source.count("</body>") == 1
    scripts = f"<script>{axe}</script><script>{ask}</script></body>"
    copy = tmp_path / "with-axe.html"
    copy.write_text(source.replace("</body>", scripts), "utf-8")
    dom = chromium(tmp_path, copy, "--dump-dom")
    answer = re.search(r'<pre id="axe-out">(.*?)</pre>', dom, re.DOTALL)
    assert answer is not None, dom[-500:]
    found = json.loads(html.unescape(answer[1]))
    assert found["passes"] > 20
    return found["violations"]


def test_axe_finds_no_violation_in_the_page(camden, tmp_path):
    assert violations(tmp_path, camden.out / "report.html") == []


def test_the_page_prints(camden, tmp_path):
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext on this machine: the printed page was not read")
    paper = tmp_path / "report.pdf"
    chromium(tmp_path, camden.out / "report.html", f"--print-to-pdf={paper}")
    done = subprocess.run(["pdftotext", "-layout", paper, "-"], capture_output=True, check=True)
    pages = done.stdout.decode("utf-8").split("\f")[:-1]
    assert len(pages) > 5
    assert all(page.strip() for page in pages), "an empty page"
    for request in camden.record["requests"]:
        assert re.search(rf"\b{request['request_id']}\b", "".join(pages))


# --- 2. The workbook --------------------------------------------------------------------------


DECIDED = ["Decision", "Reason", "Decided by", "Decided on", "Moves in on", "Note"]


def test_the_workbook_reads_back(camden):
    sheets, record = wide(camden.out / "matches.xlsx"), camden.for_people
    assert list(sheets) == SHEETS
    for rows in sheets.values():
        assert all(isinstance(heading, str) and heading for heading in rows[0])
        assert len(rows[0]) == len(set(rows[0]))
        assert len(rows) > 1
    head, *rows = sheets["Proposals"]
    assert head == [
        "Request", "Needed", "Outcome", "Household", "Fit", "Rank", "Start", "Planned end",
        "Days late", "Held by people", "Profile", *DECIDED, "Why",
    ]  # fmt: skip
    assert [row[0] for row in rows] == [r["request_id"] for r in record["requests"]]
    for row, request in zip(rows, record["requests"], strict=True):
        line, proposal = dict(zip(head, row, strict=True)), request["proposal"]
        told = camden.lines[request["request_id"]]
        assert line["Why"] == "\n".join(each.sentence for each in told)
        if (living := request["facts"]["living"]) is not None and request["state"] == "placed":
            assert line["Household"] == living["household_id"]
            assert line["Fit"] == line["Rank"] == line["Needed"] == ""
            assert line["Start"].isoformat()[:10] == living["started_on"]
            continue
        if proposal is None:
            assert line["Household"] == line["Fit"] == line["Rank"] == line["Start"] == ""
            continue
        assert line["Household"] == proposal["household_id"]
        assert (type(line["Fit"]), line["Fit"]) == (float, proposal["fit"])
        assert (type(line["Rank"]), line["Rank"]) == (float, proposal["rank"])
        assert isinstance(line["Start"], date)  # a datetime is one too
        assert line["Start"].isoformat()[:10] == proposal["starts_on"]


def test_the_workbook_has_every_row_of_the_round(camden):
    sheets, record = wide(camden.out / "matches.xlsx"), camden.for_people
    head, *rows = sheets["Ranked"]
    asked = [(r["request_id"], e) for r in record["requests"] for e in r["ranked"]]
    assert [(row[0], row[2]) for row in rows] == [(r, e["household_id"]) for r, e in asked]
    fit = head.index("Fit")
    first = fit + 1
    assert head[first + len(CRITERIA) + 2 :] == DECIDED
    for row, (_, each) in zip(rows, asked, strict=True):
        assert (type(row[fit]), row[fit]) == (float, each["fit"])
        for cell, criterion in zip(row[first:], each["criteria"], strict=False):
            assert cell in (criterion["points"], "–", NOT_SHOWN)
    failed = sum(len(e["failed"]) for r in record["requests"] for e in r["ineligible"])
    assert len(sheets["Ineligible"]) == failed + 1
    assert len(sheets["Screening"]) == sum(len(r["screening"]) for r in record["requests"]) + 1
    homes = sheets["Households"]
    assert [row[0] for row in homes[1:]] == [h["household_id"] for h in record["households"]]
    confirmed = homes[0].index("Profile confirmed")
    assert sum(isinstance(row[confirmed], date) for row in homes[1:]) == 48
    assert all(row[confirmed] == "" or isinstance(row[confirmed], date) for row in homes[1:])


def test_every_sheet_filters_and_holds_its_headings(camden):
    for name, xml in sheet_xml(camden.out / "matches.xlsx").items():
        assert re.search(r'<autoFilter ref="A1:[A-Z]+\d+"', xml), name
        assert re.search(r'<pane [^>]*ySplit="1"[^>]*state="frozen"', xml), name
        assert "<f>" not in xml
        assert "<f " not in xml


def test_the_same_round_gives_the_same_files(camden, tmp_path, words):
    assert words("round", CAMDEN, "--out", tmp_path / "again", "--quiet")[0] == 0
    for path in sorted(p for p in camden.out.rglob("*") if p.is_file()):
        again = tmp_path / "again" / path.relative_to(camden.out)
        assert again.read_bytes() == path.read_bytes(), path.name


# --- 3. The template --------------------------------------------------------------------------

OFFERED_ROWS = {name: TABLES[name] for name in OFFERED}
COLUMNS = [(name, column) for name, row in OFFERED_ROWS.items() for column in headings(row)]
FAMILIES = {
    "requests": [
        {
            **a_request(name),
            "received_on": date(2026, 11, 16),
            "child_born_or_due_on": date(2026, 10, 1),
            "needed_from": date(2026, 12, 7),
            "parent_age": 24,
            "expected_weeks": 12.0,
        }
        for name in ("R1", "R2")
    ],
    "households": [
        {**a_household(f"H{at}"), "bedrooms": 2, "looked_after_children": 0} for at in range(1, 5)
    ],
    "carers": [
        {**a_carer(f"H{at}"), "pc_trained_on": date(2025, 5, 1), "pc_assessed_on": date(2025, 6, 1)}
        for at in range(1, 5)
    ],
}


def in_workbook(path: Path, settings: dict[str, object] | None = None, **tables: list) -> Path:
    """A filled template, with what its sheet `round` says."""
    rows = [{"setting": key, "value": value} for key, value in (settings or {}).items()]
    path.write_bytes(template({**tables, "round": rows}))
    return path


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "matching.xlsx"
    assert run(["template", "--out", str(path), "--quiet"]) == 0
    return path


def test_the_template_never_overwrites(tmp_path, words):
    path = tmp_path / "x.xlsx"
    status, out, err = words("template", "--out", path)
    assert status == 0
    assert str(path) in out + err
    before = path.read_bytes()
    status, out, err = words("template", "--out", path)
    assert (status, out) == (2, "")
    assert "The file is there already." in err
    assert path.read_bytes() == before == template()
    path.write_bytes(b"my work")
    assert words("template", "--out", path, "--json")[0] == 2
    assert path.read_bytes() == b"my work"
    assert [p.name for p in tmp_path.iterdir()] == ["x.xlsx"]


def test_the_template_has_a_sheet_per_table_and_a_heading_per_column(empty):
    sheets = wide(empty)
    assert set(sheets) == {*OFFERED, *OWN_SHEETS} - {"to_mend"}
    for name, row in OFFERED_ROWS.items():
        found = sheets[name][0]
        assert [str(heading).rstrip("*°") for heading in found] == list(headings(row))
        for heading, needed in zip(found, headings(row).values(), strict=True):
            column = str(heading).rstrip("*°")
            required = columns_of(row)[column].required
            assert str(heading).endswith("*") == required, heading
            assert str(heading).endswith("°") == (needed and not required), heading
        assert len(sheets[name]) == 1, "a template has no rows"


def test_every_heading_of_the_template_has_a_comment(empty):
    found = parts(empty)
    comments = [
        set(re.findall(r'<comment ref="([A-Z]+1)"', found[name]))
        for name in found
        if re.fullmatch(r"xl/comments\d+\.xml", name)
    ]
    assert sorted(map(len, comments)) == sorted(len(headings(row)) for row in OFFERED_ROWS.values())
    words = [text for name, text in found.items() if name.startswith("xl/comments")]
    assert sum(text.count("Required.") for text in words) == sum(
        column.required for row in OFFERED_ROWS.values() for column in columns_of(row).values()
    )


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=".".join)
def test_a_column_of_the_template_takes_what_the_reader_takes(empty, table, column):
    from xlsxwriter.utility import xl_col_to_name

    kind: Kind = kind_of(TABLES[table], column)
    letter = xl_col_to_name(list(headings(TABLES[table])).index(column))
    rules = ElementTree.fromstring(sheet_xml(empty)[table].encode()).iterfind(
        ".//{*}dataValidation"
    )
    mine = [rule for rule in rules if rule.get("sqref", "").startswith(f"{letter}2:{letter}")]
    if not (kind.codes or kind.name == "date"):
        assert mine == []
        return
    (rule,) = mine
    assert rule.get("type") == ("date" if kind.name == "date" else "list")
    assert rule.get("allowBlank") == "1"
    if kind.codes:
        source = rule.find("{*}formula1").text
        if source.startswith('"'):
            assert source.strip('"').split(",") == list(kind.codes)
            assert len(source) <= 257
        else:
            sheet, at = re.fullmatch(r"(\w+)!\$([A-Z]+)\$2", source.split(":")[0]).groups()
            last = int(source.rsplit("$", 1)[1])
            place = [xl_col_to_name(n) for n in range(30)].index(at)
            cells = [row[place] for row in wide(empty)[sheet][1:last]]
            assert cells == list(kind.codes)


def test_an_empty_template_has_no_fault(empty, tmp_path, words):
    status, out, _ = words("check", empty, "--json")
    assert (status, json.loads(out)["errors"], json.loads(out)["warnings"]) == (0, [], [])
    assert words("round", empty, "--out", tmp_path / "o", "--quiet")[0] == 0
    page = Page((tmp_path / "o" / "report.html").read_text("utf-8"))
    assert (
        "Nothing: nobody waits or is late, and nothing that is confirmed breaks a rule."
        in page.said
    )
    assert page.all("img") == []
    assert list(wide(tmp_path / "o" / "matches.xlsx")) == ["Policy"]


def test_a_filled_template_is_solved(tmp_path, words):
    settings = {"as_of": date(2026, 11, 23), "title": "From a workbook"}
    path = in_workbook(tmp_path / "filled.xlsx", settings, **FAMILIES)
    status, out, err = words("round", path, "--out", tmp_path / "o", "--json", "--quiet")
    assert (status, err) == (0, "")
    record = json.loads(out)
    assert record["counts"]["proposed"] == 2
    assert record["counts"]["households"] == 4
    assert (record["round"]["as_of"], record["round"]["title"]) == ("2026-11-23", "From a workbook")
    status, out, _ = words("verify", path, tmp_path / "o")
    assert (status, out[:9]) == (0, "Verified:")


@pytest.fixture(scope="module")
def samples():
    spec = importlib.util.spec_from_file_location("make_samples", ROOT / "tools/make_samples.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def same_round(folder: Path, workbook: Path, out: Path) -> None:
    for source, name in ((folder, "csv"), (workbook, "xlsx")):
        place = str(out / name)
        assert run(["round", str(source), "--out", place, "--no-report", "--quiet"]) == 0
    assert (out / "csv/round.json").read_bytes() == (out / "xlsx/round.json").read_bytes()


def test_camden_is_the_same_as_a_workbook(samples, tmp_path):
    same_round(CAMDEN, ROOT / "data/samples/camden.xlsx", tmp_path)
    fresh = tmp_path / "fresh.xlsx"
    fresh.write_bytes(samples.workbook(CAMDEN))
    advice = "data/samples/camden.xlsx is stale: run tools/make_samples.py"
    assert wide(fresh) == wide(ROOT / "data/samples/camden.xlsx"), advice


def with_every_question(table: Path) -> None:
    """Add the columns of ASKED_ALONE that a table lacks: a template has them all.

    Without the column a list of features says what isn't there, so it is another table.
    """
    head, *rows = csv.reader(io.StringIO(table.read_bytes().decode("latin-1"), newline=""))
    there = {re.sub(r"[ _]", "", heading).casefold() for heading in head}
    lacking = [each for each in ASKED_ALONE.values() if each.replace("_", "") not in there]
    with table.open("w", encoding="latin-1", newline="") as file:
        csv.writer(file).writerows(
            [[*head, *lacking], *([*row, *("" for _ in lacking)] for row in rows)]
        )


@pytest.mark.parametrize("seed", range(12))
def test_a_random_round_is_the_same_as_a_workbook(samples, tmp_path, seed):
    messy, tidy = tmp_path / "messy", tmp_path / "tidy"
    write_round(messy, seed, 5, 8, dense=seed % 2 == 0, keep_apart=seed % 3 == 0, pins=seed > 5)
    with_every_question(messy / "households.csv")
    findings = Findings([], [])
    sheets = read_tables(messy, findings)
    assert not findings.faults
    tables = {
        name: [
            {k: _iso(kind_of(TABLES[name], k), v) for k, v in zip(s.cells, row, strict=True) if v}
            for row in zip(*s.cells.values(), strict=True)
        ]
        for name, s in sheets.items()
    }
    write_tables(tidy, tables, (messy / "round.toml").read_text("utf-8"))
    for name, sheet in sheets.items():  # a table or a column without a value is there all the same
        with (tidy / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            rows = csv.DictWriter(file, sorted(sheet.cells), restval="")
            rows.writeheader()
            rows.writerows(tables[name])
    book = tmp_path / "round.xlsx"
    book.write_bytes(samples.workbook(tidy))
    same_round(messy, book, tmp_path)


def test_a_fault_in_a_workbook_is_named_as_in_csv(tmp_path, words):
    wrong = {
        "requests": [a_request("R1", purpose="assesment"), a_request("R2", needed_from="soon")],
        "households": [a_household("H1", bedrooms="many"), a_household("H1")],
        "carers": [a_carer("H1"), a_carer("H9", skills="babies;juggling")],
        "decisions": [{"request_id": "R1", "household_id": "H7", "decision": "perhaps"}],
    }
    folder = write_tables(tmp_path / "folder", wrong, "as_of = 2026-11-23\n")
    found = []
    book = plain_workbook(tmp_path / "wrong.xlsx", wrong, [("as_of", datetime(2026, 11, 23))])
    for source in (folder, book):
        status, out, _ = words("check", source, "--json")
        assert status == 2
        found.append(json.loads(out)["errors"])
    assert [{**e, "fix": ""} for e in found[0]] == [{**e, "fix": ""} for e in found[1]]
    places = {(e["table"], e["row"], e["column"]) for e in found[1]}
    assert places >= {
        ("requests", 2, "purpose"),
        ("requests", 3, "needed_from"),
        ("households", 2, "bedrooms"),
        ("carers", 3, "skills"),
        ("decisions", 1, "decided_on"),
    }


def _iso(kind: Kind, text: str) -> str:
    """A date as the samples have it, year first."""
    return "-".join(reversed(text.split("/"))) if kind.name == "date" and "/" in text else text


def _typed(kind: Kind, text: str) -> object:
    """A cell as Excel would keep it: a date as a date, a number as a number."""
    if kind.name == "date" and re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return datetime.fromisoformat(text)
    return float(text) if kind.name == "number" and text.isdigit() else text


def plain_workbook(path: Path, tables: dict, settings: list[tuple[str, object]]) -> Path:
    """A workbook that no template made, with these rows on its sheet `Round`."""
    from xlsxwriter import Workbook

    with Workbook(path, {"strings_to_formulas": False}) as book:
        dated = book.add_format({"num_format": "dd/mm/yyyy"})
        for name, rows in tables.items():
            sheet = book.add_worksheet(name)
            columns = list(dict.fromkeys(column for row in rows for column in row))
            sheet.write_row(0, 0, columns)
            for at, row in enumerate(rows, start=1):
                for place, column in enumerate(columns):
                    value = _typed(kind_of(TABLES[name], column), row.get(column) or "")
                    sheet.write(at, place, value, dated if isinstance(value, datetime) else None)
        page = book.add_worksheet("Round")
        page.write_row(0, 0, ("setting", "value"))
        for at, (key, value) in enumerate(settings, start=1):
            page.write(at, 0, key)
            page.write(at, 1, value, dated if isinstance(value, datetime) else None)
    return path


def broken_workbooks() -> dict[str, bytes]:
    noise, whole = random.Random(1), template()
    no_workbook = io.BytesIO()
    with zipfile.ZipFile(no_workbook, "w") as archive:
        archive.writestr("letter.txt", "not a workbook")
    found = {
        "empty": b"",
        "random": noise.randbytes(5000),
        "csv": b"request_id,purpose\nR1,assessment\n",
        "zip": no_workbook.getvalue(),
        "password": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + noise.randbytes(4096),
        "half": whole[: len(whole) // 2],
        "spoilt": whole[:3000] + noise.randbytes(200) + whole[3200:],
    }
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        good = {name: archive.read(name) for name in archive.namelist()}
    unread = (1, 2 + len(OFFERED) + 1)  # how_to and codes hold no table
    for bad in good:  # an archive is whole, but what holds data in it is not
        if bad in (f"xl/worksheets/sheet{number}.xml" for number in unread):
            continue
        if re.fullmatch(r"xl/(workbook|styles|sharedStrings|worksheets/sheet\d+)\.xml", bad):
            spoilt = io.BytesIO()
            with zipfile.ZipFile(spoilt, "w") as archive:
                for name, text in good.items():
                    archive.writestr(name, text[: len(text) // 2] if name == bad else text)
            found[bad] = spoilt.getvalue()
    return found


@pytest.mark.parametrize("name", broken_workbooks())
def test_a_broken_workbook_is_a_fault(tmp_path, words, name):
    path = tmp_path / "broken.xlsx"
    path.write_bytes(broken_workbooks()[name])
    for command in (["check"], ["round", "--out", tmp_path / "o"], ["explain"]):
        rest = ["R1"] if command[0] == "explain" else []
        status, out, err = words(command[0], path, *rest, *command[1:])
        assert (status, out) == (2, ""), err
        assert "Traceback" not in err
        assert "panicked" not in err
    assert list(tmp_path.iterdir()) == [path]
    faults = json.loads(words("check", path, "--json")[1])["errors"]
    assert faults
    assert all(fault["fix"] for fault in faults)


def test_what_is_no_workbook_is_a_fault(tmp_path, words):
    for path in (tmp_path / "none.xlsx", tmp_path / "round.xls", tmp_path / "folder.xlsx"):
        if path.suffix == ".xls":
            path.write_bytes(b"no workbook")
        if path.stem == "folder":
            path.mkdir()
        status, out, err = words("check", path)
        assert (status, out) == (2, "")
        assert "Something went wrong" not in err


def test_a_sheet_that_is_missing_or_strange_is_named(tmp_path, words):
    from xlsxwriter import Workbook

    path = tmp_path / "x.xlsx"
    with Workbook(path) as book:
        for name in ("Requests", " households ", "Carer", "<b>Mine"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, list(headings(TABLES["requests"])))
    status, out, _ = words("check", path, "--json")
    assert status == 2
    errors = json.loads(out)["errors"]
    assert {"table": "carers", "row": None, "column": None, "value": None,
            "problem": "The table is missing.", "fix": "Add a sheet carers."} in errors  # fmt: skip
    assert any((e["table"], e["column"]) == ("households", "household_id") for e in errors)


# The settings of a workbook


def test_the_settings_of_a_workbook_are_those_of_round_toml(tmp_path):
    settings = {
        "as_of": date(2026, 11, 30),
        "title": "Weekly",
        "authority": "Camden",
        "policy.turnaround_days": 14,
        "policy.limits.weekly_fees": 900.5,
        "policy.default_risk_limits.arson": "low",
    }
    book = in_workbook(tmp_path / "x.xlsx", settings, **FAMILIES)
    tables = {
        name: [{k: _plain(v) for k, v in row.items()} for row in rows]
        for name, rows in FAMILIES.items()
    }
    toml = 'as_of = 2026-11-30\ntitle = "Weekly"\nauthority = "E09000007"\n[policy]\n'
    toml += 'turnaround_days = 14\nlimits.weekly_fees = 900.5\ndefault_risk_limits.arson = "low"\n'
    folder = write_tables(tmp_path / "folder", tables, toml)
    same_round(folder, book, tmp_path)
    record = json.loads((tmp_path / "xlsx/round.json").read_text("utf-8"))
    assert record["round"]["as_of"] == "2026-11-30"
    assert record["round"]["policy"]["changed"] == {
        "default_risk_limits.arson": "low",
        "limits.weekly_fees": 900.5,
        "turnaround_days": 14,
    }


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else f"{value:g}" if isinstance(value, float) else str(value)  # fmt: skip


def settings_sheet(path: Path, rows: list[tuple[str, object]]) -> Path:
    """A workbook whose sheet `Round` has these rows, whatever they are."""
    return plain_workbook(path, one_pair(), rows)


@pytest.mark.parametrize(
    ("rows", "column"),
    [
        ([("as_of", "31/02/2026")], "as_of"),
        ([("as_of", 7)], "as_of"),
        ([("titel", "x")], "titel"),
        ([("authority", "Camdn")], "authority"),
        ([("policy.turnaround_dayz", 3)], "turnaround_dayz"),
        ([("policy.turnaround_days", "soon")], "turnaround_days"),
        ([("policy", 3)], "policy"),
        ([("policy", 3), ("policy.turnaround_days", 3)], "policy"),
        ([("title.x", 3)], "title"),
        ([("title", "x"), ("title.x", "y")], "title"),
    ],
    ids=str,
)
def test_a_fault_of_the_settings_names_the_sheet(tmp_path, words, rows, column):
    path = settings_sheet(tmp_path / "x.xlsx", rows)
    status, out, err = words("check", path, "--json")
    assert status == 2, err
    errors = json.loads(out)["errors"]
    assert {error["table"] for error in errors} == {"round"}
    assert all(e["column"] == column or e["column"].startswith(f"{column}.") for e in errors)


def test_a_day_as_text_or_as_a_date_is_the_same_day(tmp_path, words):
    for day in ("23/11/2026", "2026-11-23", datetime(2026, 11, 23)):
        path = settings_sheet(tmp_path / "x.xlsx", [("As_Of ", day), ("title", "=1+1")])
        status, out, err = words("round", path, "--no-report", "--json", "--out", tmp_path / "o")
        assert status == 0, err
        found = json.loads(out)["round"]
        assert (found["as_of"], found["title"]) == ("2026-11-23", "=1+1")


# --- 4. A withheld address --------------------------------------------------------------------

APART = {"H1": "LU3", "H2": "SG2", "H3": "CB1", "H4": "OX4", "H5": "EN3", "H6": "E8"}
HIDDEN = {"H1", "H2", "H3", "H4", "H5"}


@pytest.fixture
def withheld(tmp_path_factory, capsys):
    """Families whose address is withheld: one ranks several, one is confirmed too near, one is held back.

    Only H6 is on the list of none of them.
    """
    if "withheld" in _MADE:
        return _MADE["withheld"]
    plain = {"english": "fluent", "languages": "eng"}
    tables = {
        "requests": [
            a_request("R1", withhold_address="yes", home_postcode="N7", school_postcode="SW9",
                      must_have="garden", **plain),
            a_request("R2", withhold_address="no", home_postcode="HA1", school_postcode="RM10"),
            a_request("R3", home_postcode="BR1", **plain),
            a_request("R4", withhold_address="yes", home_postcode="NW5", min_miles="150", **plain),
            a_request("R5", withhold_address="yes", home_postcode="NW5", parent_agrees="no",
                      must_have="dog", school_postcode="NW1"),
            a_request("R6", home_postcode="N19", max_miles="1"),
        ],
        "households": [
            a_household(name, postcode=code, local_authority="Stevenage" if name == "H2" else None,
                        features={"H5": "dog", "H6": "cat"}.get(name, "garden"))
            for name, code in APART.items()
        ],
        "carers": [a_carer(name, languages="eng") for name in APART],
        "decisions": [
            {"request_id": "R4", "household_id": "H4", "decision": "confirmed",
             "decided_on": "2026-11-20", "decided_by": "team manager"},
        ],
    }  # fmt: skip
    folder = tmp_path_factory.mktemp("withheld")
    data = write_tables(folder / "data", tables, "as_of = 2026-11-23\n")
    _MADE["withheld"] = made_round(data, folder / "out", capsys)
    return _MADE["withheld"]


@pytest.fixture(params=["camden", "withheld"])
def secret(request):
    """A round with withheld addresses."""
    return request.getfixturevalue(request.param)


def where_words(solved: SolvedRound) -> tuple[set[str], set[str]]:
    """What would tell where a hidden household is, and the like of the others: patterns."""
    prepared, hidden = solved.prepared, hidden_households(solved)
    names = {row["code"]: row["name"] for row in shipped("authorities.csv")}
    told: dict[bool, set[str]] = {True: set(), False: set()}
    for at, household in enumerate(prepared.inputs.households):
        mine = told[household.household_id in hidden]
        mine.add(household.postcode)
        code = household.local_authority
        mine.update((code, names[code]) if code else ())
        for row in range(len(prepared.inputs.requests)):
            case = prepared.pair(row, at)
            for criterion in (each for each in CRITERIA if each.key in WHERE):
                value = float(criterion.value(case.pairs).flat[0])
                if not math.isnan(value):
                    mine.add(criterion.explain(criterion.facts(case), value).text)
            if case.request.min_miles is not None or case.request.max_miles is not None:
                rule = next(each for each in RULES if each.key == "distance")
                mine.add(str(rule.failing(case).reason))
    return told[True] - told[False], told[False] - told[True]


def tells(text: str, words: set[str]) -> list[str]:
    """Which of some words a text has, each as a whole word, however it is wrapped."""
    flat = " ".join(text.split())
    return [each for each in sorted(words) if re.search(rf"(?<!\w){re.escape(each)}(?!\w)", flat)]


def test_the_right_households_are_hidden(camden, withheld):
    assert hidden_households(solved_round(withheld.data)) == HIDDEN
    solved = solved_round(camden.data)
    (r11,) = [r for r in camden.record["requests"] if r["request_id"] == "R11"]
    assert r11["proposal"]["household_id"] == "H41"
    assert {e["household_id"] for e in r11["ranked"]} == hidden_households(solved)


@pytest.mark.clause("PC-5.3d")
def test_a_round_tells_of_no_hidden_place(secret):
    hidden, others = where_words(solved_round(secret.data))
    assert len(hidden) > 10
    outputs = {
        "page": secret.page.said,
        "workbook": cell_words(secret.out / "matches.xlsx"),
        "terminal": secret.said,
    }
    assert {name: found for name, text in outputs.items() if (found := tells(text, hidden))} == {}
    assert tells(outputs["terminal"], others), "the search itself finds what may be told"


@pytest.mark.clause("PC-5.3d")
def test_explain_tells_of_no_hidden_place(secret, words):
    solved = solved_round(secret.data)
    hidden, _ = where_words(solved)
    homes = sorted(hidden_households(solved))
    asked = [r.request_id for r in solved.prepared.inputs.requests]
    for name in asked:
        status, out, err = words("explain", secret.data, name)
        assert status == 0
        assert tells(out + err, hidden) == [], name
    pairs = [(name, home) for name in asked for home in homes]
    for name, home in pairs if secret.data != CAMDEN else pairs[:: max(1, len(pairs) // 24)]:
        status, out, err = words("explain", secret.data, name, home)
        assert status == 0
        assert tells(out + err, hidden) == [], (name, home)
        assert not re.search(r"\bmiles?\b", out), (name, home)


def test_explain_shows_neither_points_nor_grade_of_a_hidden_place(withheld, words):
    true = true_points(withheld)
    for name, home in (("R2", "H1"), ("R3", "H2"), ("R1", "H3")):
        out = words("explain", withheld.data, name, home)[1]
        lines = [line for line in out.splitlines() if re.match(r"\s+(distance|school)\s+hid", line)]
        scored = [c for c in true[name, home] if c["name"] in WHERE and c["value"] is not None]
        assert len(lines) == len(scored) >= 1
        assert not re.search(r"\d|High|Medium|Low", "".join(lines)), "a grade tells how far it is"


@pytest.mark.clause("PC-5.3d")
def test_explain_for_a_machine_tells_of_no_hidden_place(withheld, words):
    hidden, _ = where_words(solved_round(withheld.data))
    for more in ((), ("H1",)):
        out = words("explain", withheld.data, "R2", *more, "--json")[1]
        assert tells(json.dumps(json.loads(out), ensure_ascii=False), hidden) == []
        record = json.loads(out)
        ranked = [record["ranked"]] if more else record["ranked"]
        for each in (e for e in ranked if e["household_id"] in HIDDEN):
            where = [c for c in each["criteria"] if c["name"] in WHERE]
            assert any(c["facts"] == {WITHHELD: True} for c in where)
            assert all(c["facts"] in ({}, {WITHHELD: True}) for c in where)
            assert {(c["value"], c["points"]) for c in where} == {(None, 0)}, (
                "only round.json may have the points from which a distance follows"
            )


def test_what_is_said_does_not_grade_a_hidden_place(withheld):
    """`Fits` is High and `Less close` is not: a place among either says how far it is."""
    said = [line for lines in withheld.lines.values() for line in lines]
    assert "withheld" in {line.kind for line in said}
    for line in said:
        if line.kind in ("fits", "less_close"):
            assert "Its place is not shown" not in line.text


def shown_points(made: Made) -> list[tuple[str, str, float, list[str]]]:
    """The points that the page and the workbook show: (request, household, fit, cells)."""
    found = []
    head, *rows = wide(made.out / "matches.xlsx")["Ranked"]
    first = head.index("Fit") + 1
    for row in rows:
        points = row[first : first + len(CRITERIA)]
        found.append((row[0], row[2], row[first - 1], [str(c) for c in points]))
    tables = [t for t in made.page.tables if t.caption.endswith(": points of each fit")]
    decidable = [r for r in made.record["requests"] if r["outcome"] in ("proposed", "unplaced")]
    requests = [r for r in decidable if r["ranked"]]
    for request, table in zip(requests, tables, strict=True):
        for row in table.rows[1:]:
            name = row[1].split()[0]  # what follows says that it is proposed, or stale
            found.append((request["request_id"], name, float(row[2]), row[3:-1]))
    return found


def true_points(made: Made) -> dict[tuple[str, str], list[dict]]:
    """The criteria as round.json has them, distance and school too."""
    return {
        (r["request_id"], e["household_id"]): e["criteria"]
        for r in made.record["requests"]
        for e in r["ranked"]
    }


@pytest.mark.clause("PC-5.3d")
def test_no_points_of_a_hidden_place_are_shown(secret):
    hidden, true = hidden_households(solved_round(secret.data)), true_points(secret)
    policy = default()
    seen = 0
    for request, home, _, cells in shown_points(secret):
        told = [
            c
            for c in true[request, home]
            if c["value"] is not None and not (home in hidden and c["name"] in WHERE)
        ]
        weights = {c["name"]: policy.number(f"weights.{c['name']}") for c in told}
        for cell, criterion in zip(cells, true[request, home], strict=True):
            if criterion["value"] is None:
                assert cell == "–"
            elif criterion["name"] not in weights:
                assert cell == NOT_SHOWN
                seen += 1
            else:  # as if there were no distance and no school
                points = 100 * weights[criterion["name"]] * criterion["value"]
                assert float(cell) == pytest.approx(points / sum(weights.values()), abs=0.006)
    assert seen > 5


def test_a_hidden_distance_does_not_follow_by_subtraction(secret):
    """The fit that is told is all of the points that are told: nothing is left for a distance."""
    seen = 0
    for request, home, fit, cells in shown_points(secret):
        if NOT_SHOWN in cells:
            told = sum(float(c) for c in cells if c not in ("–", NOT_SHOWN))
            assert fit == pytest.approx(told, abs=0.04), (request, home)
            seen += 1
    assert seen > 3


@pytest.fixture
def drawn(monkeypatch):
    """What the figures of a whole report are drawn with: name → figure."""
    kept = {}

    def keep(name, figure, title, alt):
        kept[name] = figure
        return figures.Drawn(name, title, alt, b"png")

    monkeypatch.setattr(figures, "save", keep)
    yield kept
    from matplotlib import pyplot

    pyplot.close("all")


def figure_words(figure) -> str:
    from matplotlib.text import Text

    return "\n".join(text.get_text() for text in figure.findobj(Text))


@pytest.mark.clause("PC-5.3d")
def test_the_figures_show_no_hidden_place(secret, drawn, tmp_path):
    from matplotlib.lines import Line2D
    from matplotlib.text import Annotation

    from matcher.geo import outcodes

    solved = solved_round(secret.data)
    view = View(solved)
    hidden, _ = where_words(solved)
    assert view.hidden == hidden_households(solved)
    writer.write_report(view, tmp_path / "out", lambda step: None)
    assert set(drawn) == {"fit_and_blocks", "points", "blocks", "map"}
    for name in ("fit_and_blocks", "points", "blocks"):
        assert tells(figure_words(drawn[name]), hidden) == [], name

    # The map names authorities, as the background of any map does, but no hidden household.
    said = figure_words(drawn["map"])
    assert not [home for home in view.hidden if re.search(rf"\b{home}\b", said)]
    withheld = [r.request_id for r in solved.prepared.inputs.requests if r.withhold_address]
    assert withheld
    assert not [name for name in withheld if re.search(rf"\b{name}\b", said)]
    marks = [
        (line.get_xdata()[0], line.get_ydata()[0])
        for line in drawn["map"].findobj(Line2D)
        if line.get_marker() == "o" and len(line.get_xdata()) == 1
    ]
    shown = [h for h in solved.prepared.inputs.households if h.household_id not in view.hidden]
    assert len(marks) == len(shown)
    for household in solved.prepared.inputs.households:
        if household.household_id in view.hidden:
            place = outcodes()[household.postcode]
            if household.postcode not in {each.postcode for each in shown}:
                assert (place.easting, place.northing) not in marks
    arrows = [a for a in drawn["map"].findobj(Annotation) if a.get_text() in view.hidden]
    assert arrows == []


def test_the_bars_have_no_points_of_a_hidden_place(secret, drawn):
    solved = solved_round(secret.data)
    view = View(solved)
    figures.all_figures(solved, view.record, view.hidden)
    axes = drawn["points"].axes[0]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    seen = 0
    for criterion, bars in zip(CRITERIA, axes.containers, strict=False):
        for label, bar in zip(labels, bars, strict=True):
            if criterion.key in WHERE and label.split(" → ")[1] in view.hidden:
                assert bar.get_width() == 0
                seen += 1
    assert seen


# --- 5. Hostile words -------------------------------------------------------------------------

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    '=HYPERLINK("http://example.org","x")',
    "@SUM(A1:A9)",
    "+1+1",
    "-2",
    "{{ 7 * 7 }}{% raw %}",
    "' onmouseover='alert(1)",
    "a&amp;b</td></table>",
    "週 Ω é",
    "$x^2$ and $5",
)
MARKS = "\x1b[2J\x07\x00\u202e\u200f\u2066"


@pytest.fixture
def hostile(tmp_path_factory, capsys):
    if "hostile" in _MADE:
        return _MADE["hostile"]
    title = f"=1+1 <script>alert(1)</script> {MARKS} " + "ü<b>&" * 1994
    assert 10_000 <= len(title) <= 10_100
    homes = [f"{name} h" for name in HOSTILE]
    tables = {
        "requests": [a_request(name) for name in HOSTILE],
        "households": [a_household(name, team=name[:-2]) for name in homes],
        "carers": [a_carer(name, languages="eng") for name in homes],
        "decisions": [
            {"request_id": name, "household_id": home, "decision": "confirmed",
             "decided_on": "2026-11-20", "decided_by": name, "note": f"\u202e\u200f{name}"}
            for name, home in zip(HOSTILE[:5], homes, strict=False)
        ],
    }  # fmt: skip
    folder = tmp_path_factory.mktemp("hostile")
    toml = f"as_of = 2026-11-23\ntitle = {json.dumps(title)}\n"
    data = write_tables(folder / "data", tables, toml)
    _MADE["hostile"] = made_round(data, folder / "out", capsys)
    return _MADE["hostile"]


def test_hostile_words_are_words_on_the_page(hostile, camden):
    page = hostile.page
    self_contained(page)
    assert {tag for tag, _ in page.tags} <= {tag for tag, _ in camden.page.tags}
    cells = [cell for table in page.tables for row in table.rows for cell in row]
    for name in HOSTILE:
        assert name in cells
        assert f"{name} h" in cells
        assert f"by the {name}" not in page.said  # who decided is free text: it is not shown
    assert page.headings[0][1].startswith("=1+1 <script>alert(1)</script>")
    assert not [c for c in page.said if not c.isprintable() and c != "\n"]


def test_axe_finds_no_violation_in_a_page_of_hostile_words(hostile, tmp_path):
    assert violations(tmp_path, hostile.out / "report.html") == []


def test_hostile_words_are_no_formula(hostile):
    path = hostile.out / "matches.xlsx"
    for name, xml in sheet_xml(path).items():
        assert not re.search(r"<f[ >]|<hyperlink", xml), name
    assert not [name for name in parts(path) if "rels" in name and "sheet" in name]
    sheets = wide(path)
    assert [row[0] for row in sheets["Proposals"][1:]] == sorted(HOSTILE)
    assert {row[1] for row in sheets["Households"][1:]} == set(HOSTILE)


def test_hostile_words_do_nothing_to_a_terminal(hostile, words):
    assert not [c for c in hostile.said if not c.isprintable() and c != "\n"]
    for name in HOSTILE:
        separator = ["--"] if name.startswith("-") else []
        for more in ([], [f"{name} h"]):
            status, out, err = words("explain", hostile.data, "--quiet", *separator, name, *more)
            assert status == 0, err
            assert name.split()[0] in out
            assert not [c for c in out + err if not c.isprintable() and c != "\n"]


def test_an_id_is_no_formula_in_a_figure(tmp_path, words):
    tables = one_pair(a_request("$\\frac{1}{$"), a_household("$H^1_$"), [a_carer("$H^1_$")])
    data = write_tables(tmp_path / "data", tables, "as_of = 2026-11-23\n")
    status, _, err = words("round", data, "--out", tmp_path / "o", "--quiet")
    assert (status, err) == (0, "")


def test_a_run_says_nothing_that_a_user_can_not_mend(tmp_path):
    """No warning of a library, with its path and its code, on anybody's terminal."""
    names = ["週Ωé", "$x$", "R🙂"]
    tables = {
        "one": one_pair(),
        "signs": {
            "requests": [a_request(name) for name in names],
            "households": [a_household(f"{name}h") for name in names],
            "carers": [a_carer(f"{name}h") for name in names],
        },
    }
    for name, each in tables.items():
        data = write_tables(tmp_path / name, each, 'as_of = 2026-11-23\ntitle = "R\u200f🙂"\n')
        command = [sys.executable, "-m", "matcher", "round", data, "--out", tmp_path / "o"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert [line for line in done.stderr.splitlines() if not line.startswith("…")] == [
            f"Written: {tmp_path / 'o' / 'report.html'}"
        ], name
