"""Facts, then words: what a sentence rests on as machine values, and the sentence made of them.

A wording is a function whose parameters name its facts. They are read of a case when a round is
explained and written to round.json; the sentence is made of them wherever a person reads it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from math import isnan
from typing import Any, Generic, Protocol, TypeAlias, TypeVar, get_args, get_origin, get_type_hints

Value: TypeAlias = str | int | float | bool | list["Value"] | None  # what JSON can hold
Facts: TypeAlias = dict[str, Value]
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
        return {name: _to_json(case.fact(name), kind) for name, kind in self.types.items()}

    def say(self, facts: Mapping[str, Value], **given: object) -> Said:
        """What there is to say of facts, whether read just now or from a file."""
        values = {name: _from_json(facts[name], kind) for name, kind in self.types.items()}
        return self.function(**values, **given)


@cache
def _of_items(kind: Any, number: int) -> tuple[Any, ...]:
    """The type of each item of a list, by the type of the whole: one for all, or one a place."""
    whole = next((part for part in (kind, *get_args(kind)) if get_origin(part) is tuple), None)
    items = get_args(whole)
    return (items[0],) * number if Ellipsis in items else items


@cache
def _is_day(kind: Any) -> bool:
    return kind is date or date in get_args(kind)


def _to_json(value: Any, kind: Any) -> Value:
    """A fact as JSON holds it: a day in ISO form, NaN as None, a tuple as a list."""
    if isinstance(value, tuple):
        return [_to_json(v, k) for v, k in zip(value, _of_items(kind, len(value)), strict=True)]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str | bool) or value is None:
        return value
    if kind is bool:
        return bool(value)
    number = float(value)
    if isnan(number):
        return None
    if _is_day(kind):
        return date.fromordinal(int(number)).isoformat()
    return int(number) if number.is_integer() else number


def _from_json(value: Value, kind: Any) -> object:
    if isinstance(value, list):
        return tuple(
            _from_json(v, k) for v, k in zip(value, _of_items(kind, len(value)), strict=True)
        )
    if isinstance(value, str) and _is_day(kind):
        return date.fromisoformat(value)
    return value
