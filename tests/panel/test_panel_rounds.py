"""Rounds in the panel: of the same rows the same round.json, and one run of the same data."""

from __future__ import annotations

from pathlib import Path

import pytest

from matcher.panel import rounds
from matcher.panel.models import Round

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db


def test_rows_of_the_database_make_the_round_of_their_folder():
    written = (ROOT / "reports/camden/round.json").read_bytes()
    assert rounds.document(rounds.last()) == written


def test_a_second_run_of_the_same_data_is_the_first(user):
    made = rounds.run(user("team_manager"))
    assert made.number == rounds.last().number
    assert Round.objects.count() == 1


@pytest.mark.parametrize("path", ["/", "/rounds/", "/rounds/1/", "/rounds/1/R01/"])
def test_pages_open(client_of, path):
    assert client_of("team_manager").get(path).status_code == 200
