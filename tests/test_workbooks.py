"""Workbooks as people have them, and as enemies make them: read whole, or refused with the mend."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from builders import Cells, Tables, a_carer, a_household, a_request
from matcher import loading
from matcher.errors import Fault, WrongInput
from matcher.intake import workbooks
from matcher.intake.files import Findings, is_error, read_tables
from matcher.intake.grids import letters
from matcher.intake.inputs import Inputs

HERE = Path(__file__).resolve().parent / "workbooks"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_OFFICE = "http://purl.oclc.org/ooxml/officeDocument/relationships"
SETTINGS = [["setting", "value"], ["as_of", "2026-11-23"]]
Rows = list[list[str]]
Raw = Mapping[tuple[str, str], str]  # the XML of single cells, by sheet and place


def good() -> dict[str, Rows]:
    """The sheets of a workbook with two families, their homes and the day."""
    tables: Tables = {
        "requests": [a_request("R1", keep_away="E8"), a_request("R2", keep_away="E8")],
        "households": [a_household("H1"), a_household("H2")],
        "carers": [a_carer("H1"), a_carer("H2")],
    }
    return {name: lines(rows) for name, rows in tables.items()} | {"round": SETTINGS}


def lines(rows: list[Cells]) -> Rows:
    return [list(rows[0]), *([str(cell) for cell in row.values()] for row in rows)]


KEEP_AWAY = letters(good()["requests"][0].index("keep_away") + 1)


def text_cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def sheet_xml(name: str, rows: Rows, raw: Raw, more: str = "", after: str = "") -> str:
    """A sheet; cells of `raw` that stand in no row of the table come last."""
    left = {place: xml for (sheet, place), xml in raw.items() if sheet == name}
    found = []
    for number, row in enumerate(rows, start=1):
        cells = (f"{letters(at)}{number}" for at in range(1, len(row) + 1))
        written = (left.pop(c, text_cell(c, text)) for c, text in zip(cells, row, strict=True))
        found.append(f'<row r="{number}">{"".join(written)}</row>')
    found += [f"<row>{xml}</row>" for xml in left.values()]
    return f'<worksheet xmlns="{MAIN}">{more}<sheetData>{"".join(found)}</sheetData>{after}</worksheet>'


def write(
    path: Path,
    sheets: Mapping[str, Rows] | None = None,
    raw: Raw | None = None,
    *,
    parts: Mapping[str, str | bytes] | None = None,
    states: Mapping[str, str] | None = None,
    turn: tuple[tuple[str, str], ...] = (),
    more: Mapping[str, str] | None = None,
    after: Mapping[str, str] | None = None,
) -> Path:
    """A workbook of Excel, by hand; `turn` replaces text in all its parts."""
    sheets = good() if sheets is None else sheets
    listed, links = "", ""
    made: dict[str, str | bytes] = {
        "_rels/.rels": f'<Relationships xmlns="{LINKS}"><Relationship Id="rId1" '
        f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    }
    for at, (name, rows) in enumerate(sheets.items(), start=1):
        state = (states or {}).get(name, "visible")
        listed += f'<sheet name="{escape(name)}" sheetId="{at}" r:id="rId{at}" state="{state}"/>'
        target = f"worksheets/sheet{at}.xml"
        links += f'<Relationship Id="rId{at}" Type="{OFFICE}/worksheet" Target="{target}"/>'
        told = (more or {}).get(name, ""), (after or {}).get(name, "")
        made[f"xl/{target}"] = sheet_xml(name, rows, raw or {}, *told)
    made["xl/workbook.xml"] = (
        f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>'
    )
    made["xl/_rels/workbook.xml.rels"] = f'<Relationships xmlns="{LINKS}">{links}</Relationships>'
    with ZipFile(path, "w", ZIP_DEFLATED) as book:
        for name, content in (made | dict(parts or {})).items():
            for old, new in turn:
                content = content.replace(old, new) if isinstance(content, str) else content  # noqa: PLW2901
            book.writestr(name, content)
    return path


def read(path: Path) -> Inputs:
    return loading.load(path, None, None)[0]


def faults(path: Path) -> list[Fault]:
    try:
        read(path)
    except WrongInput as error:
        return list(error.faults)
    return []


def cells_of(found: list[Fault]) -> list[tuple[str, int | None, str | None, str | None]]:
    return [(fault.table, fault.row, fault.column, fault.value) for fault in found]


def warnings(path: Path) -> list[str]:
    return [fault.sentence() for fault in read(path).warnings]


# --- What people have


def test_a_plain_workbook_is_good(tmp_path):
    assert warnings(write(tmp_path / "book.xlsx")) == []
    assert warnings(write(tmp_path / "macros.xlsm")) == []


@pytest.mark.parametrize("name", ["old.xls", "old.ods"])
def test_other_workbooks_are_read_with_their_errors_and_what_is_hidden(name, tmp_path):
    path = tmp_path / name.upper()
    shutil.copyfile(HERE / name, path)
    with pytest.raises(WrongInput) as error:
        read(path)
    assert cells_of(list(error.value.faults)) == [("requests", 3, "keep_away", "#N/A")]
    assert [w.sentence() for w in error.value.warnings] == [
        "carers: Cells are merged: F2:F3. Only the first of them has a value, the others are blank: "
        "unmerge them.",
        "requests: 1 row of the sheet is hidden. What is hidden counts. Delete what is not to count.",
        "round: The sheet is hidden. What is hidden counts. Delete what is not to count.",
    ]
    sheets = read_tables(path, Findings([], []))
    assert sheets["requests"].cells["received_on"] == ["2026-11-16"] * 3
    assert sheets["requests"].cells["keep_away"] == ["E8", "", "E8"]


def test_sheets_are_known_whatever_their_case_and_spaces(tmp_path):
    sheets = good()
    sheets["REQUESTS "] = sheets.pop("requests")
    sheets[" Round"] = sheets.pop("round")
    assert read(write(tmp_path / "a.xlsx", sheets)).as_of.isoformat() == "2026-11-23"
    for twice in ("Requests", "ROUND"):
        (fault,) = faults(write(tmp_path / "b.xlsx", sheets | {twice: SETTINGS}))
        assert "twice" in fault.problem


FORMULAS = {
    "no value": ('<c r="{}"><f>areas!A1</f></c>', "=areas!A1"),
    "an empty value": ('<c r="{}"><f>areas!A1</f><v/></c>', "=areas!A1"),
    "a text without value": ('<c r="{}" t="str"><f>areas!A1</f></c>', "=areas!A1"),
    "one that others share": ('<c r="{}"><f t="shared" si="0"/><v></v></c>', "="),
    "no place": ("<c><f>areas!A1</f></c>", "=areas!A1"),
    "a result": ('<c r="{}" t="str"><f>areas!A1</f><v>N7</v></c>', None),
    "a blank text as result": ('<c r="{}" t="str"><f>IF(1,"")</f><v></v></c>', None),
}


@pytest.mark.parametrize("kind", FORMULAS)
def test_a_formula_without_its_result_is_never_blank(tmp_path, kind):
    xml, shown = FORMULAS[kind]
    path = write(
        tmp_path / "a.xlsx", raw={("requests", f"{KEEP_AWAY}3"): xml.format(f"{KEEP_AWAY}3")}
    )
    expected = [] if shown is None else [("requests", 3, "keep_away", shown)]
    assert cells_of(faults(path)) == expected


@pytest.mark.parametrize(
    "cell", ['<c r="{}"><f>areas!A1</f></c>', '<c r="{}" t="e"><v>#REF!</v></c>']
)
def test_a_heading_without_a_value_loses_no_column_in_silence(tmp_path, cell):
    place = f"{KEEP_AWAY}1"
    (fault,) = faults(write(tmp_path / "a.xlsx", raw={("requests", place): cell.format(place)}))
    assert (fault.table, fault.row) == ("requests", 1)
    assert fault.problem.startswith(f"{place}: The cell")


ERRORS = [
    "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#FIELD!",
    "#GETTING_DATA", "#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#BUSY!", "#PYTHON!", "#EXTERNAL!",
]  # fmt: skip
KINDS: dict[str, tuple[tuple[str, str], ...]] = {
    "usual": (),
    "strict": ((MAIN, STRICT), (OFFICE, STRICT_OFFICE)),
    "with a prefix": (
        ("<c ", "<x:c "), ("</c>", "</x:c>"), ("<v>", "<x:v>"), ("</v>", "</x:v>"),
        ("<worksheet ", f'<worksheet xmlns:x="{MAIN}" '),
    ),
    "by its whole path": (('Target="worksheets', 'Target="/xl/worksheets'),),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("error", ERRORS)
def test_every_error_is_a_fault_of_its_cell(tmp_path, error, kind):
    place = f"{KEEP_AWAY}3"
    raw = {("requests", place): f'<c r="{place}" t="e"><v>{error}</v></c>'}
    found = faults(write(tmp_path / "a.xlsx", raw=raw, turn=KINDS[kind]))
    assert cells_of(found) == [("requests", 3, "keep_away", error)]
    assert found[0].place == place


@pytest.mark.parametrize("text", [*ERRORS, "Err:502", "#n/a", "#####", "#NV", "#BEZUG!"])
def test_what_shows_an_error_is_one(text):
    assert is_error(text)


@pytest.mark.parametrize("text", ["", "N/A", "#1", "# 3", "Err", "Error:1", "#team", "E8", "#"])
def test_what_is_no_error(text):
    assert not is_error(text)


def test_what_has_no_size_is_hidden_too(tmp_path):
    path = write(
        tmp_path / "a.xlsx",
        more={"households": '<cols><col min="2" max="2" width="0"/></cols>'},
        turn=(('<row r="3">', '<row r="3" ht="0">'), ('<row r="2">', '<row r="2" ht="10">')),
    )
    hidden = [sentence for sentence in warnings(path) if "hidden" in sentence]
    assert any(each.startswith("requests: 1 row of the sheet is hidden.") for each in hidden)
    assert any("A column of it is hidden" in each for each in hidden)


def test_what_is_hidden_is_read_and_told(tmp_path):
    path = write(
        tmp_path / "a.xlsx",
        states={"requests": "hidden", "carers": "veryHidden"},
        more={"households": '<cols><col min="2" max="2" hidden="1"/></cols>'},
        turn=(('<row r="3">', '<row r="3" hidden="1">'), ('<row r="9">', "<row>")),
    )
    hidden = [sentence for sentence in warnings(path) if "hidden" in sentence]
    assert [sentence.partition(" What")[0] for sentence in hidden] == [
        "carers: 1 row of the sheet is hidden.",
        "carers: The sheet is hidden.",
        "households: 1 row of the sheet is hidden.",
        "households: A column of it is hidden: status.",
        "requests: 1 row of the sheet is hidden.",
        "requests: The sheet is hidden.",
    ]
    assert len(read(path).requests) == 2


def test_merged_cells_are_told_where_they_cover_a_column(tmp_path):
    def merged(*ranges: str) -> list[str]:
        each = "".join(f'<mergeCell ref="{r}"/>' for r in ranges)
        after = {"requests": f"<mergeCells>{each}</mergeCells>"}
        return [w for w in warnings(write(tmp_path / "a.xlsx", after=after)) if "merged" in w]

    (told,) = merged("A2:A3", "B2:C2")
    assert "A2:A3, B2:C2" in told
    assert merged("A1:B1") == []  # the headings themselves
    assert merged("ZZ2:ZZ3") == []  # beside the table


ABOVE = {
    "a title": [["Requests, week of 23 November"]],
    "groups": [["", "Household", "", "Children"], [], ["status", "languages"]],
    "blank rows": [[], []],
    "29 rows": [["report"]] * 29,
}


@pytest.mark.parametrize("kind", ABOVE)
def test_headings_stand_below_what_is_above_them(tmp_path, kind):
    sheets = good()
    sheets["requests"] = [*ABOVE[kind], *sheets["requests"]]
    path = write(tmp_path / "a.xlsx", sheets)
    above = len(ABOVE[kind])
    told = [w for w in read(path).warnings if "headings" in w.problem]
    assert [f"row {above + 1}." in w.problem for w in told] == [True] * (kind != "blank rows")
    sheets["requests"][above + 1][2] = "nonsense"
    (fault,) = faults(write(tmp_path / "b.xlsx", sheets))
    assert (fault.row, fault.column) == (above + 2, "purpose")


def test_headings_are_not_looked_for_farther_than_thirty_rows(tmp_path):
    sheets = good()
    sheets["carers"] = [["report"]] * 30 + sheets["carers"]
    assert {fault.problem for fault in faults(write(tmp_path / "a.xlsx", sheets))} == {
        "The column is missing."
    }


def test_a_locked_workbook_says_how_to_unlock_it(tmp_path):
    path = tmp_path / "locked.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"))
    (fault,) = faults(path)
    assert "password" in fault.problem
    assert "clear the password" in fault.fix
    with ZipFile(tmp_path / "locked.ods", "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr("META-INF/manifest.xml", "<manifest:encryption-data/>")
        book.writestr("content.xml", b"\x01\x02")
    assert faults(tmp_path / "locked.ods")[0].problem == fault.problem


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls", "a.ods"])
@pytest.mark.parametrize(
    "content",
    [b"", b"<html>", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 99, b"a,b\n1,2\n"],
)
def test_what_is_no_workbook_is_a_fault(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    (fault,) = faults(tmp_path / name)
    assert fault.table == name
    assert "save it again as .xlsx" in fault.fix


@pytest.mark.parametrize("name", ["book.xlsb", "book.numbers"])
def test_a_workbook_of_another_kind_names_the_mend(tmp_path, name):
    (tmp_path / name).write_bytes(b"PK")
    (fault,) = faults(tmp_path / name)
    assert "Save As" in fault.fix


# --- The settings of a workbook


def settings(*rows: list[str]) -> dict[str, Rows]:
    return good() | {"round": list(rows)}


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([["as_of", "2026-11-23"]], []),
        ([["Setting", "Value"], ["as_of", "23/11/2026"]], []),
        ([["Settings of the round"], [], ["name", "value"], ["as_of", "2026-11-23"]], [3]),
        ([["When", "2026-11-22"], ["as_of", "2026-11-23"]], [1]),
    ],
)
def test_the_first_row_of_the_settings_is_no_heading_if_it_names_a_setting(tmp_path, rows, told):
    inputs = read(write(tmp_path / "a.xlsx", settings(*rows)))
    assert inputs.as_of.isoformat() == "2026-11-23"
    assert [w.row for w in inputs.warnings] == told


def test_a_setting_that_is_written_wrongly_is_no_heading(tmp_path):
    (fault,) = faults(write(tmp_path / "a.xlsx", settings(["as_off", "2026-11-23"])))
    assert fault.column == "as_off"


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("turnaround_days", "14", 14),
        ("turnaround_days", "14 days", 14),
        ("limits.weekly_fees", "£1,200", 1200),
        ("far_miles", "12.5 miles", 12.5),
        ("limits.weekly_fees", "off", "off"),
    ],
)
def test_text_in_the_settings_is_taken_as_a_table_takes_it(tmp_path, key, text, value):
    path = write(tmp_path / "a.xlsx", settings(*SETTINGS, [f"policy.{key}", text]))
    assert loading.load(path, None, None)[1].values[key] == value


@pytest.mark.parametrize("text", ["fourteen", "1-2", "14 14", "£"])
def test_what_is_no_number_in_the_settings(tmp_path, text):
    rows = [*SETTINGS, ["policy.turnaround_days", text]]
    (fault,) = faults(write(tmp_path / "a.xlsx", settings(*rows)))
    assert (fault.column, fault.value) == ("turnaround_days", text)


def test_a_setting_twice_and_one_that_shows_an_error_are_faults(tmp_path):
    rows = [*SETTINGS, ["As_of ", "2026-11-24"], ["policy.far_miles", ""]]
    raw = {("round", "B4"): '<c r="B4" t="e"><v>#REF!</v></c>'}
    found = faults(write(tmp_path / "a.xlsx", settings(*rows), raw))
    assert [(f.column, f.value) for f in found] == [("as_of", None), ("policy.far_miles", "#REF!")]


def test_settings_beside_a_workbook_that_has_its_own_are_told(tmp_path):
    (tmp_path / "Round.TOML").write_text("as_of = 2026-01-01\n")
    (tmp_path / "round.toml.txt").write_text("as_of = 2026-01-01\n")
    assert [w.partition(":")[0] for w in warnings(write(tmp_path / "a.xlsx"))] == [
        "Round.TOML",
        "round.toml.txt",
    ]


# --- What takes more than it may


STRAYS = {
    "a space to the right": (f"{letters(501)}4", " ", True),
    "a space far below": ("A10006", " ", True),
    "a space in the last cell": ("XFD1048576", " ", True),
    "a text to the right": (f"{letters(501)}4", "x", False),
    "a text far below": ("A10006", "x", False),
    "a text in no cell of Excel": ("ZZZ9999999", "x", False),
}


@pytest.mark.parametrize("kind", STRAYS)
def test_a_cell_far_away_costs_nothing_where_it_is_blank(tmp_path, kind):
    place, text, is_blank = STRAYS[kind]
    sheets = good() | {"requests": good()["requests"]}
    path = write(tmp_path / "a.xlsx", sheets, {("requests", place): text_cell(place, text)})
    found = faults(path)
    assert [fault.problem for fault in found] == (
        [] if is_blank else [f"{place} is filled, far from the table."]
    )
    if is_blank:
        rows = workbooks.read_workbook(path)["requests"].rows
        assert (len(rows), len(rows[0])) == (3, len(good()["requests"][0]))


def test_a_shared_text_that_is_blank_is_blank_far_away_too(tmp_path):
    strings = f'<sst xmlns="{MAIN}"><si><t>x</t></si><si><t> </t></si></sst>'
    links = f'<Relationship Id="s" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    for number, expected in (("1", 0), ("0", 1)):
        raw = {("requests", "XFD4"): f'<c r="XFD4" t="s"><v>{number}</v></c>'}
        path = write(
            tmp_path / "a.xlsx",
            raw=raw,
            parts={"xl/sharedStrings.xml": strings},
            turn=(("</Relationships>", f"{links}</Relationships>"),),
        )
        assert len(faults(path)) == expected


def test_a_row_just_near_enough_is_read(tmp_path):
    raw = {("carers", "A10003"): text_cell("A10003", " ")}
    path = write(tmp_path / "a.xlsx", raw=raw)
    assert len(workbooks.read_workbook(path)["carers"].rows) == 10_003


def test_a_range_that_is_only_declared_costs_nothing(tmp_path):
    more = {"requests": '<dimension ref="A1:XFD1048576"/>'}
    assert warnings(write(tmp_path / "a.xlsx", more=more)) == []


HOSTILE: dict[str, tuple[dict[str, str | bytes], str]] = {
    "a part that unpacks to 130 MB": ({"xl/styles.xml": b" " * 130_000_000}, "larger than 120 MB"),
    "10,001 parts": ({f"x/{at}": b"" for at in range(10_001)}, "more than 10,000 parts"),
    "entities": (
        {"xl/worksheets/sheet1.xml": f'<!DOCTYPE a [<!ENTITY b "c">]><worksheet xmlns="{MAIN}"/>'},
        "its own XML entities",
    ),
    "rows out of order": (
        {"xl/worksheets/sheet1.xml": '<worksheet><sheetData><row r="5"/><row r="2"/></sheetData></worksheet>'},
        "not in their order",
    ),
    "a cell out of order": (
        {"xl/worksheets/sheet1.xml": '<worksheet><row r="5"><c r="A2"><v>1</v></c></row></worksheet>'},
        "not in their order",
    ),
    "a cell nowhere": (
        {"xl/worksheets/sheet1.xml": '<worksheet><row><c r="A0"><v>1</v></c></row></worksheet>'},
        "a place that no sheet has",
    ),
    "no XML": ({"xl/worksheets/sheet1.xml": "<worksheet><row"}, "can't be read"),
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_workbook_is_refused_before_it_is_read(tmp_path, kind):
    parts, problem = HOSTILE[kind]
    styles = f'<Relationship Id="s" Type="{OFFICE}/styles" Target="styles.xml"/>'
    turn = (("</Relationships>", f"{styles}</Relationships>"),)
    path = write(tmp_path / "a.xlsx", parts=parts, turn=turn)
    assert problem in " ".join(fault.problem for fault in faults(path))


def test_a_large_part_that_holds_no_cells_is_not_unpacked(tmp_path):
    assert faults(write(tmp_path / "a.xlsx", parts={"xl/media/a.png": b"\0" * 130_000_000})) == []


def test_two_parts_of_one_name_are_refused(tmp_path):
    path = write(tmp_path / "a.xlsx", parts={"XL/worksheets/Sheet1.xml": "<worksheet/>"})
    assert "two parts of one name" in faults(path)[0].problem


def test_a_sheet_of_too_many_cells_is_refused(tmp_path, monkeypatch):
    from matcher.intake import grids

    rows = len(good()["requests"]) * len(good()["requests"][0])
    for most, refused in ((rows, False), (rows - 1, True)):
        monkeypatch.setattr(grids, "LARGEST_AREA", most)
        problems = [fault.problem for fault in faults(write(tmp_path / "a.xlsx"))]
        assert ["cells" in problem for problem in problems] == [True] * refused


@pytest.mark.parametrize(("many", "told"), [(10_000, 10_000), (10_001, 1)])
def test_so_many_errors_are_one_fault(tmp_path, many, told):
    error = '<c t="e"><v>#N/A</v></c>'
    raw = {("carers", str(number)): error for number in range(many)}
    found = faults(write(tmp_path / "a.xlsx", raw=raw))
    assert len([fault for fault in found if "error" in fault.problem]) == told


def test_an_open_document_that_repeats_a_cell_is_refused(tmp_path):
    path = tmp_path / "a.ods"
    with ZipFile(HERE / "old.ods") as book, ZipFile(path, "w", ZIP_DEFLATED) as made:
        for name in book.namelist():
            content = book.read(name)
            if name == "content.xml":
                content = content.replace(
                    b"<table:table-cell office:value-type=",
                    b'<table:table-cell table:number-columns-repeated="16000" office:value-type=',
                    1,
                )
            made.writestr(name, content)
    problems = " ".join(fault.problem for fault in faults(path))
    assert "far from the table" in problems
