"""The forms in which a policy is written down: a hard rule and a soft criterion.

Each is a function over columns with its clause beside it; its name is its key and the first line
of its docstring is what it says in plain English. Its words for one pair are functions of facts
(see `facts`). Whatever else a command needs of it hangs on it too, and has a default, so that one
that nobody has heard of runs through every command.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import isnan
from typing import Any, TypeAlias, TypeVar

from matcher.intake.edits import Edits
from matcher.intake.rows import Request
from matcher.model import Mask, Numbers
from matcher.policy.case import Case, FactNames, Reading, RequestCase
from matcher.policy.facts import Facts, Value, Wording
from matcher.policy.pairs import Pairs
from matcher.policy.settings import Policy
from matcher.words import label, upper_first

SUPERVISING = "supervising social worker"

Function = TypeVar("Function", bound=Callable[..., Any])
Cells: TypeAlias = Mapping[str, Any]  # clean values by column, of a household or its carer
Doubts: TypeAlias = Mapping[str, tuple[str, ...]]  # the household's columns, by reason of a no
Needs: TypeAlias = Callable[[Case], Iterable[str]]


def _sentence(function: Callable[..., object]) -> str:
    if not function.__doc__:
        raise TypeError(f"{function.__name__} has no docstring to say what it asks")
    return function.__doc__.strip().splitlines()[0]


@dataclass(frozen=True, slots=True)
class NotKnown:
    """What is not known of the household: a question, not a refusal.

    `what` follows 'It is not known' and 'Ask the carers', as in 'whether anybody smokes there';
    `otherwise` is what to do where the answer is no.
    """

    what: str
    otherwise: str = ""

    @property
    def reason(self) -> str:
        """What is not known, as a reason."""
        return f"It is not known {self.what}."

    @property
    def question(self) -> str:
        """What to ask, and whom."""
        ask = f"Ask the carers, through their supervising social worker, {self.what}."
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


@dataclass(frozen=True, slots=True)
class Passing:
    """What is recorded of a pair that passes a rule, and what is still to be asked ('' = nothing).

    A rule can pass on what nobody has asked: that is no fact about a home.
    """

    text: str
    asks: str = ""


@dataclass(eq=False, kw_only=True)
class Form:
    """What a rule and a criterion have in common.

    `tells_place`: its facts say where a household is, so that a withheld address hides them.
    `doubts`: the reasons of a no to a match that call it in question, each with the household's
    columns that may then be wrong.
    """

    key: str
    clause: str
    sentence: str
    tells_place: bool
    doubts: Doubts
    _asks: Needs | None = field(default=None, repr=False)
    _recruit: Callable[[Request, Policy], Cells] | None = field(default=None, repr=False)

    def asks(self, needs: Function) -> Function:
        """Add what the family needs by it, in words for a form: a function of a case."""
        self._asks = needs
        return needs

    def recruit(self, cells: Function) -> Function:
        """Add what a household recruited for a family has because of it: of request and policy."""
        self._recruit = cells
        return cells

    def recruited(self, request: Request, policy: Policy) -> Cells:
        """The cells of a household, or of its carer, recruited for a family."""
        return {} if self._recruit is None else self._recruit(request, policy)


@dataclass(eq=False, kw_only=True)
class Rule(Form):
    """A hard rule: where `met` is false for a pair, the pair is not eligible."""

    met: Callable[[Pairs], Mask]
    lack: str
    lack_recorded: str
    lack_not_known: str
    fix: str | Wording[str]
    who: str
    household_alone: bool
    choice_passes: bool
    of_start: bool
    always: str = ""
    _because: Wording[str | NotKnown] | None = field(default=None, repr=False)
    _passes: Wording[Passing] | None = field(default=None, repr=False)
    _mend: Callable[[Case], Edits] | None = field(default=None, repr=False)
    _comes_with: Callable[[Case, Edits], bool] | None = field(default=None, repr=False)

    def because(self, words: Function) -> Function:
        """Add the reason for one pair that fails, NotKnown where the household's facts are blank."""
        self._because = Wording.of(words)
        return words

    def passes(self, words: Function) -> Function:
        """Add what is recorded of one pair that passes: a function of facts that says Passing."""
        self._passes = Wording.of(words)
        return words

    def mend(self, edits: Function) -> Function:
        """Add what the tables would say once a pair that fails is mended: a function of a case."""
        self._mend = edits
        return edits

    def comes_with(self, is_met: Function) -> Function:
        """Add whether edits that other rules need mend this one too: of a case and these edits."""
        self._comes_with = is_met
        return is_met

    @property
    def reason(self) -> Wording[str | NotKnown]:
        """The wording of the reason."""
        if self._because is None:
            raise TypeError(f"rule {self.key} has no words for its reason")
        return self._because

    @property
    def fact_types(self) -> dict[str, Any]:
        """The facts of its sentences: the type of each by its name."""
        fix = self.fix.types if isinstance(self.fix, Wording) else {}
        return {**self.reason.types, **fix}

    def facts(self, case: Case) -> Facts:
        """What its sentences about a pair that fails are made of."""
        facts = self.reason.read(case)
        return facts | self.fix.read(case) if isinstance(self.fix, Wording) else facts

    def reading(self, request: RequestCase) -> Reading:
        """What reads these facts of one household after another."""
        return Reading(request, self._names)

    @cached_property
    def _names(self) -> FactNames:
        fix = (self.fix,) if isinstance(self.fix, Wording) else ()
        return FactNames(self.reason, *fix)

    def explain(self, facts: Mapping[str, Value]) -> Failing:
        """Why a pair of these facts fails the rule."""
        reason = self.reason.say(facts)
        if isinstance(reason, NotKnown):
            return Failing(reason.reason, reason.question, SUPERVISING, known=False)
        fix = self.fix.say(facts) if isinstance(self.fix, Wording) else self.fix
        return Failing(reason, fix, self.who, known=True)

    def is_known(self, facts: Mapping[str, Value]) -> bool:
        """Whether it is known that a pair of these facts fails the rule."""
        return not isinstance(self.reason.say(facts), NotKnown)

    def failing(self, case: Case) -> Failing:
        """Why a pair fails this rule."""
        return self.explain(self.facts(case))

    def passing(self, case: Case) -> Passing:
        """What is recorded of a pair that passes this rule."""
        if self._passes is None:
            return Passing("What is recorded passes the rule.")
        return self._passes.say(self._passes.read(case))

    def edits(self, case: Case) -> Edits:
        """The edits that mend a pair; none where the rule doesn't say."""
        return () if self._mend is None else self._mend(case)

    def is_mended_by(self, case: Case, edits: Edits) -> bool:
        """Whether edits that other rules need mend this one too."""
        return self._comes_with is not None and self._comes_with(case, edits)

    def needs(self, case: Case) -> tuple[str, ...]:
        """What a family makes essential by this rule, in words; nothing where the rule doesn't say."""
        return () if self._asks is None else tuple(self._asks(case))


