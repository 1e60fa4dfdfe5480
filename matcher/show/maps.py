"""The ground of a map: the authorities around some outward postcodes, and a bar of miles."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np

from matcher.geo import METRES_PER_MILE, authority_names, outcodes
from matcher.shipped import shipped
from matcher.show.figures import INK, Box

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def area_cells(axes: Axes, codes: list[str]) -> Box:
    """The authorities around some outward postcodes, as the ground of a map; its box."""
    box = _box(codes)
    _authorities(axes, box)
    return box


def _box(codes: list[str]) -> Box:
    """A square around nearly all places; the farthest twentieth may fall outside."""
    east = np.array([outcodes()[code].easting for code in codes], float)
    north = np.array([outcodes()[code].northing for code in codes], float)
    low_x, high_x = np.quantile(east, [0.02, 0.98])
    low_y, high_y = np.quantile(north, [0.02, 0.98])
    half = max(high_x - low_x, high_y - low_y) / 2 * 1.12 + 2500
    x, y = (low_x + high_x) / 2, (low_y + high_y) / 2
    return float(x - half), float(x + half), float(y - half), float(y + half)


def _authorities(axes: Axes, box: Box) -> None:
    """Cells of outward postcodes, joined to their main authority, with its name where it is large."""
    from matplotlib.collections import LineCollection, PolyCollection
    from scipy.spatial import Voronoi

    names = authority_names()
    margin = (box[1] - box[0]) / 2
    near = [
        (row["outcode"], row["authority"])
        for row in shipped("outcodes.csv")
        if row["non_geographic"] == "0"
        and box[0] - margin < float(row["easting"]) < box[1] + margin
        and box[2] - margin < float(row["northing"]) < box[3] + margin
    ]
    if len(near) < 5:
        return
    at = np.array([(outcodes()[c].easting, outcodes()[c].northing) for c, _ in near], float)
    cells = Voronoi(at)
    order = sorted({authority for _, authority in near})
    shades = ["#f3f5f7", "#e6ebef", "#eef0ea", "#f7f3ec", "#e9eef3"]
    polygons, faces = [], []
    for place, (_, authority) in enumerate(near):
        corners = cells.regions[cells.point_region[place]]
        if corners and -1 not in corners:
            polygons.append(cells.vertices[corners])
            faces.append(shades[order.index(authority) % len(shades)])
    axes.add_collection(PolyCollection(polygons, facecolors=faces, edgecolors="none", zorder=0))
    borders = [
        cells.vertices[ridge]
        for (one, other), ridge in zip(cells.ridge_points, cells.ridge_vertices, strict=True)
        if -1 not in ridge and near[one][1] != near[other][1]
    ]
    axes.add_collection(LineCollection(borders, colors="#8b98a5", linewidths=0.7, zorder=1))
    groups: dict[str, list[Any]] = defaultdict(list)
    for (_, authority), point in zip(near, at, strict=True):
        if box[0] < point[0] < box[1] and box[2] < point[1] < box[3]:
            groups[authority].append(point)
    for authority, inside in groups.items():
        if len(inside) >= 3:
            x, y = np.mean(inside, axis=0)
            axes.text(
                x, y, names.get(authority, ""), ha="center", fontsize=7.5, color="#52606d",
                style="italic", zorder=2, clip_on=True,
            )  # fmt: skip


def scale(axes: Axes, box: Box) -> None:
    """Hold a map to its box, east as long as north, with a bar of miles."""
    axes.set_xlim(box[0], box[1])
    axes.set_ylim(box[2], box[3])
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    wide = (box[1] - box[0]) / METRES_PER_MILE
    miles = next(step for step in (50, 20, 10, 5, 2, 1, 0.5) if step < wide / 4 or step == 0.5)
    x, y = box[1] - (box[1] - box[0]) * 0.04, box[2] + (box[3] - box[2]) * 0.03
    axes.plot([x - miles * METRES_PER_MILE, x], [y, y], color=INK, lw=2.5, zorder=7)
    unit = "mile" if miles == 1 else "miles"
    axes.text(x, y, f"{miles:g} {unit}\n", ha="right", fontsize=8, zorder=7)
