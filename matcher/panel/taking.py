"""Rows of files into the database: the clean values, written as a CSV file would hold them."""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from django.apps import apps

from matcher.errors import WrongInput
from matcher.intake import clean_rows, existing, written
from matcher.intake.files import Findings, Sheet, read_tables
from matcher.intake.settings import RoundSettings, read_settings
from matcher.panel import world
from matcher.panel.models import State, Trail, TrailEnd, User
from matcher.panel.tables import MODELS, counting
from matcher.panel.uploads import unpack
from matcher.panel.work import Change

SHIPPED = Path(__file__).with_name("samples")
SAMPLES: Mapping[str, str] = tomllib.loads((SHIPPED / "samples.toml").read_text("utf-8"))


def read_source(source: Path) -> tuple[dict[str, Sheet], RoundSettings]:
    """The tables and settings of a folder or a workbook; WrongInput where they can't be opened."""
    faults = Findings([], [])
    path = existing(source)
    settings = read_settings(path, faults.faults)
    sheets = read_tables(path, faults)
    if faults.faults:
        raise WrongInput(faults.faults, faults.warnings)
    return sheets, settings


def rows_of(sheets: Mapping[str, Sheet]) -> dict[str, list[dict[str, str]]]:
    """The clean rows of tables of text, by table; WrongInput with every cell that can't be read."""
    findings = Findings([], [])
    rows = clean_rows(sheets, findings)
    if findings.faults:
        raise WrongInput(findings.faults, findings.warnings)
    return {table: [written.cells(row) for row in found] for table, found in rows.items()}


def replace_all(change: Change, sheets: Mapping[str, Sheet], settings: RoundSettings) -> None:
    """Put the rows of files in the place of all that are there, in one change.

    WrongInput where they have a fault, also one that only rows together show.
    """
    state = change.state
    found = rows_of(sheets)
    for table in MODELS:
        counting(table).update(withdrawn_at=change.at, withdrawn_by=change.user.pk)
    for table, rows in found.items():
        MODELS[table].objects.bulk_create(MODELS[table](**row) for row in rows)
    state.title, state.authority = settings.title, settings.authority or ""
    state.policy = dict(settings.policy)
    state.absent = {"households": world.asked_alone(sheets["households"].cells)}
    state.version += 1
    state.save()
    world.load(state)
    change.tell("imported", "", {table: len(rows) for table, rows in found.items()})


def sample(change: Change, source: Path) -> None:
    """Sample data in an empty panel: marked as a sample, and of its own day."""
    sheets, settings = read_source(source)
    state: State = change.state
    state.day = settings.as_of or date.today()
    state.sample = source.name
    replace_all(change, sheets, settings)


def shipped_sample(change: Change, name: str) -> None:
    """One of the samples that ship."""
    with tempfile.TemporaryDirectory(prefix="matcher-panel-") as made:
        folder = Path(made) / name
        folder.mkdir()
        unpack((SHIPPED / f"{name}.zip").read_bytes(), folder)
        sample(change, folder)


def remove_sample(change: Change) -> None:
    """Take sample data out, with the rounds that were made of them; the history and the trail stay."""
    state = change.state
    removed = {table: model.objects.count() for table, model in MODELS.items()}
    for model in apps.get_app_config("panel").get_models():
        if model not in (User, State, Trail, TrailEnd):
            model._default_manager.all().delete()
    change.tell("removed the sample", state.sample, {"rows": removed})
    state.title = state.authority = state.sample = ""
    state.policy, state.absent, state.day = {}, {}, None
    state.version += 1
    state.save()
