"""Write all files of a round, so that the folder holds the old report or the new one, never a mix."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from matcher.report.figures import all_figures
from matcher.report.files import json_text, write_whole
from matcher.report.html import page
from matcher.report.view import View
from matcher.report.workbook import workbook

OWN = ("round.json", "report.html", "matches.xlsx", "figures")
_EXCHANGE = 2  # RENAME_EXCHANGE of renameat2(2)
_HERE = -100  # AT_FDCWD


def write_report(view: View, folder: Path, step: Callable[[str], None]) -> None:
    """Write every file of a round into a folder; other files in it stay as they are."""
    folder = folder.resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    for left_over in folder.parent.glob(f".{folder.name}.matcher-*"):
        shutil.rmtree(left_over, ignore_errors=True)  # of a process that was killed
    beside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}.matcher-"))
    try:
        beside.chmod(0o755)
        _fill(view, beside, step)
        _put_in_place(beside, folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _fill(view: View, folder: Path, step: Callable[[str], None]) -> None:
    write_whole(folder / "round.json", json_text(view.record))
    step("drawing the figures")
    figures = all_figures(view.solved, view.record, view.hidden)
    (folder / "figures").mkdir()
    for each in figures:
        (folder / "figures" / f"{each.name}.png").write_bytes(each.png)
    step("writing the report")
    write_whole(folder / "report.html", page(view, figures))
    step("writing the workbook")
    (folder / "matches.xlsx").write_bytes(workbook(view))


def _put_in_place(beside: Path, folder: Path) -> None:
    if not folder.exists():
        beside.rename(folder)
        return
    for other in folder.iterdir():
        if other.name not in OWN:
            _link(other, beside / other.name)
    if folder == Path.cwd() or not _exchange(beside, folder):
        # Elsewhere than on Linux two folders can't change places in one step: file by file then.
        for name in OWN:
            if (folder / name).is_dir():
                shutil.rmtree(folder / name)
            (beside / name).replace(folder / name)


def _link(source: Path, to: Path) -> None:
    if source.is_dir() and not source.is_symlink():
        shutil.copytree(source, to, copy_function=os.link, symlinks=True)
    else:
        os.link(source, to, follow_symlinks=False)


def _exchange(one: Path, other: Path) -> bool:
    """Let two folders change places in one step that can't be half done; false where it can't be."""
    if sys.platform != "linux":
        return False
    library = ctypes.CDLL(None, use_errno=True)
    if not hasattr(library, "renameat2"):
        return False
    names = (os.fsencode(one), os.fsencode(other))
    done: int = library.renameat2(_HERE, names[0], _HERE, names[1], _EXCHANGE)
    return done == 0
