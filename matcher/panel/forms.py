"""The forms of the tables, made of their one definition: how a column is asked, read and shown."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from matcher.codes import RISK_AREAS, RISK_LEVELS
from matcher.errors import Fault
from matcher.geo import authority_names
from matcher.intake import cells, clean_rows, written
from matcher.intake.cells import WrongCell
from matcher.intake.files import Findings
from matcher.intake.rows import (
    ASKED_ALONE,
    ETHNICITY,
    LANGUAGES,
    TABLES,
    Column,
    Row,
    columns_of,
    kind_of,
)
from matcher.panel.tables import sheet_of
from matcher.shipped import ethnicity_labels, language_names
from matcher.words import and_list, label, long_date, lower_first, printable, upper_first

if TYPE_CHECKING:
    from django.http import QueryDict

FEW = 6  # codes that stand below each other as radios; more are a list to choose from
SHORT_IN_ALL = 60  # characters of the answers that stand beside each other
LANGUAGES_ASKED, LANGUAGES_MORE = 3, 1  # boxes at least, and blank ones after those that are filled
LIMIT_NOT_SAID = "No limit said"
UNANSWERED = "Answer this question."
WAS, VERSION = (
    "was",
    "version",
)  # hidden fields: the cells as they were shown, and the row's version
# Columns whose meaning is said by their question already.
SAID = frozenset(
    [
        "received_on",
        "parent_looked_after_since",
        "child_born_or_due_on",
        "court_direction_until",
        "needed_from",
        "latest_start",
        "english",
        "keep_away",
        "pre_birth_assessment",
        "checks_requested_on",
        "placement_with_parents",
        "court_on",
        "available_until",
        "terms",
        "limit_exemption",
        "weekly_fee",
        "reviewed_on",
        "pc_trained_on",
        "pc_assessed_on",
        "planned_end_on",
        "ended_on",
        "areas",
        "child_social_worker_on",
        "supervising_social_worker_on",
    ]
)
Params = dict[str, Any]


@dataclass(frozen=True)
class Shown:
    """A question as its page shows it: the component of govuk-frontend, and what it is given."""

    component: str
    params: Params
    href: str  # where the summary of errors leads

    def with_options(self, options: tuple[str, ...]) -> Shown:
        """The same with texts to choose from while typing."""
        more = {"list": f"{self.params['id']}-known", "options": options}
        return Shown("search", self.params | more, self.href)


class Question:
    """A column of a table as a form asks it; a cell is its text, as a CSV file would hold it."""

    def __init__(self, table: str, name: str) -> None:
        self.table, self.name = table, name
        self.column: Column = columns_of(TABLES[table])[name]
        self.kind = kind_of(TABLES[table], name)

    @property
    def may_be_blank(self) -> bool:
        """Whether a row may leave it blank."""
        return not self.column.required

    def posted(self, data: QueryDict) -> str:
        """The cell that was posted, '' where nothing was."""
        return str(data.get(self.name, "")).strip()

    def shown(self, text: str, errors: Sequence[str]) -> Shown:
        """The question with a cell in it, and what is wrong with it."""
        return Shown("input", self._input(text, errors), f"#{self.name}")

    def same(self, text: str, other: str) -> bool:
        """Whether two cells are the same to a page, which shows one and gets the other back."""
        return _bare(text) == _bare(other)

    def said(self, value: Any) -> str:
        """A clean value as people read it."""
        if value is None or value == () or (value == self.column.default and not value):
            none = self.column.default is None and value == ()
            return "None of these" if none else self.column.blank
        if isinstance(value, bool):
            return "Yes" if value else "No"
        if isinstance(value, date):
            return long_date(value)
        if isinstance(value, tuple):
            return upper_first(and_list(map(self.item_said, value)))
        return upper_first(self.item_said(value))

    def item_said(self, value: Any) -> str:
        """One value, of a list or alone, as people read it."""
        return label(value) if self.kind.codes and isinstance(value, str) else str(value)

    def value(self, text: str) -> Any:
        """The clean value of a cell; WrongCell where it can't be read."""
        return self.column.read(text) if text else self.column.default

    def safe_value(self, text: str) -> Any:
        """The clean value of a cell, that of a blank one where it can't be read."""
        try:
            return self.value(text)
        except WrongCell:
            return self.column.default

    @property
    def hint(self) -> str:
        """What it means, unless the question says it; what a blank says stands in an answer of its own."""
        return "" if self.name in SAID else self.column.says.partition(" Blank")[0]

    def _common(self, errors: Sequence[str]) -> Params:
        params: Params = {"hint": {"text": self.hint}} if self.hint else {}
        if errors:
            params["errorMessage"] = {"text": " ".join(errors)}
        return params

    def _input(self, text: str, errors: Sequence[str], **more: Any) -> Params:
        return {
            **self._common(errors),
            "id": self.name,
            "name": self.name,
            "label": {"text": self.column.question, "classes": "govuk-label--s"},
            "value": text,
            "classes": "govuk-input--width-20",
            "autocomplete": "off",
            "spellcheck": False,
            **more,
        }

    def _group(self, errors: Sequence[str], **more: Any) -> Params:
        legend = {"text": self.column.question, "classes": "govuk-fieldset__legend--s"}
        return {
            **self._common(errors),
            "fieldset": {"legend": legend},
            "idPrefix": self.name,
            "name": self.name,
            **more,
        }


