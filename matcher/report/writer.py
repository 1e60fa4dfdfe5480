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
from matcher.report.page import page
from matcher.report.view import View
from matcher.report.workbook import workbook
from matcher.show.files import allowed, cannot_write, write_bytes, write_whole

OWN = ("round.json", "report.html", "matches.xlsx", "figures")
_EXCHANGE = 2  # RENAME_EXCHANGE of renameat2(2)
_HERE = -100  # AT_FDCWD


def write_report(
    view: View, folder: Path, step: Callable[[str], None], *, alone: bool = False
) -> None:
    """Write every file of a round into a folder, or round.json `alone`; other files in it stay.

    The files of an earlier round go, so that the folder tells of one round.
    """
    folder = folder.resolve()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from None
    # A folder that is a disk of its own can't change places with one beside it.
    apart = folder.exists() and folder.stat().st_dev != folder.parent.stat().st_dev
    home = folder if apart else folder.parent
    _clean_up(home, folder.name)
    prefix = f".{folder.name}.matcher-{os.getpid()}-"
    try:
        beside = Path(tempfile.mkdtemp(dir=home, prefix=prefix))
    except OSError as error:
        raise cannot_write(folder, error) from None
    try:
        _fill(view, beside, step, alone)
        _put_in_place(beside, folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _clean_up(home: Path, name: str) -> None:
    """Remove what runs left that were killed; a run that is alive keeps its folder."""
    start = f".{name}.matcher-"
    for left in [path for path in home.iterdir() if path.name.startswith(start)]:
        process = left.name.removeprefix(start).partition("-")[0]
        if not (process.isdigit() and _alive(int(process))):
            shutil.rmtree(left, ignore_errors=True)


def _alive(process: int) -> bool:
    if os.name != "posix":
        return process == os.getpid()
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _fill(view: View, folder: Path, step: Callable[[str], None], alone: bool) -> None:
    write_bytes(folder / "round.json", view.json(alone=alone))
    if alone:
        return
    step("drawing the figures")
    figures = all_figures(view.solved, view.record, view.hidden, large=view.large)
    (folder / "figures").mkdir()
    for each in figures:
        (folder / "figures" / f"{each.name}.png").write_bytes(each.png)
    step("writing the report")
    write_whole(folder / "report.html", page(view, figures))
    step("writing the workbook")
    (folder / "matches.xlsx").write_bytes(workbook(view))


def _put_in_place(beside: Path, folder: Path) -> None:
    if not folder.exists():
        beside.chmod(allowed(0o777))
        beside.rename(folder)
        return
    shutil.copymode(folder, beside)
    inside = Path.cwd().is_relative_to(folder) or beside.parent == folder
    if not inside:
        for other in folder.iterdir():
            if other.name not in OWN:
                _link(other, beside / other.name)
        if _exchange(beside, folder):
            return
    # Elsewhere than on Linux, or around where somebody stands, folders can't change places in one
    # step: file by file then.
    for name in OWN:
        if (folder / name).is_dir():
            shutil.rmtree(folder / name)
        else:
            (folder / name).unlink(missing_ok=True)
        if (beside / name).exists():
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
