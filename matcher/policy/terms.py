"""What a policy calls its bodies, roles and clauses: which names there are, and what may be one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import TYPE_CHECKING

from matcher.terms import Terms

if TYPE_CHECKING:
    from matcher.policy.settings import Setting, Value

WORDS, CLAUSES = "words.", "clauses."  # where the keys begin
BOTH_WORKERS = "child's and supervising social workers"
# Of units whose plural has no plain s at its end.
ONE = {
    "children": "child",
    "looked-after people": "looked-after person",
    "families a week": "family a week",
}
ARTICLES = ("the ", "a ", "an ")
# Where one body does the work of two, no sentence asks it for something of itself.
MAY_BE_ONE = (
    {"fostering_panel", "permanence_panel"},
    {"legal_gateway", "legal_planning_meeting"},
    {"nominated_officer", "head_of_service"},
)


def terms_of(settings: Mapping[str, Setting], values: Mapping[str, Value]) -> Terms:
    """The names that a policy puts in the place of those that ship."""
    names = {
        text: own
        for key, setting in _words(settings).items()
        if (own := str(values[key]).strip()) != setting.value
        for text in _texts(setting)
    }
    clauses = {
        usual: own
        for key, value in values.items()
        if key.startswith(CLAUSES)
        and (own := clause_id(value)) != (usual := key.removeprefix(CLAUSES))
    }
    made = Terms(names, clauses)
    if not names:
        return made
    child, home = (
        made(str(settings[f"{WORDS}{key}"].value))
        for key in ("child_social_worker", "supervising_social_worker")
    )
    return Terms({**names, BOTH_WORKERS: f"{child} and {home}"}, clauses)


def clause_id(value: Value) -> str:
    """The id of a clause, of 'FP 4.2' or of 'FP 4.2: Two approved carers'."""
    return str(value).partition(": ")[0].strip()


def clause_title(values: Mapping[str, Value], clause: str, usual: str) -> str:
    """The title that a policy gives a clause, else the usual one."""
    return str(values.get(f"{CLAUSES}{clause}", "")).partition(": ")[2].strip() or usual


def wrong_names(
    settings: Mapping[str, Setting], values: Mapping[str, Value]
) -> Iterator[tuple[str, str, str]]:
    """The names that nobody could tell apart or read in a sentence: key, what is wrong, how to mend it."""
    words = _words(settings)
    own = {key: str(values[key]).strip() for key in words}
    usual = {text.casefold(): key for key, setting in words.items() for text in _texts(setting)}
    changed = [key for key, setting in words.items() if own[key] != setting.value]
    for key in changed:
        if own[key].casefold().startswith(ARTICLES):
            yield key, "It begins with an article.", "Leave it out: sentences say it."
        holder = usual.get(own[key].casefold(), key)
        if holder != key and (holder in changed or not _may_be_one(key, holder)):
            problem = f"It is what sentences say of {_code(holder)}."
            yield key, problem, "Choose another name, so that nobody is taken for somebody else."
    for one, other in combinations(changed, 2):
        if own[one].casefold() == own[other].casefold() and not _may_be_one(one, other):
            problem = f"It is the name of {_code(other)}, too."
            yield one, problem, "Give each a name of its own, so that nobody is taken for another."
    yield from _wrong_clauses(values)


def _wrong_clauses(values: Mapping[str, Value]) -> Iterator[tuple[str, str, str]]:
    ids = {
        key: clause_id(value)
        for key, value in values.items()
        if key.startswith(CLAUSES) and clause_id(value) != key.removeprefix(CLAUSES)
    }
    for key, own in ids.items():
        if not own:
            fix = 'Write an id, or an id and a title, such as "4.2: Two carers".'
            yield key, "It has no id.", fix
        elif f"{CLAUSES}{own}" in ids:
            fix = "Choose an id that no clause of this product has."
            yield key, "It is the id of another clause, which has a new one.", fix


def differing(changed: Mapping[str, Value]) -> list[str]:
    """What differs from the default, a phrase each: settings with their values, and how many names."""
    names = sum(map(is_name, changed))
    said = [f"{key} = {plain(value)}" for key, value in changed.items() if not is_name(key)]
    return [*said, f"names of its own ({names})"] if names else said


def plain(value: object) -> str:
    """A value of a setting as people write it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.12g}" if isinstance(value, int | float) else str(value)


def in_unit(value: object, unit: str) -> str:
    """A value of a setting with its unit: '1 week', '£4,500 a week', 'off'."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return plain(value)
    if unit.startswith("£"):
        return f"£{value:,.10g}{unit[1:]}"
    return f"{plain(value)} {ONE.get(unit, unit.removesuffix('s')) if value == 1 else unit}"


def is_name(key: str) -> bool:
    """Whether a setting is the name of a body, a role or a clause, which decides nothing."""
    return key.startswith((WORDS, CLAUSES))


def _may_be_one(one: str, other: str) -> bool:
    return any({_code(one), _code(other)} <= allowed for allowed in MAY_BE_ONE)


def _code(key: str) -> str:
    return key.removeprefix(WORDS)


def _words(settings: Mapping[str, Setting]) -> dict[str, Setting]:
    return {key: each for key, each in settings.items() if key.startswith(WORDS)}


def _texts(setting: Setting) -> tuple[str, ...]:
    """All ways in which sentences say a name."""
    return (str(setting.value), *setting.also)
