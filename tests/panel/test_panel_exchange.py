"""Import and export: what goes in makes the same round, and what comes out goes in again unchanged."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from matcher.panel import exporting, importing, trail, world
from matcher.panel.models import State, Trail
from matcher.panel.tables import MODELS, standing
from matcher.panel.uploads import laid_out
from matcher.panel.work import changing
from matcher.errors import WrongInput
from matcher.loading import load
from matcher.report.view import View
from matcher.rounds import DEFAULT_TOP, match, prepare

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ("camden", "camden.xlsx", "legal_routes", "tutorial")
pytestmark = pytest.mark.django_db


@pytest.fixture
def empty(db):
    """A panel that holds nothing."""
    for model in MODELS.values():
        model.objects.all().delete()
    State.objects.update(day=None, sample="", title="", authority="", policy={}, absent={})


def sent(path: Path) -> SimpleUploadedFile:
    """A file, or a folder as a .zip of its files, as somebody sends it."""
    if path.is_file():
        return SimpleUploadedFile(path.name, path.read_bytes())
    made = io.BytesIO()
    with ZipFile(made, "w") as archive:
        for each in sorted(path.iterdir()):
            archive.write(each, f"{path.name}/{each.name}")
    return SimpleUploadedFile(f"{path.name}.zip", made.getvalue())


def read(upload: SimpleUploadedFile) -> importing.TablesFile:
    with laid_out(upload) as path:
        return importing.TablesFile.of_json(importing.read(path, upload.name, "").as_json())


def imported(user, upload: SimpleUploadedFile) -> importing.Plan:
    with changing(user("resource_team")) as change:
        return importing.apply(change, read(upload))


def round_json(inputs, policy) -> bytes:
    return b"".join(View(match(prepare(inputs, policy, DEFAULT_TOP))).json())


@pytest.mark.parametrize("name", SAMPLES)
def test_what_is_imported_makes_the_round_of_its_files_and_comes_out_again(empty, user, name):
    source = ROOT / "data/samples" / name
    inputs, policy = load(source, None, None)
    imported(user, sent(source))
    State.objects.update(day=inputs.as_of)
    state = State.objects.get()
    assert round_json(*world.load(state)) == round_json(inputs, policy)
    for file, ending in ((exporting.workbook(state), "xlsx"), (exporting.folder(state), "zip")):
        again = read(SimpleUploadedFile(f"out.{ending}", file))
        assert importing.plan(again, state).is_empty, ending
        for model in MODELS.values():
            model.objects.all().delete()
        State.objects.update(title="", authority="", policy={}, absent={})
        imported(user, SimpleUploadedFile(f"out.{ending}", file))
        assert world.load(State.objects.get())[0].sha256 == inputs.sha256, ending
    assert list(trail.breaches()) == []
