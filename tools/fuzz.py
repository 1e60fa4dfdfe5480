"""Break the files that the readers read, at random, and see that each is answered in words.

Whatever a file holds, a command ends with 0, 2 or 3 and says why; never with a traceback or 1. The
tests run a few hundred of them; this runs more:

    python tools/fuzz.py --minutes 10 --seed 1

Each round of it has a seed, which is printed; `--seed S --rounds 1` runs that round again.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from builders import a_carer, a_household, a_request, one_pair, write_tables  # noqa: E402
from matcher import cli  # noqa: E402

Draw = Callable[[st.SearchStrategy[Any]], Any]
STATUSES = (0, 2, 3)
GIGABYTES, PATIENCE_SECONDS = 6, 60  # of memory for the whole run, and for one command of it
AS_OF = "as_of = 2026-11-23\n"
SETTINGS = f'{AS_OF}title = "Weekly"\n[policy]\nturnaround_days = 8\n[policy.weights]\nskills = 9\n'
SCENARIO = '[[scenario]]\nname = "a"\nclose = ["H2"]\n[scenario.set]\n"H1.bedrooms" = 2\n'

# What is put into a file: pieces that readers trip over, as bytes.
PIECES = [
    *(b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\x1b[2J", b"\r", b"\n", b"\t", b'"', b"'", b",", b";"),
    *(b"=1+1", b"#REF!", b"-1", b"1e999", b"nan", b"9" * 400, b"32/13/2026", b"0001-01-01", b"[" * 99),
    *(b"<", b">", b"</c>", b"&#0;", b"&x;", b"<!DOCTYPE a>", b"<f>1</f>", b' t="e"', b' t="s"', b' t="d"'),
    *(b' r="ZZ99"', b' r="A0"', b' r=""', b"<v/>", b"<is><t/></is>", b"xmlns=''", b"{", b"}", b"[[a]]"),
    *("é週\u202e\u0301".encode(), b"= ", b'"""', b"\\u0000", b"\\ud800", b"null", b"true", b"R1", b"H1"),
]  # fmt: skip
VALUES = [
    None,
    True,
    -1,
    0,
    2**70,
    1e308,
    0.5,
    "",
    "x",
    "R1",
    "2026-11-23",
    "\x00",
    [],
    {},
    [[]],
    [None],
]


@st.composite
def broken_bytes(draw: Draw, whole: bytes) -> bytes:
    """A file with a few places cut out, doubled, or with something put in."""
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(whole)))
        end = min(len(whole), at + draw(st.sampled_from([0, 1, 2, 8, 40])))
        piece = draw(st.sampled_from(PIECES) | st.binary(max_size=6) | st.just(whole[at:end] * 2))
        whole = whole[:at] + piece + whole[end:]
    return whole


