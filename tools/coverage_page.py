"""The page that says of every clause where it is kept, and which tests prove it."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from matcher.governance.coverage import KINDS, coverage
from matcher.policy.settings import default

PROOFS = Path(__file__).resolve().parent.parent / "tests" / "proofs.csv"


def proofs() -> dict[str, list[str]]:
    """The tests that prove each clause, as a whole run of them collected it."""
    tests: dict[str, list[str]] = defaultdict(list)
    with PROOFS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            tests[row["clause"]].append(row["test"])
    return tests


def page() -> Iterator[str]:
    """The coverage of the registers with the tests beside it, as a Markdown page."""
    rows, proved = coverage(default()), proofs()
    whole = sum(row.whole and bool(proved[row.clause]) for row in rows)
    tests = {test for row in rows for test in proved[row.clause]}
    yield "# Which clause is where"
    yield ""
    yield (
        "Every clause of the two policies, where it is implemented, which tests prove it and where "
        "a user sees it. This page is made from the software: what implements a clause is read from "
        "the registers of the code, as `matcher policy --coverage` prints it, and the tests are "
        "those that passed in a whole run and carry the clause as a mark. `tools/check.py` fails "
        "when either has changed; `tools/make_coverage.py` makes both anew."
    )
    yield ""
    yield KINDS
    yield ""
    yield (
        f"{whole} of {len(rows)} clauses have an implementation and a test that proves it; "
        f"{len(tests)} tests are named."
    )
    yield ""
    yield "| clause | kind | it asks | implemented by | proved by | seen in |"
    yield "|---|---|---|---|---|---|"
    for row in rows:
        where = ", ".join(f"`{each}`" for each in row.implemented_by)
        tests_of_it = "<br>".join(f"`{test.removeprefix('tests/')}`" for test in proved[row.clause])
        cells = (row.clause, row.kind, row.asks, where, tests_of_it, row.seen)
        yield f"| {' | '.join(cells)} |"
