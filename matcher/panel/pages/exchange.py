"""Import and export: tables in from a file once they are looked at, and out again; sample data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST

from matcher.enter.mends import mends_of
from matcher.errors import Fault, WrongInput
from matcher.panel import exporting, importing, taking, trail
from matcher.panel.acts import act
from matcher.panel.forms import question
from matcher.panel.html import download, page
from matcher.panel.importing import TablesFile
from matcher.panel.models import Draft, State
from matcher.panel.tables import MODELS, counting
from matcher.panel.uploads import laid_out
from matcher.panel.work import Overtaken, changing
from matcher.show.table import Table, columns
from matcher.words import count, label, upper_first

FORM = "/import/"
MOST_FAULTS = 500
MOST_SHOWN = 100  # rows of a kind in one table, one by one
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHANGES = columns("Row", "What", "Was", "Becomes")
FAULTS = columns("Where", "Found", "What is wrong", "How to mend it")


def is_empty() -> bool:
    """Whether the panel holds no row at all."""
    return not any(model.objects.exists() for model in MODELS.values())


@act("import")
def imports(request: HttpRequest) -> HttpResponse:
    """Send a file."""
    state = State.objects.get()
    given = {
        "state": state,
        "samples": taking.SAMPLES if is_empty() else {},
        "waiting": _draft(request),
        "wrong": {},
    }
    return page(request, "import", given)


@require_POST
@act("import", looks=False)
def send(request: HttpRequest) -> HttpResponse:
    """Read a file; what it says waits as a draft, and the file itself is gone."""
    upload = request.FILES.get("file")
    wrong = {}
    if not isinstance(upload, UploadedFile):
        wrong["file"] = "Choose a file"
    else:
        try:
            _keep(request, _read(upload))
            return redirect("import_look")
        except WrongInput as error:
            wrong["file"] = " ".join(fault.sentence() for fault in error.faults[:3])
    given = {"state": State.objects.get(), "samples": {}, "waiting": None, "wrong": wrong}
    return page(request, "import", given, status=422)


def _read(upload: UploadedFile[bytes]) -> dict[str, Any]:
    """What a file says, as a draft holds it."""
    name = (upload.name or "")[:80]
    sha256 = importing.sha256_of(upload)
    with laid_out(upload) as path:
        if path.is_file() and importing.is_form(path):
            return importing.ticked(path, name, sha256, State.objects.get())
        return importing.read(path, name, sha256).as_json()


def _draft(request: HttpRequest) -> Draft | None:
    user: Any = request.user
    return Draft.objects.filter(user=user, form=FORM).first()


def _keep(request: HttpRequest, cells: dict[str, Any]) -> None:
    user: Any = request.user
    Draft.objects.update_or_create(user=user, form=FORM, defaults={"cells": cells})


def _waiting(request: HttpRequest) -> dict[str, Any]:
    draft = _draft(request)
    if draft is None:
        raise Http404
    found: dict[str, Any] = draft.cells
    return found


@act("import", looks=False)
def look(request: HttpRequest) -> HttpResponse:
    """What is wrong with the file that was sent, or what it would change."""
    draft = _draft(request)
    if draft is None:
        return redirect("import")
    return _look(request, draft.cells)


def _look(request: HttpRequest, found: dict[str, Any], said: str = "") -> HttpResponse:
    state = State.objects.get()
    given: dict[str, Any] = {"state": state, "name": found["name"], "said": said}
    status = 409 if said else 200
    if found["kind"] == "ticks":
        return page(request, "import_ticks", given | {"found": found}, status)
    file = TablesFile.of_json(found)
    faults, warnings = importing.faults_of(file, state)
    given["asked"] = _told("question", warnings)
    if faults:
        mends = mends_of(file.sheets, faults)
        given |= {
            "faults": _told("fault", faults),
            "mends": [{"key": _key(m.fault), "text": m.sentence()} for m in mends],
        }  # fmt: skip
        return page(request, "import_faults", given, status)
    plan = importing.plan(file, state)
    given |= {"plan": plan, "tables": list(_tables(plan)), "kept": list(_kept(plan))}
    return page(request, "import_plan", given, status)


def _told(noun: str, faults: list[Fault]) -> Table:
    """Faults, or what is asked, as a table: the first of very many."""
    more = len(faults) - MOST_FAULTS
    note = f"{upper_first(count(more, noun))} more: see marked.xlsx." if more > 0 else ""
    rows = [_fault_row(each) for each in faults[:MOST_FAULTS]]
    return Table(upper_first(count(len(faults), noun)), FAULTS, rows, note=note)


def _fault_row(fault: Fault) -> tuple[str, str, str, str]:
    where = ", ".join(filter(None, (fault.table, fault.about, fault.column)))
    place = f" ({fault.place})" if fault.place else f", row {fault.row}" if fault.row else ""
    return f"{where}{place}", fault.value or "", fault.problem, fault.fix


def _key(fault: Fault) -> str:
    return f"{fault.table} {fault.row} {fault.column} {fault.value}"


def _tables(plan: importing.Plan) -> Iterator[dict[str, Any]]:
    """Each table that changes: how many rows of each kind, and the first of them."""
    for name, changes in plan.changes.items():
        kinds = {
            kind: [each for each in changes if each.kind == kind]
            for kind in (importing.CHANGED, importing.GONE, importing.ADDED)
        }
        counted = [f"{count(len(some), 'row')} {kind}" for kind, some in kinds.items() if some]
        if not counted:
            continue
        rows = [row for some in kinds.values() for each in some[:MOST_SHOWN] for row in _rows(each)]
        hidden = sum(max(len(some) - MOST_SHOWN, 0) for some in kinds.values())
        note = f"{upper_first(count(hidden, 'more row'))} like these." if hidden else ""
        yield {
            "summary": f"{upper_first(label(name))}: {', '.join(counted)}",
            "table": Table(f"What would change in {label(name)}", CHANGES, rows, note=note),
        }


def _rows(each: importing.RowChange) -> Iterator[tuple[str, str, str, str]]:
    """One row a cell where a row changes, else one for the whole row."""
    cells = each.row.cells() if each.row is not None else each.new
    ids = (each.subject, cells.get("carer_id", ""))
    whose = " ".join(dict.fromkeys(filter(None, ids)))
    if each.kind == importing.CHANGED:
        for column, (was, now) in each.cells.items():
            before, after = _said(each.table, column, was), _said(each.table, column, now)
            yield whose, label(column), before, after
        return
    shown = (
        f"{label(column)}: {_said(each.table, column, was or now)}"
        for column, (was, now) in each.cells.items()
        if not column.endswith("_id")
    )
    said = "; ".join(shown)
    gone = each.kind == importing.GONE
    yield whose, each.kind, said if gone else "", "" if gone else said


def _said(table: str, column: str, text: str) -> str:
    """A cell as people read it."""
    asked = question(table, column)
    return asked.said(asked.safe_value(text)) if text else ""


def _kept(plan: importing.Plan) -> Iterator[str]:
    """What stays as it is, in sentences."""
    for table in plan.kept_tables:
        yield f"{upper_first(label(table))} are not in the file: they stay as they are."
    for table, names in plan.kept_columns.items():
        listed = ", ".join(label(name) for name in names)
        yield f"{upper_first(label(table))} in the file have no column for {listed}: what is recorded stays."
    if plan.policy_is_left:
        yield "The file has settings of the policy. They are not taken over: change them under Policy."


@act("import", looks=False)
def marked(request: HttpRequest) -> HttpResponse:
    """The tables of the file as a workbook, with every faulty cell marked."""
    file = TablesFile.of_json(_waiting(request))
    made = importing.marked_workbook(file, *importing.faults_of(file, State.objects.get()))
    return download(made, "marked.xlsx", XLSX)


@require_POST
@act("import", looks=False)
def mend(request: HttpRequest) -> HttpResponse:
    """Mend the cells that were accepted, in what waits."""
    file = TablesFile.of_json(_waiting(request))
    faults, _ = importing.faults_of(file, State.objects.get())
    accepted = set(request.POST.getlist("mend"))
    chosen = [fault for fault in faults if _key(fault) in accepted or "all" in request.POST]
    _keep(request, importing.mended(file, chosen).as_json())
    messages.success(request, f"{upper_first(count(len(chosen), 'cell'))} mended.")
    return redirect("import_look")


@require_POST
@act("import", looks=False)
def apply(request: HttpRequest) -> HttpResponse:
    """Take over what was looked at, if nothing has changed since."""
    user: Any = request.user
    found = _waiting(request)
    state = State.objects.get()
    if state.sample and found["kind"] == "tables" and _is_other(TablesFile.of_json(found)):
        return _look(request, found, "The panel holds sample data. Remove the sample first.")
    try:
        with changing(user) as change:
            if str(change.state.version) != request.POST.get("version"):
                raise Overtaken(None)
            if found["kind"] == "ticks":
                said = upper_first(f"{count(importing.take_ticks(change, found), 'row')} taken in.")
            else:
                plan = importing.apply(change, TablesFile.of_json(found))
                rows = sum(map(len, plan.changes.values()))
                said = upper_first(f"{count(rows, 'row')} taken over.")
            Draft.objects.filter(user=user, form=FORM).delete()
    except Overtaken:
        said = (
            "Somebody changed the data since you looked. Look again: this is what would change now."
        )
        return _look(request, found, said)
    except WrongInput as error:
        return _look(request, found, " ".join(each.sentence_of_whom() for each in error.faults[:3]))
    messages.success(request, said)
    return redirect("import")


def _is_other(file: TablesFile) -> bool:
    """Whether a file is of other families than those that are here."""
    ids = file.sheets["requests"].cells.get("request_id", []) if "requests" in file.sheets else []
    here = counting("requests")
    return bool(ids) and not here.filter(request_id__in=ids[:500]).exists()


@require_POST
@act("import", looks=False)
def drop(request: HttpRequest) -> HttpResponse:
    """Leave what waits."""
    user: Any = request.user
    Draft.objects.filter(user=user, form=FORM).delete()
    messages.success(request, "Nothing was taken over.")
    return redirect("import")


@require_POST
@act("import", looks=False)
def sample(request: HttpRequest) -> HttpResponse:
    """Sample data into an empty panel."""
    user: Any = request.user
    name = request.POST.get("name", "")
    if name not in taking.SAMPLES:
        raise Http404
    with changing(user) as change:
        if is_empty():
            taking.shipped_sample(change, name)
    return redirect("today")


@require_POST
@act("import", looks=False)
def remove_sample(request: HttpRequest) -> HttpResponse:
    """Take the sample out again, with the rounds that were made of it."""
    user: Any = request.user
    with changing(user) as change:
        if not change.state.sample:
            raise Http404
        taking.remove_sample(change)
    messages.success(request, "The sample is gone. The panel is empty.")
    return redirect("import")


@act("export")
def exports(request: HttpRequest) -> HttpResponse:
    """What can be taken out."""
    return page(request, "export", {"state": State.objects.get()})


@require_POST
@act("export", looks=False)
def export(request: HttpRequest, ending: str) -> HttpResponse:
    """All tables as a workbook, or as CSV files in a .zip."""
    user: Any = request.user
    state = State.objects.get()
    if ending == "xlsx":
        made, kind = exporting.workbook(state), XLSX
    else:
        made, kind = exporting.folder(state), "application/zip"
    trail.append(user, "took out", "all tables", {"file": f"matching.{ending}"})
    return download(made, f"matching.{ending}", kind)


urlpatterns = [
    path("import/", imports, name="import"),
    path("import/send/", send, name="import_send"),
    path("import/look/", look, name="import_look"),
    path("import/marked.xlsx", marked, name="import_marked"),
    path("import/mend/", mend, name="import_mend"),
    path("import/apply/", apply, name="import_apply"),
    path("import/drop/", drop, name="import_drop"),
    path("import/sample/", sample, name="import_sample"),
    path("import/remove-sample/", remove_sample, name="remove_sample"),
    path("export/", exports, name="export"),
    path("export/matching.xlsx", export, {"ending": "xlsx"}, name="export_workbook"),
    path("export/matching.zip", export, {"ending": "zip"}, name="export_folder"),
]
