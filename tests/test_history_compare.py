"""What changed between two recorded rounds, and why: a table for each reason, then whole rounds."""

from __future__ import annotations

import json
from typing import Any

import pytest

from builders import a_carer, a_household, a_policy, a_request, as_read, solved
from matcher.codes import DECISIONS
from matcher.history.comparing import comparison
from matcher.history.reasons import WHYS, decision_text, reasons
from matcher.history.recall import with_words
from matcher.history.recording import content_of
from matcher.history.sides import Pairing
from matcher.history.words import compare_text
from recorded import a_decision

Record = dict[str, Any]


def family(
    name: str = "R1",
    household: str | None = None,
    *,
    outcome: str | None = None,
    pinned: bool = False,
    urgency: str = "more_than_5_days",
    ranked: dict[str, float] | None = None,
    failed: dict[str, list[str]] | None = None,
    **more: Any,
) -> Record:
    """A request of a round.json, as far as reasons read it."""
    fits = {household: 80.0} | (ranked or {}) if household else ranked or {}
    proposal = {"household_id": household, "fit": fits.get(household), "pinned": pinned}
    return {
        "request_id": name,
        "urgency": urgency,
        "outcome": outcome or ("proposed" if household else "unplaced"),
        "screening": [],
        "why": [],
        "proposal": proposal if household else None,
        "ranked": [{"household_id": h, "fit": fit, "criteria": []} for h, fit in fits.items()],
        "ineligible": [
            {
                "household_id": h,
                "failed": [{"rule": rule, "reason": f"{rule} fails."} for rule in rules],
            }
            for h, rules in (failed or {}).items()
        ],
        **more,
    }


def one_round(
    *families: Record,
    closed: dict[str, list[str]] | None = None,
    homes: str = "H1 H2 H3",
    changed: Record | None = None,
    **head: Any,
) -> Record:
    """A round.json of some families, as far as comparing reads it."""
    taken = {f["proposal"]["household_id"]: f["request_id"] for f in families if f["proposal"]}
    lived = {f["living"]["household_id"]: f["request_id"] for f in families if f.get("living")}
    sha = str(sorted((changed or {}).items()))
    policy = {"name": "p", "version": "1", "sha256": sha, "changed": changed or {}}
    start = {"as_of": "2026-11-23", "title": "", "version": "0.1.0", "input_sha256": "x"}
    return {
        "round": {**start, "policy": policy, **head},
        "counts": {
            "requests": len(families),
            "matchable": 1,
            "proposed": 1,
            "unplaced": 0,
            "households": 3,
            "open_households": 3,
            "eligible_pairs": 3,
        },
        "objective": [{"name": "today", "value": 1}, {"name": "fit", "value": 8000}],
        "requests": list(families),
        "households": [
            {
                "household_id": home,
                "outcome": "proposed" if home in taken else "occupied" if home in lived else "free",
                "request_id": taken.get(home) or lived.get(home),
                "closed_by": (closed or {}).get(home, []),
            }
            for home in homes.split()
        ],
    }


def told(before: Record, after: Record, was: Any = (), now: Any = (), of: str = "R1") -> list[Any]:
    """The reasons of a family: (kind, sentence)."""
    return [(r.kind, r.text) for r in reasons(Pairing.of(before, after, was, now), of)]


def decision(household: str = "H1", kind: str = "declined_by_carer", **more: Any) -> Record:
    return content_of(a_decision(household, decision=kind)) | more


