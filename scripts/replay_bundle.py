#!/usr/bin/env python3
"""Decides awards again from their public bundles, with Python and Oimaq's ``domain`` folder alone: nothing installed.

    curl "https://…/v1/tenders/…/bundle" > bundle.json
    python3 scripts/replay_bundle.py bundle.json

Prints what names each award. The first thing that comes out otherwise is named, and ends it with 1. Awards that another
engine than the greedy found need ``oimaq replay bundle``, which has them all.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from domain.awards.greedy import Greedy
from domain.errors import Refusal
from domain.replay.replaying import replay

ENGINES = {Greedy().name: Greedy()}


def main(files: list[str]) -> int:
    for name in files:
        try:
            replayed = replay(Path(name).read_bytes(), ENGINES)
        except Refusal as refusal:
            sys.stderr.write(f"{name}: {refusal.code}: {refusal.detail}\n")
            return 1
        sys.stdout.write(f"{replayed.whole}  {name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
