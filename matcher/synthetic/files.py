"""Write a synthetic round as a folder, with a page that says that it is one and how it was drawn."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from glob import escape
from pathlib import Path
from typing import Any

from matcher import __version__
from matcher.errors import WrongInput, wrong_option
from matcher.intake.cells import shown
from matcher.intake.formulas import csv_text
from matcher.intake.rows import TABLES, columns_of
from matcher.show.files import allowed, cannot_write, is_at_work, write_bytes
from matcher.synthetic import Sample
from matcher.synthetic.draws import BLANK, USUAL, settings
from matcher.words import label

ABOUT = "about.md"
MARK = "# This match round is synthetic"
STAMP = "Fingerprint: "
NOBODY = (
    "It is synthetic: a machine drew it by chance. No row is of a real person, family or household, and "
    "nothing in it says how many there are or what they need. It is for trying the software, for "
    "training and for tests."
)
METHOD = (
    "Ethnicity, religion and main language are drawn together. The census gives the shares of each "
    "question by area, not the three together; a small table of ties, `ties.csv`, says which religions "
    "and languages go with which ethnicity. The ties are our judgement, the margins are the census's: "
    "raking (iterative proportional fitting) bends the ties until every margin is the census's, for "
    "each London borough and for the rest of England. For the rest of England the tables at hand have no "
    "language: there it follows ethnicity and religion as in London.",
    "Languages that fewer than 1 in 2,000 Londoners named as their main language are left out, and so are "
    "the census's groups of languages without a name.",
    "Families are drawn from the population that care knows and carers from that of carers, both by "
    "the area where they live: see people: looked after and people: white carers.",
    "Homes are drawn by outward postcode and authority, by their live postcodes; PO boxes are left out. "
    "Households live in clusters, in the area and, where it is one authority's, in those it borders "
    "(`adjacency.csv`; some neighbours across the Thames are missing there).",
    "Cells that depend on each other agree, so the round passes `matcher check`.",
)
SOURCES = (
    "Source: Office for National Statistics licensed under the Open Government Licence v.3.0. Contains OS "
    "data © Crown copyright and database right 2025. Contains Royal Mail data © Royal Mail copyright and "
    "database right 2025. Contains National Statistics data © Crown copyright and database right 2025.",
    "Census 2021: ethnicity TS021, religion TS030, main language TS024. Addresses: ONS Postcode Directory "
    "November 2025 and OS Code-Point Open May 2025. Other figures: as each choice says.",
)


def about(made: Sample, fingerprint: str) -> Iterator[str]:
    """What stands beside the tables of a sample."""
    yield MARK
    yield ""
    yield NOBODY
    yield ""
    yield f"- name: {_printable(made.name)}"
    yield f"- area: {made.area.name}"
    yield f"- seed: {made.seed}"
    yield f"- day of the round: {made.as_of.isoformat()}"
    yield f"- size: {made.rows('requests')} requests, {made.rows('households')} households"
    yield f"- made by: matcher {__version__}; the same words give the same tables, byte for byte"
    yield ""
    yield f"{STAMP}{fingerprint}"
    yield ""
    yield from choices()


def choices() -> Iterator[str]:
    """How every sample is drawn: the method, each choice with its reason, and the sources."""
    yield "## How it is drawn"
    for text in METHOD:
        yield ""
        yield text
    yield ""
    yield "## Every choice"
    yield ""
    yield "Numbers behind a colon are weights: they need not add up to 100, and 3..9 is any whole number"
    yield "from 3 to 9. Where several cases hold, the last counts. Days count from the day of the round."
    yield "`judgement` is ours: plausible, and measured by nobody."
    group = ""
    for name, each in settings().items():
        first, _, rest = name.partition(".")
        if first != group:
            group = first
            yield ""
            yield f"### {label(group).capitalize()}"
            yield ""
            yield "| what | value | unit | why | source |"
            yield "|---|---|---|---|---|"
        yield f"| {label(rest)} | {_value(each.value)} | {each.unit} | {each.why} | {each.source} |"
    yield ""
    yield "## Sources"
    for text in SOURCES:
        yield ""
        yield text


def _value(value: Any) -> str:
    if not isinstance(value, dict):
        return str(value)
    if USUAL in value:
        return "; ".join(
            f"{'usually' if fact == USUAL else f'**{label(fact)}**'} {_value(each)}"
            for fact, each in value.items()
        )
    return ", ".join(f"{label(k) if k != BLANK else '(blank)'}: {w}" for k, w in value.items())


def _printable(name: str) -> str:
    return "".join(letter for letter in name if letter.isprintable())


def _settings(made: Sample) -> str:
    title = f"Synthetic round {_printable(made.name)}, set in {made.area.name}"
    lines = [
        f"as_of = {made.as_of.isoformat()}",
        f"title = {json.dumps(title, ensure_ascii=False)}",
    ]
    if made.area.code is not None:
        lines.append(f'authority = "{made.area.code}"')
    return "".join(f"{line}\n" for line in lines)


def _table(made: Sample, name: str) -> bytes:
    drawn = made.tables[name]
    columns = [column for column in columns_of(TABLES[name]) if column in drawn]
    rows = zip(*(drawn[column] for column in columns), strict=True)
    return csv_text([columns, *rows]).encode()


def contents(made: Sample) -> dict[str, bytes]:
    """Every file of a sample's folder by its name."""
    found = {f"{name}.csv": _table(made, name) for name in made.tables}
    found["round.toml"] = _settings(made).encode()
    found[ABOUT] = "".join(f"{line}\n" for line in about(made, _fingerprint(found))).encode()
    return found