HAD, HAS = one_round(family(household="H1")), one_round(family(household="H2"))
LOST = one_round(family())
LIVES = {"household_id": "H1", "started_on": "2026-11-30", "planned_end_on": None, "runs": True}
IN_H1 = family(outcome="placed", living=LIVES, left=[])
LEFT = {"household_id": "H1", "ended_on": "2026-12-11", "ended_because": "risk", "early": True}
NONE = "No change to this family or household: the whole round fell another way."
DATA = {"input_sha256": "y"}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (one_round(), HAD, [("new_request", "R1 is a new request, needed in more than 5 days.")]),
        (HAD, one_round(), [("gone", "R1 is closed, or no longer in the data.")]),
        # Where it lives
        (HAD, one_round(IN_H1), [("moved_in", "R1 moved in with H1 on 30 November 2026.")]),
        (HAD, one_round(IN_H1 | {"living": LIVES | {"started_on": None}}), [("moved_in", "R1 moved in with H1.")]),
        (HAD, one_round(IN_H1 | {"urgency": "today"}), [("moved_in", "R1 moved in with H1 on 30 November 2026.")]),
        (HAD, one_round(IN_H1 | {"living": LIVES | {"runs": False}}), [("none", NONE)]),
        (
            one_round(IN_H1),
            one_round(family(household="H2", living=None, left=[LEFT])),
            [("ended", "The placement of R1 with H1 ended early on 11 December 2026 (risk).")],
        ),
        (
            one_round(IN_H1),
            one_round(family(household="H2", living=None, left=[LEFT | {"ended_because": None}])),
            [("ended", "The placement of R1 with H1 ended early on 11 December 2026 (no reason recorded).")],
        ),
        (
            one_round(IN_H1 | {"left": [LEFT]}),
            one_round(family(household="H2", left=[LEFT])),
            [("none", NONE)],
        ),
        (
            HAD,
            one_round(family(household="H2"), IN_H1 | {"request_id": "R2"}),
            [("household_occupied", "R2 lives with H1 now.")],
        ),
        # Its household
        (
            HAD,
            one_round(family(household="H2"), closed={"H1": ["approved", "accommodation"]}),
            [("household_closed", "H1 is closed to every family now: not approved and in a home not known to be suitable.")],
        ),
        (HAD, one_round(family(household="H2"), homes="H2 H3"), [("household_gone", "H1 is no longer in the data.")]),
        (
            HAD,
            one_round(family(household="H2", failed={"H1": ["room"]})),
            [("not_eligible", "H1 is not eligible for R1 now. room fails.")],
        ),
        # Where a household is, nobody is told
        (
            HAD,
            one_round(family(household="H2", failed={"H1": ["distance"]})),
            [("not_eligible", "H1 is not eligible for R1 now. It is too near or too far.")],
        ),
        (
            HAD,
            one_round(family(), family("R2", "H1", urgency="today")),
            [("household_taken", "H1 is proposed for R2 now (needed today, a new request).")],
        ),
        (
            one_round(family(household="H1"), family("R2", "H2")),
            one_round(family(household="H2"), family("R2", "H1")),
            [
                ("household_taken", "H1 is proposed for R2 now (needed in more than 5 days)."),
                ("household_freed", "H2 was proposed for R2 before; R2 is proposed for H1 now."),
            ],
        ),
        (
            HAD,
            one_round(family(), family("R2", "H1", pinned=True)),
            [("household_taken", "H1 is proposed for R2 now (needed in more than 5 days, a new request, as people decided).")],
        ),
        # Where it waits, its own round says why
        (
            HAD,
            one_round(family(why=["R1 has no eligible household of 3.", "More."]), homes="H2 H3"),
            [("household_gone", "H1 is no longer in the data."), ("waits", "R1 has no eligible household of 3.")],
        ),
        (
            one_round(),
            one_round(family(outcome="legal_advice", why=["R1 is not matched: …"])),
            [("new_request", "R1 is a new request, needed in more than 5 days."), ("waits", "R1 is not matched: …")],
        ),
        (
            HAD,
            one_round(family(why=["R1 waits."]), **DATA),
            [("none", NONE), ("waits", "R1 waits.")],
        ),
        # The household that it has now
        (one_round(family(), homes="H1"), HAS, [("household_new", "H2 is new in the data.")]),
        (
            one_round(family(), closed={"H2": ["trained"]}),
            HAS,
            [("household_open", "H2 is open now. Before: not trained for parent and child.")],
        ),
        (
            one_round(family(failed={"H2": ["family"]})),
            HAS,
            [("eligible", "H2 is eligible for R1 now. Before: family fails.")],
        ),
        (
            one_round(family(), family("R2", "H2")),
            HAS,
            [("household_freed", "H2 was proposed for R2 before; R2 is closed, or no longer in the data.")],
        ),
        (
            one_round(family(), family("R2", "H2")),
            one_round(family(household="H2"), family("R2")),
            [("household_freed", "H2 was proposed for R2 before; R2 waits now.")],
        ),
        # The family
        (
            LOST,
            one_round(family(household="H1", urgency="today")),
            [("urgency", "It is needed today; it was needed in more than 5 days.")],
        ),
        (
            one_round(family(household="H1", ranked={"H2": 70.0})),
            one_round(family(household="H2", ranked={"H1": 60.0, "H2": 75.0})),
            [("fit", "The fit of H1 is 60.00; it was 80.00."), ("fit", "The fit of H2 is 75.00; it was 70.00.")],
        ),
        # Everything else
        (
            HAD,
            one_round(family(household="H2"), changed={"far_miles": 30}),
            [("policy", "The policy changed: far_miles 20 → 30.")],
        ),
        (HAD, one_round(family(household="H2"), version="0.2.0"), [("version", "Only the product's version changed: 0.1.0 → 0.2.0.")]),
        (
            HAD,
            one_round(family(household="H2"), version="0.2.0", **DATA),
            [("none", f"{NONE} The product's version changed as well: 0.1.0 → 0.2.0.")],
        ),
        (HAD, one_round(family(household="H2"), **DATA), [("none", NONE)]),
    ],
)  # fmt: skip
def test_reasons(before, after, expected):
    assert told(before, after) == expected


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (decision("H1"), "The carers of H1 declined on 20 November 2026 (capacity)."),
        (decision("H1", "declined_by_parent", reason="parent_wishes"), "The parent declined H1 on 20 November 2026 (parent wishes)."),
        (decision("H1", "rule_out", reason=None), "People ruled out H1 on 20 November 2026, with no reason recorded."),
        (decision("H2", "choose", reason=None), "People chose H2 on 20 November 2026."),
        (decision("H2", "confirmed", reason=None), "H2 was confirmed on 20 November 2026."),
        (decision("H1", "confirmed", reason=None, ended_on="2026-11-22"), "H1 was confirmed on 20 November 2026; the placement ends on 22 November 2026."),
    ],
)  # fmt: skip
def test_a_decision_between_them_is_the_reason(made, text):
    after = one_round(family(household="H2", failed={"H1": ["ruled_out"]}), **DATA)
    assert told(HAD, after, now=[made]) == [("decision", text)]
    assert told(HAD, after, was=[made], now=[made]) == [("none", NONE)]  # no news


