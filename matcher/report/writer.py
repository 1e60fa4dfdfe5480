"""Write all files of a round."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from matcher.report.view import View
from matcher.show.files import write_files

_A_ROUND = b'{\n"schema": "matcher.round/'


def write_report(
    view: View,
    folder: Path,
    step: Callable[[str], None],
    *,
    alone: bool = False,
    internal: bool = False,
    document: list[bytes] | None = None,
) -> dict[str, Path]:
    """Write every file of a round into a folder, or round.json `alone`; where each of them is.

    `document` gets the pieces of round.json, for whoever needs them as they were made: the file may be
    another's by then. With `internal` a report and a workbook for those who keep addresses lie beside the others. The files of an earlier round go, so that the folder tells of one round; all others stay.
    """
    earlier = _is_a_round(folder / "round.json")
    return write_files(
        folder, "round", _files(view, step, alone, internal, document), over_earlier_release=earlier
    )


def _files(
    view: View,
    step: Callable[[str], None],
    alone: bool,
    internal: bool,
    document: list[bytes] | None,
) -> Iterator[tuple[str, Iterable[bytes]]]:
    inside = view.for_those_who_keep_addresses() if internal and not alone else None
    pieces = view.json(alone=alone, inside=inside)
    yield "round.json", pieces if document is None else _kept(pieces, document)
    if not alone:
        from matcher.report.papers import papers

        yield from papers(view, inside, step)


def _kept(pieces: Iterable[bytes], kept: list[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        kept.append(piece)
        yield piece


def _is_a_round(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_A_ROUND)) == _A_ROUND
    except OSError:
        return False
