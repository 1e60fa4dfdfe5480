"""What-if answers as figures: scenarios beside today's round, and how firm each proposal is."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from matcher.codes import URGENCIES
from matcher.policy import aims
from matcher.show.figures import HATCHES, INK, PAPER, TONES, Drawn, save, style
from matcher.show.files import Record
from matcher.show.text import printable
from matcher.whatif import Difference
from matcher.words import label, needed_briefly

WIDTH = 36


def figure(differences: Sequence[Difference]) -> Drawn:
    """One bar for today and one for each scenario; beside it what fit gains."""
    from matplotlib import pyplot
    from matplotlib.ticker import MaxNLocator

    style()
    names = ["today", *(each.name for each in differences)]
    names = [textwrap.fill(printable(name), WIDTH, max_lines=2, placeholder="…") for name in names]
    first = differences[0]
    rows = [[*(first.aims[name][0] for name in URGENCIES), first.waiting[0]]]
    rows += [[*(d.aims[name][1] for name in URGENCIES), d.waiting[1]] for d in differences]
    widest = max(map(sum, rows)) or 1
    drawn, axes = pyplot.subplots(figsize=(9, 1.3 + 0.55 * len(rows)), layout="constrained")
    places = range(len(rows))
    left = [0] * len(rows)
    shades = [*zip(TONES[:3], HATCHES, strict=False), (PAPER, "")]
    for at, (name, (tone, hatch)) in enumerate(
        zip((*map(needed_briefly, URGENCIES), "waits"), shades, strict=True)
    ):
        values = [row[at] for row in rows]
        axes.barh(
            places, values, left=left, color=tone, hatch=hatch, edgecolor=INK, lw=0.7, label=name
        )
        for y, (start, value) in enumerate(zip(left, values, strict=True)):
            if value:
                ink = PAPER if at == 0 else INK
                axes.text(start + value / 2, y, str(value), ha="center", va="center", color=ink,
                          bbox=None if at in (0, 3) else {"fc": PAPER, "ec": "none", "pad": 1})  # fmt: skip
        left = [start + value for start, value in zip(left, values, strict=True)]
    for y, each in enumerate(differences, 1):
        now, then = each.aims[aims.fit.key]
        other = aims.fit.key in each.counted_otherwise
        said = "fit: other weights" if other else f"fit {aims.fit.gain(then - now)}"
        axes.text(left[y] + 0.02 * widest, y, said, va="center")
    axes.set_yticks(list(places), names)
    axes.invert_yaxis()
    axes.set_xlim(0, widest * 1.22)
    axes.set_xlabel("families")
    axes.spines[["top", "right"]].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    drawn.legend(ncols=4, loc="outside lower center", frameon=False)
    title = "Families placed, by when they are needed"
    axes.set_title(title)
    told = "; ".join(
        f"{name}: {sum(row[:3])} placed, {row[3]} waiting"
        for name, row in zip(names, rows, strict=True)
    )
    return save("whatif", drawn, title, f"Stacked bars. {told}.")


def firm_figure(records: Sequence[Record]) -> Drawn:
    """For each proposal the share of draws in which it stays, and how far each weight may move."""
    from matplotlib import pyplot

    style()
    names = [f"{printable(r['request_id'])} → {printable(r['household_id'])}" for r in records]
    criteria = [each["criterion"] for each in records[0]["weights"]]
    height = 1.6 + 0.34 * len(records)
    drawn, (left, right) = pyplot.subplots(
        1, 2, figsize=(11, height), sharey=True, width_ratios=(1, 2.6), layout="constrained"
    )
    places = range(len(records))
    stays = [100 * each["stays"] / each["draws"] for each in records]
    left.barh(places, stays, color=TONES[0], edgecolor=INK, lw=0.7)
    for y, each in enumerate(records):
        left.text(3, y, f"{each['stays']:,}", color=PAPER, va="center")
    left.set_xlim(0, 100)
    left.set_yticks(list(places), names)
    left.invert_yaxis()
    draws, spread = records[0]["draws"], 100 * records[0]["spread"]
    left.set_xlabel(f"% of {draws:,} draws, every weight ±{spread:g} %")
    left.set_title("The same proposal in")
    left.spines[["top", "right"]].set_visible(False)

    near = [[_nearest(each) for each in record["weights"]] for record in records]
    right.imshow([[1 - (n or 1) for n in row] for row in near], cmap="Greys", vmin=0, vmax=1.6,
                 aspect="auto")  # fmt: skip
    for y, record in enumerate(records):
        for x, each in enumerate(record["weights"]):
            right.text(x, y, _turns_in_short(each), ha="center", va="center", fontsize=8)
    weights = [f"{label(e['criterion'])}\n(now {e['weight']:g})" for e in records[0]["weights"]]
    right.set_xticks(range(len(criteria)), weights, fontsize=8)
    right.set_title("It first changes where this weight alone goes to; the darker, the nearer")
    title = "How firm each proposal is against the weights; no forecast of a placement"
    told = "; ".join(
        f"{name}: {each['stays']} of {each['draws']}"
        for name, each in zip(names, records, strict=True)
    )
    return save("firmness", drawn, title, f"Bars and a table. {told}.")


def _nearest(each: Record) -> float | None:
    """How far the nearer of the two turns of a weight is, as a share of it; None where there is none."""
    turns = [each[key]["weight"] for key in ("changes_below", "changes_above") if each[key]]
    far = [abs(turn - each["weight"]) / each["weight"] for turn in turns if each["weight"]]
    return min([1.0, *far]) if turns else None


def _turns_in_short(each: Record) -> str:
    below, above = each["changes_below"], each["changes_above"]
    said = [f"↓ {below['weight']:g}"] if below else []
    said += [f"↑ {above['weight']:g}"] if above else []
    return "\n".join(said) or "·"
