"""``oimaq replay verdicts``: every stored verdict is reached again from its facts and its tender's rules."""

import argparse
import sys

from api.application import Application
from domain.ids import VerdictId
from domain.organizations.ports import StoredVerdict
from domain.organizations.replaying import NotReplayable, canonical, replay
from domain.procedures.rules import Rules

PAGE = 500
DIFFERENT = 1


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--limit", type=int, metavar="N", help="so many verdicts at most; all of them without it")


async def verdicts(application: Application, *, limit: int | None) -> int:
    """0: all say the same. The first that does not ends it, named on standard error."""
    replayed = 0
    after: VerdictId | None = None
    while limit is None or replayed < limit:
        size = PAGE if limit is None else min(PAGE, limit - replayed)
        page = await application.verdict_archive.verdicts(after=after, limit=size)
        for stored in page:
            if difference := _difference(stored):
                sys.stderr.write(f"verdict {stored.verdict.id}: {difference}\n")
                return DIFFERENT
        replayed += len(page)
        if len(page) < size:
            break
        after = page[-1].verdict.id
    sys.stdout.write(f"{replayed} verdicts replayed, each to the same bytes\n")
    return 0


def _difference(stored: StoredVerdict) -> str | None:
    try:
        again = replay(stored.verdict, Rules(stored.procedure))
    except NotReplayable as refusal:
        return refusal.detail
    if (told := canonical(stored.verdict)) == again:
        return None
    return f"stored as {told.decode()}, replayed as {again.decode()}"
