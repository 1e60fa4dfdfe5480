"""Find and score the eligible pairs: the matcher's scan, the floor below it, and two peers.

The floor is told which pairs are eligible and only gathers and scores them, in one process and
without the readable form: no scan can cost less. DuckDB and pandas are given the same columns as
tables and the same rules as SQL and as masks; both must find the pairs that the matcher finds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from matcher.codes import RISK_AREAS
from matcher.eligibility import scan
from matcher.fit import rank, score
from matcher.geo import METRES_PER_MILE, miles
from matcher.model import says
from matcher.policy.criteria import CRITERIA
from matcher.policy.pairs import Pairs
from matcher.policy.rules import _can_assess
from matcher.rounds import Prepared


def ours(prepared: Prepared) -> int:
    """Every rule on every pair with counts and near misses, then fit and rank of the eligible."""
    p = prepared.everyone
    fresh = Pairs(p.columns, p.policy, p.request_rows, p.household_rows)
    return int(rank(fresh, scan(fresh, prepared.top)).fit.sum(dtype=np.int64))


@dataclass(frozen=True)
class Floor:
    """What the eligible pairs are scored from, worked out before the clock runs."""

    prepared: Prepared
    speaks: np.ndarray  # the languages of each household as bits
    ethnicity: np.ndarray  # (codes, households)
    religion: np.ndarray
    near: np.ndarray  # (requests, outward postcodes)
    school: np.ndarray
    impact: np.ndarray  # (requests, 0, 1, 2, 3 and more looked-after children there)

    @classmethod
    def of(cls, prepared: Prepared) -> Floor:
        """The tables of a round."""
        x, p = prepared.everyone, prepared.policy
        grid = x.columns.outcode_eastings, x.columns.outcode_northings
        far = miles(x.r.school_easting, x.r.school_northing, *grid)
        near = np.maximum(1 - x.outcode_miles / p.number("far_miles"), 0)
        near[(~np.isnan(x.r.min_miles) | x.r.keeps_away)[:, 0]] = np.nan
        score(x.of(x.request_rows[:1]))  # so that the facts of households are there
        worst = np.fmax.reduce(x.r.risks[:, 0], axis=1, initial=0.0)
        medium, high = p.number("impact.medium_risk"), p.number("impact.high_risk")
        factor = np.where(worst >= 3, high, np.where(worst >= 2, medium, 1.0))
        one, more = p.number("impact.one_child"), p.number("impact.more_children")
        bits = 1 << np.arange(len(x.columns.languages), dtype=np.uint64)
        return cls(
            prepared,
            (x.h.speaks * bits).sum(axis=1, dtype=np.uint64),
            x._of_round["ethnicity"],
            x._of_round["religion"],
            near,
            np.maximum(1 - far / p.number("far_school_miles"), 0),
            factor[:, None] * np.array([1.0, one, more, more]),
        )

    def __call__(self) -> int:
        """The fit of all eligible pairs, added up."""
        x, screened = self.prepared.everyone, self.prepared.screened
        p, r, h = self.prepared.policy, x.columns.requests, x.columns.households
        weight = {each.key: p.number(f"weights.{each.key}") for each in CRITERIA}
        english = {"fluent": p.number("language.english_fluent")}
        english["some"] = p.number("language.english_some")
        asked, children = x.skills_asked[:, 0], np.minimum(h.looked_after_children, 3).astype(int)
        own = x.columns.own_carer
        of_own = dict(zip(own.requests.tolist(), own.households.tolist(), strict=True))
        ethnic, faith = _counts(x, 1), _counts(x, 2)
        total = 0
        for row in range(len(screened.starts) - 1):
            homes = screened.household[screened.edges_of(row)]
            there = children.take(homes)
            if row in of_own:
                there = np.where(homes == of_own[row], np.maximum(there - 1, 0), there)
            has = np.bitwise_count(h.skills.take(homes) & asked[row])
            share = weight["skills"] * (has / np.bitwise_count(asked[row]))
            share += weight["impact"] * self.impact[row].take(there)
            whole = weight["skills"] + weight["impact"]
            if r.languages_known[row]:
                speaks, best = self.speaks.take(homes), r.best_language[row]
                value = np.full(len(homes), english.get(r.english[row], 0.0))
                others = np.flatnonzero(r.other_languages[row])
                if len(others):
                    wanted = np.uint64(sum(1 << int(at) for at in others))
                    value[(speaks & wanted) != 0] = p.number("language.another")
                value[(speaks >> np.uint64(best)) & np.uint64(1) == 1] = 1.0
                value[~h.languages_known.take(homes)] = 0.0
                share += weight["language"] * value
                whole += weight["language"]
            for name, table, counts, code in (
                ("ethnicity", self.ethnicity, ethnic, r.ethnicity),
                ("religion", self.religion, faith, r.religion),
            ):
                if counts[row]:
                    share += weight[name] * table[code[row]].take(homes)
                    whole += weight[name]
            places = h.outcode.take(homes)
            for name, table in (("distance", self.near), ("school", self.school)):
                if not np.isnan(table[row, 0]):
                    share += weight[name] * table[row].take(places)
                    whole += weight[name]
            total += int(np.floor(10_000 * share / whole + 0.5 + 1e-7).sum())
        return total


def _counts(x: Pairs, criterion: int) -> np.ndarray:
    """Where a criterion counts for a request, whatever the household."""
    some = x.of(x.request_rows, x.columns.households.row[:1])
    return ~np.isnan(CRITERIA[criterion].value(some))[:, 0]


def tables(prepared: Prepared) -> tuple[Any, Any, Any, Any]:
    """The round as four data frames: requests, households, areas to keep away from, and pairs that are out."""
    import pandas

    x = prepared.everyone
    r, h, c = x.columns.requests, x.columns.households, x.columns
    languages = 1 << np.arange(len(c.languages), dtype=np.uint64)
    own = np.full(len(x.request_rows), np.nan)
    own[c.own_carer.requests] = c.own_carer.households
    requests = pandas.DataFrame(
        {
            "r": x.request_rows,
            "own": own,
            "support": r.purpose == "support",
            "second": r.second_parent_comes,
            "older": r.older_children,
            "people": x.looked_after_people[:, 0],
            "parents_in_care": r.parent_looked_after | r.second_parent_looked_after,
            "needed": x.needed[:, 0],
            "latest": x.latest[:, 0],
            "days": x.days[:, 0],
            "easting": r.easting,
            "northing": r.northing,
            "min_miles": r.min_miles,
            "max_miles": r.max_miles,
            "features": r.must_have_features.astype(np.int64),
            "avoid": r.must_avoid.astype(np.int64),
            "must_skills": r.must_have_skills.astype(np.int64),
            "must_speak": (r.must_have_languages * languages)
            .sum(axis=1, dtype=np.uint64)
            .astype(np.int64),
            **{f"risk{at}": r.risks[:, at] for at in range(len(RISK_AREAS))},
            "best": np.where(r.languages_known, r.best_language, np.nan),
            "others": (r.other_languages * languages).sum(axis=1, dtype=np.uint64).astype(np.int64),
            "english": np.select([r.english == "fluent", r.english == "some"], [0.8, 0.4], 0.0),
            "ethnic": np.where(_counts(x, 1), r.ethnicity, np.nan),
            "faith": np.where(_counts(x, 2), r.religion, np.nan),
            "near": np.isnan(r.min_miles) & ~r.keeps_away,
            "school_easting": r.school_easting,
            "school_northing": r.school_northing,
            "asked": x.skills_asked[:, 0].astype(np.int64),
            "factor": Floor.of(prepared).impact[:, 0],
        }
    )

    households = pandas.DataFrame(
        {
            "h": h.row,
            "open": prepared.screened.closed == 0,
            "bedrooms": h.bedrooms,
            "children": h.looked_after_children,
            "carers": h.approved_carers,
            "runs": h.arrangement_runs,
            "free": x.free_after_arrangement,
            "opens_on": h.available_from,
            "opens": np.where(np.isneginf(x.opens), -1e9, x.opens),
            "until": h.available_until,
            "assessment": h.terms_assessment,
            "support_terms": h.terms_support,
            "second_ok": h.takes_second_parent,
            "older_ok": np.nan_to_num(h.takes_older_children),
            "known": h.features_known,
            "has": h.features.astype(np.int64),
            "skills": h.skills.astype(np.int64),
            "can_assess": x.once("can_assess", _can_assess),
            "no_smoke": says(x.h.smokes, "no"),
            "speaks": (h.speaks * languages).sum(axis=1, dtype=np.uint64).astype(np.int64),
            "heasting": h.easting,
            "hnorthing": h.northing,
            "outcode": h.outcode,
            **{f"most{at}": x.most_risk[at] for at in range(len(RISK_AREAS))},
            "tongues": h.languages_known,
            "ethnicities": list(Floor.of(prepared).ethnicity.T),
            "faiths": list(Floor.of(prepared).religion.T),
        }
    )
    rows, codes = np.nonzero(r.keep_away)
    avoids = pandas.DataFrame({"r": rows, "outcode": codes})
    known = [c.ruled_out, c.risk_too_high]
    out = pandas.DataFrame(
        {
            "r": np.concatenate([each.requests for each in known]),
            "h": np.concatenate([each.households for each in known]),
        }
    ).drop_duplicates()
    return requests, households, avoids, out


def _miles(east: str = "easting", north: str = "northing") -> str:
    metres = f"sqrt(({east}-heasting)*({east}-heasting)+({north}-hnorthing)*({north}-hnorthing))"
    return f"floor({metres}/{METRES_PER_MILE}*10+0.5)/10"


OWN = "coalesce((h.h = own)::int, 0)"  # the parent is one of the children there, and has a room
CHILDREN = f"greatest(children - {OWN}, 0)"
RULES = (
    "open",
    f"bedrooms + {OWN} >= 1 + ceil(older/2)",
    f"({CHILDREN} = 0 or carers >= 2)",
    "(not runs or free <= latest)",
    "(opens_on is null or opens_on <= latest) and (until is null or "
    "(opens is not null and needed + days <= until and opens + days <= until))",
    "(case when support then support_terms else assessment end)",
    "(not second or second_ok) and older <= older_ok",
    f"(people + {CHILDREN} <= 3 or ({CHILDREN} = 0 and not parents_in_care))",
    " and ".join(f"(risk{at} is null or risk{at} <= most{at})" for at in range(len(RISK_AREAS))),
    "(support or can_assess)",
    "not exists (select 1 from a where a.r = r.r and a.outcode = h.outcode)",
    f"(min_miles is null or {_miles()} >= min_miles) and "
    f"(max_miles is null or {_miles()} <= max_miles)",
    "((features | avoid) = 0 or known) and (features & ~has) = 0 and (avoid & has) = 0 "
    "and (must_skills & ~skills) = 0 and (must_speak & ~speaks) = 0",
    "no_smoke",
    "not exists (select 1 from o where o.r = r.r and o.h = h.h)",
)
LANGUAGE = """case when not tongues then 0 when (speaks >> best::bigint) & 1 = 1 then 1
when (speaks & others) <> 0 then 0.8 else english end"""
TERMS = {
    "best is null": (20, LANGUAGE),
    "ethnic is null": (12, "ethnicities[ethnic::bigint + 1]"),
    "faith is null": (12, "faiths[faith::bigint + 1]"),
    "not near or easting is null": (16, f"greatest(1 - {_miles()}/20, 0)"),
    "school_easting is null": (
        5,
        f"greatest(1 - {_miles('school_easting', 'school_northing')}/10, 0)",
    ),
    "false": (25, "bit_count(asked & skills) / bit_count(asked)"),
    "1 = 0": (
        10,
        f"factor * (case {CHILDREN} when 0 then 1 when 1 then 0.6 else 0.3 end)",
    ),
}


class DuckDB:
    """DuckDB with the tables in it: the rules' counts, then fit and rank of what is eligible."""

    def __init__(self, frames: tuple[Any, ...]) -> None:
        import duckdb

        self.base = duckdb.connect()
        for name, frame in zip("rhao", frames, strict=True):
            self.base.register(f"{name}_frame", frame)
            columns = ", ".join(
                f"case when isnan({c}) then null else {c} end as {c}"
                if frame[c].dtype == float
                else f'"{c}"'
                for c in frame.columns
            )
            self.base.execute(f"create table {name} as select {columns} from {name}_frame")

    def __call__(self) -> int:
        """How many pairs are eligible, once all is worked out."""
        flags = ", ".join(f"not ({rule}) as f{at}" for at, rule in enumerate(RULES))
        number = " + ".join(f"f{at}::int" for at in range(len(RULES)))
        counts = ", ".join(
            f"count(*) filter (f{at}), count(*) filter (f{at} and number = 1)"
            for at in range(len(RULES))
        )
        self.base.execute(
            f"""select r, {counts} from (select *, {number} as number from
            (select r.r as r, {flags} from r cross join h)) group by r"""
        ).fetchall()
        share = " + ".join(
            f"case when {c} then 0 else {w}::double * {v} end" for c, (w, v) in TERMS.items()
        )
        whole = " + ".join(
            f"case when {c} then 0 else {w}::double end" for c, (w, _) in TERMS.items()
        )
        found = self.base.execute(
            f"""select r, h, fit, row_number() over (partition by r order by fit desc, far, h)
            from (select r.r as r, h.h as h, {_miles()} as far,
            floor(10000 * ({share}) / ({whole}) + 0.5) as fit
            from r cross join h where {" and ".join(f"({rule})" for rule in RULES)})"""
        ).fetchnumpy()
        return len(found["r"])


