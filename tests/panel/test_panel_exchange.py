"""Import and export: what goes in makes the same round, and what comes out goes in again unchanged."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from matcher.loading import load
from matcher.panel import exporting, importing, trail, world
from matcher.panel.models import State, Trail
from matcher.panel.tables import MODELS, standing
from matcher.panel.uploads import laid_out
from matcher.panel.work import changing
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


def test_a_packed_sample_is_its_folder():
    for path in sorted((ROOT / "matcher/panel/samples").glob("*.zip")):
        with ZipFile(path) as packed:
            folder = ROOT / "data/samples" / path.stem
            assert {name: packed.read(name) for name in packed.namelist()} == {
                each.name: each.read_bytes()
                for each in folder.iterdir()
                if each.suffix == ".csv" or each.name == "round.toml"
            }


def posted(client, path: str, **more):
    return client.post(path, more, follow=True)


def test_a_sample_comes_at_a_click_and_goes_before_real_data(empty, client_of):
    client = client_of("resource_team")
    assert "Try it with sample data" in client.get("/import/").content.decode()
    page = posted(client, "/import/sample/", name="tutorial").content.decode()
    assert "Nobody in it is a real family" in page
    assert len(standing("requests")) == 4
    upload = sent(ROOT / "data/samples/legal_routes")
    page = posted(client, "/import/send/", file=upload).content.decode()
    version = State.objects.get().version
    page = posted(client, "/import/apply/", version=version).content.decode()
    assert "Remove the sample first." in page
    posted(client, "/import/remove-sample/")
    assert not any(model.objects.exists() for model in MODELS.values())
    page = posted(client, "/import/apply/", version=State.objects.get().version)
    assert page.status_code == 404, "what waited went with the sample"


def test_a_file_with_one_table_leaves_the_others_and_must_go_with_them(client_of):
    client = client_of("resource_team")
    home = MODELS["households"].objects.get(household_id="H09")
    columns = ("household_id", "status", "postcode", "accommodation_suitable", "bedrooms", "looked_after_children")  # fmt: skip
    text = f"{','.join(columns)}\n{','.join(getattr(home, name) for name in columns)}\n"
    upload = SimpleUploadedFile("households.csv", text.encode())
    page = posted(client, "/import/send/", file=upload).content.decode()
    assert "taken over yet</h1>" in page
    assert "households has no such id." in page, "carers and decisions name them"
    upload = SimpleUploadedFile("relationships.csv", b"request_id,household_id,kind\n")
    page = posted(client, "/import/send/", file=upload).content.decode()
    assert "rows no longer there" in page
    assert "Requests are not in the file: they stay as they are." in page


def test_an_edited_export_changes_its_rows_alone(user, client_of):
    client = client_of("resource_team")
    before = {row.household_id: row for row in standing("households")}
    with ZipFile(io.BytesIO(client.post("/export/matching.zip").content)) as out:
        text = out.read("households.csv").decode("utf-8-sig")
    lines = text.splitlines()
    fee = lines[0].split(",").index("weekly_fee")
    cells = next(line for line in lines if line.startswith("H09,")).split(",")
    cells[fee] = "777"
    edited = [",".join(cells) if line.startswith("H09,") else line for line in lines]
    upload = SimpleUploadedFile("households.csv", "\n".join(edited).encode())
    page = posted(client, "/import/send/", file=upload).content.decode()
    assert "Households: 1 row changed" in page
    old = State.objects.get().version
    assert posted(client, "/import/apply/", version=old - 1).status_code == 409, "overtaken"
    page = posted(client, "/import/apply/", version=old)
    assert "1 row taken over." in page.content.decode()
    line = Trail.objects.get(act="changed", subject="H09")
    assert '"weekly_fee": ["' in line.detail
    assert '"777"]' in line.detail
    after = {row.household_id: row for row in standing("households")}
    assert {name for name in after if after[name].version != before[name].version} == {"H09"}
    assert after["H09"].pk == before["H09"].pk
    assert State.objects.get().version == old + 1
    assert list(trail.breaches()) == []


def test_faults_are_a_page_mends_are_accepted_and_marked(empty, client_of):
    client = client_of("resource_team")
    page = posted(client, "/import/send/", file=sent(ROOT / "data/samples/messy.xlsx"))
    text = page.content.decode()
    assert "<title>Error: messy.xlsx" in text
    assert "faults</caption>" in text
    book = client.get("/import/marked.xlsx").content
    assert b"to_mend" in ZipFile(io.BytesIO(book)).read("xl/workbook.xml")
    before = text.count('type="checkbox"')
    assert before > 1
    page = posted(client, "/import/mend/", all="yes").content.decode()
    assert page.count('type="checkbox"') < before
    assert not any(model.objects.exists() for model in MODELS.values())


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.pdf", b"%PDF", "no file that is read here"),
        ("a.xlsx", b"PK nonsense", "can&#39;t be opened"),
        ("a.xlsx", b"0" * 5_000_001, "larger than 5 MB"),
        ("a.zip", "many", "more than 200 parts"),
        ("a.zip", "bomb", "larger than 100 MB"),
        ("a.csv", b"x,y\n1,2\n", "No table has its name"),
        ("requests.csv", b"request_id\n" + b"R\n" * 20_001, "more than 20,000 rows"),
    ],
)
def test_what_is_no_table_is_refused_before_it_is_opened(client_of, name, content, said):
    if isinstance(content, str):
        made = io.BytesIO()
        with ZipFile(made, "w", 8) as archive:
            for at in range(201 if content == "many" else 1):
                archive.writestr(f"{at}.csv", b"" if content == "many" else b"0" * 101_000_000)
        content = made.getvalue()
    page = posted(
        client_of("resource_team"), "/import/send/", file=SimpleUploadedFile(name, content)
    )
    assert page.status_code == 422
    assert said in page.content.decode()


def test_ticks_of_a_filled_in_paper_come_in(client_of):
    client = client_of("resource_team")
    upload = sent(ROOT / "data/samples/ticks.csv")
    page = posted(client, "/import/send/", file=upload).content.decode()
    assert "To be taken in" in page
    rows = len(standing("events")) + len(standing("decisions"))
    version = State.objects.get().version
    page = posted(client, "/import/apply/", version=version).content.decode()
    assert "taken in." in page
    assert len(standing("events")) + len(standing("decisions")) > rows


@pytest.mark.parametrize(
    ("role", "days", "said"),
    [
        ("team_manager", None, "No backup was made yet."),
        ("administrator", None, "No backup was made yet."),
        ("panel_adviser", None, ""),
        ("team_manager", 6, ""),
        ("team_manager", 8, "The last backup is of"),
    ],
)
def test_today_says_that_a_backup_is_due(client_of, role, days, said, monkeypatch):
    State.objects.update(sample="")
    if days is not None:
        at = datetime.now(UTC) - timedelta(days)
        monkeypatch.setattr(trail, "_now", at.isoformat)
        trail.append(None, "backed up")
        monkeypatch.undo()
    page = client_of(role).get("/").content.decode()
    assert (said in page) if said else ("backup" not in page)
