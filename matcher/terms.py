"""A council's own names for its bodies, roles and clauses, put into text where people read it.

Sentences are made with the names of the policy that ships; facts, records and keys hold these. The
last step before a reader puts in the names that are in use, as gettext does with a language: those
who answer say once which are in use, and whatever prints text for people asks `say`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from matcher.words import upper_first

VOWELS = "aeiouAEIOU"
# What follows 'by' without an article, or stands in quotes, is what somebody wrote.
NOT_ENTERED = r"(?<![\w.-])(?<!\bby )" + "(?<!['‘\"“])"


class AsIs(str):
    """A text that is shown as it is: people wrote it, or it holds the names in use already."""

    __slots__ = ()


@dataclass(frozen=True)
class Terms:
    """The names that differ: the council's own by the text that sentences are made with.

    `clauses` are ids, which have neither plural nor capital. An own name that a text holds already
    stays, so that a text may pass twice.
    """

    names: Mapping[str, str]
    clauses: Mapping[str, str] = field(default_factory=dict)

    _found: re.Pattern[str] = field(init=False, repr=False, compare=False)
    _own: Mapping[str, tuple[str, str]] = field(init=False, repr=False, compare=False)
    _ids: Mapping[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        usual = {text.casefold() for text in (*self.names, *self.clauses)}
        own = {*self.names.values(), *self.clauses.values()}
        stay = {text for text in own if text.casefold() not in usual}
        texts = sorted({*self.names, *self.clauses, *stay}, key=lambda text: (-len(text), text))
        pattern = "|".join(map(re.escape, texts))
        ending = r"(?P<s>s(?!\w)|['’]s)?"
        found = rf"{NOT_ENTERED}(?P<a>an? )?(?P<text>{pattern}){ending}(?!\w)"
        object.__setattr__(self, "_found", re.compile(found, re.IGNORECASE))
        folded = {text.casefold(): (text, own) for text, own in self.names.items()}
        object.__setattr__(self, "_own", folded)
        ids = {text.casefold(): own for text, own in self.clauses.items()}
        object.__setattr__(self, "_ids", ids)

    def __call__(self, text: str) -> str:
        """The text with the council's own names."""
        return self._found.sub(self._put, text) if self.names or self.clauses else text

    def _put(self, found: re.Match[str]) -> str:
        matched, ending = found["text"], found["s"] or ""
        if (own_id := self._ids.get(matched.casefold())) is not None:
            return f"{found['a'] or ''}{own_id}{ending}"
        if (names := self._own.get(matched.casefold())) is None:
            return found[0]
        usual, own = names
        starts = found["a"] is None and _starts_a_sentence(found.string, found.start("text"))
        if starts or (matched[0].isupper() and usual[0].islower()):
            own = upper_first(own)
        return f"{_article(found['a'], own)}{_inflected(own, ending)}"


def _starts_a_sentence(text: str, at: int) -> bool:
    before = text[:at].rstrip()
    return text[at].isupper() and (not before or before[-1] in ".!?:" or text[at - 1] == "\n")


def _article(said: str | None, name: str) -> str:
    if said is None:
        return ""
    article = "an " if name[0] in VOWELS else "a "
    return upper_first(article) if said[0] == "A" else article


def with_article(name: str) -> str:
    """A name after 'a' or 'an'."""
    return f"{_article('a', name)}{name}"


def plural(name: str) -> str:
    """A name in the plural."""
    return _inflected(name, "s")


def _inflected(name: str, ending: str) -> str:
    """A name as it is, in the plural, or in the genitive."""
    if ending == "s":
        if name.endswith("s"):
            return name
        return f"{name[:-1]}ies" if re.search("[^aeiou]y$", name) else f"{name}s"
    return f"{name}{ending[0]}" if ending and name.endswith("s") else f"{name}{ending}"


_in_use: ContextVar[Terms | None] = ContextVar("terms in use", default=None)


def use(terms: Terms) -> None:
    """Use these names until something else is said in this context, which is a command's or a page's own."""
    _in_use.set(terms)


@contextmanager
def using(terms: Terms) -> Iterator[None]:
    """Use these names for a while."""
    before = _in_use.set(terms)
    try:
        yield
    finally:
        _in_use.reset(before)


def say(text: str) -> str:
    """A text of ours as people read it: with the names in use."""
    terms = _in_use.get()
    return text if terms is None or isinstance(text, AsIs) else AsIs(terms(text))
