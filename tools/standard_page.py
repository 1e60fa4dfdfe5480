"""The page that lays our columns beside the National Placement Standard's fields."""

from __future__ import annotations

from collections.abc import Iterator

from matcher.standard.fields import (
    CHILD_IS,
    EXTENSION,
    EXTENSION_COLUMNS,
    EXTENSION_PART,
    EXTENSION_SHEET,
    FIELDS,
    PLACED,
    Field,
)
from matcher.standard.terms import Vocabulary

_DECISIONS = (
    (
        "Who the child is",
        "The standard describes a placement for one looked-after child. Its childId links the referrals "
        "of one child. A parent and child request has up to three people who may be looked after, so "
        "one of them is the child of the record: the parent where they are looked after, else the second "
        "parent where they are, else the baby. Where both parent and baby are looked after it is the "
        "parent: what a request tells of needs, languages and risks is the parent's. Where nobody is "
        "looked after (section 17) it is the baby, whose welfare the arrangement is for. "
        f"`{CHILD_IS}` in the extension says which: parent, second_parent or baby. Nothing known of one "
        "person is written as another's.",
    ),
    (
        "One record a request",
        "A family is never split, so it has one record, and that is about the whole family. childId is "
        "the request's id: the data has no other id of the child. Put the case system's own id in its "
        "place before the record leaves the service, if the receiver links by it.",
    ),
    (
        "Risks",
        "The standard knows two levels: no known risk and risk present. Ours are of the parents. They are "
        "written where the child of the record is a parent; low counts as present. What is not assessed "
        "is left out, and never written as no known risk. With two parents a level is theirs "
        "together: none holds for each of them, any other is left out. Six of our nine areas have a field. "
        "Offending has none (the standard asks about criminal exploitation), nor have medical and "
        "mental health. Read the other way, no known risk is no assessment: the level is asked.",
    ),
    (
        "Residential",
        "The standard's residential care is a children's home. Ours is a residential family centre, and it "
        "is the Resource team's decision, while the standard asks for the social worker's judgement. So "
        "the three suitabilities are written as not specified, and the decision stands in the extension.",
    ),
    (
        "What is never written",
        "Names of officers, though one of them is required: the field stays missing. Who decided is never "
        "written either. Where an address is withheld, and a blank counts as withheld, nothing of the "
        "household is written: no id, provider, postcode, authority or fee.",
    ),
    (
        "Numbers, as text",
        "The shapes want amounts as xsd:decimal. A JSON number such as 4500.00 reaches a validator as a "
        "float, and pyshacl (0.40, on rdflib 7.6) then finds its text to be no valid xsd:decimal: the "
        'standard\'s own valid example fails on its five costs. Written as text, "4500.00", each is '
        "valid, so that is how we write them. Whole numbers (siblingCount) and yes/no are valid as JSON "
        "numbers and booleans. The same example fails once more: the context reads outOfLAReason as an "
        "address and not as a term, so 'Court order' becomes an address of its own; "
        'only {"@id": "olr:CourtOrder"} or "olr:CourtOrder" is valid. We read both, and write neither.',
    ),
    (
        "The spreadsheet",
        "Sheet 'Data Collection' has the standard's 44 columns in its order, under its two rows of "
        "headings; the third row says what we write. There is no column for sexual exploitation, nor for "
        f"a placement's id. What the standard has no place for stands on a second sheet, "
        f"`{EXTENSION_SHEET}`, so that the first has no extra column. education_continuity asks whether "
        "education was disrupted, the opposite of isEducationContinuous; we write neither.",
    ),
    (
        "Reading a file of somebody else",
        "Terms are read as the vocabulary, the context or the spreadsheet writes them. What the standard "
        "does not say is left blank, never guessed. `needed.csv` lists, for each request, the columns that "
        "it must still have and those that the standard speaks of without saying enough. Names of "
        "officers are not read. A placement is not taken over: record it as a decision.",
    ),
)


def page() -> Iterator[str]:
    """Ours, the standard's and the extension's fields side by side, with what was decided and why."""
    yield "# The National Placement Standard"
    yield ""
    yield "This page is made from the software by `tools/make_docs.py`. A test fails when it is stale."
    yield ""
    yield "`matcher standard export DATA` writes every open request, and the placement where one is"
    yield "confirmed and has not ended, as the standard's JSON-LD and spreadsheet. `matcher standard import"
    yield "FILE` reads either into our `requests`. The standard is Social Care Data's, June 2026, under the"
    yield "Open Government Licence v3.0; its files are not part of the product."
    for title, text in _DECISIONS:
        yield ""
        yield f"## {title}"
        yield ""
        yield text
    yield ""
    yield "## Field by field"
    yield ""
    yield "`*` is required by the standard's shapes; those of actualPlacement only where there is one. Where"
    yield "our column is in the extension too, the extension holds it exactly."
    yield ""
    yield "| theirs | spreadsheet | takes | ours | export writes | import takes |"
    yield "|---|---|---|---|---|---|"
    for field in FIELDS:
        yield _row(field)
    yield ""
    yield "## The extension"
    yield ""
    yield f"In JSON-LD the group `{EXTENSION_PART}` of a record, under `{EXTENSION}` (a name, not an"
    yield f"address); in the workbook the sheet `{EXTENSION_SHEET}`. A value is written as a cell of our"
    yield "table: lists with semicolons, yes or no, days as 2026-12-04. A blank is left out: not known."
    yield ""
    yield "| extension | ours | theirs that says part of it |"
    yield "|---|---|---|"
    for column in EXTENSION_COLUMNS:
        theirs = ", ".join(field.name for field in FIELDS if column in field.ours)
        yield f"| {column} | requests.{column} | {theirs} |"
    yield f"| {CHILD_IS} | whom the record is about; only written | |"
    for name, column in PLACED.items():
        yield f"| {name} | households.{column} of a placement, unless withheld; only written | |"


def _row(field: Field) -> str:
    kind = field.kind
    takes = ", ".join(kind.terms) if isinstance(kind, Vocabulary) else kind
    if field.many:
        takes += " (several)"
    cells = (
        field.path + ("*" if field.required else ""),
        field.column or "",
        takes,
        ", ".join(field.ours),
        field.written,
        field.taken,
    )
    return f"| {' | '.join(cells)} |"
