"""What counts as many: where a round is too large to do, or to show, each thing by itself."""

from __future__ import annotations

MANY_REQUESTS = 200  # more are summed up: no page each, no price under limits, no single changes
