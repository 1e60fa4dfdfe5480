"""Two recorded rounds beside each other, and what was decided between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from matcher.history.entries import Record
from matcher.policy.settings import DUTY_SWITCH, RULE_SWITCH, default, settings_of
from matcher.policy.terms import is_name

SETTLED = ("proposed", "unplaced", "placed")  # any other outcome is one that screening holds back


@dataclass(frozen=True)
class Side:
    """One recorded round, looked up by id."""

    record: Record

    @cached_property
    def requests(self) -> dict[str, Record]:
        """The requests by id."""
        return {each["request_id"]: each for each in self.record["requests"]}

    @cached_property
    def households(self) -> dict[str, Record]:
        """The households by id."""
        return {each["household_id"]: each for each in self.record["households"]}

    def household_of(self, request_id: str) -> str | None:
        """The household that is proposed for a family."""
        proposal = self.requests.get(request_id, {}).get("proposal")
        return None if proposal is None else str(proposal["household_id"])

    def family_of(self, household_id: str, outcome: str = "proposed") -> str | None:
        """The family that a household is proposed for, or that it is occupied by or kept for."""
        household = self.households.get(household_id, {})
        found: str | None = household.get("request_id")
        return found if household.get("outcome") == outcome else None

    def living(self, request_id: str) -> Record | None:
        """Where a family lives, as far as the round wrote it."""
        found: Record | None = self.requests.get(request_id, {}).get("living")
        return found

    def left(self, request_id: str) -> list[Record] | None:
        """The placements of a family that are over; None where an older round wrote none."""
        found: list[Record] | None = self.requests.get(request_id, {"left": []}).get("left")
        return found

    def outcome(self, request_id: str) -> str | None:
        """What came out for a family, None where it asks for nothing in this round."""
        found: str | None = self.requests.get(request_id, {}).get("outcome")
        return found

    def failed(self, request_id: str, household_id: str) -> list[Record]:
        """The rules that a pair fails, as far as the round wrote them."""
        for each in self.requests.get(request_id, {}).get("ineligible", ()):
            if each["household_id"] == household_id:
                found: list[Record] = each["failed"]
                return found
        return []

    def ranked(self, request_id: str, household_id: str) -> Record | None:
        """An eligible household of a family, as far as the round wrote it."""
        for each in self.requests.get(request_id, {}).get("ranked", ()):
            if each["household_id"] == household_id:
                found: Record = each
                return found
        return None

    def closed_by(self, household_id: str) -> list[str]:
        """The rules that close a household to every family."""
        found: list[str] = self.households.get(household_id, {}).get("closed_by", [])
        return found


def _of_its_own(policy: Record) -> dict[str, str]:
    """What a council's own rules and duties ask, by name; a round of an earlier release has none."""
    rules = {
        f"local_rule.{rule['name']}": "; ".join((*rule["when"], *rule["must"]))
        for rule in policy.get("local_rules", ())
    }
    duties = {
        f"local_duty.{duty['key']}": duty["sentence"] for duty in policy.get("local_duties", ())
    }
    return rules | duties


def _usual(policy: Record) -> Record:
    """The value of each setting that a policy does not say; its own rules and duties are on."""
    found: Record = {key: each.value for key, each in settings_of(default()).items()}
    rules = {f"{RULE_SWITCH}{rule['name']}": True for rule in policy.get("local_rules", ())}
    duties = {f"{DUTY_SWITCH}{duty['key']}": True for duty in policy.get("local_duties", ())}
    return found | rules | duties


@dataclass(frozen=True)
class Pairing:
    """Two rounds, the earlier one first, with the decisions of the one's data and not the other's."""

    before: Side
    after: Side
    taken: tuple[Record, ...] = ()  # decisions that only the later round has
    gone: tuple[Record, ...] = ()  # decisions that only the earlier round has

    @classmethod
    def of(
        cls, before: Record, after: Record, was: Iterable[Record] = (), now: Iterable[Record] = ()
    ) -> Pairing:
        """Two rounds as round.json has them, with all decisions of the data of each."""
        was, now = list(was), list(now)
        told = {(each["request_id"], each["household_id"]) for each in now if each not in was}
        gone = (
            each
            for each in was
            if each not in now and (each["request_id"], each["household_id"]) not in told
        )
        taken = (each for each in now if each not in was)
        return cls(Side(before), Side(after), tuple(taken), tuple(gone))

    @cached_property
    def settings(self) -> list[Record]:
        """The policy settings that differ: setting, before, after."""
        sides = [self._policy(side) for side in (self.before, self.after)]
        usual = [_usual(each) | each["changed"] for each in sides]
        found = [
            {"setting": key, "before": usual[0].get(key), "after": usual[1].get(key)}
            for key in sorted({*sides[0]["changed"], *sides[1]["changed"]})
        ]
        was, now = map(_of_its_own, sides)
        found += [
            {"setting": key, "before": was.get(key), "after": now.get(key)}
            for key in sorted({*was, *now})
        ]
        return [each for each in found if each["before"] != each["after"]]

    @property
    def same_policy(self) -> bool:
        """Whether both rounds have one policy, to the last value."""
        return bool(self._policy(self.before)["sha256"] == self._policy(self.after)["sha256"])

    @property
    def only_names(self) -> bool:
        """Whether the policies differ in what they call bodies and clauses alone, which moves no family."""
        own = [
            [
                self._policy(side).get(key)
                for key in ("name", "version", "local_rules", "local_duties")
            ]
            for side in (self.before, self.after)
        ]
        differing = [each["setting"] for each in self.settings]
        return own[0] == own[1] and bool(differing) and all(map(is_name, differing))

    @property
    def same_data(self) -> bool:
        """Whether both rounds have the same tables on the same day."""
        was, now = self.before.record["round"], self.after.record["round"]
        return all(was[key] == now[key] for key in ("input_sha256", "as_of"))

    @property
    def versions(self) -> tuple[str, str]:
        """The product's version in each."""
        was, now = self.before.record["round"], self.after.record["round"]
        return was["version"], now["version"]

    @staticmethod
    def _policy(side: Side) -> Record:
        found: Record = side.record["round"]["policy"]
        return found

    def moved(self, request_id: str) -> bool:
        """Whether a family's outcome or household is another."""
        was, now = self.before, self.after
        homes = [(side.living(request_id) or {}).get("household_id") for side in (was, now)]
        other = was.outcome(request_id) != now.outcome(request_id) or homes[0] != homes[1]
        return other or was.household_of(request_id) != now.household_of(request_id)

    @cached_property
    def families(self) -> Sequence[str]:
        """Every family of either round, in order of id."""
        return sorted({*self.before.requests, *self.after.requests})