def test_every_kind_of_decision_has_words():
    for kind in DECISIONS:
        assert "20 November 2026" in decision_text(decision(kind=kind))


def test_a_decision_of_another_family_or_household_is_no_reason():
    after = one_round(family(household="H2"), **DATA)
    assert told(HAD, after, now=[decision("H3")]) == [("none", NONE)]
    assert told(HAD, after, now=[decision("H1", request_id="R2")]) == [("none", NONE)]


def test_a_decision_that_is_no_longer_there():
    after = one_round(family(household="H2"), **DATA)
    gone = [("decision_gone", "No longer in the data: the carers of H2 declined on 20 November 2026 (capacity).")]  # fmt: skip
    assert told(HAD, after, was=[decision("H2")]) == gone
    # A decision that was changed is told once, as it is now.
    new = decision("H2", "choose", reason=None)
    assert [kind for kind, _ in told(HAD, after, was=[decision("H2")], now=[new])] == ["decision"]


def test_a_family_that_left_says_what_was_decided():
    confirmed = decision("H1", "confirmed", reason=None)
    assert [kind for kind, _ in told(HAD, one_round(), now=[confirmed])] == ["gone", "decision"]


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        ("legal_advice", "proposed", ["What held it back is settled. Before: found. (PC-3.2a)"]),
        ("proposed", "legal_advice", ["Screening holds it back now. found. (PC-3.2a)"]),
        ("no_consent", "legal_advice", ["What held it back is settled. Before: found. (PC-2.2)", "Screening holds it back now. found. (PC-3.2a)"]),
        ("proposed", "unplaced", []),
    ],
)  # fmt: skip
def test_screening(was, now, expected):
    clauses = {"legal_advice": "PC-3.2a", "no_consent": "PC-2.2"}

    def side(outcome: str) -> Record:
        found = [{"outcome": outcome, "reason": "found.", "clause": clauses.get(outcome)}]
        home = "H1" if outcome == "proposed" else None
        return one_round(family(household=home, outcome=outcome, screening=found))

    found = [text for kind, text in told(side(was), side(now)) if kind == "screening"]
    assert found == expected


def test_the_criteria_of_another_fit_are_named_but_not_where_the_household_is():
    def side(home: str, fit: float, **other: str) -> Record:
        criteria = [
            {"name": name, "grade": "High", "weight": 1, "evidence": other.get(name, "")}
            for name in ("language", "distance", "skills")
        ]
        ranked = [{"household_id": "H1", "fit": fit, "criteria": criteria}]
        return one_round(family(household=home) | {"ranked": ranked})

    after = side("H2", 70.0, skills="less", language="none", distance="about 9 miles")
    assert told(side("H1", 80.0), after) == [
        ("fit", "The fit of H1 is 70.00; it was 80.00 (language and skills).")
    ]


def test_every_reason_is_asked_for():
    assert len({why.__name__ for why in WHYS}) == len(WHYS) == 10


def test_the_policy_settings_that_changed_are_told_from_their_defaults():
    pair = Pairing.of(
        one_round(family(household="H1"), changed={"far_miles": 25, "terms_of_approval": False}),
        one_round(family(household="H2"), changed={"far_miles": 25, "weights.language": 30}),
    )
    assert [(s["setting"], s["before"], s["after"]) for s in pair.settings] == [
        ("terms_of_approval", False, True),
        ("weights.language", 20, 30),
    ]
    text = "The policy changed: terms_of_approval no → yes and weights.language 20 → 30."
    assert reasons(pair, "R1")[-1].text == text


