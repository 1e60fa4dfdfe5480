"""Every clause of the catalogue has an implementation, a test and a place where it is seen."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import conftest
import coverage_page
from matcher.cli import run
from matcher.governance import coverage
from matcher.governance.coverage import Row, cited, named
from matcher.policy.settings import default
from matcher.shipped import shipped

ROOT = Path(__file__).parents[1]
CLAUSES = ROOT / "tests" / "shared" / "policy" / "clauses.md"
# The service's second edition says some kinds anew.
KIND_CHANGED = {"PC-3.1j", "PC-3.3b", "PC-4.2b"}
KINDS = (
    "screen", "hard", "soft", "tier", "gate", "calendar", "document", "advice", "report", "duty",
)  # fmt: skip
CATALOGUE = shipped("clauses.csv")
PROOFS = coverage_page.proofs()
ROWS = {row.clause: row for row in coverage.coverage(default())}


@pytest.mark.parametrize("clause", ROWS)
def test_a_clause_is_implemented_proved_and_seen(clause: str) -> None:
    row = ROWS[clause]
    assert row.implemented_by, "nothing implements it"
    assert PROOFS[clause], "no test that ran and passed carries it as a mark"
    assert row.seen, "no place is named where a user sees it"
    assert row.asks.endswith(".")


def test_no_row_speaks_of_plans() -> None:
    said = " ".join(value for row in CATALOGUE for value in row.values())
    assert not re.search(r"(?i)\bplanned (for|to be)|\bto do later\b|\bto come\b|\btodo\b", said)
    cells = [row[key] for row in CATALOGUE for key in ("seen", "also")]
    assert not [cell for cell in cells if "planned" in cell.casefold()]


def test_ids_stand_once_and_kinds_are_known() -> None:
    assert [clause for clause, n in Counter(r["id"] for r in CATALOGUE).items() if n > 1] == []
    kinds = {kind for row in CATALOGUE for kind in row["kind"].split(", ")}
    assert kinds == set(KINDS)


@pytest.mark.parametrize(
    "row", [row for row in CATALOGUE if row["also"]], ids=lambda row: row["id"]
)
def test_what_is_named_beside_the_registers_exists(row: dict[str, str]) -> None:
    for where in row["also"].split():
        named(where)


def test_a_name_that_is_nowhere_is_noticed() -> None:
    with pytest.raises(AttributeError):
        named("matcher.rounds:NOWHERE")


def test_every_clause_that_is_cited_stands_in_the_catalogue() -> None:
    known = {row["id"] for row in CATALOGUE}
    # The contract cites the section of the policy for two rules, and its own sections for numbers.
    other = {"PC-5.1", "decisions", "practice", "limits"}
    strange = {
        (clause, what)
        for clause, what in cited()
        if clause not in known | other and not clause.startswith("contract: ")
    }
    assert strange == set()


def test_what_the_registers_hold_is_found() -> None:
    found = set(cited())
    assert ("PC-5.1d", "rule two_carers") in found
    assert ("PC-5.1i", "rule room") in found
    assert ("PC-5.1g", "criterion language") in found
    assert ("PC-3.1a", "check concern_parenting") in found
    assert ("practice", "setting default_risk_limits.*") in found
    assert ("practice", "setting turnaround_days") in found


def test_a_clause_lacks_something_where_either_is_missing() -> None:
    whole = Row("PC-1a", "1", "screen", "It asks.", ("rule a",), "report")
    assert whole.whole
    for missing in ("implemented_by", "seen"):
        values = {name: getattr(whole, name) for name in Row.__slots__}
        assert not Row(**{**values, missing: ()}).whole


def test_every_test_that_is_named_is_written_and_carries_the_mark() -> None:
    """That it ran and passed is held by --proofs=check, in tools/check.py."""
    for test in {test for tests in PROOFS.values() for test in tests}:
        path, _, name = test.partition("::")
        assert f"def {name}(" in (ROOT / path).read_text("utf-8"), test


def clauses_of_the_service() -> Iterator[tuple[str, str]]:
    """Each id and kind ('' for one of no kind of ours) of the service's list; PC-3.1a-h is eight."""
    kinds = "|".join(KINDS)
    for line in CLAUSES.read_text("utf-8").splitlines():
        if found := re.match(r"\| ((?:PC|PWP|LAW|NMS)-\S+) \|(.*)\|", line):
            cells = [cell.strip() for cell in found[2].split("|")]
            kind = next((c for c in cells if re.fullmatch(rf"({kinds})(, ({kinds}))*", c)), "")
            start, _, last = found[1].rpartition("-")
            if len(last) == 1:
                letters = range(ord(start[-1]), ord(last) + 1)
                yield from ((start[:-1] + chr(at), kind) for at in letters)
            else:
                yield found[1], kind


