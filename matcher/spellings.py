"""How people write the codes of the contract, and which near word may be named to them.

A spelling is read only where it has one meaning. A hint is given only where the words are the same;
likeness of letters says nothing, as 'not approved' is like 'approved'.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache

from matcher import codes

_FILLERS = frozenset(
    ("a", "an", "and", "any", "at", "background", "borough", "by", "council", "county", "group",
     "in", "language", "level", "of", "or", "order", "risk", "status", "the", "to", "with")
)  # fmt: skip  # words that say nothing by themselves: sharing one is no likeness


@lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """A spelling without what people vary: case, width, spaces, hyphens, marks at its ends."""
    folded = (
        unicodedata.normalize("NFKC", text).casefold().replace("&", " and ").replace("\u2019", "'")
    )
    folded = re.sub(r"\s*([/,])\s*", r"\1 ", folded).replace("/ ", "/")
    return re.sub(r"[\s_\-\u2010-\u2015]+", " ", folded).strip(" .,:")


@cache
def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold()))


@cache
def _by_words(valid: tuple[str, ...]) -> dict[frozenset[str], set[str]]:
    found: dict[frozenset[str], set[str]] = defaultdict(set)
    for each in valid:
        found[_singular(_words(each) - _FILLERS)].add(each)
    return found


def _singular(words: Iterable[str]) -> frozenset[str]:
    return frozenset(w.removesuffix("s") if len(w) > 3 else w for w in words)


def same_words(value: str, valid: tuple[str, ...]) -> str | None:
    """The one of `valid` with the same words in any order and number, fillers aside, else None."""
    words = _singular(_words(value[:200]) - _FILLERS)
    if not words - codes.NEGATIONS or "?" in value:  # who asks hasn't said it
        return None
    found = _by_words(valid).get(words, set())  # a negation is a word as any other
    return next(iter(found)) if len(found) == 1 else None


_FAITHS = {
    "christianity": "christian",
    "christian (all denominations)": "christian",
    "church of england": "christian",
    "c of e": "christian",
    "cofe": "christian",
    "coe": "christian",
    "rc": "christian",
    "methodist": "christian",
    "baptist": "christian",
    "pentecostal": "christian",
    "sunni": "muslim",
    "shia": "muslim",
    "catholic": "christian",
    "roman catholic": "christian",
    "buddhism": "buddhist",
    "hinduism": "hindu",
    "judaism": "jewish",
    "islam": "muslim",
    "sikhism": "sikh",
    "no religion": "none",
    "other religion": "other",
    "any other religion": "other",
    "not answered": "not_stated",
    "prefer not to say": "not_stated",
    "refused/preferred not to say": "not_stated",
}
_LEGAL_STATUSES = {
    "s.20": "s20",
    "s 20": "s20",
    "sec 20": "s20",
    "section 20": "s20",
    "sec. 20": "s20",
    "voluntary accommodation": "s20",
    "voluntarily accommodated": "s20",
    "s20 accommodated": "s20",
    "section 20 accommodation": "s20",
    "accommodated under section 20": "s20",
    "single period of accommodation under section 20": "s20",
    "single period of accommodation under section 20 (children act 1989)": "s20",
    "v2": "s20",
    "epo": "emergency_protection",
    "emergency protection order": "emergency_protection",
    "emergency protection order (epo)": "emergency_protection",
    "s44": "emergency_protection",
    "s.44": "emergency_protection",
    "section 44": "emergency_protection",
    "l2": "emergency_protection",
    "ico": "interim_care_order",
    "interim care order (ico)": "interim_care_order",
    **dict.fromkeys(
        ("ico s38", "ico (s38)", "s38 ico", "interim care order s38", "interim care order (s38)",
         "interim care order (section 38)"),
        "interim_care_order",
    ),
    "c1": "interim_care_order",
    "fco": "care_order",
    "full care order": "care_order",
    **dict.fromkeys(
        ("care order s31", "care order (s31)", "full care order (s31)", "s31 care order"),
        "care_order",
    ),
    "c2": "care_order",
    "not lac": "not_looked_after",
}  # fmt: skip
_PROVIDERS = {
    "pr1": "own",
    "pr2": "other_authority",
    "pr4": "agency",
    "pr5": "agency",
    "ifa": "agency",
    "independent fostering agency": "agency",
    "private provision": "agency",
    "voluntary/third sector provision": "agency",
    "in house": "own",
    "own provision": "own",
    "own provision (by the local authority)": "own",
    "other local authority": "other_authority",
    "other local authority provision": "other_authority",
}
_NEEDS = {
    "da": "domestic_abuse",
    "dv": "domestic_abuse",
    "domestic violence": "domestic_abuse",
    "mh": "mental_health",
    "cse": "sexual_exploitation",
    "uasc": "asylum_seeking",
}
_ETHNICITIES = {
    "white english, welsh, scottish, northern irish or british": "WBRI",
    "english, welsh, scottish, northern irish or british": "WBRI",
    "english/welsh/scottish/northern irish/british": "WBRI",
    "irish traveller": "WIRT",
    "traveller irish heritage": "WIRT",
    "gypsy": "WROM",
    "roma": "WROM",
    "gypsy or roma": "WROM",
    "gypsy roma": "WROM",
    "other white": "WOTH",
    "white other": "WOTH",
    "other mixed": "MOTH",
    "mixed other": "MOTH",
    "any other mixed or multiple ethnic background": "MOTH",
    "other mixed or multiple ethnic groups": "MOTH",
    "other asian": "AOTH",
    "asian other": "AOTH",
    "other black": "BOTH",
    "black other": "BOTH",
    "any other black, black british or caribbean background": "BOTH",
    "other ethnic group": "OOTH",
    "other any other ethnic group": "OOTH",
    "arab": "OOTH",
    "information not obtained": "NOBT",
    "information refused": "REFU",
}
_WHITE, _MIXED = ("white",), ("mixed", "mixed or multiple ethnic groups", "mixed/dual background")
_ASIAN = ("asian", "asian or asian british", "asian/asian british")
_BLACK = (
    "black", "black or black british", "black/black british",
    "black, black british, caribbean or african", "black/african/caribbean/black british",
)  # fmt: skip
_GROUPS = {"W": _WHITE, "M": _MIXED, "A": _ASIAN, "B": _BLACK, "C": _ASIAN}
_SHORTHAND: dict[tuple[str, ...], dict[str, str]] = {
    codes.LEGAL_STATUSES: _LEGAL_STATUSES,
    codes.RELIGIONS: _FAITHS,
    codes.PROVIDERS: _PROVIDERS,
    codes.NEEDS: _NEEDS,
    codes.SKILLS: _NEEDS,
    codes.RISK_LEVELS: {"l": "low", "m": "medium", "med": "medium", "h": "high"},
    codes.LEGAL_ADVICE: {"s17": "section_17", "s20": "section_20"},
    codes.HOUSEHOLD_STATUSES: {
        "under assessment": "assessing",
        "in assessment": "assessing",
        "deregistered": "ended",
        "de registered": "ended",
    },
    codes.ENGLISH: {
        "no english": "none",
        "some english": "some",
        "fluent english": "fluent",
    },
}
_ADVICE: dict[tuple[str, ...], dict[str, str]] = {  # what a word may mean that has no one code
    codes.LEGAL_STATUSES: {
        **dict.fromkeys(
            ("s17", "s.17", "section 17", "cin", "child in need", "supervision order", "so", "iso",
             "interim supervision order", "special guardianship order", "sgo"),
            "Such a child is not looked after: that would be not_looked_after.",
        ),
        "no order": "Without an order a child who is accommodated is s20; any other would be "
        "not_looked_after.",
        **dict.fromkeys(
            ("s38", "section 38", "s.38", "interim order"),
            "Under an interim care order that would be interim_care_order; a child under an "
            "interim supervision order is not_looked_after.",
        ),
        **dict.fromkeys(
            ("s31", "section 31", "s.31"),
            "Under a care order that would be care_order; a child under a supervision order is "
            "not_looked_after.",
        ),
        **dict.fromkeys(
            ("co", "looked after", "lac", "cla", "child looked after", "in care"),
            "Say under which of these.",
        ),
    },
    codes.HOUSEHOLD_STATUSES: {
        "not approved": "assessing, suspended and ended are not approved.",
    },
    codes.FEATURES: dict.fromkeys(
        ("non smoker", "non smoking", "non smokers", "no smoker", "no smokers", "smoke free",
         "no pets", "no dogs", "no dog", "no cats", "no cat"),
        "Leave out what isn't there; none says that there is nothing of the list.",
    ),
    codes.DECISIONS: {"declined": "Say by whom: declined_by_carer or declined_by_parent."},
}  # fmt: skip


def spelled(valid: tuple[str, ...], labels: Mapping[str, str]) -> dict[str, str]:
    """Every spelling of a list of codes, plain: each code, its label, the trade's shorthand."""
    found = {plain(label): code for code, label in labels.items() if code in valid}
    for label, code in tuple(found.items()):
        found.setdefault(label.removeprefix("any "), code)
        found.setdefault(label.replace(" and ", "/"), code)
    if valid == codes.ETHNICITIES:
        found |= _ETHNICITIES
        for code, label in labels.items():
            of_group = [plain(label), plain(label).replace(" and ", "/")] + [
                p for p, c in _ETHNICITIES.items() if c == code
            ]
            for group in _GROUPS.get(code[0], ()):
                for each in (
                    each.removeprefix("white ") if code[0] == "W" else each for each in of_group
                ):
                    for joint in (" ", ": ", ", "):
                        found.setdefault(plain(f"{group}{joint}{each}"), code)
    return found | _SHORTHAND.get(valid, {}) | {plain(code): code for code in valid}


