"""Credentials to caller: the only place where 401 is decided.

A bearer token (session or API key) is looked up by its SHA-256. Who was found is remembered for a moment; a revoked
credential is refused by every process within a second.
"""

from fastapi import Request

from api.problems import EdgeRefusal
from domain.organizations.ports import Caller, OrganizationQueries
from domain.organizations.signing_in import token_sha256

_TOKEN_MAX = 256


async def authenticate(request: Request, organizations: OrganizationQueries) -> Caller | None:
    """The caller, or None where no credentials were sent; refuses (401) what does not hold."""
    header = request.headers.get("authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not 0 < len(token) <= _TOKEN_MAX:
        raise EdgeRefusal("not-authenticated", "The Authorization header is not 'Bearer <token>'")
    caller = await organizations.caller(token_sha256(token))
    if caller is None:
        raise EdgeRefusal("not-authenticated", "The token is unknown, expired or revoked")
    request.state.organization_id = caller.actor.organization_id
    return caller
