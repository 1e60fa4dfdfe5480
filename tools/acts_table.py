"""Make the table of who may do what in docs/panel-security.md, from the one in the code."""

from __future__ import annotations

import re

from matcher.panel.acts import MAY, Reach, Role
from matcher.words import label

TABLE = re.compile(r"^\| what \|.*?\n\n", re.MULTILINE | re.DOTALL)
SAYS = {Reach.ALL: "all", Reach.OWN: "own", None: ""}


def lines() -> list[str]:
    """The table: a row an act, a column a role."""
    heads = ["what", *(role.label for role in Role)]
    rows = [[label(act), *(SAYS[MAY[act].get(role)] for role in Role)] for act in MAY]
    return ["| " + " | ".join(row) + " |" for row in (heads, ["---"] * len(heads), *rows)]


def with_table(page: str) -> str:
    """The page with the table as the code has it."""
    table = "".join(f"{line}\n" for line in lines())
    made, found = TABLE.subn(lambda _: f"{table}\n", page)
    assert found == 1
    return made
