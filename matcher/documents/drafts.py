"""Fill the templates of a pair, ours or a council's own, and write what was drafted."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from glob import escape
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from matcher.codes import did_you_mean
from matcher.documents.carry import carry_over
from matcher.documents.facts import Facts, facts
from matcher.documents.marks import highlight
from matcher.documents.pair import Pair
from matcher.documents.register import DOCUMENTS, Document
from matcher.errors import Fault, WrongInput, wrong_option
from matcher.intake.cells import shown
from matcher.policy.names import NAMES
from matcher.policy.settings import DOCUMENT_SWITCH
from matcher.recorder import Recorder
from matcher.rounds import SolvedRound
from matcher.show.files import peoples, without_clock, write_files
from matcher.terms import plural, say, with_article
from matcher.words import upper_first

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

OPTION = "--templates"
MADE_BY = "carer-matcher"
SWITCHED_OFF = "The policy in use has it switched off."
LEFT_BY_WORD = "~$"  # what Word leaves beside a file that is open


@dataclass(frozen=True, slots=True)
class Draft:
    """A document that was drafted: its bytes, and what people still have to complete."""

    document: Document
    content: bytes
    to_complete: list[str]
    carried: str = ""  # what came of an earlier draft that people filled in, '' where there is none


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A document that does not apply to the pair, and why."""

    document: Document
    why: str


def drafts(
    solved: SolvedRound,
    request_id: str,
    household_id: str,
    templates: Path | None = None,
    first: Sequence[str] = (),
    earlier: Mapping[str, Path] | None = None,
) -> list[Draft | LeftOut]:
    """Every document of a pair, drafted or left out; WrongInput where a template is wrong.

    `first` stands at the head of each. `earlier` are drafts that people filled in, by document:
    what they wrote is carried over.
    """
    own = _own_templates(templates)
    pair = Pair.of(Recorder(solved), request_id, household_id)
    read_by = {second: facts(pair, second=second) for second in (False, True)}
    as_of = solved.prepared.inputs.as_of
    found: list[Draft | LeftOut] = []
    faults: list[Fault] = []
    for document in DOCUMENTS:
        known, before = read_by[document.second], (earlier or {}).get(document.key)
        off = not solved.prepared.policy.is_on(f"{DOCUMENT_SWITCH}{document.key}")
        if why := SWITCHED_OFF if off else document.left_out(known):
            found.append(LeftOut(document, why))
        elif (path := own.get(document.template)) is None:
            ours = files("matcher") / "documents" / "templates" / document.template
            found.append(_draft(document, ours.read_bytes(), known, as_of, first, before))
        else:
            try:
                found.append(_draft(document, path.read_bytes(), known, as_of, first, before))
            except Exception as error:  # whatever a council's own file may do
                faults.append(_broken(path, error))
    if faults:
        raise WrongInput(faults)
    return found


def _own_templates(folder: Path | None) -> dict[str, Path]:
    """The council's own templates by name."""
    if folder is None:
        return {}
    if not folder.is_dir():
        fix = "Name a folder with Word files."
        raise WrongInput(
            [wrong_option(OPTION, "There is no such folder.", fix, value=shown(str(folder)))]
        )
    own = {
        path.name: path
        for path in sorted(folder.glob("*.docx"))
        if not path.name.startswith(LEFT_BY_WORD)
    }
    names = [document.template for document in DOCUMENTS]
    faults = [
        wrong_option(
            OPTION,
            "No document has a template of this name.",
            f"Use {', '.join(names)}.{did_you_mean(name, names)}",
            value=shown(name),
        )
        for name in own
        if name not in names
    ]
    if faults:
        raise WrongInput(faults)
    return own


