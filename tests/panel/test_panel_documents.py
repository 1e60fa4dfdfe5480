"""Documents in the panel: drafted by a job, kept as versions, what people wrote is brought over."""

from __future__ import annotations

import io
import zipfile

import docx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django_tasks_db.models import DBTaskResult

from matcher.panel import deciding, papers, rounds
from matcher.panel.deciding import Pair
from matcher.panel.models import Drafting, Paper, Trail

pytestmark = pytest.mark.django_db
M, C = "team_manager", "child_social_worker"


@pytest.fixture
def pair() -> Pair:
    view = rounds.view(rounds.last())
    return Pair("R01", next(view.home(e) for e in view.requests if e.request_id == "R01"))


def at(pair: Pair, what: str = "") -> str:
    return f"/documents/{pair.request_id}/{pair.household_id}/{what}"


def work() -> int:
    """What the worker does with the job that was asked for last."""
    return papers.draft.call(Drafting.objects.order_by("-pk").first().pk)


def test_a_job_drafts_them_once_and_again_only_where_something_changed(client_of, user, pair):
    client = client_of(M)
    client.post(at(pair, "draft/"))
    client.post(at(pair, "draft/"))  # the second is told of the first
    assert Drafting.objects.count() == DBTaskResult.objects.count() == 1
    assert "They are being drafted" in client.get(at(pair)).content.decode()
    made = work()
    assert made == Paper.objects.count() > 3
    text = client.get(at(pair)).content.decode()
    assert "Version 1" in text
    assert "things to complete" in text
    assert "For the second parent: No second parent comes." in text
    client.post(at(pair, "draft/"))
    assert work() == 0
    deciding.decide(user(M), pair, "choose", 10**6)
    client.post(at(pair, "draft/"))
    assert work() == made  # drafted of other data, and none of the earlier is gone
    assert set(Paper.objects.values_list("version", flat=True)) == {1, 2}


def test_what_somebody_wrote_is_kept_and_brought_over(client_of, pair):
    client = client_of(M)
    client.post(at(pair, "draft/"))
    work()
    first = Paper.objects.get(document="placement-plan")
    word = docx.Document(io.BytesIO(bytes(first.content)))
    mark = "[to complete"
    cells = [c for t in word.tables for r in t.rows for c in r.cells if c.text.startswith(mark)]
    cells[0].paragraphs[0].text = "At the contact centre, file 17."
    edited = io.BytesIO()
    word.save(edited)
    upload = SimpleUploadedFile("plan.docx", edited.getvalue())
    assert client.post(at(pair, "placement-plan/put-back/"), {"file": upload}).status_code == 302
    deciding.decide(client_user(client), pair, "choose", 10**6)
    client.post(at(pair, "draft/"))
    work()
    one, two, three = Paper.objects.filter(document="placement-plan").order_by("version")
    assert (one.by_people, two.by_people, three.by_people) == (False, True, False)
    assert bytes(two.content) == edited.getvalue()
    assert "carried over" in three.carried
    answer = client.get(at(pair, "placement-plan/3.docx"))
    whole = docx.Document(io.BytesIO(answer.content))
    texts = [c.text for t in whole.tables for r in t.rows for c in r.cells]
    assert "At the contact centre, file 17." in texts
    assert Trail.objects.filter(act="took a document out", subject=pair.subject).count() == 1


def client_user(client):
    from matcher.panel.models import User

    return User.objects.get(pk=client.session["_auth_user_id"])


def test_all_come_in_one_file(client_of, pair):
    client = client_of(C)  # whose own family it is
    client.post(at(pair, "draft/"))
    made = work()
    answer = client.get(at(pair, "all.zip"))
    assert len(zipfile.ZipFile(io.BytesIO(answer.content)).namelist()) == made


def bomb() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as whole:
        whole.writestr("word/document.xml", b" " * (papers.MOST_UNPACKED + 1))
    return made.getvalue()


def macros() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as whole:
        whole.writestr("word/document.xml", b"<w/>")
        whole.writestr("word/vbaProject.bin", b"x")
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("plan.exe", b"x", "ends in .docx"),
        ("plan.docx", b"no zip", "save it in Word as .docx"),
        ("plan.docx", bomb, "too large once it is unpacked"),
        ("plan.docx", macros, "holds macros"),
        ("", b"", "Select a file"),
    ],
)
def test_no_other_file_is_kept(client_of, pair, name, content, said):
    client = client_of(M)
    whole = content() if callable(content) else content
    given = {"file": SimpleUploadedFile(name, whole)} if name else {}
    text = client.post(at(pair, "match-record/put-back/"), given).content.decode()
    assert said in text
    assert not Paper.objects.filter(by_people=True).exists()


@pytest.mark.parametrize("role", ["panel_adviser", "administrator"])
def test_who_may_not_make_documents_is_refused(client_of, pair, role):
    assert client_of(role).get(at(pair)).status_code == 403


def test_of_somebody_elses_family_there_is_no_document(client_of):
    assert client_of(C).get(at(Pair("R02", "H12"))).status_code == 404
