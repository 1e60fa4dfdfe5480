"""What a change costs the round, in words: positive is lost, in the units in which people read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypedDict

from matcher.policy import aims
from matcher.policy.aims import RequestAim
from matcher.words import and_list, count

FEW_MOVES = 3  # more families that go elsewhere are counted, not named
NOTHING = "would be worth the same to the round: people may prefer it"
BETTER = "would better the round, which is the best found and not proven"
_BONDS = {
    "current_carer": "has with their own carers",
    "former_carer": "has with their former carers",
    "sibling_lives_there": "has with a brother or sister",
    "respite_carer": "has with their respite carers",
    "known_to_family": "has with a household they know",
}


# As JSON has it; 'from' is no name that a class could give a field.
MoveRecord = TypedDict("MoveRecord", {"request_id": str, "from": str | None, "to": str | None})


@dataclass(frozen=True)
class Move:
    """A family that goes from one household to another; None is no household."""

    request_id: str
    left: str | None
    to: str | None


@dataclass(frozen=True)
class Cost:
    """What a change costs: what each aim loses, by its key in their order, and who moves.

    None is a loss that is not shown, as it would tell where a hidden household is.
    """

    losses: Mapping[str, int | None]
    moves: tuple[Move, ...]

    @classmethod
    def read(cls, losses: Mapping[str, int | None], moves: Sequence[Mapping[str, Any]]) -> Cost:
        """A cost as its records say it."""
        found = (Move(each["request_id"], each["from"], each["to"]) for each in moves)
        return cls(losses, tuple(found))

    def moves_record(self) -> list[MoveRecord]:
        """Who moves, as a machine reads it."""
        return [
            {"request_id": each.request_id, "from": each.left, "to": each.to} for each in self.moves
        ]

    @property
    def first(self) -> tuple[str, int | None] | None:
        """The first aim that loses or gains, and how much; None where the aims stay as they are."""
        return next(((key, loss) for key, loss in self.losses.items() if loss != 0), None)


@dataclass(frozen=True)
class Need:
    """How soon a family is needed, and from which day."""

    urgency: str
    needed_from: date


@dataclass(frozen=True)
class Bond:
    """A relationship that a family has with a household, by its code."""

    request_id: str
    household_id: str
    kind: str

    @property
    def words(self) -> str:
        """What would be given up: 'R2 has with their former carers, H2'."""
        return f"{self.request_id} {_BONDS[self.kind]}, {self.household_id}"


def sentence(
    cost: Cost, forced: str, needs: Mapping[str, Need], given_up: Sequence[Bond] = ()
) -> str:
    """What a pair costs the others, in the first aim that loses, to follow the pair.

    `forced` is the request of the pair, `needs` are of the families that go unplaced, `given_up`
    the relationships that end.
    """
    first = cost.first
    if first is None:
        return NOTHING
    if first[1] is not None and first[1] < 0:
        return BETTER
    others = [move for move in cost.moves if move.request_id != forced]
    left = [move.request_id for move in others if move.to is None]
    moved = [move for move in others if move.to is not None]
    lost = _first_loss(cost, left, needs, given_up)
    then = [f"{move.request_id} would go to {move.to}" for move in moved]
    if left and not _is_unplaced(cost, left):
        then += [f"{request_id} would be left unplaced" for request_id in left]
    elif len(moved) > FEW_MOVES:
        then = [f"{count(len(moved), 'family')} would go elsewhere"]
    return f"would {lost}; {and_list(then)}" if then else f"would {lost}"


def cell(cost: Cost) -> str:
    """What a pair costs in the first aim that loses, for a cell of a table."""
    if cost.first is None:
        return "costs the round nothing"
    if cost.first[1] is not None and cost.first[1] < 0:
        return "betters the round, which is not proven"
    verb, _, rest = _first_loss(cost, _left(cost)).partition(" ")
    return f"{verb}s {rest}"


def each_aim(losses: Mapping[str, int | None]) -> str:
    """All that is lost and gained: 'loses 1 point of existing relationships; gains 3.74 of fit'."""
    said = []
    for verb, sign in (("loses", 1), ("gains", -1)):
        if some := amounts(losses, sign):
            said.append(f"{verb} {and_list(some)}")
    hidden = [
        f"changes {aims.aim_of(key).not_shown}" for key, loss in losses.items() if loss is None
    ]
    return "; ".join([*said, *hidden]) or "worth the same, aim by aim"


def amounts(losses: Mapping[str, int | None], sign: int = 1) -> list[str]:
    """How much of each aim is lost, or with sign -1 gained, in their order."""
    return [
        aims.aim_of(key).amount(sign * loss)
        for key, loss in losses.items()
        if loss is not None and sign * loss > 0
    ]


def of_pairs(losses: Mapping[str, int | None]) -> dict[str, int | None]:
    """The losses of the aims that belong to pairs: of the others, who is left unplaced says it."""
    return {
        key: loss for key, loss in losses.items() if not isinstance(aims.aim_of(key), RequestAim)
    }


def _left(cost: Cost) -> list[str]:
    return [move.request_id for move in cost.moves if move.to is None]


def _is_unplaced(cost: Cost, left: Sequence[str]) -> bool:
    """Whether what is lost first is that some family goes unplaced."""
    return (
        cost.first is not None and bool(left) and isinstance(aims.aim_of(cost.first[0]), RequestAim)
    )


def _first_loss(
    cost: Cost,
    left: Sequence[str],
    needs: Mapping[str, Need] | None = None,
    given_up: Sequence[Bond] = (),
) -> str:
    """What the first aim that loses is called, to follow 'would'."""
    key, loss = cost.first or ("", 0)
    aim = aims.aim_of(key)
    if loss is None:
        return f"change {aim.not_shown}"
    if isinstance(aim, RequestAim) and left:
        return f"leave {and_list(_unplaced(left, aim, needs))} unplaced"
    if key == aims.relationship.key and given_up:
        return f"give up what {and_list(bond.words for bond in given_up)}"
    return aim.loss(loss)


def _unplaced(
    left: Sequence[str], aim: RequestAim, needs: Mapping[str, Need] | None
) -> Iterator[str]:
    """The families that go unplaced, with what speaks for each."""
    for request_id in left:
        need = None if needs is None else needs[request_id]
        why = "" if need is None else f" ({aim.why(need.urgency, need.needed_from)})"
        yield f"{request_id}{why}"
