"""The tamper-evident log: signed checkpoints, proofs, and leaves that tell nobody anything by themselves.

Everybody may rebuild the tree. What a leaf hides is disclosed to auditors and to the organisation that caused it.
"""

import base64
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from api.dependencies import App, Reader
from api.problems import responses
from api.schemas import Strict
from domain.ids import EventId
from domain.log.checkpoints import PublicKey
from domain.log.ports import Inclusion, LogDamaged, LogIsEmpty, LogLeaf, NotInLog, SignedCheckpoint, WrongTreeSize
from domain.log.tree import Hash

LEAVES_MAX = 1000
LEAVES_DEFAULT = 100
SIZE_MAX = 2**53

router = APIRouter(prefix="/v1/log", tags=["log"])
PUBLIC: dict[str, Any] = {"openapi_extra": {"security": []}}
Size = Annotated[int, Query(ge=1, le=SIZE_MAX)]


class CheckpointFormat(StrEnum):
    JSON = "json"
    NOTE = "note"


class KeyView(Strict):
    """``verifier``: the key in one line, as verifiers of C2SP signed notes take it; ``key``: its 32 bytes, base64."""

    origin: str
    algorithm: str = "Ed25519"
    key: str
    verifier: str

    @classmethod
    def of(cls, key: PublicKey) -> "KeyView":
        return cls(origin=key.name, key=text_of(key.raw), verifier=key.verifier)


class CheckpointView(Strict):
    """``note`` is what is signed and kept (C2SP tlog-checkpoint); the rest is the same in parts. ``sealed`` commits to
    the sealed events and tells nothing of them.
    """

    origin: str
    size: int
    root: str
    sealed: str
    note: str

    @classmethod
    def of(cls, signed: SignedCheckpoint) -> "CheckpointView":
        checkpoint = signed.checkpoint
        return cls(
            origin=checkpoint.origin,
            size=checkpoint.size,
            root=text_of(checkpoint.root),
            sealed=text_of(checkpoint.sealed),
            note=signed.note,
        )


class LeafView(Strict):
    """``leaf``: base64 of the bytes whose hash, SHA-256(0x00 ‖ bytes), stands in the tree. They are JSON (RFC 8785)."""

    index: int
    leaf: str

    @classmethod
    def of(cls, leaf: LogLeaf) -> "LeafView":
        return cls(index=leaf.index, leaf=text_of(leaf.data))


class LeafPage(Strict):
    """``next``: where to go on, also when this page is empty; the log has no end."""

    items: list[LeafView]
    next: int


class DisclosureView(Strict):
    """The leaf holds HMAC-SHA-256(``salt``, ``value`` as JSON of RFC 8785) of it; ``salt`` is hexadecimal."""

    salt: str
    value: Any


class InclusionView(Strict):
    """``path``: RFC 6962 audit path, lowest sibling first; with the leaf it leads to ``root``, base64."""

    index: int
    leaf: str
    size: int
    root: str
    path: list[str]
    disclosed: dict[str, DisclosureView]

    @classmethod
    def of(cls, proof: Inclusion) -> "InclusionView":
        shown = {name: DisclosureView(salt=each.salt.hex(), value=each.value) for name, each in proof.disclosed.items()}
        return cls(
            index=proof.leaf.index,
            leaf=text_of(proof.leaf.data),
            size=proof.size,
            root=text_of(proof.root),
            path=[text_of(hash) for hash in proof.path],
            disclosed=shown,
        )


class ConsistencyView(Strict):
    """``path``: RFC 6962 consistency proof between the trees of ``old`` and of ``new`` leaves."""

    old: int
    new: int
    path: list[str]


def text_of(raw: Hash) -> str:
    return base64.b64encode(raw).decode()


@router.get("/key", **PUBLIC)
async def read_log_key(app: App) -> KeyView:
    """The public key of every checkpoint. Keep a copy: it is what an export is checked with."""
    return KeyView.of(app.log.key)


@router.get(
    "/checkpoint",
    response_model=CheckpointView,
    responses=responses("invalid-request", "busy", LogIsEmpty)
    | {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    **PUBLIC,
)
async def read_checkpoint(app: App, format: Annotated[CheckpointFormat, Query()] = CheckpointFormat.JSON) -> Response:
    """The newest signed checkpoint. Sealed events change nothing of it before their opening but random bytes."""
    signed = await app.log.checkpoint()
    if format is CheckpointFormat.NOTE:
        return Response(signed.note, media_type="text/plain")
    return Response(CheckpointView.of(signed).model_dump_json(), media_type="application/json")


@router.get(
    "/inclusion",
    responses=responses(
        "not-authenticated", "invalid-request", "busy", LogIsEmpty, LogDamaged, NotInLog, WrongTreeSize
    ),
    openapi_extra={"x-public": True},
)
async def prove_inclusion(
    app: App, reader: Reader, event_id: Annotated[EventId, Query()], size: Size | None = None
) -> InclusionView:
    """That the event is in the tree of ``size`` leaves, the newest signed one without it."""
    return InclusionView.of(await app.log.inclusion(reader, event_id, size=size))


@router.get(
    "/consistency",
    responses=responses("invalid-request", "busy", LogIsEmpty, LogDamaged, WrongTreeSize),
    **PUBLIC,
)
async def prove_consistency(
    app: App, old: Annotated[Size, Query(alias="from")], new: Annotated[Size, Query(alias="to")]
) -> ConsistencyView:
    """That the tree of ``to`` leaves begins with that of ``from`` leaves: nothing before was changed."""
    proof = await app.log.consistency(old=old, new=new)
    return ConsistencyView(old=proof.old, new=proof.new, path=[text_of(hash) for hash in proof.path])


@router.get("/leaves", responses=responses("invalid-request", "busy", LogIsEmpty, LogDamaged), **PUBLIC)
async def list_leaves(
    app: App,
    begin: Annotated[int, Query(alias="from", ge=0, le=SIZE_MAX)] = 0,
    limit: Annotated[int, Query(ge=1, le=LEAVES_MAX)] = LEAVES_DEFAULT,
) -> LeafPage:
    """Leaves of the public tree from the index ``from`` on, below the newest checkpoint's size."""
    found = await app.log.leaves(begin=begin, limit=limit)
    return LeafPage(items=[LeafView.of(each) for each in found], next=begin + len(found))
