"""Live lives at random, as many as are asked for, and say what they saw and what did not hold."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from lives import WEEKS, live


def main() -> int:
    """Live them one after the other; 1 where something did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lives", type=int, default=500, help="how many lives")
    parser.add_argument("--seed", type=int, default=0, help="the seed of the first")
    parser.add_argument("--weeks", type=int, default=WEEKS, help="how many weeks each is long")
    parser.add_argument("--first", action="store_true", help="stop at the first breach")
    asked = parser.parse_args()
    seen, breaches = Counter[str](), 0
    for seed in range(asked.seed, asked.seed + asked.lives):
        life = live(seed, asked.weeks)
        seen += life.seen
        breaches += len(life.breaches)
        for breach in life.breaches:
            print(breach, flush=True)
        if breaches and asked.first:
            return 1
    print(f"{asked.lives:,} lives from seed {asked.seed}. They saw:")
    for what, many in sorted(seen.items()):
        print(f"  {what}: {many:,}")
    print(f"{breaches:,} breaches.")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
