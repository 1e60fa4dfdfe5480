"""What --record does once the files of a round are written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from matcher.errors import Breach, BreachFound, MatcherError, WrongInput

if TYPE_CHECKING:
    from matcher.intake.inputs import Inputs


def recorder(where: str | None) -> Callable[[Path, Inputs], list[str]]:
    """What appends a round, by the path of its round.json, to a history, and says what it did.

    A place that can hold no history is WrongInput at once, before anything is solved.
    """
    if where is None:
        return lambda path, inputs: []
    from datetime import UTC, datetime

    from matcher.history.recording import record_round
    from matcher.history.store import open_store

    store = open_store(where)

    def append(path: Path, inputs: Inputs) -> list[str]:
        document = path.read_bytes()
        kept = f"The files of the round are in {path.parent}, but it is not recorded."
        try:
            made = record_round(store, document, inputs.decision_log, datetime.now(UTC))
        except BreachFound as error:
            raise BreachFound([*error.breaches, Breach("history", kept)]) from None
        except WrongInput as error:
            faults = [replace(fault, fix=f"{fault.fix} {kept}") for fault in error.faults]
            raise WrongInput(faults) from None
        except MatcherError as error:
            raise MatcherError(f"{error} {kept}") from None
        return made.sentences(store.name)

    return append
