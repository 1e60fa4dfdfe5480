"""Files broken at random: each is answered in words, with 0, 2 or 3; tools/fuzz.py runs more."""

from __future__ import annotations

from pathlib import Path

import pytest

import fuzz

EXAMPLES = {
    "csv": 100,
    "workbook": 60,
    "toml": 100,
    "round": 60,
    "history": 25,
    "standard": 60,
    "ticks": 60,
}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> fuzz.Bench:
    return fuzz.Bench(tmp_path_factory.mktemp("fuzz"))


def test_every_kind_is_tried(bench: fuzz.Bench) -> None:
    assert list(EXAMPLES) == list(bench.kinds())


@pytest.mark.parametrize("kind", EXAMPLES)
def test_a_broken_file_is_answered_in_words(
    bench: fuzz.Bench, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    fuzz.run_kind(bench, kind, EXAMPLES[kind])
