"""Ask what if: other rounds beside the one of today."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from matcher.cli.current import Named, answer, the_round
from matcher.cli.given import Data, Given, assigned, command, pictures
from matcher.codes import did_you_mean
from matcher.current import Current
from matcher.errors import WrongInput, wrong_file, wrong_option
from matcher.whatif import Difference, read_options, read_scenarios, words
from matcher.whatif import each as every_change
from matcher.whatif.figures import figure, firm_figure
from matcher.whatif.firmness import firmness
from matcher.whatif.next_rounds import next_rounds
from matcher.whatif.refused import answer as scenario_answer

Many = list[str] | None
EACH = ("train", "second-carer", "open", "bedroom", "recruit", "all")


def _ids(what: str) -> Any:
    return typer.Option(metavar="ID", help=f"{what} May be given several times.")


@command("matcher whatif {sample} --train H15 --without R04")
def whatif(
    given: Given,
    data: Data,
    scenario: Annotated[
        Path | None, typer.Argument(metavar="SCENARIO", help="A TOML file with scenarios.")
    ] = None,
    train: Annotated[Many, _ids("A carer there is trained and assessed.")] = None,
    second_carer: Annotated[Many, _ids("A second carer there is approved.")] = None,
    bedroom: Annotated[Many, _ids("One more bedroom there.")] = None,
    close: Annotated[Many, _ids("The household is not available.")] = None,
    open_: Annotated[
        Many, typer.Option("--open", metavar="ID", help="The household is free.")
    ] = None,
    add_household: Annotated[
        Many, typer.Option(metavar="FILE", help="A TOML file with a household and its carers.")
    ] = None,
    set_: Annotated[
        Many, typer.Option("--set", metavar="ID.COLUMN=VALUE", help="Another value of one cell.")
    ] = None,
    weight: Annotated[
        Many, typer.Option(metavar="CRITERION=NUMBER", help="Another weight of a criterion.")
    ] = None,
    policy_set: Annotated[
        Many, typer.Option(metavar="SETTING=VALUE", help="Another value of the policy.")
    ] = None,
    choose: Annotated[
        Many, typer.Option(metavar="REQUEST:HOUSEHOLD", help="Insist on a pair.")
    ] = None,
    rule_out: Annotated[
        Many, typer.Option(metavar="REQUEST:HOUSEHOLD", help="A pair that is not to be.")
    ] = None,
    without: Annotated[Many, _ids("A request that is withdrawn.")] = None,
    each: Annotated[
        str | None, typer.Option(metavar="KIND", help=f"Try every change: {', '.join(EACH)}.")
    ] = None,
    next_best: Annotated[
        int | None, typer.Option(metavar="N", help="The N best whole rounds after it.", min=1)
    ] = None,
    differ: Annotated[
        int, typer.Option(metavar="K", help="They differ in at least K families.", min=1)
    ] = 1,
    how_sure: Annotated[
        bool, typer.Option("--how-sure", help="How firm each proposal is against the weights.")
    ] = False,
    top: Annotated[int, typer.Option(help="How many changes --each tells.", min=1)] = 10,
    named: Named = None,
) -> None:
    """Ask what if: scenarios beside today's round, every single change, the next-best rounds."""
    lists = {
        "train": train,
        "second_carer": second_carer,
        "bedroom": bedroom,
        "close": close,
        "open": open_,
        "add_household": add_household,
        "choose": choose,
        "rule_out": rule_out,
        "without": without,
    }
    options: dict[str, Any] = {key: some for key, some in lists.items() if some}
    cells = {"--set": ("set", set_), "--weight": ("weight", weight)}
    cells["--policy-set"] = ("policy", policy_set)
    for option, (key, some) in cells.items():
        if some:
            options[key] = dict(_assigned(option, text) for text in some)
    if differ > 1 and next_best is None:
        problem, fix = "It asks for other rounds.", "Give --next-best as well."
        raise WrongInput([wrong_option("--differ", problem, fix, value=str(differ))])
    asked = [bool(options) or scenario is not None, each is not None]
    asked += [next_best is not None, how_sure]
    if sum(asked) != 1:
        problem = "It is not clear what is asked." if any(asked) else "Nothing is asked."
        fix = "Give a scenario or options for one, --each, --next-best or --how-sure."
        raise WrongInput([wrong_file("options", problem, fix)])
    now = the_round(given, data, named)
    if each is not None:
        _each(given, now, each, top)
    elif next_best is not None:
        _next(given, now, next_best, differ)
    elif how_sure:
        _sure(given, now)
    else:
        _scenarios(given, now, scenario, options)


def _assigned(option: str, text: str) -> tuple[str, Any]:
    """'language=30' as a key and a value; a number where it is one."""
    key, value = assigned(option, text)
    if option == "--set":
        return key, value
    if value in ("true", "false"):
        return key, value == "true"
    for number in (int, float):
        try:
            return key, number(value)
        except ValueError:
            continue
    return key, value


def _scenarios(given: Given, now: Current, file: Path | None, options: dict[str, Any]) -> None:
    inputs, policy = now.inputs, now.policy
    scenarios = [] if file is None else read_scenarios(file, inputs, policy)
    if options:
        scenarios.append(read_options(options, inputs, policy))
    answers = [scenario_answer(now.solved, scenario) for scenario in scenarios]
    possible = [each for each in answers if isinstance(each, Difference)]
    record = {"scenarios": [words.scenario_record(each) for each in answers]}
    drawn = (lambda: pictures([figure(possible)])) if possible else None
    answer(given, now.about, "whatif", words.whatif_text(answers), record, drawn)


def _each(given: Given, now: Current, kind: str, top: int) -> None:
    if kind not in EACH:
        guess = did_you_mean(kind[:60], EACH).strip()
        fix = guess or f"Use {', '.join(EACH)}."
        problem = "There is no such kind of change."
        raise WrongInput([wrong_option("--each", problem, fix, value=kind[:60])])
    tried = every_change(now.solved, kind.replace("-", "_"))
    names = now.solved.prepared.aims
    record = words.each_record(names, kind, tried)
    answer(
        given, now.about, f"whatif-each-{kind}", words.each_text(names, kind, tried, top), record
    )


def _next(given: Given, now: Current, many: int, least: int) -> None:
    record = words.next_record(now.solved, next_rounds(now.solved, many, least), least)
    answer(given, now.about, "whatif-next-best", words.next_text(record), record)


def _sure(given: Given, now: Current) -> None:
    if now.solved.prices is None:
        given.tell("A limit is in play: the round is solved some 700 times. This takes a while.")
    records = words.firm_record(now.solved, firmness(now.solved))
    drawn = (lambda: pictures([firm_figure(records)])) if records else None
    text, record = words.firm_text(records), {"proposals": records}
    answer(given, now.about, "whatif-how-sure", text, record, drawn)
