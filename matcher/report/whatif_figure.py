"""Scenarios beside today's round as one figure: who is placed, by urgency, and who waits."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from matcher.codes import URGENCIES
from matcher.report.figures import HATCHES, INK, PAPER, TONES, Drawn, save, style
from matcher.report.text import printable
from matcher.report.whatif import aim_change
from matcher.scenario import Difference

WIDTH = 36
NEEDED = ("needed today", "needed within 5 days", "needed later")


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
    for at, (label, (tone, hatch)) in enumerate(zip((*NEEDED, "waits"), shades, strict=True)):
        values = [row[at] for row in rows]
        axes.barh(
            places, values, left=left, color=tone, hatch=hatch, edgecolor=INK, lw=0.7, label=label
        )
        for y, (start, value) in enumerate(zip(left, values, strict=True)):
            if value:
                ink = PAPER if at == 0 else INK
                axes.text(start + value / 2, y, str(value), ha="center", va="center", color=ink,
                          bbox=None if at in (0, 3) else {"fc": PAPER, "ec": "none", "pad": 1})  # fmt: skip
        left = [start + value for start, value in zip(left, values, strict=True)]
    for y, each in enumerate(differences, 1):
        now, then = each.aims["fit"]
        said = f"fit {aim_change('fit', then - now)}" if each.fit_compares else "fit: other weights"
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