class Short(Question):
    """A short text, a postcode, or ids."""

    def shown(self, text: str, errors: Sequence[str]) -> Shown:
        """One line."""
        wide = "govuk-input--width-10" if self.kind.name == "postcode" else "govuk-input--width-20"
        several = " Put a semicolon between two." if self.kind.name == "list" else ""
        hint = f"{self.column.says}{several}"
        more = {"classes": wide, "hint": {"text": hint}}
        return Shown("input", self._input(text, errors, **more), f"#{self.name}")


class Long(Question):
    """Free text."""

    def posted(self, data: QueryDict) -> str:
        """The text as it was typed, with one kind of line end."""
        return super().posted(data).replace("\r\n", "\n")

    def shown(self, text: str, errors: Sequence[str]) -> Shown:
        """A box of some lines."""
        params = self._input(text, errors, rows="3", classes="", spellcheck=True)
        return Shown("textarea", params, f"#{self.name}")


class Number(Question):
    """A number."""

    def shown(self, text: str, errors: Sequence[str]) -> Shown:
        """A narrow box."""
        more: Params = {"classes": "govuk-input--width-4", "inputmode": "decimal"}
        if self.name == "weekly_fee":
            more |= {"classes": "govuk-input--width-5", "prefix": {"text": "£"}}
        if self.may_be_blank and self.column.default is None:
            more["hint"] = {"text": f"{self.hint} Blank: {lower_first(self.column.blank)}.".strip()}
        return Shown("input", self._input(text, errors, **more), f"#{self.name}")

    def said(self, value: Any) -> str:
        """The number as people read it."""
        if value is None:
            return self.column.blank
        return f"{value:,.2f}".removesuffix(".00") if isinstance(value, float) else str(value)


class YesNo(Question):
    """Yes, no, or not known yet."""

    @property
    def hint(self) -> str:
        """What it means, where that is not the question once more."""
        return "" if self.column.says.startswith("Whether") else super().hint

    def shown(self, text: str, errors: Sequence[str]) -> Shown:
        """Radios."""
        value = self.safe_value(text)
        answers = [("yes", "Yes", value is True), ("no", "No", value is False)]
        strange = bool(text) and value is None
        if self.may_be_blank:
            answers.append(("", self.column.blank, value is None and not strange))
        if strange:
            answers.append((text, text, True))
        items = [{"value": v, "text": t, "checked": on} for v, t, on in answers]
        more = {"items": items, "classes": "govuk-radios--inline"}
        return Shown("radios", self._group(errors, **more), f"#{self.name}")


class OneCode(Question):
    """One code of a list: radios where they are few, else a list to choose from."""

    def shown(self, text: str, errors: Sequence[str]) -> Shown:
        """The codes in words; one that is not of the list any more stands last, chosen."""
        try:
            chosen = self.value(text) or ""
        except WrongCell:
            chosen = text
        codes = self.kind.codes
        answers = {code: upper_first(self.item_said(code)) for code in codes}
        blank = self.column.blank if self.may_be_blank else "Choose"
        few = len(codes) <= FEW
        if not few:
            answers = {"": blank, **answers}
        elif self.column.default is None and self.may_be_blank:
            answers[""] = blank
        if chosen and chosen not in answers:
            answers[chosen] = chosen
        on = "checked" if few else "selected"
        items = [{"value": v, "text": said, on: v == chosen} for v, said in answers.items()]
        if few:
            short = sum(map(len, answers.values())) <= SHORT_IN_ALL
            classes = "govuk-radios--inline" if short else ""
            params = self._group(errors, items=items, classes=classes)
            return Shown("radios", params, f"#{self.name}")
        params = self._input(text, errors, items=items, classes="")
        del params["value"]
        return Shown("select", params, f"#{self.name}")