def _fingerprint(found: dict[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, content in sorted(found.items()):
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def write_sample(made: Sample, folder: Path) -> None:
    """Write a sample's folder whole or not at all; only an earlier sample is written over."""
    folder = folder.resolve()
    start = f".{folder.name}.sample-"
    _make_good(folder, start)
    _refuse_what_is_no_sample(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f"{start}{os.getpid()}-"))
    except OSError as error:
        raise cannot_write(folder, error) from None
    try:
        for name, content in contents(made).items():
            write_bytes(beside / "new" / name, [content])
        (beside / "new").chmod(allowed(0o777))
        _put_in_place(beside / "new", folder, beside / "old")
    except OSError as error:
        raise cannot_write(folder, error) from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _make_good(folder: Path, start: str) -> None:
    """Put back what a run that was stopped had moved away, and clear what it left."""
    for left in sorted(folder.parent.glob(f"{escape(start)}*")):
        if is_at_work(left.name.removeprefix(start)):
            continue
        if (left / "old").exists() and not folder.exists():
            (left / "old").rename(folder)
        shutil.rmtree(left, ignore_errors=True)


def _put_in_place(new: Path, folder: Path, old: Path) -> None:
    had = folder.exists()
    if had:
        folder.rename(old)
    try:
        new.rename(folder)
    except BaseException:
        if had:
            old.rename(folder)
        raise


def _refuse_what_is_no_sample(folder: Path) -> None:
    """Stop before anything that people typed is lost."""
    if not folder.exists():
        return
    problem = "It is a file."
    if folder.is_dir():
        found = {path.name: path for path in folder.iterdir()}
        if not found:
            return
        problem = "The folder holds something else than a synthetic sample."
        if ABOUT in found and all(path.is_file() for path in found.values()):
            try:
                said = found.pop(ABOUT).read_text("utf-8").splitlines()
                stamp = _fingerprint({name: path.read_bytes() for name, path in found.items()})
            except (OSError, ValueError):
                said, stamp = [], ""
            if said[:1] == [MARK] and f"{STAMP}{stamp}" in said:
                return
            if said[:1] == [MARK]:
                problem = "Somebody has changed the synthetic sample that is there, or added to it."
    fix = "Name another folder: what people typed is never written over."
    raise WrongInput([wrong_option("--out", problem, fix, value=shown(str(folder)))])