@st.composite
def broken_book(draw: Draw, book: bytes) -> bytes:
    """A workbook that is a good archive, one of whose parts is broken or gone."""
    with zipfile.ZipFile(io.BytesIO(book)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    sheets = [name for name in parts if "sheet" in name or "workbook" in name or "Strings" in name]
    name = draw(st.sampled_from(sheets) | st.sampled_from(sorted(parts)))
    if draw(st.integers(0, 9)):
        parts[name] = draw(broken_bytes(parts[name]))
    else:
        del parts[name]
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as new:
        for each, content in parts.items():
            new.writestr(each, content)
    return made.getvalue()


@st.composite
def broken_json(draw: Draw, document: str) -> bytes:
    """JSON some of whose values are others, gone or doubled; now and then broken as bytes."""
    if not draw(st.integers(0, 5)):
        return bytes(draw(broken_bytes(document.encode())))
    found = json.loads(document)
    for _ in range(draw(st.integers(1, 3))):
        _break_value(draw, found)
    return json.dumps(found).encode()


def _break_value(draw: Draw, found: Any) -> None:
    while found:
        keys = list(found) if isinstance(found, dict) else list(range(len(found)))
        key = draw(st.sampled_from(keys))
        inner = found[key]
        if isinstance(inner, dict | list) and inner and draw(st.integers(0, 5)):
            found = inner
            continue
        if draw(st.booleans()):
            found[key] = draw(st.sampled_from(VALUES))
        elif draw(st.booleans()):
            del found[key]
        elif isinstance(found, list):
            found.append(inner)
        else:
            found["x"] = inner
        return


class Bench:
    """A good round in a folder, from which each kind of broken file is made, and what reads it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.at = folder, folder / "broken"
        tables = one_pair(
            a_request(languages="som;eng", keep_away="NW2", home_postcode="NW1"),
            decisions=[{"request_id": "R2", "household_id": "H1", "decision": "rule_out",
                        "decided_on": "2026-11-20"}],
            placements=[{"request_id": "R2", "household_id": "H2", "started_on": "2026-11-02",
                         "planned_end_on": "2027-01-04"}],
        )  # fmt: skip
        tables["requests"].append(a_request("R2", status="placed"))
        tables["households"].append(a_household("H2"))
        tables["carers"].append(a_carer("H2"))
        self.data = write_tables(folder / "data", tables, SETTINGS)
        self.book = ROOT / "data" / "samples" / "camden.xlsx"
        self.counts: Counter[str] = Counter()
        self.slowest = 0.0, ""
        self.patience_seconds = 0  # no test looks at a clock
        self.answer("round", self.data, "--record", folder / "history", "--out", folder / "round")
        self.answer("standard", "export", self.data, "--out", folder / "standard")
        self.round_json = (folder / "round" / "round.json").read_text("utf-8")

    def answer(self, *arguments: str | Path) -> None:
        """Run a command on a broken file: it must end in words."""
        started, said = time.monotonic(), io.StringIO()
        if self.patience_seconds:
            signal.alarm(self.patience_seconds)
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            status = cli.run(["--debug", *map(str, arguments)])
        if self.patience_seconds:
            signal.alarm(0)
        assert status in STATUSES, f"{arguments}: exit {status}\n{said.getvalue()[-2000:]}"
        assert said.getvalue().strip(), f"{arguments}: nothing was said"
        name = f"{arguments[0]}: exit {status}"
        self.counts[name] += 1
        self.slowest = max(self.slowest, (time.monotonic() - started, name))

    @contextlib.contextmanager
    def broken(self, name: str, content: bytes) -> Iterator[Path]:
        """A folder like that of the data, with one file broken or more."""
        shutil.rmtree(self.at, ignore_errors=True)
        shutil.copytree(self.data, self.at)
        (self.at / name).write_bytes(content)
        yield self.at / name

    def csv(self, name: str, content: bytes) -> None:
        """A table of a folder."""
        with self.broken(name, content) as path:
            self.answer("check", path.parent)

    def workbook(self, content: bytes) -> None:
        """A workbook."""
        with self.broken("book.xlsx", content) as path:
            self.answer("check", path)

    def toml(self, kind: str, content: bytes) -> None:
        """The settings of a round, a policy, a scenario."""
        with self.broken(kind, content) as path:
            if kind == "round.toml":
                self.answer("check", path.parent)
            elif kind == "policy.toml":
                self.answer("policy", "--policy", path, "--quiet")
            else:
                self.answer("whatif", self.data, path, "--quiet")

    def round(self, command: str, content: bytes) -> None:
        """A round.json, as each command reads it."""
        with self.broken("round.json", content) as path:
            for each in {
                "verify": [("verify", self.data, path)],
                "explain": [
                    ("explain", self.data, "R1", "--round", path),
                    ("explain", self.data, "R1", "H1", "--round", path),
                ],
                "keep": [("round", self.data, "--keep", path, "--no-report", "--out", self.at)],
                "calendar": [("calendar", self.data, "--round", path)],
            }[command]:
                self.answer(*each)

    def history(self, content: bytes) -> None:
        """The newest entry of a history, with a payload of its own and a hash that holds."""
        from matcher.history.entries import hash_of

        shutil.rmtree(self.at, ignore_errors=True)
        shutil.copytree(self.folder / "history", self.at)
        (database,) = [p for p in self.at.iterdir() if p.read_bytes()[:6] == b"SQLite"]
        with contextlib.closing(sqlite3.connect(database)) as store:
            for (guard,) in store.execute(
                "SELECT name FROM sqlite_master WHERE type='trigger'"
            ).fetchall():
                store.execute(f"DROP TRIGGER {guard}")
            row = store.execute("SELECT * FROM entries ORDER BY number DESC LIMIT 1").fetchone()
            number, kind, at, _, previous = row[:5]
            payload = content.decode("utf-8", "replace")
            made = hash_of(number, kind, at, payload, previous)
            store.execute(
                "UPDATE entries SET payload=?, hash=? WHERE number=?", (payload, made, number)
            )
            store.commit()
        (self.at / "receipts.txt").unlink()
        for command in (["list"], ["show", str(number)], ["compare"], ["verify"]):
            self.answer("history", *command, "--store", self.at)

    def standard(self, name: str, content: bytes) -> None:
        """A file of the National Placement Standard."""
        with self.broken(name, content) as path:
            self.answer("standard", "import", path, "--out", self.at / "taken")

    def ticks(self, content: bytes) -> None:
        """A sheet that people filled in, as CSV."""
        with self.broken("ticks.csv", content) as path:
            self.answer("enter", path.parent, path)

    def kinds(self) -> dict[str, tuple[st.SearchStrategy[Any], Callable[[Any], None]]]:
        """Every kind of broken file: how it is drawn, and what reads it."""
        files = {path.name: path.read_bytes() for path in sorted(self.data.glob("*.csv"))}
        tables = st.sampled_from(sorted(files)).flatmap(
            lambda name: st.tuples(st.just(name), broken_bytes(files[name]))
        )
        settings_files = {
            "round.toml": SETTINGS,
            "policy.toml": SETTINGS.partition("[policy]")[2].replace("[policy.", "["),
            "scenario.toml": SCENARIO,
        }
        tomls = st.sampled_from(sorted(settings_files)).flatmap(
            lambda name: st.tuples(st.just(name), broken_bytes(settings_files[name].encode()))
        )
        rounds = st.tuples(
            st.sampled_from(["verify", "explain", "keep", "calendar"]), broken_json(self.round_json)
        )
        payload = self._newest_payload()
        made = {path.name: path.read_bytes() for path in (self.folder / "standard").iterdir()}
        exchanged = st.sampled_from(
            [each for each in sorted(made) if each != "manifest.json"]
        ).flatmap(
            lambda name: st.tuples(
                st.just(name),
                broken_book(made[name])
                if name.endswith("xlsx")
                else broken_json(made[name].decode()),
            )
        )
        ticks = (ROOT / "data" / "samples" / "ticks.csv").read_bytes()
        return {
            "csv": (tables, lambda drawn: self.csv(*drawn)),
            "workbook": (broken_book(self.book.read_bytes()), self.workbook),
            "toml": (tomls, lambda drawn: self.toml(*drawn)),
            "round": (rounds, lambda drawn: self.round(*drawn)),
            "history": (broken_json(payload), self.history),
            "standard": (exchanged, lambda drawn: self.standard(*drawn)),
            "ticks": (broken_bytes(ticks), self.ticks),
        }

    def _newest_payload(self) -> str:
        (database,) = [
            p for p in (self.folder / "history").iterdir() if p.read_bytes()[:6] == b"SQLite"
        ]
        with contextlib.closing(sqlite3.connect(database)) as store:
            query = "SELECT payload FROM entries ORDER BY number DESC LIMIT 1"
            return str(store.execute(query).fetchone()[0])


def run_kind(bench: Bench, kind: str, examples: int, number: int | None = None) -> None:
    """Break so many files of a kind; with a number, always the same ones."""
    drawn_from, read = bench.kinds()[kind]

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=number is None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
        print_blob=False,
        report_multiple_bugs=False,
    )
    @given(drawn=drawn_from)
    def holds(drawn: Any) -> None:
        read(drawn)

    (holds if number is None else seed(number)(holds))()


def _too_long(*_: object) -> None:
    raise TimeoutError(f"not answered within {PATIENCE_SECONDS} s")


def main() -> int:
    """Break files until the time is over; the first that is not answered in words ends a kind's round."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=1_000_000, help="stop after so many seeds")
    parser.add_argument("--examples", type=int, default=60, help="of each kind and seed")
    parser.add_argument(
        "--kinds", nargs="*", help="csv, workbook, toml, round, history, standard, ticks"
    )
    asked = parser.parse_args()
    import resource  # Windows has none

    resource.setrlimit(resource.RLIMIT_AS, (GIGABYTES << 30, GIGABYTES << 30))
    os.environ.setdefault("COLUMNS", "100")
    until, failed = time.monotonic() + 60 * asked.minutes, 0
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        bench = Bench(Path(folder))
        bench.patience_seconds = PATIENCE_SECONDS
        signal.signal(signal.SIGALRM, _too_long)
        for number in range(asked.seed, asked.seed + asked.rounds):
            for kind in asked.kinds or bench.kinds():
                print(f"seed {number} {kind}", file=sys.stderr, flush=True)
                try:
                    run_kind(bench, kind, asked.examples, number)
                except Exception as error:  # what is looked for
                    failed += 1
                    print(f"seed {number}, {kind}: {type(error).__name__}: {str(error)[:3000]}")
                    print(
                        f"Again: tools/fuzz.py --seed {number} --rounds 1 --kinds {kind}",
                        flush=True,
                    )
                if time.monotonic() > until:
                    break
            if time.monotonic() > until:
                break
    print(
        f"Seeds {asked.seed} to {number}; {sum(bench.counts.values())} commands, {failed} not answered."
    )
    for name, times in sorted(bench.counts.items()):
        print(f"  {name}: {times}")
    took, name = bench.slowest
    print(f"The slowest took {took:.1f} s ({name}).")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
