"""The page of the Python face: what `matcher.__all__` promises, from its docstrings."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import matcher

NAMED = {
    "PolicySource": "str | PathLike | dict | None",
    "Source": "str | PathLike | dict",
    "PathLike[str]": "PathLike",
}
INTRODUCTION = """\
# Python

This page is made from the software by `tools/make_docs.py`. A test fails when it is stale.

For notebooks and other programs. `import matcher` gives the names below, and nothing else of the
package is promised. It loads nothing heavy until a round is read or a frame is made. Frames are
pandas; ids are text, days datetime64, money is £, fit and points are 0 to 100, and what is not known
is missing. Every object says in a line what it is, and shows its chief frame in a notebook. What is
wrong is raised as `WrongInput`.

```python
import matcher

data = matcher.read("data/samples/camden")
r = data.solve()
r.proposals
print(r.why("R04"))
r.price("R04", "H33").loses
print(r.what_if(train="H15", close="H17"))
r.gap().buy(60_000)
r.figures["map"]
r.write("reports/2026-11-23")
```
"""


def page() -> Iterator[str]:
    """The page, line by line."""
    yield INTRODUCTION
    for name in matcher.__all__:
        member = getattr(matcher, name)
        if inspect.isclass(member):
            yield from _class(name, member)
        elif callable(member):
            yield f"## `matcher.{name}{_signature(member)}`"
            yield ""
            yield from _text(member)
        else:
            yield f"## `matcher.{name}`"
            yield ""
            yield "The version of the package, as text."
            yield ""


def public(kind: type) -> Iterator[tuple[str, Any]]:
    """The members of a class that are promised, in the order in which they are written."""
    return ((name, each) for name, each in vars(kind).items() if not name.startswith("_"))


def _class(name: str, kind: type) -> Iterator[str]:
    yield f"## `matcher.{name}`"
    yield ""
    yield from _text(kind)
    for member, each in public(kind):
        if isinstance(each, cached_property | property):
            getter = each.func if isinstance(each, cached_property) else each.fget
            yield f"### `{name}.{member}`: {_returns(getter)}"
            yield ""
            yield from _text(getter)
        elif callable(each):
            yield f"### `{name}.{member}{_signature(each)}`"
            yield ""
            yield from _text(each)


def _signature(function: Callable[..., Any]) -> str:
    """What a function takes and gives, without the object itself."""
    signature = inspect.signature(function)
    words = []
    for each in signature.parameters.values():
        if each.kind is each.KEYWORD_ONLY and "*" not in words:
            words.append("*")
        if each.kind is each.VAR_KEYWORD:
            words.append(f"**{each.name}")
        elif each.name != "self":
            default = "" if each.default is each.empty else f" = {each.default!r}"
            words.append(f"{each.name}: {_plain(each.annotation)}{default}")
    return f"({', '.join(words)}) -> {_plain(signature.return_annotation)}"


def _returns(getter: Any) -> str:
    return _plain(inspect.signature(getter).return_annotation)


def _plain(annotation: str) -> str:
    """A type as a reader names it."""
    for written, named in NAMED.items():
        annotation = re.sub(rf"\b{re.escape(written)}", named, annotation)
    return annotation


def _text(documented: Any) -> Iterator[str]:
    yield inspect.getdoc(documented) or ""
    yield ""
