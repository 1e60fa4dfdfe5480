"""Word documents of a family with a household: drafted by a job, kept as versions, none overwritten."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import orjson
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django_tasks import task

from matcher.documents import drafts
from matcher.documents.drafts import Draft
from matcher.documents.register import DOCUMENTS, Document
from matcher.errors import WrongInput
from matcher.history.counted import counted
from matcher.panel import rounds, trail, world
from matcher.panel.deciding import Pair
from matcher.panel.models import Drafting, Paper, Round, State, User
from matcher.panel.store import PanelStore
from matcher.rounds import DEFAULT_TOP, SolvedRound, match, prepare
from matcher.whatif.keep import earlier, match_keeping

MOST_BYTES, MOST_UNPACKED, MOST_PARTS = 5 * 1024 * 1024, 60 * 1024 * 1024, 500
ENDING = ".docx"
ASKED_AGAIN = timedelta(minutes=10)  # after which a job that did not end may be asked for again
DRAFTED, PUT_BACK, TOOK_OUT = "drafted documents", "put a document back", "took a document out"


class NotKept(Exception):
    """A file that can't be kept, in a sentence."""


def of(pair: Pair) -> list[Paper]:
    """The versions of the documents of a pair, without their content, the last first."""
    found = Paper.objects.filter(request_id=pair.request_id, household_id=pair.household_id)
    return list(found.defer("content").order_by("document", "-version"))


def ask(user: User, pair: Pair) -> Drafting:
    """Ask the worker for drafts; of two who ask at the same time the second is told of the first."""
    with transaction.atomic():
        State.objects.select_for_update().get()
        now = timezone.now()
        waits = Drafting.objects.filter(
            request_id=pair.request_id,
            household_id=pair.household_id,
            done_at__isnull=True,
            asked_at__gte=now - ASKED_AGAIN,
        ).first()
        if waits is not None:
            return waits
        made = Drafting.objects.create(
            request_id=pair.request_id,
            household_id=pair.household_id,
            asked_at=now,
            asked_by=user.pk,
        )
        trail.append(user, "asked for documents", pair.subject)
        draft.enqueue(made.pk)
    return made


@task()
def draft(number: int) -> int:
    """Draft the documents of a pair from the data as they are; how many versions were added."""
    asked = Drafting.objects.get(pk=number)
    user, pair = User.objects.get(pk=asked.asked_by), Pair(asked.request_id, asked.household_id)
    with transaction.atomic():
        state = State.objects.get()
        tables = world.tables()
    last = rounds.on_the_table()
    try:
        solved = _solved(state, tables, last)
        with tempfile.TemporaryDirectory() as folder:
            before = _worked_on(pair, Path(folder))
            first = _first(state, last)
            found = drafts.drafts(solved, pair.request_id, pair.household_id, None, first, before)
    except WrongInput as wrong:
        asked.wrong, added = [each.sentence_of_whom() for each in wrong.faults], 0
    else:
        drafted = [each for each in found if isinstance(each, Draft)]
        asked.left_out = [
            [each.document.title, each.why] for each in found if not isinstance(each, Draft)
        ]
        added = _keep(user, pair, drafted, state.version)
    asked.done_at = timezone.now()
    asked.save()
    return added


def _solved(state: State, tables: world.Tables, last: Round | None) -> SolvedRound:
    """The round of today's data, which keeps to the last one as far as it can."""
    inputs, policy = world.load(state, tables)
    history = counted(PanelStore(), inputs, policy)
    if last is None:
        return match(prepare(inputs, policy, DEFAULT_TOP, counted=history))
    kept = earlier(orjson.loads(rounds.document(last)), "round.json")
    return match_keeping(inputs, policy, DEFAULT_TOP, kept, history)


def _first(state: State, last: Round | None) -> list[str]:
    """What stands at the head of a draft where it is not of the round that lies on the table."""
    if last is None or last.state_version == state.version:
        return []
    return [f"The data have changed since round {last.number}: this is drafted from them as they are now."]  # fmt: skip


