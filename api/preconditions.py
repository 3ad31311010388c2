"""Optimism over HTTP: a strong ETag is the version in quotes; changes say which version they were made from."""

import re
from typing import Annotated

from fastapi import Header

from api.problems import EdgeRefusal
from domain.errors import StaleVersion

_TAG = re.compile(r'"(\d{1,9})"')


def etag(version: int) -> str:
    return f'"{version}"'


def if_match(if_match: Annotated[str | None, Header(description="The ETag that was read, in quotes")] = None) -> int:
    """The version from If-Match. Missing is 428; weak, several and ``*`` cannot match and are stale (412)."""
    if if_match is None:
        raise EdgeRefusal("precondition-required", 'Send If-Match with the ETag that you read, for example "3"')
    found = _TAG.fullmatch(if_match.strip())
    if found is None:
        raise StaleVersion("If-Match is not one strong ETag of ours", passes='"3"')
    return int(found.group(1))
