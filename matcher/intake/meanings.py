"""What the cells of a whole column mean: words for 'not known', codes that are words, month-first days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from matcher.errors import Fault, wrong_file, wrong_heading
from matcher.intake import cells
from matcher.intake.cells import Kind, WrongCell
from matcher.intake.files import Findings, Sheet
from matcher.intake.rows import TABLES, Column, columns_of
from matcher.shipped import language_codes, language_names, school_languages
from matcher.spellings import says_not_known
from matcher.words import and_list

_MOST_NAMED = 20  # cells that one fault names
_LANGUAGE_WORDS = ("na", "nan", "no")  # codes of languages that are also how tables write 'missing'
_NONE = "None"  # as programs write 'missing'; people write the code in small letters


def as_meant(sheet: Sheet, findings: Findings) -> tuple[Sheet, dict[tuple[str, int], str]]:
    """A table with the cells blank that say 'not known', and those cells as they were typed.

    Warnings count them by column, and say how a word was read that is a code as well.
    """
    columns = columns_of(TABLES[sheet.name])
    texts = dict(sheet.cells)
    typed: dict[tuple[str, int], str] = {}
    counts: dict[str, int] = {}
    for name, column in columns.items():
        if name not in texts or column.read is cells.note:
            continue
        meant = {text for text in set(texts[name]) if text and _is_blank(text, column)}
        if not meant:
            continue
        if not meant:
            continue
        for number, text in zip(sheet.numbers, texts[name], strict=True):
            if text in meant:
                typed[name, number] = text
                counts[name] = counts.get(name, 0) + 1
        texts[name] = ["" if text in meant else text for text in texts[name]]
    read = replace(sheet, cells=texts)
    silent = {name for name in counts if _says_none(name, typed, columns[name])}
    findings.warnings.extend(_blanked(sheet, counts, columns, silent))
    findings.warnings.extend(_read_as_codes(read, columns))
    return read, typed


def _is_blank(text: str, column: Column) -> bool:
    """Whether a cell says that nobody knows; a word that is a code of its column says the code."""
    if not says_not_known(text):
        return False
    if column.read is cells.text:
        return True
    try:
        column.read(text)
    except WrongCell:
        return True
    return False


def _says_none(name: str, typed: Mapping[tuple[str, int], str], column: Column) -> bool:
    """Whether all that a list says is 'none', which is what a blank says there."""
    said = {text.casefold() for (of, _), text in typed.items() if of == name}
    return column.default == () and said == {"none"}


def _blanked(
    sheet: Sheet, counts: Mapping[str, int], columns: Mapping[str, Column], silent: Iterable[str]
) -> Iterable[Fault]:
    """How many cells of each column were read as blank, and what a blank says in it."""
    for name, count in counts.items():
        if name in silent:
            continue
        cells_say = "1 cell says" if count == 1 else f"{count} cells say"
        read = "was read" if count == 1 else "were read"
        blank = "blank: not known"
        if columns[name].default == ():
            blank = "blank, which here means none"
        elif columns[name].default is not None:
            blank = f"blank, which here means {columns[name].default}"
        problem = f"{cells_say} that it is not known, in words, and {read} as {blank}."
        fix = "Leave a cell blank where nobody knows."
        yield wrong_heading(sheet.name, name, problem, fix, sheet.heading)


def _read_as_codes(sheet: Sheet, columns: Mapping[str, Column]) -> Iterable[Fault]:
    """Cells in which a word for 'missing', or another list's code, was read as a code."""
    found: dict[tuple[str, str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for name, column in columns.items():
        said = _says_of(cells.kind_of(column.read))
        if said is None or name not in sheet.cells:
            continue
        told = {text: found_in for text in set(sheet.cells[name]) if (found_in := list(said(text)))}
        for text in sheet.cells[name] if told else ():
            for each in told.get(text, ()):
                found[each][name] += 1
    for (word, meaning, fix), by_column in found.items():
        where = and_list(f"{name} ({count})" for name, count in by_column.items())
        problem = f"'{word}' was read as {meaning}, in {where}."
        yield wrong_file(sheet.name, problem, fix)


def _says_of(kind: Kind) -> Callable[[str], Iterable[tuple[str, str, str]]] | None:
    if kind.name == "language" or cells.LANGUAGE_HINT in kind.hint or "language:" in kind.hint:
        return _of_languages
    return _of_none if "none" in kind.codes else None


def _of_none(text: str) -> Iterable[tuple[str, str, str]]:
    if text == _NONE:
        fix = "Leave it blank where nobody knows; write none where it is so."
        yield text, "the code none: it is known that there is none", fix


def _of_languages(text: str) -> Iterable[tuple[str, str, str]]:
    for item in cells.items_of(text, cells.language):
        folded = item.casefold().removeprefix("language:").strip()
        code = language_codes().get(folded)
        if code is None:
            continue
        name = language_names()[code]
        if folded in _LANGUAGE_WORDS:
            yield item, f"{name}, a language", "Leave it blank where nobody knows."
        if folded in school_languages():
            label, iso = school_languages()[folded]
            write = f"{iso} for {language_names()[iso]}" if iso else f"the name for {label}"
            fix = f"In the school census it is {label}: write {write}, or {code} for {name}."
            yield item, f"{name}, as in ISO 639", fix


def month_first(sheet: Sheet, column: str) -> tuple[str, ...]:
    """The texts of a column that could be the other way round, where one is a day only so; else none.

    One alone is a fault of its cell.
    """
    reader = columns_of(TABLES[sheet.name])[column].read
    if reader not in (cells.day, cells.arrangement_end):
        return ()
    texts = dict.fromkeys(sheet.cells[column])
    if not any(cells.is_month_first(text) for text in texts):
        return ()
    asked = tuple(text for text in texts if cells.could_be_month_first(text))
    rows = sum(text in asked for text in sheet.cells[column])
    return asked if rows > 1 else ()


def months_first(sheet: Sheet, column: str, asked: tuple[str, ...]) -> Fault:
    """The one question about a column of days that may all have the month first."""
    certain = next(text for text in asked if cells.is_month_first(text))
    rows = [f"row {number} {text}" for number, text in sheet.filled(column) if text in asked]
    problem = (
        f"{certain} is a day only with the month first, so each of these may be the other way "
        f"round: {_some(rows)}."
    )
    fix = "Dates are day first, always. Check each, and write it like 2026-12-04 or 04/12/2026."
    return wrong_heading(sheet.name, column, problem, fix, sheet.heading)


def in_question(sheet: Sheet) -> Iterable[Fault]:
    """Days that may have the month first, as those of another column of their table have."""
    days = [
        name
        for name, column in columns_of(TABLES[sheet.name]).items()
        if column.read in (cells.day, cells.arrangement_end) and name in sheet.cells
    ]
    certain = [name for name in days if any(map(cells.is_month_first, set(sheet.cells[name])))]
    for name in set(days) - set(certain) if certain else ():
        asked = [(n, t) for n, t in sheet.filled(name) if cells.could_be_month_first(t)]
        rows = [f"row {n} {t}" for n, t in asked if "-" not in t]  # with hyphens it wasn't read
        if rows:
            problem = (
                f"Days of {and_list(certain)} have the month first, so these may be the other way "
                f"round: {_some(rows)}. They were read day first."
            )
            fix = "Check each, and write it like 2026-12-04 or 04/12/2026 (day first)."
            yield wrong_heading(sheet.name, name, problem, fix, sheet.heading)


def _some(rows: list[str]) -> str:
    more = len(rows) - _MOST_NAMED
    return ", ".join(rows[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
