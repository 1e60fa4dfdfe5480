"""Which versions of libraries the project takes, said three times: each says the same."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
DECLARED = [Requirement(each) for each in PROJECT["dependencies"]]
PANEL = [Requirement(each) for each in PROJECT["optional-dependencies"]["panel"]]
LOCKS = {"requirements.lock": DECLARED, "requirements-panel.lock": [*DECLARED, *PANEL]}
LOCKED = [(lock, each) for lock, declared in LOCKS.items() for each in declared]
PINNED = re.compile(r"^([a-z0-9-]+)==([^\s;\\]+)(?: ; ([^\\\n]+?))?(?: \\)?$", re.MULTILINE)
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PLATFORMS = ("linux", "win32")


def pinned(file: str) -> dict[str, list[Version]]:
    """The versions of each library in a file; of some there is one for each range of Pythons."""
    found: dict[str, list[Version]] = {}
    for name, version, _ in PINNED.findall((ROOT / file).read_text("utf-8")):
        found.setdefault(name, []).append(Version(version))
    return found


def floor(declared: Requirement) -> Version:
    """The lowest version that a declaration allows."""
    (lowest,) = (each for each in declared.specifier if each.operator == ">=")
    return Version(lowest.version)


@pytest.mark.parametrize("declared", [*DECLARED, *PANEL], ids=str)
def test_the_lowest_version_is_the_one_that_is_tried(declared: Requirement) -> None:
    assert pinned("floors.txt")[declared.name.lower()] == [floor(declared)]


@pytest.mark.parametrize(("lock", "declared"), LOCKED, ids=str)
def test_the_lock_has_what_is_allowed(lock: str, declared: Requirement) -> None:
    locked = pinned(lock)[declared.name.lower()]
    assert all(version in declared.specifier for version in locked)


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_has_one_version_for_each_python(lock: str, python: str, platform: str) -> None:
    """Of every library that its declaration asks for, whatever the marker."""
    environment = {"python_full_version": f"{python}.0", "sys_platform": platform}
    names = []
    for name, version, marker in PINNED.findall((ROOT / lock).read_text("utf-8")):
        wanted = Requirement(f"{name}=={version}{f' ; {marker}' if marker else ''}").marker
        if wanted is None or wanted.evaluate(environment):
            names.append(name)
    assert len(names) == len(set(names))
    assert {declared.name.lower() for declared in LOCKS[lock]} <= set(names)


def test_with_the_panel_nothing_else_has_another_version() -> None:
    own, whole = pinned("requirements.lock"), pinned("requirements-panel.lock")
    assert {name: whole[name] for name in own} == own


def test_every_line_of_the_locks_has_a_hash_and_no_index() -> None:
    for lock in LOCKS:
        text = (ROOT / lock).read_text("utf-8")
        for each in re.split(r"\n(?=[a-z])", text)[1:]:
            assert "--hash=sha256:" in each, each
    for file in (*LOCKS, "floors.txt"):
        assert not re.search("https?://|--index|--find-links", (ROOT / file).read_text("utf-8"))
