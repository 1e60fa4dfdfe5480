"""A round to be proved again elsewhere: the tables that it was made of, and its round.json."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

from matcher.intake.files import SETTINGS_FILE, Sheet
from matcher.panel import rounds, world
from matcher.panel.models import Round

ABOUT = """The tables that this round was made of, and the round itself. To prove it again without this panel:

    matcher verify data round/round.json

round.json says where withheld homes are: it is for those who keep addresses.
"""
_STAMP = (1980, 1, 1, 0, 0, 0)  # of every file, so that the same round is the same archive


def archive(made: Round) -> bytes:
    """The tables, the settings and the round.json of a round as a ZIP file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as into:
        for name, content in _files(made):
            into.writestr(zipfile.ZipInfo(name, _STAMP), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _files(made: Round) -> Iterator[tuple[str, bytes]]:
    whole = json.loads(gzip.decompress(bytes(made.tables)))
    yield "README.txt", ABOUT.encode()
    for name, sheet in world.sheets(whole["tables"], whole["absent"]).items():
        yield f"data/{name}.csv", _csv(sheet)
    yield f"data/{SETTINGS_FILE}", _settings(made, whole).encode()
    yield "round/round.json", rounds.document(made)


def _csv(sheet: Sheet) -> bytes:
    file = io.StringIO()
    into = csv.writer(file, lineterminator="\r\n")
    into.writerow(sheet.cells)
    into.writerows(zip(*sheet.cells.values(), strict=True))
    return file.getvalue().encode()


def _settings(made: Round, whole: Mapping[str, Any]) -> str:
    """The settings of a round as TOML: its day, title, authority, and what the policy changes."""
    lines = [f"as_of = {made.as_of.isoformat()}"]
    lines += [f"{key} = {_toml(whole[key])}" for key in ("title", "authority") if whole[key]]
    lines += [f"{key} = {_toml(value)}" for key, value in _flat("policy", whole["policy"])]
    return "\n".join(lines) + "\n"


def _flat(key: str, table: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        inner = f"{key}.{_toml(name)}"
        if isinstance(value, Mapping):
            yield from _flat(inner, value)
        else:
            yield inner, value


def _toml(value: Any) -> str:
    """A text, number, truth value or list as TOML, which JSON writes alike but for control characters."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
