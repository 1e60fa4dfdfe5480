"""A paper: an answer that fits on one page, in plain words, and what it rests on below it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from matcher import __version__
from matcher.show.figures import Drawn
from matcher.show.html import environment
from matcher.show.table import Table
from matcher.show.text import printable, wrapped
from matcher.words import long_date

ANALYSTS = "FOR ANALYSTS"


@dataclass(frozen=True, slots=True)
class Source:
    """What an answer was made of: the day of the round, its fingerprint and that of its policy."""

    as_of: date
    input_sha256: str
    policy_sha256: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of what the answer rests on: a heading over sentences and tables."""

    heading: str
    parts: tuple[str | Table, ...]

    @classmethod
    def of(cls, heading: str, parts: Iterable[str | Table]) -> Section:
        """A section of what a function yields."""
        return cls(heading, tuple(parts))

    def text(self) -> Iterator[str]:
        """The section for a terminal."""
        yield printable(self.heading)
        for part in self.parts:
            if isinstance(part, Table):
                if len(self.parts) > 1:
                    yield f"{part.caption}:"
                yield from part.to_text()
            else:
                yield from wrapped([part])


@dataclass(frozen=True, slots=True)
class Paper:
    """What was asked, of what data; the answer in a few sentences; how sure; what to do; details.

    `reader` says who may read it: with `stays_inside`, the service alone.
    """

    title: str
    asked: str
    answer: tuple[str, ...]
    sure: tuple[str, ...]
    monday: tuple[str, ...]
    reader: str
    stays_inside: bool
    source: Source
    details: tuple[Section, ...]

    def text(self) -> Iterator[str]:
        """The paper for a terminal: at most one screen, then the details."""
        yield f"{self.title} {long_date(self.source.as_of)}"
        yield from wrapped([self.asked, self.reader, ""])
        yield from wrapped(f"- {line}" for line in self.answer)
        yield ""
        yield from wrapped([f"How sure: {' '.join(self.sure)}"])
        yield from wrapped([f"On Monday: {' '.join(self.monday)}"])
        yield ""
        yield ANALYSTS
        for section in self.details:
            yield ""
            yield from section.text()

    def page(self, figures: Sequence[Drawn]) -> Iterator[str]:
        """The paper as pieces of one HTML file; the first of the figures stands with the answer."""
        yield from (
            environment()
            .get_template("show/paper.html.j2")
            .stream(
                title=self.title,
                day=long_date(self.source.as_of),
                internal="",
                starts_at="first",
                paper=self,
                figures=figures,
                version=__version__,
                input=self.source.input_sha256,
                policy={"sha256": self.source.policy_sha256},
            )
        )
