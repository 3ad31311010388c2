"""``oimaq``: serve, work, open, migrate, demo, operator, procedures, keys, import, replay, log, export, verify, …"""

import argparse
import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import uvicorn
from rich.console import Console
from starlette.types import ASGIApp

from api import deployment, history, importing, keeping, replaying
from api import main as root
from api.listening import SPREADS, serve_with_processes
from api.observability import configure
from api.packages import check_files, check_packages
from api.settings import Settings
from api.worker import open_all, work
from domain.actors import OrganizationKind
from domain.errors import Refusal
from domain.ids import TenderId, parse_bin, parse_kato
from domain.organizations.registering import OrganizationForm, PersonForm
from domain.procedures.drawing import page

LOADING_SECONDS = 60
"""uvicorn kills a process that does not answer it for this long, and one that still loads does not answer: with its
five seconds a busy machine never came up, because each process was killed while it was loading."""

console = Console(stderr=True)


def served() -> ASGIApp:
    """What each uvicorn process runs: its own wired application."""
    from api.app import create_served_app  # noqa: PLC0415 - routes take long to load, and most commands have none

    settings = Settings()
    configure(settings.log_level)
    return create_served_app(lambda: root.wire(settings))


def _serve(options: argparse.Namespace) -> int:
    settings = Settings()
    asyncio.run(_migrate())
    port = settings.port if options.port is None else options.port
    workers = options.workers or settings.workers
    companion = [subprocess.Popen([sys.executable, "-m", "api.cli", "work"])] if options.with_worker else []
    console.print(f"Oimaq on http://{settings.host}:{port} (documentation at /docs), {workers} process(es)")
    how: dict[str, Any] = {
        "factory": True,
        "host": settings.host,
        "port": port,
        "workers": workers,
        "loop": "uvloop",
        "http": "httptools",
        "access_log": False,
        "log_level": "warning",
        "server_header": False,
        "timeout_graceful_shutdown": 10,
        "timeout_worker_healthcheck": LOADING_SECONDS,
    }
    try:
        if workers > 1 and SPREADS:
            serve_with_processes(uvicorn.Config("api.cli:served", **how))
        else:
            uvicorn.run("api.cli:served", **how)
    finally:
        for process in companion:
            process.send_signal(signal.SIGTERM)
            process.wait(20)
    return 0


def _work(_options: argparse.Namespace) -> int:
    asyncio.run(_working())
    return 0


async def _working() -> None:
    settings = Settings()
    configure(settings.log_level)
    stop = _until_told()
    async with root.worker(settings) as (application, run_jobs):
        await work(application, run_jobs, stop=stop)


def _open(_options: argparse.Namespace) -> int:
    asyncio.run(_opening())
    return 0


async def _opening() -> None:
    settings = Settings()
    configure(settings.log_level)
    stop = _until_told()
    async with root.opener(settings) as application:
        await open_all(application, stop=stop)


def _until_told() -> asyncio.Event:
    """Set by SIGTERM and SIGINT."""
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    return stop


def _migrate_command(_options: argparse.Namespace) -> int:
    asyncio.run(_migrate())
    return 0


async def _migrate() -> None:
    async with root.wire(Settings()):
        """Wiring migrates."""


def _operator(options: argparse.Namespace) -> int:
    """Auditors and registries do not register themselves; this creates one, confirmed."""
    password = sys.stdin.readline().strip() if options.password_stdin else console.input("Password: ", password=True)
    organization = OrganizationForm(
        bin=parse_bin(options.bin),
        kind=OrganizationKind(options.kind),
        name=options.name,
        kato=parse_kato(options.kato),
        address=options.address,
        phone=options.phone,
        email=options.email,
    )
    founder = PersonForm(email=options.email, name=options.name, password=password)
    asyncio.run(_register(organization, founder))
    return 0


async def _register(organization: OrganizationForm, founder: PersonForm) -> None:
    async with root.wire(Settings()) as application:
        await application.registering.register(organization, founder, by_operator=True)


def _import(options: argparse.Namespace) -> int:
    return asyncio.run(_imported(options))


async def _imported(options: argparse.Namespace) -> int:
    async with root.wire(Settings()) as application:
        return await importing.load(application, options)


def _replay_verdicts(options: argparse.Namespace) -> int:
    return asyncio.run(_replayed(options))


async def _replayed(options: argparse.Namespace) -> int:
    async with root.audit(Settings()) as application:
        return await replaying.verdicts(application, limit=options.limit)


