"""A round to be proved again elsewhere: the tables that it was made of, and its round.json."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator

from matcher.panel import exporting, rounds
from matcher.panel.models import Round

ABOUT = """The tables that this round was made of, and the round itself. To prove it again without this panel:

    matcher verify data round/round.json

round.json says where withheld homes are: it is for those who keep addresses.
"""


def archive(made: Round) -> bytes:
    """The tables, the settings and the round.json of a round as a ZIP file."""
    return exporting.packed(_files(made))


def _files(made: Round) -> Iterator[tuple[str, bytes]]:
    whole = json.loads(gzip.decompress(bytes(made.tables)))
    said = {key: whole[key] for key in ("title", "authority", "policy")}
    yield "README.txt", ABOUT.encode()
    for name, content in exporting.files(
        whole["tables"], whole["absent"], {"as_of": made.as_of, **said}
    ):
        yield f"data/{name}", content
    yield "round/round.json", rounds.document(made)
