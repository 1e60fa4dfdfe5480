"""The page docs/performance.md, from the results of the benchmark."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from growth import exponent
from measure import MOST_MEMORY, PATIENCE
from whole_rounds import BEFORE


def text(results: dict[str, Any]) -> str:
    """The page; a part that was never measured is left out."""
    return "\n".join(_page(results)) + "\n"


def _page(results: dict[str, Any]) -> Iterator[str]:
    yield "# Performance"
    yield ""
    yield "This page is made by `python benchmarks/run.py`. All of one table was measured in one run, in turn,"
    yield "each in a process of its own. Seconds are this machine's and vary with what else it does; ratios are"
    yield "the finding, medians of the ratios round by round. Rounds are synthetic: `matcher sample england`, seed 1."
    yield ""
    yield f"Machine: {'; '.join(f'{name} {value}' for name, value in results['machine'].items())}."
    parts: dict[str, Any] = {"halves": _halves, "cold": _cold, "limits": _limits}
    parts |= {"stages": _stages, "solvers": _solvers, "scans": _scans}
    parts |= {"questions": _questions, "national": _national}
    parts |= {"gap": _gap, "years": _years, "growth": _growth}
    for name, part in parts.items():
        if name in results:
            yield ""
            yield from part(results[name])


def _halves(found: list[dict[str, Any]]) -> Iterator[str]:
    yield "## A national round, against the commit before"
    yield ""
    yield f"Whole processes, CSV to the files, {found[0]['size']}, `--top 20`, on commit {BEFORE} and on this one in turn; medians of the"
    yield "ratios turn by turn, and in brackets what this commit takes. Processor is user and system time of all its"
    yield "processes; memory is the most that one process held."
    yield ""
    yield "| written | clock | processor | memory |"
    yield "|---|---:|---:|---:|"
    for each in found:
        yield _row(each["what"], _parts_of(each["now"]))


def _parts_of(runs: dict[str, Any]) -> Iterator[str]:
    yield from _times_of(runs)
    yield f"{runs['mebibytes']['ratio']:.2f} ({runs['mebibytes']['median']:,.0f} MiB)"


def _times_of(runs: dict[str, Any]) -> Iterator[str]:
    """Without memory: that of a small process begins with what its parent held."""
    for part in ("seconds", "processor"):
        yield f"{runs[part]['ratio']:.2f} ({runs[part]['median']:.3g} s)"


def _cold(found: list[dict[str, Any]]) -> Iterator[str]:
    yield "## A small round from cold"
    yield ""
    yield f"The sample `camden` to `round.json`, as a multiple of `python -c pass`; medians of {found[0]['seconds']['times']} turns."
    yield ""
    yield "| | clock | processor |"
    yield "|---|---:|---:|"
    names = {"nothing": "`python -c pass`", "before": f"on commit {BEFORE}", "now": "now"}
    for each in found:
        yield _row(names[each["name"]], _times_of(each))


def _limits(found: list[dict[str, Any]]) -> Iterator[str]:
    yield "## Limits"
    yield ""
    yield "A round under limits, as a multiple of the same round without: whole processes in turn."
    yield ""
    yield "| round | limits | clock | processor |"
    yield "|---|---|---:|---:|"
    for each in found:
        yield _row(each["size"], (each["limits"], *_times_of(each["with"])))


def _row(label: str, cells: Iterable[str]) -> str:
    return f"| {label} | {' | '.join(cells)} |"


def _stages(found: list[dict[str, Any]]) -> Iterator[str]:
    yield "## A round, stage by stage"
    yield ""
    yield "Seconds from the CSV tables to `round.json` with `--top 20` and every reason, and the most memory"
    yield "held by the end of each stage (MiB). Processes forked for rules, scores and explanations share that"
    yield "memory; the last row is the most that one of them held, shared pages counted again."
    yield ""
    yield _row("", (_size(each) for each in found))
    yield f"|---|{'---:|' * len(found)}"
    for stage in found[0]["stages"]:
        held = (each["stages"][stage] for each in found)
        yield _row(stage, (f"{seconds:.2f} s, {mib:.0f}" for seconds, mib in held))
    yield _row("**all**", (f"**{each['total']:.1f} s**" for each in found))
    spread = (f"{each['fastest']:.1f} to {each['slowest']:.1f} s" for each in found)
    yield _row(f"fastest and slowest of {found[0]['times']}", spread)
    yield _row("a forked process", (f"{each['forked_mib']:.0f} MiB" for each in found))
    yield _row("eligible pairs", (f"{each['pairs']:,}" for each in found))
    yield _row("placed", (f"{each['placed']:,}" for each in found))
    yield _row("round.json", (f"{each['bytes'] / 1e6:.1f} MB" for each in found))
    yield ""
    largest = found[-1]
    spent = {name: seconds for name, (seconds, _) in largest["stages"].items()}
    most = sorted(spent, key=lambda name: -spent[name])
    shares = (f"{name} {100 * spent[name] / sum(spent.values()):.0f} %" for name in most)
    yield f"Where the time goes at {_size(largest)}: {', '.join(shares)}."


def _size(each: dict[str, Any]) -> str:
    return f"{each['requests']:,} × {each['households']:,}"


def _solvers(found: list[dict[str, Any]]) -> Iterator[str]:
    yield "## The choice, against other solvers"
    yield ""
    yield "Time as a multiple of one solve by SciPy's sparse assignment on the same pairs (its seconds in brackets),"
    yield "for fit alone and for all six aims. Only the matcher gives duals as well, which prove the choice and price"
    yield "every other, and the one choice among equals. HiGHS and CBC work to a tolerance that the weight of six aims"
    yield "is beyond: they are asked six times."
    yield ""
    yield _row("", (f"{each['size']}: {each['aims']}" for each in found))
    yield f"|---|{'---:|' * len(found)}"
    for name in found[0]["solvers"]:
        unit = "SciPy sparse" in name
        yield _row(name, (_ratio(each["solvers"][name], unit=unit) for each in found))
    yield _row("edges", (f"{each['edges']:,}" for each in found))
    mine = (each["solvers"]["matcher, with duals"]["mib"] for each in found)
    yield _row("memory of the matcher", (f"{mib:.0f} MiB" for mib in mine))
    agree = all(each["agree"] for each in found)
    yield ""
    yield f"'Not' means: not in {PATIENCE:.0f} s, or over {MOST_MEMORY / 2**30:.0f} GiB. All exact solvers that finished {'reached the same worth' if agree else 'did NOT reach the same worth'}."


def _ratio(found: dict[str, Any], *, unit: bool) -> str:
    if found["seconds"] is None:
        return f"not ({found['why']})"
    if unit:
        return f"1 ({found['seconds']:.3g} s)"
    return f"{found['ratio']:.2g}" if found["ratio"] < 100 else f"{found['ratio']:,.0f}"


def _scans(found: list[dict[str, Any]]) -> Iterator[str]:
    yield "## Rules and scores, against the floor"
    yield ""
    yield "The matcher runs all rules on all pairs, counts what each rule blocks and what it alone blocks, keeps the 20"
    yield "nearest misses of each request, and scores and ranks what is eligible, on every core. The floor is told"
    yield "which pairs are eligible and only gathers and scores them, in one process. DuckDB does the same as the matcher"
    yield "but for the near misses, on every core; pandas finds the eligible pairs alone. Time as a multiple of the floor."
    yield ""
    yield _row("", (each["size"] for each in found))
    yield f"|---|{'---:|' * len(found)}"
    for name in dict.fromkeys(name for each in found for name in each["scans"]):
        cells = (each["scans"].get(name) for each in found)
        unit = name == "floor"
        yield _row(name, (_ratio(c, unit=unit) if c else "does not fit" for c in cells))
    yield _row("pairs", (f"{each['pairs']:,}" for each in found))
    yield _row("eligible", (f"{each['eligible']:,}" for each in found))
    yield ""
    yield "The peers' tables leave out what is recorded of single pairs (own carers, exemptions): where a few pairs rest on"
    yield "it, they find a few less."


def _questions(found: list[dict[str, Any]]) -> Iterator[str]:
    yield "## What if, and at what price"
    yield ""
    yield "Questions about a solved round, as a multiple of one solve of it (its seconds in brackets). All prices come"
    yield "from its duals by shortest paths; the last row is what a few of them cost by solving again."
    yield ""
    yield _row("", (each["size"] for each in found))
    yield f"|---|{'---:|' * len(found)}"
    rows = [list(each["questions"].items()) for each in found]
    for row in zip(*rows, strict=True):
        names = dict.fromkeys(name for name, _ in row)
        cells = (_ratio(each, unit=name == rows[0][0][0]) for name, each in row)
        yield _row(" / ".join(names), cells)
    yield _row("eligible pairs", (f"{each['edges']:,}" for each in found))


def _national(found: dict[str, Any]) -> Iterator[str]:
    whole, times = sum(found["stages"].values()), found["times"]
    stages = "; ".join(f"{name} {seconds:.1f} s" for name, seconds in found["stages"].items())
    yield "## Questions at national size"
    yield ""
    yield f"A round of {found['size']} in one process, then questions about it as `matcher whatif` and the Python face ask"
    yield "them: from the options of a scenario to the other round, solved and proven, and what is said of it. Seconds are"
    yield f"of processors, medians of {times} processes; ratios are medians of those within one. 'The round' is from CSV"
    yield f"to round.json ({whole:.1f} s: {stages}); 'solved' is to prepare and solve it alone."
    yield ""
    yield "| question | seconds | ÷ the round | ÷ solved |"
    yield "|---|---:|---:|---:|"
    for name, each in found["questions"].items():
        cells = (f"{each['seconds']:.2f}", f"{each['of_round']:.3f}", f"{each['of_solved']:.3f}")
        yield _row(name, cells)
    command = found["command"]
    yield ""
    yield "The whole command, `matcher whatif` of one scenario, has first to read the tables and to prepare and solve today's"
    yield f"round: {command['ratio']:.2f} of `matcher round --no-report`, processes in turn, {command['times']} times."


def _gap(found: list[dict[str, Any]]) -> Iterator[str]:
    yield "## What would close the gap"
    yield ""
    yield "What £50,000 buys, step by step and proven. What is reached, and for how much, comes from the groups that are"
    yield "short of homes; among equals the later aims choose, up to 6,000 pairs. Time as a multiple of the first row."
    yield ""
    yield _row("", (each["size"] for each in found))
    yield f"|---|{'---:|' * len(found)}"
    for name in found[0]["works"]:
        first = name == next(iter(found[0]["works"]))
        yield _row(name, (_ratio(each["works"][name], unit=first) for each in found))


def _years(found: list[dict[str, Any]]) -> Iterator[str]:
    first = found[0]
    yield "## Simulated years"
    yield ""
    yield f"The sample `camden`, {first['years']} years of 52 weeks, each lived five ways; medians of {first['times']} runs in turn, on"
    yield f"{first['cores']} cores. Each run begins its processes anew."
    yield ""
    yield _row("processes", (f"{each['workers']}" for each in found))
    yield f"|---|{'---:|' * len(found)}"
    yield _row("years a minute", (f"{each['per_minute']:.0f}" for each in found))
    yield _row("against one", (f"{each['ratio']:.2f}" for each in found))


def _growth(found: dict[str, Any]) -> Iterator[str]:
    yield "## Growth"
    yield ""
    yield "![Time and memory on logarithmic axes when requests, households or eligible pairs double](growth.png)"
    yield ""
    yield "One thing doubles, the others stay (requests and households bring pairs with them; pairs alone double by"
    yield "approving more of the same households). The exponent is the slope of a line through the logarithms: 1 is linear."
    yield ""
    yield "| what doubles | from | to | seconds | MiB | exponent of time | exponent of memory |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for name, each in found.items():
        size, seconds, mib = each["size"], each["seconds"], each["mib"]
        yield (
            f"| {name} | {size[0]:,} | {size[-1]:,} | {seconds[0]:.2f} to {seconds[-1]:.2f} | {mib[0]:.0f} to {mib[-1]:.0f} "
            f"| {exponent(size, seconds):.2f} | {exponent(size, mib):.2f} |"
        )
