"""The gap as figures: demand against supply, the groups short of homes, and where need is unmet."""

from __future__ import annotations

from collections import Counter
from typing import Any

from matcher.geo import outcodes
from matcher.show.figures import ACCENT, INK, PAPER, TONES, Drawn, inside, save, style
from matcher.show.maps import area_cells, scale
from matcher.show.text import printable
from matcher.solve.problem import UNPLACED
from matcher.sufficiency.supply import KINDS
from matcher.sufficiency.words import Gap
from matcher.words import count

MOST_ROWS = 28  # of demand and supply: the most asked for; the text has all
MOST_GROUPS = 6
SHORT = {"skill": "need"}


def gap_figures(gap: Gap) -> list[Drawn]:
    """Every figure of a gap that there is something to draw for."""
    found = (supply_figure(gap), groups_figure(gap), unmet_map(gap))
    return [each for each in found if each is not None]


def supply_figure(gap: Gap) -> Drawn | None:
    """Families that ask to the left, households that are eligible or only open to the right."""
    from matplotlib import pyplot
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    rows = sorted(gap.supply, key=lambda each: (-each.waiting, -each.demand))[:MOST_ROWS]
    rows.sort(key=lambda each: (KINDS.index(each.kind), -each.demand, each.name))
    if not rows:
        return None
    style()
    drawn, axes = pyplot.subplots(figsize=(9.5, 1.6 + 0.27 * len(rows)), layout="constrained")
    places = range(len(rows))
    bars: dict[str, Any] = {"lw": 0.5, "edgecolor": INK}
    axes.barh(places, [-each.demand for each in rows], color=TONES[3], label="families", **bars)
    axes.barh(places, [-each.waiting for each in rows], color=ACCENT, label="who wait", **bars)
    axes.barh(
        places, [each.open for each in rows], color=PAPER, label="ready households that have it", **bars
    )  # fmt: skip
    axes.barh(
        places, [each.eligible for each in rows], color=TONES[0], hatch="///",
        label="eligible for a family concerned", **bars,
    )  # fmt: skip
    names = [f"{SHORT.get(each.kind, each.kind)}: {printable(each.name)}" for each in rows]
    axes.set_yticks(list(places), names, fontsize=8)
    axes.invert_yaxis()
    axes.axvline(0, color=INK, lw=0.8)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{abs(value):g}"))
    axes.set_xlabel("families   |   households")
    axes.spines[["top", "right", "left"]].set_visible(False)
    drawn.legend(ncols=4, loc="outside lower center", frameon=False, fontsize=8)
    none = [each for each in rows if each.waiting and not each.eligible]
    title = "What families ask for, and which households have it"
    if none:
        title += f"\n{count(len(none), 'row')}: a family waits, and no household that shares it is eligible"
    axes.set_title(title)
    said = "; ".join(
        f"{n}: {r.demand} families, {r.eligible} eligible" for n, r in zip(names, rows, strict=True)
    )
    inside(drawn)
    return save("supply", drawn, title, f"Bars to both sides. {said}.")


def groups_figure(gap: Gap) -> Drawn | None:
    """Each group that is short of homes: its families, all the households they can use, the pairs."""
    from matplotlib import pyplot

    groups = [group for group in gap.groups if group.household_ids][:MOST_GROUPS]
    alone = [group for group in gap.groups if not group.household_ids]
    if not groups:
        return None
    style()
    prepared = gap.solved.prepared
    row_of = {name: row for row, name in enumerate(prepared.columns.request_ids)}
    highest = max(len(group.request_ids) for group in groups)
    drawn, axes = pyplot.subplots(
        1, len(groups), figsize=(max(6.5, 3.6 * len(groups)), 1.6 + 0.5 * highest),
        squeeze=False, layout="constrained",
    )  # fmt: skip
    for group, one in zip(groups, axes[0], strict=True):
        left = {name: -at for at, name in enumerate(group.request_ids)}
        step = len(group.request_ids) / len(group.household_ids)
        right = {name: 0.5 - step * (at + 0.5) for at, name in enumerate(group.household_ids)}
        for name, y in left.items():
            row = row_of[name]
            for home, to in right.items():
                if prepared.edge(row, prepared.household_at[home]) is not None:
                    taken = gap.solved.household[row] == prepared.household_at[home]
                    one.plot([0, 1], [y, to], color=INK if taken else TONES[5],
                             lw=2.4 if taken else 0.9, zorder=1)  # fmt: skip
            waits = gap.solved.household[row] == UNPLACED
            one.text(0, y, printable(name), ha="right", va="center", color=PAPER if waits else INK,
                     bbox={"fc": ACCENT if waits else PAPER, "ec": INK, "pad": 3})  # fmt: skip
        for home, to in right.items():
            one.text(1, to, printable(home), ha="left", va="center", color=INK,
                     bbox={"fc": TONES[3], "ec": INK, "pad": 3})  # fmt: skip
        one.set_xlim(-0.45, 1.45)
        one.set_ylim(0.6 - len(left), 0.6)
        one.axis("off")
        said = f"{count(len(left), 'family')}, {count(len(right), 'household')}: {group.short} must wait"
        one.set_title(said, fontsize=9.5)
    title = "Families that share too few homes (thick: proposed; filled: waits)"
    if alone:
        names = sum(len(group.request_ids) for group in alone)
        title += f"\n{count(names, 'more family')} with no eligible household at all"
    drawn.suptitle(title, fontsize=11.5, weight="bold")
    told = "; ".join(
        f"{', '.join(g.request_ids)} share {', '.join(g.household_ids)}" for g in groups
    )
    inside(drawn)
    return save("groups", drawn, title, f"Graph of families and households. {told}.")


def unmet_map(gap: Gap) -> Drawn | None:
    """Where families wait, by outward postcode, without ids; withheld addresses are left off."""
    from matplotlib import pyplot

    solved = gap.solved
    requests = solved.prepared.inputs.requests
    waiting, placed, hidden = Counter[str](), Counter[str](), 0
    for row in solved.prepared.matchable_rows:
        request = requests[row]
        if request.withhold_address or not request.home_postcode:
            hidden += 1
        elif solved.household[row] == UNPLACED:
            waiting[request.home_postcode] += 1
        else:
            placed[request.home_postcode] += 1
    if not waiting:
        return None
    style()
    drawn, axes = pyplot.subplots(figsize=(8, 8), layout="constrained")
    box = area_cells(axes, [*waiting, *placed])
    for counts, tone, label in ((placed, TONES[3], "placed"), (waiting, ACCENT, "waiting")):
        places = [outcodes()[code] for code in counts]
        at = [p.easting for p in places], [p.northing for p in places]
        axes.scatter(*at, [90 * n for n in counts.values()], color=tone, edgecolor=INK, lw=0.6,
                     zorder=3, label=f"{label} (size: how many)", alpha=0.85)  # fmt: skip
    axes.legend(loc="upper left", facecolor=PAPER, fontsize=8)
    scale(axes, box)
    title = f"Where {count(sum(waiting.values()), 'family')} wait, by outward postcode of home"
    axes.set_title(title)
    note = f"{count(hidden, 'family')} not shown: address withheld or not known." if hidden else ""
    axes.text(0.01, 0.01, note, transform=axes.transAxes, fontsize=8, zorder=7)
    inside(drawn)
    return save("unmet", drawn, title, f"Map of waiting and placed families. {note}")