class Ticks(Question):
    """Several codes of a list; what is stored and has no box of its own gets one."""

    MORE = "-more"

    @property
    def offered(self) -> tuple[str, ...]:
        """The codes that have a box; where none of them can be said, that is the last."""
        alone = ASKED_ALONE if self.name == "features" else {}
        none = ("none",) if self._says_none else ()
        return tuple(code for code in self.kind.codes if code not in (*none, *alone))

    @property
    def _says_none(self) -> bool:
        return self.column.default is None and "none" in self.kind.codes

    @property
    def _takes_more(self) -> bool:
        return self.column.read is _WANTED

    def same(self, text: str, other: str) -> bool:
        """Whether both name the same, whatever their order."""
        return set(cells.items_of(text)) == set(cells.items_of(other))

    def posted(self, data: QueryDict) -> str:
        """The boxes that were ticked, and what was typed beside them."""
        spoken = str(data.get(self.name + self.MORE, "")).strip()
        more = [spoken if ":" in spoken else f"language:{spoken}"] if spoken else []
        said = [str(each).strip() for each in data.getlist(self.name)]
        return ";".join(dict.fromkeys(each for each in [*said, *more] if each))

    def shown(self, text: str, errors: Sequence[str]) -> Shown:
        """Checkboxes."""
        items = cells.items_of(text)
        try:
            value = self.value(text)
            on = ["none"] if text and value == () and self._says_none else list(value or ())
        except WrongCell:
            on = items
        boxes: list[Params] = [
            {"value": code, "text": upper_first(self.item_said(code)), "checked": code in on}
            for code in self.offered
        ]
        known = {*self.offered, "none"} if self._says_none else set(self.offered)
        strange = [each for each in on if each not in known]
        boxes += [
            {"value": s, "text": upper_first(self.item_said(s)), "checked": True} for s in strange
        ]
        if self._says_none:
            boxes.append({"divider": "or"})
            none = {"value": "none", "text": "None of these", "behaviour": "exclusive"}
            boxes.append({**none, "checked": "none" in on})
        classes = "govuk-checkboxes--small panel-ticks"
        params = self._group(errors, items=boxes, classes=classes)
        if self.column.default is None:
            blank = f"{self.hint} Nothing ticked: {lower_first(self.column.blank)}.".strip()
            params["hint"] = {"text": blank}
        if self._takes_more:
            params["more"] = {
                "id": self.name + self.MORE,
                "name": self.name + self.MORE,
                "label": {"text": "A language that a carer must speak"},
                "classes": "govuk-input--width-20",
                "autocomplete": "off",
                "attributes": {"list": "languages-known"},
            }
            params["options"] = tuple(typed_languages().values())
        return Shown("checkboxes", params, f"#{self.name}")

    def item_said(self, value: Any) -> str:
        """One code in words; a language by its name."""
        text = str(value)
        if text.startswith("language:"):
            code = text.removeprefix("language:")
            return f"language: {language_names().get(code, code)}"
        return label(text)


@cache
def typed_languages() -> dict[str, str]:
    """Each language as it can be typed: its name, or its code where the name means more than one."""

    def reads(name: str, code: str) -> bool:
        try:
            return cells.language(name) == code
        except WrongCell:
            return False

    names = language_names().items()
    return {code: name if reads(name, code) else code for code, name in names}


class Languages(Question):
    """Languages by name or code, a box each, with names to choose from."""

    def same(self, text: str, other: str) -> bool:
        """Whether both name the same in the same order."""
        return cells.items_of(text) == cells.items_of(other)

    def posted(self, data: QueryDict) -> str:
        """The languages in the order of their boxes."""
        return ";".join(filter(None, (str(each).strip() for each in data.getlist(self.name))))

    def shown(self, text: str, errors: Sequence[str]) -> Shown:
        """Some boxes, one more than are filled."""
        try:
            typed = [typed_languages()[code] for code in self.value(text) or ()]
        except WrongCell:
            typed = cells.items_of(text)
        boxes = max(LANGUAGES_ASKED, len(typed) + LANGUAGES_MORE)
        words = ("First", "Second", "Third", "Fourth", "Fifth", "Sixth")
        values = [*typed, *[""] * (boxes - len(typed))]
        items = [
            {
                "id": self.name if at == 0 else f"{self.name}-{at + 1}",
                "label": f"{words[at] if at < len(words) else at + 1} language",
                "value": value,
            }
            for at, value in enumerate(values)
        ]
        more = {
            "items": items,
            "list": "languages-known",
            "options": tuple(typed_languages().values()),
        }
        return Shown("languages", self._group(errors, **more), f"#{self.name}")

    def item_said(self, value: Any) -> str:
        """A language by its name."""
        return language_names().get(value, str(value))


