"""Match parent and child requests with fostering households: propose, price and explain.

People decide. Nothing here predicts success; every answer can be traced to a clause.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matcher.face import (
        Data,
        Gap,
        Policy,
        Price,
        Round,
        WhatIf,
        WrongInput,
        Years,
        read,
        sample,
        verify,
    )

__version__ = "0.2.0"
__all__ = [
    "Data",
    "Gap",
    "Policy",
    "Price",
    "Round",
    "WhatIf",
    "WrongInput",
    "Years",
    "__version__",
    "read",
    "sample",
    "verify",
]


def __getattr__(name: str) -> Any:
    """A name of the face, loaded when it is first asked for, so that the import stays light."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("matcher.face"), name)


def __dir__() -> list[str]:
    """The names that are promised."""
    return __all__
