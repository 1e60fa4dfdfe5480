"""The names of bodies and roles, asked for by key: of a sentence, or of a template."""

from __future__ import annotations

from matcher.policy.settings import default
from matcher.policy.terms import WORDS
from matcher.terms import say


def usual_name(key: str) -> str:
    """The name of a body that ships, which sentences are made with."""
    return str(default().values[f"{WORDS}{key}"])


class _Names:
    """The names in use, as a template asks for them: `words.resource_team`."""

    def __getattr__(self, key: str) -> str:
        if f"{WORDS}{key}" not in default().values:
            raise AttributeError(key)
        return say(usual_name(key))


NAMES = _Names()