def _worked_on(pair: Pair, folder: Path) -> dict[str, Path]:
    """The last version of each document that somebody worked on, as files."""
    found = {}
    for each in of(pair):
        if each.by_people and each.document not in found:
            path = folder / each.file_name
            path.write_bytes(bytes(each.content))
            found[each.document] = path
    return found


def _keep(user: User, pair: Pair, drafted: Iterable[Draft], state_version: int) -> int:
    """Add a version of each draft that is not, byte for byte, the last one."""
    added: list[str] = []
    with transaction.atomic():
        State.objects.select_for_update().get()
        for each in drafted:
            last = _last(pair, each.document.key)
            if last is None or bytes(last.content) != each.content:
                more = {"to_complete": each.to_complete, "carried": each.carried}
                made = _version(user, pair, each.document, each.content, state_version, **more)
                added.append(made.file_name)
        trail.append(user, DRAFTED, pair.subject, {"files": added})
    return len(added)


def _last(pair: Pair, document: str) -> Paper | None:
    found = Paper.objects.filter(
        request_id=pair.request_id, household_id=pair.household_id, document=document
    )
    return found.order_by("-version").first()


def _version(
    user: User,
    pair: Pair,
    document: Document,
    content: bytes,
    state_version: int,
    **more: object,
) -> Paper:
    found = Paper.objects.filter(
        request_id=pair.request_id, household_id=pair.household_id, document=document.key
    )
    number = found.aggregate(last=Max("version"))["last"] or 0
    return Paper.objects.create(
        request_id=pair.request_id,
        household_id=pair.household_id,
        document=document.key,
        version=number + 1,
        made_at=timezone.now(),
        made_by=user.pk,
        state_version=state_version,
        content=content,
        **more,
    )


def put_back(user: User, pair: Pair, key: str, name: str, content: bytes) -> Paper:
    """Keep a document that somebody worked on as its next version; NotKept where it is no Word file."""
    document = next(each for each in DOCUMENTS if each.key == key)
    _check(name, content)
    with transaction.atomic():
        state = State.objects.select_for_update().get()
        made = _version(user, pair, document, content, state.version, by_people=True)
        trail.append(user, PUT_BACK, pair.subject, {"file": made.file_name})
    return made


def _check(name: str, content: bytes) -> None:
    if not name.casefold().endswith(ENDING):
        raise NotKept("Choose a Word file whose name ends in .docx")
    if len(content) > MOST_BYTES:
        raise NotKept(f"The file must be smaller than {MOST_BYTES // 1024 // 1024} MB")
    try:
        parts = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except zipfile.BadZipFile:
        raise NotKept("The file can't be read as a Word file: save it in Word as .docx") from None
    names = {part.filename for part in parts}
    if "word/document.xml" not in names:
        raise NotKept("The file can't be read as a Word file: save it in Word as .docx")
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise NotKept("The file is too large once it is unpacked")
    if any(each.casefold().endswith("vbaproject.bin") for each in names):
        raise NotKept("The file holds macros: save it in Word without them")


# --- What the page shows


@dataclass(frozen=True, slots=True)
class Shelf:
    """A document and its versions, the last first."""

    document: Document
    versions: tuple[Paper, ...]

    @property
    def last(self) -> Paper | None:
        """The last version."""
        return self.versions[0] if self.versions else None


def shelves(pair: Pair) -> list[Shelf]:
    """Every document of a pair, in the order in which they are needed."""
    found = of(pair)
    return [
        Shelf(document, tuple(each for each in found if each.document == document.key))
        for document in DOCUMENTS
    ]


def last_drafting(pair: Pair) -> Drafting | None:
    """The last run of the job for a pair."""
    found = Drafting.objects.filter(request_id=pair.request_id, household_id=pair.household_id)
    return found.order_by("-pk").first()


def waits(drafting: Drafting | None) -> bool:
    """Whether a job is at it; one that was asked for long ago and did not end was lost."""
    if drafting is None or drafting.done_at is not None:
        return False
    return drafting.asked_at >= timezone.now() - ASKED_AGAIN


def together(pair: Pair) -> bytes:
    """The last version of each document, in one file."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as whole:
        for shelf in shelves(pair):
            if shelf.last is not None:
                whole.writestr(shelf.last.file_name, bytes(shelf.last.content))
    return made.getvalue()