class Search(Question):
    """One of many that have names: typed, or chosen from a list of those that fit what is typed."""

    def __init__(self, table: str, name: str, names: Callable[[], Mapping[str, str]]) -> None:
        super().__init__(table, name)
        self.names = names

    def shown(self, text: str, errors: Sequence[str]) -> Shown:
        """A box with names to choose from."""
        value = self.safe_value(text)
        typed = self.names().get(value, text) if value is not None else text
        names = tuple(dict.fromkeys(self.names().values()))
        more = {
            "list": f"{self.name}-known",
            "options": names,
            "classes": "govuk-!-width-two-thirds",
        }
        return Shown("search", self._input(typed, errors, **more), f"#{self.name}")

    def item_said(self, value: Any) -> str:
        """Its name."""
        return self.names().get(value, str(value))


class Day(Question):
    """A day in three boxes, read with the day first."""

    PARTS = ("day", "month", "year")
    OPEN = "-open"

    def posted(self, data: QueryDict) -> str:
        """The three boxes as d/m/y; what stands in the first alone is taken as it is."""
        parts = [str(data.get(f"{self.name}-{part}", "")).strip() for part in self.PARTS]
        typed = parts[0] if not any(parts[1:]) else "/".join(parts)
        if data.get(self.name + self.OPEN):
            return f"{typed} open" if typed else "open"
        return typed

    def shown(self, text: str, errors: Sequence[str]) -> Shown:
        """Three boxes, and a tick where nobody can say."""
        value = self.safe_value(text)
        may_be_open = self.column.read is cells.arrangement_end
        bare = text.removesuffix("open").strip() if may_be_open else text
        parts: Sequence[Any] = (bare, "", "")
        if isinstance(value, date):
            parts = (value.day, value.month, value.year)
        elif bare.count("/") == 2:
            parts = bare.split("/")
        wrong = " govuk-input--error" if errors else ""
        widths = (2, 2, 4)
        items = [
            {"name": part, "value": str(said), "classes": f"govuk-input--width-{width}{wrong}"}
            for part, said, width in zip(self.PARTS, parts, widths, strict=True)
        ]
        params = self._group(errors, items=items, id=self.name, namePrefix=self.name)
        params["hint"] = {"text": self.column.says}
        if may_be_open:
            params["open"] = {
                "name": self.name + self.OPEN,
                "idPrefix": self.name + self.OPEN,
                "classes": "govuk-checkboxes--small",
                "items": [
                    {
                        "value": "open",
                        "text": "One runs, and nobody can say when it ends",
                        "checked": text.endswith("open"),
                    }
                ],
            }
        return Shown("day", params, f"#{self.name}-day")

    def said(self, value: Any) -> str:
        """The day in words."""
        return "Nobody can say" if value == "open" else super().said(value)


class Limits(Question):
    """The most that can be managed in each area of risk."""

    def posted(self, data: QueryDict) -> str:
        """The areas for which something was said, or what was typed."""
        if self.name in data:
            return super().posted(data)
        said = {area: str(data.get(f"{self.name}-{area}", "")).strip() for area in RISK_AREAS}
        return ";".join(f"{area}:{level}" for area, level in said.items() if level)

    def shown(self, text: str, errors: Sequence[str]) -> Shown:
        """A list to choose from for each area; what can't be read is there to be mended."""
        try:
            chosen = dict(self.value(text))
        except WrongCell:
            return super().shown(text, errors)
        items = [
            {
                "id": f"{self.name}-{area}",
                "name": f"{self.name}-{area}",
                "label": {"text": upper_first(label(area))},
                "items": [
                    {"value": level, "text": said, "selected": chosen.get(area, "") == level}
                    for level, said in (
                        ("", LIMIT_NOT_SAID),
                        *((each, upper_first(label(each))) for each in RISK_LEVELS),
                    )
                ],
            }
            for area in RISK_AREAS
        ]
        return Shown("limits", self._group(errors, items=items), f"#{self.name}-{RISK_AREAS[0]}")

    def said(self, value: Any) -> str:
        """The limits in words."""
        if not value:
            return self.column.blank
        return upper_first("; ".join(f"{label(area)}: {label(level)}" for area, level in value))


_WANTED = columns_of(TABLES["requests"])["must_have"].read