def test_the_catalogue_is_the_service_s() -> None:
    service, ours = dict(clauses_of_the_service()), {row["id"]: row["kind"] for row in CATALOGUE}
    assert list(service) == list(ours)
    assert {clause for clause in ours if ours[clause] != service[clause]} == KIND_CHANGED


# The command and the page


def test_the_command_prints_every_clause(capsys, tmp_path) -> None:
    assert run(["policy", "--coverage", "--out", str(tmp_path)]) == 0
    said = capsys.readouterr()
    assert all(f"\n{clause} (" in said.out for clause in ROWS)
    assert "Written:" in said.err
    assert (tmp_path / "coverage.md").read_text("utf-8") == (
        "".join(f"{line}\n" for line in coverage.page(list(ROWS.values())))
    )


def test_the_command_for_a_machine(capsys) -> None:
    assert run(["policy", "--coverage", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [row["clause"] for row in found["clauses"]] == list(ROWS)
    assert found["whole"] == sum(row.whole for row in ROWS.values())
    assert found["clauses"][0]["implemented_by"] == ["check support_purpose", "setting screening.*"]


def test_two_answers_at_once_are_refused(capsys) -> None:
    assert run(["policy", "--coverage", "--governance", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["errors"][0]["column"] == "--governance"


def test_the_page_is_fresh() -> None:
    page = "".join(f"{line}\n" for line in coverage_page.page())
    assert (ROOT / "docs" / "coverage.md").read_text("utf-8") == page, "run tools/make_docs.py"


# What collects the proofs

MODULE = """
import pytest

@pytest.mark.clause("PC-1a")
@pytest.mark.parametrize("n", [1, 2])
def test_passes(n):
    pass

@pytest.mark.clause("PC-1b")
def test_fails():
    assert False

@pytest.mark.clause("PC-1c")
def test_is_skipped():
    pytest.skip("why")
"""


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])
def test_only_tests_that_ran_and_passed_count(tmp_path: Path, workers: tuple[str, ...]) -> None:
    """In a folder of its own, with this project's plugin, alone and with workers."""
    (tmp_path / "tests").mkdir()
    plugin = Path(conftest.__file__).read_text("utf-8")
    (tmp_path / "tests" / "conftest.py").write_text(plugin, "utf-8")
    (tmp_path / "tests" / "test_it.py").write_text(MODULE, "utf-8")
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\ntestpaths = tests\nmarkers = clause(*ids): proves\n", "utf-8"
    )
    proofs = tmp_path / "tests" / "proofs.csv"

    def pytest_says(*words: str) -> str:
        # The collector asks the product for its clauses, wherever it is run from.
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words]
        done = subprocess.run(
            command,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            env={"PYTHONPATH": str(ROOT), "PATH": ""},
        )
        return done.stdout + done.stderr

    pytest_says("--proofs=write", *workers)
    expected = "clause,test\nPC-1a,tests/test_it.py::test_passes\n"
    assert proofs.read_text("utf-8") == expected
    assert "no longer" not in pytest_says("--proofs=check", *workers)
    proofs.write_text(expected + "PC-1b,tests/test_it.py::test_fails\n", "utf-8")
    assert "no longer what tests/proofs.csv says" in pytest_says("--proofs=check", *workers)
    assert "needs a whole run" in pytest_says("--proofs=write", "-k", "passes")
    assert "needs a whole run" in pytest_says("--proofs=write", "tests/test_it.py")


def test_a_mark_of_no_clause_is_refused(tmp_path: Path) -> None:
    class Item:
        nodeid = "tests/a.py::test_a"

        def iter_markers(self, name: str) -> list[pytest.Mark]:
            return [pytest.mark.clause("PC-99").mark]

    with pytest.raises(pytest.UsageError, match="PC-99"):
        conftest.pytest_collection_modifyitems([Item()])  # type: ignore[list-item]