def pandas_scan(frames: tuple[Any, ...]) -> int:
    """How many pairs pandas finds by a cross merge and masks, without counts, fit or rank."""
    requests, households, avoids, out = frames
    p = requests.merge(households.drop(columns=["ethnicities", "faiths"]), how="cross")
    metres = np.hypot(p.easting - p.heasting, p.northing - p.hnorthing)
    far = np.floor(metres / METRES_PER_MILE * 10 + 0.5) / 10
    own = p.h == p.own
    children = (p.children - own).clip(lower=0)
    met = p.open & (p.bedrooms + own >= 1 + np.ceil(p.older / 2))
    met &= (children == 0) | (p.carers >= 2)
    met &= (~p.runs | (p.free <= p.latest)) & ~(p.opens_on > p.latest)
    in_time = (p.needed + p.days <= p.until) & (p.opens + p.days <= p.until)
    met &= p.until.isna() | in_time
    met &= (p.support & p.support_terms) | (~p.support & p.assessment)
    met &= (~p.second | p.second_ok) & (p.older <= p.older_ok)
    met &= (p.people + children <= 3) | ((children == 0) & ~p.parents_in_care)
    for at in range(len(RISK_AREAS)):
        met &= ~(p[f"risk{at}"] > p[f"most{at}"])
    met &= (p.support | p.can_assess) & p.no_smoke
    met &= (p.min_miles.isna() | (far >= p.min_miles)) & (p.max_miles.isna() | (far <= p.max_miles))
    met &= ((p.features | p.avoid) == 0) | p.known
    met &= ((p.features & ~p.has) == 0) & ((p.avoid & p.has) == 0)
    met &= ((p.must_skills & ~p.skills) == 0) & ((p.must_speak & ~p.speaks) == 0)
    left = p.loc[met, ["r", "h", "outcode"]]
    for other, keys in ((avoids, ["r", "outcode"]), (out, ["r", "h"])):
        left = left.merge(other, on=keys, how="left", indicator=True)
        left = left[left["_merge"] == "left_only"].drop(columns="_merge")
    return len(left)
