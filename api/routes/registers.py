"""Registers that come as files: what was imported when, their records, and the imports themselves."""

import hashlib
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from api.dependencies import App, Reader, Signed, Write, answered
from api.idempotency import fingerprint, idempotency_key
from api.paging import Page, Paging, paged
from api.problems import EdgeRefusal, responses
from api.routing import step
from api.schemas import BinText, Day
from api.views.registers import ImportReportView, RecordView, RegisterImportView, RegistersView, RegisterView
from domain.actors import Action
from domain.errors import Flaw, NotPermitted
from domain.registries.imports import (
    Order,
    RegisterImportId,
    RegisterImportRefused,
    RegisterRemovalsRefused,
    RegisterStateOlder,
    Source,
)
from domain.registries.records import PUBLIC, Mode, Register
from domain.tenders.need import SheetUnreadable

router = APIRouter(prefix="/v1", tags=["registers"])

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_EXTRA = {
    "requestBody": {
        "required": True,
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in (CSV, XLSX)},
    },
    "responses": {
        "200": {
            "description": "What the import would do; nothing was stored (dry_run)",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ImportReportView"}}},
        }
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """The body on disk; its digest stands for it in the request's fingerprint."""

    write: Write
    path: Path
    sha256: str
    media_type: str


async def _uploaded(request: Request, caller: Signed) -> AsyncIterator[Upload]:
    key = idempotency_key(request)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in {CSV, XLSX}:
        flaw = Flaw(pointer="header:Content-Type", reason=media_type[:100] or "missing", passes=f"{CSV} or {XLSX}")
        raise EdgeRefusal("unsupported-media-type", "A register is a CSV or XLSX table", flaws=(flaw,))
    digest = hashlib.sha256()
    with tempfile.NamedTemporaryFile(prefix="oimaq-upload-") as file:
        async for chunk in request.stream():
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        target = f"{request.url.path}?{request.url.query}"
        asked = fingerprint(request.method, target, digest.digest())
        yield Upload(
            write=Write(caller=caller, key=key, fingerprint=asked),
            path=Path(file.name),
            sha256=digest.hexdigest(),
            media_type=media_type,
        )


@step(
    router,
    "/registers/{register}/imports",
    action=Action.REGISTER_IMPORT,
    answers=ImportReportView,
    refusals=(
        RegisterImportRefused,
        RegisterStateOlder,
        RegisterRemovalsRefused,
        SheetUnreadable,
        "unsupported-media-type",
        "body-too-large",
    ),
    openapi_extra=_EXTRA,
)
async def import_register(
    register: Register,
    app: App,
    upload: Annotated[Upload, Depends(_uploaded)],
    as_of: Annotated[Day, Query(description="The day whose state of the register the file holds.")],
    name: Annotated[str, Query(max_length=200, description="What the file was called, for the list.")] = "",
    dry_run: Annotated[bool, Query()] = False,  # noqa: FBT002 - a query parameter
    mode: Annotated[Mode, Query()] = Mode.FULL,
    accept_removals: Annotated[bool, Query()] = False,  # noqa: FBT002 - a query parameter
) -> Response:
    """Import a register from CSV or XLSX, at most 64 MiB, whole or not at all.

    A dry run (answered 200) reports flaws row by row and what would change. A full import removes the records that the
    file does not name; where these are more than a fifth, ``accept_removals`` says that this is meant.
    """
    order = Order(register=register, as_of=as_of, mode=mode, dry_run=dry_run, accept_removals=accept_removals)
    source = Source(path=upload.path, name=name, sha256=upload.sha256, media_type=upload.media_type)
    command = upload.write.command(ImportReportView.of, status=200 if dry_run else 201)
    await app.loading.load(source, order, command=command)
    return answered(command)


@router.get("/registers", openapi_extra={"security": []})
async def list_registers(app: App) -> RegistersView:
    """Every register: how many records it has, its newest import, and how old its state is."""
    return RegistersView(items=[RegisterView.of(state) for state in await app.registers.registers(None)])


@router.get(
    "/registers/{register}/records",
    response_model=Page[RecordView],
    responses=responses("not-authenticated", "invalid-request", "malformed-cursor", NotPermitted),
    openapi_extra={"x-public": True},
)
async def list_register_records(
    register: Register,
    app: App,
    reader: Reader,
    paging: Paging,
    bin: Annotated[BinText | None, Query()] = None,
    key: Annotated[str | None, Query(min_length=1, max_length=200)] = None,
) -> Response:
    """Present records in the order of their keys. Producers and classifiers are public, the lists need credentials."""
    if reader is None and register not in PUBLIC:
        raise EdgeRefusal("not-authenticated", "Send 'Authorization: Bearer <token>'")
    rows = await app.registers.records(
        reader, register, bin=bin, key=key, after=paging.after(UUID), limit=paging.limit + 1
    )
    return paged([RecordView.of(row) for row in rows], paging, key=lambda view: [str(view.id)])


@router.get(
    "/registers/{register}/imports",
    response_model=Page[RegisterImportView],
    responses=responses("not-authenticated", "invalid-request", "malformed-cursor", NotPermitted),
)
async def list_register_imports(register: Register, app: App, caller: Signed, paging: Paging) -> Response:
    """The register's imports, newest first, for registry operators and auditors."""
    rows = await app.registers.imports(
        caller.actor, register, after=paging.after(RegisterImportId), limit=paging.limit + 1
    )
    return paged([RegisterImportView.of(row) for row in rows], paging, key=lambda view: [str(view.id)])