def rule(
    clause: str,
    *,
    lack: str,
    fix: str | Callable[..., str],
    who: str = SUPERVISING,
    household_alone: bool = False,
    choice_passes: bool = False,
    of_start: bool = False,
    always: str = "",
    tells_place: bool = False,
    doubts: Doubts | None = None,
    lack_recorded: str = "",
    lack_not_known: str = "",
) -> Callable[[Callable[[Pairs], Mask]], Rule]:
    """Write a function down as a hard rule.

    `lack` says in a few words what a household that fails it is, as in '31 not trained', whether
    that is recorded or nobody has asked. `lack_recorded` and `lack_not_known` tell these apart.
    `fix` is what would mend it: a sentence, or a function of facts.
    `household_alone` says that the request doesn't matter, `choice_passes` that people may choose
    the pair all the same, `of_start` that it is asked until the placement starts, not after.
    `always` is why no setting switches it off, where none does.
    """

    def write(met: Callable[[Pairs], Mask]) -> Rule:
        return Rule(
            key=met.__name__,
            clause=clause,
            sentence=_sentence(met),
            met=met,
            lack=lack,
            lack_recorded=lack_recorded or lack,
            lack_not_known=lack_not_known or f"{lack} (not known)",
            fix=fix if isinstance(fix, str) else Wording.of(fix),
            who=who,
            household_alone=household_alone,
            choice_passes=choice_passes,
            of_start=of_start,
            always=always,
            tells_place=tells_place,
            doubts=doubts or {},
        )

    return write


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a criterion rests on for one pair, and what would close a gap, if there is one."""

    text: str
    support: str | None = None


@dataclass(eq=False, kw_only=True)
class Criterion(Form):
    """A soft criterion: 0 to 1 for each pair, NaN where it does not apply."""

    value: Callable[[Pairs], Numbers]
    _evidence: Wording[Evidence] | None = field(default=None, repr=False)

    def evidence(self, words: Function) -> Function:
        """Add the words for one pair: a function of `value`, which is no fact, and of facts."""
        self._evidence = Wording.of(words, "value")
        return words

    @property
    def wording(self) -> Wording[Evidence]:
        """The wording of the evidence."""
        if self._evidence is None:
            raise TypeError(f"criterion {self.key} has no words for its evidence")
        return self._evidence

    @property
    def fact_types(self) -> dict[str, Any]:
        """The facts of its evidence: the type of each by its name."""
        return dict(self.wording.types)

    def facts(self, case: Case) -> Facts:
        """What its evidence about a pair is made of."""
        return self.wording.read(case)

    def reading(self, request: RequestCase) -> Reading:
        """What reads these facts of one household after another."""
        return Reading(request, self._names)

    @cached_property
    def _names(self) -> FactNames:
        return FactNames(self.wording)

    def explain(self, facts: Mapping[str, Value], value: float | None) -> Evidence:
        """What a value rests on; NaN and None do not apply, and then rest on no fact."""
        if value is None or isnan(value):
            return Evidence("It does not apply, or the request does not say.")
        return self.wording.say(facts, value=value)

    def because(self, case: Case, value: float) -> Evidence:
        """What the value rests on for one pair."""
        return self.explain({} if isnan(value) else self.facts(case), value)

    def weight(self, policy: Policy) -> float:
        """What it weighs; TypeError where the numbers of the policy lack it."""
        return policy.weight(self.key)

    def need(self, case: Case) -> str:
        """What a family needs by this criterion, in words; the criterion's name where it doesn't say."""
        if self._asks is None:
            return upper_first(label(self.key))
        return ", ".join(self._asks(case))


def criterion(
    clause: str, *, tells_place: bool = False, doubts: Doubts | None = None
) -> Callable[[Callable[[Pairs], Numbers]], Criterion]:
    """Write a function down as a soft criterion; its weight is `weights.<name>` in the policy."""

    def write(value: Callable[[Pairs], Numbers]) -> Criterion:
        return Criterion(
            key=value.__name__,
            clause=clause,
            sentence=_sentence(value),
            value=value,
            tells_place=tells_place,
            doubts=doubts or {},
        )

    return write
