"""Where a panel lives: its folder, the database in it, and what the council set in panel.toml."""

from __future__ import annotations

import os
import secrets
import tomllib
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from matcher.errors import WrongInput, wrong_file, wrong_setting

FOLDER, DATABASE = "MATCHER_PANEL", "MATCHER_PANEL_DATABASE"  # names of the environment
SETTINGS, SECRET, SQLITE = "panel.toml", "secret", "panel.sqlite3"
POSTGRESQL = ("postgresql://", "postgres://", "service=")


@dataclass(frozen=True)
class Set:
    """What a council sets in panel.toml; every line may be left out."""

    council: str = "Fostering service"
    colour: str = "#1d70b8"
    hosts: tuple[str, ...] = ()  # names under which others reach it; none: this machine alone
    database: str = ""  # postgresql://… or service=…; blank: SQLite in the folder
    proxies: int = 0  # that stand in front of it and name the caller
    idle_minutes: int = 60
    longest_hours: int = 12
    case_link: str = ""  # https://…/{id}: where a family's id leads to


@dataclass(frozen=True)
class Home:
    """The folder of a panel."""

    folder: Path

    @classmethod
    def of_environment(cls) -> Home:
        """The folder that the environment names, else `.matcher` in the user's own."""
        return cls(Path(os.environ.get(FOLDER) or Path.home() / ".matcher"))

    @cached_property
    def set(self) -> Set:
        """The council's settings; WrongInput where panel.toml can't be read or says what it may not."""
        path = self.folder / SETTINGS
        if not path.exists():
            return Set()
        try:
            found = tomllib.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            raise WrongInput([wrong_file(SETTINGS, "The file can't be read.", "Write key = value, as in TOML.")]) from None  # fmt: skip
        return _set(found)

    @property
    def database(self) -> str:
        """The address of a PostgreSQL database, '' where it is SQLite in the folder."""
        return os.environ.get(DATABASE) or self.set.database

    @property
    def sqlite(self) -> Path:
        """The database in the folder."""
        return self.folder / SQLITE

    @property
    def is_local(self) -> bool:
        """Whether only this machine reaches it."""
        return not self.set.hosts

    def make(self) -> None:
        """Make the folder, which only its user may read, and its secret."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        path = self.folder / SECRET
        if not path.exists():
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(50))

    def secret(self) -> str:
        """The key that signs sessions; one of this process alone where the folder is not made yet."""
        path = self.folder / SECRET
        return path.read_text("ascii") if path.exists() else secrets.token_urlsafe(50)


WRITE = {
    int: "Write a whole number.",
    str: "Write text in quotes.",
    tuple: "Write a list of texts.",
}


def _set(found: dict[str, Any]) -> Set:
    kinds = {each.name: type(each.default) for each in fields(Set)}
    given: dict[str, Any] = {
        key: tuple(v) if isinstance(v, list) else v for key, v in found.items()
    }
    faults = []
    for key, value in given.items():
        kind = kinds.get(key)
        if kind is None:
            fix = f"Use one of {', '.join(kinds)}."
            faults.append(wrong_setting(SETTINGS, key, "This setting is not known.", fix))
        elif type(value) is not kind:
            problem = "This is not what the setting takes."
            faults.append(wrong_setting(SETTINGS, key, problem, WRITE[kind]))
    if faults:
        raise WrongInput(faults)
    return Set(**given)
