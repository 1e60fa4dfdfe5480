"""Policy files as people get them wrong: each fault with its place and its mend, and never a traceback."""

from __future__ import annotations

import json
import re
import xml.dom.minidom
from pathlib import Path
from zipfile import ZipFile

import pytest

from matcher.cli import run
from test_own_names import word

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "samples" / "lincolnshire"


def table(heading: str, usual: dict[str, str], **parts: str | None) -> str:
    lines = (f"{key} = {value}" for key, value in {**usual, **parts}.items() if value is not None)
    return "\n".join((f"[[{heading}]]", *lines, ""))


def rule(**parts: str | None) -> str:
    usual = {"name": '"ours"', "clause": '"1"', "must": '["dogs = no"]', "lack": '"with a dog"'}
    others = {"reason": '"There is a dog."', "fix": '"Ask."', "who": '"panel"'}
    return table("local_rule", {**usual, **others}, **parts)


def duty(**parts: str | None) -> str:
    usual = {"key": '"local_check"', "clause": '"1"', "sentence": '"Check."', "who": '"panel"'}
    return table("local_duty", usual, **parts)


REASON = '[reasons."rules.terms"]\nreason = "{}"\ndecided_by = "panel"\non = {}\n'
LAW = "rules.terms = false\n"
# What the file holds, where the fault is, and what its mend says.
WRONG: dict[str, tuple[str | bytes, str | None, str]] = {
    "no value": ("far_miles = ", None, "Write key = value"),
    "not text": (b"\xff\xfe\x00\x01", None, "Save it as UTF-8"),
    "a NUL": ('name = "a\0b"', None, "Write key = value"),
    "twice": ("far_miles = 1\nfar_miles = 2", None, "Write key = value"),
    "too deep": ("a." * 3000 + "b = 1", None, "Write key = value"),
    "number in quotes": ('far_miles = "10"', "far_miles", "far_miles = 20"),
    "list": ("far_miles = [10]", "far_miles", "far_miles = 20"),
    "no number": ("far_miles = nan", "far_miles", "far_miles = 20"),
    "huge": (f"far_miles = {'9' * 60}", "far_miles", "far_miles = 20"),
    "day for a number": ("turnaround_days = 2026-01-01", "turnaround_days", "turnaround_days = 7"),
    "misspelt": ("far_mile = 3", "far_mile", "Did you mean far_miles?"),
    "unicode": ('"größe" = 1', "größe", "lists every setting"),
    "unknown heading": ("[nonsense]", "nonsense", "lists every setting"),
    "blank name": ('name = " "', "name", "Write name"),
    "long name": (f'name = "{"x" * 101}"', "name", "Shorten it"),
    "control in a name": ('name = "a\\u001b[31m"', "name", "Write name"),
    "turned name": ('version = "a\\u202eb"', "version", "Write version"),
    "control in a word": ('words.lawyer = "a\\u0007"', "words.lawyer", "words.lawyer ="),
    "one name for two": (
        'words.lawyer = "Hub"\nwords.duty_desk = "Hub"',
        "words.lawyer",
        "Give each a name of its own",
    ),
    "switch as text": ('rules.terms = "no"', "rules.terms", "Write rules.terms = false"),
    "an occupied home": ("rules.one_arrangement = false", "rules.one_arrangement", "Leave"),
    "law without a reason": (LAW, "rules.terms", 'Write [reasons."rules.terms"]'),
    "blank reason": (LAW + REASON.format(" ", "2026-01-01"), "reasons.rules.terms.reason", "Write"),
    "later reason": (LAW + REASON.format("x", "2099-01-01"), "reasons.rules.terms.on", "a day up"),
    "reason as text": (
        f'{LAW}reasons."rules.terms" = "because"',
        "reasons.rules.terms",
        'Write [reasons."rules.terms"]',
    ),
    "reasons as a number": ("reasons = 3", "reasons", 'Write [reasons."…"]'),
    "no such day": ("[from.2027-13-01]\nfar_miles = 3", "from.2027-13-01.far_miles", "Write [from"),
    "nothing from a day": ("[from.2027-01-01]", "from.2027-01-01", "the settings below it"),
    "aims without tiers": ('aims.order = ["fit"]', "aims.order", '["today", "within_5_days"'),
    "an aim twice": ('aims.order = ["today", "today"]', "aims.order", '["today",'),
    "no weight": (
        "weights = {language=0,ethnicity=0,religion=0,distance=0,school=0,skills=0,impact=0}",
        "weights",
        "Leave one weight above 0",
    ),
    "everybody accepts": (
        'may_accept.default = "all"',
        "may_accept.default",
        "Head of Service: 14",
    ),
    "one bracket": ('[local_rule]\nname = "x"', "local_rule", "Write [[local_rule]]"),
    "rule of the product": (rule(name='"smoke_free"'), "local_rule 1, name", "another name"),
    "rule twice": (rule() * 2, "local_rule 2, name", "another name"),
    "no demand": (rule(must="[]"), "local_rule 1, must", 'must = ["dogs = no"]'),
    "no column": (rule(must='["dgs = no"]'), "local_rule 1, must 1", "Did you mean dogs?"),
    "no code": (rule(must='["__import__(1) = 1"]'), "local_rule 1, must 1", "column op value"),
    "no value of it": (rule(must='["dogs = perhaps"]'), "local_rule 1, must 1", "Write yes or no"),
    "no date": (rule(must='["reviewed_on > 2026-02-31"]'), "local_rule 1, must 1", "calendar"),
    "control in a rule": (rule(lack='"a\\u0007"'), "local_rule 1, lack", "Shorten it"),
    "part of a rule": (rule(note='"x"'), "local_rule 1, note", "Use name, clause"),
    "too many rules": (
        "".join(rule(name=f'"rule_{n}"') for n in range(51)),
        "local_rule",
        "rule in code",
    ),
    "switch of no rule": ("rules.ours = false", "rules.ours", "Did you mean"),
    "duty without local": (duty(key='"check"'), "local_duty 1, key", "local_fire_check"),
    "duty by no day": (duty(due='"soon"'), "local_duty 1, due", "5 days before start"),
    "duty that recurs of a home": (duty(every='"1 week"'), "local_duty 1, every", "Write about"),
    "duty on a place": (duty(when='["miles < 3"]'), "local_duty 1, when 1", "but its place"),
    "holds as text": (duty(holds='"yes"'), "local_duty 1, holds", "Write holds = true"),
    "change without a day": (
        '[[change]]\nversion = "1"\non = "soon"\nwhat = "x"\ndecided_by = "y"',
        "change 1, on",
        "Write a day",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_file_says_where_and_how_to_mend_it(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held, place, mend = WRONG[case]
    path = tmp_path / "ours.toml"
    path.write_bytes(held if isinstance(held, bytes) else held.encode())
    assert run(["policy", "check", str(path), "--json"]) == 2
    found = json.loads(capsys.readouterr().out)["errors"]
    assert place in [each["column"] for each in found]
    (fault, *_) = [each for each in found if each["column"] == place]
    assert mend in fault["fix"]
    assert all(each["table"] == path.name and each["problem"] and each["fix"] for each in found)
    said = json.dumps(found, ensure_ascii=False)
    assert said.isprintable()
    assert not re.search(r"\b(True|False|None)\b", said)


def test_a_wrong_file_stops_a_round_with_every_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "ours.toml", tmp_path / "out"
    path.write_text("far_mile = 3\n" + rule(must='["dgs = no"]', who=None), "utf-8")
    assert run(["round", str(SAMPLE), "--policy", str(path), "--out", str(out)]) == 2
    said = capsys.readouterr().err
    for place in ("far_mile", "local_rule 1, must 1", "local_rule 1, who"):
        assert place in said
    assert not out.exists()


def test_a_heading_with_nothing_below_it_says_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "ours.toml"
    path.write_text("[weights]\n[rules]\n[words]\n[from]\n[reasons]\n", "utf-8")
    assert run(["policy", "check", str(path)]) == 0
    assert "all at the default" in capsys.readouterr().out


# --- Names that mean something to a page, a sheet, a template or a terminal

NASTY = f"""
name = "ours <script>alert(1)</script> & {{{{ 7*7 }}}}"
version = "=2"
{LAW}
approved_by = "<b>Head & co</b>"
approved_on = 2026-11-01

[reasons."rules.terms"]
reason = '=HYPERLINK("x") <i>why</i> {{{{ 7*7 }}}}'
decided_by = "@<b>who</b>"
on = 2026-11-01

[words]
resource_team = '<b>Hub</b> & "Co"'
head_of_service = "=1+1 {{{{ 7*7 }}}}"
team_manager = "@SUM(A1) {{% if %}}"
fostering_panel = "O'Hara's | panel"
legal_gateway = "-2+3 &amp; <i>"
child_social_worker = "Команда 团队"
supervising_social_worker = "%s %d {{0}} {{name}}"
placement_meeting = '\\1 $1 \\n'

[clauses]
"PC-5.1d" = "<4.2>: =Two & 'carers' {{{{ 7*7 }}}}"
"PC-3.1j" = "=§1|2"

""" + "\n".join(
    (
        rule(
            name='"no_dogs_here"',
            clause='"=<9>"',
            when='["max_miles <= 1"]',
            lack="""'with a <dog> & "cat"'""",
            reason='"=There is a <dog> & {{ 7*7 }}."',
            fix='"@Ask <them>"',
            who='"+the <vet>"',
        ),
        duty(
            clause='"-<9>"',
            sentence='"=Check <it> & {{ 7*7 }} {% x %}."',
            who='"@<vet>"',
            holds="true",
            due='"3 days before start"',
        ),
    )
)
RAW = ("<script>alert", "<b>Hub", "<i>why", "<dog>", "<vet>", "<it>", "<b>who", "<4.2>", "<9>")


def test_a_name_is_text_wherever_it_stands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "ours.toml", tmp_path / "out"
    path.write_text(NASTY, "utf-8")
    by = ["--policy", str(path)]
    for asked in (
        ["round", str(SAMPLE), "--out", str(out / "round")],
        ["documents", str(SAMPLE), "R10", "H36", "--out", str(out / "drafts")],
        ["calendar", str(SAMPLE), "--out", str(out / "calendar")],
        ["policy", "--governance", "--out", str(out / "papers")],
    ):
        assert run([*asked, *by]) == 0, asked
    assert run(["policy", "compare", "default", str(path), str(SAMPLE), "--out", str(out)]) == 0
    capsys.readouterr()
    pages = sorted(out.rglob("*.html"))
    assert len(pages) >= 2
    for page in pages:
        text = page.read_text("utf-8")
        assert [raw for raw in RAW if raw in text] == [], page.name
        assert not re.search("&amp;(lt|gt|quot|#3[49]);", text), f"{page.name} is escaped twice"
    assert "&lt;b&gt;Hub&lt;/b&gt;" in "".join(page.read_text("utf-8") for page in pages)
    for book in sorted(out.rglob("*.xlsx")):
        with ZipFile(book) as parts:
            for name in parts.namelist():
                if name.endswith(".xml"):
                    sheet = parts.read(name)
                    xml.dom.minidom.parseString(sheet)
                    assert b"<f>" not in sheet, f"{book.name}, {name} has a formula"
    drafts = {draft.stem: word(draft) for draft in sorted(out.rglob("*.docx"))}
    assert {"R10-H36-placement-plan", "R10-H36-match-record"} <= drafts.keys()
    said = "".join(drafts.values())
    assert "\\1 $1 \\n" in said
    assert "=1+1 49" not in said
    assert "&amp;lt;" not in said
