"""What a route may ask for: the application, the caller, the write it is about to make, the page it wants."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from pydantic import BaseModel

from api.application import Application
from api.authentication import authenticate
from api.idempotency import answer_with, fingerprint, idempotency_key, to_response
from api.preconditions import etag, if_match
from api.problems import EdgeRefusal
from domain.actors import Actor
from domain.organizations.ports import Caller
from domain.work import Command


async def application(request: Request) -> Application:
    wired: Application = request.app.state.application
    return wired


App = Annotated[Application, Depends(application)]


async def anyone(request: Request) -> Caller | None:
    """Looked up once a request, whoever asks. (As dependencies of each other, all of these would be walked through for
    each that names them, which costs more than what they do.)
    """
    state = request.state
    if not hasattr(state, "caller"):
        state.caller = await authenticate(request, request.app.state.application.organizations)
    caller: Caller | None = state.caller
    return caller


async def somebody(request: Request) -> Caller:
    who = await anyone(request)
    if who is None:
        raise EdgeRefusal("not-authenticated", "Send 'Authorization: Bearer <token>'")
    return who


async def _actor(request: Request) -> Actor | None:
    who = await anyone(request)
    return who.actor if who else None


Signed = Annotated[Caller, Depends(somebody)]
"""The caller of a route that nobody may use without credentials."""
Reader = Annotated[Actor | None, Depends(_actor)]
"""Whoever reads a public route; None without credentials."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One write request: who makes it and the key that makes its retry safe."""

    caller: Caller
    key: str | None
    fingerprint: bytes

    def command(self, view: Callable[[Any], BaseModel | None], *, status: int = 201) -> Command:
        """A command whose result is shown through ``view``; its version, where it has one, becomes the ETag."""

        def render(result: Any) -> Any:
            version = getattr(result, "version", None)
            return answer_with(view(result), status, {"ETag": etag(version)} if version else {})

        return Command(by=self.caller.actor, key=self.key, fingerprint=self.fingerprint, render=render)


async def write_of(request: Request) -> Write:
    caller = await somebody(request)
    body = await request.body()
    target = f"{request.url.path}?{request.url.query}"
    return Write(
        caller=caller,
        key=idempotency_key(request),
        fingerprint=fingerprint(request.method, target, body),
    )


async def _unkept(request: Request) -> Write:
    return Write(caller=await somebody(request), key=None, fingerprint=b"")


Writing = Annotated[Write, Depends(write_of)]
"""A write whose answer is kept under its Idempotency-Key."""
Unkept = Annotated[Write, Depends(_unkept)]
"""A write that needs no key: idempotent by nature (PUT with If-Match, DELETE), or its answer holds a secret that
may be stored nowhere."""
Version = Annotated[int, Depends(if_match)]
"""The version that the caller has read, from If-Match."""


def answered(command: Command) -> Response:
    """The response that was rendered, and kept, inside the transaction."""
    if command.answer is None:
        raise RuntimeError("the step ended without an answer")
    return to_response(command.answer)
