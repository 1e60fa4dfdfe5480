"""Figures of a round: fit and what blocks, points, rules, and a map. Readable in black and white.

Each function draws one figure and gives it back with the words that say what one sees.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from matcher.eligibility import failed_bits
from matcher.fit import score
from matcher.geo import outcodes
from matcher.policy.criteria import CRITERIA, WHERE
from matcher.policy.duties.form import WITHHELD
from matcher.policy.in_force import rules_in_force
from matcher.privacy import outcodes_shown
from matcher.record import Ranked, RoundRecord
from matcher.rounds import SolvedRound, household_pairs
from matcher.show.figures import ACCENT, INK, PAPER, TONES, Box, Drawn, letter, save, shade, style
from matcher.show.maps import area_cells, scale
from matcher.solve.problem import UNPLACED
from matcher.whatif.obstacles import obstacles
from matcher.words import count, label

if TYPE_CHECKING:
    pass

MOST_NAMED = 80  # households whose ids are written under a heat map
LETTERS_A_LINE = 9
MOST_PAIRS_DRAWN = 100_000
MOST_DOTS = 2_000  # households on a map: more hide each other
MANY_REQUESTS = 30  # more are named more sparsely
MOST_BARS = 24  # requests in the figure of points
RUNNERS_UP = 2
LEGEND_A_LINE = 7


def all_figures(
    solved: SolvedRound, record: RoundRecord, hidden: Collection[str], *, large: bool = False
) -> list[Drawn]:
    """Every figure of a round, made of what people may see of it.

    `hidden` are the households whose place they may not see.
    A `large` round has no figure of points: its families rank so many households that one whose
    address is withheld hides the points of nearly all.
    """
    style()
    drawn = [
        heat_map(solved, hidden),
        None if large else points(record),
        blocks(solved),
        area_map(solved, hidden),
    ]
    return [each for each in drawn if each is not None]


def heat_map(solved: SolvedRound, hidden: Collection[str]) -> Drawn | None:
    """Requests × households: the fit of eligible pairs, and what stands in the way of the others."""
    from matplotlib import pyplot
    from matplotlib.patches import Rectangle

    prepared = solved.prepared
    requests, homes = prepared.columns.request_ids, prepared.columns.household_ids
    if not requests or not homes or len(requests) * len(homes) > MOST_PAIRS_DRAWN:
        return None
    failed = np.stack(
        [
            failed_bits(household_pairs(prepared, row, prepared.columns.households.row))[0]
            for row in range(len(requests))
        ]
    )
    fit = np.full(failed.shape, np.nan)
    fit[prepared.screened.request, prepared.screened.household] = prepared.ranked.fit / 100
    places = np.array([at for at, name in enumerate(homes) if name in hidden], np.intp)
    if len(places):
        told = (
            score(prepared.everyone.of(np.arange(len(requests)), places), without=WHERE).fit / 100
        )
        fit[:, places] = np.where(np.isnan(fit[:, places]), np.nan, told)
    number = np.bitwise_count(failed).astype(float)
    across = np.lexsort((np.arange(len(homes)), number.sum(axis=0)))
    fit, failed, number = fit[:, across], failed[:, across], number[:, across]

    width = min(22.0, 7 + 0.13 * len(homes))
    height = 2.6 + (0.19 if len(requests) <= MANY_REQUESTS else 0.085) * len(requests)
    figure, (upper, lower) = pyplot.subplots(
        2, 1, figsize=(width, 2 * height), sharex=True, layout="constrained"
    )
    colours = upper.imshow(fit, cmap="cividis", vmin=0, vmax=100, aspect="auto")
    figure.colorbar(colours, ax=upper, pad=0.01, label="fit (0 to 100)")
    for row in range(len(requests)):
        if (home := int(solved.household[row])) != UNPLACED:
            at = int(np.flatnonzero(across == home)[0])
            box = Rectangle((at - 0.5, row - 0.5), 1, 1, fill=False, edgecolor=ACCENT, lw=2.4)
            upper.add_patch(box)
    title = "Fit of every eligible pair; a red frame is proposed, white is not eligible"
    upper.set_title(title)
    shown = np.where(number > 0, np.minimum(number, 6), np.nan)
    greys = lower.imshow(shown, cmap="Greys", vmin=0, vmax=8, aspect="auto")
    bar = figure.colorbar(greys, ax=lower, pad=0.01, ticks=[1, 2, 3, 4, 5, 6], label="rules failed")
    bar.ax.set_ylim(0.5, 6.5)
    bar.ax.set_yticklabels(["1", "2", "3", "4", "5", "6 or more"])
    named = len(homes) <= MOST_NAMED
    if named:
        for row, column in zip(*np.nonzero(number == 1), strict=True):
            name = letter(int(failed[row, column]).bit_length() - 1)
            lower.text(column, row, name, ha="center", va="center", fontsize=7, color=INK)
    lower.set_title(
        "What stands in the way: light is near, one letter is the one rule that blocks"
        if named
        else "What stands in the way: the lighter, the fewer rules block the pair"
    )
    for axes in (upper, lower):
        every = 1 if len(requests) <= MANY_REQUESTS else 5
        axes.set_yticks(range(0, len(requests), every), requests[::every], fontsize=8)
        axes.set_ylabel("request")
        axes.set_xticks([])
    if named:
        lower.set_xticks(range(len(homes)), [homes[at] for at in across], rotation=90, fontsize=7)
    lower.set_xlabel(
        "household, those that fail fewest rules first"
        + ("" if named else f" (all {len(homes)}; ids in matches.xlsx)")
    )
    if named:
        single, rules = failed[number == 1].tolist(), rules_in_force(prepared.policy)
        used = sorted({int(bits).bit_length() - 1 for bits in single})
        key = [f"{letter(place)} {label(rules[place].key)}" for place in used]
        lines = [key[at : at + LETTERS_A_LINE] for at in range(0, len(key), LETTERS_A_LINE)]
        figure.supxlabel("\n".join("     ".join(line) for line in lines), fontsize=8)
    alt = (
        f"Heat map of {count(len(requests), 'request')} and {count(len(homes), 'household')}: "
        f"{int((number == 0).sum())} pairs are eligible, {int((number == 1).sum())} fail one rule. "
        "The tables of each request say the same in words."
    )
    return save("fit_and_blocks", figure, title, alt)


def points(record: RoundRecord) -> Drawn | None:
    """Points per criterion of what is proposed, beside the runners-up."""
    from matplotlib import pyplot

    bars: list[tuple[str, Ranked, bool]] = []
    chosen = [each for each in record.requests if each.proposal and each.ranked][:MOST_BARS]
    for request in chosen:
        name = request.proposal.household_id if request.proposal else ""
        mine = [each for each in request.ranked if each.household_id == name]
        others = [each for each in request.ranked if each.household_id != name]
        bars += [(request.request_id, each, True) for each in mine]
        bars += [(request.request_id, each, False) for each in others[:RUNNERS_UP]]
    if not bars:
        return None
    figure, axes = pyplot.subplots(figsize=(10, 1.6 + 0.27 * len(bars)), layout="constrained")
    at, place, labels, last = 0.0, [], [], bars[0][0]
    for request_id, each, _ in bars:
        at += 0.55 if request_id != last else 0.0
        last = request_id
        place.append(at)
        labels.append(f"{request_id} → {each.household_id}")
        at += 1
    left = np.zeros(len(bars))
    for index, rule in enumerate(CRITERIA):
        tone, hatch = shade(index)
        values = np.array([each.criteria[index].points for _, each, _ in bars])
        axes.barh(
            place,
            values,
            left=left,
            height=0.82,
            color=tone,
            hatch=hatch,
            edgecolor=INK,
            linewidth=0.4,
            label=label(rule.key),
        )
        left += values
    for y, total, (_, each, proposed) in zip(place, left, bars, strict=True):
        note = f"{each.fit:.1f}" + ("  proposed" if proposed else f"  ranks {each.rank}")
        if any(WITHHELD in score.facts for score in each.criteria):
            note += " (address withheld: without distance)"
        axes.text(
            total + 0.8, y, note, va="center", fontsize=8, weight="bold" if proposed else None
        )
    axes.set_yticks(place, labels, fontsize=8)
    axes.invert_yaxis()
    axes.set_xlim(0, 118)
    axes.set_xticks(range(0, 101, 20))
    axes.set_xlabel("points; all of a household's points add up to its fit")
    more = sum(each.proposal is not None for each in record.requests) - len(chosen)
    pad = 12 + 14 * ceil(len(CRITERIA) / LEGEND_A_LINE)
    title = "What each proposal's fit is made of, beside the next best households"
    axes.set_title(title + (f" (the first {len(chosen)} requests)" if more > 0 else ""), pad=pad)
    axes.legend(
        ncols=LEGEND_A_LINE, loc="lower left", bbox_to_anchor=(0, 1.0), frameon=False, fontsize=8
    )
    axes.spines[["top", "right"]].set_visible(False)
    alt = "Stacked bars of points by criterion. The table of each request has the same numbers."
    return save("points", figure, title, alt)


def blocks(solved: SolvedRound) -> Drawn | None:
    """How many pairs each rule blocks, and how many it alone blocks."""
    from matplotlib import pyplot

    prepared = solved.prepared
    rows = prepared.matchable_rows
    every = prepared.screened.blocked[rows].sum(axis=0)
    alone = prepared.screened.blocked_alone[rows].sum(axis=0)
    found, rules = obstacles(solved, rows), rules_in_force(prepared.policy)
    places = {rule.key: place for place, rule in enumerate(rules)}
    used = [place for place in np.argsort(-every, kind="stable").tolist() if every[place]]
    if not used:
        return None
    figure, axes = pyplot.subplots(figsize=(9, 1.3 + 0.3 * len(used)), layout="constrained")
    y = np.arange(len(used))
    axes.barh(y, every[used], color=TONES[3], edgecolor=INK, lw=0.4, label="blocked by this rule")
    asked = np.zeros_like(alone)
    for each in found:
        if each.known is False:
            asked[places[each.rule]] = each.pairs
    parts = [("by this rule alone", alone - asked, 0 * alone, TONES[0], "///")]
    if asked.any():
        parts.append(
            ("by it alone, as it is not known: ask", asked, alone - asked, TONES[1], "...")
        )
    for name, numbers, left, tone, hatch in parts:
        axes.barh(
            y, numbers[used], left=left[used], color=tone, hatch=hatch, edgecolor=INK, lw=0.4, label=name
        )  # fmt: skip
    for at, place in enumerate(used):
        axes.text(
            every[place], at, f" {every[place]:,} ({alone[place]:,})", va="center", fontsize=8
        )
    axes.set_yticks(y, [label(rules[place].key) for place in used])
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.set_xlabel(f"pairs of the {count(len(rows), 'request')} that can be matched")
    title = "What blocks"
    if found:
        title += f". Most often the only obstacle: households {found[0].words(prepared.policy)}"
    axes.set_title(title)
    axes.legend(loc="lower right", frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    said = [f"{label(rules[p].key)} {every[p]:,}, alone {alone[p]:,}" for p in used]
    return save("blocks", figure, title, f"Bars: {'; '.join(said)}.")


def area_map(solved: SolvedRound, hidden: Collection[str]) -> Drawn | None:
    """Requests and households by outward postcode, authorities as cells around their postcodes."""
    from matplotlib import pyplot

    inputs = solved.prepared.inputs
    if len(inputs.households) > MOST_DOTS:
        return None
    homes: dict[str, list[str]] = defaultdict(list)
    for household_id, code in outcodes_shown(inputs, hidden).items():
        homes[code].append(household_id)
    families: dict[str, list[str]] = defaultdict(list)
    for request in inputs.requests:
        if request.home_postcode and not request.withhold_address:
            families[request.home_postcode].append(request.request_id)
    if not homes and not families:
        return None
    figure, axes = pyplot.subplots(figsize=(9.5, 9.5), layout="constrained")
    box = area_cells(axes, [*homes, *families])
    proposed = {inputs.households[home].household_id for home in solved.holder}
    size = (box[1] - box[0]) / 100
    few = len(inputs.households) <= MOST_NAMED
    for code, names in homes.items():
        for (dx, dy), name in zip(_spread(len(names), size), sorted(names), strict=True):
            x, y = outcodes()[code].easting + dx, outcodes()[code].northing + dy
            taken = name in proposed
            axes.plot(
                x, y, "o", ms=6.5, mec=INK, mew=0.8, mfc=TONES[1] if taken else PAPER, zorder=3
            )
            if taken or few:
                axes.annotate(
                    name,
                    (x, y),
                    (5, -7),
                    textcoords="offset points",
                    fontsize=7 if taken else 6,
                    weight="bold" if taken else None,
                    color=INK if taken else "#52606d",
                    zorder=5,
                )
    for code, names in families.items():
        x, y = outcodes()[code].easting, outcodes()[code].northing + 3.2 * size
        axes.plot(x, y, "v", ms=9, mec=PAPER, mew=0.8, mfc=ACCENT, zorder=4)
        many = len(inputs.requests) > MANY_REQUESTS
        axes.annotate(
            str(len(names)) if many else ", ".join(sorted(names)),
            (x, y),
            (6, 3),
            textcoords="offset points",
            fontsize=7.5,
            weight="bold",
            color=ACCENT,
            zorder=6,
        )
    axes.plot([], [], "v", ms=9, mec=PAPER, mfc=ACCENT, label="families' home (how many)")
    axes.plot([], [], "o", ms=6.5, mec=INK, mfc=TONES[1], label="household, proposed")
    axes.plot([], [], "o", ms=6.5, mec=INK, mfc=PAPER, label="household")
    axes.legend(loc="upper left", frameon=True, facecolor=PAPER, fontsize=8)
    scale(axes, box)
    title = "Where families live and where the households are, by outward postcode"
    axes.set_title(title)
    outside = len([1 for name in [*homes, *families] if not _inside(name, box)])
    notes = []
    if hidden:
        notes.append(f"{count(len(hidden), 'household')} not shown: an address is withheld.")
    if outside:
        notes.append(f"{count(outside, 'postcode')} outside the picture.")
    if notes:
        axes.text(0.01, 0.01, " ".join(notes), transform=axes.transAxes, fontsize=8, zorder=7)
    alt = (
        f"Map of {count(sum(map(len, homes.values())), 'household')} and "
        f"{count(sum(map(len, families.values())), 'family')} by outward postcode. {' '.join(notes)}"
    )
    return save("map", figure, title, alt)


def _inside(code: str, box: Box) -> bool:
    place = outcodes()[code]
    return box[0] <= place.easting <= box[1] and box[2] <= place.northing <= box[3]


def _spread(number: int, size: float) -> list[tuple[float, float]]:
    """Places around a point, so that several at one postcode can be told apart."""
    if number == 1:
        return [(0.0, 0.0)]
    turns = [2 * np.pi * at / number for at in range(number)]
    radius = size * (1.0 + number / 12)
    return [(float(radius * np.cos(t)), float(radius * np.sin(t))) for t in turns]
