"""Sentences of a round, made of its record alone: why, why not, and what it would take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from matcher import record
from matcher.codes import URGENCIES
from matcher.intake.settings import policy_of
from matcher.policy import changes, gates, position, screening
from matcher.policy.criteria import CRITERIA
from matcher.policy.forms import Evidence, Failing
from matcher.policy.rules import RULES
from matcher.policy.settings import Policy
from matcher.words import (
    and_list,
    count,
    hundredths,
    label,
    long_date,
    lower_first,
    needed,
    ordinal,
    spelt,
    upper_first,
)