def advice(value: str, valid: tuple[str, ...]) -> tuple[str, str | None]:
    """What to write instead of a word that is no code, ' Did you mean …?', a sentence or '', and the one meant."""
    if told := _ADVICE.get(valid, {}).get(plain(value)):
        return f" {told}", None
    guess = same_words(value, valid)
    return (f" Did you mean {guess}?" if guess else ""), guess


NOT_KNOWN = frozenset(
    ("unknown", "not known", "not yet known", "n/k", "nk", "n.k", "unk", "dk", "don't know", "n/a",
     "na", "n.a", "not applicable", "nan", "nat", "null", "(null)", "[null]", "<null>", "\\n", "<na>",
     "none", "tbc", "t.b.c", "tba", "tbd", "to be confirmed", "to be decided", "not recorded",
     "not available", "not stated", "not provided", "not asked", "not assessed", "not considered",
     "(blank)", "?", "??", "???")
)  # fmt: skip


_LONGEST_NOT_KNOWN = 4 + max(map(len, NOT_KNOWN))
_FIGURE = re.compile("[0-9]")


@lru_cache(maxsize=65_536)
def says_not_known(text: str) -> bool:
    """Whether a cell holds a word for 'not known', or nothing but dashes."""
    if not text or len(text) > _LONGEST_NOT_KNOWN or _FIGURE.search(text):
        return False  # most cells of a large table: no such word has a figure in it
    return plain(text) in NOT_KNOWN or re.fullmatch(r"[\s_\-\u2010-\u2015]+", text) is not None


