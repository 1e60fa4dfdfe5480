"""Read a file whole: only one that is a file, and no more of it than it may have."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from stat import S_ISREG

from matcher.sizes import LARGEST_FILE


def read_file(path: Path, most: int = LARGEST_FILE) -> bytes:
    """The bytes of a file; OSError where it is none, such as a pipe or a device, or has more than `most`."""
    with open(path, "rb", opener=_without_waiting) as file:
        if not S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is a pipe or a device, not a file")
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"it is larger than {most / 1e6:g} MB")
    return content


def _without_waiting(path: str, flags: int) -> int:
    """Open a file; a pipe that nobody writes to is opened at once, too."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def mend_of(error: OSError) -> str:
    """What to do about a file that can't be read."""
    if error.errno == errno.EFBIG:
        return "Keep only what this round needs in it."
    if error.errno in (errno.EINVAL, errno.ENXIO):  # a socket can't be opened at all
        return "Put the file itself there."
    return "Close it elsewhere, or ask."
