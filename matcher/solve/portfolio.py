"""Choose what to buy so that most requests can be placed: exact, with the least cost for it.

A household, as it is or as an option would make it, is an alternative; at most one alternative of a
household counts. An option may be bought several times where it makes a household each time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matcher.solve.cpsat import a_solver
from matcher.solve.problem import Integers

if TYPE_CHECKING:
    from ortools.sat.python import cp_model


class NotProven(RuntimeError):
    """The solver ran out of its steps before it could prove an answer."""


@dataclass(frozen=True)
class Alternative:
    """A household in one way: the requests it could take, (k,), and what that costs in £.

    Of the alternatives of one `household` at most one counts; that which costs nothing is the
    household as it is. `values` has, for each of these requests, what the pair adds to each later
    aim, (k, later aims). `copies` is how many such households there may be.
    """

    household: int
    requests: tuple[int, ...]
    values: tuple[tuple[int, ...], ...]
    cost: int
    copies: int = 1


@dataclass(frozen=True)
class Bought:
    """The number of each alternative, what they cost in £, and the value of each aim.

    Of those that cost nothing the number says nothing: they may be there and stay idle.
    """

    numbers: tuple[int, ...]
    cost: int
    values: tuple[int, ...]


def frontier(
    aims: Sequence[Integers], alternatives: Sequence[Alternative], budget: int
) -> Iterator[Bought]:
    """The best that can be bought for the budget, and then, dearest first, for ever less.

    `aims` are of the requests, each (requests,), in strict order of precedence. Each answer reaches
    the greatest aims for its money and costs the least for them; between two neighbours no money
    buys anything better than the cheaper one. The last costs nothing. Raises NotProven.
    """
    while budget >= 0:
        found = best(aims, alternatives, budget)
        yield found
        budget = found.cost - 1


def best(aims: Sequence[Integers], alternatives: Sequence[Alternative], budget: int) -> Bought:
    """The greatest aims, one after another, for the budget, and the least cost that reaches them.

    Of what costs the same, the later aims choose, in their order.
    """
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    numbers = [model.new_int_var(0, each.copies, "") for each in alternatives]
    of_household: dict[int, list[cp_model.IntVar]] = defaultdict(list)
    of_request: dict[int, list[cp_model.IntVar]] = defaultdict(list)
    pairs: list[tuple[cp_model.IntVar, tuple[int, ...]]] = []
    for each, number in zip(alternatives, numbers, strict=True):
        if each.copies == 1:
            of_household[each.household].append(number)
        takes = [model.new_bool_var("") for _ in each.requests]
        model.add(cp_model.LinearExpr.sum(takes) <= number)
        pairs += zip(takes, each.values, strict=True)
        for request, taken in zip(each.requests, takes, strict=True):
            of_request[request].append(taken)
    for some in of_household.values():
        model.add_at_most_one(some)
    for some in of_request.values():
        model.add_at_most_one(some)
    costs = [each.cost for each in alternatives]
    cost = cp_model.LinearExpr.weighted_sum(numbers, costs)
    model.add(cost <= budget)
    values = []
    for aim in aims:
        worth = [(take, int(aim[row])) for row, takes in of_request.items() for take in takes]
        values.append(_held(model, worth))
    least = -_held(model, [(number, -each) for number, each in zip(numbers, costs, strict=True)])
    for at in range(len(pairs[0][1]) if pairs else 0):
        _held(model, [(take, value[at]) for take, value in pairs])
    solver = _solved(model)
    bought = tuple(solver.value(number) for number in numbers)
    return Bought(bought, least, tuple(values))


def _held(model: cp_model.CpModel, worth: Sequence[tuple[cp_model.IntVar, int]]) -> int:
    """The greatest sum of what is chosen by its worth; the model then holds it."""
    from ortools.sat.python import cp_model

    total = cp_model.LinearExpr.weighted_sum([each for each, _ in worth], [n for _, n in worth])
    model.maximize(total)
    value = round(_solved(model).objective_value)
    model.clear_objective()  # type: ignore[no-untyped-call]
    model.add(total >= value)
    return value


def _solved(model: cp_model.CpModel) -> cp_model.CpSolver:
    from ortools.sat.python import cp_model

    solver = a_solver()
    if solver.solve(model) != cp_model.OPTIMAL:
        raise NotProven("the solver did not prove a portfolio")
    return solver
