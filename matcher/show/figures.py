"""What every figure is drawn and saved with. Readable in black and white."""

from __future__ import annotations

import base64
import io
import warnings
from dataclasses import dataclass
from string import ascii_uppercase
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DOTS_PER_INCH = 110
INK, PAPER, ACCENT = "#1d2733", "#ffffff", "#b3261e"
HATCHES = ("", "///", "...", "xx", "\\\\\\", "--", "++")
TONES = ("#20435c", "#e1a53a", "#5b8f7b", "#c9d6df", "#8c5a7c", "#6f7d8c", "#efe3c2")
Box: TypeAlias = tuple[float, float, float, float]  # west, east, south, north in metres


@dataclass(frozen=True)
class Drawn:
    """A figure as PNG, with its title and the words for those who can't see it."""

    name: str
    title: str
    alt: str
    png: bytes

    @property
    def base64(self) -> str:
        """The picture as a page holds it."""
        return base64.b64encode(self.png).decode("ascii")


def style() -> None:
    """How every figure looks."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams.update(
        {
            "font.size": 9,
            "axes.edgecolor": INK,
            "text.color": INK,
            "axes.titlesize": 11,
            "axes.titleweight": "bold",
            "axes.titlelocation": "left",
            "text.parse_math": False,  # an id may hold a dollar
            "hatch.linewidth": 0.5,
            "figure.facecolor": PAPER,
        }
    )


def shade(place: int) -> tuple[str, str]:
    """The tone and hatch of one of any number of parts: as many differ as are drawn."""
    tone, again = place % len(TONES), place // len(TONES)
    hatch = HATCHES[(tone + again) % len(HATCHES)]
    return TONES[tone], hatch + "o" * (again // len(HATCHES))


def letter(place: int) -> str:
    """The letter of one of any number of things: A to Z, then AA, AB as in a worksheet."""
    before, last = divmod(place, len(ascii_uppercase))
    return (letter(before - 1) if before else "") + ascii_uppercase[last]


def inside(figure: Figure) -> None:
    """Mark a figure that shows ids or single families."""
    figure.text(1, 0, "Stays in the service.", ha="right", va="top", fontsize=8, color=INK)


def save(name: str, figure: Figure, title: str, alt: str) -> Drawn:
    """A finished figure as PNG, with no trace of when it was made."""
    from matplotlib import pyplot

    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of letters that the font lacks; a box stands for them
        figure.savefig(file, dpi=DOTS_PER_INCH, bbox_inches="tight", metadata={"Software": None})
    pyplot.close(figure)
    return Drawn(name, title, alt, file.getvalue())
