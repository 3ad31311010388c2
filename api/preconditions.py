"""Optimism over HTTP: a strong ETag is the version in quotes; changes say which version they were made from."""

import re
from typing import Annotated

from fastapi import Header, Request

from api.problems import EdgeRefusal
from domain.errors import Flaw, StaleVersion

IF_MATCH = "If-Match"
_TAG = re.compile(r'"(0|[1-9][0-9]{0,8})"')
_OPAQUE = re.compile(r'(?:W/)?("[\x21\x23-\x7e]*")')


def etag(version: int) -> str:
    return f'"{version}"'


async def if_match(
    request: Request,
    if_match: Annotated[str | None, Header(alias=IF_MATCH, description="The ETag that was read, in quotes")] = None,
) -> int:
    """The version from If-Match. Missing is 428; what is weak, several, malformed or ``*`` cannot be the version that
    the caller has read, and is stale (412).
    """
    if if_match is None:
        flaw = Flaw(pointer=f"header:{IF_MATCH}", reason="missing", passes='the ETag that you read, for example "3"')
        raise EdgeRefusal("precondition-required", "A change names the version it was made from", flaws=(flaw,))
    found = _TAG.fullmatch(", ".join(request.headers.getlist(IF_MATCH)).strip())
    if found is None:
        flaw = Flaw(pointer=f"header:{IF_MATCH}", reason="not one strong ETag of ours", passes='"3"')
        raise StaleVersion("If-Match is not one strong ETag of ours", flaws=(flaw,), passes='"3"')
    return int(found.group(1))


def is_known(tag: str | None, if_none_match: str) -> bool:
    """Whether If-None-Match names the tag; weak comparison, as RFC 9110 (13.1.2) asks for reads."""
    if tag is None:
        return False
    return if_none_match.strip() == "*" or tag.removeprefix("W/") in _OPAQUE.findall(if_none_match)
