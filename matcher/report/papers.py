"""The files of a round that people read: figures, page and workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from matcher.report.figures import all_figures
from matcher.report.page import page
from matcher.report.view import View
from matcher.report.workbook import workbook
from matcher.show.figures import Drawn


def papers(
    view: View, inside: View | None, step: Callable[[str], None]
) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Each file with its pieces; `inside` is the round for those who keep addresses, if they get one."""
    step("drawing the figures")
    figures = _figures(view)
    for figure in figures:
        yield f"figures/{figure.name}.png", [figure.png]
    step("writing the report")
    yield "report.html", (piece.encode() for piece in page(view, figures))
    step("writing the workbook")
    yield "matches.xlsx", [workbook(view)]
    if inside is not None:
        step("writing what is internal")
        yield "report-internal.html", (piece.encode() for piece in page(inside, _figures(inside)))
        yield "matches-internal.xlsx", [workbook(inside)]


def _figures(view: View) -> list[Drawn]:
    return all_figures(view.solved, view.record, view.hidden, large=view.large)
