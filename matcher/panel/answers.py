"""What somebody typed into a short form: days in three boxes, codes of radios, notes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import QueryDict

from matcher.errors import Fault, WrongInput, wrong_cell
from matcher.intake import cells
from matcher.intake.cells import WrongCell
from matcher.panel.html import whole_number

PARTS = ("day", "month", "year")
LONGEST_NOTE = 500


@dataclass
class Answers:
    """The answers of a form as they are read, and what is wrong with each, by field."""

    given: QueryDict
    errors: dict[str, str] = field(default_factory=dict)

    def day(self, name: str, what: str, *, required: bool = True) -> str:
        """A day as ISO has it, '' where it is blank or wrong."""
        parts = [self.given.get(f"{name}-{part}", "").strip() for part in PARTS]
        if not any(parts):
            if required:
                self.errors[name] = f"Enter {what}"
            return ""
        try:
            found: date = cells.day("/".join(parts))
        except WrongCell as wrong:
            self.errors[name] = " ".join(f"{f.problem} {f.fix}" for f in wrong.faults)
            return ""
        return found.isoformat()

    def code(self, name: str, what: str, allowed: tuple[str, ...]) -> str:
        """One of some codes, '' where none or another was chosen."""
        value = self.given.get(name, "")
        if value not in allowed:
            self.errors[name] = f"Select {what}"
            return ""
        return value

    def number(self, name: str) -> int:
        """A whole number that the form carries itself, 0 where it is not there."""
        return whole_number(self.given.get(name))

    def note(self, name: str = "note") -> str:
        """A note."""
        text = self.given.get(name, "").strip()
        if len(text) > LONGEST_NOTE:
            self.errors[name] = f"Write at most {LONGEST_NOTE} letters"
        return text

    def ready(self) -> None:
        """WrongInput where an answer is missing or wrong."""
        if self.errors:
            raise WrongInput([_fault(name, text) for name, text in self.errors.items()])


def at_fields(faults: list[dict[str, str]]) -> dict[str, Any]:
    """What a page says of {text, field}: at its head, at each field, and in its title."""
    return {
        "faults": faults,
        "errors": {each["field"]: each["text"] for each in faults},
        "wrong": bool(faults),
    }


def _fault(name: str, problem: str) -> Fault:
    return wrong_cell("answers", None, name, None, problem, "")
