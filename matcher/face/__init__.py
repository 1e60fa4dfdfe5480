"""What notebooks and other programs meet: the answers of a round as frames, text and pictures."""

from matcher.face.data import Data, Policy, read, sample, verify
from matcher.face.gap import Gap
from matcher.face.round import Price, Round
from matcher.face.whatif import WhatIf
from matcher.face.wrong import WrongInput
from matcher.face.years import Years

__all__ = [
    "Data",
    "Gap",
    "Policy",
    "Price",
    "Round",
    "WhatIf",
    "WrongInput",
    "Years",
    "read",
    "sample",
    "verify",
]
