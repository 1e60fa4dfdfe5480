"""What is wrong with the set-up of a panel, in words: folder, database, who reaches it, backups."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from matcher.panel.place import SECRET, Home
from matcher.words import long_date


class Level(StrEnum):
    """How a thing of the set-up stands: right, to be seen to by people, or wrong."""

    RIGHT = "right"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True)
class Point:
    """One thing of the set-up: how it stands, and what to do."""

    name: str
    level: Level
    sentence: str

    def record(self) -> dict[str, str]:
        """It as a machine reads it."""
        return {"name": self.name, "level": self.level.value, "sentence": self.sentence}


def right(name: str, sentence: str) -> Point:
    """A thing that is right."""
    return Point(name, Level.RIGHT, sentence)


def note(name: str, sentence: str) -> Point:
    """A thing that people must see to."""
    return Point(name, Level.NOTE, sentence)


def wrong(name: str, sentence: str) -> Point:
    """A thing that is wrong."""
    return Point(name, Level.WRONG, sentence)


def points(home: Home) -> Iterator[Point]:
    """Everything that is looked at, in the order in which it is mended."""
    yield from _folder(home)
    yield _reached(home)
    yield from _deployed()
    yield from _database(home)
    yield note(
        "disk",
        "It can't be seen from here whether the disk is encrypted: that is a condition. Turn on "
        "BitLocker, FileVault or LUKS, or have whoever runs the server say that it is on.",
    )


def _folder(home: Home) -> Iterator[Point]:
    folder = home.folder
    if not folder.is_dir():
        yield note("folder", f"{folder} is not there yet: matcher panel makes it.")
        return
    files = [folder / SECRET, *folder.glob("*.sqlite3*"), *(folder / "backups").glob("*")]
    open_to_others = [path for path in (folder, *files) if path.exists() and _is_open(path)]
    if open_to_others:
        names = ", ".join(path.name for path in open_to_others)
        yield wrong("folder", f"Others on this machine may read {names}: chmod -R go-rwx {folder}.")
    elif not os.access(folder, os.W_OK):
        yield wrong("folder", f"{folder} can't be written by this user.")
    else:
        yield right("folder", f"{folder} is its user's alone.")
    if not (folder / SECRET).exists():
        yield note("secret", "There is no secret yet: matcher panel makes it.")


def _is_open(path: Path) -> bool:
    """Whether others than its owner may read a file; Windows says that in another way."""
    return os.name == "posix" and bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def _reached(home: Home) -> Point:
    hosts = ", ".join(home.set.hosts)
    if home.is_local:
        return right("hosts", "Only this machine reaches it.")
    if home.set.proxies < 1:
        return wrong(
            "hosts",
            f"It answers to {hosts} without TLS: put a web server with a certificate in front of it "
            "and write proxies = 1 in panel.toml.",
        )
    return right("hosts", f"It answers to {hosts}, behind a web server that has the certificate.")


def _deployed() -> Iterator[Point]:
    from django.core.checks import WARNING, run_checks

    found = [each for each in run_checks(include_deployment_checks=True) if each.level >= WARNING]
    told = [each for each in found if not each.is_silenced()]
    for each in told:
        yield wrong("settings", f"{each.msg.partition('. ')[0].rstrip('.')}. ({each.id})")
    if not told:
        yield right("settings", "Django's check --deploy finds nothing.")


def _database(home: Home) -> Iterator[Point]:
    from django.db import Error, connection

    from matcher.panel import backups
    from matcher.panel.models import User

    if not home.database and not home.sqlite.exists():
        yield note("database", "There is none yet: matcher panel makes it.")
        return
    try:
        connection.ensure_connection()
        if not backups.is_made():
            yield note("database", "It is reached and empty: matcher panel fills it.")
            return
        if backups.pending():
            yield wrong(
                "database",
                "It is of an earlier version: start matcher panel, which makes a backup first.",
            )
            return
        yield right("database", "It is reached, and of this version.")
        if not User.objects.filter(role="administrator", is_active=True).exists():
            yield note(
                "users", "There is no administrator yet: matcher panel makes a link for one."
            )
        at = backups.last()
    except Error:
        yield wrong("database", "It can't be reached: see that the server runs.")
        return
    if at is None:
        yield wrong("backup", "None was made yet: matcher panel backup FILE.")
    elif backups.is_old(at):
        yield wrong("backup", f"The last is of {long_date(at.date())}: matcher panel backup FILE.")
    else:
        yield right("backup", f"The last is of {long_date(at.date())}.")