def _of(table: str, name: str) -> Question:
    column, kind = columns_of(TABLES[table])[name], kind_of(TABLES[table], name)
    read = column.read
    if read is ETHNICITY:
        return Search(table, name, ethnicity_labels)
    if read is cells.authority:
        return Search(table, name, authority_names)
    if read is LANGUAGES:
        return Languages(table, name)
    if read is cells.risk_limits:
        return Limits(table, name)
    if read is cells.note:
        return Long(table, name)
    if read in (cells.day, cells.arrangement_end):
        return Day(table, name)
    if kind.name == "list" and kind.codes:
        return Ticks(table, name)
    by_name = {"yes or no": YesNo, "code": OneCode, "number": Number}
    return by_name.get(kind.name, Short)(table, name)


@cache
def question(table: str, name: str) -> Question:
    """The question of a column."""
    return _of(table, name)


def sections(table: str) -> dict[str, list[str]]:
    """The sections of a table in reading order, each with its columns."""
    found: dict[str, list[str]] = {}
    for name, column in columns_of(TABLES[table]).items():
        found.setdefault(column.section, []).append(name)
    return found


def _bare(text: str) -> str:
    """A text as a page shows it and a browser sends it back."""
    return printable(text.replace("\r\n", "\n")).strip()


def read(table: str, row: Mapping[str, str]) -> tuple[Row, dict[str, list[str]]]:
    """The clean row of some cells, and what is wrong with each that can't be read.

    A column that is not among the cells is blank.
    """
    findings = Findings([], [])
    whole = {name: row.get(name, "") for name in columns_of(TABLES[table])}
    ((made,),) = clean_rows({table: sheet_of(table, [whole])}, findings).values()
    wrong: dict[str, list[str]] = {}
    for fault in findings.faults:
        if fault.column is not None and fault.column in row:
            text = told(fault) if row[fault.column].strip() else UNANSWERED
            wrong.setdefault(fault.column, []).append(text)
    return made, wrong


def told(fault: Fault) -> str:
    """A fault as it stands at its field: what is wrong, and how to mend it."""
    return f"{fault.problem} {fault.fix}".strip()


@dataclass(frozen=True)
class Form:
    """Some columns of a table, asked of one row.

    `stored` are the row's cells as they are; a cell whose new text says the same keeps its text.
    """

    table: str
    names: tuple[str, ...]
    stored: Mapping[str, str]

    @cached_property
    def questions(self) -> list[Question]:
        """The questions in their order."""
        return [question(self.table, name) for name in self.names]

    def posted(self, data: QueryDict) -> dict[str, str]:
        """The cells that were posted."""
        return {each.name: each.posted(data) for each in self.questions}

    def cells(self, posted: Mapping[str, str]) -> tuple[dict[str, str], dict[str, list[str]]]:
        """The cells to store for those that were posted, and what is wrong with them."""
        posted = self._agreeing(posted)
        row, wrong = read(self.table, posted)
        was, unread = read(self.table, {name: self.stored.get(name, "") for name in self.names})
        new = written.cells(row)
        made = {}
        for name in self.names:
            stored = self.stored.get(name, "")
            same = question(self.table, name).same(posted[name], stored)
            if same and stored and name in unread:
                wrong.pop(name, None)  # what nobody touched is no fault of who saves the rest
            if name not in unread and getattr(row, name) == getattr(was, name):
                same = True
            made[name] = stored if same else new[name]
        return made, wrong

    def _agreeing(self, posted: Mapping[str, str]) -> Mapping[str, str]:
        """The cells, the list of features without what was just answered with no by itself."""
        if "features" not in posted or self.table != "households":
            return posted
        no = {
            feature
            for feature, name in ASKED_ALONE.items()
            if question(self.table, name).safe_value(posted.get(name, "")) is False
        }
        listed = question(self.table, "features").safe_value(posted["features"])
        if not listed or no.isdisjoint(listed) or self._unchanged(posted, ASKED_ALONE.values()):
            return posted
        return {**posted, "features": ";".join(each for each in listed if each not in no) or "none"}

    def _unchanged(self, posted: Mapping[str, str], names: Iterable[str]) -> bool:
        return all(posted.get(name, "") == self.stored.get(name, "") for name in names)

    def shown(
        self, cells: Mapping[str, str], wrong: Mapping[str, Sequence[str]] | None = None
    ) -> list[Shown]:
        """The questions as the page shows them."""
        wrong = wrong or {}
        return [q.shown(cells.get(q.name, ""), wrong.get(q.name, ())) for q in self.questions]

    @property
    def was(self) -> str:
        """The cells as they are shown, for the form to bring back."""
        return json.dumps({name: self.stored.get(name, "") for name in self.names})


def was_of(data: Mapping[str, Any], names: Iterable[str]) -> dict[str, str] | None:
    """The cells that a form was shown with, None where it doesn't bring them back."""
    try:
        found = json.loads(str(data.get(WAS, "")))
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    return {name: str(found.get(name, "")) for name in names}
