"""The forms in which a policy is written down: a rule, a criterion, a screening check, a gate.

Each is a function over columns with its clause beside it; its name is its key and the first line
of its docstring is what it says in plain English. `because` adds the words for one pair.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import isnan
from typing import TypeAlias

from matcher.model import Mask, Numbers
from matcher.policy.case import Case
from matcher.policy.pairs import Pairs

Words: TypeAlias = str | Callable[[Case], str]
BLANK = "It is not known "
SUPERVISING = "supervising social worker"


def _sentence(function: Callable[..., object]) -> str:
    if not function.__doc__:
        raise TypeError(f"{function.__name__} has no docstring to say what it asks")
    return function.__doc__.strip().splitlines()[0]


class NotKnown(str):
    """A reason that says what is not known of the household: a question, not a refusal.

    It begins with 'It is not known', so that what follows is also what to ask; `otherwise` is what
    to do where the answer is no.
    """

    otherwise: str

    def __new__(cls, reason: str, otherwise: str = "") -> NotKnown:
        """A reason, with what to do where the answer is no."""
        made = super().__new__(cls, reason)
        made.otherwise = otherwise
        return made

    @property
    def question(self) -> str:
        """What to ask, and whom."""
        asked = self.removeprefix(BLANK).rstrip(".")
        ask = f"Ask the carers, through their supervising social worker, {asked}."
        return f"{ask} {self.otherwise}".rstrip()


@dataclass(frozen=True, slots=True)
class Failing:
    """Why one pair fails one rule, what would mend it and who can grant that.

    `known` is false where the household may well meet the rule and somebody has to ask.
    """

    reason: str
    fix: str
    who: str
    known: bool


@dataclass
class Rule:
    """A hard rule: where `met` is false for a pair, the pair is not eligible."""

    key: str
    clause: str
    sentence: str
    met: Callable[[Pairs], Mask]
    lack: str
    fix: Words
    who: str
    household_alone: bool
    _because: Callable[[Case], str] | None = field(default=None, repr=False)

    def because(self, words: Callable[[Case], str]) -> Callable[[Case], str]:
        """Add the reason for one pair that fails; NotKnown where the household's facts are blank."""
        self._because = words
        return words

    def failing(self, case: Case) -> Failing:
        """Why a pair fails this rule."""
        if self._because is None:
            raise TypeError(f"rule {self.key} has no words for its reason")
        reason = self._because(case)
        if isinstance(reason, NotKnown):
            return Failing(reason, reason.question, SUPERVISING, known=False)
        fix = self.fix(case) if callable(self.fix) else self.fix
        return Failing(reason, fix, self.who, known=True)


def rule(
    clause: str,
    *,
    lack: str,
    fix: Words,
    who: str = SUPERVISING,
    household_alone: bool = False,
) -> Callable[[Callable[[Pairs], Mask]], Rule]:
    """Write a function down as a hard rule.

    `lack` says in a few words what a household that fails it is, as in '31 not trained'.
    `household_alone` says that the request doesn't matter.
    """

    def write(met: Callable[[Pairs], Mask]) -> Rule:
        return Rule(met.__name__, clause, _sentence(met), met, lack, fix, who, household_alone)

    return write


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a criterion rests on for one pair, and what would close a gap, if there is one."""

    text: str
    support: str | None = None


@dataclass
class Criterion:
    """A soft criterion: 0 to 1 for each pair, NaN where it does not apply."""

    key: str
    clause: str
    sentence: str
    value: Callable[[Pairs], Numbers]
    _evidence: Callable[[Case, float], Evidence] | None = field(default=None, repr=False)

    def evidence(
        self, words: Callable[[Case, float], Evidence]
    ) -> Callable[[Case, float], Evidence]:
        """Add the words for one pair and its value."""
        self._evidence = words
        return words

    def because(self, case: Case, value: float) -> Evidence:
        """What the value rests on for one pair."""
        if self._evidence is None:
            raise TypeError(f"criterion {self.key} has no words for its evidence")
        if isnan(value):
            return Evidence("It does not apply, or the request does not say.")
        return self._evidence(case, value)


def criterion(clause: str) -> Callable[[Callable[[Pairs], Numbers]], Criterion]:
    """Write a function down as a soft criterion; its weight is `weights.<name>` in the policy."""

    def write(value: Callable[[Pairs], Numbers]) -> Criterion:
        return Criterion(value.__name__, clause, _sentence(value), value)

    return write
