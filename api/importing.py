"""``oimaq import``: a register from a file on this machine, by whoever runs the deployment; nobody is named for it."""

import argparse
import asyncio
import hashlib
import sys
from datetime import date
from pathlib import Path

from api.application import Application
from api.views.registers import ImportReportView
from domain.errors import Refusal
from domain.registries.imports import Order, Source
from domain.registries.records import Mode, Register

REFUSED, NO_FILE = 1, 2


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("register", type=Register, choices=list(Register), metavar="REGISTER", help=", ".join(Register))
    parser.add_argument("file", type=Path, metavar="FILE", help="CSV in UTF-8, or XLSX with one sheet")
    parser.add_argument(
        "--as-of", type=date.fromisoformat, required=True, metavar="DAY", help="whose state of the register it holds"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would happen, store nothing")
    parser.add_argument(
        "--mode", type=Mode, choices=list(Mode), default=Mode.FULL, help="full: what the file does not name is removed"
    )
    parser.add_argument(
        "--accept-removals", action="store_true", help="allow a full import to remove more than a fifth"
    )


async def load(application: Application, options: argparse.Namespace) -> int:
    """Print the report as JSON; a refusal and its flaws on standard error. 0: imported or rehearsed without flaws."""
    path: Path = options.file
    try:
        digest = await asyncio.to_thread(_digest, path)
    except OSError as error:
        _tell(f"{path}: {error.strerror}")
        return NO_FILE
    order = Order(
        register=options.register,
        as_of=options.as_of,
        mode=options.mode,
        dry_run=options.dry_run,
        accept_removals=options.accept_removals,
    )
    try:
        report = await application.loading.load(Source(path=path, name=path.name, sha256=digest), order, command=None)
    except Refusal as refusal:
        _tell(f"{refusal.code}: {refusal.detail}" + (f" (passes: {refusal.passes})" if refusal.passes else ""))
        for flaw in refusal.flaws:
            _tell(f"  {flaw.pointer}: {flaw.reason}" + (f" (passes: {flaw.passes})" if flaw.passes else ""))
        return REFUSED
    sys.stdout.write(ImportReportView.of(report).model_dump_json(indent=2) + "\n")
    return REFUSED if report.flaws_total or report.too_many_removed else 0


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")
