"""Lists: opaque keyset cursors, at most 100 items, the next page in the body and in ``Link``.

A cursor is the base64url of the last item's sort key as JSON. It is not signed: it only says where to go on, what
may be seen there is decided by the query's own scope, and a cursor that was tampered with is refused by its shape.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel

from api.problems import EdgeRefusal
from domain.errors import Flaw

LIMIT_MAX = 100
LIMIT_DEFAULT = 50
Item = TypeVar("Item", bound=BaseModel)


class Page(BaseModel, Generic[Item]):
    """``next`` is the cursor of the next page, null on the last."""

    items: list[Item]
    next: str | None


@dataclass(slots=True)
class PageQuery:
    request: Request
    limit: int
    cursor: str | None

    def position(self, *kinds: Callable[..., Any]) -> tuple[Any, ...] | None:
        """The sort key in the cursor, one value per kind; None on the first page."""
        if self.cursor is None:
            return None
        try:
            values = json.loads(base64.urlsafe_b64decode(self.cursor.encode() + b"=="))
            return tuple(_READ.get(kind, _uuid)(value) for kind, value in zip(kinds, values, strict=True))
        except (ValueError, TypeError, AttributeError, binascii.Error) as error:
            flaw = Flaw(pointer="query:cursor", reason="not a cursor of this list", passes="the next of a page")
            raise EdgeRefusal("malformed-cursor", "The cursor cannot be read", flaws=(flaw,)) from error

    def after(self, kind: Callable[..., Any]) -> Any:
        """The id in the cursor of a list that is sorted by id alone."""
        found = self.position(kind)
        return found[0] if found else None

    def link(self, cursor: str) -> str:
        query = [(name, value) for name, value in self.request.query_params.multi_items() if name != "cursor"]
        return f'<{self.request.url.path}?{urlencode([*query, ("cursor", cursor)])}>; rel="next"'


def _instant(value: str) -> datetime:
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError("an instant without its zone")
    return at


def _uuid(value: str) -> UUID:
    return UUID(value)


_READ: dict[Any, Callable[[str], Any]] = {datetime: _instant, str: str}


def _paging(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = LIMIT_DEFAULT,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> PageQuery:
    return PageQuery(request=request, limit=limit, cursor=cursor)


Paging = Annotated[PageQuery, Depends(_paging)]


def cursor_of(key: Sequence[str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(list(key)).encode()).decode().rstrip("=")


def page_of_json(rows: Sequence[tuple[str, Sequence[str]]], paging: PageQuery) -> Response:
    """A page of items that are JSON text already, each with its sort key; one row more than the limit says there is
    a next page.
    """
    shown = rows[: paging.limit]
    cursor = cursor_of(shown[-1][1]) if len(rows) > paging.limit else None
    body = f'{{"items":[{",".join(text for text, _ in shown)}],"next":{json.dumps(cursor)}}}'
    headers = {"Link": paging.link(cursor)} if cursor else {}
    return Response(body, media_type="application/json", headers=headers)


def paged(items: Sequence[Item], paging: PageQuery, *, key: Callable[[Item], Sequence[str]]) -> Response:
    """The same for items that are views."""
    return page_of_json([(item.model_dump_json(), key(item)) for item in items], paging)
