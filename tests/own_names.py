"""An unusual name for every body, role and clause, and the search for the usual ones in what people read."""

from __future__ import annotations

import html
import re
from itertools import cycle
from pathlib import Path

from filled import sheets_of
from matcher.policy.settings import clause_settings, default
from matcher.policy.terms import CLAUSES, WORDS

WORDS_OF = {key: each for key, each in default().settings.items() if key.startswith(WORDS)}
ANIMALS = (
    *("Otter", "Heron", "Badger", "Vole", "Stoat", "Newt", "Adder", "Lynx", "Puffin", "Wren"),
    *("Finch", "Robin", "Thrush", "Kestrel", "Osprey", "Plover", "Marten", "Owl", "Tern", "Pike"),
)
OWN = {key: f"{animal} {n}" for n, (key, animal) in enumerate(zip(WORDS_OF, cycle(ANIMALS)))}
OWN_IDS = {key: f"§{n}.{n}" for n, key in enumerate(clause_settings(), start=1)}
USUAL = {text for each in WORDS_OF.values() for text in (str(each.value), *each.also)}
IDS = [key.removeprefix(CLAUSES) for key in OWN_IDS]
# But for what people wrote: who recorded something, and what was found in a cell.
FOUND = re.compile(
    rf"(?<![\w.-])(?<!\bby )(?<!')({'|'.join(map(re.escape, sorted([*USUAL, *IDS], key=len, reverse=True)))})s?(?![\w-])",
    re.IGNORECASE,
)


def usual_names(text: str) -> list[str]:
    """The usual names in a text, each with what stands round it."""
    return [text[max(0, m.start() - 50) : m.end() + 30] for m in FOUND.finditer(text)]


def read(page: str) -> str:
    """What a page says, without the table that holds its settings against the default."""
    page = re.sub(r"<(style|script).*?</\1>", "", page, flags=re.S)
    page = re.sub(r"<tr[^>]*>(?:(?!</tr>).)*(?:words|clauses)\..*?</tr>", "", page, flags=re.S)
    return html.unescape(re.sub(r"<[^>]*>", " ", page))


def cells(path: Path) -> str:
    return "\n".join(
        str(cell)
        for rows in sheets_of(path).values()
        for row in rows
        for cell in row
        if not str(row[0]).startswith((WORDS, CLAUSES))
    )