def _broken(path: Path, error: Exception) -> Fault:
    """What is wrong with a council's own template, in words."""
    from jinja2 import TemplateError, TemplateSyntaxError, UndefinedError

    fix = "Compare it with the template that ships, and mend it in Word."
    if isinstance(error, UndefinedError):
        problem = f"A placeholder is not known: {error.message}."
        names = ", ".join(sorted(each.name for each in fields(Facts)))
        fix = f"Use one of: {names}."
    elif isinstance(error, TemplateSyntaxError):
        problem = f"A placeholder is not closed or not understood: {error.message}"
    elif isinstance(error, TemplateError):
        problem = f"A placeholder does what it must not: {error}"
    else:
        problem = f"It can't be filled in as a Word file ({type(error).__name__})."
    return wrong_option(OPTION, problem, fix, value=shown(path.name))


def _draft(
    document: Document,
    template: bytes,
    known: Facts,
    as_of: date,
    first: Sequence[str],
    before: Path | None,
) -> Draft:
    from docxtpl import DocxTemplate

    word = DocxTemplate(io.BytesIO(template))
    word.render({each.name: getattr(known, each.name) for each in fields(known)}, environment())
    carried = "" if before is None else _carried(word.docx, before, quote=not known.hide_place)
    for line in (*first, *([carried] if carried else [])):
        _at_the_head(word.docx, line)
    marked = highlight(word.docx)
    _properties(word.docx, document, as_of)
    made = io.BytesIO()
    word.docx.save(made)
    return Draft(document, without_clock(made.getvalue()), marked, carried)


def _carried(word: Any, before: Path, *, quote: bool) -> str:
    """Bring what people wrote in an earlier draft into a new one; in a sentence, what came of it."""
    import docx
    from docx.opc.exceptions import PackageNotFoundError

    try:
        old = docx.Document(str(before))
    except (PackageNotFoundError, BadZipFile, KeyError, ValueError, SyntaxError):
        return f"{before.name} can't be read as a Word file, so that nothing of it is carried over."
    return carry_over(word, old, quote=quote).sentence(before.name)


def _at_the_head(word: Any, line: str) -> None:
    """Put a line before all else that a document says."""
    paragraph = word.add_paragraph()
    paragraph.add_run(line).bold = True
    word.element.body.insert(0, paragraph._p)


def environment() -> SandboxedEnvironment:
    """What fills a template: a name that is not known is an error, and no code of it is run."""
    from jinja2 import StrictUndefined, pass_context
    from jinja2.sandbox import SandboxedEnvironment

    said = pass_context(_said)
    made = SandboxedEnvironment(undefined=StrictUndefined, autoescape=True, finalize=said)
    made.globals["words"] = NAMES
    made.filters |= {"upper_first": upper_first, "plural": plural, "a": with_article}
    return made


def _said(_: object, value: Any) -> Any:
    """A value as people read it; None is a fact that a template must not use."""
    if value is None:
        raise TypeError("a placeholder has no value")
    return say(value) if type(value) is str else value


def _properties(word: Any, document: Document, as_of: date) -> None:
    properties = word.core_properties
    properties.created = properties.modified = datetime(as_of.year, as_of.month, as_of.day)
    properties.author = properties.last_modified_by = MADE_BY
    properties.title, properties.revision = document.title, 1


def earlier(folder: Path, name: str) -> dict[str, Path]:
    """The drafts of a pair in a folder that people filled in, the last of each document."""
    found = {each.key: peoples(folder, _file(name, each)) for each in DOCUMENTS}
    return {key: path for key, path in found.items() if path is not None}


def renamed(folder: Path, name: str) -> list[Path]:
    """Word files of a pair in a folder whose names are no version of a document of ours."""
    ours = "|".join(re.escape(each.key) for each in DOCUMENTS)
    version = re.compile(rf"{re.escape(name)}-({ours})(-[0-9]+)?")
    found = sorted(folder.glob(f"{escape(name)}-*.docx"))
    return [path for path in found if not version.fullmatch(path.stem)]


def _file(name: str, document: Document) -> str:
    return f"{name}-{document.key}.docx"


def write(made: list[Draft | LeftOut], folder: Path, name: str) -> dict[str, Path]:
    """Write every draft as `<name>-<document>.docx`, never over one that people filled in."""
    files = [
        (_file(name, each.document), [each.content]) for each in made if isinstance(each, Draft)
    ]
    return write_files(folder, f"documents {name}", files)
