"""The page of the input tables: every column with what it takes, and the keys of events."""

from __future__ import annotations

from collections.abc import Iterator

from matcher import codes
from matcher.intake.about import TABLES_ABOUT
from matcher.intake.rows import OFFERED, REQUIRED_TABLES, TABLES, columns_of, headings, kind_of

KEYS = (
    ("of a family, whatever the household", codes.DUTIES_OF_A_REQUEST),
    ("of a family with one household, which the event names", codes.DUTIES_OF_A_PAIR),
    ("of a family that lives somewhere", codes.DUTIES_OF_A_PLACEMENT),
    ("what happens to a family, and is nobody's duty", codes.HAPPENINGS),
)
LONG = 20  # codes that a cell lists, more stand below


def page() -> Iterator[str]:
    """The lines of the page."""
    yield "# The input tables"
    yield ""
    yield "This page is made from the software by `tools/make_docs.py`. A test fails when it is stale."
    yield ""
    yield "A folder of CSV files of these names (UTF-8, UTF-16 or Windows-1252, separated by commas,"
    yield "semicolons or tabs), or one workbook with sheets of them (.xlsx, .xlsm, .xls or .ods). What"
    yield "stands above the headings is passed over, what is hidden is read, and a formula without its"
    yield "result or an error of the spreadsheet is a fault of its cell. Settings: `round.toml` beside the"
    yield "tables, or a sheet `round` with names and values. Every cell of a"
    yield "column with * must be filled; a column with ° must be there, and a blank cell is not known."
    yield "A blank never means no. Lists are separated by semicolons. Use ids, never names or addresses."
    for name in OFFERED:
        yield ""
        yield f"## {name}"
        yield ""
        optional = "" if name in REQUIRED_TABLES else " Optional."
        yield f"{TABLES_ABOUT[name]}{optional}"
        yield ""
        yield "| column | asked as | what it says | it takes |"
        yield "|---|---|---|---|"
        yield from _columns(name)
    yield from _events()
    yield from _older()


def _columns(name: str) -> Iterator[str]:
    row = TABLES[name]
    for column, needed in headings(row).items():
        about = columns_of(row)[column]
        mark = ("*" if about.required else "°") if needed else ""
        kind = kind_of(row, column)
        long = len(kind.codes) > LONG and column == "event"
        takes = "A key of the lists below." if long else kind.hint
        cells = " | ".join(map(_cell, (about.question, about.says, takes)))
        yield f"| `{column}`{mark} | {cells} |"


def _cell(text: str) -> str:
    return text.replace("|", "/").replace("\n", " ")


def _events() -> Iterator[str]:
    yield ""
    yield "## The keys of events"
    yield ""
    yield "[policy.md](policy.md) says of each duty what it asks, and who may accept it."
    for what, keys in KEYS:
        yield ""
        yield f"Keys {what}: {', '.join(f'`{key}`' for key in keys)}."


def _older() -> Iterator[str]:
    yield ""
    yield "## What older files say"
    yield ""
    yield "A table `steps` is `events` under its old name, with `gate` for `event` and `met` for done. What it"
    yield "accepts beyond what the policy lets people accept is a warning there, and counts as open."
    former = (f"`{old}` is `{new}`" for old, new in codes.FORMER_DUTIES.items())
    yield f"Former keys are read: {', '.join(former)}."
    yield ""
    yield "A table of households without the columns `smokes`, `dogs`, `cats` and `own_children` is read by its"
    yield "list of features as before: what a list doesn't name isn't there. One warning names the households."
    yield "`arrangement_until` is for a family that is in no table; where a placement runs, its own end counts."
