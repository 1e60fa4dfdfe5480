"""Runs for tests of many machines: they must be importable in another process."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import numpy as np


def a_year(seed: int) -> bytes:
    """Numbers whose last bit tells whether they were made in the same way."""
    drawn = np.random.Generator(np.random.PCG64(seed)).random(1000)
    return bytes(np.cumsum(np.exp(drawn)).tobytes())


def slowly(part: tuple[int, str]) -> bytes:
    """The same, leaving its process id in a folder and staying long enough to be killed."""
    seed, folder = part
    (Path(folder) / f"{seed}-{os.getpid()}").touch()
    time.sleep(0.3)
    return a_year(seed)


def dies_once(part: tuple[int, str]) -> bytes:
    """The run of seed 3 takes its process down the first time."""
    seed, folder = part
    mark = Path(folder) / "died"
    if seed == 3 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return a_year(seed)


def dies(seed: int) -> bytes:
    """A run that takes its process down whenever it is tried."""
    os.kill(os.getpid(), signal.SIGKILL)
    return a_year(seed)


def fails(seed: int) -> bytes:
    """A run with an error of its own."""
    raise ValueError(f"seed {seed}")
