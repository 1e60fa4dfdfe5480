"""Facts, then words: what a sentence rests on as machine values, and the sentence made of them.

A wording is a function whose parameters name its facts. They are read of a case when a round is
explained and written to round.json; the sentence is made of them wherever a person reads it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from math import isnan
from typing import Any, Generic, Protocol, TypeAlias, TypeVar, get_args, get_origin, get_type_hints

Value: TypeAlias = str | int | float | bool | list["Value"] | None  # what JSON can hold
Facts: TypeAlias = dict[str, Value]
Converter: TypeAlias = Callable[[Any], Any]
Said = TypeVar("Said")


class HasFacts(Protocol):
    """Something that facts are read of: a pair, or a request."""

    def fact(self, name: str) -> object:
        """A fact by its name; AttributeError where there is none of that name."""


@dataclass(frozen=True)
class Wording(Generic[Said]):
    """A function that says something, and the facts that it says it of: name and type of each.

    `given` are parameters that are no facts, as they stand elsewhere in the record.
    """

    function: Callable[..., Said]
    types: Mapping[str, Any]

    @classmethod
    def of(cls, function: Callable[..., Said], *given: str) -> Wording[Said]:
        """The wording of a function; its parameters, but for those given, are its facts."""
        hints = get_type_hints(function)
        names = [name for name in inspect.signature(function).parameters if name not in given]
        return cls(function, {name: hints[name] for name in names})

    def read(self, case: HasFacts) -> Facts:
        """The facts of one case, as JSON holds them."""
        return {name: convert(case.fact(name)) for name, convert in self.to_json}

    def say(self, facts: Mapping[str, Value], **given: object) -> Said:
        """What there is to say of facts, whether read just now or from a file."""
        values = {name: convert(facts[name]) for name, convert in self._from_json}
        return self.function(**values, **given)

    @cached_property
    def to_json(self) -> list[tuple[str, Converter]]:
        """Each fact with what turns it into JSON."""
        return [(name, _to_json(kind)) for name, kind in self.types.items()]

    @cached_property
    def _from_json(self) -> list[tuple[str, Converter]]:
        return [(name, _from_json(kind)) for name, kind in self.types.items()]


@cache
def _to_json(kind: Any) -> Converter:
    """What turns facts of a type into JSON: days into ISO form, NaN into None, tuples into lists.

    A large round reads many facts, so what depends on the type alone is worked out once.
    """
    is_day, items = _is_day(kind), _items(kind, _to_json)

    def convert(value: Any) -> Value:
        if value is None or isinstance(value, str | bool):
            return value
        if isinstance(value, tuple):
            return items(value)
        if isinstance(value, date):
            return value.isoformat()
        if kind is bool:
            return bool(value)
        number = float(value)
        if isnan(number):
            return None
        if is_day:
            return date.fromordinal(int(number)).isoformat()
        return int(number) if number.is_integer() else number

    return convert


@cache
def _from_json(kind: Any) -> Converter:
    """What turns JSON into facts of a type."""
    is_day, items = _is_day(kind), _items(kind, _from_json)

    def convert(value: Value) -> object:
        if isinstance(value, list):
            return tuple(items(value))
        if is_day and isinstance(value, str):
            return date.fromisoformat(value)
        return value

    return convert


def _items(kind: Any, of: Callable[[Any], Converter]) -> Callable[[Iterable[Any]], list[Any]]:
    """What converts the items of a tuple, by the type of the whole: one for all, or one a place."""
    whole = next((part for part in (kind, *get_args(kind)) if get_origin(part) is tuple), None)
    kinds = get_args(whole)
    if Ellipsis in kinds and kinds[0] is not str:
        convert = of(kinds[0])
        return lambda items: [convert(item) for item in items]
    if not kinds or Ellipsis in kinds:
        return list
    each = [of(kind) for kind in kinds]
    return lambda items: [convert(item) for convert, item in zip(each, items, strict=True)]


def _is_day(kind: Any) -> bool:
    return kind is date or date in get_args(kind)