def test_a_rule_of_the_councils_own_is_on_until_it_is_switched_off():
    on, off = one_round(family()), one_round(family(), changed={"rules.ours": False})
    for each in (on, off):
        each["round"]["policy"]["local_rules"] = [
            {"name": "ours", "when": [], "must": ["dogs = no"]}
        ]
    found = Pairing.of(on, off).settings
    assert found == [{"setting": "rules.ours", "before": True, "after": False}]


def test_a_comparison_of_two_rounds():
    before = one_round(family("R1", "H1"), family("R2", "H2"), family("R3"), closed={"H3": ["trained"]})  # fmt: skip
    after = one_round(
        family("R1", "H1"),
        family("R3", "H3"),
        closed={"H2": ["approved"]},
        homes="H1 H2 H3 H4",
        as_of="2026-11-30",
        title="New",
    )
    after["objective"].append({"name": "kept", "value": 3})
    record = comparison(Pairing.of(before, after, [], [decision("H1")]))
    assert [each["request_id"] for each in record["families"]] == ["R2", "R3"]
    assert record["unchanged"] == ["R1"]
    assert [(h["household_id"], h["change"]) for h in record["households"]] == [
        ("H2", "closed"),
        ("H3", "open"),
        ("H4", "new"),
    ]
    assert record["aims"][-1] == {"name": "kept", "before": None, "after": 3}
    record["before"]["number"], record["after"]["number"] = 4, 6
    text = "\n".join(compare_text(json.loads(json.dumps(record))))
    for line in (
        "Match round, 23 November 2026 (entry 4) →\nNew, 30 November 2026 (entry 6)",
        "  R2: H2 (fit 80.00) → no open request",
        "  R3: waits → H3 (fit 80.00)\n    H3 is open now. Before: not trained for parent and child.",
        "  Open now: H3 (before: not trained for parent and child).",
        "  Closed to every family now: H2 (not approved).",
        "  New in the data: H4.",
        "  As before: R1.",
        "R1: the carers of H1 declined on 20 November 2026 (capacity); decided by supervising",
    ):
        assert line in text


def _solved(folder: Any, **changes: Any) -> Record:
    """A real round of two families and three households, near and far."""
    tables = {
        "requests": [
            a_request("R1", home_postcode="NW5", withhold_address="yes"),
            a_request("R2", home_postcode="NW5"),
        ],
        "households": [
            a_household(name, postcode=place)
            for name, place in (("H1", "NW5"), ("H2", "N19"), ("H3", "E8"))
        ],
        "carers": [a_carer(name) for name in ("H1", "H2", "H3")],
    }
    policy = changes.pop("policy", None)
    for table, rows in changes.items():
        tables[table] = rows
    return with_words(as_read(solved(folder, tables, policy)))


def test_real_rounds_give_their_reasons(tmp_path):
    first = _solved(tmp_path / "1")
    homes = {r["request_id"]: r["proposal"]["household_id"] for r in first["requests"]}
    closed = [
        a_household(name, postcode=place, status="suspended" if name == homes["R2"] else "approved")
        for name, place in (("H1", "NW5"), ("H2", "N19"), ("H3", "E8"))
    ]
    second = _solved(tmp_path / "2", households=closed)
    kinds = [kind for kind, _ in told(first, second, of="R2")]
    assert kinds[0] == "household_closed"
    third = _solved(tmp_path / "3", policy=a_policy(weights__distance=0))
    pair = Pairing.of(first, third)
    assert all(
        reasons(pair, name)[-1].kind == "policy" for name in pair.families if pair.moved(name)
    )
    same = comparison(Pairing.of(first, first))
    assert (same["families"], same["settings"], same["same_data"]) == ([], [], True)


@pytest.mark.clause("PC-5.3d")
def test_no_comparison_says_where_a_household_is(tmp_path):
    first = _solved(tmp_path / "1")
    far = [a_household("H1", postcode="E8"), a_household("H2", postcode="E8"), a_household("H3", postcode="NW5")]  # fmt: skip
    near = [a_request("R1", home_postcode="NW5", withhold_address="yes", max_miles="2"), a_request("R2", home_postcode="NW5", max_miles="2")]  # fmt: skip
    second = _solved(tmp_path / "2", households=far, requests=near)
    record = comparison(Pairing.of(first, second))
    assert record["families"]
    record["before"]["number"], record["after"]["number"] = 1, 2
    for text in (json.dumps(record), "\n".join(compare_text(record))):
        # The policy's own settings may speak of miles; nothing else may.
        assert "mile" not in text
        assert not any(place in text for place in ("NW5", "N19", "E8"))
