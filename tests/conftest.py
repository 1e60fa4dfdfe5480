"""No test waits for a clock; and which tests prove which clauses, from marks of tests that passed.

`--proofs=check` holds what a whole run proves against tests/proofs.csv, `--proofs=write` makes
that file. It works with and without pytest-xdist, as marks travel with the report of each test.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from pathlib import Path

import pytest

from matcher.shipped import shipped
from matcher.show import progress

PROOFS = Path(__file__).with_name("proofs.csv")
COLLECTOR = pytest.StashKey["Collector"]()
STALE = pytest.StashKey[str]()
MARK = "clause"
A_DAY = 86_400.0


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--proofs",
        choices=("check", "write"),
        help="hold what a whole run proves against tests/proofs.csv, or write that file",
    )


class Collector:
    """Keeps, for each clause, the tests that passed: told of every report, also by workers."""

    def __init__(self) -> None:
        self.proofs: dict[str, set[str]] = defaultdict(set)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed:
            for kind, clause in report.user_properties:
                if kind == MARK:
                    self.proofs[str(clause)].add(report.nodeid.partition("[")[0])


def pytest_configure(config: pytest.Config) -> None:
    progress.PATIENCE_SECONDS = (
        A_DAY  # a slow machine says no more on standard error than a fast one
    )
    config.stash[COLLECTOR] = Collector()
    config.pluginmanager.register(config.stash[COLLECTOR])
    if config.getoption("--proofs"):
        parts = config.getoption("keyword") or config.getoption("markexpr")
        if parts or config.args != config.getini("testpaths"):
            raise pytest.UsageError("--proofs needs a whole run: name no test, -k or -m")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    known = {row["id"] for row in shipped("clauses.csv")}
    for item in items:
        clauses = {clause for mark in item.iter_markers(MARK) for clause in mark.args}
        if unknown := clauses - known:
            raise pytest.UsageError(f"{item.nodeid} is marked with no clause: {unknown}")
        item.user_properties += [(MARK, clause) for clause in sorted(clauses)]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    config = session.config
    wanted = config.getoption("--proofs")
    if not wanted or hasattr(config, "workerinput"):
        return
    found = as_csv(config.stash[COLLECTOR].proofs)
    if wanted == "write":
        PROOFS.write_text(found, "utf-8")
    elif found != (PROOFS.read_text("utf-8") if PROOFS.exists() else ""):
        config.stash[STALE] = "What the tests prove is no longer what tests/proofs.csv says: "
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if stale := terminalreporter.config.stash.get(STALE, ""):
        terminalreporter.write_line(f"{stale}run tools/make_coverage.py and read the diff.")


def as_csv(proofs: dict[str, set[str]]) -> str:
    """Clause and test, in the order of the catalogue and then of the tests' names."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("clause", "test"))
    for row in shipped("clauses.csv"):
        writer.writerows((row["id"], test) for test in sorted(proofs.get(row["id"], ())))
    return file.getvalue()
