"""``oimaq replay``: every stored verdict, or a whole award, is decided again and compared byte for byte."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from api.application import Application
from domain.awards.solution import Engine
from domain.errors import Refusal
from domain.ids import TenderId, VerdictId
from domain.organizations.ports import StoredVerdict
from domain.organizations.replaying import NotReplayable, canonical, replay
from domain.procedures.rules import Rules
from domain.replay.replaying import Replayed
from domain.replay.replaying import replay as replay_bundle

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


async def tender(application: Application, id: TenderId, engines: Mapping[str, Engine]) -> int:
    """The award of a tender, from what is stored of it, every fact included."""
    bundle = await application.bundling.whole(id)
    return _award(str(id), bundle.canonical(), engines)


def bundles(files: Sequence[Path], engines: Mapping[str, Engine]) -> int:
    """Awards from their bundles; no database is asked. The first that differs ends it."""
    for file in files:
        try:
            raw = file.read_bytes()
        except OSError as error:
            sys.stderr.write(f"{file}: {error.strerror}\n")
            return DIFFERENT
        if _award(str(file), raw, engines):
            return DIFFERENT
    return 0


def _award(name: str, raw: bytes, engines: Mapping[str, Engine]) -> int:
    try:
        replayed: Replayed = replay_bundle(raw, engines)
    except Refusal as refusal:
        sys.stderr.write(f"{name}: {refusal.code}: {refusal.detail}\n")
        return DIFFERENT
    facts = f"{replayed.disclosed} of {replayed.judgements} verdicts from their facts"
    sys.stdout.write(f"{replayed.whole}  {name}: the same bytes, by {replayed.engine}, {facts}\n")
    return 0


def _difference(stored: StoredVerdict) -> str | None:
    try:
        again = replay(stored.verdict, Rules(stored.procedure))
    except NotReplayable as refusal:
        return refusal.detail
    if (told := canonical(stored.verdict)) == again:
        return None
    return f"stored as {told.decode()}, replayed as {again.decode()}"
