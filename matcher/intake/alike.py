"""Ids and teams that people take for one, and a program for two."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from matcher.errors import Fault, wrong_cell, wrong_heading
from matcher.intake.cells import shown
from matcher.intake.rows import Household
from matcher.spellings import has_look_alikes, plain, skeleton
from matcher.words import and_list


def _seen(name: str) -> str:
    """An id as a hurried eye takes it: letters that look like figures are figures."""
    return skeleton(name).replace("o", "0").replace("i", "1").replace("l", "1")


def ids(
    table: str, column: str, cells: Iterable[tuple[int, str]]
) -> tuple[list[Fault], list[Fault]]:
    """Ids that look like another's: faults, and warnings where a letter looks like a figure."""
    cells = list(cells)
    distinct = {name for _, name in cells}
    if len({_seen(name) for name in distinct}) == len(distinct) and all(map(str.isascii, distinct)):
        return [], []
    same: dict[str, tuple[int, str]] = {}
    near: dict[str, tuple[int, str]] = {}
    faults, odd = [], []
    for number, name in cells:
        seen = skeleton(name)
        first, other = same.setdefault(seen, (number, name))
        if other != name:
            problem = f"It looks like the id in row {first}, but is another."
            fix = "Write one id the same way everywhere; give two rows ids that differ plainly."
            faults.append(wrong_cell(table, number, column, shown(name), problem, fix))
            continue
        if has_look_alikes(name):
            problem = "It has a letter of another alphabet that looks like a Latin one."
            fix = "Type the id again, unless that is meant."
            odd.append(wrong_cell(table, number, column, shown(name), problem, fix))
        first, other = near.setdefault(_seen(name), (number, name))
        if other != name:
            problem = f"It looks like the id in row {first}: a letter may stand for a figure."
            fix = "Check that they are two."
            odd.append(wrong_cell(table, number, column, shown(name), problem, fix))
    return faults, odd


def strangers(
    table: str, column: str, cells: Iterable[tuple[int, str]], known: set[str]
) -> Iterator[Fault]:
    """Ids that may be unknown, but look like one that is known."""
    alike = {skeleton(name): name for name in sorted(known)}
    for number, name in cells:
        same = alike.get(skeleton(name))
        if name not in known and same is not None:
            problem = f"It looks like {shown(same)}, but is another id."
            yield wrong_cell(table, number, column, shown(name), problem, f"Did you mean {same}?")


def one_team(households: list[Household], heading: int) -> tuple[list[Household], list[Fault]]:
    """The households with each team in its commonest spelling, and a warning where there were several."""
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    for row in households:
        if row.team is not None:
            spellings[plain(skeleton(row.team))][row.team] += 1
    several = {key: found for key, found in spellings.items() if len(found) > 1}
    odd: list[Fault] = []
    chosen: dict[str, str] = {}
    for found in several.values():
        team = min(found, key=lambda name: (-found[name], name))
        chosen |= dict.fromkeys(found, team)
        named = and_list(f"'{shown(name)}' ({found[name]})" for name in sorted(found))
        problem = f"{named} were counted as one team, {shown(team)}."
        fix = "Write its name the same way, or give two teams names that differ plainly."
        odd.append(wrong_heading("households", "team", problem, fix, heading))
    rows = [replace(r, team=chosen[r.team]) if r.team in chosen else r for r in households]
    return rows, odd