_LOOK_ALIKE = str.maketrans(
    # Letters of Greek and Cyrillic that look like Latin ones (Unicode TR 39, confusables), folded.
    "αβεηικμνορτυχѕаеоріјхсуԁԛԝһвкмнтзѵ",
    "abehikmnoptyxsaeopijxcydqwhbkmht3v",
) | str.maketrans(
    # Those of Armenian and Cherokee, and what is set for a hyphen.
    "օսհոցզ\u13a0\u13a1\u13a2\u13aa\u13ab\u13ac\u13b3\u13b7\u13bb\u13c3\u13d2\u13da\u13d9\u13de\u13df\u13e2\u13e6\u13f4\u2010\u2011\u2012\u2013\u2014\u2212",
    "ouhngqdrtajewmhzrsvlcpkb------",
)


def skeleton(name: str) -> str:
    """An id as the eye takes it: equal for two that only differ in case, form or look-alikes."""
    if name.isascii() and name.isprintable():
        return " ".join(name.casefold().split())
    visible = "".join(c for c in unicodedata.normalize("NFKC", name) if c.isprintable())
    folded = unicodedata.normalize("NFKC", visible.casefold())
    return re.sub(r"\s+", " ", folded.translate(_LOOK_ALIKE)).strip()


def has_look_alikes(name: str) -> bool:
    """Whether an id has a letter of another alphabet that the eye takes for a Latin one."""
    return any(letter.isalpha() and ord(letter) in _LOOK_ALIKE for letter in name.casefold())