def _replay_tender(options: argparse.Namespace) -> int:
    return asyncio.run(_replayed_tender(options.tender))


async def _replayed_tender(id: UUID) -> int:
    async with root.audit(Settings()) as application:
        return await replaying.tender(application, TenderId(id), deployment.engines())


def _replay_bundles(options: argparse.Namespace) -> int:
    return replaying.bundles(options.files, deployment.engines())


def _demo(options: argparse.Namespace) -> int:
    from api.demo.story import main as play  # noqa: PLC0415 - the demonstration is no part of a server

    return play(options.out)


def _openapi(_options: argparse.Namespace) -> int:
    from api.app import documented_app  # noqa: PLC0415 - as above
    from api.openapi import canonical_json, document  # noqa: PLC0415 - as above

    sys.stdout.write(canonical_json(document(documented_app())))
    return 0


def _procedures_check(options: argparse.Namespace) -> int:
    if options.files:
        return 0 if check_files(options.files, deployment.package_of, print) else 1
    return 0 if check_packages(deployment.released_packages(), print) else 1


def _procedures_draw(_options: argparse.Namespace) -> int:
    sys.stdout.write(page(deployment.released_packages()))
    return 0


def _keys(options: argparse.Namespace) -> int:
    return keeping.perform(deployment.keys(Settings()), options)


def _migration(options: argparse.Namespace) -> int:
    asyncio.run(root.write_migration(Settings(), options.message))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="oimaq", description="Light-industry procurement, from need to paid contract."
    )
    commands = parser.add_subparsers(required=True, metavar="command")

    def add(name: str, run: Callable[[argparse.Namespace], int], help: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=help, description=help)
        command.set_defaults(run=run)
        return command

    serve = add("serve", _serve, "the HTTP API")
    serve.add_argument("--port", type=int)
    serve.add_argument("--workers", type=int)
    serve.add_argument("--with-worker", action="store_true", help="start a worker beside it")
    add("work", _work, "the worker: deadlines, payments, webhooks")
    add("open", _open, "the opener: makes the keys that bids are sealed to, opens what is closed")
    add("migrate", _migrate_command, "bring the database to the newest schema")
    demo = add("demo", _demo, "play the whole story over HTTP on a database of its own")
    demo.add_argument("--out", default="demo-out", help="folder for the auditor's files")
    operator = add("operator", _operator, "create a confirmed registry or auditor")
    operator.add_argument("--kind", choices=["registry", "auditor"], required=True)
    for name in ("bin", "name", "email"):
        operator.add_argument(f"--{name}", required=True)
    operator.add_argument("--kato", default="711310000")
    operator.add_argument("--address", default="Astana")
    operator.add_argument("--phone", default="+7 7172 000000")
    operator.add_argument("--password-stdin", action="store_true", help="one line on standard input")
    procedures = commands.add_parser("procedures", help="rule packages").add_subparsers(
        required=True, metavar="command"
    )
    checking = procedures.add_parser("check", help="check the shipped packages, or files from outside")
    checking.add_argument("files", nargs="*", type=Path, metavar="FILE")
    checking.set_defaults(run=_procedures_check)
    procedures.add_parser("draw", help="their life cycles as Markdown").set_defaults(run=_procedures_draw)
    keeping.describe(add("keys", _keys, "the key that wraps tenders' keys, and the one that signs receipts"))
    add("openapi", _openapi, "print the OpenAPI document")
    add("migration", _migration, "write a migration from the rows").add_argument("message")
    replays = commands.add_parser("replay", help="what was decided, decided again").add_subparsers(
        required=True, metavar="command"
    )
    replay = replays.add_parser("verdicts", help="origin verdicts, from their facts; fails on the first difference")
    replay.set_defaults(run=_replay_verdicts)
    replaying.describe(replay)
    award = replays.add_parser("tender", help="a tender's award, from everything that is stored of it")
    award.add_argument("tender", type=UUID, metavar="TENDER_ID")
    award.set_defaults(run=_replay_tender)
    published = replays.add_parser("bundle", help="awards from their public bundles; needs no database")
    published.add_argument("files", nargs="+", type=Path, metavar="FILE")
    published.set_defaults(run=_replay_bundles)
    importing.describe(add("import", _import, "import a register that has no service from CSV or XLSX"))
    history.describe(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except Refusal as refusal:
        passes = f" (passes: {refusal.passes})" if refusal.passes else ""
        sys.stderr.write(f"{refusal.code}: {refusal.detail}{passes}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
