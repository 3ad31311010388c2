"""``oimaq log``, ``oimaq export log`` and ``oimaq verify``: the log without HTTP, and without us."""

import argparse
import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from api import deployment
from api import main as root
from api.settings import Settings
from domain.log.checkpoints import PublicKey
from domain.log.exporting import NotAnExport, examine_export

SOUND, DAMAGED, NO_FILE = 0, 1, 2
"""Exit statuses."""


def describe(commands: Any) -> None:
    """Add the commands to those of the command line."""

    def add(under: Any, name: str, run: Callable[[argparse.Namespace], int], help: str) -> argparse.ArgumentParser:
        command: argparse.ArgumentParser = under.add_parser(name, help=help, description=help)
        command.set_defaults(run=run)
        return command

    log = commands.add_parser("log", help="the tamper-evident log").add_subparsers(required=True, metavar="command")
    add(log, "key", _key, "print the key that checks the log's signatures; make one where there is none")
    acknowledge = add(log, "acknowledge", _acknowledge, "go on with a database that lacks signed history")
    acknowledge.add_argument("--reason", required=True, help="why; it stands in the log for ever")
    export = commands.add_parser("export", help="data for others").add_subparsers(required=True, metavar="what")
    exported = add(export, "log", _export, "the log as JSON lines that anybody can verify")
    exported.add_argument("--out", type=Path, required=True, metavar="FILE")
    verify = add(commands, "verify", _verify, "check an export of the log, or the stored events against the log")
    what = verify.add_mutually_exclusive_group(required=True)
    what.add_argument("file", nargs="?", type=Path, metavar="FILE", help="an export; needs no database")
    what.add_argument("--database", action="store_true", help="every stored event, both trees, every checkpoint")
    verify.add_argument("--checkpoints", type=Path, metavar="FILE", help="checkpoints that were kept elsewhere")
    verify.add_argument("--key", metavar="LINE", help="the log's key as you know it (oimaq log key)")


def _key(_options: argparse.Namespace) -> int:
    sys.stdout.write(deployment.signing(Settings(), create=True).key.verifier + "\n")
    return SOUND


def _acknowledge(options: argparse.Namespace) -> int:
    asyncio.run(_acknowledged(options.reason))
    return SOUND


async def _acknowledged(reason: str) -> None:
    async with root.wire(Settings()) as application:
        event = await application.history.acknowledge(reason)
    sys.stdout.write(f"acknowledged: {event.size} signed events are not in this database\n")


def _export(options: argparse.Namespace) -> int:
    asyncio.run(_exported(options.out))
    return SOUND


async def _exported(path: Path) -> None:
    """Whole or not at all: a file that looks like an export is one."""
    unfinished = path.with_name(path.name + ".part")
    async with root.audit(Settings()) as application:
        with unfinished.open("w", encoding="utf-8") as file:
            async for line in application.history.exported():
                file.write(line)
    unfinished.replace(path)


def _verify(options: argparse.Namespace) -> int:
    if options.database:
        return _told(asyncio.run(_examined()))
    try:
        trusted = PublicKey.parse(options.key) if options.key else None
        outside = options.checkpoints.read_text(encoding="utf-8", errors="replace") if options.checkpoints else ""
        with options.file.open(encoding="utf-8", errors="replace") as lines:
            found = examine_export(lines, deployment.signatures(), outside=outside, trusted=trusted)
    except OSError as error:
        _say(f"{error.filename}: {error.strerror}")
        return NO_FILE
    except NotAnExport as error:
        _say(f"{options.file}: {error}")
        return NO_FILE
    except ValueError:
        _say("--key: not a line that 'oimaq log key' prints")
        return NO_FILE
    kept = f"{found.leaves} events, {found.checkpoints} checkpoints, {found.outside} kept elsewhere"
    sys.stdout.write(f"{kept}\n{found.key.verifier}\n")
    return _told(None if found.fault is None else str(found.fault))


async def _examined() -> str | None:
    async with root.audit(Settings()) as application:
        fault = await application.history.examine()
    return None if fault is None else str(fault)


def _told(problem: str | None) -> int:
    if problem is None:
        return SOUND
    _say(problem)
    return DAMAGED


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
